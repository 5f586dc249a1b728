"""Real Gradio servers, each version in a virtual environment of its own, kept between runs.

By hand, from the project's folder:

    python -m tests.live.servers --prepare              make every environment
    python -m tests.live.servers 6.31.0 --auth me:pw    start the app and print its URL
    python -m tests.live.servers 6.31.0 --single        the same for the app with one endpoint
"""

import argparse
import fcntl
import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from platformdirs import user_cache_path

# Gradio 4 runs only on what was current in its day. These run all the tests.
PINS = {
    "4.20.0": (
        "gradio==4.20.0",
        "huggingface_hub<0.23",
        "pydantic==2.6.4",
        "fastapi==0.110.0",
        "starlette==0.36.3",
        "numpy<2",
        "httpx<0.28",
        "typer<0.12",
    ),
    "4.44.1": (
        "gradio==4.44.1",
        "huggingface_hub<0.26",
        "pydantic==2.10.6",
        "fastapi==0.112.2",
        "starlette<0.39",
        "numpy<2",
    ),
    "5.50.0": ("gradio==5.50.0",),
    "6.31.0": ("gradio==6.31.0",),
}
VERSIONS = tuple(PINS)
ENDS = (VERSIONS[0], VERSIONS[-1])

# The last release of each minor version, and its day: its environment has what was there then.
RELEASES = dict(
    line.split() for line in Path(__file__).with_name("releases.txt").read_text().splitlines()
)
# What the smoke tests run on in the test command: where something changed that a client meets.
SMOKE_VERSIONS = {
    "4.22.0": "the last without parameter names; a reader that leaves stops nothing",
    "4.28.3": "the last but one that can not cancel: a generator is stopped by /reset",
    "4.31.5": "the first with /cancel; its call route can not carry JSON outputs",
    "5.0.2": "the first with a prefix, and with endpoints that stream input",
    "5.38.2": "the first that says session_not_found for an unknown event",
    "6.0.2": "the first with api_visibility; loses most jobs that are cancelled while they wait",
    "6.13.0": "the last before /cancel removes waiting jobs; tells errors on the call route",
    "6.21.0": "takes the state of sessions on either route; a file's url is still wrong",
}
PYTHONS_OF_OLD = ">=3.10,<3.13"
# The first day whose packages run on any Python that is newer.
ANY_PYTHON = "2025-11-01"

START_SECONDS = 120
STOP_SECONDS = 5

# Not the one of all tests, whose numbers are the same in each process.
_random = random.SystemRandom()

APP = "app.py"
SINGLE = "single.py"


@dataclass(frozen=True, slots=True)
class Server:
    """A running Gradio server: `url` is what a user would type, without a slash at its end."""

    version: str
    url: str
    port: int
    pid: int
    log: Path


class ServerFailed(Exception):
    """An environment could not be made or a server did not start; the message has the log."""


# Environments


def environment(version: str, *more: str) -> Path:
    """The Python that has this version of Gradio; its environment is made if it is not there.

    `more` are further requirements, for an environment of its own.
    """
    if version in PINS:
        return kept_environment(version, PINS[version] + more, *_interpreter_for(version))
    day = date.fromisoformat(RELEASES[version]) + timedelta(days=2)
    pins = (f"gradio=={version}", *more)
    return kept_environment(version, pins, *_interpreter_for(version), until=day.isoformat())


def kept_environment(
    name: str,
    pins: Sequence[str],
    interpreter: str = sys.executable,
    python_version: str = "{}.{}".format(*sys.version_info),
    until: str = "",
) -> Path:
    """The Python of the environment that has just these packages; made once, kept between runs.

    Of what the packages need, it has the newest of the day `until`.
    """
    recipe = repr((tuple(pins), python_version, *([until] if until else [])))
    recipe = hashlib.sha256(recipe.encode()).hexdigest()[:12]
    then = ["--exclude-newer", until] if until else []
    folder = cache_folder() / f"{name}-{recipe}"
    python = folder / "bin" / "python"
    complete = folder / "complete"
    with _locked(folder.with_name(folder.name + ".lock")):
        if not (complete.exists() and python.exists()):
            shutil.rmtree(folder, ignore_errors=True)
            _uv("venv", "--python", interpreter, str(folder))
            _uv("pip", "install", "--python", str(python), *then, *pins)
            complete.touch()
    return python


def prepare() -> None:
    """Makes every environment, two at a time."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(environment, (*VERSIONS, *SMOKE_VERSIONS)))


def _interpreter_for(version: str) -> tuple[str, str]:
    """Where this version's Python is, and which: that of the tests, unless it is too new."""
    old = version.startswith("4.") or (version not in PINS and RELEASES[version] < ANY_PYTHON)
    if old and sys.version_info >= (3, 13):
        return PYTHONS_OF_OLD, PYTHONS_OF_OLD
    return sys.executable, "{}.{}".format(*sys.version_info)


def cache_folder() -> Path:
    """Where the tests keep what takes long to make."""
    chosen = os.environ.get("GRADIO_CURL_TEST_CACHE")
    folder = Path(chosen).absolute() if chosen else user_cache_path("gradio-curl-tests")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _uv(*arguments: str) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "uv", "--quiet", *arguments], capture_output=True, text=True
    )
    if made.returncode != 0:
        raise ServerFailed(f"uv {' '.join(arguments)}\n{made.stderr}")


# Servers


@contextmanager
def running(
    version: str,
    *options: str,
    script: str = APP,
    port: int | None = None,
    packages: Sequence[str] = (),
) -> Iterator[Server]:
    """Runs a test app with this version of Gradio on a free port while the block lasts.

    `options` are those of the script, `port` is that of a server whose place it takes, `packages`
    are what it needs beside Gradio. Raises `ServerFailed` if it does not answer in time.
    """
    python = environment(version, *packages)
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="gradio-curl-", ignore_cleanup_errors=True) as scratch:
        log = Path(scratch) / "server.log"
        command = [
            str(python),
            str(Path(__file__).with_name(script)),
            f"--port={port}",
            f"--scratch={scratch}",
            *options,
        ]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=scratch,
                env=_server_environment(Path(scratch)),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        server = Server(
            version, f"http://127.0.0.1:{port}{_mount_path(options)}", port, process.pid, log
        )
        try:
            _wait_until_ready(server, process)
            yield server
        finally:
            _stop(process)


def _server_environment(scratch: Path) -> dict[str, str]:
    """The environment of a server: no proxies, no tokens, all that it writes in one place."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GRADIO_", "HF_", "PYTHON", "COV"))
        and not name.lower().endswith("_proxy")
    }
    return inherited | {
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "GRADIO_TEMP_DIR": str(scratch / "gradio"),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
        # matplotlib takes seconds to list the fonts: once is enough.
        "MPLCONFIGDIR": str(cache_folder() / "matplotlib"),
        "PYTHONUNBUFFERED": "1",
    }


def free_port() -> int:
    """A port that nothing listens on, and that the system gives to nobody who asks for any."""
    while True:
        port = _random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _mount_path(options: tuple[str, ...]) -> str:
    options = tuple(part for option in options for part in option.split("=", 1))
    return options[options.index("--mount") + 1] if "--mount" in options else ""


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server.url + "/config"):
        if process.poll() is not None:
            raise ServerFailed(f"Gradio {server.version} ended by itself:\n{_tail(server.log)}")
        if time.monotonic() > deadline:
            raise ServerFailed(f"Gradio {server.version} did not start:\n{_tail(server.log)}")
        time.sleep(0.2)


def _answers(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=5):
            return True
    except urllib.error.HTTPError as refused:
        # With --auth the page exists, but not for everyone.
        return refused.code == 401
    except OSError:
        return False


def _tail(log: Path, lines: int = 40) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the server and all that it started."""
    if process.stdin:
        # It ends at once when this closes, as Gradio does not on SIGTERM.
        process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# By hand


def main() -> None:
    """Prepares the environments, or runs one server until it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("version", nargs="?", default=VERSIONS[-1])
    parser.add_argument("--prepare", action="store_true", help="make every environment, and end")
    parser.add_argument("--single", action="store_true", help="the app with one endpoint")
    ours, options = parser.parse_known_args()
    if ours.prepare:
        prepare()
        return
    # So that a plain `kill` also stops the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with running(ours.version, *options, script=SINGLE if ours.single else APP) as server:
            print(server.url, flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except ServerFailed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
