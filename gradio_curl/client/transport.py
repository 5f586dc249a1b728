"""One requests session: time limits, retries, TLS, credentials, foreign errors made ours.

Credentials (token, login cookies, `--header`) go to the app's own origin only. Redirects are
followed here, not by requests, which would turn a POST into a GET and carry own headers along.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, BinaryIO, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.auth import AuthBase
from urllib3 import exceptions as urllib3_errors

from gradio_curl import __version__
from gradio_curl.client.failures import from_foreign, from_status
from gradio_curl.errors import Busy, ConnectFailed, Failure, HTTPFailed, InputError, MalformedURL

READ_SIZE = 65536  # bytes
LARGEST_JSON = 256 * 1024 * 1024  # bytes; the /config of a large app has a few million
_MAX_REDIRECTS = 10
_FOREIGN = (
    requests.RequestException,
    urllib3_errors.HTTPError,
    HTTPException,
    OSError,
    UnicodeError,
)

Log = Callable[[str], None]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Network:
    """How to reach the app. Times are in seconds; `headers` may replace the standard ones."""

    connect_timeout: float = 30.0
    idle_timeout: float = 60.0
    retry: int = 0
    insecure: bool = False
    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    proxy: str | None = None
    headers: Mapping[str, str] | None = None
    token: str | None = None
    log: Log | None = None


class _Bearer(AuthBase):
    """The token, or nothing: either way `.netrc` can't replace an Authorization header."""

    def __init__(self, token: str | None) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class Transport:
    """Requests to one app, and to wherever its files are.

    Every method raises the failures of `errors`, never those of requests.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._origin: str | None = None
        self._own = self._session()
        self._own.headers.update(network.headers or {})
        own_headers = {name.lower() for name in network.headers or {}}
        if network.token or "authorization" in own_headers:
            self._own.auth = _Bearer(network.token)
        self._foreign = self._session()

    def close(self) -> None:
        """Close all connections."""
        self._own.close()
        self._foreign.close()

    def trust(self, url: str) -> None:
        """From now on credentials go to the origin of `url`, and nowhere else."""
        self._origin = _origin(urlsplit(url))

    def get_json(self, url: str) -> tuple[Any, str]:
        """The JSON at `url`, and where redirects led. Repeated as `--retry` allows."""
        return self._repeated(lambda: self._json("GET", url), (Failure,))

    def post_json(self, url: str, body: Any, *, timeout: float | None = None) -> Any:
        """POST `body` as JSON; gives the JSON that comes back. Never repeated."""
        raw = encode_body(body)
        headers = {"Content-Type": "application/json"}
        return self._json("POST", url, data=raw, headers=headers, timeout=timeout)[0]

    def submit(self, url: str, body: Any) -> Any:
        """POST a job. Repeated only where it was certainly not accepted."""
        return self._repeated(lambda: self.post_json(url, body), (ConnectFailed, Busy))

    def upload(self, url: str, name: str, file: BinaryIO, sent: Callable[[int], None]) -> Any:
        """POST `file` as the multipart field `files`, streamed; `sent` is told the bytes so far."""
        from requests_toolbelt import MultipartEncoder, MultipartEncoderMonitor

        def body() -> MultipartEncoderMonitor:
            file.seek(0)
            fields = [("files", (name, file, "application/octet-stream"))]
            encoder = MultipartEncoder(fields)
            boundary.append(encoder.content_type)
            return MultipartEncoderMonitor(encoder, lambda monitor: sent(monitor.bytes_read))

        boundary: list[str] = []
        first = body()
        return self._json("POST", url, data=first, headers={"Content-Type": boundary[0]})[0]

    @contextmanager
    def stream(self, url: str, accept: str = "*/*") -> Iterator[requests.Response]:
        """GET `url`; read it with `chunks`. The connection is closed at the end."""
        response = self._send("GET", url, headers={"Accept": accept})
        try:
            self._check(response)
            yield response
        finally:
            response.close()

    def chunks(self, response: requests.Response) -> Iterator[bytes]:
        """The body as it arrives: `read1` holds nothing back, chunked or not."""
        while True:
            with self._ours(response.url):
                data = response.raw.read1(READ_SIZE)
            if not data:
                return
            yield data

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
            with suppress(*_FOREIGN):
                body = response.raw.read(READ_SIZE, decode_content=True)
                raise from_status(response, body)
            raise from_status(response, b"")

    def _repeated(self, attempt: Callable[[], _T], repeatable: tuple[type[Failure], ...]) -> _T:
        for tried in range(self.network.retry):
            try:
                return attempt()
            except repeatable as failure:
                if not _passing(failure):
                    raise
                wish = failure.retry_after if isinstance(failure, Busy) else None
                pause = wish if wish is not None else min(2.0**tried, 30) * random.uniform(0.5, 1)
                self._say(f"* {failure.message}; trying again in {pause:.1f} s")
                time.sleep(pause)
        return attempt()

    def _send(
        self, method: str, url: str, *, timeout: float | None = None, **options: Any
    ) -> requests.Response:
        limits = (timeout or self.network.connect_timeout, timeout or self.network.idle_timeout)
        for _ in range(_MAX_REDIRECTS + 1):
            session = self._own if _origin(urlsplit(url)) == self._origin else self._foreign
            started = time.monotonic()
            self._say(f"> {method} {_without_userinfo(url)}")
            with self._ours(url):
                response = session.request(
                    method,
                    url,
                    stream=True,
                    allow_redirects=False,
                    timeout=limits,
                    # Given here, since requests lets REQUESTS_CA_BUNDLE win over the session's.
                    verify=False if self.network.insecure else self.network.cacert,
                    **options,
                )
            elapsed = time.monotonic() - started
            self._say(f"< {response.status_code} {response.reason} ({elapsed * 1000:.0f} ms)")
            if not response.is_redirect:
                return response
            response.close()
            if response.status_code == 303:
                method = "GET"
                options.pop("data", None)
            target = urljoin(url, response.headers["Location"])
            if self._origin and _upgrades(urlsplit(url), urlsplit(target)):
                self.trust(target)
            url = target
        raise HTTPFailed(f"more than {_MAX_REDIRECTS} redirects, the last one to {url}")

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.headers["User-Agent"] = f"gradio-curl/{__version__}"
        if self.network.proxy:
            session.proxies = {"http": self.network.proxy, "https": self.network.proxy}
        if self.network.cert:
            key = self.network.key
            session.cert = (self.network.cert, key) if key else self.network.cert
        return session

    @contextmanager
    def _ours(self, url: str) -> Iterator[None]:
        try:
            yield
        except Failure:
            raise
        except _FOREIGN as error:
            raise from_foreign(error, url, self.network) from error

    def _say(self, line: str) -> None:
        if self.network.log:
            self.network.log(line)


def encode_body(body: Any) -> bytes:
    """JSON for a request. Raises InputError for NaN and numbers that are infinite."""
    try:
        return json.dumps(body, allow_nan=False).encode()
    except ValueError as error:
        raise InputError(f"the values can't be sent as JSON: {error}") from error


def _passing(failure: Failure) -> bool:
    """Whether the same read may succeed a little later."""
    if isinstance(failure, HTTPFailed):
        return failure.status is None or failure.status >= 500
    return not isinstance(failure, MalformedURL)


def _origin(parts: SplitResult) -> str:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _upgrades(old: SplitResult, new: SplitResult) -> bool:
    """A redirect from http to https on the same host, both on their standard ports."""
    return (
        (old.scheme, new.scheme) == ("http", "https")
        and old.hostname == new.hostname
        and (old.port or 80, new.port or 443) == (80, 443)
    )


def _without_userinfo(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
