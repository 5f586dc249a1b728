"""Local files that items name: what may be uploaded or read, and stdin, which can be read once."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from gradio_curl.client.atomic import writing_temporary
from gradio_curl.client.stdin import FROM_TERMINAL, claim_stdin, is_stdin, release_stdin
from gradio_curl.errors import CannotRead, Fault, InputError
from gradio_curl.protocol.files import Local, upload_name
from gradio_curl.protocol.shell import quoted

_COPIED_AT_ONCE = 1 << 20  # bytes


class Inputs:
    """The files of one command, each by the path that was typed. Stdin can be read once.

    Whoever names stdin claims it, and a second claim is an error; rows of a batch can't.
    `tell` is called where the command waits for what is typed on a terminal. `names` has what
    files are sent as, where that is not their own name.
    """

    def __init__(
        self,
        stdin_name: str | None = None,
        tell: Callable[[str], None] = lambda message: None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self._names = names or {}
        self._stdin_name = stdin_name
        self._tell = tell
        self._has_stdin = False
        self._stdin_text: bytes | None = None
        self._takes_stdin = False
        self._user = "another argument"
        self._is_row = False
        self._copy: BinaryIO | None = None  # of stdin, once its size was asked for

    @contextmanager
    def used_by(self, user: str) -> Iterator[None]:
        """What names stdin inside of the block: `--batch`, `line 3`. Errors say so."""
        before, self._user = self._user, user
        try:
            yield
        finally:
            self._user = before

    @contextmanager
    def used_by_row(self) -> Iterator[None]:
        """What is named inside of the block stands in a row: that is data, and no data makes the
        command read its stdin, which may be the input of a loop around it."""
        before, self._is_row = self._is_row, True
        try:
            yield
        finally:
            self._is_row = before

    def close(self) -> None:
        """Drop what was read of stdin."""
        if self._copy is not None:
            self._copy.close()

    def start_over(self) -> None:
        """The arguments are read once more from the first: what was read of stdin is kept."""
        self._takes_stdin = False
        if self._has_stdin:
            release_stdin()
            self._has_stdin = False

    def text(self, path: str) -> str:
        """The text of a file, `-` being stdin. Raises CannotRead; InputError for stdin twice."""
        with reading(path):
            if not is_stdin(path):
                return Path(path).read_bytes().decode()
            self._claim_stdin()
            if self._stdin_text is None:
                self._stdin_text = self._stdin().read()
            return self._stdin_text.decode()

    def has(self, path: str) -> bool:
        """Whether there is something at `path`, be it a directory."""
        return os.path.exists(path)  # noqa: PTH110 (pathlib raises for a text of many letters)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """A file opened for reading from any place in it; stdin or a pipe is put on disk first."""
        with ExitStack() as stack:
            with reading(path):
                file: BinaryIO
                if not is_stdin(path):
                    file = stack.enter_context(Path(path).open("rb"))
                elif self._copy is not None:
                    file = self._copy
                else:
                    if not self._has_stdin:
                        self._claim_stdin()
                    file = self._stdin()
                if file is not self._copy and (is_stdin(path) or not _has_size(file)):
                    file = _copied(file, stack.enter_context(_temporary()))
            yield file

    def name(self, path: str) -> str:
        """The name to send a file under."""
        if path in self._names:
            name = self._names[path]
        elif is_stdin(path):
            name = self._stdin_name or "stdin"
        else:
            name = Path(path).name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return upload_name(name)

    def size(self, path: str) -> int | None:
        """The size of a file in bytes; None for what tells none before it is read, as a pipe."""
        if is_stdin(path):
            return None
        try:
            status = Path(path).stat()
        except (OSError, ValueError):
            return None
        return status.st_size if _is_sized(status) else None

    def content_size(self, path: str) -> int | None:
        """The bytes that a file has now, or that stdin had; None for what tells none, as a pipe.

        Raises CannotRead where it is not there.
        """
        with reading(path):
            if not is_stdin(path):
                status = os.stat(path)  # noqa: PTH116 (a batch asks it for each row)
                return status.st_size if stat.S_ISREG(status.st_mode) else None
            if self._copy is None:
                if not self._has_stdin:
                    self._claim_stdin()
                self._copy = _temporary()
                _copied(self._stdin(), self._copy)
            return self._copy.seek(0, 2)

    def fault(self, local: Local, limit: int | None) -> Fault | None:
        """What speaks against uploading this file, told before anything is sent; None if nothing.

        `limit` is the largest size in bytes that the app takes.
        """
        if is_stdin(local.path):
            self._takes_stdin = True
            try:
                self._claim_stdin()
            except InputError as error:
                return error.faults[0]
            return None
        try:
            with reading(local.path):
                if Path(local.path).is_fifo():
                    return None  # what is in a pipe can be read only once
                with Path(local.path).open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
        except CannotRead as failure:
            return Fault(failure.message, failure.hint, unreadable=True)
        return over_limit(local.path, size, limit)

    def name_faults(self) -> list[Fault]:
        """What is wrong with `--name`, once `fault` has seen all files: none is from stdin."""
        if self._stdin_name is None or self._takes_stdin:
            return []
        item = quoted(f"name={self._stdin_name}")
        return [Fault("--name is the name of a file from stdin", f"for the parameter, use {item}")]

    def _claim_stdin(self) -> None:
        if self._is_row:
            hint = "save it to a file, and name that file"
            raise InputError(Fault("a row can't have stdin as its file", hint))
        claim_stdin(self._user)
        self._has_stdin = True

    def _stdin(self) -> BinaryIO:
        if sys.stdin is None:  # as after `<&-`
            raise CannotRead("stdin is closed")
        if sys.stdin.isatty():
            self._tell(FROM_TERMINAL)
        return sys.stdin.buffer


def over_limit(path: str, size: int, limit: int | None) -> Fault | None:
    """The fault of a file that is larger than the app takes; both in bytes."""
    if limit is None or size <= limit:
        return None
    name = "stdin" if is_stdin(path) else path
    return Fault(f"{name} has {size} bytes, the app takes at most {limit}")


def _temporary() -> BinaryIO:
    return cast(BinaryIO, tempfile.TemporaryFile())


def _copied(file: BinaryIO, copy: BinaryIO) -> BinaryIO:
    """What is left to read of `file`, put into `copy`, which is given back."""
    while part := file.read(_COPIED_AT_ONCE):
        with writing_temporary():
            copy.write(part)
            copy.flush()
    return copy


def _has_size(file: BinaryIO) -> bool:
    """Whether the size of a file is known before it is read: not of pipes, nor in /proc."""
    return _is_sized(os.fstat(file.fileno()))


def _is_sized(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_size > 0


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Errors of reading a local file as ours: CannotRead."""
    if not path:
        raise CannotRead("the file name is empty")
    shown = "stdin" if is_stdin(path) else path
    try:
        yield
    except UnicodeDecodeError as error:
        raise CannotRead(f"{shown} is not valid UTF-8") from error
    except ValueError as error:
        raise CannotRead(f"{path!r} can't be read: {error}") from error
    except OSError as error:
        raise CannotRead(f"{shown} can't be read: {reason(error)}") from error


def reason(error: OSError) -> str:
    """Why the system refused, in its words."""
    return (error.strerror or str(error)).lower()
