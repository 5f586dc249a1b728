"""CSV as spreadsheets write it, read a record at a time.

Python's `csv` takes an unclosed quote for a cell that goes on to the end of the file, drops the
quotes of `"Yes" he said`, and refuses cells of more than 131,072 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gradio_curl.errors import InputError

# The rest of a quoted cell: a quote inside of it is doubled.
_CLOSED = re.compile(r'[^"]*(?:""[^"]*)*"(?!")')
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')


def header_of(lines: Iterable[str]) -> tuple[list[str], str, int]:
    """The names in the header, what separates cells, and the number of the header's last line.

    Excel's line `sep=;` may stand before the header, and so may empty lines. Otherwise the first
    of comma, semicolon and tab that stands in the header separates.
    """
    separator = ""
    numbered = enumerate(lines, 1)
    for number, line in numbered:
        if match := _SEPARATOR_LINE.fullmatch(line):
            separator = match[1]
        elif line.strip(',;\t \r\n"'):
            unquoted = _QUOTED.sub("", line)
            found = (mark for mark in ",;\t" if mark in unquoted)
            separator = separator or next(found, ",")
            reader = _Reader(line, (line for _, line in numbered), number, separator)
            return [cell.strip() for cell in reader.cells()], separator, reader.number
    return [], separator or ",", 0


def records(
    lines: Iterable[str], separator: str, first: int = 1
) -> Iterator[tuple[int, list[str]]]:
    """The cells of each record, with the number of the line that it begins in.

    `lines` keep their ends; the first of them has the number `first`. Blank lines are left out, and
    records of empty cells at the end; between others, such a record is told without cells. One with
    a quote in it is meant as it is. A cell that begins with a quote but goes on behind its closing
    quote is not a quoted one: `"Yes" he said` is taken as it stands.
    Raises InputError for a quote that is not closed.
    """
    lines = iter(lines)
    empty = list[int]()  # the lines of records that are told where another follows
    for line in lines:
        reader = _Reader(line, lines, first, separator)
        cells = reader.cells()
        if any(cells) or '"' in line:
            yield from ((number, []) for number in empty)
            empty.clear()
            yield first, cells
        elif len(cells) > 1:
            empty.append(first)
        first = reader.number + 1


class _Reader:
    """Reads the cells of one record, which may go on in the lines after the first."""

    def __init__(self, line: str, more: Iterator[str], number: int, separator: str) -> None:
        self._line = line
        self._more = more
        self._separator = separator
        self._at = 0
        self.number = number

    def cells(self) -> list[str]:
        """The cells; then `number` is that of the record's last line."""
        if '"' not in self._line:
            return self._line.rstrip("\r\n").split(self._separator)
        cells = [self._cell()]
        while self._line.startswith(self._separator, self._at):
            self._at += 1
            cells.append(self._cell())
        return cells

    def _cell(self) -> str:
        return self._quoted() if self._line.startswith('"', self._at) else self._plain()

    def _plain(self) -> str:
        start, end = self._at, self._line.find(self._separator, self._at)
        self._at = end if end >= 0 else len(self._line.rstrip("\r\n"))
        return self._line[start : self._at]

    def _quoted(self) -> str:
        opened, start, parts = self.number, self._at + 1, list[str]()
        while (closed := _CLOSED.match(self._line, start)) is None:
            parts.append(self._line[start:])
            line = next(self._more, None)
            if line is None:
                raise InputError(f"line {opened}: the quote that opens here is never closed")
            self._line, start, self.number = line, 0, self.number + 1
        end = closed.end()
        if self._line[end : end + 1] not in (self._separator, "\r", "\n", ""):
            if self.number == opened:
                return self._plain()
            raise InputError(
                f"line {opened}: the quote that opens here closes in line {self.number}, "
                "but not at the end of its cell"
            )
        self._at = end
        parts.append(self._line[start : end - 1])
        return "".join(parts).replace('""', '"')
