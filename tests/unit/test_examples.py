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


def test_a_run_of_blanks_is_not_shown() -> None:
    told = named("text", example="two  blanks")
    line = example(told, APP)
    assert line == """gradio-curl call :7860 /run -d '{"text": "two \\u0020blanks"}'"""
    assert bound(told, line) == ["two  blanks"]


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


@pytest.mark.parametrize(
    ("kind", "types", "name"),
    [
        ("file", ["image"], "image.png"),
        ("file", ["audio"], "audio.wav"),
        ("file", ["video", "image"], "video.mp4"),
        ("file", [".json", ".yaml"], "file.json"),
        ("file", [".wav"], "audio.wav"),
        ("file", [".TAR.GZ"], "file.tar.gz"),
        ("file", [".pdf", "text"], "file.txt"),
        ("file", [".pdf", ".TXT"], "file.txt"),
        ("file", [".pdf", "file"], "file.txt"),
        ("file", ["no such", "", ".md"], "file.md"),
        ("file", ["../x", ".a b", ".$(x)", ".", 1, None], "file.txt"),
        ("file", [], "file.txt"),
        ("file", ".pdf", "file.txt"),
        ("uploadbutton", [".pdf"], "file.pdf"),
        ("gallery", ["video"], "video.mp4"),
        ("gallery", ["video", "image"], "image.png"),
        ("gallery", [".jpg"], "file.jpg"),
        ("multimodaltextbox", ["image"], "image.png"),
    ],
)
def test_a_file_of_an_example_is_of_a_type_that_the_app_takes(
    kind: str, types: Any, name: str
) -> None:
    told = endpoint(component(kind, file_types=types))
    is_message = kind == "multimodaltextbox"
    assert usage(told.parameters[0]) == f"{'value=text ' * is_message}value@{name}"
    given = "value=text" if is_message else f"value@{name}"
    assert example(told, APP) == f"gradio-curl call {APP} /run {given}"


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


STRING, INTEGER = {"type": "string"}, {"type": "integer"}
STRINGS, INTEGERS = {"type": "array", "items": STRING}, {"type": "array", "items": INTEGER}
PERSON = {"type": "object", "properties": {"name": STRING}, "required": ["name"]}


def hinted(schema: Any, **props: Any) -> Endpoint:
    """An endpoint of `gr.api` with one parameter, whose type hint has become this schema."""
    return endpoint(component("api", schema=schema, **props))


@pytest.mark.parametrize(
    ("told", "words", "use"),
    [
        # By what the parameter takes
        (endpoint(component("textbox")), "value=text", ""),
        (endpoint(component("number")), "value=1", ""),
        (endpoint(component("slider", minimum=5, maximum=9)), "value=5", ""),
        (endpoint(component("checkbox")), "value=true", ""),
        (endpoint(component("radio", choices=["a", "b"])), "value=a", ""),
        (endpoint(component("checkboxgroup", choices=["a", "b"])), "value=a", ""),
        (endpoint(component("json")), "'value:={}'", "'value:={}'"),
        (
            endpoint(component("dataframe")),
            """'value:={"data": [["text"]]}'""",
            "value@table.csv",
        ),
        # By its type hint
        (hinted({}), "value=text", "value=text"),
        (hinted(INTEGER), "value=1", ""),
        (hinted({"type": "null"}), "value:=null", "value:=null"),
        (hinted(STRINGS), "value=text", "value=text"),
        (hinted(INTEGERS), "value=1", "value=1"),
        (hinted({"type": "array", "items": INTEGERS}), "'value:=[[1]]'", "'value:=[[1]]'"),
        (hinted(PERSON), """'value:={"name": "text"}'""", """'value:={"name": "text"}'"""),
        # By the app's own example
        (endpoint(component("number", example=0)), "value=0", ""),
        (endpoint(component("number", example="x")), "value=1", ""),
        (endpoint(component("radio", choices=["a", "b"], example="b")), "value=b", ""),
        (endpoint(component("textbox", example="x" * 198)), f"value={'x' * 198}", ""),
        (endpoint(component("textbox", example="x" * 199)), "value=text", ""),
        (
            endpoint(component("checkboxgroup", choices=["a", "b"], example=["b"])),
            "value=b",
            "",
        ),
        (
            endpoint(component("checkboxgroup", choices=["a", "b"], example=["a", "b"])),
            """'value:=["a", "b"]'""",
            "",
        ),
        (hinted(STRINGS, example=["a", "b"]), """'value:=["a", "b"]'""", """'value:=["a", "b"]'"""),
        (endpoint(component("json", example="a")), """'value:="a"'""", """'value:="a"'"""),
        (endpoint(component("json", example=5)), "value:=5", "value:=5"),
        (endpoint(component("json", example=[1])), "'value:=[1]'", "'value:=[1]'"),
        (hinted({}, example=5), "value:=5", "value:=5"),
        # Files
        (endpoint(component("file")), "value@file.txt", "value@file.txt"),
        (endpoint(component("audio")), "value@audio.wav", "value@audio.wav"),
        (endpoint(component("video")), "value@video.mp4", "value@video.mp4"),
        (endpoint(component("model3d")), "value@model.glb", "value@model.glb"),
        (endpoint(component("multimodaltextbox")), "value=text", "value=text value@file.txt"),
    ],
)
def test_a_parameter_has_a_value_to_paste_and_a_way_to_give_it(
    told: Endpoint, words: str, use: str
) -> None:
    line = example(told, APP)
    assert line == f"gradio-curl call :7860 /run {words}"
    assert usage(told.parameters[0]) == use


TIME = "2020-10-01 05:20:15"
LIST = {"type": "array", "items": {"type": "string", "enum": []}}


@pytest.mark.parametrize(
    ("told", "words", "use"),
    [
        (component("datetime", example=TIME, schema=STRING), f"'value={TIME}'", ""),
        (
            component("datetime", example=TIME, schema=STRING, include_time=True),
            f"'value={TIME}'",
            "",
        ),
        (
            component("datetime", example=TIME, schema=STRING, include_time=False),
            "value=2020-10-01",
            "",
        ),
        (
            component("datetime", example=None, schema=STRING, include_time=False),
            "value=text",
            "",
        ),
        # Without choices, until an event of the app brings some
        (component("dropdown", choices=[], schema=STRING), "value:=null", "value:=null"),
        (component("radio", choices=[], schema=STRING), "value:=null", "value:=null"),
        (
            component("dropdown", choices=[], multiselect=True, schema=LIST),
            "'value:=[]'",
            "'value:=[]'",
        ),
        (component("checkboxgroup", choices=[], schema=LIST), "'value:=[]'", "'value:=[]'"),
        (
            component("dropdown", choices=[], allow_custom_value=True, schema=STRING),
            "value=text",
            "",
        ),
        (
            component(
                "dropdown", choices=[], allow_custom_value=True, multiselect=True, schema=LIST
            ),
            "value=text",
            "value=text",
        ),
    ],
)
def test_what_is_proposed_is_what_the_app_takes(told: Any, words: str, use: str) -> None:
    described = endpoint(told)
    assert example(described, APP) == f"gradio-curl call :7860 /run {words}"
    assert usage(described.parameters[0]) == use


def test_what_may_be_left_out_is_left_out() -> None:
    told = endpoint(component("number", "N", value=1), component("textbox", "T"))
    assert example(told, APP) == "gradio-curl call :7860 /run t=text"
    assert example(endpoint(component("number", value=1)), APP) == "gradio-curl call :7860 /run"


def test_where_no_value_fits_there_is_no_line() -> None:
    assert example(hinted({"enum": [], "type": "integer"}), APP) is None


@pytest.mark.parametrize("name", ["a\nb", "a  b", "-x"])
def test_a_name_that_cannot_be_shown_has_no_usage(name: str) -> None:
    (parameter,) = named(name, "json").parameters
    assert usage(parameter) == ""


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
