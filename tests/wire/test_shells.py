"""A line that `info` gives to paste means the same in every shell that it may be pasted into."""

import subprocess

import pytest

from gradio_curl.protocol.shell import quoted
from tests.patience import HANGING

WORDS = [
    "", "it's", "a'b\\'c\\", "\\\\", "\\'$(touch f)\\'\\'", "'; touch f #", "$(touch f)", "`id`",
    "$HOME", "!x", "!!", "~/x", "=ls", "{a,b}", "*", "a\\nb", "'''\\\\\\'", "%self", "a b", "#x",
    "^x", "é漢", '"', "-d", "a;b", "a&b", "<(x)", '{"a": "x\\ny", "b": "\\\\"}',
]  # fmt: skip

SHELLS = {
    "dash": ["dash", "-c"],
    "bash": ["bash", "-c"],
    "zsh": ["zsh", "-f", "-c"],
    "zsh with options": ["zsh", "-f", "-o", "rcquotes", "-o", "extendedglob", "-c"],
    "fish": ["fish", "--no-config", "-c"],
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_quoted_word_is_that_word(shell: str) -> None:
    line = "printf '%s\\n' " + " ".join(map(quoted, WORDS))
    ended = subprocess.run([*SHELLS[shell], line], capture_output=True, text=True, timeout=HANGING)
    assert ended.stdout.split("\n")[:-1] == WORDS
