"""The n-th write fails: to stdout, to a file, to the cache."""

import json
import os
import resource
import subprocess
from pathlib import Path

import pytest

from tests.command import clean_environment, command, run
from tests.patience import HANGING
from tests.wire import inside
from tests.wire.server import (
    EVENTS,
    FEED,
    End,
    P,
    completed,
    event,
    file_output,
    generating,
    gradio,
    head,
    http,
    serving,
)

LARGE = bytes(range(256)) * 1000


@pytest.mark.parametrize("words", ["call", "call --json", "stream", "stream --text", "info"])
def test_a_write_to_stdout_that_fails_ends_the_command(words: str, tmp_path: Path) -> None:
    feed = EVENTS + event(msg="estimation", event_id="job1", rank=0) + generating("a")
    name, *options = words.split()
    item = [] if name == "info" else ["/say", "x"]
    with serving(gradio({FEED: feed + generating("ab") + completed("abc")})) as server:
        codes: list[int] = []
        writes, whole = 0, b""
        while not codes or codes[-1]:
            ended = inside.run(name, server.url, *item, *options, home=tmp_path, writes=writes)
            codes.append(ended.code)
            if ended.code:
                assert ended.err.endswith("stdout can't be written: no space left on device\n")
                assert len(ended.err.splitlines()) == 1
            whole = ended.out_bytes if not ended.code else whole
            writes += 1
    assert set(codes) == {0, 23}
    assert len(codes) == (5 if words == "stream" else len(codes))
    assert whole.endswith(b"\n")


def limited(size: int, home: Path, *words: str | Path) -> "subprocess.CompletedProcess[bytes]":
    """Run the command where no file can grow beyond `size` bytes, as on a full disk."""
    return subprocess.run(
        command(*words),
        env=clean_environment(home),
        capture_output=True,
        timeout=HANGING,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


@pytest.mark.parametrize("size", [0, 1, 65_536, 100_000, len(LARGE) - 1, len(LARGE)])
@pytest.mark.parametrize("to", ["out/", "out/file"])
def test_a_file_that_can_not_be_written_whole_is_not_there(
    size: int, to: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    replies = gradio({FEED: EVENTS + completed(file_output())})
    replies[f"{P}/file=/server/a.txt"] = http(LARGE)
    with serving(replies) as server:
        ended = limited(
            size, tmp_path, "call", server.url, "/load", "file:=null", "-o", f"{tmp_path}/{to}"
        )
    saved = list(out.iterdir())
    if size == len(LARGE):
        assert ended.returncode == 0
        assert [path.read_bytes() for path in saved] == [LARGE]
    else:
        assert (ended.returncode, saved) == (23, [])
        assert b"can't be written: file too large" in ended.stderr
        # The job is done and can't be had again: where its file is can still be told.
        assert ended.stdout == b""
        assert f"it is at {server.url}{P}/file=/server/a.txt".encode() in ended.stderr


@pytest.mark.parametrize("to", ["full", "missing"])
@pytest.mark.parametrize("words", ["call --json", "stream", "call"])
def test_a_failure_to_save_has_the_result_and_is_told_once(
    words: str, to: str, tmp_path: Path
) -> None:
    name, *options = words.split()
    replies = gradio({FEED: EVENTS + completed(file_output())})
    replies[f"{P}/file=/server/a.txt"] = http(LARGE) if to == "full" else http({}, 404)
    with serving(replies) as server:
        called = (name, server.url, "/load", "file:=null", "-o", f"{tmp_path}/out/", *options)
        ended = limited(1, tmp_path, *called)
        url = f"{server.url}{P}/file=/server/a.txt"
    assert ended.returncode == (23 if to == "full" else 22)
    lines = ended.stdout.decode().splitlines()
    if words == "call":
        # `F=$(gradio-curl …)` must not take a URL for the path of the file.
        assert (lines, url in ended.stderr.decode()) == ([], True)
        return
    last = json.loads(lines[-1])
    assert last["exit_code"] == ended.returncode
    assert last["message"] in ended.stderr.decode()
    assert [output["url"] for output in last["data"]] == [url]
    told = [json.loads(line).get("event") for line in lines]
    assert told == ([None] if name == "call" else ["error"])


def test_a_limit_that_passes_while_saving_keeps_the_result(tmp_path: Path) -> None:
    replies = gradio({FEED: EVENTS + completed(file_output())})
    replies[f"{P}/file=/server/a.txt"] = [head({"Content-Length": "9"}), End.HOLD]
    with serving(replies) as server:
        called = ("call", server.url, "/load", "file:=null", "-o", tmp_path / "a", "--json")
        ended = run(*called, "-m", "2", check=28)
    document = json.loads(ended.out)
    assert (document["exit_code"], document["data"][0]["orig_name"]) == (28, "a.txt")


def test_an_existing_file_outlives_a_download_that_fails(tmp_path: Path) -> None:
    out = tmp_path / "out.bin"
    out.write_text("mine")
    replies = gradio({FEED: EVENTS + completed(file_output())})
    replies[f"{P}/file=/server/a.txt"] = http(LARGE)[:-1]
    with serving(replies) as server:
        words = ("call", server.url, "/load", "file:=null", "-o", out)
        assert inside.run(*words, home=tmp_path / "home").code == 18
    assert out.read_text() == "mine"


@pytest.mark.parametrize("suffix", ["txt", "png"])
def test_the_first_file_is_left_alone_where_the_second_can_not_be_put_beside_it(
    suffix: str, tmp_path: Path
) -> None:
    files: list[object] = [file_output(), file_output(path="/server/b.txt", orig_name="b.txt")]
    if suffix == "png":
        files = [{"type": "matplotlib", "plot": "data:image/png;base64,AAAA"}] * 2
    replies = gradio({FEED: EVENTS + completed(files)})
    replies |= {f"{P}/file=/server/{name}.txt": http(b"new") for name in "ab"}
    (tmp_path / f"o.{suffix}").write_text("old")
    (tmp_path / f"o-1.{suffix}").mkdir()
    with serving(replies) as server:
        words = ("call", server.url, "/load", "file:=null", "-o", tmp_path / f"o.{suffix}")
        done = inside.run(*words, home=tmp_path / "home")
    assert done.code == 23
    assert f"{tmp_path}/o-1.{suffix} can't be written: is a directory" in done.err
    assert (tmp_path / f"o.{suffix}").read_text() == "old"


def test_a_file_system_without_hard_links_keeps_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*paths: object, **options: object) -> None:
        raise PermissionError(1, "Operation not permitted")  # as on FAT and many a FUSE

    monkeypatch.setattr(os, "link", link)
    replies = gradio({FEED: EVENTS + completed(file_output())})
    replies[f"{P}/file=/server/a.txt"] = http(b"new")
    with serving(replies) as server:
        words = ("call", server.url, "/load", "file:=null", "-o", f"{tmp_path}/out/")
        assert [inside.run(*words, home=tmp_path / "home").code for _ in range(2)] == [0, 0]
    saved = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert saved == {"a.txt": b"new", "a-1.txt": b"new"}


@pytest.mark.parametrize("size", [0, 1, 50])
def test_a_cache_that_can_not_be_written_does_not_matter(size: int, tmp_path: Path) -> None:
    with serving(gradio()) as server:
        for _ in range(2):
            ended = limited(size, tmp_path, "call", server.url, "/say", "x", "--session", "s")
            assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"said\n", b"")


def test_a_cache_that_is_no_folder_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / ".cache").write_text("")
    with serving(gradio()) as server:
        ended = inside.run("call", server.url, "/say", "x", "--session", "s", home=tmp_path)
    assert (ended.code, ended.out, ended.err) == (0, "said\n", "")


def test_a_clock_that_jumps_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(range(10**9, 0, -(10**5)))
    monkeypatch.setattr("time.time", lambda: float(next(times)))
    with serving(gradio({FEED: EVENTS + generating("a") * 5 + completed("said")})) as server:
        ended = inside.run("stream", server.url, "/say", "x", home=tmp_path)
    told = [json.loads(line)["t"] for line in ended.out.splitlines()]
    assert ended.code == 0
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] < 60
