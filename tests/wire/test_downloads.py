"""A file is downloaded whole, or not at all: replies that are short in every way there is."""

import gzip
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.command import run
from tests.wire.server import (
    EVENTS,
    FEED,
    End,
    P,
    Reply,
    Request,
    Steps,
    chunk,
    completed,
    file_output,
    gradio,
    head,
    http,
    serving,
)

CONTENT = bytes(range(256)) * 1000
FILE = f"{P}/file=/server/a.txt"
ZIPPED = gzip.compress(CONTENT)
CHUNKED = head({"Transfer-Encoding": "chunked"})
GZIP = {"Content-Encoding": "gzip"}

SHORT: dict[str, Steps] = {
    "empty": http(b""),
    "nothing behind the headers": head({}),
    "fewer bytes than announced": http(CONTENT)[:-1],
    "none of the bytes announced": head({"Content-Length": "10"}),
    "a chunk cut short": CHUNKED + chunk(CONTENT)[:-100],
    "no last chunk": CHUNKED + chunk(CONTENT),
    "gzip that ends early": http(ZIPPED[:-20], headers=GZIP),
    "gzip that is none": http(b"hello", headers=GZIP),
    "a part that nobody asked for": http(CONTENT[:100], 206, {"Content-Range": "bytes 0-99/*"}),
    "no content": http(b"", 204),
    "a reset": [http(CONTENT)[:-1], End.RESET],
    "an error of the server": http({"detail": "x"}, 500),
    "busy for a moment": http({"detail": "x"}, 503, {"Retry-After": "0"}),
}


def in_turn(replies: Iterable[Steps]) -> Callable[[Request], Steps]:
    """Each reply once, the last one for ever."""
    left = list(replies)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


def app(reply: Reply, **fields: Any) -> dict[str, Reply]:
    return gradio({FEED: EVENTS + completed(file_output(**fields)), FILE: reply})


def saved(
    script: dict[str, Reply], to: Path | str, *options: str, check: int = 0
) -> tuple[int, str]:
    """Saves the file; gives how often it was asked for, and stderr."""
    with serving(script) as server:
        ended = run("call", server.url, "/load", "file:=null", "-o", to, *options, check=check)
        return server.paths().count(f"GET {FILE}"), ended.err


@pytest.mark.parametrize("reply", SHORT.values(), ids=SHORT)
def test_a_short_reply_is_asked_for_again(reply: Steps, tmp_path: Path) -> None:
    asked, err = saved(app(in_turn([reply, http(CONTENT)])), tmp_path / "a")
    assert ((tmp_path / "a").read_bytes(), asked, err) == (CONTENT, 2, "")


def test_gzip_of_several_members_is_unpacked(tmp_path: Path) -> None:
    members = gzip.compress(b"one ") + gzip.compress(b"two")
    saved(app(http(members, headers=GZIP)), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"one two"


def test_a_file_is_empty_if_two_answers_say_so(tmp_path: Path) -> None:
    asked, _ = saved(app(http(b"")), tmp_path / "a")
    assert ((tmp_path / "a").read_bytes(), asked) == (b"", 2)


def test_two_empty_answers_of_different_times_do_not_agree(tmp_path: Path) -> None:
    replies = [http(b"", headers={"ETag": tag}) for tag in "abc"] + [http(CONTENT)]
    asked, _ = saved(app(in_turn(replies)), tmp_path / "a")
    assert ((tmp_path / "a").read_bytes(), asked) == (CONTENT, 4)


def test_a_file_whose_size_is_told_as_0_is_believed_at_once(tmp_path: Path) -> None:
    asked, _ = saved(app(http(b""), size=0), tmp_path / "a")
    assert ((tmp_path / "a").read_bytes(), asked) == (b"", 1)


def test_fewer_bytes_than_the_size_that_is_told_are_doubted(tmp_path: Path) -> None:
    replies = in_turn([http(CONTENT[:100]), http(CONTENT)])
    asked, _ = saved(app(replies, size=len(CONTENT)), tmp_path / "a")
    assert ((tmp_path / "a").read_bytes(), asked) == (CONTENT, 2)
    asked, _ = saved(app(http(CONTENT), size=10**9), tmp_path / "b")
    assert ((tmp_path / "b").read_bytes(), asked) == (CONTENT, 2)


@pytest.mark.parametrize(
    ("reply", "code", "asked"),
    [
        (http(CONTENT)[:-1], 18, 5),
        (http(CONTENT[:100], 206), 18, 5),
        (http(b"", 204), 18, 5),
        (http({"detail": "x"}, 404), 22, 1),
        (http(b"", 403), 67, 1),
    ],
)
def test_what_stays_broken_ends_with_its_code(
    reply: bytes, code: int, asked: int, tmp_path: Path
) -> None:
    times, err = saved(app(reply), tmp_path / "a", check=code)
    assert (times, len(err.splitlines()) <= 2) == (asked, True)
    assert not (tmp_path / "a").exists()


def test_a_wait_that_the_server_asks_for_is_not_taken_unasked(tmp_path: Path) -> None:
    busy = http({"detail": "x"}, 429, {"Retry-After": "3600"})
    asked, err = saved(app(busy), tmp_path / "a", check=75)
    assert (asked, err.splitlines()[1:]) == (1, ["  use --retry N to try again"])


def test_what_is_repeated_on_request_is_told(tmp_path: Path) -> None:
    replies = in_turn([http(CONTENT)[:-1], http(CONTENT)])
    asked, err = saved(app(replies), tmp_path / "a", "--retry", "1")
    assert (asked, "trying again in" in err) == (2, True)


def test_nothing_is_written_to_stdout_twice() -> None:
    script = app(in_turn([http(CONTENT)[:-1], http(CONTENT)]))
    with serving(script) as server:
        ended = run("call", server.url, "/load", "file:=null", "-o", "-", check=0)
    assert ended.out_bytes == CONTENT


def test_a_row_whose_file_is_lost_keeps_its_data_and_is_done_again(tmp_path: Path) -> None:
    rows, results = tmp_path / "rows.jsonl", tmp_path / "results.jsonl"
    rows.write_text("[null]\n")
    words: list[str | Path] = [
        "/load",
        "--batch",
        rows,
        "--results",
        results,
        "-o",
        tmp_path / "out",
    ]
    with serving(app(http({"detail": "gone"}, 404))) as server:
        run("call", server.url, *words, check=1)
    line = json.loads(results.read_text())
    assert (line["status"], line["exit_code"]) == ("error", 22)
    assert line["data"][0]["url"] == f"{server.url}{FILE}"
    with serving(app(http(CONTENT))) as server:
        run("call", server.url, *words, check=0)
    line = json.loads(results.read_text().splitlines()[-1])
    assert Path(line["data"][0]["saved"]).read_bytes() == CONTENT


def test_a_component_in_a_chat_is_saved_once(tmp_path: Path) -> None:
    file = file_output()
    content = {"component": "image", "value": file, "props": {"value": file, "name": "image"}}
    chat = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": content}]
    script = gradio({FEED: EVENTS + completed(chat), FILE: http(CONTENT)})
    asked, _ = saved(script, f"{tmp_path}/out/")
    assert asked == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.txt"]


def test_files_of_one_result_do_not_wait_for_one_that_is_lost(tmp_path: Path) -> None:
    lost, there = file_output(path="/server/gone.txt"), file_output()
    script = gradio({FEED: EVENTS + completed([lost, there]), FILE: http(CONTENT)})
    with serving(script) as server:
        words = ["file:=null", "-o", f"{tmp_path}/out/", "--json"]
        ended = run("call", server.url, "/load", *words, check=22)
    first, second = json.loads(ended.out)["data"][0]
    assert "saved" not in first
    assert Path(second["saved"]).read_bytes() == CONTENT


@pytest.mark.parametrize("to", ["-", "/dev/stdout", "a.txt"])
@pytest.mark.parametrize(
    ("reply", "code"), [(http(CONTENT)[:-1], 18), (http({"detail": "x"}, 404), 22)]
)
def test_a_file_that_is_lost_leaves_no_url_on_stdout(
    reply: bytes, code: int, to: str, tmp_path: Path
) -> None:
    with serving(app(reply)) as server:
        ended = run("call", server.url, "/load", "file:=null", "-o", to, cwd=tmp_path, check=code)
    assert (ended.out, f"{server.url}{FILE}" in ended.err) == ("", True)


def test_several_files_leave_stdout_alone_and_are_told_where_they_are() -> None:
    files = [file_output(), file_output(path="/server/b.txt")]
    with serving(gradio({FEED: EVENTS + completed(files), FILE: http(CONTENT)})) as server:
        ended = run("call", server.url, "/load", "file:=null", "-o", "-", check=23)
    assert ended.out == ""
    told = f"they are at {server.url}{FILE} {server.url}{P}/file=/server/b.txt"
    assert told in ended.err


def test_what_could_be_saved_and_what_is_not_a_file_is_printed(tmp_path: Path) -> None:
    lost, there = file_output(path="/server/gone.txt"), file_output()
    message = {"text": "look", "files": [lost]}
    result = completed("said", [lost, there], message)
    script = gradio({FEED: EVENTS + result, FILE: http(CONTENT)})
    with serving(script) as server:
        words = ("call", server.url, "/load", "file:=null", "-o", "out/")
        ended = run(*words, cwd=tmp_path, check=22)
    # What no component tells of, and has no files any more, is JSON like any other.
    assert ended.out == 'said\nout/a.txt\n{"text": "look", "files": []}\n'


def test_several_files_have_paths_like_the_one_that_was_typed(tmp_path: Path) -> None:
    script = gradio({FEED: EVENTS + completed([file_output(), file_output()]), FILE: http(CONTENT)})
    with serving(script) as server:
        words = ("call", server.url, "/load", "file:=null", "-o", "a.txt")
        ended = run(*words, cwd=tmp_path, check=0)
    assert ended.out == "a.txt\na-1.txt\n"


def test_files_behind_one_name_are_counted_anew_and_overwritten_alike(tmp_path: Path) -> None:
    named = [f"{name}.{suffix}" for name, suffix in zip("abc", ("bin", "txt", "bin"), strict=True)]
    files = [file_output(path=f"/server/{name}", orig_name=name) for name in named]
    contents = {f"{P}/file=/server/{name}": http(name.encode()) for name in named}
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "one.txt").touch()
    (tmp_path / "linked.txt").symlink_to("kept/one.txt")
    with serving(gradio({FEED: EVENTS + completed(files), **contents})) as server:
        for to in ("one.txt", "one.txt", "plain", "linked.txt"):
            run("call", server.url, "/load", "file:=null", "-o", to, cwd=tmp_path, check=0)
    saved = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    assert saved == {
        **{"one.txt": "b.txt", "one-1.bin": "a.bin", "one-2.bin": "c.bin"},
        **{"plain": "a.bin", "plain-1": "b.txt", "plain-2": "c.bin"},
        **{"linked.txt": "b.txt", "linked-1.bin": "a.bin", "linked-2.bin": "c.bin"},
    }
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["one.txt"]


def test_pictures_behind_one_name_get_its_format(tmp_path: Path) -> None:
    gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01"
    gif += b"\0\0\x02\x02D\x01\0;"
    files = [file_output(path="/server/a.gif", orig_name=name) for name in ("a.gif", "b.gif")]
    script = gradio({FEED: EVENTS + completed(files), f"{P}/file=/server/a.gif": http(gif)})
    with serving(script) as server:
        words = ("call", server.url, "/load", "file:=null", "-o")
        assert run(*words, "x.png", cwd=tmp_path, check=0).err == ""
        run(*words, "x.bin", cwd=tmp_path, check=0)
    starts = {path.name: path.read_bytes()[:3] for path in tmp_path.iterdir()}
    assert starts == {"x.png": b"\x89PN", "x-1.png": b"\x89PN", "x.bin": b"GIF", "x-1.gif": b"GIF"}


def content_of(name: str) -> bytes:
    """A red picture under `.webp`, a blue one under `.png` and `.gif`, else the name as text."""
    kind = Path(name).suffix[1:]
    if kind not in ("webp", "png", "gif"):
        return name.encode()
    content = io.BytesIO()
    Image.new("RGB", (4, 4), "red" if kind == "webp" else "blue").save(content, kind)
    return content.getvalue()


def colour(path: Path) -> str:
    """Which of the two colours a picture has."""
    with Image.open(path) as image:
        pixel = image.convert("RGB").getpixel((1, 1))
    assert isinstance(pixel, tuple)
    return "red" if pixel[0] > pixel[2] else "blue"


def saved_as(names: list[str], to: str, folder: Path, env: dict[str, str] | None = None) -> str:
    """What the command that saves files of these names as `to` writes to stderr."""
    files = [file_output(path=f"/server/{name}", orig_name=name) for name in names]
    contents = {f"{P}/file=/server/{name}": http(content_of(name)) for name in names}
    with serving(gradio({FEED: EVENTS + completed(files), **contents})) as server:
        words = ("call", server.url, "/load", "file:=null", "-o", to)
        return run(*words, cwd=folder, env=env, check=0).err


@pytest.mark.parametrize(
    ("names", "to"),
    [
        (["a.webp", "b.png"], "x.png"),
        (["a.webp", "b.gif", "c.png"], "x.gif"),
        (["a.txt", "b.webp", "c.png"], "x.png"),
        (["a.svg", "b.webp", "c.png"], "x.png"),  # which can't be converted
    ],
)
def test_the_first_picture_gets_the_name_of_a_picture(
    names: list[str], to: str, tmp_path: Path
) -> None:
    assert saved_as(names, to, tmp_path) == ""
    assert colour(tmp_path / to) == "red"
    assert len([*tmp_path.iterdir()]) == len(names)


@pytest.mark.parametrize(
    ("names", "to", "content"),
    [
        (["a.mp3", "b.wav"], "x.wav", "b.wav"),
        (["a.webp", "b.svg"], "x.svg", "b.svg"),
        (["a.txt", "b.mp3"], "x.png", "a.txt"),
    ],
)
def test_the_first_file_that_has_the_suffix_of_the_name_gets_it_else_the_first(
    names: list[str], to: str, content: str, tmp_path: Path
) -> None:
    saved_as(names, to, tmp_path)
    assert (tmp_path / to).read_text() == content


def test_without_pillow_the_first_picture_gets_the_name_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "without" / "PIL").mkdir(parents=True)
    missing = tmp_path / "without" / "PIL" / "__init__.py"
    missing.write_text("raise ImportError('there is no Pillow')")
    env = {"PYTHONPATH": str(tmp_path / "without")}
    told = saved_as(["a.webp", "b.png"], "x.png", tmp_path, env)
    assert "x.png holds a WEBP picture (pip install 'gradio-curl[images]' converts it)" in told
    assert (colour(tmp_path / "x.png"), colour(tmp_path / "x-1.png")) == ("red", "blue")


def test_a_limit_that_passes_while_saving_tells_where_the_file_is() -> None:
    reply: Steps = [head({"Content-Length": "9"}), End.HOLD]
    with serving(app(reply)) as server:
        words = ("call", server.url, "/load", "file:=null", "-o", "-", "-m", "2")
        ended = run(*words, check=28)
    assert (ended.out, f"it is at {server.url}{FILE}" in ended.err) == ("", True)
