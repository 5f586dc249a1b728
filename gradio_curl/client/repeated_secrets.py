"""Secrets that an app repeats in its description: masked before anything reads or keeps it.

A label or a default may be made of the headers of the request (behind a proxy that adds a token,
say). From there it would come into the cache, `info`, the script of `--curl` and TAB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradio_curl import masking
from gradio_curl.protocol import files

# The keys in /config and /info whose values are words of the app's author, or examples. What stands
# behind other keys (a type, an `api_name`) is not text that an app makes of a request, and choices
# are compared with what is typed: a password may be an ordinary word among them.
_TEXTS = frozenset({
    "default", "description", "example_input", "example_inputs", "headers", "label",
    "parameter_default", "title", "value",
})  # fmt: skip


def mask_repeated(*described: Any) -> None:
    """Mask the secrets that were sent in the texts of `/config` and `/info`, in place."""
    found = _places(described)
    if not masking.may_hold_secrets(
        text for place, key in found for text in files.walk(place[key], _is_text)
    ):
        return
    for place, key in _places(described):
        place[key] = files.transform(place[key], _is_text, masking.masked)


def _places(described: tuple[Any, ...]) -> Iterator[tuple[dict[str, Any], str]]:
    """Each object that has one of the keys, with that key."""
    left = [part for part in described if isinstance(part, dict | list)]
    while left:
        part = left.pop()
        inner = part
        if isinstance(part, dict):
            yield from ((part, key) for key in part.keys() & _TEXTS)
            inner = [value for key, value in part.items() if key not in _TEXTS]
        left += [value for value in inner if isinstance(value, dict | list)]


def _is_text(part: Any) -> bool:
    return isinstance(part, str)
