"""A text to its parameter's type, and whether a value fits."""

from typing import Any

import pytest

from gradio_curl.errors import InputError
from gradio_curl.protocol.files import Local
from gradio_curl.protocol.schema import Parameter
from gradio_curl.protocol.values import Misfit, check, from_text, parse_json
from tests.unit.described import component, endpoint


def parameter(kind: str, **props: Any) -> Parameter:
    return endpoint(component(kind, "P", **props)).parameters[0]


SIZES = [["Small", 1], ["Large", 2], ["none", None]]


@pytest.mark.parametrize(
    ("described", "text", "value"),
    [
        (parameter("textbox"), "12", "12"),
        (parameter("textbox"), "null", "null"),
        (parameter("number"), "12", 12),
        (parameter("number"), " 1.5 ", 1.5),
        (parameter("number"), "-.5e3", -500.0),
        (parameter("number"), "123456789012345678901234", 123456789012345678901234),
        (parameter("slider", minimum=0, step=1), "9" * 400, int("9" * 400)),
        (parameter("checkbox"), "true", True),
        (parameter("checkbox"), "No", False),
        (parameter("checkbox"), "1", True),
        (parameter("radio", choices=["a", "b"]), "b", "b"),
        (parameter("dropdown", choices=SIZES), "2", 2),
        (parameter("dropdown", choices=SIZES), "Large", 2),
        (parameter("dropdown", choices=SIZES), "null", None),
        (parameter("dropdown", choices=["a"], allow_custom_value=True), "other", "other"),
        (parameter("dropdown", choices=["a", "b"], multiselect=True), '["a", "b"]', ["a", "b"]),
        (parameter("json"), '{"a": [1]}', {"a": [1]}),
        (parameter("dataframe"), '{"data": []}', {"data": []}),
    ],
)
def test_a_text_becomes_the_type_of_its_parameter(
    described: Parameter, text: str, value: Any
) -> None:
    converted = from_text(described, text)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("described", "text", "message"),
    [
        (parameter("number"), "abc", "p: 'abc' is no number"),
        (parameter("number"), "", "p: '' is no number"),
        (parameter("number"), "nan", "p: 'nan' is no number"),
        (parameter("number"), "0x10", "p: '0x10' is no number"),
        (parameter("number"), "1_000", "p: '1_000' is no number"),
        (parameter("number"), "1e999", "p: inf is no finite number"),
        (parameter("slider", minimum=1, maximum=10), "11", "p: 11 is out of range"),
        (parameter("number", minimum=0), "-1", "p: -1 is out of range"),
        (parameter("slider", minimum=1, maximum=10, step=1), "2.5", "p: 2.5 is no whole number"),
        (parameter("checkbox"), "maybe", "p: 'maybe' is neither true nor false"),
        (parameter("radio", choices=["a", "b"]), "c", "p: 'c' is not among the choices"),
        (parameter("dataframe"), "[1]", "p: [1] is no object"),
        (parameter("json"), "oops", "p: the text is no JSON: Expecting value at line 1, column 1"),
        (parameter("image"), "cat.png", "p: 'cat.png' is a text, the parameter takes a file"),
    ],
)
def test_a_text_that_does_not_fit_is_told_with_its_parameter(
    described: Parameter, text: str, message: str
) -> None:
    with pytest.raises(Misfit) as raised:
        from_text(described, text)
    assert raised.value.fault.message == message


@pytest.mark.parametrize(
    ("described", "text", "hint"),
    [
        (parameter("image"), "cat.png", "use p@cat.png"),
        (parameter("radio", choices=["a", "b"]), "c", "choose from a|b"),
        (parameter("slider", minimum=1, maximum=10), "11", "it takes at least 1 and at most 10"),
        (parameter("json"), "oops", "for a text, use p:='\"…\"'"),
    ],
)
def test_a_fault_says_what_would_fit(described: Parameter, text: str, hint: str) -> None:
    with pytest.raises(Misfit) as raised:
        from_text(described, text)
    assert raised.value.fault.hint == hint


@pytest.mark.parametrize(
    ("described", "value"),
    [
        (parameter("textbox"), 5),
        (parameter("number"), "5"),
        (parameter("number"), True),
        (parameter("number"), float("nan")),
        (parameter("checkbox"), 1),
        (parameter("radio", choices=["a"]), "b"),
        (parameter("dropdown", choices=["a"], multiselect=True), "a"),
        (parameter("dropdown", choices=["a"], multiselect=True), ["a", "b"]),
        (parameter("dataframe"), [1]),
        (parameter("file"), "cat.png"),
    ],
)
def test_json_is_checked_but_never_converted(described: Parameter, value: Any) -> None:
    with pytest.raises(Misfit):
        check(described, value)


@pytest.mark.parametrize(
    ("described", "fault"),
    [
        (parameter("textbox"), 'p: {"@": "a.png"} is no text'),
        (parameter("radio", choices=["a"]), 'p: {"@": "a.png"} is not among the choices'),
    ],
)
def test_a_file_that_does_not_fit_is_told_as_it_is_typed(described: Parameter, fault: str) -> None:
    with pytest.raises(Misfit) as raised:
        check(described, Local("a.png"))
    assert raised.value.fault.message == fault


@pytest.mark.parametrize("kind", ["textbox", "number", "checkbox", "dataframe", "json", "file"])
def test_an_explicit_null_is_left_to_the_app(kind: str) -> None:
    assert check(parameter(kind), None) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [("{'a': 1}", "line 1, column 2"), ("[1,\n 2,,]", "line 2, column 4"), ("", "column 1")],
)
def test_broken_json_is_told_with_the_place(text: str, place: str) -> None:
    with pytest.raises(InputError, match=f"--data is no JSON: .* at .*{place}"):
        parse_json(text, "--data")


def test_json_nested_too_deep_is_an_error_like_any_other() -> None:
    with pytest.raises(InputError, match="no JSON that can be read"):
        parse_json("[" * 100_000, "--data")


def test_a_long_list_of_choices_is_cut() -> None:
    with pytest.raises(Misfit) as raised:
        from_text(parameter("radio", choices=[str(n) for n in range(50)]), "x")
    assert raised.value.fault.hint.endswith("|19|…")
