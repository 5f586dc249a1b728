"""The pictures in outputs: found, fetched and decoded while the call goes on.

The terminal is asked what it can show late, and only where a picture may come.
"""

from __future__ import annotations

import base64
import io
import threading
import warnings
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Any

from gradio_curl.protocol import files
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.graphics import Graphics
from gradio_curl.render.growing import is_chat
from gradio_curl.render.renderer import Fetch
from gradio_curl.render.text import unwrapped

IN_A_ROW = 4  # pictures of a gallery
WAIT = 10.0  # seconds, for the pictures of the result
_LARGEST_SIDE = 1600  # pixels; more does not help on half a screen

_COMPONENTS = {
    "annotatedimage",
    "chatbot",
    "file",
    "gallery",
    "image",
    "imageeditor",
    "imageslider",
    "plot",
}
_SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"}
# Pillow knows more, some of which start other programs.
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "WEBP")


@dataclass(slots=True)
class Picture:
    """A decoded picture, the kind of renderable for it, and what was made of it at which size.

    `source` is its address, or the text of the plot that it is.
    """

    source: str
    image: Any
    kind: Any
    kept: tuple[tuple[int, int], int, list[Any]] | None = None


class Pictures:
    """Pictures by output, always the newest that are ready. A thread of its own loads them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted: list[Any] | None = None
        self._ready: list[Any] | None = None
        self._shown: list[list[Picture]] = []
        self._fetch: Fetch | None = None
        self._graphics = Graphics()

    def begin(self, endpoint: Endpoint, fetch: Fetch) -> None:
        """Get ready, where the endpoint may return a picture."""
        if self._fetch or not any(r.component.lower() in _COMPONENTS for r in endpoint.returns):
            return
        # Without a thread to load them (the system has none left) there are no pictures.
        with suppress(RuntimeError):
            threading.Thread(target=self._load_wanted, daemon=True).start()
            self._fetch = fetch

    def close(self) -> None:
        """No more pictures are wanted: the terminal is as it was."""
        self._graphics.close()

    def want(self, data: list[Any]) -> None:
        """Load the pictures in these outputs; whatever was wanted before no longer matters."""
        with self._changed:
            self._wanted = data
            self._changed.notify_all()

    def wait(self, data: list[Any]) -> None:
        """Have the pictures in these outputs ready, or give up after a while."""
        if self._fetch is not None:
            self.want(data)
            with self._changed:
                self._changed.wait_for(lambda: self._ready is data, WAIT)

    def of(self, at: int) -> list[Picture]:
        """The pictures of the output at this place."""
        return self._shown[at] if at < len(self._shown) else []

    def of_all(self) -> list[list[Picture]]:
        """The pictures of every output."""
        return self._shown

    def _load_wanted(self) -> None:
        loaded: dict[str, Picture | None] = {}
        can_show = self._graphics.ask()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted is not self._ready)
                data = self._wanted or []
            sources = [sources_in(value) if can_show else [] for value in data]
            needed = {_key(source): source for row in sources for source in row}
            loaded = {key: loaded.get(key) or self._load(source) for key, source in needed.items()}
            rows = [[loaded[_key(source)] for source in row] for row in sources]
            with self._changed:
                self._shown = [[picture for picture in row if picture is not None] for row in rows]
                self._ready = data
                self._changed.notify_all()

    def _load(self, source: dict[str, Any]) -> Picture | None:
        """A picture to draw, None where it can't be had: that is not a failure."""
        from PIL import Image, ImageOps

        assert self._fetch is not None
        with suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow's warning of a picture made to fill the memory
            if "plot" in source:
                raw = base64.b64decode(source["plot"].partition(",")[2])
            else:
                raw = self._fetch(source)
            opened = Image.open(io.BytesIO(raw), formats=_FORMATS)
            image = ImageOps.exif_transpose(opened).convert("RGBA")
            image.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
            return Picture(_key(source), image, self._graphics.kind)
        return None


def sources_in(value: Any) -> list[dict[str, Any]]:
    """What is to be shown of an output: of annotations and layers, the picture they belong to; of
    a chat, the newest."""
    value = unwrapped(value)
    match value:
        case {"image": image, "annotations": _} | {"composite": image, "layers": _}:
            value = image
    with suppress(RecursionError):
        found = files.walk(value, _is_picture)
        return list(deque(found, IN_A_ROW) if is_chat(value) else islice(found, IN_A_ROW))
    return []


def _is_picture(value: Any) -> bool:
    if files.is_file(value):
        mime_type = str(value.get("mime_type") or "")
        suffix = PurePath(files.safe_name(value)).suffix.lower()
        return mime_type.startswith("image/") or suffix in _SUFFIXES
    return isinstance(value, dict) and str(value.get("plot")).startswith("data:image/")


def _key(source: dict[str, Any]) -> str:
    return str(source.get("url") or source.get("plot"))
