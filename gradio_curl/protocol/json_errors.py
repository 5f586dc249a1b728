"""What is wrong with JSON, for a person: Python's own words speak of its internals."""

from __future__ import annotations

import json


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
