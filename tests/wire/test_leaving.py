"""How a job is left: what the server is asked to stop, and how long its answer is waited for."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import gradio_curl
from tests.command import clean_environment, command, covered, run
from tests.patience import HANGING
from tests.wire.server import (
    CALL,
    CONFIG,
    EVENTS,
    FEED,
    INFO,
    JOB,
    End,
    P,
    Server,
    event,
    generating,
    gradio,
    http,
    serving,
)

ROOT = Path(gradio_curl.__file__).parent.parent
STARTED = event(msg="process_starts", event_id=JOB, eta=None)
QUEUED = event(msg="estimation", event_id=JOB, rank=0, queue_size=1, rank_eta=None)
STOPS = (f"POST {P}/cancel", f"POST {P}/reset")


def app(version: str, heard: bytes, cancel: Any = None) -> dict[str, Any]:
    """An app of this version that says no more than what was heard of the job."""
    replies = gradio({FEED: [EVENTS + heard, End.HOLD], f"{P}/reset": http({"success": True})})
    replies["/config"] = http({**CONFIG, "version": version})
    if cancel is not None:
        replies[f"{P}/cancel"] = cancel
    return replies


def stops(server: Server) -> list[str]:
    return [path.rpartition("/")[2] for path in server.paths() if path in STOPS]


@pytest.mark.parametrize(
    ("version", "heard", "asked"),
    [
        ("6.31.0", QUEUED, ["cancel"]),
        ("6.31.0", STARTED, ["cancel"]),
        ("6.13.0", QUEUED, []),
        ("6.13.0", STARTED, ["cancel"]),
        ("5.50.0", generating("a"), ["cancel"]),
        ("4.31.0", STARTED, ["cancel", "reset"]),
        ("4.20.0", STARTED, ["reset"]),
        ("4.20.0", QUEUED, []),
    ],
)
@pytest.mark.parametrize("rows", [None, '["x"]\n'])
def test_a_job_is_stopped_as_its_version_can(
    version: str, heard: bytes, asked: list[str], rows: str | None
) -> None:
    with serving(app(version, heard)) as server:
        if rows is None:
            run("call", server.url, "/say", "x", "--idle-timeout", "0.3", check=28)
        else:
            batch = ("--batch", "-", "--idle-timeout", "0.3")
            run("call", server.url, "/say", *batch, input=rows, check=1)
    assert stops(server) == asked


@pytest.mark.parametrize(("version", "asked"), [("6.31.0", ["cancel"]), ("6.13.0", [])])
def test_a_batch_is_stopped_as_its_version_can(
    version: str, asked: list[str], tmp_path: Path
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('["x"]\n')
    with serving(app(version, QUEUED)) as server:
        process = subprocess.Popen(
            command("call", server.url, "/say", "--batch", str(rows), "-v"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path, covered()),
            text=True,
        )
        assert process.stderr
        # The events have begun.
        while "queue/data" not in process.stderr.readline():
            pass
        while not process.stderr.readline().startswith("< Content-Type"):
            pass
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=HANGING)
    assert process.returncode == 130
    assert stops(server) == asked


def dribble() -> list[bytes | float]:
    """An answer that never ends, and never pauses for long."""
    drops: list[bytes | float] = [b" ", 0.2]
    return [http({}, headers={"Content-Length": "9999"}), *(drops * 200)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_answer_that_drips_does_not_hold_the_command(number: int, tmp_path: Path) -> None:
    # Forty seconds of dripping, two of patience: the process ends long before the server does.
    with serving(app("6.31.0", STARTED, dribble())) as server:
        process = subprocess.Popen(
            command("stream", server.url, "/say", "x"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path, covered()),
        )
        assert process.stdout
        assert b"started" in process.stdout.readline()
        process.send_signal(number)
        out, _ = process.communicate(timeout=HANGING)
    assert process.returncode == 128 + number
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["exit_code"]) == ("error", 128 + number)
    assert stops(server) == ["cancel"]


TAKEN = "  the app may have taken the job, which can't be cancelled without its id"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_before_the_id_of_the_job_is_known_tells_so(
    number: signal.Signals, tmp_path: Path
) -> None:
    with serving(gradio({CALL: [End.HOLD]})) as server:
        process = subprocess.Popen(
            command("call", server.url, "/say", "x"),
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path, covered()),
            text=True,
        )
        while f"POST {CALL}" not in server.paths():
            assert process.poll() is None
        process.send_signal(number)
        _, told = process.communicate(timeout=HANGING)
    assert process.returncode == 128 + number
    assert told.splitlines() == ["gradio-curl: interrupted", TAKEN]


def test_a_limit_before_the_id_of_the_job_is_known_tells_so() -> None:
    with serving(gradio({CALL: [End.HOLD]})) as server:
        ended = run("call", server.url, "/say", "x", "-m", "1", check=28)
        asked = run("call", server.url, "/say", "x", "-m", "1", "--retry", "1", check=28)
    assert ended.err.splitlines() == ["gradio-curl: --max-time of 1 s passed", TAKEN]
    assert asked.err == ended.err
    assert stops(server) == []


def test_a_name_without_a_route_goes_by_the_queue() -> None:
    config = {**CONFIG, "dependencies": [{**CONFIG["dependencies"][0], "api_name": "a/b"}]}
    info = {"named_endpoints": {"/a/b": INFO["named_endpoints"]["/say"]}}
    script = gradio({"/config": http(config), f"{P}/info": http(info)})
    script[f"{P}/queue/join"] = http({"event_id": JOB})
    with serving(script) as server:
        assert run("call", server.url, "/a/b", "x", check=0).out == "said\n"
        refused = run("call", server.url, "/a/b", "x", "--route", "call", check=2)
    assert "no /call route carries the name /a/b" in refused.err
    (join,) = (r for r in server.requests if r.path == f"{P}/queue/join")
    (feed,) = (r for r in server.requests if r.path == FEED)
    assert b'"fn_index": 0' in join.body
    session = feed.target.rpartition("=")[2]
    assert session.encode() in join.body


@pytest.mark.parametrize("version", ["5.50.0", "6.17.0"])
@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (["x", "--session", "s"], ""),
        (["--batch", "-", "--session", "s"], '["x"]'),
        (["--batch", "-"], '{"data": ["x"], "session_hash": "s"}'),
    ],
)
def test_a_route_that_loses_the_result_is_refused_before_the_job(
    version: str, words: list[str], rows: str
) -> None:
    replies = gradio({"/config": http({**CONFIG, "version": version})})
    with serving(replies) as server:
        call = ["call", server.url, "/say", *words, "--route", "call"]
        assert "before Gradio 6.18" in run(*call, input=rows, check=2).err
    assert f"POST {CALL}" not in server.paths()


# How early a signal may come

SIGNALLED = """
import os, sys
class Finder:
    left = None
    def find_spec(self, name, path=None, target=None):
        if self.left == 0:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), int(os.environ["SIGNAL"]))
        if name == "gradio_curl.__main__":
            Finder.left = int(os.environ["IMPORTS"])
        elif self.left:
            Finder.left -= 1
sys.meta_path.insert(0, Finder())
"""
SCRIPT = "import sys\nfrom gradio_curl.__main__ import main\nsys.exit(main())\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("imports", [0, 1, 2, 5, 10, 20, 50, 100, 150])
def test_a_signal_while_python_imports_is_no_traceback(
    number: signal.Signals, imports: int, tmp_path: Path
) -> None:
    """It comes while the command looks for the module that it imports after so many others."""
    (tmp_path / "sitecustomize.py").write_text(SIGNALLED)
    script = tmp_path / "gradio-curl"
    script.write_text(SCRIPT)
    variables = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "IMPORTS": str(imports), "SIGNAL": str(number)}
    ended = subprocess.run(
        [sys.executable, str(script), "info", "http://127.0.0.1:1"],
        env=clean_environment(tmp_path, variables),
        capture_output=True,
        text=True,
        timeout=HANGING,
    )
    killed = (-number, "")
    told = (128 + number, "gradio-curl: interrupted\n")
    silent = (128 + number, "")
    assert (ended.returncode, ended.stderr) in (killed, told, silent)
