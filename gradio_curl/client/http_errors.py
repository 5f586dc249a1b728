"""What requests, urllib3 and HTTP statuses report, as failures of ours: the most specific one."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3 import exceptions as urllib3_errors

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

_PROXY_HINT = "give --proxy http://USER:PASSWORD@HOST:PORT"
_MALFORMED = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidProxyURL,
    urllib3_errors.LocationValueError,
    UnicodeError,
)


def from_foreign(error: BaseException, url: str, network: Network) -> Failure:
    """The failure behind an error of requests or urllib3 for a request to `url`."""
    place = _place(url)
    if any(isinstance(cause, urllib3_errors.ProxyError) for cause in _causes(error)):
        place = "the proxy"
    for cause in _causes(error):
        match cause:
            case requests.exceptions.InvalidSchema() if "SOCKS" in str(cause):
                return InputError("a socks proxy needs: pip install 'gradio-curl[socks]'")
            case OSError() if "Tunnel connection failed: 407" in str(cause):
                return Refused(f"{place} wants a login", _PROXY_HINT)
            case ssl.SSLCertVerificationError():
                hint = "--cacert FILE trusts its authority, --insecure does without"
                return Untrusted(
                    f"the certificate of {place} is not trusted: {cause.verify_message}", hint
                )
            case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
                return StreamBroken(f"{place} closed the connection")
            case ssl.SSLError(reason=str(reason)) if _wants_certificate(reason):
                return Refused(
                    f"{place} wants a client certificate: {reason}", "--cert FILE, --key FILE"
                )
            case ssl.SSLError():
                hint = "it may want a client certificate: --cert FILE, --key FILE"
                if "HANDSHAKE_FAILURE" not in str(cause.reason):
                    hint = f"is it plain http? then say http://{place}"
                return ConnectFailed(f"no TLS with {place}: {cause.reason or cause}", hint)
            case urllib3_errors.NameResolutionError() | socket.gaierror():
                return HostNotFound(f"{_host(place, network)} does not resolve")
            case urllib3_errors.NewConnectionError():
                continue  # a ConnectTimeoutError by inheritance only: what caused it comes next
            case urllib3_errors.ConnectTimeoutError():
                return TimedOut(f"{place} did not answer within {network.connect_timeout:g} s")
            case urllib3_errors.ReadTimeoutError() | TimeoutError():
                return TimedOut(f"{place} sent nothing for {network.idle_timeout:g} s")
            case IncompleteRead():
                hint = "the app may have been stopped, or a proxy gave up"
                return StreamBroken(f"{place} broke off in the middle of its reply", hint)
            case ConnectionRefusedError():
                hint = "is the app running?" if place != "the proxy" else ""
                return ConnectFailed(f"{place} refused the connection", hint)
            case ConnectionResetError() | BrokenPipeError():
                return StreamBroken(f"{place} closed the connection")
    for cause in _causes(error):
        match cause:
            case urllib3_errors.NewConnectionError() | urllib3_errors.ProxyError():
                return ConnectFailed(f"no connection to {place}: {_reason(cause)}")
            case _ if isinstance(cause, _MALFORMED):
                what = "the proxy's address" if network.proxy else url
                return MalformedURL(f"{what} is no URL: {cause}")
    return StreamBroken(f"the connection to {place} broke: {_reason(error)}")


def from_status(response: requests.Response, body: bytes) -> Failure:
    """The failure behind an HTTP status of 400 or more."""
    status = response.status_code
    detail = _detail(body)
    url = response.url
    said = f": {detail}" if detail else ""
    told = f"HTTP {status} {response.reason or ''}".rstrip() + f" from {url}{said}"
    match status:
        case 407:
            return Refused(told, _PROXY_HINT)
        case 401 | 403:
            return Refused(told, "give --auth USER:PASSWORD for a login, --token for a Space")
        case 413:
            return HTTPFailed(told, "the file is larger than the app allows", status)
        case 422 if detail:
            return AppError(detail)
        case 429 | 503:
            # A 503 without words may come from a proxy that lost the app after it took the job.
            wish = _seconds(response.headers.get("Retry-After"))
            return Busy(told, retry_after=wish, turned_away=status == 429 or bool(detail))
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


def _wants_certificate(reason: str) -> bool:
    """Whether the other side's alert is about our certificate, or about having none."""
    return "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason)


def _seconds(value: str | None) -> float | None:
    """`Retry-After`, a number or a date, in seconds from now."""
    if value and value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        left = parsedate_to_datetime(value or "").timestamp() - time.time()
        return min(max(0.0, left), 1e9)  # no clock sleeps until the year 9999
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
    """The innermost words, without the names of objects that urllib3 puts before them."""
    words = [str(cause) for cause in _causes(error) if str(cause)]
    return min(words, key=len).rpartition("object at 0x")[2] if words else type(error).__name__


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or url


def _host(place: str, network: Network) -> str:
    unsure = network.proxy and place != "the proxy"
    return f"{place} (or the proxy)" if unsure else place
