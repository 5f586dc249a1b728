"""`--session`: state that lasts between commands, and whose events are whose."""

import json
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Completed, clean_environment, command
from tests.live.servers import Server
from tests.patience import HANGING

Gradio = Callable[..., Completed]


@pytest.fixture
def session() -> str:
    return uuid.uuid4().hex


@pytest.mark.every_version
def test_state_is_kept_between_commands(gradio: Gradio, server: Server, session: str) -> None:
    def remember(text: str, *options: str) -> str:
        return gradio("call", server.url, "remember", text, *options, check=0).out

    assert remember("a", "--session", session) == "1: a\n"
    assert remember("b", "--session", session) == "1: a | 2: b\n"
    body = json.dumps({"data": ["c", None], "session_hash": session})
    assert gradio("call", server.url, "remember", "-d", body).out == "1: a | 2: b | 3: c\n"
    assert remember("d") == "1: d\n"
    assert remember("e", "--session", "odd näme/?#&") == "1: e\n"


@pytest.mark.every_version
def test_a_chat_goes_on(gradio: Gradio, server: Server, session: str) -> None:
    def say(words: str) -> str:
        return gradio("call", server.url, "chat", words, "--session", session, check=0).out

    assert say("hello") == "1: hello\n"
    assert say("again") == "2: again\n"


def test_two_commands_of_one_session_take_turns(
    server: Server, session: str, tmp_path: Path
) -> None:
    def start(n: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command("call", server.url, "count", n, "0.1", "--session", session),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(tmp_path),
        )

    both = [start("3"), start("4")]
    outcomes = [process.communicate(timeout=HANGING) for process in both]
    assert [out for out, _ in outcomes] == [b"1 2 3\n", b"1 2 3 4\n"]
    # Which one came first is open, and whether it was done before the other one was there.
    told = b"".join(err for _, err in outcomes)
    assert told in (b"", f"waiting for another command in session {session}\n".encode())


@pytest.mark.every_version
def test_the_documented_route_loses_sessions_before_gradio_6_18(
    gradio: Gradio, server: Server, session: str
) -> None:
    words = ["remember", "a", "--session", session, "--route", "call"]
    if server.version.startswith("6."):
        assert gradio("call", server.url, *words, check=0).out == "1: a\n"
    else:
        assert gradio("call", server.url, *words, check=2).err == (
            "gradio-curl: before Gradio 6.18, --route call loses the result of a session\n"
            "  leave out --route call\n"
        )
