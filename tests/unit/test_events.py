"""The messages of both routes become the same events. The lines are those of real servers."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.errors import AppError, Busy, Failure, StreamBroken
from gradio_curl.protocol.events import (
    UNCHANGED,
    Bar,
    Complete,
    Error,
    Event,
    Generating,
    Heartbeat,
    Kept,
    Log,
    Progress,
    Queued,
    Started,
    from_call,
    from_queue,
    is_update,
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


def test_a_message_may_lack_what_the_feed_has_elsewhere() -> None:
    assert queue("estimation") == Queued(None, None, None)
    assert queue("process_starts") == Started(None)
    assert queue("progress") == queue("progress", progress_data=None) == Progress(())
    assert queue("progress", progress_data=[{"progress": 0.5}]) == Progress(
        (Bar(None, None, None, 0.5, None),)
    )
    assert queue("log") == Log("info", "", None)
    generating = Generating(["a"])
    for told in (
        queue("process_generating", output={"data": ["a"]}),
        queue("process_generating", output={"data": ["a"]}, success=True),
    ):
        assert (type(told), told) == (Generating, generating)
    assert queue("process_completed", output={"data": ["b"]}) == Complete(["b"])


def test_a_log_has_its_title_and_tells_whom_it_is_for() -> None:
    fields: dict[str, Any] = {"log": "Careful", "level": "warning", "title": "Note"}
    assert queue("log", **fields) == Log("warning", "Careful", "Note")
    assert queue("log", **fields, visible=True) == Log("warning", "Careful", "Note", visible=True)
    assert queue("log", **fields, visible=False) == Log("warning", "Careful", "Note", visible=False)


def test_ranks_are_whole_numbers_and_bars_any() -> None:
    place = queue("estimation", rank=2.0, queue_size=2.5, rank_eta=3)
    assert place == Queued(2, None, 3)
    bars = queue("progress", progress_data=[{"index": 1.5, "length": float("inf"), "unit": 3}])
    assert bars == Progress((Bar(1.5, None, "3", None, None),))
    assert queue("estimation", rank=True, queue_size="3") == Queued(None, None, None)


def test_the_documented_route_has_four_events() -> None:
    assert from_call("generating", '["a"]') == Generating(["a"])
    assert from_call("heartbeat", "null") == Heartbeat()
    assert from_call("complete", '["b"]') == from_call("completed", '["b"]') == Complete(["b"])
    assert from_call("whatever", "null") is None


def test_the_messages_of_another_job_of_the_session_are_not_ours() -> None:
    assert queue("process_completed", event_id="other", output={"data": []}) is None
    assert queue("close_stream", event_id=None) is None
    assert queue("a kind of tomorrow") is None
    assert from_queue('{"msg": ["a list"], "event_id": "e"}', "e") is None


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
        ("'\\U00110000'", "'\\U00110000'"),
        ("'\\Uffffffff'", "'\\Uffffffff'"),
        ("'\\U0010ffff'", "\U0010ffff"),
        ("XX\n", "XX"),
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
    assert told.message == "You have exceeded your GPU quota. Try again in 1:02:03. <a>"
    assert isinstance(refusal("No credits left", title=title), Busy)
    assert refusal("", title=title).message == title


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
    assert titled("Too large", "") == "Too large"
    assert titled("no", "no") == "no"
    assert titled(" Warning ", "no") == titled("SUCCESS", "no") == titled("", "no") == "no"
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


SHOW = "show_error=True in the app's launch() would show it"
WITHOUT = "the app reported an error without a message"


@pytest.mark.parametrize(
    ("version", "data", "message", "hint", "title"),
    [
        (LATEST, '{"error": "No!", "title": "Too large"}', "No!", "", "Too large"),
        (LATEST, '{"error": "No!"}', "No!", "", None),
        (LATEST, '{"error": null, "title": "Error"}', WITHOUT, SHOW, "Error"),
        (LATEST, '"No!"', "No!", "", None),
        (Version(6, 13), "null", WITHOUT, SHOW, None),
        (
            Version(6, 12),
            "null",
            WITHOUT,
            f"before Gradio 6.13 this route drops messages: try --route queue; or {SHOW}",
            None,
        ),
        (Version(5, 3), "\"'No!'\"", "'No!'", "", None),
        (Version(4, 44), "\"'No!'\"", "No!", "", None),
        (
            Version(4, 31),
            "null",
            WITHOUT,
            "from Gradio 4.31 to 4.42 this route can't carry the output of gr.JSON, and before "
            "6.13 it drops messages: try --route queue",
            None,
        ),
        (Version(4, 31), "\"'No!'\"", "No!", "", None),
    ],
)
def test_an_error_on_the_documented_route_is_null_on_4_and_5_and_an_object_on_6(
    version: Version, data: str, message: str, hint: str, title: str | None
) -> None:
    told = failure(from_call("error", data, version))
    assert isinstance(told, AppError)
    assert (told.message, told.hint, told.title) == (message, hint, title)


LOST = (
    "the server has no such job (any more)",
    "its events were read already, the app was restarted, or another reader of the same session "
    "took them",
)
STOPPED = ("the app was stopped while the job ran", "")


@pytest.mark.parametrize("route", ["call", "queue"])
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("404: Session not found.", LOST),
        ("404: Not Found", LOST),
        ("Server stopped unexpectedly.", STOPPED),
    ],
)
def test_a_job_that_the_server_does_not_know_is_a_broken_stream(
    route: str, said: str, told: tuple[str, str]
) -> None:
    if route == "call":
        broken = failure(from_call("error", json.dumps(said)))
    else:
        broken = failure(queue("unexpected_error", None, message=said))
    assert isinstance(broken, StreamBroken)
    assert (broken.message, broken.hint) == told


def test_a_session_that_is_not_found_is_told_whatever_the_message() -> None:
    broken = failure(queue("unexpected_error", None, message="gone", session_not_found=True))
    assert (type(broken), broken.message, broken.hint) == (StreamBroken, *LOST)
    other = failure(queue("unexpected_error", None, message="gone", session_not_found=False))
    assert (type(other), other.message) == (AppError, "gone")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"__type__": "update", "value": 1}, True),
        ({"__type__": "other"}, False),
        ({"type": "update"}, False),
        ("update", False),
        (None, False),
    ],
)
def test_an_update_says_what_it_is(value: Any, expected: bool) -> None:
    assert is_update(value) is expected


SKIP = {"__type__": "update"}
SHOWN = {"__type__": "update", "visible": True}


@pytest.mark.parametrize(
    ("events", "last"),
    [
        ([[1, 2]], [1, 2]),
        ([[1, 2], [SKIP, 3]], [1, 3]),
        ([[1], [SKIP], [SKIP]], [1]),
        ([[SKIP]], [UNCHANGED]),
        ([[1], [SKIP, SKIP]], [1, UNCHANGED]),
        ([[1, 2, 3], [SKIP]], [1]),
        ([[SHOWN]], [SHOWN]),
        ([[SHOWN], [SKIP]], [UNCHANGED]),
        ([[1], [SHOWN]], [{**SHOWN, "value": 1}]),
        ([[1], [SHOWN], [SKIP]], [1]),
        ([[None], [SHOWN]], [{**SHOWN, "value": None}]),
        ([[1], [{**SHOWN, "value": 2}]], [{**SHOWN, "value": 2}]),
        ([[{**SHOWN, "value": 2}], [SKIP]], [2]),
        ([[1], [{"__type__": "other"}], [SKIP]], [{"__type__": "other"}]),
    ],
)
def test_an_output_that_is_not_set_keeps_its_value(events: list[Any], last: list[Any]) -> None:
    kept = Kept()
    assert [kept.outputs(data) for data in events][-1] == last


def test_a_result_that_the_queue_feed_can_not_carry_ends_the_job_with_advice() -> None:
    told = failure(queue("unexpected_error", event_id=None, message="Integer exceeds 64-bit range"))
    assert told.message == "Integer exceeds 64-bit range"
    assert told.hint == "--route call may carry the result"
    older = queue("unexpected_error", event_id=None, version=Version(4, 23), message="too large")
    assert "--route" not in failure(older).hint


def test_a_full_queue_is_busy_and_a_cancelled_job_says_so() -> None:
    full = failure(queue("queue_full"))
    assert isinstance(full, Busy)
    assert (full.message, full.turned_away) == ("the app's queue is full", True)
    assert full.hint == "use --retry N to try again"
    for event in (
        queue("process_completed", success=True, output={}),
        from_call("complete", "null"),
    ):
        cancelled = failure(event)
        assert isinstance(cancelled, AppError)
        assert cancelled.message == "the job was cancelled"


def test_a_generator_that_fails_ends_with_an_error() -> None:
    told = queue("process_generating", success=False, output={"error": "Broke"})
    assert failure(told).message == "Broke"
    titles: dict[str, Any] = {"output": {"error": "Broke", "title": "Inner"}, "title": "Outer"}
    assert failure(queue("process_completed", success=False, **titles)).title == "Inner"
    titles["output"] = {"error": "Broke"}
    assert failure(queue("process_completed", success=False, **titles)).title == "Outer"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("no json", "data that is not valid JSON: Expecting value at column 1"),
        ("9" * 5000, "data that is not valid JSON: a number has too many digits"),
        ("[]", "a message that is not an object"),
        ('{"msg": "process_completed", "event_id": "e"}', "a message without an output"),
        (
            '{"msg": "process_completed", "event_id": "e", "output": {"data": 3}}',
            "outputs that are not a list",
        ),
        (
            '{"msg": "progress", "event_id": "e", "progress_data": [3]}',
            "a progress bar that is not an object",
        ),
        (
            '{"msg": "progress", "event_id": "e", "progress_data": 3}',
            "progress bars that are not a list",
        ),
        ("[" * 100_000, "data nested over 300 levels deep"),
        (
            '{"msg": "log", "event_id": "e", "log": ' + "[" * 300 + "]" * 300 + "}",
            "data nested over 300 levels deep",
        ),
    ],
    ids=["no json", "number", "list", "no output", "outputs", "bar", "bars", "too deep", "deep"],
)
def test_nonsense_in_the_stream_is_a_broken_stream(line: str, told: str) -> None:
    with pytest.raises(StreamBroken) as broken:
        from_queue(line, "e")
    assert broken.value.message == f"the event stream has {told}"


def test_three_hundred_levels_of_an_output_are_taken() -> None:
    deep = '[{"a": ' * 149 + "[[" + "]]" + "}]" * 149
    event = from_call("complete", deep)
    assert isinstance(event, Complete)
    assert event.data[0]["a"] == json.loads(deep)[0]["a"]
    with pytest.raises(StreamBroken):
        from_call("complete", f"[{deep}]")
    brackets = json.dumps(["[" * 400])
    assert from_call("complete", brackets) == Complete(["[" * 400])


@pytest.mark.parametrize("name", ["generating", "complete"])
def test_outputs_of_the_documented_route_are_a_list(name: str) -> None:
    with pytest.raises(StreamBroken) as broken:
        from_call(name, '{"data": []}')
    assert broken.value.message == "the event stream has outputs that are not a list"


def test_numbers_that_json_has_not_are_understood() -> None:
    event = from_call("complete", "[Infinity, NaN]")
    assert isinstance(event, Complete)
    assert event.data[0] == float("inf")
