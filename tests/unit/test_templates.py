"""Items that a line of a batch fills: where a place is, what it becomes, and what was typed."""

from typing import Any

import pytest

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol.items import File, Item, Json, Positional, PositionalFile, Text
from gradio_curl.protocol.templates import filled, takes_line, typed_value

LINE = 'a "cat" {n}'
LITERAL = Positional("{}", literal=True)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Positional("{}"), True),
        (Positional("a {n} b"), True),
        (Positional("{{}} {}"), True),
        (Positional("{{}}"), False),
        (Positional("{{n}}"), False),
        (Positional("{} {{}}"), True),
        (Positional("{row}"), False),
        (Positional("a"), False),
        (LITERAL, False),
        (PositionalFile("{}.png", "@{}.png"), True),
        (PositionalFile("a.png", "@a.png"), False),
        (Text("x", "{}"), True),
        (Text("https://x.org/{}?a", "b"), True),  # which is text, for it is not a name
        (Text("x", "{{}}"), False),
        (File("x", "{n}.png"), True),
        (File("{}", "x.org"), True),
        (File("x", "a.png"), False),
        (Json("x", "{}"), False),  # an empty object
        (Json("x", '"{}"'), True),
        (Json("x", '[1, {"a": ["{n}"]}]'), True),
        (Json("x", '[1, {"{}": "a"}]'), False),
        (Json("x", "["), False),  # told where it is bound
        (Json("x", '="{}"'), False),
        (Json("1/{n}", "2"), True),
    ],
)
def test_an_item_with_a_place_takes_the_line(item: Item, expected: bool) -> None:
    assert takes_line(item) is expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Positional("{}"), Positional(LINE, literal=True)),
        (Positional("{n}/{}"), Positional(f"7/{LINE}", literal=True)),
        (Positional("{{}} {{n}} {n}"), Positional("{} {n} 7", literal=True)),
        (LITERAL, LITERAL),
        (PositionalFile("{n}.png", "@{n}.png"), PositionalFile("7.png", "@7.png")),
        (Text("x", "{}!", "x={}!"), Text("x", f"{LINE}!", f"x={LINE}!")),
        (File("x", "{n}.png", "x@{n}.png"), File("x", "7.png", "x@7.png")),
        (
            Json("x", '{"a": ["{}", {"b": "{n}"}, 1, null]}', "x:=…"),
            Json("x", '{"a": ["a \\"cat\\" {n}", {"b": "7"}, 1, null]}', "x:=…"),
        ),
        (Json("x", '{"{}": {}}'), Json("x", '{"{}": {}}')),
        (Json("x", '="{}"'), Json("x", '="{}"')),
    ],
)
def test_each_place_is_filled_once(item: Item, expected: Item) -> None:
    told = filled(item, LINE, 7)
    assert (type(told), told) == (type(expected), expected)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Positional("a"), "a"),
        (PositionalFile("a.png", "@a.png"), {"@": "a.png"}),
        (Text("x", "1"), "1"),
        (File("x", "a.png"), {"@": "a.png"}),
        (Json("x", "[1]"), [1]),
        (Json("x", '{"@": "a.png"}'), {"@": "a.png"}),
        (Json("x", '={"@": "a.png"}'), {"@@": "a.png"}),  # where nothing stands for a file
        (Json("x", '="{}"'), "{}"),
    ],
)
def test_what_was_typed_is_told_as_json(item: Item, expected: Any) -> None:
    assert typed_value(item) == expected


@pytest.mark.parametrize("text", ["[", "=["])
def test_broken_json_is_told_by_its_name(text: str) -> None:
    with pytest.raises(InputError) as error:
        typed_value(Json("x", text))
    assert error.value.faults == [Fault("x:= is not valid JSON: Expecting value at column 2")]
