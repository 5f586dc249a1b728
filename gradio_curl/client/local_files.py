"""Local files that items name: what may be uploaded or read, and stdin, which can be read once."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from gradio_curl.errors import CannotRead, Fault, InputError
from gradio_curl.protocol.files import STDIN, Local

_STDIN_TWICE = "stdin is named twice, but can be read only once"


class Inputs:
    """The files of one command, each by the path that was typed. Stdin can be read once."""

    def __init__(self, stdin_name: str | None = None) -> None:
        self._stdin_name = stdin_name
        self._stdin_promised = False
        self._stdin_taken = False

    def text(self, path: str) -> str:
        """The text of a file, `-` being stdin. Raises CannotRead."""
        with reading(path):
            raw = self._stdin().read() if path == STDIN else Path(path).read_bytes()
            return raw.decode()

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """A file opened for reading from any place in it; stdin or a pipe is put on disk first."""
        with ExitStack() as stack:
            with reading(path):
                if path == STDIN:
                    file = self._stdin()
                else:
                    file = stack.enter_context(Path(path).open("rb"))
                if path == STDIN or not _has_size(file):
                    copy = cast(BinaryIO, stack.enter_context(tempfile.TemporaryFile()))
                    shutil.copyfileobj(file, copy)
                    file = copy
            yield file

    def name(self, path: str) -> str:
        """The name to send a file under."""
        if path == STDIN:
            return self._stdin_name or "stdin"
        return Path(path).name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def fault(self, local: Local, limit: int | None) -> Fault | None:
        """What speaks against uploading this file, told before anything is sent; None if nothing.

        `limit` is the largest size in bytes that the app takes.
        """
        if local.path == STDIN:
            twice = self._stdin_taken or self._stdin_promised
            self._stdin_promised = True
            return Fault(_STDIN_TWICE) if twice else None
        try:
            with reading(local.path):
                if Path(local.path).is_fifo():
                    return None  # what is in a pipe can be read only once
                with Path(local.path).open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
        except CannotRead as failure:
            return Fault(failure.message, failure.hint, unreadable=True)
        return over_limit(local.path, size, limit)

    def _stdin(self) -> BinaryIO:
        if self._stdin_taken:
            raise InputError(_STDIN_TWICE)
        self._stdin_taken = True
        if sys.stdin is None:  # as after `<&-`
            raise CannotRead("stdin is closed")
        return sys.stdin.buffer


def over_limit(path: str, size: int, limit: int | None) -> Fault | None:
    """The fault of a file that is larger than the app takes; both in bytes."""
    if limit is None or size <= limit:
        return None
    name = "stdin" if path == STDIN else path
    return Fault(f"{name} has {size} bytes, the app takes at most {limit}")


def _has_size(file: BinaryIO) -> bool:
    """Whether the size of a file is known before it is read: not of pipes, nor in /proc."""
    status = os.fstat(file.fileno())
    return stat.S_ISREG(status.st_mode) and status.st_size > 0


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Errors of reading a local file as ours: CannotRead."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise CannotRead(f"{path} is no UTF-8 text") from error
    except ValueError as error:
        raise CannotRead(f"{path!r} can't be read: {error}") from error
    except OSError as error:
        raise CannotRead(f"{path or repr(path)} can't be read: {reason(error)}") from error


def reason(error: OSError) -> str:
    """Why the system refused, in its words."""
    return (error.strerror or str(error)).lower()
