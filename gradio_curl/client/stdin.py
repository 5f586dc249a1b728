"""Stdin can be read only once: what reads it in this process claims it first."""

from __future__ import annotations

from gradio_curl.errors import Fault, InputError

_PATHS = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
_users: list[str] = []


def is_stdin(path: str) -> bool:
    """Whether a path that was typed names stdin."""
    return path in _PATHS


def claim_stdin(user: str) -> None:
    """Claim stdin for `user`, such as `--batch`. Raises InputError where it is claimed already."""
    if _users:
        message = f"stdin can be read only once, and {_users[0]} reads it already"
        raise InputError(Fault(message, "save it to a file, and name that file"))
    _users.append(user)


def release_stdin() -> None:
    """Take the claim back: the arguments are read once more, or another command begins."""
    _users.clear()
