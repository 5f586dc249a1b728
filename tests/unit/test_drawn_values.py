"""A return value on a terminal: one way to draw it, cut while it grows and complete at the end."""

import re
from typing import Any

import pytest

from gradio_curl.protocol.events import UNCHANGED
from gradio_curl.protocol.schema import Return
from gradio_curl.render.lines import Canvas
from gradio_curl.render.pictures import sources_in
from gradio_curl.render.values import outputs, value_lines

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
         "assistant\n  · Look\n    hm"),
        ([{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}], "Chatbot",
         "assistant\n  a\n\n  b"),
        ([], "Chatbot", "no messages"),
        ("<p>one</p><p><b>two</b></p>", "HTML", "one\ntwo"),
        (["x", "y"], "Dropdown", "x, y"),
        (["x", "y"], "JSON", '["x", "y"]'),
        ("", "Textbox", "empty"),
        ({"headers": ["a"], "data": []}, "Dataframe", "a\nno rows"),
        ({"headers": [], "data": []}, "Dataframe", "no rows"),
        ({"label": "a", "confidences": [{"label": "a", "confidence": 0.001}]}, "Label", "<1%"),
        ({"label": "a", "confidences": [{"label": "a", "confidence": 0.9999}]}, "Label", ">99%"),
        ({"label": "a", "confidences": [{"label": "a", "confidence": 1}]}, "Label", "100%"),
        ("**bold** <b>", "Markdown", "bold <b>"),
        ("**bold**", "Textbox", "**bold**"),
        ({"image": FILE, "annotations": [{"image": FILE | {"url": "http://h/m"}, "label": "cat"}]},
         "AnnotatedImage", "http://h/file=/srv/a.png"),
        ({"type": "matplotlib", "plot": "x" * 2000}, "Plot", "matplotlib plot, 2.0 kB"),
        ({"__type__": "update", "label": "L"}, "Textbox", "unchanged"),
        (UNCHANGED, "Textbox", "unchanged"),
        (None, "Textbox", "nothing"),
        ({"a": [1, None]}, "JSON", '{"a": [1, null]}'),
        ({"text": "a", "files": []}, "JSON", '{"text": "a", "files": []}'),
        ({"text": "see", "files": [FILE]}, "MultimodalTextbox", "see\nhttp://h/file=/srv/a.png"),
    ],
)  # fmt: skip
def test_each_kind_of_value_can_be_read_at_any_width(
    value: Any, component: str, words: str, columns: int
) -> None:
    assert words in "\n".join(drawn(value, component, columns))


def test_a_file_is_a_link_with_what_is_known_of_it() -> None:
    assert drawn(FILE) == ["http://h/file=/srv/a.png  2.0 kB"]
    assert drawn(FILE | {"mime_type": "text/x"}) == ["http://h/file=/srv/a.png  text/x, 2.0 kB"]
    assert drawn(FILE, columns=30) == ["http://h/file=/srv/a.png", "  2.0 kB"]
    # A terminal wraps the address itself, and there is room in its last row.
    assert drawn(FILE, columns=20) == ["http://h/file=/srv/a.png  2.0 kB"]


def test_where_links_open_a_name_stands_for_the_address() -> None:
    captioned = [{"image": FILE, "caption": "a cat"}]
    (line,) = value_lines(captioned, "Gallery", (), Canvas(80, 24, True, links=True))
    assert ESCAPES.sub("", line) == "a.png  a cat, 2.0 kB"
    assert "http://h/file=/srv/a.png" in line
    (line,) = value_lines(captioned, "Gallery", (), Canvas(80, 24, False, links=True))
    assert line == "http://h/file=/srv/a.png  a cat, 2.0 kB"


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_what_fits_is_the_same_while_it_grows_and_at_the_end(columns: int) -> None:
    data = [TABLE, "text\n" * 5, {"label": "cat", "confidences": None}, 1, [["hi", "yes"]]]
    kinds = ["Dataframe", "Textbox", "Label", "Number", "Chatbot"]
    returns = [Return(kind, "any", kind, False) for kind in kinds]
    canvas = Canvas(columns, 40, True)
    assert outputs(data, returns, (), canvas._replace(room=36)) == outputs(
        data, returns, (), canvas
    )


def test_what_does_not_fit_leaves_short_values_whole() -> None:
    returns = [Return(f"Text {n}", "any", "Textbox", False) for n in range(3)]
    lines = outputs(["short", "x\n" * 50, "y\n" * 50], returns, (), Canvas(80, 24, False, 20))
    assert len(lines) <= 20
    assert lines[:3] == ["Text 0", "short", ""]
    assert lines.count("x") == lines.count("y") == 5


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


def test_outputs_have_the_names_that_info_tells_and_those_of_one_label_a_number() -> None:
    labels = ["Picture", "value_104", "Picture"]
    returns = [Return(label, "any", "Textbox", False) for label in labels]
    lines = outputs(["a", "b", "c"], returns, (), Canvas(80, 24, False))
    assert lines[::3] == ["Picture 1", "value_104", "Picture 2"]


HUGE = 10**400


def test_numbers_that_can_not_be_drawn_are_left_out_or_shown_as_they_are() -> None:
    assert drawn(FILE | {"size": HUGE}) == [FILE["url"]]
    for share in (HUGE, 1e300, float("nan")):
        value = {"label": "a", "confidences": [{"label": "a", "confidence": share}]}
        assert '"confidences": ' in "".join(drawn(value, "Label"))
    assert drawn(HUGE, "Number") == [str(HUGE)]


def test_of_a_chat_the_newest_pictures_are_drawn_of_a_gallery_the_first() -> None:
    shown = [{**FILE, "url": f"http://h/{n}.png"} for n in range(6)]
    said = [{"role": "assistant", "content": {"file": file}} for file in shown]
    assert sources_in(said) == shown[2:]
    assert sources_in([[None, file] for file in shown]) == shown[2:]
    assert sources_in([{"image": file, "caption": None} for file in shown]) == shown[:4]
