"""Real proxies on the way to real Gradio: tinyproxy before us, nginx before the app."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from tests.command import Completed
from tests.live.servers import ENDS, Server
from tests.patience import HANGING

NGINX = """
daemon off;
master_process off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/t1;
  proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4;
  scgi_temp_path {folder}/t5;
  default_type text/plain;
  gzip on;
  gzip_proxied any;
  gzip_types application/json text/event-stream;
  server {{
    listen 127.0.0.1:{http};
    client_max_body_size 100k;
    location /sub/path/ {{ proxy_pass {app}/; proxy_buffering off; proxy_http_version 1.1; }}
    location /buffered/ {{ proxy_pass {app}/; proxy_buffering on; }}
    location /old/ {{ proxy_pass {app}/; proxy_buffering off; proxy_http_version 1.0; gzip off; }}
    location /down/ {{ proxy_pass http://127.0.0.1:1/; }}
    location /moved/ {{ rewrite ^/moved/(.*)$ /sub/path/$1 permanent; }}
    location /secure/ {{ return 308 https://127.0.0.1:{https}$request_uri; }}
    location /private/ {{
      auth_basic "private";
      auth_basic_user_file {folder}/users;
      proxy_pass {app}/;
      proxy_set_header Authorization "";
    }}
  }}
  server {{
    listen 127.0.0.1:{https} ssl;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    ssl_client_certificate {folder}/ca.pem;
    ssl_verify_client optional;
    location / {{ proxy_pass {app}/; }}
    location /secure/ {{ proxy_pass {app}/; }}
    location /known/ {{
      if ($ssl_client_verify != SUCCESS) {{ return 403; }}
      proxy_pass {app}/;
    }}
  }}
}}
"""


class Nginx:
    """A running nginx before the app: its addresses and its certificates."""

    def __init__(self, folder: Path, app: str) -> None:
        self.folder = folder
        self.http, self.https = free_port(), free_port()
        ca = trustme.CA()
        ca.cert_pem.write_to_path(folder / "ca.pem")
        for name, certificate in (
            ("server", ca.issue_cert("127.0.0.1")),
            ("client", ca.issue_cert("me@example.org")),
        ):
            certificate.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
            certificate.private_key_pem.write_to_path(folder / f"{name}.key")
        (folder / "users").write_text("me:{PLAIN}s3cret\n")
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            NGINX.format(folder=folder, http=self.http, https=self.https, app=app, user=user)
        )
        self.url = f"http://127.0.0.1:{self.http}"
        self.tls_url = f"https://127.0.0.1:{self.https}"
        self.ca = ("--cacert", folder / "ca.pem")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def listening(port: int, program: str, *arguments: str | Path) -> Iterator[None]:
    """Run a server of Debian until the end of the block, from when it listens on `port`."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, f"these tests need {program}: apt-get install {program}"
    process = subprocess.Popen([found, *arguments], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + HANGING
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, f"{program} ended by itself"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(HANGING)


@pytest.fixture(scope="module", params=ENDS)
def app(request: pytest.FixtureRequest, server_of: Callable[[str], Server]) -> Server:
    """The test app on the oldest and the newest version."""
    return server_of(request.param)


@pytest.fixture(scope="module")
def nginx(app: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """Nginx before the app."""
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), app.url)
    with listening(nginx.http, "nginx", "-p", nginx.folder, "-c", nginx.folder / "nginx.conf"):
        yield nginx


@pytest.fixture(scope="module")
def tinyproxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A proxy that wants a login; gives its address, without that login."""
    port = free_port()
    conf = tmp_path_factory.mktemp("tinyproxy") / "tinyproxy.conf"
    conf.write_text(f"Port {port}\nListen 127.0.0.1\nTimeout 60\nBasicAuth me s3cret\n")
    with listening(port, "tinyproxy", "-d", "-c", conf):
        yield f"127.0.0.1:{port}"


@pytest.mark.parametrize("path", ["/sub/path", "/sub/path/", "/buffered", "/old", "/moved"])
def test_an_app_is_called_under_a_path(
    path: str, nginx: Nginx, gradio: Callable[..., Completed], tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("content")
    url, out = nginx.url + path, tmp_path / "out"
    ended = gradio("call", url, "/file_echo", f"file@{tmp_path}/a.txt", "-o", out, check=0)
    assert (ended.out, out.read_text()) == (f"{out}\n", "content")
    shown = gradio("call", url, "/file_echo", f"file@{tmp_path}/a.txt", check=0).out
    assert shown.startswith(nginx.url)


@pytest.mark.parametrize("path", ["/sub/path", "/old"])
def test_events_are_told_as_they_arrive(
    path: str, nginx: Nginx, gradio: Callable[..., Completed]
) -> None:
    ended = gradio("stream", nginx.url + path, "/count", "n=3", "delay=0.3", check=0)
    events = [json.loads(line) for line in ended.out.splitlines()]
    told = [e["t"] for e in events if e["event"] == "generating"]
    assert len(told) == 3
    # What is held back to the end of a buffer or of the stream arrives at once.
    assert told[-1] - told[0] > 0.3


def test_a_buffer_holds_events_back_but_loses_none(
    nginx: Nginx, gradio: Callable[..., Completed]
) -> None:
    ended = gradio("stream", f"{nginx.url}/buffered", "/count", "n=3", "delay=0", check=0)
    names = [json.loads(line)["event"] for line in ended.out.splitlines()]
    assert names.count("generating") == 3
    assert names[-1] == "complete"


def test_a_file_too_large_for_the_proxy_is_told(
    nginx: Nginx, gradio: Callable[..., Completed], tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(b"x" * 1_000_000)
    ended = gradio("upload", f"{nginx.url}/sub/path", tmp_path / "large")
    assert ended.code == 22
    assert "HTTP 413" in ended.err


def test_a_proxy_without_its_app_is_waited_for(
    nginx: Nginx, gradio: Callable[..., Completed]
) -> None:
    assert gradio("call", f"{nginx.url}/down", "/greet", "Bob").code == 22
    assert gradio("call", f"{nginx.url}/down", "/greet", "Bob", "--wait", "0.5").code == 28


def test_a_login_that_the_proxy_wants_is_given(
    nginx: Nginx, gradio: Callable[..., Completed]
) -> None:
    url = f"{nginx.url}/private"
    given = gradio("call", url, "/greet", "Bob", "--auth", "me:s3cret", check=0)
    assert given.out == "Hello Bob.\n"
    assert gradio("call", url, "/greet", "Bob", "--auth", "me:wrong").code == 67
    assert gradio("call", url, "/greet", "Bob").code == 67


def test_an_app_moved_to_https_gets_the_job(nginx: Nginx, gradio: Callable[..., Completed]) -> None:
    ended = gradio("call", f"{nginx.url}/secure", "/greet", "Bob", *nginx.ca, check=0)
    assert ended.out == "Hello Bob.\n"


def test_a_client_certificate_is_shown(nginx: Nginx, gradio: Callable[..., Completed]) -> None:
    words = ("call", f"{nginx.tls_url}/known", "/greet", "Bob", *nginx.ca)
    assert gradio(*words).code == 67
    own = ("--cert", nginx.folder / "client.pem", "--key", nginx.folder / "client.key")
    assert gradio(*words, *own, check=0).out == "Hello Bob.\n"


@pytest.mark.parametrize("how", ["option", "variable"])
def test_a_proxy_with_a_login_is_passed(
    how: str, nginx: Nginx, app: Server, tinyproxy: str, gradio: Callable[..., Completed]
) -> None:
    proxy = f"http://me:s3cret@{tinyproxy}"
    options = ("--proxy", proxy) if how == "option" else ()
    env = {"http_proxy": proxy, "https_proxy": proxy} if how == "variable" else {}
    for url in (app.url, nginx.tls_url):
        ended = gradio("call", url, "/greet", "Bob", *options, *nginx.ca, env=env, check=0)
        assert ended.out == "Hello Bob.\n"


def test_a_proxy_that_refuses_is_told(
    nginx: Nginx, app: Server, tinyproxy: str, gradio: Callable[..., Completed]
) -> None:
    for url in (app.url, nginx.tls_url):
        ended = gradio("call", url, "/greet", "Bob", "--proxy", f"http://{tinyproxy}")
        assert ended.code == 67
        assert "--proxy http://USER:PASSWORD@HOST:PORT" in ended.err


def test_a_proxy_is_not_used_where_the_variables_say_so(
    app: Server, gradio: Callable[..., Completed]
) -> None:
    env = {"http_proxy": "http://127.0.0.1:1", "no_proxy": "127.0.0.1"}
    assert gradio("call", app.url, "/greet", "Bob", env=env, check=0).out == "Hello Bob.\n"
    assert gradio("call", app.url, "/greet", "Bob", env={"http_proxy": env["http_proxy"]}).code == 7
