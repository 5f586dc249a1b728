"""Saved results: where `--output` puts files, each complete or not there at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

from gradio_curl.client.local_files import reason
from gradio_curl.errors import CannotWrite, Failure, InputError, ReaderGone


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
        raise CannotWrite(f"{path} can't be written: {reason(error)}") from error
