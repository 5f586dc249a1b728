"""What is said about one parameter: what it comes to, and what is told where it does not fit."""

import json
from typing import Any

import pytest

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol.files import Local, from_upload, from_url
from gradio_curl.protocol.given import Given, batch_hint, how_to_give
from gradio_curl.protocol.schema import Parameter
from gradio_curl.protocol.values import Misfit
from tests.unit.described import component, endpoint


def parameter(kind: str, label: str = "Value", **props: Any) -> Parameter:
    return endpoint(component(kind, label, **props)).parameters[0]


def hinted(schema: Any) -> Parameter:
    return parameter("api", schema=schema)


def listed(kind: str) -> Parameter:
    return hinted({"type": "array", "items": {"type": kind}})


INTEGERS = {"type": "array", "items": {"type": "integer"}}
TEXT, NUMBER, TABLE, JSON = map(parameter, ("textbox", "number", "dataframe", "json"))
FILE, PAIR, MESSAGE = map(parameter, ("file", "imageslider", "multimodaltextbox"))
GALLERY, FLAG = parameter("gallery"), parameter("checkbox")
TAGS = parameter("dropdown", choices=["a", "b c", "d"], multiselect=True)
MATRIX = hinted({"type": "array", "items": {"type": "array"}})
ODD = parameter("textbox", "My name")._replace(name="my name")
ODD_FILE = parameter("file", "My file")._replace(name="my file")
VIDEO = parameter("video", schema={"type": "object", "properties": {"video": {}}})
PAYLOAD = from_upload("/srv/a", "a")


def said(what: Parameter, *said: tuple[str, Any]) -> Any:
    """The value of a parameter of which this is said, one after the other."""
    given = Given(what, what.name)
    for how, value in said:
        getattr(given, f"add_{how}")(value)
    if fault := given.surplus():
        raise Misfit(*fault[:2])
    return given.value()


@pytest.mark.parametrize(
    ("what", "parts", "value"),
    [
        (TEXT, [], None),
        (TEXT, [("text", "a")], "a"),
        (TEXT, [("json", '"a"')], "a"),
        (TEXT, [("value", None)], None),
        (NUMBER, [("text", "5")], 5),
        (FLAG, [("text", "no")], False),
        (TAGS, [("text", "a"), ("text", "d")], ["a", "d"]),
        (TAGS, [("text", '["a", "d"]')], ["a", "d"]),
        (TAGS, [("text", '["a"]'), ("text", "d")], ["a", "d"]),
        (TAGS, [("json", '["a"]')], ["a"]),
        (listed("integer"), [("text", "1"), ("text", "2")], [1, 2]),
        (JSON, [("json", '{"@": "a"}')], Local("a")),
        (JSON, [("json", '={"@": "a"}')], {"@": "a"}),
        (JSON, [("value", [{"@": "http://x/a"}])], [from_url("http://x/a")]),
        (TABLE, [("value", [["x"]])], {"headers": ["1"], "data": [["x"]]}),
        (FILE, [("file", "a")], Local("a")),
        (FILE, [("value", PAYLOAD)], PAYLOAD),
        (FILE, [("value", {"@": "a"})], Local("a")),
        (FILE, [("value", None)], None),
        (VIDEO, [("value", {"@": "a"})], {"video": Local("a"), "subtitles": None}),
        (PAIR, [("file", "a"), ("file", "b")], [Local("a"), Local("b")]),
        (PAIR, [("value", [PAYLOAD, PAYLOAD])], [PAYLOAD, PAYLOAD]),
        (GALLERY, [("value", PAYLOAD)], [{"image": PAYLOAD, "caption": None}]),
        (GALLERY, [("value", [])], []),
        (MESSAGE, [("text", "hi")], {"text": "hi", "files": []}),
        (MESSAGE, [("value", "hi")], {"text": "hi", "files": []}),
        (MESSAGE, [("file", "a")], {"text": "", "files": [Local("a")]}),
        (MESSAGE, [("file", "a"), ("text", "hi")], {"text": "hi", "files": [Local("a")]}),
        (MESSAGE, [("text", "hi"), ("file", "a")], {"text": "hi", "files": [Local("a")]}),
        (MESSAGE, [("value", {"text": "hi"})], {"text": "hi"}),
    ],
)
def test_what_is_said_makes_a_value(
    what: Parameter, parts: list[tuple[str, Any]], value: Any
) -> None:
    told = said(what, *parts)
    assert (told, type(told)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a", "a"),
        ("a\n", "a"),
        ("a\r\n", "a"),
        ("a\n\n", "a\n"),
        ("a\r\n\r\n", "a\r\n"),
        ("a\r", "a\r"),
        ("XX\n", "XX"),
        ("\ufeffa\n", "a"),
        ("\ufeff\ufeffa", "\ufeffa"),
        ("\n", ""),
    ],
)
def test_the_text_of_a_file_is_what_a_shell_would_take_from_it(text: str, value: str) -> None:
    assert said(TEXT, ("text_of_file", text)) == value


def test_a_table_keeps_the_line_end_of_its_file() -> None:
    assert said(TABLE, ("text_of_file", "\ufeffa\n")) == {"headers": ["a"], "data": []}


TABLE_FORMS = 'or JSON: rows, objects, or {"headers", "data"}'
BATCH = "for a call per file: printf '%s\\n' FILE... | gradio-curl call APP ENDPOINT {} --batch -"


@pytest.mark.parametrize(
    ("what", "parts", "fault"),
    [
        (TEXT, [("text", "a\udce9")], ("value: the text is not valid UTF-8", "")),
        (TEXT, [("text", "a"), ("text", "b")], ("value: given twice", "")),
        (TEXT, [("value", 1)], ("value: 1 is not a string", "")),
        (TAGS, [("json", '"a"'), ("text", "d")], ('value: "a" is not a list', "use value=a")),
        (TAGS, [("text", "a"), ("json", '["d"]')], ("value: given twice", "")),
        (FILE, [("file", "a"), ("value", None)], ("value: given twice", "")),
        (FILE, [("value", None), ("file", "a")], ("value: given twice", "")),
        # Of another type
        (NUMBER, [("text", "x")], ("value: 'x' is not a number", "")),
        (NUMBER, [("text", "null")],
         ("value: 'null' is not a number", "for null, use value:=null")),
        *((NUMBER, [("text", null)],
           (f"value: {null!r} is not a number", "for null, use value:=null"))
          for null in ("None", "none", "NULL", " null ", " ")),
        (NUMBER, [("text", "nul")], ("value: 'nul' is not a number", "")),
        (FLAG, [("text", "")],
         ("value: '' is neither true nor false", "for null, use value:=null")),
        (FLAG, [("text", "x")], ("value: 'x' is neither true nor false", "")),
        (JSON, [("text", "x")],
         ("value: the text is not valid JSON: Expecting value at column 1",
          """give JSON, such as 'value:={"key": 1}'""")),
        (hinted({"anyOf": [{"type": "integer"}, {"type": "null"}, INTEGERS]}), [("text", "x")],
         ("value: the text is not valid JSON: Expecting value at column 1",
          "give JSON, such as value:=1")),
        (parameter("label", example={"label": "cat"}), [("text", "x")],
         ("value: the text is not valid JSON: Expecting value at column 1",
          """give JSON, such as 'value:={"label": "cat"}'""")),
        (parameter("label", example={"label": "cat"}), [("text", "{x")],
         ("value: the text is not valid JSON: Expecting property name enclosed in double quotes "
          "at column 2", "")),
        (JSON, [("text", "[1,")],
         ("value: the text is not valid JSON: Expecting value at column 4", "")),
        (TAGS, [("text", "")],
         ("value: '' is not among the choices", "for an empty list, use 'value:=[]'")),
        (TAGS, [("text", "a, b c,d")],
         ("value: 'a, b c,d' is not among the choices", "use value=a 'value=b c' value=d")),
        (TAGS, [("text", "a,x")],
         ("value: 'a,x' is not among the choices", "choose from a|'b c'|d")),
        (TAGS, [("value", ["x"])],
         ('value: "x" is not among the choices', 'choose from "a"|"b c"|"d"')),
        (MATRIX, [("text", "1")],
         ("value: 1 is not a list", """give a list as JSON, such as 'value:=[["text"]]'""")),
        (MATRIX, [("value", 1)], ("value: 1 is not a list", "")),
        (MATRIX, [("value", [1])], ("value[0]: 1 is not a list", "")),
        (listed("integer"), [("text", "x")],
         ("value: 'x' is not an integer", "give a list as JSON, such as 'value:=[1, 2]'")),
        (listed("integer")._replace(example=[1]), [("text", "x")],
         ("value: 'x' is not an integer", "give a list as JSON, such as 'value:=[1, 2]'")),
        (listed("integer")._replace(example=[4, 5, 6]), [("text", "x")],
         ("value: 'x' is not an integer", "give a list as JSON, such as 'value:=[4, 5, 6]'")),
        (listed("integer")._replace(example=[]), [("text", "x")],
         ("value: 'x' is not an integer", "give a list as JSON, such as 'value:=[1, 2]'")),
        (listed("integer")._replace(example=[1]), [("text", "1, 2")],
         ("value: '1, 2' is not an integer", "use value=1 value=2")),
        (listed("integer"), [("text", "1,x")],
         ("value: '1,x' is not an integer", "give a list as JSON, such as 'value:=[1, 2]'")),
        (listed("number"), [("text", "x")],
         ("value: 'x' is not a number", "give a list as JSON, such as 'value:=[1, 2]'")),
        (listed("boolean"), [("text", "x")],
         ("value: 'x' is neither true nor false",
          "give a list as JSON, such as 'value:=[true, false]'")),
        (listed("string"), [("text", "[x")],
         ("value: the text is not valid JSON: Expecting value at column 2",
          """give a list as JSON, such as 'value:=["a", "b"]'""")),
        # Tables
        (TABLE, [("text", "a.csv")],
         ("value: 'a.csv' is not a table", "for a table in a file, use value@a.csv")),
        (TABLE, [("text", "@a.csv")],
         ("value: '@a.csv' is not a table", "for a table in a file, use value@a.csv")),
        (TABLE, [("text", "")],
         ("value: '' is not a table", f"give a CSV file with @FILE, {TABLE_FORMS}")),
        (TABLE, [("text", "x" * 201)],
         (f"value: '{'x' * 59}…' is not a table", "for a table in a file, use value@FILE")),
        (TABLE, [("text_of_file", "a,b\n1\n")],
         ("value: row 2 has 1 cell, the header 2", f"give CSV, {TABLE_FORMS}")),
        (TABLE, [("value", 3)],
         ("value: 3 is not a table", f"give a CSV file with @FILE, {TABLE_FORMS}")),
        # Files
        (FILE, [("text", "my cat.png")],
         ("value: 'my cat.png' is text, but a file is expected", "use 'value@my cat.png'")),
        (FILE, [("text", "@a")], ("value: '@a' is text, but a file is expected", "use value@a")),
        (FILE, [("text", "@")], ("value: '@' is text, but a file is expected", "use value@FILE")),
        (FILE, [("text", "")], ("value: '' is text, but a file is expected", "use value@FILE")),
        (FILE, [("text", "x" * 200)],
         (f"value: '{'x' * 59}…' is text, but a file is expected", f"use value@{'x' * 200}")),
        (FILE, [("text", "x" * 201)],
         (f"value: '{'x' * 59}…' is text, but a file is expected", "use value@FILE")),
        (FILE, [("text", "[" * 100_000)],
         (f"value: '{'[' * 59}…' is text, but a file is expected", "use value@FILE")),
        (FILE, [("text", "[a].png")],
         ("value: '[a].png' is text, but a file is expected", "use 'value@[a].png'")),
        (FILE, [("text", '["a"]')],
         ("""value: '["a"]' is text, but a file is expected""", """use 'value@["a"]'""")),
        (FILE, [("value", 3)], ("value: 3 is not a file", "use value@FILE")),
        (FILE, [("file", "a"), ("file", "b"), ("file", "c")],
         ("value takes 1 file, 3 given", BATCH.format("'value@{}'"))),
        (VIDEO, [("file", "a"), ("file", "b"), ("file", "c"), ("file", "d")],
         ("value takes 2 files, 4 given", "")),
        (PAIR, [("file", "a")], ("value takes 2 files, 1 given", "give value@FILE value@FILE")),
        (PAIR, [("value", [PAYLOAD])], ("value: 2 files are expected, 1 given", "use value@FILE")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_what_to_type(
    what: Parameter, parts: list[tuple[str, Any]], fault: tuple[str, str]
) -> None:
    with pytest.raises(Misfit) as raised:
        said(what, *parts)
    assert raised.value.fault == Fault(*fault)


@pytest.mark.parametrize("payloads", [PAYLOAD, [PAYLOAD], [PAYLOAD, PAYLOAD]])
def test_payloads_of_an_upload_that_are_given_as_text_are_json(payloads: Any) -> None:
    text = json.dumps(payloads)
    with pytest.raises(Misfit) as raised:
        said(FILE, ("text", f" {text}"))
    assert raised.value.fault.hint == f"use 'value:= {text}'"


@pytest.mark.parametrize(
    ("what", "text", "hint"),
    [
        (TEXT, "it is", "for a text, use 'value=it is'"),
        (TAGS, "a", "for a text, use value=a"),
        (TEXT, "@a", "use value@a"),
        (JSON, "@a b", "use 'value@a b'"),
        (NUMBER, "x", ""),
        (NUMBER, "x{n}", "{n} is filled inside a text only: use 'value={n}'"),
        (JSON, "=x", ""),
    ],
)
def test_broken_json_is_told_with_the_item_that_was_meant(
    what: Parameter, text: str, hint: str
) -> None:
    with pytest.raises(InputError) as raised:
        said(what, ("json", text))
    (fault,) = raised.value.faults
    assert fault == Fault("value:= is not valid JSON: Expecting value at column 1", hint)


@pytest.mark.parametrize(
    ("what", "hint"),
    [
        (JSON, "use 'value@my cat'"),
        (TEXT, "use 'value@my cat' to send what is in the file, 'value=@my cat' to send its name"),
    ],
)
def test_a_file_that_is_there_but_not_taken_is_told(what: Parameter, hint: str) -> None:
    misfit = Given(what, "value").named_file("my cat", "@my cat")
    message = "value: '@my cat' is an existing path, but the parameter takes no file"
    assert misfit.fault == Fault(message, hint)


def test_a_parameter_is_called_as_it_was_typed() -> None:
    given = Given(FILE, "My Photo")
    with pytest.raises(Misfit) as raised:
        given.add_text("a.png")
    message = "My Photo: 'a.png' is text, but a file is expected"
    assert raised.value.fault == Fault(message, "use 'My Photo@a.png'")
    assert batch_hint("My Photo") == BATCH.format("'My Photo@{}'")
    slider = Given(PAIR, "My Photo")
    slider.add_file("a")
    with pytest.raises(Misfit) as raised:
        slider.value()
    assert raised.value.fault.hint == "give 'My Photo'@FILE 'My Photo'@FILE"


@pytest.mark.parametrize(
    ("what", "hint"),
    [
        (TEXT, "give value=STRING"),
        (NUMBER, "give value=NUMBER"),
        (FLAG, "give value=BOOLEAN"),
        (JSON, "give value=JSON"),
        (hinted({"type": "integer"}), "give value=INTEGER"),
        (hinted({}), "give value=ANY"),
        (parameter("radio", choices=["a", "b c"]), "give value=a|'b c'"),
        (TAGS, "give value=a|'b c'|d"),
        (listed("integer"), "give value=INTEGER, once for each item"),
        (TABLE, "give value@FILE"),
        (FILE, "give value@FILE"),
        (GALLERY, "give value@FILE"),
        (PAIR, "give value@FILE value@FILE"),
        (MESSAGE, "give value=TEXT, value@FILE or both"),
        (ODD, "give 'my name'=STRING"),
        (ODD_FILE, "give 'my file'@FILE"),
    ],
)
def test_how_a_parameter_is_given_is_told(what: Parameter, hint: str) -> None:
    assert how_to_give(what, piped=False) == hint
    if what.kind != "string":
        assert how_to_give(what, piped=True) == hint


def test_a_text_may_come_from_stdin_where_that_has_data() -> None:
    hint = "give {0}@- for the text from stdin, or {0}=TEXT"
    assert how_to_give(TEXT, piped=True) == hint.format("value")
    assert how_to_give(ODD, piped=True) == hint.format("'my name'")
