"""A job that is left to run, and fetched by its id: once, and nobody can come back to it."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.command import clean_environment, command, run
from tests.patience import HANGING
from tests.wire import inside
from tests.wire.server import CALL, EVENTS, FEED, JOB, End, gradio, serving

LOST = "  Gradio drops a job when its reader leaves: the result is probably lost"


@pytest.mark.parametrize("limit", [["-m", "1"], ["--idle-timeout", "1"]])
def test_a_limit_that_passes_while_a_job_is_fetched_tells_that_it_is_lost(limit: list[str]) -> None:
    with serving(gradio({FEED: (EVENTS, End.HOLD)})) as server:
        ended = run("call", server.url, "/say", "--event", JOB, *limit, check=28)
        not_fetched = run("call", server.url, "/say", "x", *limit, check=28)
    assert ended.err.splitlines()[1:] == [LOST]
    assert LOST not in not_fetched.err


def test_an_interrupt_while_a_job_is_fetched_tells_that_it_is_lost(tmp_path: Path) -> None:
    with (
        serving(gradio({FEED: (EVENTS, End.HOLD)})) as server,
        subprocess.Popen(
            command("call", server.url, "/say", "--event", JOB),
            env=clean_environment(tmp_path),
            stderr=subprocess.PIPE,
        ) as client,
    ):
        while f"GET {FEED}" not in server.paths():
            assert client.poll() is None
        client.send_signal(signal.SIGINT)
        _, told = client.communicate(timeout=HANGING)
    assert client.returncode == 130
    assert told.decode().splitlines() == ["gradio-curl: interrupted", LOST]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_the_id_of_a_job_is_told_where_stdout_can_not_be_written(
    options: list[str], tmp_path: Path
) -> None:
    with serving(gradio()) as server:
        words = ("call", server.url, "/say", "x", "--detach", *options)
        ended = inside.run(*words, home=tmp_path, writes=0)
        queued = server.paths().count(f"POST {CALL}")
    assert (ended.code, queued) == (23, 1)
    assert ended.err.splitlines() == [
        "gradio-curl: stdout can't be written: no space left on device",
        f"  the job is queued: its id is {JOB}",
    ]


def test_the_id_of_a_job_is_told_where_the_reader_of_stdout_went_away(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with serving(gradio()) as server:
        ended = subprocess.run(
            command("call", server.url, "/say", "x", "--detach"),
            stdout=theirs,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path),
            timeout=HANGING,
        )
    os.close(theirs)
    assert ended.returncode == 141
    assert ended.stderr.decode().splitlines()[1:] == [f"  the job is queued: its id is {JOB}"]


def test_a_job_is_not_fetched_at_another_endpoint(tmp_path: Path) -> None:
    with serving(gradio()) as server:
        detached = inside.run("call", server.url, "/say", "x", "--detach", home=tmp_path)
        other = inside.run("call", server.url, "/load", "--event", JOB, "--json", home=tmp_path)
        read = server.paths().count(f"GET {FEED}")
        same = inside.run("call", server.url, "/say", "--event", JOB, home=tmp_path)
    assert (detached.out, other.code, read) == (f"{JOB}\n", 2, 0)
    assert other.err == f"gradio-curl: job {JOB} was queued at /say, not at /load\n  use /say\n"
    assert json.loads(other.out)["exit_code"] == 2
    assert same.out == "said\n"
