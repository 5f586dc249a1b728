"""What may go to a stream: its encoding, harmless text, JSON, and messages on stderr."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TextIO

from gradio_curl.errors import CannotWrite, ReaderGone
from gradio_curl.masking import masked

# Quotes inside a JSON string have a backslash before them, so this is found at a key only.
_REFERENCE = re.compile(r'\{\s*"@')
# Ends of line for some readers of JSON Lines (Python's splitlines among them), but not for JSON.
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")

_LARGE = 1 << 20  # characters
_KEPT_WHOLE = 4096  # bytes that a signal leaves in the buffer of stdout, not to be lost
_LONGEST_LINE = 2000  # characters of a message
_KEPT_AT_END = 200  # of them: what a URL is about, or how an error ends

# What a terminal obeys or hides: Unicode's categories Cc (but for tab and line feed), Cf, Zl and
# Zp, as pairs of a first and a last character. A test compares them with `unicodedata`.
_HIDDEN = (
    "\0\x08\x0b\x1f\x7f\x9f\xad\xad\u0600\u0605\u061c\u061c\u06dd\u06dd\u070f\u070f\u0890\u0891"
    "\u08e2\u08e2\u180e\u180e\u200b\u200f\u2028\u202e\u2060\u206f\ufeff\ufeff\ufff0\ufffb"
    "\U000110bd\U000110bd\U000110cd\U000110cd\U00013430\U0001343f\U0001bca0\U0001bca3"
    "\U0001d173\U0001d17a\U000e0000\U000e007f"
)
# Of these, text from the web is full, and they mean nothing on a terminal.
_DROPPED = "\xad\u200b\u2060\ufeff"

# Terminals that open links, by TERM or TERM_PROGRAM.
_OPEN_LINKS = {
    "alacritty", "foot", "ghostty", "iTerm.app", "vscode", "wezterm", "WezTerm", "xterm-ghostty",
    "xterm-kitty", "zed",
}  # fmt: skip

# What `--color` says; the command line sets it.
color = "auto"


def is_terminal(stream: Any) -> bool:
    """Whether a stream is a terminal; None (as after `2>&-`) is not."""
    try:
        return stream is not None and bool(stream.isatty())
    except ValueError:  # it is closed
        return False


def can_draw(stream: Any) -> bool:
    """Whether a stream is a terminal that understands cursor movements."""
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def is_coloured(stream: Any) -> bool:
    """Whether to colour what goes to this stream."""
    if color == "auto":
        return can_draw(stream) and not os.environ.get("NO_COLOR")
    return color == "always"


def opens_links() -> bool:
    """Whether the terminal is known to open links (OSC 8); inside tmux or screen none is."""
    term = os.environ.get("TERM", "")
    if term.startswith(("screen", "tmux")):
        return False
    if term in _OPEN_LINKS or os.environ.get("TERM_PROGRAM") in _OPEN_LINKS:
        return True
    vte = os.environ.get("VTE_VERSION", "")
    return "WT_SESSION" in os.environ or (vte.isdigit() and int(vte) >= 5000)


def harmless(text: str) -> str:
    """`text` for a terminal: what would be obeyed or hidden is made visible or left out.

    Line feeds and tabs stay, and so does what emoji and joining scripts need: joiners between two
    of their characters, variation selectors, the tags of a flag.
    """
    if text.isprintable():
        return text
    # Most lines are printable, and to find that out takes a hundredth of the time.
    lines = text.split("\n")
    return "\n".join(line if line.isprintable() else _harmless_line(line) for line in lines)


def _harmless_line(line: str) -> str:
    visible = line.translate(_visible())
    if visible == line or not any(joiner in line for joiner in "\u200c\u200d\U000e007f"):
        return visible
    parts = _needed().split(line)  # every second one is a needed joiner, or a flag
    return "".join(p if at % 2 else p.translate(_visible()) for at, p in enumerate(parts))


@cache
def _visible() -> dict[int, str]:
    bounds = zip(map(ord, _HIDDEN[::2]), map(ord, _HIDDEN[1::2]), strict=True)
    codes = (code for first, last in bounds for code in range(first, last + 1))
    table = {c: f"^{chr(c ^ 0x40)}" if c < 0x80 else f"<U+{c:04X}>" for c in codes}
    return table | dict.fromkeys(map(ord, _DROPPED), "")


@cache
def _needed() -> re.Pattern[str]:
    # A letter of a joining script, or a part of an emoji: what stands on both sides of a joiner.
    joins = "[^\0-\u02ff\u2000-\u206f\ufeff\ufff0-\ufffb\U000e0000-\U000e007f]"
    flag = "\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f"
    return re.compile(f"({flag}|(?<={joins})[\u200c\u200d](?={joins}))")


def in_a_line(text: str) -> str:
    """`text` for a terminal on one line, any run of blanks and line ends as one blank."""
    # Twice, since blanks may come together where something between them is left out.
    return " ".join(harmless(" ".join(text.split())).split())


def to_json(value: Any, indent: int | None = None, references: bool = False) -> str:
    """`value` as JSON on one line: NaN and Infinity, which JSON has not, are null, and so is an
    output that its job left unchanged.

    An app's `{"@": "path"}` is escaped: handed on to a call, it would send that file. With
    `references` they are the user's own, and stay.
    """
    try:
        text: str = _encoder(indent).encode(value)
        if not references and _REFERENCE.search(text):
            from gradio_curl.protocol import files

            text = _encoder(indent).encode(files.escaped(value))
    except (ValueError, RecursionError):
        text = "".join(_encoded(value, indent))
    if text.isascii():
        return text
    return _LINE_ENDS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


@cache
def _encoder(indent: int | None) -> Any:
    """Kept, since json.dumps makes one for each value: half of the time of a small event."""
    import json

    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=indent, default=_plain)


def _plain(value: Any) -> None:
    """What JSON has for an output that is left unchanged. Raises TypeError for all else."""
    from gradio_curl.protocol.events import UNCHANGED

    if value is not UNCHANGED:
        raise TypeError(f"{type(value).__name__} is not a type of JSON")


def _encoded(value: Any, indent: int | None) -> Iterator[str]:
    """The JSON of any value, piece by piece: however deeply it is nested, NaN as null."""
    scalar = _encoder(None).encode
    comma = ", " if indent is None else ","
    # Each level: what is left of its parts, what ends it, whether a part came before.
    levels: list[tuple[Iterator[tuple[str, Any]], str]] = [(iter([("", value)]), "")]
    is_first = True
    while levels:
        parts, end = levels[-1]
        key, part = next(parts, (None, None))
        depth = len(levels) - (2 if key is None else 1)
        line = f"\n{' ' * (indent * depth)}" if indent is not None and levels[1:] else ""
        if key is None:
            levels.pop()
            yield f"{line}{end}" if end else ""
            is_first = False
            continue
        yield f"{'' if is_first else comma}{line}{key}"
        is_first = isinstance(part, dict | list) and bool(part)
        match part:
            case dict() if part:
                yield "{"
                # As `files.escaped` does, which can't follow what is nested so deeply.
                mark = "@" if len(part) == 1 and set(*part) == {"@"} else ""
                keys = (f"{scalar(name + mark)}: " for name in part)
                levels.append((iter(zip(keys, part.values(), strict=True)), "}"))
            case list() if part:
                yield "["
                levels.append((iter([("", inner) for inner in part]), "]"))
            case float() if not math.isfinite(part):
                yield "null"
            case _:
                yield scalar(part)


def safe_link(url: str) -> str:
    """`url` as a terminal may link to it: http(s), ASCII, no userinfo; else an empty text."""
    from urllib.parse import quote, urlsplit

    if "\\" in url or url != url.strip() or any(c.isspace() or ord(c) < 0x20 for c in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc
    if parts.scheme not in ("http", "https") or not host or "@" in host or not host.isascii():
        return ""
    return quote(url.encode("utf-8", "replace"), safe="%/:?#[]@!$&'()*+,;=~")


class Stdout:
    """The result's way out: UTF-8 into a pipe whatever the locale, harmless on a terminal.

    `written` tells whether the command has written anything yet, by any instance. `is_torn` tells
    a signal that it may have come in the middle of a line whose rest is lost.
    """

    written = is_torn = False

    def __init__(self) -> None:
        if sys.stdout is None:  # as after `>&-`
            raise CannotWrite.because("stdout", "it is closed")
        self.is_terminal = is_terminal(sys.stdout)

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
        Stdout.written = True
        # In one piece, for others may write to the same file; but a large text is not copied.
        pieces = [text + end] if len(text) < _LARGE else [text, end]
        try:
            for piece in pieces:
                raw = piece.encode(encoding, errors)
                Stdout.is_torn = len(raw) > _KEPT_WHOLE
                sys.stdout.buffer.write(raw)
            sys.stdout.buffer.flush()
            Stdout.is_torn = False
        except BrokenPipeError as error:
            raise ReaderGone from error
        except OSError as error:
            raise CannotWrite.because("stdout", error) from error


# Messages

Sink = Callable[[str, str], None]
"""Shows a message for a person, given its level (such as `warning`, or empty) and its text."""

_sinks: list[Sink] = []


def say(message: str, level: str = "") -> None:
    """Show a message for a person: on stderr, or above what is being drawn there.

    Whatever is wrong with stderr, the command goes on.
    """
    if _sinks:
        _sinks[-1](level, message)
    else:
        write_message(level, message)


@contextmanager
def messages_to(sink: Sink) -> Iterator[None]:
    """Messages go to `sink` for as long as the block: it draws where they would be written."""
    _sinks.append(sink)
    try:
        yield
    finally:
        _sinks.remove(sink)


def write_message(level: str, message: str) -> None:
    """Write a message to stderr as it is said where nothing is drawn."""
    head = f"{level}: " if level else ""
    _write_stderr(message_lines(head + message))


def message_lines(text: str, whole: bool = False) -> str:
    """A message for a person, without the secrets that were sent.

    Its further lines are indented, so that none begins like ours; what is very long in one, as
    only a server makes it, is cut out of its middle unless it is to be `whole`.
    """
    text = masked(text)
    if not whole and len(text) > _LONGEST_LINE:
        text = "\n".join(map(_cut, text.split("\n")))
    return re.sub(r"\n(?!  )", "\n  ", harmless(text))


def _cut(line: str) -> str:
    over = len(line) - _LONGEST_LINE
    if over <= 0:
        return line
    head = _LONGEST_LINE - _KEPT_AT_END
    return f"{line[:head]}… ({over} characters left out) …{line[-_KEPT_AT_END:]}"


def report(message: str, hint: str = "") -> None:
    """Write an error and its remedy to stderr, in colour where that is wanted."""
    lines = message_lines(f"gradio-curl: {message}")
    # It may have lines to paste, and URLs of files that could not be saved.
    remedy = message_lines(f"\n{hint}", whole=True) if hint else ""
    if is_coloured(sys.stderr):
        lines = lines.replace("gradio-curl:", "\x1b[1;31mgradio-curl:\x1b[0m", 1)
        remedy = f"\x1b[2m{remedy}\x1b[0m" if remedy else ""
    _write_stderr(lines + remedy)


def _write_stderr(text: str) -> None:
    stream: TextIO | None = sys.stderr
    if stream is None:  # as after `2>&-`
        return
    raw = text.encode(stream.encoding or "utf-8", "backslashreplace")
    try:
        stream.flush()
        stream.buffer.write(raw + b"\n")
        stream.buffer.flush()
    except (OSError, ValueError):
        pass
