"""The built-in app: started, used and stopped by the command itself."""

import json
import signal
import subprocess
import time
from importlib.metadata import requires
from pathlib import Path

import pytest

import gradio_curl
from tests.command import clean_environment
from tests.live.servers import environment
from tests.patience import HANGING

ROOT = Path(gradio_curl.__file__).parent.parent


@pytest.fixture(scope="module")
def python() -> Path:
    """A Python that has both gradio-curl's own requirements and Gradio."""
    own = [line for line in requires("gradio-curl") or [] if "extra ==" not in line]
    return environment("6.31.0", *sorted(own))


def started(python: Path, home: Path, *args: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [str(python), "-m", "gradio_curl", *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(home, {"PYTHONPATH": str(ROOT), "DEMO_OF": str(home)}),
    )


def demos_of(home: Path) -> list[int]:
    """The processes of the demo that were started with this home, by their environment."""
    mark = f"DEMO_OF={home}".encode()
    found = []
    for process in Path("/proc").iterdir():
        try:
            ours = mark in (process / "environ").read_bytes().split(b"\0")
            demo = b"gradio_curl.demo" in (process / "cmdline").read_bytes()
        except OSError:
            continue
        if ours and demo:
            found.append(int(process.name))
    return found


def assert_no_process_left(home: Path) -> None:
    deadline = time.monotonic() + HANGING
    while demos_of(home):
        assert time.monotonic() < deadline, f"still there: {demos_of(home)}"
        time.sleep(0.1)


def test_the_demo_streams_pictures_and_is_gone(python: Path, tmp_path: Path) -> None:
    process = started(python, tmp_path, "stream", "demo", "/predict", "3")
    out, err = process.communicate(timeout=HANGING)
    assert (process.returncode, err) == (0, b"")
    events = [json.loads(line) for line in out.splitlines()]
    names = [event["event"] for event in events]
    assert names[-4:] == ["generating", "generating", "generating", "complete"]
    assert all(event["data"][0]["path"].endswith(".png") for event in events[-4:])
    assert_no_process_left(tmp_path)


def test_the_demo_has_a_default_and_saves(python: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    process = started(python, tmp_path, "call", "demo", "-o", str(picture))
    _, err = process.communicate(timeout=HANGING)
    assert (process.returncode, err) == (0, b"")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_mistake_stops_the_demo(python: Path, tmp_path: Path) -> None:
    process = started(python, tmp_path, "call", "demo", "steps=11")
    _, err = process.communicate(timeout=HANGING)
    assert process.returncode == 2
    assert err.startswith(b"gradio-curl: steps: 11 is out of range")
    assert_no_process_left(tmp_path)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_the_demo_ends_with_the_command(
    python: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    process = started(python, tmp_path, "stream", "demo", "/predict", "10")
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["event"] != "generating":
        pass
    assert demos_of(tmp_path)
    process.send_signal(number)
    process.communicate(timeout=HANGING)
    assert process.returncode == code
    assert_no_process_left(tmp_path)


def test_ctrl_c_while_the_demo_starts_leaves_nothing(python: Path, tmp_path: Path) -> None:
    process = started(python, tmp_path, "call", "demo")
    deadline = time.monotonic() + HANGING
    while not demos_of(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=HANGING)
    assert (process.returncode, err) == (130, b"gradio-curl: interrupted\n")
    assert_no_process_left(tmp_path)
