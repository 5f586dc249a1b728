"""`--wait` for an app that is about to come, `--retry` for what is safe to send again."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.command import clean_environment, command, covered, run
from tests.live import servers
from tests.patience import HANGING
from tests.wire.server import (
    CALL,
    EVENTS,
    FEED,
    JOB,
    UPLOAD,
    End,
    P,
    Reply,
    Request,
    Script,
    Step,
    Steps,
    completed,
    event,
    file_output,
    gradio,
    head,
    http,
    in_turn,
    serving,
)


@pytest.fixture
def free_port() -> int:
    """A port where nobody listens, yet."""
    return servers.free_port()


def test_wait_until_somebody_listens(free_port: int, tmp_path: Path) -> None:
    process = subprocess.Popen(
        command("call", f":{free_port}", "/say", "x", "--wait", "60"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(tmp_path, covered()),
    )
    assert process.stderr
    assert b"refused the connection; waiting" in process.stderr.readline()
    with serving(gradio(), port=free_port):
        out, _ = process.communicate(timeout=HANGING)
    assert (process.returncode, out) == (0, b"said\n")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_wait_while_a_proxy_has_no_app_yet(status: int) -> None:
    replies = gradio()
    replies["/config"] = in_turn(http(b"<html>", status), [End.RESET], gradio()["/config"])  # type: ignore[arg-type]  # this one is Steps
    with serving(replies) as server:
        ended = run("call", server.url, "/say", "x", "--wait", "60", "-q")
    assert (ended.code, ended.out, ended.err) == (0, "said\n", "")


def test_wait_ends_in_time_where_nobody_answers() -> None:
    with serving({"*": [End.HOLD]}) as server:
        started = time.monotonic()
        ended = run("call", server.url, "/say", "x", "--wait", "1")
    assert ended.code == 28
    assert time.monotonic() - started < 30
    assert ended.err.splitlines()[-1].startswith("gradio-curl: waited 1 s, but ")


def test_wait_counts_over_the_whole_of_an_answer_that_drips() -> None:
    config = gradio()["/config"]
    assert isinstance(config, bytes)
    steps: list[bytes | float] = [config[:-100]]
    for at in range(100):
        steps += [0.1, config[len(config) - 100 + at : len(config) - 99 + at]]
    with serving(gradio({"/config": steps})) as server:
        ended = run("call", server.url, "/say", "x", "--wait", "1")
    assert (ended.code, ended.out) == (28, "")
    assert "waited 1 s" in ended.err


def dripping(started: bytes, byte: bytes) -> Reply:
    """A reply that never ends, a byte at a time."""

    def reply(request: Request) -> Iterator[Step]:
        yield started
        for _ in count():
            yield byte
            yield 0.2

    return reply


ENDLESS = {"Content-Length": "1000000"}


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("limits", [("--wait", "1"), ("--wait", "600", "-m", "2")])
def test_a_limit_ends_the_reading_of_a_reply_that_drips(
    status: int, limits: tuple[str, ...]
) -> None:
    with serving(gradio({"/config": dripping(head(ENDLESS, status), b" ")})) as server:
        ended = run("info", server.url, *limits, timeout=60)
    assert (ended.code, ended.out) == (28, "")


@pytest.mark.parametrize("status", [200, 500])
def test_a_signal_ends_the_reading_of_a_reply_that_drips(status: int, tmp_path: Path) -> None:
    reading = threading.Event()

    def reply(request: Request) -> Iterator[Step]:
        yield head(ENDLESS, status)
        for _ in count():
            yield b" "
            yield 0.2
            reading.set()

    with serving(gradio({"/config": reply})) as server:
        process = subprocess.Popen(
            command("info", server.url, "--wait", "600"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=clean_environment(tmp_path, covered()),
        )
        assert reading.wait(HANGING)
        process.terminate()
        try:
            assert process.wait(timeout=HANGING) == 143
        finally:
            process.kill()


def test_a_login_that_drips_ends_as_the_wait_does() -> None:
    script = {"*": http({}, 401), "/login": dripping(b"HTTP/1.1 200 OK\r\n", b"X")}
    with serving(script) as server:
        ended = run("info", server.url, "--auth", "me:pw", "--wait", "1", timeout=HANGING)
    assert ended.code == 28


@pytest.mark.parametrize(
    ("reply", "code"), [(http(b"<html>"), 22), (http({}, 404), 22), (http({}, 401), 67)]
)
def test_wait_does_not_wait_for_what_is_no_app(reply: bytes, code: int) -> None:
    with serving({"/config": reply}) as server:
        assert run("call", server.url, "--wait", "60").code == code
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "refusal", [http(b"", 500), http(b"", 502), http(b"", 429), b"", [End.RESET]]
)
def test_a_read_is_repeated(refusal: Steps) -> None:
    app = gradio()
    for path in ("/config", f"{P}/info"):
        good = app[path]
        assert isinstance(good, bytes)
        app[path] = in_turn(refusal, good)
    with serving(app) as server:
        ended = run("call", server.url, "/say", "x", "--retry", "1")
    assert (ended.code, ended.out) == (0, "said\n")
    assert "trying again in" in ended.err


@pytest.mark.parametrize(
    "refusal",
    [
        http({"detail": "Queue is full."}, 503),
        http(b"", 429, {"Retry-After": "0"}),
        http(b"", 429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
    ],
)
def test_a_job_that_was_turned_away_is_sent_again(refusal: bytes) -> None:
    taken = http({"event_id": "job1"})
    with serving(gradio({CALL: in_turn(refusal, refusal, taken)})) as server:
        ended = run("call", server.url, "/say", "x", "--retry", "2")
    assert (ended.code, ended.out) == (0, "said\n")
    assert server.paths().count(f"POST {CALL}") == 3


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (http(b"", 500), 22),
        (http(b"<html>", 502), 22),
        (http(b"<html>", 503), 75),
        (b"", 18),
        ([End.RESET], 18),
        ([End.HOLD], 28),
        (http(b"<html>"), 22),
    ],
)
def test_a_job_that_may_run_is_never_sent_again(refusal: Steps, code: int) -> None:
    with serving(gradio({CALL: refusal})) as server:
        ended = run("call", server.url, "/say", "x", "--retry", "3", "--idle-timeout", "0.5")
    assert ended.code == code
    assert server.paths().count(f"POST {CALL}") == 1


@pytest.mark.parametrize(
    ("script", "retries", "hint"),
    [
        ({CALL: http({"detail": "full"}, 503)}, 0, "use --retry N to try again"),
        ({CALL: http({"detail": "full"}, 503)}, 1, "gave up after 1 retry"),
        ({"/config": http(b"", 429)}, 2, "gave up after 2 retries"),
        ({CALL: http(b"<html>", 503)}, 0, "not tried again: the app may have taken the request"),
        ({CALL: http(b"<html>", 503)}, 2, "not tried again: the app may have taken the request"),
        ({FEED: EVENTS + event(msg="queue_full", event_id=JOB)}, 1, "gave up after 1 retry"),
        ({FEED: http(b"", 503)}, 1, "gave up after 1 retry"),
        ({CALL: http(b"", 429, {"Retry-After": "99"})}, 1, "no time is left to try again"),
    ],
)
def test_what_is_left_to_do_is_said_for_what_was_tried(
    script: Script, retries: int, hint: str
) -> None:
    with serving(gradio(script)) as server:
        words = ("--retry", str(retries), "-m", "60", "-q")
        ended = run("call", server.url, "/say", "x", *words, check=75)
    assert ended.err.splitlines()[1:] == [f"  {hint}"]


@pytest.mark.parametrize("status", [429, 503])
def test_events_that_were_refused_before_any_came_are_asked_for_again(status: int) -> None:
    feed = in_turn(http(b"", status), EVENTS + completed("said"))
    with serving(gradio({FEED: feed})) as server:
        ended = run("call", server.url, "/say", "x", "--retry", "1")
    assert (ended.code, ended.out) == (0, "said\n")
    assert server.paths()[2:] == [f"POST {CALL}", f"GET {FEED}", f"GET {FEED}"]


def test_the_events_of_a_job_are_read_once() -> None:
    with serving(gradio({FEED: [End.RESET]})) as server:
        assert run("call", server.url, "/say", "x", "--retry", "3").code == 18
    assert server.paths().count(f"GET {FEED}") == 1


def without_gpu(wait: str) -> bytes:
    """The events of a job that ZeroGPU turned away."""
    said = {"error": f"GPU quota exceeded. Try again in {wait}", "title": "ZeroGPU quota exceeded"}
    failed = event(msg="process_completed", event_id=JOB, output=said, success=False)
    return EVENTS + event(msg="process_starts", event_id=JOB, eta=None) + failed


@pytest.mark.parametrize(
    ("words", "rows", "out"),
    [
        (["call", "x"], "", "said\n"),
        (["stream", "x", "--text"], "", "said\n"),
        (["call", "--batch", "-", "-j", "1"], '["a"]\n["b"]\n', '"data": ["said"]'),
    ],
)
def test_a_job_without_gpu_time_is_queued_again(words: list[str], rows: str, out: str) -> None:
    done = EVENTS + completed("said")
    with serving(gradio({FEED: in_turn(without_gpu("0:00:00"), done)})) as server:
        name, *more = words
        ended = run(name, server.url, "/say", *more, "--retry", "1", input=rows)
    assert (ended.code, out in ended.out) == (0, True)
    assert "GPU quota exceeded. Try again in 0:00:00; trying again in 0.0 s" in ended.err
    assert server.paths().count(f"POST {CALL}") == 2 + rows.count("b")


@pytest.mark.parametrize("words", [[], ["--retry", "1", "-m", "30"]])
def test_gpu_time_that_does_not_come_in_time_is_not_waited_for(words: list[str]) -> None:
    with serving(gradio({FEED: without_gpu("1:00:00")})) as server:
        ended = run("call", server.url, "/say", "x", *words)
    assert (ended.code, ended.out) == (75, "")
    assert server.paths().count(f"POST {CALL}") == 1


def test_an_upload_that_was_turned_away_is_sent_again_in_full(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("content")
    replies = gradio({UPLOAD: in_turn(http(b"", 429), http(["/server/a.txt"]))})
    with serving(replies) as server:
        run("upload", server.url, tmp_path / "a.txt", "--retry", "1", check=0)
    first, second = (r.body for r in server.requests if r.path == UPLOAD)
    assert b"content" in first
    assert len(first) == len(second)


def test_a_download_is_repeated_until_it_begins(tmp_path: Path) -> None:
    replies = gradio({FEED: EVENTS + completed(file_output())})
    replies[f"{P}/file=/server/a.txt"] = in_turn(b"", http(b"", 502), http(b"content"))
    with serving(replies) as server:
        out = tmp_path / "out"
        run("call", server.url, "/load", "file:=null", "-o", out, "--retry", "2", check=0)
    assert out.read_text() == "content"


@pytest.mark.parametrize("option", ["--connect-timeout", "--idle-timeout", "--wait"])
def test_a_limit_without_end_is_none(option: str) -> None:
    with serving(gradio()) as server:
        for seconds in ("inf", "1e12"):
            assert run("call", server.url, "/say", "x", option, seconds, check=0).out == "said\n"
        ended = run("call", server.url, "/say", "x", option, "nan")
    assert (ended.code, ended.err) == (2, f"gradio-curl: {option} 'nan' is not a number\n")


def test_a_wish_to_wait_for_ages_is_not_granted_within_max_time() -> None:
    late = http({"detail": "no"}, 503, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"})
    with serving(gradio({CALL: late})) as server:
        ended = run("call", server.url, "/say", "x", "--retry", "1", "-m", "60")
    assert (ended.code, ended.out) == (75, "")


# An app that goes away during a batch


@contextmanager
def batch_that_loses_its_app(
    port: int, home: Path, *words: str, wait: str = "60", jobs: int = 1, rows: int = 6
) -> Iterator[subprocess.Popen[bytes]]:
    """A batch of whose third row the app gets the call, and is gone."""
    third, gone = threading.Event(), threading.Event()
    numbers = count()

    def queued(request: Request) -> Steps:
        if next(numbers) < 2:
            return http({"event_id": JOB})
        third.set()
        gone.wait(HANGING)
        return (End.RESET,)

    script: Script = {f"{P}/call/say": queued, f"{P}/call/load": queued}
    (home / "rows").write_text("{}\n" * rows)
    files = ("--batch", str(home / "rows"), "--results", str(home / "results"))
    with serving(gradio({**script, UPLOAD: http(["/first/a.txt"])}), port=port):
        process = subprocess.Popen(
            command("call", f":{port}", *words, *files, "-j", str(jobs), "--wait", wait),
            stderr=subprocess.PIPE,
            env=clean_environment(home, covered()),
        )
        assert third.wait(HANGING)
    gone.set()
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("endpoint", ["/say", "/load"])
def test_a_batch_waits_for_an_app_that_comes_back(
    endpoint: str, free_port: int, tmp_path: Path
) -> None:
    """All that is lost is the row that the app may have taken."""
    (tmp_path / "a.txt").write_text("content")
    words = ["text=x"] if endpoint == "/say" else [f"file@{tmp_path}/a.txt"]
    with batch_that_loses_its_app(free_port, tmp_path, endpoint, *words) as process:
        assert process.stderr
        assert b"refused the connection; waiting" in process.stderr.readline()
        with serving(gradio({UPLOAD: http(["/second/a.txt"])}), port=free_port) as server:
            process.communicate(timeout=HANGING)
    lines = [json.loads(line) for line in (tmp_path / "results").read_text().splitlines()]
    assert process.returncode == 1
    assert [(line["row"], line.get("exit_code", 0)) for line in lines] == [
        (row, 18 if row == 2 else 0) for row in range(6)
    ]
    if endpoint == "/load":
        queued = [r.body for r in server.requests if "/call/" in r.path]
        assert [b"/second/a.txt" in body for body in queued] == [True] * 3
        assert sum(request.path == UPLOAD for request in server.requests) == 1


def test_all_jobs_of_a_batch_wait_for_its_app_together(free_port: int, tmp_path: Path) -> None:
    words = ("/say", "x")
    with batch_that_loses_its_app(free_port, tmp_path, *words, jobs=4, rows=20) as process:
        assert process.stderr
        assert b"refused the connection; waiting" in process.stderr.readline()
        with serving(gradio(), port=free_port):
            _, told = process.communicate(timeout=HANGING)
    lines = [json.loads(line) for line in (tmp_path / "results").read_text().splitlines()]
    assert sorted(line["row"] for line in lines) == list(range(20))
    # Of the first six, the app answered two, and may have had the others.
    assert {line["row"] for line in lines if line["status"] == "error"} <= set(range(6))
    assert b"waiting" not in told


@pytest.mark.parametrize(("wait", "code"), [("0.5", 28), ("0", 7)])
def test_a_batch_does_not_wait_for_ever_for_its_app(
    wait: str, code: int, free_port: int, tmp_path: Path
) -> None:
    with batch_that_loses_its_app(free_port, tmp_path, "/say", "x", wait=wait) as process:
        _, told = process.communicate(timeout=HANGING)
    assert process.returncode == code
    assert f"localhost:{free_port} refused the connection\n" in told.decode()
    lines = (tmp_path / "results").read_text().splitlines()
    assert [json.loads(line)["row"] for line in lines] == [0, 1, 2]


def test_a_batch_that_waits_for_its_app_can_be_interrupted(free_port: int, tmp_path: Path) -> None:
    with batch_that_loses_its_app(free_port, tmp_path, "/say", "x") as process:
        assert process.stderr
        assert b"refused the connection; waiting" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=HANGING)
    assert (process.returncode, b"2 of 6 rows are done" in told) == (130, True)
