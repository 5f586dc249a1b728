"""Items with `{}` in them, which a line of a batch fills: `image@{}`, `seed={n}`.

=======  ===========================================
`{}`     the line
`{n}`    its number, from 0 as in the results
`{{}}`   the text `{}` (and `{{n}}` the text `{n}`)
=======  ===========================================

The item is parsed first and filled afterwards, and a line is never read as an item. In
`name:=json` only the strings are filled: `x:={}` is an empty object. What stands after `--`, and
the JSON of `name:==json`, is taken literally here too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gradio_curl.errors import InputError
from gradio_curl.protocol import files
from gradio_curl.protocol.items import File, Item, Json, Positional, PositionalFile, Text
from gradio_curl.protocol.told import FileTold, as_typed, with_files_told
from gradio_curl.protocol.values import parse_json

_PLACE = re.compile(r"\{(\{n?\})\}|\{(n?)\}")


def takes_line(item: Item) -> bool:
    """Whether an item has a place for the line of a batch, or for its number.

    No parameter has a name with such a place: what has one there is text, as https://x.org/{}?a=b.
    """
    match item:
        case Positional(text, literal):
            return not literal and _has_place(text)
        case Json(name):
            return _has_place(name) or any(
                map(_has_place, files.walk(_filled_json(item), _is_text))
            )
        case Text(name, text) | File(name, text):
            return _has_place(name) or _has_place(text)
        case PositionalFile(path):
            return _has_place(path)


def filled(item: Item, line: str, number: int) -> Item:
    """The item for one line of a batch."""

    def fill(text: str) -> str:
        return _PLACE.sub(lambda place: _filling(place, line, number), text)

    match item:
        case Positional(text, literal, file):
            if literal:
                return item
            # What was typed stays, for who is told of it.
            file = file and replace(file, path=_filled_path(file.path, fill))
            return Positional(fill(text), literal=True, file=file)
        case Json():
            if _is_literal(item):
                return item
            value = files.transform(_parsed(item), _is_text, fill)
            return replace(item, text=json.dumps(value))
        case Text():
            return replace(item, text=fill(item.text), raw=fill(item.raw))
        case PositionalFile() | File():
            return replace(item, path=_filled_path(item.path, fill), raw=fill(item.raw))


def _filled_path(typed: str, fill: Callable[[str], str]) -> str:
    path = fill(typed)
    return typed if path == typed else files.path_in_row(path)


def typed_value(item: Item, told: FileTold = as_typed, is_text: bool = False) -> Any:
    """The value of an item as JSON: its text, its JSON, or what is `told` of a file, of which the
    text is the value where `is_text`."""
    match item:
        case Positional(text=text) | Text(text=text):
            return text
        case PositionalFile(path=path) | File(path=path):
            return told(path, path, is_text)
        case Json(text=text):
            if _is_literal(item):
                return files.escaped(parse_json(text[1:], f"{item.name}:="))
            return with_files_told(_parsed(item), told)


def _has_place(text: str) -> bool:
    return any(place[1] is None for place in _PLACE.finditer(text))


def _filling(place: re.Match[str], line: str, number: int) -> str:
    if place[1] is not None:
        return place[1]
    return str(number) if place[2] else line


def _filled_json(item: Json) -> Any:
    """The JSON that a line may fill; None where it is taken literally, or can't be read."""
    try:
        return None if _is_literal(item) else _parsed(item)
    except InputError:  # which is told where it is bound
        return None


def _is_literal(item: Json) -> bool:
    """Whether nothing in the JSON stands for a file or a line: `name:==json`."""
    return item.text.startswith("=")


def _parsed(item: Json) -> Any:
    return parse_json(item.text, f"{item.name}:=")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
