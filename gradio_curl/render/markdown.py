"""Markdown for a terminal: left-aligned headings, highlighted code, no HTML, safe links only."""

from __future__ import annotations

from typing import ClassVar

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.padding import Padding
from rich.segment import Segment
from rich.syntax import Syntax

from gradio_curl.render.stdio import safe_link

_THEME = "ansi_dark"  # the terminal's own colours


class _Heading(Heading):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        self.text.stylize("bold" if self.tag in ("h1", "h2") else "italic")
        yield self.text


class _Code(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = Syntax(
            str(self.text).rstrip(), self.lexer_name, theme=_THEME, word_wrap=True,
            background_color="default",
        )  # fmt: skip
        yield Padding(code, (0, 0, 0, 2))


class Document(Markdown):
    """A text in Markdown, `columns` wide at most."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
    }

    def __init__(self, text: str, columns: int) -> None:
        super().__init__("", code_theme=_THEME, hyperlinks=False)
        # HTML would be left out: as text it is at least seen.
        parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
        self.parsed = parser.parse(text)
        self._columns = columns

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        narrower = options.update(width=min(options.max_width, self._columns))
        parts = super().__rich_console__(console, narrower)
        for segment in console.render(_Parts(parts), narrower):
            text, style, control = segment
            if style is not None and style.link is not None:
                style = style.update_link(safe_link(style.link) or None)
            yield Segment(text, style, control)


class _Parts:
    def __init__(self, parts: RenderResult) -> None:
        self._parts = parts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._parts
