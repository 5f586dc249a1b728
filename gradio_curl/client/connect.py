"""From what was typed to a connected app: Spaces looked up, and waiting where that is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

from gradio_curl.client import hub
from gradio_curl.client.cache import Memory
from gradio_curl.client.client import Client, connect
from gradio_curl.client.credentials import is_space_host
from gradio_curl.client.target import Address, Place, Space
from gradio_curl.client.transport import Transport
from gradio_curl.errors import (
    Busy,
    ConnectFailed,
    Failure,
    HTTPFailed,
    Paused,
    StreamBroken,
    TimedOut,
)
from gradio_curl.network import Network

_T = TypeVar("_T")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0  # seconds


@contextmanager
def reached(
    target: Space | Address,
    network: Network,
    check: bool = True,
    wait: float = 0.0,
    memory: Memory | None = None,
    fresh: bool = False,
) -> Iterator[tuple[Client, Place]]:
    """The app that `target` names, connected to for as long as the block; see `app.connect`.

    An app that is starting, asleep or building is waited for, `wait` seconds at most. Raises
    TimedOut where that was not enough.
    """
    for_hub = network._replace(headers=(), cert=None, key=None, login=None)
    with (
        closing(Transport(network)) as transport,
        closing(Transport(for_hub)) as hub_transport,
    ):

        def attempt(deadline: float | None) -> tuple[Client, Place]:
            transport.deadline = hub_transport.deadline = deadline
            match target:
                case Space():
                    address = hub.find(hub_transport, transport.visit, target)
                case Address():
                    address = target
            try:
                return connect(transport, address, check, memory, fresh)
            except HTTPFailed as failure:
                url = address.places[0].url
                if failure.status == 404 and (isinstance(target, Space) or is_space_host(url)):
                    raise hub.missing(url, failure) from failure
                raise

        connected = _waited(attempt, wait, network.tell)
        transport.deadline = None
        yield connected


def _waited(attempt: Callable[[float | None], _T], wait: float, tell: Callable[[str], None]) -> _T:
    if not wait:
        return attempt(None)
    deadline = time.monotonic() + wait
    pause, told = _FIRST_PAUSE, ""
    while True:
        try:
            return attempt(deadline)
        except Failure as failure:
            if not _coming(failure):
                raise
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimedOut(f"waited {wait:g} s, but {failure.message}") from failure
            if told != failure.message:
                told = failure.message
                tell(f"{told}; waiting")
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _coming(failure: Failure) -> bool:
    """Whether an app that is about to run may answer like this: nobody there yet, or a proxy."""
    match failure:
        case Paused():
            return False
        case Busy() | ConnectFailed() | StreamBroken() | TimedOut():
            return True
        case HTTPFailed():
            return failure.status in (502, 503, 504)
        case _:
            return False
