"""The command as a process that is forked, which starts three times as fast as a new Python.

The tests run some thousands of short commands, and those mostly start Python and import libraries.
So a helper has imported them, and forks for each command. That has a process, an environment, a
folder and streams of its own, imports all of the package, and runs it as `python -m gradio_curl`
does. GRADIO_CURL_TEST_FORKED=0 starts a new Python each time.
"""

import atexit
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn

# What a call imports from elsewhere, and what covers its lines.
LIBRARIES = ("platformdirs", "requests", "sseclient", "typer", "coverage.control")
# Set where the tests run under coverage: with it, commands are covered too.
COVERAGE = "COVERAGE_PROCESS_CONFIG"
# Python reads these when it starts.
_AT_START = ("PYTHON", "LANG", "LC_")
_LANGUAGE = {"LANG": "C.UTF-8"}


def is_like_new(environment: Mapping[str, str]) -> bool:
    """Whether a forked process with this environment is like one that starts with it."""
    read = {name: text for name, text in environment.items() if name.startswith(_AT_START)}
    return read == _LANGUAGE and os.environ.get("GRADIO_CURL_TEST_FORKED") != "0"


def run(
    words: Sequence[str], input: bytes, environment: Mapping[str, str], folder: Path, timeout: float
) -> "subprocess.CompletedProcess[bytes]":
    """Run `gradio-curl WORDS` in `folder`; it is killed after `timeout` seconds.

    Raises TimeoutExpired, as subprocess does.
    """
    stdin, stdout, stderr = os.pipe(), os.pipe(), os.pipe()
    order = [words, dict(environment), str(folder)]
    with socket.socket(socket.AF_UNIX) as helper, ThreadPoolExecutor(3) as pool:
        helper.connect(_helper())
        helper.settimeout(timeout)
        socket.send_fds(helper, [b"."], [stdin[0], stdout[1], stderr[1]])
        for end in (stdin[0], stdout[1], stderr[1]):
            os.close(end)
        pool.submit(_feed, stdin[1], input)
        out, err = (pool.submit(_read, end) for end in (stdout[0], stderr[0]))
        helper.sendall(json.dumps(order).encode() + b"\n")
        with helper.makefile("rb") as told:
            pid = int(told.readline())
            try:
                code = int(told.readline())
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(["gradio-curl", *words], timeout) from None
        return subprocess.CompletedProcess(words, code, out.result(), err.result())


def _feed(end: int, content: bytes) -> None:
    with suppress(BrokenPipeError), os.fdopen(end, "wb") as stream:
        stream.write(content)


def _read(end: int) -> bytes:
    with os.fdopen(end, "rb") as stream:
        return stream.read()


@cache
def _helper() -> str:
    """Start the helper of this process, which ends with it; gives the path of its socket."""
    folder = tempfile.TemporaryDirectory()
    path = f"{folder.name}/socket"
    helper = subprocess.Popen(
        [sys.executable, "-m", "tests.forked", path],
        cwd=Path(__file__).parents[1],
        env=_LANGUAGE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert helper.stdout
    assert helper.stdout.readline() == b"ready\n"
    atexit.register(folder.cleanup)
    atexit.register(helper.communicate)
    return path


# In the helper


def serve(path: str) -> None:
    """Start each command that is asked for at a socket, until stdin is closed."""
    for name in LIBRARIES:
        with suppress(ImportError):  # coverage, where none is counted
            import_module(name)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that watch commands
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            asker, _ = listener.accept()
            with asker:
                if os.fork() == 0:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    listener.close()
                    _start(asker)


def _start(asker: socket.socket) -> NoReturn:
    """Start a command; tell its process id, and how it ended."""
    _, streams, _, _ = socket.recv_fds(asker, 1, 3)
    with asker.makefile("rb") as orders:
        words, environment, folder = json.loads(orders.readline())
    pid = os.fork()
    if pid == 0:
        asker.close()
        _become(words, environment, folder, streams)
    for stream in streams:
        os.close(stream)
    asker.sendall(f"{pid}\n".encode())
    status = os.waitpid(pid, 0)[1]
    with suppress(BrokenPipeError):  # who asked gave up
        asker.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(
    words: Sequence[str], environment: Mapping[str, str], folder: str, streams: Sequence[int]
) -> NoReturn:
    """Be the command."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if COVERAGE in environment:
        with suppress(ImportError):
            import_module("coverage").process_startup()
    sys.argv = ["", *words]
    sys.path[0] = folder
    runpy.run_module("gradio_curl", run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    serve(sys.argv[1])
