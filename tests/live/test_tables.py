"""A table goes in from a CSV file, and comes out as one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command import Completed
from tests.live.servers import ENDS, Server, running

PEOPLE = 'name,age\nann,31\n"bob, jr",47\n'
OLDEST_FIRST = 'name,age\n"bob, jr",47\nann,31\n'


@pytest.fixture(scope="module", params=ENDS)
def app(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The app of the README's examples, on the oldest and the newest Gradio."""
    with running(request.param, script="recipes.py") as server:
        yield server


def test_a_table_from_a_file_comes_back_as_csv(
    app: Server, gradio: Callable[..., Completed], tmp_path: Path
) -> None:
    table = tmp_path / "people.csv"
    table.write_text(PEOPLE)
    words = ("call", app.url, "/oldest", f"people@{table}")
    assert gradio(*words, "--csv", check=0).out == OLDEST_FIRST
    assert gradio(*words, "-o", tmp_path / "oldest.csv", check=0).out.endswith("oldest.csv\n")
    assert (tmp_path / "oldest.csv").read_text() == OLDEST_FIRST


def test_csv_without_a_table_ends_before_the_call(
    app: Server, gradio: Callable[..., Completed]
) -> None:
    ended = gradio("call", app.url, "/greet", "bob", "--csv", check=2)
    assert ended.err.startswith("gradio-curl: --csv needs a table, /greet returns string\n")
    assert ended.out == ""


@pytest.mark.parametrize("other", ["--json", "--detach", "--output=x.csv", "--batch=rows.jsonl"])
def test_csv_has_stdout_for_itself(other: str, gradio: Callable[..., Completed]) -> None:
    ended = gradio("call", ":1", "/oldest", "--csv", other, check=2)
    assert "--csv cannot be used with --" in ended.err


def test_a_result_without_a_table_is_not_lost(
    gradio: Callable[..., Completed], server: Server
) -> None:
    ended = gradio("call", server.url, "/json_echo", 'value={"a": 1}', "--csv", check=23)
    assert ended.out == '{"a": 1}\n'
    assert ended.err.startswith("gradio-curl: the result contains no table for --csv to print\n")
