"""Exchanges with a real server, recorded once, then cut at every byte that the server says.

Each time: a documented exit code, one line, no file that is not whole, no thread or socket left.
All in one process; GRADIO_CURL_TORTURE=1 cuts at every byte where otherwise one in a few serves.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gradio_curl.client import retries
from tests.command import Completed
from tests.live.servers import Server, running
from tests.patience import HANGING
from tests.wire import inside
from tests.wire.recording import Recording, recording, replaying

CODES = {0, 1, 7, 18, 22}
THOROUGH = bool(os.environ.get("GRADIO_CURL_TORTURE"))
CONTENT = "content"


@pytest.fixture(scope="module")
def app() -> Iterator[Server]:
    """An app that takes a file and gives it back."""
    with running("6.31.0", "--file", script="single.py") as server:
        yield server


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat a download that broke at once: the pauses would take an hour in all."""
    monkeypatch.setattr(retries, "_FIRST_PAUSE", 0.001)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the command runs: with a file to upload, and a folder for those that come."""
    (tmp_path / "a.txt").write_text(CONTENT)
    (tmp_path / "rows.jsonl").write_text('{"file": {"@": "a.txt"}}\n' * 3)
    (tmp_path / "out").mkdir()
    return tmp_path


def words_of(command: str, folder: Path) -> list[str]:
    """What is typed before and after APP."""
    item = f"file@{folder}/a.txt"
    match command:
        case "info":
            return ["--json"]
        case "upload":
            return [f"{folder}/a.txt"]
        case "stream":
            return [item]
        case "batch":
            return ["--batch", f"{folder}/rows.jsonl", "-j", "1", "-o", f"{folder}/out/"]
        case _:
            return [item, "-o", f"{folder}/out/"]


def run(command: str, url: str, folder: Path, home: str) -> Completed:
    """One run of the command."""
    name = "call" if command == "batch" else command
    return inside.run(name, url, *words_of(command, folder), home=folder / home)


def recorded(command: str, folder: Path, app: Server) -> Recording:
    """The whole exchange of a command."""
    with recording(app.port) as (url, kept):
        ended = run(command, url, folder, "home")
    assert_ended_well(command, ended, folder)
    assert ended.code == 0
    return kept


def sockets() -> int:
    """How many sockets this process has open."""
    return sum(link.is_socket() for link in Path("/proc/self/fd").iterdir())


def settled(count: Callable[[], int], at_most: int) -> bool:
    """Whether a number gets down to what it was: connections close on the server's side too."""
    deadline = time.monotonic() + HANGING
    while count() > at_most and time.monotonic() < deadline:
        time.sleep(0.05)
    return count() <= at_most


def assert_ended_well(command: str, ended: Completed, folder: Path) -> None:
    """Nothing but what is documented came of it."""
    assert ended.code in CODES, ended
    saved = list((folder / "out").iterdir())
    assert all(path.name.endswith("a.txt") and path.read_text() == CONTENT for path in saved), saved
    for path in saved:
        path.unlink()
    lines = ended.err.splitlines()
    if ended.code:
        assert lines[0].startswith("gradio-curl: "), ended
        assert "Traceback" not in ended.err
        assert command == "batch" or all(line.startswith("  ") for line in lines[1:]), ended
        assert command == "batch" or not saved
    elif command != "batch":
        assert lines == []
    for line in ended.out.splitlines():
        if command in ("stream", "batch"):
            json.loads(line)


@pytest.mark.parametrize(
    ("command", "stride"), [("info", 3), ("call", 7), ("upload", 13), ("stream", 23), ("batch", 79)]
)
def test_an_exchange_cut_at_any_byte_is_told(
    command: str, stride: int, app: Server, folder: Path
) -> None:
    kept = recorded(command, folder, app)
    threads = threading.active_count()
    codes = set()
    with replaying(kept) as replay:
        open_sockets = sockets()
        for at in [*kept.cuts(1 if THOROUGH else stride), len(kept)]:
            replay.cut(at)
            ended = run(command, replay.url, folder, f"home{at}")
            try:
                assert_ended_well(command, ended, folder)
            except AssertionError as error:
                raise AssertionError(f"cut at byte {at} of {len(kept)}: {error}") from error
            codes.add(ended.code)
        # urllib3 2 closes a pool only with its last reference: those of rows that failed linger,
        # and with them the threads here that serve them.
        assert command == "batch" or settled(sockets, open_sockets)
    assert command == "batch" or settled(threading.active_count, threads)
    assert codes >= {0, 1 if command == "batch" else 18}
