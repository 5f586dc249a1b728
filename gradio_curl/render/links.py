"""Files as links, and pictures side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.filesize import decimal
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from gradio_curl.render.lines import DIM, Canvas, safe
from gradio_curl.render.pictures import Picture
from gradio_curl.render.stdio import in_a_line, safe_link
from gradio_curl.render.text import file_text, files_of


def file_lines(value: Any, canvas: Canvas) -> list[RenderableType]:
    """Files as links, a line each, with what is known of them behind it or below."""
    return [
        line
        for part in (value if isinstance(value, list) else [value])
        if files_of(part)
        for line in _described(part, canvas)
    ]


def _described(part: Any, canvas: Canvas) -> Iterable[Text]:
    """The files of one item; its caption, or the label of an annotation, belongs to them."""
    caption = part.get("caption") if isinstance(part, dict) else None
    labels = {}
    if isinstance(part, dict) and isinstance(part.get("annotations"), list):
        labels = {id(one.get("image")): one.get("label") for one in part["annotations"]}
    for file in files_of(part):
        size = file.get("size")
        facts = [
            caption or labels.get(id(file)),
            file.get("mime_type"),
            decimal(size) if isinstance(size, int) else None,
        ]
        said = in_a_line(", ".join(str(fact) for fact in facts if fact))
        link = _link(file)
        if said and link.cell_len + cell_len(said) + 2 <= canvas.columns:
            yield link.append(f"  {said}", DIM)
            continue
        yield link
        if said:
            yield Text(f"  {said}", DIM)


def _link(file: dict[str, Any]) -> Text:
    saved = file.get("saved")
    address = Path(saved).resolve().as_uri() if saved else safe_link(str(file.get("url")))
    return safe(in_a_line(file_text(file)), f"link {address}" if address else "")


class SideBySide:
    """Pictures in a row, each scaled to fit, `rows` high at most and a cell to a pixel."""

    def __init__(self, pictures: Sequence[Picture], rows: int) -> None:
        self.picture_parts, self._rows = pictures, max(rows, 1)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        each = max((options.max_width + 1) // len(self.picture_parts) - 1, 1)
        grid, drawn = Table.grid(padding=(0, 1, 0, 0)), []
        for picture in self.picture_parts:
            size = (min(each, picture.image.width), self._rows)
            if picture.kept is None or picture.kept[0] != size:
                # Kept, as it takes a while to make; made anew, as Kitty is told one size for good.
                picture.kept = size, *_made(picture, console, options, size)
            grid.add_column(width=picture.kept[1], no_wrap=True)
            drawn.append(Segments(picture.kept[2]))
        grid.add_row(*drawn)
        yield grid


def _made(
    picture: Picture, console: Console, options: ConsoleOptions, size: tuple[int, int]
) -> tuple[int, list[Segment]]:
    fitted = options.update(max_width=size[0])
    fitted.max_height = size[1]
    try:
        image = picture.kind(picture.image, width="auto", height="auto")
        width = image.__rich_measure__(console, fitted).maximum
        return width, list(image.__rich_console__(console, fitted))
    except ValueError:
        return 1, []  # a picture so long that nothing is left of its other side
