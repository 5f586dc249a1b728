"""What is remembered of an app that changed, and what commands leave in the cache folder."""

import fcntl
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.command import clean_environment, command, run
from tests.patience import HANGING
from tests.wire.server import (
    CONFIG,
    EVENTS,
    FEED,
    INFO,
    P,
    Request,
    completed,
    gradio,
    http,
    serving,
    with_login,
)


class Relaunched:
    """An app that gets another endpoint under the same `app_id`, as in a notebook."""

    def __init__(self) -> None:
        self.config: dict[str, Any] = {**CONFIG, "dependencies": CONFIG["dependencies"][:1]}
        said = INFO["named_endpoints"]["/say"]
        self.info: dict[str, Any] = {"named_endpoints": {"/say": said}}
        self.script = gradio(
            {
                "/config": lambda request: http(self.config),
                f"{P}/info": lambda request: http(self.info),
                f"{P}/app_id": http({"app_id": 1}),
                f"{P}/call/two": http({"event_id": "job1"}),
            }
        )

    def launch(self) -> None:
        two = {**CONFIG["dependencies"][0], "id": 1, "api_name": "two"}
        said = self.info["named_endpoints"]["/say"]
        renamed = {**said["parameters"][0], "parameter_name": "words", "label": "Words"}
        self.config = {**self.config, "dependencies": [*self.config["dependencies"], two]}
        self.info = {"named_endpoints": {"/say": said, "/two": {**said, "parameters": [renamed]}}}


@pytest.mark.parametrize("words", [["/two", "x"], ["/two", "words=x"], ["two", "@-"]])
def test_an_endpoint_that_a_relaunched_app_got_is_found(words: list[str], tmp_path: Path) -> None:
    app = Relaunched()
    with serving(app.script) as server:
        run("call", server.url, "x", home=tmp_path, check=0)
        app.launch()
        ended = run("call", server.url, *words, input="x", home=tmp_path, check=0)
        assert ended.out == "said\n"
        before = len(server.requests)
        run("call", server.url, "/two", "x", home=tmp_path, check=0)
        assert server.paths()[before] == f"GET {P}/app_id"


def test_a_fault_that_stands_is_told_after_asking_once(tmp_path: Path) -> None:
    with serving(Relaunched().script) as server:
        run("call", server.url, "x", home=tmp_path, check=0)
        before = len(server.requests)
        ended = run("call", server.url, "/three", "x", home=tmp_path, check=2)
        assert "/three" in ended.err
        assert server.paths()[before:] == [f"GET {P}/app_id", "GET /config", f"GET {P}/info"]


def test_no_cache_refreshes_what_is_remembered(tmp_path: Path) -> None:
    app = Relaunched()
    with serving(app.script) as server:
        run("call", server.url, "x", home=tmp_path, check=0)
        app.launch()
        run("call", server.url, "/say", "x", "--no-cache", home=tmp_path, check=0)
        before = len(server.requests)
        run("call", server.url, "/two", "x", home=tmp_path, check=0)
        assert server.paths()[before] == f"GET {P}/app_id"


def test_a_login_is_tried_where_the_app_is_remembered(tmp_path: Path) -> None:
    script = with_login(gradio())
    script[f"{P}/app_id"] = http({"app_id": 1})
    with serving(script) as server:
        run("info", server.url, "--auth", "me:pw-s3cret", home=tmp_path, check=0)
        run("info", server.url, "--auth", "me:wrong", home=tmp_path, check=67)
        run("info", server.url, home=tmp_path, check=67)


def test_what_is_kept_has_no_more_of_the_config_than_is_read(tmp_path: Path) -> None:
    config = {**CONFIG, "username": "somebody", "root": "http://inner:7860"}
    with serving(gradio({"/config": http(config)})) as server:
        run("call", server.url, "/say", "x", home=tmp_path, check=0)
    (kept,) = (tmp_path / ".cache" / "gradio-curl").glob("app-*")
    text = kept.read_text(encoding="utf-8")
    assert "somebody" not in text
    assert "inner" not in text


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ('"fn_index": 0', '"fn_index": "0"'),
        ('"name": "text"', '"name": 5'),
        ('"parameters": [', '"parameters": [3, '),
        ('"stateless": ', '"stateful": '),
        ('"gradio_curl": "', '"gradio_curl": "0.'),
    ],
)
def test_what_does_not_read_as_an_app_is_not_used(there: str, instead: str, tmp_path: Path) -> None:
    with serving(gradio()) as server:
        run("call", server.url, "/say", "x", home=tmp_path, check=0)
        (kept,) = (tmp_path / ".cache" / "gradio-curl").glob("app-*")
        text = kept.read_text(encoding="utf-8")
        assert there in text
        kept.write_text(text.replace(there, instead), encoding="utf-8")
        before = len(server.requests)
        run("call", server.url, "/say", "x", home=tmp_path, check=0)
        assert server.paths()[before] == "GET /config"


def test_a_session_leaves_no_lock_behind(tmp_path: Path) -> None:
    with serving(gradio()) as server:
        run("call", server.url, "/say", "x", "--session", "s", home=tmp_path, check=0)
    assert not list(tmp_path.rglob("*.lock"))


def test_commands_of_one_session_take_turns_whoever_removes_the_lock(tmp_path: Path) -> None:
    reading = {"now": 0, "most": 0}

    def feed(request: Request) -> Any:
        reading["now"] += 1
        reading["most"] = max(reading.values())
        yield EVENTS
        yield 0.2
        reading["now"] -= 1
        yield completed("said")

    with serving(gradio({FEED: feed})) as server:
        words = command("call", server.url, "/say", "x", "--session", "s", "-q")
        env = clean_environment(tmp_path)
        many = [subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL) for _ in range(4)]
        assert [process.wait(HANGING) for process in many] == [0] * 4
    assert reading["most"] == 1


def test_what_a_killed_command_left_is_swept_away(tmp_path: Path) -> None:
    cache = tmp_path / ".cache" / "gradio-curl"
    cache.mkdir(parents=True)
    for name in (".gradio-curl-dead", "tmpk2jx9a", "session-0.lock"):
        (cache / name).touch()
    alive = [cache / ".gradio-curl-alive", cache / "session-1.lock"]
    with ExitStack() as stack:
        for path in alive:
            fcntl.flock(stack.enter_context(path.open("w")), fcntl.LOCK_EX)
        server = stack.enter_context(serving(gradio()))
        run("call", server.url, "/say", "x", home=tmp_path, check=0)
        left = sorted(path for path in cache.iterdir() if not path.name.startswith("app-"))
    assert left == alive
