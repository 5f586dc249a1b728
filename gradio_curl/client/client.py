"""One app: what it expects, uploading, queueing a job, its events, cancelling, downloading."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from gradio_curl.client import sse
from gradio_curl.client.jobs import Job, Run
from gradio_curl.client.local_files import Inputs, over_limit
from gradio_curl.client.transport import Transport
from gradio_curl.errors import (
    Failure,
    Fault,
    HTTPFailed,
    InputError,
    StreamBroken,
)
from gradio_curl.network import Route
from gradio_curl.protocol import events, files
from gradio_curl.protocol.events import Complete, Error, Event, Generating, Heartbeat
from gradio_curl.protocol.schema import App, Endpoint

Transferred = Callable[[str, int, int | None], None]
"""Told of a transfer as it goes: the file's name, bytes so far, bytes in all if known."""

_T = TypeVar("_T")
_CANCEL_TIMEOUT = 2.0  # seconds


class Client:
    """A connection to the app at `url` (no slash at the end), which says `app` of itself."""

    def __init__(
        self,
        transport: Transport,
        url: str,
        app: App,
        ask_anew: Callable[[], Client] | None = None,
    ) -> None:
        self._ask_anew = ask_anew
        self.transport = transport
        self.url = url
        self.app = app
        self._api = f"{url}{app.prefix}"
        self._queue_refused = False  # by an app without that route, or by a proxy's rule

    def twin(self) -> Client:
        """The same app by a connection of its own."""
        return Client(self.transport.clone(), self.url, self.app)

    def fit(self, bind: Callable[[], _T], start_over: Callable[[], None]) -> _T:
        """What `bind` makes of the words that were typed, by what the app expects.

        Before a fault is told of an app that is only remembered, the app is asked anew: a notebook
        may have launched it again with other endpoints under the same `app_id`. `start_over` is
        called before `bind` reads the words again.
        """
        try:
            return bind()
        except InputError:
            if self._ask_anew is None:
                raise
            self.app, self._ask_anew = self._ask_anew().app, None
        start_over()
        return bind()

    def faults(self, data: list[Any], inputs: Inputs) -> list[Fault]:
        """What speaks against uploading the files in `data`."""
        told = (inputs.fault(local, self.app.max_file_size) for local in files.local_files(data))
        return [fault for fault in told if fault is not None]

    def upload_files(self, data: Any, inputs: Inputs, transferred: Transferred) -> Any:
        """`data` with every local file uploaded, each distinct one once."""
        payloads = {
            local: self._upload(local.path, inputs, transferred)
            for local in dict.fromkeys(files.local_files(data))
        }
        return files.transform(data, files.is_local, payloads.__getitem__)

    def _upload(self, path: str, inputs: Inputs, transferred: Transferred) -> dict[str, Any]:
        name = inputs.name(path)
        with inputs.open(path) as file:
            size = file.seek(0, 2)
            if fault := over_limit(path, size, self.app.max_file_size):
                raise InputError(fault)
            paths = self.transport.upload(
                f"{self._api}/upload", name, file, lambda sent: transferred(name, sent, size)
            )
        if not isinstance(paths, list) or len(paths) != 1 or not isinstance(paths[0], str):
            raise HTTPFailed(f"{self._api}/upload answers with something else than a path")
        return files.from_upload(paths[0], name)

    def check_route(self, endpoint: Endpoint, route: Route, session_hash: str | None) -> None:
        """Raise InputError where the call route is asked for and would lose the result."""
        if route != "call":
            return
        hint = "leave out --route call"
        if not endpoint.has_call_route:
            raise InputError(Fault(f"no /call route carries the name {endpoint.name}", hint))
        if session_hash is not None and not self.app.gradio.call_route_keeps_sessions:
            said = "before Gradio 6.18, --route call loses the result of a session"
            raise InputError(Fault(said, hint))

    def submit(self, endpoint: Endpoint, data: list[Any], session_hash: str | None = None) -> Job:
        """Queue a job. From here on it runs, whether anybody listens or not."""
        body: dict[str, Any] = {"data": data}
        url = self._call_url(endpoint)
        if not endpoint.has_call_route:
            # The queue's own route takes what has no URL of its own, but only in a session.
            # With `simple_format` every output comes in full, as on the call route.
            url = f"{self._api}/queue/join"
            session_hash = session_hash or secrets.token_hex(8)
            body |= {"fn_index": endpoint.fn_index, "simple_format": True}
        if session_hash is not None:
            body["session_hash"] = session_hash
        token = self.transport.network.oauth_token if endpoint.oauth_token else None
        if token is not None:
            body["oauth_token"] = token.reveal()
        answer = self.transport.submit(url, body, own_only=token is not None)
        event_id = answer.get("event_id") if isinstance(answer, dict) else None
        if not isinstance(event_id, str):
            raise HTTPFailed(f"{url} returned no event_id")
        return Job(endpoint, event_id, session_hash)

    def run(self, job: Job, route: Route = "auto") -> Run:
        """The events of `job` as they arrive, for a `with` block.

        Outputs are those that `/info` lists, their files with right URLs.
        """
        return Run(self, job, route)

    def events(self, job: Job, feed: Iterator[Event]) -> Generator[Event, None, None]:
        """The events of `job` in its `feed`; like `run`, for who owns the feed."""
        ended = False
        try:
            for event in feed:
                ended = isinstance(event, (Complete, Error))
                yield event
                if ended:
                    return
            raise StreamBroken("the event stream ended before the result")
        finally:
            if not ended:
                self.cancel(job)

    def cancel(self, job: Job, *, running: bool = True) -> None:
        """Ask the server to stop the job. Never fails, takes two seconds at most.

        Where `running` is False it may still wait: before 6.14 only a reader who leaves takes such
        a job out of the queue, and `/cancel` would undo that.
        """
        gradio = self.app.gradio
        if not running and not gradio.cancels_waiting_jobs:
            return
        requests: list[tuple[str, dict[str, Any]]] = []
        if gradio.has_cancel:
            fn_index = job.endpoint.fn_index
            body = {"session_hash": job.feed, "fn_index": fn_index, "event_id": job.event_id}
            requests.append(("/cancel", body))
        if gradio.resets_generators:
            requests.append(("/reset", {"event_id": job.event_id}))
        self._post_quietly(requests)

    def _post_quietly(self, requests: list[tuple[str, dict[str, Any]]]) -> None:
        """Post what the server may ignore, within one deadline however slowly it answers."""

        def post() -> None:
            for route, body in requests:
                with suppress(Failure):
                    url = f"{self._api}{route}"
                    self.transport.post_json(url, body, timeout=_CANCEL_TIMEOUT)

        # A socket's limit counts from byte to byte. The thread ends with the process.
        thread = threading.Thread(target=post, daemon=True)
        thread.start()
        thread.join(_CANCEL_TIMEOUT)

    def _with_outputs(self, endpoint: Endpoint, event: Event) -> Event:
        if not isinstance(event, (Complete, Generating)):
            return event
        listed = endpoint.listed_outputs(event.data)
        data = files.with_urls(listed, self.url, self.app.prefix)
        return event if data is event.data else event._replace(data=data)

    def feed(self, job: Job, route: Route) -> Generator[Event, None, None]:
        """What the server says of `job`, to the end of the stream; for `run`."""
        with closing(self._read(job, route)) as events:
            # With map, no variable keeps a large event while it is used.
            yield from map(partial(self._with_outputs, job.endpoint), events)

    def _read(self, job: Job, route: Route) -> Generator[Event, None, None]:
        only_queue = route == "queue" or not job.endpoint.has_call_route
        if only_queue or (route == "auto" and not self._queue_refused):
            try:
                yield from self._queue_feed(job)
                return
            except HTTPFailed as failure:
                # Refused before anything was read.
                if only_queue or failure.status not in (404, 405):
                    raise
                self._queue_refused = True
        yield from self._call_feed(job)

    def is_over(self, feed: Iterator[Event]) -> bool:
        """Read on behind a job's last event: whether its session can have another job.

        It can if the queue feed ends now. Gradio takes a reader that leaves before for the end of
        all that the session has (`clean_events`, called by `queue_data_helper`).
        """
        with suppress(Failure):
            return not self._queue_refused and next(feed, None) is None
        return False

    def _call_feed(self, job: Job) -> Iterator[Event]:
        url = f"{self._call_url(job.endpoint)}/{quote(job.event_id, safe='')}"
        for message in self._messages(url):
            event = events.from_call(message.name, message.data, self.app.gradio)
            if event is not None:
                yield event

    def _queue_feed(self, job: Job) -> Iterator[Event]:
        heard = input_closed = False
        version = self.app.gradio
        url = f"{self._api}/queue/data?session_hash={quote(job.feed, safe='')}"

        def read(message: sse.ServerSentEvent) -> Event | None:
            return events.from_queue(message.data, job.event_id, version)

        # With map, no variable keeps a large message while its event is used.
        for event in map(read, self._messages(url)):
            if event is None:
                continue
            if isinstance(event, Heartbeat) and not heard:
                # Every job is told its place at once: somebody else was told ours.
                if job.session_hash:
                    raise StreamBroken("another reader of the same session took this job's events")
                raise StreamBroken("this job's events were read already")
            heard = heard or not isinstance(event, Heartbeat)
            if isinstance(event, Generating) and job.endpoint.streams_input and not input_closed:
                input_closed = True
                self._close_input(job)
            yield event

    def _close_input(self, job: Job) -> None:
        """An endpoint that streams its input waits for more until its time limit: there is none."""
        self._post_quietly([(f"/stream/{quote(job.event_id, safe='')}/close", {})])

    def _messages(self, url: str) -> Iterator[sse.ServerSentEvent]:
        with self.transport.stream(url, accept="text/event-stream") as response:
            if response.headers.get("Content-Type", "").startswith("text/html"):
                raise HTTPFailed(f"{url} answers with text/html, not with events")
            yield from sse.decode(self.transport.chunks(response))

    def _call_url(self, endpoint: Endpoint) -> str:
        return f"{self._api}/call/{quote(endpoint.name.removeprefix('/'), safe='')}"
