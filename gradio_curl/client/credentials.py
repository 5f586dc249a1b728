"""Whose secret goes where: tokens and logins, and the hosts that may have them."""

from __future__ import annotations

import os
from pathlib import Path

from gradio_curl.client import urls
from gradio_curl.errors import InputError, MalformedURL

_HUB = "https://huggingface.co"
_HUGGING_FACE = ("huggingface.co", "hf.co", "hf.space")


def hub_url() -> str:
    """The Hub's address: `HF_ENDPOINT`, or the public one. Raises MalformedURL."""
    url = (os.environ.get("HF_ENDPOINT") or _HUB).rstrip("/")
    try:
        return urls.checked(url)
    except ValueError as error:
        raise MalformedURL(f"HF_ENDPOINT is not a valid URL: {error}") from None


def is_space_host(url: str) -> bool:
    """Whether the app at `url` is a Space by its host name."""
    return _within(urls.origin(url).host, "hf.space")


def token_for(url: str, given: str | None) -> str | None:
    """The token to send to `url`: the one `given` for it, or the saved one of Hugging Face.

    The saved one goes to Hugging Face over https: to port 443 of its hosts, and to `HF_ENDPOINT`.
    """
    if given is not None:
        return _sendable(given, "--token")
    return _sendable(_saved_token(), "the saved token") if is_hugging_face(url) else None


def is_hugging_face(url: str) -> bool:
    """Whether the saved token may go to `url`."""
    scheme, host, port = urls.origin(url)
    if scheme != "https":
        return False
    hub = urls.origin(hub_url())
    if port == hub.port and _within(host, hub.host):
        return True
    return port == 443 and any(_within(host, domain) for domain in _HUGGING_FACE)


def login_for(url: str, given: str | None) -> tuple[str, str | None] | None:
    """User and password for the app at `url`: those given as `USER[:PASSWORD]`, or `.netrc`'s.

    The password is None where it was left out.
    """
    if given:
        user, colon, password = given.partition(":")
        return user, password if colon else None
    from requests.utils import get_netrc_auth

    return get_netrc_auth(url)


def _within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _saved_token() -> str | None:
    """Where the Hugging Face tools keep it, by the variables that they follow."""
    if token := os.environ.get("HF_TOKEN"):
        return token
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{cache}/huggingface"
    path = os.environ.get("HF_TOKEN_PATH") or f"{home}/token"
    try:
        return Path(path).expanduser().read_text()
    except (OSError, RuntimeError, ValueError):
        return None


def _sendable(token: str | None, what: str) -> str | None:
    token = (token or "").strip()
    if not (token.isascii() and token.isprintable()):
        raise InputError(f"{what} holds characters that no token has")
    return token or None
