"""URLs: read in one way by what decides and what connects, and shown without passwords.

`urlsplit` and urllib3 (which connects) read some URLs differently: in `http://a\\@b/` the first
sees the host `b`, the second `a`. Such a URL is rejected before anything is sent.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urlsplit

PORTS = {"http": 80, "https": 443}
"""What a scheme stands for where a URL names no port."""

# Backslashes, blanks and control characters: each parser has its own idea of them.
_AMBIGUOUS = re.compile(r"[\\\s\x00-\x20\x7f-\x9f]")
_NOT_UTF8 = re.compile("[\ud800-\udfff]")
# An IPv6 address in brackets, or a name without delimiters; then perhaps a port.
_HOST = re.compile(r"""(?:\[[\w:.%]+\]|[^\[\]@:/?#%<>"^`{|}]+)(?::\d*)?""")
_AUTHORITY = re.compile(r"((?:[a-z][a-z0-9+.-]*:)?//)?([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)

_ODD_PORT = re.compile(
    r"(?:(?:[a-z][a-z0-9+.-]*:)?//)?(?!https?:)[^/?#\[\]:]*:(?!\d{0,5}(?:[/?#]|$))", re.IGNORECASE
)
_BARE_IPV6 = re.compile(r"[\da-f]*:[\da-f]*:[\da-f:.]*", re.IGNORECASE)


class Origin(NamedTuple):
    """What credentials are bound to."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        port = "" if self.port == PORTS.get(self.scheme) else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def split(url: str) -> SplitResult:
    """The parts of a URL that leaves no doubt about its host. Raises ValueError for any other."""
    if _AMBIGUOUS.search(url):
        raise ValueError("it contains a blank, a backslash or a control character")
    if _NOT_UTF8.search(url):
        raise ValueError("it is not valid UTF-8")
    try:
        parts = urlsplit(url)
    except ValueError:
        # Its words may hold a password.
        raise ValueError("the host is not valid") from None
    userinfo, _, host = parts.netloc.rpartition("@")
    if not host:
        raise ValueError("the host is missing")
    if _is_scheme(host, parts.path):
        raise ValueError("write http:// or https://, with a colon and two slashes")
    if not _HOST.fullmatch(host):
        raise ValueError("the host is not valid")
    if userinfo and "@" in parts.path + parts.query + parts.fragment:
        # Of `u:p@ss/w@host`, the password would go into messages, and a part of it to DNS.
        raise ValueError("percent-encode /, ?, # and @ in the password")
    if not _has_port(parts):
        raise ValueError("the port is not valid")
    return parts


def _is_scheme(host: str, path: str) -> bool:
    """Whether what stands in the place of a host is a misspelt `http://`: `http:/h`, `http//h`.

    What follows would be a path, and a login in it would go into messages. So other words are
    taken for that too where it seems that a login follows.
    """
    word = host.rstrip(":;").lower()
    has_mark = host[-1:] in (":", ";") or (word.isalpha() and path.startswith("//"))
    return has_mark and (word in PORTS or ("@" in path and word != "localhost"))


def _has_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def checked(url: str) -> str:
    """`url` as it is to be requested: without user and password.

    Raises ValueError where it is not an http(s) URL that `urlsplit` and urllib3 read alike.
    """
    # Not before a request is made: TAB parses URLs too, and urllib3 takes 20 ms to import.
    from urllib3.util import parse_url

    parts = split(url)
    if parts.scheme not in PORTS:
        raise ValueError(f"{parts.scheme or 'no scheme'} is not supported, only http and https")
    read, again = parse_url(url), parse_url(f"{parts.scheme}://{parts.netloc}")
    if read[:4] != again[:4] or read.host is None:
        raise ValueError("its host can be read in more than one way")
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def origin(url: str) -> Origin:
    """Scheme, host and port of a URL that `checked` has passed, as urllib3 connects to them."""
    from urllib3.util import parse_url

    read = parse_url(url)
    scheme = read.scheme or "http"
    return Origin(scheme, read.host or "", read.port or PORTS.get(scheme, 0))


def without_password(typed: str) -> str:
    """A URL as it may be shown, also one that is not valid: user and password are taken out.

    They end at the last `@`, for a password may contain `/`, `?`, `#` and `@` unquoted. A `@`
    behind a complete host belongs to the path. What stands in the place of a port and is not one
    is probably a password whose `@` and host were forgotten: it is masked.
    """
    shown = _without_userinfo(typed)
    odd = _ODD_PORT.match(shown)
    return f"{odd[0]}***" if odd and not _BARE_IPV6.fullmatch(shown) else shown


def _without_userinfo(typed: str) -> str:
    match = _AUTHORITY.fullmatch(typed)
    assert match is not None
    start, authority, rest = match[1] or "", match[2], match[3]
    if "@" not in authority and _is_scheme(authority, rest):
        slashes = rest[: len(rest) - len(rest.lstrip("/"))]
        return start + authority + slashes + rest[len(slashes) :].rpartition("@")[2]
    # `:7860` stands for this machine.
    if "@" not in authority and _HOST.fullmatch(authority.removeprefix(":")):
        return typed
    return start + (authority + rest).rpartition("@")[2]


def presentable(typed: str) -> str:
    """What was typed as APP as it may be shown, pasted and kept: without login and query.

    A query is not sent, and may be a signature that opens the app.
    """
    return re.split("[?#]", without_password(typed))[0]


def has_query(typed: str) -> bool:
    """Whether what was typed as APP has a query."""
    return bool(without_password(typed).partition("#")[0].partition("?")[2])


def quoted(location: str) -> str:
    """A Location as a URL: raw UTF-8 and blanks in it percent-encoded.

    http.client decodes headers as Latin-1, so that its bytes are known.
    """
    raw = location.strip().encode("latin-1", "replace")
    return quote(raw, safe="!#$%&'()*+,/:;=?@[]~\\\"<>^`{|}")
