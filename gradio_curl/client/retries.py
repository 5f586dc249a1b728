"""Repeating what failed for now: what may be sent again, and after which pause."""

from __future__ import annotations

import random
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
_LONGEST_PAUSE = 60.0  # seconds


def repeated(
    attempt: Callable[[], _T],
    is_repeatable: Callable[[Failure], bool],
    reports: Sequence[Callable[[str], None]],
    deadline: float | None = None,
) -> _T:
    """What `attempt` gives, repeated as often as there are `reports`: each is told of one pause.

    No pause goes beyond `deadline`, on the monotonic clock: the failure is raised instead.
    """
    for tried, report in enumerate(reports):
        try:
            return attempt()
        except Failure as failure:
            if not is_repeatable(failure):
                raise
            pause = min(2.0**tried, _LONGEST_PAUSE) * random.uniform(0.25, 0.5)
            if isinstance(failure, Busy) and failure.retry_after is not None:
                pause = failure.retry_after
            if deadline is not None and time.monotonic() + pause > deadline:
                raise
            report(f"{failure.message}; trying again in {pause:.1f} s")
            time.sleep(pause)
    return attempt()


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
