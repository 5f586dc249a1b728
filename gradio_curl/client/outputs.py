"""Saved results: what kind of target `--output` names, and what is done to each kind.

The target is treated as `curl -o` would: links are written through, devices and pipes written to,
modes, owners and hard links kept. An existing file is replaced by a complete one or not at all,
wherever a rename can do that without losing anything.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, cast

from gradio_curl.client.atomic import Draft, draft, sweep, writing, writing_temporary
from gradio_curl.client.image_formats import is_picture
from gradio_curl.errors import CannotWrite, Fault, InputError, ReaderGone
from gradio_curl.protocol.output_names import Template, path_pattern
from gradio_curl.protocol.shell import quoted

Fill = Callable[[IO[bytes]], None]
"""Fills a file with what is saved; may empty it and begin anew."""

_SPOOLED = 1 << 20  # bytes; what is larger goes to disk
_LOOKED_AT = 2000  # bytes at the start that tell whether a terminal can show a file
_MANY = "a batch saves many files"
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


class _Treatment(NamedTuple):
    """`check` fails before the job where `write` would fail after it; both raise OSError.

    `takes_one`: a second file can't be put beside the first.
    """

    check: Callable[[Path], None]
    write: Callable[[Path, Fill], Path]
    takes_one: bool = False


class Output:
    """Where `--output` saves results. `directory` makes it one, whatever the path looks like: for a
    batch, of which each file is on the disk, not only in the system's memory, once it is saved.

    Raises InputError for an empty path, CannotWrite where it is plain that nothing can be saved.
    `used` tells whether something was saved. `keeps_new` is for files that take the names of former
    ones: those that were saved here are remembered, and no other takes theirs.
    """

    keeps_new = False

    def __init__(self, path: str, directory: bool = False) -> None:
        if not path:
            raise InputError("--output is empty: give a file, a directory or -")
        self.path = path
        self.used = False
        self._template = Template(path)
        self._is_batch = directory
        self._new = set[str]()  # what was saved, with `keeps_new`
        self._lock = threading.Lock()
        self._swept = set[Path]()
        self._folders = dict[str, bool]()  # by what was asked of each
        with writing(path):
            self.kind, self._target = self._settled(directory)
        self._treatment = _TREATMENTS[self.kind]

    def _settled(self, directory: bool) -> tuple[Kind, Path]:
        if self._template.fields:
            return Kind.TEMPLATE, Path(self.path)
        path = Path(self._template.text)
        if directory and _is_file_name(self.path) and not path.is_dir():
            hint = f"use {quoted(f'{self.path}/')}, or a template such as {_templated(path)}"
            raise InputError(Fault(f"--output {self.path}: {_MANY}", hint))
        if directory and path.exists() and not path.is_dir():
            hint = "give a directory, or a template such as 'out/{row}.{ext}'"
            raise InputError(Fault(f"--output {self.path} is not a directory, and {_MANY}", hint))
        if directory or self.path.endswith(os.sep):
            return Kind.DIRECTORY, path
        return (Kind.STDOUT, path) if self.path == "-" else _kind(path)

    @property
    def to_stdout(self) -> bool:
        """Whether the bytes go to stdout, where nothing else may go then."""
        return self.kind is Kind.STDOUT

    @property
    def takes_one(self) -> bool:
        """Whether only one file fits."""
        return self._treatment.takes_one

    @property
    def is_directory(self) -> bool:
        """Whether results go into a directory, under names of their own."""
        return self.kind is Kind.DIRECTORY

    @property
    def has_many_names(self) -> bool:
        """Whether each file has a name of its own, which the others do not change."""
        return self.kind in (Kind.DIRECTORY, Kind.TEMPLATE)

    @property
    def names_one(self) -> bool:
        """Whether the path names one file, which other files of a result stand beside."""
        return self.kind in (Kind.NEW, Kind.FILE, Kind.IN_PLACE)

    def suffix(self, place: int = 0, name: str = "") -> str:
        """The suffix that the path itself gives to a file, in lower case; else empty.

        `place` and `name` are those of `save`.
        """
        if not self.names_one and self.kind is not Kind.TEMPLATE:
            return ""
        suffix = Path(self.path_of(place, name)).suffix.lower()
        return "" if "{" in suffix else suffix

    def path_of(self, place: int, name: str) -> str:
        """The path as it was typed; for further files of a result with their `place` in it, and
        the suffix of their `name` where that is of another kind."""
        if not place or not self.names_one:
            return self.path
        typed = Path(self._template.text)
        own, suffix = Path(name).suffix, typed.suffix
        both = {own.lower(), suffix.lower()}
        if suffix and len(both) > 1 and not all(map(is_picture, both)):
            suffix = own
        return str(typed.with_name(f"{typed.stem}-{place}{suffix}"))

    def holds(self, path: str) -> bool:
        """Whether a saved file is in a folder that results go into."""
        folder = os.path.dirname(path)  # noqa: PTH120 (a batch asks it for each row)
        if folder not in self._folders:
            # As text, for the folder of a template may have fields too; without `..` and `.`.
            ours = self.path if self.is_directory else os.path.dirname(self.path)  # noqa: PTH120  # see above
            pattern = path_pattern(os.path.abspath(ours))  # noqa: PTH100  # see above
            found = re.fullmatch(pattern, os.path.abspath(folder))  # noqa: PTH100  # see above
            self._folders[folder] = found is not None
        return self._folders[folder]

    def make_folder_of(self, path: str) -> None:
        """Make the folder of another file, if results go into the same one. Raises CannotWrite."""
        if self.holds(path):
            with writing(path):
                Path(path).parent.mkdir(parents=True, exist_ok=True)

    def check(self, name: str, place: int) -> None:
        """Fail before the first file of a result is put in place where `save` would fail for one
        of the others, for the same `place` and plain `name`. Raises CannotWrite."""
        if place and self.names_one:
            path = Path(self.path_of(place, name))
            with writing(path):
                _beside(path)

    def prepare(self, parameters: Iterable[str] = (), files: int = 0) -> None:
        """Fail before a job is queued rather than after. Raises CannotWrite and InputError.

        `parameters` are the names that a template may use beside its own; `files` is how many
        files the result has at least.
        """
        self._template.check(parameters)
        if self.takes_one and files > 1:
            raise InputError(self.too_many(files))
        with writing(self.path):
            self._treatment.check(self._target)

    def too_many(self, files: int) -> str:
        """What is wrong with so many files for a target that takes one."""
        return f"the result has {files} files, --output {self.path} takes one: give a directory"

    def save(
        self,
        name: str,
        fill: Fill,
        fields: Mapping[str, str],
        plain_name: str | None = None,
        place: int = 0,
        before: Collection[str] = (),
    ) -> Path:
        """Save what `fill` puts into a file, complete or not at all; gives its path.

        `name`, which is a safe one, counts in a directory; `plain_name` and `fields` in a template.
        A file named by `--output` itself is replaced, and so are those named like it for the others
        of a result, by their `place` behind it; every other file is kept: the new one becomes
        `name-1`. Not so those `before`, if `keeps_new`: a new one may take their place. Raises
        CannotWrite, and what `fill` raises.
        """
        if self.kind is Kind.DIRECTORY:
            return self._save_new(self._target / name, fill, before)
        if self.kind is Kind.TEMPLATE:
            path = Path(self._template.path(plain_name or name, fields))
            return self._save_new(path, fill, before)
        if place and self.names_one:
            return self._save_beside(Path(self.path_of(place, plain_name or name)), fill)
        with writing("stdout" if self.to_stdout else self.path):
            self._sweep(self._target.parent)
            self._treatment.write(self._target, fill)
        self.used = True
        return Path(self._template.text)

    def _save_beside(self, path: Path, fill: Fill) -> Path:
        with writing(path):
            treatment, target = _beside(path)
            treatment.write(target, fill)
        self.used = True
        return path

    def _save_new(self, target: Path, fill: Fill, before: Collection[str]) -> Path:
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            self._sweep(target.parent)
            saved = _write_beside(
                target, fill, self._is_batch, partial(self._placed, before=before)
            )
        self.used = True
        return saved

    def _placed(self, made: Draft, target: Path, before: Collection[str]) -> Path:
        """Name a file `target`, or with a number behind where that is taken."""
        if not self.keeps_new:
            return _place_beside(made, target)
        with self._lock:
            saved = _place_beside(
                made, target, lambda path: path in before and path not in self._new
            )
            self._new.add(str(saved))
        return saved

    def _sweep(self, folder: Path) -> None:
        with self._lock:
            if folder not in self._swept and self.kind not in (Kind.STDOUT, Kind.DEVICE, Kind.NULL):
                self._swept.add(folder)
                sweep(folder)


# Telling kinds apart


def _is_file_name(typed: str) -> bool:
    """Whether a path reads like one file, and not like a directory (`out.d/`, `v1.0`)."""
    return os.sep not in typed and Path(typed).suffix[1:2].isalpha()


def _templated(path: Path) -> str:
    return quoted(f"{path.stem}-{{row}}{path.suffix}")


def _beside(path: Path) -> tuple[_Treatment, Path]:
    """What is to be done to a further file of a result, and where. Raises OSError."""
    kind, target = _kind(path)
    if kind is Kind.DIRECTORY:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    treatment = _TREATMENTS[kind]
    treatment.check(target)
    return treatment, target


def _kind(path: Path) -> tuple[Kind, Path]:
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
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _check_folder(path: Path) -> None:
    """Whether a file can be made. The system may find a name too long only when it is made."""
    if not path.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "no such directory")
    _check_writable(path.parent)


def _check_folders(path: Path) -> None:
    """Whether a directory is there, or can be made: that happens with the first file."""
    while not path.exists() and path != path.parent:
        path = path.parent
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    _check_writable(path)


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


def _write_beside(
    target: Path,
    fill: Fill,
    of_batch: bool = False,
    place: Callable[[Draft, Path], Path] | None = None,
) -> Path:
    """Write a new file, named `target` or with a number behind where that is taken."""
    with draft(target.parent) as made:
        fill(made.file)
        if of_batch:
            # The line that says the row is done comes next. After a power cut it must not be there
            # with an empty file; one that is missing is noticed, so the folder needs no sync.
            # Nothing relies on the file of a single call: that does not wait for the disk.
            made.sync()
        return (place or _place_beside)(made, target)


def _place_beside(
    made: Draft, target: Path, may_replace: Callable[[str], bool] = lambda path: False
) -> Path:
    candidate, number = target, 0
    while True:
        try:
            made.place(candidate)
        except FileExistsError:
            if may_replace(str(candidate)):
                made.replace(candidate)
                return candidate
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


_TREATMENTS = {
    Kind.STDOUT: _Treatment(_check_stdout, _write_stdout, takes_one=True),
    Kind.NULL: _Treatment(_check_writable, _write_into),
    Kind.DEVICE: _Treatment(_check_writable, _write_into, takes_one=True),
    Kind.NEW: _Treatment(_check_folder, _write_new),
    Kind.FILE: _Treatment(_check_writable, _write_over),
    Kind.IN_PLACE: _Treatment(_check_writable, _write_into),
    Kind.DIRECTORY: _Treatment(_check_folders, _write_beside),
    Kind.TEMPLATE: _Treatment(_check_template, _write_beside),
}
