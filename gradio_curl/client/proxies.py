"""The proxy for a URL: the one given, or that of the variables curl knows."""

from __future__ import annotations

import os
from typing import NamedTuple
from urllib.parse import unquote

from requests.utils import get_environ_proxies, select_proxy

from gradio_curl.client import urls
from gradio_curl.errors import MalformedURL
from gradio_curl.masking import hide, hide_login
from gradio_curl.network import Secret

_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


class Proxy(NamedTuple):
    """The address of a proxy, with its login; `source` is the option or variable it is from."""

    address: Secret
    source: str

    def __str__(self) -> str:
        return "the proxy" if self.source == "--proxy" else f"the proxy in {self.source}"


def proxy_for(url: str, given: Secret | None) -> Proxy | None:
    """The proxy for `url`, if there is one. Raises MalformedURL."""
    if given is not None:
        return _checked(given.reveal(), "--proxy")
    address = select_proxy(url, get_environ_proxies(url))
    return _checked(address or "", _variable(url))


def _variable(url: str) -> str:
    scheme = url.partition(":")[0]
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
    return next((name for name in names if os.environ.get(name)), "the environment")


def _checked(address: str, source: str) -> Proxy | None:
    if not address:
        return None
    # As curl takes it.
    url = address if "://" in address else f"http://{address}"
    try:
        parts = urls.split(url)
        scheme = parts.scheme
        if scheme not in _SCHEMES:
            raise ValueError(f"{scheme} is not a kind of proxy")
    except ValueError as error:
        shown = urls.without_password(address)
        raise MalformedURL(f"{source} {shown!r} is not a valid URL: {error}") from None
    if parts.password:
        hide(parts.password)
        hide_login(unquote(parts.username or ""), unquote(parts.password))
    return Proxy(Secret(url), source)
