"""What `--output` does to each kind of target: what `curl -o` would."""

import base64
import ctypes
import os
import pty
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from resource import RLIMIT_FSIZE, setrlimit
from typing import Any

import pytest

from tests.command import clean_environment, command, run
from tests.patience import HANGING
from tests.wire import inside
from tests.wire.server import (
    CONFIG,
    EVENTS,
    FEED,
    INFO,
    End,
    P,
    Reply,
    Server,
    completed,
    file_output,
    gradio,
    http,
    serving,
)

CONTENT = b"content\0"
FILE = f"{P}/file=/server/a.txt"


def app(*data: Any) -> dict[str, Reply]:
    return gradio({FEED: EVENTS + completed(*(data or [file_output()])), FILE: http(CONTENT)})


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(app()) as served:
        yield served


def save(server: Server, to: Path | str, **options: Any) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        command("call", server.url, "/load", "file:=null", "-o", to),
        capture_output=True,
        env=clean_environment(Path("/nonexistent")),
        timeout=HANGING,
        **options,
    )


def as_user(server: Server, to: Path | str) -> "subprocess.CompletedProcess[bytes]":
    """Save as somebody whom modes of files hold off: also root, without its capabilities."""
    return save(server, to, preexec_fn=_powerless if os.geteuid() == 0 else None)


def _powerless() -> None:
    drop_from_bounding_set = 24  # prctl(2)
    for capability in range(4):  # CAP_CHOWN to CAP_FOWNER, capabilities(7)
        ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


def jobs(server: Server) -> int:
    return server.paths().count(f"POST {P}/call/load")


# Written


def test_a_link_is_written_through(server: Server, tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "dangling").symlink_to("made")
    for link, real in (("link", "real"), ("dangling", "made")):
        assert save(server, tmp_path / link).returncode == 0
        assert (tmp_path / link).is_symlink()
        assert (tmp_path / real).read_bytes() == CONTENT


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666])
def test_an_existing_file_keeps_its_mode(server: Server, tmp_path: Path, mode: int) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    target.chmod(mode)
    assert save(server, target).returncode == 0
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (CONTENT, mode)


def test_hard_links_and_extended_attributes_are_kept(server: Server, tmp_path: Path) -> None:
    linked, target = tmp_path / "linked", tmp_path / "file"
    target.write_text("a text that is longer than the new one")
    linked.hardlink_to(target)
    assert save(server, target).returncode == 0
    assert linked.read_bytes() == CONTENT
    assert target.samefile(linked)


@pytest.mark.parametrize("device", ["/dev/null", "/dev/stdout", "/proc/self/fd/1", "/dev/fd/1"])
def test_devices_are_written_by_an_ordinary_user(server: Server, device: str) -> None:
    ended = as_user(server, device)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout == (b"/dev/null\n" if device == "/dev/null" else CONTENT)


@pytest.mark.parametrize("form", ["/proc/self/fd/{}", "/dev/fd/{}"])
def test_an_open_file_is_written_where_it_is(server: Server, form: str, tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+b", buffering=0) as file:
        file.write(b"before ")
        ended = save(server, form.format(file.fileno()), pass_fds=[file.fileno()])
        assert ended.returncode == 0
        file.write(b" behind")
    assert (tmp_path / "file").read_bytes() == b"before " + CONTENT + b" behind"


@pytest.mark.parametrize("mode", ["wb", "ab"])
def test_a_log_behind_stderr_goes_on(server: Server, mode: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("before ")
    with (tmp_path / "log").open(mode) as log:
        log.write(b"now ")
        log.flush()
        words = ("call", server.url, "/load", "file:=null", "-v", "-o", "/dev/stderr")
        ended = subprocess.run(
            command(*words),
            stdout=subprocess.PIPE,
            stderr=log,
            env=clean_environment(Path("/nonexistent")),
            timeout=HANGING,
        )
    written = (tmp_path / "log").read_bytes()
    assert ended.returncode == 0
    assert written.startswith(b"before now " if mode == "ab" else b"now ")
    assert CONTENT in written
    assert b"/file=" in written


def test_an_open_file_without_a_name_is_written(server: Server) -> None:
    with tempfile.TemporaryFile() as file:
        ended = save(server, f"/dev/fd/{file.fileno()}", pass_fds=[file.fileno()])
        file.seek(0)
        assert (ended.returncode, file.read()) == (0, CONTENT)


def test_what_is_not_open_to_be_written_is_told_before_the_job(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("old")
    with (tmp_path / "file").open("rb") as file:
        number = file.fileno()
        reading = save(server, f"/dev/fd/{number}", pass_fds=[number])
        closed = save(server, f"/dev/fd/{number}")
    told = f"gradio-curl: /dev/fd/{number} can't be written: ".encode()
    assert (reading.returncode, reading.stderr) == (23, told + b"permission denied\n")
    assert (closed.returncode, closed.stderr) == (23, told + b"bad file descriptor\n")
    assert (jobs(server), (tmp_path / "file").read_text()) == (0, "old")


def test_a_fifo_is_written(server: Server, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with subprocess.Popen(["cat", tmp_path / "fifo"], stdout=subprocess.PIPE) as cat:
        assert save(server, tmp_path / "fifo").returncode == 0
        assert cat.communicate()[0] == CONTENT


def test_a_file_in_a_folder_that_is_not_ours_is_written(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    tmp_path.chmod(0o555)
    ended = as_user(server, target)
    tmp_path.chmod(0o755)
    assert (ended.returncode, target.read_bytes()) == (0, CONTENT)
    assert list(tmp_path.iterdir()) == [target]


def test_rests_of_killed_processes_are_swept_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".gradio-curl-0123").write_text("a part")
    assert save(server, f"{tmp_path}/").returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


# Refused before the job


def test_what_can_not_be_written_is_named_before_the_job(server: Server, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o000)
    (tmp_path / "read-only").write_text("old")
    (tmp_path / "read-only").chmod(0o444)
    tmp_path.chmod(0o555)
    for to, reason in (
        (tmp_path / "locked" / "f", "permission denied"),
        (tmp_path / "read-only", "permission denied"),
        (tmp_path / "new", "permission denied"),
        (f"{tmp_path}/new/", "permission denied"),
        (f"{tmp_path}/new/{{name}}", "permission denied"),
        (tmp_path / "read-only" / "f", "not a directory"),
        (tmp_path / ("x" * 300), "file name too long"),
        (tmp_path / "none" / "f", "no such directory"),
    ):
        ended = as_user(server, to)
        told = f"gradio-curl: {to} can't be written: {reason}\n"
        assert (ended.returncode, ended.stderr.decode()) == (23, told)
    assert jobs(server) == 0


def test_no_folder_is_made_where_the_job_fails(tmp_path: Path) -> None:
    failed = gradio({f"{P}/call/load": http({"detail": "x"}, 500)})
    with serving(failed) as server:
        assert save(server, f"{tmp_path}/new/").returncode == 22
        assert save(server, f"{tmp_path}/made/{{name}}").returncode == 22
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("to", ["new/", "new/{name}"])
def test_no_folder_is_left_where_the_download_is_interrupted(to: str, tmp_path: Path) -> None:
    held: dict[str, Reply] = {FILE: (http(CONTENT)[:-1], End.HOLD)}
    with serving(app() | held) as server:
        call = command("call", server.url, "/load", "file:=null", "-o", f"{tmp_path}/{to}")
        environment = clean_environment(Path("/nonexistent"))
        client = subprocess.Popen(call, env=environment, stderr=subprocess.PIPE)
        while f"GET {FILE}" not in server.paths():
            time.sleep(0.01)
        client.send_signal(signal.SIGINT)
        client.communicate(timeout=HANGING)
    assert client.returncode == 130
    assert not list(tmp_path.iterdir())


def two_returns() -> dict[str, Reply]:
    load = {
        **INFO["named_endpoints"]["/load"],
        "returns": [{"label": "F", "component": "File"}] * 2,
    }
    config = {**CONFIG, "dependencies": [{**CONFIG["dependencies"][1], "outputs": [2, 2]}]}
    return app(file_output(), file_output()) | {
        "/config": http(config),
        f"{P}/info": http({"named_endpoints": {"/load": load}}),
    }


@pytest.mark.parametrize("to", ["-", "/dev/stdout"])
def test_two_files_are_refused_where_one_has_its_place(to: str) -> None:
    with serving(two_returns()) as server:
        ended = save(server, to)
        assert (ended.returncode, ended.stdout, jobs(server)) == (2, b"", 0)
        assert b"takes one: give a directory" in ended.stderr


def test_two_files_that_no_schema_told_of_are_refused_after_the_job(tmp_path: Path) -> None:
    with serving(app([file_output(), file_output()])) as server:
        ended = save(server, "-")
    assert (ended.returncode, ended.stdout) == (23, b"")
    # Both are the same one on the server: it is not lost.
    assert ended.stderr.count(b"/file=") == 1
    assert b"the result has 2 files, --output - takes one" in ended.stderr


def test_two_files_go_to_the_null_device() -> None:
    with serving(two_returns()) as server:
        assert as_user(server, "/dev/null").returncode == 0
    assert not Path("/dev/null-1").exists()


@pytest.mark.parametrize(("content", "code"), [(CONTENT, 23), (b"\x1b]0;x\x07", 23), (b"ok\n", 0)])
def test_binary_is_not_written_to_a_terminal(content: bytes, code: int) -> None:
    ours, theirs = pty.openpty()
    with serving({**app(), FILE: http(content)}) as server:
        ended = subprocess.run(
            command("call", server.url, "/load", "file:=null", "-o", "-"),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            env=clean_environment(Path("/nonexistent"), {"TERM": "dumb"}),
            timeout=HANGING,
        )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # how the end of a pseudo-terminal looks
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    assert (ended.returncode, b"\0" in shown, b"\x1b" in shown) == (code, False, False)
    assert (b"binary output is not written to a terminal" in ended.stderr) == bool(code)


# Results without a file


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABXvMqOgAAAABJRU5ErkJg"
    "gg=="
)
PLOT = {"type": "matplotlib", "plot": f"data:image/png;base64,{PIXEL}"}
SET_TO_NOTHING = {"__type__": "update", "value": [], "visible": True}
TABLE = {"headers": ["a", "b"], "data": [[1, 'x,"y"'], [None, 2.5]], "metadata": None}


@pytest.mark.parametrize(
    ("data", "name", "content"),
    [
        (["the answer", 3], "answer.md", b"the answer\n3\n"),
        ([{"a": 1}], "answer.json", b'{"a": 1}\n'),
        ([TABLE], "table.csv", b'a,b\n1,"x,""y"""\n,2.5\n'),
        ([TABLE], "table.TSV", b'a\tb\n1\t"x,""y"""\n\t2.5\n'),
        ([{"__type__": "update", "value": "set"}], "set.txt", b"set\n"),
        (["\ud800"], "odd.txt", "\ufffd\n".encode()),
    ],
)
def test_a_result_without_a_file_is_saved_as_text(
    data: list[Any], name: str, content: bytes, tmp_path: Path
) -> None:
    with serving(app(*data)) as server:
        ended = save(server, name, cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert (ended.stdout.decode(), (tmp_path / name).read_bytes()) == (f"{name}\n", content)


@pytest.mark.parametrize(
    ("data", "printed"),
    [
        (["a cat", TABLE, 3], "a cat\nx.csv\n3\n"),
        ([TABLE, TABLE], 'x.csv\n{"headers": ["a", "b"], "data": [[1, "x,'),
        ([{"__type__": "update", "value": TABLE}, "a cat"], "x.csv\na cat\n"),
    ],
)
def test_what_is_not_in_the_table_is_printed(data: list[Any], printed: str, tmp_path: Path) -> None:
    with serving(app(*data)) as server:
        ended = save(server, "x.csv", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.decode().startswith(printed)
    assert (tmp_path / "x.csv").read_bytes().startswith(b"a,b\n")


def test_what_is_beside_the_table_and_its_file_is_printed(tmp_path: Path) -> None:
    with serving(app(PICTURE, "a cat", TABLE)) as server:
        ended = save(server, "x.csv", cwd=tmp_path)
    shown = f"{server.url}{P}/file=/server/a.png\na cat\nx.csv\n"
    assert (ended.returncode, ended.stdout.decode()) == (0, shown)
    assert ended.stderr == b"x.csv has the text of the result; for its files, use -o DIR/\n"


@pytest.mark.parametrize(
    ("others", "told"),
    [([], ""), (["a cat", None], "1 other value is"), ([TABLE, 3], "2 other values are")],
)
def test_csv_tells_how_many_values_it_leaves_out(others: list[Any], told: str) -> None:
    with serving(app(*others[:1], TABLE, *others[1:])) as server:
        words = ("call", server.url, "/load", "--csv", "--no-check", "-d", "[null]")
        ended = run(*words, check=0)
        quiet = run(*words, "-q", check=0)
    assert ended.out == quiet.out == 'a,b\n1,"x,""y"""\n,2.5\n'
    rest = " not printed: --csv prints the first table only\n"
    assert (ended.err, quiet.err) == (told and told + rest, "")


@pytest.mark.parametrize("words", ["call --json", "stream"])
def test_where_text_went_is_told_where_stdout_has_no_place_for_it(
    words: str, tmp_path: Path
) -> None:
    name, *options = words.split()
    with serving(app("the answer")) as server:
        call = (name, server.url, "/load", "file:=null", "-o", "hi.txt", *options)
        ended = run(*call, cwd=tmp_path, check=0)
        quiet = run(*call, "-q", cwd=tmp_path, check=0)
    assert "the answer" in ended.out
    assert (ended.err, quiet.err) == ("saved to hi.txt\n", "")


def test_the_picture_in_a_plot_is_saved(tmp_path: Path) -> None:
    with serving(app(PLOT)) as server:
        ended = save(server, "plot.png", cwd=tmp_path)
        in_folder = save(server, "out/", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (0, b"plot.png\n")
    assert in_folder.stdout == b"out/plot.png\n"
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_a_result_without_a_file_is_saved_in_a_directory(tmp_path: Path) -> None:
    with serving(app("the answer")) as server:
        ended = save(server, "out/", cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"out/result.txt\n", b"")
    assert (tmp_path / "out/result.txt").read_text() == "the answer\n"


@pytest.mark.parametrize("length", ["\xb2", "-5", "1" * 5000])
def test_a_length_that_is_not_a_number_does_not_matter(length: str, tmp_path: Path) -> None:
    script = gradio({FEED: EVENTS + completed(file_output())})
    header = b"Content-Length: 3"
    instead = f"Content-Length: {length}".encode("latin-1")
    script[f"{P}/file=/server/a.txt"] = http(b"abc").replace(header, instead)
    with serving(script) as server:
        ended = save(server, "x", cwd=tmp_path)
    assert (ended.returncode, (tmp_path / "x").read_bytes()) == (0, b"abc")


def test_a_temporary_file_that_is_full_is_not_blamed_on_the_target(tmp_path: Path) -> None:
    script = gradio({FEED: EVENTS + completed(file_output())})
    script[f"{P}/file=/server/a.txt"] = http(b"x" * (2 << 20))
    with serving(script) as server:
        limit = (1 << 16, 1 << 16)
        ended = save(
            server, "/dev/null", preexec_fn=lambda: setrlimit(RLIMIT_FSIZE, limit), cwd=tmp_path
        )
    assert ended.returncode == 23
    assert b"gradio-curl: a temporary file can't be written: file too large" in ended.stderr
    assert b"TMPDIR" in ended.stderr


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (["text"], "x.csv", "x.csv holds text\n"),
        (["text", {"a": 1}], "x.tsv", "x.tsv holds text\n"),
        ([{"a": 1}], "x.xlsx", "x.xlsx holds JSON\n"),
        ([TABLE], "x.zip", "x.zip holds JSON\n"),
        (["text"], "x.svg", ""),
        ([TABLE], "x.json", ""),
        (["text"], "x", ""),
        (["text"], "x.text", ""),
    ],
)
def test_text_under_the_name_of_something_else_is_told(
    data: list[Any], name: str, told: str, tmp_path: Path
) -> None:
    with serving(app(*data)) as server:
        ended = save(server, name, cwd=tmp_path)
    assert (ended.returncode, ended.stderr.decode()) == (0, told)


@pytest.mark.parametrize(
    ("data", "name", "other"),
    [
        ([None, "a reason"], "my cat.png", "'my cat.txt'"),
        ([TABLE], "x.WEBP", "x.json"),
        (["text"], "x.wav", "x.txt"),
        ([None, {"a": 1}], "x.mp4", "x.txt"),
        ([None, "a reason"], "{n}.png", "'{n}.txt'"),
    ],
)
def test_text_does_not_replace_a_picture(
    data: list[Any], name: str, other: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("good")
    with serving(app(*data)) as server:
        ended = save(server, name, cwd=tmp_path)
    assert (ended.returncode, ended.stderr.decode().splitlines()) == (
        23,
        [
            f"gradio-curl: the result contains no file for --output {name}",
            f"  for the rest of it, use -o {other}",
        ],
    )
    shown = ended.stdout.decode()
    assert ("a reason" in shown) == ("a reason" in data)
    assert shown
    assert (tmp_path / name).read_text() == "good"
    assert {path.name for path in tmp_path.iterdir()} <= {name, ".cache"}


PICTURE = file_output(path="/server/a.png", orig_name="a.png")
CHAT = [
    {"role": "user", "content": "paint"},
    {"role": "assistant", "content": {"file": PICTURE, "alt_text": None}},
]


@pytest.mark.parametrize(
    ("data", "name", "start"),
    [
        ([CHAT], "chat.md", b'[{"role": "user", '),
        ([CHAT], "{n}.JSON", b'[{"role": "user", '),
        ([[PICTURE], "a cat", 3], "x.txt", b"a cat\n3\n"),
        ([PICTURE, "a cat", 3], "x.json", b'["a cat", 3]\n'),
        ([PLOT, "a cat"], "x.md", b"a cat\n"),
    ],
)
def test_no_picture_goes_into_a_file_of_text(
    data: list[Any], name: str, start: bytes, tmp_path: Path
) -> None:
    with serving(app(*data)) as server:
        ended = save(server, name, cwd=tmp_path)
    path = ended.stdout.decode().strip()
    assert (ended.returncode, ended.stderr) == (
        0,
        f"{name} has the text of the result; for its files, use -o DIR/\n".encode(),
    )
    assert (tmp_path / path).read_bytes().startswith(start)
    assert path == name.replace("{n}", "1")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ([file_output(), "said"], "x.txt"),  # a file of that kind
        ([file_output(), "said"], "x.png"),
        ([file_output(), "said"], "x"),
        ([file_output(), "said"], "x.csv"),  # no table to put there
        ([file_output(), None, {"__type__": "update"}], "x.md"),
        ([[file_output()]], "x.md"),
    ],
)
def test_a_file_goes_where_the_text_does_not_fit_better(
    data: list[Any], name: str, tmp_path: Path
) -> None:
    with serving(app(*data)) as server:
        ended = save(server, name, cwd=tmp_path)
    assert (ended.returncode, (tmp_path / name).read_bytes()) == (0, CONTENT)


NO_VIDEO = {"video": None, "subtitles": None}
NO_DRAWING: dict[str, Any] = {"background": None, "layers": [], "composite": None, "id": None}


@pytest.mark.parametrize("name", ["x", "x.png", "out/", "{n}.png"])
@pytest.mark.parametrize(
    "data", [None, [], {}, "", NO_VIDEO, NO_DRAWING, {"__type__": "update"}, SET_TO_NOTHING]
)
def test_nothing_at_all_is_an_error(name: str, data: Any, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_text("good")
    with serving(app(data)) as server:
        ended = inside.run(
            "call", server.url, "/load", "file:=null", "-o", f"{tmp_path}/{name}", home=tmp_path
        )
    assert ended.code == 23
    assert "the result has nothing for --output to save" in ended.err
    assert (tmp_path / "x.png").read_text() == "good"
    assert {path.name for path in tmp_path.iterdir()} <= {"x.png", ".cache"}


def test_an_empty_list_that_is_not_one_of_files_is_a_result(tmp_path: Path) -> None:
    with serving(app([])) as server:
        run("call", server.url, "/say", "x", "-o", "x.json", cwd=tmp_path, check=0)
    assert (tmp_path / "x.json").read_text() == "[]\n"


def test_a_picture_gets_the_format_that_its_name_says(tmp_path: Path) -> None:
    picture = file_output(path="/server/a.png", orig_name="a.png")
    script = gradio({FEED: EVENTS + completed(picture)})
    script[f"{P}/file=/server/a.png"] = http(base64.b64decode(PIXEL))
    with serving(script) as server:
        for suffix, start in (("jpg", b"\xff\xd8\xff"), ("webp", b"RIFF"), ("png", b"\x89PNG")):
            ended = save(server, f"x.{suffix}", cwd=tmp_path)
            assert (ended.returncode, ended.stderr) == (0, b"")
            assert (tmp_path / f"x.{suffix}").read_bytes().startswith(start)


# Templates


def test_a_template_names_files_by_their_row(tmp_path: Path) -> None:
    rows = [f'["{text}"]\n' for text in ("a cat", "../../x", "", "con/x\\ny")]
    (tmp_path / "rows.jsonl").write_text("".join(rows))
    script = app()
    with serving(script) as server:
        words = ["/say", "--batch", "rows.jsonl", "-o", "out/{row:03}-{text}-{n}.{ext}"]
        run("call", server.url, *words, cwd=tmp_path, check=0)
        run("call", server.url, *words[:-1], "by-row", cwd=tmp_path, check=0)
        save(server, "{stem}/{name}", cwd=tmp_path)
    names = {str(p.relative_to(tmp_path)) for p in tmp_path.glob("*/*")}
    assert names == {
        "out/000-a cat-1.txt",
        "out/001-_.._x-1.txt",
        "out/002-_-1.txt",
        "out/003-con_x_y-1.txt",
        "a/a.txt",
        *(f"by-row/{row}-a.txt" for row in range(4)),
    }


def test_rows_are_padded_to_the_width_of_the_last_one(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('["x"]\n' * 11)
    with serving(app()) as server:
        words = ["/say", "--batch", "rows.jsonl", "-o", "out"]
        run("call", server.url, *words, cwd=tmp_path, check=0)
    assert sorted(p.name for p in (tmp_path / "out").iterdir())[0::10] == ["00-a.txt", "10-a.txt"]


@pytest.mark.parametrize("field", ["promt", "row"])
def test_an_unknown_field_is_told_before_the_job(server: Server, field: str) -> None:
    ended = save(server, f"out/{{{field}}}.txt")
    assert (ended.returncode, jobs(server)) == (2, 0)
    assert f"does not have the field {{{field}}}".encode() in ended.stderr
