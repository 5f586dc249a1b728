"""A result as the text that `--output` saves, and as the CSV that `--csv` prints."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from gradio_curl.errors import CannotWrite, Failure
from gradio_curl.protocol import files
from gradio_curl.protocol.events import UNCHANGED, is_update
from gradio_curl.protocol.files import SavedText
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.renderer import Result
from gradio_curl.render.stdio import to_json
from gradio_curl.render.text import files_of, unwrapped, value_texts

_SEPARATORS = {"CSV": ",", "TSV": "\t"}


def saved_text(
    data: Sequence[Any],
    suffix: str,
    beside_files: bool = False,
    *,
    endpoint: Endpoint,
    as_json: bool = False,
) -> SavedText | None:
    """What `call` prints of a result of `endpoint`; a table as CSV or TSV in a file whose suffix
    is `.csv` or `.tsv`. None where there is nothing.

    With `beside_files`, only the values that are more than files and pictures of plots.
    """
    by_return = zip_longest(data, endpoint.returns[: len(data)])
    places = [
        at
        for at, (value, returned) in enumerate(by_return)
        if not _is_nothing(value, returned and returned.file)
        and not (beside_files and _is_file(unwrapped(value)))
    ]
    if not places:
        return None
    holds = files.TABLES.get(suffix, "")
    values, texts = list(data), value_texts(data, endpoint.returns)
    if beside_files:
        values, texts = [data[at] for at in places], [texts[at] for at in places]
    only = None
    if holds and (table := _first_table(data, _SEPARATORS[holds])) is not None:
        only, text = table
    elif as_json or (suffix == ".json" and len(values) > 1):
        text, holds = f"{to_json(values)}\n", "JSON"
    else:
        text = "".join(f"{value}\n" for value in texts)
        is_json = len(values) == 1 and not isinstance(unwrapped(values[0]), str)
        holds = "JSON" if is_json else "text"
    # A lone surrogate, which no encoding has, becomes U+FFFD.
    replaced = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return SavedText(replaced.encode(), holds, only)


def _is_nothing(value: Any, is_file: Any) -> bool:
    """Whether an output has nothing in it: null, one that was never set, or what a component of
    files returns without any, such as an empty gallery."""
    if value is UNCHANGED or (is_update(value) and "value" not in value):
        return True
    value = unwrapped(value)
    return value is None or (bool(is_file) and not any(files.walk(value, _is_content)))


def _is_content(part: Any) -> bool:
    return not isinstance(part, dict | list) and part not in (None, "")


def _is_file(value: Any) -> bool:
    return bool(files_of(value)) or files.is_plot(value)


class Csv(Result):
    """`call --csv`: the first table of the result, as CSV."""

    def finish(self, data: list[Any], t: float) -> None:
        """Write the table. Raises CannotWrite where there is none, with the result as its data."""
        table = _first_table(data, _SEPARATORS["CSV"])
        if table is None:
            failure = CannotWrite("the result contains no table for --csv to print")
            failure.data = data
            raise failure
        place, text = table
        left_out = sum(1 for at, value in enumerate(data) if at != place and value is not None)
        if left_out and not self.quiet:
            values = "value is" if left_out == 1 else "values are"
            self.tell(f"{left_out} other {values} not printed: --csv prints the first table only")
        self._stdout.text(text)

    def fail(self, failure: Failure, t: float) -> None:
        """Write the result that is not a table as `call` prints it: it can't be had again."""
        if failure.data is not None:
            super().finish(list(failure.data), t)


def _first_table(data: Sequence[Any], separator: str) -> tuple[int, str] | None:
    """The place of the first table, and its text."""
    tables = ((at, _csv(unwrapped(value), separator)) for at, value in enumerate(data))
    return next(((at, text) for at, text in tables if text is not None), None)


def _csv(value: Any, separator: str) -> str | None:
    """A Dataframe as CSV; None where the value is none."""
    match value:
        case {"headers": [*headers], "data": [*rows]} if all(isinstance(row, list) for row in rows):
            text = io.StringIO()
            writer = csv.writer(text, delimiter=separator, lineterminator="\n")
            writer.writerows([headers, *([_cell(cell) for cell in row] for row in rows)])
            return text.getvalue()
    return None


def _cell(cell: Any) -> Any:
    if cell is None or isinstance(cell, str):
        return cell
    return to_json(cell)
