"""Events as JSON Lines."""

from __future__ import annotations

from typing import Any

from gradio_curl.errors import Failure
from gradio_curl.protocol.events import (
    Bar,
    Complete,
    Error,
    Event,
    Generating,
    Heartbeat,
    Log,
    Progress,
    Queued,
    Started,
)
from gradio_curl.render.renderer import Renderer
from gradio_curl.render.stdio import Stdout, to_json
from gradio_curl.render.text import failure_fields


def event_fields(event: Event) -> tuple[str, dict[str, Any]]:
    """The name of an event, and its fields."""
    match event:
        case Generating(data):  # of which there are thousands, comes first
            return "generating", {"data": data}
        case Queued():
            return "queued", event._asdict()
        case Started():
            return "started", event._asdict()
        case Progress(bars):
            return "progress", {"progress": [_bar_fields(bar) for bar in bars]}
        case Log(visible=visible):
            fields = event._asdict()
            if visible:
                del fields["visible"]
            return "log", fields
        case Heartbeat():
            return "heartbeat", {}
        case Complete(data):
            return "complete", {"data": data}
        case Error(failure):
            return "error", failure_fields(failure)


def _bar_fields(bar: Bar) -> dict[str, Any]:
    fields = bar._asdict()
    return {"index": fields.pop("done"), **fields}


class JsonLines(Renderer):
    """Writes an event a line, at once: `{"event": …, "t": seconds since the start, …}`."""

    def __init__(self, stdout: Stdout) -> None:
        self._stdout = stdout

    def show(self, event: Event, t: float) -> None:
        """Write one event."""
        name, fields = event_fields(event)
        self._stdout.json(to_json({"event": name, "t": round(t, 3), **fields}))

    def finish(self, data: list[Any], t: float) -> None:
        """Write the result."""
        self.show(Complete(data), t)

    def fail(self, failure: Failure, t: float) -> None:
        """Write the failure as the last event, with the result that it may have."""
        self.show(Error(failure), t)

    def interrupt(self, failure: Failure, t: float) -> None:
        """Write the last event: without it the lines would seem to be cut off."""
        self.fail(failure, t)
