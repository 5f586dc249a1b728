"""Files written whole or not at all: they get their name once they are complete."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from gradio_curl.errors import CannotWrite, Failure

_PREFIX = ".gradio-curl-"
_UNNAMED = getattr(os, "O_TMPFILE", 0)  # Linux only
_NOT_UNNAMED = (errno.EISDIR, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOENT)

_NO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


def _sync(descriptor: int) -> None:
    getattr(os, "fdatasync", os.fsync)(descriptor)  # macOS lacks fdatasync


class Draft:
    """A file in `folder` without a name of its own yet; fill `file`, then place it.

    Where the system can, it stays without any name, so that nothing is left of a killed process.
    Elsewhere a lock tells whether whoever writes it is still alive. Raises OSError.
    """

    def __init__(self, folder: Path, mode: int = 0o666) -> None:
        self._folder = folder
        self._mode = mode
        self._name: Path | None = None
        descriptor = _unnamed(folder, mode)
        if descriptor is None:
            descriptor = self._named()
        self.file: IO[bytes] = os.fdopen(descriptor, "w+b")

    def sync(self) -> None:
        """Wait until what is in the file is on the disk, where the file system can tell."""
        self.file.flush()
        try:
            _sync(self.file.fileno())
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise

    def place(self, target: Path) -> None:
        """Give the file the name `target`. Raises FileExistsError where that is taken."""
        self.file.flush()
        try:
            self._link(target)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            name = self._name or self._copied()
            target.open("xb").close()
            try:
                name.replace(target)
            except OSError:
                target.unlink()
                raise

    def replace(self, target: Path) -> None:
        """Give the file the name `target`, in place of the file that has it."""
        self.file.flush()
        if self._name is None:
            name = _free_name(self._folder)
            try:
                self._link(name)
                self._name = name
            except OSError:
                self._copied()
        assert self._name is not None
        self._name.replace(target)

    def close(self) -> None:
        """Drop what was not placed."""
        self.file.close()
        if self._name is not None:
            self._name.unlink(missing_ok=True)

    def _link(self, target: Path) -> None:
        if self._name is not None:
            os.link(self._name, target)
            return
        descriptor = self.file.fileno()
        # Only with a descriptor for its folder does Python follow the link in /proc.
        os.link(f"/proc/self/fd/{descriptor}", target, src_dir_fd=descriptor)

    def _named(self) -> int:
        """Make a file with a name, locked for as long as it is open."""
        while True:
            name = _free_name(self._folder)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            descriptor = os.open(name, flags, self._mode)
            _lock(descriptor)
            if name.exists():  # else swept away before it was locked
                self._name = name
                return descriptor
            os.close(descriptor)

    def _copied(self) -> Path:
        """Copy a file without a name to one that has one."""
        unnamed = self.file
        self.file = os.fdopen(self._named(), "w+b")
        unnamed.seek(0)
        shutil.copyfileobj(unnamed, self.file)
        self.file.flush()
        status = os.fstat(unnamed.fileno())
        os.fchmod(self.file.fileno(), status.st_mode & 0o7777)
        unnamed.close()
        assert self._name is not None
        return self._name


@contextmanager
def draft(folder: Path, mode: int = 0o666) -> Iterator[Draft]:
    """A file in `folder` that is dropped unless it is placed. `mode` is less the umask."""
    made = Draft(folder, mode)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def replacing(target: Path, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """A file to write, which takes the place of `target` if the block ends well."""
    with draft(target.parent, mode) as made:
        yield made.file
        made.replace(target)


def sweep(folder: Path, *prefixes: str) -> None:
    """Remove what killed processes left in `folder`: unfinished files that nobody has locked.

    So are those whose names start with one of `prefixes`.
    """
    ours = (_PREFIX, *prefixes)
    try:
        left = [entry.path for entry in os.scandir(folder) if entry.name.startswith(ours)]
    except OSError:
        return
    for path in left:
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                Path(path).unlink()
            finally:
                os.close(descriptor)


@contextmanager
def writing(path: Path | str) -> Iterator[None]:
    """Errors of writing to `path` (or to what it says, such as stdout) as CannotWrite."""
    try:
        yield
    except Failure:
        raise
    except OSError as error:
        raise CannotWrite.because(path, error) from error


@contextmanager
def writing_temporary() -> Iterator[None]:
    """Errors of writing a temporary file as CannotWrite, which says where such files are."""
    try:
        with writing("a temporary file"):
            yield
    except CannotWrite as failure:
        if not failure.hint:
            failure.hint = "is TMPDIR full? set it to a directory with room"
        raise


def _unnamed(folder: Path, mode: int) -> int | None:
    """A file without a name in `folder`; None where the system has none."""
    if not _UNNAMED:
        return None
    try:
        descriptor = os.open(folder, _UNNAMED | os.O_RDWR | os.O_CLOEXEC, mode)
    except OSError as error:
        if error.errno in _NOT_UNNAMED:
            return None
        raise
    _lock(descriptor)  # for the moment in which `replace` gives it a name of its own
    return descriptor


def _lock(descriptor: int) -> None:
    with suppress(OSError):  # a file system without locks
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _free_name(folder: Path) -> Path:
    return folder / f"{_PREFIX}{os.urandom(8).hex()}"
