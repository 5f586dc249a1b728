"""Requests to one app: JSON, uploads and streams, with every error made ours.

Credentials (token, login, cookies, `--header`, client certificate) go to the app's own origin
only. Redirects are followed here, not by requests, which would turn a POST into a GET and carry
own headers along; `.netrc` is read here, since requests would let it replace the token.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from http.client import HTTPException
from typing import Any, TypeVar

import requests
from urllib3 import exceptions as urllib3_errors

from gradio_curl import __version__
from gradio_curl.client import urls
from gradio_curl.client.connections import Adapter, Connections, ReusedConnectionClosed
from gradio_curl.client.deadline import Expired, run_within
from gradio_curl.client.exchange_log import Exchange
from gradio_curl.client.http_errors import from_foreign, from_status, is_caused_by
from gradio_curl.client.login import REJECTED, Credentials, LoggedIn, Login
from gradio_curl.client.multipart import FilesBody, Part
from gradio_curl.client.proxies import Proxy, proxy_for
from gradio_curl.client.redirects import MAX_REDIRECTS, elsewhere, is_upgrade, location
from gradio_curl.client.retries import (
    MAY_RUN,
    is_transient,
    repeated,
    safe_to_listen_again,
    safe_to_resend,
)
from gradio_curl.client.side_by_side import AT_ONCE
from gradio_curl.client.tls import authorities, check_files
from gradio_curl.errors import Failure, HTTPFailed, InputError, Refused, Stop, TimedOut
from gradio_curl.masking import hide
from gradio_curl.network import Network
from gradio_curl.protocol.json_errors import has_long_number, why_invalid

READ_SIZE = 262144  # bytes; a download takes half as long again in pieces of 64 KB
LARGEST_JSON = 64 * 1024 * 1024  # bytes; the /config of a large app has a few million
_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")
_SOON = 0.1  # seconds for what a server sends right behind its last event
_PARTS_LEFT = 3  # of it: an event that says so, and the end of the chunks
_LONGEST_LIMIT = 2e6  # seconds; a socket counts milliseconds, in 31 bits
_FOREIGN = (
    requests.RequestException,
    urllib3_errors.HTTPError,
    HTTPException,
    OSError,
    UnicodeError,
)

Body = bytes | dict[str, str] | Callable[[], Any]
"""What a request carries: bytes, a form, or what makes a body that can be read once."""
_T = TypeVar("_T")


class _Session(requests.Session):
    """A session that does not look where a redirect leads: a malformed Location would raise."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: `Transport` follows redirects."""


class Transport:
    """Requests to the app at `base`, and to wherever its files are.

    Credentials go to the origin of the app and nowhere else. Every method raises the failures of
    `errors`, never those of requests.
    """

    _authorities: bool | str | None = None
    _deadline: float | None = None

    def __init__(self, network: Network, base: str) -> None:
        check_files(network)
        self.network = network
        self._base = base
        self._login = Login(base, network)
        self._connections = Connections(min(network.idle_timeout, _LONGEST_LIMIT))
        self._foreign = self._session()
        self._own = self._session()
        self._told: set[str] = set()  # where data went that was redirected
        self._own.auth = self._login.credentials
        if network.cert:
            self._own.cert = (network.cert, network.key) if network.key else network.cert

    def close(self) -> None:
        """Close all connections."""
        self._own.close()
        self._foreign.close()

    def leave(self) -> None:
        """Break off whatever is under way, in any thread, and begin nothing more."""
        self._connections.leave()

    def clone(self) -> Transport:
        """Another connection to the same app, logged in where this one is."""
        clone = Transport(self.network, self._base)
        clone._login, clone._told = self._login, self._told
        clone._own.auth = self._own.auth
        clone._own.cookies.update(self._own.cookies)
        return clone

    @property
    def logged_in(self) -> LoggedIn | None:
        """Who is logged in to the app, and in which way; None before the app asked for a login."""
        return self._login.logged_in

    @property
    def has_cookies(self) -> bool:
        """Whether the app has set cookies: by a login, or to know which replica answers."""
        return bool(self._own.cookies)

    def visit(self, url: str, deadline: float | None = None) -> None:
        """GET `url`, whatever it answers by `deadline`: that wakes a sleeping Space."""
        with suppress(Failure), self._by(deadline):
            self._send("GET", url).close()

    def get_json(self, url: str, deadline: float | None = None) -> tuple[Any, str]:
        """The JSON at `url`, and where redirects led. Repeated as `--retry` allows.

        Raises TimedOut at `deadline`, on the monotonic clock, however slowly bytes come.
        """
        with self._by(deadline):
            return self.repeated(lambda: self._json("GET", url), is_transient)

    def post_json(self, url: str, body: Any) -> Any:
        """POST `body` as JSON; gives the JSON that comes back. Never repeated."""
        headers = {"Content-Type": "application/json"}
        return self._json("POST", url, body=encode_body(body), headers=headers)[0]

    def within(self, seconds: float, work: Callable[[], _T]) -> _T:
        """The result of `work`. Raises TimedOut after `seconds`, whatever it waits for."""
        try:
            return run_within(seconds, work)
        except Expired:
            limit = f"{round(seconds, 1):g} s"
            raise TimedOut(f"{self._base} did not answer within {limit}") from None

    @contextmanager
    def _by(self, deadline: float | None) -> Iterator[None]:
        self._deadline = deadline
        try:
            yield
        finally:
            self._deadline = None

    def _left(self) -> float:
        """Seconds up to the deadline; infinite where there is none."""
        if self._deadline is None:
            return math.inf
        return max(self._deadline - time.monotonic(), 0.01)

    def _in_time(self, work: Callable[[], _T]) -> _T:
        """The result of `work`, by the deadline if there is one. Not for what asks the user."""
        return work() if self._deadline is None else self.within(self._left(), work)

    def _read_in_time(self, response: requests.Response, read: Callable[[], _T]) -> _T:
        """What `read` gives of a reply that is closed afterwards.

        A thread that reads has the lock of the reply's buffer, and closing the reply waits for it,
        deaf to signals. So the thread is woken before anything here goes on without it.
        """
        try:
            return self._in_time(read)
        except BaseException:
            with suppress(OSError, RuntimeError, ValueError):
                response.raw.shutdown()
            raise

    def submit(self, url: str, body: Any, *, own_only: bool = False) -> Any:
        """POST a job. Repeated only where it was certainly not accepted.

        With `own_only` it goes to the app's own origin or nowhere. A Stop while its answer is
        awaited gets a hint: without an id the job can't be cancelled.
        """
        raw = encode_body(body)
        headers = {"Content-Type": "application/json"}

        def attempt() -> tuple[Any, str]:
            try:
                return self._json("POST", url, body=raw, headers=headers, own_only=own_only)
            except Stop as stop:
                stop.hint = (
                    "the app may have taken the job, which can't be cancelled without its id"
                )
                raise

        return self.repeated(attempt, safe_to_resend, why_not=MAY_RUN)[0]

    def upload(self, url: str, parts: Sequence[Part]) -> Any:
        """POST files as the multipart fields `files`, streamed."""
        boundary = os.urandom(16).hex()
        body = partial(FilesBody, boundary, parts)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        attempt = partial(self._json, "POST", url, body=body, headers=headers)
        return self.repeated(attempt, safe_to_resend, why_not=MAY_RUN)[0]

    @contextmanager
    def stream(
        self, url: str, accept: str = "*/*", encoding: str | None = None
    ) -> Iterator[requests.Response]:
        """GET `url`; read it with `chunks`. The connection is closed at the end."""
        headers = {"Accept": accept} | ({"Accept-Encoding": encoding} if encoding else {})
        with closing(self._send("GET", url, headers=headers)) as response:
            self._check(response)
            yield response

    @contextmanager
    def events(self, url: str) -> Iterator[requests.Response]:
        """GET the events at `url`, as `stream` does; repeated where none of them is lost."""
        with ExitStack() as stack:
            opened = partial(self.stream, url, accept="text/event-stream")
            yield self.repeated(lambda: stack.enter_context(opened()), safe_to_listen_again)

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

    def read_on(self, response: requests.Response) -> None:
        """Read the little that is left of a reply: its connection then serves the next request.

        Where that does not come at once the reply stays as it is, to be closed.
        """
        connection = response.raw.connection
        if connection is None or connection.sock is None:
            return
        sock = connection.sock
        with suppress(*_FOREIGN):
            sock.settimeout(_SOON)
            for _ in range(_PARTS_LEFT):
                if not response.raw.read1(READ_SIZE, decode_content=True):
                    break
        with suppress(OSError):
            sock.settimeout(self._connections.idle_timeout)

    def _json(self, method: str, url: str, **options: Any) -> tuple[Any, str]:
        response = self._send(method, url, **options)
        with closing(response):
            self._check(response, is_app=True)
            with suppress(MemoryError):
                raw = self._read_in_time(response, partial(self._whole_body, response))
                return self._parsed(response, raw), response.url
        # Raised here, where nothing keeps what took the memory.
        raise HTTPFailed(f"{response.url} returned more JSON than there is memory for")

    def _parsed(self, response: requests.Response, raw: bytes) -> Any:
        url = response.url
        try:
            return json.loads(raw)
        except RecursionError as error:
            raise HTTPFailed(f"{url} returned JSON that is nested too deeply") from error
        except ValueError as error:
            if has_long_number(error):
                raise HTTPFailed(f"{url} returned JSON in which {why_invalid(error)}") from error
            kind = response.headers.get("Content-Type", "").partition(";")[0]
            what = "invalid JSON" if "json" in kind else f"{kind or 'something'} instead of JSON"
            raise HTTPFailed(f"{url} returned {what}") from error

    def _whole_body(self, response: requests.Response) -> bytes:
        raw = bytearray()
        for data in self.chunks(response):
            raw += data
            if len(raw) > LARGEST_JSON:
                limit = LARGEST_JSON // 2**20
                raise HTTPFailed(f"{response.url} returned more than {limit} MiB of JSON")
        return bytes(raw)

    def _check(self, response: requests.Response, is_app: bool = False) -> None:
        """Raise the failure behind a status of 400 or more; `is_app`: an app is to answer there."""
        if response.status_code >= 400:
            body = b""
            read = partial(response.raw.read, READ_SIZE, decode_content=True)
            with closing(response), suppress(*_FOREIGN):
                body = self._read_in_time(response, read)
            if self._is_own(response.url):
                hint = self._login.hint(response.status_code)
            else:
                hint = self._login.hint_elsewhere(response.url, is_app)
            raise from_status(response, body, hint)

    def repeated(
        self,
        attempt: Callable[[], _T],
        repeatable: Callable[[Failure], bool],
        unasked: int = 0,
        why_not: str = "",
    ) -> _T:
        """Repeat `attempt` after a failure that is `repeatable`, as often as `--retry` allows.

        At least `unasked` times; those beyond what was asked for are only logged. `why_not` is told
        of a failure that is not repeatable.
        """
        reports = [self.network.tell] * self.network.retry
        reports += [self.network.log or _not_told] * (unasked - len(reports))

        def is_repeatable(failure: Failure) -> bool:
            return repeatable(failure) and not self._connections.are_left

        return repeated(attempt, is_repeatable, reports, self._deadline, why_not)

    def _send(
        self,
        method: str,
        url: str,
        *,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        own_only: bool = False,
    ) -> requests.Response:
        """Send a request wherever redirects lead, logging in where the app asks for that."""
        try:
            url = urls.checked(url)
        except ValueError as error:
            shown = urls.without_password(url)
            raise HTTPFailed(f"the app names {shown!r}, not a valid URL: {error}") from None
        visited: list[str] = []
        for _ in range(MAX_REDIRECTS + 1):
            visited.append(url)
            if own_only and body is not None and not self._is_own(url):
                # Where /config was redirected, the very first URL is of another origin.
                said = f"{url} is not at the origin of {self._base}: it gets no OAuth token"
                raise Refused(said, "give the URL of the app itself")
            response = self._request(method, url, body, headers)
            if response.status_code == 401 and self._log_in(response):
                continue
            status, header = response.status_code, response.headers.get("Location")
            target = location(url, status, header, has_body=body is not None)
            if target is None:
                return response
            response.close()
            if status == 303:
                method, body = "GET", None
            elif body is not None:
                self._tell_of_data(url, target)
            if self._is_own(url) and is_upgrade(url, target):
                self._use_https()
            url = target
        if url in visited:
            raise HTTPFailed(f"{url} redirects in a circle", status=status)
        told = f"{visited[0]} redirects more than {MAX_REDIRECTS} times, the last time to {url}"
        raise HTTPFailed(told, status=status)

    def _tell_of_data(self, url: str, target: str) -> None:
        """Say once that data goes on to another origin: nobody named it."""
        told = elsewhere(url, target)
        if told and told not in self._told:
            self._told.add(told)
            self.network.tell(f"{told}: data goes there")

    def _request(
        self, method: str, url: str, body: Body | None, headers: Mapping[str, str] | None
    ) -> requests.Response:
        proxy = proxy_for(url, self.network.proxy)
        proxies = dict.fromkeys(("http", "https"), proxy.address.reveal()) if proxy else {}
        send = partial(
            (self._own if self._is_own(url) else self._foreign).request,
            method,
            url,
            headers=headers,
            stream=True,
            allow_redirects=False,
            timeout=self._limits(),
            verify=self._verify(url),
            proxies=proxies,
        )
        log = Exchange(self.network, method, url)
        with self._ours(url, proxy):
            response = self._in_time(partial(_sent, send, body))
        for cookie in response.cookies:  # other headers of the reply may repeat them
            hide(cookie.value or "")
        log.answered(response)
        _check_encoding(response)
        return response

    def _verify(self, url: str) -> bool | str:
        """Whether, or with which CA bundle, to verify the server at `url`."""
        if self.network.insecure or not url.startswith("https:"):
            return not self.network.insecure
        if self._authorities is None:
            self._authorities = authorities(self.network) or True
        return self._authorities

    def _limits(self) -> tuple[float, float]:
        network = self.network
        return (
            min(network.connect_timeout, _LONGEST_LIMIT),
            min(network.idle_timeout, _LONGEST_LIMIT),
        )

    def _is_own(self, url: str) -> bool:
        return urls.origin(url) == urls.origin(self._base)

    def _use_https(self) -> None:
        """The app's origin is another one from now on: what was learnt of the old one is void."""
        self._base = self._base.replace("http", "https", 1)
        self._login = Login(self._base, self.network)
        self._own.auth = self._login.credentials
        self._own.cookies.clear()

    def _log_in(self, refused: requests.Response) -> bool:
        def post(url: str, form: dict[str, str]) -> requests.Response:
            limit = self.network.connect_timeout + self.network.idle_timeout
            send = partial(self._request, "POST", url, form, None)
            reply = self.within(min(limit, self._left()), send)
            if reply.status_code not in REJECTED:
                self._check(reply)
            return reply

        if not (self._is_own(refused.url) and self._login.answer(refused, post)):
            return False
        for cookie in self._own.cookies:
            hide(cookie.value or "")
        return True

    def _session(self) -> requests.Session:
        session = _Session()
        # Proxies, CA bundles and .netrc are read here, so that their faults can be told.
        session.trust_env = False
        session.headers["User-Agent"] = f"gradio-curl/{__version__}"
        session.headers["Accept-Encoding"] = "gzip, deflate"
        session.auth = Credentials()
        for scheme in ("http://", "https://"):
            session.mount(scheme, Adapter(self._connections, AT_ONCE))
        if self.network.insecure:
            import urllib3

            urllib3.disable_warnings(urllib3_errors.InsecureRequestWarning)
        return session

    @contextmanager
    def _ours(self, url: str, proxy: Proxy | None = None) -> Iterator[None]:
        try:
            yield
        except Failure:
            raise
        except _FOREIGN as error:
            raise from_foreign(error, url, self.network, proxy) from error


def _not_told(line: str) -> None:
    pass


def encode_body(body: Any) -> bytes:
    """JSON for a request. Raises InputError for NaN and numbers that are infinite."""
    try:
        return json.dumps(body, allow_nan=False).encode()
    except ValueError as error:
        raise InputError("NaN and infinite numbers can't be sent: JSON has none") from error


def _sent(send: Callable[..., requests.Response], body: Body | None) -> requests.Response:
    """The reply to a request, which is sent again where a kept connection had been dropped."""
    try:
        return send(data=_fresh(body))
    except requests.ConnectionError as error:
        if not is_caused_by(error, ReusedConnectionClosed):
            raise
        return send(data=_fresh(body))


def _fresh(body: Body | None) -> Any:
    return body() if callable(body) else body


def _check_encoding(response: requests.Response) -> None:
    """Raise HTTPFailed for a body in more than one layer: each may grow it a thousandfold."""
    encodings = response.headers.get("Content-Encoding", "").lower()
    if encodings.strip() not in _ENCODINGS:
        response.close()
        raise HTTPFailed(f"{response.url} returned unsupported Content-Encoding {encodings!r}")
