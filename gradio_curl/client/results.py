"""The results file of a batch: a line a row, and of the rows that are done one bit each."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from gradio_curl.client.atomic import writing
from gradio_curl.errors import CannotWrite, InputError

_MOST_ROWS = 1 << 32


class Results:
    """The results file: a line of JSON a row, and which rows have their result there already."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._done = bytearray()  # one bit a row
        whole = 0
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return
        file.seek(0)
        for line in file:
            ended, result = line.endswith(b"\n"), _result(line)
            if result is not None:
                number, ok = result
                self._note(number, ok)
            elif ended or not line.startswith(b'{"row": '):
                raise InputError(f"{path} holds something else than the results of a batch")
            whole += len(line) if ended or result else 0
            if not ended:
                # What a command that was killed could not finish.
                file.truncate(whole)
                os.write(file.fileno(), b"\n" if result else b"")

    def has(self, number: int) -> bool:
        """Whether the row is done."""
        return number >> 3 < len(self._done) and bool(self._done[number >> 3] >> (number & 7) & 1)

    def write(self, line: str) -> None:
        """Append a line, at once. Raises CannotWrite."""
        left = memoryview(line.encode("utf-8", "backslashreplace") + b"\n")
        with writing(self._path):
            while left:
                left = left[os.write(self._file.fileno(), left) :]

    def _note(self, number: int, ok: bool) -> None:
        if ok and 0 <= number < _MOST_ROWS:
            self._done.extend(bytes(max(0, (number >> 3) + 1 - len(self._done))))
            self._done[number >> 3] |= 1 << (number & 7)


def _result(line: bytes) -> tuple[int, bool] | None:
    try:
        match json.loads(line):
            case {"row": int(number), "status": "ok" | "error" as status}:
                return number, status == "ok"
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
