"""What makes the command fast, held without a clock: modules, requests, work, memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gradio_curl.client.transport import READ_SIZE
from tests.benchmarks.link import Authority, Traffic, linked
from tests.benchmarks.measure import Contestant, measured
from tests.benchmarks.rawserver import RawServer, serving
from tests.command import clean_environment, command, loaded_by, run

MB = 1_000_000
# What the allocator does with a few pieces in flight differs by up to 4 MB from run to run.
SOME_PIECES = 32 * READ_SIZE


@pytest.fixture
def server() -> Iterator[RawServer]:
    """A server that has as many bytes as are asked for."""
    with serving() as raw:
        yield raw


def test_a_call_loads_nothing_but_its_own_modules_and_what_its_libraries_load(
    tmp_path: Path, server: RawServer
) -> None:
    ours = loaded_by(tmp_path, "-m", "gradio_curl", "call", server.url, "/big", "1") - {"runpy"}
    theirs = loaded_by(tmp_path, "-c", "import typer, requests, sseclient")
    # dataclasses: an item, and a file to upload, must never equal another kind, as tuples do.
    assert ours - theirs == {"gradio_curl", "dataclasses", "gc", "platformdirs", "shlex"}


def test_a_call_makes_four_requests_and_three_where_the_app_is_remembered(
    server: RawServer, tmp_path: Path
) -> None:
    job = ["POST /gradio_api/call/big", "GET /gradio_api/queue/data"]
    for first in (["GET /config", "GET /gradio_api/info"], ["GET /gradio_api/app_id"]):
        server.requests.clear()
        server.connections = 0
        run("call", server.url, "/big", "1", home=tmp_path, check=0)
        assert [request.partition("?")[0] for request in server.requests] == [*first, *job]
        assert server.connections == 1


@pytest.mark.parametrize(("tls", "handshakes"), [(False, 1), (True, 2)])
def test_a_call_takes_three_round_trips_beyond_its_handshakes(
    tls: bool, handshakes: int, server: RawServer, tmp_path: Path
) -> None:
    authority = Authority(tmp_path) if tls else None
    trusting = ["--cacert", str(authority.bundle)] if authority else []
    with linked(server.url, 0.1, authority) as link:
        counted = []
        saving = ["/file", "9", "-o", str(tmp_path / "saved")]
        for words in (["/big", "1"], ["/big", "1"], saving):
            link.reset()
            run("call", link.url, *words, *trusting, home=tmp_path, check=0)
            counted.append(link.traffic())
    # The app is asked two things at first, then one; a file is one more.
    assert counted == [Traffic(1, handshakes + beyond) for beyond in (4, 3, 4)]


def test_a_file_comes_by_the_connection_of_the_call(server: RawServer, tmp_path: Path) -> None:
    run("call", server.url, "/file", "1000", "-o", tmp_path / "saved", check=0)
    assert (server.connections, (tmp_path / "saved").stat().st_size) == (1, 1000)


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
