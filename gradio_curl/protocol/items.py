"""ITEM syntax: the words after the endpoint.

=================  ==================================================================
``value``          the next parameter, by position
``name=text``      that parameter, text turned into its type
``name:=json``     that parameter, as JSON (``name:==json``: no file is meant by anything in it)
``name@path``      that parameter, from a file (``-``: stdin, or a URL)
``@path``          the next parameter, from a file, where it is a file
=================  ==================================================================

Parsing is pure syntax: the first separator of a word splits it, whatever the app calls its
parameters, and a value is never split again. Whether a name exists is known to `binding`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Positional:
    """``value``; `literal` where it stood after ``--`` and nothing in it is to be read.

    `file` is the item as it was parsed, where ``me@x.org`` turned out to be text.
    """

    text: str
    literal: bool = False
    file: File | None = None


@dataclass(frozen=True, slots=True)
class PositionalFile:
    """``@path``; `raw` is what was typed, for a parameter that takes no file."""

    path: str
    raw: str


@dataclass(frozen=True, slots=True)
class Text:
    """``name=text``; `raw` is what was typed, for a text that has an ``=`` in it."""

    name: str
    text: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Json:
    """``name:=json``, not parsed yet; `raw` is what was typed."""

    name: str
    text: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """``name@path``; `raw` is what was typed, for ``me@x.org`` is text where `me` is not a name."""

    name: str
    path: str
    raw: str = ""


Named = Text | Json | File
Item = Positional | PositionalFile | Named

_NAMED: dict[str, type[Named]] = {"=": Text, ":=": Json, "@": File}
_SEPARATOR = re.compile(":=|=|@")


def parse_items(words: Iterable[str], literals: Iterable[str] = ()) -> list[Item]:
    """Read `words` as items, and `literals` (the words after ``--``) as plain positional text."""
    items = [_parse(word) for word in words]
    return [*items, *(Positional(text, literal=True) for text in literals)]


def named(name: str, separator: str, value: str) -> Named:
    """The item of a `name` and `value` that come apart, as in a table; `separator` is one of
    ``=``, ``:=`` and ``@``."""
    return _NAMED[separator](name, value, raw=f"{name}{separator}{value}")


def as_text(item: Named) -> Positional:
    """The text that was typed, where what stands before the separator is not a parameter."""
    return Positional(item.raw, file=item if isinstance(item, File) else None)


def _parse(word: str) -> Item:
    separator = _SEPARATOR.search(word)
    if separator is None or word == "@":
        return Positional(word)
    name, value = word[: separator.start()], word[separator.end() :]
    if name.strip():
        return named(name, separator[0], value)
    return PositionalFile(value, raw=word) if word[0] == "@" else Positional(word)
