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
            f'{{"row": {n}, "endpoint": "/say", "input": {encode(typed)}, '
            f'"status": "ok", "data": [1]}}\n'
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


@pytest.mark.parametrize("fixed", [{"a": "x", "b": 1}, {"é\u2028": [{"@": "a b"}]}])
def test_what_is_fixed_belongs_to_the_input(tmp_path: Path, fixed: dict[str, Any]) -> None:
    rows: list[dict[str, Any]] = [{"c": 1}, {}, {"b": 2}]
    wholes = [fixed | row for row in rows]
    start = (encode(fixed)[:-1] + ", ").encode()
    with results_at(written(tmp_path / "results", wholes), encode) as results:
        for number, row in enumerate(rows):
            content = encode(row).encode() + b"\n"
            results.compare(number, content, partial(dict, fixed | row), partial(dict, row), start)
            for other in ({}, {"a": "another"}):
                with pytest.raises(InputError, match=f"the input of its row {number} differs"):
                    results.compare(number, content, partial(dict, other | row))


def test_a_line_of_a_former_version_has_the_own_input_of_its_row(tmp_path: Path) -> None:
    path = tmp_path / "results"
    path.write_text('{"row": 0, "input": {"a": 1}, "status": "ok", "data": []}\n')
    whole, own = {"f": 2, "a": 1}, {"a": 1}
    with results_at(path, encode) as results:
        results.check_endpoint("/any")
        for content in (b'{"a": 1}', b'{"a":1}', b"[1]"):
            results.compare(0, content, lambda: whole, lambda: own, b'{"f": 2, ')
        with pytest.raises(InputError, match="the input of its row 0 differs"):
            results.compare(0, b"[2]", lambda: own, lambda: {"a": 2})


def test_the_results_of_another_endpoint_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "results", INPUTS)
    with path.open("a") as file:
        file.write('{"row": 6, "endpoint": "/other", "status": "error", "message": "no"}\n')
    with results_at(path, encode) as results:
        results.check_endpoint("/say")
        with pytest.raises(InputError, match="its row 0 was run at /say, not at /other"):
            results.check_endpoint("/other")


WHOLE = '{"row": 0, "endpoint": "/say", "status": "ok", "data": []}\n'


@pytest.mark.parametrize("rest", ["", "\0" * 5000, '{"row": 1, "endp' + "\0" * 5000])
def test_what_a_power_cut_left_of_the_last_line_is_dropped(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "results"
    path.write_text(WHOLE + rest)
    with results_at(path, encode) as results:
        assert [results.has(number) for number in (0, 1)] == [True, False]
    assert path.read_text() == WHOLE


@pytest.mark.parametrize("broken", ['{"row": 1, "endp', "\0\0", "{}", "text"])
def test_a_line_that_is_broken_is_told_by_its_number(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "results"
    path.write_text(f"{WHOLE}{broken}\n{WHOLE}")
    told = pytest.raises(InputError, match="results: line 2 is not a result of a batch")
    with told, results_at(path, encode):
        pass
