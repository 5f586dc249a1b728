"""CSV as spreadsheets and people write it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.client.csv_rows import header_of, records
from gradio_curl.errors import InputError


def read(text: str) -> list[list[str]]:
    """The header of a CSV text, and its records."""
    lines = io.StringIO(text, newline="").readlines()
    header, separator, last = header_of(lines)
    return [header, *(cells for _, cells in records(lines[last:], separator, last + 1))]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
        ("a;b\n1,5;2\n", [["a", "b"], ["1,5", "2"]]),
        ("a\tb\n1\t2\n", [["a", "b"], ["1", "2"]]),
        ("sep=;\na;b\n1;2\n", [["a", "b"], ["1", "2"]]),
        ('"sep=|"\r\na|b\r\n1|2\r\n', [["a", "b"], ["1", "2"]]),
        ("\n\r\n,,\na,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n1,2\n,\n\n3,4\n,\n", [["a", "b"], ["1", "2"], [], ["3", "4"]]),
        ('a\n""\n', [["a"], [""]]),
        ('"a, b";c\n1;2\n', [["a, b", "c"], ["1", "2"]]),
        (" a , b \n1, 2\n", [["a", "b"], ["1", " 2"]]),
        ('a\n"two\nlines, ""quoted"""\n', [["a"], ['two\nlines, "quoted"']]),
        ('a,b\n"",x\n', [["a", "b"], ["", "x"]]),
        ('a,b\n"Yes" he said,"no"\n', [["a", "b"], ['"Yes" he said', "no"]]),
        ('a\n5" pipe\n', [["a"], ['5" pipe']]),
        ("a\n" + "x" * 200_000 + "\n", [["a"], ["x" * 200_000]]),
        ("", [[]]),
    ],
)
def test_cells_are_read_as_they_were_meant(text: str, rows: list[list[str]]) -> None:
    assert read(text) == rows


def test_records_have_the_line_that_they_begin_in() -> None:
    lines = ['"a\n', 'b"\n', "\n", "c\n"]
    assert list(records(lines, ",", 5)) == [(5, ["a\nb"]), (8, ["c"])]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('a\n1\n"two\nthree\nfour\n', "line 3: the quote that opens here is never closed"),
        ('a,"b\n1\n', "line 1: the quote that opens here is never closed"),
        (
            'a\n"two\nthree" x\n',
            "line 2: the quote that opens here closes in line 3, but not at the end of its cell",
        ),
    ],
)
def test_a_quote_that_swallows_rows_is_an_error(text: str, fault: str) -> None:
    with pytest.raises(InputError) as told:
        read(text)
    assert told.value.message == fault


@given(st.lists(st.lists(st.text("ab\"',;\n\r é"), min_size=2, max_size=4), min_size=1, max_size=4))
def test_what_the_csv_module_writes_is_read(rows: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    lines = io.StringIO(written.getvalue(), newline="").readlines()
    # Those without text behind the last other one are left out.
    read_back = [cells for _, cells in records(lines, ",")]
    count = max((number for number, row in enumerate(rows, 1) if any(row)), default=0)
    assert read_back == [row if any(row) else [] for row in rows[:count]]
