"""The result on a terminal. Rich is imported for what it has to draw: plain text is not."""

from __future__ import annotations

import sys
from typing import Any

from gradio_curl.protocol import files
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.live import terminal_size
from gradio_curl.render.pictures import Pictures
from gradio_curl.render.stdio import Stdout, harmless, to_json
from gradio_curl.render.text import Fetch, Result, unwrapped

LONGEST_COLOURED = 200_000  # characters of JSON; colouring more takes seconds


class TerminalResult(Result):
    """`call` on a terminal: JSON in colour, files as links, pictures below."""

    def __init__(self, stdout: Stdout, as_json: bool, pictures: Pictures | None) -> None:
        super().__init__(stdout, as_json)
        self._pictures = pictures

    def begin(self, endpoint: Endpoint, fetch: Fetch) -> None:
        """Get ready for pictures."""
        if self._pictures is not None:
            self._pictures.begin(endpoint, fetch)

    def finish(self, data: list[Any], t: float) -> None:
        """Write the result."""
        if self._as_json or self._pictures is None:
            super().finish(data, t)
            return
        self._pictures.wait(data)
        for at, value in enumerate(data):
            self._value(value)
            if pictures := self._pictures.of(at):
                from gradio_curl.render import preview

                self._stdout.drawn(preview.pictures_text(pictures, *terminal_size(sys.stdout)))

    def _value(self, value: Any) -> None:
        value = unwrapped(value)
        match value:
            case {"type": str(kind), "plot": str(plot)}:
                self._stdout.text(f"{kind} plot, {len(plot):,} characters\n")
            case _ if files.is_file(value):
                from gradio_curl.render import preview

                self._stdout.drawn(preview.link_text(value))
            case str():
                super()._value(value)
            case _:
                self._json(value)

    def _json(self, value: Any) -> None:
        text = to_json(value)
        if self._stdout.is_terminal and len(text) > terminal_size(sys.stdout)[0]:
            text = to_json(value, indent=2)
        if len(text) > LONGEST_COLOURED:
            self._stdout.json(text)
            return
        from gradio_curl.render import preview

        self._stdout.drawn(preview.json_text(harmless(text) if self._stdout.is_terminal else text))
