"""How far the files of one command are, one or several at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

Transferred = Callable[[str, int, int | None], None]
"""Told of a transfer as it goes: the file's name, bytes so far, bytes in all if known."""


class Progress:
    """Tells of `count` files that are under way at the same time: one by name, several in sum."""

    def __init__(self, transferred: Transferred, count: int) -> None:
        self._transferred = transferred
        self._count = count
        self._lock = threading.Lock()
        self._files: dict[Hashable, tuple[int, int | None]] = {}

    def at(self, file: Hashable, name: str, done: int, total: int | None) -> None:
        """Of this file, called `name`, so many bytes are through."""
        if self._count == 1:
            self._transferred(name, done, total)
            return
        with self._lock:
            self._files[file] = done, total
            totals = [total for _, total in self._files.values() if total is not None]
            known = len(totals) == self._count
            through = sum(done for done, _ in self._files.values())
            self._transferred(f"{self._count} files", through, sum(totals) if known else None)
