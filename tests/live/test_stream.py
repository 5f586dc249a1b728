"""`stream`: every event as it arrives, and of a growing text what is new."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Completed
from tests.live.servers import Server

Gradio = Callable[..., Completed]


def events_of(ended: Completed) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.out.splitlines()]


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events]


@pytest.mark.every_version
def test_each_event_is_a_line_with_its_time(gradio: Gradio, server: Server) -> None:
    events = events_of(gradio("stream", server.url, "count", "3", "0.02", check=0))
    assert names(events) == ["queued", "started", *["generating"] * 3, "complete"]
    assert events[0].keys() == {"event", "t", "rank", "queue_size", "eta"}
    assert events[0]["rank"] == 0
    assert events[1].keys() == {"event", "t", "eta"}
    assert [event["data"] for event in events[2:]] == [["1"], ["1 2"], ["1 2 3"], ["1 2 3"]]
    times = [event["t"] for event in events]
    assert times == sorted(times)
    assert times[0] > 0


def test_the_documented_route_has_the_results_only(gradio: Gradio, server: Server) -> None:
    ended = gradio("stream", server.url, "count", "2", "0.1", "--route", "call", check=0)
    events = events_of(ended)
    assert set(names(events)) == {"generating", "complete"}
    assert events[-1]["data"] == ["1 2"]


@pytest.mark.every_version
def test_the_bars_of_the_app_are_there(gradio: Gradio, server: Server) -> None:
    events = events_of(gradio("stream", server.url, "progress", "4", "0.15", check=0))
    bars = [bar for event in events if event["event"] == "progress" for bar in event["progress"]]
    assert bars
    for bar in bars:
        assert bar.keys() == {"index", "length", "unit", "fraction", "desc"}
        assert (bar["length"], bar["unit"], bar["desc"]) == (4, "steps", "Working")
    fractions = events_of(gradio("stream", server.url, "progress_fraction", check=0))
    told = [e["progress"][0] for e in fractions if e["event"] == "progress"]
    assert {bar["fraction"] for bar in told} & {0.25, 0.5, 1.0}


@pytest.mark.every_version
def test_the_messages_of_the_app_are_there(gradio: Gradio, server: Server) -> None:
    events = events_of(gradio("stream", server.url, "notices", "hi", check=0))
    logs = [event for event in events if event["event"] == "log"]
    assert [(log["level"], log["message"]) for log in logs] == [
        ("info", "info: hi"),
        ("warning", "warning: hi"),
    ]
    assert logs[0].keys() == {"event", "t", "level", "message", "title"}


def test_a_failure_is_the_last_event_and_told_on_stderr(gradio: Gradio, server: Server) -> None:
    ended = gradio("stream", server.url, "yields_then_fails", check=1)
    events = events_of(ended)
    assert names(events)[-2:] == ["generating", "error"]
    assert (events[-1]["message"], events[-1]["exit_code"]) == ("Broke after two", 1)
    assert ended.err == "gradio-curl: Broke after two\n"


def test_a_mistake_is_an_event_too(gradio: Gradio, server: Server) -> None:
    ended = gradio("stream", server.url, "add", "a=x", "b=1", check=2)
    (event,) = events_of(ended)
    assert (event["event"], event["exit_code"]) == ("error", 2)


def test_files_have_right_urls_in_every_event_and_are_saved_at_the_end(
    gradio: Gradio, server: Server, tmp_path: Path
) -> None:
    ended = gradio("stream", server.url, "images", "2", "-o", "out/", cwd=tmp_path, check=0)
    *steps, complete = [event for event in events_of(ended) if "data" in event]
    assert len(steps) == 2
    for event in steps:
        assert event["data"][0]["url"].startswith(f"{server.url}/")
        assert "saved" not in event["data"][0]
    saved = tmp_path / complete["data"][0]["saved"]
    assert saved.read_bytes().startswith(b"\x89PNG")
    assert len(list(saved.parent.iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["count", "3", "0.02"], "1 2 3\n"),
        (["rewrite", "3"], "draft 1\ndraft 2\nthe final text\n"),
        (["no_input"], "nothing was needed\n"),
        (["no_output", "x"], ""),
        (["chat", "hello you"], "1: hello you\n"),
    ],
)
def test_text_shows_what_is_new(
    gradio: Gradio, server: Server, words: list[str], text: str
) -> None:
    assert gradio("stream", server.url, *words, "--text", check=0).out == text


def test_text_ends_its_line_also_on_failure(gradio: Gradio, server: Server) -> None:
    ended = gradio("stream", server.url, "yields_then_fails", "--text", check=1)
    assert (ended.out, ended.err) == ("one two\n", "gradio-curl: Broke after two\n")


def test_what_the_last_yield_leaves_alone_is_the_result(
    gradio: Gradio, server: Server, tmp_path: Path
) -> None:
    call = (server.url, "/leaves_alone")
    for route in ("queue", "call"):
        *before, result = events_of(gradio("stream", *call, "--route", route, check=0))
        shown = [event["data"] for event in before if "data" in event]
        assert shown[0][:2] == [None, "The answer"]
        assert result["data"] == shown[-1]
        assert result["data"][0] == {"__type__": "update", "interactive": True}
        assert result["data"][1:] == shown[0][1:]
    plain = gradio("call", *call, check=0).out.splitlines()
    assert (plain[:2], plain[2].rpartition("/")[2]) == (["null", "The answer"], "left-alone.png")
    saved = gradio("call", *call, "-o", tmp_path / "out.png", check=0)
    assert saved.out.splitlines()[2] == str(tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("version", ["5.50.0", "6.31.0"])
def test_an_endpoint_that_waits_for_more_input_is_told_there_is_none(
    gradio: Gradio, server_of: Callable[[str], Server], version: str, picture: Path
) -> None:
    ended = gradio("stream", server_of(version).url, "stream_in", f"frame@{picture}", check=0)
    events = events_of(ended)
    assert names(events)[-2:] == ["generating", "complete"]
    assert events[-1]["data"] == [[4, 3]]


def test_events_do_not_go_where_a_file_goes(gradio: Gradio, server: Server) -> None:
    ended = gradio("stream", server.url, "images", "1", "-o", "-", check=2)
    assert ended.err.startswith("gradio-curl: stream writes events to stdout")
