"""What was typed as APP: where the app is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradio_curl.client.target import Address, Demo, Place, Space, app_of, parse_target
from gradio_curl.errors import MalformedURL
from tests.unit.described import new_app


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        (":7860", "http://localhost:7860"),
        ("localhost:7860", "http://localhost:7860"),
        ("localhost", "http://localhost"),
        ("localhost/sub", "http://localhost/sub"),
        ("127.0.0.1:7860", "http://127.0.0.1:7860"),
        ("192.168.0.5", "http://192.168.0.5"),
        ("[::1]:7860", "http://[::1]:7860"),
        ("host:7860", "http://host:7860"),
        ("host:7860/sub/path/", "http://host:7860/sub/path"),
        ("example.com", "https://example.com"),
        ("example.com/app", "https://example.com/app"),
        ("example.com:443", "https://example.com:443"),
        ("example.com:8080", "http://example.com:8080"),
        ("http://example.com/", "http://example.com"),
        ("HTTPS://Example.com/App///", "https://Example.com/App"),
        ("http://h/app?view=api#top", "http://h/app"),
        ("owner-name.hf.space", "https://owner-name.hf.space"),
        ("http://h/call/me", None),
    ],
)
def test_a_url_is_where_the_app_is(typed: str, url: str | None) -> None:
    target = parse_target(typed)
    assert isinstance(target, Address)
    assert Place(url or typed) in target.places


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("http://h:1/gradio_api/call/predict", [Place("http://h:1", "predict")]),
        ("http://h:1/call/predict", [Place("http://h:1", "predict")]),
        ("http://h:1/call/predict/", [Place("http://h:1", "predict")]),
        ("http://h:1/call/predict/0123abcd", [Place("http://h:1", "predict", "0123abcd")]),
        ("http://h/gradio_api/call/a/b%20c/", [Place("http://h", "a", "b c")]),
        ("http://h:1/gradio_api/run/a%20b", [Place("http://h:1", "a b")]),
        ("http://h:1/upload", [Place("http://h:1")]),
        ("http://h:1/sub/gradio_api/upload", [Place("http://h:1/sub")]),
        ("http://h:1/queue/join", [Place("http://h:1")]),
        ("http://h:1/gradio_api/call/v2/predict", [Place("http://h:1", "predict")]),
        ("http://h:1/sub/gradio_api/call/odd%20name", [Place("http://h:1/sub", "odd name")]),
        ("h:1/call/predict", [Place("http://h:1", "predict")]),
        ("http://h:1/gradio_api", [Place("http://h:1")]),
        ("http://h:1/gradio_api/info", [Place("http://h:1")]),
        ("http://h:1/sub/config", [Place("http://h:1/sub")]),
        ("http://h:1/info", [Place("http://h:1")]),
    ],
)
def test_a_pasted_url_of_the_app_leads_to_it_and_names_the_endpoint(
    typed: str, places: list[Place]
) -> None:
    target = parse_target(typed)
    assert isinstance(target, Address)
    # Last, in case an app is really mounted there: the path as it was typed.
    assert list(target.places[:-1]) == places


@pytest.mark.parametrize(
    ("typed", "url", "shown"),
    [
        (":1/gradio_api/queue/join", "http://localhost:1", ":1"),
        ("http://u:p@h:1/sub/config/?a=1", "http://h:1/sub", "http://h:1/sub"),
        ("h:1/sub/say", "http://h:1/sub", "h:1/sub"),
        ("h:1/docs", "http://h:1", "h:1"),
        ("http://h:1/config", "http://h:1/config", "http://h:1/config"),
        ("http://h:1/", "http://h:1", "http://h:1/"),
        ("http://h:1/a", "http://other:1/b", "http://h:1/a"),
        ("me/config", "https://me-config.hf.space", "me/config"),
        ("demo", "http://127.0.0.1:9", "demo"),
    ],
)
def test_a_line_to_paste_has_the_app_without_what_stands_behind_it(
    typed: str, url: str, shown: str
) -> None:
    assert app_of(typed, url) == shown


def test_beside_its_pages_an_app_is_looked_for_too() -> None:
    target = parse_target("http://h:1/sub/docs")
    assert isinstance(target, Address)
    root, page = "http://h:1/sub", "http://h:1/sub/docs"
    assert target.places == (Place(page), Place(root, "docs"), Place(root))


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        (":1/greet", [Place("http://localhost:1/greet"), Place("http://localhost:1", "greet")]),
        ("h:1/sub/a%20b/", [Place("http://h:1/sub/a%20b"), Place("http://h:1/sub", "a b")]),
        ("http://h:1/", [Place("http://h:1")]),
        ("http://h/s/run/a", [Place("http://h/s/run/a"), Place("http://h/s", "a")]),
        ("http://h/api/a/", [Place("http://h/api/a"), Place("http://h", "a")]),
    ],
)
def test_the_last_place_to_look_is_one_step_above(typed: str, places: list[Place]) -> None:
    target = parse_target(typed)
    assert isinstance(target, Address)
    assert list(target.places) == places


@pytest.mark.parametrize(
    "typed",
    [
        "owner/space",
        "https://huggingface.co/spaces/owner/space",
        "https://huggingface.co/spaces/owner/space/tree/main?x=1",
        "huggingface.co/spaces/owner/space",
        "https://hf.co/spaces/owner/space",
    ],
)
def test_a_space_is_known_by_its_owner_and_name(typed: str) -> None:
    assert parse_target(typed) == Space("owner", "space")


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("h:1/call/q?x=1", "q?x=1"),
        ("h:1/call/q?x=2", "q"),
        ("h:1/q?x=1", "q?x=1"),
        ("h:1/gradio_api/run/q?x%3D1", "q?x=1"),
        ("h:1/call/q%3Fx=1", "q?x=1"),
        ("h:1/call/q", "q"),
        ("h:1/?x=1", None),
    ],
)
def test_a_question_mark_may_be_a_part_of_an_endpoint_name(typed: str, named: str | None) -> None:
    app = new_app(**{"q": ([], []), "q?x=1": ([], [])})
    target = parse_target(typed)
    assert isinstance(target, Address)
    places = [place for place in target.places if place.url == "http://h:1"]
    assert [place.endpoint_of(app) for place in places] == [named]


def test_demo_is_the_built_in_app_and_nothing_else_is() -> None:
    assert parse_target("demo") == Demo()
    assert parse_target("http://demo") == Address((Place("http://demo"),))


def test_a_login_in_the_url_is_kept_apart_from_it() -> None:
    assert parse_target("http://me:p%40ss@h:1") == Address((Place("http://h:1"),), "me:p@ss")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "http://",
        "https:///path",
        "://h",
        ":99999",
        ":0",
        ":abc",
        "http://h:99999",
        "http://h:port/",
        "ftp://h/",
        "file:///etc/passwd",
        "http://[::1",
        "http://a b/",
        "http://h/\n",
        "http://h/\x00",
        "/predict",
    ],
)
def test_what_is_no_url_is_told_so(typed: str) -> None:
    with pytest.raises(MalformedURL):
        parse_target(typed)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("http:/me:PASS@h/ok", "http:/h/ok"),
        ("http//me:PASS@h/ok", "http//h/ok"),
        ("HTTPS;//me:PASS@h", "HTTPS;//h"),
        ("htp:/me:PASS@h", "htp:/h"),
        ("htp//me:PA/SS@h", "htp//h"),
        ("http://http://me:PASS@h/", "http://http://h/"),
        ("https:/x", "https:/x"),
        ("http:", "http:"),
    ],
)
def test_a_misspelt_scheme_is_told_without_the_login_behind_it(typed: str, shown: str) -> None:
    with pytest.raises(MalformedURL) as raised:
        parse_target(typed)
    remedy = "write http:// or https://, with a colon and two slashes"
    assert raised.value.message == f"{shown!r} is not a valid URL: {remedy}"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("hf.co:/x", "the port is missing"),
        ("localhost:", "the port is missing"),
        ("http:x", "the host is not valid"),
        ("http:///x", "the host is missing"),
        (":99999", "the port is not valid"),
        ("h:80a/", "the host is not valid"),
    ],
)
def test_what_is_wrong_with_a_url_is_told_in_plain_words(typed: str, why: str) -> None:
    with pytest.raises(MalformedURL) as raised:
        parse_target(typed)
    shown = "h:***" if typed == "h:80a/" else typed
    assert raised.value.message == f"{shown!r} is not a valid URL: {why}"


@pytest.mark.parametrize("typed", ["http://h:1//x@y", "localhost//x@y", "http:80/x", "http/"])
def test_a_url_that_only_looks_misspelt_is_one(typed: str) -> None:
    assert isinstance(parse_target(typed), Address)


def test_a_port_alone_is_told_with_its_colon() -> None:
    with pytest.raises(MalformedURL) as raised:
        parse_target("17631")
    assert raised.value.hint == "did you mean :17631?"


@given(st.text(max_size=60))
@example("http://\u2100/")
@example("http://[v1.x]/")
@example("http://" + "a" * 300)
def test_nothing_typed_ends_in_a_traceback(typed: str) -> None:
    try:
        target = parse_target(typed)
    except MalformedURL:
        return
    assert isinstance(target, Demo | Space | Address)
