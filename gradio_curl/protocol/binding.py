"""Items and an endpoint to the `data` of a call. All checks are here; all faults are told at once.

Nothing is read here: `read` is handed in, and a file to be uploaded stands in the data as a
`Local` until the client has uploaded it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from gradio_curl.errors import Failure, Fault, InputError
from gradio_curl.protocol import files, templates, values
from gradio_curl.protocol.files import Local
from gradio_curl.protocol.items import File, Item, Json, Positional, PositionalFile, Text
from gradio_curl.protocol.schema import Endpoint, Parameter, did_you_mean
from gradio_curl.protocol.values import Misfit, parse_json

_NAME = re.compile(r"[^\W\d][\w-]*(?:[ \t]+[\w-]+)*")

Reader = Callable[[str], str]
"""Gives the text of a file (`-`: stdin); raises CannotRead."""


class Call(NamedTuple):
    """A checked call: the `data` list with a value for every slot, and the session it names."""

    data: list[Any]
    session_hash: str | None = None


class _Given(NamedTuple):
    """What was said about one parameter; nothing yet where all of it was wrong."""

    parameter: Parameter
    values: list[Any]
    files: list[Any]
    from_data: bool = False


def bind(
    endpoint: Endpoint,
    items: Iterable[Item],
    body: Any = None,
    *,
    read: Reader,
    speaks_against: Callable[[Any], list[Fault]] = lambda values: [],
) -> Call:
    """Check `items`, and the `--data` they override, against what `endpoint` expects.

    `speaks_against` gives the faults of the local files among values. Raises InputError with
    every fault of the call.
    """
    binder = _Binder(endpoint, read)
    session_hash = binder.take(items, body)
    binder.faults += speaks_against([[g.values, g.files] for g in binder.given.values()])
    return binder.call(session_hash)


class RowBinder:
    """Binds one row after the other to an endpoint, over `items` and `--data` as their defaults.

    Items with a place for the line of a batch are bound for each row: see `templates`. Raises
    InputError where the defaults themselves do not fit.
    """

    def __init__(
        self, endpoint: Endpoint, items: Iterable[Item], body: Any = None, *, read: Reader
    ) -> None:
        self._endpoint = endpoint
        self._read = read
        self._templates: list[_Template] = []
        binder = _Binder(endpoint, read)
        self._session_hash = binder.take((), body)
        items = list(items)
        filled_names = {getattr(i, "name", None) for i in items if templates.takes_line(i)} - {None}
        for item in items:
            if templates.takes_line(item) or getattr(item, "name", None) in filled_names:
                self._templates.append(_Template(item, binder.by_position, binder.named))
                if binder.is_positional(item):
                    binder.by_position += 1
                else:
                    binder.named = True
            else:
                binder.take([item], None)
        if binder.faults:
            raise InputError(*binder.faults)
        # As from --data: what a row gives replaces them.
        self._defaults = {
            name: given._replace(from_data=True) for name, given in binder.given.items()
        }

    @property
    def takes_lines(self) -> bool:
        """Whether rows are lines that fill items."""
        return bool(self._templates)

    @property
    def shared(self) -> list[Local]:
        """The local files among the defaults, which every row sends."""
        values = [[given.values, given.files] for given in self._defaults.values()]
        return list(files.local_files(values))

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
            binder.by_position, binder.named = template.by_position, template.named
            binder.take([templates.filled(template.item, line, number)], None)
        return binder.call(self._session_hash)

    def typed(self, line: str, number: int) -> dict[str, Any]:
        """What a line fills, by the name of its parameter, as it would be typed in JSON."""
        typed: dict[str, Any] = {}
        binder = _Binder(self._endpoint, self._read)
        for item, at, binder.named in self._templates:
            name = getattr(item, "name", "")
            if binder.is_positional(item) and at < len(self._endpoint.parameters):
                name = self._endpoint.parameters[at].name
            value = templates.typed_value(templates.filled(item, line, number))
            typed[name] = [typed[name], value] if name in typed else value
        return typed

    def _binder(self) -> _Binder:
        binder = _Binder(self._endpoint, self._read)
        binder.given = dict(self._defaults)
        return binder


class _Template(NamedTuple):
    """An item that a line fills, and what the items before it came to."""

    item: Item
    by_position: int
    named: bool


def unchecked(body: Any) -> Call:
    """`--data` as it is, for `--no-check`: a list, or a whole body with its `data`."""
    if isinstance(body, dict) and isinstance(body.get("data"), list):
        return Call(with_local_files(body["data"]), _session_hash(body))
    if isinstance(body, list):
        return Call(with_local_files(body))
    raise InputError("--no-check needs --data with a list, or a body that has one as its data")


def _session_hash(body: dict[str, Any]) -> str | None:
    session_hash = body.get("session_hash")
    if session_hash is not None and not isinstance(session_hash, str):
        raise InputError("the session_hash is no text")
    return session_hash


def with_local_files(value: Any) -> Any:
    """JSON as typed, in which each `{"@": "path"}` has become a Local, or the payload of its URL.

    What `files.escaped` added to it, where it is output of ours, is taken off.
    """
    referred = files.transform(value, files.is_reference, lambda part: _file(part["@"]))
    return files.unescaped(referred)


def _file(path: str) -> Any:
    return files.from_url(path) if files.is_url(path) else Local(path)


class _Binder:
    def __init__(self, endpoint: Endpoint, read: Reader) -> None:
        self.endpoint = endpoint
        self.read = read
        self.faults: list[Fault] = []
        self.given: dict[str, _Given] = {}
        self.by_position = 0
        self.named = False

    def take(self, items: Iterable[Item], body: Any) -> str | None:
        """Take `--data`, then what overrides it; gives the session that it names."""
        session_hash = self._take_body(body)
        for item in items:
            try:
                self._take(item)
            except Misfit as misfit:
                self.faults.append(misfit.fault)
            except InputError as error:
                self.faults.extend(error.faults)
            except Failure as failure:
                self.faults.append(Fault(failure.message, failure.hint, unreadable=True))
        return session_hash

    def call(self, session_hash: str | None) -> Call:
        """The call, every slot of it filled. Raises InputError."""
        filled = {p.name: self._value(p) for p in self.endpoint.parameters}
        if self.faults:
            raise InputError(*self.faults)
        data = [None if slot is None else filled[slot] for slot in self.endpoint.slots]
        return Call(data, session_hash)

    def _take_body(self, body: Any) -> str | None:
        """Take `--data` in its three forms; gives the session that a whole body names."""
        session_hash = None
        parameters = self.endpoint.parameters
        if (
            isinstance(body, dict)
            and isinstance(body.get("data"), list)
            and not any(p.name == "data" for p in parameters)
        ):
            session_hash = _session_hash(body)
            body = body["data"]
        match body:
            case None:
                pass
            case list():
                self._take_list(body)
            case dict():
                for name, value in body.items():
                    if parameter := self._find(name):
                        self._set_from_data(parameter, value)
            case _:
                raise InputError("--data must be a list or an object")
        return session_hash

    def _take_list(self, values: list[Any]) -> None:
        slots, parameters = self.endpoint.slots, self.endpoint.parameters
        if len(values) == len(slots) > len(parameters):
            # A recipe's list, which has the slots of state and buttons too.
            values = [v for slot, v in zip(slots, values, strict=True) if slot is not None]
        if len(values) > len(parameters):
            self.faults.append(self._too_many(len(values)))
        for parameter, value in zip(parameters, values, strict=False):
            self._set_from_data(parameter, value)

    def _set_from_data(self, parameter: Parameter, value: Any) -> None:
        try:
            value = _json_value(parameter, value)
        except Misfit as misfit:
            self.faults.append(misfit.fault)
        self.given[parameter.name] = _Given(parameter, [value], [], from_data=True)

    def _take(self, item: Item) -> None:
        match item:
            case Positional(text, literal):
                if self.named and not literal:
                    raise Misfit(f"{text!r} stands after a named item", "say which it is: name=…")
                self._add_text(self._next(), text)
            case PositionalFile(path, raw):
                parameter = self._next()
                if parameter.shape is None:
                    self._add_text(parameter, raw)
                else:
                    self._add_file(parameter, path)
            case Text(name=name, raw=raw) | Json(name=name, raw=raw) if self._is_text(name):
                self._take(Positional(raw))
            case Text(name, text):
                if named := self._named(name):
                    self._add_text(named, text)
            case Json(name, text):
                if named := self._named(name):
                    value = _json_value(named, parse_json(text, f"{name}:="))
                    self._add(named, value)
            case File(name, path, raw):
                self._take_file(name, path, raw)

    def is_positional(self, item: Item) -> bool:
        """Whether an item goes to the next parameter."""
        match item:
            case Positional() | PositionalFile():
                return True
            case File(name=name):
                return self._lookup(name) is None and not self.named
            case Text(name=name) | Json(name=name):
                return self._is_text(name)

    def _is_text(self, name: str) -> bool:
        """Whether a word is no named item: what stands before the separator is, and looks like,
        no name (`https://x.org/?a=b`)."""
        return self._lookup(name) is None and not _NAME.fullmatch(name)

    def _take_file(self, name: str, path: str, raw: str) -> None:
        named = self.named or self.by_position >= len(self.endpoint.parameters)
        if self._lookup(name) is None and not named:
            # me@x.org is a text where the app has no parameter `me`.
            self._take(Positional(raw))
            return
        parameter = self._named(name)
        if parameter is None:
            return
        if parameter.shape is not None:
            self._add_file(parameter, path)
        elif files.is_url(path):
            raise Misfit(f"{name}@ takes a URL only where the parameter is a file")
        else:
            self._add_text(parameter, self.read(path))

    def _next(self) -> Parameter:
        self.by_position += 1
        if self.by_position > len(self.endpoint.parameters):
            raise Misfit(self._too_many(self.by_position).message)
        parameter = self.endpoint.parameters[self.by_position - 1]
        self._given(parameter)
        return parameter

    def _named(self, name: str) -> Parameter | None:
        self.named = True
        parameter = self._find(name)
        if parameter is not None:
            self._given(parameter)
        return parameter

    def _find(self, name: str) -> Parameter | None:
        parameter = self._lookup(name)
        if parameter is None:
            hint = did_you_mean(name, [p.name for p in self.endpoint.parameters])
            no_parameter = f"{self.endpoint.name} has no parameter {name}"
            self.faults.append(Fault(no_parameter, hint or "it takes none"))
        return parameter

    def _lookup(self, name: str) -> Parameter | None:
        """By name, else by label, else by either in another case or spacing, where only one
        parameter has it."""
        parameters = self.endpoint.parameters
        plain = _plain(name)
        for found in (
            [p for p in parameters if p.name == name],
            [p for p in parameters if p.label == name],
            [p for p in parameters if plain and plain in (_plain(p.name), _plain(p.label))],
        ):
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def _too_many(self, count: int) -> Fault:
        expected = len(self.endpoint.parameters)
        plural = "" if expected == 1 else "s"
        return Fault(f"{self.endpoint.name} takes {expected} value{plural}, {count} given")

    def _add_text(self, parameter: Parameter, text: str) -> None:
        if not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text):
            # How Python carries bytes of an argument that are no UTF-8.
            raise Misfit(f"{parameter.name}: the text is no UTF-8")
        if parameter.kind == "choices" and not text.lstrip().startswith("["):
            self._add_choice(parameter, values.from_choice(parameter, text))
        elif parameter.shape == "multimodal":
            self._add(parameter, text)
        else:
            self._add(parameter, values.from_text(parameter, text))

    def _add_choice(self, parameter: Parameter, value: Any) -> None:
        given = self._given(parameter)
        if not given.values:
            given.values.append([])
        if not isinstance(given.values[0], list):
            raise _twice(parameter)
        given.values[0].append(value)

    def _add(self, parameter: Parameter, value: Any) -> None:
        given = self._given(parameter)
        if given.values or (given.files and parameter.shape != "multimodal"):
            raise _twice(parameter)
        given.values.append(value)

    def _add_file(self, parameter: Parameter, path: str) -> None:
        given = self._given(parameter)
        if given.values and parameter.shape != "multimodal":
            raise _twice(parameter)
        limit = files.max_files(parameter.shape) if parameter.shape else 0
        if limit is not None and len(given.files) >= limit:
            raise Misfit(f"{parameter.name} takes {limit} file{'s'[: limit > 1]}, more are given")
        given.files.append(_file(path))

    def _given(self, parameter: Parameter) -> _Given:
        given = self.given.get(parameter.name)
        if given is None or given.from_data:
            given = self.given[parameter.name] = _Given(parameter, [], [])
        return given

    def _value(self, parameter: Parameter) -> Any:
        given = self.given.get(parameter.name)
        if given is None:
            if parameter.required:
                self.faults.append(Fault(f"{parameter.name} is missing", _how_to_give(parameter)))
            return parameter.default
        if given.files and parameter.shape is not None:
            text = given.values[0] if given.values else None
            return files.shaped(parameter.shape, given.files, text)
        if not given.values:
            return None
        value = given.values[0]
        if parameter.shape == "multimodal" and isinstance(value, str):
            return files.shaped("multimodal", [], value)
        return value


def _plain(name: str) -> str:
    """A name or label without case and spacing."""
    return " ".join(re.split(r"[\s_-]+", name.casefold())).strip()


def _twice(parameter: Parameter) -> Misfit:
    return Misfit(f"{parameter.name}: given twice")


def _json_value(parameter: Parameter, value: Any) -> Any:
    """A JSON value for `parameter`, checked. Bare files get the shape that the component wants."""
    value = with_local_files(value)
    if parameter.shape == "multimodal" and isinstance(value, str):
        return files.shaped(parameter.shape, [], value)
    if parameter.shape is not None:
        bare = value if isinstance(value, list) else [value]
        if bare and all(files.is_local(part) or files.is_payload(part) for part in bare):
            return files.shaped(parameter.shape, bare)
    return values.check(parameter, value)


def _how_to_give(parameter: Parameter) -> str:
    if parameter.shape == "multimodal":
        return f"give {parameter.name}=TEXT, {parameter.name}@FILE or both"
    if parameter.shape is not None:
        return f"give {parameter.name}@FILE"
    choices = values.listed(parameter.choices)
    return f"give {parameter.name}={choices or parameter.kind.upper()}"
