"""Which URLs are requested, who is asked for them, and how they are shown."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3.util import parse_url

from gradio_curl.client import urls

AMBIGUOUS = [
    "http://other\\@own/x",
    "http://other\\\\@own/x",
    "http://other\\foo@own/x",
    "http://own/a\\b",
    "http://other\t@own/",
    "http://other@own /",
    "http://own/a b",
    "http://own\n.other/",
    "http://own\u00a0/",
    "http://own\u2028/",
    "http://own\x85/",
    "http://[::1]@9[[",
    "http://[",
    "http://own]/",
    "http://own%2eother/",
    "http://own:80:80/",
    "http://own:x/",
    "http://own:99999/",
    "http://own:0/",
    "http://",
    "http:own",
    "//own/",
    "own/path",
    "ftp://own/",
    "file:///etc/passwd",
    "http://u:p@ss/w@own/",
]


@pytest.mark.parametrize("url", AMBIGUOUS)
def test_a_url_that_leaves_doubt_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        urls.checked(url)


@given(st.text("ab.:@/\\?#[]%0\t ", max_size=20))
@example("other\\@own")
def test_what_is_requested_has_the_host_that_was_decided_on(rest: str) -> None:
    try:
        url = urls.checked(f"http://{rest}")
    except ValueError:
        return
    read = parse_url(url)
    assert read.auth is None
    assert urls.origin(url) == ("http", read.host, read.port or 80)
    assert read.host == urls.split(url).hostname or urls.split(url).netloc.startswith("[")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://h/", ("http", "h", 80)),
        ("https://H.example:443/x?y", ("https", "h.example", 443)),
        ("http://[::1]:7860/a@b", ("http", "[::1]", 7860)),
        ("http://me:pw@h:1/", ("http", "h", 1)),
        ("http://bücher.example/", ("http", "xn--bcher-kva.example", 80)),
        ("http://my_host.lan/file=/a/é.png", ("http", "my_host.lan", 80)),
    ],
)
def test_the_origin_is_where_urllib3_connects(url: str, origin: tuple[str, str, int]) -> None:
    assert urls.origin(urls.checked(url)) == origin


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("http://me:pw@h:1/a", "http://h:1/a"),
        ("me:pw@h", "h"),
        ("//me:pw@h/", "//h/"),
        ("http://me:p/w@h/", "http://h/"),
        ("http://me:p#w@h/", "http://h/"),
        ("http://me:p?w@h/", "http://h/"),
        ("http://me:p@w@h/", "http://h/"),
        ("http://me:p@s/w@h/", "http://h/"),
        ("http://me:S[x@h:1", "http://h:1"),
        ("http://me:pw@", "http://"),
        ("ftp://me:pw@x", "ftp://x"),
        ("http://h:7860/a@b", "http://h:7860/a@b"),
        (":7860/a@b", ":7860/a@b"),
        ("owner/space", "owner/space"),
        ("http://h", "http://h"),
        # A login whose host was forgotten.
        ("me:pw", "me:***"),
        ("socks5://me:1/pw", "socks5://me:1/pw"),
        ("http://me:pw/w?x", "http://me:***"),
        ("http://me:123456", "http://me:***"),
        ("me:[pw", "me:***"),
        ("[::1]:7860/a:b", "[::1]:7860/a:b"),
        ("fe80::1", "fe80::1"),
        ("h:99999/a:b", "h:99999/a:b"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_its_password(typed: str, shown: str) -> None:
    assert urls.without_password(typed) == shown


def test_a_raw_location_is_read_as_utf_8() -> None:
    assert urls.quoted("/ä b%20c".encode().decode("latin-1")) == "/%C3%A4%20b%20c"
    assert urls.quoted("http://a\\@b/") == "http://a\\@b/"
