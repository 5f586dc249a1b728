"""The files in a result: fetched whole, and saved where `--output` says."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePath
from typing import IO, Any, NamedTuple

from gradio_curl.client.client import Client
from gradio_curl.client.destinations import Fill
from gradio_curl.client.image_formats import convert, is_picture
from gradio_curl.client.outputs import Output
from gradio_curl.client.retries import is_transient
from gradio_curl.client.side_by_side import Left, Turns, side_by_side
from gradio_curl.client.transfers import Progress, Transferred
from gradio_curl.errors import Busy, CannotWrite, Failure, HTTPFailed, NoFile, StreamBroken
from gradio_curl.protocol import files
from gradio_curl.protocol.files import SavedText
from gradio_curl.protocol.shell import quoted

LARGEST_SHOWN = 20_000_000  # bytes of a file that is only to be looked at

_NOT_WHOLE = (204, 205, 206)  # no content, or a part of it, which nobody asked for
_REPEATS = 4  # without --retry: the job that made the file can't be had again
_PATIENCE = 5.0  # seconds that a server may ask to wait, without --retry

_TEXT_SUFFIXES = {".md", ".txt", ".json", ".html", *files.TABLES}
_BINARY_SUFFIXES = {".ods", ".parquet", ".pdf", ".xls", ".xlsx", ".zip"}
_MEDIA_SUFFIXES = {
    ".aac", ".aif", ".aiff", ".avi", ".flac", ".m4a", ".m4v", ".mkv", ".mov", ".mp3", ".mp4",
    ".mpeg", ".mpg", ".oga", ".ogg", ".ogv", ".opus", ".wav", ".webm", ".wma", ".wmv",
}  # fmt: skip


AsText = Callable[[list[Any], str, bool], SavedText | None]
"""A result as the text to save, for a file with this suffix; None where there is nothing. True
leaves out the values that are only files or pictures."""


class Saved(NamedTuple):
    """A result after `--output`: what was saved has `saved`, the local path, beside it.

    `paths` are all that was saved, in order; `is_text` tells that it is the result as text: all of
    it, or `only` the value at that place. `failure` is the first of those that happened; what they
    concern has no `saved`.
    """

    data: list[Any]
    failure: Failure | None = None
    paths: Sequence[str] = ()
    is_text: bool = False
    only: int | None = None


_Kept = tuple[dict[str, Any], Failure | None]
"""A part of a result, with `saved` if that went well, else with the failure."""


class _Answer(NamedTuple):
    """What tells whether two downloads brought the same."""

    length: int
    status: int
    etag: str | None
    modified: str | None


class Saver:
    """Saves results where `output` says: their files; else the pictures in plots; else their text.

    `as_text` makes that text. `transferred` is told of downloads, which use up to `at_once`
    connections. With `all_or_none`, what was saved of a result is removed where a part of it could
    not be saved: for results that can be had again, to which it would be another copy.
    """

    def __init__(
        self,
        output: Output,
        as_text: AsText,
        transferred: Transferred,
        at_once: int = 1,
        all_or_none: bool = False,
    ) -> None:
        self._all_or_none = all_or_none
        self._output = output
        self._as_text = as_text
        self._transferred = transferred
        # One file after the other where the first takes the name that was typed.
        self._at_once = at_once if output.has_many_names else 1

    def save(
        self, client: Client, data: list[Any], fields: Mapping[str, str], number: str = ""
    ) -> Saved:
        """Save a result. Each of its files is tried, whatever becomes of the others.

        `fields` are what a template may use, `number` comes first in each name in a directory.
        Failures are handed back, not raised: the job is done, and its result can't be had again.
        Raises Left where the command goes on, or ends, without the files.
        """
        found = files.output_files(data)
        result = _Result(client, self._output, fields, number)
        plots = [] if found else [*files.walk(data, files.is_plot)]
        in_parts = bool(found or plots)
        if in_parts:
            text = self._text_instead(data, found)
        else:
            text = self._as_text(data, self._output.suffix(), False)
        if text is not None and not in_parts and (failure := self._no_file(text)) is not None:
            return Saved(data, failure)
        if text is not None:
            result.text(text, is_all=not in_parts)
            return Saved(data, result.failure, result.paths, is_text=True, only=text.only)
        if len(found) > 1 and self._output.takes_one:
            return Saved(data, CannotWrite(self._output.too_many(len(found))))
        if (failure := result.unfit(found or plots)) is not None:
            return Saved(data, failure)
        if found:
            progress = Progress(self._transferred, len(found))
            try:
                downloads = result.downloads(found, progress, self._at_once)
            except Left:
                if self._all_or_none:
                    result.remove()
                raise
            kept = iter(downloads)
            saved: list[Any] = files.replaced_files(data, lambda file: next(kept))
        elif in_parts:
            saved = files.transform(data, files.is_plot, result.picture)
        else:
            return Saved(data, NoFile("the result has nothing for --output to save"))
        if result.failure is not None and self._all_or_none:
            result.remove()
            return Saved(data, result.failure)
        return Saved(saved, result.failure, result.paths)

    def _no_file(self, text: SavedText) -> Failure | None:
        """The failure that text is to go where only a picture, a sound or a video makes sense:
        it would replace the last good one of that name."""
        suffix = self._output.suffix()
        if not (is_picture(suffix) or suffix in _MEDIA_SUFFIXES):
            return None
        path = self._output.path
        other = PurePath(path).with_suffix(".json" if text.holds == "JSON" else ".txt")
        hint = f"for the rest of it, use -o {quoted(str(other))}"
        return NoFile(f"the result contains no file for --output {path}", hint)

    def _text_instead(self, data: list[Any], found: Sequence[dict[str, Any]]) -> SavedText | None:
        """The text of a result, where its files do not fit the name that was typed: no picture of
        a chat goes into `chat.md`."""
        suffix = self._output.suffix()
        if suffix not in _TEXT_SUFFIXES or any(_suffix(file) == suffix for file in found):
            return None
        text = self._as_text(data, suffix, True)
        return text if text is not None and _note(suffix, text) is None else None


class _Part(NamedTuple):
    """A part of a result: its number there from 0, its place behind the name that was typed, where
    that is one for all parts, and its own name, a safe one."""

    number: int
    place: int
    name: str


class _Result:
    """One result on its way to where `output` says."""

    def __init__(
        self, client: Client, output: Output, fields: Mapping[str, str], number: str
    ) -> None:
        self._client = client
        self._output = output
        self._fields = fields
        self._number = number
        self._pictures = 0
        self._written: list[str] = []
        self.paths: list[str] = []
        self.failure: Failure | None = None

    def downloads(
        self, found: Sequence[dict[str, Any]], progress: Progress, at_once: int
    ) -> list[dict[str, Any]]:
        """Save files of the result; gives them with `saved`."""
        turns = Turns(len(found))

        def leave() -> None:
            turns.leave()
            self._client.transport.leave()

        works = [
            partial(self._download, file, part, progress, turns)
            for file, part in zip(found, self._parts(found), strict=True)
        ]
        kept = side_by_side(works, at_once, leave)
        return [self._noted(*each) for each in kept]

    def _download(
        self, file: dict[str, Any], part: _Part, progress: Progress, turns: Turns
    ) -> _Kept:
        def fill(to: IO[bytes]) -> None:
            def transferred(name: str, done: int, total: int | None) -> None:
                progress.at(part.number, name, done, total)

            download(self._client, file, to, transferred)
            self._convert(to, part)
            turns.wait(part.number)

        with turns.ended(part.number):
            return self._beside(file, part, fill)

    def unfit(self, found: Sequence[dict[str, Any]]) -> Failure | None:
        """Why one of the files or plots can't be saved, where that is plain before any is: the
        first replaces what is there, and is not to stand beside old ones."""
        pictures = not all(map(files.is_file, found))
        parts = [*map(_plot_part, range(len(found)), found)] if pictures else self._parts(found)
        try:
            for part in parts:
                self._output.check(part.name, part.place)
        except CannotWrite as failure:
            return failure
        return None

    def picture(self, plot: dict[str, Any]) -> dict[str, Any]:
        """Save the picture inside a plot; gives the plot with `saved`."""
        part = _plot_part(self._pictures, plot)
        self._pictures += 1

        def fill(to: IO[bytes]) -> None:
            try:
                write_whole(to, base64.b64decode(plot["plot"].partition(",")[2]))
            except ValueError as error:
                raise HTTPFailed("the picture of a plot is not valid base64") from error
            self._convert(to, part)

        return self._noted(*self._beside(plot, part, fill))

    def text(self, text: SavedText, is_all: bool) -> None:
        """Save the result as text; `is_all` tells that nothing of it is left out."""
        name = f"{self._number or 'result'}.txt"
        part = _Part(0, 0, name)
        path, self.failure = self._keep(part, name, lambda to: write_whole(to, text.content))
        self.paths = [] if path is None else [path]
        if not is_all:
            self._tell("has the text of the result; for its files, use -o DIR/", part)
        elif note := _note(self._output.suffix(), text):
            self._tell(note, part)

    def remove(self) -> None:
        """Remove what was saved."""
        for path in self._written:
            self._output.remove(path)

    def _parts(self, found: Sequence[dict[str, Any]]) -> list[_Part]:
        return _parts(found, self._output.suffix())

    def _keep(self, part: _Part, name: str, fill: Fill) -> tuple[str | None, Failure | None]:
        """Save a part under `name` in a directory."""
        fields = {"n": str(part.number + 1), **self._fields}
        try:
            path = self._output.save(name, fill, fields, part.name, part.place)
        except Failure as failure:
            return None, failure
        self._written.append(str(path))
        return str(path), None

    def _beside(self, value: dict[str, Any], part: _Part, fill: Fill) -> _Kept:
        name = f"{self._number}-{part.name}" if self._number else part.name
        path, failure = self._keep(part, name, fill)
        return (value if path is None else {**value, "saved": path}), failure

    def _noted(self, kept: dict[str, Any], failure: Failure | None) -> dict[str, Any]:
        self.failure = self.failure or failure
        if failure is None:
            self.paths.append(kept["saved"])
        return kept

    def _convert(self, file: IO[bytes], part: _Part) -> None:
        if note := convert(file, self._output.suffix(part.place, part.name)):
            self._tell(note, part)

    def _tell(self, note: str, part: _Part) -> None:
        path = self._output.path_of(part.place, part.name)
        self._client.transport.network.tell(f"{path} {note}")


def _parts(found: Sequence[dict[str, Any]], suffix: str) -> list[_Part]:
    """The files of a result. `suffix` is that of the name that was typed, which one of them gets:
    the first picture, which is converted, if it is one of a picture; else the first file that has
    it, else the first."""
    suffixes = [_suffix(file) for file in found]
    pictures = [is_picture(suffix) and is_picture(own) for own in suffixes]
    alike = [own == suffix for own in suffixes]
    first = next((which.index(True) for which in (pictures, alike) if any(which)), 0)
    return [
        _Part(n, 0 if n == first else n + (n < first), files.safe_name(file))
        for n, file in enumerate(found)
    ]


def _plot_part(number: int, plot: dict[str, Any]) -> _Part:
    """The picture in a plot, the `number`th of a result from 0."""
    kind = plot["plot"].partition("/")[2].partition(";")[0]
    return _Part(number, number, files.safe_name({"orig_name": f"plot.{kind}"}))


def _suffix(file: dict[str, Any]) -> str:
    return PurePath(files.safe_name(file)).suffix.lower()


def _note(suffix: str, text: SavedText) -> str | None:
    """What is to be told of text in a file of another kind, as its suffix says; else None."""
    kind = files.TABLES.get(suffix)
    is_other = suffix in _BINARY_SUFFIXES or (kind is not None and kind != text.holds)
    return f"holds {text.holds}" if is_other else None


def write_whole(to: IO[bytes], content: bytes) -> None:
    """Make `content` all that the file has."""
    to.seek(0)
    to.truncate()
    to.write(content)


def fetch(client: Client, file: dict[str, Any]) -> bytes:
    """The content of an output file. Raises HTTPFailed where it is too large to be shown."""

    def transferred(name: str, done: int, total: int | None) -> None:
        if max(done, total or 0) > LARGEST_SHOWN:
            raise HTTPFailed(f"{name} has more than {LARGEST_SHOWN} bytes")

    content = io.BytesIO()
    download(client, file, content, transferred)
    return content.getvalue()


def download(client: Client, file: dict[str, Any], to: IO[bytes], transferred: Transferred) -> None:
    """Fill `to` with the content of an output file: all of it, however often that takes.

    Gradio rewrites a file that several jobs return while it serves it: a reply may then end early,
    or be empty. A reply that is suspiciously short counts once the next one is the same.
    """
    url = files.content_url(file, client.url, client.app.prefix)
    if not files.is_url(url):
        raise HTTPFailed(f"the app names a file at {url}, which can't be fetched")
    name = files.safe_name(file)
    doubted: _Answer | None = None

    def attempt() -> None:
        nonlocal doubted
        to.seek(0)
        to.truncate()
        answer = _downloaded(client, url, to, lambda done, total: transferred(name, done, total))
        if answer.status in _NOT_WHOLE:
            raise StreamBroken(f"the app sent HTTP {answer.status} for {name}, not all of it")
        if _is_short(answer.length, file) and answer != doubted:
            doubted = answer
            raise StreamBroken(f"the app sent {answer.length} bytes of {name}")

    client.transport.repeated(attempt, _repeatable(client), unasked=_REPEATS)


def _downloaded(
    client: Client, url: str, to: IO[bytes], transferred: Callable[[int, int | None], None]
) -> _Answer:
    done = 0
    with client.transport.stream(url, encoding="identity") as response:
        headers = response.headers
        total = _length(headers.get("Content-Length", ""))
        zipped = headers.get("Content-Encoding", "").lower() in ("gzip", "x-gzip")
        content: Iterable[bytes] = client.transport.chunks(response, decode=not zipped)
        if zipped:
            content, total = _unzipped(content, url), None
        for data in content:
            to.write(data)
            done += len(data)
            transferred(done, total)
    return _Answer(done, response.status_code, headers.get("ETag"), headers.get("Last-Modified"))


def _unzipped(content: Iterable[bytes], url: str) -> Iterator[bytes]:
    """Gzip unpacked. Raises StreamBroken where it ends early, which urllib3 does not notice."""
    member = zlib.decompressobj(wbits=31)
    try:
        for data in content:
            while data:
                if member.eof:  # another one follows
                    member = zlib.decompressobj(wbits=31)
                yield member.decompress(data)
                data = member.unused_data
    except zlib.error as error:
        raise StreamBroken(f"{url} sent a compressed reply that can't be unpacked") from error
    if not member.eof:
        raise StreamBroken(f"{url} broke off in the middle of its reply")


def _is_short(length: int, file: dict[str, Any]) -> bool:
    """Whether so few bytes can hardly be the whole file. Some versions tell its `size`."""
    size = file.get("size")
    if isinstance(size, int):
        return length < size
    return length == 0


def _repeatable(client: Client) -> Callable[[Failure], bool]:
    if client.transport.network.retry:
        return is_transient

    def is_worth_it(failure: Failure) -> bool:
        if isinstance(failure, Busy):
            return (failure.retry_after or 0) <= _PATIENCE
        return isinstance(failure, StreamBroken | HTTPFailed) and is_transient(failure)

    return is_worth_it


def _length(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
