"""Requests and replies as lines for --verbose, their secrets masked."""

from __future__ import annotations

import time
from collections.abc import Mapping

import requests

from gradio_curl.client.urls import without_password
from gradio_curl.network import Network

_SECRET = ("authorization", "cookie", "proxy-authorization", "set-cookie")
_URLS = ("location", "content-location")


class Exchange:
    """One request and its reply, logged as they come."""

    def __init__(self, network: Network, method: str, url: str) -> None:
        self._log = network.log
        self._own = tuple(header.name.lower() for header in network.headers)
        self._started = time.monotonic()
        if self._log:
            self._log(f"> {method} {url}")

    def answered(self, response: requests.Response) -> None:
        """Log the headers that were sent, then the reply."""
        if not self._log:
            return
        elapsed = (time.monotonic() - self._started) * 1000
        self._log_headers(">", response.request.headers, (*_SECRET, *self._own))
        self._log(f"< {response.status_code} {response.reason} ({elapsed:.0f} ms)")
        self._log_headers("<", response.headers, _SECRET)

    def _log_headers(self, mark: str, headers: Mapping[str, str], masked: tuple[str, ...]) -> None:
        for name, value in headers.items():
            if self._log:
                self._log(f"{mark} {name}: {_shown(name.lower(), value, masked)}")


def _shown(name: str, value: str, masked: tuple[str, ...]) -> str:
    if name in masked:
        return "***"
    return without_password(value) if name in _URLS else value
