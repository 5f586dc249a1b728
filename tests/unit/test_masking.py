"""Secrets in messages: which spellings are masked, and which short texts are left alone."""

import json
from base64 import b64encode
from html import escape
from urllib.parse import quote, urlencode

import pytest

from gradio_curl import masking
from gradio_curl.masking import hide, hide_login, masked


def in_base64(text: str, encoding: str = "utf-8") -> str:
    return b64encode(text.encode(encoding)).decode()


@pytest.mark.parametrize(("user", "password"), [("bob", "pwd1"), ("me", "s3cret-pw"), ("ö", "ä?&")])
def test_a_login_is_masked_as_basic_sends_it(user: str, password: str) -> None:
    hide_login(user, password)
    for encoding in ("utf-8", "latin-1"):
        sent = in_base64(f"{user}:{password}", encoding)
        for said in (sent, sent.rstrip("="), quote(sent, safe=""), json.dumps(sent), sent.upper()):
            assert masked(f"got Proxy-Authorization: Basic {said} there") in (
                "got Proxy-Authorization: Basic *** there",
                'got Proxy-Authorization: Basic "***" there',
            )


@pytest.mark.parametrize(
    "secret", ["to/ken+of <some> length", "quo'\"ted\\secret", "ünïcode-sécret"]
)
def test_a_secret_is_masked_in_every_spelling(secret: str) -> None:
    hide(secret)
    said = [secret, json.dumps(secret), json.dumps(secret, ensure_ascii=False), escape(secret)]
    said += [quote(secret), quote(secret, safe=""), urlencode({"v": secret}), in_base64(secret)]
    for text in said:
        shown = masked(f"was {text} it?")
        assert shown.replace('"', "").replace("v=", "") == "was *** it?"


@pytest.mark.parametrize("secret", ["pw", "pwd1", "kabc", "abcde"])
@pytest.mark.parametrize(
    "form",
    [
        "username=bob&password={}",
        "X-Key: {}",
        "bob:{}@host",
        '{{"key": "{}"}}',
        '{{\\"key\\": \\"{}\\"}}',
        "'{}'",
        "Bearer {}",
        "basic {},",
        "p%3D{}%26",
        "&quot;{}&quot;",
    ],
)
def test_a_short_secret_is_masked_where_it_is_a_whole_value(secret: str, form: str) -> None:
    hide(secret)
    assert masked(form.format(secret)) == form.format("***")


@pytest.mark.parametrize(
    "text", ["row 1", "row ab of abc", "table=abcdef", "x=1", "/ab/", "cab: tab", "ab"]
)
def test_a_short_secret_is_left_in_ordinary_words(text: str) -> None:
    for secret in ("1", "ab", "abc"):
        hide(secret)
    assert masked(text) == text


@pytest.mark.parametrize("text", ["user%3A{}", "x{}_", "%22{}%22", "a {} b"])
def test_a_secret_of_six_characters_is_masked_anywhere(text: str) -> None:
    hide("ab1234")
    assert masked(text.format("ab1234")) == text.format("***")


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\x1b[0m", "\x1b", "\n", "\xad", "\ufeff", "\u2060", "\0"]
)
def test_a_character_that_is_not_shown_hides_no_secret(hidden: str) -> None:
    hide("tok-s3cret")
    assert masked(f"no tok-{hidden}s3cret here") == "no *** here"
    other = f"no{hidden} such{hidden} thing"
    assert masked(other) == other


@pytest.mark.parametrize("secret", ["tok-s3cret", "a se/cret", "ünïcode", "p&q<r>", "abc"])
def test_a_quick_look_finds_what_is_masked(secret: str) -> None:
    assert not masking.may_hold_secrets([secret])
    hide(secret)
    spellings = {secret, secret.upper(), quote(secret), json.dumps(secret), escape(secret)}
    spellings |= {f"{secret[:2]}\x00{secret[2:]}", secret.replace(" ", "\u00a0"), in_base64(secret)}
    for said in spellings:
        assert masked(f"value='{said}'") != f"value='{said}'", said
        assert masking.may_hold_secrets(["a", f"value='{said}'", "b"]), said
    assert not masking.may_hold_secrets(["a\nb", "c"])
