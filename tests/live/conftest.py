"""Fixtures of the live tests: real servers, and the real command to talk to them."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.command import Completed, run
from tests.forked import COVERAGE
from tests.live.samples import made_picture
from tests.live.servers import ENDS, VERSIONS, Server, running


@pytest.fixture(autouse=True)
def covered_on_the_newest_version(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others run the same lines, and coverage takes as long again as a short command."""
    callspec = getattr(request.node, "callspec", None)
    if callspec is not None and callspec.params.get("server", VERSIONS[-1]) != VERSIONS[-1]:
        monkeypatch.delenv(COVERAGE, raising=False)


@pytest.fixture(scope="session")
def versions() -> tuple[str, ...]:
    """The Gradio versions that are served, oldest first."""
    return VERSIONS


@pytest.fixture(scope="session")
def server_of() -> Iterator[Callable[[str], Server]]:
    """The server of a version: started when first asked for, kept until the end."""
    started: dict[str, Server] = {}
    with ExitStack() as servers:

        def server_of_version(version: str) -> Server:
            if version not in started:
                started[version] = servers.enter_context(running(version, "--calm"))
            return started[version]

        yield server_of_version


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on the oldest and the newest version; what may differ between them on all."""
    if "server" in metafunc.fixturenames:
        every = metafunc.definition.get_closest_marker("every_version")
        chosen = VERSIONS if every else ENDS
        metafunc.parametrize("server", chosen, indirect=True, scope="session")


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, server_of: Callable[[str], Server]) -> Server:
    """The test app, on one Gradio version after the other."""
    return server_of(request.param)


@pytest.fixture
def gradio(tmp_path: Path) -> Callable[..., Completed]:
    """`run` of tests/command.py, with a home folder that lasts for the test."""
    home = tmp_path / "home"
    home.mkdir()
    return partial(run, home=home)


@pytest.fixture
def at_once(gradio: Callable[..., Completed]) -> Callable[..., list[Completed]]:
    """Runs several commands side by side, since there are many; gives how each one ended."""

    def run_all(commands: Iterable[list[str]]) -> list[Completed]:
        with ThreadPoolExecutor(max_workers=3) as pool:
            return list(pool.map(lambda words: gradio(*words), commands))

    return run_all


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A red PNG, 4 pixels wide and 3 high."""
    return made_picture(tmp_path / "cat.png", 4, 3)
