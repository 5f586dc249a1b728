"""protocol/curl.py: what is printed, where no shell and no server is needed to judge it."""

import json
import shlex

from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.protocol.curl import Connection, Submission, script
from gradio_curl.protocol.files import Local

APP = Connection("http://localhost:7860", "/gradio_api")


def test_a_call_is_a_post_and_a_get() -> None:
    assert script(APP, "/greet", Submission(["Bob", 2], None)) == (
        "app=http://localhost:7860/gradio_api\n"
        "event=$(curl -sSf \"$app/call/greet\" -H 'Content-Type: application/json' \\\n"
        '  -d \'{"data": ["Bob", 2]}\' |\n'
        '  sed -n \'s/.*"event_id": *"\\([^"]*\\)".*/\\1/p\')\n'
        'curl -sSfN "$app/call/greet/${event:?}"'
    )


def test_a_file_from_stdin_keeps_its_name() -> None:
    printed = script(APP, "/show", Submission([Local("-")], None, "cat.png"))
    assert "-F 'files=@-;filename=\"cat.png\"'" in printed
    assert '"orig_name": "cat.png"' in printed


def test_a_login_asks_for_the_password_as_a_variable() -> None:
    connection = Connection("http://localhost:7860", "", user="me & you")
    printed = script(connection, "/greet", Submission([], None))
    assert "'username=me & you'" in printed
    assert '"password=${GRADIO_PASSWORD:?}"' in printed
    assert printed.count('-b "$jar"') == 2


def test_a_proxy_keeps_its_password_to_itself() -> None:
    connection = Connection("http://localhost:7860", "", proxy="http://me:secret@proxy:3128")
    printed = script(connection, "/greet", Submission([], None))
    assert "secret" not in printed
    assert '--proxy http://proxy:3128 --proxy-user "${PROXY_USER:?}"' in printed


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_any_text_is_one_word_of_the_shell(text: str) -> None:
    printed = script(APP, "/greet", Submission([text], None))
    line = next(line for line in printed.splitlines() if line.startswith("  -d "))
    words = shlex.split(line.removesuffix(" |"))
    assert words[0] == "-d"
    assert json.loads(words[1]) == {"data": [text]}
