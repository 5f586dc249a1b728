"""The files in a result: fetched whole, and saved where `--output` says."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, NamedTuple

from gradio_curl.client.client import Client, Transferred
from gradio_curl.client.outputs import Output
from gradio_curl.client.retries import is_transient
from gradio_curl.errors import Busy, Failure, HTTPFailed, StreamBroken
from gradio_curl.protocol import files

LARGEST_SHOWN = 20_000_000  # bytes of a file that is only to be looked at

_REPEATS = 4  # without --retry: the job that made the file can't be had again
_PATIENCE = 5.0  # seconds that a server may ask to wait, without --retry


class Saved(NamedTuple):
    """A result after `--output`: its files have `saved`, the local path, but for those that failed.

    `failure` is the first of those.
    """

    data: list[Any]
    failure: Failure | None


class _Answer(NamedTuple):
    """What tells whether two downloads brought the same."""

    length: int
    etag: str | None
    modified: str | None


def save(
    client: Client, data: list[Any], output: Output, transferred: Transferred, prefix: str = ""
) -> Saved:
    """Download every file in the outputs. Each is tried, whatever becomes of the others.

    `prefix` comes before each file's name.
    """
    failures = list[Failure]()

    def saved(file: dict[str, Any]) -> dict[str, Any]:
        name = prefix + files.safe_name(file)
        try:
            path = output.save(name, lambda to: download(client, file, to, transferred))
        except Failure as failure:
            failures.append(failure)
            return file
        return {**file, "saved": str(path)}

    return Saved(files.replaced_files(data, saved), failures[0] if failures else None)


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
    return _Answer(done, headers.get("ETag"), headers.get("Last-Modified"))


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
        raise StreamBroken(f"{url} sent gzip that can't be read: {error}") from error
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
