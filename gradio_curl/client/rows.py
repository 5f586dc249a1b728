"""The rows of a batch: reading them from a file, and checking them all before the first is sent.

A batch of any length takes the same memory: its rows are read twice from disk, once to check them
all and once to do them.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from gradio_curl.client.atomic import writing_temporary
from gradio_curl.client.csv_rows import header_of, records
from gradio_curl.client.local_files import Inputs
from gradio_curl.client.stdin import is_stdin
from gradio_curl.errors import CannotRead, Fault, InputError
from gradio_curl.protocol import files
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.items import Item, named
from gradio_curl.protocol.row_binding import RowBinder, by_name
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.protocol.told import FileTold, as_typed, with_files_told
from gradio_curl.protocol.values import parse_json

_ARRAY_HINT = "the input is lines of JSON: make them of an array with jq -c '.[]' FILE"
_FAULTS_TOLD = 20
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_MAY_REFER = re.compile(rb"[@\\]")  # what each JSON has that names a file, whatever its spelling
_HEAD = 1 << 16  # bytes at the start of a file, by which its encoding is recognised


class Row(NamedTuple):
    """One row as it stands in the batch: a line, or the cells of a CSV record by their names."""

    number: int
    place: str
    content: bytes | dict[str, str]


class Rows:
    """The rows of a JSON Lines or CSV file, or (`lines`) of plain lines; can be gone through
    repeatedly.

    Paths in JSON and CSV are relative to `folder`; those that lines come to are not, since they
    stand in items. `skipped` has the lines of CSV records of empty cells that others follow.
    `check_unchanged` raises what ends the reading, if the file was written to; it is told whether
    all rows were gone through before.
    """

    def __init__(
        self,
        file: BinaryIO,
        folder: Path,
        inputs: Inputs,
        lines: bool = False,
        check_unchanged: Callable[[bool], None] = lambda are_checked: None,
    ) -> None:
        self._check_unchanged = check_unchanged
        self._are_checked = False
        self.skipped = list[int]()
        self._file = file
        self._folder = folder
        self._inputs = inputs
        self._are_lines = lines
        first = next((line.lstrip() for _, line in self._lines() if not line.isspace()), b"")
        if b"\0" in first and not lines:  # UTF-16 without its mark: no JSON or header has NULs
            what = "the batch is not UTF-8 text: it contains NUL characters"
            raise InputError(Fault(what, "save the file as UTF-8"))
        self.is_empty = not first
        self._are_json = self.is_empty or first.startswith((b"{", b"["))
        self._is_array = first.startswith(b"[") and not _is_json(first)

    def __iter__(self) -> Iterator[Row]:
        are_lines = self._are_json or self._are_lines
        rows = self._line_rows() if are_lines else self._csv_rows()
        are_checked = self._are_checked
        while True:
            # A row that was read before the file is looked at is not a torn one. Nor is what else
            # comes of reading it: its end, and faults.
            try:
                row = next(rows, None)
            finally:
                self._check_unchanged(are_checked)
            if row is None:
                self._are_checked = True
                return
            yield row

    def header_faults(self, binder: RowBinder) -> list[Fault]:
        """The columns of a CSV file that are not parameters, also where no row follows."""
        if self._are_json or self._are_lines:
            return []
        lines = (_decoded(line, f"line {number}") for number, line in self._lines())
        header, _, last = header_of(lines)
        unknown = binder.unknown(_name_of(name)[0] for name in header if name)
        if len(header) == 1 and unknown:
            hint = f"did you forget {{}}? for a call per line, give {binder.line_item}"
            misspelt = unknown[0].hint.startswith(("did you mean", "use one of"))
            unknown = [fault if misspelt else fault._replace(hint=hint) for fault in unknown]
        return [_placed(fault, f"line {last}") for fault in unknown]

    def bound(self, row: Row, binder: RowBinder) -> Call:
        """Read a row and check it. Raises InputError, whose faults say where it stands."""
        with _faults_at(row.place), self._inputs.used_by_row():
            if isinstance(row.content, dict):
                return binder.bind(None, self._items(row.content))
            if self._are_lines:
                return binder.fill(_line_text(row.content), row.number)
            return self._json_bound(row.content, binder)

    def input(
        self, row: Row, binder: RowBinder, endpoint: Endpoint, told: FileTold = as_typed
    ) -> dict[str, Any]:
        """The values of a row as they were typed, by name; files as `told` tells of them."""
        with _faults_at(row.place):
            if isinstance(row.content, dict):
                cells = row.content.items()
                return dict(self._typed_cell(header, cell, binder, told) for header, cell in cells)
            if self._are_lines:
                return binder.typed(_line_text(row.content), row.number, told)
            values = by_name(_json_value(row.content), endpoint)
            if not _MAY_REFER.search(row.content):
                return values
            typed: dict[str, Any] = with_files_told(values, told, self._path)
            return typed

    def _json_bound(self, line: bytes, binder: RowBinder) -> Call:
        value: Any = None
        try:
            value = _json_value(line)
            return binder.bind(files.transform(value, files.is_reference, self._from_here))
        except InputError as error:
            is_array = self._is_array if value is None else _has_rows(value, binder)
            if not is_array:
                raise
            first, *others = error.faults
            raise InputError(first._replace(hint=_ARRAY_HINT), *others) from error

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines of the file, and their numbers from 1."""
        self._file.seek(0)
        for number, line in enumerate(self._file, 1):
            yield number, line.removeprefix(_UTF8_BOM) if number == 1 else line

    def _line_rows(self) -> Iterator[Row]:
        number = 0
        empty = list[int]()  # lines that count where another follows
        for line_number, line in self._lines():
            if line.strip(b"\r\n" if self._are_lines else None):
                for between in empty:
                    yield Row(number, f"line {between}", b"")
                    number += 1
                empty.clear()
                yield Row(number, f"line {line_number}", line)
                number += 1
            elif self._are_lines:
                empty.append(line_number)

    def _csv_rows(self) -> Iterator[Row]:
        lines = (_decoded(line, f"line {number}") for number, line in self._lines())
        header, separator, last = header_of(lines)
        if twice := next((n for n in header if n and header.count(n) > 1), None):
            raise InputError(f"line {last}: the header names {twice} twice")
        number = 0
        self.skipped.clear()
        for line, cells in records(lines, separator, last + 1):
            if cells:
                yield Row(number, f"line {line}", _named_cells(header, cells))
                number += 1
            else:
                self.skipped.append(line)

    def _items(self, cells: dict[str, str]) -> list[Item]:
        """A cell is an item whose name, with `@` or `:=` where that is meant, is in the header."""
        items: list[Item] = []
        for header, cell in cells.items():
            if header == "":
                raise InputError(f"{cell!r} stands in a column that the header does not name")
            name, separator = _name_of(header)
            items.append(named(name, separator, self._path(cell) if separator == "@" else cell))
        return items

    def _from_here(self, reference: dict[str, str]) -> dict[str, str]:
        return {"@": self._path(reference["@"])}

    def _typed_cell(
        self, header: str, cell: str, binder: RowBinder, told: FileTold
    ) -> tuple[str, Any]:
        name, separator = _name_of(header)
        match separator:
            case "@":
                return name, told(cell, self._path(cell), binder.takes_text(name))
            case ":=":
                return name, with_files_told(parse_json(cell, f"{name}:="), told)
            case _:
                return name, cell

    def _path(self, typed: str) -> str:
        return typed if files.is_url(typed) else files.path_in_row(str(self._folder / typed))


def _named_cells(header: list[str], cells: list[str]) -> dict[str, str]:
    """The cells that are not empty; under "" the first of those that the header does not name."""
    named: dict[str, str] = {}
    for at, cell in enumerate(cells):
        if cell:
            named.setdefault(header[at] if at < len(header) else "", cell)
    return named


def _name_of(header: str) -> tuple[str, str]:
    """The name that a column has, and what separates it from the value in an item."""
    separator = next((mark for mark in ("@", ":=") if header.endswith(mark)), "=")
    return header.removesuffix(separator), separator


def _json_value(line: bytes) -> Any:
    # Without its end: a fault there has its column in this line, not in the next one.
    value = parse_json(_decoded(line).rstrip("\r\n"), "the row", pairs=_distinct)
    if not isinstance(value, dict | list):
        raise InputError("the row is neither an object nor a list")
    return value


def _is_json(line: bytes) -> bool:
    """Whether a line is JSON for itself; the first of a list over many lines is not."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _has_rows(value: Any, binder: RowBinder) -> bool:
    """Whether a row is a list of rows: of objects with names of parameters."""
    if not (isinstance(value, list) and value):
        return False
    are_rows = all(isinstance(part, dict) and part for part in value)
    return are_rows and not binder.unknown({name for part in value for name in part})


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these keys and values. Raises InputError where a key is repeated."""
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        raise InputError(f"{next(k for k in keys if keys.count(k) > 1)} is given twice")
    return value


def _line_text(line: bytes) -> str:
    """A line without its end. File names that are not UTF-8 keep their bytes, as in arguments."""
    return line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _decoded(line: bytes, place: str = "") -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        where = f"{place}: " if place else ""
        raise InputError(
            Fault(f"{where}the text is not valid UTF-8", "save the file as UTF-8")
        ) from error


@contextmanager
def _faults_at(place: str) -> Iterator[None]:
    """Faults say where the row stands that they are of."""
    try:
        yield
    except InputError as error:
        raise InputError(*(_placed(fault, place) for fault in error.faults)) from error
    except RecursionError as error:
        raise InputError(f"{place}: the row is nested too deeply to be sent") from error


def _placed(fault: Fault, place: str) -> Fault:
    return fault._replace(message=f"{place}: {fault.message}")


@contextmanager
def opened(path: str, inputs: Inputs, lines: bool = False) -> Iterator[Rows]:
    """The rows of a file; stdin, a pipe, or what is not UTF-8 is put on disk first.

    Raises CannotRead, and InputError where stdin is read for something else.
    """
    with inputs.used_by("--batch"), inputs.open(path) as file, _as_utf8(file) as text:
        yield Rows(text, _folder(path), inputs, lines, _unchanged(path, text))


def _unchanged(path: str, file: BinaryIO) -> Callable[[bool], None]:
    """Raises CannotRead when it is called after `file` was written to: rows that were checked are
    not those that are there now. An editor that saves another file under this name does no harm.
    """

    def state() -> tuple[int, int]:
        status = os.fstat(file.fileno())
        return status.st_size, status.st_mtime_ns

    def check(are_checked: bool) -> None:
        if state() != before:
            hint = "give a copy that nothing else writes to"
            if are_checked:
                hint = f"the rows that are done are kept; {hint}"
            doing = "run" if are_checked else "checked"
            raise CannotRead(f"{path} changed while its rows were {doing}", hint)

    before = state()
    return check


def _folder(path: str) -> Path:
    """What paths in rows are relative to: the batch's folder, the working directory for a pipe."""
    if is_stdin(path) or not stat.S_ISREG(Path(path).stat().st_mode):
        return Path()
    return Path(path).parent


@contextmanager
def _as_utf8(file: BinaryIO) -> Iterator[BinaryIO]:
    """The same text in UTF-8, with line feeds at the ends of its lines.

    Spreadsheets also write UTF-16, with a byte order mark, and carriage returns alone. Without the
    mark, a NUL may as well be a character of plain lines.
    """
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    encoding = "utf-16" if head.startswith(_UTF16_BOMS) else "utf-8"
    newline = None if b"\r" in head and b"\n" not in head else ""
    if encoding == "utf-8" and newline == "":
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        text = io.TextIOWrapper(file, encoding, newline=newline)
        try:
            while part := text.read(_HEAD):
                with writing_temporary():
                    copy.write(part.encode("utf-8"))
                    copy.flush()
        except UnicodeError as error:
            raise InputError(f"the batch is not valid {encoding.upper()}") from error
        finally:
            text.detach()
        yield cast(BinaryIO, copy)


def check(
    rows: Iterable[Row], bound: Callable[[Row], Call], faults_of: Callable[[Call], list[Fault]]
) -> int:
    """Check every row before the first is sent; gives their number.

    Raises InputError with the faults of all rows, or of the first ones where they are many.
    """
    count, faults = 0, list[Fault]()
    for row in rows:
        count += 1
        try:
            faults += (_placed(fault, row.place) for fault in faults_of(bound(row)))
        except InputError as error:
            faults += error.faults
        if len(faults) >= _FAULTS_TOLD:
            raise InputError(*faults, Fault("the rows after these were not checked"))
    if faults:
        raise InputError(*faults)
    return count
