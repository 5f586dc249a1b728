"""What the line of a row tells of its files: their texts and sizes, so that others are noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from gradio_curl.protocol import files

_LONGEST_TEXT = 10_000  # bytes: of a book that all rows share, a copy in each line is too much

FileTold = Callable[[str, str, bool], Any]
"""Gives what stands for a file in the input of a row: of its path as it was typed, the same from
the working directory, and whether the text of the file is the value."""


def as_typed(path: str, place: str, is_text: bool) -> Any:
    """A file by its path alone, as in lines of former versions."""
    return {"@": path}


def text_told(path: str, text: str) -> Any:
    """What stands for the text of a file: the text itself, or a checksum where that is long."""
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) <= _LONGEST_TEXT:
        return text
    return {"@": path, "size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}


def file_told(path: str, size: int | None) -> Any:
    """What stands for a file that is uploaded; `size` in bytes, None where it is not known."""
    return {"@": path} if size is None else {"@": path, "size": size}


def with_files_told(value: Any, told: FileTold, place: Callable[[str], str] = str) -> Any:
    """JSON as it was typed, with what is `told` of the files in it; `place` gives where one is."""

    def of_reference(reference: dict[str, str]) -> Any:
        path = reference["@"]
        return told(path, place(path), False)

    return files.transform(value, files.is_reference, of_reference)


def difference(before: Any, now: Any) -> str:
    """How the inputs of a row differ, both objects of names: a file that has another content now,
    else the first value that is another. Empty where that is not plain."""
    if not (isinstance(before, dict) and isinstance(now, dict)):
        return ""
    known = {file["@"]: file for file in files.walk(before, _is_told)}
    for file in files.walk(now, _is_told):
        other = known.get(file["@"], file)
        if other["size"] != file["size"]:
            return f": {file['@']} had {other['size']} bytes, and has {file['size']}"
        if other != file:
            return f": the text of {file['@']} is another"
    missing = object()
    for name in {**now, **before}:
        if before.get(name, missing) != now.get(name, missing):
            return f" in {name}"
    return ""


def _is_told(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("@"), str) and "size" in value
