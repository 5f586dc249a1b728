"""`call`: one result, on every Gradio version, by either route."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Completed
from tests.live.servers import VERSIONS, Server

Gradio = Callable[..., Completed]
AtOnce = Callable[..., list[Completed]]


def json_of(ended: Completed) -> Any:
    return json.loads(ended.out)


# What comes out


RESULTS: list[tuple[list[str], str]] = [
    (["greet", "Ann", "2", "true"], "Hello Ann!\nHello Ann!\n"),
    (["/greet", "name=Ann"], "Hello Ann.\n"),
    (["greet", "name=", "excited=yes"], "Hello !\n"),
    (["greet", "--", "name=@x"], "Hello name=@x.\n"),
    (["add", "1", "-2"], "-1\n"),
    (["add", "1", "--", "-2"], "-1\n"),
    (["several", "two words"], 'TWO WORDS\n9\n["two", "words"]\n'),
    (["several", "a\nb", "--json"], '["A\\nB", 3, ["a", "b"]]\n'),
    (["no_input"], "nothing was needed\n"),
    (["no_output", "x"], ""),
    (["no_output", "x", "--json"], "[]\n"),
    (["hidden", "x"], "hidden x\nshown x\n"),
    (["layout", "x", "--json"], '["x"]\n'),
    (["button_input", "text=x"], '{"button": null, "text": "x"}\n'),
    (["markdown_out"], "# Title\n\n*text*\n"),
    (["infinity"], "null\nnull\n"),
    (["infinity", "--route", "call", "--json"], "[null, null]\n"),
    (["unicode", "--json"], '["line\\u2028sep é 漢 \\u001b[31mred\\u001b[0m"]\n'),
    (["odd name", "x"], "odd x\n"),
    (["/naïve", "x"], "odd x\n"),
    (["a.b", "x"], "odd x\n"),
    (["q?x=1", "x"], "odd x\n"),
    (["/a/b", "x"], "odd x\n"),
    (["//lead", "x"], "odd x\n"),
    (["count", "3", "0.01"], "1 2 3\n"),
    (["yields_nothing"], "null\n"),
    (["json_echo", 'value:={"text": "a", "files": []}'], '{"text": "a", "files": []}\n'),
]


def test_the_result_alone_is_on_stdout(server: Server, at_once: AtOnce) -> None:
    ended = at_once(["call", server.url, *words] for words, _ in RESULTS)
    came = [(words, e.out, e.err, e.code) for (words, _), e in zip(RESULTS, ended, strict=True)]
    assert came == [(words, out, "", 0) for words, out in RESULTS]


TYPED: list[tuple[list[str], Any]] = [
    (["choose", "blue", "Large", "tags=a", "tags=c"], ["blue", 2, ["a", "c"]]),
    (["choose", "Color=red", "size=1", 'tags:=["b"]'], ["red", 1, ["b"]]),
    (["choose_group", "x", "letters=z"], ["x", "z"]),
    (["slide"], [3, 0.5]),
    (["slide", "7", "ratio:=0.25"], [7, 0.25]),
    (["json_echo", "null"], None),
    (["json_echo", 'value={"a": [1, {"b": null}]}'], {"a": [1, {"b": None}]}),
]


@pytest.mark.every_version
def test_what_is_typed_arrives_with_its_type(server: Server, at_once: AtOnce) -> None:
    ended = at_once(["call", server.url, *words, "--json"] for words, _ in TYPED)
    for (words, received), outcome in zip(TYPED, ended, strict=True):
        (value,) = json_of(outcome)
        if words[0] in ("choose", "slide"):
            value = list(value.values())
        assert (words, value) == (words, received)


def test_a_table_goes_in_and_comes_out(gradio: Gradio, server: Server) -> None:
    people = {"headers": ["name", "age"], "data": [["Ann", 1], ["Bob", 2]], "metadata": None}
    ended = gradio("call", server.url, "table", f"people={json.dumps(people)}", check=0)
    assert json_of(ended)["data"] == [["Bob", 2], ["Ann", 1]]


@pytest.mark.parametrize("route", ["auto", "queue", "call"])
@pytest.mark.every_version
def test_every_route_gives_the_same_result(gradio: Gradio, server: Server, route: str) -> None:
    assert gradio("call", server.url, "add", "1", "2", "--route", route, check=0).out == "3\n"


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_what_the_queue_feed_can_not_carry_comes_by_the_other_route(
    gradio: Gradio, server_of: Callable[[str], Server], version: str
) -> None:
    url = server_of(version).url
    ended = gradio("call", url, "big_int", check=1)
    assert ended.err == (
        "gradio-curl: Integer exceeds 64-bit range\n  --route call may carry the result\n"
    )
    assert gradio("call", url, "big_int", "--route", "call", check=0).out == f"{2**70}\n"
    surrogate = gradio("call", url, "surrogate", "--route", "call", "--json", check=0)
    assert surrogate.out == '["lone \\ud800 surrogate"]\n'
    assert gradio("call", url, "surrogate", "--route", "call", check=0).out == (
        "lone \ufffd surrogate\n"
    )


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONIOENCODING": "latin1"}])
def test_text_is_utf8_whatever_the_locale(
    gradio: Gradio, server: Server, locale: dict[str, str]
) -> None:
    ended = gradio("call", server.url, "greet", "é漢", env=locale, check=0)
    assert ended.out == "Hello é漢.\n"


# --data


@pytest.mark.parametrize(
    "data",
    [
        ["Ann", 2, True],
        {"name": "Ann", "Count": 2, "excited": True},
        {"data": ["Ann", 2, True], "session_hash": "given"},
    ],
    ids=["list", "names", "body"],
)
def test_data_is_a_list_an_object_of_names_or_a_whole_body(
    gradio: Gradio, server: Server, data: Any
) -> None:
    ended = gradio("call", server.url, "greet", "-d", json.dumps(data), check=0)
    assert ended.out == "Hello Ann!\nHello Ann!\n"


def test_data_comes_from_a_file_or_stdin_and_items_override_it(
    gradio: Gradio, server: Server, tmp_path: Path
) -> None:
    body = '["Ann", 3]'
    (tmp_path / "body.json").write_text(body, encoding="utf-8")
    file = gradio("call", server.url, "greet", "-d", "@body.json", "count=1", cwd=tmp_path, check=0)
    stdin = gradio("call", server.url, "greet", "--data", "@-", "name=Bob", "count=1", input=body)
    assert (file.out, stdin.out) == ("Hello Ann.\n", "Hello Bob.\n")


@pytest.mark.every_version
def test_an_endpoint_that_is_not_documented_is_called_by_name_and_by_recipe(
    gradio: Gradio, server: Server
) -> None:
    assert gradio("call", server.url, "/undocumented", "x", check=0).out == "undocumented x\n"
    assert gradio("call", server.url, "undocumented", "x", check=0).out == "undocumented x\n"
    recipe = f"{server.url}/call/undocumented"
    assert gradio("call", recipe, "-d", '{"data": ["x"]}', check=0).out == "undocumented x\n"
    assert "/undocumented" not in gradio("info", server.url, check=0).out


def test_no_check_sends_data_as_it_is_also_to_what_is_not_documented(
    gradio: Gradio, server: Server
) -> None:
    def unchecked(endpoint: str, data: str) -> str:
        return gradio("call", server.url, endpoint, "--no-check", "-d", data, check=0).out

    assert unchecked("undocumented", '["x"]') == "undocumented x\n"
    assert unchecked("remember", '{"data": ["x", null]}') == "1: x\n"
    refused = gradio("call", server.url, "add", "1", "2", "--no-check", check=2)
    assert "--no-check" in refused.err


def test_a_text_parameter_takes_the_text_of_a_file_or_of_stdin(
    gradio: Gradio, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "name.txt").write_text("Ann é\n\n", encoding="utf-8")
    file = gradio("call", server.url, "greet", "name@name.txt", cwd=tmp_path, check=0)
    # One final line end is dropped, as `$(cat name.txt)` would drop it.
    assert file.out == "Hello Ann é\n.\n"
    assert gradio("call", server.url, "greet", "name@-", input="Bob").out == "Hello Bob.\n"


# Errors of the app


ERRORS: list[tuple[list[str], str]] = [
    (["divide", "1", "0"], "Cannot divide by zero!"),
    (["errors_lines", "x"], "first line\n  second line"),
    (["errors_empty", "x"], "the app reported an error with an empty message"),
    (["yields_then_fails"], "Broke after two"),
    (
        ["crash", "x"],
        "the app reported an error without a message\n"
        "  show_error=True in the app's launch() would show it",
    ),
]


@pytest.mark.every_version
def test_the_error_of_the_app_is_told_on_every_version(server: Server, at_once: AtOnce) -> None:
    ended = at_once(["call", server.url, *words] for words, _ in ERRORS)
    came = [(words, e.out, e.err, e.code) for (words, _), e in zip(ERRORS, ended, strict=True)]
    assert came == [(words, "", f"gradio-curl: {message}\n", 1) for words, message in ERRORS]


def test_with_json_the_failure_is_data_too(gradio: Gradio, server: Server) -> None:
    ended = gradio("call", server.url, "divide", "1", "0", "--json", check=1)
    message = "Cannot divide by zero!"
    assert json_of(ended) == {"status": "error", "exit_code": 1, "message": message}
    assert ended.err == f"gradio-curl: {message}\n"


@pytest.mark.every_version
def test_the_documented_route_tells_the_error_from_gradio_6_on(
    gradio: Gradio, server: Server
) -> None:
    ended = gradio("call", server.url, "divide", "1", "0", "--route", "call", check=1)
    if server.version.startswith("6."):
        assert ended.err == "gradio-curl: Cannot divide by zero!\n"
    else:
        assert "try --route queue" in ended.err


@pytest.mark.parametrize("version", ["5.50.0", "6.31.0"])
def test_a_validator_speaks_before_the_job(
    gradio: Gradio, server_of: Callable[[str], Server], version: str
) -> None:
    url = server_of(version).url
    assert gradio("call", url, "validated", "7", check=0).out == "7 years\n"
    assert gradio("call", url, "validated", "--", "-7", check=1).err == (
        "gradio-curl: age: Age must not be negative\n"
    )


def test_messages_of_the_app_are_on_stderr(server: Server, gradio: Gradio) -> None:
    ended = gradio("call", server.url, "/notices", "x", check=0)
    assert (ended.out, ended.err) == ("x\n", "info: info: x\nwarning: warning: x\n")
    assert gradio("call", server.url, "/notices", "x", "-q", check=0).err == ""
