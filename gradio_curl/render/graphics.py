"""Which pictures the terminal can show: it is asked once, and its answers are read to their end.

textual-image asks too, while it is imported, and gives up after 0.1 s: over ssh the answers come
later, and would be typed at the shell's prompt. So we ask, and it is imported without asking.
"""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import threading
import time
from contextlib import suppress
from typing import Any

PATIENCE = 1.5  # seconds; a terminal that answers at all does so sooner

# The size of a cell in pixels, then the terminal's attributes: every terminal answers the second
# question, and in order, so that its answer is the last one.
_QUESTIONS = b"\x1b[16t\x1b[c"
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")
_CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_SIXEL = b"4"


class Graphics:
    """What the terminal can show, once `ask` has returned."""

    def __init__(self) -> None:
        self.kind: Any = None
        self._terminal: int | None = None
        self._attributes: list[Any] | None = None
        self._lock = threading.Lock()
        self._answered = threading.Event()

    def ask(self) -> bool:
        """Ask the terminal; False where there is none, or it is not ours to ask."""
        try:
            self._open()
            answers = self._read()
        except OSError:  # termios.error too
            self.restore()
            return False
        self.restore()
        try:
            self.kind = _renderable(answers)
        except Exception:
            return False
        return True

    def close(self) -> None:
        """End the asking, wherever it is: what still comes is read, for a while."""
        if self._attributes is not None:
            self._answered.wait(PATIENCE)
            self.restore()

    def restore(self) -> None:
        """Give the terminal back as it was."""
        with self._lock:
            self._answered.set()
            if self._terminal is None:
                return
            with suppress(OSError, termios.error):
                if self._attributes is not None:
                    termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._attributes)
            self._attributes = None
            os.close(self._terminal)
            self._terminal = None

    def _open(self) -> None:
        # Our stdin may be a pipe; and a job in the background would be stopped for asking.
        self._terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        if os.tcgetpgrp(self._terminal) != os.getpgrp():
            raise OSError("in the background")
        try:
            kept = termios.tcgetattr(self._terminal)
            quiet = [*kept[:3], kept[3] & ~(termios.ECHO | termios.ICANON), *kept[4:]]
            self._attributes = kept
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, quiet)
        except termios.error as error:
            raise OSError(*error.args) from error

    def _read(self) -> bytes:
        """The answers to all that was asked, or what has come of them before patience ended."""
        assert self._terminal is not None
        os.write(self._terminal, _QUESTIONS)
        answers, end = b"", time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._terminal], [], [], left)[0]:
                break
            answers += os.read(self._terminal, 1024)
            if _ATTRIBUTES.search(answers):
                # Some answer the questions in another order.
                end = min(end, time.monotonic() + (0 if _CELL.search(answers) else 0.05))
        return answers


def _renderable(answers: bytes) -> Any:
    """The class of textual-image that draws what the terminal can show."""
    stdout = sys.__stdout__
    sys.__stdout__ = None  # type: ignore[misc]  # it asks a terminal only
    try:
        from textual_image import renderable
    finally:
        sys.__stdout__ = stdout  # type: ignore[misc]  # the same
    from textual_image import _terminal

    cell = _CELL.search(answers)
    size = (int(cell[2]), int(cell[1])) if cell else _cell_size()
    _terminal.get_cell_size._result = _terminal.CellSize(*size)
    attributes = _ATTRIBUTES.search(answers)
    if attributes and _SIXEL in attributes[1].split(b";")[1:]:
        return renderable.SixelImage
    if attributes and (os.environ.get("TERM") == "xterm-kitty" or "KITTY_WINDOW_ID" in os.environ):
        return renderable.TGPImage
    return renderable.HalfcellImage


def _cell_size() -> tuple[int, int]:
    """Of a cell, in pixels, as the system knows it; else that of a VT340."""
    with suppress(OSError, ZeroDivisionError, ValueError):
        rows, columns, width, height = _window()
        if width and height:
            return width // columns, height // rows
    return 10, 20


def _window() -> tuple[int, int, int, int]:
    import fcntl
    import struct

    raw = fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, b"\0" * 8)
    rows, columns, width, height = struct.unpack("HHHH", raw)
    return rows, columns, width, height
