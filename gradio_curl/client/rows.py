"""The rows of a batch: reading them from a file, and checking them all before the first is sent.

A batch of any length takes the same memory: its rows are read twice from disk, once to check them
all and once to do them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from gradio_curl.client.local_files import Inputs
from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol import files
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.files import STDIN
from gradio_curl.protocol.items import Item, named
from gradio_curl.protocol.values import parse_json

_FAULTS_TOLD = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the batch, unread: a line of JSON, or the cells of a CSV line."""

    number: int
    place: str
    content: bytes | dict[str, str]


Bind = Callable[[Any, Iterable[Item]], Call]


class Rows:
    """The rows of a JSON Lines or CSV file; can be gone through repeatedly.

    CSV has a header line, whose first comma, else semicolon, else tab tells what separates cells.
    Paths are relative to `folder`.
    """

    def __init__(self, file: BinaryIO, folder: Path) -> None:
        self._file = file
        self._folder = folder
        file.seek(0)
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
        self._is_json = not start or start[:1] in b"{["

    def __iter__(self) -> Iterator[Row]:
        self._file.seek(0)
        return self._json_rows() if self._is_json else self._csv_rows()

    def bound(self, row: Row, bind: Bind) -> Call:
        """Read a row and check it. Raises InputError, whose faults say where it stands."""
        try:
            if isinstance(row.content, dict):
                return bind(None, self._items(row.content))
            value = parse_json(row.content.decode("utf-8-sig"), "the row")
            if not isinstance(value, dict | list):
                raise InputError("the row is neither an object nor a list")
            return bind(files.transform(value, files.is_reference, self._from_here), ())
        except UnicodeDecodeError as error:
            raise InputError(f"{row.place}: no UTF-8 text") from error
        except InputError as error:
            raise InputError(
                *(Fault(f"{row.place}: {f.message}", f.hint, f.unreadable) for f in error.faults)
            ) from error

    def _json_rows(self) -> Iterator[Row]:
        number = 0
        for line, content in enumerate(self._file, 1):
            if not content.isspace():
                yield Row(number, f"line {line}", content)
                number += 1

    def _csv_rows(self) -> Iterator[Row]:
        text = io.TextIOWrapper(self._file, "utf-8-sig", newline="")
        try:
            header = text.readline()
            text.seek(0)
            separator = next((mark for mark in ",;\t" if mark in header), ",")
            table = csv.DictReader(text, restkey="", delimiter=separator)
            names = table.fieldnames or ()
            if twice := next((name for name in names if names.count(name) > 1), None):
                raise InputError(f"the header of the batch names {twice} twice")
            for number, cells in enumerate(table):
                yield Row(number, f"line {table.line_num}", cells)
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"the batch is no CSV that can be read: {error}") from error
        finally:
            with suppress(ValueError):  # closed already, where this is not gone through to its end
                text.detach()

    def _items(self, cells: dict[str, Any]) -> list[Item]:
        """A cell is an item whose name, with `@` or `:=` where that is meant, is in the header."""
        items: list[Item] = []
        for header, cell in cells.items():
            if header == "":
                raise InputError("more cells than the header has")
            if not cell:
                continue
            separator = next((mark for mark in ("@", ":=") if header.endswith(mark)), "=")
            if separator == "@" and not files.is_url(cell):
                cell = str(self._folder / cell)
            items.append(named(header.removesuffix(separator), separator, cell))
        return items

    def _from_here(self, reference: dict[str, str]) -> dict[str, str]:
        path = reference["@"]
        return reference if files.is_url(path) else {"@": str(self._folder / path)}


@contextmanager
def opened(path: str) -> Iterator[Rows]:
    """The rows of a file, `-` being stdin, which is put on disk first. Raises CannotRead."""
    with Inputs().open(path) as file:
        yield Rows(file, Path() if path == STDIN else Path(path).parent)


def check(
    calls: Iterable[Callable[[], Call]], speaks_against: Callable[[Call], list[Fault]]
) -> int:
    """Check every row before the first is sent; gives their number.

    Raises InputError with the faults of all rows, or of the first ones where they are many.
    """
    count, faults = 0, list[Fault]()
    for call in calls:
        count += 1
        try:
            faults += speaks_against(call())
        except InputError as error:
            faults += error.faults
        if len(faults) >= _FAULTS_TOLD:
            raise InputError(*faults, Fault("the rows after these were not checked"))
    if faults:
        raise InputError(*faults)
    return count
