"""One app: what it expects, uploading to it, queueing a job, running it to its end."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

from gradio_curl.client.feeds import Feeds
from gradio_curl.client.jobs import Job, call_url
from gradio_curl.client.local_files import Inputs
from gradio_curl.client.retries import give_up, pause, safe_to_resend
from gradio_curl.client.runs import Run
from gradio_curl.client.transfers import Transferred
from gradio_curl.client.transport import Transport
from gradio_curl.client.uploads import Uploads
from gradio_curl.errors import Failure, Fault, HTTPFailed, InputError
from gradio_curl.masking import hide
from gradio_curl.network import Route
from gradio_curl.protocol import files
from gradio_curl.protocol.schema import App, Endpoint

_T = TypeVar("_T")


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
        self._use(app)

    def _use(self, app: App) -> None:
        self.app = app
        self._api = f"{self.url}{app.prefix}"
        self._feeds = Feeds(self.transport, self.url, app)

    def clone(self) -> Client:
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
            self._use(self._ask_anew().app)
            self._ask_anew = None
        start_over()
        return bind()

    def faults(self, data: list[Any], inputs: Inputs) -> list[Fault]:
        """What speaks against uploading the files in `data`."""
        told = (inputs.fault(local, self.app.max_file_size) for local in files.local_files(data))
        return [fault for fault in told if fault is not None]

    def upload_files(
        self, data: Any, inputs: Inputs, transferred: Transferred, at_once: int = 1
    ) -> Any:
        """`data` with every local file uploaded, each distinct one once.

        Up to `at_once` connections are used.
        """
        distinct = list(dict.fromkeys(files.local_files(data)))
        uploads = Uploads(self.transport, f"{self._api}/upload", inputs, self.app.max_file_size)
        sent = uploads.send([local.path for local in distinct], transferred, at_once)
        payloads = dict(zip(distinct, sent, strict=True))
        return files.transform(data, files.is_local, payloads.__getitem__)

    def route_faults(
        self, endpoint: Endpoint, route: Route, session_hash: str | None
    ) -> list[Fault]:
        """What speaks against the call route where it is asked for: it would lose the result."""
        hint = "leave out --route call"
        if route == "call" and not endpoint.has_call_route:
            return [Fault(f"no /call route carries the name {endpoint.name}", hint)]
        keeps_sessions = self.app.gradio.call_route_keeps_sessions
        if route == "call" and session_hash is not None and not keeps_sessions:
            said = "before Gradio 6.18, --route call loses the result of a session"
            return [Fault(said, hint)]
        return []

    def submit(self, endpoint: Endpoint, data: list[Any], session_hash: str | None = None) -> Job:
        """Queue a job. From here on it runs, whether anybody listens or not."""
        body: dict[str, Any] = {"data": data}
        url = call_url(self._api, endpoint)
        if not endpoint.has_call_route:
            # The queue's own route takes what has no URL of its own, but only in a session.
            # With `simple_format` every output comes in full, as on the call route.
            url = f"{self._api}/queue/join"
            session_hash = session_hash or os.urandom(8).hex()
            body |= {"fn_index": endpoint.fn_index, "simple_format": True}
        if session_hash is not None:
            body["session_hash"] = session_hash
        token = self.transport.network.oauth_token if endpoint.oauth_token else None
        if token is not None:
            body["oauth_token"] = token.reveal()
            hide(token.reveal())
        answer = self.transport.submit(url, body, own_only=token is not None)
        event_id = answer.get("event_id") if isinstance(answer, dict) else None
        if not event_id or not isinstance(event_id, str):
            raise HTTPFailed(f"{url} returned no event_id")
        if " " in event_id or not event_id.isprintable():
            raise HTTPFailed(f"{url} returned an event_id with blanks or control characters")
        return Job(endpoint, event_id, session_hash)

    def run(self, job: Job, route: Route = "auto", data: list[Any] | None = None) -> Run:
        """The events of `job` as they arrive, for a `with` block.

        Outputs are those that `/info` lists, their files with right URLs. With the `data` of the
        job it is submitted again, as `--retry` allows, where the app turned it away for now.
        """
        retries = 0 if data is None else self.transport.network.retry
        tried = count()

        def resubmitted(refused: Job, failure: Failure) -> Job | None:
            if data is None or not safe_to_resend(failure):
                return None
            number = next(tried)
            if number >= retries:
                give_up(failure, retries)
                return None
            if not pause(number, failure, self.transport.network.tell):
                return None
            return self.submit(refused.endpoint, data, refused.session_hash)

        return Run(self._feeds, job, route, resubmitted)
