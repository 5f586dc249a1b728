"""--detach and --event: queue now, collect later."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Completed
from tests.live.servers import Server

Gradio = Callable[..., Completed]


def detach(gradio: Gradio, server: Server, *words: str) -> str:
    """Queues a job; gives the id that is printed."""
    return gradio("call", server.url, *words, "--detach", check=0).out.strip()


@pytest.mark.every_version
def test_the_id_alone_collects_the_result(server: Server, gradio: Gradio) -> None:
    event_id = detach(gradio, server, "/several", "text=one two")
    collected = gradio("call", server.url, "--event", event_id, "--json", check=0)
    assert json.loads(collected.out) == [["ONE TWO", 7, ["one", "two"]]][0]


def test_it_leaves_at_once_and_the_job_runs_on(server: Server, gradio: Gradio) -> None:
    event_id = detach(gradio, server, "/slow", "0.5")
    assert gradio("call", server.url, "--event", event_id, check=0).out == "slept 0.5 s\n"


def test_a_stream_collects_all_the_events(server: Server, gradio: Gradio) -> None:
    event_id = detach(gradio, server, "/count", "3")
    lines = gradio("stream", server.url, "--event", event_id, check=0).out.splitlines()
    events = [json.loads(line)["event"] for line in lines]
    assert events[0] == "queued"
    assert events.count("generating") >= 1
    assert events[-1] == "complete"


def test_files_are_saved_when_they_are_collected(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    event_id = detach(gradio, server, "/image_make", "color=red")
    picture = tmp_path / "red.png"
    gradio("call", server.url, "--event", event_id, "-o", picture, check=0)
    assert picture.stat().st_size > 0


def test_state_outputs_stay_out_of_what_is_collected(server: Server, gradio: Gradio) -> None:
    event_id = detach(gradio, server, "/remember", "one", "--session", "detached")
    call = ["call", server.url, "--event", event_id, "--session", "detached", "--json"]
    assert json.loads(gradio(*call, check=0).out) == ["1: one"]


def test_another_machine_needs_no_endpoint(server: Server, gradio: Gradio, tmp_path: Path) -> None:
    event_id = detach(gradio, server, "/greet", "Bob")
    elsewhere = tmp_path / "elsewhere"
    collected = gradio("call", server.url, "--event", event_id, home=elsewhere, check=0)
    assert collected.out == "Hello Bob.\n"


def test_json_tells_all_that_is_needed_later(server: Server, gradio: Gradio) -> None:
    call = ["call", server.url, "/greet", "Bob", "--session", "told", "--detach", "--json"]
    told = json.loads(gradio(*call, check=0).out)
    assert told["app"] == server.url
    assert told["endpoint"] == "/greet"
    assert told["session_hash"] == "told"
    later = ["call", told["app"], told["endpoint"], "--event", told["event_id"]]
    assert gradio(*later, "--session", "told", check=0).out == "Hello Bob.\n"


def test_an_app_error_is_told_when_it_is_collected(server: Server, gradio: Gradio) -> None:
    event_id = detach(gradio, server, "/divide", "1", "0")
    failed = gradio("call", server.url, "--event", event_id, check=1)
    assert failed.err == "gradio-curl: Cannot divide by zero!\n"


@pytest.mark.every_version
def test_an_unknown_id_is_told(server: Server, gradio: Gradio) -> None:
    failed = gradio("call", server.url, "--event", "0123456789abcdef", check=18)
    assert failed.err.startswith("gradio-curl: the server has no such job (any more)\n")
    assert "the app was restarted" in failed.err


def test_a_job_collected_twice_is_told(server_of: Callable[[str], Server], gradio: Gradio) -> None:
    server = server_of("6.31.0")
    event_id = detach(gradio, server, "/greet", "Bob")
    gradio("call", server.url, "--event", event_id, check=0)
    failed = gradio("call", server.url, "--event", event_id, check=18)
    assert failed.err == "gradio-curl: this job's events were read already\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["/greet", "Bob", "--event", "x"], "takes no items"),
        (["/greet", "Bob", "--event", "x", "--detach"], "give one of them"),
        (["/greet", "Bob", "--detach", "-o", "x"], "exits before the result exists"),
    ],
)
def test_what_contradicts_is_told(
    server_of: Callable[[str], Server], gradio: Gradio, words: list[str], told: str
) -> None:
    failed = gradio("call", server_of("6.31.0").url, *words, check=2)
    assert told in failed.err
