"""`--wait`: an app that is about to run is waited for, and one that goes away during a batch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from gradio_curl.client.client import Client
from gradio_curl.errors import (
    Busy,
    ConnectFailed,
    Failure,
    HTTPFailed,
    MayWake,
    Paused,
    StreamBroken,
    TimedOut,
)

_T = TypeVar("_T")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0  # seconds


def waited(
    attempt: Callable[[float | None], _T],
    wait: float,
    tell: Callable[[str], None],
    sleep: Callable[[float], object] = time.sleep,
) -> _T:
    """What `attempt` gives, repeated for `wait` seconds while the app may be about to run.

    It is told by when it has to end, on the monotonic clock. Raises TimedOut where all of that was
    not enough, and what `sleep` raises.
    """
    if not wait:
        return attempt(None)
    deadline = time.monotonic() + wait
    pause, told = _FIRST_PAUSE, ""
    while True:
        try:
            return attempt(deadline)
        except Failure as failure:
            if not may_come_up(failure):
                raise
            left = deadline - time.monotonic()
            wish = (failure.retry_after if isinstance(failure, Busy) else None) or 0.0
            if 0 < left < wish:  # it would come too late
                raise
            if left <= 0:
                # The last attempt may have been cut short: then the one before says more.
                why = told if told and isinstance(failure, TimedOut) else failure.message
                raise TimedOut(f"waited {wait:g} s, but {why}") from failure
            if told != failure.message:
                told = failure.message
                tell(f"{told}; waiting")
        sleep(min(max(pause, wish), left))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def may_come_up(failure: Failure) -> bool:
    """Whether an app that is about to run may answer like this: nobody there yet, or a proxy."""
    match failure:
        case Paused():
            return False
        case MayWake() | Busy() | ConnectFailed() | StreamBroken() | TimedOut():
            return True
        case HTTPFailed():
            return failure.status in (502, 503, 504)
        case _:
            return False


class Outage:
    """An app that goes away during a batch: all its threads wait for it together.

    That takes `wait` seconds at most; none, and the app is never waited for. `back` is called once
    it is there again. Setting `stopping` ends the waiting. `failure` is that of an app that did
    not come back.
    """

    failure: Failure | None = None

    def __init__(
        self, wait: float, stopping: threading.Event, back: Callable[[Client], None]
    ) -> None:
        self._wait = wait
        self._stopping = stopping
        self._back = back
        self._lock = threading.Lock()
        self._noticed: Failure | None = None

    def is_noticed(self, failure: Failure) -> bool:
        """Whether the app seems to be gone, by what a row failed with: then the next rows wait."""
        if not self._wait or failure.turned_away or not may_come_up(failure):
            return False
        self._noticed = failure
        return True

    def sit_out(self, client: Client) -> None:
        """Wait for the app, if it seems to be gone. Raises `failure`, then and from then on."""
        if self._noticed is None:
            return
        with self._lock:
            if self.failure is not None:
                raise self.failure
            if self._noticed is None:  # another thread has waited
                return
            try:
                self._wait_for(client, self._noticed)
            except Failure as failure:
                self.failure = failure
                raise
            self._noticed = None

    def _wait_for(self, client: Client, noticed: Failure) -> None:
        attempts = 0

        def answer(deadline: float | None) -> None:
            nonlocal attempts
            attempts += 1
            client.transport.get_json(f"{client.url}/config", deadline)

        def sleep(seconds: float) -> None:
            if self._stopping.wait(seconds):
                raise noticed

        waited(answer, self._wait, client.transport.network.tell, sleep)
        if attempts > 1:
            self._back(client)
