"""Running a job: its events to the end, queued again where that is asked for, or left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType

from gradio_curl.client.feeds import Feeds
from gradio_curl.client.jobs import Job
from gradio_curl.errors import Failure, StreamBroken
from gradio_curl.network import Route
from gradio_curl.protocol.events import Complete, Error, Event, Generating, Log, Progress, Started

Resubmitted = Callable[[Job, Failure], Job | None]
"""The job that was queued anew, after a pause, for one that failed; None where none is."""


class Run(Iterator[Event]):
    """The events of a job: any number, then exactly one Complete or Error.

    Used as `with client.run(job) as events`. Who leaves before the end has the job cancelled where
    the server can. A job that the app turned away for now is queued again where that was asked
    for: `job` is then another one. Raises StreamBroken where the stream ends too early.
    """

    def __init__(self, feeds: Feeds, job: Job, route: Route, resubmitted: Resubmitted) -> None:
        self.job = job
        self.running = False  # as far as its events have told
        self._feeds = feeds
        self._route = route
        self._resubmitted = resubmitted
        self._feed = feeds.read(job, route)
        self._ended = False

    def __next__(self) -> Event:
        while not self._ended:
            event = next(self._feed, None)
            if event is None:
                raise StreamBroken("the event stream ended before the result")
            self._ended = isinstance(event, Complete | Error)
            if isinstance(event, Error) and self._starts_over(event.failure):
                continue
            self.running = self.running or isinstance(event, Started | Progress | Log | Generating)
            return event
        raise StopIteration

    def cancel(self) -> None:
        """Ask the server to stop the job; for a thread that does not read its events."""
        self._feeds.cancel(self.job, running=self.running)

    def session_is_free(self) -> bool:
        """Read on behind the last event: whether the job's session can have another job.

        It can if the feed ends now. Gradio takes a reader that leaves before for the end of all
        that the session has (`clean_events`, called by `queue_data_helper`).
        """
        with suppress(Failure, RecursionError):
            return self._feeds.have_sessions and next(self._feed, None) is None
        return False

    def read_on(self) -> None:
        """Read a little behind the result, so that its connection serves the files in it."""
        self._feeds.read_on()

    def close(self) -> None:
        """Leave: the job is cancelled if it has not ended."""
        try:
            if not self._ended:
                self._ended = True
                self.cancel()
        finally:
            self._feed.close()

    def _starts_over(self, failure: Failure) -> bool:
        """Whether the job was queued again after `failure`."""
        job = self._resubmitted(self.job, failure)
        if job is None:
            return False
        self._feed.close()
        self.job, self._feed = job, self._feeds.read(job, self._route)
        self.running = self._ended = False
        return True

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
