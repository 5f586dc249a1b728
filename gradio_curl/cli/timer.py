"""A time limit over a part of the command, held by the one alarm that a process has."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from gradio_curl.cli.signals import raising
from gradio_curl.errors import MaxTimePassed

_LONGEST = 1e9  # seconds; the system's timer takes no more than a few times as many


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raise MaxTimePassed where the block takes longer, wherever it is then; None: no limit."""
    if seconds is None or seconds > _LONGEST:
        yield
        return
    signal.signal(signal.SIGALRM, raising(lambda number: MaxTimePassed(seconds)))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        lift()


def lift() -> None:
    """Take the limit away, before the block is over."""
    signal.setitimer(signal.ITIMER_REAL, 0)
