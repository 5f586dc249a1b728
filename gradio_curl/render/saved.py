"""A result as the text that `--output` saves, and as the CSV that `--csv` prints."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from gradio_curl.errors import CannotWrite, Failure
from gradio_curl.render.renderer import Result
from gradio_curl.render.stdio import to_json
from gradio_curl.render.text import unwrapped, value_text


def saved_text(data: Sequence[Any], suffix: str, as_json: bool = False) -> bytes:
    """What `call` prints of a result; a table as CSV in a file whose suffix is `.csv`.

    Empty where there is nothing: no value, or none but null.
    """
    if all(unwrapped(value) is None for value in data):
        return b""
    if suffix == ".csv" and (table := _first_table(data)) is not None:
        text = table
    elif as_json or (suffix == ".json" and len(data) > 1):
        text = f"{to_json(list(data))}\n"
    else:
        text = "".join(f"{value_text(value)}\n" for value in data)
    # A lone surrogate, which no encoding has, becomes U+FFFD.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


class Csv(Result):
    """`call --csv`: the first table of the result, as CSV."""

    def finish(self, data: list[Any], t: float) -> None:
        """Write the table. Raises CannotWrite where there is none, with the result as its data."""
        table = _first_table(data)
        if table is None:
            failure = CannotWrite("the result contains no table for --csv to print")
            failure.data = data
            raise failure
        self._stdout.text(table)

    def fail(self, failure: Failure, t: float) -> None:
        """Write the result that is not a table as `call` prints it: it can't be had again."""
        if failure.data is not None:
            super().finish(list(failure.data), t)


def _first_table(data: Sequence[Any]) -> str | None:
    return next((text for value in data if (text := _csv(unwrapped(value))) is not None), None)


def _csv(value: Any) -> str | None:
    """A Dataframe as CSV; None where the value is none."""
    match value:
        case {"headers": [*headers], "data": [*rows]} if all(isinstance(row, list) for row in rows):
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerows([headers, *([_cell(cell) for cell in row] for row in rows)])
            return text.getvalue()
    return None


def _cell(cell: Any) -> Any:
    if cell is None or isinstance(cell, str):
        return cell
    return to_json(cell)
