"""Stdin can be read only once: what reads it in this process claims it first."""

from __future__ import annotations

import os
import stat
import sys

from gradio_curl.errors import Fault, InputError

FROM_TERMINAL = "reading stdin from the terminal, up to Ctrl-D"
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


def stdin_has_data() -> bool:
    """Whether a pipe or a file stands ready at stdin, with something in it, that nobody reads."""
    if _users or sys.stdin is None:
        return False
    try:
        status = os.fstat(0)
        if stat.S_ISREG(status.st_mode):
            return status.st_size > 0
        return stat.S_ISFIFO(status.st_mode) and _waiting_bytes() > 0
    except OSError:
        return False


def _waiting_bytes() -> int:
    import fcntl
    import termios

    waiting = fcntl.ioctl(0, termios.FIONREAD, bytes(4))
    return int.from_bytes(waiting, sys.byteorder)


def release_stdin() -> None:
    """Take the claim back: the arguments are read once more, or another command begins."""
    _users.clear()
