"""What shows a command as it goes: what all have in common, and the plain ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from gradio_curl.errors import Failure
from gradio_curl.protocol.events import Event, Log
from gradio_curl.protocol.schema import Endpoint, Return
from gradio_curl.render.stdio import Stdout, say, to_json
from gradio_curl.render.text import (
    describe,
    failure_object,
    notice_text,
    value_texts,
    without_lost_files,
)

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
        if isinstance(event, Log) and event.visible and not self.quiet:
            say(notice_text(event), event.level)

    def finish(self, data: list[Any], t: float) -> None:
        """The result."""

    def fail(self, failure: Failure, t: float) -> None:
        """The end by a failure, whose message goes to stderr elsewhere.

        Where `failure` has data, the job itself ended well: its result is shown, without the files
        that could not be saved: a script that reads paths must not find a URL among them.
        """
        if failure.data is not None:
            self.finish([*without_lost_files(failure.data).values()], t)

    def interrupt(self, failure: Failure, t: float) -> None:
        """The end by a signal: whoever sent it wants no more than what would be lost."""
        if failure.data is not None:
            self.fail(failure, t)

    def close(self) -> None:
        """The end, however the command ends."""


class Result(Renderer):
    """`call`: the result alone, a return value a line, or one JSON array."""

    def __init__(self, stdout: Stdout, as_json: bool) -> None:
        self._stdout = stdout
        self._as_json = as_json
        self._returns: Sequence[Return] = ()

    def begin(self, endpoint: Endpoint, fetch: Fetch) -> None:
        """A job is queued at `endpoint`, which tells what its values are."""
        self._returns = endpoint.returns

    def finish(self, data: list[Any], t: float) -> None:
        """Write the result."""
        if self._as_json:
            self._json(data)
            return
        for value, text in zip(data, value_texts(data, self._returns), strict=True):
            self._value(value, text)

    def fail(self, failure: Failure, t: float) -> None:
        """Write the failure where JSON is asked for, else the result that it has."""
        if self._as_json:
            self._json(failure_object(failure))
        elif failure.data is not None:
            kept = without_lost_files(failure.data)
            self._returns = [r for at, r in enumerate(self._returns) if at in kept]
            self.finish([*kept.values()], t)

    def _json(self, value: Any) -> None:
        self._stdout.json(to_json(value))

    def _value(self, value: Any, text: str) -> None:
        """Write a value, which is `text` in words."""
        self._stdout.text(text, "\n")


class PlainStream(Result):
    """`stream` where nothing may move: each event as a line on stderr, the result on stdout."""

    def __init__(self, stdout: Stdout) -> None:
        super().__init__(stdout, as_json=False)

    def show(self, event: Event, t: float) -> None:
        """Write one event."""
        if words := describe(event, self._returns):
            say(words)
