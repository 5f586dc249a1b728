"""Memory of apps: a repeated call makes three small requests, and is never wrong."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Completed, clean_environment, command
from tests.live.servers import SINGLE, Server, running
from tests.patience import HANGING

Gradio = Callable[..., Completed]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The cache folder of the commands that the fixture `gradio` runs."""
    return tmp_path / "home" / ".cache" / "gradio-curl"


def requests_of(completed: Completed) -> list[str]:
    """The requests that -v tells: method and last part of the path."""
    told = re.findall(r"^> (\w+) (\S+)", completed.err, re.MULTILINE)
    return [f"{method} {re.split('[?]', url)[0].rpartition('/')[2]}" for method, url in told]


def test_a_repeated_call_makes_three_small_requests(server: Server, gradio: Gradio) -> None:
    call = ["call", server.url, "/greet", "Bob", "-v"]
    first, second = gradio(*call, check=0), gradio(*call, check=0)
    assert requests_of(first) == ["GET config", "GET info", "POST greet", "GET data"]
    assert requests_of(second) == ["GET app_id", "POST greet", "GET data"]
    assert second.out == first.out


def test_what_is_remembered_is_what_the_app_says(server: Server, gradio: Gradio) -> None:
    script = [gradio("call", server.url, "/greet", "Bob", "--curl", "-v") for _ in range(2)]
    assert requests_of(script[0]) == ["GET config", "GET info"]
    assert requests_of(script[1]) == ["GET app_id"]
    assert script[0].out == script[1].out


def test_info_asks_the_app(server: Server, gradio: Gradio) -> None:
    for _ in range(2):
        asked = gradio("info", server.url, "-v", check=0)
        assert requests_of(asked) == ["GET config", "GET info"]


def test_no_cache_asks_the_app_and_remembers_what_it_says(
    server: Server, gradio: Gradio, cache: Path
) -> None:
    call = ["call", server.url, "/greet", "Bob", "-v", "--no-cache"]
    for _ in range(2):
        assert requests_of(gradio(*call, check=0))[0] == "GET config"
    assert len(list(cache.glob("app-*"))) == 1


def test_an_app_restarted_with_other_endpoints_is_noticed(gradio: Gradio) -> None:
    with running("6.31.0", script=SINGLE) as server:
        gradio("call", server.url, "name=Bob", check=0)
        port = server.port
    with running("6.31.0", port=port) as server:
        failed = gradio("call", server.url, "name=Bob", check=2)
        assert "which endpoint?" in failed.err
        assert gradio("call", server.url, "/greet", "name=Bob", check=0).out == "Hello Bob.\n"


def test_a_recipe_url_is_remembered_with_its_endpoint(server: Server, gradio: Gradio) -> None:
    prefix = "/gradio_api" if server.version >= "5" else ""
    call = ["call", f"{server.url}{prefix}/call/greet", "Bob", "-v"]
    gradio(*call, check=0)
    again = gradio(*call, check=0)
    assert requests_of(again) == ["GET app_id", "POST greet", "GET data"]
    assert again.out == "Hello Bob.\n"


@pytest.fixture
def modern(server_of: Callable[[str], Server]) -> Server:
    """The newest Gradio, where the version makes no difference."""
    return server_of("6.31.0")


def instead(path: Path, make: Callable[[Path], None]) -> None:
    """Has something else stand where the file was."""
    path.unlink()
    make(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(os.urandom(5000)),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"greet", b"gruss")),
        lambda path: instead(path, Path.mkdir),
        lambda path: instead(path, os.mkfifo),
        lambda path: instead(path, lambda place: place.symlink_to("/dev/zero")),
    ],
    ids=["noise", "cut", "changed", "folder", "pipe", "link"],
)
def test_a_damaged_cache_is_harmless(
    modern: Server, gradio: Gradio, cache: Path, damage: Callable[[Path], object]
) -> None:
    call = ["call", modern.url, "/greet", "Bob"]
    gradio(*call, check=0)
    (kept,) = cache.glob("app-*")
    damage(kept)
    assert gradio(*call, check=0).out == "Hello Bob.\n"


def test_what_another_version_wrote_is_not_read(
    modern: Server, gradio: Gradio, cache: Path
) -> None:
    call = ["call", modern.url, "/greet", "Bob", "-v"]
    gradio(*call, check=0)
    (kept,) = cache.glob("app-*")
    kept.write_text(re.sub(r'"gradio_curl": "[^"]*"', '"gradio_curl": "0.0.1"', kept.read_text()))
    assert requests_of(gradio(*call, check=0))[0] == "GET config"


def test_a_cache_that_can_not_be_written_is_harmless(
    modern: Server, gradio: Gradio, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    call = ["call", modern.url, "/greet", "Bob", "--session", "unwritable"]
    assert gradio(*call, env={"XDG_CACHE_HOME": str(blocked)}, check=0).out == "Hello Bob.\n"


def test_many_commands_may_use_it_at_once(modern: Server, gradio: Gradio, tmp_path: Path) -> None:
    environment = clean_environment(tmp_path)
    call = command("call", modern.url, "/greet", "Bob")
    started = [
        subprocess.Popen(call, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(6)
    ]
    assert [one.communicate(timeout=HANGING) for one in started] == [(b"Hello Bob.\n", b"")] * 6


def test_it_keeps_no_secret_and_is_for_its_owner_alone(
    modern: Server, gradio: Gradio, cache: Path
) -> None:
    with_userinfo = modern.url.replace("://", "://me:hunter2@")
    call = ["call", f"{with_userinfo}/?sign=hunter2", "/greet", "Bob", "--token", "hunter2"]
    gradio(*call, check=0)
    kept = list(cache.glob("app-*"))
    assert kept
    assert all(b"hunter2" not in path.read_bytes() for path in kept)
    assert all(path.stat().st_mode & 0o77 == 0 for path in [cache, *kept])
