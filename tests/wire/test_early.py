"""The connection that begins while the libraries load. That a call uses it: test_speed_guards."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import clean_environment, command
from tests.patience import HANGING


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(HANGING)
        yield server


def started(
    folder: Path, listener: socket.socket, *words: str, **variables: str
) -> subprocess.Popen[bytes]:
    """A command whose `requests` never finishes to load, but waits for the end of stdin."""
    (folder / "requests.py").write_text("import sys; sys.stdin.read(); sys.exit()\n")
    return subprocess.Popen(
        command("call", f"http://127.0.0.1:{listener.getsockname()[1]}", "/say", "x", *words),
        env=clean_environment(folder, {"PYTHONPATH": str(folder), **variables}),
        cwd=folder,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def test_the_connection_is_there_before_the_library_that_uses_it(
    tmp_path: Path, listener: socket.socket
) -> None:
    with started(tmp_path, listener) as begun:
        connection, _ = listener.accept()
        begun.communicate(timeout=HANGING)
        assert connection.recv(1) == b""  # nothing was sent


@pytest.mark.parametrize("variable", ["http_proxy", "HTTPS_PROXY", "all_proxy"])
def test_past_a_proxy_in_the_environment_nothing_begins(
    variable: str, tmp_path: Path, listener: socket.socket
) -> None:
    with started(tmp_path, listener, **{variable: "http://127.0.0.1:1"}) as begun:
        begun.communicate(timeout=HANGING)
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_past_a_given_proxy_nothing_begins(tmp_path: Path, listener: socket.socket) -> None:
    with started(tmp_path, listener, "--proxy", "http://127.0.0.1:1") as begun:
        begun.communicate(timeout=HANGING)
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.accept()
