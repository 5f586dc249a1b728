"""The result where nothing moves, but colours are wanted: drawn on a terminal, JSON elsewhere."""

from __future__ import annotations

import sys
from typing import Any

from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.pictures import Pictures
from gradio_curl.render.renderer import Fetch, Result
from gradio_curl.render.scene import Scene, terminal_size
from gradio_curl.render.stdio import Stdout, harmless, to_json
from gradio_curl.render.text import unwrapped


class DrawnResult(Result):
    """The result as the live view would leave it. Into a pipe, JSON is coloured, and no more."""

    def __init__(self, stdout: Stdout, as_json: bool, pictures: Pictures | None) -> None:
        super().__init__(stdout, as_json)
        self._scene = Scene(coloured=True, outputs=True, pictures=pictures)

    def begin(self, endpoint: Endpoint, fetch: Fetch) -> None:
        """Get ready for pictures."""
        super().begin(endpoint, fetch)
        self._scene.returns = endpoint.returns
        if self._scene.pictures is not None:
            self._scene.pictures.begin(endpoint, fetch)

    def finish(self, data: list[Any], t: float) -> None:
        """Write the result."""
        if self._as_json or not self._stdout.is_terminal:
            super().finish(data, t)
            return
        if self._scene.pictures is not None:
            self._scene.pictures.wait(data)
        self._scene.data = data
        from gradio_curl.render.frame import result_lines

        lines = result_lines(self._scene, *terminal_size(sys.stdout))
        self._stdout.drawn("".join(f"{line}\n" for line in lines))

    def close(self) -> None:
        """The end: the terminal is as it was."""
        if self._scene.pictures is not None:
            self._scene.pictures.close()

    def _value(self, value: Any, text: str) -> None:
        if isinstance(unwrapped(value), str):
            super()._value(value, text)
        else:
            self._json(value)

    def _json(self, value: Any) -> None:
        from gradio_curl.render.styled import LONGEST_COLOURED, json_text

        text = to_json(value)
        if self._stdout.is_terminal and len(text) > terminal_size(sys.stdout)[0]:
            text = to_json(value, indent=2)
        if len(text) > LONGEST_COLOURED:
            self._stdout.json(text)
            return
        text = harmless(text) if self._stdout.is_terminal else text
        self._stdout.drawn(json_text(text) + "\n")
