"""Which endpoint is meant, and what is missing: the error is what to type instead."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.command import clean_environment, command, run
from tests.wire.server import CONFIG, INFO, P, gradio, http, serving

WITH_HELPERS = {
    "/config": http(
        CONFIG
        | {
            "dependencies": [
                {"id": 2, "api_name": "lambda", "inputs": [], "outputs": []},
                {"id": 3, "api_name": "flag", "inputs": [1], "outputs": []},
                *CONFIG["dependencies"],
            ]
        }
    ),
    f"{P}/info": http(
        {
            "named_endpoints": {
                "/lambda": {"parameters": [], "returns": []},
                "/flag": {**INFO["named_endpoints"]["/say"], "returns": []},
                **INFO["named_endpoints"],
            }
        }
    ),
}


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ([], ["/say text=text", "/load file@file.txt", "/lambda", "/flag text=text"]),
        (["text=x"], ["/say text=text", "/load file@file.txt", "/lambda", "/flag text=text"]),
        (["file@my cat.png"], ["/load 'file@my cat.png'"]),
        (["fil=x"], ["/say text=text", "/load file@file.txt", "/lambda", "/flag text=text"]),
    ],
)
def test_each_endpoint_has_a_line_to_paste(words: list[str], lines: list[str]) -> None:
    with serving(gradio(WITH_HELPERS)) as server:
        ended = run("call", server.url, *words, check=2)
    start = f"  gradio-curl call {server.url} "
    assert ended.err.splitlines() == [
        "gradio-curl: which endpoint?",
        *(f"{start}{line}" for line in lines),
    ]


@pytest.mark.parametrize(("waiting", "hint"), [(b"hi", "give text@- for the"), (b"", "give text=")])
def test_a_text_that_is_missing_may_be_what_waits_at_stdin(
    waiting: bytes, hint: str, tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    os.write(writer, waiting)
    os.close(writer)
    with serving(gradio()) as server, os.fdopen(reader, "rb") as stdin:
        ended = subprocess.run(
            command("call", server.url, "/say"),
            stdin=stdin,
            env=clean_environment(tmp_path),
            capture_output=True,
            text=True,
        )
    assert ended.returncode == 2
    assert hint in ended.stderr


def test_an_empty_file_name_is_told() -> None:
    with serving(gradio()) as server:
        for words in (("upload", server.url, ""), ("call", server.url, "/load", "file@")):
            ended = run(*words, check=26)
            assert ended.err == "gradio-curl: the file name is empty\n"


def test_a_name_needs_a_file_from_stdin() -> None:
    with serving(gradio()) as server:
        ended = run("upload", server.url, "a.txt", "--name", "foo", check=2)
    assert ended.err.startswith("gradio-curl: --name needs a file from stdin\n")


def test_a_file_is_sent_by_the_name_that_a_form_gives_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with serving(gradio()) as server:
        form = "files=@a.txt;filename=b.txt"
        ended = run("upload", server.url, "-F", form, cwd=tmp_path, check=0)
    assert json.loads(ended.out)[0]["orig_name"] == "b.txt"
