"""--curl: what is printed runs in sh, and gives what the command itself gives."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Completed, clean_environment
from tests.live.servers import Server

Gradio = Callable[..., Completed]


@pytest.fixture(params=["dash", "bash"])
def shell(request: pytest.FixtureRequest) -> str:
    """A shell that is found as sh on Debian, and one that is elsewhere."""
    return str(request.param)


def result_of(shell: str, script: str, cwd: Path, **variables: str) -> Any:
    """Runs a printed script; gives the data of the last event, from either route."""
    ended = subprocess.run(
        [shell],
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        env=clean_environment(cwd, variables),
    )
    assert ended.returncode == 0, ended.stderr
    lines = [line[6:] for line in ended.stdout.splitlines() if line.startswith("data: ")]
    messages = [json.loads(line) for line in lines]
    completed = [m for m in messages if isinstance(m, dict) and m["msg"] == "process_completed"]
    return completed[-1]["output"]["data"] if completed else messages[-1]


def test_it_gives_what_the_command_gives(
    server: Server, gradio: Gradio, shell: str, tmp_path: Path
) -> None:
    hostile = 'it\'s "$HOME" `id` \\n \\ % é 漢 \u200f !x'
    call = ["call", server.url, "/several", f"text={hostile}"]
    script = gradio(*call, "--curl", check=0).out
    assert result_of(shell, script, tmp_path) == json.loads(gradio(*call, "--json", check=0).out)


def test_it_uploads_each_file_once_under_its_own_name(
    server: Server, gradio: Gradio, shell: str, tmp_path: Path
) -> None:
    (tmp_path / 'odd, "name";x.txt').write_text("first")
    (tmp_path / "b.txt").write_text("second")
    names = ['odd, "name";x.txt', "b.txt", "b.txt"]
    call = ["call", server.url, "/files", *(f"files@{name}" for name in names)]
    script = gradio(*call, "--curl", cwd=tmp_path, check=0).out
    assert script.count("/upload") == 2
    facts = result_of(shell, script, tmp_path)[0]
    assert [fact["size"] for fact in facts] == [5, 6, 6]
    expected = json.loads(gradio(*call, "--json", cwd=tmp_path, check=0).out)[0]
    assert [fact["sha256"] for fact in facts] == [fact["sha256"] for fact in expected]


def test_a_body_too_long_for_an_argument_is_read_from_the_script(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    long = "a$HOME`id`\\ " * 12_000
    (tmp_path / "long.txt").write_text(long)
    call = ["call", server.url, "/several", "text@long.txt", "--curl"]
    script = gradio(*call, cwd=tmp_path, check=0).out
    assert result_of("dash", script, tmp_path)[1] == len(long)


def test_a_session_is_kept_and_its_result_is_read(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    session = f"curl {tmp_path} & co"
    gradio("call", server.url, "/remember", "one", "--session", session, check=0)
    call = ["call", server.url, "/remember", "two", "--session", session, "--curl"]
    script = gradio(*call, check=0).out
    assert result_of("dash", script, tmp_path)[0] == "1: one | 2: two"


def test_detached_in_one_script_collected_in_another(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    script = gradio("call", server.url, "/greet", "Bob", "--detach", "--curl", check=0).out
    queued = subprocess.run(["dash"], input=script, capture_output=True, text=True, timeout=60)
    event_id = queued.stdout.strip()
    script = gradio("call", server.url, "/greet", "--event", event_id, "--curl", check=0).out
    assert result_of("dash", script, tmp_path) == ["Hello Bob."]


def test_it_posts_nothing_itself(server: Server, gradio: Gradio, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    call = ["call", server.url, "/file_size", "file@a.txt", "--curl", "-v"]
    printed = gradio(*call, cwd=tmp_path, check=0)
    assert "> POST" not in printed.err
    assert "> GET" in printed.err


def test_secrets_are_variables(server_of: Callable[[str], Server], gradio: Gradio) -> None:
    url = server_of("6.31.0").url
    secrets = ["--token", "hf_secret", "-H", "X-Api-Key: secret", "-H", "Cookie: a=secret"]
    call = ["call", url, "/greet", "Bob", "--proxy", "http://me:secret@localhost:1", "--curl"]
    printed = gradio(*call[:-3], *secrets, "--curl", check=0).out
    assert "secret" not in printed
    assert "${HF_TOKEN:?}" in printed
    assert "'X-Api-Key: '\"${X_API_KEY:?}\"" in printed


def test_options_that_curl_lacks_are_named(
    server_of: Callable[[str], Server], gradio: Gradio
) -> None:
    url = server_of("6.31.0").url
    call = ["call", url, "/greet", "Bob", "--curl", "-o", "there", "--retry", "2", "-m", "9"]
    printed = gradio(*call, check=0).out
    comments = [line for line in printed.splitlines() if line.startswith("#")]
    assert any("--output" in line for line in comments)
    assert any("--retry" in line for line in comments)
    assert "--max-time 9" in printed


def test_a_recipe_serves_unchanged(server: Server, gradio: Gradio) -> None:
    prefix = "/gradio_api" if server.version >= "5" else ""
    recipe = [f"{server.url}{prefix}/call/greet", "-H", "Content-Type: application/json"]
    body = '{"data": ["Bob", 2, true], "session_hash": "recipe"}'
    assert gradio("call", *recipe, "-d", body, check=0).out == "Hello Bob!\nHello Bob!\n"
