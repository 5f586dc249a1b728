"""The one way to draw return values on a terminal: as lines, at any width, cut or complete.

All text of the server's passes `harmless` on its way into Rich.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.filesize import decimal
from rich.highlighter import JSONHighlighter
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from gradio_curl.protocol.events import is_update
from gradio_curl.protocol.schema import Return
from gradio_curl.render.pictures import Picture
from gradio_curl.render.stdio import harmless, in_a_line, safe_link, to_json
from gradio_curl.render.text import file_text, files_of, message_text, thought_title, unwrapped

LONGEST = 20_000  # characters of one value in a cut frame; more would not fit on a screen
LONGEST_COLOURED = 200_000  # characters of JSON or Markdown; colouring more takes seconds
_WIDEST_TEXT = 100  # columns; longer lines of Markdown are hard to read
_NARROWEST_COLUMN = 14  # of a table; with less for each column, rows are drawn as records

_DIM = "bright_black"
_ROLES = {"user": "green", "assistant": "magenta"}
_CLASSES = ("cyan", "green", "yellow", "magenta", "blue", "red")
_NUMBER = re.compile(r"[+-]?[\d.,]+(?:e[+-]?\d+)?%?", re.IGNORECASE)


class Canvas(NamedTuple):
    """Where values are drawn. `room` is how many lines one may take, None for all of it."""

    columns: int
    rows: int
    coloured: bool
    room: int | None = None


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
        label = _safe(in_a_line(returned.label if returned else f"output {at + 1}"), "bold")
        inline = isinstance(value, int | float) or value is None
        if lines and not (inline and after_inline):
            lines.append("")
        if inline:
            lines += _lines([Text.assemble(label, "  ", Text.from_ansi(body[0]))], canvas)
        else:
            lines += [*_lines([label], canvas), *body]
        after_inline = inline
    return lines


def value_lines(
    value: Any, component: str, pictures: Sequence[Picture], canvas: Canvas
) -> list[str]:
    """One value as lines: no more than `canvas.room` of them, with a note of the rest."""
    value = unwrapped(value)
    try:
        drawn = _drawn(value, component.lower(), pictures, canvas)
        lines = _lines(drawn.parts, canvas)
    except (AttributeError, TypeError, ValueError, LookupError, RecursionError):
        # It only looks like what we know.
        drawn = _Drawn([_json(value, canvas)])
        lines = _lines(drawn.parts, canvas)
    return _cut(lines, canvas, drawn.tail)


def _cut(lines: list[str], canvas: Canvas, tail: bool) -> list[str]:
    if canvas.room is None or len(lines) <= canvas.room:
        return lines
    kept = max(canvas.room - 1, 1)
    over = len(lines) - kept
    note = f"… {over} more line{'s' if over > 1 else ''}{' above' if tail else ''}"
    told = _lines([Text(note, _DIM)], canvas)
    return [*told, *lines[-kept:]] if tail else [*lines[:kept], *told]


def _drawn(value: Any, component: str, pictures: Sequence[Picture], canvas: Canvas) -> _Drawn:
    if pictures:
        return _pictures(value, pictures, canvas)
    match value:
        case None:
            return _Drawn([Text("nothing", _DIM)])
        case _ if is_update(value):
            return _Drawn([Text("unchanged", _DIM)])
        case str(text):
            return _Drawn([_text(text, component, canvas)], tail=True)
        case {"headers": [*headers], "data": [*data]}:
            return _Drawn(_table(headers, data, canvas))
        case [*tokens] if component == "highlightedtext" and tokens:
            return _Drawn([_highlighted(tokens)])
        case [*messages] if component == "chatbot":
            return _Drawn(_chat(messages, canvas), tail=True)
        case {"role": _, "content": _}:
            return _Drawn(_chat([value], canvas), tail=True)
        case {**fields}:
            if known := _object(fields, canvas):
                return _Drawn(known)
    return _Drawn(_files(value, canvas) or [_json(value, canvas)])


def _object(fields: dict[Any, Any], canvas: Canvas) -> list[RenderableType]:
    """What a component sends as an object that is known; nothing for any other one."""
    match fields:
        case {"label": label, "confidences": [_, *_] as confidences}:
            return [_confidences(label, confidences, canvas)]
        case {"label": label, "confidences": None}:
            return [_safe(label, "bold")]
        case {"type": str(kind), "plot": str(plot)}:
            return [_safe(f"{kind} plot, {decimal(len(plot))}")]
        case {"text": str(text), "files": [*files]}:
            return [harmless(text), *_files(files, canvas)]
    return []


# Text


def _safe(text: object, style: str = "") -> Text:
    return Text(harmless(str(text)), style)


def _text(text: str, component: str, canvas: Canvas) -> RenderableType:
    if component == "markdown" and canvas.coloured and len(text) <= LONGEST_COLOURED:
        return _markdown(text if canvas.room is None else _last(text), canvas)
    return harmless(text if canvas.room is None else text[-LONGEST:])


def _last(text: str) -> str:
    """The end of a Markdown text, from the beginning of a paragraph on."""
    if len(text) <= LONGEST:
        return text
    return text[-LONGEST:].partition("\n\n")[2] or text[-LONGEST:]


def _markdown(text: str, canvas: Canvas) -> RenderableType:
    from gradio_curl.render.markdown import Document

    return Document(harmless(text), min(canvas.columns, _WIDEST_TEXT))


def _json(value: Any, canvas: Canvas) -> RenderableType:
    text = to_json(value)
    if len(text) > canvas.columns:
        text = to_json(value, indent=2)
    if canvas.room is not None:
        text = text[:LONGEST]
    if len(text) > LONGEST_COLOURED:
        return harmless(text)
    return JSONHighlighter()(_safe(text))


def _highlighted(tokens: list[Any]) -> Text:
    """`gr.HighlightedText`: marked parts in colour, their class behind them."""
    line = Text()
    styles: dict[Any, str] = {}
    for token in tokens:
        said, kind = token["token"], token["class_or_confidence"]
        if kind is None:
            line.append_text(_safe(said))
            continue
        style = styles.setdefault(kind, _CLASSES[len(styles) % len(_CLASSES)])
        name = f"{kind:.2f}" if isinstance(kind, float) else str(kind)
        line.append_text(_safe(said, f"{style} underline"))
        line.append_text(_safe(f"[{in_a_line(name)}]", style))
    return line


# Chats


def _chat(messages: list[Any], canvas: Canvas) -> list[RenderableType]:
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
    head = _safe(role, f"bold {_ROLES.get(role, 'cyan')}")
    if thought:
        head.append_text(_safe(f" · {in_a_line(thought)}", f"not bold {_DIM}"))
    narrower = canvas._replace(columns=max(canvas.columns - 2, 1))
    body: list[RenderableType] = []
    for part in _contents(message["content"]):
        if not isinstance(part, str):
            body += _files(part, narrower) or [_json(part, narrower)]
        elif thought:
            body.append(_safe(part, _DIM))
        else:
            body.append(_text(part, "markdown", narrower))
    for option in message.get("options") or []:
        body.append(_safe(f"› {option.get('label') or option.get('value')}", "cyan"))
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


# Tables and bars


def _table(headers: list[Any], data: list[Any], canvas: Canvas) -> list[RenderableType]:
    is_cut = canvas.room is not None
    rows = [[_cell(cell) for cell in row] for row in (data[:200] if is_cut else data)]
    titles = [in_a_line(str(header)) for header in headers]
    columns = [[row[at] if at < len(row) else "" for row in rows] for at in range(len(titles))]
    widths = [max(map(cell_len, [t, *c])) for t, c in zip(titles, columns, strict=True)]
    if sum(min(width, _NARROWEST_COLUMN) + 2 for width in widths) - 2 > canvas.columns:
        return _records(titles, rows)
    table = Table(box=None, header_style="bold cyan", padding=(0, 2, 0, 0), pad_edge=False)
    for title, column in zip(titles, columns, strict=True):
        numbers = any(column) and all(_NUMBER.fullmatch(cell) or not cell for cell in column)
        table.add_column(
            Text(title),
            justify="right" if numbers else "left",
            overflow="ellipsis" if is_cut else "fold",
            no_wrap=is_cut,
        )
    for row in rows:
        table.add_row(*map(Text, row[: len(titles)]))
    return [table]


def _records(titles: list[str], rows: list[list[str]]) -> list[RenderableType]:
    """A table too wide for the screen: a cell a line, its column before it."""
    parts: list[RenderableType] = []
    for number, row in enumerate(rows, 1):
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="cyan", overflow="fold")
        grid.add_column(overflow="fold")
        for title, cell in zip(titles, row, strict=False):
            grid.add_row(Text(title), Text(cell))
        parts += [Text(f"row {number}", _DIM), grid]
    return parts


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return in_a_line(value if isinstance(value, str) else to_json(value))


def _confidences(label: Any, confidences: list[Any], canvas: Canvas) -> RenderableType:
    """`gr.Label`: a bar for each class; the first is the answer."""
    shown = confidences if canvas.room is None else confidences[:50]
    shares = [float(one.get("confidence") or 0) for one in shown]
    names = [in_a_line(str(one.get("label"))) for one in shown]
    width = max(min(canvas.columns - max(map(cell_len, names)) - 7, 30), 8)
    grid = Table.grid(padding=(0, 1))
    grid.add_column(overflow="fold")
    grid.add_column(width=width)
    grid.add_column(justify="right", no_wrap=True)
    for name, share in zip(names, shares, strict=True):
        bar = ProgressBar(1, share, width, style=_DIM, complete_style="cyan", finished_style="cyan")
        style = "bold" if name == in_a_line(str(label)) else ""
        grid.add_row(Text(name, style), bar, Text(f"{share:.0%}", style))
    return grid


# Files and pictures


def _files(value: Any, canvas: Canvas) -> list[RenderableType]:
    """Files as links, a line each, with what is known of them behind it or below."""
    return [
        line
        for part in (value if isinstance(value, list) else [value])
        if files_of(part)
        for line in _described(part, canvas)
    ]


def _described(part: Any, canvas: Canvas) -> Iterable[Text]:
    """The files of one item; its caption, or the label of an annotation, belongs to them."""
    caption = part.get("caption") if isinstance(part, dict) else None
    labels = {}
    if isinstance(part, dict) and isinstance(part.get("annotations"), list):
        labels = {id(one.get("image")): one.get("label") for one in part["annotations"]}
    for file in files_of(part):
        size = file.get("size")
        facts = [
            caption or labels.get(id(file)),
            file.get("mime_type"),
            decimal(size) if isinstance(size, int) else None,
        ]
        said = in_a_line(", ".join(str(fact) for fact in facts if fact))
        link = _link(file)
        if said and link.cell_len + cell_len(said) + 2 <= canvas.columns:
            yield link.append(f"  {said}", _DIM)
            continue
        yield link
        if said:
            yield Text(f"  {said}", _DIM)


def _link(file: dict[str, Any]) -> Text:
    saved = file.get("saved")
    address = Path(saved).resolve().as_uri() if saved else safe_link(str(file.get("url")))
    return _safe(in_a_line(file_text(file)), f"link {address}" if address else "")


def _pictures(value: Any, pictures: Sequence[Picture], canvas: Canvas) -> _Drawn:
    rows = canvas.rows // 2 if canvas.room is None else min(canvas.room, canvas.rows // 2)
    drawn: RenderableType = SideBySide(pictures, rows)
    chat = isinstance(value, list) and not files_of(value)
    below = [] if canvas.room is not None and not chat else _files(value, canvas)
    if chat:
        return _Drawn([*_chat(value, canvas), drawn], tail=True)
    return _Drawn([drawn, *below])


class SideBySide:
    """Pictures in a row, each scaled to fit, `rows` high at most and a cell to a pixel."""

    def __init__(self, pictures: Sequence[Picture], rows: int) -> None:
        self._pictures, self._rows = pictures, max(rows, 1)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        each = max((options.max_width + 1) // len(self._pictures) - 1, 1)
        grid, drawn = Table.grid(padding=(0, 1, 0, 0)), []
        for picture in self._pictures:
            size = (min(each, picture.image.width), self._rows)
            if picture.kept is None or picture.kept[0] != size:
                # Kept, as it takes a while to make; made anew, as Kitty is told one size for good.
                picture.kept = size, *_made(picture, console, options, size)
            grid.add_column(width=picture.kept[1], no_wrap=True)
            drawn.append(Segments(picture.kept[2]))
        grid.add_row(*drawn)
        yield grid


def _made(
    picture: Picture, console: Console, options: ConsoleOptions, size: tuple[int, int]
) -> tuple[int, list[Segment]]:
    fitted = options.update(max_width=size[0])
    fitted.max_height = size[1]
    try:
        image = picture.kind(picture.image, width="auto", height="auto")
        width = image.__rich_measure__(console, fitted).maximum
        return width, list(image.__rich_console__(console, fitted))
    except ValueError:
        return 1, []  # a picture so long that nothing is left of its other side


# Lines


def _lines(parts: Iterable[RenderableType], canvas: Canvas) -> list[str]:
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


def json_text(text: str) -> str:
    """JSON in colour."""
    console = console_for(80, 100, coloured=True)
    return "\n".join(drawn_lines(console, JSONHighlighter()(Text(text))))


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
