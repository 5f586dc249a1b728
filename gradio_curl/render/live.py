"""A live view in the terminal: one region, redrawn in place while a call runs.

At the end its outputs stand there, complete, and nothing else of it is left.

A thread of its own draws, ten times a second at most, however many events come. It also imports
Rich, which takes longer than most servers take to answer. Nothing else here needs Rich.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TextIO

from gradio_curl.errors import Failure
from gradio_curl.protocol.events import (
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
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.pictures import Pictures
from gradio_curl.render.renderer import Fetch, Renderer
from gradio_curl.render.scene import INTERVAL, Scene, Transfer, terminal_size
from gradio_curl.render.stdio import Stdout, is_terminal, messages_to

LONGEST_WAIT = 1.0  # seconds, for a frame that takes long to draw
GRACE = 0.2  # seconds before the first line of a status

# Around what is written: it appears at once where the terminal knows how (2026), the cursor is
# hidden (25), and lines are cut rather than wrapped where the window got narrower just now (7).
_BEGIN, _END = "\x1b[?2026h\x1b[?25l\x1b[?7l", "\x1b[?7h\x1b[?25h\x1b[?2026l"


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
            "" if at < min(last, len(old)) and old[at] == line else f"\x1b[K{line}"
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

    def replaced_by(self, lines: list[str]) -> str:
        """What to write so that `lines` stand in the place of the region, for good.

        They are not cut: the terminal wraps what is wider, and scrolls where they are more.
        """
        top = self._to_top(self.size()[0]) + "\x1b[J" if self._lines and self._is_ours() else ""
        self._lines = []
        return "\x1b[?2026h" + top + "".join(f"{line}\n" for line in lines) + "\x1b[?2026l"

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
            from gradio_curl.render.frame import cells

            rows = sum(max(1, -(-cells(line) // columns)) for line in self._lines[:-1])
        return f"\x1b[{rows}A\r" if rows > 0 else "\r"

    def _write(self, text: str) -> None:
        raw = f"{_BEGIN}{text}{_END}".encode(self._stream.encoding, "replace")
        self._stream.buffer.write(raw)
        self._stream.buffer.flush()


class Live(Renderer):
    """Shows on `stream`, a terminal, what the app is doing.

    With `stdout`, which is that terminal too, the newest outputs are part of it, and stand there
    complete at the end. Without it, a line or two is all, and `result` takes over.
    """

    def __init__(
        self,
        stream: TextIO,
        result: Renderer,
        *,
        coloured: bool,
        stdout: Stdout | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        self._scene = Scene(coloured, stdout is not None, pictures=pictures)
        self._region = Region(stream)
        self._stdout = stdout
        self._result = result
        self._above: deque[tuple[str, str]] = deque()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._draw_on, daemon=True)
        self._messages = ExitStack()

    def stage(self, words: str) -> None:
        """The command goes on to something that may take a while."""
        self._scene.enter(words)
        if self._thread.ident is None and not self._over.is_set():
            self._start()

    def _start(self) -> None:
        try:
            self._thread.start()
        except RuntimeError:  # the system has no thread left: the call goes on without a view
            self._thread = threading.Thread()
            self._over.set()
            return
        signal.signal(signal.SIGCONT, lambda number, frame: self._region.forget())
        # Where stderr is not this terminal, messages go there as they are.
        if is_terminal(sys.stderr):
            self._messages.enter_context(messages_to(lambda *told: self._above.append(told)))

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
        self._result.begin(endpoint, fetch)
        if self._scene.pictures is not None:
            self._scene.pictures.begin(endpoint, fetch)

    def show(self, event: Event, t: float) -> None:
        """An event before the last."""
        super().show(event, t)
        scene = self._scene
        scene.heard = time.monotonic()
        match event:
            case Queued() | Started():
                scene.enter(event)
            case Progress(bars):
                scene.bars = bars
            case Generating(data):
                if not isinstance(scene.state, Started):
                    scene.enter(Started(None))
                scene.data = data
                if scene.pictures is not None and scene.outputs:
                    scene.pictures.want(data)
            case Log() | Heartbeat() | Complete() | Error():
                pass

    def finish(self, data: list[Any], t: float) -> None:
        """The result, in the place of the view."""
        if self._scene.pictures is not None:
            self._scene.enter("fetching pictures")
            self._scene.pictures.wait(data)
        self._stop()
        self._scene.data = data
        if not self._stand():
            self.close()
            self._result.finish(data, t)

    def fail(self, failure: Failure, t: float) -> None:
        """The end by a failure: the result that it has, or what the app made so far, stands."""
        self._stop()
        if failure.data is not None:
            self._scene.data = list(failure.data)
        if self._scene.data is None or not self._stand():
            self.close()
            self._result.fail(failure, t)

    def close(self) -> None:
        """End the view, and leave no trace of it but what was said."""
        try:
            self._stop()
        finally:
            if self._scene.pictures is not None:
                self._scene.pictures.close()
            if self._above:
                self._draw_messages()
            with self._harmless():
                self._region.erase()
            self._messages.close()

    def _stop(self) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _stand(self) -> bool:
        """Leave the outputs where they are, complete; False where they can't be drawn."""
        if self._stdout is None:
            return False
        if self._above:
            self._draw_messages()
        try:
            from gradio_curl.render.frame import result_lines

            lines = result_lines(self._scene, *self._region.size())
        except Exception:
            return False
        self._stdout.drawn(self._region.replaced_by(lines))
        return True

    def _draw_on(self) -> None:
        from gradio_curl.render.frame import Frames

        frames = Frames()
        wait = GRACE  # a call that ends at once needs no status
        while not self._over.wait(wait):
            began = time.monotonic()
            with self._lock, self._harmless():
                columns, rows = self._region.size()
                lines = frames.draw(self._scene, columns, rows)
                self._region.draw(lines, self._message_lines(columns))
            # What takes long to draw is drawn less often.
            wait = min(max(INTERVAL, 3 * (time.monotonic() - began)), LONGEST_WAIT)

    def _message_lines(self, columns: int) -> list[str]:
        from gradio_curl.render.frame import log_lines

        told = [self._above.popleft() for _ in range(len(self._above))]
        return log_lines(told, columns, self._scene.coloured)

    def _draw_messages(self) -> None:
        """The messages that came after the last frame."""
        with self._harmless():
            self._region.draw([], self._message_lines(self._region.size()[0]))

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        """A terminal that is gone, or what can't be drawn, does not end the call."""
        try:
            yield
        except Exception:
            self._over.set()
