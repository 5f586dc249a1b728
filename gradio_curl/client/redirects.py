"""Redirects: where they lead, and what goes along."""

from __future__ import annotations

from urllib.parse import urljoin

from gradio_curl.client import urls
from gradio_curl.errors import HTTPFailed

MAX_REDIRECTS = 10
_STATUSES = (301, 302, 303, 307, 308)


def location(url: str, status: int, header: str | None) -> str | None:
    """Where a reply of `url` redirects to; None for any other reply. Raises HTTPFailed."""
    if status not in _STATUSES or header is None:
        return None
    try:
        return urls.checked(urljoin(url, urls.quoted(header)))
    except ValueError as error:
        shown = urls.without_password(header)
        raise HTTPFailed(f"{url} redirects to {shown!r}, not a valid URL: {error}") from None


def is_upgrade(old: str, new: str) -> bool:
    """Whether this leads from http to https on the same host, both on their standard ports."""
    before, after = urls.origin(old), urls.origin(new)
    return before == ("http", before.host, 80) and after == ("https", before.host, 443)
