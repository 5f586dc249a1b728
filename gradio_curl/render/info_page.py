"""`info` drawn for a terminal: aligned in columns where they fit, one below the other else."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gradio_curl.protocol.examples import example
from gradio_curl.protocol.schema import App, Endpoint
from gradio_curl.render.info import (
    NO_ENDPOINT,
    filled,
    one_word,
    parameter_row,
    return_words,
    token_words,
)
from gradio_curl.render.lines import DIM
from gradio_curl.render.stdio import harmless, in_a_line, safe_link

_STYLES = ("bold", "magenta", "", "", DIM)
_INDENT, _GAP = 2, 2  # cells
_NARROWEST_LAST = 24  # cells that the last column needs to be wrapped in

_Row = tuple[Text, ...]


def info_page(app: App, url: str, typed: str, endpoints: Iterable[Endpoint], columns: int) -> str:
    """`info` for a terminal of so many columns."""
    console = Console(
        file=io.StringIO(),
        force_terminal=True,
        no_color=False,
        width=columns,
        highlight=False,
        legacy_windows=False,
    )
    drawn = [_endpoint(endpoint, typed, columns) for endpoint in endpoints]
    with console.capture() as capture:
        version = f" (Gradio {in_a_line(app.version)})"
        link = safe_link(url)
        address = Text(harmless(url), f"bold link {link}" if link else "bold")
        console.print(address + Text(version, DIM), soft_wrap=True)
        for parts in drawn or [[Text(NO_ENDPOINT, "yellow")]]:
            console.print()
            for part in parts:
                # A line to copy is not wrapped by us: it stays the one line it is.
                console.print(part, soft_wrap=isinstance(part, Text) and part.no_wrap)
    return "\n".join(line.rstrip(" ") for line in capture.get().split("\n"))


def height(page: str, columns: int) -> int:
    """How many rows of a terminal a page takes, the lines that it wraps counted in full."""
    lines = (Text.from_ansi(line).cell_len for line in page.removesuffix("\n").split("\n"))
    return sum(max(-(-cells // max(columns, 1)), 1) for cells in lines)


def _endpoint(endpoint: Endpoint, typed: str, columns: int) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(one_word(endpoint.name), "bold cyan", no_wrap=True)]
    if description := in_a_line(endpoint.description):
        # Further in than our own lines, as it may be wrapped anywhere.
        parts.append(Padding(Text(description), (0, 0, 0, 2 * _INDENT)))
    room = columns - _INDENT
    for drawn in (_parameters(endpoint, room), _returns(endpoint, room)):
        parts.append(Padding(drawn, (0, 0, 0, _INDENT)))
    if endpoint.oauth_token is not None:
        parts.append(Padding(Text(token_words(endpoint.oauth_token), "yellow"), (0, 0, 0, _INDENT)))
    if line := example(endpoint, typed):
        parts.append(Text.assemble(("  $ ", DIM), (line, "green"), no_wrap=True))
    return parts


def _parameters(endpoint: Endpoint, room: int) -> RenderableType:
    rows = [parameter_row(parameter) for parameter in endpoint.parameters]
    texts: list[_Row] = []
    for parameter, row in zip(endpoint.parameters, rows, strict=True):
        row_texts = [Text(words, style) for words, style in zip(row, _STYLES, strict=True)]
        row_texts[2].stylize("yellow" if parameter.required else DIM)
        texts.append(tuple(row_texts))
    widths = [max(map(cell_len, column), default=0) for column in zip(*rows, strict=True)]
    shown = filled(rows)
    if sum(widths) + _GAP * (len(shown) - 1) <= room:
        return _grid([tuple(row[at] for at in shown) for row in texts])
    if sum(widths[:3]) + 3 * _GAP + _NARROWEST_LAST <= room:
        return _grid([(*row[:3], _joined(row[3:])) for row in texts])
    return Group(*(line for row in texts for line in _stacked(row)))


def _returns(endpoint: Endpoint, room: int) -> RenderableType:
    texts = [Text(in_a_line(r.label)) + Text(f" ({return_words(r)})", DIM)
             for r in endpoint.returns]  # fmt: skip
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text("returns"), Text(", ").join(texts) if texts else Text("nothing"))
    return grid


def _grid(rows: list[_Row]) -> Table:
    """Rows in columns; only the last one may be wrapped."""
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    count = len(rows[0]) if rows else 0
    for at in range(count):
        grid.add_column(no_wrap=at < count - 1, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid


def _stacked(row: _Row) -> Iterator[RenderableType]:
    """A parameter where the table is too narrow: its name, and what is known of it below."""
    yield Text(row[0].plain, "bold", no_wrap=True)
    yield Padding(_joined(row[1:]), (0, 0, 0, _INDENT))


def _joined(texts: Iterable[Text]) -> Text:
    return Text(" " * _GAP).join(text for text in texts if text.plain)
