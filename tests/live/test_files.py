"""Files in and out: the real bytes, in the shape each component wants."""

import hashlib
import json
import os
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.measure import Contestant, measured
from tests.command import Completed, clean_environment, command
from tests.live.samples import made_picture, made_sound
from tests.live.servers import VERSIONS, Server, running
from tests.patience import HANGING

Gradio = Callable[..., Completed]
AtOnce = Callable[..., list[Completed]]
MEGABYTE = 1024 * 1024


def result_of(ended: Completed) -> Any:
    """The first value of `call --json`."""
    assert ended.code == 0, ended.err
    return json.loads(ended.out)[0]


@pytest.fixture
def here(tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small real files, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    made_picture(tmp_path / "dog.png", 5, 5)
    made_sound(tmp_path / "sound.wav")
    (tmp_path / "a.txt").write_bytes(b"hello")
    (tmp_path / "b.txt").write_bytes(b"world\0\xff")
    return tmp_path


def facts(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


A, B = facts("a.txt", b"hello"), facts("b.txt", b"world\0\xff")


# In


RECEIVED: list[tuple[list[str], Any]] = [
    (["file_size", "file@a.txt"], A),
    (["file_size", "@b.txt"], B),
    (["file_size", '--data=[{"@": "a.txt"}]'], A),
    (["files", "files@a.txt", "files@b.txt"], [A, B]),
    (["files", 'files:=[{"@": "b.txt"}]'], [B]),
    (["text_file", "@a.txt"], A),
    (["image_info", "image@cat.png"], {"size": [4, 3], "mode": "RGB"}),
    (
        ["gallery_info", "photos@cat.png", "photos@dog.png"],
        {"count": 2, "sizes": [[4, 3], [5, 5]], "captions": [None, None]},
    ),
    (
        ["gallery_info", 'photos:=[{"image": {"@": "cat.png"}, "caption": "Tom"}]'],
        {"count": 1, "sizes": [[4, 3]], "captions": ["Tom"]},
    ),
    (["audio_info", "@sound.wav"], {"rate": 8000, "frames": 800}),
    (["video_info", "video@a.txt"], A),
    (
        ["editor_info", "drawing@cat.png", "drawing@dog.png"],
        {"background": [4, 3], "layers": [[5, 5]], "composite": [4, 3]},
    ),
]


@pytest.mark.every_version
def test_a_file_arrives_whole_in_the_shape_of_its_component(
    server: Server, at_once: AtOnce, here: Path
) -> None:
    ended = at_once(["call", server.url, *words, "--json"] for words, _ in RECEIVED)
    came = [(words, result_of(e)) for (words, _), e in zip(RECEIVED, ended, strict=True)]
    assert came == RECEIVED


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_a_message_has_text_and_files(
    gradio: Gradio, server_of: Callable[[str], Server], here: Path, version: str
) -> None:
    words = ["multimodal", "message=hello", "message@cat.png", "message@a.txt"]
    ended = gradio("call", server_of(version).url, *words, "--json", check=0)
    assert result_of(ended) == {"text": "hello", "files": ["cat.png", "a.txt"]}


def test_a_file_comes_from_stdin_with_a_name(gradio: Gradio, server: Server) -> None:
    words = ["file_size", "file@-", "--name", "typed.txt", "--json"]
    ended = gradio("call", server.url, *words, input="from stdin", check=0)
    assert result_of(ended) == facts("typed.txt", b"from stdin")


def test_a_file_comes_from_a_pipe(server: Server, tmp_path: Path) -> None:
    call = " ".join(command("call", server.url, "file_size", "--json"))
    ended = subprocess.run(
        ["bash", "-c", f"{call} file@<(printf %s piped)"],
        capture_output=True,
        env=clean_environment(tmp_path),
        timeout=HANGING,
    )
    assert json.loads(ended.stdout)[0]["sha256"] == facts("", b"piped")["sha256"]


def test_names_may_be_odd(gradio: Gradio, server: Server, tmp_path: Path) -> None:
    name = os.fsdecode(b"q\"u'o te;%=\xc3\xa9\xff.txt")
    (tmp_path / name).write_bytes(b"hello")
    (payload,) = json.loads(gradio("upload", server.url, name, cwd=tmp_path, check=0).out)
    assert payload["orig_name"] == "q\"u'o te;%=é\ufffd.txt"
    ended = gradio("call", server.url, "file_size", f"file@{name}", "--json", cwd=tmp_path, check=0)
    assert result_of(ended)["sha256"] == A["sha256"]


def test_each_distinct_file_is_uploaded_once_and_small_ones_together(
    gradio: Gradio, server: Server, here: Path
) -> None:
    words = ["files@a.txt", "files@b.txt", "files@a.txt", "files@a.txt"]
    ended = gradio("call", server.url, "files", *words, "--json", "-v", check=0)
    assert result_of(ended) == [A, B, A, A]
    assert ended.err.count("/upload\n") == 1


def test_what_upload_prints_can_be_pasted(gradio: Gradio, server: Server, here: Path) -> None:
    out = gradio("upload", server.url, "a.txt", "b.txt", check=0).out
    first, second = json.loads(out)
    assert (first["orig_name"], second["orig_name"]) == ("a.txt", "b.txt")
    by_name = gradio("call", server.url, "files", f"files:={out}", "--json", check=0)
    in_data = gradio("call", server.url, "files", "-d", json.dumps([[second]]), "--json", check=0)
    assert (result_of(by_name), result_of(in_data)) == ([A, B], [B])


def test_upload_takes_stdin_by_name(gradio: Gradio, server: Server) -> None:
    ended = gradio("upload", server.url, "-", "--name", "x.txt", input="hello", check=0)
    assert json.loads(ended.out)[0]["orig_name"] == "x.txt"


# From 5.0 on servers refuse private addresses.
@pytest.mark.parametrize("version", VERSIONS[:2])
def test_a_url_is_fetched_by_the_server(
    gradio: Gradio, server_of: Callable[[str], Server], version: str
) -> None:
    url = server_of(version).url
    picture = gradio("call", url, "image_make", "blue", "7", check=0).out.strip()
    ended = gradio("call", url, "image_info", f"image@{picture}", "--json", check=0)
    assert result_of(ended)["size"] == [7, 7]


@pytest.mark.parametrize("version", ["4.44.1", "6.31.0"])
def test_a_file_over_the_limit_of_the_app_is_not_sent(
    gradio: Gradio, here: Path, version: str
) -> None:
    (here / "large.bin").write_bytes(bytes(1001))
    with running(version, "--max-file-size=1000") as limited:
        assert result_of(gradio("call", limited.url, "file_size", "@a.txt", "--json", check=0)) == A
        for words in (
            ["call", limited.url, "file_size", "@large.bin"],
            ["upload", limited.url, "large.bin"],
        ):
            ended = gradio(*words, "-v", check=2)
            assert "large.bin has 1001 bytes, the app takes at most 1000" in ended.err
            assert "/upload" not in ended.err
        ended = gradio("upload", limited.url, "-", input=bytes(1001), check=2)
        assert ended.err == "gradio-curl: stdin has 1001 bytes, the app takes at most 1000\n"


# Out


@pytest.mark.every_version
def test_a_file_is_told_by_a_url_that_works(gradio: Gradio, server: Server, here: Path) -> None:
    url = gradio("call", server.url, "file_echo", "@b.txt", check=0).out
    assert url.startswith(f"{server.url}/")
    with urllib.request.urlopen(url.strip()) as reply:
        assert reply.read() == b"world\0\xff"


def test_output_is_saved_as_the_file_that_is_named(
    gradio: Gradio, server: Server, here: Path
) -> None:
    for source, content in (("a.txt", b"hello"), ("b.txt", b"world\0\xff")):
        ended = gradio("call", server.url, "file_echo", f"@{source}", "-o", "new.bin", check=0)
        assert ended.out == "new.bin\n"
        assert (here / "new.bin").read_bytes() == content
    assert not list(here.glob(".gradio-curl-*"))


def test_in_a_directory_nothing_is_overwritten(gradio: Gradio, server: Server, here: Path) -> None:
    for name in ("echo-a.txt", "echo-a-1.txt"):
        ended = gradio("call", server.url, "file_echo", "@a.txt", "-o", "out/", "--json", check=0)
        assert result_of(ended)["saved"] == f"out/{name}"
    assert sorted(p.name for p in (here / "out").iterdir()) == ["echo-a-1.txt", "echo-a.txt"]


def test_stdout_takes_the_bytes_alone(gradio: Gradio, server: Server, here: Path) -> None:
    ended = gradio("call", server.url, "file_echo", "@b.txt", "-o", "-", check=0)
    assert (ended.out_bytes, ended.err) == (b"world\0\xff", "")


def test_files_in_galleries_updates_and_chats_are_saved(
    gradio: Gradio, server: Server, here: Path
) -> None:
    gradio("call", server.url, "gallery_make", "2", "-o", "gallery/", check=0)
    ended = gradio("call", server.url, "update", "new text", "-o", "update/", check=0)
    gradio("call", server.url, "chatbot", "hi", "-o", "chat/", check=0)
    saved = sorted(str(p.relative_to(here)) for p in here.glob("*/*") if "home" not in p.parts)
    assert saved == [
        "chat/answer.png",
        "gallery/picture-1.png",
        "gallery/picture-2.png",
        "update/updated.png",
        "update/updated.txt",
    ]
    assert (here / "update/updated.txt").read_text(encoding="utf-8") == "new text"
    assert ended.out.startswith("update/updated.txt\n")


def test_a_result_without_a_file_is_saved_as_text(
    gradio: Gradio, server: Server, here: Path
) -> None:
    ended = gradio("call", server.url, "add", "1", "2", "-o", "sum.txt", check=0)
    assert (ended.out, (here / "sum.txt").read_text()) == ("sum.txt\n", "3\n")


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_an_object_of_the_app_with_a_path_is_no_file(
    gradio: Gradio, server_of: Callable[[str], Server], here: Path, version: str
) -> None:
    ended = gradio("call", server_of(version).url, "fake_file", "-o", "out/", check=0)
    assert ended.out == "out/result.txt\n"
    assert json.loads((here / "out/result.txt").read_text()) == {"path": "x", "size": 3}


def test_memory_does_not_grow_with_the_file(server: Server, here: Path) -> None:
    size = 150 * MEGABYTE
    with (here / "large.bin").open("wb") as file:
        file.truncate(size)
    words = ["call", server.url, "file_echo", "@large.bin", "-o", "back.bin"]
    used = measured(Contestant("ours", command(*words)), here, clean_environment(here))
    assert (here / "back.bin").stat().st_size == size
    # Without any file it is about 45 MB.
    assert used.peak_bytes < 90 * MEGABYTE


@pytest.mark.parametrize("name", [".hidden", ".env.txt", "..twice"])
def test_a_file_whose_name_begins_with_a_dot_is_sent_without_it(
    server: Server, gradio: Gradio, here: Path, name: str
) -> None:
    (here / name).write_bytes(b"hello")
    ended = gradio("call", server.url, "/file_size", f"file@{name}", "--json")
    assert result_of(ended) == facts(name.lstrip("."), b"hello")
