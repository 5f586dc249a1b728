"""How a command ends when it is stopped: the code, the last words, and what the server does."""

import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command import Completed, clean_environment, command
from tests.live.servers import VERSIONS, Server
from tests.patience import HANGING

Gradio = Callable[..., Completed]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the command without waiting for it."""
    started: list[subprocess.Popen[bytes]] = []

    def start_it(*args: str, **options: object) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            command(*args),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path),
        )
        started.append(process)
        return process

    yield start_it
    for process in started:
        process.kill()
        process.communicate()


def wait_for(process: "subprocess.Popen[bytes]", event: str) -> None:
    """Reads events until this one. It comes while the job runs, or the test takes too long."""
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == event:
            return
    raise AssertionError(f"no {event}: {process.communicate()[1].decode()}")


def ended(process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    _, err = process.communicate(timeout=HANGING)
    return process.returncode, err.decode()


def jobs(gradio: Gradio, server: Server, state: str) -> int:
    count: int = json.loads(gradio("call", server.url, "slow_status", check=0).out)[state]
    return count


def long_job(server: Server) -> list[str]:
    """A job that lasts until it is cancelled; where only its end tells that, some seconds."""
    return ["slow_stream", "3" if server.version == "4.44.1" else "20"]


@contextmanager
def a_job_is_cancelled(gradio: Gradio, server: Server) -> Iterator[None]:
    """Holds that the server stops one running job because of what the block does."""
    streamed, cancelled = (jobs(gradio, server, state) for state in ("streamed", "cancelled"))
    yield
    if server.version == "4.44.1":
        # It drops the generator without telling it: the job is seen to have no end.
        time.sleep(4)
    else:
        deadline = time.monotonic() + HANGING
        while jobs(gradio, server, "cancelled") == cancelled:
            assert time.monotonic() < deadline, "the job runs on"
            time.sleep(0.2)
    assert jobs(gradio, server, "streamed") == streamed


# Signals


@pytest.mark.parametrize("version", VERSIONS[1:])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_cancels_the_job_on_the_server(
    gradio: Gradio,
    server_of: Callable[[str], Server],
    start: Start,
    version: str,
    number: signal.Signals,
    code: int,
) -> None:
    server = server_of(version)
    with a_job_is_cancelled(gradio, server):
        process = start("stream", server.url, *long_job(server))
        # That it is here already shows that events are flushed one by one.
        wait_for(process, "generating")
        process.send_signal(number)
        assert ended(process) == (code, "gradio-curl: interrupted\n")


def test_ctrl_c_ends_a_command_wherever_it_is(server: Server, start: Start) -> None:
    # 4.20 can not cancel: a short job, since it runs on.
    process = start("stream", server.url, "slow_stream", "1")
    wait_for(process, "started")
    process.send_signal(signal.SIGINT)
    assert ended(process) == (130, "gradio-curl: interrupted\n")


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_a_second_ctrl_c_does_not_wait_for_a_server_that_hangs(
    server_of: Callable[[str], Server], start: Start, version: str
) -> None:
    server = server_of(version)
    process = start("stream", server.url, "slow_stream", "2", "-v")
    wait_for(process, "generating")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        for line in process.stderr:
            if line.endswith(b"/cancel\n"):
                break
        process.send_signal(signal.SIGINT)
        assert ended(process) == (130, "gradio-curl: interrupted\n")
    finally:
        os.kill(server.pid, signal.SIGCONT)


def test_what_was_started_deaf_to_ctrl_c_stays_so(server: Server, tmp_path: Path) -> None:
    call = " ".join(command("stream", server.url, "count", "2", "0.1"))
    script = f"trap '' INT; {call} & job=$!; sleep 0.3; kill -INT $job; wait $job"
    finished = subprocess.run(
        ["sh", "-c", script], capture_output=True, env=clean_environment(tmp_path), timeout=HANGING
    )
    assert finished.returncode == 0
    assert b'"complete"' in finished.stdout


# Pipes and disks


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(
    server: Server, tmp_path: Path
) -> None:
    stream = " ".join(command("stream", server.url, "count", "20", "0.1"))
    script = f"({stream}; echo $? >code) | head -1"
    finished = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        env=clean_environment(tmp_path),
        timeout=HANGING,
    )
    assert json.loads(finished.stdout)["event"] == "queued"
    assert finished.stderr == b""
    assert (tmp_path / "code").read_text(encoding="ascii") == "141\n"


@pytest.mark.parametrize(
    "words",
    [["call", "several", "x"], ["call", "several", "x", "--json"], ["stream", "no_input"]],
)
def test_a_full_disk_is_told(server: Server, tmp_path: Path, words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        finished = subprocess.run(
            command(words[0], server.url, *words[1:]),
            stdout=full,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path),
            timeout=HANGING,
        )
    assert finished.returncode == 23
    assert finished.stderr == b"gradio-curl: stdout can't be written: no space left on device\n"


def test_a_place_that_can_not_be_written_is_told_before_the_job(
    gradio: Gradio, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for output in ("nowhere/out.png", "file/"):
        refused = gradio(
            "call", server.url, "image_make", "-v", "-o", output, cwd=tmp_path, check=23
        )
        assert "can't be written" in refused.err
        assert "> POST" not in refused.err


def test_a_full_disk_leaves_no_half_a_file(gradio: Gradio, server: Server) -> None:
    refused = gradio("call", server.url, "image_make", "-o", "/dev/full", check=23)
    assert "/dev/full can't be written: no space left on device" in refused.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["call", "add", "1", "x", "2>&-"], 2, ""),
        (
            ["call", "add", "1", "2", ">&-"],
            23,
            "gradio-curl: stdout can't be written: it is closed\n",
        ),
        (["call", "greet", "name@-", "<&-"], 26, "gradio-curl: stdin is closed\n"),
    ],
)
def test_a_closed_stream_is_no_traceback(
    server: Server, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    call = " ".join([*command(words[0], server.url), *words[1:]])
    finished = subprocess.run(
        ["sh", "-c", call], capture_output=True, env=clean_environment(tmp_path), timeout=HANGING
    )
    assert (finished.returncode, finished.stderr.decode()) == (code, said)


# Time limits


def test_the_whole_command_has_a_time_limit(gradio: Gradio, server: Server) -> None:
    late = gradio("stream", server.url, "slow", "4", "-m", "1.5", check=28)
    assert late.err == "gradio-curl: --max-time of 1.5 s passed\n"
    last = json.loads(late.out.splitlines()[-1])
    assert (last["event"], last["exit_code"]) == ("error", 28)


def test_silence_has_a_time_limit(gradio: Gradio, server: Server) -> None:
    silent = gradio("call", server.url, "slow", "4", "--idle-timeout", "1", check=28)
    assert silent.err.endswith("sent nothing for 1 s\n")


def test_a_limit_that_does_not_pass_changes_nothing(gradio: Gradio, server: Server) -> None:
    ended_well = gradio("call", server.url, "add", "1", "2", "-m", "50", "--idle-timeout", "50")
    assert (ended_well.code, ended_well.out) == (0, "3\n")


# Sessions


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_a_job_of_a_session_is_cancelled_too(
    gradio: Gradio, server_of: Callable[[str], Server], start: Start, version: str
) -> None:
    server = server_of(version)
    with a_job_is_cancelled(gradio, server):
        process = start("stream", server.url, *long_job(server), "--session", uuid.uuid4().hex)
        wait_for(process, "generating")
        process.send_signal(signal.SIGINT)
        assert ended(process)[0] == 130
