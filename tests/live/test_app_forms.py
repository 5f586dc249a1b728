"""APP in every form of a local app, also under a sub path and behind a reverse proxy."""

import http.client
import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.command import Completed
from tests.live.servers import ENDS, SINGLE, VERSIONS, Server, running

Gradio = Callable[..., Completed]
AtOnce = Callable[..., list[Completed]]


FORMS = [
    "{url}",
    "{url}///",
    "{url}/?view=api#top",
    ":{port}",
    "localhost:{port}",
    "127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}",
    "{url}/config",
    "{url}/gradio_api/info",
]
RECIPES = ["/call/add", "/gradio_api/call/add/", "/gradio_api/call/v2/add", "/add", "/add/"]


def test_the_app_is_found(server: Server, at_once: AtOnce) -> None:
    typed = [form.format(url=server.url, port=server.port) for form in FORMS]
    ended = at_once(["call", form, "add", "1", "2"] for form in typed)
    assert {form: e.out for form, e in zip(typed, ended, strict=True)} == dict.fromkeys(
        typed, "3\n"
    )


def test_a_url_pasted_from_a_recipe_names_the_endpoint(server: Server, at_once: AtOnce) -> None:
    ended = at_once(["call", server.url + path, "1", "2"] for path in RECIPES)
    assert {path: e.out for path, e in zip(RECIPES, ended, strict=True)} == dict.fromkeys(
        RECIPES, "3\n"
    )


def test_a_pasted_url_may_name_an_endpoint_that_is_odd_or_not_there(
    gradio: Gradio, server: Server
) -> None:
    assert gradio("call", f"{server.url}/call/odd%20name", "x", check=0).out == "odd x\n"
    unknown = gradio("call", f"{server.url}/call/ad", "1", "2", check=2)
    assert "did you mean /add?" in unknown.err
    assert gradio("call", f"{server.url}/call/add", "/add", "1", "2", check=0).out == "3\n"
    twice = gradio("call", f"{server.url}/call/add", "/greet", "bob", check=2)
    assert twice.err.splitlines() == [
        "gradio-curl: APP names the endpoint add, then /greet is named",
        "  leave one of them out",
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_app_that_is_mounted_under_a_path(gradio: Gradio, version: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello", encoding="utf-8")
    with running(version, "--mount=/sub", script=SINGLE) as mounted:
        for typed in (
            mounted.url,
            f"{mounted.url}/",
            f"{mounted.url}/call/predict",
            f"{mounted.url}/gradio_api/call/predict",
        ):
            # With the only endpoint left out.
            assert gradio("call", typed, "name=Ann", check=0).out == "Hello Ann!\n"
        assert gradio("call", mounted.url, "predict", "Bob", check=0).out == "Hello Bob!\n"
        (payload,) = json.loads(gradio("upload", mounted.url, "a.txt", cwd=tmp_path, check=0).out)
        assert payload["orig_name"] == "a.txt"
        site = gradio("call", f":{mounted.port}", "name=Ann", check=22)
        assert site.err.startswith(
            f"gradio-curl: HTTP 404 Not Found from http://localhost:{mounted.port}/config"
        )
        assert site.err.endswith("give the URL that the browser shows, with its sub path\n")
        beside = gradio("call", f":{mounted.port}/other", "name=Ann", check=22)
        assert f"no Gradio app answers at http://localhost:{mounted.port} either" in beside.err


def test_an_app_above_that_lacks_the_endpoint_is_told(gradio: Gradio, server: Server) -> None:
    failed = gradio("call", f"{server.url}/gret", "x", check=22)
    assert f"a Gradio app is at {server.url}: unknown endpoint gret" in failed.err


@pytest.mark.parametrize("version", ENDS)
def test_an_app_that_knows_its_path_behind_a_proxy(gradio: Gradio, version: str) -> None:
    with (
        running(version, "--root-path=/proxied", script=SINGLE) as single,
        proxy_for(single.port) as proxied,
    ):
        assert gradio("call", single.url, "Ann", check=0).out == "Hello Ann!\n"
        assert gradio("call", proxied, "Ann", check=0).out == "Hello Ann!\n"


def test_an_app_that_does_not_know_its_path_behind_a_proxy(
    gradio: Gradio, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("hello", encoding="utf-8")
    with proxy_for(server.port) as proxied:
        assert gradio("call", f"{proxied}/call/add", "1", "2", check=0).out == "3\n"
        assert gradio("stream", proxied, "count", "2", "0.01", "--text", check=0).out == "1 2\n"
        url = gradio("call", proxied, "file_echo", "@a.txt", cwd=tmp_path, check=0).out.strip()
        # Whatever the server says of itself, the file is where the app was found.
        assert url.startswith(f"{proxied}/")
        with urllib.request.urlopen(url) as reply:
            assert reply.read() == b"hello"


@contextmanager
def proxy_for(port: int) -> Iterator[str]:
    """A reverse proxy that serves what listens at `port` under a path; gives its URL."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix("/proxied")
            if path == self.path:
                self.send_error(404)
                return
            size = int(self.headers.get("Content-Length") or 0)
            inner = http.client.HTTPConnection("127.0.0.1", port)
            headers = dict(self.headers.items()) | {"Host": f"127.0.0.1:{port}"}
            inner.request(self.command, path, self.rfile.read(size), headers)
            reply = inner.getresponse()
            # No length: the end of the connection is the end of the body.
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers["Content-Type"])
            self.end_headers()
            while data := reply.read1():
                self.wfile.write(data)
            inner.close()

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_address[1]}/proxied"
        finally:
            proxy.shutdown()
            thread.join()
