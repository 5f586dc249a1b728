"""ITEM syntax: what each word after the endpoint is read as."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.protocol.files import Local
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
        ("Guidance scale=3", Text("Guidance scale", "3")),
        ("Steps (1–50)=3", Text("Steps (1–50)", "3")),
        ("n:=1", Json("n", "1")),
        ("n:=null", Json("n", "null")),
        ("a=b:=c", Text("a", "b:=c")),
        ("a:=b=c", Json("a", "b=c")),
        ("a:b=c", Text("a:b", "c")),
        ("photo@cat.png", File("photo", "cat.png")),
        ("photo@-", File("photo", "-")),
        ("photo@a=b.png", File("photo", "a=b.png")),
        ("photo@http://x/a", File("photo", "http://x/a")),
        ("@cat.png", PositionalFile("cat.png", raw="@cat.png")),
        ("@-", PositionalFile("-", raw="@-")),
        ("@", Positional("@")),
        ("=x", Positional("=x")),
        (":=x", Positional(":=x")),
        (" =x", Positional(" =x")),
        ("https://x.org/?a=b", Text("https://x.org/?a", "b")),
    ],
)
def test_a_word_is_split_at_its_first_separator(word: str, item: Item) -> None:
    if isinstance(item, Text | Json | File):
        item = replace(item, raw=word)
    assert parse_items([word]) == [item]


def test_words_after_the_dashes_are_text_whatever_is_in_them() -> None:
    assert parse_items(["a=1"], ["a=1", "@x", "b:=2"]) == [
        Text("a", "1", raw="a=1"),
        Positional("a=1", literal=True),
        Positional("@x", literal=True),
        Positional("b:=2", literal=True),
    ]


def test_items_of_different_kinds_are_never_equal() -> None:
    same: list[object] = [Text("n", "1"), Json("n", "1"), File("n", "1"), Local("n"), ("n", "1")]
    assert all(a is b or a != b for a in same for b in same)


@given(st.text())
def test_any_text_given_by_name_arrives_unchanged(text: str) -> None:
    assert parse_items([f"name={text}"]) == [Text("name", text, raw=f"name={text}")]


@given(st.text())
def test_any_text_after_the_dashes_arrives_unchanged(text: str) -> None:
    assert parse_items([], [text]) == [Positional(text, literal=True)]
