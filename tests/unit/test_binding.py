"""Items and an endpoint to the data of a call, and every check on the way."""

import json
from typing import Any

import pytest

from gradio_curl.errors import CannotRead, Fault, InputError
from gradio_curl.protocol import files
from gradio_curl.protocol.binding import Call, bind, unchecked
from gradio_curl.protocol.files import Local, escaped, from_upload, from_url, with_local_files
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.row_binding import RowBinder
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.stdio import to_json
from tests.unit.described import component, endpoint, old_endpoint

GREET = endpoint(
    component("textbox", "Name"),
    component("number", "Count", value=1),
    component("checkbox", "Very excited", value=False),
)
STATEFUL = endpoint(component("button"), component("textbox", "Text"), component("state"))
TAGS = endpoint(component("dropdown", "Tags", choices=["a", "b", "[c"], multiselect=True))
VIDEO = component("video", "Video", schema={"type": "object", "properties": {"video": {}}})


def no_file(path: str) -> str:
    raise CannotRead(f"{path} can't be read: no such file or directory")


def call(to: Endpoint, *words: str, data: Any = None, text: list[str] | None = None) -> Call:
    return bind(to, parse_items(words, text or []), data, read=no_file)


def data(to: Endpoint, *words: str, **given: Any) -> list[Any]:
    return call(to, *words, **given).data


def faults(to: Endpoint, *words: str, **given: Any) -> list[str]:
    with pytest.raises(InputError) as raised:
        call(to, *words, **given)
    return [fault.message for fault in raised.value.faults]


# Where a value goes


def test_what_is_left_out_takes_the_default_of_the_app() -> None:
    assert data(GREET, "Ann") == ["Ann", 1, False]


def test_values_go_by_position_then_by_name() -> None:
    assert data(GREET, "Ann", "very_excited=yes") == ["Ann", 1, True]


def test_a_label_serves_as_a_name() -> None:
    assert data(GREET, "Name=Ann", "Very excited=yes") == ["Ann", 1, True]


@pytest.mark.parametrize("name", ["VERY EXCITED", "very_excited", "Very  excited", "very-excited"])
def test_a_name_serves_in_any_case_and_spacing(name: str) -> None:
    assert data(GREET, "Ann", f"{name}=yes") == ["Ann", 1, True]


@pytest.mark.parametrize("label", ["name=", "name=see ", "name=x", "name", "name:", "name@"])
def test_a_label_never_decides_where_a_word_is_split(label: str) -> None:
    run = endpoint(component("textbox", "Name"), component("file", label, value=None))
    for word in ("name=@secret.txt", "name=see @secret.txt", "name=x:=@y", "name=x=@secret.txt"):
        assert data(run, word) == [word.partition("=")[2], None]


@pytest.mark.parametrize("text", ["https://x.org/?a=b", "/tmp/a=b", "1=2", "what? a=b", "x = 1"])
def test_text_that_only_has_a_separator_in_it_is_text(text: str) -> None:
    assert data(GREET, text) == [text, 1, False]


def test_a_label_that_two_parameters_share_names_none() -> None:
    twins = old_endpoint(component("textbox", "Text"), component("textbox", "Text"))
    assert data(twins, "text=a", "text_2=b") == ["a", "b"]
    assert faults(twins, "Text=a", "text=b", "text_2=c") == [
        "Text is ambiguous: 2 parameters are called so"
    ]


def test_slots_that_the_server_fills_are_null() -> None:
    assert data(STATEFUL, "hello") == [None, "hello", None]


def test_text_after_the_dashes_is_never_an_item() -> None:
    assert data(GREET, text=["name=@x"]) == ["name=@x", 1, False]
    assert data(GREET, "count=2", text=["Ann"]) == ["Ann", 2, False]


def test_an_explicit_null_is_no_default() -> None:
    assert data(GREET, "Ann", "count:=null") == ["Ann", None, False]


def test_an_address_is_text_where_no_parameter_is_called_so() -> None:
    assert data(GREET, "me@x.org") == ["me@x.org", 1, False]


def test_text_can_come_from_a_file_but_never_through_an_equals_sign() -> None:
    items = parse_items(["name@words.txt"])
    assert bind(GREET, items, read=lambda path: f"<{path}>").data[0] == "<words.txt>"
    assert data(GREET, "name=@words.txt")[0] == "@words.txt"


def test_a_list_of_choices_is_given_one_by_one_or_as_json() -> None:
    assert data(TAGS, "tags=a", "tags=b") == [["a", "b"]]
    assert data(TAGS, 'tags=["a"]') == [["a"]]
    assert data(TAGS, 'tags:=["a"]') == [["a"]]
    assert data(TAGS, "tags:=[]") == [[]]


# --data


@pytest.mark.parametrize(
    "body",
    [
        ["Ann", 2, True],
        {"name": "Ann", "count": 2, "very_excited": True},
        {"Name": "Ann", "Count": 2, "Very excited": True},
        {"data": ["Ann", 2, True]},
    ],
    ids=["list", "names", "labels", "whole body"],
)
def test_data_in_any_form_means_the_same(body: Any) -> None:
    assert call(GREET, data=body) == Call(["Ann", 2, True])


def test_a_whole_body_names_the_session() -> None:
    assert call(GREET, data={"data": ["Ann"], "session_hash": "s"}) == Call(["Ann", 1, False], "s")


def test_items_override_data() -> None:
    assert data(GREET, "count=3", data=["Ann", 2]) == ["Ann", 3, False]


def test_a_list_may_have_the_slots_of_state_and_buttons_or_not() -> None:
    assert data(STATEFUL, data=[None, "hello", None]) == [None, "hello", None]
    assert data(STATEFUL, data=["hello"]) == [None, "hello", None]


def test_a_parameter_called_data_is_meant_by_its_name() -> None:
    run = endpoint(component("json", "Data"))
    assert data(run, data={"data": [1, 2]}) == [[1, 2]]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("text", "--data must be a list or an object"),
        (["Ann", 1, True, 4], "/run takes 3 values, 4 given"),
        ({"nam": "Ann", "name": "Ann"}, "unknown parameter nam for /run"),
        (["Ann", "2"], 'count: "2" is not a number'),
    ],
)
def test_data_that_does_not_fit_is_told(body: Any, fault: str) -> None:
    assert fault in faults(GREET, data=body)


def test_a_session_that_is_no_text_is_a_fault() -> None:
    body = {"data": ["Ann"], "session_hash": 5}
    assert faults(GREET, data=body) == ["session_hash must be a string"]
    with pytest.raises(InputError, match="must be a string"):
        unchecked(body)


def test_unchecked_data_is_sent_as_it_is() -> None:
    assert unchecked([1, "x"]) == Call([1, "x"])
    assert unchecked({"data": [1], "session_hash": "s"}) == Call([1], "s")
    for body in (None, {"name": 1}, {"data": "x"}, "x", 3):
        with pytest.raises(InputError) as raised:
            unchecked(body)
        assert raised.value.message == (
            "--no-check needs --data with a list, or a body that has one as its data"
        )


# Faults


def test_all_faults_of_a_call_are_told_at_once() -> None:
    assert faults(GREET, "count=abc", "very_excited=maybe", "nme=Ann") == [
        "count: 'abc' is not a number",
        "very_excited: 'maybe' is neither true nor false",
        "unknown parameter nme for /run",
        "name is missing",
    ]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["name=a", "name=b"], "name: given twice"),
        (["a", "name=b"], "name: given twice"),
        (["a", "1", "true", "more"], "/run takes 3 values, 4 given"),
        (["name=a", "b"], "positional value 'b' after a named one"),
        (["name=a", "nmae@x"], "unknown parameter nmae for /run"),
        (["name:={"], "name:= is not valid JSON"),
        (["name:=5"], "name: 5 is not a string"),
        (["name=a\udcff"], "name: the text is not valid UTF-8"),
        (["name@nope.txt"], "nope.txt can't be read: no such file or directory"),
        (["name@https://x.org/a"], "name@ takes a URL only where the parameter is a file"),
    ],
)
def test_a_fault_is_one_clear_line(words: list[str], fault: str) -> None:
    (told,) = faults(GREET, *words)
    assert told.startswith(fault)


def test_an_unreadable_file_has_an_exit_code_of_its_own_where_it_is_the_only_fault() -> None:
    with pytest.raises(InputError) as alone:
        call(GREET, "name@nope.txt")
    with pytest.raises(InputError) as among_others:
        call(GREET, "name@nope.txt", "count=x")
    assert (alone.value.exit_code, among_others.value.exit_code) == (26, 2)


def hints(to: Endpoint, *words: str, **given: Any) -> list[str]:
    with pytest.raises(InputError) as raised:
        call(to, *words, **given)
    return [fault.hint for fault in raised.value.faults]


DESCRIBED = endpoint(component("textbox", "Text"))
PICTURE = endpoint(component("image", "Photo"))


UPLOADED = '[{"path": "/a", "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}}]'


# Of its labels one is a value too, one is very long.
CHOICES = [["One, or so", 1], "", "a|b", "it's", "日本", ["5", 6], ["1" * 50, 7]]
ODD = endpoint(component("radio", "Size", choices=CHOICES))
LIST = endpoint(component("api", "L", schema={"type": "array", "items": {}}))
INTEGERS = endpoint(component("api", "L", schema={"type": "array", "items": {"type": "integer"}}))


@pytest.mark.parametrize(
    ("to", "words", "hint"),
    [
        (DESCRIBED, ["two", "words"], "quote text that has blanks: 'two words'"),
        (DESCRIBED, ["-"], "use @- for stdin, or NAME=- for the text"),
        (DESCRIBED, ['{"text": "bob"}'], """use -d '{"text": "bob"}'"""),
        (DESCRIBED, ['{"data": ["bob"]}'], """use -d '{"data": ["bob"]}'"""),
        (DESCRIBED, ["text:=@a b.json"], "use 'text@a b.json'"),
        (DESCRIBED, ["text:=bob smith"], "for a text, use 'text=bob smith'"),
        (
            GREET,
            ["name=bob", "smith"],
            "quote text that has blanks: 'name=bob smith'; or name it: NAME=smith",
        ),
        (GREET, ["name=bob", "count=1", "x"], "name it: NAME=x"),
        (
            DESCRIBED,
            ["let x=5"],
            "there are: text; for the text itself: -- 'let x=5'",
        ),
        (PICTURE, ["photo=holiday 01.jpg"], "use 'photo@holiday 01.jpg'"),
        (PICTURE, ["Photo=a.png"], "use Photo@a.png"),
        (PICTURE, ["a.png"], "use photo@a.png"),
        (
            PICTURE,
            ["photo@a", "photo@b", "photo@c"],
            "for a call per file: printf '%s\\n' FILE... | "
            "gradio-curl call APP ENDPOINT 'photo@{}' --batch -",
        ),
        (PICTURE, [UPLOADED], f"use 'photo:={UPLOADED}'"),
        (PICTURE, [f"photo={UPLOADED}"], f"use 'photo:={UPLOADED}'"),
        (PICTURE, ['[{"path": "a"}]'], """use 'photo@[{"path": "a"}]'"""),
        (
            endpoint(component("gallery", "Photos")),
            ["@a b.png", "@c.png"],
            "use 'photos@a b.png' photos@c.png",
        ),
        (endpoint(component("imageslider", "S")), ["s@a"], "give s@FILE s@FILE"),
        (endpoint(component("json", "J")), ["j=it's"], """give JSON, such as 'j:={"key": 1}'"""),
        (endpoint(component("json", "J")), ["j=[1,2"], ""),
        (TAGS, ["a", "b c"], "use tags=a 'tags=b c'"),
        (TAGS, ["tags="], "for an empty list, use 'tags:=[]'"),
        (TAGS, ["tags=a,b"], "use tags=a tags=b"),
        (TAGS, ["tags=a,d"], "choose from a|b|'[c'"),
        (ODD, ["size=4"], "choose from 'One, or so' (1)|''|'a|b'|'it'\"'\"'s'|日本|5 (6)|7"),
        (ODD, [], "give size='One, or so' (1)|''|'a|b'|'it'\"'\"'s'|日本|5 (6)|7"),
        (LIST, ["l=1"], "give a list as JSON, such as 'l:=[1, 2]'"),
        (LIST, ["l=[x"], "give a list as JSON, such as 'l:=[1, 2]'"),
        (INTEGERS, ["l=1,2"], "use l=1 l=2"),
        (PICTURE, ["@"], "use photo@FILE"),
        (DESCRIBED, ["a=b c"], "there are: text; for the text itself: -- 'a=b c'"),
        (
            endpoint(component("textbox", "Question"))._replace(from_labels=True),
            ["x=1"],
            "there are: question; for the text itself: -- x=1\nthese are made from labels, since "
            "the app does not name its parameters: values can also be given in order, after --",
        ),
        (
            endpoint(component("multimodaltextbox", "Say")),
            ["hi", "@a b.png"],
            "use say=hi 'say@a b.png'",
        ),
        (
            endpoint(component("multimodaltextbox", "Say")),
            ["a", "b"],
            "quote text that has blanks: 'a b'",
        ),
        (endpoint(component("imageslider", "S")), ["@a", "@b"], "use s@a s@b"),
        (TAGS, [""], "for an empty list, use 'tags:=[]'"),
    ],
)
def test_a_fault_says_what_to_type(to: Endpoint, words: list[str], hint: str) -> None:
    assert hints(to, *words)[0] == hint


GALLERY = endpoint(component("gallery", "Photos"))
CHAT = endpoint(component("multimodaltextbox", "Say"))
JSON_FIRST = endpoint(component("json", "Value"), component("textbox", "Text", value=""))
BEHIND = "positional value {!r} after a named one"


@pytest.mark.parametrize(
    ("to", "words", "message", "hint"),
    [
        (DESCRIBED, ["-"], "'-' is not a value", "use @- for stdin, or NAME=- for the text"),
        (
            DESCRIBED,
            ['{"text": "' + "x" * 28 + '"}'],
            repr('{"text": "' + "x" * 28 + '"}') + " is JSON for --data",
            "use -d '{\"text\": \"" + "x" * 28 + "\"}'",
        ),
        (
            DESCRIBED,
            ['{"text": "' + "x" * 29 + '"}'],
            repr('{"text": "' + "x" * 29 + "…") + " is JSON for --data",
            "use -d '{\"text\": \"" + "x" * 29 + "\"}'",
        ),
        (GREET, ["a", '{"name": 1}'], "count: '{\"name\": 1}' is not a number", ""),
        (GREET, ["a", "1", "yes", "x"], "/run takes 3 values, 4 given", ""),
        (DESCRIBED, ["a", "b"], "/run takes 1 value, 2 given", "quote text that has blanks: 'a b'"),
        (DESCRIBED, ["a", "@b"], "/run takes 1 value, 2 given", ""),
        (DESCRIBED, ["@a", "@b"], "/run takes 1 value, 2 given", ""),
        (endpoint(), ["a"], "/run takes 0 values, 1 given", ""),
        (endpoint(), ["@a"], "/run takes 0 values, 1 given", ""),
        (INTEGERS, ["1", "2"], "/run takes 1 value, 2 given", "use l=1 l=2"),
        (
            GALLERY,
            ["@a", "@b", "@c", "@d"],
            "/run takes 1 value, 4 given",
            "use photos@a photos@b photos@c photos@d",
        ),
        (
            GALLERY,
            ["@a", "@b", "@c", "@d", "@e"],
            "/run takes 1 value, 5 given",
            "use photos@a photos@b photos@c photos@d …",
        ),
        (
            CHAT,
            ["hi", "@a", "@b", "@c", "@d", "you"],
            "/run takes 1 value, 6 given",
            "use 'say=hi you' say@a say@b say@c say@d",
        ),
        (
            CHAT,
            ["@a", "@b", "@c", "@d", "hi", "@e"],
            "/run takes 1 value, 6 given",
            "use say=hi say@a say@b say@c say@d …",
        ),
        (GREET, ["name=a", "b c"], BEHIND.format("b c"),
         "quote text that has blanks: 'name=a b c'; or name it: NAME='b c'"),
        (GREET, ["name:=\"a\"", "b"], BEHIND.format("b"), "name it: NAME=b"),
        (
            GREET,
            ["name=a", "see me@x"],
            "unknown parameter see me for /run",
            "there are: name, count, very_excited; for the text itself: -- 'see me@x'",
        ),
        (
            GREET,
            ["name=a", "nme@x"],
            "unknown parameter nme for /run",
            "did you mean name? there are: name, count, very_excited",
        ),
        (GREET, ["name@http://x/a"],
         "name@ takes a URL only where the parameter is a file", ""),
    ],
)  # fmt: skip
def test_what_stands_in_the_wrong_place_is_told(
    to: Endpoint, words: list[str], message: str, hint: str
) -> None:
    with pytest.raises(InputError) as raised:
        call(to, *words)
    assert (message, hint) in [fault[:2] for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("to", "word", "value"),
    [
        (DESCRIBED, "{}", "{}"),
        (DESCRIBED, "[1]", "[1]"),
        (DESCRIBED, '{"text": "a"', '{"text": "a"'),
        (DESCRIBED, '{"text": "a", "other": 1}', '{"text": "a", "other": 1}'),
        (DESCRIBED, "{" * 100_000, "{" * 100_000),
        (JSON_FIRST, '{"text": "a"}', {"text": "a"}),
        (endpoint(component("api", "V", schema={})), '{"v": 1}', '{"v": 1}'),
        (endpoint(component("api", "V", schema={"type": "object"})), '{"v": 1}', {"v": 1}),
        (
            endpoint(component("dataframe", "Rows")),
            '{"data": [["a"]]}',
            {"data": [["a"]], "headers": ["1"]},
        ),
    ],
)
def test_text_that_looks_like_json_is_a_value_where_it_may_be(
    to: Endpoint, word: str, value: Any
) -> None:
    assert data(to, word)[0] == value


def test_json_for_data_is_told_where_another_parameter_takes_objects() -> None:
    run = endpoint(component("textbox", "Text"), component("json", "Value", value=None))
    assert faults(run, '{"text": "a"}')[0] == '\'{"text": "a"}\' is JSON for --data'
    assert faults(run, '{"text": "a", "value": 1}')[0].endswith(" is JSON for --data")
    assert faults(run, '{"data": [], "text": 1, "value": 1}')[0].endswith(" is JSON for --data")


def test_of_what_a_whole_body_has_beside_data_four_are_told() -> None:
    body = {"data": ["a"], "x" * 41: 1, "b": 2, "c": 3, "d": 4, "e": 5}
    with pytest.raises(InputError) as raised:
        call(DESCRIBED, data=body)
    assert raised.value.faults == [
        Fault(
            f"unknown {'x' * 39}…, b, c, d beside data in --data",
            "give parameters in a list, or all by name without data",
        )
    ]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"data": ["a"], "text": "b"}, "unknown text beside data in --data"),
        ({"data": ["a"], "x": 1, "y": 1}, "unknown x, y beside data in --data"),
        (
            {"data": ["a"], "fn_index": 3},
            "--data is for another endpoint: its fn_index is 3, not 10",
        ),
    ],
)
def test_nothing_of_a_whole_body_is_dropped_in_silence(body: Any, fault: str) -> None:
    assert faults(DESCRIBED, data=body) == [fault]
    with pytest.raises(InputError):
        unchecked(body | {"x": 1})


def test_a_token_in_a_whole_body_is_told_where_to_go() -> None:
    body = {"data": ["a"], "oauth_token": "hf_x"}
    assert hints(DESCRIBED, data=body) == ["give the token with --oauth-token"]


def test_a_body_of_gradios_own_page_is_taken() -> None:
    body = {"data": ["a"], "fn_index": 10, "event_data": None, "trigger_id": 3}
    assert call(DESCRIBED, data=body | {"session_hash": "s"}) == Call(["a"], "s")
    assert call(DESCRIBED, data=body | {"fn_index": None}) == Call(["a"])
    assert unchecked(body) == Call(["a"])


def test_a_fault_names_the_parameter_as_it_was_typed() -> None:
    assert faults(GREET, "name=x", "Count=y") == ["Count: 'y' is not a number"]


@pytest.mark.parametrize("words", [["@a"] * 60, ["photo@a"] * 60])
def test_sixty_files_where_one_is_taken_are_one_fault(words: list[str]) -> None:
    assert len(faults(PICTURE, *words)) == 1
    assert hints(PICTURE, *words)[0].endswith("'photo@{}' --batch -")


def test_files_of_a_glob_are_told_as_files() -> None:
    (hint,) = hints(PICTURE, "a.png", "b c.png")
    assert hint.endswith("'photo@{}' --batch -")
    gallery = endpoint(component("gallery", "Photos"))
    assert hints(gallery, "a.png", "b c.png") == ["use photos@a.png 'photos@b c.png'"]


def test_an_object_by_position_is_a_value_where_the_parameter_takes_one() -> None:
    assert data(endpoint(component("json", "Data")), '{"data": 1}') == [{"data": 1}]
    assert data(DESCRIBED, '{"other": 1}') == ['{"other": 1}']


@pytest.mark.parametrize(("words", "path"), [(["@-"], "-"), (["text@a.txt"], "a.txt")])
def test_one_final_newline_of_a_text_that_is_read_is_dropped(words: list[str], path: str) -> None:
    contents = {path: "line\n\n"}
    assert bind(DESCRIBED, parse_items(words), read=contents.__getitem__).data == ["line\n"]


def test_choices_that_an_event_may_change_are_left_to_the_server_in_a_session() -> None:
    model = component("dropdown", "Model", choices=["none"])
    level = component("slider", "Level", minimum=0, maximum=10)
    run = endpoint(model, level)
    free = run._replace(parameters=tuple(p._replace(changeable=True) for p in run.parameters))
    items = parse_items(["new", "50"])
    assert bind(free, items, read=no_file, in_session=True).data == ["new", 50]
    low = parse_items(["new", "-50"])
    assert bind(free, low, read=no_file, in_session=True).data == ["new", -50]
    body = {"data": ["new", 50], "session_hash": "s"}
    assert bind(free, [], body, read=no_file).data == ["new", 50]
    for to, in_session in ((free, False), (run, True)):
        with pytest.raises(InputError):
            bind(to, items, read=no_file, in_session=in_session)
    assert len(faults(free, "new", "50")) == 2


def test_items_of_a_list_are_given_one_by_one_or_as_json() -> None:
    words = endpoint(
        component("api", "Words", schema={"type": "array", "items": {"type": "string"}})
    )
    assert data(words, "words=a", "words=b") == [["a", "b"]]
    assert data(words, 'words=["a"]') == [["a"]]
    numbers = endpoint(
        component("api", "N", schema={"type": "array", "items": {"type": "integer"}})
    )
    assert data(numbers, "n=1", "n=2") == [[1, 2]]
    assert faults(numbers, "n=1.5") == ["n: 1.5 is not an integer"]


def test_messages_of_another_version_are_told_with_the_form_that_the_app_takes() -> None:
    content = {"type": "array", "items": {"type": "object"}}
    message = {"type": "object", "properties": {"role": {"type": "string"}, "content": content}}
    schema = {"type": "array", "items": message}
    shown = [{"role": "user", "content": [{"type": "text", "text": "Hello!"}]}]
    run = endpoint(component("chatbot", "Chat", schema=schema, value=[], example=shown))
    assert data(run, f"chat:={json.dumps(shown)}") == [shown]
    words = ('chat:=[{"role": "user", "content": "hi"}]',)
    assert faults(run, *words) == ['chat[0].content: "hi" is not a list']
    assert hints(run, *words) == [f"this app takes 'chat:={json.dumps(shown)}'"]


def test_a_choice_that_starts_like_json_is_a_choice() -> None:
    assert data(TAGS, "tags=[c", "tags=a") == [["[c", "a"]]


def test_json_given_as_literal_names_no_file() -> None:
    run = endpoint(component("json", "Value"))
    assert data(run, 'value:=={"@": "/etc/passwd"}') == [{"@": "/etc/passwd"}]
    assert data(run, 'value:={"@": "a"}') == [Local("a")]


def test_json_that_is_too_deep_is_a_fault_of_what_was_typed() -> None:
    run = endpoint(component("json", "Value"))
    deep = "[" * 600 + "]" * 600
    for words in ([f"value={deep}"], [f"value:={deep}"]):
        (fault,) = faults(run, *words)
        assert fault.endswith("is nested more than 500 levels deep")


def test_the_text_of_a_file_begins_after_its_byte_order_mark() -> None:
    marked = {"a": "\ufeffhi\n", "b": '\ufeff{"c": 1}'}
    both = endpoint(component("textbox", "Text"), component("json", "Value"))
    items = parse_items(["text@a", "value@b"])
    assert bind(both, items, read=marked.__getitem__).data == ["hi", {"c": 1}]


def test_a_table_comes_from_a_file() -> None:
    run = endpoint(component("dataframe", "Records"))
    (table,) = bind(run, parse_items(["records@p.csv"]), read=lambda path: "a,b\n1,2\n").data
    assert table == {"headers": ["a", "b"], "data": [["1", "2"]]}
    assert data(run, data={"records": [["x"]]}) == [{"headers": ["1"], "data": [["x"]]}]


def test_what_looks_like_a_file_item_is_no_text_of_a_parameter_that_takes_a_file() -> None:
    assert faults(PICTURE, "photto@a.png")[0] == "unknown parameter photto for /run"


# Files


@pytest.mark.parametrize(
    ("described", "words", "value"),
    [
        (component("file", "F"), ["f@a"], Local("a")),
        (component("file", "F"), ["@a"], Local("a")),
        (component("file", "F"), ["f@http://x/a.png"], from_url("http://x/a.png")),
        (component("file", "F", file_count="multiple"), ["f@a", "f@b"], [Local("a"), Local("b")]),
        (
            component("gallery", "F"),
            ["f@a", "f@b"],
            [{"image": Local(path), "caption": None} for path in "ab"],
        ),
        (VIDEO, ["video@a"], {"video": Local("a"), "subtitles": None}),
        (VIDEO, ["video@a", "video@b"], {"video": Local("a"), "subtitles": Local("b")}),
        (component("multimodaltextbox", "F"), ["f=hi"], {"text": "hi", "files": []}),
        (component("multimodaltextbox", "F"), ["hi"], {"text": "hi", "files": []}),
        (
            component("multimodaltextbox", "F"),
            ["f=hi", "f@a"],
            {"text": "hi", "files": [Local("a")]},
        ),
        (
            component("imageeditor", "F"),
            ["f@a", "f@b"],
            {"background": Local("a"), "layers": [Local("b")], "composite": Local("a")},
        ),
    ],
)
def test_a_file_takes_the_shape_of_its_component(
    described: Any, words: list[str], value: Any
) -> None:
    assert data(endpoint(described), *words) == [value]


def test_a_payload_of_an_upload_takes_the_shape_of_its_component() -> None:
    payload = from_upload("/srv/a.png", "a.png")
    gallery = endpoint(component("gallery", "F"))
    shaped = [{"image": payload, "caption": None}]
    assert data(gallery, f"f:={json.dumps([payload])}") == [shaped]
    assert data(gallery, f"f:={json.dumps(payload)}") == [shaped]
    assert data(gallery, data=[shaped]) == [shaped]


def test_a_second_file_is_too_many_where_one_is_taken() -> None:
    assert faults(endpoint(component("file", "F")), "f@a", "f@b") == ["f takes 1 file, 2 given"]


def test_an_object_with_an_at_sign_stands_for_a_file_at_any_depth() -> None:
    nested = {"a": [{"@": "x"}, {"@": "y", "z": 1}], "@": {"@": "http://x/f"}}
    assert with_local_files(nested) == {
        "a": [Local("x"), {"@": "y", "z": 1}],
        "@": from_url("http://x/f"),
    }


def test_an_escaped_reference_is_read_as_what_it_stands_for() -> None:
    app_output = [{"@": "/etc/passwd"}, {"a": {"@@": {"@": "x"}}}, {"@": 1}, {"@": "b", "c": 1}]
    assert with_local_files(escaped(app_output)) == app_output
    assert with_local_files({"@@": {"@": "x"}}) == {"@": Local("x")}


@pytest.mark.parametrize("give", ["data", "json", "unchecked"])
def test_what_we_print_sends_no_file_when_it_is_handed_on(give: str) -> None:
    printed = to_json([{"deep": [{"@": "/etc/passwd"}]}])
    run = endpoint(component("json", "Value"))
    match give:
        case "data":
            bound = call(run, data=json.loads(printed))
        case "json":
            bound = call(run, f"value:={printed[1:-1]}")
        case _:
            bound = unchecked(json.loads(printed))
    assert bound.data == [{"deep": [{"@": "/etc/passwd"}]}]


def test_an_at_sign_by_position_is_text_where_no_file_is_taken() -> None:
    assert data(GREET, "@ann") == ["@ann", 1, False]


@pytest.mark.parametrize(
    ("to", "typed", "hint"),
    [
        (
            GREET,
            "@my notes",
            "use 'name@my notes' to send what is in the file, 'name=@my notes' to send its name",
        ),
        (endpoint(component("dataframe", "Rows")), "@a.csv", "use rows@a.csv"),
        (endpoint(component("json", "Value")), "@a.json", "use value@a.json"),
    ],
)
@pytest.mark.parametrize("batch", [False, True])
def test_a_file_by_position_that_is_there_is_not_sent_as_text(
    to: Endpoint, typed: str, hint: str, batch: bool
) -> None:
    def bound(*words: str) -> Call:
        items = parse_items(words)
        if not batch:
            return bind(to, items, read=no_file, exists=[typed[1:]].__contains__)
        binder = RowBinder(to, items, read=no_file, exists=[typed[1:]].__contains__)
        return binder.fill("", 0)

    with pytest.raises(InputError) as raised:
        bound(typed)
    (fault,) = raised.value.faults
    assert fault.message.endswith(
        f": {typed!r} is an existing path, but the parameter takes no file"
    )
    assert fault.hint == hint
    if to is GREET:
        assert bound("@another").data[0] == "@another"


def test_a_line_of_a_batch_by_position_is_not_a_file_that_is_there() -> None:
    binder = RowBinder(GREET, parse_items(["@{}"]), read=no_file, exists=["a"].__contains__)
    with pytest.raises(InputError):
        binder.fill("a", 0)
    assert binder.fill("b", 0).data[0] == "@b"


ROWS = endpoint(component("dataframe", "Rows"))
VALUE = endpoint(component("json", "Value"))
COLOR = endpoint(component("radio", "Color", choices=["red", "blue"]))
GREET_HAS = "there are: name, count, very_excited"


@pytest.mark.parametrize(
    ("to", "typed", "name", "hint"),
    [
        (
            GREET,
            "nme@a b.txt",
            "nme",
            f"did you mean name? {GREET_HAS}; for the text itself: 'name=nme@a b.txt'",
        ),
        (GREET, "nme@-", "nme", f"did you mean name? {GREET_HAS}; for the text itself: name=nme@-"),
        (GREET, "bob@x", "bob", f"{GREET_HAS}; for the text itself: name=bob@x"),
        (ROWS, "rws@t.csv", "rws", "did you mean rows? there are: rows"),
        (VALUE, "x@v.json", "x", "there are: value"),
        (COLOR, "x@v.json", "x", "there are: color"),
    ],
)
@pytest.mark.parametrize("batch", [False, True])
def test_a_file_that_is_there_behind_a_misspelt_name_is_not_sent_as_text(
    to: Endpoint, typed: str, name: str, hint: str, batch: bool
) -> None:
    is_there = {"a b.txt", "x", "t.csv", "v.json"}.__contains__
    take: Any = RowBinder if batch else bind
    with pytest.raises(InputError) as raised:
        take(to, parse_items([typed]), read=no_file, exists=is_there)
    (fault,) = raised.value.faults
    assert fault[:2] == (f"unknown parameter {name} for /run", hint)


@pytest.mark.parametrize(("line", "path"), [("t.txt", "t.txt"), ("-", "./-")])
def test_a_line_that_is_a_file_behind_a_misspelt_name_is_not_sent_as_text(
    line: str, path: str
) -> None:
    items = parse_items(["nme@{}"])
    binder = RowBinder(GREET, items, read=no_file, exists={path}.__contains__)
    assert binder.fill("b", 0).data[0] == "nme@b"
    assert binder.typed("b", 0) == {"name": "nme@b"}
    with pytest.raises(InputError) as raised:
        binder.fill(line, 0)
    hint = f"did you mean name? {GREET_HAS}; for the text itself: 'name=nme@{{}}'"
    assert raised.value.faults == [Fault("unknown parameter nme for /run", hint)]


def test_text_with_an_at_sign_is_text_where_no_such_file_is_there() -> None:
    def bound(*words: str, literal: str | None = None) -> Any:
        items = parse_items(words, [literal] if literal else [])
        return bind(GREET, items, read=no_file, exists=["t.txt"].__contains__).data[0]

    assert bound("bob@x.com") == "bob@x.com"
    assert bound(literal="nme@t.txt") == "nme@t.txt"
    assert bound("name=nme@t.txt") == "nme@t.txt"
    assert bound("see: @t.txt") == "see: @t.txt"


@pytest.mark.parametrize(
    ("to", "typed", "message", "hint"),
    [
        (ROWS, "rws@no.csv", "unknown parameter rws for /run",
         "did you mean rows? there are: rows"),
        (VALUE, "x@no.json", "unknown parameter x for /run", "there are: value"),
        (ROWS, "rows=x@no.csv", "rows: 'x@no.csv' is not a table",
         "for a table in a file, use rows@FILE"),
        (COLOR, "x@y", "color: 'x@y' is not among the choices", "choose from red|blue"),
    ],
)  # fmt: skip
def test_a_word_that_can_not_be_text_has_a_misspelt_name(
    to: Endpoint, typed: str, message: str, hint: str
) -> None:
    with pytest.raises(InputError) as raised:
        call(to, typed)
    assert [fault[:2] for fault in raised.value.faults] == [(message, hint)]


def test_the_same_fault_is_told_once() -> None:
    unknown = ["unknown parameter tgs for /run", "tags is missing"]
    assert faults(TAGS, "tgs=a", "tgs=b") == unknown
    only_text = endpoint(component("textbox", "Text"))
    assert faults(only_text, "txt=a", "txt=b", "text=") == ["unknown parameter txt for /run"]


def test_a_number_that_the_app_rounds_need_not_be_whole() -> None:
    rounded = endpoint(component("number", "Count", schema={"type": "integer"}))
    assert data(rounded, "1.5") == [1.5]
    assert data(rounded, "count:=-0.25") == [-0.25]
    assert repr(data(rounded, "3")) == "[3]"
    assert faults(rounded, "x") == ["count: 'x' is not a number"]


def test_a_whole_number_is_an_integer_however_it_is_written() -> None:
    count = endpoint(component("api", "Count", schema={"type": "integer"}))
    (value,) = data(count, "2e0")
    assert (value, type(value)) == (2, int)
    assert faults(count, "x") == ["count: 'x' is not an integer"]
    assert hints(count, "count=null") == ["for null, use count:=null"]


def test_a_bad_table_from_a_file_is_not_proposed_as_a_path() -> None:
    people = endpoint(component("dataframe", "People"))
    read = {"a.csv": "a,b\n1\n"}.__getitem__
    with pytest.raises(InputError) as raised:
        bind(people, parse_items(["people@a.csv"]), read=read)
    (fault,) = raised.value.faults
    assert fault.message == "people: row 2 has 1 cell, the header 2"
    assert fault.hint.startswith("give CSV, or JSON")


def test_what_stdin_has_is_proposed_for_a_text_that_is_missing() -> None:
    for piped, hint in ((True, "give name@- for the text from stdin, or name=TEXT"),
                        (False, "give name=STRING")):  # fmt: skip
        with pytest.raises(InputError) as raised:
            bind(GREET, [], read=no_file, piped=piped)
        assert raised.value.faults == [Fault("name is missing", hint)]
    assert hints(GREET) == ["give name=STRING"]


def test_the_files_of_a_call_are_looked_at_by_what_is_handed_in() -> None:
    seen: list[Any] = []

    def file_faults(values: Any) -> list[Fault]:
        seen.extend(files.local_files(values))
        return [Fault("a.png is a directory")]

    with pytest.raises(InputError) as raised:
        bind(PICTURE, parse_items(["@a.png"]), read=no_file, file_faults=file_faults)
    assert (seen, raised.value.faults) == ([Local("a.png")], [Fault("a.png is a directory")])


def test_a_name_in_data_that_several_have_is_told() -> None:
    twins = old_endpoint(component("textbox", "Text"), component("textbox", "Text"))
    assert faults(twins, data={"Text": "a"})[0] == "Text is ambiguous: 2 parameters are called so"


def test_a_list_in_data_that_is_too_long_is_told_without_a_hint() -> None:
    with pytest.raises(InputError) as raised:
        call(GREET, data=["Ann", 1, True, 4])
    assert raised.value.faults == [Fault("/run takes 3 values, 4 given")]


def test_a_word_that_looks_like_an_item_may_be_the_text_itself() -> None:
    only = endpoint(component("textbox", "Text"))
    there_are = "there are: text"
    assert hints(only, "size:=1")[0] == f"{there_are}; for the text itself: -- size:=1"
    assert hints(only, data={"size": 1})[0] == there_are


@pytest.mark.parametrize(
    ("words", "hint"),
    [(["-", "x"], "quote text that has blanks: '- x'"),
     (['{"data": 1}', "x"], """quote text that has blanks: '{"data": 1} x'""")],
)  # fmt: skip
def test_what_is_not_a_value_counts_as_one(words: list[str], hint: str) -> None:
    assert hints(endpoint(component("textbox", "Text")), *words)[-1] == hint
