"""The results file of a batch: a line for each row. Of rows that are done, 36 bits are kept."""

from __future__ import annotations

import json
import os
import stat
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from gradio_curl.client.atomic import writing
from gradio_curl.client.result_lines import (
    Encode,
    Line,
    checksum,
    input_checksum,
    is_cut,
    misses_files,
    read_line,
)
from gradio_curl.errors import CannotWrite, Fault, InputError
from gradio_curl.protocol.told import difference

_is_file = os.path.isfile  # pathlib takes twice as long, and each row asks

_MOST_ROWS = 1 << 32
_MOST_COMPARED = 1 << 26


class _RowSet:
    """Numbers of rows, one bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def __contains__(self, number: int) -> bool:
        return number >> 3 < len(self._bits) and bool(self._bits[number >> 3] >> (number & 7) & 1)

    def add(self, number: int) -> None:
        place = number >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << (number & 7)

    def count(self, other: _RowSet) -> int:
        """How many there are that are not in `other`."""
        mine, theirs = (int.from_bytes(rows._bits, "little") for rows in (self, other))
        return (mine & ~theirs).bit_count()


class Results:
    """The results file: a line of JSON for each row, and which rows have their result there.

    `encode` makes the JSON of an input, as it is written. With `check_files` a row is done only if
    what it returned was saved, and as long as the saved files exist: each at its path, or where it
    would be among those that are saved now, which `place_of` gives; `elsewhere` is the first that
    is at its path and not there. `are_kept` tells whether the next command finds the results: not
    those written to a device.
    """

    are_kept = False
    elsewhere = ""

    def __init__(
        self,
        file: IO[bytes],
        path: Path,
        encode: Encode,
        check_files: bool = False,
        place_of: Callable[[str], str | None] = str,
    ) -> None:
        self._file = file
        self._encode = encode
        self._path = path
        self._check_files = check_files
        self._place_of = place_of
        self._done = _RowSet()
        self._lost, self._unsaved, self._elsewhere = _RowSet(), _RowSet(), _RowSet()
        self._former = _RowSet()  # those of which the line is one of former versions
        self._inputs = array("I")  # a checksum of each row's input; 0 where it is not known
        self._endpoints = dict[str, int]()  # at which rows were run, with the first of them
        self._gone = (0, "")  # a row that is lost, and a file of it that is gone
        self._last = -1  # the last row that has a line
        whole = 0
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return
        self.are_kept = True
        file.seek(0)
        for place, line in enumerate(file, 1):
            ended, result = line.endswith(b"\n"), read_line(line, self._encode)
            if result is not None:
                self._last = max(self._last, result.row)
                is_done = result.is_done and 0 <= result.row < _MOST_ROWS
                if is_done and self._is_saved(result, line):
                    self._note(result)
            elif ended or not is_cut(line):
                raise InputError(f"{path}: line {place} is not a result of a batch")
            whole += len(line) if ended or result else 0
            if not ended:
                # What a command that was killed could not finish.
                file.truncate(whole)
                os.write(file.fileno(), b"\n" if result else b"")

    def has(self, number: int) -> bool:
        """Whether the row is done."""
        return number in self._done

    @property
    def lost(self) -> int:
        """How many rows were done, and are not since their saved files are gone."""
        return self._lost.count(self._done)

    @property
    def gone(self) -> str | None:
        """One of the files that rows are lost for, if the lines tell it."""
        row, path = self._gone
        return path or None if row not in self._done else None

    @property
    def unsaved(self) -> int:
        """How many rows were done, and are not since nothing was to be saved then."""
        return self._unsaved.count(self._done)

    @property
    def saved_elsewhere(self) -> int:
        """How many rows that are done have saved files, and not where they are saved now."""
        return self._elsewhere.count(_RowSet())

    @property
    def are_compared(self) -> bool:
        """Whether there are inputs to compare with: lines of former versions have none."""
        return bool(self._inputs)

    def check_endpoint(self, name: str) -> None:
        """Raise InputError where rows that are done were run at another endpoint."""
        for other, row in self._endpoints.items():
            if other != name:
                raise self._of_another_batch(f"its row {row} was run at {other}, not at {name}")

    def check_count(self, rows: int) -> None:
        """Raise InputError where there is a line of a row after these, which the batch lacks."""
        if self._last >= rows:
            has = "which has 1 row" if rows == 1 else f"which has {rows} rows"
            raise self._of_another_batch(f"its row {self._last} is not in the input, {has}")

    def stands_there(self, number: int, row: Any, start: bytes = b"{") -> bool:
        """Whether the input of a row that is done is this `row` of the batch, as it stands there:
        often it is the JSON of the input, or of all behind `start`. Where not, `compare` tells."""
        known = self._input_of(number)
        if not known:
            return True
        if not isinstance(row, bytes):
            return False
        row = row.strip()
        start = b"{" if number in self._former else start
        return row[:1] == b"{" and known == checksum(row[1:], zlib.crc32(start))

    def compare(
        self,
        number: int,
        whole: Callable[[], dict[str, Any]],
        former: Callable[[bool], dict[str, Any]] | None = None,
    ) -> None:
        """Raise InputError where the row that is done had another input than it has now.

        `whole` is all of the row's input, `former` the same as former versions wrote it: files by
        their paths alone, and if true only what the row itself gives.
        """
        known = self._input_of(number)
        if not known:
            return
        is_former = number in self._former
        now = whole()
        if known == self._encoded(now):
            return
        if former is None or known != self._encoded(former(is_former)):
            how = difference(self._input(number), now)
            raise self._of_another_batch(f"the input of its row {number} differs{how}")

    def _input_of(self, number: int) -> int:
        return self._inputs[number] if number < len(self._inputs) else 0

    def _input(self, number: int) -> Any:
        """The input that a row had when it was done, searched for in the file."""
        found = None
        start = b'{"row": %d,' % number
        self._file.seek(0)
        for line in self._file:
            if line.startswith(start):
                with suppress(ValueError, RecursionError):
                    result = json.loads(line)
                    found = result["input"] if result.get("status") == "ok" else found
        return found

    def _of_another_batch(self, what: str) -> InputError:
        message = f"{self._path} has the results of another batch: {what}"
        return InputError(Fault(message, "give another --results file"))

    def check_kept(self) -> None:
        """Raise CannotWrite where somebody took the file away, with all that was written."""
        if not self.are_kept:
            return
        with suppress(OSError):
            if os.path.samestat(self._path.stat(), os.fstat(self._file.fileno())):
                return
        self.are_kept = False
        hint = "if it was moved, move it back to go on with it"
        raise CannotWrite(f"{self._path} was moved or removed while it was written", hint)

    def write(self, line: str) -> None:
        """Append a line, at once. Raises CannotWrite."""
        left = memoryview(line.encode("utf-8", "backslashreplace") + b"\n")
        with writing(self._path):
            while left:
                left = left[os.write(self._file.fileno(), left) :]

    def _encoded(self, typed: Any) -> int:
        return input_checksum(typed, self._encode)

    def _is_saved(self, line: Line, text: bytes) -> bool:
        """Whether what the row returned is saved, if this command saves it."""
        former = line.endpoint is None and line.saved is None
        if not self._check_files:
            return True
        if not former and line.saved is None:
            self._unsaved.add(line.row)
            return False
        gone, elsewhere = self._missed(line.saved or ())
        if gone is not None or (former and misses_files(text)):
            if gone is not None and not self.gone:
                self._gone = (line.row, gone)
            self._lost.add(line.row)
            return False
        if elsewhere:
            self._elsewhere.add(line.row)
            self.elsewhere = self.elsewhere or elsewhere
        return True

    def _missed(self, paths: Sequence[str]) -> tuple[str | None, str | None]:
        """The first of saved files that is gone, and the first that is elsewhere."""
        gone = elsewhere = None
        for path in paths:
            place = self._place_of(path)
            if not _is_file(path):
                if place is None or not _is_file(place):
                    gone = path if gone is None else gone
            elif place != path:
                elsewhere = elsewhere or path
        return gone, elsewhere

    def _note(self, line: Line) -> None:
        number = line.row
        self._done.add(number)
        if line.endpoint is None:
            self._former.add(number)
        else:
            self._endpoints.setdefault(line.endpoint, number)
        if line.checksum and number < _MOST_COMPARED:
            if number >= len(self._inputs):
                missing = number + 1 - len(self._inputs)
                self._inputs.frombytes(bytes(missing * self._inputs.itemsize))
            self._inputs[number] = line.checksum


@contextmanager
def results_at(
    path: Path,
    encode: Encode,
    check_files: bool = False,
    place_of: Callable[[str], str | None] = str,
) -> Iterator[Results]:
    """The results file at `path`, made if it is not there, for this command alone.

    `encode`, `check_files` and `place_of` are those of Results. Raises InputError for a pipe.
    """
    import fcntl

    with ExitStack() as stack:
        with writing(path):
            if path.is_fifo():
                hint = "for results on stdout, leave it out"
                raise InputError(Fault(f"--results {path} must be a file, not a pipe", hint))
            file = stack.enter_context(path.open("a+b"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotWrite(
                    f"{path} is in use by another batch", "give each shard its own --results"
                ) from None
            results = Results(file, path, encode, check_files, place_of)
        yield results
