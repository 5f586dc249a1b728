"""Which endpoint is meant, and what is missing: the error is what to type instead."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.command import clean_environment, command, run
from tests.wire.server import CALL, CONFIG, INFO, P, gradio, http, serving

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
        (["text=x"], ["/say text=x", "/flag text=x"]),
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


NUMBER = {"parameter_name": "x", "label": "X", "type": {"type": "number"}}
COLOUR = {"parameter_name": "colour", "label": "Colour", "type": {"type": "string"}}
ONE = {"components": [{"id": 1, "type": "number"}, {"id": 2, "type": "textbox"},
                      {"id": 3, "type": "dataframe"}]}  # fmt: skip
SHARING_X = {
    "/config": http(
        CONFIG
        | ONE
        | {
            "dependencies": [
                {"id": 1, "api_name": "plain", "inputs": [1], "outputs": []},
                {"id": 2, "api_name": "more", "inputs": [1, 2], "outputs": []},
                {"id": 3, "api_name": "table", "inputs": [3], "outputs": []},
            ]
        }
    ),
    f"{P}/info": http(
        {
            "named_endpoints": {
                "/plain": {"parameters": [NUMBER], "returns": []},
                "/more": {"parameters": [NUMBER, COLOUR], "returns": []},
                "/table": {"parameters": [NUMBER | {"type": {"type": "object"}}], "returns": []},
            }
        }
    ),
}


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["x=2"], ["/plain x=2", "/more x=2 colour=text"]),
        (["x=two"], ["/plain x=1", "/more x=1 colour=text",
                     """/table 'x:={"data": [["text"]]}'"""]),
        (["x=2", "colour=red"], ["/more x=2 colour=red"]),
    ],
)  # fmt: skip
def test_only_lines_that_would_be_sent_are_proposed(words: list[str], lines: list[str]) -> None:
    with serving(gradio(SHARING_X)) as server:
        ended = run("call", f"{server.url}{P}/queue/join", *words, check=2)
    start = f"  gradio-curl call {server.url} "
    assert ended.err.splitlines()[1:] == [f"{start}{line}" for line in lines]


def test_an_endpoint_beside_a_page_of_the_app_is_called() -> None:
    with serving(gradio()) as server:
        beside = run("call", f"{server.url}/docs", "/say", "text=hi", check=0)
        in_url_form = run("call", server.url, "/call/say/", "text=hi", check=0)
    assert (beside.out, in_url_form.out) == ("said\n", "said\n")


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


@pytest.mark.parametrize("more", [[], ["--batch", "-"]])
def test_a_file_given_by_position_for_a_text_is_an_error(more: list[str], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("secret")
    with serving(gradio()) as server:
        typed = "@{}" if more else "@notes.txt"
        ended = run("call", server.url, "/say", typed, *more, input="notes.txt", cwd=tmp_path)
        assert server.paths().count(f"POST {CALL}") == 0
        for text in ("@nobody", "@" + "a" * 9000, "@ann b\n"):
            run("call", server.url, "/say", text, cwd=tmp_path, check=0)
            assert [json.loads(r.body) for r in server.requests if r.path == CALL][-1] == {
                "data": [text]
            }
    assert ended.code == 2
    assert "text: '@notes.txt' is an existing path, but the parameter takes no file\n" in ended.err
    assert "  use text@notes.txt to send what is in the file, text=@notes.txt to" in ended.err


def test_a_directory_behind_a_misspelt_name_is_not_sent_as_text(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with serving(gradio()) as server:
        ended = run("call", server.url, "/say", "txt@photos/", cwd=tmp_path, check=2)
        assert server.paths().count(f"POST {CALL}") == 0
    assert "unknown parameter txt for /say\n" in ended.err
    assert "for the text itself: text=txt@photos/" in ended.err


def test_an_empty_file_name_is_told() -> None:
    with serving(gradio()) as server:
        for words in (("upload", server.url, ""), ("call", server.url, "/load", "file@")):
            ended = run(*words, check=26)
            assert ended.err == "gradio-curl: the file name is empty\n"


@pytest.mark.parametrize(
    "words",
    [
        ["call", "/say", "--name", "bob smith"],
        ["stream", "/say", "text=x", "--name", "bob smith"],
        ["call", "/say", "text@-", "--name", "bob smith"],  # a text, not a file
        ["call", "/load", "file:=null", "--name", "bob smith", "--curl"],
        ["call", "/load", "--no-check", "-d", "[null]", "--name", "bob smith"],
        ["call", "/say", "--event", "e", "--name", "bob smith"],
        ["call", "/say", "--batch", "rows", "--name", "bob smith"],
    ],
)
def test_a_name_without_a_file_from_stdin_is_an_error(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "rows").write_text('["x"]\n')
    with serving(gradio()) as server:
        ended = run(words[0], server.url, *words[1:], cwd=tmp_path, check=2)
    assert "gradio-curl: --name is the name of a file from stdin\n" in ended.err
    assert "  for the parameter, use 'name=bob smith'\n" in ended.err
    assert not [path for path in server.paths() if path.startswith("POST")]


def test_a_name_in_a_batch_is_that_of_the_file_that_all_rows_share(tmp_path: Path) -> None:
    (tmp_path / "rows").write_text("{}\n{}\n")
    with serving(gradio()) as server:
        words = ("call", server.url, "/load", "--batch", "rows", "--name", "a.txt")
        run(*words, "@-", input="x", cwd=tmp_path, check=0)
        ended = run(*words, input="x", cwd=tmp_path, check=2)
    assert "--name is the name of a file from stdin" in ended.err


def test_a_name_of_an_upload_needs_a_file_from_stdin(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with serving(gradio()) as server:
        ended = run("upload", server.url, "a.txt", "--name", "foo", cwd=tmp_path, check=2)
    assert ended.err == (
        "gradio-curl: --name is the name of a file from stdin\n  give - as a FILE\n"
    )


def test_a_file_is_sent_by_the_name_that_a_form_gives_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with serving(gradio()) as server:
        form = "files=@a.txt;filename=b.txt"
        ended = run("upload", server.url, "-F", form, cwd=tmp_path, check=0)
    assert json.loads(ended.out)[0]["orig_name"] == "b.txt"


def test_a_query_is_not_sent_which_is_told_without_it() -> None:
    """It may be a signature, as in the address of a private Space that a browser shows."""
    query = "?__sign=s3cret&x=1#top"
    with serving(gradio()) as server:
        ended = run("call", f"{server.url}{CALL}{query}", "x", check=0)
        page = run("call", f"{server.url}/{query}", "/say", "x", check=0)
        quiet = run("call", f"{server.url}/{query}", "/say", "x", "-q", check=0)
    assert (ended.err, page.err) == ("?… in APP is not sent\n",) * 2
    assert quiet.err == ""
    assert not any("s3cret" in request.target for request in server.requests)


@pytest.mark.parametrize(
    "words", [["info"], ["info", "--json"], ["call"], ["call", "--batch", "-"], ["call", "text=x"]]
)
def test_no_line_to_paste_has_the_query_of_app(words: list[str]) -> None:
    with serving(gradio()) as server:
        command, *more = words
        ended = run(command, f"{server.url}/?__sign=s3cret&x=1#top", *more)
        alone = run(f"{server.url}/?__sign=s3cret")
    assert f"gradio-curl call {server.url}/" in ended.out + ended.err
    assert alone.err.endswith(f"gradio-curl info {server.url}/\n")
    assert not [text for text in (ended.out, ended.err, alone.err) if "s3cret" in text]


def test_csv_and_info_call_a_return_value_alike() -> None:
    returns = [
        {"label": "Rows", "type": {"type": "array", "items": {"type": "string"}}},
        {"label": "Sizes", "type": {"type": "array", "items": {"type": "array"}}},
        {"label": "Yes", "type": {"type": "boolean"}, "component": "Checkbox"},
    ]
    say = {**INFO["named_endpoints"]["/say"], "returns": returns}
    script = gradio({f"{P}/info": http({"named_endpoints": {"/say": say}})})
    with serving(script) as server:
        refused = run("call", server.url, "/say", "x", "--csv", check=2)
        told = run("info", server.url, "/say", check=0)
    assert refused.err == "gradio-curl: --csv needs a table, /say returns list, list, boolean\n"
    assert "returns Rows (list), Sizes (list), Yes (boolean)" in told.out
