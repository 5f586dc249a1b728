"""Tables for a Dataframe: CSV, rows or records, as the `{"headers": …, "data": …}` it wants."""

from __future__ import annotations

import csv
import json
from typing import Any

Columns = list[list[str]]
"""The name and the type (`str`, `number`, `bool`, …) of each column that the app declares."""


def from_text(text: str, columns: Columns) -> dict[str, Any]:
    """A table in CSV, whose first line names the columns; the first comma, else semicolon, else
    tab in it tells what separates cells. Cells become numbers where the app's column is of that
    type. Raises ValueError."""
    lines = [f"{line}\n" for line in text.removeprefix("\ufeff").rstrip("\r\n").split("\n")]
    separator = next((mark for mark in ",;\t" if mark in lines[0]), ",")
    try:
        headers, *rows = csv.reader(lines, delimiter=separator, strict=True)
    except (csv.Error, ValueError) as error:
        raise ValueError(f"not a table in CSV: {error}") from error
    types = dict(columns)
    kinds = [types.get(header, "str") for header in headers]
    data = []
    for number, row in enumerate(filter(None, rows), 2):
        if len(row) != len(headers):
            cells = f"{len(row)} cell{'s'[: len(row) != 1]}"
            raise ValueError(f"row {number} has {cells}, the header {len(headers)}")
        data.append([_cell(text, kind) for text, kind in zip(row, kinds, strict=True)])
    return {"headers": headers, "data": data}


def _cell(text: str, kind: str) -> Any:
    """What a cell holds. Text stays text where it is not of the column's type."""
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind in ("number", "auto"):
        try:
            number = json.loads(text)
        except (ValueError, RecursionError):
            return text
        if isinstance(number, int | float) and not isinstance(number, bool):
            return number
    return text


def from_json(value: Any, columns: Columns) -> Any:
    """A table as it is typed in JSON: the whole, `{"data": rows}`, a list of rows, or a list of
    objects. Raises ValueError where it is none of these."""
    match value:
        case {"headers": list(), "data": list()}:
            return value
        case {"data": list(rows)}:
            return {**value, **_with_headers(rows, columns)}
        case [{}, *_] if all(isinstance(record, dict) for record in value):
            headers = list(dict.fromkeys(name for record in value for name in record))
            rows = [[record.get(name) for name in headers] for record in value]
            return {"headers": headers, "data": rows}
        case list(rows):
            return _with_headers(rows, columns)
        case _:
            raise ValueError("not a table")


def _with_headers(rows: list[Any], columns: Columns) -> dict[str, Any]:
    if not all(isinstance(row, list) for row in rows):
        raise ValueError("not a table")
    width = max(map(len, rows), default=len(columns))
    headers = [name for name, _ in columns]
    if len(headers) != width:
        headers = [str(number) for number in range(1, width + 1)]
    return {"headers": headers, "data": rows}
