"""The README's shell blocks, run as they stand against the app that they are written for."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import clean_environment
from tests.live.servers import Server, running
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


@pytest.fixture(scope="module", params=["4.20.0", "6.31.0"])
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


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the command on the PATH; what one block writes is there for the next."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "bin").mkdir()
    program = folder / "bin" / "gradio-curl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gradio_curl "$@"\n')
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: " ".join(block.split()[1:4]))
def test_a_shell_block_of_the_readme_works_as_it_stands(
    app: Server, hub: str, workshop: Path, block: str
) -> None:
    commands = re.sub(r"(?<=:)7860\b", str(app.port), block)
    if app.version.startswith("4."):
        # The one thing that a curl recipe has to know.
        commands = commands.replace("/gradio_api/", "/")
    environment = clean_environment(workshop, {"HF_ENDPOINT": hub})
    environment["PATH"] = f"{workshop / 'bin'}{os.pathsep}{environment['PATH']}"
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=workshop,
        env=environment,
        capture_output=True,
        text=True,
        timeout=HANGING,
    )
    assert ended.returncode == 0, ended.stderr
