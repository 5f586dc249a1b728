"""A queued job, and reading its events to the end or leaving it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from types import TracebackType
from typing import NamedTuple, Protocol

from gradio_curl.errors import StreamBroken
from gradio_curl.network import Route
from gradio_curl.protocol.events import Complete, Error, Event, Generating, Log, Progress, Started
from gradio_curl.protocol.schema import Endpoint


class Job(NamedTuple):
    """A queued job. Its events can be read once, by one of the two routes."""

    endpoint: Endpoint
    event_id: str
    session_hash: str | None

    @property
    def feed(self) -> str:
        """The session_hash of its messages on `/queue/data`: the event id where none was sent."""
        return self.session_hash or self.event_id


class Server(Protocol):
    """What a run needs of the client."""

    def feed(self, job: Job, route: Route) -> Generator[Event, None, None]:
        """What the server says of `job`, to the end of the stream."""

    def cancel(self, job: Job, *, running: bool = True) -> None:
        """Ask the server to stop the job."""

    def is_over(self, feed: Iterator[Event]) -> bool:
        """Read on behind a job's last event: whether its session can have another job."""


class Run(Iterator[Event]):
    """The events of a job: any number, then exactly one Complete or Error.

    Used as `with client.run(job) as events`. Who leaves before the end has the job cancelled where
    the server can. Raises StreamBroken where the stream ends too early.
    """

    def __init__(self, server: Server, job: Job, route: Route) -> None:
        self.job = job
        self.running = False  # as far as its events have told
        self._server = server
        self._feed = server.feed(job, route)
        self._ended = False

    def __next__(self) -> Event:
        if self._ended:
            raise StopIteration
        event = next(self._feed, None)
        if event is None:
            raise StreamBroken("the event stream ended before the result")
        self._ended = isinstance(event, Complete | Error)
        self.running = self.running or isinstance(event, Started | Progress | Log | Generating)
        return event

    def cancel(self) -> None:
        """Ask the server to stop the job; for a thread that does not read its events."""
        self._server.cancel(self.job, running=self.running)

    def session_is_free(self) -> bool:
        """Read on behind the last event: whether the job's session can have another job."""
        return self._server.is_over(self._feed)

    def close(self) -> None:
        """Leave: the job is cancelled if it has not ended."""
        try:
            if not self._ended:
                self._ended = True
                self.cancel()
        finally:
            self._feed.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
