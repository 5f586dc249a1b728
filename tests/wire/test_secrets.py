"""Token, password, cookies and own headers: who gets them, and that nobody else reads them.

============================  =====================================================
the app                       gets them with every request
another origin                gets none, by redirect or as the address of a file
stdout, stderr, `-v`, cache   show none, whether the call works or fails
local files                   none is read that was not named, whatever the server says
============================  =====================================================
"""

import base64
import html
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.command import Completed, run
from tests.patience import HANGING
from tests.wire.server import (
    CALL,
    CONFIG,
    COOKIE,
    EVENTS,
    FEED,
    INFO,
    JOB,
    PASSWORD,
    End,
    P,
    Reply,
    Request,
    Script,
    Server,
    completed,
    event,
    file_output,
    gradio,
    http,
    redirect,
    serving,
    with_login,
)

TOKEN, KEY = "tok-s3cret", "key-s3cret"
SECRETS = (TOKEN, PASSWORD, COOKIE, KEY)
OPTIONS = ("--auth", f"me:{PASSWORD}", "-H", f"X-Key: {KEY}", "-v")


def assert_no_secret(ended: Completed, *folders: Path) -> None:
    """No secret came out, on either stream or into a file."""
    written = [p for folder in folders for p in folder.rglob("*") if p.is_file()]
    said = [ended.out, ended.err, *map(str, written)]
    said += [path.read_bytes().decode("utf-8", "replace") for path in written]
    assert not [s for s in SECRETS for text in said if s in text], ended


@contextmanager
def recording() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """A server that closes behind the head of the first request; gives its URL and that head."""
    head = bytearray()

    def serve() -> None:
        with listener.accept()[0] as connection:
            while b"\r\n\r\n" not in head:
                head.extend(connection.recv(65536))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()

        def received() -> bytes:
            thread.join(HANGING)
            return bytes(head)

        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received


def got_secrets(server: Server) -> bool:
    """Whether a server was sent any of them."""
    sent = [f"{request.headers} {request.body!r}" for request in server.requests]
    return any(secret in text for secret in SECRETS for text in sent)


ENDS: dict[str, tuple[Script, int]] = {
    "a result": ({}, 0),
    "a refusal": ({CALL: http({"detail": "no"}, 403)}, 67),
    "an error": ({CALL: http({"detail": "no"}, 500)}, 22),
    "a reset": ({CALL: [End.RESET]}, 18),
    "a stream that breaks": ({FEED: EVENTS}, 18),
}


@pytest.mark.parametrize("name", ENDS)
def test_no_secret_is_shown_or_kept(name: str, tmp_path: Path) -> None:
    replies, code = ENDS[name]
    with serving(with_login(gradio(replies))) as server:
        words = ("call", server.url, "/say", "x", "--session", "s", *OPTIONS)
        ended = run(*words, home=tmp_path)
    assert ended.code == code, ended
    assert got_secrets(server)
    assert "Cookie: ***" in ended.err
    assert "X-Key: ***" in ended.err
    assert_no_secret(ended, tmp_path)


def repeating(request: Request) -> str:
    """The headers of a request, as an app may put them into its description."""
    return "\n".join(f"{name}: {value}" for name, value in request.headers.items())


@pytest.mark.parametrize("check", [True, False])
def test_no_secret_that_a_description_repeats_is_shown_or_kept(check: bool, tmp_path: Path) -> None:
    """An app may make a label or a default of the headers of the request."""

    def config(request: Request) -> bytes:
        said = json.loads(json.dumps(CONFIG))
        said["components"][0]["props"] = {"label": repeating(request), "value": repeating(request)}
        return http(said)

    def info(request: Request) -> bytes:
        said = json.loads(json.dumps(INFO))
        say = said["named_endpoints"]["/say"]
        words = repeating(request)
        say["description"] = words
        say["parameters"][0] |= {
            "label": words,
            "parameter_has_default": True,
            "parameter_default": {"headers": [words]},
            "example_input": words,
            "type": {"type": "string", "enum": ["a", words]},
        }
        say["returns"][0]["label"] = words
        return http(said)

    options = ("--token", TOKEN, "-H", f"X-Key: {KEY}", "-H", f"Cookie: a={COOKIE}")
    script = gradio({"/config": config, f"{P}/info": info})
    commands = (
        ("call", "/say", *([] if check else ["--no-check", "-d", "[]"]), "--curl"),
        ("call", "/say", *([] if check else ["--no-check", "-d", "[]"])),
        ("info",),
        ("info", "/say", "--json"),
        ("call", "/say", "nothing=1"),
    )
    with serving(script) as server:
        for command, *words in commands:
            ended = run(command, server.url, *words, *options, home=tmp_path)
            assert_no_secret(ended, tmp_path)
            assert ended.code == (2 if "nothing=1" in words else 0), ended
    assert got_secrets(server)


def test_a_wrong_password_is_not_shown() -> None:
    with serving(with_login(gradio())) as server:
        ended = run("call", server.url, "/say", "x", "--auth", f"me:{KEY}", "-v")
    assert ended.code == 67
    assert "rejected the login for me" in ended.err
    assert_no_secret(ended)


@pytest.mark.parametrize("command", ["call", "stream", "info"])
def test_a_password_in_the_address_is_used_and_not_shown(command: str) -> None:
    with serving(with_login(gradio())) as server:
        url = server.url.replace("://", f"://me:{PASSWORD}@")
        words = ["/say", "x"] if command != "info" else []
        ended = run(command, url, *words, "-v", check=0)
        as_json = run("info", url, "--json", check=0)
    assert_no_secret(ended)
    assert_no_secret(as_json)


FAILING = [
    *("http://me:{}@127.0.0.1:1", "http://me:{}@", "ftp://me:{}@x", "http:/me:{}@127.0.0.1:1/ok"),
    *("http//me:{}@127.0.0.1:1/ok", "https://http:/me:{}@127.0.0.1:1"),
]


@pytest.mark.parametrize("typed", FAILING)
def test_a_password_in_an_address_that_fails_is_not_shown(typed: str) -> None:
    ended = run("call", typed.format(PASSWORD), "x", "-v")
    assert ended.code in (3, 7)
    assert_no_secret(ended)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_password_of_a_proxy_is_not_shown(scheme: str) -> None:
    with serving({"*": http(b"", 407)}) as proxy:
        for address in (f"127.0.0.1:{proxy.port}", "127.0.0.1:1", "127.0.0.1:x"):
            where = f"http://me:{PASSWORD}@{address}"
            ended = run("call", f"{scheme}://app.example", "--proxy", where, "-v")
            assert ended.code in (2, 3, 7, 67), ended
            assert_no_secret(ended)


@pytest.mark.parametrize("path", ["/config", CALL, FEED])
def test_a_cookie_that_its_own_reply_repeats_is_not_shown(path: str) -> None:
    script = gradio()
    reply = script[path]
    assert isinstance(reply, bytes)
    more = f"Set-Cookie: session={COOKIE}; Path=/\r\nX-Session: {COOKIE}\r\n\r\n".encode()
    script[path] = reply.replace(b"\r\n\r\n", b"\r\n" + more, 1)
    with serving(script) as server:
        ended = run("call", server.url, "/say", "x", "-v", check=0)
    assert "X-Session: ***" in ended.err
    assert_no_secret(ended)


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_a_password_whose_host_was_forgotten_is_not_shown(scheme: str) -> None:
    typed = f"{scheme}me:{PASSWORD}"
    for ended in (
        run("call", typed, "/say", "x", "-v", check=3),
        run("call", "http://app.example", "/say", "--proxy", typed, check=3),
        run("call", "http://app.example", "/say", env={"http_proxy": typed}, check=3),
    ):
        assert "is not a valid URL: the host is not valid" in ended.err
        assert_no_secret(ended)


# Headers of one's own


def sent(server: Server, path: str = CALL) -> dict[str, str]:
    """The headers of the one request to `path`."""
    [request] = [r for r in server.requests if r.path == path]
    return dict(request.headers)


def test_headers_of_ones_own_win_as_with_curl(tmp_path: Path) -> None:
    (tmp_path / "headers").write_text("X-File: from file\n\nX-Empty;\n")
    with serving(gradio()) as server:
        words = ["-H", "Authorization: Basic own", "-H", "User-Agent:", "-H", "Accept: a/b"]
        run("call", server.url, "/say", "x", "--token", TOKEN, *words, check=0)
        run("call", server.url, "/say", "x", "-H", f"@{tmp_path}/headers", check=0)
    first, second = [r.headers for r in server.requests if r.path == CALL]
    assert first["authorization"] == "Basic own"
    assert "user-agent" not in first
    assert first["accept"] == "a/b"
    assert (second["x-file"], second["x-empty"]) == ("from file", "")


def test_two_headers_of_one_name_are_both_sent() -> None:
    with recording() as (url, received):
        run("info", url, "-H", "X-Two: 1", "-H", "x-two: 2")
    lines = received().lower().split(b"\r\n")
    assert [line for line in lines if line.startswith(b"x-two")] == [b"x-two: 1", b"x-two: 2"]


def test_a_cookie_of_ones_own_goes_along_with_those_of_the_login() -> None:
    with serving(with_login(gradio())) as server:
        login = ("--auth", f"me:{PASSWORD}", "-H", "Cookie: own=1")
        run("call", server.url, "/say", "x", *login, check=0)
    assert sent(server)["cookie"] == f"access-token-unsecure-x={COOKIE}; own=1"


def takes_token() -> Script:
    """The small app; its `/say` takes an OAuth token, and it asks for a login."""
    info = json.loads(json.dumps(INFO))
    info["named_endpoints"]["/say"]["oauth_token"] = "optional"
    return with_login(gradio({f"{P}/info": http(info)}))


FROM_FILES = {
    "--token": (KEY, f'"authorization": "Bearer {KEY}"'),
    "--auth": (f"me:{PASSWORD}", f"password={PASSWORD}"),
    "--user": (f"me:{PASSWORD}", f"password={PASSWORD}"),
    "--header": (f"X-Key: {KEY}", f'"x-key": "{KEY}"'),
    "--oauth-token": (KEY, f'"oauth_token": "{KEY}"'),
}


@pytest.mark.parametrize("option", FROM_FILES)
@pytest.mark.parametrize("place", ["file", "stdin"])
def test_a_secret_is_read_from_a_file_or_stdin(option: str, place: str, tmp_path: Path) -> None:
    line, sent_as = FROM_FILES[option]
    (tmp_path / "file").write_text(f"{line}\n", encoding="utf-8-sig")
    login = [] if option in ("--auth", "--user") else ["--auth", f"me:{PASSWORD}"]
    with serving(takes_token()) as server:
        named = "@file" if place == "file" else "@-"
        words = ("call", server.url, "/say", "x", *login, option, named, "-v")
        ended = run(*words, cwd=tmp_path, input=f"{line}\n" if place == "stdin" else None, check=0)
        sent = "\n".join(json.dumps(dict(r.headers)) + r.body.decode() for r in server.requests)
    assert sent_as in sent
    assert_no_secret(ended)


EMPTY = {
    "--token": ("", " "),
    "--oauth2-bearer": ("",),
    "--auth": ("", ":", " "),
    "-u": ("",),
    "--oauth-token": ("",),
    "--cacert": ("",),
    "--session": ("",),
    "--data": ("",),
}


@pytest.mark.parametrize("option", EMPTY)
def test_an_option_of_an_unset_variable_is_told_to_be_empty(option: str) -> None:
    shown = {"--oauth2-bearer": "--token", "-u": "--auth"}.get(option, option)
    for value in EMPTY[option]:
        ended = run("call", ":1", "/say", option, value, check=2)
        assert ended.err == f"gradio-curl: {shown} is empty\n"


def test_an_empty_login_in_app_is_told_and_an_empty_variable_is_none() -> None:
    ended = run("call", "http://:@127.0.0.1:1", "/say", check=2)
    assert ended.err == "gradio-curl: the login in APP is empty\n"
    with serving(with_login(gradio())) as server:
        words = ("call", server.url, "/say", "x", "--auth", f"me:{PASSWORD}")
        run(*words, env={"GRADIO_CURL_AUTH": "", "GRADIO_CURL_OAUTH_TOKEN": ""}, check=0)


@pytest.mark.parametrize("option", FROM_FILES)
def test_a_secret_that_can_not_be_read_is_told(option: str, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff")
    shown = option.replace("--user", "--auth")
    for file, why in {
        "none": "no such file or directory",
        ".": "is a directory",
        "binary": "it is not valid UTF-8",
    }.items():
        ended = run("call", ":1", "/say", option, f"@{file}", cwd=tmp_path, check=26)
        assert ended.err == f"gradio-curl: {shown} @{file} can't be read: {why}\n"
    ended = run("call", ":1", "/say", option, "@empty", cwd=tmp_path, check=2)
    assert ended.err == f"gradio-curl: {shown} @empty is empty\n"
    ended = run("call", ":1", "/say", "-H", "@-", option, "@-", input="X: y", check=2)
    assert "stdin can be read only once" in ended.err


@pytest.mark.parametrize(
    "header", [f"Authorization Bearer {KEY}", f": {KEY}", f"X {KEY}: 1", f"X-Key: {KEY}\n"]
)
def test_a_header_that_is_not_valid_is_not_shown(header: str) -> None:
    ended = run("info", ":1", "-H", header + "\u0100")
    assert ended.code == 2
    assert_no_secret(ended)


# Other origins


@pytest.mark.parametrize("path", ["/config", f"{P}/info", CALL, FEED])
@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_to_another_origin_carries_no_secret(path: str, status: int) -> None:
    with serving(gradio()) as other:
        app = gradio({path: redirect(other.url + path, status)})
        options = ("--token", TOKEN, "-H", f"X-Key: {KEY}", "-H", f"Cookie: a={COOKIE}")
        with serving(app) as server:
            ended = run("call", server.url, "/say", "x", *options)
    assert (ended.code, ended.out) == (0, "said\n")
    assert got_secrets(server)
    assert other.requests
    assert not got_secrets(other)
    if path == CALL:
        assert [json.loads(r.body) for r in other.requests] == [{"data": ["x"]}]


@pytest.mark.parametrize("basic", [True, False])
def test_a_login_that_another_origin_asks_for_is_not_given(basic: bool) -> None:
    headers = {"WWW-Authenticate": "Basic"} if basic else None
    with serving({"*": http({"detail": "Not authenticated"}, 401, headers)}) as other:
        app = gradio({"/config": redirect(f"{other.url}/config")})
        with serving(app) as server:
            ended = run("call", server.url, "/say", "x", *OPTIONS, "--token", TOKEN)
    assert ended.code == 67
    assert ended.err.splitlines()[-1] == (
        f"  the login was not sent to {other.url}: give that address as APP"
    )
    assert_no_secret(ended)
    assert other.paths() == ["GET /config"]
    assert not got_secrets(other)


@pytest.mark.parametrize("status", [302, 307])
def test_a_login_is_not_redirected(status: int) -> None:
    with serving({"*": http({"success": True})}) as other:
        app = with_login(gradio()) | {"/login": redirect(f"{other.url}/login", status)}
        with serving(app) as server:
            ended = run("call", server.url, "/say", "x", "--auth", f"me:{PASSWORD}")
    assert ended.code == 67
    assert other.requests == []
    assert ended.err == (
        f"gradio-curl: {server.url}/login redirects to {other.url}\n"
        f"  the login was not sent to {other.url}: give that address as APP\n"
    )


# A login that fails

LOGIN_ENDS = {429: 75, 503: 75, 500: 22, 404: 22, 422: 22, 307: 67}


def login_failing(status: int, times: int = 1000) -> dict[str, Reply]:
    """The app with a login that answers so many times like this before it works."""
    app = with_login(gradio())
    working, left = app["/login"], [None] * times

    def login(request: Request) -> Any:
        if left:
            left.pop()
            return http({"detail": "not now"}, status, {"Location": "/login/"})
        return working(request)  # type: ignore[operator]  # it is a function

    return app | {"/login": login}


@pytest.mark.parametrize("status", LOGIN_ENDS)
def test_a_login_that_fails_is_told_as_that(status: int) -> None:
    with serving(login_failing(status)) as server:
        words = ("--auth", f"me:{PASSWORD}")
        ended = run("call", server.url, "/say", "x", *words, check=LOGIN_ENDS[status])
    assert f"{server.url}/login" in ended.err
    assert (f"HTTP {status}" in ended.err) is (status != 307)
    assert "--auth" not in ended.err


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("is_known", [False, True])
def test_a_login_that_fails_for_now_is_tried_again(
    status: int, is_known: bool, tmp_path: Path
) -> None:
    """Also where the app is remembered, so that the job itself is what needs the login."""
    words = ("/say", "x", "--auth", f"me:{PASSWORD}", "--retry", "1", "--session", "s")
    app = login_failing(status)
    app[f"{P}/app_id"] = http({"app_id": CONFIG["app_id"]})
    with serving(app) as server:
        if is_known:
            app["/login"] = with_login(gradio())["/login"]
            run("call", server.url, *words, home=tmp_path, check=0)
        app["/login"] = login_failing(status, 1)["/login"]
        ended = run("call", server.url, *words, home=tmp_path)
    assert (ended.code, ended.out) == (0, "said\n"), ended
    assert "/login: not now; trying again in" in ended.err
    assert server.paths().count("POST /login") == (3 if is_known else 2)


def test_basic_is_told_to_be_wrong_where_a_login_was_given() -> None:
    refusal = http({"detail": "no"}, 401, {"WWW-Authenticate": "Basic"})
    with serving({"*": refusal}) as server:
        ended = run("call", server.url, "/say", "x", "--auth", f"me:{PASSWORD}", check=67)
        taken = run("call", server.url, "/say", "--auth", "me:pw", "--token", TOKEN, check=67)
    assert ended.err.splitlines()[1:] == ["  wrong user or password"]
    assert "to log in as me, leave out --token" in taken.err


def test_a_login_that_redirects_behind_itself_is_a_login() -> None:
    cookie = {"Set-Cookie": f"access-token={COOKIE}; Path=/", "Location": "/"}
    app = with_login(gradio()) | {"/login": http(b"", 303, cookie)}
    with serving(app) as server:
        words = ("call", server.url, "/say", "x", "--auth", f"me:{PASSWORD}")
        assert run(*words, check=0).out == "said\n"


def test_a_redirect_brings_no_login_of_its_own() -> None:
    with serving(gradio()) as other:
        to = other.url.replace("://", "://them:pw@") + "/config"
        with serving(gradio({"/config": redirect(to)})) as server:
            run("call", server.url, "/say", "x", check=0)
    assert {request.headers.get("authorization") for request in other.requests} == {None}


def test_a_file_of_another_host_is_fetched_without_secrets(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login me password {PASSWORD}\n")
    with serving({"/x.txt": http(b"content")}) as other:
        output = completed(file_output(path=f"{other.url}/x.txt"))
        with serving(gradio({FEED: EVENTS + output})) as server:
            words = ("call", server.url, "/load", "file:=null", "-o", tmp_path / "out")
            run(*words, "--token", TOKEN, "-H", f"X-Key: {KEY}", home=tmp_path, check=0)
    assert (tmp_path / "out").read_text() == "content"
    assert not got_secrets(other)


@pytest.mark.parametrize("trick", ["{}\\@{}", "{}\\\\@{}", "{}\\foo@{}", "{}\t@{}", "{} @{}"])
@pytest.mark.parametrize("key", ["path", "url"])
def test_a_file_whose_host_is_read_in_two_ways_is_not_fetched(
    key: str, trick: str, tmp_path: Path
) -> None:
    with serving({"*": http(b"content")}) as other:
        script = gradio()
        with serving(script) as server:
            at = trick.format(f"127.0.0.1:{other.port}", f"127.0.0.1:{server.port}")
            output = file_output(path=None, url=None) | {key: f"http://{at}/x.txt"}
            script[FEED] = EVENTS + completed(output)
            words = ("call", server.url, "/load", "file:=null", "-o", tmp_path / "out")
            ended = run(*words, "--token", TOKEN, "-H", f"X-Key: {KEY}", home=tmp_path)
    assert ended.code == 22, ended
    assert "not a valid URL" in ended.err
    assert other.requests == []


@pytest.mark.parametrize("location", ["http://{}\\@{}/config", "//{}\\@{}/config", "http://["])
def test_a_redirect_whose_host_is_read_in_two_ways_is_not_followed(location: str) -> None:
    with serving({"*": http(CONFIG)}) as other:
        script = gradio()
        with serving(script) as server:
            at = location.format(f"127.0.0.1:{other.port}", f"127.0.0.1:{server.port}")
            script["/config"] = redirect(at)
            ended = run("info", server.url, "--token", TOKEN)
    assert ended.code == 22, ended
    assert "redirects to" in ended.err
    assert other.requests == []


# Local files


def sent_data(server: Server) -> Any:
    """The data of the job that a server was sent."""
    [body] = [r.body for r in server.requests if r.path.startswith(f"{P}/call/")]
    return json.loads(body)["data"]


@pytest.mark.parametrize("value", ["/etc/passwd", "@/etc/passwd", "file:///etc/passwd"])
def test_a_value_is_never_a_file_name(value: str) -> None:
    with serving(gradio()) as server:
        run("call", server.url, "/say", f"text={value}", check=0)
        assert sent_data(server) == [value]


def test_a_default_of_the_app_names_no_local_file() -> None:
    evil = {"@": "/etc/passwd"}
    info = json.loads(json.dumps(INFO))
    for name in ("/say", "/load"):
        parameter = info["named_endpoints"][name]["parameters"][0]
        parameter |= {"parameter_has_default": True, "parameter_default": evil}
    with serving(gradio({f"{P}/info": http(info)})) as server:
        run("call", server.url, "/say", check=0)
    assert sent_data(server) == [evil]
    assert f"POST {P}/upload" not in server.paths()


def test_a_path_of_the_server_is_not_opened_here(tmp_path: Path) -> None:
    local = tmp_path / "local.txt"
    local.write_text("private")
    file = file_output(path=str(local), url=None)
    replies: Script = {FEED: EVENTS + completed(file), f"{P}/file={local}": http(b"theirs")}
    with serving(gradio(replies)) as server:
        run("call", server.url, "/load", "file:=null", "-o", tmp_path / "out", check=0)
    assert (tmp_path / "out").read_text() == "theirs"


def test_the_cache_is_the_users_alone(tmp_path: Path) -> None:
    with serving(gradio()) as server:
        run("call", server.url, "/say", "x", "--session", "s", home=tmp_path, check=0)
    [folder] = (tmp_path / ".cache").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o077 for p in folder.rglob("*")} == {0}


def test_a_planted_link_in_the_cache_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    with serving(gradio()) as server:
        words = ("call", server.url, "/say", "x", "--session", "s")
        run(*words, home=tmp_path, check=0)
        [folder] = (tmp_path / ".cache").iterdir()
        for path in list(folder.iterdir()):
            path.unlink()
            path.symlink_to(victim)
        run(*words, home=tmp_path, check=0)
    assert victim.read_text() == "mine"


def test_a_planted_cache_folder_is_not_used(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "gradio-curl").symlink_to(elsewhere)
    with serving(gradio()) as server:
        ended = run("call", server.url, "/say", "x", "--session", "s", home=tmp_path)
    assert (ended.code, ended.out) == (0, "said\n")
    assert list(elsewhere.iterdir()) == []
    assert CONFIG["version"] not in ended.err


# What a server repeats


def _repeats(text: str) -> dict[str, Reply]:
    """An app that says `text`, in which it puts each secret that it was sent."""

    def say(request: Request) -> bytes:
        sent = " ".join((*request.headers.values(), request.body.decode()))
        return http({"detail": f"{text} {sent}"}, 401)

    return {"*": say}


def test_a_token_that_a_server_repeats_is_masked() -> None:
    for form in ([], ["--json"]):
        with serving(_repeats("no such token:")) as server:
            words = ("--token", TOKEN, "-H", f"X-Key: {KEY}", "-H", f"Cookie: a=1; b={COOKIE}")
            ended = run("call", server.url, "/say", "x", *words, "-v", *form, check=67)
        assert_no_secret(ended)
        assert "no such token: " in ended.err
        assert "Bearer ***" in ended.err


QUOTED = [
    *("-b", 'sid="SECRETCOOK"; t=OTHERCK', "-H", 'X-Key: {"k":"SECRETKEY"}'),
    *("-H", "X-Other: SECRET\\KEY  TWO", "--token", 'SEC/RET"TOK+1'),
]


def test_a_secret_is_masked_however_a_server_quotes_it() -> None:
    def says(request: Request) -> bytes:
        names = ("authorization", "cookie", "x-key", "x-other")
        values = [request.headers.get(name, "") for name in names]
        values.append(request.headers.get("authorization", "").removeprefix("Bearer "))
        values += ["SECRETCOOK", "OTHERCK"] if values[1] else []
        said = [" | ".join(values), json.dumps(values), repr(values), html.escape(str(values))]
        said += [quote(value, safe) for value in values for safe in ("", "/")]
        said += [urlencode({"v": value}) for value in values]
        text = "\n".join([*said, *map(str.upper, said), *map(str.lower, said)])
        return http({"detail": text}, 403)

    for form in ([], ["--json"]):
        with serving({"*": says}) as server:
            ended = run("call", server.url, "/say", "x", *QUOTED, *form, check=67)
        said = (ended.out + ended.err).lower()
        assert not [
            part for part in ("secret", "sec/", "otherck", "key", "tok+", "tok%") if part in said
        ]


@pytest.mark.parametrize("form", [["call"], ["call", "--json"], ["stream"]])
def test_a_secret_in_the_words_of_an_app_is_masked(form: list[str]) -> None:
    """In its messages, bars and errors alike; its results are its own."""

    def feed(request: Request) -> bytes:
        said = request.headers["x-key"]
        unit = {"index": 1, "length": 2, "unit": said, "progress": None, "desc": f"with {said}"}
        output = {"error": f"error {said}", "title": f"title {said}"}
        return (
            EVENTS
            + event(msg="log", log=f"log {said}", title=said, level="warning", event_id=JOB)
            + event(msg="progress", progress_data=[unit], event_id=JOB)
            + event(msg="process_completed", output=output, success=False, event_id=JOB)
        )

    with serving(gradio({FEED: feed})) as server:
        command, *options = form
        ended = run(command, server.url, "/say", "x", "-H", f"X-Key: {KEY}", *options)
    assert_no_secret(ended)
    assert ended.code == 1
    assert "log ***" in ended.out + ended.err
    assert "error ***" in ended.out + ended.err


def test_a_cookie_of_the_login_that_a_server_repeats_is_masked() -> None:
    def call(request: Request) -> bytes:
        return http({"detail": f"you sent {request.headers['cookie']}"}, 403)

    with serving(with_login(gradio({CALL: call}))) as server:
        ended = run("call", server.url, "/say", "x", "--auth", f"me:{PASSWORD}", check=67)
    assert "you sent" in ended.err
    assert_no_secret(ended)


def test_a_result_is_the_data_of_the_app_whatever_is_in_it() -> None:
    def feed(request: Request) -> bytes:
        return EVENTS + completed(request.headers["x-key"])

    with serving(gradio({FEED: feed})) as server:
        ended = run("call", server.url, "/say", "x", "-H", f"X-Key: {KEY}", check=0)
    assert ended.out == f"{KEY}\n"


def test_a_login_that_a_server_repeats_is_masked() -> None:
    def basic(request: Request) -> bytes:
        said = request.headers.get("authorization", "").removeprefix("Basic ")
        text = f"{base64.b64decode(said).decode()} {said}"
        return http({"detail": text}, 401, headers={"WWW-Authenticate": "Basic"})

    with serving({"*": basic}) as server:
        ended = run("call", server.url, "/say", "x", "--auth", f"me:{PASSWORD}", "-v", check=67)
    assert_no_secret(ended)
    assert base64.b64encode(f"me:{PASSWORD}".encode()).decode() not in ended.err
    assert "me:*** ***" in ended.err


def repeats_head(request: Request) -> bytes:
    """A refusal whose reason and words repeat the head and body of the request."""
    said = " ".join(f"{name}: {value}" for name, value in request.headers.items())
    text = f"{said} {request.body.decode()}"
    return f"HTTP/1.1 502 no {text}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_login_of_a_proxy_that_it_repeats_is_masked(scheme: str) -> None:
    with serving({"*": repeats_head}) as proxy:
        where = proxy.url.replace("://", "://me:pa%2Fss@")
        ended = run("call", f"{scheme}://app.example", "--proxy", where, "-v")
    assert "proxy-authorization: Basic ***" in ended.err
    for login in ("me:pa/ss", "me:pa%2Fss"):
        assert base64.b64encode(login.encode()).decode() not in ended.err
    assert "pa/ss" not in ended.err


def test_a_basic_login_in_a_header_of_ones_own_is_masked() -> None:
    encoded = base64.b64encode(f"me:{PASSWORD}".encode()).decode()

    def says(request: Request) -> bytes:
        return http({"detail": f"{request.headers['authorization']} is me with {PASSWORD}"}, 403)

    with serving({"*": says}) as server:
        ended = run("call", server.url, "/say", "x", "-H", f"Authorization: Basic {encoded}", "-v")
    assert "*** is me with ***" in ended.err
    assert_no_secret(ended)


def test_short_secrets_that_a_server_repeats_are_masked() -> None:
    replies = with_login(gradio())
    replies["/login"] = repeats_head
    with serving(replies) as server:
        words = ("--auth", "bob:pwd1", "--token", "abcde", "-H", "X-Key: kabc", "-v")
        ended = run("call", server.url, "/say", "x", *words, check=22)
    assert "username=bob&password=***" in ended.err
    assert "authorization: Bearer ***" in ended.err
    assert "x-key: ***" in ended.err
    assert not [secret for secret in ("pwd1", "abcde", "kabc") if secret in ended.err]


def test_a_location_is_logged_without_secrets() -> None:
    with serving(gradio()) as other:
        to = other.url.replace("://", f"://me:{PASSWORD}@") + f"/config?token={TOKEN}"
        with serving({"*": redirect(to)}) as server:
            ended = run("call", server.url, "/say", "x", "--token", TOKEN, "-v")
    assert_no_secret(ended)
    assert f"Location: {other.url}/config?token=***" in ended.err


def test_a_short_secret_and_a_harmless_header_mask_nothing() -> None:
    with serving({"*": http({"detail": "no text/html for abc"}, 403)}) as server:
        words = ("--token", "abc", "-H", "Accept: text/html", "-H", "Host: app.example")
        ended = run("call", server.url, "/say", "x", *words)
    assert "no text/html for abc" in ended.err


# URLs that the app fetches


@pytest.mark.parametrize(
    "words",
    [
        ("file@{}", "--curl"),
        ('file:=[{{"@": "{}"}}]', "--json"),
        ("-d", '[{{"@": "{}"}}]', "--no-check"),
        ("--batch", "-", "--results", "results.jsonl"),
    ],
)
def test_a_login_in_the_url_of_a_file_goes_nowhere(words: tuple[str, ...], tmp_path: Path) -> None:
    url = f"https://me:{KEY}@files.example/a.txt"
    rows = json.dumps({"file": {"@": url}})
    with serving(gradio()) as server:
        typed = [word.format(url) for word in words]
        ended = run("call", server.url, "/load", *typed, input=rows, cwd=tmp_path, check=2)
    assert "https://files.example/a.txt" in ended.err
    assert_no_secret(ended, tmp_path)
    assert not got_secrets(server)
