"""What the command says of itself: --help, --version, the man page, and of its steps: -v."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Completed, clean_environment, command
from tests.live.servers import Server
from tests.live.terminal import Terminal

Gradio = Callable[..., Completed]
MANUAL = Path(__file__).parents[2] / "completions" / "gradio-curl.1"


@pytest.mark.parametrize("words", [[], ["call"], ["stream"], ["upload"], ["info"]])
def test_help_begins_with_examples_and_fits_80_columns(gradio: Gradio, words: list[str]) -> None:
    told = gradio(*words, "--help", env={"COLUMNS": "80"}, check=0).out
    assert max(map(len, told.splitlines())) <= 80
    example = re.search(r"^ +gradio-curl \w+ \S+", told, re.MULTILINE)
    assert example
    assert example.start() < told.index("Arguments:" if words else "Commands:")
    assert len(told.splitlines()) <= 2 * 26  # two screens


@pytest.mark.parametrize("command", ["call", "stream", "upload", "info"])
def test_at_40_columns_no_name_is_cut(gradio: Gradio, command: str) -> None:
    def names(columns: str) -> list[str]:
        told = gradio(command, "--help", env={"COLUMNS": columns}, check=0).out
        return re.findall(r"^  (-\S+(?:, --\S+)?)", told, re.MULTILINE)

    assert names("40") == names("120")


def test_help_in_a_pipe_is_plain_and_on_a_terminal_drawn(gradio: Gradio) -> None:
    plain = gradio("call", "--help", env={"COLUMNS": "80"}, check=0).out
    panels = ["Arguments", "Call", "Output", "Batch", "Jobs", "Login", "Network"]
    assert re.findall(r"^(\w+):$", plain, re.MULTILINE) == panels
    assert plain.isascii()
    assert "\x1b" not in plain
    with Terminal("call", "--help", rows=80) as terminal:
        drawn = terminal.see(*(f"{panel}:" for panel in panels), "--no-cache")
        assert terminal.end() == 0
    assert b"\x1b[1mArguments:" in terminal.raw
    assert [line.rstrip() for line in plain.splitlines()] == drawn.splitlines()


def ended(words: list[str], home: Path, **streams: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*words), **{"text": True, "env": clean_environment(home), **streams}
    )


PRINTED = [["--help"], ["call", "-h"], ["--version"], ["--manual"], ["--completion", "zsh"]]


@pytest.mark.parametrize("words", PRINTED)
def test_with_stdout_closed_the_end_is_23(tmp_path: Path, words: list[str]) -> None:
    closed = ["/bin/sh", "-c", '"$@" >&-', "sh", *command(*words)]
    done = subprocess.run(
        closed, stderr=subprocess.PIPE, text=True, env=clean_environment(tmp_path)
    )
    said = "gradio-curl: stdout can't be written: it is closed\n"
    assert (done.returncode, done.stderr) == (23, said)


@pytest.mark.parametrize("words", PRINTED)
def test_with_the_reader_gone_the_end_is_141(tmp_path: Path, words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = ended(words, tmp_path, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(("words", "code"), [(["--help"], 0), (["call", "--nope"], 2)])
def test_a_stderr_that_is_full_changes_nothing(tmp_path: Path, words: list[str], code: int) -> None:
    with Path("/dev/full").open("wb") as full:
        done = ended(words, tmp_path, stdout=subprocess.PIPE, stderr=full)
    assert done.returncode == code


@pytest.mark.parametrize("words", [[], ["--help"], ["call", "-h"], ["--version"], ["--manual"]])
def test_what_can_not_be_written_is_told(tmp_path: Path, words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            command(*words),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment(tmp_path),
        )
    said = "gradio-curl: stdout can't be written: no space left on device\n"
    assert (ended.returncode, ended.stderr) == (23, said)


def test_without_a_command_help_is_shown(gradio: Gradio) -> None:
    assert gradio(check=2).out == gradio("--help").out


def test_version_names_what_it_stands_on(gradio: Gradio) -> None:
    first, second = gradio("--version", check=0).out.splitlines()
    assert re.fullmatch(r"gradio-curl \S+ \(Python 3\.\S+\)", first)
    assert re.search(r"\brequests \d", second)
    assert re.search(r"\btyper 0\.", second)


def test_the_man_page_has_every_option_and_is_well_formed(gradio: Gradio) -> None:
    groff = shutil.which("groff")
    page = MANUAL.read_text()
    told = gradio("call", "--help", env={"COLUMNS": "80"}, check=0).out
    for option in set(re.findall(r"--[a-z][a-z-]+", told)) - {"--help"}:
        assert option.replace("-", "\\-") in page
    if groff is not None:
        made = subprocess.run(
            [groff, "-man", "-Kutf8", "-Tutf8", "-ww", str(MANUAL)], capture_output=True, text=True
        )
        assert made.returncode == 0
        assert made.stderr == ""


def test_verbose_tells_how_long_each_step_took(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    told = gradio("call", server.url, "/image_make", "-o", tmp_path / "a.png", "-v", check=0).err
    steps = re.findall(r"^\* (\w+): \d+\.\d{3} s$", told, re.MULTILINE)
    assert steps == ["connecting", "uploading", "submitting", "queued", "running", "downloading"]
