"""Results and events as plain text."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from gradio_curl.errors import Failure
from gradio_curl.protocol import files
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
    is_update,
)
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.stdio import Stdout, say, to_json

Fetch = Callable[[dict[str, Any]], bytes]
"""Gives the content of an output file. Raises Failure, also where it is too large to show."""


class Renderer:
    """What a command shows as it goes: the app's messages, and what a kind of output adds.

    `quiet` leaves the messages out.
    """

    quiet = False

    def stage(self, words: str) -> None:
        """The command goes on to what `words` say, which may take a while."""

    def tell(self, message: str) -> None:
        """A line for a person."""
        say(message)

    def paused(self) -> AbstractContextManager[None]:
        """Nothing is drawn for as long as the block: somebody else talks with the terminal."""
        return nullcontext()

    def transfer(self, verb: str, name: str, done: int, total: int | None) -> None:
        """`done` of `total` bytes of a file are through; `verb` is uploading or downloading."""

    def begin(self, endpoint: Endpoint, fetch: Fetch) -> None:
        """A job is queued at `endpoint`; `fetch` gets the files that it returns."""

    def show(self, event: Event, t: float) -> None:
        """An event before the last, `t` seconds after the start."""
        if isinstance(event, Log) and not self.quiet:
            self.tell(describe(event))

    def finish(self, data: list[Any], t: float) -> None:
        """The result."""

    def fail(self, failure: Failure, t: float) -> None:
        """The end without a result; its message goes to stderr elsewhere."""

    def close(self) -> None:
        """The end, however the command ends."""


def value_text(value: Any) -> str:
    """One return value for `call`: text as it is, a file as where it is, the rest as JSON."""
    value = unwrapped(value)
    if isinstance(value, str):
        return value
    if files.is_file(value):
        return str(value.get("saved") or value.get("url"))
    return to_json(value)


def unwrapped(value: Any) -> Any:
    """What an update sets, where it sets a value; every other value as it is."""
    return value["value"] if is_update(value) and "value" in value else value


def describe(event: Event) -> str:
    """An event in words; empty for one that says nothing to a person."""
    match event:
        case Queued(rank, size, eta):
            place = f"place {rank + 1} of {size}" if isinstance(rank, int) else "waiting"
            return f"queued: {place}{_about(eta)}"
        case Started(eta):
            return f"running{_about(eta)}"
        case Progress(bars):
            return ", ".join(map(_bar, bars))
        case Log(level, message, _):
            return f"{level}: {message}"
        case Generating(data) | Complete(data):
            return "\n".join(map(value_text, data))
        case Error(failure):
            return failure.message
        case Heartbeat():
            return ""


def _about(eta: Any) -> str:
    return f", about {eta:.1f} s" if isinstance(eta, int | float) else ""


def _bar(bar: Bar) -> str:
    if bar.done is not None:
        done = f"{bar.done}/{bar.length}" if bar.length is not None else f"{bar.done}"
        return " ".join(filter(None, (bar.desc, done, bar.unit)))
    share = f"{bar.fraction:.0%}" if isinstance(bar.fraction, int | float) else ""
    return " ".join(filter(None, (bar.desc, share)))


class Result(Renderer):
    """`call`: the result alone, a return value a line, or one JSON array."""

    def __init__(self, stdout: Stdout, as_json: bool) -> None:
        self._stdout = stdout
        self._as_json = as_json

    def finish(self, data: list[Any], t: float) -> None:
        """Write the result."""
        if self._as_json:
            self._json(data)
            return
        for value in data:
            self._value(value)

    def fail(self, failure: Failure, t: float) -> None:
        """Write the failure, where data is asked for."""
        if self._as_json:
            self._json(failure_object(failure))

    def _json(self, value: Any) -> None:
        self._stdout.json(to_json(value))

    def _value(self, value: Any) -> None:
        self._stdout.text(value_text(value), "\n")


def failure_object(failure: Failure) -> dict[str, Any]:
    """The failure of a command as data, for `--json`."""
    return {"status": "error", "exit_code": failure.exit_code, "message": failure.message}


class PlainStream(Renderer):
    """`stream` where nothing may move: each event as a line on stderr, the result on stdout."""

    def __init__(self, stdout: Stdout, tell: Callable[[str], None]) -> None:
        self._result = Result(stdout, as_json=False)
        self._tell = tell

    def show(self, event: Event, t: float) -> None:
        """Tell one event."""
        if words := describe(event):
            self._tell(words)

    def finish(self, data: list[Any], t: float) -> None:
        """Write the result."""
        self._result.finish(data, t)


class GrowingText(Renderer):
    """`stream --text`: of the first output's text only what is new, at once."""

    def __init__(self, stdout: Stdout) -> None:
        self._stdout = stdout
        self._shown = ""

    def show(self, event: Event, t: float) -> None:
        """Write what an output adds to the text before it."""
        super().show(event, t)
        if isinstance(event, Generating):
            self._grow(event.data)

    def finish(self, data: list[Any], t: float) -> None:
        """Write what the result adds, and end the line."""
        self._grow(data)
        if self._shown and not self._shown.endswith("\n"):
            self._stdout.text("\n")

    def fail(self, failure: Failure, t: float) -> None:
        """End the line."""
        if self._shown and not self._shown.endswith("\n"):
            self._stdout.text("\n")

    def _grow(self, data: list[Any]) -> None:
        text = spoken(data[0]) if data else ""
        if text.startswith(self._shown):
            new = text[len(self._shown) :]
        else:
            new = text if self._shown.endswith("\n") else f"\n{text}"
        self._shown = text
        if new:
            self._stdout.text(new)


def spoken(value: Any) -> str:
    """The text of an output: of a chat, its last message (as pairs or with roles)."""
    match unwrapped(value):
        case None:
            return ""
        case str(text):
            return text
        case [*_, {"role": _, "content": content}]:
            return spoken(content)
        case [*_, [_, answer]]:
            return spoken(answer)
        case [*_, {"type": "text", "text": str(text)}]:
            return text
        case other:
            return value_text(other)
