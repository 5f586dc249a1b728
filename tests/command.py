"""The real command as a subprocess: what the tests of every folder run."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests import forked
from tests.forked import COVERAGE
from tests.patience import patient

KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended: its exit code, and what it wrote on either stream."""

    code: int
    out_bytes: bytes
    err_bytes: bytes

    @property
    def out(self) -> str:
        """Stdout as text."""
        return self.out_bytes.decode("utf-8", "surrogateescape")

    @property
    def err(self) -> str:
        """Stderr as text."""
        return self.err_bytes.decode("utf-8", "surrogateescape")


def run(
    *args: str | Path,
    input: str | bytes | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 300,
    check: int | None = None,
    home: Path | None = None,
    cwd: Path | None = None,
) -> Completed:
    """Runs `gradio-curl ARGS`; one that hangs is killed after `timeout` seconds.

    Stdin is `input`, or empty. `env` adds variables to a clean environment. `home` is where the
    command keeps its cache; without it that is a new folder each time. With `check`, any other
    exit code fails the test and shows both streams.
    """
    with nullcontext(home) if home else tempfile.TemporaryDirectory() as folder:
        content = input.encode() if isinstance(input, str) else input or b""
        environment = clean_environment(Path(folder), covered() | dict(env or {}))
        if forked.is_like_new(environment):
            words = [*map(str, args)]
            ended = forked.run(words, content, environment, cwd or Path.cwd(), patient(timeout))
        else:
            ended = subprocess.run(
                command(*args),
                input=content,
                capture_output=True,
                env=environment,
                timeout=patient(timeout),
                cwd=cwd,
            )
    completed = Completed(ended.returncode, ended.stdout, ended.stderr)
    if check is not None:
        assert completed.code == check, (
            f"exit code {completed.code}, not {check}\n"
            f"--- stdout\n{completed.out}\n--- stderr\n{completed.err}"
        )
    return completed


def command(*args: str | Path) -> list[str]:
    """The argument list that runs the package under test with the Python of the tests."""
    return [sys.executable, "-m", "gradio_curl", *map(str, args)]


def covered() -> dict[str, str]:
    """What a command's environment needs in addition for its lines to count as covered."""
    return {COVERAGE: os.environ[COVERAGE]} if COVERAGE in os.environ else {}


def loaded_by(home: Path, *program: str) -> set[str]:
    """The top-level modules that a Python program, `-m NAME` or `-c CODE`, has imported."""
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", *program],
        env=clean_environment(home),
        capture_output=True,
        text=True,
    )
    lines = [line for line in ended.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def clean_environment(home: Path, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment without the user's tokens, proxies and settings, with `env` added."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return (
        kept
        | {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "LANG": "C.UTF-8"}
        | dict(env or {})
    )
