"""Connections: one limit over name, TCP and TLS; renewed when idle; known when they were reused."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from functools import cache
from typing import Any
from weakref import WeakSet

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ConnectTimeoutError
from urllib3.response import HTTPResponse

from gradio_curl.client import early
from gradio_curl.client.deadline import Expired, run_within
from gradio_curl.client.side_by_side import Left

_CLOSED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class ReusedConnectionClosed(ConnectionResetError):
    """A connection that had served before was closed before any byte of this reply.

    The server had dropped it while it was idle, so the request can be sent again, as curl does.
    """


class Connections:
    """Those of one command, whatever thread uses them. `idle_timeout` limits each wait."""

    def __init__(self, idle_timeout: float) -> None:
        self.idle_timeout = idle_timeout
        self.are_left = False
        self._lock = threading.Lock()
        self._all = WeakSet[_Connection]()

    def add(self, connection: _Connection) -> None:
        """One more. Raises Left where nothing is begun any more."""
        with self._lock:
            if self.are_left:
                raise Left
            self._all.add(connection)

    def leave(self) -> None:
        """Break off what is under way, so that whoever reads or writes there ends at once."""
        with self._lock:
            self.are_left = True
            for sock in [connection.sock or connection.latest for connection in self._all]:
                if sock is not None:
                    with suppress(OSError):
                        # The method of an SSLSocket takes the encryption from whoever reads.
                        socket.socket.shutdown(sock, socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    """`timeout` limits the whole of connecting, `connections` each wait from then on."""

    def __init__(self, *args: Any, connections: Connections, **options: Any) -> None:
        super().__init__(*args, **options)
        self._connections = connections
        self._replies = 0
        self._last_reply = 0.0
        # `sock` is given up to the last reply, which may be read for long: `Connection: close`.
        self.latest: socket.socket | None = None

    def connect(self) -> None:
        """Resolve, connect, pass the proxy, shake hands."""
        self._connections.add(self)
        self._replies = 0
        self._last_reply = time.monotonic()
        limit = float(self.timeout or 0)
        try:
            run_within(limit, super().connect)
        except Expired:
            raise ConnectTimeoutError(self, f"no connection within {limit} s") from None
        self.latest = self.sock
        if self.sock is not None:
            self.sock.settimeout(self._connections.idle_timeout)

    def _new_conn(self) -> socket.socket:
        begun = early.taken(self.host, self.port)
        if begun is None:
            return super()._new_conn()
        for option in self.socket_options or ():
            begun.setsockopt(*option)
        return begun

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request; urllib3 itself would limit its body by the time to connect."""
        if self.sock is not None:
            self.timeout = self._connections.idle_timeout
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
        return super().is_connected and time.monotonic() - self._last_reply < early.LONGEST_IDLE


@cache
def _limited(kind: type[Any]) -> type[Any]:
    """A kind of connection (HTTP, HTTPS, by SOCKS) with our limits."""
    return kind if issubclass(kind, _Connection) else type(kind.__name__, (_Connection, kind), {})


class Adapter(HTTPAdapter):
    """Gives requests connections of this kind, and keeps as many as are used `at_once`."""

    def __init__(self, connections: Connections, at_once: int) -> None:
        self._connections = connections
        super().__init__(pool_maxsize=at_once)

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> HTTPConnectionPool:
        """The pool for a request, by whatever proxy."""
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = _limited(pool.ConnectionCls)
        pool.conn_kw["connections"] = self._connections
        connections: HTTPConnectionPool = pool
        return connections
