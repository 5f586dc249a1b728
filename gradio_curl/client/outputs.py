"""Saved results: where `--output` saves them, and the name of each.

What is done to a target of which kind is in destinations.py.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from gradio_curl.client.atomic import sweep, writing
from gradio_curl.client.destinations import (
    TREATMENTS,
    Fill,
    Folders,
    Kind,
    further,
    kind_of,
    standing,
    write_beside,
)
from gradio_curl.client.image_formats import is_picture
from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol.output_names import Template, path_pattern
from gradio_curl.protocol.shell import quoted

_MANY = "a batch saves many files"


class Output:
    """Where `--output` saves results. `directory` makes it one, whatever the path looks like: for a
    batch, of which each file is on the disk, not only in the system's memory, once it is saved.

    Raises InputError for an empty path, CannotWrite where it is plain that nothing can be saved.
    `used` tells whether something was saved.
    """

    def __init__(self, path: str, directory: bool = False) -> None:
        if not path:
            raise InputError("--output is empty: give a file, a directory or -")
        self.path = path
        self.used = False
        self._template = Template(path)
        self._is_batch = directory
        self._lock = threading.Lock()
        self._swept = set[Path]()
        self._made = Folders()
        self._folders = dict[str, bool]()  # by what was asked of each
        with writing(path):
            self.kind, self._target = self._settled(directory)
        self._treatment = TREATMENTS[self.kind]

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
        return (Kind.STDOUT, path) if self.path == "-" else kind_of(path)

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

    def place_of(self, path: str) -> str | None:
        """Where a file that was saved as `path` would be among those that are saved now: a folder
        may have been moved, or has another name from here. None where that is not known."""
        if self.holds(path):
            return path
        if self.is_directory:
            return os.path.join(self._target, os.path.basename(path))  # noqa: PTH118, PTH119 (as in `holds`)
        return None

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
                further(path)

    def prepare(self, parameters: Iterable[str] = (), files: int = 0) -> None:
        """Fail before a job is queued rather than after. Raises CannotWrite and InputError.

        `parameters` are the names that a template may use beside its own; `files` is how many
        files the result has at least.
        """
        self._template.check(parameters)
        if self.takes_one and files > 1:
            raise InputError(self.too_many(files, "endpoint returns"))
        with writing(self.path):
            self._treatment.check(self._target)

    def too_many(self, files: int, has: str = "result has") -> str:
        """What is wrong with so many files for a target that takes one."""
        return f"the {has} {files} files, --output {self.path} takes one: give a directory"

    def save(
        self,
        name: str,
        fill: Fill,
        fields: Mapping[str, str],
        plain_name: str | None = None,
        place: int = 0,
    ) -> Path:
        """Save what `fill` puts into a file, complete or not at all; gives its path.

        `name`, which is a safe one, counts in a directory; `plain_name` and `fields` in a template.
        A file named by `--output` itself is replaced, and so are those named like it for the others
        of a result, by their `place` behind it; every other file is kept: the new one becomes
        `name-1`. Raises CannotWrite, and what `fill` raises.
        """
        if self.kind is Kind.DIRECTORY:
            return self._save_new(self._target / name, fill)
        if self.kind is Kind.TEMPLATE:
            return self._save_new(Path(self._template.path(plain_name or name, fields)), fill)
        if place and self.names_one:
            return self._save_beside(Path(self.path_of(place, plain_name or name)), fill)
        with writing("stdout" if self.to_stdout else self.path):
            self._sweep(self._target.parent)
            self._treatment.write(self._target, fill)
        self.used = True
        return Path(self._template.text)

    def remove(self, path: str) -> None:
        """Remove a file that was saved, with the directories made for it that are empty then."""
        self._made.remove(Path(path))

    def _save_beside(self, path: Path, fill: Fill) -> Path:
        with writing(path):
            treatment, target = further(path)
            treatment.write(target, fill)
        self.used = True
        return path

    def _save_new(self, target: Path, fill: Fill) -> Path:
        with writing(target):
            self._sweep(standing(target.parent))
            saved = write_beside(target, fill, self._made, self._is_batch)
        self.used = True
        return saved

    def _sweep(self, folder: Path) -> None:
        with self._lock:
            if folder not in self._swept and self.kind not in (Kind.STDOUT, Kind.DEVICE, Kind.NULL):
                self._swept.add(folder)
                sweep(folder)


def _is_file_name(typed: str) -> bool:
    """Whether a path reads like one file, and not like a directory (`out.d/`, `v1.0`)."""
    return os.sep not in typed and Path(typed).suffix[1:2].isalpha()


def _templated(path: Path) -> str:
    return quoted(f"{path.stem}-{{row}}{path.suffix}")
