"""Anything that Rich can draw, as lines of a terminal: cut to its width, or left to it to wrap."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from rich.cells import cell_len, chop_cells
from rich.console import Console, RenderableType
from rich.text import Text

from gradio_curl.render.stdio import harmless

# Not a colour of the palette: Solarized has the background for bright black.
DIM = "grey50"


class Canvas(NamedTuple):
    """Where values are drawn: a terminal of so many columns and rows.

    `room` is how many lines they may take, None for all of them. `links` tells that the terminal
    opens links, so that a name can stand for an address.
    """

    columns: int
    rows: int
    coloured: bool
    room: int | None = None
    links: bool = False


def safe(text: object, style: str = "") -> Text:
    """Text of the server's, harmless on a terminal."""
    return Text(harmless(str(text)), style)


def lines_of(parts: Iterable[RenderableType], canvas: Canvas) -> list[str]:
    """Parts as lines. What a terminal may wrap is wrapped as it would, or left to it at the end."""
    lines: list[str] = []
    console = console_for(canvas.columns, canvas.rows, canvas.coloured)
    for part in parts:
        if isinstance(part, str) and canvas.room is None:
            lines += part.split("\n")
        elif isinstance(part, str | Text):
            text = Text(part) if isinstance(part, str) else part
            for line in text.split("\n", allow_blank=True):
                folded = [line] if canvas.room is None else _folded(line, canvas.columns)
                lines += chain.from_iterable(drawn_lines(console, one) for one in folded)
        else:
            lines += drawn_lines(console, part)
    return lines


def _folded(line: Text, columns: int) -> list[Text]:
    """A line in pieces as a terminal would wrap it: wherever it is full."""
    line.expand_tabs(8)
    if cell_len(line.plain) <= columns:
        return [line]
    offsets, at = [], 0
    for piece in chop_cells(line.plain, columns)[:-1]:
        at += len(piece)
        offsets.append(at)
    return list(line.divide(offsets))


def drawn_lines(console: Console, drawn: RenderableType) -> list[str]:
    """What Rich draws, as lines without blanks at their ends. A `Text` is not wrapped."""
    with console.capture() as capture:
        console.print(drawn, soft_wrap=isinstance(drawn, Text))
    return [line.rstrip(" ") for line in capture.get().removesuffix("\n").split("\n")]


def console_for(columns: int, rows: int, coloured: bool) -> Console:
    """Rich's console, which draws into the memory."""
    encoding = sys.stdout.encoding or "utf-8"
    return Console(
        file=io.TextIOWrapper(io.BytesIO(), encoding, "replace"),
        force_terminal=True,
        color_system="auto" if coloured else None,
        no_color=not coloured,
        width=max(columns, 1),
        height=rows,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
