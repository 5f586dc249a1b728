"""One limit over a piece of work."""

import signal
import threading
from typing import NoReturn

import pytest

from gradio_curl.client.deadline import Expired, run_within


class Stopped(BaseException):
    pass


def test_work_in_time_gives_its_result_or_its_error() -> None:
    assert run_within(60, lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        run_within(60, lambda: 1 // 0)


def test_work_that_never_ends_expires() -> None:
    for_ever = threading.Event()
    with pytest.raises(Expired):
        run_within(0.01, for_ever.wait)
    for_ever.set()


def test_a_signal_ends_the_wait_at_once() -> None:
    # What the thread waits for can't be interrupted, as the resolution of a name can't.
    for_ever = threading.Event()

    def stop(*args: object) -> NoReturn:
        raise Stopped

    def work() -> None:
        signal.raise_signal(signal.SIGUSR1)
        for_ever.wait()

    kept = signal.signal(signal.SIGUSR1, stop)
    try:
        with pytest.raises(Stopped):
            run_within(60, work)
    finally:
        signal.signal(signal.SIGUSR1, kept)
        for_ever.set()
