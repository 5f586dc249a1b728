"""TLS: whom we trust, and who wants to know us."""

import ssl
from pathlib import Path

import pytest

from tests.command import Completed, run
from tests.wire.conftest import Authority
from tests.wire.server import CALL, FEED, UPLOAD, P, Server, gradio, redirect, serving


def call(server: Server, *args: str | Path, env: dict[str, str] | None = None) -> Completed:
    return run("call", server.url, "/say", "x", *args, env=env)


def test_a_certificate_of_an_unknown_authority_is_not_trusted(authority: Authority) -> None:
    with serving(gradio(), tls=authority.server()) as server:
        ended = call(server, "--wait", "60", "--retry", "3")
    assert ended.code == 60
    assert "is not trusted" in ended.err
    assert "--cacert" in ended.err
    assert server.requests == []


@pytest.mark.parametrize("variable", ["", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_authority_of_our_own_is_trusted(variable: str, authority: Authority) -> None:
    with serving(gradio(), tls=authority.server()) as server:
        if variable:
            ended = call(server, env={variable: str(authority.file)})
        else:
            ended = call(server, "--cacert", authority.file)
    assert (ended.code, ended.out, ended.err) == (0, "said\n", "")


def test_insecure_trusts_anybody_and_says_nothing(authority: Authority) -> None:
    with serving(gradio(), tls=authority.server("wrong.example", expired=True)) as server:
        ended = call(server, "-k", env={"REQUESTS_CA_BUNDLE": str(authority.file)})
    assert (ended.code, ended.out, ended.err) == (0, "said\n", "")


def test_a_certificate_of_another_host_is_not_trusted(authority: Authority) -> None:
    with serving(gradio(), tls=authority.server("other.example")) as server:
        ended = call(server, "--cacert", authority.file)
    assert ended.code == 60
    assert "not valid for '127.0.0.1'" in ended.err


def test_an_expired_certificate_is_not_trusted(authority: Authority) -> None:
    with serving(gradio(), tls=authority.server(expired=True)) as server:
        ended = call(server, "--cacert", authority.file)
    assert ended.code == 60
    assert "certificate has expired" in ended.err


@pytest.mark.parametrize(
    ("newest", "code"), [(ssl.TLSVersion.TLSv1_2, 7), (ssl.TLSVersion.TLSv1_3, 67)]
)
def test_a_client_certificate_is_shown_where_it_is_wanted(
    newest: ssl.TLSVersion, code: int, authority: Authority, tmp_path: Path
) -> None:
    context = authority.server()
    context.maximum_version = newest
    context.verify_mode = ssl.CERT_REQUIRED
    authority.ca.configure_trust(context)
    cert, key = authority.client(tmp_path)
    with serving(gradio(), tls=context) as server:
        shown = call(server, "--cacert", authority.file, "--cert", cert, "--key", key)
        missing = call(server, "--cacert", authority.file)
    assert (shown.code, shown.out) == (0, "said\n")
    assert missing.code == code
    assert "--cert FILE" in missing.err


def test_plain_http_is_told_where_tls_is_expected() -> None:
    with serving(gradio()) as server:
        server.url = server.url.replace("http:", "https:")
        ended = call(server)
    assert ended.code == 7
    assert "use http://" in ended.err


@pytest.mark.parametrize("path", ["/config", f"{P}/info", UPLOAD, CALL, FEED])
def test_no_redirect_leads_from_tls_to_plain_http(
    path: str, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("private")
    name = "load" if path == UPLOAD else "say"
    with serving(gradio()) as other:
        app = gradio({path: redirect(f"{other.url}{path}", 307)})
        with serving(app, tls=authority.server()) as server:
            words = ("file@a.txt",) if path == UPLOAD else ("private",)
            trust = ("--cacert", authority.file, "--retry", "1")
            ended = run("call", server.url, f"/{name}", *words, *trust, cwd=tmp_path, check=22)
    assert other.requests == []
    assert f"{server.url} redirects to {other.url}, which is not encrypted" in ended.err
    assert f"use {other.url}" in ended.err


@pytest.mark.parametrize("option", ["--cacert", "--cert"])
def test_files_that_are_no_certificates_are_told(option: str, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("hello")
    for path in (tmp_path / "text.pem", tmp_path / "missing.pem", tmp_path / "text.pem" / "x"):
        ended = run("call", "https://127.0.0.1:1", "/say", option, path)
        assert ended.code == 26
        assert f"{option} {path}" in ended.err
        assert len(ended.err.splitlines()) == 1


def test_a_key_alone_is_of_no_use(tmp_path: Path) -> None:
    ended = run("call", "https://127.0.0.1:1", "/say", "--key", tmp_path / "key")
    assert ended.code == 2


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("text", [None, "hello"])
def test_a_variable_that_names_no_authorities_is_told(
    variable: str, text: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    ended = run("info", "https://127.0.0.1:1", "--wait", "60", env={variable: str(path)})
    assert ended.code == 26
    assert f"{variable} {path}" in ended.err
    # It does not matter to plain http.
    assert run("info", "http://127.0.0.1:1", env={variable: str(path)}).code == 7
