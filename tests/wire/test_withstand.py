"""What servers and networks do to a call, and how it ends: exit code, one line, in time.

===========================  =======================================================
connections                  reset before, during and after the POST; refused
streams                      cut anywhere, without a final event, stalled, in single bytes
framing                      CR, LF, CRLF, BOM, comments, fields of all kinds
data                         no JSON, too deep, surrogates, NaN, numbers too large, NUL
replies                      HTML from proxies, redirect loops, wrong lengths and types
`/config` and `/info`        missing, huge, malformed, contradicting each other
files                        names that lead elsewhere, addresses that lead elsewhere,
                             downloads that end early or never
this side                    disk full, not writable, stdout closed, reader gone, signals
===========================  =======================================================
"""

import gzip
import json
import os
import signal
import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Completed, clean_environment, command, run
from tests.patience import HANGING
from tests.wire import inside
from tests.wire.server import (
    CALL,
    CHUNKED_EVENTS,
    CONFIG,
    EVENTS,
    FEED,
    JOB,
    UPLOAD,
    Early,
    End,
    P,
    Reply,
    Script,
    Step,
    chunk,
    completed,
    event,
    file_output,
    generating,
    gradio,
    head,
    http,
    redirect,
    serving,
)

DONE = completed("said")
INFO_PATH = f"{P}/info"
Call = Callable[..., Completed]
LIMIT = ("--idle-timeout", "1")


@pytest.fixture
def call(tmp_path_factory: pytest.TempPathFactory) -> Call:
    """Calls the app that behaves, but for some replies; gives how the command ended."""

    def call(replies: Script, *args: str | Path, endpoint: str = "/say") -> Completed:
        with serving(gradio(replies)) as server:
            item = "file:=null" if endpoint == "/load" else "text=x"
            home = tmp_path_factory.mktemp("home")
            return inside.run("call", server.url, endpoint, item, *LIMIT, *args, home=home)

    return call


def assert_told(ended: Completed, code: int, *words: str) -> None:
    """The command ended as documented: its code, one line, perhaps one that says what to do."""
    lines = ended.err.splitlines()
    assert ended.code == code, ended
    assert lines[0].startswith("gradio-curl: ")
    assert len(lines) == 1 or (len(lines) == 2 and lines[1].startswith("  ")), ended.err
    assert all(word in ended.err for word in words), ended.err
    assert ended.out == ""


BROKEN: dict[str, tuple[Script, int, str]] = {
    # Connections
    "reset at the first request": ({"/config": [End.RESET]}, 18, "closed the connection"),
    "reset instead of the head": ({CALL: [End.RESET]}, 18, "closed the connection"),
    "reset while the POST is sent": ({CALL: Early([End.RESET])}, 18, "closed the connection"),
    "closed instead of an answer": ({CALL: b""}, 18, "closed the connection"),
    "reset after the POST": ({FEED: [End.RESET]}, 18, "closed the connection"),
    "reset in the stream": ({FEED: [EVENTS, End.RESET]}, 18, "closed the connection"),
    "no HTTP at all": ({"/config": b"SSH-2.0-OpenSSH_9.2\r\n"}, 18, ""),
    "a status line alone": ({"/config": b"HTTP/1.1 200 OK\r\n"}, 18, "closed the connection"),
    "an endless header": ({"/config": [head({"X": "a" * 70_000})]}, 18, ""),
    "endless headers": ({"/config": head({f"X{n}": "a" for n in range(300)})}, 18, ""),
    # Streams
    "cut between events": ({FEED: EVENTS + generating("a")}, 18, "ended before the result"),
    "cut inside an event": ({FEED: EVENTS + DONE[:-9]}, 18, "ended before the result"),
    "cut before the blank line": ({FEED: EVENTS + DONE[:-1]}, 18, "ended before the result"),
    "cut inside a character": (
        {FEED: EVENTS + 'data: {"msg": "ä'.encode()[:-1]},
        18,
        "ended before the result",
    ),
    "cut inside a chunk": ({FEED: CHUNKED_EVENTS + chunk(DONE)[:-9]}, 18, ""),
    "cut between chunks": ({FEED: CHUNKED_EVENTS + chunk(generating("a"))}, 18, ""),
    "a chunk of no size": ({FEED: CHUNKED_EVENTS + b"zz\r\n"}, 18, ""),
    "no final event": ({FEED: CHUNKED_EVENTS + chunk(generating("a")) + chunk(b"")}, 18, "ended"),
    "an empty stream": ({FEED: EVENTS}, 18, "closed the connection"),
    "a stream that stalls": ({FEED: [EVENTS, End.HOLD]}, 28, "sent nothing for 1 s"),
    "a reply that never comes": ({CALL: [End.HOLD]}, 28, "sent nothing for 1 s"),
    "a body that stalls": ({"/config": [http(CONFIG)[:-1], End.HOLD]}, 28, "nothing for 1 s"),
    # Data
    "data that is no JSON": ({FEED: EVENTS + b"data: {oops\n\n"}, 18, "not valid JSON"),
    "data that is no object": ({FEED: EVENTS + b"data: 3\n\n"}, 18, "not an object"),
    "nested beyond parsing": ({FEED: EVENTS + b"data: " + b"[" * 200_000 + b"\n\n"}, 18, ""),
    "a number of 5,000 digits": (
        {FEED: EVENTS + completed("X").replace(b'"X"', b"9" * 5000)},
        18,
        "not valid JSON",
    ),
    "outputs that are no list": (
        {FEED: EVENTS + event(msg="process_completed", event_id=JOB, output={"data": 3})},
        18,
        "not a list",
    ),
    "a result without an output": (
        {FEED: EVENTS + event(msg="process_completed", event_id=JOB)},
        18,
        "without an output",
    ),
    "an event id that is none": ({CALL: http({"event_id": 5})}, 22, "returned no event_id"),
    "an event id of nothing": ({CALL: http({"event_id": ""})}, 22, "returned no event_id"),
    "an event id of two words": ({CALL: http({"event_id": "a b"})}, 22, "event_id with blanks"),
    "an event id of two lines": ({CALL: http({"event_id": "a\nb"})}, 22, "event_id with blanks"),
    "an event id that colours": ({CALL: http({"event_id": "\x1b[1m"})}, 22, "event_id with blanks"),
    "an answer that is none": ({CALL: http([])}, 22, "event_id"),
    # Replies
    "HTML for /config": ({"/config": http(b"<html>hello")}, 22, "text/html instead of JSON"),
    "HTML for the POST": ({CALL: http(b"<html>hello")}, 22, "text/html instead of JSON"),
    "HTML for the stream": (
        {FEED: http(b"<html>hello")},
        22,
        "returned text/html instead of events",
    ),
    "a proxy's 502": ({"/config": http(b"<html>Bad Gateway", 502)}, 22, "HTTP 502"),
    "a proxy's 503": ({"/config": http(b"<html>busy", 503)}, 75, "HTTP 503"),
    "a proxy's 502 for the stream": ({FEED: http(b"<html>Bad Gateway", 502)}, 22, "HTTP 502"),
    "a full queue": ({CALL: http({"detail": "Queue is full."}, 503)}, 75, "Queue is full."),
    "too many requests": ({CALL: http(b"", 429)}, 75, "HTTP 429"),
    "an error cut short": ({CALL: http(b"x" * 999, 500)[:-500]}, 22, "HTTP 500"),
    "an error that stalls": ({CALL: [http(b"x" * 999, 500)[:-9], End.HOLD]}, 22, "HTTP 500"),
    "a redirect loop": ({"/config": redirect("/config")}, 22, "/config redirects in a circle"),
    "redirects without end": (
        {
            "/config": redirect("/a"),
            "*": lambda request: redirect(f"{request.target}a"),
        },
        22,
        "/config redirects more than 10 times",
    ),
    "a redirect to half an address": (
        {"/config": redirect("http://\x1b[31m\xff:9/", 302)},
        22,
        "not a valid URL: the host is not valid",
    ),
    "a redirect to a file": ({"/config": redirect("file:///etc/passwd")}, 22, "redirects"),
    "a redirect to nowhere": ({"/config": redirect("http://")}, 22, "redirects"),
    "a redirect to no port": ({"/config": redirect("http://a:b/")}, 22, "not a valid URL"),
    "a length too long": ({"/config": http(CONFIG, headers={"Content-Length": "99999"})}, 18, ""),
    "a length too short": ({"/config": http(CONFIG, headers={"Content-Length": "20"})}, 22, ""),
    "a body that is not gzip": (
        {"/config": http(CONFIG, headers={"Content-Encoding": "gzip"})},
        18,
        "sent a compressed reply that can't be unpacked",
    ),
    "gzip cut short": (
        {
            "/config": head({"Content-Encoding": "gzip"})
            + gzip.compress(json.dumps(CONFIG).encode())[:-60]
        },
        22,
        "",
    ),
    # /config and /info
    "no /info": ({INFO_PATH: http({"detail": "Not Found"}, 404)}, 22, "HTTP 404"),
    "an /info of another kind": ({INFO_PATH: http([1])}, 22, "not of the type that Gradio sends"),
    "an /info that is NaN": ({INFO_PATH: http(b"NaN")}, 22, "not of the type that Gradio sends"),
    "an /info that is text": ({INFO_PATH: http("x")}, 22, "not of the type that Gradio sends"),
    "an /info of null": ({INFO_PATH: http(None)}, 22, "('named_endpoints' is missing)"),
    "an /info of a number": (
        {INFO_PATH: http({"named_endpoints": {"/say": 5}})},
        22,
        "(/say: a part of it is not of the type that Gradio sends)",
    ),
    "what is not HTTP": ({"/config": b"hello\r\n\r\n"}, 18, "sent what is not HTTP: hello"),
    "an /info nested too deeply": ({INFO_PATH: http(b"[" * 200_000)}, 22, "nested too deeply"),
    "an /info unlike /config": (
        {INFO_PATH: http({"named_endpoints": {"/say": {"parameters": [1, 2], "returns": []}}})},
        22,
        "/config has 1 inputs, /info 2 parameters",
    ),
    "a /config without components": (
        {"/config": http({"version": "6.0", "api_prefix": P})},
        22,
        "can't be read",
    ),
    "a /config that is a list": ({"/config": http([])}, 22, "not a Gradio app"),
    "a version that is too old": ({"/config": http({"version": "3.50.2"})}, 22, "too old"),
    "a version that is none": ({"/config": http({"version": "9" * 5000})}, 22, ""),
    "an address as prefix": (
        {"/config": http(CONFIG | {"api_prefix": "@evil.example/"})},
        22,
        "",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_a_call_is_told_in_one_line(name: str, call: Call) -> None:
    replies, code, words = BROKEN[name]
    assert_told(call(replies), code, words)


def slowly(data: bytes, pause: float, times: int) -> list[Step]:
    return [step for _ in range(times) for step in (data, pause)]


def data(*lines: bytes, end: bytes = b"\n") -> bytes:
    return end.join(lines) + end * 2


SAID = json.dumps({"msg": "process_completed", "event_id": JOB, "output": {"data": ["said"]}})
QUEUED = event(msg="estimation", event_id=JOB, rank=0, queue_size=1, rank_eta=None)
HARMLESS: dict[str, Reply] = {
    "single bytes": [EVENTS, *(bytes([b]) for b in generating("ä") + DONE)],
    "slow bytes": [EVENTS, *(s for b in DONE for s in (bytes([b]), 0.01))],
    "chunks of one byte": CHUNKED_EVENTS + b"".join(chunk(bytes([b])) for b in DONE) + chunk(b""),
    "HTTP/1.0": head({"Content-Type": "text/event-stream"}, version="1.0") + DONE,
    "LF": EVENTS + data(f"data: {SAID}".encode()),
    "CR": EVENTS + data(f"data: {SAID}".encode(), end=b"\r"),
    "CRLF": EVENTS + data(f"data: {SAID}".encode(), end=b"\r\n"),
    "a byte order mark": EVENTS + b"\xef\xbb\xbf" + DONE,
    "comments": EVENTS + b": hello\n\n:\n" + DONE + b": bye\n\n",
    "ids and retries": EVENTS + b"id: 7\nretry: 10\nretry: x\nid\n" + DONE,
    "no blank behind the colon": EVENTS + f"data:{SAID}\n\n".encode(),
    "unknown fields": EVENTS + b"color: red\nnonsense\n" + DONE,
    "several data lines": EVENTS + b"data: {\ndata:\n" + f"data: {SAID[1:]}\n\n".encode(),
    "unknown events": EVENTS + b"event: ping\ndata: {}\n\n" + event(msg="new", event_id=JOB) + DONE,
    "another job's events": EVENTS + event(msg="process_completed", event_id="other") + DONE,
    "heartbeats": EVENTS + QUEUED + event(msg="heartbeat") * 3 + DONE,
    "bytes that are no UTF-8": EVENTS + b'data: {"msg": "\xff\xfe"}\n\n' + DONE,
    "empty events": EVENTS + b"\n\n\n\nevent: x\n\n" + DONE,
    "more after the end": EVENTS + DONE + DONE + b"data: {oops\n\n",
    "gzip": head({"Content-Type": "text/event-stream", "Content-Encoding": "gzip"})
    + gzip.compress(DONE),
    "deflate": head({"Content-Encoding": "deflate"}) + zlib.compress(DONE),
    "another content type": head({"Content-Type": "text/plain"}) + DONE,
    "no content type": head({}) + DONE,
    "twenty thousand events": EVENTS + generating("a") * 20_000 + DONE,
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_stream_in_any_dress_gives_the_result(name: str, call: Call) -> None:
    ended = call({FEED: HARMLESS[name]})
    assert (ended.code, ended.out, ended.err) == (0, "said\n", "")


VALUES: dict[str, tuple[bytes, str]] = {
    "a lone surrogate": (rb'"\ud800"', '["\\ud800"]'),
    "NaN": (b"[NaN, Infinity, -Infinity]", "[[null, null, null]]"),
    "too large for a float": (b"1e999", "[null]"),
    "many digits": (b"1" + b"0" * 400, f"[1{'0' * 400}]"),
    "NUL": (rb'"a\u0000b"', r'["a\u0000b"]'),
    "line separators": ('"\u2028\u0085"'.encode(), r'["\u2028\u0085"]'),
    "an escape code": (rb'"\u001b[31m"', r'["\u001b[31m"]'),
    "the same key twice": (b'{"a": 1, "a": 2}', '[{"a": 2}]'),
}


@pytest.mark.parametrize("name", VALUES)
def test_any_value_comes_out(name: str, call: Call) -> None:
    sent, printed = VALUES[name]
    ended = call({FEED: EVENTS + completed("X").replace(b'"X"', sent)}, "--json")
    assert (ended.code, ended.out) == (0, f"{printed}\n")


@pytest.mark.parametrize("depth", [500, 950, 980, 990, 1000, 5000])
def test_outputs_nested_deeply_come_out_or_are_told(depth: int, call: Call) -> None:
    nested = b"[" * depth + b"]" * depth
    ended = call({FEED: EVENTS + completed("X").replace(b'"X"', nested)}, "--json")
    assert ended.code in (0, 18), ended
    assert ended.out_bytes == b"[" + nested + b"]\n" or json.loads(ended.out)["exit_code"] == 18


def test_a_large_event_is_read_in_linear_time(call: Call) -> None:
    large = "x" * 20_000_000
    ended = call({FEED: EVENTS + completed(large)})
    assert (ended.code, len(ended.out_bytes)) == (0, len(large) + 1)


def test_an_info_without_end_is_not_read_to_the_end(call: Call) -> None:
    endless = (b"[]," * 300_000 for _ in range(1000))
    started = head({"Content-Type": "application/json"}) + b"["
    assert_told(call({INFO_PATH: [started, *endless]}), 22, "more than")


def test_the_failure_of_a_stream_is_data_too() -> None:
    with serving(gradio({FEED: EVENTS + generating("a")})) as server:
        ended = run("stream", server.url, "/say", "x")
    events = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 18
    assert [e["event"] for e in events] == ["generating", "error"]
    assert events[-1]["exit_code"] == 18


def test_a_call_that_fails_asks_the_server_to_stop_the_job() -> None:
    with serving(gradio({FEED: [EVENTS, End.HOLD]})) as server:
        run("call", server.url, "/say", "x", *LIMIT, check=28)
    assert server.paths()[-1] == f"POST {P}/cancel"


# Files


@pytest.fixture
def load(call: Call) -> Call:
    """Calls an endpoint that gives a file, and saves that in a folder."""

    def load(
        folder: Path, file: dict[str, Any], *args: str, reply: Reply | None = None
    ) -> Completed:
        replies: dict[str, Reply] = {FEED: EVENTS + completed(file)}
        replies[f"{P}/file=/server/a.txt"] = http(b"content") if reply is None else reply
        return call(replies, "-o", folder, *args, endpoint="/load")

    return load


NAMES = [
    "../../x",
    "..",
    ".",
    "/etc/passwd",
    "..\\..\\x",
    "con",
    "NUL.txt",
    "a" * 300 + ".png",
    "ä" * 300,
    "a\nb\x1b[31m.txt",
    "\u202egpj.exe",
    ".bashrc",
    "",
    "a/",
    "\x00",
    "~",
    "-rf",
    "\ud800.txt",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path, load: Call) -> None:
    folder = tmp_path / "inner" / "out"
    folder.mkdir(parents=True)
    ended = load(folder, file_output(orig_name=name))
    assert ended.code == 0, ended
    (saved,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert saved.parent == folder
    assert saved.read_bytes() == b"content"
    assert saved.name.isprintable()
    assert not saved.name.startswith(".")
    assert ended.out == f"{saved}\n"


@pytest.mark.parametrize(
    ("path", "content"),
    [("s1/r/2/playlist.m3u8", "s1/r/2/playlist-file"), ("s1/1/2", "s1/1/2")],  # from 5.0; on 4.x
)
def test_a_streamed_output_is_saved_whole(
    path: str, content: str, tmp_path: Path, call: Call
) -> None:
    output = completed(file_output(path=path, is_stream=True, orig_name="audio.mp3"))
    replies = {FEED: EVENTS + output, f"{P}/stream/{content}": http(b"sound")}
    ended = call(replies, "-o", tmp_path / "out.mp3", endpoint="/load")
    assert ended.code == 0, ended
    assert (tmp_path / "out.mp3").read_bytes() == b"sound"


def test_an_option_takes_a_value_that_looks_like_a_negative_number(tmp_path: Path) -> None:
    replies = gradio({FEED: EVENTS + completed(file_output())})
    replies[f"{P}/file=/server/a.txt"] = http(b"content")
    with serving(replies) as server:
        words = ("/load", "file:=null", "--session", "-5", "-o", "-5.txt")
        run("call", server.url, *words, cwd=tmp_path, check=0)
        [queued] = [json.loads(r.body) for r in server.requests if r.path == f"{P}/call/load"]
    assert queued["session_hash"] == "-5"
    assert (tmp_path / "-5.txt").read_text() == "content"


CUT = http(b"content")[:-3]
DOWNLOADS: dict[str, tuple[dict[str, Any], Reply, int]] = {
    "cut short": (file_output(), CUT, 18),
    "cut inside a chunk": (
        file_output(),
        head({"Transfer-Encoding": "chunked"}) + chunk(b"content")[:-4],
        18,
    ),
    "missing": (file_output(), http(b"", 404), 22),
    "stalled": (file_output(), [CUT, End.HOLD], 28),
    "reset": (file_output(), [CUT, End.RESET], 18),
    "a local file": (file_output(path=None, url="file:///etc/passwd"), b"", 22),
    "another protocol": (file_output(path=None, url="ftp://127.0.0.1/x"), b"", 22),
    "no address": (file_output(path=None, url=""), b"", 22),
    "a broken address": (file_output(path="http://[::1"), b"", 22),
    "another host that is not there": (file_output(path="http://127.0.0.1:1/x"), b"", 7),
    "a redirect to a local file": (file_output(), redirect("file:///etc/passwd"), 22),
}


@pytest.mark.parametrize("name", DOWNLOADS)
def test_a_download_that_fails_leaves_nothing(name: str, tmp_path: Path, load: Call) -> None:
    file, reply, code = DOWNLOADS[name]
    ended = load(tmp_path, file, reply=reply)
    assert ended.code == code, ended
    assert ended.err.startswith("gradio-curl: ")
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_an_endless_download_ends_in_time_and_leaves_nothing(tmp_path: Path, load: Call) -> None:
    endless = [head({}), *slowly(b"x" * 1000, 0.01, times=3000)]
    ended = load(tmp_path, file_output(), "-m", "2", reply=endless)
    assert ended.code == 28
    assert list(tmp_path.iterdir()) == []


# This side


def test_a_full_disk_is_told(tmp_path: Path, load: Call) -> None:
    ended = load(Path("/dev/full"), file_output())
    assert ended.code == 23
    assert "no space left on device" in ended.err


def test_a_folder_that_is_a_file_is_told_before_the_job_is_queued(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with serving(gradio()) as server:
        where = f"{tmp_path}/file/a.txt"
        assert_told(run("call", server.url, "/say", "x", "-o", where), 23, "can't be written")
    assert f"POST {CALL}" not in server.paths()


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
@pytest.mark.parametrize(
    "words", ["call URL /say x", "stream URL /say x", "info URL", "upload URL F"]
)
def test_a_stdout_that_takes_nothing_is_told(redirection: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "F").touch()
    with serving(gradio()) as server:
        line = " ".join(command(*words.replace("URL", server.url).split()))
        ended = subprocess.run(
            ["sh", "-c", f"{line} {redirection}"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=clean_environment(tmp_path, {"PYTHONPATH": str(Path.cwd())}),
            timeout=HANGING,
        )
    assert ended.returncode == 23, ended
    assert ended.stderr.startswith("gradio-curl: stdout can't be written")
    assert len(ended.stderr.splitlines()) == 1


def test_a_reader_that_leaves_ends_the_command_quietly(tmp_path: Path) -> None:
    slow = [EVENTS, *slowly(generating("a"), 0.05, times=200), DONE]
    with serving(gradio({FEED: slow})) as server:
        process = subprocess.Popen(
            command("stream", server.url, "/say", "x"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path),
        )
        assert process.stdout
        assert process.stdout.readline()
        process.stdout.close()
        _, err = process.communicate(timeout=HANGING)
    assert (process.returncode, err) == (141, b"")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + HANGING
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_cancels_the_job_and_ends_the_command(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    with serving(gradio({FEED: [EVENTS, End.HOLD]})) as server:
        process = subprocess.Popen(
            command("call", server.url, "/say", "x"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path),
        )
        wait_until(lambda: f"GET {FEED}" in server.paths())
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=HANGING)
    assert (process.returncode, out, err) == (code, b"", b"gradio-curl: interrupted\n")
    assert f"POST {P}/cancel" in server.paths()


def test_a_second_interrupt_does_not_wait_for_the_server(tmp_path: Path) -> None:
    replies: Script = {FEED: [EVENTS, End.HOLD], f"{P}/cancel": [End.HOLD]}
    with serving(gradio(replies)) as server:
        process = subprocess.Popen(
            command("call", server.url, "/say", "x"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path),
        )
        wait_until(lambda: f"GET {FEED}" in server.paths())
        os.kill(process.pid, signal.SIGINT)
        wait_until(lambda: f"POST {P}/cancel" in server.paths())
        os.kill(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=HANGING)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert len(err.splitlines()) == 1


def test_an_upload_that_the_server_refuses_while_it_is_sent_is_told(tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(50_000_000)
    refusal = Early(http({"detail": "File too large"}, 413))
    with serving(gradio({UPLOAD: refusal})) as server:
        ended = run("upload", server.url, large)
    assert ended.code in (18, 22), ended
    assert len(ended.err.splitlines()) <= 2


# Words of Python, and words without an end

LONG, DEEP = b"9" * 10_000, b"[" * 100_000
JSON_ENDS: dict[str, tuple[bytes, str]] = {
    "a long number": (LONG, "a number has too many digits"),
    "deep nesting": (DEEP, "nested"),
}


@pytest.mark.parametrize("name", JSON_ENDS)
@pytest.mark.parametrize("place", ["events", "config", "data", "rows"])
def test_json_that_python_can_not_read_is_told_in_our_words(
    name: str, place: str, tmp_path: Path
) -> None:
    raw, words = JSON_ENDS[name]
    message = b'data: {"msg": "process_completed", "event_id": "job1", "output": {"data": [%b]}}'
    script: Script = {
        "events": {FEED: EVENTS + message % raw + b"\n\n"},
        "config": {"/config": http(b"[%b]" % raw, headers={"Content-Type": "application/json"})},
    }.get(place, {})
    (tmp_path / "rows").write_bytes(b"[%b]\n" % raw)
    more = {"data": ["-d", "@rows"], "rows": ["--batch", "rows"]}.get(place, ["x"])
    with serving(gradio(script)) as server:
        ended = run("call", server.url, "/say", *more, cwd=tmp_path)
    assert ended.code in (2, 18, 22), ended
    assert words in ended.err
    assert "sys." not in ended.err
    assert "recursion" not in ended.err


def test_what_a_server_says_at_length_is_cut() -> None:
    with serving({"*": redirect("http://127.0.0.1:1/" + "a" * 50_000 + "/end")}) as server:
        ended = run("info", server.url, check=7)
    assert len(ended.err) < 3000
    told = http({"detail": "b" * 50_000 + "the end"}, 500)
    with serving({"*": told}) as server:
        ended = run("info", server.url, check=22)
    assert "characters left out" in ended.err
    assert ended.err.endswith("the end\n")
    assert len(ended.err) < 3000
