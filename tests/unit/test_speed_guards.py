"""What makes the command fast, held without a clock: modules, requests, work, memory."""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from gradio_curl.client import sse
from gradio_curl.client.transport import READ_SIZE
from tests.benchmarks.measure import Contestant, measured
from tests.benchmarks.rawserver import RawServer, serving
from tests.command import clean_environment, command, run

MB = 1_000_000
# What the allocator does with a few pieces in flight differs by up to 4 MB from run to run.
SOME_PIECES = 32 * READ_SIZE


@pytest.fixture
def server() -> Iterator[RawServer]:
    """A server that has as many bytes as are asked for."""
    with serving() as raw:
        yield raw


def loaded_by(program: str, home: Path, *args: str) -> set[str]:
    """The top-level modules that Python has imported at the end of a program."""
    tell = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    ended = subprocess.run(
        [sys.executable, "-c", f"{tell}\n{program}", *args],
        env=clean_environment(home),
        capture_output=True,
        text=True,
        check=True,
    )
    return {module.partition(".")[0] for module in ended.stderr.split()}


def test_a_call_loads_nothing_but_its_own_modules_and_what_its_libraries_load(
    tmp_path: Path, server: RawServer
) -> None:
    ours = loaded_by(
        "from gradio_curl.__main__ import main; main()", tmp_path, "call", server.url, "/big", "1"
    )
    theirs = loaded_by("import typer, requests, sseclient", tmp_path)
    assert ours - theirs == {"gradio_curl", "gc", "platformdirs", "shlex"}


def test_a_call_makes_four_requests(server: RawServer) -> None:
    run("call", server.url, "/big", "1", check=0)
    assert [request.partition("?")[0] for request in server.requests] == [
        "GET /config",
        "GET /gradio_api/info",
        "POST /gradio_api/call/big",
        "GET /gradio_api/queue/data",
    ]


class Counting:
    """A pattern that counts the bytes it has searched."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self.pattern = pattern
        self.searched = 0

    def search(self, text: bytearray, start: int) -> re.Match[bytes] | None:
        match = self.pattern.search(text, start)
        self.searched += (match.end() if match else len(text)) - start
        return match


def cut(stream: bytes, size: int) -> Iterable[bytes]:
    """The stream in pieces of `size` bytes."""
    return (stream[at : at + size] for at in range(0, len(stream), size))


@pytest.mark.parametrize(
    "stream",
    [
        b"data: " + b"x" * MB + b"\n\n",
        b"data: a line of many in one event\n" * (MB // 34) + b"\n",
        b"data: an event of many\n\n" * (MB // 24),
    ],
    ids=["one long line", "one event of many lines", "many events"],
)
@pytest.mark.parametrize("size", [1000, 8192, MB])
def test_framing_searches_each_byte_about_once(
    stream: bytes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(sse._BLANK_LINE)
    monkeypatch.setattr(sse, "_BLANK_LINE", counting)
    assert sum(map(len, sse.frames(cut(stream, size)))) == len(stream)
    assert counting.searched <= 1.01 * len(stream)


def peak_of(scratch: Path, *args: object) -> int:
    """The largest resident size, in bytes, of `gradio-curl ARGS`."""
    ours = Contestant("ours", command(*map(str, args)))
    return measured(ours, scratch, clean_environment(scratch)).peak_bytes


def test_memory_does_not_grow_with_an_upload(tmp_path: Path, server: RawServer) -> None:
    sizes = {MB, 200 * MB}
    for size in sizes:
        with (tmp_path / f"{size}").open("wb") as file:
            file.truncate(size)
    small, large = (peak_of(tmp_path, "upload", server.url, f"{s}") for s in sorted(sizes))
    assert large < small + SOME_PIECES


def test_memory_does_not_grow_with_a_download(tmp_path: Path, server: RawServer) -> None:
    small, large = (
        peak_of(tmp_path, "call", server.url, "/file", size, "-o", tmp_path / "saved")
        for size in (MB, 200 * MB)
    )
    assert large < small + SOME_PIECES


def test_a_large_event_is_in_memory_less_than_three_times(
    tmp_path: Path, server: RawServer
) -> None:
    small, large = (peak_of(tmp_path, "call", server.url, "/big", s) for s in (1, 20 * MB))
    assert large - small < 3 * 20 * MB
