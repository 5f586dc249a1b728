"""Words for a shell: one way to quote that sh, bash, zsh and fish read alike."""

import json
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.protocol.shell import for_sh, is_plain, printable_json, quoted, shown


@pytest.mark.parametrize(
    ("word", "everywhere", "in_a_script"),
    [
        ("text=a", "text=a", "text=a"),
        ("a@b+c:d,e./-f=g", "a@b+c:d,e./-f=g", "a@b+c:d,e./-f=g"),
        ("", "''", "''"),
        ("two words", "'two words'", "'two words'"),
        ("=x", "'=x'", "'=x'"),  # zsh would look for a command
        ("~", "'~'", "'~'"),
        ("{}", "'{}'", "'{}'"),
        ("é", "'é'", "'é'"),
        ("$HOME", "'$HOME'", "'$HOME'"),
        ("it's", "'it'\"'\"'s'", "'it'\\''s'"),
        ("''", "\"''\"", "''\\'''\\'''"),
        ("a\\b", "'a\\b'", "'a\\b'"),
        ("a\\", "'a'\"\\\\\"", "'a\\'"),
        ("a\\\\b", "'a'\"\\\\\"'\\b'", "'a\\\\b'"),
        ("a\\'", '\'a\'"\\\\""\'"', "'a\\'\\'''"),
        ("a\nb", "'a\nb'", "'a\nb'"),
    ],
)
def test_a_word_is_quoted_where_a_shell_would_change_it(
    word: str, everywhere: str, in_a_script: str
) -> None:
    assert (quoted(word), for_sh(word)) == (everywhere, in_a_script)


@given(st.text())
def test_any_word_is_one_word_of_sh(word: str) -> None:
    assert shlex.split(quoted(word)) == shlex.split(for_sh(word)) == [word]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("café", "café"),
        ("文=1", "文=1"),
        ("=x", "'=x'"),
        ("a b", "'a b'"),
        ("é\n", "'é\n'"),
        ("", "''"),
    ],
)
def test_letters_of_any_script_are_listed_without_quotes(word: str, expected: str) -> None:
    assert shown(word) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a  b", True),
        ("", True),
        ("a   b", False),
        ("a \u2800\u3164b", False),
        ("a\nb", False),
        ("\x1b", False),
    ],
)
def test_text_is_plain_where_a_terminal_shows_it_as_one_line(text: str, expected: bool) -> None:
    assert is_plain(text) is expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, "é"]}, '{"a": [1, "é"]}'),
        ("a   b c", r'"a \u0020\u0020b c"'),
        ("\u2028\x9b\n", r'"\u2028\u009b\n"'),
        ("\U000e0041", r'"\udb40\udc41"'),
    ],
)
def test_json_is_escaped_where_a_terminal_would_not_show_it(value: Any, text: str) -> None:
    assert printable_json(value) == text
    assert json.loads(text) == value
