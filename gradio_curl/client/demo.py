"""Starting the built-in app, and stopping it whatever happens."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from gradio_curl.errors import ConnectFailed, InputError

_GRACE = 2.0  # seconds


@contextmanager
def running_demo() -> Iterator[str]:
    """Start the built-in app; gives its URL. It ends with the block, or with this process."""
    if importlib.util.find_spec("gradio") is None:
        raise InputError("demo needs Gradio: pip install 'gradio-curl[demo]'")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRADIO_")}
    environment["GRADIO_ANALYTICS_ENABLED"] = "False"
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as log:
        environment["GRADIO_TEMP_DIR"] = folder
        process = subprocess.Popen(
            [sys.executable, "-m", "gradio_curl.demo"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            # Ctrl-C is for us: the app has to live until its job is cancelled.
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            url = process.stdout.readline().decode().strip()
            if not url:
                log.seek(0)
                last = log.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
                raise ConnectFailed(f"the demo app did not start: {last}")
            yield url
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
