"""Results and events as plain text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeGuard

from gradio_curl.errors import AppError, Busy, Failure
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
    titled,
)
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.html import plain_text
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
            say(notice_text(event), event.level)

    def finish(self, data: list[Any], t: float) -> None:
        """The result."""

    def fail(self, failure: Failure, t: float) -> None:
        """The end by a failure, whose message goes to stderr elsewhere.

        Where `failure` has data, the job itself ended well: its result is shown, without the files
        that could not be saved: a script that reads paths must not find a URL among them.
        """
        if failure.data is not None:
            self.finish(without_lost_files(failure.data), t)

    def close(self) -> None:
        """The end, however the command ends."""


def value_text(value: Any) -> str:
    """One return value for `call`: text as it is, files a line each, the rest as JSON."""
    value = unwrapped(value)
    if isinstance(value, str):
        return value
    try:
        lines = [file_text(file) for file in files_of(value)]
    except RecursionError:
        lines = []
    if isinstance(value, dict) and value.keys() == {"text", "files"} and _is_message(value):
        return "\n".join([value["text"], *map(file_text, files_of(value["files"]))])
    return "\n".join(lines) or to_json(value)


def _is_message(value: dict[str, Any]) -> bool:
    return isinstance(value["text"], str) and (not value["files"] or bool(files_of(value["files"])))


def file_text(file: dict[str, Any]) -> str:
    """Where a file is: its path once it is saved, else its URL."""
    return str(file.get("saved") or file.get("url"))


# The keys that components put around files, and those of them that hold words about a file:
# Gallery, Video of 4.x and 5.x, AnnotatedImage, ImageEditor.
_SAVED_PLOT = {"plot", "saved"}
_WORDS = {"caption", "label", "alt_text"}
_AROUND = _WORDS | {
    "file", "image", "video", "subtitles", "annotations", "background", "layers", "composite",
}  # fmt: skip


def files_of(value: Any) -> list[dict[str, Any]]:
    """The files that a value consists of, in order; none where it holds anything else."""
    if files.is_file(value) or (isinstance(value, dict) and value.keys() >= _SAVED_PLOT):
        return [value]
    if isinstance(value, dict) and value.keys() <= _AROUND:
        parts = [part for key, part in value.items() if key not in _WORDS]
    elif isinstance(value, list):
        parts = value
    else:
        return []
    found: list[dict[str, Any]] = []
    for part in parts:
        if part is None or part == []:
            continue
        inner = files_of(part)
        if not inner:
            return []
        found += inner
    return found


def unwrapped(value: Any) -> Any:
    """What an update sets, where it sets a value; every other value as it is."""
    return value["value"] if is_update(value) and "value" in value else value


def without_lost_files(data: Iterable[Any]) -> list[Any]:
    """The values of a result, of those that consist of files only the saved ones."""
    kept: list[Any] = []
    for value in map(unwrapped, data):
        message = isinstance(value, dict) and value.keys() == {"text", "files"}
        found = files_of(value["files"] if message else value)
        saved = [file for file in found if file.get("saved")]
        if message and found:
            kept.append({**value, "files": saved})
        elif saved or not found:
            kept.append(saved or value)
    return kept


def describe(event: Event) -> str:
    """An event in words; empty for one that says nothing to a person."""
    match event:
        case Queued(eta=eta):
            return f"queued: {queue_place(event)}{_about(eta)}"
        case Started(eta):
            return f"running{_about(eta)}"
        case Progress(bars):
            return ", ".join(filter(None, map(_bar, bars)))
        case Log(level=level):
            return f"{level}: {notice_text(event)}"
        case Generating(data) | Complete(data):
            return "\n".join(map(value_text, data))
        case Error(failure):
            return failure_text(failure)
        case Heartbeat():
            return ""


def notice_text(log: Log) -> str:
    """The words of `gr.Info` and the like, without HTML."""
    return plain_text(titled(log.title, log.message))


def failure_text(failure: Failure) -> str:
    """A failure in words, under its title; what an app says may hold HTML."""
    if isinstance(failure, AppError | Busy):
        return plain_text(titled(failure.title, failure.message))
    return failure.message


def queue_place(queued: Queued) -> str:
    """How far a job is in the queue."""
    if not isinstance(queued.rank, int):
        return "waiting"
    of = f" of {queued.queue_size}" if isinstance(queued.queue_size, int) else ""
    return f"place {queued.rank + 1}{of}"


def is_amount(value: Any) -> TypeGuard[float]:
    """Whether a server's number is one that can be counted with: real, finite, not huge."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def bar_words(bar: Bar) -> str:
    """How far a progress bar is: `3/20 steps`, `3 steps` or `15%`; empty where it tells nothing."""
    unit = str(bar.unit or "")
    if is_amount(bar.done):
        length = f"/{bar.length:g}" if is_amount(bar.length) else ""
        return f"{bar.done:g}{length} {unit}".rstrip()
    return f"{bar.fraction:.0%}" if is_amount(bar.fraction) else ""


def _about(eta: Any) -> str:
    return f", about {eta:.1f} s" if is_amount(eta) else ""


def _bar(bar: Bar) -> str:
    return " ".join(filter(None, (str(bar.desc or ""), bar_words(bar))))


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
        """Write the failure where JSON is asked for, else the result that it has."""
        if self._as_json:
            self._json(failure_object(failure))
        else:
            super().fail(failure, t)

    def _json(self, value: Any) -> None:
        self._stdout.json(to_json(value))

    def _value(self, value: Any) -> None:
        self._stdout.text(value_text(value), "\n")


def failure_fields(failure: Failure) -> dict[str, Any]:
    """How a command failed, as data.

    With the title of a `gr.Error`, where it says more than `Error`; with the result, where the job
    itself ended well.
    """
    fields: dict[str, Any] = {"exit_code": failure.exit_code, "message": failure.message}
    if titled(failure.title, ""):
        fields["title"] = failure.title
    if failure.data is not None:
        fields["data"] = failure.data
    return fields


def failure_object(failure: Failure) -> dict[str, Any]:
    """The failure of a command as the one document of `--json`."""
    return {"status": "error", **failure_fields(failure)}


class PlainStream(Renderer):
    """`stream` where nothing may move: each event as a line on stderr, the result on stdout."""

    def __init__(self, stdout: Stdout) -> None:
        self._result = Result(stdout, as_json=False)

    def show(self, event: Event, t: float) -> None:
        """Write one event."""
        if words := describe(event):
            say(words)

    def finish(self, data: list[Any], t: float) -> None:
        """Write the result."""
        self._result.finish(data, t)


class GrowingText(Renderer):
    """`stream --text`: the text of an output as it grows, only the new part, at once.

    Of several outputs it is the chat, else the first that holds any text: an emptied text box
    before the answer is not it.
    """

    def __init__(self, stdout: Stdout) -> None:
        self._stdout = stdout
        self._shown = ""
        self._chosen: int | None = None

    def begin(self, endpoint: Endpoint, fetch: Fetch) -> None:
        """A chat, where the endpoint returns one, is what to show."""
        kinds = [returned.component.lower() for returned in endpoint.returns]
        self._chosen = kinds.index("chatbot") if "chatbot" in kinds else None

    def show(self, event: Event, t: float) -> None:
        """Write what an output adds to the text before it."""
        super().show(event, t)
        if isinstance(event, Generating):
            self._grow(event.data)

    def finish(self, data: list[Any], t: float) -> None:
        """Write what the result adds, and end the line."""
        self._grow(data)
        if self._chosen is None and data:
            self._write(message_text(data[0]))
        self._end_line()

    def fail(self, failure: Failure, t: float) -> None:
        """Write the result that the failure has, if any, and end the line."""
        super().fail(failure, t)
        self._end_line()

    def _end_line(self) -> None:
        if self._shown and not self._shown.endswith("\n"):
            self._stdout.text("\n")

    def _grow(self, data: list[Any]) -> None:
        if self._chosen is None:
            texts = (at for at, value in enumerate(data) if _has_text(value))
            self._chosen = next(texts, None)
        if self._chosen is not None and self._chosen < len(data):
            value = data[self._chosen]
            # An update without a value, such as `gr.skip()`, leaves the text as it is.
            if not is_update(value) or "value" in value:
                self._write(message_text(value))

    def _write(self, text: str) -> None:
        if text.startswith(self._shown):
            new = text[len(self._shown) :]
        elif not text:
            return  # emptied: there is nothing to add
        else:
            new = text if self._shown.endswith("\n") else f"\n{text}"
        self._shown = text
        if new:
            self._stdout.text(new)


def _has_text(value: Any) -> bool:
    value = unwrapped(value)
    return (
        isinstance(value, str | list | dict) and not is_update(value) and bool(message_text(value))
    )


def message_text(value: Any) -> str:
    """The text of an output; of a chat, what was said since the user's last word.

    A chat has messages with roles, or pairs (4.x); thoughts are left out.
    """
    match unwrapped(value):
        case None:
            return ""
        case str(text) | {"type": "text", "text": str(text)}:
            return text
        case {"role": _, "content": content} as message:
            return "" if thought_title(message) else message_text(content)
        case [*turns] if turns and all(map(_is_turn, turns)):
            return _lines(_answers(turns))
        case [*parts] if parts and all(isinstance(p, dict) and "type" in p for p in parts):
            return _lines(parts)
        case {"type": "file", "file": file} | {"component": _, "value": file} if files_of(file):
            return value_text(file)
        case other:
            return value_text(other)


def _lines(parts: list[Any]) -> str:
    return "\n".join(filter(None, map(message_text, parts)))


def _is_turn(value: Any) -> bool:
    if isinstance(value, dict):
        return "role" in value and "content" in value
    return isinstance(value, list) and len(value) == 2


def _answers(turns: list[Any]) -> list[Any]:
    """What the last turns of a chat say that are not the user's."""
    answers: list[Any] = []
    for turn in reversed(turns):
        if isinstance(turn, dict):
            if turn["role"] == "user":
                break
            answers.append(turn)
        else:
            answers.append(turn[1])
            if turn[0] is not None:
                break
    return answers[::-1]


def thought_title(message: dict[str, Any]) -> str:
    """The title of a chat message that is a thought; empty for all others."""
    metadata = message.get("metadata")
    title = metadata.get("title") if isinstance(metadata, dict) else None
    return str(title or "")
