"""The results file of a batch: what is done already, and with which input."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gradio_curl.client.results import results_at
from gradio_curl.errors import InputError


def encode(typed: Any) -> str:
    """As the command writes inputs."""
    return json.dumps(typed, ensure_ascii=False)


def written(path: Path, inputs: list[Any]) -> Path:
    """A results file with a line for each input."""
    path.write_text(
        "".join(
            f'{{"row": {n}, "input": {encode(typed)}, "status": "ok", "data": [1]}}\n'
            for n, typed in enumerate(inputs)
        )
    )
    return path


INPUTS = [
    {"a": 1.5},
    {"a": "é\u2028", "b": [None, True]},
    {"a": {"status": "ok", "data": []}},
    {"a": '}, "status": "ok", "data": [1]}'},
    {"file": {"@": "a b.txt"}},
    {},
]


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_the_same_input_is_the_same_however_its_row_is_written(
    tmp_path: Path, separators: tuple[str, str], ascii_only: bool
) -> None:
    with results_at(written(tmp_path / "results", INPUTS), encode) as results:
        for number, typed in enumerate(INPUTS):
            row = json.dumps(typed, separators=separators, ensure_ascii=ascii_only)
            assert results.has(number)
            results.compare(number, row.encode() + b"\n", partial(dict, typed))


@pytest.mark.parametrize("number", range(len(INPUTS)))
def test_another_input_is_told(tmp_path: Path, number: int) -> None:
    other = {"a": "another"}
    with results_at(written(tmp_path / "results", INPUTS), encode) as results:
        with pytest.raises(InputError, match=f"the input of its row {number} differs"):
            results.compare(number, encode(other).encode(), lambda: other)
        with pytest.raises(InputError, match="differs"):
            results.compare(number, {"a": "another"}, lambda: other)


def test_a_row_that_failed_may_be_another_now(tmp_path: Path) -> None:
    path = tmp_path / "results"
    path.write_text('{"row": 0, "input": {"a": 1}, "status": "error", "message": "no"}\n')
    with results_at(path, encode) as results:
        assert not results.has(0)
        results.compare(0, {}, lambda: {"a": 2})
