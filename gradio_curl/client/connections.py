"""Connections: one limit over name, TCP and TLS; renewed when idle; known when they were reused."""

from __future__ import annotations

import ssl
import time
from functools import cache
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ConnectTimeoutError
from urllib3.response import HTTPResponse

from gradio_curl.client.deadline import Expired, run_within

# uvicorn, which serves Gradio, drops a connection that is idle for five.
_LONGEST_IDLE = 4.0  # seconds
_CLOSED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class ReusedConnectionClosed(ConnectionResetError):
    """A connection that had served before was closed before any byte of this reply.

    The server had dropped it while it was idle, so the request can be sent again, as curl does.
    """


class _Connection(HTTPConnection):
    """`timeout` limits the whole of connecting, `idle_timeout` each wait from then on."""

    def __init__(self, *args: Any, idle_timeout: float, **options: Any) -> None:
        super().__init__(*args, **options)
        self._idle_timeout = idle_timeout
        self._replies = 0
        self._last_reply = 0.0

    def connect(self) -> None:
        """Resolve, connect, pass the proxy, shake hands."""
        self._replies = 0
        self._last_reply = time.monotonic()
        limit = float(self.timeout or 0)
        try:
            run_within(limit, super().connect)
        except Expired:
            raise ConnectTimeoutError(self, f"no connection within {limit} s") from None
        if self.sock is not None:
            self.sock.settimeout(self._idle_timeout)

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request; urllib3 itself would limit its body by the time to connect."""
        if self.sock is not None:
            self.timeout = self._idle_timeout
        super().request(*args, **options)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
        """The head of the reply."""
        try:
            reply = super().getresponse()
        except _CLOSED as error:
            if self._replies:
                raise ReusedConnectionClosed from error
            raise
        self._replies += 1
        self._last_reply = time.monotonic()
        return reply

    @property
    def is_connected(self) -> bool:
        """Whether another request may go this way; urllib3 asks before it reuses a connection."""
        return super().is_connected and time.monotonic() - self._last_reply < _LONGEST_IDLE


@cache
def _limited(kind: type[Any]) -> type[Any]:
    """A kind of connection (HTTP, HTTPS, by SOCKS) with our limits."""
    return kind if issubclass(kind, _Connection) else type(kind.__name__, (_Connection, kind), {})


class Adapter(HTTPAdapter):
    """Gives requests connections of this kind."""

    def __init__(self, idle_timeout: float) -> None:
        self._idle_timeout = idle_timeout
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> HTTPConnectionPool:
        """The pool for a request, by whatever proxy."""
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = _limited(pool.ConnectionCls)
        pool.conn_kw["idle_timeout"] = self._idle_timeout
        connections: HTTPConnectionPool = pool
        return connections
