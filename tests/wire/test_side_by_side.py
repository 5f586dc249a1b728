"""Several files of one command: some at a time, and everything else as if one after the other."""

import json
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gradio_curl.client.side_by_side import AT_ONCE
from tests.command import clean_environment, command, covered, run
from tests.patience import HANGING
from tests.wire import inside
from tests.wire.server import (
    EVENTS,
    FEED,
    UPLOAD,
    End,
    P,
    Reply,
    Request,
    Server,
    Step,
    Steps,
    completed,
    file_output,
    gradio,
    http,
    serving,
)


class Together:
    """Replies that are sent once `count` requests have come, or to each as it comes."""

    def __init__(self, count: int = 1) -> None:
        self._count = count
        self._lock = threading.Condition()
        self._came = self._waiting = 0
        self.most = 0

    def came(self, count: int) -> bool:
        """Whether so many requests came, however long that takes."""
        with self._lock:
            return self._lock.wait_for(lambda: self._came >= count, HANGING)

    def __call__(self, steps: Callable[[Request], Iterable[Step]]) -> Reply:
        def reply(request: Request) -> Iterator[Step]:
            with self._lock:
                self._came += 1
                self._waiting += 1
                self.most = max(self.most, self._waiting)
                self._lock.notify_all()
                assert self._lock.wait_for(lambda: self._came >= self._count, HANGING)
            yield from steps(request)
            with self._lock:
                self._waiting -= 1

        return reply


def content(name: str) -> bytes:
    """What the server has under this name."""
    return f"this is {name}".encode() * 100


def gallery(count: int, reply: Callable[[str], Reply], **fields: Any) -> dict[str, Reply]:
    """An app that returns so many files: each of them `n.txt` in its own folder, `reply(n)`."""
    names = [str(number) for number in range(count)]
    files = [file_output(path=f"/server/{n}/a.txt", **fields) for n in names]
    replies = {f"{P}/file=/server/{n}/a.txt": reply(n) for n in names}
    return gradio({FEED: EVENTS + completed(files), **replies})


def call(server: Server, *words: str | Path) -> list[str | Path]:
    return ["call", server.url, "/load", "file:=null", *words]


def test_files_come_side_by_side_and_are_saved_in_order(tmp_path: Path) -> None:
    """The first to be asked for are the last to come, and all have the same name."""
    came: dict[str, threading.Event] = {str(n): threading.Event() for n in range(AT_ONCE + 1)}

    def reply(name: str) -> Reply:
        def late(request: Request) -> Steps:
            if int(name) < AT_ONCE - 1:
                assert came[str(int(name) + 1)].wait(HANGING)
            came[name].set()
            return http(content(name))

        return late

    with serving(gallery(AT_ONCE, reply)) as server:
        ended = run(*call(server, "-o", "out/"), cwd=tmp_path, check=0)
    names = ["a.txt", *(f"a-{number}.txt" for number in range(1, AT_ONCE))]
    assert ended.out.splitlines() == [f"out/{name}" for name in names]
    assert [(tmp_path / "out" / name).read_bytes() for name in names] == [
        content(str(number)) for number in range(AT_ONCE)
    ]


def test_no_more_files_come_at_a_time_than_are_meant_to(tmp_path: Path) -> None:
    together = Together(AT_ONCE)
    reply = together(lambda request: [http(content("x"))])
    with serving(gallery(3 * AT_ONCE, lambda name: reply)) as server:
        ended = run(*call(server, "-o", "out/"), cwd=tmp_path, check=0)
    assert together.most == AT_ONCE
    assert len(ended.out.splitlines()) == len(list((tmp_path / "out").iterdir())) == 3 * AT_ONCE


def test_what_is_lost_in_the_middle_is_told_and_the_others_are_saved(tmp_path: Path) -> None:
    tried: set[str] = set()

    def reply(name: str) -> Reply:
        def answer(request: Request) -> Steps:
            if name == "2":
                return http({"detail": "gone"}, 404)
            if name == "3" and name not in tried:
                tried.add(name)
                return http(content(name))[:-1]
            return http(content(name))

        return answer

    with serving(gallery(5, reply)) as server:
        ended = run(*call(server, "-o", "out/", "--json"), cwd=tmp_path, check=22)
        (files,) = json.loads(ended.out)["data"]
        assert f"{server.url}{P}/file=/server/2/a.txt" in ended.err
    assert ["saved" in file for file in files] == [True, True, False, True, True]
    saved = {number: Path(file["saved"]) for number, file in enumerate(files) if "saved" in file}
    assert [path.name for path in saved.values()] == ["a.txt", *(f"a-{n}.txt" for n in (1, 2, 3))]
    for number, path in saved.items():
        assert (tmp_path / path).read_bytes() == content(str(number))


def test_a_template_counts_as_the_result_does(tmp_path: Path) -> None:
    with serving(gallery(4, lambda name: http(content(name)))) as server:
        ended = run(*call(server, "-o", "{n}.{ext}"), cwd=tmp_path, check=0)
    assert ended.out.split() == ["1.txt", "2.txt", "3.txt", "4.txt"]
    assert (tmp_path / "3.txt").read_bytes() == content("2")


def held(request: Request) -> Iterator[Step]:
    yield http(content("x"))[:-1]
    yield End.HOLD


@pytest.mark.parametrize("way", ["SIGINT", "SIGTERM", "limit"])
def test_leaving_ends_all_of_them_and_leaves_nothing(way: str, tmp_path: Path) -> None:
    together = Together(AT_ONCE)
    words = [*(["-m", "3"] if way == "limit" else []), "-o", "out/"]
    with serving(gallery(2 * AT_ONCE, lambda name: together(held))) as server:
        process = subprocess.Popen(
            command(*map(str, call(server, *words))),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path, covered()),
            cwd=tmp_path,
            text=True,
        )
        if way != "limit":
            assert together.came(AT_ONCE)
            process.send_signal(getattr(signal, way))
        # The server holds on until the command has left.
        out, _ = process.communicate(timeout=HANGING)
    assert process.returncode == {"SIGINT": 130, "SIGTERM": 143, "limit": 28}[way]
    assert not list(tmp_path.glob("out/*"))
    assert "a.txt" not in out or "http" in out


@pytest.mark.parametrize("words", ["call", "call --json", "stream --json", "stream --text"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_signal_while_files_are_saved_loses_no_result(
    words: str, count: int, tmp_path: Path
) -> None:
    """The job is done and can't be had again: where its files are is told."""
    name, *options = words.split()
    together = Together(count)
    with serving(gallery(count, lambda number: together(held))) as server:
        _, *words_of_call = call(server, "-o", "out/")
        process = subprocess.Popen(
            command(name, *map(str, words_of_call), *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path, covered()),
            cwd=tmp_path,
            text=True,
        )
        assert together.came(count)
        process.send_signal(signal.SIGTERM)
        out, told = process.communicate(timeout=HANGING)
        urls = [f"{server.url}{P}/file=/server/{number}/a.txt" for number in range(count)]
    assert process.returncode == 143
    they_are = "it is" if count == 1 else "they are"
    assert told == f"gradio-curl: interrupted\n  {they_are} at {' '.join(urls)}\n"
    if options == ["--json"]:
        last = json.loads(out.splitlines()[-1])
        assert (last["exit_code"], last["message"]) == (143, "interrupted")
        assert [file["url"] for file in last["data"][0]] == urls
        assert last.get("event") == ("error" if name == "stream" else None)
    else:
        assert out == ""


def test_no_thread_is_left_of_them(tmp_path: Path) -> None:
    def reply(name: str) -> Reply:
        return http(content(name)) if int(name) % 3 else http({"detail": "gone"}, 404)

    with serving(gallery(2 * AT_ONCE, reply)) as server:
        names = {thread.name for thread in threading.enumerate()}
        ended = inside.run(*call(server, "-o", f"{tmp_path}/out/"), home=tmp_path / "home")
    left = [t.name for t in threading.enumerate() if t.name not in names and "_serve" not in t.name]
    assert (ended.code, left) == (22, [])


# Uploads


def names_in(request: Request) -> list[str]:
    """The names of the files in an upload."""
    return [name.decode() for name in re.findall(rb'filename="([^"]*)"', request.body)]


def stored(request: Request) -> list[Step]:
    return [http([f"/server/{name}" for name in names_in(request)])]


def uploading(reply: Reply) -> dict[str, Reply]:
    return gradio({UPLOAD: reply})


def made(folder: Path, count: int, size: int) -> list[str]:
    """So many files of so many bytes."""
    names = [f"{number}.bin" for number in range(count)]
    for name in names:
        (folder / name).write_bytes(name[0].encode() * size)
    return names


def test_small_files_go_in_one_request(tmp_path: Path) -> None:
    names = made(tmp_path, 9, 1000)
    with serving(uploading(lambda request: stored(request))) as server:
        ended = run("upload", server.url, *reversed(names), "0.bin", cwd=tmp_path, check=0)
        posts = [request for request in server.requests if request.path == UPLOAD]
    payloads = json.loads(ended.out)
    assert [payload["orig_name"] for payload in payloads] == [*reversed(names), "0.bin"]
    assert [payload["path"] for payload in payloads] == [
        f"/server/{name}" for name in (*reversed(names), "0.bin")
    ]
    (post,) = posts
    assert names_in(post) == [*reversed(names)]
    parts = post.body.split(b"\r\n\r\n")[1:]
    assert [part.partition(b"\r\n--")[0] for part in parts] == [
        (tmp_path / name).read_bytes() for name in reversed(names)
    ]


def test_large_files_go_side_by_side(tmp_path: Path) -> None:
    names = made(tmp_path, 3, 1_100_000)
    together = Together(3)
    with serving(uploading(together(stored))) as server:
        ended = run("upload", server.url, *names, cwd=tmp_path, check=0)
    assert together.most == 3
    assert [payload["orig_name"] for payload in json.loads(ended.out)] == names


def test_what_is_too_much_at_once_goes_one_by_one(tmp_path: Path) -> None:
    names = made(tmp_path, 3, 1000)

    def strict(request: Request) -> Steps:
        return http({}, 413) if len(names_in(request)) > 1 else stored(request)

    with serving(uploading(strict)) as server:
        ended = run("upload", server.url, *names, cwd=tmp_path, check=0)
        assert server.paths().count(f"POST {UPLOAD}") == 4
    assert [payload["path"] for payload in json.loads(ended.out)] == [f"/server/{n}" for n in names]


def test_fewer_paths_than_files_are_told(tmp_path: Path) -> None:
    names = made(tmp_path, 3, 1000)
    with serving(uploading(http(["/server/a"]))) as server:
        assert "3 paths" in run("upload", server.url, *names, cwd=tmp_path, check=22).err


def test_an_upload_that_is_refused_ends_the_others(tmp_path: Path) -> None:
    names = made(tmp_path, 3, 1_100_000)

    def reply(request: Request) -> Iterator[Step]:
        if names_in(request) == ["1.bin"]:
            yield http({"detail": "no"}, 500)
        else:
            yield End.HOLD

    with serving(uploading(Together(3)(reply))) as server:
        ended = run("upload", server.url, *names, cwd=tmp_path, check=22)
    assert len(ended.err.splitlines()) == 1
