"""An output keeps the value that its job gave it last, until the job gives it another one.

A generator leaves outputs as they were with `gr.skip()`, or with an update that sets only
properties: a browser goes on showing the value. So does every command, by either route.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import run
from tests.wire.server import (
    CALL,
    EVENTS,
    FEED,
    JOB,
    P,
    completed,
    file_output,
    generating,
    http,
    serving,
)
from tests.wire.server import gradio as app

SKIP = {"__type__": "update"}
BUTTON = {**SKIP, "interactive": True}
YIELDED: list[list[Any]] = [[SKIP, "draft", None], [SKIP, "The answer", 7], [BUTTON, SKIP, SKIP]]
RESULT = [BUTTON, "The answer", 7]


def named(name: str, data: list[Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def script(*yielded: list[Any]) -> dict[str, Any]:
    """An app whose generator yields these outputs, by either route."""
    by_call = b"".join(named("generating", data) for data in yielded)
    return {
        FEED: EVENTS + b"".join(generating(*data) for data in yielded) + completed(*yielded[-1]),
        f"{CALL}/{JOB}": EVENTS + by_call + named("complete", yielded[-1]),
    }


@pytest.mark.parametrize("route", ["queue", "call"])
def test_what_the_last_yield_leaves_alone_is_the_result(route: str) -> None:
    with serving(app(script(*YIELDED))) as server:
        call = ("call", server.url, "/say", "text=hi", "--route", route)
        plain = run(*call, check=0)
        as_json = run(*call, "--json", check=0)
        stream = run("stream", *call[1:], check=0)
        grown = run("stream", *call[1:], "--text", check=0)
    assert plain.out == "null\nThe answer\n7\n"
    assert json.loads(as_json.out) == RESULT
    events = [json.loads(line)["data"] for line in stream.out.splitlines() if '"data"' in line]
    assert events == [[None, "draft", None], [None, "The answer", 7], RESULT, RESULT]
    assert grown.out == "draft\nThe answer\n"


def test_an_update_of_properties_carries_the_value_that_stands() -> None:
    set_before = {**SKIP, "value": "set", "label": "L"}
    with serving(app(script([set_before, "a"], [BUTTON, BUTTON], [SKIP, SKIP]))) as server:
        call = ("call", server.url, "/say", "text=hi")
        plain, stream = run(*call, check=0), run("stream", *call[1:], check=0)
    events = [json.loads(line)["data"] for line in stream.out.splitlines() if '"data"' in line]
    changed = [{**BUTTON, "value": "set"}, {**BUTTON, "value": "a"}]
    assert events == [[set_before, "a"], changed, ["set", "a"], ["set", "a"]]
    assert plain.out == "set\na\n"


def test_a_file_that_is_left_alone_is_saved(tmp_path: Path) -> None:
    files = {f"{P}/file=/server/a.txt": http(b"content")}
    replies = script([SKIP, file_output()], [BUTTON, SKIP])
    with serving(app({**replies, **files})) as server:
        call = ("call", server.url, "/say", "text=hi")
        saved = run(*call, "-o", "out.txt", cwd=tmp_path, check=0)
        printed = run(*call, check=0)
    assert saved.out == "null\nout.txt\n"
    assert (tmp_path / "out.txt").read_bytes() == b"content"
    assert printed.out == f"null\n{server.url}{P}/file=/server/a.txt\n"


def test_rows_and_detached_jobs_keep_values_too(tmp_path: Path) -> None:
    (tmp_path / "rows").write_text("hi\n")
    with serving(app(script(*YIELDED))) as server:
        rows = run("call", server.url, "/say", "text={}", "--batch", "rows", cwd=tmp_path, check=0)
        fetched = run("call", server.url, "/say", "--event", JOB, "--json", check=0)
    assert json.loads(rows.out)["data"] == RESULT
    assert json.loads(fetched.out) == RESULT


@pytest.mark.parametrize("more", [[], [3]])
def test_an_output_that_is_never_set_is_null(more: list[Any], tmp_path: Path) -> None:
    with serving(app(script([SKIP, *more]))) as server:
        call = ("call", server.url, "/say", "text=hi")
        plain, as_json = run(*call, check=0), run(*call, "--json", check=0)
        stream = run("stream", *call[1:], check=0)
        saved = run(*call, "--json", "-o", "all.json", cwd=tmp_path, check=None)
    assert plain.out == "".join(f"{json.dumps(value)}\n" for value in [None, *more])
    assert json.loads(as_json.out) == [None, *more]
    assert "update" not in stream.out
    assert saved.code == (0 if more else 23)
    if more:
        assert json.loads((tmp_path / "all.json").read_text()) == [None, *more]
