"""The secrets that were sent, masked in every message: a server may repeat them."""

from __future__ import annotations

_LEAST_MASKED = 8  # characters; shorter texts are found in ordinary words
_sent: set[str] = set()


def hide(secret: str) -> None:
    """Mask `secret`, which is about to be sent, in all messages to come; also as URLs spell it."""
    from urllib.parse import quote

    if len(secret) >= _LEAST_MASKED:
        _sent.update((secret, quote(secret, safe="")))


def masked(message: str) -> str:
    """`message` without the secrets that were sent."""
    for secret in sorted(_sent.copy(), key=len, reverse=True):
        message = message.replace(secret, "***")
    return message
