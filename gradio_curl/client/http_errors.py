"""What requests, urllib3 and HTTP statuses report, as failures of ours: the most specific one."""

from __future__ import annotations

import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from http.client import BadStatusLine, IncompleteRead
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from urllib3 import exceptions as urllib3_errors

from gradio_curl.client.proxies import Proxy
from gradio_curl.client.urls import without_password
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
from gradio_curl.network import Network
from gradio_curl.protocol.events import RETRY

LOGIN_HINT = "give --auth USER:PASSWORD for a login, --token for a Space"
WAIT_HINT = "--wait SECONDS waits until it runs"
_FILE_ROUTE = re.compile("/(?:file=|stream/)")
_LONGEST_RETRY_AFTER = 24 * 3600.0  # seconds
# The Hub's `RateLimit: "api";r=0;t=55`: no request is left, for so many seconds.
_RATE_LIMIT = re.compile(r";\s*r=0\s*;\s*t=(\d+)", re.ASCII)
_PROXY_HINT = "give --proxy http://USER:PASSWORD@HOST:PORT"
# By their names, since PySocks is an extra.
_SOCKS_LOGIN = "SOCKS5AuthError"
_SOCKS_REACHED = ("GeneralProxyError", "SOCKS4Error", "SOCKS5Error")


class _At(NamedTuple):
    """What a request was for: the server or proxy that failed, its URL, the limits."""

    place: str
    url: str
    network: Network
    by_proxy: bool


def _untrusted(cause: Any, at: _At) -> Failure:
    hint = "--cacert FILE trusts its authority, --insecure trusts any certificate"
    said = getattr(cause, "verify_message", cause)
    return Untrusted(f"the certificate of {at.place} is not trusted: {said}", hint)


def _no_tls(cause: Any, at: _At) -> Failure:
    # Errors of Python itself, such as that a socket was closed, have no `reason`.
    reason = getattr(cause, "reason", None) or cause.args[-1]
    told = f"no TLS with {at.place}: {reason}"
    if "ALERT" not in reason:
        plain = "give its address with http://" if at.by_proxy else f"use http://{at.place}"
        return ConnectFailed(told, f"is it plain http? then {plain}")
    # The other side's alert, about our certificate or about having none.
    if "CERTIFICATE" in reason or "UNKNOWN_CA" in reason:
        return Refused(f"{at.place} wants a client certificate: {reason}", "--cert FILE --key FILE")
    hint = "it may want a client certificate: --cert FILE --key FILE"
    return ConnectFailed(told, hint if "HANDSHAKE_FAILURE" in reason else "")


def _unresolved(cause: Any, at: _At) -> Failure:
    return HostNotFound(f"{at.place} does not resolve")


def _not_connected(cause: Any, at: _At) -> Failure:
    return TimedOut(f"{at.place}: no connection within {at.network.connect_timeout:g} s")


def _silent(cause: Any, at: _At) -> Failure:
    return TimedOut(f"{at.place} sent nothing for {at.network.idle_timeout:g} s")


def _cut_off(cause: Any, at: _At) -> Failure:
    hint = "the app may have been stopped, or a proxy gave up"
    return StreamBroken(f"{at.place} broke off in the middle of its reply", hint)


def _not_unpacked(cause: Any, at: _At) -> Failure:
    return StreamBroken(f"{at.place} sent a compressed reply that can't be unpacked")


def _not_http(cause: Any, at: _At) -> Failure:
    return StreamBroken(f"{at.place} sent what is not HTTP: {' '.join(str(cause).split())}")


def _connection_refused(cause: Any, at: _At) -> Failure:
    hint = "" if at.by_proxy else "is the app running?"
    return ConnectFailed(f"{at.place} refused the connection", hint)


def _closed(cause: Any, at: _At) -> Failure:
    return StreamBroken(f"{at.place} closed the connection")


def _proxy_login(cause: Any, at: _At) -> Failure | None:
    if "Tunnel connection failed: 407" in str(cause):
        return Refused(f"{at.place} wants a login", _PROXY_HINT)
    if type(cause).__name__ == _SOCKS_LOGIN:
        return Refused(f"{at.place} wants a login", _PROXY_HINT.replace("http", "socks5"))
    return None


def _no_socks(cause: Any, at: _At) -> Failure | None:
    if "SOCKS" in str(cause):
        return InputError("a socks proxy needs: pip install 'gradio-curl[socks]'")
    return None


def _unreachable(cause: Any, at: _At) -> Failure:
    return ConnectFailed(f"no connection to {at.place}: {_reason(cause)}")


def _malformed(cause: Any, at: _At) -> Failure:
    return MalformedURL(f"{without_password(at.url)!r} is not a valid URL")


def _unspecific(cause: Any, at: _At) -> None:
    """What caused it says more."""


_Row = Callable[[Any, _At], Failure | None]
# The nearest class of an error decides, so the order of the rows does not matter.
_TELLING: dict[type[BaseException], _Row] = {
    ssl.SSLCertVerificationError: _untrusted,
    ssl.SSLEOFError: _closed,
    ssl.SSLZeroReturnError: _closed,
    ssl.SSLError: _no_tls,
    urllib3_errors.NameResolutionError: _unresolved,
    socket.gaierror: _unresolved,
    urllib3_errors.NewConnectionError: _unspecific,  # a ConnectTimeoutError by inheritance only
    urllib3_errors.ConnectTimeoutError: _not_connected,
    urllib3_errors.ReadTimeoutError: _silent,
    TimeoutError: _silent,
    IncompleteRead: _cut_off,
    urllib3_errors.DecodeError: _not_unpacked,
    BadStatusLine: _not_http,
    ConnectionRefusedError: _connection_refused,
    ConnectionResetError: _closed,
    BrokenPipeError: _closed,
    OSError: _proxy_login,
    requests.exceptions.InvalidSchema: _no_socks,
}
# Asked where no cause of the error is in the first.
_GENERAL: dict[type[BaseException], _Row] = {
    urllib3_errors.NewConnectionError: _unreachable,
    urllib3_errors.ProxyError: _unreachable,
    requests.exceptions.InvalidURL: _malformed,
    requests.exceptions.InvalidSchema: _malformed,
    requests.exceptions.MissingSchema: _malformed,
    urllib3_errors.LocationValueError: _malformed,
    UnicodeError: _malformed,
}


def from_foreign(
    error: BaseException, url: str, network: Network, proxy: Proxy | None = None
) -> Failure:
    """The failure behind an error of requests or urllib3 for a request to `url`."""
    by_proxy = proxy is not None and _is_by_proxy(error, proxy)
    place = str(proxy) if by_proxy else urlsplit(url).netloc.rpartition("@")[2]
    at = _At(place, url, network, by_proxy)
    for table in (_TELLING, _GENERAL):
        for cause in _causes(error):
            row = next((table[kind] for kind in type(cause).__mro__ if kind in table), None)
            if row and (failure := row(cause, at)):
                return failure
    return StreamBroken(f"the connection to {place} broke: {_reason(error)}")


def _is_by_proxy(error: BaseException, proxy: Proxy) -> bool:
    """Whether the proxy itself failed, and not what is behind it."""
    if proxy.address.reveal().startswith("socks"):
        kinds = {type(cause).__name__ for cause in _causes(error)}
        is_connecting = is_caused_by(error, urllib3_errors.NewConnectionError)
        return is_connecting and kinds.isdisjoint(_SOCKS_REACHED)
    return is_caused_by(error, urllib3_errors.ProxyError)


def is_caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    """Whether an error of this kind is behind `error`."""
    return any(isinstance(cause, kind) for cause in _causes(error))


def from_status(response: requests.Response, body: bytes, login_hint: str = LOGIN_HINT) -> Failure:
    """The failure behind an HTTP status of 400 or more; `login_hint` is for a 401 or 403."""
    status = response.status_code
    detail = _detail(body)
    url = response.url
    said = f": {' '.join(detail.split())}" if detail else ""
    told = f"HTTP {status} {response.reason or ''}".rstrip() + f" from {url}{said}"
    match status:
        case 407:
            return Refused(told, _PROXY_HINT)
        case 401:
            return Refused(told, login_hint)
        case 403:
            # A file that the app does not serve is none that a login would open.
            return Refused(told, "" if _FILE_ROUTE.search(url) else login_hint)
        case 413:
            return HTTPFailed(told, "the file is larger than the app allows", status)
        case 422 if detail:
            return AppError(detail)
        case 429 | 503:
            # A 503 without words may come from a proxy that lost the app after it took the job.
            wish = _wished_pause(response.headers)
            return Busy(told, RETRY, retry_after=wish, turned_away=status == 429 or bool(detail))
        case _:
            return HTTPFailed(told, status=status)


def _detail(body: bytes) -> str:
    """What the server says of it: FastAPI's `detail`, or a validator's messages (Gradio 6)."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    detail = value.get("detail") or value.get("error") if isinstance(value, dict) else None
    if isinstance(detail, list):
        return "; ".join(filter(None, map(_message, detail)))
    return detail if isinstance(detail, str) else ""


def _message(part: Any) -> str:
    if not isinstance(part, dict) or part.get("is_valid") is True:
        return ""
    message = str(part.get("message") or part.get("msg") or "")
    name = part.get("parameter_name")
    return f"{name}: {message}" if name and message else message


def _wished_pause(headers: Mapping[str, str]) -> float | None:
    """In how many seconds the server wants to be asked again, if it tells."""
    limit = _RATE_LIMIT.search(headers.get("RateLimit", ""))
    return _seconds(headers.get("Retry-After", limit[1] if limit else None))


def _seconds(value: str | None) -> float | None:
    """`Retry-After`, a number or a date, in seconds from now; a day at most."""
    if value and value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_RETRY_AFTER)
    try:
        left = parsedate_to_datetime(value or "").timestamp() - time.time()
        return min(max(0.0, left), _LONGEST_RETRY_AFTER)
    except (OverflowError, ValueError):
        return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it wraps and what it came from, outermost first."""
    seen: set[int] = set()
    pending: list[Any] = [error]
    while pending:
        cause = pending.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            reason = getattr(cause, "reason", None)
            pending += [*cause.args, reason, cause.__cause__, cause.__context__]


def _reason(error: BaseException) -> str:
    """The innermost words, which are the shortest."""
    # What a server said may be in them, line ends and all.
    words = [" ".join(str(cause).split()) for cause in _causes(error)]
    return min(filter(None, words), key=len, default=type(error).__name__)
