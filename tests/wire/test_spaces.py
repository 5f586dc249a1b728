"""Spaces, with a stand-in for the two routes of the Hub that are asked.

========================  ======================================================
found                     the Hub tells the host, the stage is RUNNING
private, gated, missing   401, 403 or 404 of the Hub; the HTML page of the host
asleep, building, …       75 at once, or `--wait` until it runs
paused, broken            75 and 22 at once, whatever `--wait` says
tokens                    saved ones over https to Hugging Face only, `--token` always
========================  ======================================================
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.command import Completed, run
from tests.patience import HANGING
from tests.wire.conftest import Authority
from tests.wire.hub import HOST, REFUSALS, RUNTIME, STAGES, hub, rate_limited
from tests.wire.server import (
    CONFIG,
    EVENTS,
    FEED,
    P,
    Request,
    Script,
    Server,
    Step,
    completed,
    file_output,
    gradio,
    http,
    in_turn,
    serving,
)

TOKEN = "hf_secretsecretsecret"


def call(
    hub: Server, *args: str | Path, env: dict[str, str] | None = None, timeout: float = 300
) -> Completed:
    env = {"HF_ENDPOINT": hub.url, **(env or {})}
    return run("call", "me/app", "/say", "x", *args, env=env, timeout=timeout)


def bearers(server: Server) -> set[str | None]:
    """What the server was sent as Authorization."""
    return {request.headers.get("authorization") for request in server.requests}


def test_a_space_is_called_by_its_name() -> None:
    with serving(gradio()) as app, serving(hub(app.url)) as stand_in:
        assert call(stand_in).out == "said\n"
        page = "https://huggingface.co/spaces/me/app?logs=container"
        ended = run("call", page, "/say", "x", env={"HF_ENDPOINT": stand_in.url + "/"})
    assert ended.out == "said\n"
    assert set(stand_in.paths()) == {f"GET {HOST}", f"GET {RUNTIME}"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("anonymous", "the Space me/app is private, gated or missing"),
        ("missing", "the Space me/app is private, gated or missing"),
        ("gated", "Access to space me/app is restricted."),
        ("disabled", "Access to this resource is disabled."),
        ("token", "{hub} rejected the token"),
    ],
)
def test_a_space_that_may_not_be_seen_is_told(name: str, told: str) -> None:
    with serving({"*": REFUSALS[name]}) as stand_in:
        ended = call(stand_in, "--token", TOKEN, "--wait", "60")
    assert ended.code == 67
    assert told.format(hub=stand_in.url) in ended.err
    # The stand-in is not reached by https.
    not_sent = f"or give --token: HF_TOKEN does not go to {stand_in.url}"
    assert (not_sent if name in ("anonymous", "missing") else "HF_TOKEN") in ended.err
    assert ("missing" in ended.err) == (name != "token")


def test_the_page_of_a_private_space_is_told_as_private_or_missing() -> None:
    private = http(b"<html>Not found", 404)
    with serving({"*": private}) as app, serving(hub(app.url)) as stand_in:
        ended = call(stand_in, "--wait", "60")
    assert ended.code == 67
    assert "private, gated or missing" in ended.err


@pytest.mark.parametrize(("stage", "code"), STAGES.items())
def test_every_stage_of_a_space_has_its_exit_code(stage: str, code: int) -> None:
    with serving(gradio()) as app, serving(hub(app.url, stage)) as stand_in:
        ended = call(stand_in)
    assert ended.code == code
    assert ended.out == ("" if code else "said\n")
    assert ("--wait" in ended.err) == (code == 75 and stage != "PAUSED")
    # Whoever sleeps is woken; nothing else that does not run is asked for anything.
    assert bool(app.requests) == (code == 0 or stage in ("SLEEPING", "STOPPED"))


def test_a_wait_ends_in_time_where_the_space_that_is_woken_drips() -> None:
    def drips(request: Request) -> Iterator[Step]:
        yield b"HTTP/1.1 200 OK\r\n"
        for _ in range(3000):
            yield b"X"
            yield 0.2

    with serving({"*": drips}) as app, serving(hub(app.url, "SLEEPING")) as stand_in:
        ended = call(stand_in, "--wait", "1", timeout=HANGING)
    assert ended.code == 28
    assert "waited 1 s, but the Space me/app is asleep" in ended.err


def test_wait_wakes_a_space_and_tells_what_it_waits_for() -> None:
    stages = ("SLEEPING", "BUILDING", "APP_STARTING", "RUNNING")
    with serving(gradio()) as app, serving(hub(app.url, *stages)) as stand_in:
        ended = call(stand_in, "--wait", "60")
    assert (ended.code, ended.out) == (0, "said\n")
    assert app.paths()[0] == "GET /"
    said = ended.err.splitlines()
    assert [word in line for word, line in zip(("asleep", "built", "starting"), said, strict=True)]


PAGE = b"<!DOCTYPE html><html><body>Preparing Space</body></html>"


@pytest.mark.parametrize("status", [200, 503])
def test_wait_outlasts_the_page_of_a_space_that_wakes(status: int) -> None:
    page, config = http(PAGE, status), http(CONFIG)
    app_that_wakes = gradio({"/config": in_turn(page, page, config)})
    with serving(app_that_wakes) as app, serving(hub(app.url)) as stand_in:
        ended = call(stand_in, "--wait", "60")
    assert (ended.code, ended.out) == (0, "said\n")


@pytest.mark.parametrize(("status", "code"), [(200, 22), (503, 75)])
def test_the_page_of_a_space_that_wakes_is_told_with_what_to_do(status: int, code: int) -> None:
    with serving({"*": http(PAGE, status)}) as app, serving(hub(app.url)) as stand_in:
        ended = call(stand_in)
    assert ended.code == code
    assert "--wait SECONDS waits until it runs" in ended.err


def test_a_rate_limit_of_the_hub_is_waited_out() -> None:
    with serving(gradio()) as app:
        limited = {HOST: in_turn(rate_limited(0), http({"host": app.url}))}
        with serving(hub(app.url, replies=limited)) as stand_in:
            ended = call(stand_in, "--retry", "1")
    assert (ended.code, ended.out) == (0, "said\n")
    assert "We had to rate limit your IP.; trying again in 0.0 s" in ended.err


@pytest.mark.parametrize("options", [("--retry", "1", "-m", "60"), ("--wait", "60")])
def test_a_rate_limit_that_lasts_longer_than_there_is_time_is_told_at_once(
    options: tuple[str, ...],
) -> None:
    with serving({"*": rate_limited(300)}) as stand_in:
        ended = call(stand_in, *options)
    assert ended.code == 75
    assert len(stand_in.requests) == 1


@pytest.mark.parametrize("dated", [False, True])
def test_wait_asks_no_sooner_than_the_hub_wishes(dated: bool) -> None:
    came: list[float] = []

    def busy_for_a_second(request: Request) -> bytes:
        came.append(time.time())
        if came[-1] >= came[0] + 1:
            return http({"host": app.url})
        wish = formatdate(came[-1] + 2, usegmt=True) if dated else "1"
        return http({"error": "Too Many Requests"}, 429, {"Retry-After": wish})

    with serving(gradio()) as app, serving(hub(app.url, replies={HOST: busy_for_a_second})) as busy:
        assert call(busy, "--wait", "60").out == "said\n"
    assert len(came) == 2


def test_wait_has_an_end() -> None:
    with serving(gradio()) as app, serving(hub(app.url, "BUILDING")) as stand_in:
        ended = call(stand_in, "--wait", "1", "-q")
    assert ended.code == 28
    assert ended.err == "gradio-curl: waited 1 s, but the Space me/app is being built\n"


@pytest.mark.parametrize(
    ("stage", "code"),
    [("PAUSED", 75), ("RUNTIME_ERROR", 22), ("BUILD_ERROR", 22), ("CONFIG_ERROR", 22)],
)
def test_a_paused_or_broken_space_is_told_at_once(stage: str, code: int) -> None:
    with serving(gradio()) as app, serving(hub(app.url, stage)) as stand_in:
        ended = call(stand_in, "--wait", "60")
    assert ended.code == code
    assert stage.lower().partition("_")[0] in ended.err.lower()
    assert app.requests == []


def test_a_stage_that_is_not_told_does_not_matter() -> None:
    no_runtime = {RUNTIME: http(b"", 500)}
    with serving(gradio()) as app, serving(hub(app.url, replies=no_runtime)) as stand_in:
        assert call(stand_in).out == "said\n"


@pytest.mark.parametrize("answer", [b"<html>", {"host": 3}, {"host": "ftp://x"}, [], {}])
def test_a_hub_that_makes_no_sense_is_told(answer: object) -> None:
    with serving({HOST: http(answer)}) as stand_in:
        assert call(stand_in).code == 22


def test_a_hub_that_is_no_address_is_told() -> None:
    broken = {"HF_ENDPOINT": "http://[x"}
    ended = run("call", "me/app", "/say", "x", env=broken)
    assert (ended.code, ended.err[:39]) == (3, "gradio-curl: HF_ENDPOINT is not a valid")
    with serving(gradio()) as app:
        run("call", app.url, "/say", "x", env=broken, check=0)


# Tokens


@pytest.fixture
def secure(authority: Authority) -> Iterator[Callable[[Script], Server]]:
    """Serves scripts over https, on `localhost`."""
    with ExitStack() as stack:

        def secure(script: Script) -> Server:
            server = stack.enter_context(serving(script, tls=authority.server()))
            server.url = f"https://localhost:{server.port}"
            return server

        yield secure


@pytest.mark.parametrize("where", ["HF_TOKEN", "HF_TOKEN_PATH", "HF_HOME", "home"])
def test_a_saved_token_goes_to_hugging_face_over_https(
    where: str, authority: Authority, secure: Callable[[Script], Server], tmp_path: Path
) -> None:
    home = tmp_path / ".cache" / "huggingface"
    home.mkdir(parents=True)
    (home / "token").write_text(f"{TOKEN}\n")
    value = {"HF_TOKEN": TOKEN, "HF_TOKEN_PATH": str(home / "token"), "HF_HOME": str(home)}
    app = secure(gradio())
    stand_in = secure(hub(app.url))
    env = {"HF_ENDPOINT": stand_in.url, where: value.get(where, "")}
    ended = run(
        "call", "me/app", "/say", "x", "--cacert", authority.file, "-v", env=env,
        home=tmp_path if where == "home" else None, check=0,
    )  # fmt: skip
    assert bearers(stand_in) == bearers(app) == {f"Bearer {TOKEN}"}
    assert TOKEN not in ended.out + ended.err
    assert "Authorization: ***" in ended.err


def test_a_saved_token_does_not_go_over_plain_http() -> None:
    with serving(gradio()) as app, serving(hub(app.url)) as stand_in:
        assert call(stand_in, env={"HF_TOKEN": TOKEN}).code == 0
    assert bearers(stand_in) == bearers(app) == {None}


def test_a_saved_token_does_not_go_to_a_host_elsewhere(
    authority: Authority, secure: Callable[[Script], Server]
) -> None:
    app = secure(gradio())
    stand_in = secure(hub(app.url.replace("localhost", "127.0.0.1")))
    ended = call(stand_in, "--cacert", authority.file, env={"HF_TOKEN": TOKEN})
    assert ended.code == 0
    assert (bearers(stand_in), bearers(app)) == ({f"Bearer {TOKEN}"}, {None})


def test_a_saved_token_does_not_go_to_an_app_that_is_no_space(
    authority: Authority, secure: Callable[[Script], Server]
) -> None:
    app = secure(gradio())
    url, ca = app.url, authority.file
    run("call", url, "/say", "x", "--cacert", ca, env={"HF_TOKEN": TOKEN}, check=0)
    assert bearers(app) == {None}


def test_a_token_that_is_given_goes_with_every_request(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password other\n")
    (tmp_path / "a.txt").write_text("a")
    content = f"{P}/file=/server/a.txt"
    script = gradio({FEED: EVENTS + completed(file_output()), content: http(b"content")})
    with serving(script) as app, serving(hub(app.url)) as stand_in:
        env = {"HF_ENDPOINT": stand_in.url, "HF_TOKEN": "hf_other"}
        options = ("--token", TOKEN, "-o", tmp_path / "out/")
        item = f"file@{tmp_path}/a.txt"
        run("call", "me/app", "/load", item, *options, env=env, home=tmp_path, check=0)
    assert bearers(stand_in) == bearers(app) == {f"Bearer {TOKEN}"}
    assert {f"POST {P}/upload", f"GET {content}"} <= set(app.paths())


@pytest.mark.parametrize("token", ["a\nX-Evil: 1", "ä", "a\0b".replace("\0", "\x7f")])
def test_a_token_that_is_none_is_told_and_not_shown(token: str) -> None:
    ended = run("call", "http://127.0.0.1:1", "x", "--token", token)
    assert ended.code == 2
    assert token not in ended.err


# What huggingface_hub is asked for: the file of the token, and what `hf auth login` keeps beside.
LIBRARY = """
import os, pathlib
pathlib.Path(os.environ["ASKED"]).write_text("asked")
def get_token():
    return "hf_renewed"
"""


@pytest.mark.parametrize(
    ("left", "refresh", "library", "sent"),
    [
        (3600, "hf_refresh", LIBRARY, "hf_renewed"),
        (-3600, "hf_refresh", LIBRARY, "hf_renewed"),
        (-3600, "hf_refresh", "def get_token(): raise OSError", TOKEN),
        (-3600, "hf_refresh", "raise ImportError", TOKEN),  # as where it is not installed
        (90000, "hf_refresh", LIBRARY, TOKEN),
        (-3600, None, LIBRARY, TOKEN),
    ],
)
def test_a_saved_token_that_expires_is_renewed_by_the_library(
    left: int,
    refresh: str | None,
    library: str,
    sent: str,
    authority: Authority,
    secure: Callable[[Script], Server],
    tmp_path: Path,
) -> None:
    (tmp_path / "token").write_text(TOKEN)
    expires = int(time.time()) + left
    refreshed = f"refresh_token = {refresh}\nexpires_at = {expires}\n" if refresh else ""
    stored = f"[other]\nhf_token = x\n\n[mine 100%]\nhf_token = {TOKEN}\n{refreshed}"
    (tmp_path / "stored_tokens").write_text(stored)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "huggingface_hub.py").write_text(library)
    app = secure(gradio())
    stand_in = secure(hub(app.url))
    env = {"HF_HOME": str(tmp_path), "PYTHONPATH": str(tmp_path / "lib")}
    ended = call(stand_in, "--cacert", authority.file, env=env | {"ASKED": str(tmp_path / "asked")})
    assert (ended.code, ended.err) == (0, "")
    assert bearers(stand_in) == bearers(app) == {f"Bearer {sent}"}
    # To import it takes longer than a call: only where it is needed.
    assert (tmp_path / "asked").exists() is (sent == "hf_renewed")
