"""protocol/told.py: what the line of a row tells of its files, and how two inputs differ."""

import hashlib
from typing import Any

import pytest

from gradio_curl.protocol.told import difference, file_told, text_told, with_files_told


@pytest.mark.parametrize("text", ["", "hello", "é" * 5000, "\udce9"])
def test_a_text_stands_for_itself(text: str) -> None:
    assert text_told("a.txt", text) == text


@pytest.mark.parametrize("text", ["x" * 10_001, "é" * 5000 + "x", "\udce9" * 3334])
def test_a_text_of_more_than_ten_thousand_bytes_is_told_by_its_checksum(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    told = {"@": "a.txt", "size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    assert text_told("a.txt", text) == told


def test_a_file_is_told_by_its_size_where_that_is_known() -> None:
    assert file_told("a.png", 0) == {"@": "a.png", "size": 0}
    assert file_told("a.png", None) == {"@": "a.png"}


def test_files_in_json_are_told_with_where_they_are_and_as_files() -> None:
    told = with_files_told({"a": [{"@": "b.png"}, "c"]}, lambda *of: of, "folder/{}".format)
    assert told == {"a": [("b.png", "folder/b.png", False), "c"]}


@pytest.mark.parametrize(
    ("before", "now", "how"),
    [
        ({"a": None}, {}, " in a"),
        ({}, {"a": None}, " in a"),
        ({"a": 1}, {"a": 1}, ""),
        ([1], {"a": 1}, ""),
        ({"a": 1}, [1], ""),
    ],
)
def test_how_inputs_differ_is_told_where_that_is_plain(before: Any, now: Any, how: str) -> None:
    assert difference(before, now) == how
