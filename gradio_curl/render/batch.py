"""The bar of a batch, on stderr where that is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

_BAR = 40  # columns at most
_LEAST_BAR = 8  # what is narrower says nothing
_WORDS = 48  # columns that the words take, usually


class Counts(NamedTuple):
    """How many rows are done, those of earlier runs included, and how many failed in this one."""

    done: int
    failed: int


@contextmanager
def progress(
    done: int, total: int, moving: bool, coloured: bool
) -> Iterator[Callable[[Counts], None]]:
    """A bar that begins at `done` of `total` rows; gives what to call with the counts of rows.

    Messages for a person appear above it.
    """
    if not moving:
        yield lambda counts: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
    from rich.text import Text

    from gradio_curl.render.lines import DIM
    from gradio_curl.render.stdio import message_lines, messages_to

    # Stdout is not Rich's to redirect: the results go there.
    stderr = Console(stderr=True, no_color=not coloured, highlight=False)
    columns: list[ProgressColumn] = [TextColumn("{task.fields[words]}", markup=False)]
    width = min(_BAR, stderr.width - _WORDS)
    if width >= _LEAST_BAR:
        # The colours of the bars that `render.frame` draws.
        bar_column = BarColumn(width, style=DIM, complete_style="cyan", finished_style="green")
        columns.insert(0, bar_column)

    def above(level: str, message: str) -> None:
        head = f"{level}: " if level else ""
        stderr.print(Text(message_lines(head + message)), soft_wrap=True)

    def words(counts: Counts, speed: float | None) -> str:
        return _words(counts, total, speed, stderr.width)

    bar = Progress(*columns, console=stderr, transient=True, redirect_stdout=False)
    with bar, messages_to(above):
        before = Counts(done, 0)
        rows = bar.add_task("", total=total, completed=done, words=words(before, None))

        def show(counts: Counts) -> None:
            told = words(counts, bar.tasks[0].speed)
            bar.update(rows, completed=counts.done + counts.failed, words=told)

        yield show


def _words(counts: Counts, total: int, speed: float | None, columns: int) -> str:
    """`11/60 done, 2 failed, 4.1 rows/s, 0:12 left`; without the rate where that is too wide."""
    words = [f"{counts.done}/{total} done"]
    if counts.failed:
        words.append(f"{counts.failed} failed")
    if speed:
        minutes, seconds = divmod(int((total - sum(counts)) / speed), 60)
        hours, minutes = divmod(minutes, 60)
        left = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        rate = [f"{speed:.1f} rows/s"]
        with_rate = [*words, *rate, f"{left} left"]
        words = [*words, f"{left} left"]
        if len(", ".join(with_rate)) < columns:
            return ", ".join(with_rate)
    return ", ".join(words)
