"""A value to its parameter's type, and whether it fits: type, choices, range."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol import files, json_schema, tables
from gradio_curl.protocol.json_errors import is_deeper, why_invalid
from gradio_curl.protocol.json_schema import Unfit
from gradio_curl.protocol.schema import DEEPEST, Choice, Parameter
from gradio_curl.protocol.shell import is_plain, printable_json, quoted, shown

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}
_MOST_LISTED = 20  # choices
_LONGEST_LABEL = 40  # characters of a label that somebody types
_NO_CHOICE = "is not among the choices"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class Misfit(Exception):
    """A value that does not fit: why not, without the parameter's name, and what would.

    `part` is where in the value (`[0].name`), empty where it is the value itself.
    """

    def __init__(self, message: str, hint: str = "", part: str = "") -> None:
        super().__init__(message)
        self.fault = Fault(message, hint)
        self.part = part


def parse_json(
    text: str, what: str, hint: str = "", pairs: Callable[[Any], Any] | None = None
) -> Any:
    """Parse what a person typed as JSON. Raises InputError, which says where it is wrong.

    `pairs` makes an object of its keys and values; it may raise InputError.
    """
    try:
        value = _decoder(pairs).decode(text.removeprefix("\ufeff"))  # of a file from Windows
    except RecursionError as error:
        raise InputError(_too_deep(what)) from error
    except ValueError as error:
        told = f"{what} is not valid JSON: {why_invalid(error)}"
        raise InputError(Fault(told, hint)) from error
    if text.count("[") + text.count("{") > DEEPEST and is_deeper(value, DEEPEST):
        raise InputError(_too_deep(what))
    return value


@cache
def _decoder(pairs: Callable[[Any], Any] | None) -> json.JSONDecoder:
    """Kept, since json.loads makes one for each text that has a hook."""
    return json.JSONDecoder(parse_float=_finite, parse_constant=_finite, object_pairs_hook=pairs)


def _too_deep(what: str) -> str:
    return f"{what} is nested more than {DEEPEST} levels deep"


def _finite(word: str) -> float:
    """A number of JSON. Raises ValueError for NaN and Infinity, which JSON lacks."""
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(f"{word} is not a finite number")
    return number


def kinds_of(parameter: Parameter) -> list[str]:
    """The JSON types of a parameter that takes several, null left out; empty for all others."""
    if parameter.kind not in ("string", "json") or parameter.schema is None:
        return []
    types = json_schema.types_of(parameter.schema)
    return types if len(types) > 1 and "any" not in types else []


def from_text(parameter: Parameter, text: str) -> Any:
    """The value that `text` means for the parameter. Raises Misfit."""
    match parameter.kind:
        case "string" | "any":
            return text
        case "number":
            return check(parameter, _to_number(text))
        case "integer":
            number = check(parameter, _to_number(text, "an integer"))
            return int(number) if number % 1 == 0 else number
        case "boolean":
            return _to_boolean(text)
        case "choice":
            return from_choice(parameter, text)
        case "table":
            return table_from_text(parameter, text)
        case "choices" | "list" | "array" | "object" | "json":
            # Of broken JSON, where it is wrong is enough; of other text, what JSON looks like.
            is_json = text.lstrip()[:1] in ("[", "{")
            hint = "" if is_json else _JSON_HINT
            # Of another's text no part stands for a file, but what we print is read as it was.
            return check(parameter, files.unescaped(_to_json(text, hint)))
        case "file":
            raise Misfit(f"{_quoted(text)} is text, but a file is expected")


_JSON_HINT = 'give JSON, such as {"key": 1}'


def item_from_text(parameter: Parameter, text: str) -> Any:
    """One item of a parameter that takes a list of them. Raises Misfit."""
    if parameter.kind == "choices":
        return from_choice(parameter, text)
    return from_text(parameter._replace(kind=parameter.item or "any", schema=None), text)


def takes_items(parameter: Parameter, text: str) -> bool:
    """Whether `text` is one item of a list, rather than the list in JSON."""
    if parameter.kind not in ("choices", "list"):
        return False
    if text.lstrip()[:1] != "[":
        return True
    return any(text in (choice.value, choice.label) for choice in parameter.choices)


def _to_json(text: str, hint: str) -> Any:
    try:
        return parse_json(text, "the text", hint)
    except InputError as error:
        raise Misfit(*error.faults[0][:2]) from error


def _to_boolean(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise Misfit(f"{_quoted(text)} is neither true nor false")
    return word in _TRUE


def _to_number(text: str, what: str = "a number") -> float:
    word = text.strip()
    if not _NUMBER.fullmatch(word):
        raise Misfit(f"{_quoted(text)} is not {what}")
    try:
        return int(word)
    except ValueError:
        number = float(word)
    if not math.isfinite(number):
        raise Misfit(f"{_quoted(text)} is not a finite number")
    return number


def table_from_text(parameter: Parameter, text: str) -> Any:
    """A table in CSV or JSON. Raises Misfit."""
    if text.lstrip()[:1] in ("[", "{"):
        return check(parameter, table(parameter, files.unescaped(_to_json(text, ""))))
    if "\n" not in text:
        hint = f"for a table in a file, use @{text}" if text else _TABLE_HINT
        raise Misfit(f"{_quoted(text)} is not a table", hint)
    try:
        return tables.from_text(text, parameter.columns or [])
    except ValueError as error:
        raise Misfit(str(error), _TABLE_HINT) from error


_TABLE_HINT = 'give a CSV file with @FILE, or JSON: rows, objects, or {"headers", "data"}'


def table(parameter: Parameter, value: Any) -> Any:
    """A table that is typed as JSON, in the form that the server takes. Raises Misfit."""
    if value is None:
        return None
    try:
        return tables.from_json(value, parameter.columns or [])
    except ValueError as error:
        raise Misfit(f"{_shown(value)} is {error}", _TABLE_HINT) from error


def from_choice(parameter: Parameter, text: str) -> Any:
    """The value of the choice that `text` names: by value, by label, or by the same number. Of
    text that may be something else, a number where all choices are numbers, else the text."""
    if (choice := _named_choice(parameter.choices, text)) is not None:
        return choice.value
    numbers = [c.value for c in parameter.choices if _is_number(c.value)]
    if numbers and (number := _number_in(text)) is not None:
        if number in numbers:
            return numbers[numbers.index(number)]
        if parameter.custom and len(numbers) == len(parameter.choices):
            return number
    if parameter.custom:
        return text
    raise Misfit(f"{_quoted(text)} {_NO_CHOICE}", f"choose from {listed(parameter.choices)}")


def _number_in(text: str) -> float | None:
    try:
        return _to_number(text)
    except Misfit:
        return None


def _named_choice(choices: tuple[Choice, ...], text: str) -> Choice | None:
    """The choice with this value, else the one with this label."""
    by_value = (c for c in choices if c.value == text or _as_text(c.value) == text)
    by_label = (c for c in choices if c.label == text)
    return next(by_value, None) or next(by_label, None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def typed_choices(choices: tuple[Choice, ...]) -> list[str]:
    """What a person types for each choice: its label, where that is short and means no other one,
    else its value."""
    values = {_as_text(choice.value) for choice in choices}
    typed: list[str] = []
    known = set[str]()
    for label, value in choices:
        is_other = label in values or label in known
        serves = label.strip() and len(label) <= _LONGEST_LABEL and not is_other
        typed.append(label if serves else _as_text(value))
        known.add(label)
    return typed


def listed(choices: tuple[Choice, ...]) -> str:
    """Choices as they are typed in a shell, the first twenty of them, with values that differ.

    One that is not among the texts of `name=` is told as JSON, for `name:=`.
    """
    first = choices[:_MOST_LISTED]
    words = map(partial(_listed_choice, choices), typed_choices(choices)[: len(first)], first)
    return _joined(words, choices)


def _joined(words: Iterable[str], choices: tuple[Choice, ...]) -> str:
    """Words for the first twenty of the choices."""
    return "|".join(words) + ("|…" if len(choices) > _MOST_LISTED else "")


def _listed_choice(choices: tuple[Choice, ...], typed: str, choice: Choice) -> str:
    meant = _named_choice(choices, typed)
    text = _as_text(choice.value)
    if meant is None or not json_schema.is_same(meant.value, choice.value) or not is_plain(typed):
        return f":={quoted(printable_json(choice.value))}"
    return shown(typed) + (f" ({shown(text)})" if typed != text else "")


def number_text(value: float) -> str:
    """A number as a person writes it: 10 for 10.0, 1e-9 for 1e-09."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return re.sub(r"e\+?(-?)0*", r"e\1", repr(value))


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


# What a value of each kind must be, and how that is called; the kinds left out take anything.
_WANTED: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "string": (lambda value: isinstance(value, str), "a string"),
    "number": (_is_number, "a number"),
    "integer": (lambda value: _is_number(value) and value % 1 == 0, "an integer"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "choices": (lambda value: isinstance(value, list), "a list"),
    "list": (lambda value: isinstance(value, list), "a list"),
    "array": (lambda value: isinstance(value, list), "a list"),
    "object": (lambda value: isinstance(value, dict), "an object"),
    "file": (lambda value: not isinstance(value, str | int | float | bool), "a file"),
}


def check(parameter: Parameter, value: Any) -> Any:
    """Give `value` back if it fits; null always does, where the app itself may say no.

    Raises Misfit.
    """
    if value is None:
        return None
    if parameter.schema is not None and not parameter.choices:
        return _check_schema(parameter, value)
    if wanted := _WANTED.get(parameter.kind):
        fits, what = wanted
        if not fits(value):
            raise Misfit(f"{_shown(value)} is not {what}")
    match parameter.kind:
        case "number" | "integer":
            _check_range(parameter, value)
        case "choice":
            _check_choice(parameter, value)
        case "choices":
            for part in value:
                _check_choice(parameter, part)
        case "table":
            table(parameter, value)
    return value


def _check_schema(parameter: Parameter, value: Any) -> Any:
    try:
        json_schema.check(value, parameter.schema, _stands_for_file)
    except Unfit as unfit:
        raise Misfit(f"{_shown(unfit.value)} is not {unfit.wanted}", part=unfit.part) from unfit
    return value


def _stands_for_file(value: Any) -> bool:
    return files.is_local(value) or files.is_payload(value)


def _quoted(text: str) -> str:
    """The beginning of a text as it was typed."""
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


def _shown(value: Any) -> str:
    """The beginning of a JSON value, with its local files as they are typed."""
    typed = files.transform(value, files.is_local, lambda local: {"@": local.path})
    shown = json.dumps(typed, ensure_ascii=False)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


def _check_choice(parameter: Parameter, value: Any) -> None:
    if parameter.custom or any(
        json_schema.is_same(choice.value, value) for choice in parameter.choices
    ):
        return
    raise Misfit(f"{_shown(value)} {_NO_CHOICE}", _choose_in_json(parameter.choices, value))


def _choose_in_json(choices: tuple[Choice, ...], value: Any) -> str:
    """What to give in JSON instead of a value, where a label means nothing."""
    for label, meant in choices:
        if label == value:
            return f"give {printable_json(meant)}, the value of {printable_json(label)}"
    words = (printable_json(choice.value) for choice in choices[:_MOST_LISTED])
    return f"choose from {_joined(words, choices)}"


def _check_range(parameter: Parameter, value: float) -> None:
    low, high = parameter.minimum, parameter.maximum
    if isinstance(value, float) and not math.isfinite(value):
        raise Misfit(f"{value} is not a finite number")
    if (low is not None and value < low) or (high is not None and value > high):
        allowed = " and ".join(
            f"at {word} {number_text(limit)}"
            for word, limit in (("least", low), ("most", high))
            if limit is not None
        )
        raise Misfit(f"{number_text(value)} is out of range", f"it takes {allowed}")
