"""The rows of a batch, one after the other, to the `data` of calls of one endpoint."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol import files, templates
from gradio_curl.protocol.binding import Binder, Call, Exists, Reader, nowhere
from gradio_curl.protocol.files import Local
from gradio_curl.protocol.items import Item
from gradio_curl.protocol.parameter_names import Names, unknown
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.protocol.shell import quoted


class RowBinder:
    """Binds one row after the other to an endpoint, over `items` and `--data` as their defaults.

    Items with a place for the line of a batch are bound for each row: see `templates`. Raises
    InputError where the defaults themselves do not fit.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        items: Iterable[Item],
        body: Any = None,
        *,
        read: Reader,
        is_file: Exists = nowhere,
        in_session: bool = False,
    ) -> None:
        self._endpoint = endpoint
        self._names = Names(endpoint.parameters)
        self._read = read
        self._is_file = is_file
        self._templates: list[_Template] = []
        binder = Binder(endpoint, self._names, read, is_file, in_session)
        self._session_hash = binder.take((), body)
        self._in_session = binder.in_session
        items = list(items)
        filled_names = {getattr(i, "name", None) for i in items if templates.takes_line(i)} - {None}
        for item in items:
            if templates.takes_line(item) or getattr(item, "name", None) in filled_names:
                self._templates.append(_Template(item, [*binder.by_position], binder.named))
                if not binder.is_positional(item):
                    binder.named = True
                elif binder.named:
                    binder.take([item], None)  # which tells that it is out of place
                else:
                    binder.by_position.append(item)
            else:
                binder.take([item], None)
        binder.count()
        if binder.faults:
            raise InputError(*binder.faults)
        self._defaults = binder.given
        for given in self._defaults.values():
            given.from_data = True  # what a row gives replaces it

    @property
    def takes_lines(self) -> bool:
        """Whether rows are lines that fill items."""
        return bool(self._templates)

    @property
    def shared(self) -> list[Local]:
        """The local files among the defaults, which every row sends."""
        return list(files.local_files([given.parts for given in self._defaults.values()]))

    @property
    def line_item(self) -> str:
        """The item, for the shell, by which each line goes to the first parameter."""
        first = next(iter(self._endpoint.parameters), None)
        is_file = first is not None and first.shape is not None
        name = first.name if first else "NAME"
        return quoted(f"{name}{'@' if is_file else '='}{{}}")

    def unknown(self, names: Iterable[str]) -> list[Fault]:
        """The faults of the names that are not parameters."""
        lost = (name for name in names if self._names.find(name) is None)
        return [unknown(name, self._endpoint, self._names) for name in lost]

    def bind(self, row: Any, items: Iterable[Item] = ()) -> Call:
        """A row, as JSON or as items, checked. Raises InputError with every fault of it."""
        binder = self._binder()
        binder.named = True
        session_hash = binder.take(items, row) or self._session_hash
        return binder.call(session_hash)

    def fill(self, line: str, number: int) -> Call:
        """A row that is a line, checked. Raises InputError with every fault of it."""
        binder = self._binder()
        for template in self._templates:
            binder.by_position, binder.named = [*template.by_position], template.named
            binder.take([templates.filled(template.item, line, number)], None)
        return binder.call(self._session_hash)

    def typed(self, line: str, number: int) -> dict[str, Any]:
        """What a line fills, by the name of its parameter, as it would be typed in JSON."""
        typed: dict[str, Any] = {}
        binder = self._binder()
        for item, before, binder.named in self._templates:
            name, at = getattr(item, "name", ""), len(before)
            if binder.is_positional(item) and at < len(self._endpoint.parameters):
                name = self._endpoint.parameters[at].name
            value = templates.typed_value(templates.filled(item, line, number))
            typed[name] = [typed[name], value] if name in typed else value
        return typed

    def _binder(self) -> Binder:
        binder = Binder(self._endpoint, self._names, self._read, self._is_file, self._in_session)
        binder.given = dict(self._defaults)
        return binder


class _Template(NamedTuple):
    """An item that a line fills, and what the items before it came to."""

    item: Item
    by_position: list[Item]
    named: bool
