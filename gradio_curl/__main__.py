"""Where the command starts: signals first, so that none of them ends in a traceback."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

# A start makes some ten thousand objects that last to the end: looking for garbage among them,
# again and again, takes 3 ms.
_OBJECTS_BEFORE_COLLECTION = 100_000
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Run the command line and end with its exit code."""
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    # While Python imports, and while it ends, a signal just kills.
    _on_signal(signal.SIG_DFL)
    if "_GRADIO_CURL_COMPLETE" in os.environ:
        from gradio_curl.cli import completion

        completion.run()
        _end(0)
    from gradio_curl.errors import Interrupted

    try:
        _on_signal(_interrupt)
        from gradio_curl.cli.main import main as run

        code = run()
    except Interrupted as stop:
        code = stop.exit_code
    _on_signal(signal.SIG_DFL)
    _end(code)


def _end(code: int) -> None:
    """Flush stdout and stderr, then leave without taking Python apart: that is a tenth of a call.

    What has to be undone or told was so before: nothing here waits for Python's end.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass  # what matters was written and told before
    os._exit(code)


def _on_signal(action: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in _ENDING:
        # A command started with a signal ignored (`nohup`, a job in the background) keeps so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, action)


def _interrupt(number: int, frame: FrameType | None) -> None:
    from gradio_curl.errors import Interrupted

    raise Interrupted(number)


if __name__ == "__main__":
    main()
