"""--batch: many rows, several at a time; nothing lost, nothing done twice."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Completed, clean_environment, command
from tests.live.servers import Server, running
from tests.patience import HANGING

Gradio = Callable[..., Completed]


@pytest.fixture
def modern(server_of: Callable[[str], Server]) -> Server:
    """The newest Gradio, where the version makes no difference."""
    return server_of("6.31.0")


def write_rows(path: Path, rows: list[Any]) -> Path:
    """A batch of JSON Lines."""
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def parsed(text: str) -> list[dict[str, Any]]:
    """JSON Lines as what they hold."""
    return [json.loads(line) for line in text.splitlines()]


def in_order(text: str) -> list[dict[str, Any]]:
    """The lines of a batch by their rows."""
    return sorted(parsed(text), key=lambda line: int(line["row"]))


@pytest.mark.every_version
def test_every_row_has_its_result(server: Server, gradio: Gradio, tmp_path: Path) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [{"name": f"row {n}"} for n in range(12)])
    done = gradio("call", server.url, "/greet", "--batch", batch, "excited=true", check=0)
    assert in_order(done.out) == [
        {
            "row": n,
            "endpoint": "/greet",
            "input": {"excited": "true", "name": f"row {n}"},
            "status": "ok",
            "data": [f"Hello row {n}!"],
        }
        for n in range(12)
    ]
    assert done.err == ""


def test_failed_rows_are_told_and_the_others_done(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [[6, 2], [1, 0], {"a": 9, "b": 3}])
    done = gradio("call", server.url, "/divide", "--batch", batch, "-j", "1", check=1)
    divided = {"endpoint": "/divide", "status": "ok", "data": [3]}
    assert parsed(done.out) == [
        {"row": 0, "input": {"a": 6, "b": 2}, **divided},
        {
            "row": 1,
            "endpoint": "/divide",
            "input": {"a": 1, "b": 0},
            "status": "error",
            "exit_code": 1,
            "message": "Cannot divide by zero!",
        },
        {"row": 2, "input": {"a": 9, "b": 3}, **divided},
    ]
    told = "gradio-curl: row 1: Cannot divide by zero!\ngradio-curl: 1 of 3 rows failed, 2 done\n"
    assert done.err == told


def test_csv_cells_are_items(modern: Server, gradio: Gradio, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("abc")
    table = tmp_path / "sub" / "rows.csv"
    table.write_text('\ufeffname,count:=,excited\r\n"Bob, the\nfirst",2,yes\r\nÉve,,\r\n', "utf-8")
    lines = parsed(
        gradio("call", modern.url, "/greet", "count=1", "--ordered", "--batch", table, check=0).out
    )
    greeting = "Hello Bob, the\nfirst!"
    assert [line["data"] for line in lines] == [[f"{greeting}\n{greeting}"], ["Hello Éve."]]
    table.write_text("file@\na.txt\n")
    call = ["call", modern.url, "/file_size", "--batch", table]
    assert parsed(gradio(*call, check=0).out)[0]["data"][0]["size"] == 3


@pytest.mark.parametrize("separator", [";", "\t"])
def test_csv_of_a_spreadsheet_may_have_other_separators(
    modern: Server, gradio: Gradio, tmp_path: Path, separator: str
) -> None:
    table = tmp_path / "rows.csv"
    table.write_text(f"name{separator}count\nBob, Eve{separator}1\n")
    lines = parsed(gradio("call", modern.url, "/greet", "--batch", table, check=0).out)
    assert [line["data"] for line in lines] == [["Hello Bob, Eve."]]


def test_files_of_rows_are_relative_to_the_batch(
    modern: Server, gradio: Gradio, tmp_path: Path
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("abc")
    batch = write_rows(tmp_path / "sub" / "rows.jsonl", [{"file": {"@": "a.txt"}}])
    lines = parsed(gradio("call", modern.url, "/file_size", "--batch", batch, check=0).out)
    assert lines[0]["data"][0]["size"] == 3


def test_a_file_for_all_rows_is_uploaded_once(
    modern: Server, gradio: Gradio, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("abc")
    batch = write_rows(tmp_path / "rows.jsonl", [{}] * 5)
    call = ["call", modern.url, "/file_size", "file@a.txt", "--batch", batch, "-v"]
    done = gradio(*call, cwd=tmp_path, check=0)
    assert [line["data"][0]["size"] for line in parsed(done.out)] == [3] * 5
    assert done.err.count("/upload\n") == 1


def test_all_rows_are_checked_before_the_first_is_sent(
    modern: Server, gradio: Gradio, tmp_path: Path
) -> None:
    rows = [{"name": "good"}, {"nam": "x"}, {"name": "x", "count": "two"}, 7, {"name": "good"}]
    batch = write_rows(tmp_path / "rows.jsonl", rows)
    refused = gradio("call", modern.url, "/greet", "--batch", batch, "-v", check=2)
    told = [line for line in refused.err.splitlines() if line.startswith("gradio-curl: ")]
    assert [line.split(":")[1] for line in told] == [" line 2", " line 2", " line 3", " line 4"]
    assert "> POST" not in refused.err
    assert refused.out == ""


def test_outputs_are_saved_by_row(modern: Server, gradio: Gradio, tmp_path: Path) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [{"color": "red"}, {"color": "blue"}])
    folder = tmp_path / "out"
    done = gradio("call", modern.url, "/image_make", "--batch", batch, "-o", folder, check=0)
    assert {path.name for path in folder.iterdir()} == {"0-made.png", "1-made.png"}
    saved = [line["data"][0]["saved"] for line in in_order(done.out)]
    assert saved == [str(folder / "0-made.png"), str(folder / "1-made.png")]


def test_results_without_a_file_are_saved_as_text_by_row(
    modern: Server, gradio: Gradio, tmp_path: Path
) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [["a"], ["b"]])
    folder = tmp_path / "out"
    done = gradio("call", modern.url, "/greet", "--batch", batch, "-o", folder, check=0)
    assert [line["data"] for line in in_order(done.out)] == [["Hello a."], ["Hello b."]]
    saved = {path.name: path.read_text() for path in folder.iterdir()}
    assert saved == {"0.txt": "Hello a.\n", "1.txt": "Hello b.\n"}


def test_rows_of_a_session_share_its_state(modern: Server, gradio: Gradio, tmp_path: Path) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [["a"], ["b"], ["c"]])
    call = ["call", modern.url, "/remember", "--batch", batch, "--session", f"batch {tmp_path}"]
    done = gradio(*call, check=0)
    assert parsed(done.out)[2]["data"] == ["1: a | 2: b | 3: c"]


def test_rows_share_no_state(server: Server, gradio: Gradio, tmp_path: Path) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [["a"], ["b"], ["c"]])
    done = gradio("call", server.url, "/remember", "--batch", batch, "-j", "1", check=0)
    assert [line["data"] for line in parsed(done.out)] == [["1: a"], ["1: b"], ["1: c"]]


def test_rows_without_state_need_a_session_a_connection(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [{"name": f"row {n}"} for n in range(12)])
    done = gradio("call", server.url, "/greet", "--batch", batch, "-j", "2", "-v", check=0)
    assert {line["data"][0] for line in parsed(done.out)} == {f"Hello row {n}." for n in range(12)}
    read = re.findall(r"^> GET .*[?]session_hash=(\w+)$", done.err, re.MULTILINE)
    assert (len(read), len(set(read))) == (12, 2)


def test_rows_that_name_a_session_follow_each_other_in_it(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    rows = [{"data": [str(n), None], "session_hash": f"own{n % 2}{os.getpid()}"} for n in range(8)]
    batch = write_rows(tmp_path / "rows.jsonl", rows)
    done = gradio("call", server.url, "/remember", "--batch", batch, "-j", "8", check=0)
    last = {line["row"]: line["data"][0] for line in parsed(done.out)}
    assert last[6] == "1: 0 | 2: 2 | 3: 4 | 4: 6"
    assert last[7] == "1: 1 | 2: 3 | 3: 5 | 4: 7"


def test_a_row_after_a_changed_component_has_a_session_of_its_own(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [["a"], ["b"], ["c"]])
    done = gradio("call", server.url, "/update", "--batch", batch, "-j", "1", "-v", check=0)
    read = re.findall(r"^> GET .*[?]session_hash=(\w+)$", done.err, re.MULTILINE)
    assert (len(read), len(set(read))) == (3, 3)


@pytest.mark.parametrize(
    ("endpoint", "rows", "fault"),
    [
        ("/greet", "name,name\na,b\n", "line 1: the header names name twice"),
        ("/greet", "name,count\n" + "a,x\n" * 30, "the rows after these were not checked"),
        ("/json_echo", "[1]\n[1e400]\n", "line 2: the row is not valid JSON: 1e400"),
        ("/json_echo", "[1]\n[NaN]\n", "line 2: the row is not valid JSON: NaN"),
    ],
)
def test_what_is_wrong_with_a_batch_is_told_before_a_row_is_sent(
    modern: Server, gradio: Gradio, endpoint: str, rows: str, fault: str
) -> None:
    done = gradio("call", modern.url, endpoint, "--batch", "-", input=rows, check=2)
    assert done.out == ""
    last = done.err.splitlines()[-1]
    assert last.startswith(f"gradio-curl: {fault}")


def test_options_of_a_batch_need_one(modern: Server, gradio: Gradio) -> None:
    for words in (["-j", "2"], ["--results", "done.jsonl"], ["--ordered"], ["--shard", "1/2"]):
        done = gradio("call", modern.url, "/greet", "Bob", *words, check=2)
        assert "needs --batch" in done.err


def test_results_may_go_to_a_device(modern: Server, gradio: Gradio, tmp_path: Path) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [["a"]])
    call = ("call", modern.url, "/greet", "--batch", batch, "--results")
    assert gradio(*call, "/dev/null", check=0).out == ""
    assert "/dev/full can't be written" in gradio(*call, "/dev/full", check=23).err


def test_a_row_that_breaks_its_session_takes_no_other_with_it(
    server: Server, gradio: Gradio, tmp_path: Path
) -> None:
    # From 4.44 on the feed can't carry such a number, and never ends the session's job.
    batch = write_rows(tmp_path / "rows.jsonl", [[[1]], [[2**70]], [[2]]])
    done = gradio("call", server.url, "/json_echo", "--batch", batch, "-j", "1")
    assert [line.get("data") for line in parsed(done.out)][::2] == [[[1]], [[2]]]


def test_rows_run_side_by_side(modern: Server, gradio: Gradio, tmp_path: Path) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [[3], [0.1]])
    lines = parsed(gradio("call", modern.url, "/slow", "--batch", batch, check=0).out)
    assert [line["row"] for line in lines] == [1, 0]


def test_shards_together_are_one_run(modern: Server, gradio: Gradio, tmp_path: Path) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [{"name": f"row {n}"} for n in range(11)])
    call = ["call", modern.url, "/greet", "--batch", batch]
    for part in ("1/3", "2/3", "3/3"):
        results = tmp_path / f"{part[0]}.jsonl"
        gradio(*call, "--shard", part, "--results", results, check=0)
    together = "".join((tmp_path / f"{n}.jsonl").read_text() for n in (1, 2, 3))
    assert in_order(together) == in_order(gradio(*call, check=0).out)


def test_run_again_it_does_only_what_is_missing(
    modern: Server, gradio: Gradio, tmp_path: Path
) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [[6, 2], [1, 0], [8, 2]])
    results = tmp_path / "results.jsonl"
    call = ["call", modern.url, "/divide", "--batch", batch, "--results", results, "-v"]
    gradio(*call, check=1)
    write_rows(batch, [[6, 2], [1, 1], [8, 2]])
    # As a command leaves it that is killed while it writes.
    results.write_text(results.read_text() + '{"row": 1, "sta')
    again = gradio(*call, check=0)
    assert again.err.count("/call/divide\n") == 1
    lines = parsed(results.read_text())
    assert [line["row"] for line in lines if line["status"] == "ok"].count(1) == 1
    one = {"row": 1, "endpoint": "/divide", "input": {"a": 1, "b": 1}}
    assert lines[-1] == {**one, "status": "ok", "data": [1]}
    assert gradio(*call, check=0).err.count("> POST") == 0


def test_a_file_that_holds_something_else_is_not_touched(
    modern: Server, gradio: Gradio, tmp_path: Path
) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [{"name": "Bob"}])
    before = batch.read_bytes()
    call = ["call", modern.url, "/greet", "--batch", batch, "--results", batch]
    assert "line 1 is not a result of a batch" in gradio(*call, check=2).err
    assert batch.read_bytes() == before


def start(tmp_path: Path, *words: str | Path) -> subprocess.Popen[bytes]:
    """Starts the command, and leaves it running."""
    return subprocess.Popen(
        command(*words),
        env=clean_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for_lines(path: Path, count: int) -> None:
    """Waits until the results file has so many lines."""
    deadline = time.monotonic() + HANGING
    while not path.exists() or path.read_bytes().count(b"\n") < count:
        assert time.monotonic() < deadline, "no results came"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_client_loses_and_repeats_nothing(
    modern: Server, gradio: Gradio, tmp_path: Path, number: signal.Signals
) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [[0.1]] * 30)
    results = tmp_path / "results.jsonl"
    call: list[str | Path] = ["call", modern.url, "/slow"]
    call += ["--batch", batch, "--results", results]
    client = start(tmp_path, *call)
    wait_for_lines(results, 8)
    client.send_signal(number)
    _, told = client.communicate(timeout=HANGING)
    assert client.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
    assert b"Traceback" not in told
    before = parsed(results.read_text())
    assert all(line["status"] == "ok" for line in before)
    gradio(*call, check=0)
    assert parsed(results.read_text())[: len(before)] == before
    assert sorted(line["row"] for line in parsed(results.read_text())) == list(range(30))


def test_ctrl_c_cancels_what_is_in_flight(modern: Server, gradio: Gradio, tmp_path: Path) -> None:
    def cancelled() -> int:
        status = json.loads(gradio("call", modern.url, "/slow_status", check=0).out)
        return int(status["cancelled"])

    before = cancelled()
    batch = write_rows(tmp_path / "rows.jsonl", [[0.1], [60], [60]])
    results = tmp_path / "results.jsonl"
    call: list[str | Path] = ["call", modern.url, "/slow_stream"]
    call += ["--batch", batch, "--results", results]
    client = start(tmp_path, *call)
    wait_for_lines(results, 1)
    client.send_signal(signal.SIGINT)
    client.communicate(timeout=HANGING)
    deadline = time.monotonic() + HANGING
    while cancelled() < before + 2:
        assert time.monotonic() < deadline, "the jobs run on"
    assert len(parsed(results.read_text())) == 1


def test_max_time_holds_for_the_whole_batch(modern: Server, gradio: Gradio, tmp_path: Path) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [[60]] * 3)
    stopped = gradio("call", modern.url, "/slow", "--batch", batch, "-m", "2", check=28)
    assert stopped.err.endswith("gradio-curl: --max-time of 2 s passed\n")


def test_a_server_that_is_killed_ends_the_batch_and_its_rows_are_done_later(
    gradio: Gradio, tmp_path: Path
) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [[0.1]] * 40)
    results = tmp_path / "results.jsonl"
    with running("6.31.0") as server:
        call: list[str | Path] = ["call", server.url, "/slow"]
        call += ["--batch", batch, "--results", results]
        client = start(tmp_path, *call)
        wait_for_lines(results, 8)
        os.kill(server.pid, signal.SIGKILL)
        _, told = client.communicate(timeout=HANGING)
    assert client.returncode == 7
    assert b"refused the connection" in told
    # Only what was in flight may have failed; the rest was not tried.
    failed = [line for line in parsed(results.read_text()) if line["status"] == "error"]
    assert len(failed) <= 8
    with running("6.31.0", port=server.port):
        gradio(*call, check=0)
    done = [line["row"] for line in parsed(results.read_text()) if line["status"] == "ok"]
    assert sorted(done) == list(range(40))


def test_checking_many_rows_takes_little_memory(
    modern: Server, gradio: Gradio, tmp_path: Path
) -> None:
    def peak(count: int) -> int:
        """Most memory of a run that ends after its check, in bytes: its last row is wrong."""
        path = tmp_path / f"{count}.jsonl"
        path.write_text('{"name": "somebody with a name of some length"}\n' * count + "7\n")
        measured = subprocess.run(
            ["/usr/bin/env", "python3", "-c", MEASURE, *command(*call, path)],
            env=clean_environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=HANGING,
        )
        assert measured.returncode == 0, measured.stderr
        return int(measured.stdout)

    call = ["call", modern.url, "/greet", "--batch"]
    few, many = peak(100), peak(60_000)
    assert many - few < 6_000_000


MEASURE = """
import resource, subprocess, sys
ended = subprocess.run(sys.argv[1:], stderr=subprocess.PIPE)
assert ended.returncode == 2, ended.stderr
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--curl"], "cannot be used with --batch"),
        (["--detach"], "cannot be used with --batch"),
        (["-o", "-"], "give --output a directory"),
        (["--shard", "0/3"], "from 1/N to N/N"),
        (["--session", "s", "-j", "2"], "one by one"),
        (["--ordered", "--results", "r"], "cannot be used with --results"),
    ],
)
def test_what_contradicts_is_told(
    modern: Server, gradio: Gradio, tmp_path: Path, options: list[str], told: str
) -> None:
    call = ["call", modern.url, "/greet", "--batch", "-", *options]
    assert told in gradio(*call, input='{"name": "Bob"}', cwd=tmp_path, check=2).err


def test_an_empty_output_is_refused(modern: Server, gradio: Gradio, tmp_path: Path) -> None:
    batch = write_rows(tmp_path / "rows.jsonl", [{"name": "a"}])
    ended = gradio("call", modern.url, "/greet", "--batch", batch, "-o", "", check=2)
    assert ended.err == "gradio-curl: --output is empty: give a file, a directory or -\n"
