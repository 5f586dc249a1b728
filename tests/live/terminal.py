"""The real command in a real pseudo-terminal, and the screen that a person would see."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import pexpect
import pyte

from tests.command import clean_environment, command, covered
from tests.patience import HANGING

FRAME_END = b"\x1b[?2026l"


class Terminal:
    """Runs `gradio-curl ARGS` with a terminal on all three streams, for as long as the block.

    `raw` is everything that was written to the terminal. With `shell`, the arguments are a shell
    command in which `$GC` is gradio-curl.
    """

    def __init__(
        self,
        *args: str | Path,
        columns: int = 80,
        rows: int = 24,
        env: dict[str, str] | None = None,
        shell: bool = False,
    ) -> None:
        self._home = TemporaryDirectory()
        # pyte cuts long lines where it gets narrower, as xterm does.
        own = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "XTERM_VERSION": "pyte"}
        own |= covered()
        own["GC"] = " ".join(command())
        words = ["/bin/sh", "-c", str(args[0])] if shell else command(*args)
        self.process = pexpect.spawn(
            words[0],
            words[1:],
            env=clean_environment(Path(self._home.name), own | (env or {})),
            dimensions=(rows, columns),
            timeout=HANGING,
        )
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.close(force=True)
        self._home.cleanup()

    def wait(self, until: Callable[[pyte.Screen], bool]) -> None:
        """Read until the screen is as wanted; fails with what it shows instead."""
        deadline = time.monotonic() + HANGING
        while not until(self.screen):
            assert time.monotonic() < deadline, f"the screen shows\n{self.text}"
            goes_on = self._read(0.2)
            assert goes_on or until(self.screen), f"it ended with\n{self.text}"

    def see(self, *words: str) -> str:
        """Read until the screen shows all of these words at once; gives its text."""
        self.wait(lambda screen: all(word in self.text for word in words))
        return self.text

    def see_frames(self, count: int) -> None:
        """Read until the view was drawn so many times more."""
        wanted = self.frames + count
        self.wait(lambda screen: self.frames >= wanted)

    def end(self) -> int:
        """Read to the end; gives the exit code."""
        while self._read(HANGING):
            pass
        self.process.wait()
        if self.process.exitstatus is None:
            return 128 + (self.process.signalstatus or 0)
        return int(self.process.exitstatus)

    def resize(self, columns: int, rows: int) -> None:
        """Make the window another size."""
        self.screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.sendintr()

    def settle(self) -> None:
        """Read until no frame is half drawn."""
        self.wait(lambda screen: self.raw.endswith(FRAME_END))

    @property
    def frames(self) -> int:
        """How often the view was drawn."""
        return self.raw.count(b"\x1b[?2026h")

    @property
    def text(self) -> str:
        """What the screen shows, without the blanks at the ends."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def _read(self, timeout: float) -> bool:
        try:
            raw: Any = self.process.read_nonblocking(65536, timeout)  # typed as text, is bytes
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += raw
        self._stream.feed(raw)
        return True


def replayed(terminal: Terminal) -> list[str]:
    """The texts of the screen after each of the frames, none of them empty."""
    screen = pyte.Screen(terminal.screen.columns, terminal.screen.lines)
    stream = pyte.ByteStream(screen)
    texts = []
    for frame in terminal.raw.split(FRAME_END):
        stream.feed(frame + FRAME_END)
        texts.append("\n".join(line.rstrip() for line in screen.display).rstrip())
    return [text for text in texts if text]
