"""What the server says of a job, by the queue's route or by the call route; and stopping a job."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Any
from urllib.parse import quote

import requests

from gradio_curl.client import sse
from gradio_curl.client.deadline import Expired, run_within
from gradio_curl.client.jobs import Job, call_url
from gradio_curl.client.transport import Transport
from gradio_curl.errors import Failure, HTTPFailed, StreamBroken
from gradio_curl.masking import masked
from gradio_curl.network import Route
from gradio_curl.protocol import events, files
from gradio_curl.protocol.events import (
    Bar,
    Complete,
    Error,
    Event,
    Generating,
    Heartbeat,
    Kept,
    Log,
    Progress,
)
from gradio_curl.protocol.schema import App, Endpoint

_CANCEL_TIMEOUT = 2.0  # seconds


def _without_secrets(event: Event) -> Event:
    """An event whose words, for whoever shows them, repeat no secret that was sent.

    Outputs are left as they are: they are the app's data.
    """
    match event:
        case Log(level, message, title, visible):
            return Log(masked(level), masked(message), title and masked(title), visible)
        case Progress(bars):
            return Progress(tuple(map(_bar_without_secrets, bars)))
        case Error(failure):
            failure.message = masked(failure.message)
            failure.title = failure.title and masked(failure.title)
    return event


def _bar_without_secrets(bar: Bar) -> Bar:
    return bar._replace(unit=bar.unit and masked(bar.unit), desc=bar.desc and masked(bar.desc))


class Feeds:
    """The feeds of the jobs of `app` at `url`. Outputs are those that `/info` lists."""

    def __init__(self, transport: Transport, url: str, app: App) -> None:
        self._transport = transport
        self._url = url
        self._app = app
        self._api = f"{url}{app.prefix}"
        self._reply: requests.Response | None = None
        self._queue_refused = False  # by an app without that route, or by a proxy's rule

    @property
    def have_sessions(self) -> bool:
        """Whether jobs of one session can follow each other: only the queue's route tells when."""
        return not self._queue_refused

    def read(self, job: Job, route: Route) -> Generator[Event, None, None]:
        """What the server says of `job`, to the end of the stream."""
        with suppress(MemoryError), closing(self._read(job, route)) as read:
            # With map, no variable keeps a large event while it is used.
            yield from map(partial(self._presented, job.endpoint, Kept()), read)
            return
        # Raised here, where nothing keeps what took the memory.
        raise StreamBroken("an event takes more memory than there is")

    def read_on(self) -> None:
        """Read to the end of the feed, where that comes right behind the result.

        A feed that is left before has to close its connection, and what comes next shakes hands.
        """
        if self._reply is not None:
            self._transport.read_on(self._reply)

    def cancel(self, job: Job, *, running: bool) -> None:
        """Ask the server to stop the job. Never fails, takes two seconds at most.

        Where `running` is False it may still wait: before 6.14 only a reader who leaves takes such
        a job out of the queue, and `/cancel` would undo that.
        """
        gradio = self._app.gradio
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
                    self._transport.post_json(f"{self._api}{route}", body)

        with suppress(Expired):
            run_within(_CANCEL_TIMEOUT, post)

    def _presented(self, endpoint: Endpoint, kept: Kept, event: Event) -> Event:
        """An event with the outputs that are listed and the values that these have by now, or with
        its words free of our secrets."""
        if not isinstance(event, (Complete, Generating)):
            return _without_secrets(event)
        listed = endpoint.listed_outputs(event.data)
        data = kept.outputs(files.with_urls(listed, self._url, self._app.prefix))
        return event if data is event.data else event._replace(data=data)

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

    def _call_feed(self, job: Job) -> Iterator[Event]:
        url = f"{call_url(self._api, job.endpoint)}/{quote(job.event_id, safe='')}"
        for message in self._messages(url):
            event = events.from_call(message.name, message.data, self._app.gradio)
            if event is not None:
                yield event

    def _queue_feed(self, job: Job) -> Iterator[Event]:
        heard = input_closed = False
        version = self._app.gradio
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
        with self._transport.events(url) as response:
            if response.headers.get("Content-Type", "").startswith("text/html"):
                raise HTTPFailed(f"{url} returned text/html instead of events")
            self._reply = response
            try:
                yield from sse.decode(self._transport.chunks(response))
            finally:
                self._reply = None
