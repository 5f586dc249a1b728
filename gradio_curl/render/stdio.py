"""What may go to a stream: its encoding, harmless text, JSON, and words for a person on stderr."""

from __future__ import annotations

import json
import math
import re
import sys
from functools import cache
from typing import Any, TextIO

from gradio_curl.errors import CannotWrite, ReaderGone
from gradio_curl.protocol import files

# Quotes inside a JSON string have a backslash before them, so this is found at a key only.
_REFERENCE = re.compile(r'\{\s*"@')
# Ends of line for some readers of JSON Lines (Python's splitlines among them), but not for JSON.
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")

_LARGE = 1 << 20  # characters

# C0 and C1 control characters but for tab and line feed, and what reorders text on the screen.
_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F]
_CONTROLS += [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_VISIBLE = {
    code: f"^{chr(code ^ 0x40)}" if code < 0x80 else f"<U+{code:04X}>"
    for code in _CONTROLS
    if chr(code) not in "\t\n"
}


def harmless(text: str) -> str:
    """`text` with control characters made visible: it can't move a cursor or set a title."""
    return text.translate(_VISIBLE)


def to_json(value: Any, indent: int | None = None) -> str:
    """`value` as JSON on one line: NaN and Infinity, which JSON has not, are null.

    An app's `{"@": "path"}` is escaped: handed on to a call, it would send that file.
    """
    try:
        text = _encoder(indent).encode(value)
        if _REFERENCE.search(text):
            text = _encoder(indent).encode(files.escaped(value))
    except ValueError:
        text = json.dumps(_finite(files.escaped(value)), ensure_ascii=False, indent=indent)
    if text.isascii():
        return text
    return _LINE_ENDS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


@cache
def _encoder(indent: int | None) -> json.JSONEncoder:
    """Kept, since json.dumps makes one for each value: half of the time of a small event."""
    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=indent)


def _finite(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [_finite(part) for part in value]
        case dict():
            return {key: _finite(part) for key, part in value.items()}
        case _:
            return value


class Stdout:
    """The result's way out: UTF-8 into a pipe whatever the locale, harmless on a terminal."""

    def __init__(self) -> None:
        if sys.stdout is None:  # as after `>&-`
            raise CannotWrite("stdout can't be written: it is closed")
        self.is_terminal = sys.stdout.isatty()

    def text(self, text: str, end: str = "") -> None:
        """Write text as it is; lone surrogates, which no encoding has, become U+FFFD."""
        if self.is_terminal:
            text = harmless(text)
        try:
            self._write(text, end, "strict")
        except UnicodeEncodeError:
            self._write(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), end)

    def script(self, text: str) -> None:
        """Write commands for a shell, in which file names keep bytes that are not UTF-8."""
        self._write(harmless(text) if self.is_terminal else text, errors="surrogateescape")

    def json(self, text: str) -> None:
        """Write a line of JSON; a lone surrogate is escaped as JSON does."""
        text = harmless(text) if self.is_terminal else text
        self._write(text, "\n", "backslashreplace")

    def drawn(self, text: str) -> None:
        """Write what was made for a terminal, its escape sequences included."""
        self._write(text)

    def _write(self, text: str, end: str = "", errors: str = "replace") -> None:
        encoding = sys.stdout.encoding if self.is_terminal else "utf-8"
        # In one piece, for others may write to the same file; but a large text is not copied.
        pieces = [text + end] if len(text) < _LARGE else [text, end]
        try:
            for piece in pieces:
                sys.stdout.buffer.write(piece.encode(encoding, errors))
            sys.stdout.buffer.flush()
        except BrokenPipeError as error:
            raise ReaderGone from error
        except OSError as error:
            raise CannotWrite(f"stdout can't be written: {error.strerror or error}") from error


def say(message: str, stream: TextIO | None = None) -> None:
    """Tell a person something, on stderr. Whatever is wrong with stderr, the command goes on."""
    stream = stream or sys.stderr
    if stream is None:  # as after `2>&-`
        return
    text = harmless(message).encode(stream.encoding or "utf-8", "backslashreplace")
    try:
        stream.flush()
        stream.buffer.write(text + b"\n")
        stream.buffer.flush()
    except (OSError, ValueError):
        pass


def failure_lines(message: str, hint: str = "") -> str:
    """`gradio-curl: …`, and a second line that says what to do. Further lines are indented."""
    lines = f"gradio-curl: {message}".split("\n") + (hint.split("\n") if hint else [])
    return "\n  ".join(lines)
