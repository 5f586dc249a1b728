"""What goes to a terminal, drawn by Rich: the live view's frames, values, pictures, `info`.

All text of the server's passes `harmless` on its way into Rich.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.filesize import decimal
from rich.highlighter import JSONHighlighter
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from gradio_curl.protocol import files
from gradio_curl.protocol.events import Bar, Queued, Started
from gradio_curl.render.live import INTERVAL, Scene, Transfer
from gradio_curl.render.pictures import Picture
from gradio_curl.render.stdio import harmless, safe_link
from gradio_curl.render.text import bar_words, is_amount, queue_place, unwrapped

SILENCE = 20  # seconds; heartbeats come every 15
LONGEST = 20_000  # characters of one value in the view; more would not fit on a screen

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_LEVELS = {"info": "cyan", "success": "green", "warning": "yellow", "error": "red"}
_ROLES = {"user": "green", "assistant": "magenta"}


# Frames


def frame(scene: Scene, columns: int, rows: int) -> list[str]:
    """The live view as lines, none as wide as the terminal."""
    console = _console(columns - 1, rows, scene.coloured)
    try:
        return _lines(console, _view(scene, columns - 1, rows))
    except Exception:
        # Whatever an app sends, its call goes on.
        return _lines(console, _heading(scene))


def log_lines(told: list[tuple[str, str]], columns: int, coloured: bool) -> list[str]:
    """What was told to a person, each with its level (or none), as lines."""
    console = _console(columns - 1, 100, coloured)
    texts = [
        Text.assemble(_safe(f"{level}: " if level else "", _LEVELS.get(level, "")), _safe(text))
        for level, text in told
    ]
    return _lines(console, Group(*texts)) if texts else []


def cells(line: str) -> int:
    """How many cells of a terminal a line of a frame takes."""
    return Text.from_ansi(line).cell_len


def _console(columns: int, rows: int, coloured: bool) -> Console:
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


def _lines(console: Console, drawn: RenderableType) -> list[str]:
    with console.capture() as capture:
        console.print(drawn)
    return [line.rstrip(" ") for line in capture.get().removesuffix("\n").split("\n")]


def _view(scene: Scene, columns: int, rows: int) -> RenderableType:
    parts: list[RenderableType] = [_heading(scene)]
    if isinstance(scene.state, Transfer):
        parts.append(_bars([_transfer_row(scene)], columns))
    elif scene.bars:
        shown = scene.bars if scene.outputs else scene.bars[-1:]
        parts.append(_bars([_bar_row(bar) for bar in shown], columns))
    if scene.outputs and scene.data:
        room = max((rows - 2 - len(scene.bars)) // len(scene.data) - 2, 1)
        for at, value in enumerate(scene.data):
            parts += ["", *_output(scene, at, value, room, rows)]
    return Group(*parts)


def _heading(scene: Scene) -> Text:
    import time

    now = time.monotonic()
    gone = now - scene.since
    spinner = _SPINNER[int(now / INTERVAL) % len(_SPINNER)]
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{spinner} ", "cyan")
    match scene.state:
        case Transfer(verb, name):
            line.append(f"{verb} ", "bold").append(_in_a_line(name))
        case Queued(eta=eta):
            line.append("queued ", "bold").append(queue_place(scene.state))
            if is_amount(eta) and eta >= 0.1:
                line.append(f", about {_clock(max(eta - gone, 0))} left", "bright_black")
        case Started(eta):
            line.append("running ", "bold").append(_clock(gone))
            if is_amount(eta) and eta > gone:
                line.append(f" of about {_clock(eta)}", "bright_black")
        case str(words):
            line.append(_in_a_line(words)).append(f" {_clock(gone)}", "bright_black")
    if now - scene.heard > SILENCE:
        line.append(f", nothing heard for {_clock(now - scene.heard)}", "yellow")
    return line


def _clock(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(min(359_999.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


_Row = tuple[str, float | None, float, str]
"""Of a bar: what it is about, in all (None where unknown), done, and the same in words."""


def _bars(rows: list[_Row], columns: int) -> RenderableType:
    titles = max(cell_len(row[0]) for row in rows)
    words = max(cell_len(row[3]) for row in rows)
    titles = min(titles, max(columns // 3, 8))
    width = min(max(columns - titles - words - 6, 8), 40)
    grid = Table.grid(padding=(0, 1))
    grid.add_column(max_width=titles, no_wrap=True, overflow="ellipsis")
    grid.add_column(width=width)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    for title, total, done, said in rows:
        bar = ProgressBar(
            total, done, width, style="bright_black", complete_style="cyan", finished_style="green",
            pulse_style="cyan",
        )  # fmt: skip
        grid.add_row(_in_a_line(title), bar, _in_a_line(said))
    return Padding(grid, (0, 0, 0, 2 if titles else 1))


def _bar_row(bar: Bar) -> _Row:
    title, words = str(bar.desc or ""), bar_words(bar)
    if is_amount(bar.done):
        return (
            (title, bar.length, bar.done, words)
            if is_amount(bar.length)
            else (title, None, 0, words)
        )
    if is_amount(bar.fraction):
        return title, 1.0, bar.fraction, words
    return title, None, 0, words


def _transfer_row(scene: Scene) -> _Row:
    import time

    transfer = scene.state
    assert isinstance(transfer, Transfer)
    rate = transfer.done / max(time.monotonic() - scene.since, 0.001)
    done, total = transfer.done, transfer.total
    if total is None:
        return "", None, 0, f"{decimal(done)}, {decimal(int(rate))}/s"
    left = max(total - done, 0) / rate if rate else 0
    said = f"{decimal(min(done, total))} of {decimal(total)}, {decimal(int(rate))}/s"
    return "", total, done, f"{said}, {_clock(left)} left" if left else said


# Values


class _Cut:
    """A renderable of `room` lines at most, the first or the last ones, and a note of the rest."""

    def __init__(self, inner: RenderableType, room: int, tail: bool = False) -> None:
        self._inner, self._room, self._tail = inner, room, tail

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._inner, options.update(height=None), pad=False)
        over = len(lines) - self._room
        if over > 0:
            kept = max(self._room - 1, 1)
            lines = lines[-kept:] if self._tail else lines[:kept]
            note = f"… {over + self._room - kept} more lines {'above' if self._tail else ''}"
            told = [Segment(note.rstrip(), console.get_style("bright_black"))]
            lines = [told, *lines] if self._tail else [*lines, told]
        for line in lines:
            yield from line
            yield Segment.line()


def _output(scene: Scene, at: int, value: Any, room: int, rows: int) -> Iterator[RenderableType]:
    returned = scene.returns[at] if at < len(scene.returns) else None
    pictures = list(scene.pictures.of(at)) if scene.pictures is not None else []
    if returned is not None:
        yield _safe(returned.label, "bold")
    if pictures:
        yield _SideBySide(pictures, min(room, rows // 2))
    else:
        component = returned.component.lower() if returned is not None else ""
        try:
            body, tail = _value(unwrapped(value), component)
        except (AttributeError, TypeError, ValueError):
            body, tail = _json_head(value), False  # only looks like what we know
        yield _Cut(body, room, tail)


def _value(value: Any, component: str) -> tuple[RenderableType, bool]:
    """A value as it is shown, and whether its end matters more than its beginning."""
    match value:
        case None:
            return Text("nothing", "bright_black"), False
        case str(text):
            return _safe(text[-LONGEST:]), True
        case {"headers": [*headers], "data": [*data]}:
            return _table(headers, data), False
        case {"label": _, "confidences": [*confidences]}:
            return _confidences(confidences), False
        case {"type": str(kind), "plot": str(plot)}:
            return _safe(f"{kind} plot, {len(plot):,} characters"), False
        case [*messages] if component == "chatbot":
            return Text("\n").join(_message(said) for said in messages[-50:]), True
    found = list(files.walk(value, files.is_file))
    if found:
        return Group(*map(_file, found[:100])), False
    return _json_head(value), False


def _safe(text: object, style: str = "") -> Text:
    return Text(harmless(str(text)), style)


def _in_a_line(text: str) -> Text:
    return _safe(" ".join(text.split()))


def _table(headers: list[Any], data: list[Any]) -> Table:
    table = Table(box=None, header_style="bold cyan", padding=(0, 2, 0, 0), pad_edge=False)
    for header in headers[:20]:
        table.add_column(_safe(header), overflow="ellipsis", no_wrap=True)
    for row in data[:200]:
        table.add_row(*(_safe("" if cell is None else cell) for cell in row[:20]))
    return table


def _confidences(confidences: list[Any]) -> Table:
    grid = Table.grid(padding=(0, 1))
    for one in confidences[:50]:
        share = float(one.get("confidence") or 0)
        bar = ProgressBar(1, share, 20, style="bright_black", complete_style="cyan")
        grid.add_row(_safe(one.get("label")), bar, Text(f"{share:.0%}", justify="right"))
    return grid


def _message(message: Any) -> Text:
    """A chat message by role; on 4.x a pair, the user's word and the answer."""
    match message:
        case {"role": str(role), "content": content}:
            return Text.assemble(_safe(f"{role} ", _ROLES.get(role, "cyan")), _content(content))
        case [said, answer]:
            pair = (("user", said), ("assistant", answer))
            messages = [{"role": r, "content": c} for r, c in pair if c is not None]
            return Text("\n").join(map(_message, messages))
        case _:
            return _content(message)


def _content(content: Any) -> Text:
    match content:
        case str(text) | {"type": "text", "text": str(text)}:
            return _safe(text[-LONGEST:])
        case [*parts]:
            return Text("\n").join(map(_content, parts))
    found = list(files.walk(content, files.is_file))
    return Text(" ").join(map(_file, found)) if found else _json_head(content)


def _file(file: dict[str, Any]) -> Text:
    """A file as a link, with its type and size where the server tells them."""
    size = file.get("size")
    facts = [file.get("mime_type"), decimal(size) if isinstance(size, int) else None]
    said = ", ".join(str(fact) for fact in facts if fact)
    link = _link(file, files.safe_name(file))
    return link.append(f" {harmless(said)}", "bright_black") if said else link


def _link(file: dict[str, Any], words: str) -> Text:
    saved = file.get("saved")
    url = Path(saved).resolve().as_uri() if saved else safe_link(str(file.get("url")))
    return _safe(words, f"link {url}" if url else "")


def _json_head(value: Any) -> Text:
    text, size = io.StringIO(), 0
    for part in json.JSONEncoder(ensure_ascii=False, indent=2).iterencode(value):
        size += text.write(part)
        if size > LONGEST:
            break
    return JSONHighlighter()(_safe(text.getvalue()[:LONGEST]))


# Parts of a result


def link_text(file: dict[str, Any]) -> str:
    """A file as the link that a person can click, a line."""
    return _ansi(_link(file, str(file.get("saved") or file.get("url"))))


def json_text(text: str) -> str:
    """JSON in colour."""
    return _ansi(JSONHighlighter()(Text(text)))


def pictures_text(pictures: list[Picture], columns: int, rows: int) -> str:
    """The pictures of an output, in a row of half the screen's height at most."""
    return _ansi(_SideBySide(pictures, rows // 2), columns)


def _ansi(drawn: RenderableType, columns: int = 80) -> str:
    console = _console(columns, 100, coloured=True)
    with console.capture() as capture:
        console.print(drawn, soft_wrap=isinstance(drawn, Text))
    return capture.get()


# Pictures


class _SideBySide:
    """Pictures in a row, each scaled to fit, `rows` high at most and a cell to a pixel."""

    def __init__(self, pictures: list[Picture], rows: int) -> None:
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
