"""The caller's Hugging Face token, for the endpoints that declare they take one."""

import copy
import json
from pathlib import Path

import pytest

from tests.command import run
from tests.wire.server import CALL, CONFIG, INFO, P, Reply, gradio, http, redirect, serving

TOKEN = "hf_0authS3cret"


def app(need: str | None, **replies: Reply) -> dict[str, Reply]:
    """The script of the small app, whose `/say` takes a token."""
    info = copy.deepcopy(INFO)
    info["named_endpoints"]["/say"]["oauth_token"] = need
    return gradio({f"{P}/info": http(info), **replies})


@pytest.mark.parametrize(("need", "sent"), [("required", TOKEN), ("optional", TOKEN), (None, None)])
def test_only_an_endpoint_that_takes_the_token_gets_it_in_its_body(
    need: str | None, sent: str | None, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    for option in (TOKEN, f"@{tmp_path / 'token'}"):
        with serving(app(need)) as server:
            ended = run("call", server.url, "/say", "x", "--oauth-token", option, "-v", check=0)
        (posted,) = [json.loads(r.body) for r in server.requests if r.path == CALL]
        assert posted.get("oauth_token") == sent
        assert all(TOKEN not in str(r.headers) for r in server.requests)
        assert TOKEN not in ended.out + ended.err


def test_a_token_that_is_required_and_missing_is_told_and_never_the_saved_one() -> None:
    with serving(app("required")) as server:
        for more in ([], ["--batch", "-"]):
            words = ("call", server.url, "/say", *more)
            ended = run(*words, env={"HF_TOKEN": TOKEN}, input='["x"]\n')
            assert ended.code == 67
            assert "--oauth-token" in ended.err
    assert CALL not in [request.path for request in server.requests]


def test_no_redirect_carries_the_token_to_another_host() -> None:
    with serving({"*": http({"event_id": "e"})}) as other:
        away = http(b"", 307, {"Location": f"{other.url}{CALL}"})
        with serving(app("required", **{CALL: away})) as server:
            ended = run("call", server.url, "/say", "x", "--oauth-token", TOKEN)
    assert ended.code == 67
    assert other.requests == []
    assert TOKEN not in ended.err


@pytest.mark.parametrize("remembered", [True, False])
def test_an_app_at_another_origin_than_the_typed_one_gets_no_token(
    remembered: bool, tmp_path: Path
) -> None:
    words = ("/say", "x", "--oauth-token", TOKEN)
    app_id = http({"app_id": CONFIG["app_id"]})
    with serving(app("required", **{f"{P}/app_id": app_id})) as other:
        script = app("required")
        with serving(script) as server:
            if remembered:
                run("call", server.url, *words, check=0, home=tmp_path)
            script["/config"] = redirect(f"{other.url}/config")
            script[f"{P}/app_id"] = redirect(f"{other.url}{P}/app_id")
            ended = run("call", server.url, *words, home=tmp_path)
    assert ended.code == 67, ended
    assert f"is not at the origin of {server.url}" in ended.err
    assert CALL not in [request.path for request in other.requests]
    assert TOKEN not in ended.err
