"""--curl: what is printed runs in sh, and gives what the command itself gives."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Completed, clean_environment
from tests.live.servers import Server, running
from tests.patience import HANGING

Gradio = Callable[..., Completed]


@pytest.fixture(params=["dash", "bash"])
def shell(request: pytest.FixtureRequest) -> str:
    """A shell that is found as sh on Debian, and one that is elsewhere."""
    return str(request.param)


def ran(
    shell: str, script: str | bytes, cwd: Path, stdin: bytes | None = None, **variables: str
) -> Completed:
    """Runs a printed script, from a file where it is given `stdin`, else from stdin."""
    raw = script if isinstance(script, bytes) else script.encode()
    (cwd / "script").write_bytes(raw)
    ended = subprocess.run(
        [shell] if stdin is None else [shell, "script"],
        input=raw if stdin is None else stdin,
        capture_output=True,
        timeout=HANGING,
        cwd=cwd,
        env=clean_environment(cwd, variables),
    )
    return Completed(ended.returncode, ended.stdout, ended.stderr)


def result_of(
    shell: str, script: str | bytes, cwd: Path, stdin: bytes | None = None, **variables: str
) -> Any:
    """Runs a printed script; gives the data of the last event, from either route."""
    ended = ran(shell, script, cwd, stdin, **variables)
    assert ended.code == 0, ended.err
    lines = [line[6:] for line in ended.out.splitlines() if line.startswith("data: ")]
    messages = [json.loads(line) for line in lines]
    completed = [m for m in messages if isinstance(m, dict) and m.get("msg") == "process_completed"]
    return completed[-1]["output"]["data"] if completed else messages[-1]


@pytest.mark.every_version
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


def test_a_body_that_grows_beyond_an_argument_is_read_from_the_script(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    long = "漢" * 45_000
    (tmp_path / "long.txt").write_text(long, encoding="utf-8")
    call = ["call", server.url, "/several", "text@long.txt", "--curl"]
    script = gradio(*call, cwd=tmp_path, check=0).out
    assert result_of("dash", script, tmp_path)[1] == len(long)


@pytest.mark.every_version
def test_a_script_ends_with_1_where_the_app_reports_an_error(
    server: Server, gradio: Gradio, shell: str, tmp_path: Path
) -> None:
    for more in ([], ["--session", f"{tmp_path}{shell}"]):
        script = gradio("call", server.url, "/divide", "1", "0", *more, "--curl", check=0).out
        ended = ran(shell, script, tmp_path)
        assert ended.code == 1
        assert "error" in ended.out


def test_a_script_that_needs_stdin_uploads_it_under_the_name_that_was_given(
    server: Server, gradio: Gradio, shell: str, tmp_path: Path
) -> None:
    name = 'a "b";c.txt'
    call = ["call", server.url, "/files", "files@-", "--name", name, "--curl"]
    script = gradio(*call, check=0).out
    (fact,) = result_of(shell, script, tmp_path, stdin=b"from stdin")[0]
    assert fact["size"] == 10
    empty = ran(shell, script, tmp_path)
    assert (empty.code, empty.out) == (26, "")
    assert "stdin is empty" in empty.err


def test_a_file_whose_name_is_not_utf_8_is_uploaded(
    server: Server, gradio: Gradio, shell: str, tmp_path: Path
) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / name).write_text("bytes")
    call = ["call", server.url, "/files", f"files@{name}", "--curl"]
    script = gradio(*call, cwd=tmp_path, check=0).out_bytes
    (fact,) = result_of(shell, script, tmp_path)[0]
    assert fact["size"] == 5


def test_a_login_is_posted_where_the_app_has_one(
    server: Server, gradio: Gradio, shell: str, tmp_path: Path
) -> None:
    login = {"GRADIO_CURL_AUTH": "me:pw"}
    script = gradio("call", server.url, "/greet", "Bob", "--curl", env=login, check=0).out
    assert "GRADIO_PASSWORD" not in script
    with running(server.version, "--auth", "me:pw") as guarded:
        call = ["call", guarded.url, "/greet", "Bob", "--curl"]
        script = gradio(*call, env=login, check=0).out
        assert result_of(shell, script, tmp_path, GRADIO_PASSWORD="pw") == ["Hello Bob."]
        assert "GRADIO_PASSWORD" in ran(shell, script, tmp_path).err
        assert ran(shell, script, tmp_path, GRADIO_PASSWORD="wrong").code == 22


@pytest.mark.every_version
def test_an_endpoint_whose_name_has_a_slash_joins_the_queue(
    server: Server, gradio: Gradio, shell: str, tmp_path: Path
) -> None:
    script = gradio("call", server.url, "/dir/count", "3", "--curl", check=0).out
    assert result_of(shell, script, tmp_path) == ["step 3", {"success": False}]


@pytest.mark.every_version
def test_a_json_output_is_read_on_every_version(
    server: Server, gradio: Gradio, shell: str, tmp_path: Path
) -> None:
    script = gradio("call", server.url, "/choose_group", 'letters=["x"]', "--curl", check=0).out
    assert result_of(shell, script, tmp_path) == [["x"]]


@pytest.mark.every_version
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
    queued = subprocess.run(["dash"], input=script, capture_output=True, text=True, timeout=HANGING)
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
    assert "${GRADIO_TOKEN:?}" in printed
    assert "'X-Api-Key: '\"${GRADIO_HEADER_X_API_KEY:?}\"" in printed


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
