"""bash, zsh and fish in a pseudo-terminal, with the completion script in them."""

import sys
import time
from pathlib import Path

import pexpect

from tests.command import clean_environment, covered
from tests.patience import HANGING

COMPLETIONS = Path(__file__).parents[1] / "completions"
FILES = {
    "bash": "gradio-curl.bash",
    "zsh": "_gradio-curl",
    "fish": "gradio-curl.fish",
}
START = {
    "bash": (
        "bash --norc --noprofile -i",
        "bind 'set enable-bracketed-paste off'; PS1='ready> '; source {script}",
        """show() {{ printf '%s\\n' "$@" END > {shown}; }}""",
    ),
    "zsh": (
        "zsh -f -i",
        "PS1='ready> '; fpath=({folder} $fpath); autoload -U compinit; compinit -D -u",
        """show() {{ printf '%s\\n' "$@" END > {shown} }}""",
    ),
    "fish": (
        "fish --no-config --interactive",
        "function fish_prompt; echo 'ready> '; end; source {script}",
        "function show; printf '%s\\n' $argv END > {shown}; end",
    ),
}


class Terminal:
    """A shell in a pseudo-terminal, with the completion script in it."""

    def __init__(self, shell: str, folder: Path, environment: dict[str, str]) -> None:
        self.shell = shell
        self.folder = folder
        self._shown = folder / f"shown-{shell}"
        start, *lines = START[shell]
        self._child = pexpect.spawn(
            start,
            env={**environment, "TERM": "xterm", "SHELL": f"/bin/{shell}"},
            cwd=str(folder),
            dimensions=(50, 200),
            encoding="utf-8",
            timeout=HANGING,
        )
        for line in lines:
            names = {
                "script": COMPLETIONS / FILES[shell],
                "folder": COMPLETIONS,
                "shown": self._shown,
            }
            self._child.sendline(line.format(**names))
        self._child.sendline("show begin")
        self._words()

    def close(self) -> None:
        """End the shell."""
        self._child.close(force=True)

    def completed(self, typed: str, close: str = "") -> list[str]:
        """The words that the shell reads after TAB, and then `close`, behind what was typed."""
        self._child.send(f"{typed}\t{close}")
        # The same line, behind a command that writes its words down.
        self._child.send("\x01show \r")
        return self._words()

    def lists(self, typed: str, *expected: str) -> bool:
        """Whether the terminal shows all of `expected` after two TABs behind what was typed."""
        self._child.send(f"{typed}\t\t")
        seen, deadline = "", time.monotonic() + HANGING
        while not all(words in seen for words in expected) and time.monotonic() < deadline:
            if self._child.expect([pexpect.TIMEOUT, ".+"], timeout=0.1):
                seen += str(self._child.after)
        self._child.send("\x15")
        return all(words in seen for words in expected)

    def _words(self) -> list[str]:
        deadline = time.monotonic() + HANGING
        while not self._shown.exists() or not self._shown.read_text().endswith("END\n"):
            assert time.monotonic() < deadline, f"{self.shell} wrote nothing"
            self._child.expect([pexpect.TIMEOUT, ".+"], timeout=0.05)
        words = self._shown.read_text().splitlines()[:-1]
        self._shown.unlink()
        return words


def installed(folder: Path) -> dict[str, str]:
    """An environment with `gradio-curl` on the PATH, as it is installed, and `folder` as home."""
    command = folder / "gradio-curl"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m gradio_curl "$@"\n')
    command.chmod(0o755)
    variables = clean_environment(folder, covered())
    package = Path(__file__).parents[1]
    return {**variables, "PATH": f"{folder}:{variables['PATH']}", "PYTHONPATH": str(package)}
