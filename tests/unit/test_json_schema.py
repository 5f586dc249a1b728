"""JSON Schema as Gradio writes it: which values fit, what is told of others, and examples."""

from typing import Any

import pytest

from gradio_curl.protocol.files import Local, is_local
from gradio_curl.protocol.json_errors import is_deeper
from gradio_curl.protocol.json_schema import (
    Unfit,
    alternatives,
    check,
    is_same,
    sample,
)

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
PAIR = {"type": "array", "prefixItems": [INTEGER, STRING], "minItems": 2, "maxItems": 2}
PERSON = {"type": "object", "properties": {"name": STRING, "age": INTEGER}, "required": ["name"]}
CLOSED = {**PERSON, "additionalProperties": False}
PEOPLE = {
    "type": "array",
    "items": {"$ref": "#/$defs/Person"},
    "$defs": {"Person": {**PERSON, "properties": {"pet": {"$ref": "#/$defs/Pet"}}}, "Pet": INTEGER},
}
TREE: dict[str, Any] = {
    "$ref": "#/$defs/Tree",
    "$defs": {"Tree": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
}
CHAIN: dict[str, Any] = {
    "$ref": "#/$defs/Chain",
    "$defs": {"Chain": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Chain"}}},
}


def unfit(value: Any, schema: Any) -> tuple[str, Any, str] | None:
    """Which part does not fit, its value and what is wanted; None where all of it fits."""
    try:
        check(value, schema, is_local)
    except Unfit as error:
        return error.part, error.value, error.wanted
    return None


@pytest.mark.parametrize("schema", [{}, None, True, "string", [STRING], {"type": "uuid"}])
@pytest.mark.parametrize("value", [None, 1, "a", [1], {"a": 1}, Local("a")])
def test_what_is_not_understood_fits_any_value(schema: Any, value: Any) -> None:
    if schema != {"type": "uuid"} or not is_local(value):
        assert unfit(value, schema) is None


@pytest.mark.parametrize(
    ("kind", "good", "bad", "wanted"),
    [
        ("string", ["", "a"], [None, 1, ["a"]], "a string"),
        ("number", [0, 1.5, -2], [True, "1", None], "a number"),
        ("integer", [0, 2.0], [1.5, True, "1", float("inf")], "an integer"),
        ("boolean", [True, False], [1, "true", None], "true or false"),
        ("array", [[], [1]], [{}, "a", None], "a list"),
        ("object", [{}, {"a": 1}], [[], "a", None], "an object"),
        ("null", [None], [0, "", False], "null"),
    ],
)
def test_a_value_has_the_type_of_its_schema(
    kind: str, good: list[Any], bad: list[Any], wanted: str
) -> None:
    assert [unfit(value, {"type": kind}) for value in good] == [None] * len(good)
    assert [unfit(value, {"type": kind}) for value in bad] == [("", v, wanted) for v in bad]


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        # One of several
        ("a", {"anyOf": [INTEGER, STRING]}, None),
        (1, {"oneOf": [STRING, INTEGER]}, None),
        ([], {"anyOf": [INTEGER, STRING]}, ("", [], "an integer or a string")),
        ([], {"oneOf": [STRING, {"anyOf": [STRING, INTEGER]}]}, ("", [], "a string or an integer")),
        (["x"], {"anyOf": [STRING, {"items": INTEGER}]}, ("[0]", "x", "an integer")),
        (1, {"anyOf": 3, "type": "string"}, ("", 1, "a string")),
        (None, {"type": ["string", "null"]}, None),
        (1, {"type": ["string", "null", "string"]}, ("", 1, "a string or null")),
        (1, {"type": ["string", "uuid"]}, None),
        (1, {"type": ["string", ["null"]]}, None),
        ([1], {"type": ["array", "null"], "items": {"$ref": "#/$defs/S"}, "$defs": {"S": STRING}},
         ("[0]", 1, "a string")),
        # Choices
        ("a", {"const": "a"}, None),
        ("b", {"const": "é"}, ("", "b", '"é"')),
        (2, {"enum": [1, 2]}, None),
        (3, {"enum": [1, "é", None]}, ("", 3, '1 or "é" or null')),
        (True, {"enum": [1, 2]}, ("", True, "1 or 2")),
        (1, {"enum": "x"}, None),
        (99, {"enum": [*range(40)]}, ("", 99, " or ".join(map(str, range(20))))),
        # References
        (1, {"$ref": "#/$defs/S", "$defs": {"S": STRING}}, ("", 1, "a string")),
        (1, {"$ref": "#/$defs/Other", "$defs": {"S": STRING}}, None),
        (1, {"$ref": "#/$defs/S"}, None),
        (1, {"$ref": "#/$defs/S", "$defs": [STRING]}, None),
        (1, {"$ref": 3, "type": "string"}, ("", 1, "a string")),
        ([{"pet": 1}, {"pet": "x"}], PEOPLE, ("[1].pet", "x", "an integer")),
        ([{"pet": 1}, 2], PEOPLE, ("[1]", 2, "an object")),
        # Lists
        (["a", 1], {"type": "array", "items": STRING}, ("[1]", 1, "a string")),
        ([1, "a"], PAIR, None),
        (["a", "b"], PAIR, ("[0]", "a", "an integer")),
        ([1, 2], PAIR, ("[1]", 2, "a string")),
        ([1], PAIR, ("", [1], "a list of 2 items")),
        ([1, "a", 2], PAIR, ("", [1, "a", 2], "a list of 2 items")),
        ([1, "a", "b"], {"prefixItems": [INTEGER], "items": STRING}, None),
        ([1, "a", 2], {"prefixItems": [INTEGER], "items": STRING}, ("[2]", 2, "a string")),
        ([1], {"prefixItems": 3, "items": STRING}, ("[0]", 1, "a string")),
        ([1, 2], {"minItems": 2}, None),
        ([1], {"minItems": 2}, ("", [1], "a list of at least 2 items")),
        ([1, 2], {"maxItems": 2}, None),
        ([1, 2, 3], {"maxItems": 2}, ("", [1, 2, 3], "a list of at most 2 items")),
        ([], {"minItems": 1, "maxItems": 2}, ("", [], "a list of at least 1 item")),
        ([1, 2], {"minItems": "3", "maxItems": None}, None),
        # Objects
        ({"name": "Ann", "age": 3}, PERSON, None),
        ({}, PERSON, None),  # Gradio lists the fields with defaults as required too
        ({"name": "Ann", "age": "x"}, PERSON, (".age", "x", "an integer")),
        ({"name": "Ann", "more": "x"}, PERSON, None),
        ({"more": "x"}, CLOSED, ("", {"more": "x"}, "an object without more")),
        ([{"more": 1}], {"items": CLOSED}, ("[0]", {"more": 1}, "an object without more")),
        ({"a": 1}, {"additionalProperties": True}, None),
        ({"a": 1}, {"additionalProperties": STRING}, (".a", 1, "a string")),
        ({"a": 1}, {"properties": 3, "additionalProperties": STRING}, (".a", 1, "a string")),
        # So Gradio describes a class that it does not know.
        ("5b2b6b0e", {"type": "object", "properties": {}}, None),
        (1, {"type": "object", "properties": {}, "additionalProperties": 1}, ("", 1, "an object")),
        # Files
        (Local("a"), {"type": "object", "properties": {"path": STRING}}, None),
        (Local("a"), {"anyOf": [STRING, {"type": "object"}]}, None),
        (Local("a"), STRING, ("", Local("a"), "a string")),
        (Local("a"), {"type": "uuid"}, ("", Local("a"), "something else")),
        ([Local("a")], {"items": INTEGER}, ("[0]", Local("a"), "an integer")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_part(
    value: Any, schema: Any, expected: tuple[str, Any, str] | None
) -> None:
    assert unfit(value, schema) == expected


@pytest.mark.parametrize(("nested", "fits"), [(50, False), (51, True)])
def test_fifty_levels_are_checked(nested: int, fits: bool) -> None:
    lists: Any = 1
    objects: Any = 1
    for _ in range(nested):
        lists, objects = [lists], {"a": objects}
    assert unfit(lists, TREE) == (None if fits else ("[0]" * nested, 1, "a list"))
    assert unfit(objects, CHAIN) == (None if fits else (".a" * nested, 1, "an object"))


def test_a_long_value_is_checked_to_its_end() -> None:
    rows: list[Any] = [[1] * 3 for _ in range(1000)]
    matrix = {"items": {"items": {"anyOf": [STRING, INTEGER]}}}
    assert unfit(rows, matrix) is None
    rows[-1][-1] = None
    assert unfit(rows, matrix) == ("[999][2]", None, "a string or an integer")
    named = {"rows": {f"r{at}": at for at in range(1000)} | {"last": "x"}}
    numbers = {"additionalProperties": {"additionalProperties": INTEGER}}
    assert unfit(named, numbers) == (".rows.last", "x", "an integer")


@pytest.mark.parametrize(("offered", "fits"), [(190, False), (300, True)])
def test_of_too_many_alternatives_the_rest_fits_anything(offered: int, fits: bool) -> None:
    schema = {"anyOf": [{"const": at} for at in range(offered)]}
    assert (unfit("x", schema) is None) is fits


DEFS = {"S": STRING, "Maybe": {"anyOf": [{"$ref": "#/$defs/S"}, {"type": "null"}]}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (None, [{}]),
        ({}, [{}]),
        (STRING, [STRING]),
        ({"anyOf": [STRING, 3, {"oneOf": [INTEGER]}]}, [STRING, {}, INTEGER]),
        ({"anyOf": []}, [{"anyOf": []}]),
        ({"type": ["string", "uuid", "odd"]}, [STRING, {"type": "any"}]),
        ({"type": "object", "properties": {}}, [{}]),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}, [{}]),
        (
            {"$ref": "#/$defs/Maybe", "$defs": DEFS},
            [{"type": "null", "$defs": DEFS}, {**STRING, "$defs": DEFS}],
        ),
        ({"type": ["string"], "$defs": DEFS}, [{**STRING, "$defs": DEFS}]),
    ],
)
def test_the_alternatives_of_a_schema_are_known(schema: Any, expected: list[Any]) -> None:
    assert alternatives(schema) == expected


def test_definitions_come_from_the_schema_around() -> None:
    assert alternatives({"$ref": "#/$defs/S"}, {"S": STRING}) == [
        {**STRING, "$defs": {"S": STRING}}
    ]
    inner = {"$ref": "#/$defs/S", "$defs": {"S": INTEGER}}
    assert alternatives(inner, {"S": STRING}) == [{**INTEGER, "$defs": {"S": INTEGER}}]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (None, None),
        ({}, "text"),
        (STRING, "text"),
        ({"type": "uuid"}, "text"),
        (INTEGER, 1),
        ({"type": "number"}, 1),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"anyOf": [{"type": "null"}, INTEGER, STRING]}, 1),
        ({"const": 0}, 0),
        ({"enum": ["b", "a"], "type": "string"}, "b"),
        ({"enum": "ab", "type": "integer"}, 1),
        ({"type": "array"}, ["text"]),
        ({"type": "array", "items": INTEGER}, [1]),
        ({"type": "array", "prefixItems": [], "items": INTEGER}, [1]),
        ({"type": "array", "prefixItems": 3, "items": INTEGER}, [1]),
        (PAIR, [1, "text"]),
        (PERSON, {"name": "text"}),
        ({**PERSON, "required": ["age", 3, "odd"]}, {"age": 1, "odd": None}),
        ({**PERSON, "required": None}, {}),
        ({**PERSON, "properties": None}, {}),
        ({"type": "object"}, {}),
        ({"type": "object", "properties": {"a": {"type": "null"}}, "required": ["a"]}, {"a": None}),
        ({"$ref": "#/$defs/Maybe", "$defs": DEFS}, "text"),
        ({"type": "array", "items": {"$ref": "#/$defs/P"}, "$defs": {"P": PAIR}}, [[1, "text"]]),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "array", "prefixItems": [{"$ref": "#/$defs/N"}]}},
                "required": ["a"],
                "$defs": {"N": INTEGER},
            },
            {"a": [1]},
        ),
    ],
)
def test_a_schema_has_a_value_that_fits_it(schema: Any, value: Any) -> None:
    told = sample(schema)
    assert (told, type(told)) == (value, type(value))
    assert unfit(told, schema) is None


def test_a_value_of_hundreds_of_parts_is_not_made_up() -> None:
    assert sample({"type": "array", "prefixItems": [STRING] * 300}) == ["text"] * 199 + [None] * 101


def test_a_schema_without_choices_has_a_value_all_the_same() -> None:
    assert sample({"enum": [], "type": "integer"}) == 1


@pytest.mark.parametrize(
    ("value", "choice", "same"),
    [(1, 1.0, True), ("a", "a", True), (1, True, False), (False, 0, False), (True, True, True),
     ("1", 1, False), (None, False, False)],
)  # fmt: skip
def test_numbers_are_equal_as_json_has_them(value: Any, choice: Any, same: bool) -> None:
    assert is_same(value, choice) is same


@pytest.mark.parametrize(
    ("value", "limit", "deeper"),
    [
        (1, 0, False),
        ("abc", 0, False),
        ([], 0, True),
        ([1], 0, True),
        ([[]], 1, True),
        ([[]], 2, False),
        ([1, 2], 1, False),
        ([1, [2]], 1, True),
        ({"a": {"b": 1}}, 1, True),
        ({"a": {"b": 1}}, 2, False),
        ([{"a": [1]}], 2, True),
        ([{"a": [1]}], 3, False),
    ],
)
def test_nesting_is_measured_in_levels(value: Any, limit: int, deeper: bool) -> None:
    assert is_deeper(value, limit) is deeper
