"""A live view in the terminal: one region, redrawn in place while a call runs, gone at the end.

A thread of its own draws, ten times a second at most, however many events come. It also imports
Rich, which takes longer than most servers take to answer. Nothing else here needs Rich.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO

from gradio_curl.errors import Failure
from gradio_curl.protocol.events import (
    Bar,
    Complete,
    Error,
    Event,
    Generating,
    Heartbeat,
    Log,
    Progress,
    Queued,
    Started,
)
from gradio_curl.protocol.schema import Endpoint, Return
from gradio_curl.render.pictures import Pictures
from gradio_curl.render.text import Fetch, Renderer, notice_text

INTERVAL = 0.1  # seconds between two frames
GRACE = 0.2  # seconds before the first line of a status

# Around what is written: it appears at once where the terminal knows how (2026), the cursor is
# hidden (25), and lines are cut rather than wrapped where the window got narrower just now (7).
_BEGIN, _END = "\x1b[?2026h\x1b[?25l\x1b[?7l", "\x1b[?7h\x1b[?25h\x1b[?2026l"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A file on its way: `verb` is uploading or downloading, `done` and `total` are in bytes."""

    verb: str
    name: str
    done: int
    total: int | None


@dataclass(slots=True)
class Scene:
    """What there is to see. Times are those of `time.monotonic()`."""

    coloured: bool
    outputs: bool
    state: str | Transfer | Queued | Started = "connecting"
    since: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)
    bars: tuple[Bar, ...] = ()
    returns: tuple[Return, ...] = ()
    data: list[Any] | None = None
    pictures: Pictures | None = None

    def enter(self, state: str | Transfer | Queued | Started) -> None:
        """Go on to another state; bytes that add up are no other."""
        now = self.heard = time.monotonic()
        match self.state, state:
            case Transfer(verb=old), Transfer(verb=new) if old == new and state.done:
                pass
            case _:
                self.since = now
        self.state = state


def terminal_size(stream: TextIO) -> tuple[int, int]:
    """Columns and rows of a terminal."""
    try:
        columns, rows = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        columns = rows = 0
    return columns or 80, rows or 24


class Region:
    """Some lines at the end of what a terminal shows, redrawn in place.

    The cursor rests at the beginning of the last one, so that a `^C` which the terminal echoes
    makes no new line; and is hidden for no longer than a write takes, so that whatever ends the
    process, the terminal is left as it was.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._columns = 0
        # These leave long lines cut when they get narrower; all others wrap them anew.
        self._wraps = "XTERM_VERSION" not in os.environ and os.environ.get("TERM") != "linux"

    def size(self) -> tuple[int, int]:
        """Columns and rows of the terminal."""
        return terminal_size(self._stream)

    def draw(self, lines: list[str], above: list[str]) -> None:
        """Show `lines` in the place of those before; `above` stays, before them, for good."""
        columns, rows = self.size()
        lines = lines[: max(rows - 1, 1)]
        if not self._is_ours():
            lines, self._lines = [], []
        old = self._lines
        if not above and lines == old and (not lines or columns == self._columns):
            return
        text = self._to_top(columns)
        if above or columns != self._columns:
            text += "\x1b[J" + "".join(f"{line}\r\n" for line in above)
            old = []
        last = len(lines) - 1
        parts = [
            "" if at < min(last, len(old)) and old[at] == line else f"{line}\x1b[K"
            for at, line in enumerate(lines)
        ]
        text += "\r\n".join(parts) + ("\x1b[J" if len(old) > len(lines) else "") + "\r"
        self._lines, self._columns = lines, columns
        self._write(text)

    def erase(self) -> None:
        """Leave no trace; the next line is printed where the region began."""
        if self._lines and self._is_ours():
            self._write(self._to_top(self.size()[0]) + "\x1b[J")
        self._lines = []

    def forget(self) -> None:
        """Leave what is there, and go on below: somebody else has written meanwhile."""
        self._lines = []

    def _is_ours(self) -> bool:
        """Whether we are not a job in the background, with the terminal in other hands."""
        try:
            return os.tcgetpgrp(self._stream.fileno()) == os.getpgrp()
        except OSError:
            return True

    def _to_top(self, columns: int) -> str:
        rows = len(self._lines) - 1
        if self._wraps and columns < self._columns:
            from gradio_curl.render.preview import cells

            rows = sum(max(1, -(-cells(line) // columns)) for line in self._lines[:-1])
        return f"\x1b[{rows}A\r" if rows > 0 else "\r"

    def _write(self, text: str) -> None:
        raw = f"{_BEGIN}{text}{_END}".encode(self._stream.encoding, "replace")
        self._stream.buffer.write(raw)
        self._stream.buffer.flush()


class Live(Renderer):
    """Shows on `stream`, a terminal, what the app is doing; at the end `result` takes over.

    With `outputs` the newest values are part of it, else a line or two is all.
    """

    def __init__(
        self,
        stream: TextIO,
        result: Callable[[], Renderer],
        *,
        coloured: bool,
        outputs: bool,
        pictures: Pictures | None,
    ) -> None:
        self._scene = Scene(coloured, outputs, pictures=pictures)
        self._region = Region(stream)
        self._result = result
        self._above: deque[tuple[str, str]] = deque()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._draw_on, daemon=True)

    def stage(self, words: str) -> None:
        """The command goes on to something that may take a while."""
        self._scene.enter(words)
        if self._thread.ident is None:
            signal.signal(signal.SIGCONT, lambda number, frame: self._region.forget())
            try:
                self._thread.start()
            except RuntimeError:  # the system has no thread left: the call goes on without a view
                self._thread = threading.Thread()
                self._over.set()

    def tell(self, message: str) -> None:
        """A line for a person, which stays."""
        self._above.append(("", message))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is drawn for as long as the block."""
        with self._lock:
            with self._harmless():
                self._region.erase()
            yield

    def transfer(self, verb: str, name: str, done: int, total: int | None) -> None:
        """A file is on its way."""
        self._scene.enter(Transfer(verb, name, done, total))

    def begin(self, endpoint: Endpoint, fetch: Fetch) -> None:
        """A job is queued at `endpoint`."""
        self._scene.enter("waiting")
        self._scene.returns = endpoint.returns
        if self._scene.pictures is not None:
            with self.paused():
                self._scene.pictures.begin(endpoint, fetch)

    def show(self, event: Event, t: float) -> None:
        """An event before the last."""
        scene = self._scene
        scene.heard = time.monotonic()
        match event:
            case Queued() | Started():
                scene.enter(event)
            case Progress(bars):
                scene.bars = bars
            case Log(level=level):
                self._above.append((level, notice_text(event)))
            case Generating(data):
                if not isinstance(scene.state, Started):
                    scene.enter(Started(None))
                scene.data = data
                if scene.pictures is not None and scene.outputs:
                    scene.pictures.want(data)
            case Heartbeat() | Complete() | Error():
                pass

    def finish(self, data: list[Any], t: float) -> None:
        """The result, after the view."""
        if self._scene.pictures is not None:
            self._scene.enter("fetching pictures")
            self._scene.pictures.wait(data)
        self.close()
        self._result().finish(data, t)

    def fail(self, failure: Failure, t: float) -> None:
        """The end without a result: what the app made so far stands."""
        self.close()
        if self._scene.outputs and self._scene.data is not None:
            self._result().finish(self._scene.data, t)
        else:
            self._result().fail(failure, t)

    def close(self) -> None:
        """End the view, and leave no trace of it but what was told."""
        try:
            self._over.set()
            if self._thread.ident is not None:
                self._thread.join()
        finally:
            if self._above:
                self._draw()
            with self._harmless():
                self._region.erase()

    def _draw_on(self) -> None:
        # A call that ends at once needs no status.
        wait = 0.0 if self._scene.outputs else GRACE
        while not self._over.wait(wait):
            wait = INTERVAL
            with self._lock:
                self._draw()

    def _draw(self) -> None:
        from gradio_curl.render.preview import frame, log_lines

        with self._harmless():
            columns, rows = self._region.size()
            told = [self._above.popleft() for _ in range(len(self._above))]
            above = log_lines(told, columns, self._scene.coloured)
            self._region.draw(frame(self._scene, columns, rows), above)

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        """A terminal that is gone, or what can't be drawn, is no reason to end the call."""
        try:
            yield
        except Exception:
            self._over.set()
