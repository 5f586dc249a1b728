"""TAB, typed into the real bash, zsh and fish."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command import Completed, run
from tests.live.servers import Server
from tests.patience import HANGING
from tests.shells import COMPLETIONS, FILES, Terminal, installed


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One with `gradio-curl` on the PATH."""
    return installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def modern(server_of: Callable[[str], Server], environment: dict[str, str]) -> Server:
    """The newest Gradio, which was used before."""
    server = server_of("6.31.0")
    run("info", server.url, home=Path(environment["HOME"]), check=0)
    return server


@pytest.fixture(scope="module", params=list(FILES))
def terminal(
    request: pytest.FixtureRequest,
    environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Terminal]:
    """Each shell, in a folder with some files."""
    folder = tmp_path_factory.mktemp("work")
    for name in ("picture one.png", "rows.jsonl", "sub/inside.txt", "it's.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("content")
    opened = Terminal(request.param, folder, environment)
    yield opened
    opened.close()


CALL = "gradio-curl call {url}"


@pytest.mark.parametrize(
    ("typed", "last"),
    [
        ("gradio-curl str", "stream"),
        ("gradio-curl call --no-ca", "--no-cache"),
        ("gradio-curl call --route qu", "queue"),
        ("gradio-curl call --batch ro", "rows.jsonl"),
        (CALL + " /choose_g", "/choose_group"),
        (CALL + " /gree", "/greet"),
        (CALL + " /greet cou", "count="),
        (CALL + " --token x /greet -v cou", "count="),
        (CALL + " /greet excited=t", "excited=true"),
        (CALL + " /greet excited:=f", "excited:=false"),
        (CALL + " /choose color=gr", "color=green"),
        (CALL + " /choose 'color=gr", "color=green"),
        (CALL + ' /choose color="gr', "color=green"),
        (CALL + " /file_size fi", "file@"),
        (CALL + " /file_size file@pict", "file@picture one.png"),
        (CALL + ' /file_size "file@pict', "file@picture one.png"),
        (CALL + " /file_size file@it", "file@it's.txt"),
        (CALL + " /file_size file@su", "file@sub/"),
        (CALL + " /file_size file@sub/in", "file@sub/inside.txt"),
        (CALL + " /file_size @ro", "@rows.jsonl"),
    ],
)
def test_tab_completes_the_word(terminal: Terminal, modern: Server, typed: str, last: str) -> None:
    words = terminal.completed(typed.format(url=modern.url))
    assert words[0] == "gradio-curl"
    assert words[-1] == last


def test_the_apps_used_before_are_offered(terminal: Terminal, modern: Server) -> None:
    assert terminal.completed("gradio-curl info http://127.0.0.1:")[-1] == modern.url


def test_what_a_value_may_be_is_listed(terminal: Terminal, modern: Server) -> None:
    typed = f"gradio-curl call {modern.url} /choose color="
    assert terminal.lists(typed, "red", "green", "blue")


def test_parameters_are_listed_with_type_and_default(terminal: Terminal, modern: Server) -> None:
    typed = f"gradio-curl call {modern.url} /greet "
    # In bash words have no descriptions.
    described = () if terminal.shell == "bash" else ("string, required", "number, default 1")
    assert terminal.lists(typed, "name=", "count=", "excited=", *described)


@pytest.mark.parametrize("app", ["http://127.0.0.1:1", "http://[", "no-body.example", "demo"])
def test_where_no_app_answers_nothing_is_said(terminal: Terminal, app: str) -> None:
    words = terminal.completed(f"gradio-curl call '{app}' /gre")
    assert words == ["gradio-curl", "call", app, "/gre"]


def test_an_app_that_hangs_is_given_up(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        asked = ask(environment, "call", url, "")
    assert asked == ""


def ask(environment: dict[str, str], *words: str) -> str:
    """What the scripts of the shells get for these words."""
    asked = run(*words, env={**environment, "_GRADIO_CURL_COMPLETE": "zsh"}, check=0)
    assert asked.err == ""
    return asked.out


def test_an_app_never_used_is_asked(
    environment: dict[str, str], server_of: Callable[[str], Server], tmp_path: Path
) -> None:
    words = ["call", server_of("6.31.0").url, "/gre"]
    elsewhere = {**environment, "XDG_CACHE_HOME": str(tmp_path)}
    # On a busy machine the second may pass before the app has answered.
    deadline = time.monotonic() + HANGING
    while "/greet\t" not in ask(elsewhere, *words):
        assert time.monotonic() < deadline, "the app is never asked"


def test_tab_loads_what_it_needs_alone(environment: dict[str, str], modern: Server) -> None:
    script = "import sys, gradio_curl.cli.completion as c; c.main('zsh', sys.argv[1:]);"
    script += "print(*sys.modules)"
    for words in (
        ["call", modern.url, ""],
        ["call", modern.url, "/greet", "excited="],
        ["call", ""],
    ):
        loaded = subprocess.run(
            [sys.executable, "-c", script, *words],
            capture_output=True,
            text=True,
            env=environment,
            check=True,
        ).stdout.split()
        assert "gradio_curl.client.cache" in loaded
        assert not {"requests", "rich", "typer"} & set(loaded)


def test_in_fish_what_it_reads_from_the_man_page_does_not_mix_in(
    environment: dict[str, str], tmp_path: Path
) -> None:
    written = tmp_path / ".config/fish/completions/gradio-curl.fish"
    generated = tmp_path / ".local/share/fish/generated_completions/gradio-curl.fish"
    for file in (written, generated):
        file.parent.mkdir(parents=True)
    written.write_text((COMPLETIONS / "gradio-curl.fish").read_text())
    generated.write_text("complete -c gradio-curl -l from-man-page\n")
    asked = subprocess.run(
        ["fish", "-c", "complete -C 'gradio-curl call --'"],
        env={**environment, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--no-cache\t" in asked.stdout
    assert "--from-man-page" not in asked.stdout


@pytest.mark.parametrize(("option", "file"), [*FILES.items(), ("manual", "gradio-curl.1")])
def test_the_files_are_current(gradio: Callable[..., Completed], option: str, file: str) -> None:
    words = ["--manual"] if option == "manual" else ["--completion", option]
    assert gradio(*words, check=0).out == (COMPLETIONS / file).read_text()
