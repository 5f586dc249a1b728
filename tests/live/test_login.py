"""Apps behind Gradio's own login, on every version."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command import Completed
from tests.live.servers import ENDS, Server, running

AUTH = "me:s3cret:with colon"


@pytest.fixture(scope="module", params=ENDS)
def guarded(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The test app behind a login, on one Gradio version after the other."""
    with running(request.param, "--auth", AUTH) as server:
        yield server


def test_an_app_that_wants_a_login_says_how_to_give_it(
    guarded: Server, gradio: Callable[..., Completed]
) -> None:
    for command in ("call", "info"):
        ended = gradio(command, guarded.url, "/greet")
        assert (ended.code, ended.out) == (67, "")
        assert "--auth USER:PASSWORD" in ended.err


def test_a_wrong_password_is_refused(guarded: Server, gradio: Callable[..., Completed]) -> None:
    ended = gradio("call", guarded.url, "/greet", "Bob", "--auth", "me:wrong")
    assert (ended.code, ended.out) == (67, "")
    assert "rejected the login for me" in ended.err


def test_a_login_serves_a_whole_call(
    guarded: Server, gradio: Callable[..., Completed], tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("content")
    words = ("call", guarded.url, "/file_echo", f"file@{tmp_path}/a.txt", "-o", tmp_path / "b.txt")
    for _ in range(2):
        gradio(*words, env={"GRADIO_CURL_AUTH": AUTH}, check=0)
        assert (tmp_path / "b.txt").read_text() == "content"


def test_a_session_goes_on_behind_a_login(
    guarded: Server, gradio: Callable[..., Completed]
) -> None:
    words = ("call", guarded.url, "/remember", "--session", "mine", "--auth", AUTH)
    gradio(*words, "one", check=0)
    assert "one" in gradio(*words, "two", check=0).out


def test_a_stream_is_read_behind_a_login(guarded: Server, gradio: Callable[..., Completed]) -> None:
    ended = gradio("stream", guarded.url, "/count", "n=2", "delay=0", "--auth", AUTH, check=0)
    assert '"event": "complete"' in ended.out
