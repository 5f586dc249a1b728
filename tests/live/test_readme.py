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

README = Path(__file__).parents[2] / "README.md"
# A marked block is a set-up command: .ci/run runs one of them, and tests/live/test_demo.py the
# program that the other one ends with.
BLOCKS = [
    block
    for marker, block in re.findall(
        r"(<!-- .* command -->\n)?```sh\n(.*?)```", README.read_text(), re.DOTALL
    )
    if not marker
]


@pytest.fixture(scope="module", params=["4.20.0", "6.31.0"])
def app(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The app of the examples, on the oldest and the newest Gradio."""
    with running(request.param, script="recipes.py") as server:
        yield server


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the command on the PATH; what one block writes is there for the next."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "bin").mkdir()
    program = folder / "bin" / "gradio-curl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gradio_curl "$@"\n')
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: " ".join(block.split()[:4]))
def test_a_shell_block_of_the_readme_works_as_it_stands(
    app: Server, workshop: Path, block: str
) -> None:
    port = re.sub(r"(?<=:)7860\b", str(app.port), block)
    if app.version.startswith("4."):
        port = port.replace("/gradio_api/", "/")  # the one thing that a curl recipe has to know
    environment = clean_environment(workshop)
    environment["PATH"] = f"{workshop / 'bin'}{os.pathsep}{environment['PATH']}"
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", port],
        cwd=workshop,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout or ">" in block
