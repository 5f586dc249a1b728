"""A text to its parameter's type, and whether a value fits."""

import json
from itertools import pairwise
from typing import Any

import pytest

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol.files import Local, from_upload, from_url
from gradio_curl.protocol.given import Given
from gradio_curl.protocol.json_schema import sample
from gradio_curl.protocol.schema import Parameter
from gradio_curl.protocol.values import (
    Misfit,
    check,
    from_text,
    kinds_of,
    listed,
    number_text,
    parse_json,
    takes_items,
)
from tests.unit.described import component, endpoint


def parameter(kind: str, **props: Any) -> Parameter:
    return endpoint(component(kind, "P", **props)).parameters[0]


def hinted(schema: Any) -> Parameter:
    """A parameter of `gr.api`, whose type hint has become this JSON schema."""
    return endpoint(component("api", "P", schema=schema)).parameters[0]


NESTED = {
    "type": "object",
    "properties": {"a": {"$ref": "#/$defs/A"}},
    "required": ["a"],
    "$defs": {"A": {"type": "array", "items": {"type": "integer"}}},
}
PAIR = {
    "type": "array",
    "prefixItems": [{"type": "integer"}, {"type": "string"}],
    "minItems": 2,
    "maxItems": 2,
}
PATHS = {
    "type": "array",
    "items": {"type": "object", "properties": {"path": {"type": "integer"}}},
}
TABLE_HINT = 'give a CSV file with @FILE, or JSON: rows, objects, or {"headers", "data"}'
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
        (parameter("dropdown", choices=[0.25, 1.0]), "1", 1.0),
        (parameter("slider", minimum=0, maximum=150, value=7.5), "7.5", 7.5),
        (parameter("slider", minimum=64, maximum=2048, step=64), "65", 65),
        (parameter("radio", choices=[["Yes", True], ["No", False]]), "true", True),
        (parameter("radio", choices=[["Yes", True], ["No", False]]), "Yes", True),
        (parameter("mything", schema={"type": {}}), "[true]", [True]),
        (hinted({}), "true", "true"),
        (hinted({}), "null", "null"),
        (hinted({"oneOf": [{"type": "null"}, {"type": "string"}]}), "null", "null"),
        (hinted({"anyOf": [{"type": "integer"}, {"type": "string"}]}), "5", "5"),
        (hinted({"oneOf": [{"type": "null"}, {"type": "integer"}]}), "5", 5),
        (hinted({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}), "true", True),
        (hinted({"type": "integer"}), "7.0", 7),
        (hinted({"enum": [1, 2, 3]}), "2", 2),
        (hinted({"oneOf": [{"type": "null"}, {"enum": ["a", "b"]}]}), "b", "b"),
        (hinted({"type": "array", "items": {"type": "integer"}}), "[1, 2]", [1, 2]),
        (hinted({"$ref": "#/$defs/N", "$defs": {"N": {"type": "integer"}}}), "7", 7),
        (parameter("dataframe"), '{"data": []}', {"headers": [], "data": []}),
        (parameter("dataframe"), "[[1, 2]]", {"headers": ["1", "2"], "data": [[1, 2]]}),
        (
            parameter("dataframe", headers=["name", "age"]),
            '[["Ann", 3]]',
            {"headers": ["name", "age"], "data": [["Ann", 3]]},
        ),
        (
            parameter("dataframe"),
            '[{"a": 1}, {"b": 2, "a": 3}]',
            {"headers": ["a", "b"], "data": [[1, None], [3, 2]]},
        ),
        (
            parameter("dataframe", headers=["age", "name"], datatype=["number", "str"]),
            '\ufeffname;age\r\n"Ann;\nB";31\r\n7;x\r\n',
            {"headers": ["name", "age"], "data": [["Ann;\nB", 31], ["7", "x"]]},
        ),
        (parameter("dataframe"), "a\tb\n1\t2\n", {"headers": ["a", "b"], "data": [["1", "2"]]}),
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
        (parameter("number"), "abc", "'abc' is not a number"),
        (parameter("number"), "", "'' is not a number"),
        (parameter("number"), "nan", "'nan' is not a number"),
        (parameter("number"), "0x10", "'0x10' is not a number"),
        (parameter("number"), "1_000", "'1_000' is not a number"),
        (parameter("number"), "1e999", "'1e999' is not a finite number"),
        (parameter("slider", minimum=1, maximum=10), "11", "11 is out of range"),
        (parameter("number", minimum=0), "-1", "-1 is out of range"),
        (parameter("number", schema={"type": "integer"}, maximum=10), "11", "11 is out of range"),
        (parameter("checkbox"), "maybe", "'maybe' is neither true nor false"),
        (parameter("radio", choices=["a", "b"]), "c", "'c' is not among the choices"),
        (parameter("dataframe"), "[1]", "[1] is not a table"),
        (
            parameter("json"),
            "oops",
            "the text is not valid JSON: Expecting value at column 1",
        ),
        (parameter("image"), "cat.png", "'cat.png' is text, but a file is expected"),
    ],
)
def test_a_text_that_does_not_fit_is_told(described: Parameter, text: str, message: str) -> None:
    with pytest.raises(Misfit) as raised:
        from_text(described, text)
    assert raised.value.fault.message == message


@pytest.mark.parametrize(
    ("described", "text", "hint"),
    [
        (parameter("radio", choices=["a", "b"]), "c", "choose from a|b"),
        (parameter("slider", minimum=1, maximum=10), "11", "it takes at least 1 and at most 10"),
        (parameter("json"), "oops", 'give JSON, such as {"key": 1}'),
        (parameter("json"), "[1,2", ""),
        (parameter("json"), " [1,2", ""),
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
        (parameter("radio", choices=[1, 2]), True),
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
        (parameter("textbox"), '{"@": "a.png"} is not a string'),
        (parameter("radio", choices=["a"]), '{"@": "a.png"} is not among the choices'),
    ],
)
def test_a_file_that_does_not_fit_is_told_as_it_is_typed(described: Parameter, fault: str) -> None:
    with pytest.raises(Misfit) as raised:
        check(described, Local("a.png"))
    assert raised.value.fault.message == fault


@pytest.mark.parametrize("kind", ["checkboxgroup", "dropdown"])
def test_choices_that_an_event_brings_may_be_given_one_by_one(kind: str) -> None:
    strings = {"type": "array", "items": {"type": "string", "enum": []}}
    given = Given(parameter(kind, choices=[], multiselect=True, schema=strings), "p")
    given.add_text("a")
    given.add_text("b")
    assert given.value() == ["a", "b"]


HALVES = [["One", 1], ["Half", 0.5], ["it's", "x y"], ["Off", None], ["One", 2]]
AS_JSON = 'choose from 1|0.5|"x y"|null|2'


@pytest.mark.parametrize(
    ("described", "value", "hint"),
    [
        (parameter("radio", choices=HALVES), "1", AS_JSON),
        (parameter("radio", choices=HALVES), True, AS_JSON),
        (parameter("radio", choices=HALVES), "Half", 'give 0.5, the value of "Half"'),
        (parameter("radio", choices=HALVES), "it's", """give "x y", the value of "it's\""""),
        (parameter("radio", choices=HALVES), "Off", 'give null, the value of "Off"'),
        (parameter("radio", choices=HALVES), "One", 'give 1, the value of "One"'),  # the first one
        (parameter("dropdown", choices=HALVES), {"a": []}, AS_JSON),
        (parameter("checkboxgroup", choices=HALVES), [1, "x"], AS_JSON),
        (parameter("checkboxgroup", choices=HALVES), [1, "Half"], 'give 0.5, the value of "Half"'),
        (hinted({"enum": [1, "a"]}), "1", 'give 1, the value of "1"'),
        (hinted({"type": "array", "items": {"enum": ["a", "b"]}}), ["c"], 'choose from "a"|"b"'),
        (parameter("radio", choices=["a\n"]), "a", r'choose from "a\n"'),
        (
            parameter("radio", choices=[*range(21)]),
            21,
            f"choose from {'|'.join(map(str, range(20)))}|…",
        ),
    ],
)
def test_of_json_the_choices_are_told_as_json(described: Parameter, value: Any, hint: str) -> None:
    with pytest.raises(Misfit) as raised:
        check(described, value)
    assert raised.value.fault.hint == hint


@pytest.mark.parametrize("kind", ["textbox", "number", "checkbox", "dataframe", "json", "file"])
def test_an_explicit_null_is_left_to_the_app(kind: str) -> None:
    assert check(parameter(kind), None) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [("{'a': 1}", "column 2"), ("[1,\n 2,,]", "line 2, column 4"), ("", "column 1")],
)
def test_broken_json_is_told_with_the_place(text: str, place: str) -> None:
    with pytest.raises(InputError, match=f"--data is not valid JSON: .* at .*{place}"):
        parse_json(text, "--data")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "[" * 501 + "]" * 501, '{"a": ' * 501 + "1" + "}" * 501],
    ids=["no end", "lists", "objects"],
)
def test_json_nested_too_deep_is_an_error_like_any_other(text: str) -> None:
    with pytest.raises(InputError, match=r"^--data is nested more than 500 levels deep$"):
        parse_json(text, "--data")


@pytest.mark.parametrize(
    "text", ["[" * 500 + "]" * 500, json.dumps([[]] * 501)], ids=["deep", "wide"]
)
def test_json_of_five_hundred_levels_is_taken(text: str) -> None:
    assert json.dumps(parse_json(text, "--data")) == text


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_json_lacks_is_told(number: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_json(f"[{number}]", "--data")
    told = f"--data is not valid JSON: {number} is not a finite number"
    assert raised.value.faults == [Fault(told)]


def test_objects_may_be_made_of_their_pairs() -> None:
    assert parse_json('{"a": {"b": 1.5}}', "--data", pairs=tuple) == (("a", (("b", 1.5),)),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", True), ('["a"]', False), (' ["a"]', False), ("[c", True), ("[d", False), ("", True)],
)
def test_one_item_is_told_from_a_list_of_them(text: str, expected: bool) -> None:
    several = parameter("dropdown", choices=[["See", "[c"], "a"], multiselect=True)
    assert takes_items(several, text) is expected
    assert takes_items(parameter("json"), text) is False


@pytest.mark.parametrize(
    ("described", "value", "fault"),
    [
        (hinted({"type": "integer"}), 1.5, "1.5 is not an integer"),
        (hinted({"type": "integer"}), True, "true is not an integer"),
        (
            hinted({"anyOf": [{"type": "integer"}, {"type": "string"}]}),
            [],
            "[] is not an integer or a string",
        ),
        (hinted({"const": "a"}), "b", '"b" is not among the choices'),
        (
            hinted({"type": "array", "items": {"enum": ["a", "b"]}}),
            ["c"],
            '"c" is not among the choices',
        ),
        (hinted(NESTED), {"a": [1, "x"]}, '.a[1]: "x" is not an integer'),
        (hinted(PAIR), [1], "[1] is not a list of 2 items"),
        (hinted(PATHS), [{"path": "a"}], '[0].path: "a" is not an integer'),
        (hinted(PAIR), ["x", "y"], '[0]: "x" is not an integer'),
    ],
)
def test_json_is_checked_by_the_type_hint(described: Parameter, value: Any, fault: str) -> None:
    with pytest.raises(Misfit) as raised:
        check(described, value)
    part, message = raised.value.part, raised.value.fault.message
    assert (f"{part}: {message}" if part else message) == fault


@pytest.mark.parametrize(
    ("described", "value"),
    [
        (hinted({}), {"a": [None]}),
        (hinted({"anyOf": [{"type": "integer"}, {"type": "string"}]}), 5),
        (hinted(NESTED), {"a": [1, 2], "more": 1}),
        # What stands for a file fits every object.
        (hinted(PATHS), [Local("a"), from_url("http://x/a"), from_upload("a", "b"), {"path": 1}]),
        # Gradio calls every field of a model required, those with defaults too.
        (hinted(NESTED), {}),
        # So it describes the classes that it does not know.
        (hinted({"type": "object", "properties": {}}), "5b2b6b0e-1111-2222-3333-444455556666"),
        (hinted(PAIR), [1, "x"]),
        (hinted({"type": "integer"}), 2.0),
    ],
)
def test_json_that_the_type_hint_allows_is_taken(described: Parameter, value: Any) -> None:
    assert check(described, value) == value


@pytest.mark.parametrize(
    ("described", "kinds"),
    [
        (hinted({"anyOf": [{"type": "integer"}, {"type": "string"}]}), ["integer", "string"]),
        (hinted({"anyOf": [{"type": "array"}, {"type": "boolean"}]}), ["array", "boolean"]),
        (hinted({"oneOf": [{"type": "null"}, {"type": "string"}]}), []),
        (hinted({"anyOf": [{"type": "integer"}, {"type": "boolean"}, {}]}), []),
        (hinted({"type": "integer"}), []),
        (parameter("textbox"), []),
        (parameter("json"), []),
    ],
)
def test_the_types_of_a_parameter_are_told_where_there_are_several(
    described: Parameter, kinds: list[str]
) -> None:
    assert kinds_of(described) == kinds


def test_a_component_that_takes_text_or_a_list_takes_both() -> None:
    line = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    schema = {"anyOf": [{"type": "array", "items": line}, {"type": "string"}]}
    described = endpoint(component("dialogue", "P", schema=schema)).parameters[0]
    assert check(described, [{"text": "hello"}]) == [{"text": "hello"}]
    assert from_text(described, "[1]") == check(described, "[1]") == "[1]"
    with pytest.raises(Misfit):
        check(described, [{"text": 3}])
    with pytest.raises(Misfit):
        check(described, 3)


def test_a_schema_that_leads_in_circles_or_grows_is_no_endless_task() -> None:
    names = [f"D{n}" for n in range(60)]
    growing = {
        name: {"anyOf": [{"$ref": f"#/$defs/{following}"}] * 2}
        for name, following in pairwise(names)
    }
    twice = {"type": "object", "properties": {}, "required": ["a", "b"]}
    twice["properties"] = {key: {"$ref": "#/$defs/Twice"} for key in "ab"}
    for schema in (
        {"$ref": "#/$defs/D0", "$defs": growing},
        {"$ref": "#/$defs/Twice", "$defs": {"Twice": twice}},
        {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}},
    ):
        sample(schema)
        assert check(hinted({"type": "array", "items": schema}), []) == []


def test_a_broken_table_is_told_with_what_would_serve() -> None:
    for text in ('a,b\n"1,2', "a,b\n1", '[{"a": 1}, 3]', "3"):
        with pytest.raises(Misfit) as raised:
            from_text(parameter("dataframe"), text)
        assert "@" in raised.value.fault.hint


def test_a_long_list_of_choices_is_cut() -> None:
    with pytest.raises(Misfit) as raised:
        from_text(parameter("radio", choices=[str(n) for n in range(50)]), "x")
    assert raised.value.fault.hint.endswith("|19|…")


def test_json_of_a_file_may_begin_with_a_byte_order_mark() -> None:
    assert parse_json("\ufeff[1]", "--data") == [1]


@pytest.mark.parametrize(
    ("value", "text"),
    [(10, "10"), (1e12, "1000000000000"), (-1e-9, "-1e-9"), (0.5, "0.5"), (1e16, "1e16")],
)
def test_a_number_is_shown_as_a_person_writes_it(value: float, text: str) -> None:
    assert number_text(value) == text
    described = parameter("slider", minimum=value, maximum=value)
    with pytest.raises(Misfit) as raised:
        check(described, value * 2)
    assert raised.value.fault.hint == f"it takes at least {text} and at most {text}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("é" * 38, f'"{"é" * 38}"'),
        ("é" * 39, f'"{"é" * 38}…'),
        ([Local("a.png"), None], '[{"@": "a.png"}, null]'),
    ],
)
def test_a_value_is_told_by_its_first_forty_characters(value: Any, shown: str) -> None:
    with pytest.raises(Misfit) as raised:
        check(parameter("number"), value)
    assert raised.value.fault.message == f"{shown} is not a number"


@pytest.mark.parametrize(
    ("text", "shown"), [("x" * 60, "x" * 60), ("x" * 61, "x" * 59 + "…"), ("it's", "it's")]
)
def test_a_text_is_told_by_its_first_sixty_characters(text: str, shown: str) -> None:
    with pytest.raises(Misfit) as raised:
        from_text(parameter("number"), text)
    assert str(raised.value) == raised.value.fault.message == f"{shown!r} is not a number"


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        (1, None, ""),
        (10.0, None, ""),
        (0.5, "0.5 is out of range", "it takes at least 1 and at most 10"),
        (11, "11 is out of range", "it takes at least 1 and at most 10"),
        (float("inf"), "inf is not a finite number", ""),
    ],
)
def test_the_ends_of_a_range_are_in_it(value: float, message: str | None, hint: str) -> None:
    steps = parameter("slider", minimum=1, maximum=10)
    if message is None:
        assert check(steps, value) == value
        return
    with pytest.raises(Misfit) as raised:
        check(steps, value)
    assert raised.value.fault == Fault(message, hint)


@pytest.mark.parametrize(
    ("props", "value", "hint"),
    [({"minimum": 1}, 0, "it takes at least 1"), ({"maximum": 1}, 2, "it takes at most 1")],
)
def test_a_range_may_have_one_end(props: Any, value: float, hint: str) -> None:
    with pytest.raises(Misfit) as raised:
        check(parameter("number", **props), value)
    assert raised.value.fault.hint == hint


@pytest.mark.parametrize(
    ("choices", "custom", "changeable", "value"),
    [
        ([1, 2], True, True, 5),
        ([1, 2], True, False, 5),
        ([["One", 1], ["Half", 0.5]], True, False, 5),
        ([1, "a"], True, True, "5"),
        (["1", "2"], True, False, "5"),
        ([True, False], True, False, "5"),
        ([5, 1], False, True, 5),
        ([5.0, 1], False, False, 5.0),
    ],
)
def test_a_number_that_is_not_among_the_choices_is_one_where_all_are(
    choices: Any, custom: bool, changeable: bool, value: Any
) -> None:
    told = parameter("dropdown", choices=choices, allow_custom_value=custom)
    converted = from_text(told._replace(changeable=changeable), "5")
    assert (converted, type(converted)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [(" 7 ", 7), ("2.50", 2.5), ("1", 1), ("seven", "seven"), ("", ""), ("1e999", "1e999")],
)
def test_text_that_is_not_a_number_stays_text_where_the_app_takes_other_values(
    text: str, value: Any
) -> None:
    props: Any = {"choices": [1, 2, 3], "allow_custom_value": True}
    for described, expected in (
        (parameter("dropdown", **props), value),
        (parameter("dropdown", **props, multiselect=True), [value]),
    ):
        given = Given(described, "p")
        given.add_text(text)
        assert repr(given.value()) == repr(expected)
    with pytest.raises(Misfit, match="'7x' is not among the choices"):
        from_text(parameter("radio", choices=[1, 2, 3]), "7x")


@pytest.mark.parametrize(
    ("choices", "shown"),
    [
        ([["Small", 1], ["Large", 2]], "Small (1)|Large (2)"),
        (["a", "b c", "it's", ""], "a|'b c'|'it'\"'\"'s'|''"),
        ([["x" * 40, 1], ["x" * 41, 2]], f"{'x' * 40} (1)|2"),
        ([["1", "one"], ["one", "two"]], "1 (one)|two"),  # a label that is another's value
        ([["a", 1], ["a", 2]], "a (1)|2"),
        ([[" ", 1]], "1"),
        ([["", "1"], ["", 1]], "1|:=1"),
        (["a\n'b"], r""":='"a\n'"'"'b"'"""),
        ([["true", False], ["no", None]], "true (false)|no (null)"),
        ([str(n) for n in range(20)], "|".join(map(str, range(20)))),
        ([str(n) for n in range(21)], "|".join(map(str, range(20))) + "|…"),
    ],
)
def test_choices_are_listed_as_they_are_typed(choices: Any, shown: str) -> None:
    assert listed(parameter("radio", choices=choices).choices) == shown


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "'' is not a table", TABLE_HINT),
        ("a.csv", "'a.csv' is not a table", "for a table in a file, use @a.csv"),
        (" [1", "the text is not valid JSON: Expecting ',' delimiter at column 4", ""),
        (" [1]", "[1] is not a table", TABLE_HINT),
        ("a,b\n1\n", "row 2 has 1 cell, the header 2", TABLE_HINT),
    ],
)
def test_what_is_not_a_table_is_told(text: str, message: str, hint: str) -> None:
    with pytest.raises(Misfit) as raised:
        from_text(parameter("dataframe"), text)
    assert raised.value.fault == Fault(message, hint)
