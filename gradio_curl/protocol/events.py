"""The messages of either route, as one Event type.

`/queue/data` sends ``data: {"msg": …}`` lines (see `from_queue`), `/call/<api>/<id>` sends four
named events (see `from_call`). Both give the same: any number of events, then one Complete or
Error. Seen on Gradio 4.20.0, 4.44.1, 5.50.0 and 6.31.0.

What every call loads is a NamedTuple where it can be: to define a frozen dataclass takes ten times
as long (0.6 ms), and two dozen of them were a tenth of a whole call. As tuples they are equal where
their fields are, whatever their type.
"""

from __future__ import annotations

import ast
import json
from typing import Any, NamedTuple

from gradio_curl.errors import AppError, Busy, Failure, StreamBroken


class Queued(NamedTuple):
    """Waiting: `rank` jobs are before this one (of `queue_size`); `eta` in seconds."""

    rank: int | None
    queue_size: int | None
    eta: float | None


class Started(NamedTuple):
    """The function runs; `eta` is the app's own estimate in seconds."""

    eta: float | None


class Bar(NamedTuple):
    """One progress bar: `done` of `length` `unit`, or a `fraction` from 0 to 1."""

    done: float | None
    length: float | None
    unit: str | None
    fraction: float | None
    desc: str | None


class Progress(NamedTuple):
    """The bars of `gr.Progress`, outermost first."""

    bars: tuple[Bar, ...]


class Log(NamedTuple):
    """`gr.Info` and `gr.Warning`; `level` is `info`, `warning` or what the server says."""

    level: str
    message: str
    title: str | None


class Generating(NamedTuple):
    """Outputs so far, each in full."""

    data: list[Any]


class Heartbeat(NamedTuple):
    """A sign of life, every 15 seconds."""


class Complete(NamedTuple):
    """The result."""

    data: list[Any]


class Error(NamedTuple):
    """The end without a result."""

    failure: Failure


Event = Queued | Started | Progress | Log | Generating | Heartbeat | Complete | Error


def is_update(value: Any) -> bool:
    """Whether an output sets properties of its component (`gr.update`), not its value alone."""
    return isinstance(value, dict) and value.get("__type__") == "update"


_HIDDEN = "the app reported an error without a message"
_HIDDEN_HINT = "show_error=True in the app's launch() would show it"
_HIDDEN_BY_ROUTE = (
    f"before Gradio 6 this route has no messages: try --route queue; or {_HIDDEN_HINT}"
)


def from_call(name: str, data: str) -> Event | None:
    """One event of `GET /call/<api>/<event_id>`; None for a kind that is not known."""
    match name:
        case "generating":
            return Generating(_outputs(_parse(data)))
        case "complete" | "completed":
            value = _parse(data)
            return Error(_cancelled()) if value is None else Complete(_outputs(value))
        case "heartbeat":
            return Heartbeat()
        case "error":
            value = _parse(data)
            if isinstance(value, dict):
                return Error(_app_error(value.get("error")))
            return Error(_session_error(value) or _app_error(value, _HIDDEN_BY_ROUTE))
        case _:
            return None


def from_queue(data: str, event_id: str) -> Event | None:
    """One message of `GET /queue/data`; None for another job's and for an unknown kind.

    `unexpected_error` belongs to nobody and ends every job of the session: so it ends this one.
    """
    message = _parse(data)
    if not isinstance(message, dict):
        raise StreamBroken("the event stream holds a message that is no object")
    if message.get("event_id") not in (event_id, None):
        return None
    match message.get("msg"):
        case "estimation":
            return Queued(message.get("rank"), message.get("queue_size"), message.get("rank_eta"))
        case "process_starts":
            return Started(message.get("eta"))
        case "progress":
            bars = message.get("progress_data") or []
            if not isinstance(bars, list):
                raise StreamBroken("the event stream holds progress bars that are no list")
            return Progress(tuple(map(_bar, bars)))
        case "log":
            level, log = message.get("level") or "info", message.get("log") or ""
            return Log(str(level), str(log), message.get("title"))
        case "process_generating" | "process_streaming" if message.get("success", True):
            return Generating(_outputs(_output(message).get("data")))
        case "process_completed" | "process_generating" | "process_streaming":
            return _completed(message)
        case "heartbeat":
            return Heartbeat()
        case "unexpected_error":
            text = message.get("message")
            return Error(_session_error(text, message) or _uncarried(text))
        case "queue_full":
            return Error(Busy("the app's queue is full"))
        case _:
            return None


def _completed(message: dict[str, Any]) -> Event:
    output = _output(message)
    if not message.get("success", True):
        return Error(_app_error(output.get("error")))
    if "data" not in output:
        return Error(_cancelled())
    return Complete(_outputs(output["data"]))


def _cancelled() -> AppError:
    """What /cancel leaves (4.44 and later) looks like a success, but without outputs."""
    return AppError("the job was cancelled")


def _output(message: dict[str, Any]) -> dict[str, Any]:
    output = message.get("output")
    if not isinstance(output, dict):
        raise StreamBroken("the event stream holds a message without an output")
    return output


def _outputs(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise StreamBroken("the event stream holds outputs that are no list")
    return value


def _bar(unit: Any) -> Bar:
    if not isinstance(unit, dict):
        raise StreamBroken("the event stream holds a progress bar that is no object")
    fields = (unit.get(key) for key in ("index", "length", "unit", "progress", "desc"))
    return Bar(*fields)


def _session_error(text: Any, message: dict[str, Any] | None = None) -> Failure | None:
    """The server's word that it knows no such job (any more)."""
    if text in ("404: Session not found.", "404: Not Found") or (
        message is not None and message.get("session_not_found")
    ):
        return StreamBroken(
            "the server has no such job (any more)",
            "its events were read already, the app was restarted, or another reader of the same "
            "session took them",
        )
    if text == "Server stopped unexpectedly.":
        return StreamBroken("the app was stopped while the job ran")
    return None


def _uncarried(text: Any) -> AppError:
    """The queue's own failure, such as for integers over 64 bits; `/call` may carry the result."""
    failure = _app_error(text)
    return AppError(failure.message, failure.hint or "--route call may carry the result")


def _app_error(text: Any, hint: str = _HIDDEN_HINT) -> AppError:
    if text is None:
        return AppError(_HIDDEN, hint)
    text = _unquoted(text if isinstance(text, str) else json.dumps(text))
    return AppError(text.strip("\n") or "the app reported an error with an empty message")


def _unquoted(text: str) -> str:
    """4.x sends `str()` of a `gr.Error`, which puts its message in quotes."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        try:
            value = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            return text
        return value if isinstance(value, str) else text
    return text


def _parse(data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise StreamBroken(f"the event stream holds data that is no JSON ({error})") from error
