"""Several transfers at a time, each in a thread; what they give in the order that was asked for."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TypeVar

from gradio_curl.client.attentive import next_of

# Twenty files of 100 KB, with a round trip of 100 ms: 2.3 s by one connection, 0.57 s by 6, 0.39 s
# by 10, 0.41 s by 20, for a connection costs more processor time than a file.
AT_ONCE = 10
_GRACE = 0.5  # seconds for what is under way when the command is stopped
_T = TypeVar("_T")


class Left(Exception):
    """The command goes on, or ends, without what is done here."""


def side_by_side(
    works: Sequence[Callable[[], _T]], at_once: int, leave: Callable[[], None]
) -> list[_T]:
    """What `works` give, in their order, up to `at_once` of them done at a time.

    Raises what the first of them raises that fails: the others are left then, and those that have
    not begun are not. `leave` makes those under way end soon. It is called also where a signal or
    a time limit ends the wait for them.
    """
    if min(len(works), at_once) <= 1:
        return [work() for work in works]
    todo = deque(enumerate(works))
    results: dict[int, _T] = {}
    errors: list[BaseException] = []
    ended: SimpleQueue[None] = SimpleQueue()

    def do() -> None:
        try:
            while todo and not errors:
                number, work = todo.popleft()
                results[number] = work()
        except IndexError:  # another thread took the last one
            pass
        except BaseException as error:
            errors.append(error)
            leave()
        finally:
            ended.put(None)

    threads = _started(do, min(len(works), at_once))
    if not threads:
        do()
    try:
        for _ in threads:
            next_of(ended)
    except BaseException:
        todo.clear()
        leave()
        _wait(ended, len(threads))
        raise
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [results[number] for number in range(len(works))]


class Turns:
    """Lets each of `count` works that are done side by side come to its end in order."""

    def __init__(self, count: int) -> None:
        self._first = 0
        self._over = [False] * count
        self._left = False
        self._changed = threading.Condition()

    def wait(self, number: int) -> None:
        """Wait until all works before this one have ended. Raises Left where they were left."""
        with self._changed:
            self._changed.wait_for(lambda: self._left or self._first >= number)
            if self._left:
                raise Left

    @contextmanager
    def ended(self, number: int) -> Iterator[None]:
        """This work ends with the block, however it does."""
        try:
            yield
        finally:
            with self._changed:
                self._over[number] = True
                while self._first < len(self._over) and self._over[self._first]:
                    self._first += 1
                self._changed.notify_all()

    def leave(self) -> None:
        """Wait no more."""
        with self._changed:
            self._left = True
            self._changed.notify_all()


def _started(do: Callable[[], None], count: int) -> list[threading.Thread]:
    """So many threads, or as many as the system lets us start (`ulimit -u`)."""
    threads: list[threading.Thread] = []
    for _ in range(count):
        thread = threading.Thread(target=do, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            break
        threads.append(thread)
    return threads


def _wait(ended: SimpleQueue[None], count: int) -> None:
    deadline = time.monotonic() + _GRACE
    try:
        for _ in range(count):
            ended.get(timeout=max(0.0, deadline - time.monotonic()))
    except Empty:
        pass
