"""A connection that begins while the libraries load: its handshake then takes no time.

To import requests takes about as long as a round trip to another continent, and a thread that
resolves a name and connects needs nothing of it. Nothing is sent this way before it is taken.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

from gradio_curl.client import urls
from gradio_curl.client.target import Address, parse_target
from gradio_curl.errors import Failure

LONGEST_IDLE = 4.0
"""Seconds: uvicorn, which serves Gradio, drops a connection that is idle for five."""

_PROXIES = {"http_proxy", "https_proxy", "all_proxy"}


class _Begun:
    """A connection to a host and port, under way in a thread of its own."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self.to = (host, port)
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._connected = 0.0
        self._thread = threading.Thread(target=self._connect, daemon=True)
        self._thread.start()

    def _connect(self) -> None:
        # Whatever is wrong, who comes for it connects anew, and tells what is wrong then.
        with suppress(OSError, UnicodeError):
            self._socket = socket.create_connection(self.to, self._timeout)
            self._connected = time.monotonic()

    def taken(self) -> socket.socket | None:
        """The connection, once it is there; None where there is none to use."""
        self._thread.join()
        if self._socket is None or time.monotonic() - self._connected < LONGEST_IDLE:
            return self._socket
        self._socket.close()
        return None


_begun: _Begun | None = None


def begin(typed: str, timeout: float) -> None:
    """Begin to connect to what was typed as APP, where that is an address.

    Not where the environment names a proxy: it is to get the name too, unresolved.
    """
    global _begun
    _begun = None
    if any(value and name.lower() in _PROXIES for name, value in os.environ.items()):
        return
    with suppress(Failure, RuntimeError):  # the second where there is no thread left
        target = parse_target(typed)
        if isinstance(target, Address):
            parts = urlsplit(target.places[0].url)
            port = parts.port or urls.PORTS[parts.scheme]
            _begun = _Begun(parts.hostname or "", port, timeout)


def taken(host: str, port: int | None) -> socket.socket | None:
    """The connection that was begun to this host and port, once; None where there is none."""
    global _begun
    begun, _begun = _begun, None
    return begun.taken() if begun is not None and begun.to == (host.lower(), port) else None
