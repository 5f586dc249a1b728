"""What is written: JSON for any reader, text that only grows, nothing that moves a cursor."""

import io
import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.errors import AppError
from gradio_curl.protocol.events import (
    Bar,
    Generating,
    Heartbeat,
    Log,
    Progress,
    Queued,
    Started,
)
from gradio_curl.render.jsonl import JsonLines
from gradio_curl.render.stdio import Stdout, failure_lines, harmless, to_json
from gradio_curl.render.text import GrowingText, Result, describe, spoken, value_text

FILE: dict[str, Any] = {
    "path": "/srv/a.png",
    "url": "http://h/file=/srv/a.png",
    "meta": {"_type": "gradio.FileData"},
}


Pipe = pytest.CaptureFixture[bytes]


@pytest.fixture
def pipe(capsysbinary: Pipe) -> Pipe:
    """Stdout, which is no terminal."""
    return capsysbinary


def written(pipe: Pipe) -> str:
    return pipe.readouterr().out.decode()


class Terminal(io.TextIOWrapper):
    """Stdout that is a terminal."""

    def isatty(self) -> bool:
        return True


# JSON


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([float("nan"), float("inf"), 1.5], "[null, null, 1.5]"),
        ({"a": [float("-inf")]}, '{"a": [null]}'),
        ("é漢", '"é漢"'),
        ("a\u2028b\u2029c\x85", '"a\\u2028b\\u2029c\\u0085"'),
        ("a\nb", '"a\\nb"'),
        (2**70, "1180591620717411303424"),
    ],
)
def test_json_is_what_every_reader_takes(value: Any, text: str) -> None:
    assert to_json(value) == text


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_value_is_one_line_that_reads_back_the_same(value: Any) -> None:
    text = to_json(value)
    assert len(text.splitlines()) == 1
    assert json.loads(text) == value


def test_a_lone_surrogate_is_escaped_in_json_and_replaced_in_text(pipe: Pipe) -> None:
    stdout = Stdout()
    stdout.json(to_json("a\ud800b"))
    stdout.text("a\ud800b\ud83d\ude00\n")
    assert written(pipe) == '"a\\ud800b"\na\ufffdb\U0001f600\n'


# Text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is\n", "as it is\n"),
        ("", ""),
        (None, "null"),
        (True, "true"),
        (1.0, "1.0"),
        ({"a": "é"}, '{"a": "é"}'),
        (FILE, "http://h/file=/srv/a.png"),
        ({**FILE, "saved": "out/a.png"}, "out/a.png"),
        ({"path": "x"}, '{"path": "x"}'),
        ({"__type__": "update", "value": "new", "label": "L"}, "new"),
        ({"__type__": "update", "label": "L"}, '{"__type__": "update", "label": "L"}'),
    ],
)
def test_a_value_as_text(value: Any, text: str) -> None:
    assert value_text(value) == text


def test_control_characters_are_visible_instead_of_obeyed() -> None:
    assert harmless("\x1b[31mred\x07\r\x9b\u202e\x7f") == "^[[31mred^G^M<U+009B><U+202E>^?"
    assert harmless("tab\tline\nemoji 👩\u200d🚀 é") == "tab\tline\nemoji 👩\u200d🚀 é"


def test_into_a_pipe_text_goes_as_it_is_and_to_a_terminal_made_harmless(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    Stdout().text("\x1b[31m")
    assert written(pipe) == "\x1b[31m"
    screen = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(screen, encoding="utf-8"))
    Stdout().text("\x1b[31m")
    assert screen.getvalue() == b"^[[31m"


def test_a_result_is_a_value_a_line_or_one_array(pipe: Pipe) -> None:
    Result(Stdout(), as_json=False).finish(["a\nb", 1, {"c": None}], 0)
    Result(Stdout(), as_json=True).finish(["a\nb", 1, {"c": None}], 0)
    assert written(pipe) == 'a\nb\n1\n{"c": null}\n["a\\nb", 1, {"c": null}]\n'


def test_a_failure_is_data_where_data_is_asked_for(pipe: Pipe) -> None:
    Result(Stdout(), as_json=False).fail(AppError("no"), 0)
    Result(Stdout(), as_json=True).fail(AppError("no"), 0)
    assert json.loads(written(pipe)) == {"status": "error", "exit_code": 1, "message": "no"}


def test_further_lines_of_a_failure_are_indented() -> None:
    assert failure_lines("first\nsecond", "do this") == ("gradio-curl: first\n  second\n  do this")


# Events


def test_an_event_is_a_line_of_json(pipe: Pipe) -> None:
    lines = JsonLines(Stdout())
    bar = Bar(1, 4, "steps", None, "Working")
    for event in (
        Queued(2, 3, None),
        Started(0.5),
        Progress((bar,)),
        Log("info", "hi", None),
        Generating(["a"]),
        Heartbeat(),
    ):
        lines.show(event, 1.23456)
    lines.finish([FILE], 2)
    lines.fail(AppError("no"), 3)
    assert [json.loads(line) for line in written(pipe).splitlines()] == [
        {"event": "queued", "t": 1.235, "rank": 2, "queue_size": 3, "eta": None},
        {"event": "started", "t": 1.235, "eta": 0.5},
        {
            "event": "progress",
            "t": 1.235,
            "progress": [
                {"index": 1, "length": 4, "unit": "steps", "fraction": None, "desc": "Working"}
            ],
        },
        {"event": "log", "t": 1.235, "level": "info", "message": "hi", "title": None},
        {"event": "generating", "t": 1.235, "data": ["a"]},
        {"event": "heartbeat", "t": 1.235},
        {"event": "complete", "t": 2, "data": [FILE]},
        {"event": "error", "t": 3, "message": "no", "exit_code": 1},
    ]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Queued(2, 3, 4.25), "queued: place 3 of 3, about 4.2 s"),
        (Queued(None, None, None), "queued: waiting"),
        (Started(None), "running"),
        (Progress((Bar(1, 4, "steps", None, "Working"),)), "Working 1/4 steps"),
        (Progress((Bar(None, None, None, 0.25, "quarter"),)), "quarter 25%"),
        (Progress((Bar(1, None, None, None, None), Bar(2, 3, None, None, "b"))), "1, b 2/3"),
        (Log("warning", "careful", None), "warning: careful"),
        (Generating(["a", 1]), "a\n1"),
        (Heartbeat(), ""),
    ],
)
def test_an_event_in_words(event: Any, words: str) -> None:
    assert describe(event) == words


# Growing text


def grown(pipe: Pipe, *texts: Any) -> str:
    growing = GrowingText(Stdout())
    for text in texts:
        growing.show(Generating([text]), 0)
    growing.finish([texts[-1]], 0)
    return written(pipe)


def test_of_a_growing_text_only_what_is_new_is_written(pipe: Pipe) -> None:
    assert grown(pipe, "He", "Hello", "Hello you") == "Hello you\n"


def test_a_text_that_does_not_continue_starts_a_line(pipe: Pipe) -> None:
    assert grown(pipe, "draft 1", "draft 2", "final\n") == "draft 1\ndraft 2\nfinal\n"


def test_the_last_line_is_ended_also_by_a_failure(pipe: Pipe) -> None:
    growing = GrowingText(Stdout())
    growing.show(Generating(["half"]), 0)
    growing.fail(AppError("no"), 0)
    assert written(pipe) == "half\n"


def test_no_output_at_all_writes_nothing(pipe: Pipe) -> None:
    growing = GrowingText(Stdout())
    growing.show(Heartbeat(), 0)
    growing.finish([], 0)
    assert written(pipe) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (None, ""),
        ([["hi", "old form"]], "old form"),
        ([["hi", None]], ""),
        ([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}], "yes"),
        ([{"role": "assistant", "content": [{"type": "text", "text": "new form"}]}], "new form"),
        ([{"role": "assistant", "content": {"file": FILE}}], '{"file": ' + to_json(FILE) + "}"),
        ({"__type__": "update", "value": "set"}, "set"),
        (3, "3"),
    ],
)
def test_of_a_chat_the_last_message_is_spoken(value: Any, text: str) -> None:
    assert spoken(value) == text


def test_a_result_without_steps_before_it_is_written_whole(pipe: Pipe) -> None:
    growing = GrowingText(Stdout())
    growing.finish(["all"], 0)
    assert written(pipe) == "all\n"
