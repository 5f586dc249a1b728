"""--batch: in which session its rows are queued."""

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from tests.command import Completed, clean_environment, command, run
from tests.live.terminal import Terminal
from tests.patience import HANGING
from tests.wire import inside
from tests.wire.server import (
    CALL,
    CONFIG,
    EVENTS,
    FEED,
    INFO,
    JOB,
    UPLOAD,
    End,
    P,
    Request,
    Script,
    Server,
    completed,
    event,
    file_output,
    gradio,
    head,
    http,
    serving,
)

RESULT = EVENTS + b'event: complete\ndata: ["said"]\n\n'


def sessions(
    script: Script,
    home: Path,
    *words: str,
    endpoint: str = "/say",
    rows: Sequence[Any] = (["a"], ["b"], ["c"]),
) -> list[str | None]:
    """The session of each of three rows, done one after the other."""
    batch = home / "rows.jsonl"
    batch.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    with serving(gradio(script)) as server:
        call = ("call", server.url, endpoint, "--batch", str(batch), "-j", "1", *words)
        done = inside.run(*call, "--idle-timeout", "1", home=home)
        queued = [json.loads(r.body) for r in server.requests if r.path == f"{P}/call{endpoint}"]
    assert (done.code, done.out.count('"status": "ok"')) == (0, 3)
    return [body.get("session_hash") for body in queued]


def test_rows_that_follow_each_other_share_the_session_of_the_first(tmp_path: Path) -> None:
    assert sessions({}, tmp_path) == [None, JOB, JOB]


def test_a_session_whose_stream_goes_on_is_left_alone(tmp_path: Path) -> None:
    held = {FEED: (EVENTS, completed("said"), End.HOLD)}
    assert sessions(held, tmp_path) == [None, None, None]


def test_a_stream_that_goes_on_with_nonsense_ends_no_row(tmp_path: Path) -> None:
    nonsense = event(msg="progress", event_id=JOB, progress_data=3)
    assert sessions({FEED: EVENTS + completed("said") + nonsense}, tmp_path) == [None, None, None]


def test_a_session_in_which_a_component_was_changed_is_left_alone(tmp_path: Path) -> None:
    changed = {FEED: EVENTS + completed({"__type__": "update", "value": 2, "precision": 0})}
    assert sessions(changed, tmp_path) == [None, None, None]


def test_a_row_may_have_a_session_of_its_own_and_leaves_it_to_no_other(tmp_path: Path) -> None:
    own = {"data": ["b"], "session_hash": "mine"}
    assert sessions({}, tmp_path, rows=[["a"], own, ["c"]]) == [None, "mine", None]


def test_a_result_is_written_before_its_stream_ends(tmp_path: Path) -> None:
    held = {FEED: (EVENTS, completed("said"), End.HOLD)}
    batch = tmp_path / "rows.jsonl"
    batch.write_text('["a"]\n["b"]\n')
    with serving(gradio(held)) as server:
        call = ("call", server.url, "/say", "--batch", str(batch), "-j", "1", "-m", "3")
        done = inside.run(*call, home=tmp_path)
    assert (done.code, done.out.count('"status": "ok"')) == (28, 1)


@pytest.mark.parametrize("words", [(), ("--route", "call")])
def test_the_route_that_may_not_know_sessions_needs_none(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    refused = {FEED: http({"detail": "Not Found"}, 404), f"{CALL}/{JOB}": RESULT}
    assert sessions(refused, tmp_path, *words) == [None, None, None]


def test_a_component_that_comes_back_may_be_changed_and_is_not_shared(tmp_path: Path) -> None:
    script = {FEED: EVENTS + completed(None)}
    assert sessions(script, tmp_path, endpoint="/load", rows=[[None]] * 3) == [None, None, None]


# What rows are made of


def calls(server: Server) -> list[Any]:
    """The data of each call that was queued."""
    queued = (r for r in server.requests if "/call/" in r.path and r.method == "POST")
    return [json.loads(r.body)["data"] for r in queued]


def uploads(server: Server) -> list[bytes]:
    """The bodies of the uploads."""
    return [r.body for r in server.requests if r.path == UPLOAD]


@pytest.mark.parametrize(
    ("endpoint", "words", "stdin"),
    [
        ("/say", ["text@-", "--batch", "-"], '["a"]\n'),
        ("/say", ["-d", "@-", "--batch", "-"], '["a"]\n'),
        ("/load", ["file@-", "--batch", "-"], "{}\n"),
        ("/load", ["file@-", "--batch", "/dev/stdin"], "{}\n"),
        ("/say", ["--batch", "-", "-H", "@-"], '["a"]\n'),
        ("/say", ["text@-", "--oauth-token", "@-"], "content"),
        ("/say", ["text@-", "--auth", "@-"], "me:secret"),
        ("/say", ["text@-", "-d", "@-"], "{}"),
    ],
)
def test_stdin_that_is_named_twice_is_an_error(
    tmp_path: Path, endpoint: str, words: list[str], stdin: str
) -> None:
    with serving(gradio()) as server:
        done = run("call", server.url, endpoint, *words, input=stdin, cwd=tmp_path, check=2)
    assert "stdin can be read only once" in done.err
    assert not any(request.method == "POST" for request in server.requests)


@pytest.mark.parametrize(
    ("endpoint", "name", "rows", "words"),
    [
        ("/load", "rows.jsonl", '[{"@": "-"}]\n', []),
        ("/load", "rows.csv", "file@\n-\n", []),
        ("/load", "rows.txt", "-\n", ["file@{}"]),
        ("/say", "rows.csv", "text@\n-\n", []),
        ("/say", "rows.txt", "-\n", ["text@{}"]),
    ],
)
def test_a_row_names_a_file_called_like_stdin_and_leaves_stdin_alone(
    tmp_path: Path, endpoint: str, name: str, rows: str, words: list[str]
) -> None:
    (tmp_path / name).write_text(rows)
    (tmp_path / "-").write_text("from the file")
    with serving(gradio()) as server:
        call = command("call", server.url, endpoint, *words, "--batch", name)
        done = subprocess.run(
            ["sh", "-c", '"$@"; cat', "sh", *call],
            input="from stdin",
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=clean_environment(tmp_path),
            timeout=HANGING,
        )
    sent = uploads(server) if endpoint == "/load" else [str(calls(server)).encode()]
    assert [b"from the file" in body for body in sent] == [True]
    assert done.stdout.splitlines()[-1] == "from stdin"
    assert done.stderr == ""


def test_files_of_a_batch_from_stdin_are_those_of_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("content")
    with serving(gradio()) as server:
        call = ("call", server.url, "/load", "--batch", "/dev/stdin")
        run(*call, input='[{"@": "a.txt"}]\n', cwd=tmp_path, check=0)
    assert len(uploads(server)) == 1


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("text,\none,\n\ntwo,\n,\n,\n", ["one", "two"]),
        ("\n\nsep=;\ntext;\none,1\n", ["one,1"]),
        ('text\n"Yes" he said\n', ['"Yes" he said']),
        ("text\n" + "x" * 200_000, ["x" * 200_000]),
        ("text\rone\rtwo\r", ["one", "two"]),
        ("text\none\n".encode("utf-16"), ["one"]),
        (b"\xff\xfe" + "text\none\né\n".encode("utf-16-le"), ["one", "é"]),
        (b"\xfe\xff" + '["é"]\n'.encode("utf-16-be"), ["é"]),
        (b"\n" * 100 + b'["a"]', ["a"]),
    ],
)
@pytest.mark.parametrize("from_stdin", [False, True])
def test_rows_are_read_as_programs_write_them(
    tmp_path: Path, content: str | bytes, texts: list[str], from_stdin: bool
) -> None:
    batch = tmp_path / "rows"
    written = content if isinstance(content, bytes) else content.encode()
    batch.write_bytes(b"" if from_stdin else written)
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--batch", "-" if from_stdin else batch, "-j", "1")
        ended = subprocess.run(
            command(*call), input=written, env=clean_environment(tmp_path), capture_output=True
        )
        assert (ended.returncode, ended.stderr) == (0, b"")
    assert calls(server) == [[text] for text in texts]


def test_rows_of_empty_cells_are_skipped_and_told(tmp_path: Path) -> None:
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--batch", "-", "--ordered")
        ended = run(*call, input="text,\none,\n,\n\n,\ntwo,\n,\n", cwd=tmp_path, check=0)
        assert run(*call, "--quiet", input="text,\n,\na,\n", check=0).err == ""
    assert [json.loads(line)["row"] for line in ended.out.splitlines()] == [0, 1]
    assert ended.err == "gradio-curl: skipped 2 rows of empty cells, the first in line 3\n"


@pytest.mark.parametrize(
    ("rows", "code", "faults"),
    [
        ('text\na\n"b\nc\n', 2, ["line 3: the quote that opens here is never closed"]),
        ("text,\na,b\n", 2, ["line 2: 'b' stands in a column that the header does not name"]),
        (b"text\nabc\n\xe9\n", 2, ["line 3: the text is not valid UTF-8", "  save the file"]),
        ('{"text": "a", "text": "b"}', 2, ["line 1: text is given twice"]),
        ("[" * 500 + "]" * 500, 2, ["line 1: "]),
        ("[" * 100_000, 2, ["line 1: "]),
        ('["a"]\n{"text": {"@": 1}}', 2, ["line 2: "]),
        ("text@\nmissing.txt\n", 26, ["line 2: missing.txt can't be read"]),
    ],
)
def test_what_is_wrong_with_rows_is_told_with_their_lines(
    tmp_path: Path, rows: str | bytes, code: int, faults: list[str]
) -> None:
    with serving(gradio()) as server:
        done = run("call", server.url, "/say", "--batch", "-", input=rows, cwd=tmp_path)
    lines = done.err.splitlines()
    assert done.code == code
    for line, fault in zip(lines, faults, strict=False):
        assert line.removeprefix("gradio-curl: ").startswith(fault)
    assert calls(server) == []


def test_a_file_of_a_row_that_can_not_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    rows = '[{"@": "missing.txt"}]\n'
    with serving(gradio()) as server:
        call = ("call", server.url, "/load", "--batch", "-")
        done = run(*call, input=rows, cwd=tmp_path, check=26)
    assert done.err.startswith("gradio-curl: line 1: missing.txt can't be read")


# Lines


@pytest.mark.parametrize(
    ("words", "lines", "data"),
    [
        (["{}"], "a\nb\n", [["a"], ["b"]]),
        (["text=<{}> {n}"], "a\r\n\n b \n\n", [["<a> 0"], ["<> 1"], ["< b > 2"]]),
        (["text={{}} {{n}} {}"], "a", [["{} {n} a"]]),
        (['text:="{}"'], 'a"\\', [['a"\\']]),
        (["text={n}"], "a\nb", [["0"], ["1"]]),
        (["https://x.org/{}?a=b"], "a", [["https://x.org/a?a=b"]]),
        (["{}@x.org"], "me\nyou", [["me@x.org"], ["you@x.org"]]),
        (["text={}"], "@secret\ntext=x\n{}\n-\n", [["@secret"], ["text=x"], ["{}"], ["-"]]),
        (["{}"], "@secret\ntext@secret\n", [["@secret"], ["text@secret"]]),
        (["text={}"], '{"a": 1}\n["b"]', [['{"a": 1}'], ['["b"]']]),
    ],
)
def test_a_line_fills_items_and_is_never_one(
    tmp_path: Path, words: list[str], lines: str, data: list[Any]
) -> None:
    (tmp_path / "secret").write_text("secret")
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", *words, "--batch", "-", "-j", "1")
        run(*call, input=lines, cwd=tmp_path, check=0)
    assert calls(server) == data


def test_after_two_dashes_nothing_is_filled(tmp_path: Path) -> None:
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--batch", "-", "--", "{}")
        run(*call, input='["a"]\n{}\n', cwd=tmp_path, check=0)
    assert sorted(calls(server)) == [["a"], ["{}"]]


def test_a_line_names_a_file(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("a b.txt", "ü@x.txt"):
        (tmp_path / "photos" / name).write_text(f"content of {name}")
    with serving(gradio()) as server:
        call = ("call", server.url, "/load", "file@photos/{}", "--batch", "-", "--ordered")
        done = run(*call, input="a b.txt\nü@x.txt\n", cwd=tmp_path, check=0)
    assert len(uploads(server)) == 2
    assert [json.loads(line)["input"] for line in done.out.splitlines()] == [
        {"file": {"@": "photos/a b.txt", "size": 18}},
        {"file": {"@": "photos/ü@x.txt", "size": 19}},
    ]


# Results and how a batch ends


def test_a_line_has_the_input_of_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("content")
    rows = '[{"@": "a.txt"}]\n{"File": {"@": "a.txt"}}\n{"data": [null]}\n'
    with serving(gradio()) as server:
        call = ("call", server.url, "/load", "--batch", "-", "--ordered")
        done = run(*call, input=rows, cwd=tmp_path, check=0)
    assert [json.loads(line)["input"] for line in done.out.splitlines()] == [
        {"file": {"@": "a.txt", "size": 7}},
        {"File": {"@": "a.txt", "size": 7}},
        {"file": None},
    ]


def test_results_of_another_batch_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_text('["a"]\n["b"]\n')
    (tmp_path / "two.csv").write_text("text\na\nc\nd\n")
    results = tmp_path / "results.jsonl"
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--results", results)
        assert inside.run(*call, "--batch", tmp_path / "one.jsonl", home=tmp_path).code == 0
        written = results.read_text()
        other = inside.run(*call, "--batch", tmp_path / "two.csv", home=tmp_path)
        assert inside.run(*call, "--batch", tmp_path / "one.jsonl", home=tmp_path).code == 0
    assert other.code == 2
    assert "has the results of another batch: the input of its row 1 differs" in other.err
    assert results.read_text() == written
    assert len(calls(server)) == 2


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        (["/two", "a=1"], ["/two", "a=2"], "the input of its row 0 differs"),
        (["/two", "a=1"], ["/two", "A=1"], ""),
        (["/two", "1"], ["/two", "a=1"], ""),
        (["/two", "a=1"], ["/two", "-d", '{"a": "1"}'], ""),
        (["/two", "-d", '{"a": "1"}'], ["/two", "-d", '["2"]'], "the input of its row 0 differs"),
        (["/two", "a=1"], ["/two"], "the input of its row 0 differs"),
        (["/two"], ["/two", "a=1"], "the input of its row 0 differs"),
        (["/two", "b=1"], ["/two", "b=2"], ""),
        (["/two"], ["/other"], "its row 0 was run at /two, not at /other"),
    ],
)
def test_results_of_another_command_are_refused(
    tmp_path: Path, first: list[str], second: list[str], differs: str
) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text('{"b": "x"}\n{"B":"y"}\n')
    with serving(gradio(two_texts())) as server:

        def resumed(words: list[str]) -> Completed:
            files: list[str | Path] = ["--batch", batch, "--results", results]
            return inside.run("call", server.url, *words, *files, "-j", "1", home=tmp_path)

        assert resumed(first).code == 0
        written = results.read_text()
        done = resumed(first)
        assert (done.code, done.err) == (0, "gradio-curl: no row is left to do\n")
        other = resumed(second)
    assert other.code == (2 if differs else 0)
    assert f"has the results of another batch: {differs}" in other.err or not differs
    assert results.read_text() == written


def two_texts() -> Script:
    """A `/two` and an `/other` that take two texts."""
    text = INFO["named_endpoints"]["/say"]["parameters"][0]
    parameters = [{**text, "parameter_name": name, "label": name.upper()} for name in "ab"]
    for parameter in parameters:
        parameter |= {"parameter_has_default": True, "parameter_default": ""}
    endpoint = {**INFO["named_endpoints"]["/say"], "parameters": parameters}
    dependency = {**CONFIG["dependencies"][0], "inputs": [1, 3]}
    named = ["two", "other"]
    config = {
        **CONFIG,
        "dependencies": [{**dependency, "id": n, "api_name": x} for n, x in enumerate(named)],
    }
    return {
        "/config": http(config),
        f"{P}/info": http({"named_endpoints": {f"/{name}": endpoint for name in named}}),
        **{f"{P}/call/{name}": http({"event_id": JOB}) for name in named},
    }


LONG = hashlib.sha256(b"x" * 10_001).hexdigest()


@pytest.mark.parametrize(
    ("words", "row", "typed"),
    [
        (["a=1", "b=2"], "{}", {"a": "1", "b": "2"}),
        (["a=1", "b=2"], '{"B": "3"}', {"a": "1", "B": "3"}),
        (["1", "me@x.org"], "{}", {"a": "1", "b": "me@x.org"}),
        (["A=1", 'b:="2"'], "{}", {"a": "1", "b": "2"}),
        (["-d", '{"a": "1", "B": "2"}', "a=3"], "{}", {"a": "3", "b": "2"}),
        (["-d", '["1", "2"]'], '["3"]', {"b": "2", "a": "3"}),
        (["-d", '{"data": ["1"]}', "b=see {}"], "x", {"a": "1", "b": "see x"}),
        (["{}", "me@{}"], "x", {"a": "x", "b": "me@x"}),
        (["a@note.txt"], "{}", {"a": "content"}),
        (["a=1"], "b@\nnote.txt", {"a": "1", "b": "content"}),
        (["a=1", "b@{}"], "note.txt", {"a": "1", "b": "content"}),
        (["-d", "@data.json"], "{}", {"a": "1", "b": "2"}),
        (["a@long.txt"], "{}", {"a": {"@": "long.txt", "size": 10_001, "sha256": LONG}}),
    ],
)
def test_a_line_has_all_that_was_sent_as_it_was_typed(
    tmp_path: Path, words: list[str], row: str, typed: dict[str, Any]
) -> None:
    (tmp_path / "note.txt").write_text("content")
    (tmp_path / "data.json").write_text('{"a": "1", "B": "2"}')
    (tmp_path / "long.txt").write_text("x" * 10_001)
    with serving(gradio(two_texts())) as server:
        call = ("call", server.url, "/two", *words, "--batch", "-")
        done = run(*call, input=f"{row}\n", cwd=tmp_path, check=0)
    line = json.loads(done.out)
    assert (line["row"], line["endpoint"], line["input"]) == (0, "/two", typed)


@pytest.mark.parametrize(
    ("endpoint", "words", "rows", "differs"),
    [
        ("/say", ["text@it.txt"], "{}\n{}\n", " in text"),
        ("/say", ["text@-"], "{}\n{}\n", " in text"),
        ("/say", ["-d", "@-"], "{}\n{}\n", " in text"),
        ("/say", [], "text@\nit.txt\n", " in text"),
        ("/say", ["text@{}"], "it.txt\n", " in text"),
        ("/load", ["file@it.txt"], "{}\n{}\n", ": it.txt had 5 bytes, and has 7"),
        ("/load", ["file@-"], "{}\n{}\n", ": - had 5 bytes, and has 7"),
        ("/load", [], '{"file": {"@": "it.txt"}}\n', ": it.txt had 5 bytes, and has 7"),
        ("/load", [], "file@\nit.txt\n", ": it.txt had 5 bytes, and has 7"),
        ("/load", ["file@{}"], "it.txt\n", ": it.txt had 5 bytes, and has 7"),
    ],
)
def test_another_content_of_a_file_is_another_input(
    tmp_path: Path, endpoint: str, words: list[str], rows: str, differs: str
) -> None:
    (tmp_path / "rows").write_text(rows)
    with serving(gradio()) as server:

        def resumed(content: str, status: int) -> str:
            (tmp_path / "it.txt").write_text(content)
            call = ("call", server.url, endpoint, *words, "--batch", "rows", "--results", "r")
            return run(*call, input=content, cwd=tmp_path, check=status).err

        assert resumed('["a"]', 0) == ""
        queued = len(calls(server))
        assert resumed('["a"]', 0) == "gradio-curl: no row is left to do\n"
        told = resumed('["abc"]', 2)
        assert (
            f"r has the results of another batch: the input of its row 0 differs{differs}" in told
        )
        (tmp_path / "it.txt").unlink()
        assert len(calls(server)) == queued


def test_a_file_that_is_gone_can_not_be_compared_and_its_row_stays_done(tmp_path: Path) -> None:
    (tmp_path / "rows").write_text("file@\na.txt\nb.txt\n")
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(name)
    with serving(gradio()) as server:
        call = ("call", server.url, "/load", "--batch", "rows", "--results", "r")
        run(*call, cwd=tmp_path, check=0)
        (tmp_path / "a.txt").unlink()
        assert run(*call, cwd=tmp_path, check=0).err == NOTHING_LEFT


def test_results_of_the_former_form_are_taken(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('["a"]\n["b"]\n')
    results = tmp_path / "results.jsonl"
    results.write_text('{"row": 0, "status": "ok", "data": ["said"]}\n')
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--results", results)
        assert inside.run(*call, "--batch", tmp_path / "rows.jsonl", home=tmp_path).code == 0
    assert calls(server) == [["b"]]


def test_results_that_were_cut_anywhere_are_gone_on_with(tmp_path: Path) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text('["a"]\n["b"]\n')
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--batch", batch, "--results", results, "-j", "1")
        assert inside.run(*call, home=tmp_path).code == 0
        whole = results.read_bytes()
        first = whole.index(b"\n") + 1
        for cut in range(first, len(whole)):
            results.write_bytes(whole[:cut])
            assert inside.run(*call, home=tmp_path).code == 0
            assert results.read_bytes() == whole


def test_a_batch_without_a_row_left_does_nothing(tmp_path: Path) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text("{}\n")
    (tmp_path / "a.txt").write_text("content")
    results.write_text('{"row": 0, "status": "ok", "data": []}\n')
    with serving(gradio()) as server:
        call = ("call", server.url, "/load", f"file@{tmp_path / 'a.txt'}", "--batch", batch)
        done = inside.run(*call, "--results", results, "-o", tmp_path / "out", home=tmp_path)
    assert (done.code, done.err) == (0, "gradio-curl: no row is left to do\n")
    assert uploads(server) == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("rows", ["", "\n \n"])
def test_an_empty_input_is_told(tmp_path: Path, rows: str) -> None:
    with serving(gradio()) as server:
        done = run("call", server.url, "/say", "--batch", "-", input=rows, check=0)
    assert (done.out, done.err) == ("", "gradio-curl: the input is empty\n")


@pytest.mark.parametrize("rows", ["bob\n", "bob\nann\n"])
def test_lines_without_a_place_for_them_are_not_taken_for_a_table(rows: str) -> None:
    with serving(gradio()) as server:
        done = run("call", server.url, "/say", "--batch", "-", input=rows, check=2)
    assert done.err.splitlines() == [
        "gradio-curl: line 1: unknown parameter bob for /say",
        "  did you forget {}? for a call per line, give 'text={}'",
    ]


def test_the_header_of_a_table_is_checked_where_no_row_follows() -> None:
    with serving(gradio()) as server:
        done = run("call", server.url, "/say", "--batch", "-", input="text,nme\n", check=2)
    assert "line 1: unknown parameter nme for /say" in done.err


NO_THREAD = "the system lets this command start no thread"


def failing(request: Request) -> bytes:
    """Refuses the calls whose text is `bad`."""
    bad = json.loads(request.body)["data"] == ["bad"]
    return http({"detail": "no"}, 422) if bad else http({"event_id": JOB})


def test_failed_rows_are_named(tmp_path: Path) -> None:
    batch = tmp_path / "rows.jsonl"
    batch.write_text('["good"]\n' + '["bad"]\n' * 12)
    with serving(gradio({CALL: failing})) as server:
        call = ("call", server.url, "/say", "--batch", batch, "-j", "1", "-o", tmp_path / "out")
        done = inside.run(*call, "--results", tmp_path / "results", home=tmp_path)
    lines = done.err.splitlines()
    assert done.code == 1
    assert [line.split(":")[1] for line in lines[:10]] == [f" row {n}" for n in range(1, 11)]
    assert lines[10] == "gradio-curl: and 2 more"
    assert lines[11].startswith("gradio-curl: 12 of 13 rows failed, 1 done; results in ")
    assert lines[12:] == ["  run the same command again to repeat them"]


def test_rows_that_are_left_have_no_file_where_others_had_one(tmp_path: Path) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text('["a"]\n["b"]\n')
    file = tmp_path / "0-a"
    file.touch()
    saved = {"row": 0, "status": "ok", "data": [{"path": "a", "saved": str(file)}]}
    results.write_text(json.dumps(saved) + "\n")
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--batch", batch, "--results", results)
        done = inside.run(*call, "-o", tmp_path / "out", home=tmp_path)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    ("rows", "code", "lines"),
    [
        ('["a"]\n["bad"]\n', 1, ["ok", "error", "error"]),
        ('["a"]\n{"other": 1}\n', 2, ["error"]),
    ],
)
def test_json_ends_with_the_failure_of_the_batch(
    tmp_path: Path, rows: str, code: int, lines: list[str]
) -> None:
    batch = tmp_path / "rows.jsonl"
    batch.write_text(rows)
    with serving(gradio({CALL: failing})) as server:
        call = ("call", server.url, "/say", "--batch", batch, "-j", "1", "--json")
        done = inside.run(*call, home=tmp_path)
    told = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == code
    assert [line["status"] for line in told] == lines
    assert "row" not in told[-1]
    assert told[-1]["exit_code"] == code


# Whatever happens to the command


def echo() -> Script:
    """A `/say` that says what it was given, each job with an id of its own."""
    texts: dict[str, str] = {}

    def queue(request: Request) -> bytes:
        body = json.loads(request.body)
        event_id = body.get("session_hash") or f"job{len(texts)}"
        texts[event_id] = body["data"][0]
        return http({"event_id": event_id})

    def feed(request: Request) -> bytes:
        event_id = request.target.rpartition("=")[2]
        output = {"data": [f"said {texts[event_id]}"]}
        done = event(msg="process_completed", event_id=event_id, output=output, success=True)
        return EVENTS + done

    return {CALL: queue, FEED: feed}


def started(home: Path, *words: str | Path) -> subprocess.Popen[bytes]:
    """The command, running."""
    return subprocess.Popen(
        command(*words),
        env=clean_environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_batch_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text("".join(f'["row {n}"]\n' for n in range(200)))
    results.touch()
    chance = random.Random(1)
    with serving(gradio(echo())) as server:
        call = ("call", server.url, "/say", "--batch", batch, "--results", results, "-j", "2")
        for _ in range(20):
            size = results.stat().st_size + chance.randrange(1, 300)
            with started(tmp_path, *call) as client:
                while client.poll() is None and results.stat().st_size < size:
                    time.sleep(0.001)
                client.kill()
        assert inside.run(*call, home=tmp_path).code == 0
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    assert sorted((line["row"], line["status"], line["data"]) for line in lines) == [
        (n, "ok", [f"said row {n}"]) for n in range(200)
    ]


ROWS = "".join(f'["row {n}"]\n' for n in range(2000))  # more than is read at once


@pytest.mark.parametrize(
    "now",
    [ROWS[:12000], ROWS.replace("row", "new"), ROWS + '["more"]\n', ""],
    ids=["torn", "same size", "longer", "empty"],
)
def test_of_a_batch_that_is_written_to_only_checked_rows_are_sent(now: str, tmp_path: Path) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text(ROWS)
    script = echo()
    queue = cast(Callable[[Request], bytes], script[CALL])

    def queued(request: Request) -> bytes:
        if len(calls(server)) == 3:
            batch.write_text(now)
        return queue(request)

    with serving(gradio({**script, CALL: queued})) as server:
        call = ("call", server.url, "/say", "--batch", batch, "--results", results)
        done = inside.run(*call, "-j", "2", home=tmp_path)
        sent = [data for (data,) in calls(server)]
    assert len(sent) < 10
    assert (done.code, done.err.splitlines()) == (
        26,
        [
            f"gradio-curl: {len(sent)} of 2000 rows are done: run the same command again to go on",
            f"gradio-curl: {batch} changed while its rows were run",
            "  the rows that are done are kept; give a copy that nothing else writes to",
        ],
    )
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    told = sorted((line["input"]["text"], line["data"]) for line in lines)
    assert told == [(f"row {n}", [f"said row {n}"]) for n in range(len(sent))]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_batch_ends_whatever_the_server_does_and_says_how_to_go_on(
    tmp_path: Path, number: signal.Signals
) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text('["a"]\n' * 8)
    cancelled = head({"Content-Type": "application/json", "Content-Length": "1000000"})
    drip: list[bytes | float] = [b" ", 0.1]
    dribble = [cancelled, *drip * 600]
    script: Script = {FEED: (EVENTS, End.HOLD), f"{P}/cancel": dribble}
    with serving(gradio(script)) as server:
        call = ("call", server.url, "/say", "--batch", batch, "--results", results)
        with started(tmp_path, *call) as client:
            while server.paths().count(f"GET {FEED}") < 4:
                time.sleep(0.01)
            client.send_signal(number)
            _, told = client.communicate(timeout=HANGING)
    assert client.returncode == 128 + number
    assert told.decode().splitlines() == [
        "gradio-curl: 0 of 8 rows are done: run the same command again to go on",
        "gradio-curl: interrupted",
    ]


@pytest.mark.parametrize("way", ["signal", "limit"])
@pytest.mark.parametrize("to", ["out/", "out/{row}-{n}.txt"])
def test_a_batch_that_is_stopped_while_files_are_saved_keeps_the_result_alone(
    way: str, to: str, tmp_path: Path
) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text('{"file": null}\n')
    files = [file_output(path=f"/server/{name}.txt") for name in "ab"]
    script: Script = {
        FEED: EVENTS + completed(files),
        f"{P}/file=/server/a.txt": http(b"content"),
        f"{P}/file=/server/b.txt": (http(b"content")[:-1], End.HOLD),
    }
    with serving(gradio(script)) as server:
        call = ("call", server.url, "/load", "--batch", batch, "--results", results)
        limit = ("-m", "3") if way == "limit" else ()
        with started(tmp_path, *call, "-o", f"{tmp_path}/{to}", *limit) as client:
            while f"GET {P}/file=/server/b.txt" not in server.paths():
                time.sleep(0.01)
            if way == "signal":
                client.send_signal(signal.SIGTERM)
            client.communicate(timeout=HANGING)
        urls = [f"{server.url}{P}/file=/server/{name}.txt" for name in "ab"]
    assert client.returncode == (143 if way == "signal" else 28)
    assert not (tmp_path / "out").exists()
    [line] = map(json.loads, results.read_text().splitlines())
    assert line["status"] == "error"
    assert line["message"] == "the batch was stopped while the files of the row were saved"
    assert [file["url"] for file in line["data"][0]] == urls


def test_the_bar_counts_from_what_was_done_and_messages_leave_it_whole(tmp_path: Path) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text('["a"]\n' * 60)
    results.write_text("".join(f'{{"row": {n}, "status": "ok", "data": []}}\n' for n in range(11)))
    replies = iter([http({"detail": "full"}, 503)])
    script: Script = {
        CALL: lambda request: next(replies, http({"event_id": JOB})),
        FEED: (EVENTS, End.HOLD),
    }
    with serving(gradio(script)) as server:
        call = ("call", server.url, "/say", "--batch", batch, "--results", results, "--retry", "2")
        with Terminal(*call, columns=100) as terminal:
            text = terminal.see("11/60 done", "again")
            bar = [line for line in text.splitlines() if "11/60 done" in line]
            assert len(bar) == 1
            assert re.fullmatch("[━╸╺]{40} 11/60 done", bar[0])
            terminal.interrupt()
            text = terminal.see("interrupted")
    assert "11 of 60 rows are done: run the same command again to go on" in text
    assert "11/60 done" not in text


def test_a_batch_says_on_a_terminal_how_it_ended(tmp_path: Path) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text('["a"]\n' * 3)
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--batch", batch, "--results", results)
        with Terminal(*call, columns=200) as terminal:
            assert terminal.end() == 0
    assert terminal.text == f"gradio-curl: 3 of 3 rows done; results in {results}"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["call", "x"], 0, []),
        (["stream", "x", "--text", "--wait", "60"], 0, []),
        (["call", "--batch", "-"], 2, [f"gradio-curl: {NO_THREAD}"]),
    ],
)
def test_a_system_without_a_thread_left_is_no_bug(
    words: list[str], code: int, said: list[str], tmp_path: Path
) -> None:
    limited = "import threading; threading.stack_size(1 << 46); import gradio_curl.__main__ as m"
    with serving(gradio()) as server:
        call = [words[0], server.url, "/say", *words[1:]]
        done = subprocess.run(
            [sys.executable, "-c", f"{limited}; m.main()", *call],
            env=clean_environment(tmp_path),
            input='["a"]\n',
            capture_output=True,
            text=True,
            timeout=HANGING,
        )
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (code, said)


def test_threads_that_the_system_does_not_start_are_told(
    tmp_path: Path,
) -> None:
    batch = tmp_path / "rows.jsonl"
    batch.write_text('["a"]\n' * 30)
    limited = [
        "import resource, sys",
        # So little room for stacks that not all threads fit.
        "resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))",
        "import threading; threading.stack_size(64 << 20)",
        "from gradio_curl.__main__ import main; main()",
    ]
    with serving(gradio()) as server:
        call = ["call", server.url, "/say", "--batch", str(batch), "-j", "30"]
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(limited), *call],
            env=clean_environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=HANGING,
        )
    assert (done.returncode, done.stdout.count('"status": "ok"')) == (0, 30)
    assert done.stderr.startswith("--jobs 30: the system lets this command start only ")


def test_a_batch_does_not_make_a_directory_named_like_a_file(tmp_path: Path) -> None:
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--batch", "-", "-o", "x.png")
        done = run(*call, input='["a"]\n', cwd=tmp_path, check=2)
    assert "use x.png/, or a template such as 'x-{row}.png'" in done.err
    assert not (tmp_path / "x.png").exists()


def test_a_row_whose_saved_file_is_gone_is_run_again(tmp_path: Path) -> None:
    batch, results, out = tmp_path / "rows.jsonl", tmp_path / "results.jsonl", tmp_path / 'o "\\'
    batch.write_text('["a"]\n["b"]\n["c"]\n')
    script = {
        FEED: EVENTS + completed(file_output()),
        f"{P}/file=/server/a.txt": http(b"content"),
    }
    with serving(gradio(script)) as server:
        call = ("call", server.url, "/say", "--batch", batch, "--results", results)
        done = inside.run(*call, "-o", f"{out}/", home=tmp_path)
        assert (done.code, done.err) == (0, "")
        (out / "1-a.txt").unlink()
        again = inside.run(*call, "-o", f"{out}/", home=tmp_path)
        assert again.err == gone(f"{out}/1-a.txt")
        assert (out / "1-a.txt").read_text() == "content"
        third = inside.run(*call, "-o", f"{out}/", home=tmp_path)
        (out / "1-a.txt").unlink()
        unsaved = inside.run(*call, home=tmp_path)
    nothing = "gradio-curl: no row is left to do\n"
    assert (third.err, unsaved.err) == (nothing, nothing)
    rows = [json.loads(line)["row"] for line in results.read_text().splitlines()]
    assert sorted(rows) == [0, 1, 1, 2]


def resuming(home: Path, script: Script) -> Iterator[Callable[..., Completed]]:
    """Runs the same batch of three rows again and again, each time with other options."""
    (home / "rows.jsonl").write_text('["a"]\n["b"]\n["c"]\n')
    files = ("--batch", home / "rows.jsonl", "--results", home / "results.jsonl", "-j", "1")
    with serving(gradio(script)) as server:
        yield lambda *words: inside.run("call", server.url, "/say", *files, *words, home=home)


NOTHING_LEFT = "gradio-curl: no row is left to do\n"


@pytest.fixture
def said_again(tmp_path: Path) -> Iterator[Callable[..., Completed]]:
    """A batch whose results are texts."""
    yield from resuming(tmp_path, {})


def test_the_line_of_a_row_has_all_that_was_saved_for_it(tmp_path: Path) -> None:
    files = [file_output(), file_output(path="/server/b.txt", orig_name='b".txt')]
    script: Script = {
        FEED: EVENTS + completed("said", files),
        f"{P}/file=/server/a.txt": http(b"a"),
    }
    script = {**script, f"{P}/file=/server/b.txt": http(b"b")}
    out = tmp_path / "out"
    for resumed in resuming(tmp_path, script):
        assert resumed("-o", out).code == 0
        lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
        assert [line["saved"] for line in lines] == [
            [f"{out}/{row}-a.txt", f"{out}/{row}-b_.txt"] for row in range(3)
        ]
        assert [file["saved"] for file in lines[0]["data"][1]] == lines[0]["saved"]
        assert resumed("-o", out).err == NOTHING_LEFT
        (out / "1-b_.txt").unlink()
        assert resumed("-o", out).err == gone(f"{out}/1-b_.txt")
        names = [f"{row}-{name}.txt" for row in range(3) for name in ("a", "b_")]
        assert sorted(path.name for path in out.iterdir()) == sorted([*names, "1-a-1.txt"])


def gone(path: str, rows: str = "1 row is") -> str:
    """What is said where files that were saved are not there any more."""
    return f"gradio-curl: {rows} run again: the saved files are gone, such as {path}\n"


@pytest.mark.parametrize("form", ["", "{name}", "{row}-{n}.txt"])
def test_a_row_that_is_run_again_overwrites_nothing(form: str, tmp_path: Path) -> None:
    """What has the names of its old files may by now be another batch's, or the user's."""
    files = [file_output(path=f"/server/{n}.txt", orig_name="f.txt") for n in range(3)]
    script: Script = {FEED: EVENTS + completed(files)}
    script = {**script, **{f"{P}/file=/server/{n}.txt": http(b"theirs") for n in range(3)}}
    out = tmp_path / "out"
    for resumed in resuming(tmp_path, script):
        assert resumed("-o", f"{out}/{form}").code == 0
        lines = (tmp_path / "results.jsonl").read_text().splitlines()
        saved = [Path(path) for line in lines for path in json.loads(line)["saved"]]
        for path in saved:
            path.write_text("mine")
        for lost in (1, 3, 4, 8):  # of the nine files of three rows
            saved[lost].unlink()
        again = resumed("-o", f"{out}/{form}")
        assert again.err == gone(str(saved[1]), "3 rows are")
        contents = sorted(path.read_text() for path in out.iterdir())
        assert contents == ["mine"] * 5 + ["theirs"] * 9
        assert resumed("-o", f"{out}/{form}").err == NOTHING_LEFT


def test_results_may_lie_where_the_files_go(
    said_again: Callable[..., Completed], tmp_path: Path
) -> None:
    out = tmp_path / "new" / "out"
    for err in ("", NOTHING_LEFT):
        done = said_again("-o", f"{out}/", "--results", f"{out}/r.jsonl")
        assert (done.code, done.err) == (0, err)
    assert sorted(path.name for path in out.iterdir()) == ["0.txt", "1.txt", "2.txt", "r.jsonl"]


def test_a_row_that_is_not_in_the_input_is_told(
    said_again: Callable[..., Completed], tmp_path: Path
) -> None:
    assert said_again().code == 0
    whole = (tmp_path / "rows.jsonl").read_text()
    for fewer, has in (('["a"]\n["b"]\n', "2 rows"), ('["a"]\n', "1 row"), ("", "0 rows")):
        (tmp_path / "rows.jsonl").write_text(fewer)
        for shard in ((), ("--shard", "1/2")):
            done = said_again(*shard)
            told = f"its row 2 is not in the input, which has {has}\n"
            assert (done.code, told in done.err) == (2, True)
    (tmp_path / "rows.jsonl").write_text(whole)
    (tmp_path / "rows.jsonl").write_text(whole + '["d"]\n')
    assert said_again().code == 0


def test_results_of_other_shards_are_told(
    said_again: Callable[..., Completed], tmp_path: Path
) -> None:
    assert (said_again("--shard", "1/2").err, said_again("--shard", "1/2").err) == (
        "",
        NOTHING_LEFT,
    )
    told = f"gradio-curl: {tmp_path}/results.jsonl has 2 rows of other shards, too\n"
    assert said_again("--shard", "2/2").err == told
    told = told.replace("2 rows", "1 row")
    assert said_again("--shard", "1/2").err == told + NOTHING_LEFT
    assert said_again("--shard", "1/2", "-q").err == ""


def test_text_that_was_saved_is_missed_like_a_file(
    said_again: Callable[..., Completed], tmp_path: Path
) -> None:
    template = f"{tmp_path}/m/{{n}}"
    assert said_again("-o", template).code == 0
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [line["saved"] for line in lines] == [
        [f"{tmp_path}/m/{name}"] for name in ("1", "1-1", "1-2")
    ]
    (tmp_path / "m/1-1").unlink()
    (tmp_path / "m/1-2").unlink()
    again = said_again("-o", template)
    assert again.err == gone(f"{tmp_path}/m/1-1", "2 rows are")
    assert said_again("-o", template).err == NOTHING_LEFT


def test_rows_whose_results_were_not_saved_are_run_again_to_save_them(
    said_again: Callable[..., Completed], tmp_path: Path
) -> None:
    assert said_again().code == 0
    again = said_again("-o", tmp_path / "out")
    assert again.err == "gradio-curl: 3 rows are run again: their results were not saved\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0.txt", "1.txt", "2.txt"]
    assert said_again("-o", tmp_path / "out").err == NOTHING_LEFT
    assert said_again().err == NOTHING_LEFT


def test_files_that_are_elsewhere_stay_there_and_are_told(
    said_again: Callable[..., Completed], tmp_path: Path
) -> None:
    assert said_again("-o", tmp_path / "d1").code == 0
    elsewhere = said_again("-o", tmp_path / "d2")
    assert elsewhere.err == (
        "gradio-curl: 3 rows keep their files where they were saved, such as "
        f"{tmp_path}/d1/0.txt\n{NOTHING_LEFT}"
    )


def test_files_of_a_folder_that_is_moved_or_named_from_elsewhere_are_there(tmp_path: Path) -> None:
    project, other = tmp_path / "project", tmp_path / "other"
    project.mkdir()
    (other / "out").mkdir(parents=True)
    (project / "rows.jsonl").write_text('["a"]\n["b"]\n')
    script: Script = {FEED: EVENTS + completed(file_output())}
    with serving(gradio({**script, f"{P}/file=/server/a.txt": http(b"content")})) as server:

        def resumed(folder: Path, path: str, to: str) -> str:
            files = ("--batch", f"{path}rows.jsonl", "--results", f"{path}results.jsonl")
            words = command("call", server.url, "/say", *files, "-o", to)
            done = subprocess.run(
                words, env=clean_environment(tmp_path), cwd=folder, stderr=subprocess.PIPE
            )
            return done.stderr.decode()

        assert resumed(project, "", "out/") == ""
        assert resumed(other, "../project/", "../project/out/") == NOTHING_LEFT
        (project / "out").rename(project / "moved")
        assert resumed(project, "", "moved/") == NOTHING_LEFT
        (project / "moved/1-a.txt").unlink()
        assert resumed(project, "", "moved/") == gone(str(project / "out/1-a.txt"))
        assert resumed(other, "../project/", "out/").startswith("gradio-curl: 2 rows are run again")
    assert [path.name for path in (project / "moved").iterdir()] == ["0-a.txt", "1-a.txt"]


@pytest.mark.parametrize("to", ["out", "out/{row}"])
def test_a_row_with_nothing_to_save_fails_each_time(to: str, tmp_path: Path) -> None:
    replies = iter([completed("said"), *[completed(None)] * 9])
    nothing = "the result has nothing for --output to save"
    for resumed in resuming(tmp_path, {FEED: lambda request: EVENTS + next(replies)}):
        for count in (3, 5):
            ended = resumed("-o", f"{tmp_path}/{to}")
            assert (ended.code, ended.err.count(nothing)) == (1, 2)
            assert "2 of 3 rows failed, 1 done" in ended.err
            first, *others = map(json.loads, (tmp_path / "results.jsonl").read_text().splitlines())
            assert (first["status"], len(others)) == ("ok", count - 1)
            assert {(line["exit_code"], *line["data"]) for line in others} == {(23, None)}


def test_a_row_without_the_picture_that_its_name_wants_is_one_that_failed(tmp_path: Path) -> None:
    picture = file_output(path="/server/a.png", orig_name="a.png")
    replies = iter([completed(None, "a reason"), *[completed(picture, "said")] * 9])
    script: Script = {FEED: lambda request: EVENTS + next(replies)}
    for resumed in resuming(tmp_path, {**script, f"{P}/file=/server/a.png": http(b"a")}):
        done = resumed("-o", f"{tmp_path}/o/{{row}}.png")
        assert (done.code, "no file for --output" in done.err) == (1, True)
        assert "1 of 3 rows failed, 2 done" in done.err
        line = json.loads((tmp_path / "results.jsonl").read_text().splitlines()[0])
        assert (line["status"], line["data"]) == ("error", [None, "a reason"])
        assert resumed("-o", f"{tmp_path}/o/{{row}}.png").code == 0
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == ["0.png", "1.png", "2.png"]


def test_what_a_row_saved_that_failed_after_all_is_removed(tmp_path: Path) -> None:
    files = [file_output(), file_output(path="/server/b.txt", orig_name="b.txt")]
    replies = iter([http({"detail": "gone"}, 404)])
    script: Script = {
        FEED: EVENTS + completed(files),
        f"{P}/file=/server/a.txt": http(b"a"),
        f"{P}/file=/server/b.txt": lambda request: next(replies, http(b"b")),
    }
    out = tmp_path / "out"
    out.mkdir()
    (out / "0-a.txt").write_text("mine")
    for resumed in resuming(tmp_path, script):
        assert resumed("-o", out).code == 1
        assert sorted(path.name for path in out.glob("0-*")) == ["0-a.txt"]
        assert '"saved"' not in (tmp_path / "results.jsonl").read_text().splitlines()[0]
        assert resumed("-o", out).code == 0
    assert sorted(path.name for path in out.glob("0-*")) == ["0-a-1.txt", "0-a.txt", "0-b.txt"]
    assert (out / "0-a.txt").read_text() == "mine"


def test_a_key_of_an_app_that_is_called_saved_is_no_file(tmp_path: Path) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text('["a"]\n')
    results.write_text('{"row": 0, "status": "ok", "data": [{"saved": "nowhere"}]}\n')
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--batch", batch, "--results", results)
        done = inside.run(*call, "-o", tmp_path / "out", home=tmp_path)
    assert done.err == "gradio-curl: no row is left to do\n"


@pytest.mark.parametrize("fate", ["removed", "moved", "replaced"])
@pytest.mark.parametrize("stops", [False, True])
def test_results_that_are_taken_away_while_they_are_written_are_missed(
    fate: str, stops: bool, tmp_path: Path
) -> None:
    batch, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    batch.write_text('["a"]\n' * 9)

    def queued(request: Request) -> bytes:
        if len(calls(server)) == 2:
            results.rename(tmp_path / "moved.jsonl")
            if fate == "removed":
                (tmp_path / "moved.jsonl").unlink()
            elif fate == "replaced":
                results.touch()
            if stops:
                batch.write_text("")
        return http({"event_id": JOB})

    with serving(gradio({CALL: queued})) as server:
        call = ("call", server.url, "/say", "--batch", batch, "--results", results, "-j", "1")
        done = inside.run(*call, home=tmp_path)
    told = [
        f"gradio-curl: {results} was moved or removed while it was written",
        "  if it was moved, move it back to go on with it",
    ]
    if stops:
        stop = f"gradio-curl: {batch} changed while its rows were run"
        sent = f"gradio-curl: {len(calls(server))} of 9 rows are done"
        assert (done.code, done.err.splitlines()[:3]) == (26, [told[0], sent, stop])
    else:
        assert (done.code, done.err.splitlines()) == (23, told)
        assert fate != "moved" or len((tmp_path / "moved.jsonl").read_text().splitlines()) == 9


def test_results_need_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with serving(gradio()) as server:
        for place in ("-", "/dev/stdout", "/dev/fd/1", f"{tmp_path}/pipe"):
            call = ("call", server.url, "/say", "--batch", "-", "--results", place)
            ended = run(*call, input='["a"]\n', cwd=tmp_path, check=2)
            assert ended.err.startswith(f"gradio-curl: --results {place} must be a file")
            assert ended.err.endswith("\n  for results on stdout, leave it out\n")
    assert server.requests == []
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_rows_that_could_not_be_recorded_are_not_counted(tmp_path: Path) -> None:
    rows = '["a"]\n' * 6
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "--batch", "-", "--results", "/dev/full")
        ended = run(*call, input=rows, check=23)
    assert ended.err.splitlines()[0] == "gradio-curl: 0 of 6 rows are done"
