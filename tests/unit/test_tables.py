"""Tables for a Dataframe: CSV and JSON, as a person types them, to headers and rows."""

from typing import Any

import pytest

from gradio_curl.protocol.tables import Columns, from_json, from_text

PEOPLE: Columns = [["name", "str"], ["age", "number"], ["here", "bool"]]


def read(text: str, columns: Columns = PEOPLE) -> tuple[list[str], list[list[Any]]]:
    table = from_text(text, columns)
    assert table.keys() == {"headers", "data"}
    return table["headers"], table["data"]


@pytest.mark.parametrize(
    ("text", "headers", "rows"),
    [
        ("a,b\n1,2\n", ["a", "b"], [["1", "2"]]),
        ("a,b\n1,2", ["a", "b"], [["1", "2"]]),
        ("a,b\r\n1,2\r\n\r\n", ["a", "b"], [["1", "2"]]),
        ("\ufeffa,b\n1,2\n", ["a", "b"], [["1", "2"]]),
        ("a;b\n1,5;2\n", ["a", "b"], [["1,5", "2"]]),
        ("a\tb\n1;5\t2\n", ["a", "b"], [["1;5", "2"]]),
        ("a,b;c\n1,2;3\n", ["a", "b;c"], [["1", "2;3"]]),
        ("a;b\tc\n1;2\n", ["a", "b\tc"], [["1", "2"]]),
        ("a\n1;2\n", ["a"], [["1;2"]]),
        ("aXb\n1\n", ["aXb"], [["1"]]),
        ('a,b\n"1,2",3\n', ["a", "b"], [["1,2", "3"]]),
        ('a,b\n"1\n\n2",3\n', ["a", "b"], [["1\n\n2", "3"]]),
        ('a,b\n"say ""hi""",3\n', ["a", "b"], [['say "hi"', "3"]]),
        ("a,b\n\n1,2\n\n3,4\n", ["a", "b"], [["1", "2"], ["3", "4"]]),
        ("a,b\n,\n", ["a", "b"], [["", ""]]),
        ("a\tb\n1\t\n\t\n", ["a", "b"], [["1", ""], ["", ""]]),
        ("a,b\n X ,X\n", ["a", "b"], [[" X ", "X"]]),
        ("\n", [], []),
        ("a,b\n", ["a", "b"], []),
    ],
)
def test_a_table_is_read_from_csv(text: str, headers: list[str], rows: list[Any]) -> None:
    assert read(text) == (headers, rows)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("number", "31", 31),
        ("number", "1.5", 1.5),
        ("number", "-2e3", -2000.0),
        ("number", "", ""),
        ("number", "x", "x"),
        ("number", "true", "true"),
        ("number", "null", "null"),
        ("number", "[1]", "[1]"),
        ("number", "[" * 100_000, "[" * 100_000),
        ("auto", "31", 31),
        ("auto", "007", "007"),
        ("bool", "true", True),
        ("bool", "False", False),
        ("bool", "TRUE", True),
        ("bool", "1", "1"),
        ("bool", "yes", "yes"),
        ("str", "31", "31"),
        ("str", "true", "true"),
        ("date", "31", "31"),
    ],
)
def test_a_cell_has_the_type_of_its_column(kind: str, cell: str, value: Any) -> None:
    _, rows = read(f"x,other\n{cell},31\n", [["x", kind]])
    assert rows == [[value, "31"]]
    assert type(rows[0][0]) is type(value)


def test_columns_have_their_types_in_any_order() -> None:
    text = "here,age,pet,name\ntrue,3,4,5\n"
    assert read(text) == (["here", "age", "pet", "name"], [[True, 3, "4", "5"]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1\n", "row 2 has 1 cell, the header 2"),
        ("a,b\n1,2\n1,2,3\n", "row 3 has 3 cells, the header 2"),
        ('a,b\n"1,2\n', "not a table in CSV: unexpected end of data"),
        ('a,b\n"1"x,2\n', "not a table in CSV: ',' expected after '\"'"),
    ],
)
def test_csv_that_is_not_a_table_is_told(text: str, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011  # the whole message is compared
        from_text(text, PEOPLE)
    assert str(error.value) == message


WHOLE = {"headers": ["x"], "data": [["Ann", 3, True]], "metadata": None}


@pytest.mark.parametrize(
    ("value", "table"),
    [
        (WHOLE, WHOLE),
        (
            {"data": [["Ann", 3, True]], "metadata": 1},
            {"headers": ["name", "age", "here"], "data": [["Ann", 3, True]], "metadata": 1},
        ),
        (
            {"headers": None, "data": [["Ann"]]},
            {"headers": ["1"], "data": [["Ann"]]},
        ),
        ([["Ann", 3, True]], {"headers": ["name", "age", "here"], "data": [["Ann", 3, True]]}),
        ([["a", "b"], ["c"]], {"headers": ["1", "2"], "data": [["a", "b"], ["c"]]}),
        ([[1, 2, 3, 4]], {"headers": ["1", "2", "3", "4"], "data": [[1, 2, 3, 4]]}),
        ([], {"headers": ["name", "age", "here"], "data": []}),
        (
            [{"name": "Ann", "age": 3}, {"age": 4, "pet": "cat"}],
            {"headers": ["name", "age", "pet"], "data": [["Ann", 3, None], [None, 4, "cat"]]},
        ),
        ([{}], {"headers": [], "data": [[]]}),
    ],
)
def test_a_table_in_json_has_one_of_four_forms(value: Any, table: Any) -> None:
    assert from_json(value, PEOPLE) == table


@pytest.mark.parametrize(
    "value",
    [3, "text", {}, {"headers": ["a"]}, {"data": 1}, {"data": [1]}, [1], [{"a": 1}, 3], [["a"], 3]],
)
def test_other_json_is_not_a_table(value: Any) -> None:
    with pytest.raises(ValueError, match=r"\Anot a table\Z"):
        from_json(value, PEOPLE)
