"""What is written: JSON for any reader, text that only grows, nothing that moves a cursor."""

import io
import json
import sys
import unicodedata
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.errors import AppError
from gradio_curl.protocol.events import (
    Bar,
    Generating,
    Heartbeat,
    Log,
    Progress,
    Queued,
    Started,
    from_queue,
)
from gradio_curl.protocol.schema import UNKNOWN, Return
from gradio_curl.render import stdio
from gradio_curl.render.growing import GrowingText, message_text
from gradio_curl.render.html import plain_message, plain_text
from gradio_curl.render.jsonl import JsonLines
from gradio_curl.render.renderer import Result
from gradio_curl.render.stdio import (
    Stdout,
    harmless,
    message_lines,
    messages_to,
    report,
    safe_link,
    say,
    to_json,
)
from gradio_curl.render.text import describe, failure_text, value_text

FILE: dict[str, Any] = {
    "path": "/srv/a.png",
    "url": "http://h/file=/srv/a.png",
    "meta": {"_type": "gradio.FileData"},
}


URL = FILE["url"]
SAVED = {**FILE, "saved": "out/a.png"}
USER = {"role": "user", "content": "hi"}
ANSWER = {"role": "assistant", "content": ""}
WORD = {"type": "text", "text": "and"}
HTML = {"component": "html", "props": {}, "value": '<p>Done</p><a href="x"><br></a>'}
RETURNS = tuple(Return(kind, "any", kind, False) for kind in ("Textbox", "Chatbot"))
CHAT = UNKNOWN._replace(returns=RETURNS)

Pipe = pytest.CaptureFixture[bytes]


@pytest.fixture
def pipe(capsysbinary: Pipe) -> Pipe:
    """Stdout, which is no terminal."""
    return capsysbinary


def written(pipe: Pipe) -> str:
    return pipe.readouterr().out.decode()


class Terminal(io.TextIOWrapper):
    """Stdout that is a terminal."""

    def isatty(self) -> bool:
        return True


# JSON


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([float("nan"), float("inf"), 1.5], "[null, null, 1.5]"),
        ({"a": [float("-inf")]}, '{"a": [null]}'),
        ("é漢", '"é漢"'),
        ("a\u2028b\u2029c\x85", '"a\\u2028b\\u2029c\\u0085"'),
        ("a\nb", '"a\\nb"'),
        (2**70, "1180591620717411303424"),
    ],
)
def test_json_is_what_every_reader_takes(value: Any, text: str) -> None:
    assert to_json(value) == text


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_value_is_one_line_that_reads_back_the_same(value: Any) -> None:
    text = to_json(value)
    assert len(text.splitlines()) == 1
    assert json.loads(text) == value


def test_a_lone_surrogate_is_escaped_in_json_and_replaced_in_text(pipe: Pipe) -> None:
    stdout = Stdout()
    stdout.json(to_json("a\ud800b"))
    stdout.text("a\ud800b\ud83d\ude00\n")
    assert written(pipe) == '"a\\ud800b"\na\ufffdb\U0001f600\n'


# Text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is\n", "as it is\n"),
        ("", ""),
        (None, "null"),
        (True, "true"),
        (1.0, "1.0"),
        ({"a": "é"}, '{"a": "é"}'),
        (FILE, "http://h/file=/srv/a.png"),
        (SAVED, "out/a.png"),
        ({"path": "x"}, '{"path": "x"}'),
        ([FILE, {**FILE, "saved": "out/b.png"}], f"{URL}\nout/b.png"),
        (
            [{"image": FILE, "caption": "one"}, {"image": FILE, "caption": None}],
            f"{URL}\tone\n{URL}",
        ),
        ([{"video": SAVED, "caption": " two\tlines\n\x1b[m"}], "out/a.png\ttwo lines ^[[m"),
        ({"video": FILE, "subtitles": None}, URL),
        ({"image": FILE, "annotations": [{"image": FILE, "label": "cat"}]}, f"{URL}\n{URL}\tcat"),
        ({"image": FILE, "annotations": [{"image": SAVED, "label": 3}]}, f"{URL}\nout/a.png\t3"),
        ({"background": FILE, "layers": [], "composite": FILE, "id": 3}, None),
        ({"text": "see", "files": [FILE]}, f"see\n{URL}"),
        ([FILE, "no file"], None),
        ([], "[]"),
        ({"__type__": "update", "value": "new", "label": "L"}, "new"),
        ({"__type__": "update", "label": "L"}, "null"),
    ],
)
def test_a_value_as_text(value: Any, text: str) -> None:
    assert value_text(value) == (to_json(value) if text is None else text)


@pytest.mark.parametrize("component", ["MultimodalTextbox", "JSON", "Api", ""])
@pytest.mark.parametrize("files", [[], [FILE], ["a.png"]])
def test_only_a_multimodal_textbox_returns_messages(component: str, files: list[Any]) -> None:
    """Any JSON may have the same keys. Where the component is not known, files tell."""
    value = {"text": "see", "files": files}
    is_message = {"MultimodalTextbox": files != ["a.png"], "": files == [FILE]}.get(component)
    text = "\n".join(["see", *([URL] if files == [FILE] else [])])
    assert value_text(value, component) == (text if is_message else to_json(value))


def test_a_chat_message_is_its_text_in_any_chat() -> None:
    message = {"role": "assistant", "content": {"text": "see", "files": []}}
    assert message_text([message]) == message_text([["hi", message["content"]]]) == "see"


def test_control_characters_are_visible_instead_of_obeyed() -> None:
    assert harmless("\x1b[31mred\x07\r\x9b\u202e\x7f") == "^[[31mred^G^M<U+009B><U+202E>^?"
    assert harmless("tab\tline\nemoji 👩\u200d🚀 é") == "tab\tline\nemoji 👩\u200d🚀 é"


@pytest.mark.parametrize(
    "text",
    [
        "family 👩\u200d👩\u200d👧, heart ❤\ufe0f",
        "flag 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می\u200cخواهم ക്\u200dഷ",
    ],
)
def test_what_emoji_and_joining_scripts_need_stays(text: str) -> None:
    assert harmless(text) == text


def test_no_other_character_of_unicode_is_obeyed_or_hidden() -> None:
    characters = [chr(code) for code in range(sys.maxunicode + 1)]
    hidden = {c for c in characters if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}
    for around in ("", "a", "\u200b"):
        shown = harmless(around.join(sorted(hidden)))
        assert hidden & set(shown) == {"\t", "\n"}
    text = "".join(c for c in characters if c not in hidden and unicodedata.category(c) != "Cn")
    assert harmless(text) == text


@pytest.mark.parametrize("indent", [None, 2])
def test_json_nested_too_deeply_for_the_encoder_is_written(indent: int | None) -> None:
    value: Any = float("nan")
    for _ in range(2_000):
        value = [value]
    assert to_json(value, indent).count("[") == 2_000
    odd = {"a": [1, {"b": float("nan")}, [], {}, ""], "c": {"d": [float("inf"), 2]}}
    finite = {"a": [1, {"b": None}, [], {}, ""], "c": {"d": [None, 2]}}
    assert to_json(odd, indent) == json.dumps(finite, indent=indent)


def test_into_a_pipe_text_goes_as_it_is_and_to_a_terminal_made_harmless(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    Stdout().text("\x1b[31m")
    assert written(pipe) == "\x1b[31m"
    screen = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(screen, encoding="utf-8"))
    Stdout().text("\x1b[31m")
    assert screen.getvalue() == b"^[[31m"


def test_a_result_is_a_value_a_line_or_one_array(pipe: Pipe) -> None:
    Result(Stdout(), as_json=False).finish(["a\nb", 1, {"c": None}], 0)
    Result(Stdout(), as_json=True).finish(["a\nb", 1, {"c": None}], 0)
    assert written(pipe) == 'a\nb\n1\n{"c": null}\n["a\\nb", 1, {"c": null}]\n'


def test_a_failure_is_data_where_data_is_asked_for(pipe: Pipe) -> None:
    Result(Stdout(), as_json=False).fail(AppError("no"), 0)
    Result(Stdout(), as_json=True).fail(AppError("no"), 0)
    assert json.loads(written(pipe)) == {"status": "error", "exit_code": 1, "message": "no"}


@pytest.mark.parametrize("renderer", [JsonLines, partial(Result, as_json=True)])
def test_a_failure_as_data_has_the_title_that_the_app_gave(pipe: Pipe, renderer: Any) -> None:
    renderer(Stdout()).fail(AppError("bad", title="Oh no"), 0)
    renderer(Stdout()).fail(AppError("bad", title="Error"), 0)
    first, second = map(json.loads, written(pipe).splitlines())
    assert (first["message"], first["title"]) == ("bad", "Oh no")
    assert "title" not in second


def test_an_error_is_told_under_its_title_and_without_html() -> None:
    assert failure_text(AppError("Bad <b>x</b>", title="Oh no")) == "Oh no: Bad x"
    assert failure_text(AppError("Bad", title="Error")) == "Bad"


def test_further_lines_of_a_message_can_not_begin_like_ours(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert message_lines("a\ngradio-curl: b\n  c\r\nd") == "a\n  gradio-curl: b\n  c^M\n  d"
    report("first\nsecond", "do this\nthen that")
    assert capfd.readouterr().err == ("gradio-curl: first\n  second\n  do this\n  then that\n")


def test_an_error_is_in_colour_where_that_is_wanted(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stdio, "color", "always")
    report("no \x1b[2J", "do this")
    assert capfd.readouterr().err == (
        "\x1b[1;31mgradio-curl:\x1b[0m no ^[[2J\x1b[2m\n  do this\x1b[0m\n"
    )


def test_messages_go_where_something_is_drawn() -> None:
    told: list[tuple[str, str]] = []
    with messages_to(lambda level, message: told.append((level, message))):
        say("careful", "warning")
    assert told == [("warning", "careful")]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("1 < 2 and <nothing> & <x@y.z>", "1 < 2 and <nothing> & <x@y.z>"),
        (
            'see <a href="https://h/x?a=1&amp;b=2">the docs</a>.',
            "see the docs (https://h/x?a=1&b=2).",
        ),
        ("<a href='https://h/x'>https://h/x</a>", "https://h/x"),
        ("<b>Bold</b><br>next<ul><li>one</li><li>two</li></ul>", "Bold\nnext\n- one\n- two"),
        ("&lt;b&gt; is bold", "<b> is bold"),
        ("<p class='x' id=\"y\">one<BR/>two", "one\ntwo"),
        ("got a<b and c>d", "got a<b and c>d"),
        (
            "<class 'int'> is not a Vec<u> of <a href=x>",
            "<class 'int'> is not a Vec<u> of <a href=x>",
        ),
        ("a <b> for <b> in </i>", "a <b> for <b> in </i>"),
        ("a <i>b</i> < c>d, Map<s, b>", "a b < c>d, Map<s, b>"),
    ],
)
def test_html_in_messages_is_plain_text(message: str, words: str) -> None:
    assert failure_text(AppError(message)) == words
    assert describe(Log("info", message, "Info")) == f"info: {words}"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<table><tr><td>1</td><td>2</td></tr><tr><th>a</th><th>b</th></tr></table>", "1  2\na  b"),
        ("<tr>\n  <td>one\n two</td>\n  <td>3</td>\n</tr>\nnext", "one two  3\nnext"),
        ("<tr><td>open<td>cells<tr><td>x\ny</table>a\nb", "open  cells\nx y\na\nb"),
        ("<html><head><title>T</title><style>a>b{}</style></head><body>text</body>", "text"),
        ("a<script src='x'>if (1<2) '<b>';</script>b<STYLE>x</style >c", "abc"),
        ("a<!-- <b>hidden</b> -- > -->b<!-->c<!--->d", "abcd"),
        ("a<script>never ends<b>", "a"),
        ("a</style>b</script>c-->", "abc-->"),
        ("<section><my-part x=1>one</my-part></section><svg/>two", "one\ntwo"),
        (
            "<dl><dt>term</dt><dd>what</dd></dl> 1 < 2 <3> </ x> <>",
            "term\nwhat\n1 < 2 <3> </ x> <>",
        ),
    ],
)
def test_of_html_what_a_browser_shows_is_shown(html: str, words: str) -> None:
    assert plain_text(html) == words


def test_a_title_is_shown_where_it_says_more() -> None:
    assert describe(Log("warning", "careful", "Take care")) == "warning: Take care: careful"
    assert describe(Log("warning", "careful", "Warning")) == "warning: careful"
    assert failure_text(AppError("No cats", title="Out of stock")) == "Out of stock: No cats"
    assert failure_text(AppError("No cats", title="Error")) == "No cats"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://h.test:8/a b", ""),
        ("https://h.test:8/a%20b?c=é#d", "https://h.test:8/a%20b?c=%C3%A9#d"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("ssh://-oProxyCommand=x", ""),
        ("data:text/html,x", ""),
        ("http://127.0.0.1@evil.test/", ""),
        ("http://evil.test\\@h/", ""),
        ("http://h/\x1b\\", ""),
        ("http://[", ""),
        ("/only/a/path", ""),
    ],
)
def test_a_terminal_links_to_the_web_only(url: str, link: str) -> None:
    assert safe_link(url) == link


# Events


def test_an_event_is_a_line_of_json(pipe: Pipe) -> None:
    lines = JsonLines(Stdout())
    bar = Bar(1, 4, "steps", None, "Working")
    for event in (
        Queued(2, 3, None),
        Started(0.5),
        Progress((bar,)),
        Log("info", "hi", None),
        Generating(["a"]),
        Heartbeat(),
    ):
        lines.show(event, 1.23456)
    lines.finish([FILE], 2)
    lines.fail(AppError("no"), 3)
    assert [json.loads(line) for line in written(pipe).splitlines()] == [
        {"event": "queued", "t": 1.235, "rank": 2, "queue_size": 3, "eta": None},
        {"event": "started", "t": 1.235, "eta": 0.5},
        {
            "event": "progress",
            "t": 1.235,
            "progress": [
                {"index": 1, "length": 4, "unit": "steps", "fraction": None, "desc": "Working"}
            ],
        },
        {"event": "log", "t": 1.235, "level": "info", "message": "hi", "title": None},
        {"event": "generating", "t": 1.235, "data": ["a"]},
        {"event": "heartbeat", "t": 1.235},
        {"event": "complete", "t": 2, "data": [FILE]},
        {"event": "error", "t": 3, "message": "no", "exit_code": 1},
    ]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Queued(2, 3, 4.25), "queued: place 3 of 3, about 4.2 s"),
        (Queued(None, None, None), "queued: waiting"),
        (Started(None), "running"),
        (Progress((Bar(1, 4, "steps", None, "Working"),)), "Working 1/4 steps"),
        (Progress((Bar(None, None, None, 0.25, "quarter"),)), "quarter 25%"),
        (Progress((Bar(None, None, None, 1.7, None),)), "100%"),
        (Log("info", "not for you", None, visible=False), ""),
        (Generating([{"__type__": "update", "visible": False}]), "null"),
        (Progress((Bar(1, None, None, None, None), Bar(2, 3, None, None, "b"))), "1, b 2/3"),
        (Log("warning", "careful", None), "warning: careful"),
        (Generating(["a", 1]), "a\n1"),
        (Heartbeat(), ""),
    ],
)
def test_an_event_in_words(event: Any, words: str) -> None:
    assert describe(event) == words


# Growing text


def grown(pipe: Pipe, *texts: Any) -> str:
    growing = GrowingText(Stdout())
    for text in texts:
        growing.show(Generating([text]), 0)
    growing.finish([texts[-1]], 0)
    return written(pipe)


def test_of_a_growing_text_only_what_is_new_is_written(pipe: Pipe) -> None:
    assert grown(pipe, "He", "Hello", "Hello you") == "Hello you\n"


def test_a_text_that_does_not_continue_starts_a_line(
    pipe: Pipe,
) -> None:
    def tell(level: str, message: str) -> None:
        print(f"({message})", flush=True)

    with messages_to(tell):  # which is on the same terminal, perhaps
        text = grown(pipe, "draft 1", "draft 2", "final\n")
    told = "the app replaced its text: each new version begins on a new line"
    assert text == f"draft 1\n({told})\ndraft 2\nfinal\n"


def test_a_message_that_is_not_for_a_person_is_in_the_data_only(
    pipe: Pipe,
) -> None:
    told: list[str] = []
    hidden = from_queue(
        '{"msg": "log", "event_id": "e", "log": "hi", "level": "info", "visible": false}', "e"
    )
    assert isinstance(hidden, Log)
    with messages_to(lambda level, message: told.append(message)):
        Result(Stdout(), as_json=False).show(hidden, 0)
    assert told == []
    JsonLines(Stdout()).show(hidden, 0)
    assert json.loads(written(pipe))["visible"] is False


def test_the_last_line_is_ended_also_by_a_failure(pipe: Pipe) -> None:
    growing = GrowingText(Stdout())
    growing.show(Generating(["half"]), 0)
    growing.fail(AppError("no"), 0)
    assert written(pipe) == "half\n"


SKIP = {"__type__": "update"}


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([["one"], [SKIP], ["one two"], [SKIP]], "one two\n"),
        ([[SKIP, "one"], [{**SKIP, "interactive": False}, "one two"]], "one two\n"),
        ([["", "one"], ["", "one two"]], "one two\n"),
        ([[None, 1], [None, 2]], ""),
        ([["one"], [""]], "one\n"),
    ],
)
def test_the_text_that_grows_is_the_one_that_is_shown(
    pipe: Pipe, events: list[Any], text: str
) -> None:
    growing = GrowingText(Stdout())
    for data in events:
        growing.show(Generating(data), 0)
    growing.finish(events[-1], 0)
    assert written(pipe) == text


def test_a_chat_is_shown_rather_than_the_text_box_before_it(pipe: Pipe) -> None:
    growing = GrowingText(Stdout())
    growing.begin(CHAT, lambda file: b"")
    growing.show(Generating(["typed", [USER, ANSWER]]), 0)
    growing.show(Generating(["", [USER, ANSWER | {"content": "yes"}]]), 0)
    growing.finish(["", [USER, ANSWER | {"content": "yes, sir"}]], 0)
    assert written(pipe) == "yes, sir\n"


def test_no_output_at_all_writes_nothing(pipe: Pipe) -> None:
    growing = GrowingText(Stdout())
    growing.show(Heartbeat(), 0)
    growing.finish([], 0)
    assert written(pipe) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (None, ""),
        ([["hi", "old form"]], "old form"),
        ([["hi", None]], ""),
        ([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}], "yes"),
        ([{"role": "assistant", "content": [{"type": "text", "text": "new form"}]}], "new form"),
        ([{"role": "assistant", "content": {"type": "file", "file": FILE}}], URL),
        ([{"role": "assistant", "content": FILE}], URL),
        ([{"role": "assistant", "content": {"component": "image", "value": FILE}}], URL),
        ({"role": "assistant", "content": "alone", "metadata": None, "options": []}, "alone"),
        ([USER, {"role": "assistant", "content": "hm", "metadata": {"title": "Thinking"}}], ""),
        ([USER, *map(ANSWER.__or__, ({"content": "one"}, {"content": "two"}))], "one\ntwo"),
        ([ANSWER, USER], ""),
        ([["hi", "see"], [None, FILE]], f"see\n{URL}"),
        ({"__type__": "update", "value": "set"}, "set"),
        ({"__type__": "update", "visible": False}, ""),
        ([ANSWER | {"content": [HTML | {"type": "component"}, WORD]}], "Done\nx\nand"),
        ([ANSWER | {"content": HTML | {"component": "plot", "value": {"a": 1}}}], '{"a": 1}'),
        (3, "3"),
    ],
)
def test_of_a_chat_the_last_message_is_its_text(value: Any, text: str) -> None:
    assert message_text(value) == text


def test_a_result_without_steps_before_it_is_written_whole(pipe: Pipe) -> None:
    growing = GrowingText(Stdout())
    growing.finish(["all"], 0)
    assert written(pipe) == "all\n"


def test_html_of_any_size_is_read_in_a_time_that_grows_as_it_does() -> None:
    # With work that grows by the square, the first takes the better part of an hour.
    for plain in (plain_text, plain_message):
        assert plain("<b>" + " " * 1_000_000 + "x</b>") == "x"
        assert plain("<b" + " " * 1_000_000 + "x").startswith("<b ")
        assert plain("<" + "b" * 1_000_000) == "<" + "b" * 1_000_000
    many = 3_000
    shown = plain_text("<a href=x>" * many + "y" + "</a>" * many)
    assert shown.lstrip("x") == "y (x)"  # a link without words is its address
    assert plain_text("<br>" * many + "<a" * many).startswith("<a<a")
    assert plain_text("<a href=x>one<a href=y>two</a> three</a>") == "one (x)two (y) three"
    for hidden in ("<style>", "<!--", "<style><!--", "<script></style>"):
        assert plain_text("x" + hidden * many) == "x"
    assert plain_text("<td>x" * many) == "  ".join("x" * many)
    for torn in ('<a b="', "<a b='", """<a b="' c='" """, '<a b="" ' + 'b="" ', '<a p="<a q=" r="'):
        assert plain_message(torn * many).startswith("<a")
