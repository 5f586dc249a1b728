"""Signals as exceptions, and only where an exception gets through.

What is raised inside of Python's import machinery may be lost in a callback (`Exception ignored
in`), and leave the import lock held: then every other thread waits for it for ever.
"""

from __future__ import annotations

import _thread
import os
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from gradio_curl.errors import Stop

_MACHINERY = ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>")
_MOMENT = 0.005  # seconds, in which the machinery is hardly still at the same place

_raised = 0  # the signal of the last exception


def raising(stop: Callable[[int], Stop]) -> Callable[[int, FrameType | None], None]:
    """A handler that raises what `stop` makes of the signal: now, or a moment later."""
    sys.unraisablehook = _unraisable

    def handle(number: int, frame: FrameType | None) -> None:
        global _raised
        if frame is not None and frame.f_code.co_filename in _MACHINERY:
            _send_later(number)
            return
        _raised = number
        raise stop(number)

    return handle


def _unraisable(lost: Any) -> None:
    """Send the signal again where its exception was lost in a callback or a `__del__`."""
    if isinstance(lost.exc_value, Stop):
        _send_later(_raised)
    else:
        sys.__unraisablehook__(lost)


def _send_later(number: int) -> None:
    def send() -> None:
        time.sleep(_MOMENT)
        os.kill(os.getpid(), number)

    _thread.start_new_thread(send, ())
