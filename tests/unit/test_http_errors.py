"""What is told of each error of requests, urllib3 and the system, and of each HTTP status."""

import socket
import ssl
from http.client import IncompleteRead
from typing import Any

import pytest
import requests
import socks
from requests.exceptions import ChunkedEncodingError, InvalidSchema, InvalidURL, MissingSchema
from urllib3 import HTTPConnectionPool
from urllib3 import exceptions as urllib3_errors
from urllib3.connection import HTTPConnection

from gradio_curl.client.http_errors import LOGIN_HINT, from_foreign, from_status, is_caused_by
from gradio_curl.client.proxies import Proxy
from gradio_curl.errors import (
    AppError,
    Busy,
    ConnectFailed,
    Failure,
    HostNotFound,
    HTTPFailed,
    InputError,
    MalformedURL,
    Refused,
    StreamBroken,
    TimedOut,
    Untrusted,
)
from gradio_curl.network import Network, Secret
from gradio_curl.protocol.events import RETRY

URL = "https://me:secret@app.example:7860/config"
NETWORK = Network(connect_timeout=2.5, idle_timeout=40.0)
CONNECTION = HTTPConnection("app.example", 7860)
NOT_ESTABLISHED = "Failed to establish a new connection: "

Told = tuple[type[Failure], str, str]


def told(failure: Failure) -> Told:
    """What a user sees of a failure: its kind, which gives the exit code, and its two lines."""
    return type(failure), failure.message, failure.hint


def raised(error: BaseException, cause: BaseException | None = None) -> Any:
    """An error as it is when it was raised from another one."""
    error.__cause__ = cause
    return error


def after_retries(reason: Exception) -> requests.ConnectionError:
    """The layers that urllib3 and requests put around an error of connecting."""
    pool = HTTPConnectionPool("app.example", 7860)
    return requests.ConnectionError(urllib3_errors.MaxRetryError(pool, "/config", reason))


def not_connected(why: OSError) -> requests.ConnectionError:
    words = f"{NOT_ESTABLISHED}{why}"
    return after_retries(raised(urllib3_errors.NewConnectionError(CONNECTION, words), why))


def by_proxy(why: Exception) -> requests.ConnectionError:
    return after_retries(raised(urllib3_errors.ProxyError("Unable to connect to proxy", why)))


def untrusted(words: str | None) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] (_ssl.c:1006)")
    if words is not None:
        error.verify_message = words
    return error


def tls_error(reply: bytes) -> ssl.SSLError:
    """What OpenSSL makes of the first bytes of a server."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls = context.wrap_bio(incoming, outgoing, server_hostname="app.example")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    incoming.write(reply)
    with pytest.raises(ssl.SSLError) as error:
        tls.do_handshake()
    return error.value


def alert(number: int) -> ssl.SSLError:
    """A fatal alert of the server: https://www.rfc-editor.org/rfc/rfc8446#section-6."""
    return tls_error(bytes([21, 3, 3, 0, 2, 2, number]))


PROXY_LOGIN = "give --proxy http://USER:PASSWORD@HOST:PORT"
IS_RUNNING = "is the app running?"
CLIENT_CERTIFICATE = "it may want a client certificate: --cert FILE --key FILE"
TRUST = "--cacert FILE trusts its authority, --insecure trusts any certificate"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            not_connected(ConnectionRefusedError(111, "Connection refused")),
            (ConnectFailed, "app.example:7860 refused the connection", IS_RUNNING),
        ),
        (
            not_connected(OSError(113, "No route to host")),
            (ConnectFailed, "no connection to app.example:7860: [Errno 113] No route to host", ""),
        ),
        (
            not_connected(OSError("no\n reason")),
            (ConnectFailed, "no connection to app.example:7860: no reason", ""),
        ),
        (
            after_retries(
                urllib3_errors.NameResolutionError("app.example", CONNECTION, socket.gaierror(-2))
            ),
            (HostNotFound, "app.example:7860 does not resolve", ""),
        ),
        (
            not_connected(socket.gaierror(-2, "Name or service not known")),
            (HostNotFound, "app.example:7860 does not resolve", ""),
        ),
        (
            after_retries(urllib3_errors.ConnectTimeoutError("timed out")),
            (TimedOut, "app.example:7860: no connection within 2.5 s", ""),
        ),
        (
            requests.ReadTimeout(
                urllib3_errors.ReadTimeoutError(HTTPConnectionPool("app.example"), "/", "silence")
            ),
            (TimedOut, "app.example:7860 sent nothing for 40 s", ""),
        ),
        (TimeoutError("timed out"), (TimedOut, "app.example:7860 sent nothing for 40 s", "")),
        (
            ChunkedEncodingError(urllib3_errors.ProtocolError("broken", IncompleteRead(b"a", 2))),
            (
                StreamBroken,
                "app.example:7860 broke off in the middle of its reply",
                "the app may have been stopped, or a proxy gave up",
            ),
        ),
        *(
            (
                requests.ConnectionError(urllib3_errors.ProtocolError("Connection aborted.", why)),
                (StreamBroken, "app.example:7860 closed the connection", ""),
            )
            for why in (
                ConnectionResetError(104, "Connection reset by peer"),
                BrokenPipeError(32, "Broken pipe"),
                ssl.SSLEOFError(8, "EOF occurred in violation of protocol"),
                ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed (EOF)"),
            )
        ),
        (
            after_retries(urllib3_errors.SSLError(untrusted("certificate has expired"))),
            (
                Untrusted,
                "the certificate of app.example:7860 is not trusted: certificate has expired",
                TRUST,
            ),
        ),
        (
            untrusted(None),
            (
                Untrusted,
                "the certificate of app.example:7860 is not trusted: "
                "[SSL: CERTIFICATE_VERIFY_FAILED] (_ssl.c:1006)",
                TRUST,
            ),
        ),
        (
            after_retries(urllib3_errors.SSLError(tls_error(b"HTTP/1.1 400 Bad Request\r\n\r\n"))),
            (
                ConnectFailed,
                "no TLS with app.example:7860: WRONG_VERSION_NUMBER",
                "is it plain http? then use http://app.example:7860",
            ),
        ),
        (
            alert(40),
            (
                ConnectFailed,
                "no TLS with app.example:7860: SSLV3_ALERT_HANDSHAKE_FAILURE",
                CLIENT_CERTIFICATE,
            ),
        ),
        (
            alert(70),
            (ConnectFailed, "no TLS with app.example:7860: TLSV1_ALERT_PROTOCOL_VERSION", ""),
        ),
        *(
            (
                alert(number),
                (
                    Refused,
                    f"app.example:7860 wants a client certificate: {name}",
                    "--cert FILE --key FILE",
                ),
            )
            for number, name in (
                (42, "SSLV3_ALERT_BAD_CERTIFICATE"),
                (48, "TLSV1_ALERT_UNKNOWN_CA"),
                (116, "TLSV13_ALERT_CERTIFICATE_REQUIRED"),
            )
        ),
        (
            ssl.SSLError("Underlying socket has been closed."),
            (
                ConnectFailed,
                "no TLS with app.example:7860: Underlying socket has been closed.",
                "is it plain http? then use http://app.example:7860",
            ),
        ),
        (
            InvalidSchema("Missing dependencies for SOCKS support."),
            (InputError, "a socks proxy needs: pip install 'gradio-curl[socks]'", ""),
        ),
        *(
            (error, (MalformedURL, "'https://app.example:7860/config' is not a valid URL", ""))
            for error in (
                InvalidURL("No host supplied"),
                InvalidSchema("No connection adapters were found"),
                MissingSchema("No scheme supplied"),
                urllib3_errors.LocationParseError("app.example:port"),
                UnicodeError("label too long"),
            )
        ),
        (
            requests.RequestException(),
            (StreamBroken, "the connection to app.example:7860 broke: RequestException", ""),
        ),
        (
            requests.RequestException("outer words", ValueError("words")),
            (StreamBroken, "the connection to app.example:7860 broke: words", ""),
        ),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else type(value).__name__,
)
def test_an_error_is_told_by_its_most_telling_cause(error: Exception, expected: Told) -> None:
    assert told(from_foreign(error, URL, NETWORK)) == expected


def by_socks(error: Exception) -> requests.ConnectionError:
    """An error of PySocks as urllib3 passes it on."""
    error.__context__ = getattr(error, "socket_err", None)
    words = error.__context__ or error
    wrapped = urllib3_errors.NewConnectionError(CONNECTION, f"{NOT_ESTABLISHED}{words}")
    wrapped.__context__ = error
    return after_retries(wrapped)


REFUSED = ConnectionRefusedError(111, "Connection refused")
UNRESOLVED = socket.gaierror(-2, "Name or service not known")
TUNNEL = "Tunnel connection failed: "


@pytest.mark.parametrize(
    ("scheme", "error", "expected"),
    [
        (
            "http",
            by_proxy(raised(urllib3_errors.NewConnectionError(CONNECTION, "no"), REFUSED)),
            (ConnectFailed, "the proxy in HTTPS_PROXY refused the connection", ""),
        ),
        (
            "http",
            by_proxy(UNRESOLVED),
            (HostNotFound, "the proxy in HTTPS_PROXY does not resolve", ""),
        ),
        (
            "http",
            by_proxy(OSError(f"{TUNNEL}407 Proxy Authentication Required")),
            (Refused, "the proxy in HTTPS_PROXY wants a login", PROXY_LOGIN),
        ),
        (
            "http",
            by_proxy(OSError(f"{TUNNEL}502 Bad Gateway")),
            (
                ConnectFailed,
                f"no connection to the proxy in HTTPS_PROXY: {TUNNEL}502 Bad Gateway",
                "",
            ),
        ),
        (
            "https",
            by_proxy(tls_error(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
            (
                ConnectFailed,
                "no TLS with the proxy in HTTPS_PROXY: WRONG_VERSION_NUMBER",
                "is it plain http? then give its address with http://",
            ),
        ),
        (
            "https",
            after_retries(urllib3_errors.SSLError(untrusted("certificate has expired"))),
            (
                Untrusted,
                "the certificate of app.example:7860 is not trusted: certificate has expired",
                TRUST,
            ),
        ),
        (
            "socks5",
            by_socks(socks.ProxyConnectionError("Error connecting to SOCKS5 proxy", REFUSED)),
            (ConnectFailed, "the proxy in HTTPS_PROXY refused the connection", ""),
        ),
        (
            "socks5",
            not_connected(UNRESOLVED),
            (HostNotFound, "the proxy in HTTPS_PROXY does not resolve", ""),
        ),
        (
            "socks5",
            by_socks(socks.SOCKS5AuthError("SOCKS5 authentication failed")),
            (
                Refused,
                "the proxy in HTTPS_PROXY wants a login",
                "give --proxy socks5://USER:PASSWORD@HOST:PORT",
            ),
        ),
        (
            "socks5",
            by_socks(socks.GeneralProxyError("Socket error", UNRESOLVED)),
            (HostNotFound, "app.example:7860 does not resolve", ""),
        ),
        (
            "socks5",
            by_socks(socks.SOCKS5Error("0x05: Connection refused")),
            (ConnectFailed, "no connection to app.example:7860: 0x05: Connection refused", ""),
        ),
        (
            "socks4",
            by_socks(socks.SOCKS4Error("0x5b: Request rejected or failed")),
            (
                ConnectFailed,
                "no connection to app.example:7860: 0x5b: Request rejected or failed",
                "",
            ),
        ),
        (
            "socks5",
            TimeoutError("timed out"),
            (TimedOut, "app.example:7860 sent nothing for 40 s", ""),
        ),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else type(value).__name__,
)
def test_a_proxy_is_named_where_it_failed_and_the_app_where_that_did(
    scheme: str, error: Exception, expected: Told
) -> None:
    proxy = Proxy(Secret(f"{scheme}://me:secret@proxy.example"), "HTTPS_PROXY")
    assert told(from_foreign(error, URL, NETWORK, proxy)) == expected


class ReusedError(ConnectionResetError):
    """A kind of its own."""


def in_handling(first: Exception, second: Exception) -> Exception:
    """An error that was raised while another one was handled."""
    second.__context__ = first
    return second


def test_a_cause_is_found_wherever_an_error_keeps_it() -> None:
    cause = ReusedError("closed")
    for error in (
        cause,
        requests.ConnectionError(cause),
        requests.ConnectionError("words", cause),
        requests.ConnectionError(raised(ValueError(), KeyError()), cause),
        urllib3_errors.MaxRetryError(HTTPConnectionPool("app.example"), "/", cause),
        raised(ValueError(), cause),
        raised(ValueError(), raised(KeyError(), cause)),
        in_handling(cause, ValueError()),
    ):
        assert is_caused_by(error, ReusedError)
        assert is_caused_by(error, OSError)
        assert not is_caused_by(error, UnicodeError)


def test_the_place_has_no_credentials_and_needs_none() -> None:
    for url in (URL, "https://app.example:7860"):
        assert from_foreign(TimeoutError(), url, NETWORK).message.startswith("app.example:7860 ")


def test_errors_that_name_each_other_come_to_an_end() -> None:
    first, second = ValueError("first"), ValueError("the second")
    first.__cause__, second.__cause__ = second, first
    assert told(from_foreign(first, URL, NETWORK)) == (
        StreamBroken,
        "the connection to app.example:7860 broke: first",
        "",
    )


# HTTP statuses


def reply(status: int, reason: str | None = None, path: str = "/config", **headers: str) -> Any:
    response = requests.Response()
    response.status_code, response.reason = status, reason  # type: ignore[assignment]
    response.url = f"https://app.example{path}"
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


FROM = "from https://app.example"


@pytest.mark.parametrize(
    ("response", "body", "expected"),
    [
        (
            reply(404, "Not Found"),
            b'{"detail": "Not  Found\\n here"}',
            (HTTPFailed, f"HTTP 404 Not Found {FROM}/config: Not Found here", ""),
        ),
        (reply(500, "Server Error"), b"", (HTTPFailed, f"HTTP 500 Server Error {FROM}/config", "")),
        (reply(500), b"", (HTTPFailed, f"HTTP 500 {FROM}/config", "")),
        (reply(407, "Auth"), b"", (Refused, f"HTTP 407 Auth {FROM}/config", PROXY_LOGIN)),
        (reply(401, "No"), b"", (Refused, f"HTTP 401 No {FROM}/config", "the login's own hint")),
        (reply(403, "No"), b"", (Refused, f"HTTP 403 No {FROM}/config", "the login's own hint")),
        (
            reply(403, "No", "/gradio_api/file=/etc/passwd"),
            b'{"detail": "File not allowed"}',
            (
                Refused,
                f"HTTP 403 No {FROM}/gradio_api/file=/etc/passwd: File not allowed",
                "",
            ),
        ),
        (reply(403, "No", "/stream/a"), b"", (Refused, f"HTTP 403 No {FROM}/stream/a", "")),
        (
            reply(413, "Too Large"),
            b"",
            (
                HTTPFailed,
                f"HTTP 413 Too Large {FROM}/config",
                "the file is larger than the app allows",
            ),
        ),
        (reply(422), b'{"detail": "too  long"}', (AppError, "too  long", "")),
        (reply(422, "Bad"), b"", (HTTPFailed, f"HTTP 422 Bad {FROM}/config", "")),
        (reply(429, "Slow"), b"", (Busy, f"HTTP 429 Slow {FROM}/config", RETRY)),
        (reply(503, "Busy"), b"", (Busy, f"HTTP 503 Busy {FROM}/config", RETRY)),
    ],
    ids=lambda value: f"{value.status_code}" if isinstance(value, requests.Response) else "",
)
def test_a_status_is_told_with_what_to_do_about_it(
    response: requests.Response, body: bytes, expected: Told
) -> None:
    assert told(from_status(response, body, "the login's own hint")) == expected


def test_a_login_is_asked_for_where_no_hint_is_given() -> None:
    assert from_status(reply(401), b"").hint == LOGIN_HINT


@pytest.mark.parametrize("status", [404, 413, 422, 500])
def test_an_http_failure_has_its_status(status: int) -> None:
    failure = from_status(reply(status), b"")
    assert isinstance(failure, HTTPFailed)
    assert failure.status == status


@pytest.mark.parametrize(
    ("status", "body", "turned_away"),
    [
        (429, b"", True),
        (503, b'{"detail": "Queue is full"}', True),
        # A proxy may say so that lost the app after the job was queued.
        (503, b"", False),
        (503, b"<html>nginx</html>", False),
    ],
)
def test_only_the_app_itself_has_certainly_not_taken_a_job(
    status: int, body: bytes, turned_away: bool
) -> None:
    failure = from_status(reply(status), body)
    assert isinstance(failure, Busy)
    assert failure.turned_away is turned_away


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"detail": "words"}', "words"),
        (b'{"error": "words"}', "words"),
        (b'{"detail": null, "error": "words"}', "words"),
        (b'{"detail": "first", "error": "second"}', "first"),
        (b'{"detail": {"a": "words"}}', ""),
        (b'"words"', ""),
        (b"[1]", ""),
        (b"<html>", ""),
        (b"\xff", ""),
        pytest.param(b"[" * 100_000, "", id="nested"),
        (b'{"detail": [{"loc": ["body"], "msg": "field required"}]}', "field required"),
        (
            # What a validator returned, for each parameter (Gradio 6).
            b'{"detail": [{"is_valid": false, "message": "too long", "parameter_name": "text"},'
            b'{"is_valid": true, "message": "fits", "parameter_name": "n"},'
            b'{"is_valid": false, "message": "too large", "parameter_name": "size"}]}',
            "text: too long; size: too large",
        ),
        (b'{"detail": [{"message": "too long", "parameter_name": ""}]}', "too long"),
        (b'{"detail": [{"message": "", "parameter_name": "text"}]}', ""),
        (b'{"detail": [{"message": null, "msg": 5}]}', "5"),
        (b'{"detail": [{}, "words", null]}', ""),
        (b'{"detail": []}', ""),
    ],
)
def test_what_the_server_says_of_a_failure_is_passed_on(body: bytes, detail: str) -> None:
    said = f": {detail}" if detail else ""
    assert from_status(reply(400, "Bad Request"), body).message == (
        f"HTTP 400 Bad Request {FROM}/config{said}"
    )


DAY = 24 * 3600.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("5", 5.0),
        ("0", 0.0),
        ("0000000000000000005", 5.0),
        ("86399", 86399.0),
        ("86401", DAY),
        ("9" * 400, DAY),
        ("Tue, 14 Nov 2023 22:15:00 GMT", 100.0),
        ("Tue, 14 Nov 2023 22:13:00 GMT", 0.0),
        ("Fri, 14 Nov 2025 22:15:00 GMT", DAY),
        ("Tue, 99 Nov 2023 22:15:00 GMT", None),
        ("Tue, 14 Nov 99999999999 22:15:00 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_the_wish_to_wait_is_a_number_of_seconds_or_a_date(
    header: str | None, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_700_000_000.0  # 14 Nov 2023 22:13:20
    monkeypatch.setattr("gradio_curl.client.http_errors.time.time", lambda: now)
    headers = {} if header is None else {"Retry_After": header}
    failure = from_status(reply(429, **headers), b"")
    assert isinstance(failure, Busy)
    assert failure.retry_after == seconds


@pytest.mark.parametrize(
    ("limit", "after", "seconds"),
    [
        ('"api";r=0;t=55', None, 55.0),
        ('"api" ; r=0 ; t=55', None, 55.0),
        ('"api";r=0;t=99999', None, DAY),
        ('"api";r=7;t=55', None, None),
        ("none", None, None),
        ('"api";r=0;t=55', "5", 5.0),
    ],
)
def test_without_such_a_wish_the_limit_of_the_hub_tells_when_requests_are_left_again(
    limit: str, after: str | None, seconds: float | None
) -> None:
    headers = {"RateLimit": limit} | ({"Retry-After": after} if after else {})
    failure = from_status(reply(429, **headers), b"")
    assert isinstance(failure, Busy)
    assert failure.retry_after == seconds
