"""Text, Markdown, JSON and marked text, in colour."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.highlighter import JSONHighlighter
from rich.text import Text

from gradio_curl.render.html import plain_text
from gradio_curl.render.lines import Canvas, console_for, drawn_lines, safe
from gradio_curl.render.stdio import harmless, in_a_line, to_json

LONGEST = 20_000  # characters of one value in a cut frame; more would not fit on a screen
LONGEST_COLOURED = 200_000  # characters of JSON or Markdown; colouring more takes seconds
_WIDEST_TEXT = 100  # columns; longer lines of Markdown are hard to read
_CLASSES = ("cyan", "green", "yellow", "magenta", "blue", "red")


def text_of(text: str, component: str, canvas: Canvas) -> RenderableType:
    """Text; Markdown and HTML made readable, unless nothing is coloured."""
    if component == "html" and canvas.coloured:
        text = plain_text(text)
    if component == "markdown" and canvas.coloured and len(text) <= LONGEST_COLOURED:
        return _markdown(text if canvas.room is None else _last(text), canvas)
    return harmless(text if canvas.room is None else text[-LONGEST:])


def _last(text: str) -> str:
    """The end of a Markdown text, from the beginning of a paragraph on."""
    if len(text) <= LONGEST:
        return text
    return text[-LONGEST:].partition("\n\n")[2] or text[-LONGEST:]


def _markdown(text: str, canvas: Canvas) -> RenderableType:
    from gradio_curl.render.markdown import Document

    return Document(harmless(text), min(canvas.columns, _WIDEST_TEXT))


def json_of(value: Any, canvas: Canvas) -> RenderableType:
    """Any value as JSON: on one line where it fits."""
    text = to_json(value)
    if len(text) > canvas.columns:
        text = to_json(value, indent=2)
    if canvas.room is not None:
        text = text[:LONGEST]
    if len(text) > LONGEST_COLOURED:
        return harmless(text)
    return JSONHighlighter()(safe(text))


def highlighted(tokens: list[Any]) -> Text:
    """`gr.HighlightedText`: marked parts in colour, their class behind them."""
    line = Text()
    styles: dict[Any, str] = {}
    for token in tokens:
        said, kind = token["token"], token["class_or_confidence"]
        if kind is None:
            line.append_text(safe(said))
            continue
        style = styles.setdefault(kind, _CLASSES[len(styles) % len(_CLASSES)])
        name = f"{kind:.2f}" if isinstance(kind, float) else str(kind)
        line.append_text(safe(said, f"{style} underline"))
        line.append_text(safe(f"[{in_a_line(name)}]", style))
    return line


def json_text(text: str) -> str:
    """JSON in colour."""
    console = console_for(80, 100, coloured=True)
    return "\n".join(drawn_lines(console, JSONHighlighter()(Text(text))))
