"""Saved results: where `--output` puts files, each complete or not there at all."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from gradio_curl.client.atomic import draft, writing
from gradio_curl.errors import CannotWrite, InputError, ReaderGone

_SPOOLED = 1 << 20  # bytes; what is larger goes to disk


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
                with filled(write) as file, target.open("wb") as device:  # such as /dev/null
                    shutil.copyfileobj(file, device)
            else:
                target = _complete(target, write, replace)
        self.used = True
        return target

    def _to_stdout(self, write: Callable[[IO[bytes]], None]) -> None:
        try:
            with writing("stdout"), filled(write) as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.buffer.flush()
        except CannotWrite as failure:
            if isinstance(failure.__cause__, BrokenPipeError):
                raise ReaderGone from failure
            raise


@contextmanager
def filled(write: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """What `write` fills, from its start: for places that can't take back what they have."""
    with tempfile.SpooledTemporaryFile(_SPOOLED) as file:
        write(cast(IO[bytes], file))
        file.seek(0)
        yield cast(IO[bytes], file)


def _complete(target: Path, write: Callable[[IO[bytes]], None], replace: bool) -> Path:
    with draft(target.parent) as made:
        write(made.file)
        if replace:
            made.replace(target)
            return target
        for candidate in _numbered(target):
            with suppress(FileExistsError):
                made.place(candidate)
                return candidate
    raise FileExistsError(errno.EEXIST, "every name is taken")


def _numbered(target: Path) -> Iterator[Path]:
    yield target
    for number in range(1, 100_000):
        yield target.with_name(f"{target.stem}-{number}{target.suffix}")
