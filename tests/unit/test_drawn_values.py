"""A return value on a terminal: one way to draw it, cut while it grows and complete at the end."""

import re
from typing import Any

import pytest

from gradio_curl.protocol.schema import Return
from gradio_curl.render.values import Canvas, outputs, value_lines

FILE: dict[str, Any] = {
    "path": "/srv/a.png",
    "url": "http://h/file=/srv/a.png",
    "size": 2048,
    "mime_type": "image/png",
    "meta": {"_type": "gradio.FileData"},
}
ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")
TABLE = {"headers": ["name", "age"], "data": [["ann", 3], ["bob", 41]]}
WIDE = {"headers": [f"column {n}" for n in range(12)], "data": [["x" * 20] * 12]}


def drawn(value: Any, component: str = "", columns: int = 80, room: int | None = None) -> list[str]:
    lines = value_lines(value, component, (), Canvas(columns, 24, True, room))
    return [ESCAPES.sub("", line) for line in lines]


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_two_rows_of_a_table_take_three_lines_below_the_label(columns: int) -> None:
    assert drawn(TABLE, columns=columns) == ["name  age", "ann     3", "bob    41"]


def test_a_table_too_wide_for_the_screen_is_a_cell_a_line() -> None:
    lines = drawn(WIDE, columns=80)
    assert len(lines) == 13
    assert lines[:2] == ["row 1", f"column 0   {'x' * 20}"]


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize(
    ("value", "component", "words"),
    [
        ({"label": "cat", "confidences": [{"label": "cat", "confidence": 0.7}]}, "Label", "70%"),
        ([{"token": "Bob", "class_or_confidence": "PER"}], "HighlightedText", "Bob[PER]"),
        ([["hi", "# yes"]], "Chatbot", "user\n  hi\n\nassistant\n  yes"),
        ([{"role": "assistant", "content": "hm", "metadata": {"title": "Look"}}], "Chatbot",
         "assistant · Look\n  hm"),
        ("**bold** <b>", "Markdown", "bold <b>"),
        ("**bold**", "Textbox", "**bold**"),
        ({"image": FILE, "annotations": [{"image": FILE | {"url": "http://h/m"}, "label": "cat"}]},
         "AnnotatedImage", "http://h/file=/srv/a.png"),
        ({"type": "matplotlib", "plot": "x" * 2000}, "Plot", "matplotlib plot, 2.0 kB"),
        ({"__type__": "update", "label": "L"}, "Textbox", "unchanged"),
        (None, "Textbox", "nothing"),
        ({"a": [1, None]}, "JSON", '{"a": [1, null]}'),
    ],
)  # fmt: skip
def test_each_kind_of_value_can_be_read_at_any_width(
    value: Any, component: str, words: str, columns: int
) -> None:
    assert words in "\n".join(drawn(value, component, columns))


def test_a_file_is_a_link_with_what_is_known_of_it() -> None:
    assert drawn(FILE) == ["http://h/file=/srv/a.png  image/png, 2.0 kB"]
    assert drawn(FILE, columns=30) == ["http://h/file=/srv/a.png", "  image/png, 2.0 kB"]


def test_a_cut_text_shows_its_end_and_a_complete_one_all() -> None:
    text = "\n".join(map(str, range(30)))
    assert drawn(text, room=3) == ["… 28 more lines above", "28", "29"]
    assert drawn(text) == text.split("\n")
    assert drawn("x" * 100, columns=40) == ["x" * 100]  # the terminal wraps it, as in the frame:
    assert drawn("x" * 100, columns=40, room=9) == ["x" * 40, "x" * 40, "x" * 20]


def test_links_in_markdown_go_to_the_web_only() -> None:
    text = "[a](javascript:x) ![b](file:///etc/passwd) ![c](https://h/c.png)"
    lines = value_lines(text, "Markdown", (), Canvas(80, 24, True))
    assert set(re.findall(r"\x1b\]8;[^;]*;([^\x1b]+)\x1b", "".join(lines))) <= {"https://h/c.png"}


def test_thirteen_outputs_can_be_told_apart_and_one_needs_no_label() -> None:
    returns = [Return(f"Label {n}", "any", "Textbox", False) for n in range(13)]
    lines = outputs([f"value {n}" for n in range(13)], returns, (), Canvas(80, 24, False))
    assert lines[:4] == ["Label 0", "value 0", "", "Label 1"]
    assert outputs(["alone"], returns[:1], (), Canvas(80, 24, False)) == ["alone"]
    assert outputs([1, None], returns[:2], (), Canvas(80, 24, False)) == [
        "Label 0  1",
        "Label 1  nothing",
    ]
