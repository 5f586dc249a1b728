"""Values, events and failures as plain text, and failures as data."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, repeat
from typing import Any, TypeGuard

from gradio_curl.errors import AppError, Busy, Failure
from gradio_curl.masking import masked
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
from gradio_curl.protocol.schema import Return
from gradio_curl.render.stdio import in_a_line, to_json

MESSAGES = "multimodaltextbox"
"""The component whose values are messages: `{"text": …, "files": […]}`."""


def value_text(value: Any, component: str = "") -> str:
    """One return value for `call`: text as it is, files a line each (see `_file_line`), the rest
    as JSON. `component` is the output's, as `/info` writes it; empty where it is not known."""
    value = unwrapped(value)
    if isinstance(value, str):
        return value
    if is_update(value):  # one of properties alone
        value = None
    try:
        lines = [_file_line(file) for file in captioned_files(value)]
    except RecursionError:
        lines = []
    if is_message(value, component):
        return "\n".join([value["text"], *map(file_text, files_of(value["files"]))])
    return "\n".join(lines) or to_json(value)


def is_message(value: Any, component: str) -> bool:
    """Whether an output is a text with files.

    Any JSON may have this form, above all without files: so the component tells, where it is known.
    """
    if not (isinstance(value, dict) and value.keys() == {"text", "files"}):
        return False
    if not isinstance(value["text"], str) or component.lower() not in ("", MESSAGES):
        return False
    return bool(files_of(value["files"])) or (bool(component) and not value["files"])


def value_texts(data: Iterable[Any], returns: Iterable[Return]) -> list[str]:
    """Each value of a result as `value_text`; `returns` are those of its endpoint."""
    components = chain((returned.component for returned in returns), repeat(""))
    return [
        value_text(value, component) for value, component in zip(data, components, strict=False)
    ]


def file_text(file: dict[str, Any]) -> str:
    """Where a file is: its path once it is saved, else its URL."""
    return str(file.get("saved") or file.get("url"))


def _file_line(captioned: _Captioned) -> str:
    """Where a file is, and behind a tab its caption: `cut -f1` gives the addresses."""
    file, caption = captioned
    return f"{file_text(file)}\t{caption}" if caption else file_text(file)


# The keys that components put around files, and those of them that hold words about a file:
# Gallery, Video of 4.x and 5.x, AnnotatedImage, ImageEditor.
_SAVED_PLOT = {"plot", "saved"}
_CAPTIONS = ("caption", "label")
_WORDS = {*_CAPTIONS, "alt_text"}
_AROUND = _WORDS | {
    "file", "image", "video", "subtitles", "annotations", "background", "layers", "composite",
}  # fmt: skip
_Captioned = tuple[dict[str, Any], str]


def files_of(value: Any) -> list[dict[str, Any]]:
    """The files that a value consists of, in order; none where it holds anything else."""
    return [file for file, _ in captioned_files(value)]


def captioned_files(value: Any, caption: str = "") -> list[_Captioned]:
    """The files of `files_of`, each with its caption in a gallery, or its label in an annotated
    image, on one line; empty where it has none."""
    if files.is_file(value) or (isinstance(value, dict) and value.keys() >= _SAVED_PLOT):
        return [(value, caption)]
    if isinstance(value, dict) and value.keys() <= _AROUND:
        parts = [part for key, part in value.items() if key not in _WORDS]
        own = (str(value[key]) for key in _CAPTIONS if value.get(key) is not None)
        caption = in_a_line(next(own, "")) or caption
    elif isinstance(value, list):
        parts = value
    else:
        return []
    found: list[_Captioned] = []
    for part in parts:
        if part is None or part == []:
            continue
        inner = captioned_files(part, caption)
        if not inner:
            return []
        found += inner
    return found


def unwrapped(value: Any) -> Any:
    """What an update sets, where it sets a value; every other value as it is."""
    return value["value"] if is_update(value) and "value" in value else value


def without_lost_files(data: Iterable[Any]) -> dict[int, Any]:
    """The values of a result by place, of those that consist of files only the saved ones."""
    kept: dict[int, Any] = {}
    for at, value in enumerate(map(unwrapped, data)):
        message = isinstance(value, dict) and value.keys() == {"text", "files"}
        found = files_of(value["files"] if message else value)
        saved = [file for file in found if file.get("saved")]
        if message and found:
            kept[at] = {**value, "files": saved}
        elif saved or not found:
            kept[at] = saved or value
    return kept


def describe(event: Event, returns: Iterable[Return] = ()) -> str:
    """An event in words; empty for one that says nothing to a person."""
    match event:
        case Queued(eta=eta):
            return f"queued: {queue_place(event)}{_about(eta)}"
        case Started(eta):
            return f"running{_about(eta)}"
        case Progress(bars):
            return ", ".join(filter(None, map(_bar, bars)))
        case Log(level=level, visible=visible):
            return f"{level}: {notice_text(event)}" if visible else ""
        case Generating(data) | Complete(data):
            return "\n".join(value_texts(data, returns))
        case Error(failure):
            return failure_text(failure)
        case Heartbeat():
            return ""


def notice_text(log: Log) -> str:
    """The words of `gr.Info` and the like, without HTML."""
    return _without_html(titled(log.title, log.message))


def failure_text(failure: Failure) -> str:
    """A failure in words, under its title; what an app says may hold HTML."""
    if isinstance(failure, AppError | Busy):
        return _without_html(titled(failure.title, failure.message))
    return failure.message


def _without_html(message: str) -> str:
    if "<" not in message and "&" not in message:
        return message
    from gradio_curl.render.html import plain_message

    return plain_message(message)


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
    return f"{min(bar.fraction, 1):.0%}" if is_amount(bar.fraction) else ""


def _about(eta: Any) -> str:
    return f", about {eta:.1f} s" if is_amount(eta) else ""


def _bar(bar: Bar) -> str:
    return " ".join(filter(None, (str(bar.desc or ""), bar_words(bar))))


def failure_fields(failure: Failure) -> dict[str, Any]:
    """How a command failed, as data.

    With the title of a `gr.Error`, where it says more than `Error`; with the result, where the job
    itself ended well.
    """
    fields: dict[str, Any] = {"exit_code": failure.exit_code, "message": masked(failure.message)}
    if titled(failure.title, ""):
        fields["title"] = masked(failure.title or "")
    if failure.data is not None:
        fields["data"] = failure.data
    return fields


def failure_object(failure: Failure) -> dict[str, Any]:
    """The failure of a command as the one document of `--json`."""
    return {"status": "error", **failure_fields(failure)}
