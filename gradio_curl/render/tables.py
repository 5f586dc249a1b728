"""Tables, and the bars of `gr.Label`."""

from __future__ import annotations

import re
from typing import Any

from rich.cells import cell_len
from rich.console import RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from gradio_curl.render.lines import DIM, Canvas
from gradio_curl.render.stdio import in_a_line, to_json
from gradio_curl.render.text import is_amount

_NARROWEST_COLUMN = 14  # of a table; with less for each column, rows are drawn as records
_NUMBER = re.compile(r"[+-]?[\d.,]+(?:e[+-]?\d+)?%?", re.IGNORECASE)


def table(headers: list[Any], data: list[Any], canvas: Canvas) -> list[RenderableType]:
    """A table in columns; a cell a line where they do not fit."""
    no_rows = Text("no rows", DIM)
    if not headers:
        return [no_rows]
    is_cut = canvas.room is not None
    rows = [[_cell(cell) for cell in row] for row in (data[:200] if is_cut else data)]
    titles = [in_a_line(str(header)) for header in headers]
    columns = [[row[at] if at < len(row) else "" for row in rows] for at in range(len(titles))]
    widths = [max(map(cell_len, [t, *c])) for t, c in zip(titles, columns, strict=True)]
    if sum(min(width, _NARROWEST_COLUMN) + 2 for width in widths) - 2 > canvas.columns:
        return _records(titles, rows) or [no_rows]
    grid = Table(box=None, header_style="bold cyan", padding=(0, 2, 0, 0), pad_edge=False)
    for title, column in zip(titles, columns, strict=True):
        numbers = any(column) and all(_NUMBER.fullmatch(cell) or not cell for cell in column)
        grid.add_column(
            Text(title),
            justify="right" if numbers else "left",
            overflow="fold",
        )
    for row in rows:
        grid.add_row(*map(Text, row[: len(titles)]))
    return [grid] if rows else [grid, no_rows]


def _records(titles: list[str], rows: list[list[str]]) -> list[RenderableType]:
    """A table too wide for the screen: a cell a line, its column before it."""
    parts: list[RenderableType] = []
    for number, row in enumerate(rows, 1):
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="cyan", overflow="fold")
        grid.add_column(overflow="fold")
        for title, cell in zip(titles, row, strict=False):
            grid.add_row(Text(title), Text(cell))
        parts += [Text(f"row {number}", DIM), grid]
    return parts


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return in_a_line(value if isinstance(value, str) else to_json(value))


def bars(label: Any, confidences: list[Any], canvas: Canvas) -> RenderableType:
    """`gr.Label`: a bar for each class; the first is the answer."""
    shown = confidences if canvas.room is None else confidences[:50]
    shares = [float(one.get("confidence") or 0) for one in shown]
    if not all(map(is_amount, shares)):
        raise ValueError("a share is not a number that can be drawn")
    names = [in_a_line(str(one.get("label"))) for one in shown]
    width = max(min(canvas.columns - max(map(cell_len, names)) - 7, 30), 8)
    grid = Table.grid(padding=(0, 1))
    grid.add_column(overflow="fold")
    grid.add_column(width=width)
    grid.add_column(justify="right", no_wrap=True)
    for name, share in zip(names, shares, strict=True):
        bar = ProgressBar(1, share, width, style=DIM, complete_style="cyan", finished_style="cyan")
        style = "bold" if name == in_a_line(str(label)) else ""
        grid.add_row(Text(name, style), bar, Text(_percent(share), style))
    return grid


def _percent(share: float) -> str:
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"
