"""Rows of a batch to calls: what each row sends, over what was typed once for all of them."""

from collections.abc import Sequence
from typing import Any

import pytest

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.files import Local
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.row_binding import RowBinder, by_name
from gradio_curl.protocol.schema import Endpoint
from tests.unit.described import component, endpoint, old_endpoint

SAY = endpoint(
    component("textbox", "Text", value="hello"),
    component("number", "Count", value=1),
    component("file", "Photo", value=None),
)
PICTURE = endpoint(component("image", "Photo"))
TAGS = endpoint(component("dropdown", "Tags", choices=["a", "b", "c"], multiselect=True))
TWINS = old_endpoint(component("textbox", "Text"), component("textbox", "Text"))
STATEFUL = endpoint(component("state"), component("textbox", "Text"), component("number", "Count"))


def binder(*words: str, to: Endpoint = SAY, **given: Any) -> RowBinder:
    return RowBinder(to, parse_items(words), read=lambda path: f"<text of {path}>", **given)


def faults(bound: RowBinder, row: Any = None, *words: str) -> Sequence[Fault]:
    with pytest.raises(InputError) as error:
        bound.bind(row, parse_items(words))
    return error.value.faults


# Rows in JSON, or of cells


@pytest.mark.parametrize(
    ("typed", "body", "row", "cells", "data"),
    [
        ((), None, {"text": "a"}, (), ["a", 1, None]),
        (("count=5",), None, {"text": "a"}, (), ["a", 5, None]),
        (("count=5",), None, {"Count": 7}, (), ["hello", 7, None]),
        (("Count=5",), None, ["a", 2], (), ["a", 2, None]),
        (("b", "photo@b.png"), None, {"photo": {"@": "a.png"}}, (), ["b", 1, Local("a.png")]),
        (("b", "photo@b.png"), None, {}, (), ["b", 1, Local("b.png")]),
        (("text@b.txt",), None, None, (), ["<text of b.txt>", 1, None]),
        ((), {"text": "b"}, {"count": 2}, (), ["b", 2, None]),
        ((), ["b", 3], {}, (), ["b", 3, None]),
        (("count=4",), ["b", 3], None, (), ["b", 4, None]),
        (("text=b",), None, None, ("text@a.txt", "count:=2"), ["<text of a.txt>", 2, None]),
    ],
)
def test_a_row_comes_over_items_and_they_come_over_data(
    typed: tuple[str, ...], body: Any, row: Any, cells: tuple[str, ...], data: list[Any]
) -> None:
    assert binder(*typed, body=body).bind(row, parse_items(cells)) == Call(data)


def test_a_cell_with_a_number_is_one_where_all_choices_are() -> None:
    size = endpoint(component("dropdown", "Size", choices=[1, 2], allow_custom_value=True))
    assert binder(to=size).bind(None, parse_items(["size=7"])) == Call([7])
    assert binder(to=size).bind(None, parse_items(["size=big"])) == Call(["big"])


@pytest.mark.parametrize("cells", [("tags=b", "tags=c"), ('tags:=["b", "c"]',)])
def test_a_row_replaces_a_list_and_adds_nothing_to_it(cells: tuple[str, ...]) -> None:
    bound = binder("tags=a", "tags=b", to=TAGS)
    for _ in range(2):
        assert bound.bind(None, parse_items(cells)).data == [["b", "c"]]
        assert bound.bind({}).data == [["a", "b"]]


def test_a_row_names_its_session_or_has_that_of_the_data() -> None:
    bound = binder(body={"data": ["b"], "session_hash": "all"})
    assert bound.bind({"count": 2}) == Call(["b", 2, None], "all")
    assert bound.bind({"data": ["a"], "session_hash": "own"}) == Call(["a", 1, None], "own")
    assert binder("{}", body={"data": [], "session_hash": "all"}).fill("a", 0).session_hash == "all"
    assert binder("{}").fill("a", 0).session_hash is None


def test_choices_that_a_session_may_change_are_left_to_the_server() -> None:
    run = endpoint(component("dropdown", "Model", choices=["none"], value="none"))
    run = run._replace(parameters=(run.parameters[0]._replace(changeable=True),))
    for given in ({"in_session": True}, {"body": {"data": ["none"], "session_hash": "s"}}):
        bound = binder(to=run, **given)
        assert bound.bind({"model": "new"}).data == ["new"]
        assert binder("model={}", to=run, **given).fill("new", 0).data == ["new"]
    told = [Fault('"new" is not among the choices', 'choose from "none"')]
    assert faults(binder(to=run), {"model": "new"}) == [
        told[0]._replace(message=f"model: {told[0].message}")
    ]


def test_all_faults_of_a_row_are_told() -> None:
    there_are = "there are: text, count, photo"
    assert faults(binder(), {"text": 1, "size": 2}) == [
        Fault("text: 1 is not a string"),
        Fault("unknown parameter size for /run", there_are),
    ]
    # By name all of it: an address is not text here.
    assert faults(binder(), None, "me@x.org") == [Fault("unknown parameter me for /run", there_are)]


def test_what_is_typed_for_all_rows_is_checked_at_once() -> None:
    with pytest.raises(InputError) as error:
        binder("count=x", "text=a", "text=b", "photo@a", "photo@b")
    assert [fault.message for fault in error.value.faults] == [
        "count: 'x' is not a number",
        "text: given twice",
        "photo takes 1 file, 2 given",
    ]


# Rows that are lines


@pytest.mark.parametrize(
    ("to", "typed", "data"),
    [
        (SAY, ("{}",), ["L", 1, None]),
        (SAY, ("text={n}:{}", "count=5"), ["3:L", 5, None]),
        (SAY, ("a", "{n}"), ["a", 3, None]),
        (SAY, ("{}", "5"), ["L", 5, None]),
        (SAY, ("{}", "{n}", "@{}.png"), ["L", 3, Local("L.png")]),
        (SAY, ("count={n}", "photo@{}"), ["hello", 3, Local("L")]),
        (SAY, ("text@{}",), ["<text of L>", 1, None]),
        (SAY, ("@{}",), ["@L", 1, None]),
        (SAY, ("{}@x.org", "count=2"), ["L@x.org", 2, None]),
        (SAY, ("me@{}.org",), ["me@L.org", 1, None]),
        (SAY, ("https://x.org/{}?a=b",), ["https://x.org/L?a=b", 1, None]),
        (SAY, ("https://x.org/?a={}",), ["https://x.org/?a=L", 1, None]),
        (SAY, ('1/2:="{n}"',), ['1/2:="3"', 1, None]),
        (TAGS, ("tags=a", "tags={}"), [["a", "c"]]),
        (TAGS, ("tags={}", "tags=a"), [["c", "a"]]),
        (TAGS, ('tags:==["b"]', "tags={}"), [["b", "c"]]),
        (
            endpoint(component("json", "Value")),
            ('value:={"q": "{}", "n": "{n}", "all": {}}',),
            [{"q": "L", "n": "3", "all": {}}],
        ),
    ],
)
def test_a_line_fills_the_items(to: Endpoint, typed: tuple[str, ...], data: list[Any]) -> None:
    bound = binder(*typed, to=to)
    assert bound.takes_lines
    line = "c" if to is TAGS else "L"
    assert bound.fill(line, 3) == bound.fill(line, 3) == Call(data)


def test_without_a_place_a_row_is_not_a_line() -> None:
    assert not binder("text=a", "count=5").takes_lines
    assert not binder("text={{}}").takes_lines
    assert binder("1/2:={}").bind({}).data[0] == "1/2:={}"


NAMED = "positional value {!r} after a named one"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("text={}", "5"), Fault(NAMED.format("5"), "name it: NAME=5")),
        (("count=5", "{}"), Fault(NAMED.format("{}"), "name it: NAME='{}'")),
        (
            ("text=a", "{}"),
            Fault(
                NAMED.format("{}"), "quote text that has blanks: 'text=a {}'; or name it: NAME='{}'"
            ),
        ),
        (("{}", "1", "@a", "b"), Fault("/run takes 3 values, 4 given")),
    ],
)
def test_an_item_that_is_out_of_place_is_told_before_any_row(
    typed: tuple[str, ...], expected: Fault
) -> None:
    with pytest.raises(InputError) as error:
        binder(*typed)
    assert error.value.faults == [expected]


def test_files_that_are_too_many_are_told_with_a_call_for_each() -> None:
    with pytest.raises(InputError) as error:
        binder("@{}", "@b.png", to=PICTURE)
    (fault,) = error.value.faults
    assert fault.message == "/run takes 1 value, 2 given"
    assert fault.hint.endswith("'photo@{}' --batch -")


@pytest.mark.parametrize(
    ("typed", "line", "expected"),
    [
        (("count={}",), "x", [Fault("count: 'x' is not a number")]),
        (("count={}",), "", [Fault("count: '' is not a number", "for null, use count:=null")]),
        (
            ("count=1", "me@{}"),
            "x.org",
            [Fault("unknown parameter me for /run", "there are: text, count, photo")],
        ),
        (("text={}", "text=b"), "a", [Fault("text: given twice")]),
        (
            ("text:=[", "text={}"),
            "a",
            [Fault("text:= is not valid JSON: Expecting value at column 2")],
        ),
    ],
)
def test_what_a_line_is_not_good_for_is_told(
    typed: tuple[str, ...], line: str, expected: list[Fault]
) -> None:
    bound = binder(*typed)
    with pytest.raises(InputError) as error:
        bound.fill(line, 0)
    assert error.value.faults == expected


# What was typed


@pytest.mark.parametrize(
    ("to", "typed", "body", "expected"),
    [
        (SAY, (), None, {}),
        (
            SAY,
            ("b", "Count=5", "photo@b.png"),
            None,
            {"text": "b", "count": "5", "photo": {"@": "b.png"}},
        ),
        (SAY, ("count:=5",), ["b", 3], {"text": "b", "count": 5}),
        (SAY, ("b", "2", "@b.png"), None, {"text": "b", "count": "2", "photo": {"@": "b.png"}}),
        (SAY, ("@b",), None, {"text": "@b"}),
        (SAY, ("@-",), None, {"text": {"@": "-"}}),
        (SAY, ("me@x.org",), None, {"text": "me@x.org"}),
        (SAY, ("x://?a=b",), None, {"text": "x://?a=b"}),
        (SAY, (), {"data": ["b"], "session_hash": "s"}, {"text": "b"}),
        (SAY, (), {"COUNT": 3}, {"count": 3}),
        (SAY, ("count=5", "text={}"), None, {"count": "5"}),
        (TAGS, ("tags=a", "tags=b"), None, {"tags": ["a", "b"]}),
        (TAGS, ("tags=a", "tags={}"), None, {}),
        (STATEFUL, (), [None, "b", 3], {"text": "b", "count": 3}),
    ],
)
def test_what_is_fixed_is_told_by_the_names_of_parameters(
    to: Endpoint, typed: tuple[str, ...], body: Any, expected: dict[str, Any]
) -> None:
    assert binder(*typed, to=to, body=body).fixed() == expected


@pytest.mark.parametrize(
    ("to", "typed", "expected"),
    [
        (SAY, ("{}", "5"), {"text": "L", "count": "5"}),
        (SAY, ("a", "{n}"), {"count": "3"}),
        (SAY, ("count=5", "text={n}:{}", "photo@{}"), {"text": "3:L", "photo": {"@": "L"}}),
        (SAY, ("{}", "{n}", "@{}.png"), {"text": "L", "count": "3", "photo": {"@": "L.png"}}),
        (SAY, ("@{}",), {"text": "@L"}),
        (SAY, ("me@{}.org",), {"text": "me@L.org"}),
        (SAY, ("https://x.org/{}?a=b",), {"text": "https://x.org/L?a=b"}),
        (SAY, ('text:="{}"',), {"text": "L"}),
        (TAGS, ("tags=a", "tags={}", "tags={n}"), {"tags": ["a", "L", "3"]}),
    ],
)
def test_what_a_line_fills_is_told_by_the_names_of_parameters(
    to: Endpoint, typed: tuple[str, ...], expected: dict[str, Any]
) -> None:
    bound = binder(*typed, to=to)
    given = bound.fixed()
    told = bound.typed("L", 3)
    assert {**told, **given} == {**expected, **given}
    assert bound.whole(bound.fixed(), told) == {**given, **told}


def test_what_a_row_replaces_is_not_told_twice() -> None:
    bound = binder("b", "count=5")
    assert bound.whole(bound.fixed(), {"COUNT": 7}) == {"text": "b", "COUNT": 7}
    assert bound.whole(bound.fixed(), {"photo": 1}) == {"text": "b", "count": "5", "photo": 1}
    assert binder("text=b", to=TWINS).whole({"text": "b"}, {"Text": "a"}) == {
        "text": "b",
        "Text": "a",
    }


def test_files_that_every_row_sends_are_told() -> None:
    editor = endpoint(component("imageeditor", "Draw"), component("json", "Value", value=None))
    bound = binder("draw@a.png", "draw@b.png", 'value:={"mask": {"@": "c.png"}}', to=editor)
    assert bound.shared == [Local("a.png"), Local("b.png"), Local("c.png")]
    assert binder("photo@{}").shared == []


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (SAY, "'text={}'"),
        (PICTURE, "'photo@{}'"),
        (endpoint(component("state")), "'NAME={}'"),
    ],
)
def test_the_item_for_a_call_per_line_is_ready_to_paste(to: Endpoint, expected: str) -> None:
    bound = RowBinder(to, (), read=str)
    assert bound.line_item == expected


def test_columns_that_are_not_one_parameter_are_told() -> None:
    assert list(binder().unknown(["text", "COUNT", "cuont", "size"])) == [
        Fault(
            "unknown parameter cuont for /run",
            "did you mean count? there are: text, count, photo",
        ),
        Fault("unknown parameter size for /run", "there are: text, count, photo"),
    ]
    assert binder(to=TWINS).unknown(["text_2", "Text"]) == [
        Fault("Text is ambiguous: 2 parameters are called so", "use one of: text, text_2")
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, {}),
        ([], {}),
        (["a"], {"text": "a"}),
        (["a", 2], {"text": "a", "count": 2}),
        ([None, "a", 2], {"text": "a", "count": 2}),
        (["a", 2, "more", "still more"], {"text": "a", "count": 2}),
        ({"text": "a", "other": 1}, {"text": "a", "other": 1}),
        ({"data": "a"}, {"data": "a"}),
        ({"data": ["a"], "session_hash": "s"}, {"text": "a"}),
    ],
)
def test_a_row_is_told_by_the_names_of_parameters(value: Any, expected: dict[str, Any]) -> None:
    assert by_name(value, STATEFUL) == expected
