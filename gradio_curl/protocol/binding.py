"""Items and an endpoint to the `data` of a call. All checks are here; all faults are told at once.

Nothing is read here: `read` is handed in, and a file to be uploaded stands in the data as a
`Local` until the client has uploaded it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from gradio_curl.errors import Failure, Fault, InputError
from gradio_curl.protocol import files, templates, values
from gradio_curl.protocol.files import STDIN, Local
from gradio_curl.protocol.items import File, Item, Json, Positional, PositionalFile, Text
from gradio_curl.protocol.schema import Endpoint, Parameter, did_you_mean
from gradio_curl.protocol.shell import quoted
from gradio_curl.protocol.values import Misfit, parse_json

_LONGEST_SHOWN = 40  # characters of what was typed, in a message
_LONGEST_PATH = 200
_ITEMS_SHOWN = 4
# What looks like a name, in words: `Guidance scale`.
_NAME = re.compile(r"[^\W\d][\w-]*(?:[ \t]+[\w-]+)*")

Reader = Callable[[str], str]
"""Gives the text of a file (`-`: stdin); raises CannotRead."""
Exists = Callable[[str], bool]
"""Whether a path names a local file."""


def _nowhere(path: str) -> bool:
    return False


class Call(NamedTuple):
    """A checked call: the `data` list with a value for every slot, and the session it names."""

    data: list[Any]
    session_hash: str | None = None


@dataclass(slots=True)
class _Given:
    """What was said about one parameter, called `name` there; nothing yet where all of it was
    wrong. `surplus` counts the files that are too many."""

    parameter: Parameter
    name: str
    values: list[Any] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)
    surplus: int = 0
    from_data: bool = False


def bind(
    endpoint: Endpoint,
    items: Iterable[Item],
    body: Any = None,
    *,
    read: Reader,
    is_file: Exists = _nowhere,
    in_session: bool = False,
    file_faults: Callable[[Any], list[Fault]] = lambda values: [],
    piped: bool = False,
) -> Call:
    """Check `items`, and the `--data` they override, against what `endpoint` expects.

    `in_session` tells that the call has a session, in which the app may have changed choices and
    ranges: those are left to the server. `file_faults` gives the faults of the local files among
    values. `piped` tells that stdin has data, which may be meant for a text that is missing.
    Raises InputError with every fault of the call.
    """
    names = _Names(endpoint.parameters)
    binder = _Binder(endpoint, names, read, is_file, in_session, piped)
    session_hash = binder.take(items, body)
    binder.faults += file_faults([[g.values, g.files] for g in binder.given.values()])
    return binder.call(session_hash)


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
        is_file: Exists = _nowhere,
        in_session: bool = False,
    ) -> None:
        self._endpoint = endpoint
        self._names = _Names(endpoint.parameters)
        self._read = read
        self._is_file = is_file
        self._templates: list[_Template] = []
        binder = _Binder(endpoint, self._names, read, is_file, in_session)
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
        # As from --data: what a row gives replaces them.
        self._defaults = {
            name: replace(given, from_data=True) for name, given in binder.given.items()
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
        return [_unknown(name, self._endpoint, self._names) for name in lost]

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

    def _binder(self) -> _Binder:
        binder = _Binder(self._endpoint, self._names, self._read, self._is_file, self._in_session)
        binder.given = dict(self._defaults)
        return binder


class _Template(NamedTuple):
    """An item that a line fills, and what the items before it came to."""

    item: Item
    by_position: list[Item]
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
        raise InputError("session_hash must be a string")
    return session_hash


def with_local_files(value: Any) -> Any:
    """JSON as typed, in which each `{"@": "path"}` has become a Local, or the payload of its URL.

    What `files.escaped` added to it, where it is output of ours, is taken off.
    """
    referred = files.transform(value, files.is_reference, lambda part: _file(part["@"]))
    return files.unescaped(referred)


def _file(path: str) -> Any:
    return files.from_url(path) if files.is_url(path) else Local(path)


class _Names:
    """Finds parameters by what a person calls them."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.all = [parameter.name for parameter in parameters]
        self._places = {name: place for place, name in enumerate(self.all)}
        self._labels: dict[str, list[int]] = {}
        self._plain: dict[str, list[int]] = {}
        for place, parameter in enumerate(parameters):
            self._labels.setdefault(parameter.label, []).append(place)
            for name in {_plain(parameter.name), _plain(parameter.label)} - {""}:
                self._plain.setdefault(name, []).append(place)

    def find(self, name: str) -> int | None:
        """The place of the parameter with this name, else label, else either of them in another
        case or spacing; None where there is none. Raises Misfit where several have it."""
        if (place := self._places.get(name)) is not None:
            return place
        places = self._labels.get(name) or self._plain.get(_plain(name)) or []
        if len(places) > 1:
            same = [self.all[place] for place in places]
            listed = ", ".join(same[:20]) + (", …" if len(same) > 20 else "")
            hint = f"use one of: {listed}"
            raise Misfit(f"{name} is ambiguous: {len(same)} parameters are called so", hint)
        return places[0] if places else None


def _plain(name: str) -> str:
    """A name or label without case and spacing."""
    return " ".join(re.split(r"[\s_-]+", name.casefold())).strip()


def has_parameters(endpoint: Endpoint, names: Iterable[str]) -> bool:
    """Whether all these are names, or labels, of parameters of `endpoint`."""
    known = _Names(endpoint.parameters)
    try:
        return all(known.find(name) is not None for name in names)
    except Misfit:  # a label that several have
        return True


class _TooMany(Exception):
    """A value by position, after one for each parameter; all of them are told at once."""


class _Binder:
    def __init__(
        self,
        endpoint: Endpoint,
        names: _Names,
        read: Reader,
        is_file: Exists,
        in_session: bool,
        piped: bool = False,
    ) -> None:
        self._piped = piped
        self._is_file = is_file
        self.endpoint = endpoint
        self.names = names
        self.read = read
        self.in_session = in_session
        self.faults: list[Fault] = []
        self.given: dict[str, _Given] = {}
        self.by_position: list[Item] = []
        self.named = False

    def take(self, items: Iterable[Item], body: Any) -> str | None:
        """Take `--data`, then what overrides it; gives the session that it names."""
        session_hash, body = _unwrapped(self.endpoint, body)
        self.in_session = self.in_session or session_hash is not None
        self._take_body(body)
        for item in items:
            try:
                self._take(item)
            except _TooMany:
                pass
            except Misfit as misfit:
                self.faults.append(misfit.fault)
            except InputError as error:
                self.faults.extend(error.faults)
            except Failure as failure:
                self.faults.append(Fault(failure.message, failure.hint, unreadable=True))
        return session_hash

    def call(self, session_hash: str | None) -> Call:
        """The call, every slot of it filled. Raises InputError."""
        self.count()
        filled = {p.name: self._value(p) for p in self.endpoint.parameters}
        if self.faults:
            raise InputError(*self.faults)
        data = [None if slot is None else filled[slot] for slot in self.endpoint.slots]
        return Call(data, session_hash)

    # --data

    def _take_body(self, body: Any) -> None:
        match body:
            case None:
                pass
            case list():
                self._take_list(body)
            case dict():
                for name, value in body.items():
                    try:
                        if parameter := self._find(name):
                            self._set_from_data(parameter, name, value)
                    except Misfit as misfit:
                        self.faults.append(misfit.fault)
            case _:
                raise InputError("--data must be a list or an object")

    def _take_list(self, values: list[Any]) -> None:
        slots, parameters = self.endpoint.slots, self.endpoint.parameters
        if len(values) == len(slots) > len(parameters):
            # A recipe's list, which has the slots of state and buttons too.
            values = [v for slot, v in zip(slots, values, strict=True) if slot is not None]
        if len(values) > len(parameters):
            self.faults.append(self._too_many(len(values)))
        for place, (parameter, value) in enumerate(zip(parameters, values, strict=False)):
            self._set_from_data(self._parameter(place), parameter.name, value)

    def _set_from_data(self, parameter: Parameter, name: str, value: Any) -> None:
        given = _Given(parameter, name, from_data=True)
        try:
            with_name = _Naming(name)
            given.values.append(with_name(_json_value, parameter, value))
        except Misfit as misfit:
            self.faults.append(misfit.fault)
        self.given[parameter.name] = given

    # Items

    def _take(self, item: Item) -> None:
        match item:
            case Positional(text, literal):
                self._take_text(item, text, literal)
            case PositionalFile(path, raw):
                given = self._next(item)
                if given.parameter.shape is not None:
                    self._add_file(given, path)
                elif path == STDIN:
                    self._add_read(given, path)
                elif self._is_file(path):
                    raise _file_meant(given, path, raw)
                else:
                    self._add_text(given, raw)
            case Text(name=name, raw=raw) | Json(name=name, raw=raw) if self._is_text(name):
                self._take(Positional(raw))
            case Text(name, text, raw):
                if named := self._named(name, raw):
                    self._add_text(named, text)
            case Json(name, text, raw):
                if named := self._named(name, raw):
                    self._add_json(named, text)
            case File(name, path, raw):
                self._take_file(name, path, raw)

    def _take_text(self, item: Item, text: str, literal: bool) -> None:
        if not literal:
            if self.named:
                hint = f"name it: NAME={quoted(text)}"
                raise Misfit(f"positional value {text!r} after a named one", hint)
            if text == STDIN:
                self._next(item)
                raise Misfit("'-' is not a value", "use @- for stdin, or NAME=- for the text")
            if self._is_body(text):
                self._next(item)
                raise Misfit(f"{_cut(text)!r} is JSON for --data", f"use -d {quoted(text)}")
        self._add_text(self._next(item), text)

    def _is_body(self, text: str) -> bool:
        """Whether a text by position is surely meant for `--data`: an object of our names."""
        if text[:1] != "{" or self.by_position:
            return False
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            return False
        first = self.endpoint.parameters[:1]
        takes_objects = any(p.kind in ("object", "json", "table", "any") for p in first)
        names = {*self.names.all, "data"}
        return not takes_objects and isinstance(body, dict) and body.keys() <= names and bool(body)

    def is_positional(self, item: Item) -> bool:
        """Whether an item goes to the next parameter."""
        match item:
            case Positional() | PositionalFile():
                return True
            case File(name=name):
                return self._is_address(name)
            case Text(name=name) | Json(name=name):
                return self._is_text(name)

    def _is_address(self, name: str) -> bool:
        """Whether a word such as me@x.org is text: the app lacks a parameter `me`, and the next
        one takes no file."""
        left = self.endpoint.parameters[len(self.by_position) :]
        fits = bool(left) and left[0].shape is None and not self.named
        return fits and self.names.find(name) is None

    def _is_text(self, name: str) -> bool:
        """Whether a word is text, not a named item: what stands before the separator is not a
        name, and does not look like one (`https://x.org/?a=b`)."""
        return not _NAME.fullmatch(name) and self.names.find(name) is None

    def _take_file(self, name: str, path: str, raw: str) -> None:
        if self._is_address(name):
            self._take(Positional(raw))
            return
        given = self._named(name, raw)
        if given is None:
            return
        if given.parameter.shape is not None:
            self._add_file(given, path)
        elif files.is_url(path):
            raise Misfit(f"{name}@ takes a URL only where the parameter is a file")
        else:
            self._add_read(given, path)

    # Which parameter is meant

    def _parameter(self, place: int) -> Parameter:
        parameter = self.endpoint.parameters[place]
        if not (self.in_session and parameter.changeable):
            return parameter
        return parameter._replace(custom=True, minimum=None, maximum=None)

    def _next(self, item: Item) -> _Given:
        self.by_position.append(item)
        place = len(self.by_position) - 1
        if place >= len(self.endpoint.parameters):
            raise _TooMany
        parameter = self._parameter(place)
        return self._given(parameter, parameter.name)

    def _named(self, name: str, raw: str) -> _Given | None:
        self.named = True
        parameter = self._find(name, raw)
        return parameter and self._given(parameter, name)

    def _find(self, name: str, raw: str = "") -> Parameter | None:
        place = self.names.find(name)
        if place is not None:
            return self._parameter(place)
        fault = _unknown(name, self.endpoint, self.names)
        if " " in name.strip() and raw:
            fault = fault._replace(hint=f"{fault.hint}; for the text itself: -- {quoted(raw)}")
        self.faults.append(fault)
        return None

    def _given(self, parameter: Parameter, name: str) -> _Given:
        given = self.given.get(parameter.name)
        if given is None or given.from_data:
            given = self.given[parameter.name] = _Given(parameter, name)
        return given

    # What is too many

    def count(self) -> None:
        """Tell once, not for each of them, what is more than the endpoint takes."""
        if len(self.by_position) > len(self.endpoint.parameters):
            self.faults.append(self._too_many(len(self.by_position), self._typed_apart()))
        for given in self.given.values():
            if given.surplus:
                self.faults.append(_too_many_files(given))

    def _too_many(self, count: int, hint: str = "") -> Fault:
        expected = len(self.endpoint.parameters)
        plural = "" if expected == 1 else "s"
        return Fault(f"{self.endpoint.name} takes {expected} value{plural}, {count} given", hint)

    def _typed_apart(self) -> str:
        """How to go on where there are too many values: words that want quotes, many files."""
        if all(isinstance(item, PositionalFile) for item in self.by_position):
            return self._of_one_name(self.by_position)
        texts = [item.text for item in self.by_position if isinstance(item, Positional)]
        if len(texts) < len(self.by_position) or len(self.endpoint.parameters) != 1:
            return ""
        only = self.endpoint.parameters[0]
        if only.kind in ("choices", "list"):
            return f"use {' '.join(quoted(f'{only.name}={text}') for text in texts)}"
        return f"quote text that has blanks: {quoted(' '.join(texts))}"

    def _of_one_name(self, items: Iterable[Item]) -> str:
        """How files that were given by position all go to the first parameter."""
        first = next(iter(self.endpoint.parameters), None)
        if first is None or first.shape is None:
            return ""
        if files.max_files(first.shape) is not None:
            return _batch_hint(first.name)
        paths = [item.path for item in items if isinstance(item, PositionalFile)]
        more = " …" if len(paths) > _ITEMS_SHOWN else ""
        named = " ".join(quoted(f"{first.name}@{path}") for path in paths[:_ITEMS_SHOWN])
        return f"use {named}{more}"

    # What is said about a parameter

    def _add_text(self, given: _Given, text: str) -> None:
        parameter, named = given.parameter, _Naming(given.name)
        if not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text):
            # How Python carries bytes of an argument that are not UTF-8.
            raise Misfit(f"{given.name}: the text is not valid UTF-8")
        if values.takes_items(parameter, text):
            self._add_item(given, named(values.item_from_text, parameter, text))
        elif parameter.shape == "multimodal":
            self._add(given, text)
        else:
            self._add(given, named(values.from_text, parameter, text))

    def _add_read(self, given: _Given, path: str) -> None:
        """Add the text of a file, without its final newline, as `$(…)` gives it."""
        text = self.read(path)
        if given.parameter.kind != "table":
            text = text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")
        self._add_text(given, text)

    def _add_json(self, given: _Given, text: str) -> None:
        what, name = f"{given.name}:=", given.name
        hint = f"use {quoted(f'{name}{text}')}" if text.startswith("@") else ""
        if text.startswith("="):
            # In `name:==json` nothing stands for a file.
            value = _Naming(name)(_fitting, given.parameter, parse_json(text[1:], what))
            self._add(given, value)
            return
        value = parse_json(text, what, hint)
        self._add(given, _Naming(name)(_json_value, given.parameter, value))

    def _add_item(self, given: _Given, value: Any) -> None:
        if not given.values:
            given.values.append([])
        if not isinstance(given.values[0], list):
            raise _twice(given)
        given.values[0].append(value)

    def _add(self, given: _Given, value: Any) -> None:
        if given.values or (given.files and given.parameter.shape != "multimodal"):
            raise _twice(given)
        given.values.append(value)

    def _add_file(self, given: _Given, path: str) -> None:
        shape = given.parameter.shape
        if given.values and shape != "multimodal":
            raise _twice(given)
        limit = files.max_files(shape) if shape else 0
        if limit is not None and len(given.files) >= limit:
            given.surplus += 1
            return
        given.files.append(_file(path))

    def _value(self, parameter: Parameter) -> Any:
        given = self.given.get(parameter.name)
        if given is None:
            if parameter.required:
                hint = _how_to_give(parameter, self._piped)
                self.faults.append(Fault(f"{parameter.name} is missing", hint))
            return parameter.default
        if given.files and parameter.shape is not None:
            if parameter.shape == "pair" and len(given.files) == 1:
                self.faults.append(_one_of_two(given))
            text = given.values[0] if given.values else None
            return files.shaped(parameter.shape, given.files, text)
        if not given.values:
            return None
        value = given.values[0]
        if parameter.shape == "multimodal" and isinstance(value, str):
            return files.shaped("multimodal", [], value)
        return value


class _Naming:
    """Calls a function of `values`, and says in what it raises which parameter does not fit."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(
        self, function: Callable[[Parameter, Any], Any], parameter: Parameter, value: Any
    ) -> Any:
        try:
            return function(parameter, value)
        except Misfit as misfit:
            message, hint, _ = misfit.fault
            if parameter.kind == "file":
                hint = f"use {_file_item(self._name, value)}"
            elif parameter.kind == "table" and isinstance(value, str) and value and "@" in hint:
                hint = f"for a table in a file, use {quoted(f'{self._name}@{_path(value)}')}"
            elif parameter.kind == "json" and hint:
                example = self._name + '={"key": 1}'
                hint = f"give JSON, such as {quoted(example)}"
            elif parameter.kind == "choices" and value == "":
                hint = f"for an empty list, use {quoted(f'{self._name}:=[]')}"
            raise Misfit(f"{self._name}: {message}", hint) from misfit


def _unwrapped(endpoint: Endpoint, body: Any) -> tuple[str | None, Any]:
    """The session that a whole body names, and its data; any other `--data` as it is."""
    if (
        isinstance(body, dict)
        and isinstance(body.get("data"), list)
        and not any(p.name == "data" for p in endpoint.parameters)
    ):
        return _session_hash(body), body["data"]
    return None, body


def _unknown(name: str, endpoint: Endpoint, names: _Names) -> Fault:
    hint = did_you_mean(name, names.all) or "it takes none"
    return Fault(f"unknown parameter {name} for {endpoint.name}", hint)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _file_item(name: str, value: Any) -> str:
    """The item, for the shell, that gives the file meant by `value`: a path, or the payloads that
    `upload` prints."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        with suppress(ValueError, RecursionError):
            payloads = json.loads(value)
            if all(map(files.is_payload, payloads if isinstance(payloads, list) else [payloads])):
                return quoted(f"{name}:={value}")
    return quoted(f"{name}@{_path(value)}")


def _path(value: Any) -> str:
    """What was typed, where it may be the path that was meant."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_PATH else "FILE"


def _file_meant(given: _Given, path: str, raw: str) -> Misfit:
    """`@path` by position is text where no file is taken; but that file is there."""
    hint = f"use {quoted(f'{given.name}@{path}')}"
    if given.parameter.kind == "string":
        as_text = quoted(f"{given.name}={raw}")
        hint = f"{hint} to send what is in the file, {as_text} to send its name"
    return Misfit(f"{given.name}: {raw!r} names a file, but the parameter takes none", hint)


def _twice(given: _Given) -> Misfit:
    return Misfit(f"{given.name}: given twice")


def _too_many_files(given: _Given) -> Fault:
    limit = len(given.files)
    message = f"{given.name} takes {limit} file{'s'[: limit > 1]}, {limit + given.surplus} given"
    return Fault(message, _batch_hint(given.name) if limit == 1 else "")


def _batch_hint(name: str) -> str:
    item = quoted(f"{name}@{{}}")
    command = f"gradio-curl call APP ENDPOINT {item} --batch -"
    return f"for a call per file: printf '%s\\n' FILE... | {command}"


def _one_of_two(given: _Given) -> Fault:
    name = quoted(given.name)
    return Fault(f"{given.name} takes 2 files, 1 given", f"give {name}@FILE {name}@FILE")


def _json_value(parameter: Parameter, value: Any) -> Any:
    """A JSON value for `parameter`, checked, with the files that it refers to."""
    return _fitting(parameter, with_local_files(value))


def _fitting(parameter: Parameter, value: Any) -> Any:
    """A value that fits `parameter`. Bare files get the shape that the component wants."""
    if parameter.shape == "multimodal" and isinstance(value, str):
        return files.shaped(parameter.shape, [], value)
    if parameter.kind == "table":
        return values.table(parameter, value)
    if parameter.shape is not None:
        bare = value if isinstance(value, list) else [value]
        if bare and all(files.is_local(part) or files.is_payload(part) for part in bare):
            if parameter.shape == "pair" and len(bare) != 2:
                raise Misfit(f"2 files are expected, {len(bare)} given")
            return files.shaped(parameter.shape, bare)
    return values.check(parameter, value)


def _how_to_give(parameter: Parameter, piped: bool) -> str:
    name = quoted(parameter.name)
    if parameter.shape == "multimodal":
        return f"give {name}=TEXT, {name}@FILE or both"
    if parameter.shape == "pair":
        return f"give {name}@FILE {name}@FILE"
    if parameter.shape is not None or parameter.kind == "table":
        return f"give {name}@FILE"
    if parameter.kind == "list":
        return f"give {name}={(parameter.item or 'value').upper()}, once for each item"
    if piped and parameter.kind == "string":
        return f"give {name}@- for the text from stdin, or {name}=TEXT"
    choices = values.listed(parameter.choices)
    return f"give {name}={choices or parameter.kind.upper()}"
