"""What is wrong with JSON, for a person: Python's own words speak of its internals."""

from __future__ import annotations

import json
from typing import Any

NESTED = (dict, list)  # at hand: to make such a pair for each part takes as long again


def why_invalid(error: ValueError) -> str:
    """Why `json` could not read a text: where it is broken, or a number that is too long."""
    if isinstance(error, json.JSONDecodeError):
        line = f"line {error.lineno}, " if "\n" in error.doc else ""
        return f"{error.msg} at {line}column {error.colno}"
    if has_long_number(error):
        return "a number has too many digits"
    return str(error)


def has_long_number(error: ValueError) -> bool:
    """Whether an integer has more digits than Python reads (CVE-2020-10735)."""
    return "integer string conversion" in str(error)


def is_deeper(value: Any, limit: int) -> bool:
    """Whether lists and objects in the JSON `value` are nested more than `limit` deep."""
    level = [value] if isinstance(value, NESTED) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            part
            for whole in level
            for part in (whole.values() if isinstance(whole, dict) else whole)
            if isinstance(part, NESTED)
        ]
    return bool(level)
