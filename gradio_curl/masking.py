"""The secrets that were sent, masked in every message: a server may repeat them.

A secret of 6 characters or more is masked anywhere, a shorter one (2 to 5) only as a whole value:
behind `=`, `:`, a quote, `Bearer` or `Basic`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache

_LEAST_MASKED = 6  # characters; shorter texts are found in ordinary words
_LEAST_AS_VALUE = 2  # characters of a text that is masked where it is a whole value
# What stands before a value, plain or quoted for a URL or HTML. Look-behinds are of fixed width.
_BEFORE_VALUE = "|".join(
    rf"(?<={mark})"
    for mark in (
        r"[=:\"'`]", r"[=:]\s", "%3[ad]", "%2[27]", "&quot;", "&#x27;", "&#39;",
        r"bearer[\s+]", r"basic[\s+]", "bearer%20", "basic%20",
    )
)  # fmt: skip
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")  # what colours text on a terminal, for one
_sent: set[str] = set()


def hide(secret: str) -> None:
    """Mask `secret`, which is about to be sent, in all messages to come; in base64 too."""
    _add(secret, *_in_base64(secret))


def hide_login(user: str, password: str) -> None:
    """Mask `password`, and both together as HTTP's Basic sends them: in base64."""
    hide(password)
    _add(*_in_base64(f"{user}:{password}"))


def _add(*texts: str) -> None:
    new = {text for text in texts if len(text) >= _LEAST_AS_VALUE} - _sent
    if new:
        _sent.update(new)
        _pattern.cache_clear()


def masked(message: str) -> str:
    """`message` without the secrets that were sent, in whatever case and way of quoting.

    Where something that is not shown stands inside one (escape sequences, zero-width spaces), the
    message loses all of that.
    """
    if not _sent:
        return message
    shown = _pattern().sub("***", message)
    if shown.isprintable():
        return shown
    bare = _shown_alone(shown)
    without = _pattern().sub("***", bare)
    return shown if without == bare else without


def may_hold_secrets(texts: Iterable[str]) -> bool:
    """Whether `masked` may change one of many texts: a quick look before it goes through them."""
    if not _sent:
        return False
    joined = "\n".join(
        text if text.isprintable() else f"{text}\n{_shown_alone(text)}" for text in set(texts)
    ).lower()
    # Blanks in a text may be others than in the secret: what stands between them is enough.
    pieces = {
        max(spelling.lower().split() or [""], key=len)
        for secret in _sent.copy()
        for spelling in _spellings(secret)
    }
    return any(piece in joined for piece in pieces)


def _shown_alone(text: str) -> str:
    return "".join(filter(str.isprintable, _ESCAPES.sub("", text)))


@cache
def _pattern() -> re.Pattern[str]:
    texts = {text for secret in _sent.copy() for text in _spellings(secret)}
    # The longest first: a secret may be a part of another one.
    ordered = sorted(texts, key=len, reverse=True)
    rules = (
        (_LEAST_MASKED, "", ""),
        (_LEAST_AS_VALUE, f"(?:{_BEFORE_VALUE})", r"(?!\w)"),
    )
    parts = []
    for least, before, behind in rules:
        found = [text for text in ordered if len(text) >= least]
        ordered = ordered[len(found) :]
        if found:
            parts.append(f"{before}(?:{'|'.join(map(_found, found))}){behind}")
    return re.compile("|".join(parts), re.IGNORECASE)


def _spellings(secret: str) -> Iterator[str]:
    """A secret as it is, and as URLs, forms, JSON and HTML quote it."""
    import json
    from html import escape
    from urllib.parse import quote, quote_plus

    yield secret
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    for ensure_ascii in (True, False):
        in_json = json.dumps(secret, ensure_ascii=ensure_ascii)[1:-1]
        yield from (in_json, in_json.replace("/", r"\/"))
    yield from (escape(secret), escape(secret, quote=False))


def _in_base64(text: str) -> Iterator[str]:
    """`text` in base64, with the `=` at its end and without."""
    # Logins are sent in UTF-8 to an app, in Latin-1 to a proxy.
    for encoding in ("utf-8", "latin-1"):
        with suppress(UnicodeEncodeError):
            encoded = b64encode(text.encode(encoding)).decode()
            yield from (encoded, encoded.rstrip("="))


def _found(text: str) -> str:
    # What is shown on one line has lost the second of two blanks.
    return re.sub(r"(?:\\?\s)+", r"\\s+", re.escape(text))
