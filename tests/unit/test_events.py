"""The messages of both routes become the same events. The lines are those of real servers."""

import json
from typing import Any

import pytest

from gradio_curl.errors import AppError, Busy, Failure, StreamBroken
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
    from_call,
    from_queue,
)


def queue(msg: str, event_id: str | None = "e", **fields: Any) -> Event | None:
    return from_queue(json.dumps({"msg": msg, "event_id": event_id, **fields}), "e")


def failure(event: Event | None) -> Failure:
    assert isinstance(event, Error)
    return event.failure


def test_the_queue_feed_tells_of_all_that_happens() -> None:
    assert queue("estimation", rank=2, queue_size=3, rank_eta=1.5) == Queued(2, 3, 1.5)
    assert queue("process_starts", eta=0.5) == Started(0.5)
    unit = {"index": 1, "length": 4, "unit": "steps", "progress": None, "desc": "Working"}
    assert queue("progress", progress_data=[unit]) == Progress(
        (Bar(1, 4, "steps", None, "Working"),)
    )
    assert queue("log", log="Careful", level="warning") == Log("warning", "Careful", None)
    assert queue("process_generating", output={"data": ["a"]}) == Generating(["a"])
    assert queue("process_streaming", output={"data": ["a"]}) == Generating(["a"])
    assert queue("heartbeat", event_id=None) == Heartbeat()
    assert queue("process_completed", output={"data": ["b"]}, success=True) == Complete(["b"])


def test_the_documented_route_has_four_events() -> None:
    assert from_call("generating", '["a"]') == Generating(["a"])
    assert from_call("heartbeat", "null") == Heartbeat()
    assert from_call("complete", '["b"]') == from_call("completed", '["b"]') == Complete(["b"])
    assert from_call("whatever", "null") is None


def test_the_messages_of_another_job_of_the_session_are_not_ours() -> None:
    assert queue("process_completed", event_id="other", output={"data": []}) is None
    assert queue("close_stream", event_id=None) is None
    assert queue("a kind of tomorrow") is None


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("Cannot divide by zero!", "Cannot divide by zero!"),
        ("'Cannot divide by zero!'", "Cannot divide by zero!"),
        ('"It\'s broken"', "It's broken"),
        ("'first\\nsecond'", "first\nsecond"),
        ("'a' or 'b'", "'a' or 'b'"),
        ("''", "the app reported an error with an empty message"),
        ("", "the app reported an error with an empty message"),
        ({"code": 5}, '{"code": 5}'),
        (None, "the app reported an error without a message"),
    ],
)
def test_the_error_of_the_app_comes_without_the_quotes_of_4(said: Any, message: str) -> None:
    told = failure(queue("process_completed", success=False, output={"error": said}))
    assert isinstance(told, AppError)
    assert told.message == message


def test_an_error_on_the_documented_route_is_null_on_4_and_5_and_an_object_on_6() -> None:
    told = failure(from_call("error", '{"error": "Cannot divide by zero!", "title": "Error"}'))
    assert told.message == "Cannot divide by zero!"
    hidden = failure(from_call("error", "null"))
    assert hidden.message == "the app reported an error without a message"
    assert "show_error=True" in hidden.hint


def test_a_job_that_the_server_does_not_know_is_a_broken_stream() -> None:
    for said in ('"404: Session not found."', '"404: Not Found"'):
        assert isinstance(failure(from_call("error", said)), StreamBroken)
    lost = queue("unexpected_error", event_id=None, message="gone", session_not_found=True)
    assert isinstance(failure(lost), StreamBroken)


def test_a_result_that_the_queue_feed_can_not_carry_ends_the_job_with_advice() -> None:
    told = failure(queue("unexpected_error", event_id=None, message="Integer exceeds 64-bit range"))
    assert told.message == "Integer exceeds 64-bit range"
    assert told.hint == "--route call may carry the result"


def test_a_full_queue_is_busy_and_a_cancelled_job_says_so() -> None:
    assert isinstance(failure(queue("queue_full")), Busy)
    cancelled = failure(queue("process_completed", success=True, output={}))
    assert cancelled.message == "the job was cancelled"


def test_a_generator_that_fails_ends_with_an_error() -> None:
    told = queue("process_generating", success=False, output={"error": "Broke"})
    assert failure(told).message == "Broke"


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        '{"msg": "process_completed", "event_id": "e"}',
        '{"msg": "process_completed", "event_id": "e", "output": {"data": 3}}',
        '{"msg": "progress", "event_id": "e", "progress_data": [3]}',
        '{"msg": "progress", "event_id": "e", "progress_data": 3}',
        "[" * 100_000,
    ],
    ids=[
        "no json",
        "list",
        "no output",
        "outputs no list",
        "bar no object",
        "bars no list",
        "too deep",
    ],
)
def test_nonsense_in_the_stream_is_a_broken_stream(line: str) -> None:
    with pytest.raises(StreamBroken):
        from_queue(line, "e")


def test_numbers_that_json_has_not_are_understood() -> None:
    event = from_call("complete", "[Infinity, NaN]")
    assert isinstance(event, Complete)
    assert event.data[0] == float("inf")
