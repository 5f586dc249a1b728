"""Words for a shell: one way to quote that sh, bash, zsh and fish read alike."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.protocol.shell import for_sh, quoted


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
