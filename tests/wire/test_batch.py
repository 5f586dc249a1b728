"""--batch: in which session its rows are queued."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.wire import inside
from tests.wire.server import (
    CALL,
    EVENTS,
    FEED,
    JOB,
    End,
    P,
    Script,
    completed,
    event,
    gradio,
    http,
    serving,
)

RESULT = EVENTS + b'event: complete\ndata: ["said"]\n\n'


def sessions(
    script: Script,
    home: Path,
    *words: str,
    endpoint: str = "/say",
    rows: Sequence[Any] = (["a"], ["b"], ["c"]),
) -> list[str | None]:
    """The session of each of three rows, done one after the other."""
    batch = home / "rows.jsonl"
    batch.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    with serving(gradio(script)) as server:
        call = ("call", server.url, endpoint, "--batch", str(batch), "-j", "1", *words)
        done = inside.run(*call, "--idle-timeout", "1", home=home)
        queued = [json.loads(r.body) for r in server.requests if r.path == f"{P}/call{endpoint}"]
    assert (done.code, done.out.count('"status": "ok"')) == (0, 3)
    return [body.get("session_hash") for body in queued]


def test_rows_that_follow_each_other_share_the_session_of_the_first(tmp_path: Path) -> None:
    assert sessions({}, tmp_path) == [None, JOB, JOB]


def test_a_session_whose_stream_goes_on_is_left_alone(tmp_path: Path) -> None:
    held = {FEED: (EVENTS, completed("said"), End.HOLD)}
    assert sessions(held, tmp_path) == [None, None, None]


def test_a_stream_that_goes_on_with_nonsense_ends_no_row(tmp_path: Path) -> None:
    nonsense = event(msg="progress", event_id=JOB, progress_data=3)
    assert sessions({FEED: EVENTS + completed("said") + nonsense}, tmp_path) == [None, None, None]


def test_a_session_in_which_a_component_was_changed_is_left_alone(tmp_path: Path) -> None:
    changed = {FEED: EVENTS + completed({"__type__": "update", "value": 2, "precision": 0})}
    assert sessions(changed, tmp_path) == [None, None, None]


def test_a_row_may_have_a_session_of_its_own_and_leaves_it_to_no_other(tmp_path: Path) -> None:
    own = {"data": ["b"], "session_hash": "mine"}
    assert sessions({}, tmp_path, rows=[["a"], own, ["c"]]) == [None, "mine", None]


def test_a_result_is_written_before_its_stream_ends(tmp_path: Path) -> None:
    held = {FEED: (EVENTS, completed("said"), End.HOLD)}
    batch = tmp_path / "rows.jsonl"
    batch.write_text('["a"]\n["b"]\n')
    with serving(gradio(held)) as server:
        call = ("call", server.url, "/say", "--batch", str(batch), "-j", "1", "-m", "3")
        done = inside.run(*call, home=tmp_path)
    assert (done.code, done.out.count('"status": "ok"')) == (28, 1)


@pytest.mark.parametrize("words", [(), ("--route", "call")])
def test_the_route_that_may_not_know_sessions_needs_none(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    refused = {FEED: http({"detail": "Not Found"}, 404), f"{CALL}/{JOB}": RESULT}
    assert sessions(refused, tmp_path, *words) == [None, None, None]


def test_a_component_that_comes_back_may_be_changed_and_is_not_shared(tmp_path: Path) -> None:
    script = {FEED: EVENTS + completed(None)}
    assert sessions(script, tmp_path, endpoint="/load", rows=[[None]] * 3) == [None, None, None]
