"""What there is to see while a command runs: its state, the app's bars, the newest outputs."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import Any, TextIO

from gradio_curl.protocol.events import Bar, Queued, Started
from gradio_curl.protocol.schema import Return
from gradio_curl.render.pictures import Pictures

INTERVAL = 0.1  # seconds between two frames


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
        """Go on to another state; bytes that add up are the same one."""
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
