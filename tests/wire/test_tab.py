"""TAB in the real bash, zsh and fish, where the app is hostile or behind a login."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command import run
from tests.shells import FILES, Terminal, installed
from tests.wire.server import CONFIG, INFO, PASSWORD, P, Server, gradio, http, serving, with_login

# By the letter each of them begins with.
CHOICES = {
    choice[0]: choice
    for choice in (
        "x'; touch f #",
        "w'$(touch f)'b",
        "it's",
        "r!!x",
        "t$HOME`touch f`",
        'y"; touch f #',
        "u\\'$(touch f)\\'\\'",
        "~/tilde",
        "g two {a,b} *?[]",
        "o\u202eevil",
        "p;touch f",
    )
}
# What the open quote can't hold, or what no terminal may be sent.
LEFT_OUT = {"bash": {"'": "xwiu", '"': "r", "": ""}}
ODD_NAME = "a'$(touch f)'b"
CONTROLS = "\x1b]52;c;aGk=\x07\x1b[2J\u202e\u200b"


def parameter(name: str, label: str) -> dict[str, Any]:
    return {"parameter_name": name, "label": label, "type": {"type": "string"}}


@pytest.fixture(scope="module")
def hostile() -> Iterator[Server]:
    """An app whose choices, names and labels are attacks."""
    config, info = copy.deepcopy(CONFIG), copy.deepcopy(INFO)
    choices = [[choice, choice] for choice in CHOICES.values()]
    config["components"] += [
        {"id": 9, "type": "dropdown", "props": {"choices": choices}},
        {"id": 10, "type": "dropdown", "props": {"choices": [["Red", "red"], ["Blue", "blue"]]}},
    ]
    config["dependencies"] += [
        {"id": 2, "api_name": "pick", "inputs": [9, 1], "outputs": [3]},
        {"id": 3, "api_name": "paint", "inputs": [1, 10, 1], "outputs": [3]},
    ]
    info["named_endpoints"]["/pick"] = {
        "parameters": [parameter("pick", f"One{CONTROLS}two"), parameter(ODD_NAME, "odd")],
        "returns": [],
    }
    info["named_endpoints"]["/paint"] = {
        "parameters": [parameter("text", "t"), parameter("ink", "i"), parameter("size", "s")],
        "returns": [],
    }
    with serving(gradio({"/config": http(config), f"{P}/info": http(info)})) as server:
        yield server


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, hostile: Server) -> dict[str, str]:
    """One with `gradio-curl` on the PATH, where the app was used before."""
    folder = tmp_path_factory.mktemp("installed")
    run("info", hostile.url, home=folder, check=0)
    return installed(folder)


@pytest.fixture(scope="module", params=list(FILES))
def terminal(
    request: pytest.FixtureRequest,
    environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Terminal]:
    opened = Terminal(request.param, tmp_path_factory.mktemp("work"), environment)
    yield opened
    opened.close()


@pytest.mark.parametrize("quote", ["", "'", '"'], ids=["bare", "single", "double"])
@pytest.mark.parametrize("letter", CHOICES)
def test_a_choice_stays_one_word_whatever_the_app_calls_it(
    terminal: Terminal, hostile: Server, quote: str, letter: str
) -> None:
    start = f"pick={letter}"
    left_out = letter in LEFT_OUT.get(terminal.shell, {}).get(quote, "") + "o"
    typed = f"gradio-curl call {hostile.url} /pick {quote}{start}"
    completed = terminal.completed(typed, close=quote if left_out else "")
    assert completed[-1] == (start if left_out else f"pick={CHOICES[letter]}")
    assert [path.name for path in terminal.folder.iterdir()] == []


def test_a_name_stays_one_word_too(terminal: Terminal, hostile: Server) -> None:
    completed = terminal.completed(f"gradio-curl call {hostile.url} /pick a")
    assert completed[-1] == f"{ODD_NAME}="
    assert [path.name for path in terminal.folder.iterdir()] == []


def candidates(environment: dict[str, str], *words: str) -> dict[str, str]:
    """The words that the scripts of zsh and fish get, each with its description."""
    asked = run(*words, env={**environment, "_GRADIO_CURL_COMPLETE": "fish"}, check=0)
    assert asked.err == ""
    return dict(line.split("\t") for line in asked.out.splitlines())


def test_descriptions_hold_no_control_characters(
    environment: dict[str, str], hostile: Server
) -> None:
    told = candidates(environment, "call", hostile.url, "/pick", "")
    assert "]52;c;aGk=" in told["pick="]
    assert all(text.isprintable() for pair in told.items() for text in pair)


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        ("", ["text=", "ink=", "size="]),
        ("hello", ["red", "blue", "ink=", "size="]),
        ("hello red", ["size="]),
        ("hello ink=red", ["size="]),
        ("size=1", ["text=", "ink="]),
        ("hello red big", []),
    ],
)
def test_what_is_given_is_not_offered_again(
    environment: dict[str, str], hostile: Server, given: str, offered: list[str]
) -> None:
    words = ["call", hostile.url, "/paint", *given.split(), ""]
    assert list(candidates(environment, *words)) == offered


def test_an_app_that_is_gone_is_not_offered(tmp_path: Path) -> None:
    environment = installed(tmp_path)
    with serving(gradio()) as alive:
        with serving(gradio()) as gone:
            for server in (alive, gone):
                run("info", server.url, home=tmp_path, check=0)
        offered = candidates(environment, "call", "")
    assert alive.url in offered
    assert gone.url not in offered


@pytest.mark.parametrize(
    "typed", ["{url}", "http://me@{host}", "http://me:" + PASSWORD + "@{host}"]
)
def test_tab_never_logs_in_and_never_asks(typed: str, tmp_path: Path) -> None:
    with serving(with_login(gradio())) as server:
        environment = {**installed(tmp_path), "GRADIO_CURL_AUTH": f"me:{PASSWORD}"}
        (tmp_path / ".netrc").write_text(f"default login me password {PASSWORD}\n")
        app = typed.format(url=server.url, host=server.url.removeprefix("http://"))
        # On a busy machine the second that TAB has may pass before it could ask.
        while not server.requests:
            assert candidates(environment, "call", app, "") == {}
    assert "POST /login" not in server.paths()
    assert not any("authorization" in request.headers for request in server.requests)


def test_tab_types_no_prompt_for_a_password(tmp_path: Path) -> None:
    with serving(with_login(gradio())) as server:
        work = tmp_path / "work"
        work.mkdir()
        environment = {**installed(tmp_path), "GRADIO_CURL_AUTH": "me"}
        shell = Terminal("bash", work, environment)
        words = shell.completed(f"gradio-curl call {server.url} /s")
        shell.close()
    assert words == ["gradio-curl", "call", server.url, "/s"]
