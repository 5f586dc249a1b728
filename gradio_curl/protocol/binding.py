"""Items and an endpoint to the `data` of a call; all faults of a call are told at once.

Nothing is read here: `read` is handed in, and a file to be uploaded stands in the data as a
`Local` until the client has uploaded it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from gradio_curl.errors import Failure, Fault, InputError
from gradio_curl.protocol import files
from gradio_curl.protocol.files import STDIN
from gradio_curl.protocol.given import Given, batch_hint, how_to_give
from gradio_curl.protocol.items import (
    File,
    Item,
    Json,
    Named,
    Positional,
    PositionalFile,
    Text,
    as_text,
)
from gradio_curl.protocol.parameter_names import Names, unknown
from gradio_curl.protocol.schema import Endpoint, Parameter
from gradio_curl.protocol.shell import quoted
from gradio_curl.protocol.values import Misfit

_LONGEST_SHOWN = 40  # characters of what was typed, in a message
_ITEMS_SHOWN = 4
# What looks like a name, in words: `Guidance scale`.
_NAME = re.compile(r"[^\W\d][\w-]*(?:[ \t]+[\w-]+)*")

Reader = Callable[[str], str]
"""Gives the text of a file (`-`: stdin); raises CannotRead."""
Exists = Callable[[str], bool]
"""Whether a path names a local file."""


def nowhere(path: str) -> bool:
    """Local files are not looked at."""
    return False


class Call(NamedTuple):
    """A checked call: the `data` list with a value for every slot, and the session it names."""

    data: list[Any]
    session_hash: str | None = None


def bind(
    endpoint: Endpoint,
    items: Iterable[Item],
    body: Any = None,
    *,
    read: Reader,
    exists: Exists = nowhere,
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
    names = Names(endpoint.parameters)
    binder = Binder(endpoint, names, read, exists, in_session, piped)
    session_hash = binder.take(items, body)
    binder.faults += file_faults([given.parts for given in binder.given.values()])
    return binder.call(session_hash)


def unchecked(body: Any) -> Call:
    """`--data` as it is, for `--no-check`: a list, or a whole body with its `data`."""
    if isinstance(body, dict) and isinstance(body.get("data"), list):
        _check_body(body)
        return Call(files.with_local_files(body["data"]), _session_hash(body))
    if isinstance(body, list):
        return Call(files.with_local_files(body))
    raise InputError("--no-check needs --data with a list, or a body that has one as its data")


# What bodies of Gradio's own page and client have beside these is of no use to a call.
_OF_A_BODY = {"data", "session_hash", "fn_index", "event_data", "trigger_id", "event_id"}


def _check_body(body: dict[str, Any], fn_index: int | None = None) -> None:
    """Raise InputError where a whole body has what would be lost, or is another endpoint's."""
    if lost := [key for key in body if key not in _OF_A_BODY]:
        keys = ", ".join(map(_cut, lost[:_ITEMS_SHOWN]))
        hint = "give parameters in a list, or all by name without data"
        if "oauth_token" in lost:
            hint = "give the token with --oauth-token"
        raise InputError(Fault(f"unknown {keys} beside data in --data", hint))
    meant = body.get("fn_index")
    if fn_index is not None and meant not in (None, fn_index):
        raise InputError(f"--data is for another endpoint: its fn_index is {meant}, not {fn_index}")


def _session_hash(body: dict[str, Any]) -> str | None:
    session_hash = body.get("session_hash")
    if session_hash is not None and not isinstance(session_hash, str):
        raise InputError("session_hash must be a string")
    return session_hash


class _TooMany(Exception):
    """A value by position, after one for each parameter; all of them are told at once."""


class Binder:
    """One call in the making: what it is given, parameter by parameter, and all that is wrong."""

    def __init__(
        self,
        endpoint: Endpoint,
        names: Names,
        read: Reader,
        exists: Exists,
        in_session: bool,
        piped: bool = False,
    ) -> None:
        self._piped = piped
        self._exists = exists
        self._last: str | None = None  # the named text before a value, which may belong to it
        self.endpoint = endpoint
        self.names = names
        self.read = read
        self.in_session = in_session
        self.faults: list[Fault] = []
        self.given: dict[str, Given] = {}
        self.by_position: list[Item] = []
        self._misplaced: list[Fault] = []  # of values by position
        self.named = False

    def take(self, items: Iterable[Item], body: Any) -> str | None:
        """Take `--data`, then what overrides it; gives the session that it names."""
        session_hash, body = _unwrapped(self.endpoint, body)
        self.in_session = self.in_session or session_hash is not None
        self._take_body(body)
        for item in items:
            before = len(self.by_position)
            try:
                self._take(item)
            except _TooMany:
                pass
            except Misfit as misfit:
                self.faults.append(misfit.fault)
                if len(self.by_position) > before:
                    self._misplaced.append(misfit.fault)
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

    def _value(self, parameter: Parameter) -> Any:
        given = self.given.get(parameter.name)
        if given is not None:
            try:
                return given.value()
            except Misfit as misfit:
                self.faults.append(misfit.fault)
        elif parameter.required:
            hint = how_to_give(parameter, self._piped)
            self.faults.append(Fault(f"{parameter.name} is missing", hint))
        return parameter.default

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
        given = Given(parameter, name, from_data=True)
        try:
            given.add_value(value)
        except Misfit as misfit:
            self.faults.append(misfit.fault)
        self.given[parameter.name] = given

    # Items

    def _take(self, item: Item) -> None:
        match item:
            case Positional():
                self._take_text(item)
            case PositionalFile(path, raw):
                given = self._next(item)
                if given.parameter.shape is not None:
                    given.add_file(path)
                elif path == STDIN:
                    given.add_text_of_file(self.read(path))
                elif self._exists(path):
                    raise given.named_file(path, raw)
                else:
                    given.add_text(raw)
            case Text(name=name) | Json(name=name) if self._is_text(name):
                self._take(as_text(item))
            case Text(name, text, raw):
                if named := self._named(name, raw):
                    self._last = raw if named.parameter.kind == "string" else None
                    named.add_text(text)
            case Json(name, text, raw):
                if named := self._named(name, raw):
                    named.add_json(text)
            case File():
                self._take_file(item)

    def _take_text(self, item: Positional) -> None:
        text = item.text
        if not item.literal:
            if self.named:
                hint = f"name it: NAME={quoted(text)}"
                if self._last is not None:
                    hint = (
                        f"quote text that has blanks: {quoted(f'{self._last} {text}')}; or {hint}"
                    )
                raise Misfit(f"positional value {text!r} after a named one", hint)
            if text == STDIN:
                self._next(item)
                raise Misfit("'-' is not a value", "use @- for stdin, or NAME=- for the text")
            if self._is_body(text):
                self._next(item)
                raise Misfit(f"{_cut(text)!r} is JSON for --data", f"use -d {quoted(text)}")
        given = self._next(item)
        if item.file is None:
            given.add_text(text)
        else:
            self._take_address(given, text, item.file)

    def _take_address(self, given: Given, text: str, typed: File) -> None:
        """Take a text such as me@x.org, unless `me` is more likely a parameter's misspelt name:
        what stands behind it exists on disk, or the text would not fit anyway."""
        parameter = given.parameter
        may_be_name = _NAME.fullmatch(typed.name) is not None
        is_there = typed.path == STDIN or self._exists(typed.path)
        text_item = quoted(f"{parameter.name}={typed.raw}")
        try:
            given.add_text(text)
        except Misfit:
            if not may_be_name or (parameter.choices and not is_there):
                raise
            text_item = ""
        else:
            if not (may_be_name and is_there):
                return
        self.faults.append(self._unknown(typed.name, text_item))

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

    def is_positional(self, item: Named) -> bool:
        """Whether a word that reads like a named item goes to the next parameter."""
        is_file = isinstance(item, File)
        return self._is_address(item.name) if is_file else self._is_text(item.name)

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

    def _take_file(self, item: File) -> None:
        name, path = item.name, item.path
        if self._is_address(name):
            self._take(as_text(item))
            return
        given = self._named(name, item.raw)
        if given is None:
            return
        if given.parameter.shape is not None:
            given.add_file(path)
        elif files.is_url(path):
            raise Misfit(f"{name}@ takes a URL only where the parameter is a file")
        else:
            given.add_text_of_file(self.read(path))

    # Which parameter is meant

    def _parameter(self, place: int) -> Parameter:
        parameter = self.endpoint.parameters[place]
        if not (self.in_session and parameter.changeable):
            return parameter
        return parameter._replace(custom=True, minimum=None, maximum=None)

    def _next(self, item: Item) -> Given:
        self.by_position.append(item)
        place = len(self.by_position) - 1
        if place >= len(self.endpoint.parameters):
            raise _TooMany
        parameter = self._parameter(place)
        return self._given(parameter, parameter.name)

    def _named(self, name: str, raw: str) -> Given | None:
        self.named = True
        parameter = self._find(name, raw)
        return parameter and self._given(parameter, name)

    def _find(self, name: str, raw: str = "") -> Parameter | None:
        place = self.names.find(name)
        if place is not None:
            return self._parameter(place)
        is_text = [p.kind for p in self.endpoint.parameters] == ["string"]
        literal = f"-- {quoted(raw)}" if raw and (is_text or " " in name.strip()) else ""
        self.faults.append(self._unknown(name, literal))
        return None

    def _unknown(self, name: str, text_item: str) -> Fault:
        """The fault of a name that is not a parameter; `text_item` is what to type instead where
        all of it is meant as text, empty where it can't be."""
        fault = unknown(name, self.endpoint, self.names)
        if not text_item:
            return fault
        there_are, *more = fault.hint.split("\n")
        hint = "\n".join([f"{there_are}; for the text itself: {text_item}", *more])
        return fault._replace(hint=hint)

    def _given(self, parameter: Parameter, name: str) -> Given:
        given = self.given.get(parameter.name)
        if given is None or given.from_data:
            given = self.given[parameter.name] = Given(parameter, name)
        return given

    # What is too many

    def count(self) -> None:
        """Tell once, not for each of them, what is more than the endpoint takes."""
        if len(self.by_position) > len(self.endpoint.parameters):
            if all(parameter.shape is not None for parameter in self.endpoint.parameters):
                # One line for a glob: that its files are named wrongly too is no more help.
                self.faults = [fault for fault in self.faults if fault not in self._misplaced]
            self.faults.append(self._too_many(len(self.by_position), self._typed_apart()))
        for given in self.given.values():
            if fault := given.surplus():
                self.faults.append(fault)

    def _too_many(self, count: int, hint: str = "") -> Fault:
        expected = len(self.endpoint.parameters)
        plural = "" if expected == 1 else "s"
        return Fault(f"{self.endpoint.name} takes {expected} value{plural}, {count} given", hint)

    def _typed_apart(self) -> str:
        """How to go on where there are too many values: words that want quotes, many files."""
        if all(isinstance(item, PositionalFile) for item in self.by_position):
            return self._of_one_name(self.by_position)
        if [parameter.shape for parameter in self.endpoint.parameters] == ["multimodal"]:
            return self._as_one_message()
        texts = [item.text for item in self.by_position if isinstance(item, Positional)]
        if len(texts) < len(self.by_position) or len(self.endpoint.parameters) != 1:
            return ""
        only = self.endpoint.parameters[0]
        if only.shape is not None:
            return self._of_one_name(self.by_position)
        if only.kind in ("choices", "list"):
            return f"use {' '.join(quoted(f'{only.name}={text}') for text in texts)}"
        return f"quote text that has blanks: {quoted(' '.join(texts))}"

    def _as_one_message(self) -> str:
        """How a text and files that were given by position are one message."""
        name = self.endpoint.parameters[0].name
        texts = " ".join(i.text for i in self.by_position if isinstance(i, Positional))
        paths = [i.path for i in self.by_position if isinstance(i, PositionalFile)]
        if not paths:
            return f"quote text that has blanks: {quoted(texts)}"
        words = [f"{name}={texts}", *(f"{name}@{path}" for path in paths[:_ITEMS_SHOWN])]
        return f"use {' '.join(map(quoted, words))}{' …' * (len(paths) > _ITEMS_SHOWN)}"

    def _of_one_name(self, items: Iterable[Item]) -> str:
        """How files that were given by position all go to the first parameter."""
        first = next(iter(self.endpoint.parameters), None)
        if first is None or first.shape is None:
            return ""
        paths = [i.text if isinstance(i, Positional) else getattr(i, "path", "") for i in items]
        limit = files.max_files(first.shape)
        if limit is not None and len(paths) > limit:
            return batch_hint(first.name)
        more = " …" if len(paths) > _ITEMS_SHOWN else ""
        named = " ".join(quoted(f"{first.name}@{path}") for path in paths[:_ITEMS_SHOWN])
        return f"use {named}{more}"


def _unwrapped(endpoint: Endpoint, body: Any) -> tuple[str | None, Any]:
    """The session that a whole body names, and its data; any other `--data` as it is."""
    if (
        isinstance(body, dict)
        and isinstance(body.get("data"), list)
        and not any(p.name == "data" for p in endpoint.parameters)
    ):
        _check_body(body, endpoint.fn_index)
        return _session_hash(body), body["data"]
    return None, body


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
