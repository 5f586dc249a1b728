"""ITEM syntax: the words after the endpoint.

=================  ======================================================
``value``          the next parameter, by position
``name=text``      that parameter, text turned into its type
``name:=json``     that parameter, as JSON
``name@path``      that parameter, from a file (``-``: stdin, or a URL)
``@path``          the next parameter, from a file, where it is a file
=================  ======================================================

Parsing is pure syntax. Whether a name exists is known to `binding`; only labels with blanks need
to be handed in, since nothing else tells ``Guidance scale=3`` from a text with an ``=`` in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Positional(NamedTuple):
    """``value``; `literal` where it stood after ``--`` and nothing in it is to be read."""

    text: str
    literal: bool = False


class PositionalFile(NamedTuple):
    """``@path``; `raw` is what was typed, for a parameter that takes no file."""

    path: str
    raw: str


class Text(NamedTuple):
    """``name=text``."""

    name: str
    text: str


class Json(NamedTuple):
    """``name:=json``, not parsed yet."""

    name: str
    text: str


class File(NamedTuple):
    """``name@path``; `raw` is what was typed, for ``me@x.org`` is a text where `me` is no name."""

    name: str
    path: str
    raw: str


Item = Positional | PositionalFile | Text | Json | File

_NAME = r"[^\W\d][\w-]*"
# The longest separator first: `a:=1` is JSON, not the name `a:` with the text `1`.
_NAMED = r"(?P<name>{names})(?P<separator>:=|=|@)(?P<value>.*)"


def parse_items(
    words: Iterable[str], literals: Iterable[str] = (), labels: Iterable[str] = ()
) -> list[Item]:
    """Read `words` as items, and `literals` (the words after ``--``) as plain positional text.

    `labels` are names that may hold any character; they are tried before the general form.
    """
    names = [re.escape(label) for label in sorted(labels, key=len, reverse=True)]
    named = re.compile(_NAMED.format(names="|".join([*names, _NAME])), re.DOTALL)
    items = [_parse(word, named) for word in words]
    return [*items, *(Positional(text, literal=True) for text in literals)]


def _parse(word: str, named: re.Pattern[str]) -> Item:
    if word.startswith("@") and len(word) > 1:
        return PositionalFile(path=word[1:], raw=word)
    match = named.fullmatch(word)
    if match is None:
        return Positional(word)
    name, separator, value = match.group("name", "separator", "value")
    if separator == "=":
        return Text(name, value)
    if separator == ":=":
        return Json(name, value)
    return File(name, value, raw=word)
