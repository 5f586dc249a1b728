"""The secrets that were sent, masked in every message: a server may repeat them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_LEAST_MASKED = 8  # characters; shorter texts are found in ordinary words
_LEAST_AS_WORD = 6  # characters of a text that is masked where it is a word of its own
_sent: set[str] = set()


def hide(secret: str) -> None:
    """Mask `secret`, which is about to be sent, in all messages to come."""
    if len(secret) >= _LEAST_AS_WORD and secret not in _sent:
        _sent.add(secret)
        _pattern.cache_clear()


def masked(message: str) -> str:
    """`message` without the secrets that were sent, in whatever case and way of quoting."""
    return _pattern().sub("***", message) if _sent else message


@cache
def _pattern() -> re.Pattern[str]:
    texts = {text for secret in _sent.copy() for text in _spellings(secret)}
    # The longest first: a secret may be a part of another one.
    return re.compile("|".join(map(_found, sorted(texts, key=len, reverse=True))), re.IGNORECASE)


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


def _found(text: str) -> str:
    # What is shown on one line has lost the second of two blanks.
    pattern = re.sub(r"(?:\\?\s)+", r"\\s+", re.escape(text))
    return pattern if len(text) >= _LEAST_MASKED else rf"(?<!\w){pattern}(?!\w)"
