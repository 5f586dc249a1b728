"""The README's shell blocks, run as they stand against the app that they are written for."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import clean_environment
from tests.live.servers import ENDS, Server, running
from tests.patience import HANGING
from tests.wire.server import http, serving

README = Path(__file__).parents[2] / "README.md"
# A marked block is a set-up command: .ci/run runs the one, tests/live/test_demo.py the program that
# the other one ends with.
BLOCKS = [
    block
    for marker, block in re.findall(
        r"(<!-- \w+ command -->\n)?```sh\n(.*?)```", README.read_text(), re.DOTALL
    )
    if not marker
]


@pytest.fixture(scope="module", params=ENDS)
def app(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The app of the examples, on the oldest and the newest Gradio."""
    with running(request.param, script="recipes.py") as server:
        yield server


@pytest.fixture(scope="module")
def hub(app: Server) -> Iterator[str]:
    """The address of a stand-in for the Hub, where the app is the Space owner/space."""
    space = "/api/spaces/owner/space"
    answers = {"host": http({"host": app.url}), "runtime": http({"stage": "RUNNING"})}
    with serving({f"{space}/{name}": answer for name, answer in answers.items()}) as server:
        yield server.url


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder with the command on the PATH."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "gradio-curl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gradio_curl "$@"\n')
    program.chmod(0o755)
    return tmp_path


def test_the_shell_blocks_of_the_readme_work_as_they_stand(
    app: Server, hub: str, workshop: Path
) -> None:
    environment = clean_environment(workshop, {"HF_ENDPOINT": hub})
    environment["PATH"] = f"{workshop / 'bin'}{os.pathsep}{environment['PATH']}"
    for block in BLOCKS:  # in one folder, for what one writes may be read by the next
        commands = re.sub(r"(?<=:)7860\b", str(app.port), block)
        if app.version.startswith("4."):
            # The one thing that a curl recipe has to know.
            commands = commands.replace("/gradio_api/", "/")
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=workshop,
            env=environment,
            capture_output=True,
            text=True,
            timeout=HANGING,
        )
        assert ended.returncode == 0, f"{block}\n{ended.stderr}"
