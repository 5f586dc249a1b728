"""How the test apps are started: the same command line on every Gradio version.

Imported by the plain scripts beside it, on the Python of the Gradio version under test.
"""

import argparse
import inspect
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import gradio as gr


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every test app understands."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--auth", metavar="USER:PASSWORD", help="demand a login")
    options.add_argument("--root-path", metavar="/SUB", help="as behind a reverse proxy")
    options.add_argument("--show-error", action="store_true", help="tell clients what crashed")
    options.add_argument("--max-file-size", type=int, metavar="BYTES", help="from 4.44 on")
    options.add_argument("--calm", action="store_true", help="cost little while nothing is asked")
    options.add_argument(
        "--scratch",
        metavar="DIR",
        help="when standard input closes, delete this folder (of temporary files) and end",
    )
    return options


def parse(arguments: argparse.ArgumentParser) -> argparse.Namespace:
    """The options as typed; from here on `--scratch` is heeded."""
    options = arguments.parse_args()
    if options.scratch:
        threading.Thread(target=_leave_with_parent, args=(options.scratch,), daemon=True).start()
    return options


def serve(demo: gr.Blocks, options: argparse.Namespace) -> None:
    """Launches `demo` as the options say, until it is interrupted."""
    queue_without_limit(demo)
    if options.calm:
        # 6.x looks for jobs a thousand times a second, which takes a twelfth of a core.
        demo._queue.sleep_when_free = max(demo._queue.sleep_when_free, 0.02)
    demo.launch(
        server_name="127.0.0.1",
        server_port=options.port,
        quiet=True,
        **settings_known_to(demo.launch, options),
    )


def queue_without_limit(demo: gr.Blocks) -> None:
    """Lets jobs run side by side, as many as come, where an endpoint sets no limit of its own."""
    demo.queue(default_concurrency_limit=None)


def settings_known_to(function: Callable[..., Any], options: argparse.Namespace) -> dict[str, Any]:
    """What of the options `function` takes in this version of Gradio, as keyword arguments."""
    settings = {
        "auth": tuple(options.auth.split(":", 1)) if options.auth else None,
        "root_path": options.root_path,
        "show_error": options.show_error,
        "max_file_size": options.max_file_size,
        "ssr_mode": False,
    }
    known = inspect.signature(function).parameters
    return {name: value for name, value in settings.items() if name in known}


def _leave_with_parent(scratch: str) -> None:
    sys.stdin.buffer.read()
    shutil.rmtree(scratch, ignore_errors=True)
    os.kill(os.getpid(), signal.SIGKILL)
