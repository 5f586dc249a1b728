"""The messages of either route, as one Event type.

`/queue/data` sends ``data: {"msg": …}`` lines (see `from_queue`), `/call/<api>/<id>` sends four
named events (see `from_call`). Both give the same: any number of events, then one Complete or
Error. Seen on Gradio 4.20.0, 4.44.1, 5.50.0 and 6.31.0. Every field has its declared type, whatever
the app sends: what has another type becomes its text, or None.

What every call loads is a NamedTuple where it can be: to define a frozen dataclass takes ten times
as long (0.6 ms), and two dozen of them were a tenth of a whole call. As tuples they are equal where
their fields are, whatever their type.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from gradio_curl.errors import AppError, Busy, Failure, StreamBroken
from gradio_curl.protocol.json_errors import is_deeper, why_invalid
from gradio_curl.protocol.versions import LATEST, Version

DEEPEST = 300
"""Levels of nesting in an output: every function that follows it has the stack for so many."""

_TOO_DEEP = f"the event stream has data nested over {DEEPEST} levels deep"
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([\\'\"nrt]))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_TRY_AGAIN = re.compile(r"[Tt]ry again in (?:(\d{1,4}) days?, )?(\d{1,4}):(\d\d):(\d\d)")
# The titles of the errors that the package `spaces` raises where a Space has no GPU to give.
_QUOTA_TITLES = ("ZeroGPU quota exceeded", "ZeroGPU pending credits exceeded")
# What they say: some have a title that others share, and before Gradio 5.3 none has one.
_NO_GPU = re.compile(
    "No GPU was available|ZeroGPU runs limit|reached its GPU limit|ZeroGPU credits allocated"
)
_PLAIN_TITLES = ("", "error", "info", "warning", "success")


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
    """`gr.Info` and `gr.Warning`; `level` is `info`, `warning` or what the server says.

    One that is not `visible` is not meant for a person (4.37 and later).
    """

    level: str
    message: str
    title: str | None
    visible: bool = True


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


class Unchanged:
    """Stands for an output that its job has not set: JSON has null for it."""


UNCHANGED = Unchanged()


class Kept:
    """The values that the outputs of one job have, event by event.

    An update without a value, such as `gr.skip()`, leaves an output as it was: its value is the one
    that this job gave it before.
    """

    def __init__(self) -> None:
        self._values: list[Any] = []

    def outputs(self, data: list[Any]) -> list[Any]:
        """The outputs of the next event, each with the value that it then has.

        An update of properties gets that value; what was never set is UNCHANGED, and an update of
        it stays as it is.
        """
        if not any(map(is_update, data)):
            self._values = data
            return data
        before = [*self._values, *[UNCHANGED] * (len(data) - len(self._values))]
        data = [_after(value, output) for value, output in zip(before, data, strict=False)]
        self._values = [_value_of(output) for output in data]
        return data


def _after(before: Any, output: Any) -> Any:
    if not is_update(output) or "value" in output:
        return output
    if output.keys() == {"__type__"}:
        return before
    return output if before is UNCHANGED else {**output, "value": before}


def _value_of(output: Any) -> Any:
    return output.get("value", UNCHANGED) if is_update(output) else output


RETRY = "use --retry N to try again"


def titled(title: str | None, message: str) -> str:
    """A message of the app under its title, where that says more than `Error` or `Info`."""
    if title is None or title.strip().lower() in _PLAIN_TITLES or title == message:
        return message
    return f"{title}: {message}" if message else title


_HIDDEN = "the app reported an error without a message"
_HIDDEN_HINT = "show_error=True in the app's launch() would show it"
_HIDDEN_BY_ROUTE = (
    f"before Gradio 6.13 this route drops messages: try --route queue; or {_HIDDEN_HINT}"
)
_NO_JSON_OUTPUTS = (
    "from Gradio 4.31 to 4.42 this route can't carry the output of gr.JSON, and before 6.13 it "
    "drops messages: try --route queue"
)


def from_call(name: str, data: str, version: Version = LATEST) -> Event | None:
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
            return Error(_call_error(_parse(data), version))
        case _:
            return None


def from_queue(data: str, event_id: str, version: Version = LATEST) -> Event | None:
    """One message of `GET /queue/data`; None for another job's and for an unknown kind.

    `unexpected_error` belongs to nobody and ends every job of the session: so it ends this one.
    """
    message = _parse(data)
    if not isinstance(message, dict):
        raise StreamBroken("the event stream has a message that is not an object")
    if message.get("event_id") not in (event_id, None):
        return None
    kind = message.get("msg")
    read = _QUEUE_MESSAGES.get(kind) if isinstance(kind, str) else None
    return read(message, version) if read else None


def _queued(message: dict[str, Any], _: Version) -> Event:
    return Queued(
        _whole(message.get("rank")),
        _whole(message.get("queue_size")),
        _number(message.get("rank_eta")),
    )


def _started(message: dict[str, Any], _: Version) -> Event:
    return Started(_number(message.get("eta")))


def _progress(message: dict[str, Any], _: Version) -> Event:
    bars = message.get("progress_data") or []
    if not isinstance(bars, list):
        raise StreamBroken("the event stream has progress bars that are not a list")
    return Progress(tuple(map(_bar, bars)))


def _bar(unit: Any) -> Bar:
    if not isinstance(unit, dict):
        raise StreamBroken("the event stream has a progress bar that is not an object")
    return Bar(
        done=_number(unit.get("index")),
        length=_number(unit.get("length")),
        unit=_text(unit.get("unit")),
        fraction=_number(unit.get("progress")),
        desc=_text(unit.get("desc")),
    )


def _log(message: dict[str, Any], _: Version) -> Event:
    level, log = _text(message.get("level")), _text(message.get("log"))
    visible = message.get("visible") is not False
    return Log(level or "info", log or "", _text(message.get("title")), visible)


def _generating(message: dict[str, Any], version: Version) -> Event:
    if not message.get("success", True):
        return _completed(message, version)
    return Generating(_outputs(_output(message).get("data")))


def _completed(message: dict[str, Any], version: Version) -> Event:
    output = _output(message)
    if not message.get("success", True):
        title = _text(output.get("title")) or _text(message.get("title"))
        return Error(_app_error(output.get("error"), version, title))
    if "data" not in output:
        return Error(_cancelled())
    return Complete(_outputs(output["data"]))


def _unexpected(message: dict[str, Any], version: Version) -> Event:
    """The queue's own failure, such as for integers over 64 bits; `/call` may carry the result."""
    text = message.get("message")
    if lost := _session_error(text, message):
        return Error(lost)
    failure = _app_error(text, version)
    if version.call_route_carries_large_integers and not failure.hint:
        failure.hint = "--route call may carry the result"
    return Error(failure)


_QUEUE_MESSAGES: dict[str, Callable[[dict[str, Any], Version], Event]] = {
    "estimation": _queued,
    "process_starts": _started,
    "progress": _progress,
    "log": _log,
    "process_generating": _generating,
    "process_streaming": _generating,
    "process_completed": _completed,
    "heartbeat": lambda message, version: Heartbeat(),
    "unexpected_error": _unexpected,
    "queue_full": lambda message, version: Error(_queue_full()),
}


def _call_error(value: Any, version: Version) -> Failure:
    if isinstance(value, dict):
        return _app_error(value.get("error"), version, _text(value.get("title")))
    if lost := _session_error(value):
        return lost
    if version.call_route_has_messages:
        return _app_error(value, version)
    if not version.call_route_carries_json:
        return _app_error(value, version, hint=_NO_JSON_OUTPUTS)
    return _app_error(value, version, hint=_HIDDEN_BY_ROUTE)


def _queue_full() -> Busy:
    return Busy("the app's queue is full", RETRY, turned_away=True)


def _cancelled() -> AppError:
    """What /cancel leaves (4.44 and later) looks like a success, but without outputs."""
    return AppError("the job was cancelled")


def _output(message: dict[str, Any]) -> dict[str, Any]:
    output = message.get("output")
    if not isinstance(output, dict):
        raise StreamBroken("the event stream has a message without an output")
    return output


def _outputs(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise StreamBroken("the event stream has outputs that are not a list")
    return value


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value)
    except ValueError:  # an integer with more digits than Python prints
        return None


def _number(value: Any) -> float | None:
    """A number that can be computed with; an int stays one, as a count is printed without `.0`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None


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


def _app_error(
    text: Any, version: Version, title: str | None = None, hint: str = _HIDDEN_HINT
) -> Failure:
    said = _text(text)
    if said is None:
        return AppError(_HIDDEN, hint, title=title)
    if version.quotes_errors:
        said = _unquoted(said)
    said = said.strip("\n")
    wait = _wait(said)
    if wait is not None or title in _QUOTA_TITLES or _NO_GPU.search(said):
        return Busy(said or str(title), retry_after=wait, turned_away=True, title=title)
    return AppError(said or "the app reported an error with an empty message", title=title)


def _wait(text: str) -> float | None:
    """The seconds of ZeroGPU's `Try again in 1:23:45`."""
    found = _TRY_AGAIN.search(text)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _unquoted(text: str) -> str:
    """The message in `text` where that is what `repr` makes of one, and else `text`."""
    value = _ESCAPE.sub(_unescaped, text[1:-1])
    return value if repr(value) == text else text


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if code is None:
        return _ESCAPED.get(escape[4], escape[4])
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else escape[0]


def _parse(data: str) -> Any:
    try:
        value = json.loads(data)
    except RecursionError as error:
        raise StreamBroken(_TOO_DEEP) from error
    except ValueError as error:
        told = f"the event stream has data that is not valid JSON: {why_invalid(error)}"
        raise StreamBroken(told) from error
    may_be_deep = len(data) > DEEPEST and data.count("[") + data.count("{") > DEEPEST
    if may_be_deep and is_deeper(value, DEEPEST):
        raise StreamBroken(_TOO_DEEP)
    return value
