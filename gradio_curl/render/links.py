"""Files as links, and pictures side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.filesize import decimal
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from gradio_curl.protocol.files import safe_name
from gradio_curl.render.lines import DIM, Canvas, safe
from gradio_curl.render.pictures import Picture
from gradio_curl.render.stdio import in_a_line, safe_link
from gradio_curl.render.text import captioned_files, file_text, files_of, is_amount


def file_lines(value: Any, canvas: Canvas, indent: str = "") -> list[RenderableType]:
    """Files as links, a line each, with what is known of them behind it or below.

    A terminal wraps an address itself, so that it can be copied as a whole.
    """
    return [
        line
        for part in (value if isinstance(value, list) else [value])
        if files_of(part)
        for line in _described(part, canvas, indent)
    ]


def _described(part: Any, canvas: Canvas, indent: str) -> Iterable[Text]:
    """The files of one item; its caption, or the label of an annotation, belongs to them."""
    for file, caption in captioned_files(part):
        said = in_a_line(", ".join(filter(None, [caption, *_facts(file)])))
        line = Text(indent).append_text(_link(file, canvas))
        if not said:
            yield line
        elif line.cell_len % canvas.columns + cell_len(said) + 2 <= canvas.columns:
            yield line.append(f"  {said}", DIM)
        else:
            yield line
            yield Text(f"{indent}  {said}", DIM)


def _facts(file: dict[str, Any]) -> Iterable[str]:
    """The type of a file, where its name does not tell, and its size."""
    kind, size = file.get("mime_type"), file.get("size")
    if kind and kind != guess_type(safe_name(file))[0]:
        yield str(kind)
    if is_amount(size):
        yield decimal(int(size))


def _link(file: dict[str, Any], canvas: Canvas) -> Text:
    saved = file.get("saved")
    address = Path(saved).resolve().as_uri() if saved else safe_link(str(file.get("url")))
    named = canvas.links and canvas.coloured and address and not saved
    words = safe_name(file) if named else file_text(file)
    return safe(in_a_line(words), f"link {address}" if address else "")


class SideBySide:
    """Pictures in a row, each scaled to fit, `rows` high at most and a cell to a pixel."""

    def __init__(self, pictures: Sequence[Picture], rows: int) -> None:
        self._pictures, self._rows = pictures, max(rows, 1)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        each = max((options.max_width + 1) // len(self._pictures) - 1, 1)
        grid, drawn = Table.grid(padding=(0, 1, 0, 0)), []
        for picture in self._pictures:
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
