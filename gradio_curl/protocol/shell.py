"""Words quoted for a shell: one way that sh, bash, zsh and fish all read alike."""

from __future__ import annotations

import re
from typing import Any

# Not `=` first, which zsh expands, nor `~`, `{` and the like.
_BARE = re.compile(r"[A-Za-z0-9_@+:,./-][A-Za-z0-9_@+=:,./-]*")
# The same for letters of any script, which no shell changes. Seldom used, so compiled when it is.
_BARE_IN_ANY_SCRIPT = r"[\w@+:,./-][\w@+=:,./-]*"
# fish reads `\'` and `\\` inside single quotes as escapes; sh reads nothing there as one.
_UNLIKE = re.compile(r"('+|\\(?=['\\]|$))")

_MANY_BLANKS = re.compile(r"[\s\u2800\u3164\uffa0]{3,}")


def quoted(word: str) -> str:
    """`word` as one word of a command line, whichever shell it is pasted into.

    Only what can be printed on one line survives a terminal: escape the rest before.
    """
    if _BARE.fullmatch(word):
        return word
    pieces = (_piece(piece) for piece in _UNLIKE.split(word) if piece)
    return "".join(pieces) or "''"


def shown(word: str) -> str:
    """`word` in a list for a person, who may paste it: quoted only where a shell needs that."""
    return word if re.fullmatch(_BARE_IN_ANY_SCRIPT, word) else quoted(word)


def is_plain(text: str) -> bool:
    """Whether a terminal shows `text` as it is: on one line, and without a run of blanks so long
    that what follows may seem to begin another one."""
    return text.isprintable() and not _MANY_BLANKS.search(text)


def _piece(piece: str) -> str:
    if piece == "\\":
        return '"\\\\"'
    return f'"{piece}"' if piece.startswith("'") else f"'{piece}'"


def for_sh(word: str) -> str:
    """`word` as one word of a script for sh, which may hold line ends and any character."""
    return word if _BARE.fullmatch(word) else "'" + word.replace("'", "'\\''") + "'"


def printable_json(value: Any) -> str:
    """JSON of what can be printed on a line; every other character is escaped, and blanks after a
    blank."""
    import json  # not at the top: `--version` and TAB need shell words, and no JSON

    text = re.sub("(?<= ) ", r"\\u0020", json.dumps(value, ensure_ascii=False))
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
