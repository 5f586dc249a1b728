"""Local files: reading what an item names, saving outputs complete or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, BinaryIO, cast

from gradio_curl.errors import CannotRead, CannotWrite, Failure, Fault, InputError, ReaderGone
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
        raise CannotRead(f"{path or repr(path)} can't be read: {_why(error)}") from error


class Output:
    """Where `--output` puts files: a directory, a file, or (`-`) stdout.

    `directory` makes it one, whatever the path looks like. Raises InputError for an empty path.
    `used` tells whether a file was saved.
    """

    used = False

    def __init__(self, path: str, directory: bool = False) -> None:
        if not path:
            raise InputError("--output is empty: give a file, a directory or -")
        self.to_stdout = path == "-" and not directory
        self._path = Path(path)
        self._directory = directory or path.endswith(os.sep) or self._path.is_dir()

    def prepare(self) -> None:
        """Fail before a job is queued rather than after. Raises CannotWrite."""
        _umask()
        if self.to_stdout:
            return
        folder = self._path if self._directory else self._path.parent
        with writing(folder):
            if self._directory:
                folder.mkdir(parents=True, exist_ok=True)
            if not folder.is_dir():
                raise NotADirectoryError(20, "no such directory")
            if not os.access(folder, os.W_OK):
                raise PermissionError(13, os.strerror(13))

    def save(self, name: str, write: Callable[[IO[bytes]], None]) -> Path:
        """Have `write` fill a file and give it its place once it is complete.

        `name` is a safe one. A file named by `--output` itself is replaced, every other one kept:
        the new one becomes `name-1`. Raises CannotWrite, and what `write` raises.
        """
        if self.to_stdout:
            self._to_stdout(write)
            self.used = True
            return self._path
        replace = not self._directory and not self.used
        target = self._path / name if self._directory else self._path
        with writing(target):
            if replace and target.exists() and not target.is_file():
                with target.open("wb") as device:  # such as /dev/null
                    write(device)
            else:
                target = _complete(target, write, replace)
        self.used = True
        return target

    def _to_stdout(self, write: Callable[[IO[bytes]], None]) -> None:
        try:
            with writing(Path("stdout")):
                write(sys.stdout.buffer)
                sys.stdout.buffer.flush()
        except CannotWrite as failure:
            if isinstance(failure.__cause__, BrokenPipeError):
                raise ReaderGone from failure
            raise


def _complete(target: Path, write: Callable[[IO[bytes]], None], replace: bool) -> Path:
    descriptor, temporary = tempfile.mkstemp(prefix=".gradio-curl-", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
        Path(temporary).chmod(0o666 & ~_umask())
        if replace:
            Path(temporary).replace(target)
            return target
        for candidate in _numbered(target):
            with suppress(FileExistsError):
                _place(temporary, candidate)
                return candidate
        raise FileExistsError(17, "every name is taken")
    finally:
        Path(temporary).unlink(missing_ok=True)


def _place(temporary: str, target: Path) -> None:
    """Give a file its name, but never that of another: a rename alone would replace it."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        target.open("xb").close()
        Path(temporary).replace(target)


def _numbered(target: Path) -> Iterator[Path]:
    yield target
    for number in range(1, 100_000):
        yield target.with_name(f"{target.stem}-{number}{target.suffix}")


@cache
def _umask() -> int:
    """Asking means setting it for a moment, for all threads: so it is asked once."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Errors of writing a local file as ours: CannotWrite."""
    try:
        yield
    except Failure:
        raise
    except OSError as error:
        raise CannotWrite(f"{path} can't be written: {_why(error)}") from error


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
