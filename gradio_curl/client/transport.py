"""One requests session: time limits, retries, TLS, credentials, foreign errors made ours.

Credentials (token, login, cookies, `--header`, client certificate) go to the app's own origin
only. Redirects are followed here, not by requests, which would turn a POST into a GET and carry
own headers along; `.netrc` is read here, since requests would let it replace the token.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.client import HTTPException
from typing import Any, BinaryIO, Literal, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3 import exceptions as urllib3_errors

from gradio_curl import __version__
from gradio_curl.client import urls
from gradio_curl.client.credentials import login_for, token_for
from gradio_curl.client.http_errors import from_foreign, from_status
from gradio_curl.client.multipart import FileBody
from gradio_curl.client.tls import check_files
from gradio_curl.errors import (
    Busy,
    ConnectFailed,
    Failure,
    HostNotFound,
    HTTPFailed,
    InputError,
    Refused,
    StreamBroken,
    TimedOut,
)
from gradio_curl.network import Network

READ_SIZE = 262144  # bytes; a download takes half as long again in pieces of 64 KB
LARGEST_JSON = 64 * 1024 * 1024  # bytes; the /config of a large app has a few million
_MAX_REDIRECTS = 10
_LONGEST_LIMIT = 2e6  # seconds; a socket counts milliseconds, in 31 bits
_FOREIGN = (
    requests.RequestException,
    urllib3_errors.HTTPError,
    HTTPException,
    OSError,
    UnicodeError,
)

_SECRET = ("authorization", "cookie", "proxy-authorization", "set-cookie")

Body = bytes | dict[str, str] | Callable[[], Any]
"""What a request carries: bytes, a form, or what makes a body that can be read once."""
_T = TypeVar("_T")


class _Bearer(AuthBase):
    """The token, or nothing: either way `.netrc` can't replace an Authorization header."""

    def __init__(self, token: str | None) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class _Session(requests.Session):
    """A session that does not look where a redirect leads: a malformed Location would raise."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: redirects are followed by Transport."""


class Transport:
    """Requests to one app, and to wherever its files are.

    Every method raises the failures of `errors`, never those of requests. `deadline`, on the
    monotonic clock, cuts every time limit short while it is set.
    """

    deadline: float | None = None
    logged_in: tuple[str, Literal["form", "basic"]] | None = None
    """Who is logged in to the app, and in which way; None before the app asked for a login."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._base = ""
        self._tried: set[str] = set()
        check_files(network)
        # SSL_CERT_FILE is OpenSSL's and curl's; the other variables requests knows itself.
        known = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self._authorities = network.cacert or known or os.environ.get("SSL_CERT_FILE")
        self._foreign = self._session()
        self._own = self._session()
        self._own.headers.update(network.headers or {})
        if network.cert:
            self._own.cert = (network.cert, network.key) if network.key else network.cert

    def close(self) -> None:
        """Close all connections."""
        self._own.close()
        self._foreign.close()

    def twin(self) -> Transport:
        """Another connection to the same app, logged in where this one is."""
        twin = Transport(self.network)
        twin.trust(self._base)
        twin._own.auth = self._own.auth
        twin._own.cookies.update(self._own.cookies)
        return twin

    def trust(self, url: str) -> None:
        """From now on credentials go to the origin of the app at `url`, and nowhere else."""
        if url != self._base:
            self._base = url
            self._tried.clear()
            self.logged_in = None
            self._own.auth = _Bearer(token_for(url, self.network.token))
            self._own.cookies.clear()

    def visit(self, url: str) -> None:
        """GET `url`, whatever it answers: that wakes a sleeping Space."""
        with suppress(Failure):
            self._send("GET", url).close()

    def get_json(self, url: str) -> tuple[Any, str]:
        """The JSON at `url`, and where redirects led. Repeated as `--retry` allows."""
        return self.repeated(lambda: self._json("GET", url), is_transient)

    def post_json(self, url: str, body: Any, *, timeout: float | None = None) -> Any:
        """POST `body` as JSON; gives the JSON that comes back. Never repeated."""
        raw = encode_body(body)
        headers = {"Content-Type": "application/json"}
        return self._json("POST", url, body=raw, headers=headers, timeout=timeout)[0]

    def submit(self, url: str, body: Any, *, own_only: bool = False) -> Any:
        """POST a job. Repeated only where it was certainly not accepted.

        With `own_only` no redirect carries it to another origin than the app's.
        """
        raw = encode_body(body)
        headers = {"Content-Type": "application/json"}
        attempt = partial(self._json, "POST", url, body=raw, headers=headers, own_only=own_only)
        return self.repeated(attempt, _not_taken)[0]

    def upload(self, url: str, name: str, file: BinaryIO, sent: Callable[[int], None]) -> Any:
        """POST `file` as the multipart field `files`, streamed; `sent` is told the bytes so far."""
        boundary = os.urandom(16).hex()
        body = partial(FileBody, boundary, name, file, sent)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        attempt = partial(self._json, "POST", url, body=body, headers=headers)
        return self.repeated(attempt, _not_taken)[0]

    @contextmanager
    def stream(
        self, url: str, accept: str = "*/*", encoding: str | None = None
    ) -> Iterator[requests.Response]:
        """GET `url`; read it with `chunks`. The connection is closed at the end."""
        headers = {"Accept": accept} | ({"Accept-Encoding": encoding} if encoding else {})
        response = self._send("GET", url, headers=headers)
        try:
            self._check(response)
            yield response
        finally:
            response.close()

    def chunks(self, response: requests.Response, decode: bool = True) -> Iterator[bytes]:
        """The body as it arrives: `read1` holds nothing back, chunked or not.

        Without `decode`, what is compressed stays so.
        """
        body, empty = response.raw, True
        with self._ours(response.url):
            while data := body.read1(READ_SIZE, decode_content=decode):
                empty = False
                yield data
            if empty and body.length_remaining is None and not body.chunked:
                # Python reads headers that are cut short as if they were whole.
                raise ConnectionResetError

    def _json(self, method: str, url: str, **options: Any) -> tuple[Any, str]:
        response = self._send(method, url, **options)
        try:
            self._check(response)
            raw = bytearray()
            for data in self.chunks(response):
                raw += data
                if len(raw) > LARGEST_JSON:
                    raise HTTPFailed(f"{url} answers with more than {LARGEST_JSON} bytes")
        finally:
            response.close()
        try:
            return json.loads(bytes(raw)), response.url
        except (ValueError, RecursionError) as error:
            kind = response.headers.get("Content-Type", "something").partition(";")[0]
            raise HTTPFailed(f"{url} answers with {kind}, not with JSON") from error

    def _check(self, response: requests.Response) -> None:
        if response.status_code >= 400:
            body = b""
            with suppress(*_FOREIGN), closing(response):
                body = response.raw.read(READ_SIZE, decode_content=True)
            raise from_status(response, body)

    def repeated(
        self, attempt: Callable[[], _T], repeatable: Callable[[Failure], bool], unasked: int = 0
    ) -> _T:
        """Repeat `attempt` after a failure that is `repeatable`, as often as `--retry` allows.

        At least `unasked` times; those beyond what was asked for are only logged.
        """
        for tried in range(max(self.network.retry, unasked)):
            try:
                return attempt()
            except Failure as failure:
                if not repeatable(failure):
                    raise
                wish = failure.retry_after if isinstance(failure, Busy) else None
                pause = min(2.0**tried, 60) * random.uniform(0.25, 0.5) if wish is None else wish
                report = self.network.tell if tried < self.network.retry else self._log
                report(f"{failure.message}; trying again in {pause:.1f} s")
                time.sleep(pause)
        return attempt()

    def _send(
        self,
        method: str,
        url: str,
        *,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        own_only: bool = False,
    ) -> requests.Response:
        """Send a request wherever redirects lead, logging in where the app asks for that."""
        try:
            url = urls.checked(url)
        except ValueError as error:
            shown = urls.without_password(url)
            raise HTTPFailed(f"the app names {shown!r}, not a valid URL: {error}") from None
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._request(method, url, body, headers, timeout)
            if response.status_code == 401 and self._log_in(response):
                continue
            if not response.is_redirect:
                return response
            response.close()
            if response.status_code == 303:
                method, body = "GET", None
            target = self._redirected(url, response.headers["Location"])
            if self._is_own(url) and _upgrades(urlsplit(url), urlsplit(target)):
                self.trust(self._base.replace("http", "https", 1))
            if own_only and body is not None and not self._is_own(target):
                raise HTTPFailed(f"{url} redirects to another host: the OAuth token stays here")
            url = target
        raise HTTPFailed(f"more than {_MAX_REDIRECTS} redirects, the last one to {url}")

    def _redirected(self, url: str, location: str) -> str:
        """Where a redirect leads; user and password in it are not the user's own."""
        try:
            return urls.checked(urljoin(url, urls.quoted(location)))
        except ValueError as error:
            shown = urls.without_password(location)
            raise HTTPFailed(f"{url} redirects to {shown!r}, not a valid URL: {error}") from None

    def _request(
        self,
        method: str,
        url: str,
        body: Body | None,
        headers: Mapping[str, str] | None,
        timeout: float | None,
    ) -> requests.Response:
        session = self._own if self._is_own(url) else self._foreign
        proxy = self.network.proxy
        started = time.monotonic()
        self._log(f"> {method} {url}")
        with self._ours(url):
            response = session.request(
                method,
                url,
                data=body() if callable(body) else body,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=self._limits(timeout),
                # These two are given here, for requests lets variables win over the session's.
                verify=not self.network.insecure and self._authorities,
                proxies=None if proxy is None else {"http": proxy, "https": proxy},
            )
        own = [name.lower() for name in self.network.headers or ()]
        self._log_headers(">", response.request.headers, (*_SECRET, *own))
        elapsed = (time.monotonic() - started) * 1000
        self._log(f"< {response.status_code} {response.reason} ({elapsed:.0f} ms)")
        self._log_headers("<", response.headers, _SECRET)
        return response

    def _limits(self, timeout: float | None) -> tuple[float, float]:
        left = _LONGEST_LIMIT
        if self.deadline is not None:
            left = min(max(self.deadline - time.monotonic(), 0.01), left)
        limits = (timeout or self.network.connect_timeout, timeout or self.network.idle_timeout)
        return min(limits[0], left), min(limits[1], left)

    def _is_own(self, url: str) -> bool:
        return bool(self._base) and urls.origin(url) == urls.origin(self._base)

    def _log_in(self, refused: requests.Response) -> bool:
        """Answer a 401 of the app, once in each way: a proxy's Basic, Gradio's own login."""
        basic = refused.headers.get("WWW-Authenticate", "").lower().startswith("basic")
        way = "basic" if basic else "login"
        if way in self._tried or not self._is_own(refused.url):
            return False
        self._tried.add(way)
        login = login_for(self._base, self.network.login)
        if login is None:
            return False
        user, password = login[0], login[1]
        if password is None:
            password = self.network.ask(user)
        refused.close()
        if basic:
            if isinstance(self._own.auth, _Bearer) and self._own.auth.token:
                return False
            self._own.auth = HTTPBasicAuth(user.encode(), password.encode())
            self.logged_in = user, "basic"
            return True
        # Never redirected: the password is for this place alone.
        form = {"username": user, "password": password}
        reply = self._request("POST", f"{self._base}/login", form, None, None)
        reply.close()
        if reply.status_code in (400, 401, 403):
            raise Refused(f"{self._base} refuses the login of {user}", "wrong user or password")
        if reply.ok:
            self.logged_in = user, "form"
        return reply.ok

    def _session(self) -> requests.Session:
        session = _Session()
        session.headers["User-Agent"] = f"gradio-curl/{__version__}"
        session.auth = _Bearer(None)
        if self.network.insecure:
            import urllib3

            urllib3.disable_warnings(urllib3_errors.InsecureRequestWarning)
        return session

    @contextmanager
    def _ours(self, url: str) -> Iterator[None]:
        try:
            yield
        except Failure:
            raise
        except _FOREIGN as error:
            raise from_foreign(error, url, self.network) from error

    def _log_headers(self, mark: str, headers: Mapping[str, str], masked: tuple[str, ...]) -> None:
        for name, value in headers.items():
            self._log(f"{mark} {name}: {'***' if name.lower() in masked else value}")

    def _log(self, line: str) -> None:
        if self.network.log:
            self.network.log(line)


def encode_body(body: Any) -> bytes:
    """JSON for a request. Raises InputError for NaN and numbers that are infinite."""
    try:
        return json.dumps(body, allow_nan=False).encode()
    except ValueError as error:
        raise InputError(f"the values can't be sent as JSON: {error}") from error


def is_transient(failure: Failure) -> bool:
    """Whether the same read may succeed a little later."""
    if isinstance(failure, HTTPFailed):
        return failure.status is not None and failure.status >= 500
    return isinstance(failure, Busy | ConnectFailed | HostNotFound | StreamBroken | TimedOut)


def _not_taken(failure: Failure) -> bool:
    """Whether a request certainly did not reach the app, or was turned away by it."""
    if isinstance(failure, Busy):
        return failure.turned_away
    # A TLS error may also come when the request was sent.
    return isinstance(failure, ConnectFailed) and not isinstance(
        failure.__cause__, requests.exceptions.SSLError
    )


def _upgrades(old: SplitResult, new: SplitResult) -> bool:
    """A redirect from http to https on the same host, both on their standard ports."""
    return (
        (old.scheme, new.scheme) == ("http", "https")
        and old.hostname == new.hostname
        and (old.port or 80, new.port or 443) == (80, 443)
    )
