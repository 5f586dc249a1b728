"""What a user meets first, on Gradio versions between those that run all the tests.

In the test command these run on `SMOKE_VERSIONS`; `python -m tests.versions` runs them on every
minor version, and names one in `GRADIO_CURL_TEST_SMOKE`.
"""

import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command import Completed, clean_environment, command, run
from tests.live.samples import made_picture, made_sound
from tests.live.servers import SMOKE_VERSIONS, Server, free_port, running
from tests.patience import patient
from tests.wire import inside

Gradio = Callable[..., Completed]
Differs = Callable[[str, object], None]

AUTH = "me:s3cret:with colon"
VERSIONS = os.environ.get("GRADIO_CURL_TEST_SMOKE", "").split() or list(SMOKE_VERSIONS)
# Raise errors; big integers and lone surrogates are what no server can send in a text.
FAILING = {"/crash", "/errors_empty", "/errors_lines", "/yields_then_fails"}
NOT_CARRIED = {"/big_int", "/surrogate"}
NO_TYPE_FITS = (
    "gradio-curl: Invalid file type. Please upload a file that is one of these formats: ['.txt']\n"
)
# Take a second each, and tell nothing that others do not.
SLOW = {"/busy", "/slow", "/slow_stream", "/slow_text"}


@pytest.fixture(scope="module", params=VERSIONS)
def both(request: pytest.FixtureRequest) -> Iterator[tuple[Server, str]]:
    """The test app on one Gradio version after the other, and the URL of one behind a login."""
    port = free_port()
    options = (f"--guarded-port={port}", f"--auth={AUTH}")
    with running(request.param, *options, script="smoke.py") as server:
        yield server, f"http://127.0.0.1:{port}"


@pytest.fixture
def gradio(tmp_path: Path) -> Gradio:
    """The command in this process: what is tested runs some eighty times on each version."""

    def run_inside(*words: str | Path, check: int | None = None) -> Completed:
        ended = inside.run(*words, home=tmp_path)
        assert check in (None, ended.code), (words, ended.code, ended.out, ended.err)
        return ended

    return run_inside


@pytest.fixture
def between(both: tuple[Server, str]) -> Server:
    """The app without a login."""
    return both[0]


@pytest.fixture
def app(between: Server) -> str:
    return between.url


@pytest.fixture
def release(between: Server) -> tuple[int, ...]:
    """The version as numbers, to compare."""
    return tuple(map(int, between.version.split(".")))


@pytest.fixture
def differs(record_property: Differs) -> Callable[[str], None]:
    """Notes what is different on this version, for the table of `tests.versions`."""
    return lambda fact: record_property("differs", fact)


def test_a_call_takes_names_and_gives_the_results(gradio: Gradio, app: str) -> None:
    words = ("call", app, "/greet", "name=Zoë", "count=2", "excited=true")
    assert run(*words, check=0).out == "Hello Zoë!\nHello Zoë!\n"
    assert gradio("call", app, "/greet", "Bob", check=0).out == "Hello Bob.\n"
    several = gradio("call", app, "/several", "one two", "--json", check=0)
    assert json.loads(several.out) == ["ONE TWO", 7, ["one", "two"]]
    value = {"deep": [1, None, {"": "é"}]}
    echoed = gradio("call", app, "/json_echo", f"value:={json.dumps(value)}", "--json", check=0)
    assert json.loads(echoed.out) == [value]


def test_the_documented_route_serves(gradio: Gradio, app: str) -> None:
    assert gradio("call", app, "/greet", "Bob", "--route", "call", check=0).out == "Hello Bob.\n"


def test_the_recipe_for_curl_runs(gradio: Gradio, app: str, tmp_path: Path) -> None:
    recipe = gradio("call", app, "/greet", "Bob's", "--curl", check=0).out
    ended = subprocess.run(
        ["sh", "-c", recipe], cwd=tmp_path, capture_output=True, text=True, timeout=patient(60)
    )
    assert "Hello Bob's." in ended.stdout


def test_rows_of_a_batch(gradio: Gradio, app: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(f'{{"a": {n}, "b": 1}}\n' for n in range(4)))
    out = gradio("call", app, "/add", "--batch", rows, check=0).out
    assert sorted(json.loads(line)["data"] for line in out.splitlines()) == [[1], [2], [3], [4]]


def test_a_stream_tells_what_happens(gradio: Gradio, app: str) -> None:
    lines = gradio("stream", app, "/count", "n=3", check=0).out.splitlines()
    events = [json.loads(line) for line in lines]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "queued"
    assert {"started", "generating"} <= set(kinds)
    assert (kinds[-1], events[-1]["data"]) == ("complete", ["1 2 3"])
    assert gradio("stream", app, "/count", "n=3", "--text", check=0).out == "1 2 3\n"


def test_progress_and_messages(gradio: Gradio, app: str) -> None:
    lines = gradio("stream", app, "/progress", "n=3", check=0).out.splitlines()
    events = [json.loads(line) for line in lines]
    bars = [event for event in events if event["event"] == "progress"]
    assert bars
    assert bars[-1]["progress"][0]["desc"] == "Working"
    noticed = gradio("call", app, "/notices", "hello", check=0)
    assert "info: hello" in noticed.err
    assert "warning: hello" in noticed.err


def test_files_go_in_and_out(gradio: Gradio, app: str, picture: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd näme 'x'.txt"
    odd.write_bytes(b"content \xff")
    back = tmp_path / "back.txt"
    gradio("call", app, "/file_echo", f"file@{odd}", "-o", back, check=0)
    assert back.read_bytes() == b"content \xff"
    words = ["call", app, "/gallery_info", f"photos@{picture}", f"photos@{picture}", "--json"]
    (gallery,) = json.loads(gradio(*words, check=0).out)
    assert gallery["sizes"] == [[4, 3], [4, 3]]
    folder = tmp_path / "made"
    gradio("call", app, "/gallery_make", "n=2", "-o", f"{folder}/", check=0)
    assert len(list(folder.iterdir())) == 2
    gradio("call", app, "/update", "text=new", "-o", f"{folder}/", check=0)
    assert (folder / "updated.txt").read_text() == "new"


def test_a_session_keeps_its_state(gradio: Gradio, app: str) -> None:
    for n, told in (("a", "1: a\n"), ("b", "1: a | 2: b\n")):
        assert gradio("call", app, "/remember", n, "--session", "mine", check=0).out == told
    assert gradio("call", app, "/remember", "c", check=0).out == "1: c\n"
    for turn in ("1", "2"):
        chat = gradio("call", app, "/chat", "hello", "--session", "chat", check=0)
        assert chat.out == f"{turn}: hello\n"


def test_a_job_is_left_and_collected(gradio: Gradio, app: str) -> None:
    event_id = gradio("call", app, "/several", "one two", "--detach", check=0).out.strip()
    collected = gradio("call", app, "--event", event_id, "--json", check=0)
    assert json.loads(collected.out) == ["ONE TWO", 7, ["one", "two"]]
    event_id = gradio("call", app, "/divide", "1", "0", "--detach", check=0).out.strip()
    failed = gradio("call", app, "--event", event_id, check=1)
    assert failed.err == "gradio-curl: Cannot divide by zero!\n"
    unknown = gradio("call", app, "--event", "0123456789abcdef", check=18)
    assert "no such job" in unknown.err


def test_errors_have_their_codes_and_texts(gradio: Gradio, app: str) -> None:
    failed = gradio("call", app, "/divide", "1", "0", check=1)
    assert failed.err == "gradio-curl: Cannot divide by zero!\n"
    lines = gradio("stream", app, "/yields_then_fails", check=1).out.splitlines()
    last = json.loads(lines[-1])
    assert (last["event"], last["message"]) == ("error", "Broke after two")
    gradio("call", app, "/crash", "x", check=1)
    assert "did you mean /greet?" in gradio("call", app, "/gret", "x", check=2).err
    gradio("call", app, "/add", "a=x", "b=1", check=2)
    gradio("call", app, "/slide", "steps=11", check=2)


def test_a_validator_refuses(gradio: Gradio, app: str, differs: Callable[[str], None]) -> None:
    if "/validated" not in endpoints(gradio, app):
        differs("no validators")
        return
    refused = gradio("call", app, "/validated", "age=-1")
    assert refused.code in (1, 2)
    assert "Age must not be negative" in refused.err


def test_ctrl_c_stops_the_job_on_the_server(
    gradio: Gradio,
    app: str,
    release: tuple[int, ...],
    tmp_path: Path,
    differs: Callable[[str], None],
) -> None:
    def status() -> dict[str, int]:
        told: dict[str, int] = json.loads(gradio("call", app, "/slow_status", check=0).out)
        return told

    before = status()
    process = subprocess.Popen(
        command("stream", app, "/slow_stream", "3"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(tmp_path),
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "generating":
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=patient(60))
    assert (process.returncode, err) == (130, b"gradio-curl: interrupted\n")
    # Until it tells that it was stopped. Where it does not, it has run on to its end by then.
    deadline = time.monotonic() + 5
    while status()["cancelled"] == before["cancelled"] and time.monotonic() < deadline:
        time.sleep(0.2)
    after = status()
    stopped = after["streamed"] == before["streamed"]
    if not stopped:
        differs("Ctrl-C: the job runs on")
    elif after["cancelled"] == before["cancelled"]:
        differs("Ctrl-C: the generator is dropped without an end")
    assert stopped or release < (4, 24)


def test_a_login(gradio: Gradio, both: tuple[Server, str]) -> None:
    _, guarded = both
    assert "--auth USER:PASSWORD" in gradio("call", guarded, "Bob", check=67).err
    assert "rejected the login" in gradio("call", guarded, "Bob", "-u", "me:no", check=67).err
    for _ in range(2):
        assert gradio("call", guarded, "Bob", "--auth", AUTH, check=0).out == "Hello Bob!\n"


def test_each_example_of_info_runs(
    gradio: Gradio,
    between: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    differs: Callable[[str], None],
) -> None:
    described = endpoints(gradio, between.url)
    for name in ("image.png", "image2.png"):
        made_picture(tmp_path / name, 4, 3)
    made_sound(tmp_path / "audio.wav")
    for name in ("file.txt", "video.mp4", "model.glb"):
        (tmp_path / name).write_text("text", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    failed = {}
    for name, endpoint in described.items():
        if name in FAILING | NOT_CARRIED | SLOW:
            continue
        _, *words = shlex.split(endpoint["example"])
        ended = gradio(*words)
        if name == "/text_file" and ended.err == NO_TYPE_FITS:
            # 5.0 compares ".txt" with the "plain" of text/plain.
            differs("gr.File refuses every file where file_types has '.txt'")
        elif ended.code != 0:
            failed[endpoint["example"]] = ended.err
    assert len(described) > 45
    assert failed == {}


def endpoints(gradio: Gradio, app: str) -> dict[str, Any]:
    """What `info` tells of each endpoint."""
    told = json.loads(gradio("info", app, "--json", check=0).out)
    return {endpoint["name"]: endpoint for endpoint in told["endpoints"]}
