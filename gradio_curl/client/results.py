"""The results file of a batch: a line for each row. Of rows that are done, 33 bits are kept."""

from __future__ import annotations

import json
import os
import stat
import zlib
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from gradio_curl.client.atomic import writing
from gradio_curl.errors import CannotWrite, Fault, InputError

_MOST_ROWS = 1 << 32
_MOST_COMPARED = 1 << 26
_START = b'{"row": '
_ENCODER = json.JSONEncoder()


class Results:
    """The results file: a line of JSON for each row, and which rows have their result there.

    `has_files` tells whether a row of it has a file that was saved.
    """

    has_files = False

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._done = bytearray()  # one bit a row
        self._inputs = array("I")  # a checksum of each row's input; 0 where it is not known
        whole = 0
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return
        file.seek(0)
        for line in file:
            ended, result = line.endswith(b"\n"), _result(line)
            if result is not None:
                self._note(result)
                self.has_files = self.has_files or b'"saved": ' in line
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
    def are_compared(self) -> bool:
        """Whether there are inputs to compare with: lines of former versions have none."""
        return bool(self._inputs)

    def compare(self, number: int, row_input: dict[str, Any]) -> None:
        """Raise InputError where the row that is done had another input."""
        known = self._inputs[number] if number < len(self._inputs) else 0
        if known and known != _checksum(row_input):
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

    def _note(self, result: dict[str, Any]) -> None:
        number = result["row"]
        if result["status"] != "ok" or not 0 <= number < _MOST_ROWS:
            return
        self._done.extend(bytes(max(0, (number >> 3) + 1 - len(self._done))))
        self._done[number >> 3] |= 1 << (number & 7)
        if "input" in result and number < _MOST_COMPARED:
            if number >= len(self._inputs):
                missing = number + 1 - len(self._inputs)
                self._inputs.frombytes(bytes(missing * self._inputs.itemsize))
            self._inputs[number] = _checksum(result["input"])


def _checksum(row_input: Any) -> int:
    """32 bits of a row's input, never 0."""
    try:
        return zlib.crc32(_ENCODER.encode(row_input).encode()) or 1
    except RecursionError:  # what is nested so deeply is taken for the same
        return 1


def _result(line: bytes) -> dict[str, Any] | None:
    """A line of results; None where it is none."""
    try:
        match json.loads(line):
            case {"row": int(), "status": "ok" | "error"} as result:
                return dict(result)
    except (ValueError, RecursionError):
        pass
    return None


@contextmanager
def results_at(path: Path) -> Iterator[Results]:
    """The results file at `path`, made if it is not there, for this command alone."""
    import fcntl

    with ExitStack() as stack:
        with writing(path):
            file = stack.enter_context(path.open("a+b"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotWrite(
                    f"{path} is in use by another batch", "give each shard its own --results"
                ) from None
            results = Results(file, path)
        yield results
