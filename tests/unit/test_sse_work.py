"""Reading a stream is linear work, held without a clock."""

import re
from collections.abc import Iterable, Iterator

import pytest
from sseclient import SSEClient

from gradio_curl.client import sse

MB = 1_000_000


class Counting:
    """A pattern that counts the bytes it has searched."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self.pattern = pattern
        self.searched = 0

    def search(self, text: bytearray, start: int) -> re.Match[bytes] | None:
        match = self.pattern.search(text, start)
        self.searched += (match.end() if match else len(text)) - start
        return match


def cut(stream: bytes, size: int) -> Iterable[bytes]:
    """The stream in pieces of `size` bytes."""
    return (stream[at : at + size] for at in range(0, len(stream), size))


@pytest.mark.parametrize(
    "stream",
    [
        b"data: " + b"x" * MB + b"\n\n",
        b"data: a line of many in one event\n" * (MB // 34) + b"\n",
        b"data: an event of many\n\n" * (MB // 24),
    ],
    ids=["one long line", "one event of many lines", "many events"],
)
@pytest.mark.parametrize("size", [1000, 8192, MB])
def test_framing_searches_each_byte_about_once(
    stream: bytes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(sse._BLANK_LINE)
    monkeypatch.setattr(sse, "_BLANK_LINE", counting)
    assert sum(map(len, sse.frames(cut(stream, size)))) == len(stream)
    assert counting.searched <= 1.01 * len(stream)


@pytest.mark.parametrize("field", [b"event: ", b"x: ", b"data: "])
def test_the_library_gets_each_line_about_once(
    field: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = 0

    def counting(source: Iterator[bytes]) -> SSEClient:
        nonlocal given
        pieces = list(source)
        given += sum(map(len, pieces))
        return SSEClient(iter(pieces))

    monkeypatch.setattr(sse, "SSEClient", counting)
    frame = field + b"n" * MB + b"\n" + b"data:x\n" * (MB // 28) + b"\n"
    (event,) = sse.decode([frame])
    assert event.name == ("n" * MB if field == b"event: " else "message")
    assert given <= 3 * len(frame)
