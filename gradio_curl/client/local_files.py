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

    Whoever names stdin claims it, and a second claim is an error. The rows of a batch are read
    twice, to be checked and to be sent: after `checked`, the one claim there was is honoured.
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
        self._checked = False
        self._takes_stdin = False
        self._user = "another argument"

    @contextmanager
    def used_by(self, user: str) -> Iterator[None]:
        """What names stdin inside of the block: `--batch`, `line 3`. Errors say so."""
        before, self._user = self._user, user
        try:
            yield
        finally:
            self._user = before

    def checked(self) -> None:
        """Everything that may name stdin was seen: it is read again as it was seen."""
        self._checked = True

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
            if not (self._checked and self._stdin_text is not None):
                self._claim_stdin()
                if self._stdin_text is None:
                    self._stdin_text = self._stdin().read()
            return self._stdin_text.decode()

    def has(self, path: str) -> bool:
        """Whether there is something to be read at `path`: a file, a device or a pipe."""
        # Pathlib raises where a text is too long to be a path.
        return os.path.exists(path) and not os.path.isdir(path)  # noqa: PTH110, PTH112  # see above

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """A file opened for reading from any place in it; stdin or a pipe is put on disk first."""
        with ExitStack() as stack:
            with reading(path):
                if is_stdin(path):
                    if not self._has_stdin:
                        self._claim_stdin()
                    file = self._stdin()
                else:
                    file = stack.enter_context(Path(path).open("rb"))
                if is_stdin(path) or not _has_size(file):
                    copy = cast(BinaryIO, stack.enter_context(tempfile.TemporaryFile()))
                    while part := file.read(_COPIED_AT_ONCE):
                        with writing_temporary():
                            copy.write(part)
                            copy.flush()
                    file = copy
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
