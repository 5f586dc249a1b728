"""What the value of an option is read as: headers, secrets, numbers, shards."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from gradio_curl.client.stdin import FROM_TERMINAL, claim_stdin, is_stdin
from gradio_curl.errors import CannotRead, InputError
from gradio_curl.network import Header, Secret
from gradio_curl.render import stdio

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_HEADER_VALUE = re.compile("[\t\x20-\x7e\x80-\xff]*")


def headers(typed: str) -> list[Header]:
    """What `--header` names: one header, or those in the lines of `@FILE`."""
    lines = _lines(typed) if typed.startswith("@") else [typed]
    if not lines:
        raise InputError(f"--header {typed} is empty")
    return [_header(line) for line in lines]


def _header(typed: str) -> Header:
    """A header as curl takes it: `Name: value`, `Name:` to leave it out, `Name;` to send it empty.

    No message shows the value, for it may be a secret.
    """
    name, colon, value = typed.partition(":")
    name, value = name.strip(), value.strip()
    if not colon and name.endswith(";"):
        name, colon = name.removesuffix(";").strip(), ";"
    if not colon or not name:
        raise InputError("--header must be NAME:VALUE: the colon or the name is missing")
    if not _HEADER.fullmatch(name):
        raise InputError("--header must be NAME:VALUE: the name contains an invalid character")
    if not _HEADER_VALUE.fullmatch(value):
        raise InputError(
            f"--header {name}: the value contains a line end, or a character outside Latin-1"
        )
    return Header(name, Secret(value) if value or colon == ";" else None)


def secret(option: str) -> Callable[[Any], Any]:
    """Reads the value of `option`, a secret; `@FILE` is the first line of that file, `@-` of
    stdin. Raises InputError, CannotRead.

    It is empty where a script has an unset variable: without it, the app would be asked as nobody.
    """

    def read(typed: Any) -> Any:
        if not isinstance(typed, str):
            return typed
        if typed.startswith("@"):
            text, named = next(iter(_lines(typed, option)), ""), f"{option} {typed}"
        else:
            text, named = typed, option
        if is_empty(text):
            raise InputError(f"{named} is empty")
        return Secret(text)

    return read


def is_empty(text: str) -> bool:
    """Whether there is nothing in a token or a login; `:` is an empty user and password."""
    return text.strip() in ("", ":")


def oauth_token(typed: Any) -> Any:
    """The token of `--oauth-token`. Raises InputError, CannotRead."""
    token = secret("--oauth-token")(typed)
    if not isinstance(token, Secret):
        return token
    text = token.reveal().strip()
    if not (text.isascii() and text.isprintable()):
        raise InputError("--oauth-token contains characters that a token can't have")
    return Secret(text)


def _lines(at_file: str, option: str = "--header") -> list[str]:
    """The lines of `@FILE`, or of stdin for `@-`, without empty ones. Raises CannotRead."""
    path = at_file[1:]
    if is_stdin(path):
        claim_stdin(option)
        if sys.stdin is not None and sys.stdin.isatty():
            stdio.say(FROM_TERMINAL)
        path = "/dev/stdin"
    try:
        # Windows writes a byte order mark before UTF-8, which is no part of a secret.
        with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123  # pathlib is not loaded here
            return [line.strip("\r\n") for line in file if line.strip()]
    except (OSError, ValueError) as error:
        known = isinstance(error, OSError) and error.strerror
        reason = known.lower() if known else "it is not valid UTF-8"
        raise CannotRead(f"{option} {at_file} can't be read: {reason}") from error


def amount(
    option: str, least: float, kind: type[int] | type[float] = float, most: float = math.inf
) -> Callable[[Any], Any]:
    """Reads the value of `option`, a number. Defaults, which are numbers already, pass."""

    def read(typed: Any) -> Any:
        if not isinstance(typed, str):
            return typed
        value: float
        try:
            value = kind(typed)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            whole = "whole " if kind is int else ""
            raise InputError(f"{option} {typed!r} is not a {whole}number")
        if not least <= value <= most:
            limit = f"at least {least:g}" if value < least else f"at most {most:g}"
            raise InputError(f"{option} {typed!r} must be {limit}")
        return value

    return read


class Shard(NamedTuple):
    """One of the `parts` of a batch, counted from 1."""

    part: int
    parts: int


def shard(typed: Any) -> Any:
    """`I/N` of `--shard`. Raises InputError."""
    if not isinstance(typed, str):
        return typed
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", typed)
    part, parts = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= part <= parts:
        raise InputError(f"--shard {typed!r} must be I/N, from 1/N to N/N")
    return Shard(part, parts)
