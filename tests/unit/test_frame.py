"""Whatever an app sends, the live view stays within the screen and says nothing to the terminal."""

import re
import unicodedata
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.protocol.events import Bar, Queued, Started
from gradio_curl.protocol.schema import Return
from gradio_curl.render.frame import Frames, cells, log_lines, result_lines
from gradio_curl.render.scene import Scene, Transfer

ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")

META = {"_type": "gradio.FileData"}

texts = st.text(max_size=40) | st.sampled_from(
    ["\x1b[2J", "漢字 " * 30, "\r\n" * 20, "\x9b1A\ud800"]
)
numbers = st.none() | st.integers(-5, 50) | st.floats()
plain = numbers | st.booleans() | texts
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
known = st.one_of(
    st.fixed_dictionaries({"label": plain, "confidences": st.lists(values, max_size=3)}),
    st.fixed_dictionaries({"headers": st.lists(plain, max_size=3), "data": st.lists(values)}),
    st.fixed_dictionaries({"type": texts, "plot": texts}),
    st.fixed_dictionaries({"path": texts, "url": texts, "meta": st.just(META)}),
    st.lists(st.fixed_dictionaries({"role": texts, "content": values}), max_size=3),
)  # fmt: skip
bars = st.builds(Bar, numbers, numbers, st.none() | texts, numbers, st.none() | texts)
states: st.SearchStrategy[Any] = st.one_of(
    texts,
    st.builds(Transfer, st.just("uploading"), texts, st.integers(0, 99), st.none() | st.just(99)),
    st.builds(Queued, numbers, numbers, numbers),
    st.builds(Started, numbers),
)


@given(states, st.lists(bars, max_size=3), st.lists(values | known, max_size=3), st.booleans())
def test_a_frame_fits_and_is_harmless(
    state: Any, shown: list[Bar], data: list[Any], chat: bool
) -> None:
    component = "Chatbot" if chat else "JSON"
    returns = tuple(Return("label\x1b[2J\n", "any", component, False) for _ in data)
    scene = Scene(True, True, state, bars=tuple(shown), returns=returns, data=data)
    for columns in (40, 80):
        lines = Frames().draw(scene, columns, 24)
        assert len(lines) < 24
        for line in [*lines, *result_lines(scene, columns, 24)]:
            assert line not in lines or cells(line) <= columns
            assert "Cc" not in set(map(unicodedata.category, ESCAPES.sub("", line))), repr(line)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=3))
def test_messages_are_harmless(told: list[tuple[str, str]]) -> None:
    for line in log_lines(told, 40, True):
        assert "\x1b" not in ESCAPES.sub("", line)
