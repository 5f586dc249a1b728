"""The bar of a batch, on stderr, where something may move there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(count: int, moving: bool) -> Iterator[Callable[[tuple[int, int]], None]]:
    """Gives what to tell of rows: how many of the `count` are through, how many of them failed."""
    if not moving:
        yield lambda rows: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    # Stdout is not Rich's to redirect: the results go there.
    stderr = Console(stderr=True)
    with Progress(*columns, console=stderr, transient=True, redirect_stdout=False) as bar:
        rows_bar = bar.add_task("", total=count, failed=0, rate="")

        def tell(rows: tuple[int, int]) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:.1f} rows/s" if speed else ""
            bar.update(rows_bar, completed=rows[0], failed=rows[1], rate=rate)

        yield tell
