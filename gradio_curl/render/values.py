"""The one way to draw return values on a terminal: as lines, at any width, cut or complete.

All text of the server's passes `stdio.harmless` on its way into Rich.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rich.console import RenderableType
from rich.filesize import decimal
from rich.text import Text

from gradio_curl.protocol.events import is_update
from gradio_curl.protocol.schema import Return
from gradio_curl.render.chats import chat
from gradio_curl.render.lines import DIM, Canvas, lines_of, safe
from gradio_curl.render.links import SideBySide, file_lines
from gradio_curl.render.pictures import Picture
from gradio_curl.render.stdio import harmless, in_a_line
from gradio_curl.render.tables import table
from gradio_curl.render.text import files_of, unwrapped
from gradio_curl.render.styled import highlighted, json_of, text_of


class _Drawn(NamedTuple):
    """Parts of a value: text that a terminal may wrap as it likes (str, Text), or renderables.

    `tail` tells that its end matters more than its beginning.
    """

    parts: Sequence[RenderableType]
    tail: bool = False


def outputs(
    data: list[Any],
    returns: Sequence[Return],
    pictures: Sequence[Sequence[Picture]],
    canvas: Canvas,
) -> list[str]:
    """The outputs of an endpoint as lines: each under its label, unless it is the only one."""
    lines: list[str] = []
    after_inline = True
    for at, value in enumerate(data):
        returned = returns[at] if at < len(returns) else None
        shown = pictures[at] if at < len(pictures) else ()
        body = value_lines(value, returned.component if returned else "", shown, canvas)
        if len(data) == 1:
            return body
        label = safe(in_a_line(returned.label if returned else f"output {at + 1}"), "bold")
        inline = isinstance(value, int | float) or value is None
        if lines and not (inline and after_inline):
            lines.append("")
        if inline:
            lines += lines_of([Text.assemble(label, "  ", Text.from_ansi(body[0]))], canvas)
        else:
            lines += [*lines_of([label], canvas), *body]
        after_inline = inline
    return lines


def value_lines(
    value: Any, component: str, pictures: Sequence[Picture], canvas: Canvas
) -> list[str]:
    """One value as lines: no more than `canvas.room` of them, with a note of the rest."""
    value = unwrapped(value)
    try:
        drawn = _drawn(value, component.lower(), pictures, canvas)
        lines = lines_of(drawn.parts, canvas)
    except (AttributeError, TypeError, ValueError, LookupError, RecursionError):
        # It only looks like what we know.
        drawn = _Drawn([json_of(value, canvas)])
        lines = lines_of(drawn.parts, canvas)
    return _cut(lines, canvas, drawn.tail)


def _cut(lines: list[str], canvas: Canvas, tail: bool) -> list[str]:
    if canvas.room is None or len(lines) <= canvas.room:
        return lines
    kept = max(canvas.room - 1, 1)
    over = len(lines) - kept
    note = f"… {over} more line{'s' if over > 1 else ''}{' above' if tail else ''}"
    told = lines_of([Text(note, DIM)], canvas)
    return [*told, *lines[-kept:]] if tail else [*lines[:kept], *told]


def _drawn(value: Any, component: str, pictures: Sequence[Picture], canvas: Canvas) -> _Drawn:
    if pictures:
        return _pictures(value, pictures, canvas)
    match value:
        case None:
            return _Drawn([Text("nothing", DIM)])
        case _ if is_update(value):
            return _Drawn([Text("unchanged", DIM)])
        case str(text):
            return _Drawn([text_of(text, component, canvas)], tail=True)
        case {"headers": [*headers], "data": [*data]}:
            return _Drawn(table(headers, data, canvas))
        case [*tokens] if component == "highlightedtext" and tokens:
            return _Drawn([highlighted(tokens)])
        case [*messages] if component == "chatbot":
            return _Drawn(chat(messages, canvas), tail=True)
        case {"role": _, "content": _}:
            return _Drawn(chat([value], canvas), tail=True)
        case {**fields}:
            if known := _object(fields, canvas):
                return _Drawn(known)
    return _Drawn(file_lines(value, canvas) or [json_of(value, canvas)])


def _object(fields: dict[Any, Any], canvas: Canvas) -> list[RenderableType]:
    """What a component sends as an object that is known; nothing for any other one."""
    match fields:
        case {"label": label, "confidences": [_, *_] as confidences}:
            return [confidences(label, confidences, canvas)]
        case {"label": label, "confidences": None}:
            return [safe(label, "bold")]
        case {"type": str(kind), "plot": str(plot)}:
            return [safe(f"{kind} plot, {decimal(len(plot))}")]
        case {"text": str(text), "files": [*files]}:
            return [harmless(text), *file_lines(files, canvas)]
    return []


def _pictures(value: Any, pictures: Sequence[Picture], canvas: Canvas) -> _Drawn:
    rows = canvas.rows // 2 if canvas.room is None else min(canvas.room, canvas.rows // 2)
    drawn: RenderableType = SideBySide(pictures, rows)
    is_chat = isinstance(value, list) and not files_of(value)
    below = [] if canvas.room is not None and not is_chat else file_lines(value, canvas)
    if is_chat:
        return _Drawn([*chat(value, canvas), drawn], tail=True)
    return _Drawn([drawn, *below])
