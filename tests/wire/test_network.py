"""Ways to an app: logins, addresses, proxies."""

import base64
import gzip
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pexpect
import pytest

from tests.command import clean_environment, command, run
from tests.patience import HANGING
from tests.wire.server import (
    CALL,
    CONFIG,
    EVENTS,
    FEED,
    PASSWORD,
    UPLOAD,
    Early,
    End,
    P,
    Request,
    Script,
    Step,
    Steps,
    gradio,
    head,
    http,
    read_head,
    redirect,
    serving,
    with_login,
)

# Logins


def test_a_login_is_found_in_netrc(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login me password {PASSWORD}\n")
    with serving(with_login(gradio())) as server:
        assert run("call", server.url, "/say", "x", home=tmp_path, check=0).out == "said\n"


@pytest.mark.parametrize(
    ("bound_to", "code"),
    [
        ("", 0),
        ("@127.0.0.1", 0),
        ("@127.0.0.1:{}", 0),
        ("@127.0.0.1:1", 67),
        ("@app.example", 67),
        ("@app.example.", 67),
        ("@http://app.example", 67),
        ("@app.example/path", 67),
        ("@gpubox", 67),
        ("@gpubox:7860", 67),
        ("@evil_host", 67),
        ("@", 67),
        ("@?!", 67),
    ],
)
def test_a_login_of_the_environment_goes_to_its_host_only(bound_to: str, code: int) -> None:
    with serving(with_login(gradio())) as server:
        login = f"me:{PASSWORD}{bound_to.format(server.port)}"
        ended = run("call", server.url, "/say", "x", env={"GRADIO_CURL_AUTH": login})
    assert ended.code == code, ended
    assert ("POST /login" in server.paths()) is (code == 0)
    assert not any(PASSWORD.encode() in request.body for request in server.requests if code)
    assert ("write USER:PASSWORD@HOST" in ended.err) is (code == 67)


def test_a_password_with_an_at_sign_goes_to_the_host_behind_it() -> None:
    got: list[bytes] = []

    def login(request: Request) -> Steps:
        got.append(request.body)
        return http({}, 400)

    with serving({**with_login(gradio()), "/login": login}) as server:
        run("call", server.url, "x", env={"GRADIO_CURL_AUTH": "me:p@ss@127.0.0.1"}, check=67)
    assert got == [b"username=me&password=p%40ss"]


@pytest.mark.parametrize("where", ["--auth", "GRADIO_CURL_AUTH", "APP"])
def test_a_login_that_is_not_utf8_is_rejected_by_its_name(where: str) -> None:
    login = "me:pw-\udcff-secret"
    with serving(with_login(gradio())) as server:
        url = server.url.replace("://", f"://{login}@") if where == "APP" else server.url
        option = ["--auth", login] if where == "--auth" else []
        env = {where: login} if where == "GRADIO_CURL_AUTH" else {}
        ended = run("call", url, "/say", "x", *option, env=env)
    assert ended.code == (3 if where == "APP" else 2), ended
    assert "is not valid UTF-8" in ended.err
    assert where == "APP" or where in ended.err
    assert "secret" not in ended.err
    assert "POST /login" not in server.paths()


def test_a_netrc_that_is_not_text_is_named(tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_bytes(b"machine 127.0.0.1 login me password pw-\xff\n")
    with serving(with_login(gradio())) as server:
        ended = run("call", server.url, "/say", "x", home=tmp_path, check=26)
    assert ended.err == "gradio-curl: ~/.netrc is not valid UTF-8\n"


@pytest.mark.parametrize("variable", [False, True])
def test_a_proxy_that_is_not_utf8_is_rejected_by_its_name(variable: bool) -> None:
    address = "http://me:pw-\udcff-secret@127.0.0.1:1"
    words = [] if variable else ["--proxy", address]
    env = {"http_proxy": address} if variable else {}
    ended = run("call", "http://app.example", "x", *words, env=env, check=3)
    assert f"{'http_proxy' if variable else '--proxy'} 'http://127.0.0.1:1' is not" in ended.err
    assert "secret" not in ended.err


def test_a_login_in_the_url_wins_over_that_of_the_environment() -> None:
    with serving(with_login(gradio())) as server:
        url = server.url.replace("://", f"://me:{PASSWORD}@")
        assert run("call", url, "/say", "x", env={"GRADIO_CURL_AUTH": "you:other"}).code == 0


@pytest.mark.parametrize(
    "text",
    [
        'machine 127.0.0.1 login "me\npassword pw\n',
        'machine 127.0.0.1 login me password "pw',
        "machine 127.0.0.1 login me password pw\nmach",
    ],
)
def test_a_netrc_that_is_cut_off_is_named_and_no_login(text: str, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(text)
    with serving(with_login(gradio())) as server:
        ended = run("call", server.url, "/say", "x", home=tmp_path, check=26)
    assert ended.err.startswith("gradio-curl: ~/.netrc is not valid: ")
    assert "POST /login" not in server.paths()


def test_netrc_is_not_sent_to_an_app_that_does_not_ask(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login me password {PASSWORD}\n")
    with serving(gradio()) as server:
        run("call", server.url, "/say", "x", "--auth", "me:other", home=tmp_path, check=0)
    assert not [r for r in server.requests if "authorization" in r.headers or r.path == "/login"]


@pytest.mark.parametrize(("typed", "code"), [(PASSWORD, 0), ("pw-other", 67)])
def test_a_password_left_out_is_asked_for_without_echo(
    typed: str, code: int, tmp_path: Path
) -> None:
    with serving(with_login(gradio())) as server:
        program, *words = command("call", server.url, "/say", "x", "--auth", "me")
        terminal = pexpect.spawn(
            program, words, env=dict(clean_environment(tmp_path)), encoding="utf-8", timeout=HANGING
        )
        terminal.expect("Password of me: ")
        terminal.waitnoecho()
        terminal.sendline(typed)
        said = terminal.read()
        terminal.close()
    assert terminal.exitstatus == code
    assert typed not in said


def test_without_a_terminal_there_is_nobody_to_ask(tmp_path: Path) -> None:
    with serving(with_login(gradio())) as server:
        ended = subprocess.run(
            command("call", server.url, "/say", "x", "--auth", "me"),
            env=clean_environment(tmp_path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,
            timeout=HANGING,
        )
    assert ended.returncode == 67
    assert b"cannot be asked for without a terminal" in ended.stderr


def test_a_login_of_http_is_given_where_it_is_asked_for() -> None:
    wanted = "Basic " + base64.b64encode("me:pässword".encode()).decode()

    def guarded(request: Request) -> Steps:
        if request.headers.get("authorization") != wanted:
            return http(b"<html>", 401, {"WWW-Authenticate": 'Basic realm="x"'})
        reply = gradio()[request.path]
        assert isinstance(reply, bytes)
        return reply

    with serving({"*": guarded}) as server:
        given = run("call", server.url, "/say", "x", "--auth", "me:pässword")
        assert run("call", server.url, "/say", "x", "--auth", "me:wrong").code == 67
    assert given.out == "said\n"
    assert "POST /login" not in server.paths()


# Addresses


def test_an_ipv6_address_is_an_address() -> None:
    assert run("call", "http://[::1]:1", "/say", "x").code == 7
    if not has_ipv6():
        return
    with serving(gradio(), host="::1") as server:
        assert run("call", server.url, "/say", "x", check=0).out == "said\n"
        assert run("call", f"[::1]:{server.port}", "/say", "x", check=0).out == "said\n"


def has_ipv6() -> bool:
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


def test_an_app_that_moved_keeps_its_new_place_for_the_whole_call() -> None:
    moved: Script = {f"/new{path}": reply for path, reply in gradio().items()}
    with serving({"/old/config": redirect("/new/config", 301), **moved}) as server:
        assert run("call", f"{server.url}/old", "/say", "x", check=0).out == "said\n"
    assert server.paths()[2:] == [
        f"GET /new{P}/info",
        f"POST /new{P}/call/say",
        f"GET /new{P}/queue/data",
    ]


@pytest.mark.parametrize("quiet", [False, True])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_an_app_that_moved_to_another_origin_is_told_once(
    host: str, quiet: bool, tmp_path: Path
) -> None:
    with serving(gradio()) as other:
        elsewhere = other.url.replace("127.0.0.1", host)
        with serving({"*": lambda request: redirect(elsewhere + request.target, 302)}) as server:
            for _ in range(2):  # the second time it is remembered
                words = ("call", server.url, "/say", "x", *(["-q"] if quiet else []))
                ended = run(*words, home=tmp_path, check=0)
                told = f"{server.url} redirects to {elsewhere}: requests go there\n"
                assert (ended.out, ended.err) == ("said\n", "" if quiet else told)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_data_goes_to_another_host_only_where_a_redirect_says_so(status: int) -> None:
    with serving(gradio()) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        with serving(gradio({CALL: redirect(f"{elsewhere}{CALL}", status)})) as server:
            ended = run("call", server.url, "/say", "x")
    if status in (307, 308):
        assert (ended.code, ended.out) == (0, "said\n")
        assert ended.err == f"{server.url} redirects to {elsewhere}: data goes there\n"
        assert other.paths()[0] == f"POST {CALL}"
    else:
        assert ended.code == 22
        assert f"{server.url} redirects to {elsewhere}" in ended.err
        assert other.requests == []


def test_a_name_that_does_not_resolve_is_told() -> None:
    ended = run("call", "http://no-such-host.invalid:1", "/say", "x")
    assert ended.code == 6
    assert "no-such-host.invalid" in ended.err


@pytest.mark.parametrize("code", [7, 28])
def test_an_address_where_nobody_is_is_told(code: int) -> None:
    # A full backlog drops what comes, as a firewall does.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        if code == 7:
            port = 1
        ended = run("call", f":{port}", "/say", "x", "--connect-timeout", "0.5")
        for one in waiting:
            one.close()
    assert ended.code == code
    assert ended.err.startswith("gradio-curl: localhost:")


# Proxies


@pytest.fixture
def socks() -> Iterator[int]:
    """The port of a SOCKS 5 proxy without a login (RFC 1928), for IPv4 and names."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=_relay, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _relay(client: socket.socket) -> None:
    with client, suppress(OSError):
        client.recv(client.recv(2)[1])
        client.sendall(b"\x05\x00")
        kind = client.recv(4)[3]
        if kind == 1:
            host = socket.inet_ntoa(client.recv(4))
        else:
            host = client.recv(client.recv(1)[0]).decode()
        (port,) = struct.unpack(">H", client.recv(2))
        with socket.create_connection((host, port)) as server:
            client.sendall(b"\x05\x00\x00\x01" + bytes(6))
            server_to_client = threading.Thread(target=_pump, args=(server, client), daemon=True)
            server_to_client.start()
            _pump(client, server)
            server_to_client.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_is_passed(scheme: str, socks: int) -> None:
    proxy = f"{scheme}://127.0.0.1:{socks}"
    with serving(gradio()) as server:
        assert run("call", server.url, "/say", "x", "--proxy", proxy, check=0).out == "said\n"
        by_variable = run("call", server.url, "/say", "x", env={"ALL_PROXY": proxy}, check=0)
    assert by_variable.out == "said\n"


def test_the_option_wins_over_the_variables() -> None:
    with serving({"*": http(CONFIG | {"version": "3.0"})}) as proxy:
        env = {"http_proxy": "http://127.0.0.1:1", "no_proxy": "app.example"}
        ended = run("info", "http://app.example", "--proxy", f"127.0.0.1:{proxy.port}", env=env)
        assert "too old" in ended.err
        with serving(gradio()) as server:
            words = ("call", server.url, "/say", "x")
            assert run(*words, "--proxy", "", env=env, check=0).out == "said\n"
    assert proxy.requests[0].target == "http://app.example/config"


@pytest.mark.parametrize(
    "proxy",
    ["http://127.0.0.1:x", "ftp://127.0.0.1:1", "http://", "http://u:S3@", "http://u:S3[x@h:1"],
)
@pytest.mark.parametrize("source", ["--proxy", "http_proxy", "ALL_PROXY"])
def test_a_proxy_that_is_not_an_address_is_told(source: str, proxy: str) -> None:
    words = ["--proxy", proxy] if source == "--proxy" else []
    ended = run("info", "http://app.example", *words, env={} if words else {source: proxy})
    assert ended.code == 3, ended
    assert ended.err.startswith(f"gradio-curl: {source} ")
    assert "is not a valid URL" in ended.err
    assert "S3" not in ended.err


@pytest.mark.parametrize("scheme", ["", "http://", "socks5://", "socks5h://", "socks4a://"])
def test_a_proxy_that_fails_is_told_by_its_variable(scheme: str) -> None:
    proxy = f"{scheme}me:{PASSWORD}@127.0.0.1:1"
    ended = run("info", "http://app.example", env={"http_proxy": proxy})
    assert ended.code == 7
    assert "the proxy in http_proxy refused the connection" in ended.err
    assert PASSWORD not in ended.err


# Limits


def test_cancelling_ends_in_time_however_slowly_the_answer_comes() -> None:
    ended_by_itself: list[bool] = []

    def dribbled() -> Iterator[Step]:
        yield head({"X": "a"})[:-4]
        for _ in range(600):
            yield b"a"
            yield 0.1
        ended_by_itself.append(True)

    script = gradio({FEED: [EVENTS, End.HOLD], f"{P}/cancel": dribbled()})
    with serving(script) as server:
        ended = run("call", server.url, "/say", "x", "--idle-timeout", "1")
    assert ended.code == 28
    assert f"POST {P}/cancel" in server.paths()
    assert not ended_by_itself


def test_cancelling_ends_in_time_wherever_it_is_redirected() -> None:
    def redirected(request: Request) -> Steps:
        return [0.5, redirect(request.path)]

    script = gradio({FEED: [EVENTS, End.HOLD], f"{P}/cancel": redirected})
    with serving(script) as server:
        ended = run("call", server.url, "/say", "x", "--idle-timeout", "1")
    assert ended.code == 28
    # Two seconds are over before the tenth.
    assert 0 < server.paths().count(f"POST {P}/cancel") < 8


def test_shaking_hands_ends_at_the_limit_to_connect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        ended = run("info", url, "--connect-timeout", "0.5", "--idle-timeout", "50")
    assert ended.code == 28
    assert "within 0.5 s" in ended.err


def test_an_upload_that_stalls_ends_at_the_idle_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(20_000_000))
    with serving(gradio({UPLOAD: Early([End.HOLD])})) as server:
        limits = ("--connect-timeout", "50", "--idle-timeout", "1")
        ended = run("upload", server.url, tmp_path / "a", *limits)
    assert ended.code == 28
    assert "sent nothing for 1 s" in ended.err


def test_a_body_in_two_layers_of_gzip_is_not_unpacked() -> None:
    packed = gzip.compress(gzip.compress(b" " * 1_000_000))
    reply = http(packed, headers={"Content-Encoding": "gzip, gzip"})
    with serving(gradio({"/config": reply})) as server:
        ended = run("info", server.url)
    assert ended.code == 22
    assert "unsupported Content-Encoding 'gzip, gzip'" in ended.err


def test_a_wait_that_max_time_leaves_no_room_for_is_not_begun() -> None:
    busy = http({"detail": "no"}, 429, {"Retry-After": "999999999"})
    with serving(gradio({"/config": busy})) as server:
        ended = run("info", server.url, "--retry", "1", "-m", "60")
    assert ended.code == 75
    assert "trying again" not in ended.err


# Connections that are kept


def kept_alive(replies: int) -> Iterator[int]:
    """A server that answers `replies` requests a connection, then closes it without a word."""
    script = gradio()

    def serve(connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader, suppress(OSError):
            for _ in range(replies):
                request = read_head(reader)
                if request is None:
                    return
                reader.read(int(request.headers.get("content-length", 0)))
                reply = script[request.path]
                assert isinstance(reply, bytes)
                if request.path == FEED:
                    connection.sendall(reply)
                    return
                connection.sendall(reply.replace(b"Connection: close\r\n", b""))
            read_head(reader)  # closed when the next request is there: it was on its way

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("replies", [1, 2, 3])
def test_a_request_that_meets_the_end_of_a_kept_connection_is_sent_again(replies: int) -> None:
    for port in kept_alive(replies):
        assert run("call", f":{port}", "/say", "x", check=0).out == "said\n"


def test_a_raw_location_is_followed() -> None:
    moved: Script = {f"/%C3%A4%20b{path}": reply for path, reply in gradio().items()}
    raw = head({"Location": "/PLACE/config", "Content-Length": "0"}, 301)
    with serving({"/config": raw.replace(b"PLACE", "ä b".encode()), **moved}) as server:
        assert run("call", server.url, "/say", "x", check=0).out == "said\n"


def test_what_a_server_says_that_is_not_http_is_told_on_one_line() -> None:
    with serving({"*": b"garbage\r\n\r\n"}) as server:
        ended = run("call", server.url, "x", check=18)
    assert ended.err.count("\n") == 1
    assert "garbage" in ended.err
    assert "^M" not in ended.err


def test_a_detail_of_more_lines_is_told_on_one() -> None:
    with serving({**gradio(), CALL: http({"detail": "so\r\nand\n  so"}, 500)}) as server:
        ended = run("call", server.url, "/say", "x", check=22)
    assert ended.err.endswith(": so and so\n")


@pytest.mark.parametrize("words", [["text@-"], ["-d", "@-"]])
def test_stdin_that_is_not_utf8_is_called_stdin(words: list[str]) -> None:
    with serving(gradio()) as server:
        ended = run("call", server.url, "/say", *words, input=b"a\xff", check=26)
    assert ended.err == "gradio-curl: stdin is not valid UTF-8\n"
