"""Bytes to server-sent events, in linear time.

sseclient-py reads the fields of an event; this module cuts the stream into whole events first,
because the library's own joining of chunks takes quadratic time (20 MB in 8 KB chunks: 17 s), and
reads events of the common form itself, because of the library's copies.
An event that the end of the stream cuts off is dropped, as the standard demands.
Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, sections 9.2.5 and 9.2.6.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sseclient import SSEClient

from gradio_curl.errors import StreamBroken

# Two line ends in a row; a line ends with CRLF, LF or CR.
_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")
_LONGEST_BLANK_LINE = 4
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEAD = re.compile(rb"event: ([^\r\n]+)\n")
_DATA = b"data: "
_LINES_AT_A_TIME = 64
LARGEST_EVENT = 128 * 1024 * 1024  # bytes, unpacked: a few kilobytes of gzip can hold any number

Frame = bytes | bytearray


class ServerSentEvent(NamedTuple):
    """One dispatched event: its name (`message` where the server gave none) and its data."""

    name: str
    data: str


def decode(chunks: Iterable[bytes]) -> Iterator[ServerSentEvent]:
    """Yield each event of the stream as soon as the blank line behind it has arrived.

    Bytes that are not valid UTF-8 become U+FFFD, as the standard says.
    """
    # With map, no variable keeps a large frame while its event is used.
    return filter(None, map(_event, frames(chunks)))


def _event(frame: Frame) -> ServerSentEvent | None:
    return _plain_event(frame) or _any_event(frame)


def _plain_event(frame: Frame) -> ServerSentEvent | None:
    """The event of a frame as Gradio sends it: one line of data, at most a name before it.

    sseclient-py has up to seven copies of an event at a time (`_read` and `events`): 1.1 GB for
    80 MB, and 250 ms for 20 MB. Here it is one copy, and 5 ms.
    """
    at, name = frame.find(_DATA), "message"
    if at != 0:
        head = _HEAD.fullmatch(frame, 0, max(at, 0))
        if head is None:
            return None
        name = head[1].decode("utf-8", "replace")
    if frame.find(b"\n", at) != len(frame) - 2 or b"\r" in frame:
        return None
    return ServerSentEvent(name, str(memoryview(frame)[at + len(_DATA) : -2], "utf-8", "replace"))


def _any_event(frame: Frame) -> ServerSentEvent | None:
    """The event of any frame; None where it is without data.

    The library copies all that came before with each line, in quadratic time (4 MB in short lines:
    over a minute). So it gets a few lines at a time, and the last line with a name once more.
    """
    lines = list(filter(None, frame.decode("utf-8", "replace").encode().splitlines()))
    several = range(0, len(lines), _LINES_AT_A_TIME)
    read = (_by_library(lines[start : start + _LINES_AT_A_TIME]).data for start in several)
    parts = [data.removesuffix("\n") for data in read if data]
    if not parts:
        return None
    names = [line for line in lines if line == b"event" or line.startswith(b"event:")]
    return ServerSentEvent(_by_library(names[-1:]).name, "\n".join(parts))


def _by_library(lines: list[bytes]) -> ServerSentEvent:
    """A few lines as the library reads them, which returns nothing that is without data."""
    event = next(SSEClient(iter([b"\n".join([*lines, b"data", b"\n"])])).events())
    return ServerSentEvent(event.event, event.data)


def frames(chunks: Iterable[bytes]) -> Iterator[Frame]:
    """Cut the stream behind each blank line. Each byte is searched once, but for three.

    More blank lines than one come as frames without a field, or before the first field of one.
    """
    pending = bytearray()
    first = True
    for chunk in chunks:
        if not (pending or first) and _is_one_frame(chunk):
            yield chunk
            continue
        searched = max(0, len(pending) - (_LONGEST_BLANK_LINE - 1))
        pending += chunk
        if len(pending) > LARGEST_EVENT:
            raise StreamBroken(f"an event has more than {LARGEST_EVENT // 2**20} MiB")
        if first:
            if len(pending) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(pending):
                continue
            if pending.startswith(_BYTE_ORDER_MARK):
                del pending[: len(_BYTE_ORDER_MARK)]
            first = False
            searched = 0
        elif b"\n" not in chunk and b"\r" not in chunk:
            continue  # thirty times as fast as the search, and so are most chunks of large events
        while match := _BLANK_LINE.search(pending, searched):
            end = match.end()
            del match  # as long as it lives, nothing can be cut from what it searched
            if end < len(pending):
                yield _cut(pending, end)
            else:
                # All of it, uncopied; nor is it kept here while its event is used.
                whole, pending = [pending], bytearray()
                yield whole.pop()
            searched = 0


def _is_one_frame(chunk: bytes) -> bool:
    """Whether a chunk is one event with LF at its ends, as Gradio sends small ones."""
    end = chunk.find(b"\n\n")
    return end >= 0 and end + 2 == len(chunk) and b"\r" not in chunk


def _cut(pending: bytearray, end: int) -> bytes:
    """Take the first frame out, so that nothing is left of it when the next chunks come."""
    frame = bytes(memoryview(pending)[:end])
    del pending[:end]
    return frame
