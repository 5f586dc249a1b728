"""The rows of a batch, one after the other, to the `data` of calls of one endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol import files, templates
from gradio_curl.protocol.binding import Binder, Call, Exists, Reader, nowhere
from gradio_curl.protocol.files import STDIN, Local
from gradio_curl.protocol.items import Item, Named, PositionalFile, as_text
from gradio_curl.protocol.parameter_names import Names, unknown
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.protocol.shell import quoted
from gradio_curl.protocol.told import FileTold, as_typed, file_told, text_told, with_files_told
from gradio_curl.protocol.values import Misfit

Size = Callable[[str], int | None]
"""Gives the bytes of a file (`-`: stdin), None where they are not known; raises CannotRead."""


def unknown_size(path: str) -> int | None:
    """Local files are not looked at."""
    return None


class RowBinder:
    """Binds one row after the other to an endpoint, over `items` and `--data` as their defaults.

    Items with a place for the line of a batch are bound for each row: see `templates`. `size` gives
    the bytes of a file, None where they are not known. Raises InputError where items do not fit.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        items: Iterable[Item],
        body: Any = None,
        *,
        read: Reader,
        size: Size = unknown_size,
        exists: Exists = nowhere,
        in_session: bool = False,
    ) -> None:
        self._endpoint = endpoint
        self._names = Names(endpoint.parameters)
        self._read = read
        self._size = size
        self._texts: dict[str, str] = {}  # what was read for the items that are bound, by path
        self._body = body
        self._fixed: list[tuple[Item, list[Item]]] = []  # each with those by position before it
        self._exists = exists
        self._templates: list[_Template] = []
        binder = Binder(endpoint, self._names, self._text, exists, in_session)
        self._session_hash = binder.take((), body)
        self._in_session = binder.in_session
        items = list(items)
        filled_names = {getattr(i, "name", None) for i in items if templates.takes_line(i)} - {None}
        for item in items:
            is_filled = templates.takes_line(item) or getattr(item, "name", None) in filled_names
            if isinstance(item, Named) and binder.is_positional(item):
                item = as_text(item)  # such as https://x.org/{}?a=b
            if is_filled:
                self._templates.append(_Template(item, [*binder.by_position], binder.named))
                if isinstance(item, Named):
                    binder.named = True
                elif binder.named:
                    binder.take([item], None)  # which tells that it is out of place
                else:
                    binder.by_position.append(item)
            else:
                self._fixed.append((item, [*binder.by_position]))
                binder.take([item], None)
        binder.count()
        if binder.faults:
            raise InputError(*binder.faults)
        self._fixed_texts = self._texts
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
        """The faults of the names that are not parameters, or that several have."""
        faults = []
        for name in names:
            try:
                if self._names.find(name) is None:
                    faults.append(unknown(name, self._endpoint, self._names))
            except Misfit as misfit:
                faults.append(misfit.fault)
        return faults

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

    def content(self, path: str, place: str, is_text: bool) -> Any:
        """What is told of a file: its text where that is sent, else its size.

        Raises CannotRead where it is gone.
        """
        if files.is_url(path):
            return as_typed(path, place, is_text)
        if not is_text:
            return file_told(path, self._size(place))
        for texts in (self._texts, self._fixed_texts):
            if place in texts:
                return text_told(path, texts[place])
        return text_told(path, self._read(place))

    def takes_text(self, name: str) -> bool:
        """Whether the parameter that is called `name` takes the text of a file, not the file."""
        try:
            place = self._names.find(name)
        except Misfit:
            place = None
        return place is not None and self._endpoint.parameters[place].shape is None

    def fixed(self, told: FileTold = as_typed) -> dict[str, Any]:
        """`--data` and the items without a place for a line, as typed, by the names of their
        parameters; files as `told` tells of them."""
        body = with_files_told(by_name(self._body, self._endpoint), told)
        typed: list[tuple[str, Any]] = []
        for item, before in self._fixed:
            typed += self._typed(item, before, told)
        return self._canonical(body.items()) | self._canonical(typed)

    def typed(self, line: str, number: int, told: FileTold = as_typed) -> dict[str, Any]:
        """What a line fills, by the name of its parameter, as it would be typed in JSON."""
        typed: list[tuple[str, Any]] = []
        for item, before, _ in self._templates:
            typed += self._typed(templates.filled(item, line, number), before, told)
        return _together(typed)

    def whole(self, fixed: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
        """All that a row sends, as it was typed: what is `fixed`, less what the row replaces, and
        `row`, its own values by name."""
        if not fixed:
            return row
        own = {self._parameter(name) for name in row}
        return {name: value for name, value in fixed.items() if name not in own} | row

    def _typed(self, item: Item, before: list[Item], told: FileTold) -> Iterator[tuple[str, Any]]:
        """An item as it would be typed in JSON, behind the name that it gives its parameter, which
        for one by position is told by those `before` it."""
        if isinstance(item, Named):
            yield item.name, templates.typed_value(item, told, self.takes_text(item.name))
            return
        for parameter in self._endpoint.parameters[len(before) :][:1]:
            takes_text = parameter.shape is None
            if isinstance(item, PositionalFile) and takes_text and item.path != STDIN:
                yield parameter.name, item.raw
            else:
                yield parameter.name, templates.typed_value(item, told, takes_text)

    def _canonical(self, typed: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        return _together((self._parameter(name), value) for name, value in typed)

    def _parameter(self, name: str) -> str:
        """The name of the parameter that is called `name`; that itself where there is none."""
        try:
            place = self._names.find(name)
        except Misfit:
            place = None
        return name if place is None else self._names.all[place]

    def _text(self, path: str) -> str:
        self._texts[path] = text = self._read(path)
        return text

    def _binder(self) -> Binder:
        self._texts = {}
        binder = Binder(self._endpoint, self._names, self._text, self._exists, self._in_session)
        binder.given = dict(self._defaults)
        return binder


class _Template(NamedTuple):
    """An item that a line fills, and what the items before it came to."""

    item: Item
    by_position: list[Item]
    named: bool


def by_name(value: Any, endpoint: Endpoint) -> dict[str, Any]:
    """A row in JSON, or `--data`, as an object of names."""
    if isinstance(value, dict):
        if not isinstance(value.get("data"), list):
            return value
        value = value["data"]
    slots = endpoint.slots
    if len(value or ()) != len(slots):
        slots = tuple(parameter.name for parameter in endpoint.parameters)
    by_slot = zip(slots, value or (), strict=False)
    return {name: part for name, part in by_slot if name is not None}


def _together(typed: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Values by name, those that have one name as a list."""
    given: dict[str, list[Any]] = {}
    for name, value in typed:
        given.setdefault(name, []).append(value)
    return {name: v if len(v) > 1 else v[0] for name, v in given.items()}
