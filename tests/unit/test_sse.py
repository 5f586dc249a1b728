"""Bytes to server-sent events, against the standard's rules and its own examples.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6.
"""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sseclient import SSEClient

from gradio_curl.client import sse
from gradio_curl.client.sse import ServerSentEvent, decode, frames
from gradio_curl.errors import StreamBroken


def events(*chunks: bytes) -> list[tuple[str, str]]:
    return [(event.name, event.data) for event in decode(chunks)]


def messages(text: str) -> list[str]:
    return [data for _, data in events(text.encode())]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", ["YHOO\n+2\n10"]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
            "data:  third event\n\n",
            ["first event", "second event", " third event"],
        ),
        ("data\n\ndata\ndata\n\ndata:", ["", "\n"]),
        ("data:test\n\ndata: test\n\n", ["test", "test"]),
    ],
    ids=["stock ticker", "comment and ids", "empty data", "optional blank"],
)
def test_the_examples_of_the_standard(stream: str, expected: list[str]) -> None:
    assert messages(stream) == expected


def test_the_event_field_names_the_event() -> None:
    stream = b"event: generating\ndata: [1]\n\ndata: [2]\n\nevent: complete\ndata: [3]\n\n"
    assert events(stream) == [("generating", "[1]"), ("message", "[2]"), ("complete", "[3]")]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("event: a\nevent: b\ndata:", "b"),
        ("data:\nevent: a", "a"),
        ("event: a\nevent\ndata:", "message"),
        ("event: a\nevent:\ndata:", "message"),
        ("event: a\nevent: b\nevent\ndata:", "message"),
        ("event\ndata:", "message"),
        ("event:a\nEVENT: b\nevents: c\ndata:", "a"),
        ("event:  a b \ndata:", " a b "),
        (": event: a\ndata:", "message"),
    ],
)
def test_the_last_field_that_names_the_event_counts(fields: str, name: str) -> None:
    assert events(f"{fields}\n\n".encode()) == [(name, "")]


def test_an_event_without_data_is_none() -> None:
    assert events(b"event: a\n\nid: 1\nevent: b\n\ndata: x\n\n") == [("message", "x")]


@pytest.mark.parametrize("lines", [63, 64, 65, 128, 200])
def test_the_lines_of_an_event_stay_apart_however_many_there_are(lines: int) -> None:
    numbers = [str(number) for number in range(lines)]
    stream = "".join(f"data: {number}\n" for number in numbers)
    assert messages(f"{stream}\n") == ["\n".join(numbers)]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"], ids=["LF", "CR", "CRLF"])
def test_each_of_the_three_line_ends_is_understood(end: str) -> None:
    assert messages(f"data: a{end}data: b{end}{end}data: c{end}{end}") == ["a\nb", "c"]


def test_line_ends_may_change_within_a_stream() -> None:
    assert messages("data: a\r\n\ndata: b\r\rdata: c\n\r\n") == ["a", "b", "c"]


def test_a_byte_order_mark_at_the_start_is_no_part_of_the_first_field() -> None:
    assert events(b"\xef", b"\xbb\xbf", b"data: a\n\n") == [("message", "a")]
    assert messages("data: \ufeffa\n\n") == ["\ufeffa"]


def test_comments_between_events_are_silent() -> None:
    assert messages(": ping\n\n:\n\ndata: a\n: inside\ndata: b\n\n") == ["a\nb"]


def test_any_number_of_blank_lines_stands_between_events() -> None:
    assert messages("\n\r\n\r\rdata: a\n\n\ndata: b\n\n\n\ndata: c\r\n\r\n\r\n") == ["a", "b", "c"]


def test_an_event_cut_off_by_the_end_of_the_stream_is_dropped() -> None:
    assert messages("data: whole\n\ndata: cut") == ["whole"]
    assert messages("data: whole\n\ndata: cut\n") == ["whole"]


def test_bytes_that_are_no_utf8_become_replacement_characters() -> None:
    assert events(b"data: a\xffb\n\n") == [("message", "a\ufffdb")]
    assert events(b"event: \xffx\ndata: a\n\n") == [("\ufffdx", "a")]
    assert events(b"data: a\xff\nevent: \xffx\ndata: b\xff\n\n") == [
        ("\ufffdx", "a\ufffd\nb\ufffd")
    ]


def test_separators_of_unicode_are_no_line_ends() -> None:
    assert messages("data: a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\n\n") == [
        "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"
    ]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"], ids=["LF", "CR", "CRLF"])
def test_an_event_comes_as_soon_as_its_blank_line_is_there(end: str) -> None:
    heard: list[ServerSentEvent] = []
    counts = []

    def chunks() -> Iterator[bytes]:
        for chunk in (f"data: a{end}", end, "data: b", f"{end}{end}da"):
            yield chunk.encode()
            counts.append(len(heard))

    for event in decode(chunks()):
        heard.append(event)
    assert counts == [0, 1, 1, 2]


LINES = st.sampled_from(
    ["data: a", "data:b", "data", "event: x", "id: 1", ": comment", "retry: 5", "data: é漢", "", ""]
)
ENDS = st.sampled_from(["\n", "\r", "\r\n"])
STREAMS = st.builds(
    lambda mark, lines: (mark + "".join(line + end for line, end in lines)).encode(),
    st.sampled_from(["", "\ufeff"]),
    st.lists(st.tuples(LINES, ENDS), max_size=30),
)


@given(stream=STREAMS, cuts=st.sets(st.integers(0, 400), max_size=30))
@example(stream=b"data: a\r\n\r\ndata: b\r\n\r\n", cuts=set(range(30)))
# After the first chunk one that is whole is taken as it is, so these must not pass for one event.
@example(stream=b"data: q\n\ndata: a\r\rdata: b\n\n", cuts={9})
@example(stream=b"data: q\n\ndata: a\n\ndata: b\n\n", cuts={9})
def test_any_split_of_the_bytes_gives_the_same_events(stream: bytes, cuts: set[int]) -> None:
    places = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    chunks = [stream[start:end] for start, end in pairwise(places)]
    # A CR at the very end may be the first half of a CRLF: what follows decides, so say it here.
    assert events(*chunks, b"\n\n") == events(stream, b"\n\n")


def test_a_large_event_takes_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = 0
    pattern = sse._BLANK_LINE

    class Counting:
        @staticmethod
        def search(pending: bytearray, start: int) -> object:
            nonlocal searched
            searched += len(pending) - start
            return pattern.search(pending, start)

    monkeypatch.setattr(sse, "_BLANK_LINE", Counting)
    body = b"data: " + b"x" * 1_000_000 + b"\n\n"
    chunks = [body[place : place + 1000] for place in range(0, len(body), 1000)]
    assert list(frames(chunks)) == [body]
    assert searched < 1.1 * len(body)


def test_many_small_events_in_one_chunk_take_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = 0
    pattern = sse._BLANK_LINE

    class Counting:
        @staticmethod
        def search(pending: bytearray, start: int) -> object:
            nonlocal searched
            match = pattern.search(pending, start)
            searched += (match.end() if match else len(pending)) - start
            return match

    monkeypatch.setattr(sse, "_BLANK_LINE", Counting)
    body = b"data: x\n\n" * 10_000
    assert len(list(frames([body]))) == 10_000
    assert searched < 1.1 * len(body)


@pytest.mark.parametrize("line", [b": c", b"data: x", b"data", b"id: 1", b"event: e"])
def test_an_event_of_many_lines_takes_linear_work(
    monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    longest = 0
    library = SSEClient

    def counting(source: Iterator[bytes]) -> object:
        nonlocal longest
        (piece,) = source
        longest = max(longest, len(piece))
        return library(iter([piece]))

    monkeypatch.setattr("gradio_curl.client.sse.SSEClient", counting)
    body = (line + b"\n") * 20_000 + b"data: end\n\n"
    ((_, data),) = events(body)
    assert data.endswith("end")
    # The library copies what came before with each line, so what it gets has to stay small.
    assert longest < 2000


LONG_LINES = st.lists(
    st.sampled_from(["data: a", "data", "data: é", "event: x", "event:", ": c", "id: 1", "data:"]),
    min_size=1,
    max_size=200,
)


@given(LONG_LINES)
def test_an_event_of_many_lines_is_read_as_a_whole(lines: list[str]) -> None:
    name, data = "", []
    for line in lines:
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            data.append(value.removeprefix(" "))
    expected = [(name or "message", "\n".join(data))] if data else []
    assert events(b"x: y\n", "\n".join([*lines, "", ""]).encode()) == expected


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        ("data: [1]\n\n", ("message", "[1]")),
        ("event: complete\ndata: [1]\n\n", ("complete", "[1]")),
        ("data: data: x\n\n", ("message", "data: x")),
        ("data: \n\n", ("message", "")),
    ],
)
def test_an_event_as_gradio_sends_it_is_read_without_a_copy_of_the_library(
    frame: str, event: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "SSEClient", None)
    assert events(frame.encode()) == [event]


def test_a_small_event_that_comes_alone_is_passed_on_as_it_is() -> None:
    chunk = b"data: a\n\n"
    first, second = frames([b"data: first\n\n", chunk])
    assert first == b"data: first\n\n"
    assert second is chunk


def test_an_event_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LARGEST_EVENT", 2**20)
    assert len(list(sse.decode([b"data: " + b"a" * 600_000 + b"\n\n"] * 9))) == 9
    with pytest.raises(StreamBroken, match="more than 1 MiB"):
        list(sse.decode([b"data: ", *[b"a" * 100_000] * 20]))
