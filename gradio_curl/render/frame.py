"""The live view's frames: the newest outputs, below them the app's bars and a status line."""

from __future__ import annotations

import time

from rich.cells import cell_len
from rich.console import RenderableType
from rich.filesize import decimal
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from gradio_curl.protocol.events import Bar, Queued, Started
from gradio_curl.render.lines import DIM, Canvas, console_for, drawn_lines
from gradio_curl.render.scene import INTERVAL, Scene, Transfer
from gradio_curl.render.stdio import in_a_line, message_lines, opens_links
from gradio_curl.render.text import bar_words, is_amount, queue_place
from gradio_curl.render.values import outputs

SILENCE = 20  # seconds; heartbeats come every 15

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_LEVELS = {"info": "cyan", "success": "green", "warning": "yellow", "error": "red"}


class Frames:
    """Draws one frame after another. The outputs are drawn anew only where they are others."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._outputs: list[str] = []

    def draw(self, scene: Scene, columns: int, rows: int) -> list[str]:
        """The live view as lines, none wider than the terminal, and fewer than it has."""
        status = _status(scene, columns, rows)
        try:
            shown = self._shown(scene, columns, rows, rows - len(status) - 2)
        except Exception:
            shown = []  # whatever an app sends, its call goes on
        return [*shown, "", *status] if shown else status

    def _shown(self, scene: Scene, columns: int, rows: int, room: int) -> list[str]:
        if not scene.outputs or not scene.data or room < 1:
            return []
        pictures = scene.pictures.of_all() if scene.pictures is not None else []
        key = (id(scene.data), id(pictures), columns, rows, room)
        if key != self._key:
            canvas = Canvas(columns, rows, scene.coloured, room, opens_links())
            lines = outputs(scene.data, scene.returns, pictures, canvas)
            if len(lines) > room:
                over = len(lines) - room + 1
                note = Text(f"… {over} more lines below", DIM)
                console = console_for(columns, room, scene.coloured)
                lines = [*lines[: room - 1], *drawn_lines(console, note)]
            self._key, self._outputs = key, lines
        return self._outputs


def result_lines(scene: Scene, columns: int, rows: int) -> list[str]:
    """The outputs, complete: what stands when the live view has ended."""
    pictures = scene.pictures.of_all() if scene.pictures is not None else []
    canvas = Canvas(columns, rows, scene.coloured, links=opens_links())
    return outputs(scene.data or [], scene.returns, pictures, canvas)


def log_lines(told: list[tuple[str, str]], columns: int, coloured: bool) -> list[str]:
    """Messages for a person, each with its level (or none), as lines."""
    console = console_for(columns - 1, 100, coloured)
    lines: list[str] = []
    for level, text in told:
        head = f"{level}: " if level else ""
        message = Text(message_lines(head + text))
        message.stylize(_LEVELS.get(level, "default"), 0, len(head))
        for line in message.split("\n", allow_blank=True):
            lines += drawn_lines(console, line)
    return lines


def cells(line: str) -> int:
    """How many cells of a terminal a line of a frame takes."""
    return Text.from_ansi(line).cell_len


def _status(scene: Scene, columns: int, rows: int) -> list[str]:
    console = console_for(columns - 1, rows, scene.coloured)
    lines = []
    if isinstance(scene.state, Transfer):
        lines += drawn_lines(console, _bars([_transfer_row(scene)], columns - 1))
    elif scene.bars:
        bars = scene.bars if scene.outputs else scene.bars[-1:]
        bars = bars[-max(rows // 2, 1) :]
        lines += drawn_lines(console, _bars([_bar_row(bar) for bar in bars], columns - 1))
    heading = _heading(scene)
    heading.truncate(columns - 1, overflow="ellipsis")
    return [*lines, *drawn_lines(console, heading)]


def _heading(scene: Scene) -> Text:
    now = time.monotonic()
    gone = now - scene.since
    spinner = _SPINNER[int(now / INTERVAL) % len(_SPINNER)]
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{spinner} ", "cyan")
    match scene.state:
        case Transfer(verb, name):
            line.append(f"{verb} ", "bold").append(_safe_line(name))
        case Queued(eta=eta):
            line.append("queued ", "bold").append(queue_place(scene.state))
            if is_amount(eta) and eta >= 0.1:
                line.append(f", about {_clock(max(eta - gone, 0))} left", DIM)
        case Started(eta):
            line.append("running ", "bold").append(_clock(gone))
            if is_amount(eta) and eta > gone:
                line.append(f" of about {_clock(eta)}", DIM)
        case str(words):
            line.append(_safe_line(words)).append(f" {_clock(gone)}", DIM)
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
            total, done, width, style=DIM, complete_style="cyan", finished_style="green",
            pulse_style="cyan",
        )  # fmt: skip
        grid.add_row(_safe_line(title), bar, _safe_line(said))
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
    transfer = scene.state
    assert isinstance(transfer, Transfer)
    rate = transfer.done / max(time.monotonic() - scene.since, 0.001)
    done, total = transfer.done, transfer.total
    if total is None:
        return "", None, 0, f"{decimal(done)}, {decimal(int(rate))}/s"
    left = max(total - done, 0) / rate if rate else 0
    said = f"{decimal(min(done, total))} of {decimal(total)}, {decimal(int(rate))}/s"
    return "", total, done, f"{said}, {_clock(left)} left" if left else said


def _safe_line(text: str) -> Text:
    return Text(in_a_line(text))
