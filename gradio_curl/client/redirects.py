"""Redirects: where they lead, and what goes along."""

from __future__ import annotations

from urllib.parse import urljoin

from gradio_curl.client import urls
from gradio_curl.errors import HTTPFailed

MAX_REDIRECTS = 10
_STATUSES = (301, 302, 303, 307, 308)
# A POST becomes a GET by these in browsers and curl, unlike by 307 and 308. Servers that mean to
# add a slash or to lead to https send them too: so on the same host the data goes along.
_WITHOUT_BODY = (301, 302)


def location(url: str, status: int, header: str | None, *, has_body: bool) -> str | None:
    """Where a reply of `url` redirects to; None for any other reply.

    Raises HTTPFailed where the request, which `has_body` or not, must not go there.
    """
    if status not in _STATUSES or header is None:
        return None
    try:
        target = urls.checked(_joined(url, header))
    except ValueError as error:
        shown = urls.without_password(header)
        raise HTTPFailed(f"{url} redirects to {shown!r}, not a valid URL: {error}") from None
    before, after = urls.origin(url), urls.origin(target)
    told = f"{before} redirects to {after}"
    if before.scheme == "https" and after.scheme == "http":
        raise HTTPFailed(f"{told}, which is not encrypted", f"if that is meant, use {after}")
    if has_body and status in _WITHOUT_BODY and before.host != after.host:
        hint = f"if that is meant, use {after}"
        raise HTTPFailed(f"{told} by HTTP {status}, which takes no data to another host", hint)
    return target


def _joined(url: str, header: str) -> str:
    try:
        return urljoin(url, urls.quoted(header))
    except ValueError:
        # In words of Python, and not about what is wrong.
        raise ValueError("the host is not valid") from None


def elsewhere(old: str, new: str) -> str:
    """In words, that a redirect from `old` to `new` leads to another origin; empty where it does
    not, or only to https. Behind another port there may be another app."""
    before, after = urls.origin(old), urls.origin(new)
    return "" if before == after or is_upgrade(old, new) else f"{before} redirects to {after}"


def is_upgrade(old: str, new: str) -> bool:
    """Whether this leads from http to https on the same host, both on their standard ports."""
    before, after = urls.origin(old), urls.origin(new)
    return before == ("http", before.host, 80) and after == ("https", before.host, 443)
