"""Where the command starts: signals first, so that none of them ends in a traceback."""

# Built in. To import `signal` takes 6 ms, in which Ctrl-C would be a traceback.
import _signal as signals  # type: ignore[import-not-found]  # typeshed leaves it out


def _on_signal(action: object) -> None:
    """Have `action` taken on every signal that ends the command."""
    for number in (signals.SIGINT, signals.SIGTERM, signals.SIGHUP):
        # A command started with a signal ignored (`nohup`, a job in the background) keeps so.
        if signals.getsignal(number) != signals.SIG_IGN:
            signals.signal(number, action)


# While Python imports, and while it ends, a signal just kills.
_on_signal(signals.SIG_DFL)

import gc  # noqa: E402  # behind the signals
import os  # noqa: E402
import sys  # noqa: E402

# A start makes some ten thousand objects that last to the end: looking for garbage among them,
# again and again, takes 3 ms.
_OBJECTS_BEFORE_COLLECTION = 100_000


def main() -> None:
    """Run the command line and end with its exit code."""
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    if "_GRADIO_CURL_COMPLETE" in os.environ:
        from gradio_curl.cli import completion

        completion.run()
        _end(0)
    from gradio_curl.cli.signals import raising
    from gradio_curl.errors import Interrupted

    try:
        _on_signal(raising(Interrupted))
        from gradio_curl.cli.main import main as run

        code = run()
    except Interrupted as stop:
        code = stop.exit_code
    _on_signal(signals.SIG_DFL)
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


if __name__ == "__main__":
    main()
