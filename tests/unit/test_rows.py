"""The rows of a batch: how they are cut out of a file, what each is bound to, and what is told."""

import io
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from gradio_curl.client.local_files import Inputs
from gradio_curl.client.rows import Row, Rows, check, opened
from gradio_curl.client.stdin import claim_stdin
from gradio_curl.errors import CannotRead, Fault, InputError
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.files import Local, from_url
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.row_binding import RowBinder
from gradio_curl.protocol.schema import Endpoint
from tests.unit.described import component, endpoint, old_endpoint

SAY = endpoint(
    component("textbox", "Text", value="hello"),
    component("number", "Count", value=1),
    component("file", "Photo", value=None),
)
STATEFUL = endpoint(component("state"), component("textbox", "Text"), component("number", "Count"))
FOLDER = Path("folder")


def rows_of(content: str | bytes, lines: bool = False) -> Rows:
    raw = content if isinstance(content, bytes) else content.encode()
    return Rows(io.BytesIO(raw), FOLDER, Inputs(), lines)


def binder(*words: str, to: Endpoint = SAY) -> RowBinder:
    return RowBinder(to, parse_items(words), read=lambda path: f"<text of {path}>")


def data(content: str, *words: str) -> list[Any]:
    """The data of the call of each row."""
    rows, bound_by = rows_of(content, lines=bool(words)), binder(*words)
    return [rows.bound(row, bound_by).data for row in rows]


def faults(content: str | bytes, *words: str) -> list[Fault]:
    """The faults of the first row that has any."""
    rows, bound_by = rows_of(content, lines=bool(words)), binder(*words)

    def bind_all() -> None:
        for row in rows:
            rows.bound(row, bound_by)

    with pytest.raises(InputError) as error:
        bind_all()
    return list(error.value.faults)


# What is a row


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", []),
        ('["a"]', [(0, "line 1", b'["a"]')]),
        ('["a"]\n{"b": 1}\n', [(0, "line 1", b'["a"]\n'), (1, "line 2", b'{"b": 1}\n')]),
        ('\n \r\n["a"]\r\n\t\n["b"]\n', [(0, "line 3", b'["a"]\r\n'), (1, "line 5", b'["b"]\n')]),
        ('\ufeff["a"]\n["b"]\n', [(0, "line 1", b'["a"]\n'), (1, "line 2", b'["b"]\n')]),
        ('  ["a"]\n', [(0, "line 1", b'  ["a"]\n')]),
        # One line of JSON makes a file of JSON, whatever follows.
        ("{}\na,b\n", [(0, "line 1", b"{}\n"), (1, "line 2", b"a,b\n")]),
    ],
)
def test_each_line_of_json_that_is_not_blank_is_a_row(
    content: str, expected: list[tuple[int, str, bytes]]
) -> None:
    rows = rows_of(content)
    assert list(rows) == [Row(*row) for row in expected]
    assert list(rows) == [Row(*row) for row in expected], "a second time"
    assert rows.is_empty is not bool(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "text,count\na,1\nb,2\n",
            [("line 2", {"text": "a", "count": "1"}), ("line 3", {"text": "b", "count": "2"})],
        ),
        ("\ufefftext\na\n", [("line 2", {"text": "a"})]),
        ("\n\ntext\n\na\n\nb\n", [("line 5", {"text": "a"}), ("line 7", {"text": "b"})]),
        ('text\n""\na\n""\n', [("line 2", {}), ("line 3", {"text": "a"}), ("line 4", {})]),
        ("sep=;\ntext;count\na,b;\n", [("line 3", {"text": "a,b"})]),
        (
            'text,count\n"a\n\nb",1\nc,2\n',
            [("line 2", {"text": "a\n\nb", "count": "1"}), ("line 5", {"text": "c", "count": "2"})],
        ),
        # An empty cell is left to the default; a cell too many is kept, to be told.
        ("text,count\n,1\n", [("line 2", {"count": "1"})]),
        ("text,\na,,b,c\n", [("line 2", {"text": "a", "": "b"})]),
        ("text\n", []),
    ],
)
def test_each_record_of_csv_is_a_row(
    content: str, expected: list[tuple[str, dict[str, str]]]
) -> None:
    rows = rows_of(content)
    assert list(rows) == [Row(n, place, cells) for n, (place, cells) in enumerate(expected)]
    assert not rows.is_empty


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "a\n\n b \r\n\r\n\n",
            [(0, "line 1", b"a\n"), (1, "line 2", b""), (2, "line 3", b" b \r\n")],
        ),
        ("\r\n\na", [(0, "line 1", b""), (1, "line 2", b""), (2, "line 3", b"a")]),
        ('["a"]\n{"b": 1}', [(0, "line 1", b'["a"]\n'), (1, "line 2", b'{"b": 1}')]),
        ("\ufeffa,b\n \n", [(0, "line 1", b"a,b\n"), (1, "line 2", b" \n")]),
        # A byte order mark is one at the start only.
        (
            "a\n\ufeffb\nc",
            [
                (0, "line 1", b"a\n"),
                (1, "line 2", b"\xef\xbb\xbfb\n"),
                (2, "line 3", b"c"),
            ],
        ),
    ],
)
def test_each_line_up_to_the_last_with_text_is_a_row_where_lines_fill_items(
    content: str, expected: list[tuple[int, str, bytes]]
) -> None:
    assert list(rows_of(content, lines=True)) == [Row(*row) for row in expected]


@pytest.mark.parametrize("content", ["", "\n", " \r\n\t\n", "\ufeff", "\ufeff\n"])
def test_a_file_of_blank_lines_is_empty(content: str) -> None:
    rows = rows_of(content)
    assert rows.is_empty
    assert list(rows) == []


# What a row is bound to


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('["a", 2, null]\n', [["a", 2, None]]),
        ('{"text": "é", "Count": 3}\n{}\n', [["é", 3, None], ["hello", 1, None]]),
        ('{"data": ["a"]}\n', [["a", 1, None]]),
        ('{"photo": {"@": "a.png"}}\n', [["hello", 1, Local("folder/a.png")]]),
        ('["a", 1, {"@": "/abs/a.png"}]\n', [["a", 1, Local("/abs/a.png")]]),
        ('["a", 1, {"@": "-"}]\n', [["a", 1, Local("folder/-")]]),
        ('["a", 1, {"@": "/dev/stdin"}]\n', [["a", 1, Local("/dev/stdin")]]),
        ("text@,photo@\n-,-\n", [["<text of folder/->", 1, Local("folder/-")]]),
        ('["a", 1, {"@": "https://x.org/a"}]\n', [["a", 1, from_url("https://x.org/a")]]),
        ("text,count\n@a,2\n", [["@a", 2, None]]),
        ('text:=,Count:=\n"""a""",2.5\n', [["a", 2.5, None]]),
        ("photo@\na.png\n", [["hello", 1, Local("folder/a.png")]]),
        ("photo@\nhttps://x.org/a\n", [["hello", 1, from_url("https://x.org/a")]]),
        ("text@\na.txt\n", [["<text of folder/a.txt>", 1, None]]),
    ],
)
def test_a_row_gives_values_by_position_or_name_and_files_of_its_folder(
    content: str, expected: list[Any]
) -> None:
    assert data(content) == expected


def test_a_row_goes_over_what_all_rows_share() -> None:
    rows, bound_by = rows_of('{"count": 5}\n{}\n'), binder("text=shared", "count=2")
    assert [rows.bound(row, bound_by).data for row in rows] == [
        ["shared", 5, None],
        ["shared", 2, None],
    ]


@pytest.mark.parametrize(
    ("content", "words", "expected"),
    [
        ("a\nb\n", ["text={}"], [["a", 1, None], ["b", 1, None]]),
        (
            "a\n\n b\t\r\n",
            ["text=<{}>", "count={n}"],
            [["<a>", 0, None], ["<>", 1, None], ["< b\t>", 2, None]],
        ),
        ("a\r\r\n", ["text={}"], [["a\r", 1, None]]),
        ("a b.png\n", ["photo@sub/{}"], [["hello", 1, Local("sub/a b.png")]]),
        ('{"text": "x"}\n', ["text={}"], [['{"text": "x"}', 1, None]]),
    ],
)
def test_a_line_fills_the_items_as_it_stands(
    content: str, words: list[str], expected: list[Any]
) -> None:
    assert data(content, *words) == expected


def test_a_file_name_that_is_not_utf_8_keeps_its_bytes() -> None:
    rows, bound_by = rows_of(b"caf\xe9.png\n", lines=True), binder("photo@{}")
    (row,) = rows
    name = b"caf\xe9.png".decode("utf-8", "surrogateescape")
    assert rows.bound(row, bound_by).data == ["hello", 1, Local(name)]
    assert rows.input(row, bound_by, SAY) == {"photo": {"@": name}}


# What is wrong with a row


THERE_ARE = "there are: text, count, photo"
SAVE_AS_UTF8 = "save the file as UTF-8"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            '["a"]\r\n[1\r\n',
            [Fault("line 2: the row is not valid JSON: Expecting ',' delimiter at column 3")],
        ),
        ("[]\n5\n", [Fault("line 2: the row is neither an object nor a list")]),
        ('[]\n"a"\n', [Fault("line 2: the row is neither an object nor a list")]),
        ('{"text": "a", "count": 1, "text": "b"}', [Fault("line 1: text is given twice")]),
        ('[[{"b": 1, "c": 2, "c": 3}]]', [Fault("line 1: c is given twice")]),
        (b'[]\n["\xe9"]\n', [Fault("line 2: the text is not valid UTF-8", SAVE_AS_UTF8)]),
        ('{"count": "x"}', [Fault('line 1: count: "x" is not a number')]),
        (
            '{"txt": 1}',
            [Fault("line 1: unknown parameter txt for /run", f"did you mean text? {THERE_ARE}")],
        ),
        (b"text\na\n\xe9\n", [Fault("line 3: the text is not valid UTF-8", SAVE_AS_UTF8)]),
        (b"\xe9\na\n", [Fault("line 1: the text is not valid UTF-8", SAVE_AS_UTF8)]),
        ("count,text\nx,a\n", [Fault("line 2: count: 'x' is not a number")]),
        ("count:=\nx\n", [Fault("line 2: count:= is not valid JSON: Expecting value at column 1")]),
        ("text,\na,b\n", [Fault("line 2: 'b' stands in a column that the header does not name")]),
        ("text\na,b\n", [Fault("line 2: 'b' stands in a column that the header does not name")]),
        ("\ntext,count,text\n1,2,3\n", [Fault("line 2: the header names text twice")]),
        ('text\n"a\n', [Fault("line 2: the quote that opens here is never closed")]),
    ],
)
def test_a_fault_is_told_with_its_line(content: str | bytes, expected: list[Fault]) -> None:
    assert faults(content) == expected


ARRAY = "the input is lines of JSON: make them of an array with jq -c '.[]' FILE"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "a"},\n{"text": "b"}]\n',
         "line 1: the row is not valid JSON: Expecting value at column 16"),
        ('[\n  {"text": "a"}\n]\n',
         "line 1: the row is not valid JSON: Expecting value at column 2"),
        ('[{"text": "a"}, {"Count": 1}]\n', 'line 1: text: {"text": "a"} is not a string'),
    ],
)  # fmt: skip
def test_an_array_of_rows_is_told_with_what_makes_lines_of_it(content: str, message: str) -> None:
    assert faults(content)[0] == Fault(message, ARRAY)


def test_a_list_that_is_not_of_rows_has_its_own_hint() -> None:
    for content in ('[{"txt": "a"}]\n', "[{}]\n", '[[]]\n["a"\n'):
        assert ARRAY not in [fault.hint for fault in faults(content)]


def test_an_empty_line_is_an_empty_text_and_an_empty_record_all_defaults() -> None:
    assert [values[0] for values in data("a\n\nb\n\n", "text={}")] == ["a", "", "b"]
    assert faults("1\n\n2\n", "count={}")[0].message == "line 2: count: '' is not a number"
    assert data('text\na\n""\nb\n')[1:] == [["hello", 1, None], ["b", 1, None]]


def test_rows_of_empty_cells_are_skipped_and_those_that_others_follow_told() -> None:
    rows = rows_of("text,count\na,1\n,\n,\n\nb,2\n,\n,\n")
    for _ in range(2):
        assert [(row.number, row.place) for row in rows] == [(0, "line 2"), (1, "line 6")]
        assert rows.skipped == [3, 4]


def test_columns_without_a_name_may_be_several_where_they_are_empty() -> None:
    assert data("text,,\na,,\n") == [["a", 1, None]]


def test_all_faults_of_a_row_are_told_with_its_line() -> None:
    assert faults("count,size\nx,1\n") == [
        Fault("line 2: count: 'x' is not a number"),
        Fault(UNKNOWN.format(2, "size"), THERE_ARE),
    ]


def test_a_fault_of_a_filled_item_is_told_with_its_line() -> None:
    assert faults("1\nx\n", "count={}") == [Fault("line 2: count: 'x' is not a number")]


def stdin_of(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


@pytest.mark.parametrize("path", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_a_row_does_not_read_stdin(path: str) -> None:
    inputs = Inputs()
    rows = Rows(io.BytesIO(f"text@\n{path}\n".encode()), FOLDER, inputs)
    (row,) = rows
    with pytest.raises(InputError) as error:
        rows.bound(row, RowBinder(SAY, (), read=inputs.text))
    hint = "save it to a file, and name that file"
    assert error.value.faults == [Fault("line 2: a row can't have stdin as its file", hint)]


def test_a_line_is_never_stdin() -> None:
    assert data("-\n", "text@{}", "photo@{}") == [["<text of ./->", 1, Local("./-")]]
    assert data("-\n", "@{}") == [["@-", 1, None]]


# What was typed, for the line of a result


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"text": "a", "Count": 2}\n', {"text": "a", "Count": 2}),
        ('{"photo": {"@": "a.png"}}\n', {"photo": {"@": "a.png"}}),
        ('["a", 2]\n', {"text": "a", "count": 2}),
        ('{"data": ["a"], "session_hash": "s"}\n', {"text": "a"}),
        ('{"data": "a"}\n', {"data": "a"}),
        ("text,count:=,photo@\na,2,a.png\n", {"text": "a", "count": 2, "photo": {"@": "a.png"}}),
        ("text,count\n,1\n", {"count": "1"}),
    ],
)
def test_the_input_of_a_row_is_what_stands_there_by_name(
    content: str, expected: dict[str, Any]
) -> None:
    rows = rows_of(content)
    (row,) = rows
    assert rows.input(row, binder(), SAY) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[null, "a", 2]\n', {"text": "a", "count": 2}),  # a value for each slot
        ('["a", 2]\n', {"text": "a", "count": 2}),
        ('["a"]\n', {"text": "a"}),
    ],
)
def test_the_input_of_a_row_has_no_slots_that_the_server_fills(
    content: str, expected: dict[str, Any]
) -> None:
    rows = rows_of(content)
    (row,) = rows
    assert rows.input(row, binder(to=STATEFUL), STATEFUL) == expected


def test_the_input_of_a_line_is_what_it_fills() -> None:
    rows, bound_by = rows_of(" a \r\n", lines=True), binder("text={n}:{}", "count=5", "photo@{}")
    (row,) = rows
    assert rows.input(row, bound_by, SAY) == {"text": "0: a ", "photo": {"@": " a "}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[}\n", "line 1: the row is not valid JSON: Expecting value at column 2"),
        ("count:=\nx\n", "line 2: count:= is not valid JSON: Expecting value at column 1"),
    ],
)
def test_an_input_that_can_not_be_read_is_told_with_its_line(content: str, expected: str) -> None:
    rows = rows_of(content)
    (row,) = rows
    with pytest.raises(InputError) as error:
        rows.input(row, binder(), SAY)
    assert error.value.faults == [Fault(expected)]


# The header


UNKNOWN = "line {}: unknown parameter {} for /run"
FORGOTTEN = "did you forget {}? for a call per line, give 'text={}'"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text,photo@,COUNT:=,\n", []),
        (
            "\ntext,size,x\n",
            [(UNKNOWN.format(2, "size"), THERE_ARE), (UNKNOWN.format(2, "x"), THERE_ARE)],
        ),
        (
            "cuont@,x\n",
            [
                (UNKNOWN.format(1, "cuont"), f"did you mean count? {THERE_ARE}"),
                (UNKNOWN.format(1, "x"), THERE_ARE),
            ],
        ),
        ("bob\nann\n", [(UNKNOWN.format(1, "bob"), FORGOTTEN)]),
        ("cuont\n5\n", [(UNKNOWN.format(1, "cuont"), f"did you mean count? {THERE_ARE}")]),
        ('"two\nlines"\n', [(UNKNOWN.format(2, "two\nlines"), FORGOTTEN)]),
        ('["bob"]\n', []),
        ("", []),
    ],
)
def test_a_column_that_is_not_a_parameter_is_told(
    content: str, expected: list[tuple[str, str]]
) -> None:
    told = rows_of(content).header_faults(binder())
    assert told == [Fault(message, hint) for message, hint in expected]


def test_a_column_that_two_parameters_share_is_told_with_their_names() -> None:
    twins = old_endpoint(component("textbox", "Text"), component("textbox", "Text"))
    assert rows_of("Text\n").header_faults(binder(to=twins)) == [
        Fault("line 1: Text is ambiguous: 2 parameters are called so", "use one of: text, text_2")
    ]


def test_lines_that_fill_items_have_no_header() -> None:
    assert rows_of("bob\n", lines=True).header_faults(binder("text={}")) == []


def test_a_header_that_is_not_utf_8_is_told() -> None:
    with pytest.raises(InputError) as error:
        rows_of(b"\n\xe9\n").header_faults(binder())
    assert error.value.faults == [Fault("line 2: the text is not valid UTF-8", SAVE_AS_UTF8)]


# Files


def contents(path: object, lines: bool = False) -> list[bytes | dict[str, str]]:
    with opened(str(path), Inputs(), lines) as rows:
        return [row.content for row in rows]


LONG = "x" * 200_000


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("text\na\n", "utf-8", [{"text": "a"}]),
        ("text\na\n", "utf-8-sig", [{"text": "a"}]),
        ("text\né\n", "utf-16", [{"text": "é"}]),
        ('["é"]\n["b"]\n', "utf-16", [b'["\xc3\xa9"]\n', b'["b"]\n']),
        ('text\r\n"a\r\nb"\r\n', "utf-8", [{"text": "a\r\nb"}]),
        ('text\r\n"a\r\nb"\r\n', "utf-16", [{"text": "a\r\nb"}]),
        # Carriage returns alone are line ends, where they are the only ones.
        ("text\ra\rb\r", "utf-8", [{"text": "a"}, {"text": "b"}]),
        ("text\ra\r", "utf-16", [{"text": "a"}]),
        ('text\n"a\rb"\n', "utf-8", [{"text": "a\rb"}]),
        pytest.param(f"text\n{LONG}\né\n", "utf-16", [{"text": LONG}, {"text": "é"}], id="long"),
        pytest.param(f"text\r{LONG}\rb\r", "utf-8", [{"text": LONG}, {"text": "b"}], id="long CR"),
        ("é\n", "utf-8", []),
        ("a", "utf-8", []),
        ("", "utf-8", []),
    ],
)
def test_a_batch_is_read_in_the_encodings_of_spreadsheets(
    text: str, encoding: str, expected: list[Any], tmp_path: Path
) -> None:
    path = tmp_path / "batch"
    path.write_bytes(text.encode(encoding))
    assert contents(path) == expected


def test_the_other_byte_order_is_told_by_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "batch"
    path.write_bytes(b"\xfe\xff" + "text\né\n".encode("utf-16-be"))
    assert contents(path) == [{"text": "é"}]


@pytest.mark.parametrize("name", ["rows", "other"])
def test_a_file_that_is_written_to_is_read_no_further_and_one_that_is_replaced_is(
    name: str, tmp_path: Path
) -> None:
    path, other = tmp_path / "rows", tmp_path / name
    content = "text\none\ntwo\n"
    path.write_text(content)
    for passes, doing, hint in (
        (0, "checked", ""),
        (1, "run", "the rows that are done are kept; "),
    ):
        with opened(str(path), Inputs()) as rows:
            for _ in range(passes):
                assert len(list(rows)) == 2
            left = iter(rows)
            assert next(left).content == {"text": "one"}
            other.write_text('text\n"')
            other.replace(path)
            if other != path:
                assert [row.content for row in left] == [{"text": "two"}]
            else:
                with pytest.raises(CannotRead) as error:
                    next(left)
                assert error.value.message == f"{path} changed while its rows were {doing}"
                assert error.value.hint == f"{hint}give a copy that nothing else writes to"
        path.write_text(content)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", ["text\na\n", '["a"]\n'])
def test_a_table_of_other_characters_is_to_be_saved_as_utf_8(
    text: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "batch"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(InputError) as error:
        contents(path)
    assert error.value.faults[0].hint == "save the file as UTF-8"


@pytest.mark.parametrize("first", [b"a b\0c\n", b"\0a\n", b"x\0y\n"])
def test_a_nul_does_not_make_a_line_utf_16(first: bytes, tmp_path: Path) -> None:
    path = tmp_path / "batch"
    path.write_bytes(first + b"\0\0\n")
    assert contents(path, lines=True) == [first, b"\0\0\n"]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"\xff\xfea", "UTF-16"),
        (b"\xfe\xff\0", "UTF-16"),
        (b"a\r\xe9\r", "UTF-8"),
    ],
)
def test_a_batch_that_is_not_what_it_begins_as_is_told(
    content: bytes, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "batch"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        contents(path)
    assert error.value.faults == [Fault(f"the batch is not valid {encoding}")]


def test_a_batch_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotRead) as error:
        contents(tmp_path / "none")
    assert error.value.message == f"{tmp_path}/none can't be read: no such file or directory"


def photos(path: object, lines: bool = False) -> list[Any]:
    inputs = Inputs()
    with opened(str(path), inputs, lines) as rows:
        bound_by = binder("photo@{}") if lines else binder()
        return [rows.bound(row, bound_by).data[2] for row in rows]


def test_files_of_rows_are_sought_beside_the_batch(tmp_path: Path) -> None:
    path = tmp_path / "batch"
    path.write_text("photo@\na.png\n")
    assert photos(path) == [Local(f"{tmp_path}/a.png")]


def test_files_that_lines_name_are_sought_in_the_working_directory(tmp_path: Path) -> None:
    path = tmp_path / "batch"
    path.write_text("a.png\n")
    assert photos(path, lines=True) == [Local("a.png")]


def test_files_of_rows_from_a_pipe_are_sought_in_the_working_directory(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=("photo@\na.png\n",))
    writer.start()
    assert photos(path) == [Local("a.png")]
    writer.join()


def test_a_batch_from_stdin_is_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin_of("photo@\na.png\n", monkeypatch)
    with opened("-", Inputs(), lines=False) as rows:
        for _ in range(2):
            assert [rows.bound(row, binder()).data[2] for row in rows] == [Local("a.png")]


@pytest.mark.parametrize(("first", "second"), [("--data", "--batch"), ("--batch", "--data")])
def test_stdin_is_for_the_batch_or_for_something_else(
    first: str, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin_of("[]\n", monkeypatch)

    def read(user: str) -> None:
        if user == "--batch":
            with opened("-", Inputs()):
                pass
        else:
            claim_stdin(user)

    read(first)
    with pytest.raises(InputError) as error:
        read(second)
    assert error.value.faults == [
        Fault(
            f"stdin can be read only once, and {first} reads it already",
            "save it to a file, and name that file",
        )
    ]


# Checking all of them


def checked(count: int, bad: set[int], late: set[int]) -> int:
    """Check so many rows: `bad` ones can't be bound, what `late` ones came to is at fault."""

    def bound(row: Row) -> Call:
        if row.number in bad:
            raise InputError(Fault(f"{row.place}: bad", "hint"), Fault(f"{row.place}: worse"))
        return Call([row.number])

    def faults_of(call: Call) -> list[Fault]:
        return [Fault("late", "hint")] if call.data[0] in late else []

    return check((Row(n, f"line {n}", b"") for n in range(count)), bound, faults_of)


def test_rows_without_a_fault_are_counted() -> None:
    assert checked(0, set(), set()) == 0
    assert checked(30, set(), set()) == 30


def test_the_faults_of_all_rows_are_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        checked(30, {3, 29}, {1, 4})
    assert error.value.faults == [
        Fault("line 1: late", "hint"),
        Fault("line 3: bad", "hint"),
        Fault("line 3: worse"),
        Fault("line 4: late", "hint"),
        Fault("line 29: bad", "hint"),
        Fault("line 29: worse"),
    ]


@pytest.mark.parametrize("faulty", [19, 20, 99])
def test_twenty_faults_are_enough(faulty: int) -> None:
    with pytest.raises(InputError) as error:
        checked(100, set(), set(range(faulty)))
    expected = [Fault(f"line {n}: late", "hint") for n in range(min(faulty, 20))]
    rest = [Fault("the rows after these were not checked")]
    assert error.value.faults == expected + (rest if faulty >= 20 else [])
