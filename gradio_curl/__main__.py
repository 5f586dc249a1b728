"""Where the command starts: signals first, so that no moment is left to a traceback."""

from __future__ import annotations

import gc
import signal
import sys
from types import FrameType
from typing import NoReturn

from gradio_curl.errors import Interrupted

# A start makes some ten thousand objects that last to the end: looking for garbage among them,
# again and again, takes 3 ms.
_OBJECTS_BEFORE_COLLECTION = 100_000
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> NoReturn:
    """Run the command line and end with its exit code."""
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    try:
        for number in _ENDING:
            # A command started with a signal ignored (`nohup`, a job in the background) keeps so.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _interrupt)
        from gradio_curl.cli.main import run

        code = run()
    except (Interrupted, KeyboardInterrupt) as stop:
        code = getattr(stop, "exit_code", 130)
    sys.exit(code)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise Interrupted(number)


if __name__ == "__main__":
    main()
