"""Chats: what was said by each role, thoughts told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from gradio_curl.render.growing import message_text, thought_title
from gradio_curl.render.lines import DIM, Canvas, safe
from gradio_curl.render.links import SideBySide, file_lines
from gradio_curl.render.pictures import Picture
from gradio_curl.render.stdio import in_a_line
from gradio_curl.render.styled import json_of, text_of
from gradio_curl.render.text import files_of

_ROLES = {"user": "green", "assistant": "magenta"}
_INDENT = "  "


def chat(
    messages: list[Any], canvas: Canvas, pictures: Sequence[Picture] = ()
) -> list[RenderableType]:
    """Messages under the role that says them; on 4.x pairs, the user's word and the answer."""
    if not messages:
        return [Text("no messages", DIM)]
    if canvas.room is not None:
        messages = messages[-50:]
    parts: list[RenderableType] = []
    speaker = None
    for message in chain.from_iterable(map(_turns, messages)):
        role = in_a_line(str(message["role"]))
        if parts:
            parts.append("")
        if role != speaker:
            parts.append(safe(role, f"bold {_ROLES.get(role, 'cyan')}"))
        speaker = role
        parts += _said(message, canvas, {picture.source: picture for picture in pictures})
    return parts


def _turns(message: Any) -> Iterable[dict[str, Any]]:
    if isinstance(message, dict):
        return [message]
    pair = zip(("user", "assistant"), message, strict=True)
    return [{"role": role, "content": said} for role, said in pair if said is not None]


def _said(
    message: dict[str, Any], canvas: Canvas, pictures: dict[str, Picture]
) -> Iterable[RenderableType]:
    """What a message says, indented; a thought below its title."""
    thought = in_a_line(thought_title(message))
    indent = _INDENT * 2 if thought else _INDENT
    narrower = canvas._replace(columns=max(canvas.columns - len(indent), 1))
    if thought:
        yield safe(f"{_INDENT}· {thought}", DIM)
    for part in _contents(message["content"]):
        if isinstance(part, str):
            text = safe(part, DIM) if thought else text_of(part, "markdown", narrower)
            yield _indented(text, indent)
            continue
        shown = [
            pictures[url] for file in files_of(part) if (url := str(file.get("url"))) in pictures
        ]
        if shown:
            yield _indented(SideBySide(shown, canvas.rows // 3), indent)
        yield from file_lines(part, canvas, indent) or [_indented(json_of(part, narrower), indent)]
    for option in message.get("options") or []:
        label = option.get("label") or option.get("value")
        yield _indented(safe(f"› {label}", "cyan"), indent)


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


def _indented(part: RenderableType, indent: str) -> RenderableType:
    return Padding(Text(part) if isinstance(part, str) else part, (0, 0, 0, len(indent)))
