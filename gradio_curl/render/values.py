"""The one way to draw return values on a terminal: as lines, at any width, cut or complete.

All text of the server's passes `stdio.harmless` on its way into Rich.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rich.console import RenderableType
from rich.filesize import decimal
from rich.text import Text

from gradio_curl.protocol.events import UNCHANGED, is_update
from gradio_curl.protocol.schema import Return
from gradio_curl.render.chats import chat
from gradio_curl.render.lines import DIM, Canvas, lines_of, safe
from gradio_curl.render.links import SideBySide, file_lines
from gradio_curl.render.pictures import Picture
from gradio_curl.render.stdio import harmless, in_a_line
from gradio_curl.render.styled import highlighted, json_of, text_of
from gradio_curl.render.tables import bars, table
from gradio_curl.render.text import files_of, is_message, unwrapped

_CHOICES = {"checkboxgroup", "dropdown"}
_LEAST_ROWS = 10  # of a screen, for a picture


class _Drawn(NamedTuple):
    """Parts of a value: text that a terminal may wrap as it likes (str, Text), or renderables.

    `tail` tells that its end matters more than its beginning.
    """

    parts: Sequence[RenderableType]
    tail: bool = False


class _Output(NamedTuple):
    value: Any
    component: str
    label: str
    pictures: Sequence[Picture]

    @property
    def fits_beside(self) -> bool:
        """Whether it is so short that it stands beside its label."""
        return self.value == "" or not isinstance(unwrapped(self.value), str | list | dict)


def outputs(
    data: list[Any],
    returns: Sequence[Return],
    pictures: Sequence[Sequence[Picture]],
    canvas: Canvas,
) -> list[str]:
    """The outputs of an endpoint as lines: each under its label, unless it is the only one.

    Where they take more than `canvas.room`, the longest ones are cut.
    """
    labels = _labels(returns[: len(data)], len(data))
    kinds = [*(r.component for r in returns), *[""] * len(data)]
    shown = [*pictures, *[()] * len(data)]
    parts = [_Output(*part) for part in zip(data, kinds, labels, shown, strict=False)]
    with_pictures = sum(1 for part in parts if part.pictures)
    # The pictures of several outputs share the half of the screen that one would have.
    each = canvas._replace(rows=max(canvas.rows // max(with_pictures, 1), _LEAST_ROWS))
    bodies = [value_lines(p.value, p.component, p.pictures, each) for p in parts]
    if len(parts) == 1:
        return bodies[0]
    lines = _labelled(parts, bodies, canvas)
    if canvas.room is None or len(lines) <= canvas.room:
        return lines
    heights = [len(body) for body in bodies]
    each = each._replace(room=_fair_share(heights, canvas.room - len(lines) + sum(heights)))
    bodies = [value_lines(p.value, p.component, p.pictures, each) for p in parts]
    return _labelled(parts, bodies, canvas)


def _labels(returns: Sequence[Return], count: int) -> list[str]:
    """A label for each output, by which it can be told apart."""
    labels = [in_a_line(r.label) for r in returns]
    labels += ["output"] * (count - len(labels))
    return [
        f"{label} {labels[: at + 1].count(label)}" if labels.count(label) > 1 else label
        for at, label in enumerate(labels)
    ]


def _labelled(parts: list[_Output], bodies: list[list[str]], canvas: Canvas) -> list[str]:
    lines: list[str] = []
    after_short = True
    for part, body in zip(parts, bodies, strict=True):
        label = safe(part.label, "bold")
        is_short = part.fits_beside and len(body) == 1
        if lines and not (is_short and after_short):
            lines.append("")
        if is_short:
            lines += lines_of([Text.assemble(label, "  ", Text.from_ansi(body[0]))], canvas)
        else:
            lines += [*lines_of([label], canvas), *body]
        after_short = is_short
    return lines


def _fair_share(heights: list[int], room: int) -> int:
    """How many lines each value may take, so that all fit: what short ones leave, others have."""
    for at, height in enumerate(sorted(heights)):
        share = max(room, 0) // (len(heights) - at)
        if height > share:
            return max(share, 1)
        room -= height
    return max(heights)


def value_lines(
    value: Any, component: str, pictures: Sequence[Picture], canvas: Canvas
) -> list[str]:
    """One value as lines: no more than `canvas.room` of them, with a note of the rest."""
    value = unwrapped(value)
    try:
        drawn = _drawn(value, component.lower(), pictures, canvas)
        lines = lines_of(drawn.parts, canvas)
    except (AttributeError, TypeError, ValueError, LookupError, ArithmeticError, RecursionError):
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
        case _ if value is UNCHANGED or is_update(value):
            return _Drawn([Text("unchanged", DIM)])
        case str(text):
            drawn = text_of(text, component, canvas) if text else Text("empty", DIM)
            return _Drawn([drawn], tail=True)
        case {"headers": [*headers], "data": [*data]}:
            return _Drawn(table(headers, data, canvas))
        case [*parts] if of_list := _list(parts, component, canvas):
            return of_list
        case {"role": _, "content": _}:
            return _Drawn(chat([value], canvas), tail=True)
        case {**fields}:
            if known := _object(fields, component, canvas):
                return _Drawn(known)
    return _Drawn(file_lines(value, canvas) or [json_of(value, canvas)])


def _list(parts: list[Any], component: str, canvas: Canvas) -> _Drawn | None:
    """What a component sends as a list that is known."""
    if component == "chatbot":
        return _Drawn(chat(parts, canvas), tail=True)
    if component == "highlightedtext" and parts:
        return _Drawn([highlighted(parts)])
    if component in _CHOICES and all(isinstance(part, str) for part in parts):
        return _Drawn([safe(in_a_line(", ".join(parts))) if parts else Text("nothing", DIM)])
    return None


def _object(fields: dict[Any, Any], component: str, canvas: Canvas) -> list[RenderableType]:
    """What a component sends as an object that is known; nothing for any other one."""
    match fields:
        case {"label": label, "confidences": [_, *_] as shares}:
            return [bars(label, shares, canvas)]
        case {"label": label, "confidences": None}:
            return [safe(label, "bold")]
        case {"type": str(kind), "plot": str(plot)}:
            return [safe(f"{kind} plot, {decimal(len(plot))}")]
        case {"text": text, "files": files} if is_message(fields, component):
            return [harmless(text), *file_lines(files, canvas)]
    return []


def _pictures(value: Any, pictures: Sequence[Picture], canvas: Canvas) -> _Drawn:
    if isinstance(value, list) and not files_of(value):
        return _Drawn(chat(value, canvas, pictures), tail=True)
    rows = canvas.rows // 2
    below = file_lines(value, canvas)
    if canvas.room is not None:
        rows = min(rows, max(canvas.room - len(below), canvas.room // 2))
    return _Drawn([SideBySide(pictures, rows), *below])
