"""Many rows through one endpoint, several at a time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import Any

from gradio_curl.client.attentive import next_of
from gradio_curl.client.client import Client
from gradio_curl.client.downloads import Saved, Saver
from gradio_curl.client.jobs import Job
from gradio_curl.client.local_files import Inputs
from gradio_curl.client.retries import safe_to_resend
from gradio_curl.client.row_sessions import SessionGate, SessionSharing
from gradio_curl.client.runs import Run
from gradio_curl.client.side_by_side import Left
from gradio_curl.client.transport import Transport
from gradio_curl.client.waiting import Outage
from gradio_curl.errors import (
    CannotWrite,
    ConnectFailed,
    Failure,
    HostNotFound,
    InputError,
    NoFile,
    Refused,
    Stop,
    StreamBroken,
    Untrusted,
)
from gradio_curl.network import Route
from gradio_curl.protocol import files
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.events import Complete, Error, Generating, is_update
from gradio_curl.protocol.files import Local
from gradio_curl.protocol.output_names import ROW, fields_of
from gradio_curl.protocol.schema import Endpoint

_MOST_OUT_OF_ORDER = 1000  # outcomes that wait for one before them
_GRACE = 1.5  # seconds for what is in flight when the batch is stopped
_GRACE_TO_REMOVE = 0.5  # seconds more, to remove the files of rows that are not saved completely
_LEFT = "the batch was stopped while the files of the row were saved"
_RETURNS = 5  # of an app that is gone again at once: then something else is wrong
_FATAL = (ConnectFailed, HostNotFound, Refused, Untrusted)


@dataclass(frozen=True, slots=True)
class RowCall:
    """A row to do: its checked call, and its input as it was typed."""

    number: int
    call: Call
    input: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: its `data`, or the failure. `unsent`: no job was queued for it.

    Both, where the job was done and only its files could not be saved. `saved` has the paths of
    what was; None where nothing was to be saved.
    """

    row: RowCall
    data: list[Any] | None = None
    failure: Failure | None = None
    unsent: bool = False
    saved: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with every row. Files in `shared` are uploaded already.

    The files that a row returns have its number in front, `digits` wide.
    """

    endpoint: Endpoint
    route: Route
    session_hash: str | None
    inputs: Inputs
    saver: Saver | None
    shared: dict[Local, Any]
    digits: int = 1
    wait: float = 0.0  # seconds, for an app that goes away


class _InOrder:
    """Holds outcomes back until those of the rows before them were delivered."""

    def __init__(self) -> None:
        self._sent: deque[int] = deque()
        self._out_of_order: dict[int, Outcome] = {}

    @property
    def is_full(self) -> bool:
        """Whether too many outcomes wait for another row to be sent."""
        return len(self._out_of_order) >= _MOST_OUT_OF_ORDER

    def sent(self, number: int) -> None:
        """This row comes after those before."""
        self._sent.append(number)

    def deliver(self, outcome: Outcome, deliver: Callable[[Outcome], None]) -> None:
        """Deliver this outcome, and those that waited for it, or keep it."""
        self._out_of_order[outcome.row.number] = outcome
        while self._sent and (first := self._out_of_order.get(self._sent[0])):
            deliver(first)
            del self._out_of_order[self._sent.popleft()]


class Pool:
    """Threads that do rows, each with a connection of its own; outcomes are delivered here.

    Only the thread that calls `run` writes and stops, so that Ctrl-C and time limits find one
    place. With `ordered` outcomes are delivered in the order of the rows. `tell` is called where
    the system starts fewer threads than `jobs`.
    """

    def __init__(
        self,
        client: Client,
        work: Work,
        jobs: int,
        ordered: bool = False,
        tell: Callable[[str], None] = lambda message: None,
    ) -> None:
        self._client = client
        self._work = work
        self._tell = tell
        self._most_in_flight = 2 * jobs
        self._todo: SimpleQueue[RowCall | None] = SimpleQueue()
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._finished: deque[Outcome] = deque()
        self._running: dict[int, Run] = {}
        self._saving: dict[int, Transport] = {}  # of the rows whose files are being saved
        self._stopping = threading.Event()
        self._leaving = threading.Event()
        self._fatal: Failure | None = None
        self._bug: Exception | None = None
        self._in_order = _InOrder() if ordered else None
        self._gate = SessionGate()
        self._blocked_row: RowCall | None = None
        self._outage = Outage(work.wait, self._stopping, self._upload_shared)
        self._threads = [threading.Thread(target=self._thread, daemon=True) for _ in range(jobs)]

    def run(self, rows: Iterator[RowCall], take: Callable[[Outcome], None]) -> None:
        """Do all rows; `take` gets each outcome as soon as it is there.

        Raises what makes every further row pointless (nobody listens, login refused, disk full,
        no row can be read), once the rows in flight are through; the outcome of such a row is not
        delivered, since nothing was done for it.
        """
        try:
            self._start()
            in_flight = self._send(rows, 0)
            while in_flight:
                next_of(self._wake)
                if self._bug is not None:
                    raise self._bug
                in_flight -= self._deliver_finished(take)
                in_flight = self._send(rows, in_flight)
        except BaseException:
            self._stop(take)
            raise
        finally:
            for _ in self._threads:
                self._todo.put(None)
        if self._fatal is not None:
            raise self._fatal

    def _start(self) -> None:
        """Start the threads, or as many as the system lets us (`ulimit -u`)."""
        for started, thread in enumerate(self._threads):
            try:
                thread.start()
            except RuntimeError as error:
                if started == 0:
                    raise InputError("the system lets this command start no thread") from error
                self._tell(
                    f"--jobs {len(self._threads)}: the system lets this command start only "
                    f"{started} threads"
                )
                del self._threads[started:]
                return

    def _send(self, rows: Iterator[RowCall], in_flight: int) -> int:
        """Give the threads rows to do while they take more; gives how many are in flight."""
        while in_flight < self._most_in_flight and self._fatal is None:
            if self._in_order is not None and self._in_order.is_full:
                break
            try:
                row, self._blocked_row = self._blocked_row or next(rows, None), None
            except Failure as failure:  # the rows that were sent are done all the same
                self._fatal = failure
                break
            if row is None:
                break
            if not self._gate.enter(row.number, row.call.session_hash):
                self._blocked_row = row
                break
            if self._in_order is not None:
                self._in_order.sent(row.number)
            self._todo.put(row)
            in_flight += 1
        return in_flight

    def _deliver_finished(self, take: Callable[[Outcome], None]) -> int:
        """Deliver the outcomes that are there; gives how many that were.

        An outcome leaves its place only when it is written, so a signal cannot lose it.
        """
        deliver = partial(self._deliver, take)
        count = 0
        while self._finished:
            outcome = self._finished[0]
            if self._in_order is not None:
                self._in_order.deliver(outcome, deliver)
            else:
                deliver(outcome)
            self._finished.popleft()
            self._gate.leave(outcome.row.number)
            count += 1
        return count

    def _deliver(self, take: Callable[[Outcome], None], outcome: Outcome) -> None:
        failure = outcome.failure
        is_gone = failure is not None and failure is self._outage.failure
        is_refused = is_gone or isinstance(failure, _FATAL)
        is_full = isinstance(failure, CannotWrite) and not isinstance(failure, NoFile)
        if is_full or (outcome.unsent and is_refused):
            self._fatal = failure
            is_told = outcome.data is not None
        else:
            is_told = failure is None or not self._stopping.is_set() or outcome.data is not None
        if is_told:
            take(outcome)

    def _stop(self, take: Callable[[Outcome], None]) -> None:
        """Cancel what runs, and deliver what was done all the same."""
        self._stopping.set()
        for run in list(self._running.values()):
            with suppress(RuntimeError):  # no thread can be started: then it runs on
                threading.Thread(target=run.cancel, daemon=True).start()
        for _ in self._threads:
            self._todo.put(None)
        self._join(_GRACE)
        self._leaving.set()
        if saving := list(self._saving.values()):
            for transport in saving:
                transport.leave()
            self._join(_GRACE_TO_REMOVE)
        with suppress(Failure, Stop):
            self._deliver_finished(take)

    def _join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))

    def _thread(self) -> None:
        work = self._work
        # Only the queue's route knows sessions on every version.
        shares = work.endpoint.stateless and work.session_hash is None and work.route != "call"
        sharing = SessionSharing(shares)
        client = self._client.clone()
        with closing(client.transport):
            while (row := self._todo.get()) is not None:
                try:
                    self._do(row, client, sharing)
                except Exception as bug:
                    self._bug = bug
                    self._wake.put(None)

    def _do(self, row: RowCall, client: Client, sharing: SessionSharing) -> None:
        if self._stopping.is_set():
            self._wake.put(None)
            return
        own, sent = row.call.session_hash, False
        try:
            shared = sharing.take()
            session = self._work.session_hash or own or shared
            job, data = self._submitted(client, row, session)
            sent = True
            with client.run(job, self._work.route, data) as run:
                self._running[row.number] = run
                if self._stopping.is_set():
                    run.cancel()
                outcome, is_changed = self._outcome(client, row, run)
                self._finish(outcome)
                if not own and not is_changed:
                    sharing.settle(run)
        except Failure as failure:
            self._finish(Outcome(row, failure=failure, unsent=not sent))
        except RecursionError:
            self._finish(Outcome(row, failure=StreamBroken("the outputs are nested too deeply")))
        except MemoryError:
            large = StreamBroken("the outputs take more memory than there is")
            self._finish(Outcome(row, failure=large))

    def _submitted(
        self, client: Client, row: RowCall, session: str | None
    ) -> tuple[Job, list[Any]]:
        """The job of a row, queued, and its data. An app that is gone is waited for as `--wait`
        allows; a job that it may have taken is not sent again."""
        for tried in count():
            self._outage.sit_out(client)
            is_posted = False
            try:
                data = self._uploaded(client, row.call.data)
                is_posted = True
                return client.submit(self._work.endpoint, data, session), data
            except Failure as failure:
                is_safe = not is_posted or safe_to_resend(failure)
                if not (is_safe and self._outage.is_noticed(failure)) or tried == _RETURNS:
                    raise
        raise AssertionError("the loop ends with a job or a failure")

    def _upload_shared(self, client: Client) -> None:
        """Upload once more what all rows send: an app that was gone may have lost it."""
        work = self._work
        # What is in a pipe can be read only once.
        known = [local for local in work.shared if work.inputs.content_size(local.path) is not None]
        payloads = client.upload_files(known, work.inputs, no_progress)
        work.shared.update(zip(known, payloads, strict=True))

    def _finish(self, outcome: Outcome) -> None:
        if outcome.failure is not None:
            self._outage.is_noticed(outcome.failure)
        self._finished.append(outcome)
        self._running.pop(outcome.row.number, None)
        self._wake.put(None)

    def _uploaded(self, client: Client, data: list[Any]) -> list[Any]:
        shared = self._work.shared
        data = files.transform(
            data, lambda value: files.is_local(value) and value in shared, shared.get
        )
        uploaded: list[Any] = client.upload_files(data, self._work.inputs, no_progress)
        return uploaded

    def _outcome(self, client: Client, row: RowCall, run: Run) -> tuple[Outcome, bool]:
        """What became of a row's job, its files saved; and whether its session is changed.

        A component of the session may have become another one, for what comes next too.
        """
        is_changed = False
        while True:
            event = next(run)
            if isinstance(event, Complete | Generating):
                is_changed = is_changed or any(map(is_update, event.data))
            match event:
                case Complete(data):
                    saved = self._saved(client, row, data)
                    paths = saved.paths if self._work.saver is not None else None
                    return Outcome(row, saved.data, saved.failure, saved=paths), is_changed
                case Error(failure):
                    return Outcome(row, failure=failure), is_changed

    def _saved(self, client: Client, row: RowCall, data: list[Any]) -> Saved:
        work = self._work
        if work.saver is None:
            return Saved(data)
        fields = {ROW: str(row.number)} | fields_of(work.endpoint.slots, row.call.data)
        self._saving[row.number] = client.transport
        try:
            saved = work.saver.save(client, data, fields, f"{row.number:0{work.digits}}")
        except Left:
            saved = Saved(data, StreamBroken(_LEFT))
        finally:
            del self._saving[row.number]
        if saved.failure is not None and self._leaving.is_set():
            return saved._replace(failure=StreamBroken(_LEFT))
        return saved


def no_progress(name: str, done: int, total: int | None) -> None:
    """For the transfers of a batch, whose bar shows rows."""
