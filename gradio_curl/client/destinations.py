"""What `--output` may name: kinds of targets, and what is done to each.

A target is treated as `curl -o` would: links are written through, devices and pipes written to,
modes, owners and hard links kept. An existing file is replaced by a complete one or not at all,
wherever a rename can do that without losing anything.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from itertools import takewhile
from pathlib import Path
from typing import IO, NamedTuple, cast

from gradio_curl.client.atomic import Draft, draft, writing_temporary
from gradio_curl.errors import CannotWrite, ReaderGone

Fill = Callable[[IO[bytes]], None]
"""Fills a file with what is saved; may empty it and begin anew."""

_SPOOLED = 1 << 20  # bytes; what is larger goes to disk
_LOOKED_AT = 2000  # bytes at the start that tell whether a terminal can show a file
_TEXT_CONTROLS = b"\t\n\r\x0c"


class Kind(Enum):
    """What `--output` names."""

    STDOUT = auto()
    NULL = auto()
    DEVICE = auto()  # or a FIFO, a socket, an open file: beside it there is no place
    NEW = auto()
    FILE = auto()
    IN_PLACE = auto()  # a file that a rename would cut off from its links, its owner or its folder
    DIRECTORY = auto()
    TEMPLATE = auto()


class Treatment(NamedTuple):
    """`check` fails before the job where `write` would fail after it; both raise OSError.

    `takes_one`: a second file can't be put beside the first.
    """

    check: Callable[[Path], None]
    write: Callable[[Path, Fill], Path]
    takes_one: bool = False


# Telling kinds apart


def further(path: Path) -> tuple[Treatment, Path]:
    """What is to be done to a further file of a result, and where. Raises OSError."""
    kind, target = kind_of(path)
    if kind is Kind.DIRECTORY:
        raise _system_error(errno.EISDIR)
    treatment = TREATMENTS[kind]
    treatment.check(target)
    return treatment, target


def kind_of(path: Path) -> tuple[Kind, Path]:
    """The kind of a path that is not a template, and the path that is written. Raises OSError."""
    try:
        status = path.stat()
    except FileNotFoundError:
        if (descriptor := _descriptor(path)) is not None:
            os.fstat(descriptor)
        return Kind.NEW, Path(os.path.realpath(path))  # a link may lead to where nothing is yet
    if stat.S_ISDIR(status.st_mode):
        return Kind.DIRECTORY, path
    if _is_null(status):
        return Kind.NULL, path
    if _is_stdout(status):
        return Kind.STDOUT, path
    if not stat.S_ISREG(status.st_mode) or _through_descriptor(path):
        return Kind.DEVICE, path
    real = Path(os.path.realpath(path))
    if _can_be_renamed_over(real, status):
        return Kind.FILE, real
    return Kind.IN_PLACE, path


def _is_null(status: os.stat_result) -> bool:
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == Path(os.devnull).stat().st_rdev


def _is_stdout(status: os.stat_result) -> bool:
    """Whether a path leads to what stdout is, as /dev/stdout does."""
    with suppress(AttributeError, OSError, ValueError):
        return os.path.samestat(os.fstat(sys.stdout.fileno()), status)
    return False


def _through_descriptor(path: Path) -> bool:
    """Whether a path leads through an open file, such as /dev/fd/9: that one is to be written."""
    return os.path.realpath(_followed(path).parent).startswith("/proc/")


def _descriptor(path: Path) -> int | None:
    """The descriptor of ours that a path names, as /dev/fd/9 does; else None."""
    path = _followed(path)
    ours = (f"/proc/{os.getpid()}/fd", "/dev/fd")
    return (
        int(path.name) if path.name.isdecimal() and os.path.realpath(path.parent) in ours else None
    )


def _followed(path: Path) -> Path:
    """Where links lead, short of those in /proc, which stand for what a process has open."""
    while not os.path.realpath(path.parent).startswith("/proc/") and path.is_symlink():
        path = path.parent / path.readlink()
    return path


def _can_be_renamed_over(real: Path, status: os.stat_result) -> bool:
    """Whether another file can take the place of this one, and nothing is lost."""
    try:
        same = os.path.samestat(real.stat(), status)
        attributes = set(os.listxattr(real)) - {"security.selinux"}
    except OSError as error:
        same, attributes = error.errno in (errno.ENOTSUP, errno.ENOSYS), set()
    user = os.geteuid()
    mine = user == 0 or (status.st_uid == user and status.st_gid in (os.getegid(), *os.getgroups()))
    folder_ok = os.access(real.parent, os.W_OK | os.X_OK)
    return same and mine and folder_ok and status.st_nlink == 1 and not attributes


# Checks before the job


def _system_error(number: int) -> OSError:
    """The error that the system gives for a number of `errno`."""
    return OSError(number, os.strerror(number))


def _check_stdout(path: Path) -> None:
    if sys.stdout is None:  # as after `>&-`
        raise CannotWrite.because("stdout", "it is closed")


def _check_writable(path: Path) -> None:
    descriptor = _descriptor(path)
    if descriptor is None:
        is_writable = os.access(path, os.W_OK)
    else:
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        is_writable = flags & os.O_ACCMODE != os.O_RDONLY
    if not is_writable:
        raise _system_error(errno.EACCES)


def _check_folder(path: Path) -> None:
    """Whether a file can be made. The system may find a name too long only when it is made."""
    if not path.parent.is_dir():
        raise OSError("no such directory")
    _check_writable(path.parent)


def _check_folders(path: Path) -> None:
    """Whether a directory is there, or can be made: that happens with the first file."""
    path = standing(path)
    if not path.is_dir():
        raise _system_error(errno.ENOTDIR)
    _check_writable(path)


def standing(path: Path) -> Path:
    """What is there of a path: itself, or the nearest directory that it would be in."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _check_template(path: Path) -> None:
    _check_folders(next(folder for folder in path.parents if "{" not in str(folder)))


# Writing


def _write_stdout(path: Path, fill: Fill) -> Path:
    with _filled(fill) as file:
        _check_terminal(file, sys.stdout.isatty())
        try:
            shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        except BrokenPipeError as error:
            raise ReaderGone from error
    return path


def _write_into(path: Path, fill: Fill) -> Path:
    """Write to what is there: only once all of it has come."""
    with _filled(fill) as file, _opened(path) as target:
        _check_terminal(file, target.isatty())
        shutil.copyfileobj(file, target)
    return path


def _opened(path: Path) -> IO[bytes]:
    """A file to write. What is open already is written on where it is: to open it again would
    empty it, and go back to its start."""
    descriptor = _descriptor(path)
    return path.open("wb") if descriptor is None else os.fdopen(os.dup(descriptor), "wb")


def _write_new(path: Path, fill: Fill) -> Path:
    with draft(path.parent) as made:
        fill(made.file)
        made.replace(path)
    return path


def _write_over(path: Path, fill: Fill) -> Path:
    with draft(path.parent) as made:
        fill(made.file)
        made.file.flush()
        try:
            _take_after(made, path)
            made.replace(path)
        except OSError:  # such as a file that is mounted
            made.file.seek(0)
            with path.open("wb") as target:
                shutil.copyfileobj(made.file, target)
    return path


def _take_after(made: Draft, path: Path) -> None:
    """Give a file the owner and the mode of the one at `path`."""
    status, own = path.stat(), os.fstat(made.file.fileno())
    if (status.st_uid, status.st_gid) != (own.st_uid, own.st_gid):
        os.fchown(made.file.fileno(), status.st_uid, status.st_gid)
    os.fchmod(made.file.fileno(), stat.S_IMODE(status.st_mode))


class Folders:
    """Directories that are made for saved files, and not before a file for them is complete: what
    stops us on the way leaves no empty one behind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made = set[Path]()

    @contextmanager
    def with_folder(self, folder: Path) -> Iterator[None]:
        """Make `folder` where it is missing; nobody removes it before the block has ended."""
        with self._lock:
            parents = (folder, *folder.parents)
            self._made.update(takewhile(lambda path: not path.exists(), parents))
            folder.mkdir(parents=True, exist_ok=True)
            yield

    def remove(self, file: Path) -> None:
        """Remove a saved file, and the directories that were made for it and are empty then."""
        with self._lock, suppress(OSError):
            file.unlink()
            for folder in takewhile(self._made.__contains__, file.parents):
                folder.rmdir()


def write_beside(
    target: Path, fill: Fill, folders: Folders | None = None, of_batch: bool = False
) -> Path:
    """Write a new file, named `target` or with a number behind where that is taken."""
    with draft(standing(target.parent)) as made:
        fill(made.file)
        if of_batch:
            # The line that says the row is done comes next. After a power cut it must not be there
            # with an empty file; one that is missing is noticed, so the folder needs no sync.
            # Nothing relies on the file of a single call: that does not wait for the disk.
            made.sync()
        with (folders or Folders()).with_folder(target.parent):
            return _place_beside(made, target)


def _place_beside(made: Draft, target: Path) -> Path:
    """Name a new file `target`, or with the first number behind that is free; gives its path."""
    candidate, number = target, 0
    while True:
        try:
            made.place(candidate)
        except FileExistsError:
            number += 1
            candidate = target.with_name(f"{target.stem}-{number}{target.suffix}")
        else:
            return candidate


@contextmanager
def _filled(fill: Fill) -> Iterator[IO[bytes]]:
    """What `fill` makes, from its start: for places that can't take back what they have."""
    with tempfile.SpooledTemporaryFile(_SPOOLED) as file:
        with writing_temporary():
            fill(cast(IO[bytes], file))
            file.seek(0)
        yield cast(IO[bytes], file)


def _check_terminal(file: IO[bytes], is_terminal: bool) -> None:
    """Raise CannotWrite where `file` holds what would garble a terminal."""
    start = file.read(_LOOKED_AT) if is_terminal else b""
    file.seek(0)
    if any(byte < 0x20 and byte not in _TEXT_CONTROLS for byte in start):
        raise CannotWrite("binary output is not written to a terminal", "use -o FILE, or a pipe")


TREATMENTS = {
    Kind.STDOUT: Treatment(_check_stdout, _write_stdout, takes_one=True),
    Kind.NULL: Treatment(_check_writable, _write_into),
    Kind.DEVICE: Treatment(_check_writable, _write_into, takes_one=True),
    Kind.NEW: Treatment(_check_folder, _write_new),
    Kind.FILE: Treatment(_check_writable, _write_over),
    Kind.IN_PLACE: Treatment(_check_writable, _write_into),
    Kind.DIRECTORY: Treatment(_check_folders, write_beside),
    Kind.TEMPLATE: Treatment(_check_template, write_beside),
}
