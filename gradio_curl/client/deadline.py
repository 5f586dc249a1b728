"""One time limit over a whole piece of work, whatever it waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from gradio_curl.client.attentive import is_set_within

_T = TypeVar("_T")


class Expired(Exception):
    """The work did not end in time."""


def run_within(seconds: float, work: Callable[[], _T]) -> _T:
    """The result of `work`, done in a thread. Raises Expired after `seconds`.

    A socket's own limit starts anew with each byte, and no limit or signal interrupts the
    resolution of a name. Waiting for a thread ends at once in both cases. Work that is late goes
    on until the process ends, and its result is dropped.
    """
    results: list[_T] = []
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)
        finally:
            ended.set()

    ended = threading.Event()
    try:
        threading.Thread(target=attempt, daemon=True).start()
    except RuntimeError:
        # The system has no thread left: the work is done here, with the limits of its sockets.
        attempt()
    if not is_set_within(seconds, ended):
        raise Expired
    if errors:
        raise errors[0]
    return results[0]
