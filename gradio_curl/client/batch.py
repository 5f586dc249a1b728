"""Many rows through one endpoint: reading them, doing several at a time, keeping what came back.

A batch of any length takes the same memory: its rows are read twice from disk, once to check
them all and once to do them, and of what is done one bit a row is remembered.
"""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, BinaryIO

from gradio_curl.client.app import Client, Job, Route
from gradio_curl.client.disk import Inputs, Output, writing
from gradio_curl.errors import (
    CannotWrite,
    ConnectFailed,
    Failure,
    Fault,
    HostNotFound,
    InputError,
    Refused,
    Stop,
    StreamBroken,
    Untrusted,
)
from gradio_curl.protocol import files
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.events import Complete, Error, Event, Generating, is_update
from gradio_curl.protocol.files import STDIN, Local
from gradio_curl.protocol.items import Item, parse_items
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.protocol.values import parse_json

_FAULTS_TOLD = 20
_AHEAD = 1000  # results that wait for one before them
_MOST_ROWS = 1 << 32
_GRACE = 2.0  # seconds
_HOPELESS = (ConnectFailed, HostNotFound, Refused, Untrusted)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the batch, unread: a line of JSON, or the cells of a CSV line."""

    number: int
    place: str
    content: bytes | dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: its `data`, or the failure. `unsent`: no job was queued for it."""

    number: int
    data: list[Any] | None = None
    failure: Failure | None = None
    unsent: bool = False


Bind = Callable[[Any, Iterable[Item]], Call]


class Rows:
    """The rows of a JSON Lines or CSV file (with a header line); can be gone through repeatedly.

    Paths in it are relative to `folder`.
    """

    def __init__(self, file: BinaryIO, folder: Path) -> None:
        self._file = file
        self._folder = folder
        file.seek(0)
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
        self._is_json = not start or start[:1] in b"{["

    def __iter__(self) -> Iterator[Row]:
        self._file.seek(0)
        return self._json_rows() if self._is_json else self._csv_rows()

    def bound(self, row: Row, bind: Bind) -> Call:
        """Read a row and check it. Raises InputError, whose faults say where it stands."""
        try:
            if isinstance(row.content, dict):
                return bind(None, self._items(row.content))
            value = parse_json(row.content.decode("utf-8-sig"), "the row")
            if not isinstance(value, dict | list):
                raise InputError("the row is neither an object nor a list")
            return bind(files.replaced(value, files.is_reference, self._from_here), ())
        except UnicodeDecodeError as error:
            raise InputError(f"{row.place}: no UTF-8 text") from error
        except InputError as error:
            raise InputError(
                *(Fault(f"{row.place}: {f.message}", f.hint, f.unreadable) for f in error.faults)
            ) from error

    def _json_rows(self) -> Iterator[Row]:
        number = 0
        for line, content in enumerate(self._file, 1):
            if not content.isspace():
                yield Row(number, f"line {line}", content)
                number += 1

    def _csv_rows(self) -> Iterator[Row]:
        text = io.TextIOWrapper(self._file, "utf-8-sig", newline="")
        try:
            table = csv.DictReader(text, restkey="")
            names = table.fieldnames or ()
            if twice := next((name for name in names if names.count(name) > 1), None):
                raise InputError(f"the header of the batch names {twice} twice")
            for number, cells in enumerate(table):
                yield Row(number, f"line {table.line_num}", cells)
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"the batch is no CSV that can be read: {error}") from error
        finally:
            with suppress(ValueError):  # closed already, where this is not gone through to its end
                text.detach()

    def _items(self, cells: dict[str, Any]) -> list[Item]:
        """A cell is an item whose name, with `@` or `:=` where that is meant, is in the header."""
        words, names = [], []
        for header, cell in cells.items():
            if header == "":
                raise InputError("more cells than the header has")
            if not cell:
                continue
            separator = next((mark for mark in ("@", ":=") if header.endswith(mark)), "=")
            names.append(header.removesuffix(separator))
            if separator == "@" and not files.is_url(cell):
                cell = str(self._folder / cell)
            words.append(f"{names[-1]}{separator}{cell}")
        return parse_items(words, labels=names)

    def _from_here(self, reference: dict[str, str]) -> dict[str, str]:
        path = reference["@"]
        return reference if files.is_url(path) else {"@": str(self._folder / path)}


@contextmanager
def opened(path: str) -> Iterator[Rows]:
    """The rows of a file, `-` being stdin, which is put on disk first. Raises CannotRead."""
    with Inputs().open(path) as file:
        yield Rows(file, Path() if path == STDIN else Path(path).parent)


def check(
    calls: Iterable[Callable[[], Call]], speaks_against: Callable[[Call], list[Fault]]
) -> int:
    """Check every row before the first is sent; gives their number.

    Raises InputError with the faults of all rows, or of the first ones where they are many.
    """
    count, faults = 0, list[Fault]()
    for call in calls:
        count += 1
        try:
            faults += speaks_against(call())
        except InputError as error:
            faults += error.faults
        if len(faults) >= _FAULTS_TOLD:
            raise InputError(*faults, Fault("the rows after these were not checked"))
    if faults:
        raise InputError(*faults)
    return count


class Results:
    """The results file: a line of JSON a row, and which rows have their result there already."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._done = bytearray()  # one bit a row
        whole = 0
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return
        file.seek(0)
        for line in file:
            ended, result = line.endswith(b"\n"), _result(line)
            if result is not None:
                number, ok = result
                self._note(number, ok)
            elif ended or not line.startswith(b'{"row": '):
                raise InputError(f"{path} holds something else than the results of a batch")
            whole += len(line) if ended or result else 0
            if not ended:
                # What a command that was killed could not finish.
                file.truncate(whole)
                os.write(file.fileno(), b"\n" if result else b"")

    def has(self, number: int) -> bool:
        """Whether the row is done."""
        return number >> 3 < len(self._done) and bool(self._done[number >> 3] >> (number & 7) & 1)

    def write(self, line: str) -> None:
        """Append a line, at once. Raises CannotWrite."""
        left = memoryview(line.encode("utf-8", "backslashreplace") + b"\n")
        with writing(self._path):
            while left:
                left = left[os.write(self._file.fileno(), left) :]

    def _note(self, number: int, ok: bool) -> None:
        if ok and 0 <= number < _MOST_ROWS:
            self._done.extend(bytes(max(0, (number >> 3) + 1 - len(self._done))))
            self._done[number >> 3] |= 1 << (number & 7)


def _result(line: bytes) -> tuple[int, bool] | None:
    try:
        match json.loads(line):
            case {"row": int(number), "status": "ok" | "error" as status}:
                return number, status == "ok"
    except (ValueError, RecursionError):
        pass
    return None


@contextmanager
def results_at(path: Path) -> Iterator[Results]:
    """The results file at `path`, made if it is not there, for this command alone."""
    import fcntl

    with ExitStack() as stack:
        with writing(path):
            file = stack.enter_context(path.open("a+b"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotWrite(
                    f"{path} is in use by another batch", "give each shard its own --results"
                ) from None
            results = Results(file, path)
        yield results


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
        with closing(self.client.events(job, feed)) as events:
            for event in events:
                if isinstance(event, (Complete, Generating)) and any(map(is_update, event.data)):
                    # The session's component is another one now, also for a value that comes next.
                    shares = False
                if isinstance(event, (Complete, Error)) and shares:
                    self.feed = job, feed
                yield event

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
        elif not (self._stopping.is_set() and failure):
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
                except Exception as bug:
                    self._bug = bug
                self._running.pop(number, None)
                self._wake.put(None)
                lane.settle()

    def _outcome(self, lane: _Lane, number: int, call: Call) -> Outcome:
        client, sent = lane.client, False
        try:
            shared = self._work.shared
            data = files.replaced(
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
            return Outcome(number, self._result(client, number, events))
        except Failure as failure:
            return Outcome(number, failure=failure, unsent=not sent)
        except RecursionError:
            return Outcome(number, failure=StreamBroken("the outputs are nested too deeply"))

    def _result(
        self, client: Client, number: int, events: Generator[Event, None, None]
    ) -> list[Any]:
        output = self._work.output
        with closing(events):
            for event in events:
                match event:
                    case Complete(data):
                        if output is None:
                            return data
                        return client.save(data, output, untold, prefix=f"{number}-")
                    case Error(failure):
                        raise failure
                    case _:
                        pass
        raise StreamBroken("the event stream ended before the result")


def untold(name: str, done: int, total: int | None) -> None:
    """Where nobody is told of a transfer: rows are told of, not their files."""
