"""Whose secret goes where: tokens and logins, and the hosts that may have them."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from gradio_curl.client import urls
from gradio_curl.errors import CannotRead, InputError, MalformedURL
from gradio_curl.network import Network, Secret

_HUB = "https://huggingface.co"
_BOUND_LOGIN = re.compile(r"([^:]*:.*)@(.*)", re.DOTALL)
_RENEWED_BEFORE = 24 * 3600  # seconds before it expires, as huggingface_hub does
_TRUE = ("1", "ON", "YES", "TRUE")
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


class Token(NamedTuple):
    """A Bearer token; `is_saved` tells that nobody typed it, the Hugging Face tools keep it."""

    secret: Secret
    is_saved: bool = False


def token_for(url: str, given: Secret | None) -> Token | None:
    """The token to send to `url`: the one `given` for it, or the saved one of Hugging Face.

    The saved one goes over https to port 443 of Hugging Face, and to the hosts of `HF_ENDPOINT`.
    """
    if given is not None:
        text = _sendable(given.reveal(), "--token")
        return Token(Secret(text)) if text else None
    if not is_hugging_face(url):
        return None
    text = _sendable(_saved_token(), "the saved token")
    return Token(Secret(text), is_saved=True) if text else None


def is_hugging_face(url: str) -> bool:
    """Whether the saved token may go to `url`."""
    scheme, host, port = urls.origin(url)
    if scheme != "https":
        return False
    if any(_within(host, domain) for domain in _HUGGING_FACE):
        return port == 443
    # A Hub of one's own may serve its Spaces at other ports.
    return _within(host, urls.origin(hub_url()).host)


def bound_login(login: str) -> tuple[str, str | None]:
    """`USER:PASSWORD@HOST[:PORT]` as login and host; None where it is bound to no host.

    Whatever stands behind the last `@` is the host: to guess that it belongs to the password
    would send the password to any app, for the sake of a misspelt host.
    """
    match = _BOUND_LOGIN.fullmatch(login)
    return (match[1], match[2].lower()) if match else (login, None)


def login_for(url: str, network: Network) -> tuple[str, str | None] | None:
    """User and password for the app at `url`: those given, or `.netrc`'s.

    The password is None where it was left out. Raises InputError for a login that can't be sent,
    CannotRead for a `.netrc` that is not text.
    """
    login, source = network.login.reveal() if network.login else "", "the login in --auth or APP"
    if not login and network.default_login and not is_withheld(url, network):
        login, _ = bound_login(network.default_login.reveal())
        source = "GRADIO_CURL_AUTH"
    if not login:
        return _from_netrc(url)
    try:
        login.encode()
    except UnicodeEncodeError:
        raise InputError(f"{source} is not valid UTF-8") from None
    user, colon, password = login.partition(":")
    return user, password if colon else None


def is_withheld(url: str, network: Network) -> bool:
    """Whether there is a default login, which is bound to another host than that of `url`."""
    if network.login or not network.default_login:
        return False
    _, bound_to = bound_login(network.default_login.reveal())
    _, host, port = urls.origin(url)
    return bound_to not in (None, host, f"{host}:{port}")


def _from_netrc(url: str) -> tuple[str, str | None] | None:
    """The entry for this host; the default entry not over plain http, but to this machine."""
    from netrc import NetrcParseError

    from requests.utils import get_netrc_auth

    path = os.environ.get("NETRC") or "~/.netrc"
    found: tuple[str, str] | None = None
    try:
        with suppress(OSError):
            found = get_netrc_auth(url, raise_errors=True)
    except UnicodeDecodeError as error:
        raise CannotRead(f"{path} is not valid UTF-8") from error
    except NetrcParseError as error:
        raise CannotRead(f"{path} is not valid: {error.msg} at line {error.lineno}") from error
    if found is not None and any(_is_cut_off(part, path) for part in found):
        raise CannotRead(f"{path} is not valid: a quote is not closed")
    scheme, host, _ = urls.origin(url)
    if found is None or scheme == "https" or _is_loopback(host):
        return found
    # A name that no entry has finds the default one, if there is one.
    nobody = get_netrc_auth("https://no-entry.invalid/")
    return None if found == nobody else found


def _is_cut_off(part: str, path: str) -> bool:
    """Whether a part of an entry, whose quote is never closed, goes to the end of the file."""
    if "\n" in part:
        return True
    with suppress(OSError):
        return bool(part) and Path(path).expanduser().read_text("utf-8").endswith(f'"{part}')
    return False


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _saved_token() -> str | None:
    """Where the Hugging Face tools keep it, by the variables that they follow."""
    environ = os.environ
    if environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").upper() in _TRUE:
        return None
    if token := environ.get("HF_TOKEN") or environ.get("HUGGING_FACE_HUB_TOKEN"):
        return token
    cache = environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = environ.get("HF_HOME") or f"{cache}/huggingface"
    named = environ.get("HF_TOKEN_PATH") or f"{home}/token"
    try:
        path = Path(os.path.expandvars(named)).expanduser()
        token = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, RuntimeError, ValueError):
        return None
    return _renewed(token) if _expires_soon(token, path.with_name("stored_tokens")) else token


def _expires_soon(token: str, stored: Path) -> bool:
    """Whether `token` was got by a login in the browser, and expires within a day.

    `stored` has what `hf auth login` (huggingface_hub 2.4) keeps of each token: of such a one
    `hf_token`, `refresh_token` and `expires_at`, in seconds since 1970.
    """
    try:
        text = stored.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    if "refresh_token" not in text:
        return False
    import configparser
    import time

    file = configparser.ConfigParser(interpolation=None)
    try:
        file.read_string(text)
        known = next(file[name] for name in file.sections() if file[name].get("hf_token") == token)
        return int(known["expires_at"]) < time.time() + _RENEWED_BEFORE
    except (configparser.Error, KeyError, StopIteration, ValueError):
        return False


def _renewed(token: str) -> str:
    """`token` renewed by huggingface_hub, which keeps the new one; unchanged without that.

    It is imported here alone, for that takes longer than a whole call. Where it fails, the Hub
    rejects the token, and the error tells how to log in again.
    """
    if not hub_url().startswith("https://"):
        return token  # it would send the refresh token there
    import logging

    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # its warnings would go to stderr
    try:
        from huggingface_hub import get_token

        return get_token() or token
    except Exception:
        return token
    finally:
        logging.disable(disabled)


def _sendable(token: str | None, what: str) -> str | None:
    token = (token or "").strip()
    if not (token.isascii() and token.isprintable()):
        raise InputError(f"{what} contains characters that a token can't have")
    return token or None
