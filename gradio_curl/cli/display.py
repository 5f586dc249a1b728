"""How a command shows progress and result: chosen once, from the options and both streams."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gradio_curl.cli import timer
from gradio_curl.cli.options import CallSettings, JobSettings, Settings, StreamSettings
from gradio_curl.protocol.schema import App, Endpoint
from gradio_curl.render.renderer import PlainStream, Renderer, Result
from gradio_curl.render.stdio import Stdout, can_draw, harmless

if TYPE_CHECKING:
    from gradio_curl.render.pictures import Pictures


def for_call(settings: CallSettings) -> Renderer:
    """The result: drawn on a terminal, plain elsewhere; until then, what happens, on stderr."""
    stdout = Stdout()
    if stdout.is_terminal and not (settings.json or settings.csv) and settings.moves(sys.stdout):
        return _live(stdout, settings)
    result = _as_csv(stdout) if settings.csv else _result(stdout, settings)
    if not settings.moves(sys.stderr):
        return result
    from gradio_curl.render.live import Live

    return Live(sys.stderr, result, coloured=settings.coloured(sys.stderr))


def for_stream(settings: StreamSettings) -> Renderer:
    """The live view on a terminal, JSON Lines elsewhere; with `--text` the new part of the text."""
    stdout = Stdout()
    if settings.text:
        from gradio_curl.render.growing import GrowingText

        return GrowingText(stdout)
    if settings.json or not stdout.is_terminal:
        from gradio_curl.render.jsonl import JsonLines

        return JsonLines(stdout)
    if settings.moves(sys.stdout):
        return _live(stdout, settings)
    return _result(stdout, settings) if settings.quiet else PlainStream(stdout)


def for_upload(settings: Settings) -> Renderer:
    """Bars on stderr, where that is a terminal."""
    if not settings.moves(sys.stderr):
        return Renderer()
    from gradio_curl.render.live import Live

    return Live(sys.stderr, Renderer(), coloured=settings.coloured(sys.stderr))


def _live(stdout: Stdout, settings: JobSettings) -> Renderer:
    from gradio_curl.render.live import Live

    return Live(
        sys.stdout,
        Result(stdout, as_json=False),
        coloured=settings.coloured(sys.stdout),
        stdout=stdout,
        pictures=_pictures(settings),
    )


def show_info(
    settings: Settings, app: App, url: str, typed: str, endpoints: Iterable[Endpoint]
) -> None:
    """What an app offers, on stdout; where that is a terminal too small for it, in a pager."""
    from gradio_curl.render.info import info_text

    stdout = Stdout()
    if settings.coloured(sys.stdout):
        from gradio_curl.render.info_page import info_page

        page = info_page(app, url, typed, endpoints, shutil.get_terminal_size().columns)
    else:
        page = harmless(info_text(app, url, typed, endpoints)) + "\n"
    if not (settings.moves(sys.stdout) and _is_tall(page) and _paged(page)):
        stdout.drawn(page)


def _is_tall(page: str) -> bool:
    from gradio_curl.render.info_page import height

    size = shutil.get_terminal_size()
    return height(page, size.columns) >= size.lines


def _paged(page: str) -> bool:
    """Show it in the user's pager; False where there is none."""
    environment = {"LESS": "FRX", **os.environ}  # as git does: keep colours, leave the screen
    # Ctrl-C is the pager's, and reading takes as long as it takes.
    kept = signal.signal(signal.SIGINT, lambda number, frame: None)
    timer.lift()
    try:
        words = shlex.split(os.environ.get("PAGER", "less"))
        subprocess.run(words, input=page.encode("utf-8", "replace"), env=environment, check=False)
    except (OSError, ValueError, IndexError):
        return False
    finally:
        signal.signal(signal.SIGINT, kept)
    return True


def _as_csv(stdout: Stdout) -> Renderer:
    from gradio_curl.render.saved import Csv

    return Csv(stdout, as_json=False)


def _result(stdout: Stdout, settings: JobSettings) -> Renderer:
    pictures = _pictures(settings)
    if not settings.coloured(sys.stdout):
        return Result(stdout, settings.json)
    from gradio_curl.render.terminal import DrawnResult

    return DrawnResult(stdout, settings.json, pictures)


def _pictures(settings: JobSettings) -> Pictures | None:
    """Where pictures go into the terminal: none without the extra, or where nothing is coloured."""
    wanted = can_draw(sys.stdout) and settings.coloured(sys.stdout) and not settings.json
    if not wanted or settings.preview is False:
        return None
    if importlib.util.find_spec("textual_image") is None:
        return None
    from gradio_curl.render.pictures import Pictures

    return Pictures()
