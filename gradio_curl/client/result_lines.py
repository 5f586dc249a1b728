"""A line of a results file: what it says, read without parsing it where that can be."""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from gradio_curl.protocol import files

Encode = Callable[[Any], str]
"""Makes the JSON of an input, as it is written."""

_SAVED = re.compile(rb'"saved": "((?:[^"\\]|\\.)*)"')
_START = b'{"row": '
_ALL_SAVED = b'], "saved": ['
# A row that is done, as it is written: to parse a million of them would take a minute.
_DONE_ROW = re.compile(
    rb'\{"row": (\d{1,10}), (?:"endpoint": ("(?:[^"\\]|\\.)*"), )?'
    rb'"input": (\{.*\}), "status": "ok", "data": \[.*\]\}\n',
    re.DOTALL,
)


class Line(NamedTuple):
    """What a line says: which row, whether it is done, a checksum of its input, the endpoint, and
    what was saved for it; None where nothing was to be saved.

    Lines of former versions lack the endpoint and what was saved, and have as input only what the
    row itself gives.
    """

    row: int
    is_done: bool
    checksum: int
    endpoint: str | None
    saved: list[str] | None


def read_line(line: bytes, encode: Encode) -> Line | None:
    """What a line says; None for one that is none of results. `encode` is that of Results."""
    done = _DONE_ROW.fullmatch(line)
    if done is not None and line.count(b'"status": ') == 1:
        saved = _all_saved(line) if _ALL_SAVED in line else None
        return Line(int(done[1]), True, checksum(done[3]), _text(done[2]), saved)
    try:
        match json.loads(line):
            case {"row": int(number), "status": "ok" | "error" as status, **rest}:
                known = input_checksum(rest["input"], encode) if "input" in rest else 0
                endpoint = rest.get("endpoint")
                name = endpoint if isinstance(endpoint, str) else None
                saved = _paths(rest.get("saved"))
                return Line(number, status == "ok", known, name, saved)
    except (ValueError, RecursionError):
        pass
    return None


@cache
def _text(encoded: bytes | None) -> str | None:
    """The text in a JSON string: that of an endpoint, which stands in every line."""
    return None if encoded is None else str(json.loads(encoded))


def is_cut(line: bytes) -> bool:
    """Whether this is what is left of a line whose command was killed, or lost its power: then
    some file systems have zeros in its place."""
    return line.startswith(_START) or _START.startswith(line) or not line.strip(b"\0")


def _all_saved(line: bytes) -> list[str] | None:
    """What was saved for a row, at the end of its line; an app may have such a key in its data."""
    listed = line[line.rindex(_ALL_SAVED) + len(_ALL_SAVED) : -3]
    try:
        if listed.count(b'"') == 2 and b"\\" not in listed and listed[:1] == listed[-1:] == b'"':
            return [listed[1:-1].decode()]  # as most are: to parse it takes twice as long
        return _paths(json.loads(b"[%b]" % listed))
    except ValueError:
        return None


def _paths(value: Any) -> list[str] | None:
    if isinstance(value, list) and all(isinstance(path, str) for path in value):
        return value
    return None


def misses_files(line: bytes) -> bool:
    """Whether a file that was saved for this row is not there any more, by a line of a former
    version.

    All rows are looked at without parsing them, which would take a minute for a million; and by
    `os.path`, which takes the bytes as they are.
    """
    paths = _SAVED.findall(line)
    if all(b"\\" not in path and os.path.isfile(path) for path in paths):  # noqa: PTH113  # as above
        return False
    # One may be escaped; and an app may have a key of this name in its own JSON, too.
    data = json.loads(line).get("data")
    saved = [value["saved"] for value in files.walk(data, _is_saved)]
    return not all(map(os.path.isfile, saved))


def _is_saved(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("saved"), str)
        and (files.is_file(value) or "plot" in value)
    )


def input_checksum(typed: Any, encode: Encode) -> int:
    """The checksum of an input, by the bytes that are written."""
    return checksum(encode(typed).encode("utf-8", "backslashreplace"))


def checksum(typed: bytes, before: int = 0) -> int:
    """32 bits of a row's input, never 0; `before` is the checksum of what stands before it."""
    return zlib.crc32(typed, before) or 1
