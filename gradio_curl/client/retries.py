"""Repeating what failed for now: what may be sent again, and after which pause."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Sequence
from itertools import count
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
from gradio_curl.protocol.events import RETRY

_T = TypeVar("_T")
_FIRST_PAUSE = 1.0  # seconds, before chance makes it shorter
_LONGEST_PAUSE = 60.0  # seconds
MAY_RUN = "not tried again: the app may have taken the request"


def repeated(
    attempt: Callable[[], _T],
    is_repeatable: Callable[[Failure], bool],
    reports: Sequence[Callable[[str], None]],
    deadline: float | None = None,
    why_not: str = "",
) -> _T:
    """What `attempt` gives, repeated as often as there are `reports`: each is told of one pause.

    `why_not` is the remedy to tell of a failure that is not repeatable, instead of `--retry`.
    """
    for tried in count():
        try:
            return attempt()
        except Failure as failure:
            if not is_repeatable(failure):
                advise(failure, why_not or failure.hint)
            elif tried == len(reports):
                give_up(failure, tried)
            elif pause(tried, failure, reports[tried], deadline):
                continue
            else:
                advise(failure, "no time is left to try again")
            raise
    raise AssertionError("the loop ends with a result or a failure")


def give_up(failure: Failure, retries: int) -> None:
    """Note that `failure` came after so many retries; none, and `--retry` is still the advice."""
    if retries:
        advise(failure, f"gave up after {retries} {'retry' if retries == 1 else 'retries'}")


def advise(failure: Failure, why: str) -> None:
    """Say why it was not tried again where the advice would be to try that."""
    if failure.hint == RETRY:
        failure.hint = why


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


def safe_to_listen_again(failure: Failure) -> bool:
    """Whether the events of a job, which can be read once, are all still there."""
    return isinstance(failure, Busy) or safe_to_resend(failure)


def safe_to_resend(failure: Failure) -> bool:
    """Whether a request certainly did not reach the app, or was rejected by it, for now."""
    if failure.turned_away:
        return is_transient(failure)
    # A TLS error may also come when the request was sent.
    return isinstance(failure, ConnectFailed) and not isinstance(
        failure.__cause__, requests.exceptions.SSLError
    )
