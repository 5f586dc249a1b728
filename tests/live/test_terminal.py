"""What a person sees: the real command in a pseudo-terminal, on real servers."""

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Completed, clean_environment, command
from tests.live.servers import ENDS, Server
from tests.live.terminal import Terminal

COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


@pytest.fixture
def url(server_of: Callable[[str], Server]) -> str:
    """The test app on the newest version."""
    return server_of("6.31.0").url


@pytest.fixture(params=ENDS)
def old_or_new(request: pytest.FixtureRequest, server_of: Callable[[str], Server]) -> str:
    """The test app on the oldest version, and on the newest."""
    return server_of(request.param).url


def test_stream_shows_a_progress_bar_and_leaves_the_result_alone(old_or_new: str) -> None:
    with Terminal("stream", old_or_new, "/progress", "20", "0.1") as terminal:
        shown = terminal.see("running", "Working", "/20 steps")
        assert len(shown.splitlines()) == 2
        assert terminal.end() == 0
        assert terminal.text == "20 steps"


def test_stream_shows_bars_inside_of_bars(url: str) -> None:
    with Terminal("stream", url, "/progress_two", "0.5") as terminal:
        shown = terminal.see("Outer", "Inner", "/2 rounds", "/3 steps")
        assert shown.index("Outer") < shown.index("Inner")
        terminal.process.close()


def test_stream_tells_the_place_in_the_queue(old_or_new: str, tmp_path: Path) -> None:
    environment = clean_environment(tmp_path)
    first = subprocess.Popen(
        command("stream", old_or_new, "/busy", "30"), env=environment, stdout=subprocess.PIPE
    )
    try:
        assert first.stdout is not None
        while b"started" not in first.stdout.readline():
            pass
        with Terminal("stream", old_or_new, "/busy", "0.1") as terminal:
            terminal.see("queued place 1 of 1")
            terminal.interrupt()
            assert terminal.end() == 130
    finally:
        first.terminate()
        first.communicate()


def test_messages_of_the_app_stay_above_the_result(old_or_new: str) -> None:
    with Terminal("stream", old_or_new, "/notices", "hello") as terminal:
        assert terminal.end() == 0
        assert terminal.text == "info: info: hello\nwarning: warning: hello\nhello"


def test_growing_text_is_shown_as_it_grows(url: str) -> None:
    words = " ".join(f"word{n}" for n in range(40))
    with Terminal("stream", url, "/chat", words) as terminal:
        assert "word39" not in terminal.see("running", "1: word0 word1")
        assert terminal.end() == 0
        assert terminal.text.replace("\n", "") == f"1: {words}"


def test_a_tall_output_shows_its_end_and_stands_in_full(url: str) -> None:
    lines = "\n".join(f"line {n}" for n in range(30))
    with Terminal("stream", url, "/slow_text", lines, "2", rows=12) as terminal:
        shown = terminal.see("more lines above", "line 29")
        assert len(shown.splitlines()) <= 11
        assert terminal.end() == 0
        assert all(f"line {n}\r\n".encode() in terminal.raw for n in range(30))


def test_ctrl_c_leaves_the_terminal_as_it_was(url: str) -> None:
    with Terminal("stream", url, "/slow", "30") as terminal:
        terminal.see("running")
        terminal.interrupt()
        assert terminal.end() == 130
        assert terminal.text == "gradio-curl: interrupted"
        assert not terminal.screen.cursor.hidden


@pytest.mark.parametrize("columns", [40, 200])
def test_the_view_fits_narrow_and_wide_windows(url: str, columns: int) -> None:
    with Terminal("stream", url, "/progress", "30", "0.1", columns=columns) as terminal:
        shown = terminal.see("running", "Working", "/30 steps")
        assert len(shown.splitlines()) == 2
        assert terminal.end() == 0
        assert terminal.text == "30 steps"


def test_a_window_that_is_resized_gets_a_view_that_fits(url: str) -> None:
    with Terminal("stream", url, "/progress", "60", "0.1", columns=100) as terminal:
        terminal.see("Working", "/60 steps")
        for columns in (40, 120):
            terminal.resize(columns, 24)
            terminal.see_frames(3)
            shown = terminal.see("running", "/60 steps")
            assert len(shown.splitlines()) == 2, shown
        terminal.interrupt()
        assert terminal.end() == 130
        assert terminal.text == "gradio-curl: interrupted"


def test_however_many_events_there_are_ten_frames_a_second_are_drawn(url: str) -> None:
    started = time.monotonic()
    with Terminal("stream", url, "/count", "200", "0.005") as terminal:
        assert terminal.end() == 0
    assert terminal.frames <= (time.monotonic() - started) * 10 + 2


def test_what_came_before_an_error_stands_above_it(old_or_new: str) -> None:
    with Terminal("stream", old_or_new, "/yields_then_fails") as terminal:
        assert terminal.end() == 1
        assert terminal.text == "one two\ngradio-curl: Broke after two"


def test_call_tells_on_stderr_and_gives_the_shell_the_result_alone(old_or_new: str) -> None:
    script = f'x=$($GC call {old_or_new} /progress 20 0.1); echo "caught [$x]"'
    with Terminal(script, shell=True) as terminal:
        terminal.see("running", "Working", "/20 steps")
        assert terminal.end() == 0
        assert terminal.text == "caught [20 steps]"


@pytest.mark.parametrize("words", [("call", "/file_size", "file@"), ("upload", "")])
def test_uploads_have_a_bar(url: str, words: tuple[str, ...], tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    with big.open("wb") as file:
        file.truncate(200_000_000)
    command_name, *middle, prefix = words
    with Terminal(command_name, url, *middle, f"{prefix}{big}") as terminal:
        terminal.see("uploading big.bin", "MB of 200.0 MB", "MB/s")
        assert terminal.end() == 0
        assert "uploading" not in terminal.text


@pytest.mark.parametrize("settings", [{"TERM": "dumb"}, {"TERM": "xterm", "Q": "-q"}])
def test_nothing_moves_on_a_dumb_terminal_or_when_quiet(url: str, settings: dict[str, str]) -> None:
    script = f"$GC call $Q {url} /progress 5 0.1; $GC stream $Q {url} /progress 5 0.1"
    with Terminal(script, shell=True, env={"NO_COLOR": "1", **settings}) as terminal:
        assert terminal.end() == 0
        assert b"\x1b" not in terminal.raw


def test_no_color_is_honoured(url: str) -> None:
    with Terminal("stream", url, "/several", "a b", env={"NO_COLOR": "1"}) as terminal:
        assert terminal.end() == 0
        assert not COLOUR.search(terminal.raw)
    with Terminal("stream", url, "/several", "a b") as terminal:
        assert terminal.end() == 0
        assert COLOUR.search(terminal.raw)


def test_without_colour_markdown_is_its_source(url: str) -> None:
    with Terminal("call", url, "/markdown_out", "--color", "never") as terminal:
        assert terminal.end() == 0
        assert terminal.text == "# Title\n\n*text*"
    with Terminal("call", url, "/markdown_out") as terminal:
        assert terminal.end() == 0
        assert terminal.text == "Title\n\ntext"


def test_text_of_the_server_can_not_steer_the_terminal(url: str) -> None:
    evil = "\x1b]0;title\x07\x1b[2J\x1b[31mred\r\x9b1A"
    with Terminal("stream", url, "/slow_text", evil, "1") as terminal:
        terminal.see("^[]0;title^G^[[2J^[[31mred^M<U+009B>1A")
        assert terminal.end() == 0
        assert "^[]0;title^G^[[2J^[[31mred^M<U+009B>1A" in terminal.text
        assert evil[:4].encode() not in terminal.raw


def test_files_are_links(url: str, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("content")
    with Terminal("call", url, "/file_echo", f"file@{note}", columns=200) as terminal:
        assert terminal.end() == 0
        assert re.search(r"echo-note\.txt\s+7 bytes$", terminal.text)
        assert re.search(rb"\x1b\]8;[^;]*;http[^\x1b]*echo-note\.txt\x1b\\http", terminal.raw)


def test_pictures_are_shown_with_half_blocks(old_or_new: str) -> None:
    with Terminal("call", old_or_new, "/image_make", "red", "16", columns=200) as terminal:
        assert terminal.end() == 0
        picture = [line for line in terminal.text.splitlines() if "▀" in line]
        assert picture
        assert set("".join(picture)) == {"▀"}
        assert "made.png" in terminal.text.partition(picture[-1])[2]
    with Terminal("call", old_or_new, "/image_make", "red", "16", "--no-preview") as terminal:
        assert terminal.end() == 0
        assert "▀" not in terminal.text


def test_pictures_are_sixels_where_the_terminal_has_them(url: str) -> None:
    with Terminal("stream", url, "/images", "3") as terminal:
        terminal.wait(lambda screen: b"\x1b[c" in terminal.raw)
        terminal.process.send("\x1b[?62;4c")
        assert terminal.end() == 0
        assert b"\x1bP" in terminal.raw


def test_answers_of_a_slow_terminal_do_not_reach_the_prompt(url: str) -> None:
    rest = "stty -icanon -echo min 0 time 5; left=$(cat); echo left [$left]"
    with Terminal(f"$GC call {url} /image_make red 16; {rest}", shell=True) as terminal:
        terminal.wait(lambda screen: b"\x1b[c" in terminal.raw)
        terminal.see_frames(3)  # later than textual-image would have waited
        terminal.process.send("\x1b[6;20;10t\x1b[?62;4c")
        assert terminal.end() == 0
        assert terminal.text.endswith("left []")
        assert b"\x1bP" in terminal.raw


def test_info_is_drawn_and_paged_where_it_is_tall(url: str) -> None:
    paged = {"PAGER": "sed s/^/page:/"}
    with Terminal("info", url, "/choose", env=paged) as terminal:
        assert terminal.end() == 0
        assert "page:" not in terminal.text
        assert "red|green|blue" in terminal.text
        assert COLOUR.search(terminal.raw)
    with Terminal("info", url, env=paged) as terminal:
        assert terminal.end() == 0
        assert terminal.text.splitlines()[-1].startswith("page:")


def test_without_a_terminal_nothing_is_drawn(gradio: Callable[..., Completed], url: str) -> None:
    ran = gradio("call", url, "/several", "a b", check=0)
    assert ran.out == 'A B\n3\n["a", "b"]\n'
    assert ran.err == ""
    coloured = gradio("call", url, "/several", "a b", "--color", "always", check=0)
    assert COLOUR.search(coloured.out_bytes)
    assert COLOUR.sub(b"", coloured.out_bytes) == ran.out_bytes


def test_a_batch_on_a_terminal_writes_its_results_whole(url: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"name": "a"}\n{"name": "b"}\n')
    call = ("call", url, "/greet", "--batch", rows, "--ordered")
    with Terminal(*call, columns=120) as terminal:
        assert terminal.end() == 0
        rest = '"status": "ok", "data": ["Hello'
        assert terminal.text.splitlines() == [
            f'{{"row": 0, "endpoint": "/greet", "input": {{"name": "a"}}, {rest} a."]}}',
            f'{{"row": 1, "endpoint": "/greet", "input": {{"name": "b"}}, {rest} b."]}}',
            "gradio-curl: 2 of 2 rows done",
        ]
