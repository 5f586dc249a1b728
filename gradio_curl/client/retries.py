"""Repeating what failed for now: what may be sent again, and after which pause."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import requests

from gradio_curl.errors import (
    Busy,
    ConnectFailed,
    Failure,
    HostNotFound,
    HTTPFailed,
    StreamBroken,
    TimedOut,
)

_T = TypeVar("_T")
_FIRST_PAUSE = 1.0  # seconds, before chance makes it shorter
_LONGEST_PAUSE = 60.0  # seconds


def repeated(
    attempt: Callable[[], _T],
    is_repeatable: Callable[[Failure], bool],
    reports: Sequence[Callable[[str], None]],
    deadline: float | None = None,
) -> _T:
    """What `attempt` gives, repeated as often as there are `reports`: each is told of one pause."""
    for tried, report in enumerate(reports):
        try:
            return attempt()
        except Failure as failure:
            if not is_repeatable(failure) or not pause(tried, failure, report, deadline):
                raise
    return attempt()


def pause(
    tried: int, failure: Failure, report: Callable[[str], None], deadline: float | None = None
) -> bool:
    """Wait before the next attempt, as long as the server wishes, or twice as long each time.

    Gives False at once where that takes longer than until `deadline`, on the monotonic clock, or
    than `--max-time` leaves.
    """
    seconds = min(_FIRST_PAUSE * 2.0**tried, _LONGEST_PAUSE) * random.uniform(0.25, 0.5)
    if isinstance(failure, Busy) and failure.retry_after is not None:
        seconds = failure.retry_after
    max_time_left, _ = signal.getitimer(signal.ITIMER_REAL)  # 0 where there is no limit
    if 0 < max_time_left < seconds:
        return False
    if deadline is not None and deadline - time.monotonic() < seconds:
        return False
    report(f"{failure.message}; trying again in {seconds:.1f} s")
    time.sleep(seconds)
    return True


def is_transient(failure: Failure) -> bool:
    """Whether the same read may succeed a little later."""
    if isinstance(failure, HTTPFailed):
        return failure.status is not None and failure.status >= 500
    return isinstance(failure, Busy | ConnectFailed | HostNotFound | StreamBroken | TimedOut)


def safe_to_resend(failure: Failure) -> bool:
    """Whether a request certainly did not reach the app, or was rejected by it."""
    if isinstance(failure, Busy):
        return failure.turned_away
    # A TLS error may also come when the request was sent.
    return isinstance(failure, ConnectFailed) and not isinstance(
        failure.__cause__, requests.exceptions.SSLError
    )
