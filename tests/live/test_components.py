"""What a person sees of each kind of component, while its job runs and at its end.

Each endpoint of `kinds.py` yields its value, holds it until a file exists, and yields it again.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command import Completed
from tests.live.samples import made_picture
from tests.live.servers import ENDS, Server, running
from tests.live.terminal import Terminal, replayed

STYLES_AND_LINKS = re.compile(rb"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b\x07]*\x1b\\")
# What moves the cursor and hides it, erases, wraps, holds a frame together, and asks what the
# terminal can draw.
OUR_OWN = re.compile(rb"\x1b\[(\d*[AJK]|\?(7|25|2026)[hl]|16t|c)")
FILE = r"http://127\.0\.0\.1:\d+/\S*"

PICTURES = ("annotated", "chat", "gallery", "image", "plot", "several")
SHOWN = re.compile(r"\n\n. running [^\n]+$")
RUNNING = re.compile(r". running [\d.]+ s.*")

# What the screen says in the end, at 200 columns; blanks are one blank, half blocks one too.
SAID = {
    "text": r"A line\nand a longer one (of words ?)+",
    "number": r"4\.5",
    "json": r'\{"name": "ann", "tags": \["a", "b"\], "age": null\}',
    "table": r"name age\nann 3\nbob 41",
    "label": r"cat [━╺╸]+ 70%\ndog [━╺╸]+ 30%\nemu [━╺╸]+ <1%",
    "markdown": r"Sorting\n\nSorted by age:\n\n people\.sort\(key=lambda one: one\.age\)\n\n"
    r" • quick\n • short",
    "highlighted": r"Ann\[person\] lives in Rome\[place\]",
    "annotated": rf"(▀\n)+({FILE}\n){{1}}{FILE} sun",
    "image": rf"(▀\n)+{FILE}/image\.png",
    "gallery": rf"(▀ ▀\n|▀\n)+{FILE}\.png first\n{FILE}\.png second",
    "video": rf"{FILE}/clip\.mp4.*",
    "audio": rf"{FILE}\.wav.*",
    "file": rf"{FILE}/note\.txt 7 bytes",
    "plot": r"(▀\n?)+",
    "html": r"Done\nSee it \(https://h\.test/x\)",
    "update": r"set by an update",
    "skip": r"unchanged",
    "several": rf"Title\nA short text\n\nCount 3\n\nPicture\n(▀\n)+{FILE}\.png\n\n"
    r'Details\n\{"a": \[1, 2\]\}\n\nRemark empty\n\nAnimal\ncat [━╺╸]+ 90%\ndog [━╺╸]+ 10%',
}
CHAT = (
    r"user\n How do I sort them\?\n\nassistant\n Sorted by age:\n\n people\.sort\([^\n]*\)\n\n"
    r" • quick\n • short\n\nuser\n And a picture\?\n\nassistant\n"
)
THOUGHT = r" · Looking for a picture\n There was one\.\n\n"


@pytest.fixture(scope="module", params=ENDS)
def kinds(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The app with each kind of component, on one version after the other."""
    with running(request.param, script="kinds.py") as server:
        yield server


@pytest.fixture(scope="module")
def shown(
    kinds: Server, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, int], Terminal]:
    """The terminal of a finished `stream` of one kind at one width; each is run once."""
    kept: dict[tuple[str, int], Terminal] = {}
    folder = tmp_path_factory.mktemp("release")

    def run(kind: str, columns: int) -> Terminal:
        if (kind, columns) not in kept:
            kept[kind, columns] = streamed(kinds.url, kind, columns, folder)
        return kept[kind, columns]

    return run


def streamed(url: str, kind: str, columns: int, folder: Path) -> Terminal:
    """The terminal, 60 lines high, in which `stream` has run."""
    release = folder / f"{kind}-{columns}"
    with Terminal("stream", url, f"/{kind}", release, columns=columns, rows=60) as terminal:
        if kind in PICTURES:
            terminal.wait(lambda screen: b"\x1b[c" in terminal.raw)
            terminal.process.send("\x1b[6;20;10t\x1b[?62c")
            terminal.see("▀", "running")
        else:
            terminal.wait(lambda screen: bool(SHOWN.search(terminal.text)))
        terminal.settle()
        release.touch()
        assert terminal.end() == 0, terminal.text
    return terminal


def said(kind: str, server: Server) -> str:
    """What the screen says of this kind in the end, as a pattern."""
    if kind == "chat":
        thought = "" if server.version.startswith("4.20.") else THOUGHT
        return rf"{CHAT}{thought}( ▀\n)+ {FILE}/answer\.png"
    return SAID[kind]


@pytest.mark.parametrize("kind", [*SAID, "chat"])
def test_each_kind_of_component_is_drawn_and_stands_as_it_was(
    kind: str, kinds: Server, shown: Callable[[str, int], Terminal]
) -> None:
    terminal = shown(kind, 200)
    simple = re.sub("▀+", "▀", re.sub(" +", " ", terminal.text))
    assert re.fullmatch(said(kind, kinds), simple), terminal.text
    stands_as_it_was(terminal)


@pytest.mark.parametrize("kinds", ["6.31.0"], indirect=True)
@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("kind", ["chat", "gallery", "label", "markdown", "several", "table"])
def test_no_line_is_wider_than_the_screen_and_nothing_jumps(
    kind: str, columns: int, shown: Callable[[str, int], Terminal]
) -> None:
    terminal = shown(kind, columns)
    stands_as_it_was(terminal)
    if kind == "table":
        assert len(terminal.text.splitlines()) <= 4
    if kind == "several":
        for label in ("Title", "Count", "Picture", "Details", "Remark", "Animal"):
            assert re.search(rf"^{label}\b", terminal.text, re.MULTILINE)


def stands_as_it_was(terminal: Terminal) -> None:
    """The last live frame's lines are the result's, and only we have moved the cursor."""
    last = [text for text in replayed(terminal) if RUNNING.fullmatch(text.splitlines()[-1])][-1]
    *outputs, blank, _status = last.splitlines()
    assert blank == ""
    assert terminal.text.splitlines() == outputs
    # A frame's lines are not wrapped by the terminal, so what is wider would be cut there.
    escapes = STYLES_AND_LINKS.sub(b"", terminal.raw)
    assert b"\x1b" not in OUR_OWN.sub(b"", escapes)


FORMS = ["annotated", "plot", "bars", "explorer", "editor", "date"]
WITHOUT_CHOICES = ["dropdown", "dropdowns", "radio", "checkboxes"]


@pytest.mark.parametrize("kind", [*FORMS, *WITHOUT_CHOICES])
def test_the_example_of_a_component_with_a_form_of_its_own_works(
    kind: str, kinds: Server, gradio: Callable[..., Completed], tmp_path: Path
) -> None:
    made_picture(tmp_path / "image.png", 4, 3)
    (told,) = json.loads(gradio("info", kinds.url, f"/takes_{kind}", "--json").out)["endpoints"]
    gradio(*shlex.split(told["example"])[1:], cwd=tmp_path, check=0)


def test_messages_that_the_app_refuses_are_told_with_some_that_it_takes(
    kinds: Server, gradio: Callable[..., Completed]
) -> None:
    words = ("call", kinds.url, "/takes_chat")
    refused = gradio(*words, "-d", "[[1]]", check=2)
    assert "[0]: 1 is not" in refused.err
    item = shlex.split(refused.err.partition("this app takes ")[2])[0]
    assert "Hello!" in gradio(*words, item, check=0).out
