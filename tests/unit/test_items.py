"""ITEM syntax: what each word after the endpoint is read as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.protocol.items import (
    File,
    Item,
    Json,
    Positional,
    PositionalFile,
    Text,
    parse_items,
)


@pytest.mark.parametrize(
    ("word", "item"),
    [
        ("plain", Positional("plain")),
        ("", Positional("")),
        ("two words", Positional("two words")),
        ("-1", Positional("-1")),
        ("name=text", Text("name", "text")),
        ("name=", Text("name", "")),
        ("name=a=b", Text("name", "a=b")),
        ("name=@not-a-file", Text("name", "@not-a-file")),
        ("name=line\nline", Text("name", "line\nline")),
        ("naïve=é", Text("naïve", "é")),
        ("dashed-name=x", Text("dashed-name", "x")),
        ("n:=1", Json("n", "1")),
        ("n:=null", Json("n", "null")),
        ("a=b:=c", Text("a", "b:=c")),
        ("a:=b=c", Json("a", "b=c")),
        ("photo@cat.png", File("photo", "cat.png", raw="photo@cat.png")),
        ("photo@-", File("photo", "-", raw="photo@-")),
        ("photo@a=b.png", File("photo", "a=b.png", raw="photo@a=b.png")),
        ("photo@http://x/a", File("photo", "http://x/a", raw="photo@http://x/a")),
        ("@cat.png", PositionalFile("cat.png", raw="@cat.png")),
        ("@", Positional("@")),
        ("=x", Positional("=x")),
        ("1=2", Positional("1=2")),
        ("what? a=b", Positional("what? a=b")),
        ("https://x.org/?a=b", Positional("https://x.org/?a=b")),
        ("/tmp/a=b", Positional("/tmp/a=b")),
    ],
)
def test_a_word_is_read_by_the_first_separator_behind_a_name(word: str, item: Item) -> None:
    assert parse_items([word]) == [item]


def test_words_after_the_dashes_are_text_whatever_is_in_them() -> None:
    assert parse_items(["a=1"], ["a=1", "@x", "b:=2"]) == [
        Text("a", "1"),
        Positional("a=1", literal=True),
        Positional("@x", literal=True),
        Positional("b:=2", literal=True),
    ]


def test_a_label_may_hold_blanks_and_separators() -> None:
    labels = ["Guidance scale", "a=b", "a"]
    assert parse_items(["Guidance scale=3", "a=b=c", "a=x"], labels=labels) == [
        Text("Guidance scale", "3"),
        Text("a=b", "c"),
        Text("a", "x"),
    ]


def test_a_sentence_that_only_starts_like_a_label_is_text() -> None:
    assert parse_items(["Guidance scale"], labels=["Guidance scale"]) == [
        Positional("Guidance scale")
    ]


@given(st.text())
def test_any_text_given_by_name_arrives_unchanged(text: str) -> None:
    assert parse_items([f"name={text}"]) == [Text("name", text)]


@given(st.text())
def test_any_text_after_the_dashes_arrives_unchanged(text: str) -> None:
    assert parse_items([], [text]) == [Positional(text, literal=True)]
