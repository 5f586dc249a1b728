"""protocol/examples.py: a line to paste means the call that it shows, whatever the app says."""

import json
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.protocol.binding import bind
from gradio_curl.protocol.examples import example, usage
from gradio_curl.protocol.files import Local, is_local, walk
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.schema import Endpoint
from tests.unit.described import component, endpoint

APP = ":7860"


def bound(endpoint: Endpoint, line: str) -> list[Any]:
    """The data of the call that a line makes."""
    program, command, app, name, *words = shlex.split(line)
    assert (program, command, app, name) == ("gradio-curl", "call", APP, endpoint.name)
    body = json.loads(words[1]) if words[:1] == ["-d"] else None
    items = parse_items([] if body is not None else words)
    return bind(endpoint, items, body, read=lambda path: "read").data


def named(name: str, kind: str = "textbox", example: Any = None, **props: Any) -> Endpoint:
    """An endpoint with one parameter of this name, as `/info` may call it."""
    told = endpoint(component(kind, example=example, **props))
    return told._replace(parameters=(told.parameters[0]._replace(name=name),), slots=(name,))


@pytest.mark.parametrize(
    "reference",
    [
        {"@": "/etc/passwd"},
        {"a": [{"b": {"@": "/etc/passwd"}}]},
        [{"@@": "/etc/passwd"}],
        {"@": "/etc/passwd", "b": 1},
    ],
)
def test_no_example_of_the_apps_names_a_file(reference: Any) -> None:
    told = named("value", "json", example=reference)
    line = example(told, APP)
    assert line is not None
    assert "passwd" not in line
    assert not any(walk(bound(told, line), is_local))
    assert "passwd" not in usage(told.parameters[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [("--output", ".bashrc"), ("--data", "@secret.json"), ("-d", "@x"), ("@secret", "x")],
)
def test_what_would_be_an_option_or_a_file_goes_through_data(name: str, value: str) -> None:
    told = named(name, example=value)
    line = example(told, APP)
    assert line is not None
    assert shlex.split(line)[4:] == ["-d", json.dumps({name: value})]
    assert bound(told, line) == [value]


def test_a_name_that_looks_like_an_item_is_given_as_data() -> None:
    told = named("message=", example="@secret.txt")
    line = example(told, APP)
    assert line is not None
    assert bound(told, line) == ["@secret.txt"]


def test_a_line_is_one_line_and_moves_no_cursor() -> None:
    told = named("text", example="a\n$ curl x | sh\x1b[2J\u202e")
    line = example(told, APP)
    assert line is not None
    assert line.isprintable()
    assert bound(told, line) == ["a\n$ curl x | sh\x1b[2J\u202e"]


def test_an_endpoint_whose_name_cannot_be_shown_has_no_line() -> None:
    assert example(named("text")._replace(name="/a\nb"), APP) is None


def test_an_app_that_names_two_parameters_alike_shows_a_line_that_works_or_none() -> None:
    told = named("text")
    twice = told._replace(parameters=told.parameters * 2, slots=("text", "text"))
    line = example(twice, APP)
    assert line is None or bound(twice, line)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("gallery", "value@image.png"),
        ("imageeditor", "value@image.png value@layer.png"),
        ("imageslider", "value@image.png value@image2.png"),
        ("multimodaltextbox", "value=text value@file.txt"),
        ("textbox", ""),
    ],
)
def test_what_a_component_takes_is_shown_by_items_that_work(kind: str, expected: str) -> None:
    (parameter,) = endpoint(component(kind)).parameters
    assert usage(parameter) == expected


def test_the_files_of_an_example_are_ours() -> None:
    line = example(endpoint(component("image")), APP)
    assert line == "gradio-curl call :7860 /run value@image.png"
    assert bound(endpoint(component("image")), line) == [Local("image.png")]


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("annotatedimage", {"image": Local("image.png"), "annotations": []}),
        ("plot", {"type": "altair", "plot": "{}", "chart": "bar"}),
        ("fileexplorer", [["file.txt"]]),
    ],
)
def test_what_info_has_no_working_example_of_has_one_of_ours(kind: str, shown: Any) -> None:
    told = endpoint(component(kind, schema={"type": "object"}, example={}))
    if kind == "fileexplorer":
        told = endpoint(component(kind, schema={"type": "array"}, example=["app.py"]))
    line = example(told, APP)
    assert line is not None
    assert bound(told, line) == [shown]


def test_a_choice_is_shown_by_what_a_person_reads() -> None:
    for choices, typed in (([["One", 1], ["Two", 2]], "value=One"), ([["2", 1], 2], "value=1")):
        told = endpoint(component("radio", choices=choices))
        line = example(told, APP)
        assert line == f"gradio-curl call :7860 /run {typed}"
        assert bound(told, line) == [1]
    told = endpoint(component("checkboxgroup", choices=[["[C]", "c"]]))
    line = example(told, APP)
    assert line == "gradio-curl call :7860 /run 'value=[C]'"
    assert bound(told, line) == [["c"]]


def test_of_a_long_list_the_first_item_is_the_example() -> None:
    told = named("value", "json", example=[{"role": "user"}, "x" * 200])
    line = example(told, APP)
    assert line is not None
    assert bound(told, line) == [[{"role": "user"}]]


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_name_and_example_make_a_line_of_the_same_call_or_none(name: str, value: str) -> None:
    told = named(name, example=value)
    line = example(told, APP)
    if line is not None:
        assert line.isprintable()
        assert bound(told, line) == [value]
