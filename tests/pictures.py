"""Makes the README's pictures, from real runs on a real server: `python -m tests.pictures`.

The command runs in a terminal of its own; what its screen holds at one moment becomes an SVG.
"""

import io
import re
import shlex
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME, TerminalTheme
from rich.text import Text

from tests.live.servers import running
from tests.live.terminal import Terminal

FOLDER = Path(__file__).parent.parent / ".pictures"
APP = "http://gpu-server:7860"  # as long as the real one, so that columns stay in line


def svg(screen: pyte.Screen, title: str, theme: TerminalTheme = SVG_EXPORT_THEME) -> str:
    """What the screen holds, its empty last lines left out."""
    console = Console(
        record=True, width=screen.columns, file=io.StringIO(), force_terminal=True,
        color_system="truecolor", legacy_windows=False,
    )  # fmt: skip
    rows = len("\n".join(screen.display).rstrip().splitlines())
    for y in range(rows):
        line = Text()
        cells = (screen.buffer[y][x] for x in range(screen.columns))
        # Word by word: not every viewer keeps the blanks around a text.
        for (style, _), run in groupby(cells, lambda cell: (_style(cell), cell.data == " ")):
            line.append("".join(cell.data for cell in run), style)
        console.print(line, no_wrap=True, overflow="crop")
    drawn = console.export_svg(title=title, theme=theme, unique_id="gradio-curl")
    return drawn.replace("<style>", "<style>text { font-variant-ligatures: none }", 1)


def _style(cell: pyte.screens.Char) -> Style:
    foreground, background = _color(cell.fg), _color(cell.bg)
    return Style(color=foreground, bgcolor=background, bold=cell.bold or None, reverse=cell.reverse)


def _color(name: str) -> str | None:
    if name == "default":
        return None
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    name = name.replace("brown", "yellow")
    return re.sub("^bright(?=[a-z])", "bright_", name)


def shot(
    name: str, url: str, *args: str, until: Callable[[pyte.Screen], bool], columns: int, rows: int
) -> None:
    """Run a command until its screen is the one that is wanted, and keep that."""
    with Terminal(*args, columns=columns, rows=rows) as terminal:
        terminal.wait(until)
        if args[0] == "stream":
            terminal.settle()
        title = shlex.join(["gradio-curl", *args[:3]])
        drawn = svg(terminal.screen, title).replace(url, APP)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(drawn, encoding="utf-8")


def main() -> None:
    """Make all of them."""
    with running("6.31.0", script="painter.py") as server:
        words = ("prompt=an evening by the sea", "steps=20")
        shot(
            "stream", server.url, "stream", server.url, "/generate", *words,
            until=lambda s: any(re.search("1[0-5]/20", line) for line in s.display)
            and sum("▀" in line for line in s.display) > 5,
            columns=80, rows=28,
        )  # fmt: skip
        shot(
            "info", server.url, "info", server.url,
            until=lambda s: any("/describe photo" in line for line in s.display),
            columns=80, rows=40,
        )  # fmt: skip
        shot(
            "results", server.url, "call", server.url, "/review", "prompt=an evening by the sea",
            until=lambda s: any("▀" in line for line in s.display)
            and any("suits it" in line for line in s.display)
            and not any("fetching" in line for line in s.display),
            columns=80, rows=50,
        )  # fmt: skip


if __name__ == "__main__":
    main()
