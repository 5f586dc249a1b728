"""The command inside this process: for tests that run it a thousand times."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradio_curl.cli.main import app
from gradio_curl.cli.main import main as run_command
from gradio_curl.client.stdin import release_stdin
from tests.command import Completed, clean_environment


class Output(io.BytesIO):
    """What a stream got; the write after `writes` of them fails."""

    def __init__(self, writes: int | None = None) -> None:
        super().__init__()
        self.left = writes

    def write(self, data: object) -> int:
        """Keep the data, or fail as on a full disk."""
        if self.left is not None:
            if self.left == 0:
                raise OSError(28, "No space left on device")
            self.left -= 1
        return super().write(data)  # type: ignore[arg-type]  # BytesIO takes what it takes


def run(*args: str | Path, home: Path, writes: int | None = None) -> Completed:
    """Runs `gradio-curl ARGS`; `writes` to stdout succeed, all where that is None."""
    out, err = Output(writes), Output()
    with _streams(out, err), _environment(clean_environment(home)):
        sys.argv = ["gradio-curl", *map(str, args)]
        release_stdin()
        # A process runs one command, and drops the others at its start.
        commands = list(app.registered_commands)
        code = run_command()
        app.registered_commands = commands
    return Completed(code, out.getvalue(), err.getvalue())


@contextmanager
def _streams(out: Output, err: Output) -> Iterator[None]:
    kept = sys.argv, sys.stdout, sys.stderr
    sys.stdout = io.TextIOWrapper(out, encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(err, encoding="utf-8", write_through=True)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.detach()
        sys.argv, sys.stdout, sys.stderr = kept


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
