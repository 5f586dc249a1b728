"""Waiting for other threads, with an ear for signals.

A signal that comes just before the main thread falls asleep on a lock does not wake it. So nothing
here sleeps for longer than a moment at a time.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

_T = TypeVar("_T")
_MOMENT = 0.5  # seconds until such a signal is noticed


def next_of(queue: SimpleQueue[_T]) -> _T:
    """The next thing that is put into `queue`."""
    while True:
        with suppress(Empty):
            return queue.get(timeout=_MOMENT)


def is_set_within(seconds: float, event: threading.Event) -> bool:
    """Whether `event` is set, or comes to be so within `seconds`."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if event.wait(min(left, _MOMENT)):
            return True
    return event.is_set()
