"""A queued job, and the routes by which its events can be read."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

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


def call_url(api: str, endpoint: Endpoint) -> str:
    """Where a job of `endpoint` is queued; its events are one step below."""
    return f"{api}/call/{quote(endpoint.name.removeprefix('/'), safe='')}"
