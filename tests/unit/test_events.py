"""The messages of both routes become the same events. The lines are those of real servers."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    titled,
)
from gradio_curl.protocol.versions import LATEST, Version


def queue(
    msg: str, event_id: str | None = "e", version: Version = LATEST, **fields: Any
) -> Event | None:
    return from_queue(json.dumps({"msg": msg, "event_id": event_id, **fields}), "e", version)


def refusal(error: Any, version: Version = LATEST, title: str | None = None) -> Failure:
    """The failure that an app of this version ended its job with."""
    output = {"error": error, "title": title}
    return failure(queue("process_completed", version=version, success=False, output=output))


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
        ("'\\\\ \\t \\x1b \\u2028 \\U000e0041'", "\\ \t \x1b \u2028 \U000e0041"),
        ("'a' or 'b'", "'a' or 'b'"),
        # `repr` writes no such text: somebody else put these quotes.
        ("'C:\\dir\\new'", "'C:\\dir\\new'"),
        ("'\\UFFFFFFFF'", "'\\UFFFFFFFF'"),
        ("'-" * 150_000, "'-" * 150_000),
        ("''", "the app reported an error with an empty message"),
        ("", "the app reported an error with an empty message"),
        ({"code": 5}, '{"code": 5}'),
        (None, "the app reported an error without a message"),
    ],
)
def test_the_error_of_the_app_comes_without_the_quotes_of_4(said: Any, message: str) -> None:
    told = refusal(said, Version(4, 44))
    assert isinstance(told, AppError)
    assert told.message == message


def test_quotes_are_the_apps_own_from_5_3_on() -> None:
    assert refusal("'quoted'", Version(5, 2)).message == "quoted"
    assert refusal("'quoted'", Version(5, 3)).message == "'quoted'"


@given(st.text())
def test_any_message_is_read_back_from_its_quotes(message: str) -> None:
    said = message.strip("\n") or "the app reported an error with an empty message"
    assert refusal(repr(message), Version(4, 20)).message == said


@pytest.mark.parametrize("title", ["ZeroGPU quota exceeded", "ZeroGPU pending credits exceeded"])
def test_a_space_without_gpu_time_is_busy(title: str) -> None:
    told = refusal("You have exceeded your GPU quota. Try again in 1:02:03. <a>", title=title)
    assert isinstance(told, Busy)
    assert (told.retry_after, told.turned_away, told.title) == (3723, True, title)
    assert isinstance(refusal("No credits left", title=title), Busy)


def test_a_time_to_try_again_is_busy_on_versions_without_titles_too() -> None:
    told = refusal("'GPU quota exceeded. Try again in 1 day, 0:00:01'", Version(4, 44))
    assert isinstance(told, Busy)
    assert told.retry_after == 86401
    assert isinstance(refusal("illegal", title="ZeroGPU illegal duration"), AppError)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("No GPU was available after 60s. <a>", "ZeroGPU queue timeout"),
        ("No GPU was available", "ZeroGPU client error"),
        ("Space app has reached its GPU limit. Try re-running", None),
        ("You have exceeded your ZeroGPU runs limit. ", None),
        ("You have too many ZeroGPU credits allocated to running tasks.", None),
    ],
)
def test_a_space_without_a_free_gpu_is_busy_whatever_the_title(
    said: str, title: str | None
) -> None:
    told = refusal(said, title=title)
    assert isinstance(told, Busy)
    assert (told.retry_after, told.turned_away) == (None, True)
    expired = refusal("Expired ZeroGPU proxy token", title="ZeroGPU client error")
    assert isinstance(expired, AppError)


def test_a_title_is_shown_where_it_says_more_than_that_it_is_an_error() -> None:
    assert refusal("no", title="Too large").title == "Too large"
    assert titled("Too large", "no") == "Too large: no"
    assert titled("Error", "no") == titled(None, "no") == titled("Info", "no") == "no"


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([10**400, -(10**400), 1e308, "1e999"]),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=3), parts),
    max_leaves=8,
)  # fmt: skip


@given(ODD, ODD, ODD, ODD, ODD)
def test_fields_of_odd_types_become_what_is_declared(
    one: Any, two: Any, three: Any, four: Any, five: Any
) -> None:
    place = queue("estimation", rank=one, queue_size=two, rank_eta=three)
    assert isinstance(place, Queued)
    assert isinstance(place.rank, int | None)
    assert isinstance(place.queue_size, int | None)
    unit = {"index": one, "length": two, "unit": three, "progress": four, "desc": five}
    bars = queue("progress", progress_data=[unit])
    assert isinstance(bars, Progress)
    started = queue("process_starts", eta=four)
    assert isinstance(started, Started)
    for number in (place.eta, started.eta, *bars.bars[0][:2], bars.bars[0].fraction):
        assert number is None or math.isfinite(number)
        assert number is None or isinstance(f"{number:g} {number:.0%}", str)
    assert isinstance(bars.bars[0].unit, str | None)
    assert isinstance(bars.bars[0].desc, str | None)
    log = queue("log", log=one, level=two, title=three)
    assert isinstance(log, Log)
    assert isinstance(log.message, str)
    assert isinstance(log.level, str)
    assert isinstance(log.title, str | None)
    assert isinstance(refusal(one, title=two).message, str)


def test_an_error_on_the_documented_route_is_null_on_4_and_5_and_an_object_on_6() -> None:
    told = failure(from_call("error", '{"error": "Cannot divide by zero!", "title": "Error"}'))
    assert told.message == "Cannot divide by zero!"
    hidden = failure(from_call("error", "null", Version(6, 12)))
    assert hidden.message == "the app reported an error without a message"
    assert "before Gradio 6.13 this route drops messages" in hidden.hint
    assert "show_error=True" in hidden.hint
    lost = failure(from_call("error", "null", Version(4, 31)))
    assert "gr.JSON" in lost.hint
    assert "--route queue" in lost.hint


def test_a_job_that_the_server_does_not_know_is_a_broken_stream() -> None:
    for said in ('"404: Session not found."', '"404: Not Found"'):
        assert isinstance(failure(from_call("error", said)), StreamBroken)
    lost = queue("unexpected_error", event_id=None, message="gone", session_not_found=True)
    assert isinstance(failure(lost), StreamBroken)


def test_a_result_that_the_queue_feed_can_not_carry_ends_the_job_with_advice() -> None:
    told = failure(queue("unexpected_error", event_id=None, message="Integer exceeds 64-bit range"))
    assert told.message == "Integer exceeds 64-bit range"
    assert told.hint == "--route call may carry the result"
    older = queue("unexpected_error", event_id=None, version=Version(4, 23), message="too large")
    assert "--route" not in failure(older).hint


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
        '{"msg": "log", "event_id": "e", "log": ' + "[" * 301 + "]" * 301 + "}",
    ],
    ids=[
        "no json",
        "list",
        "no output",
        "outputs no list",
        "bar no object",
        "bars no list",
        "too deep",
        "deep",
    ],
)
def test_nonsense_in_the_stream_is_a_broken_stream(line: str) -> None:
    with pytest.raises(StreamBroken):
        from_queue(line, "e")


def test_numbers_that_json_has_not_are_understood() -> None:
    event = from_call("complete", "[Infinity, NaN]")
    assert isinstance(event, Complete)
    assert event.data[0] == float("inf")
