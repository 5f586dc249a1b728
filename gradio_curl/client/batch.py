"""Many rows through one endpoint, several at a time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from gradio_curl.client.client import Client, Job, Route
from gradio_curl.client.downloads import Saved, save
from gradio_curl.client.local_files import Inputs
from gradio_curl.client.outputs import Output
from gradio_curl.errors import (
    CannotWrite,
    ConnectFailed,
    Failure,
    HostNotFound,
    Refused,
    Stop,
    StreamBroken,
    Untrusted,
)
from gradio_curl.protocol import files
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.events import Complete, Error, Event, Generating, is_update
from gradio_curl.protocol.files import Local
from gradio_curl.protocol.schema import Endpoint

_AHEAD = 1000  # results that wait for one before them
_GRACE = 2.0  # seconds
_HOPELESS = (ConnectFailed, HostNotFound, Refused, Untrusted)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: its `data`, or the failure. `unsent`: no job was queued for it.

    Both, where the job was done and only its files could not be saved.
    """

    number: int
    data: list[Any] | None = None
    failure: Failure | None = None
    unsent: bool = False


@dataclass(slots=True)
class _Lane:
    """Does rows one after the other, in one session if they may share it (`shares`).

    To Gradio 5 and 6 a session costs what `/config` of the app does, in time and, until there are
    10,000 others, in memory (`SessionState` in its `state_holder.py`).
    """

    client: Client
    shares: bool
    session_hash: str | None = None
    feed: tuple[Job, Generator[Event, None, None]] | None = None

    def events(self, job: Job, route: Route, shares: bool) -> Generator[Event, None, None]:
        """The events of a row's job; what it leaves of its session is told by `settle`."""
        feed = self.client.feed(job, route)
        try:
            with closing(self.client.events(job, feed)) as events:
                for event in events:
                    if isinstance(event, (Complete, Generating)):
                        # The session's component is another one then, for what comes next too.
                        shares = shares and not any(map(is_update, event.data))
                    if isinstance(event, (Complete, Error)) and shares:
                        self.feed = job, feed
                    yield event
        finally:
            if self.feed is None:
                feed.close()

    def settle(self) -> None:
        """Read the last row's feed to its end, so that its session can have the next row too."""
        if self.feed is not None:
            (job, feed), self.feed = self.feed, None
            with closing(feed):
                self.shares = self.client.is_over(feed)
            self.session_hash = job.feed if self.shares else None


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with every row. Files in `shared` are uploaded already."""

    endpoint: Endpoint
    route: Route
    session_hash: str | None
    inputs: Inputs
    output: Output | None
    shared: dict[Local, Any]


class Pool:
    """Threads that do rows, each with a connection of its own; what comes back is handed on here.

    Only the thread that calls `run` writes and stops, so that Ctrl-C and time limits find one
    place. `ordered` hands outcomes on in the order of the rows.
    """

    def __init__(self, client: Client, work: Work, jobs: int, ordered: bool = False) -> None:
        self._client = client
        self._work = work
        self._ordered = ordered
        self._most = 2 * jobs
        self._todo: SimpleQueue[tuple[int, Call] | None] = SimpleQueue()
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._finished: deque[Outcome] = deque()
        self._running: dict[int, tuple[Client, Job]] = {}
        self._stopping = threading.Event()
        self._hopeless: Failure | None = None
        self._bug: Exception | None = None
        self._order: deque[int] = deque()
        self._sessions: dict[int, str] = {}  # that rows in flight name
        self._held: tuple[int, Call] | None = None
        self._early: dict[int, Outcome] = {}
        self._threads = [threading.Thread(target=self._thread, daemon=True) for _ in range(jobs)]

    def run(self, calls: Iterator[tuple[int, Call]], take: Callable[[Outcome], None]) -> None:
        """Do all rows; `take` gets each outcome as soon as it is there.

        Raises what makes every further row pointless (nobody listens, login refused, disk full),
        once the rows in flight are through; such a row is not handed on: it was not done.
        """
        try:
            for thread in self._threads:
                thread.start()
            flying = self._feed(calls, 0)
            while flying:
                self._wake.get()
                if self._bug is not None:
                    raise self._bug
                flying -= self._hand_on(take)
                flying = self._feed(calls, flying)
        except BaseException:
            self._stop(take)
            raise
        finally:
            for _ in self._threads:
                self._todo.put(None)
        if self._hopeless is not None:
            raise self._hopeless

    def _feed(self, calls: Iterator[tuple[int, Call]], flying: int) -> int:
        while flying < self._most and len(self._early) < _AHEAD and self._hopeless is None:
            row, self._held = self._held or next(calls, None), None
            if row is None:
                break
            if session := row[1].session_hash:
                if session in self._sessions.values():
                    # Two readers would take each other's events; and a session has its order.
                    self._held = row
                    break
                self._sessions[row[0]] = session
            self._order.append(row[0])
            self._todo.put(row)
            flying += 1
        return flying

    def _hand_on(self, take: Callable[[Outcome], None]) -> int:
        """Hand on what has finished; gives how many that were.

        An outcome leaves its place only when it is written, so that no signal can lose it.
        """
        count = 0
        while self._finished:
            outcome = self._finished[0]
            if not self._ordered:
                self._take(outcome, take)
            else:
                self._early[outcome.number] = outcome
                while self._order and self._order[0] in self._early:
                    self._take(self._early[self._order[0]], take)
                    del self._early[self._order.popleft()]
            self._finished.popleft()
            self._sessions.pop(outcome.number, None)
            count += 1
        if not self._ordered:
            self._order.clear()
        return count

    def _take(self, outcome: Outcome, take: Callable[[Outcome], None]) -> None:
        failure = outcome.failure
        if isinstance(failure, CannotWrite) or (outcome.unsent and isinstance(failure, _HOPELESS)):
            self._hopeless = failure
        elif self._stopping.is_set() and outcome.data is None:
            return
        if self._hopeless is not failure or outcome.data is not None:
            take(outcome)

    def _stop(self, take: Callable[[Outcome], None]) -> None:
        """Cancel what runs, and hand on what was done all the same."""
        self._stopping.set()
        for client, job in list(self._running.values()):
            threading.Thread(target=client.cancel, args=(job,), daemon=True).start()
        for _ in self._threads:
            self._todo.put(None)
        deadline = time.monotonic() + _GRACE
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        with suppress(Failure, Stop):
            self._hand_on(take)

    def _thread(self) -> None:
        work = self._work
        # Only the queue feed knows sessions on every version.
        shares = work.endpoint.stateless and work.session_hash is None and work.route != "call"
        lane = _Lane(self._client.twin(), shares)
        with closing(lane.client.transport):
            while (row := self._todo.get()) is not None:
                number, call = row
                try:
                    if not self._stopping.is_set():
                        self._finished.append(self._outcome(lane, number, call))
                    self._running.pop(number, None)
                    self._wake.put(None)
                    lane.settle()
                except Exception as bug:
                    self._bug = bug
                    self._wake.put(None)

    def _outcome(self, lane: _Lane, number: int, call: Call) -> Outcome:
        client, sent = lane.client, False
        try:
            shared = self._work.shared
            data = files.transform(
                call.data, lambda value: files.is_local(value) and value in shared, shared.get
            )
            data = client.upload_files(data, self._work.inputs, untold)
            session = self._work.session_hash or call.session_hash or lane.session_hash
            lane.session_hash = None
            job = client.submit(self._work.endpoint, data, session)
            self._running[number], sent = (client, job), True
            if self._stopping.is_set():
                client.cancel(job)
            events = lane.events(job, self._work.route, lane.shares and not call.session_hash)
            saved = self._result(client, number, events)
            return Outcome(number, saved.data, saved.failure)
        except Failure as failure:
            return Outcome(number, failure=failure, unsent=not sent)
        except RecursionError:
            return Outcome(number, failure=StreamBroken("the outputs are nested too deeply"))

    def _result(self, client: Client, number: int, events: Generator[Event, None, None]) -> Saved:
        output = self._work.output
        with closing(events):
            for event in events:
                match event:
                    case Complete(data):
                        if output is None:
                            return Saved(data, None)
                        return save(client, data, output, untold, prefix=f"{number}-")
                    case Error(failure):
                        raise failure
                    case _:
                        pass
        raise StreamBroken("the event stream ended before the result")


def untold(name: str, done: int, total: int | None) -> None:
    """Where nobody is told of a transfer: rows are told of, not their files."""
