"""Chats: what was said by each role, thoughts told apart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from gradio_curl.render.lines import DIM, Canvas, safe
from gradio_curl.render.links import file_lines
from gradio_curl.render.stdio import in_a_line
from gradio_curl.render.text import files_of, message_text, thought_title
from gradio_curl.render.styled import json_of, text_of

_ROLES = {"user": "green", "assistant": "magenta"}


def chat(messages: list[Any], canvas: Canvas) -> list[RenderableType]:
    """Messages by role; on 4.x pairs, the user's word and the answer."""
    if canvas.room is not None:
        messages = messages[-50:]
    parts: list[RenderableType] = []
    for message in chain.from_iterable(map(_turns, messages)):
        if parts:
            parts.append("")
        parts += _message(message, canvas)
    return parts


def _turns(message: Any) -> Iterable[dict[str, Any]]:
    if isinstance(message, dict):
        return [message]
    pair = zip(("user", "assistant"), message, strict=True)
    return [{"role": role, "content": said} for role, said in pair if said is not None]


def _message(message: dict[str, Any], canvas: Canvas) -> list[RenderableType]:
    role, thought = in_a_line(str(message["role"])), thought_title(message)
    head = safe(role, f"bold {_ROLES.get(role, 'cyan')}")
    if thought:
        head.append_text(safe(f" · {in_a_line(thought)}", f"not bold {DIM}"))
    narrower = canvas._replace(columns=max(canvas.columns - 2, 1))
    body: list[RenderableType] = []
    for part in _contents(message["content"]):
        if not isinstance(part, str):
            body += file_lines(part, narrower) or [json_of(part, narrower)]
        elif thought:
            body.append(safe(part, DIM))
        else:
            body.append(text_of(part, "markdown", narrower))
    for option in message.get("options") or []:
        body.append(safe(f"› {option.get('label') or option.get('value')}", "cyan"))
    return [head, *(Padding(_wrapped(part), (0, 0, 0, 2)) for part in body)]


def _contents(content: Any) -> list[Any]:
    """What a message holds: texts, and values with files."""
    match content:
        case None:
            return []
        case [*parts] if not files_of(content):
            return list(chain.from_iterable(map(_contents, parts)))
        case {"type": "file", "file": file} | {"component": _, "value": file} if files_of(file):
            return [file]
        case _ if files_of(content):
            return [content]
        case _:
            return [message_text(content)]


def _wrapped(part: RenderableType) -> RenderableType:
    return Text(part) if isinstance(part, str) else part
