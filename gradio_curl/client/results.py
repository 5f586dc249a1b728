"""The results file of a batch: a line for each row. Of rows that are done, 33 bits are kept."""

from __future__ import annotations

import json
import os
import re
import stat
import zlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from gradio_curl.client.atomic import writing
from gradio_curl.errors import CannotWrite, Fault, InputError
from gradio_curl.protocol import files

_MOST_ROWS = 1 << 32
_MOST_COMPARED = 1 << 26
_SAVED = re.compile(rb'"saved": "((?:[^"\\]|\\.)*)"')
_START = b'{"row": '
# A row that is done, as it is written: to parse a million of them would take a minute.
_DONE_ROW = re.compile(
    rb'\{"row": (\d{1,10}), "input": (\{.*\}), "status": "ok", "data": \[.*\]\}\n', re.DOTALL
)


class Results:
    """The results file: a line of JSON for each row, and which rows have their result there.

    `encode` makes the JSON of an input, as it is written. `has_files` tells whether a row has a
    file that was saved. With `check_files` a row is done only as long as its saved files exist.
    `are_kept` tells whether the next command finds them: not those written to a device.
    """

    has_files = False
    are_kept = False

    def __init__(
        self, file: IO[bytes], path: Path, encode: Callable[[Any], str], check_files: bool = False
    ) -> None:
        self._file = file
        self._encode = encode
        self._path = path
        self._without_files = set[int]()
        self._done = bytearray()  # one bit a row
        self._inputs = array("I")  # a checksum of each row's input; 0 where it is not known
        whole = 0
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return
        self.are_kept = True
        file.seek(0)
        for line in file:
            ended, result = line.endswith(b"\n"), self._result(line)
            if result is not None:
                has_files = b'"saved": ' in line
                self.has_files = self.has_files or has_files
                if check_files and has_files and result[1] and _misses_files(line):
                    self._without_files.add(result[0])
                else:
                    self._note(*result)
            elif ended or not (line.startswith(_START) or _START.startswith(line)):
                raise InputError(f"{path} holds something else than the results of a batch")
            whole += len(line) if ended or result else 0
            if not ended:
                # What a command that was killed could not finish.
                file.truncate(whole)
                os.write(file.fileno(), b"\n" if result else b"")

    def has(self, number: int) -> bool:
        """Whether the row is done."""
        return number >> 3 < len(self._done) and bool(self._done[number >> 3] >> (number & 7) & 1)

    @property
    def lost(self) -> int:
        """How many rows were done, and are not since their saved files are gone."""
        return sum(not self.has(number) for number in self._without_files)

    @property
    def are_compared(self) -> bool:
        """Whether there are inputs to compare with: lines of former versions have none."""
        return bool(self._inputs)

    def compare(self, number: int, row: Any, typed: Callable[[], dict[str, Any]]) -> None:
        """Raise InputError where the row that is done had another input than it has now.

        `row` is what stands in the batch; often it is the JSON of its input, which is `typed`.
        """
        known = self._inputs[number] if number < len(self._inputs) else 0
        if not known or (isinstance(row, bytes) and known == _checksum(row.strip())):
            return
        if known != self._encoded(typed()):
            raise InputError(
                Fault(
                    f"{self._path} has the results of another batch: "
                    f"the input of its row {number} differs",
                    "give another --results file",
                )
            )

    def write(self, line: str) -> None:
        """Append a line, at once. Raises CannotWrite."""
        left = memoryview(line.encode("utf-8", "backslashreplace") + b"\n")
        with writing(self._path):
            while left:
                left = left[os.write(self._file.fileno(), left) :]

    def _result(self, line: bytes) -> tuple[int, bool, int] | None:
        """The number of a line's row, whether it is done, and the checksum of its input.

        None for a line that is none of results.
        """
        done = _DONE_ROW.fullmatch(line)
        if done is not None and line.count(b'"status": ') == 1:
            return int(done[1]), True, _checksum(done[2])
        try:
            match json.loads(line):
                case {"row": int(number), "status": "ok" | "error" as status, **rest}:
                    known = self._encoded(rest["input"]) if "input" in rest else 0
                    return number, status == "ok", known
        except (ValueError, RecursionError):
            pass
        return None

    def _encoded(self, typed: Any) -> int:
        return _checksum(self._encode(typed).encode("utf-8", "backslashreplace"))

    def _note(self, number: int, ok: bool, checksum: int) -> None:
        if not ok or not 0 <= number < _MOST_ROWS:
            return
        self._done.extend(bytes(max(0, (number >> 3) + 1 - len(self._done))))
        self._done[number >> 3] |= 1 << (number & 7)
        if checksum and number < _MOST_COMPARED:
            if number >= len(self._inputs):
                missing = number + 1 - len(self._inputs)
                self._inputs.frombytes(bytes(missing * self._inputs.itemsize))
            self._inputs[number] = checksum


def _misses_files(line: bytes) -> bool:
    """Whether a file that was saved for this row is not there any more.

    All rows are looked at without parsing them, which would take a minute for a million; and by
    `os.path`, which takes the bytes as they are.
    """
    if all(os.path.exists(_unescaped(path)) for path in _SAVED.findall(line)):  # noqa: PTH110
        return False
    # An app may have a key of this name in its own JSON, too.
    data = json.loads(line).get("data")
    saved = [value["saved"] for value in files.walk(data, _is_saved)]
    return not all(map(os.path.exists, saved))


def _unescaped(path: bytes) -> bytes | str:
    """A path in JSON; most need no parsing, which takes as long as to look for the file."""
    if b"\\" not in path:
        return path
    return str(json.loads(b'"%b"' % path))


def _is_saved(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("saved"), str)
        and (files.is_file(value) or "plot" in value)
    )


def _checksum(typed: bytes) -> int:
    """32 bits of a row's input, never 0."""
    return zlib.crc32(typed) or 1


@contextmanager
def results_at(
    path: Path, encode: Callable[[Any], str], check_files: bool = False
) -> Iterator[Results]:
    """The results file at `path`, made if it is not there, for this command alone.

    `encode` and `check_files` are those of Results. Raises InputError for a pipe.
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
            results = Results(file, path, encode, check_files)
        yield results
