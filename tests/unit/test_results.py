"""The results file of a batch: what is done already, and with which input."""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gradio_curl.client.result_lines import Line, checksum, read_line
from gradio_curl.client.results import Results, results_at
from gradio_curl.errors import CannotWrite, Failure, Fault, InputError

ROWS = 40


def compare(
    results: Results,
    number: int,
    row: Any,
    whole: Callable[[], dict[str, Any]],
    former: Callable[[bool], dict[str, Any]] | None = None,
    start: bytes = b"{",
) -> None:
    if not results.stands_there(number, row, start):
        results.compare(number, whole, former)


def encode(typed: Any) -> str:
    """As the command writes inputs."""
    return json.dumps(typed, ensure_ascii=False)


def line(number: int, typed: Any = None, *data: Any, **more: Any) -> str:
    """The line of a row that is done, as the command writes it; `saved` may stand behind."""
    row = {"row": number, "endpoint": "/say", "input": typed or {}, "status": "ok", "data": data}
    return encode(row | more) + "\n"


def former(number: int, *data: Any) -> str:
    """Such a line of a former version."""
    return encode({"row": number, "input": {}, "status": "ok", "data": data}) + "\n"


def failed(number: int) -> str:
    row = {"row": number, "endpoint": "/other", "input": {}, "status": "error", "message": "no"}
    return encode(row) + "\n"


def written(path: Path, inputs: list[Any]) -> Path:
    """A results file with a line for each input."""
    path.write_text("".join(line(n, typed, 1) for n, typed in enumerate(inputs)), "utf-8")
    return path


def done(results: Results) -> list[int]:
    return [number for number in range(ROWS) if results.has(number)]


def told(failure: Failure) -> tuple[type[Failure], str, str]:
    hint = failure.faults[0].hint if isinstance(failure, InputError) else failure.hint
    return type(failure), failure.message, hint


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
            compare(results, number, row.encode() + b"\n", partial(dict, typed))


def test_text_that_is_not_unicode_is_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    typed = {"file": "caf\udce9.txt"}
    with results_at(tmp_path / "results", encode) as results:
        results.write(line(0, typed).rstrip())
    with results_at(tmp_path / "results", encode) as results:
        compare(results, 0, {}, lambda: typed)
        with pytest.raises(InputError):
            compare(results, 0, {}, lambda: {"file": "caf\udce8.txt"})


@pytest.mark.parametrize("number", range(len(INPUTS)))
def test_another_input_is_told(tmp_path: Path, number: int) -> None:
    other = {"a": "another"}
    with results_at(written(tmp_path / "results", INPUTS), encode) as results:
        for row in (encode(other).encode(), {"a": "another"}):
            with pytest.raises(InputError) as error:
                compare(results, number, row, lambda: other)
            assert error.value.faults == [
                Fault(
                    f"{tmp_path}/results has the results of another batch: "
                    f"the input of its row {number} differs in a",
                    "give another --results file",
                )
            ]


def test_a_row_that_failed_may_be_another_now(tmp_path: Path) -> None:
    path = tmp_path / "results"
    path.write_text('{"row": 0, "input": {"a": 1}, "status": "error", "message": "no"}\n')
    with results_at(path, encode) as results:
        assert not results.has(0)
        compare(results, 0, {}, lambda: {"a": 2})


def test_a_row_without_an_input_to_compare_may_have_any(tmp_path: Path) -> None:
    path = tmp_path / "results"
    path.write_text('{"row": 0, "status": "ok", "data": [1]}\n')  # as former versions wrote
    with results_at(path, encode) as results:
        assert results.has(0)
        assert not results.are_compared
        compare(results, 0, {}, lambda: {"a": 2})
    path.write_text(path.read_text() + line(2))
    with results_at(path, encode) as results:
        assert results.are_compared
        compare(results, 0, {}, lambda: {"a": 2})
        compare(results, 1, {}, lambda: {"a": 2})
        compare(results, 3, {}, lambda: {"a": 2})


@pytest.mark.parametrize("fixed", [{"a": "x", "b": 1}, {"é\u2028": [{"@": "a b"}]}])
def test_what_is_fixed_belongs_to_the_input(tmp_path: Path, fixed: dict[str, Any]) -> None:
    rows: list[dict[str, Any]] = [{"c": 1}, {}, {"b": 2}]
    wholes = [fixed | row for row in rows]
    start = (encode(fixed)[:-1] + ", ").encode()
    with results_at(written(tmp_path / "results", wholes), encode) as results:
        for number, row in enumerate(rows):
            content = encode(row).encode() + b"\n"
            compare(results, number, content, partial(dict, fixed | row), start=start)
            for other in ({}, {"a": "another"}):
                with pytest.raises(InputError, match=f"the input of its row {number} differs"):
                    compare(results, number, content, partial(dict, other | row))


def test_a_row_that_is_written_as_we_write_inputs_is_not_parsed(tmp_path: Path) -> None:
    def parsed() -> dict[str, Any]:
        raise AssertionError("to parse a million rows takes a minute")

    path = written(tmp_path / "results", [{"a": 1}, {"fixed": 2, "a": 1}])
    path.write_text(path.read_text() + former(2).replace("{}", '{"a": 1}'))
    with results_at(path, encode) as results:
        compare(results, 0, b' {"a": 1}\r\n', parsed)
        compare(results, 1, b'{"a": 1}\n', parsed, start=b'{"fixed": 2, ')
        compare(results, 2, b'{"a": 1}\n', parsed, start=b'{"fixed": 2, ')


def test_a_line_of_a_former_version_has_the_own_input_of_its_row(tmp_path: Path) -> None:
    path = tmp_path / "results"
    path.write_text('{"row": 0, "input": {"a": 1}, "status": "ok", "data": []}\n')
    whole, own = {"f": 2, "a": 1}, {"a": 1}
    with results_at(path, encode) as results:
        results.check_endpoint("/any")
        for content in (b'{"a": 1}', b'{"a":1}', b"[1]"):
            compare(results, 0, content, lambda: whole, lambda is_own: own, b'{"f": 2, ')
        with pytest.raises(InputError, match="the input of its row 0 differs in f"):
            compare(results, 0, b"[2]", lambda: whole, lambda is_own: {"a": 2})


SIZED = {"photo": {"@": "a.png", "size": 4}, "text": "prompt one"}
LONG = {"@": "b.txt", "size": 20_000, "sha256": "1234"}


@pytest.mark.parametrize(
    ("before", "now", "how"),
    [
        (SIZED, SIZED | {"text": "prompt two"}, " in text"),
        (SIZED, {"photo": {"@": "a.png", "size": 5}}, ": a.png had 4 bytes, and has 5"),
        (SIZED, {"photo": {"@": "b.png", "size": 4}, "text": "prompt one"}, " in photo"),
        (SIZED, SIZED | {"more": None}, " in more"),
        (SIZED, {"photo": SIZED["photo"]}, " in text"),
        ({"a": [SIZED]}, {"a": [{"photo": {"@": "a.png", "size": 0}}]},
         ": a.png had 4 bytes, and has 0"),
        ({"a": LONG}, {"a": LONG | {"sha256": "5678"}}, ": the text of b.txt is another"),
    ],
)  # fmt: skip
def test_what_differs_is_told(
    before: dict[str, Any], now: dict[str, Any], how: str, tmp_path: Path
) -> None:
    with results_at(written(tmp_path / "results", [{}, before, {}]), encode) as results:
        compare(results, 1, {}, lambda: before)
        with pytest.raises(InputError) as error:
            compare(results, 1, {}, lambda: now, lambda is_own: {})
    assert told(error.value) == (
        InputError,
        f"{tmp_path}/results has the results of another batch: the input of its row 1 differs{how}",
        "give another --results file",
    )


def test_a_line_of_a_former_version_has_files_by_their_paths_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "results", [{"a": {"@": "a.txt"}}])
    with results_at(path, encode) as results:
        compare(results, 0, {}, lambda: {"a": "text"}, lambda is_own: {"a": {"@": "a.txt"}})


def test_the_results_of_another_endpoint_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "results", INPUTS)
    with path.open("a") as file:
        file.write('{"row": 6, "endpoint": "/other", "status": "error", "message": "no"}\n')
    with results_at(path, encode) as results:
        results.check_endpoint("/say")
        with pytest.raises(InputError, match="its row 0 was run at /say, not at /other"):
            results.check_endpoint("/other")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (line(3, {"a": 1}), Line(3, True, checksum(b'{"a": 1}'), "/say", None)),
        (line(3, saved=["é"]), Line(3, True, checksum(b"{}"), "/say", ["é"])),
        (former(3, "a"), Line(3, True, checksum(b"{}"), None, None)),
    ],
)
def test_a_line_as_we_write_it_is_not_parsed(text: str, expected: Line) -> None:
    def parsed(typed: Any) -> str:
        raise AssertionError("to parse a million lines takes a minute")

    assert read_line(text.encode(), parsed) == expected


def test_an_endpoint_that_is_not_text_is_not_known() -> None:
    odd = {"row": 3, "endpoint": 5, "status": "ok", "data": []}
    assert read_line(encode(odd).encode(), encode) == Line(3, True, 0, None, None)


# Which rows are done


# An error whose input has in it what the end of a result looks like.
DECEPTIVE = (
    '{"row": 5, "input": {"a": {}, "status": "ok", "data": [1]}, "status": "error", '
    '"message": "no", "data": [1]}\n'
)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        (line(0), [0]),
        ("".join(map(line, (0, 7, 8, 9, 15, 16, 39))), [0, 7, 8, 9, 15, 16, 39]),
        ("".join(map(line, (39, 9, 0))), [0, 9, 39]),
        (failed(0) + line(1) + failed(2), [1]),
        (failed(3) + line(3), [3]),
        (line(3) + failed(3), [3]),
        (line(3) + line(3), [3]),
        (DECEPTIVE, []),
        (DECEPTIVE + line(5), [5]),
        ('{"data": [1], "status": "ok", "row": 4}\n', [4]),
        (line(10**15) + line(-1) + line(1), [1]),
    ],
)
def test_a_row_is_done_once_it_has_a_line_that_says_ok(
    text: str, rows: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "results"
    path.write_text(text)
    with results_at(path, encode) as results:
        assert done(results) == rows
        assert results.are_kept
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("text", "kept", "rows"),
    [
        (line(0) + line(1)[:-1], line(0) + line(1), [0, 1]),
        (line(0) + line(1)[:-2], line(0), [0]),
        (line(0) + line(1)[:12], line(0), [0]),
        (line(0) + line(1)[:8], line(0), [0]),
        (line(0) + line(1)[:1], line(0), [0]),
        (line(0)[:5], "", []),
        (failed(0)[:-1], failed(0), []),
        # What a power cut leaves: some file systems have zeros where nothing was written.
        (line(0) + "\0" * 5000, line(0), [0]),
        (line(0) + line(1)[:20] + "\0" * 5000, line(0), [0]),
    ],
    ids=range(9),
)
def test_what_is_left_of_an_unfinished_line_is_mended(
    text: str, kept: str, rows: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "results"
    path.write_text(text)
    with results_at(path, encode) as results:
        assert done(results) == rows
        results.write(line(9).rstrip())
    assert path.read_text() == kept + line(9)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a,b\n1,2\n", 1),
        ("a", 1),
        ("X", 1),
        ("\n", 1),
        ("[]\n", 1),
        (line(0) + "words", 2),
        (line(0) + "words\n" + line(1), 2),
        (line(0) + line(1)[:20] + "\n" + line(2), 2),
        (line(0) + line(1) + "\0\0\n", 3),
        (line(0)[:-2] + "\n", 1),
        ('{"row": \n', 1),
        ('{"row": 0}\n', 1),
        ('{"row": "0", "status": "ok"}\n', 1),
        ('{"row": 0, "status": "queued"}\n', 1),
        pytest.param("[" * 100_000 + "\n", 1, id="nested"),
    ],
)
def test_a_file_with_something_else_is_refused_and_left_as_it_is(
    text: str, place: int, tmp_path: Path
) -> None:
    path = tmp_path / "notes"
    path.write_text(text)
    with pytest.raises(InputError) as error, results_at(path, encode):
        pass
    assert error.value.message == f"{path}: line {place} is not a result of a batch"
    assert path.read_text() == text


def test_33_bits_are_kept_of_a_row_that_is_done(tmp_path: Path) -> None:
    with results_at(written(tmp_path / "results", (INPUTS * 4)[:23]), encode) as results:
        assert len(results._done._bits) == 3
        assert len(results._inputs) * results._inputs.itemsize == 4 * 23


# Saved files


@pytest.fixture
def here(tmp_path: Path) -> str:
    """A saved file that is there."""
    path = tmp_path / "here.png"
    path.touch()
    return str(path)


@pytest.fixture
def gone(tmp_path: Path) -> str:
    """A saved file that is not there any more."""
    return str(tmp_path / "gone.png")


# An app's own JSON, with keys that lines have too.
@pytest.mark.parametrize("own", [{}, {"a": [1], "saved": ["gone.png"]}, {"status": "ok"}])
def test_a_row_is_done_only_as_long_as_what_it_saved_is_there(
    own: dict[str, Any], here: str, gone: str, tmp_path: Path
) -> None:
    slash, odd = tmp_path / "a\\b.png", tmp_path / 'od"d\\é.png'
    slash.touch()
    odd.touch()
    path = tmp_path / "results"
    rows: list[list[str]] = [
        [here],
        [gone],
        [here, gone],
        [here, here],
        [],
        [str(slash)],
        [str(odd)],
        [f"{odd}x"],
    ]
    text = "".join(line(n, None, own, saved=saved) for n, saved in enumerate(rows))
    path.write_text(text, "utf-8")
    with results_at(path, encode, check_files=True) as results:
        assert done(results) == [0, 3, 4, 5, 6]
        assert (results.lost, results.unsaved) == (3, 0)
        compare(results, 1, {}, lambda: {"a": "may be another when it is run again"})
    with results_at(path, encode) as results:
        assert done(results) == list(range(8))
        assert (results.lost, results.unsaved) == (0, 0)


def test_a_row_of_which_nothing_was_to_be_saved_is_run_again_to_save_it(
    here: str, tmp_path: Path
) -> None:
    path = tmp_path / "results"
    own = {"a": [1], "saved": [here]}
    odd = line(3, None, saved="words") + line(4, None, saved=[5])
    path.write_text(line(0) + line(1, None, own) + line(2, None, saved=[]) + odd)
    with results_at(path, encode, check_files=True) as results:
        assert done(results) == [2]
        assert (results.lost, results.unsaved) == (0, 4)
    path.write_text(path.read_text() + line(0, None, saved=[here]))
    with results_at(path, encode, check_files=True) as results:
        assert done(results) == [0, 2]
        assert (results.lost, results.unsaved) == (0, 3)
    with results_at(path, encode) as results:
        assert (done(results), results.unsaved) == ([0, 1, 2, 3, 4], 0)


def test_what_is_saved_elsewhere_is_told(here: str, gone: str, tmp_path: Path) -> None:
    path, other = tmp_path / "results", str(tmp_path / "other")
    Path(other).touch()

    def place(path: str) -> str | None:
        return here if path in (here, moved) else None

    moved = f"{gone}/moved"
    rows: list[list[str]] = [[here], [here, other], [other], [gone], [], [moved], [moved, gone]]
    path.write_text("".join(line(n, None, saved=saved) for n, saved in enumerate(rows)))
    with results_at(path, encode, check_files=True, place_of=place) as results:
        assert done(results) == [0, 1, 2, 4, 5]
        assert (results.saved_elsewhere, results.elsewhere) == (2, other)
    with results_at(path, encode, check_files=True) as results:
        assert (results.saved_elsewhere, results.elsewhere) == (0, "")


def saved(path: object) -> dict[str, Any]:
    """A file of a result that was saved."""
    return {"path": "/a.png", "meta": {"_type": "gradio.FileData"}, "saved": str(path)}


def test_what_lines_of_former_versions_saved_stands_in_their_data(
    here: str, gone: str, tmp_path: Path
) -> None:
    odd = tmp_path / 'od"d\\é.png'
    odd.touch()
    plot = {"type": "matplotlib", "plot": "data:image/png;base64,"}
    rows: list[list[Any]] = [
        [saved(here)],
        [saved(gone)],
        ["text", [saved(here), {"image": saved(gone)}]],
        [{**plot, "saved": here}],
        [{**plot, "saved": gone}],
        [saved(odd)],
        [saved(f"{odd}.gone")],
        ["no file"],
        [{"saved": gone}],  # an app's own JSON
        [{"saved": 5}, saved(here)],
        [{"plot": 1, "saved": True}, {"saved": gone}],
    ]
    path = tmp_path / "results"
    path.write_text("".join(former(n, *data) for n, data in enumerate(rows)), "utf-8")
    with results_at(path, encode, check_files=True) as results:
        assert done(results) == [0, 3, 5, 7, 8, 9, 10]
        assert (results.lost, results.unsaved) == (4, 0)
    with results_at(path, encode) as results:
        assert done(results) == list(range(11))
        assert results.lost == 0


def test_a_row_whose_files_were_saved_again_is_not_lost(
    here: str, gone: str, tmp_path: Path
) -> None:
    path = tmp_path / "results"
    path.write_text(former(0, saved(gone)) + line(0, None, saved=[here]))
    with results_at(path, encode, check_files=True) as results:
        assert done(results) == [0]
        assert (results.lost, results.unsaved) == (0, 0)


def test_a_file_that_is_gone_and_a_row_that_is_not_in_the_input_are_told(
    here: str, gone: str, tmp_path: Path
) -> None:
    path = tmp_path / "results"
    rows: list[list[str]] = [[here], [f"{gone}/1"], [here, f"{gone}/é"], [f"{gone}/3"]]
    text = former(9, saved(gone)) + "".join(
        line(n, None, saved=files) for n, files in enumerate(rows)
    )
    again = line(1, None, saved=[here])
    for before, first in ((text, "1"), (text + again, None), (again.join((text, text)), "é")):
        path.write_text(before, "utf-8")
        with results_at(path, encode, check_files=True) as results:
            assert results.gone == (first and f"{gone}/{first}")
    path.write_text(text + failed(2) + line(1, None, saved=[here]), "utf-8")
    with results_at(path, encode, check_files=True) as results:
        results.check_count(10)
        with pytest.raises(InputError) as error:
            results.check_count(9)
    assert told(error.value) == (
        InputError,
        f"{path} has the results of another batch: its row 9 is not in the input, which has 9 rows",
        "give another --results file",
    )
    path.write_text(former(0, saved(gone)))
    with results_at(path, encode, check_files=True) as results:
        assert (results.lost, results.gone) == (1, None)  # where its files stand in its data


def test_a_folder_with_the_name_of_a_saved_file_is_not_that_file(tmp_path: Path) -> None:
    path, folder = tmp_path / "results", str(tmp_path)
    path.write_text(former(0, saved(folder)) + line(1, saved=[folder]))
    with results_at(path, encode, check_files=True) as results:
        assert (done(results), results.lost, results.gone) == ([], 2, folder)


def test_a_row_that_failed_has_no_files_to_lose(gone: str, tmp_path: Path) -> None:
    path = tmp_path / "results"
    path.write_text(failed(0).replace('"no"', f'"no", "data": [{encode(saved(gone))}]'))
    with results_at(path, encode, check_files=True) as results:
        assert (done(results), results.lost, results.unsaved) == ([], 0, 0)


# Writing


def test_a_new_file_is_made_and_each_line_is_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with results_at(path, encode) as results:
        assert path.read_text() == ""
        assert (done(results), results.lost, results.are_compared) == ([], 0, False)
        results.write("é\ud800")
        assert path.read_bytes() == "é\\ud800\n".encode()
        results.write("b")
        assert path.read_bytes() == "é\\ud800\nb\n".encode()


def test_results_on_a_device_are_not_kept() -> None:
    with results_at(Path(os.devnull), encode) as results:
        results.write("a")
        assert (done(results), results.are_kept) == ([], False)


def test_a_line_that_can_not_be_written_is_told() -> None:
    with results_at(Path("/dev/full"), encode) as results, pytest.raises(CannotWrite) as error:
        results.write("a")
    assert error.value.message == "/dev/full can't be written: no space left on device"


def test_a_results_file_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none" / "results"
    with pytest.raises(CannotWrite) as error, results_at(path, encode):
        pass
    assert error.value.message == f"{path} can't be written: no such file or directory"


def test_a_results_file_belongs_to_one_command_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with results_at(path, encode), pytest.raises(CannotWrite) as error, results_at(path, encode):
        pass
    assert told(error.value) == (
        CannotWrite,
        f"{path} is in use by another batch",
        "give each shard its own --results",
    )
    with results_at(path, encode):
        pass


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(InputError) as error, results_at(path, encode):
        pass
    assert told(error.value) == (
        InputError,
        f"--results {path} must be a file, not a pipe",
        "for results on stdout, leave it out",
    )
