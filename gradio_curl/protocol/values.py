"""A value to its parameter's type, and whether it fits: type, choices, range."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol import files
from gradio_curl.protocol.schema import Choice, Parameter

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


class Misfit(Exception):
    """A value that does not fit its parameter."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.fault = Fault(message, hint)


def parse_json(text: str, what: str, pairs: Callable[[Any], Any] | None = None) -> Any:
    """Parse what a person typed as JSON. Raises InputError, which says where it is wrong.

    `pairs` makes an object of its keys and values; it may raise InputError.
    """
    try:
        return json.loads(
            text, parse_float=_finite, parse_constant=_finite, object_pairs_hook=pairs
        )
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{what} is no JSON: {error.msg} at {at}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{what} is no JSON that can be read: {error}") from error


def _finite(word: str) -> float:
    """A number of JSON, which has no NaN and no Infinity. Raises ValueError for them."""
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(f"{word} is no finite number")
    return number


def from_text(parameter: Parameter, text: str) -> Any:
    """The value that `text` means for the parameter."""
    match parameter.kind:
        case "string":
            return text
        case "number":
            return check(parameter, _to_number(parameter, text))
        case "boolean":
            word = text.strip().lower()
            if word not in _TRUE | _FALSE:
                raise Misfit(f"{parameter.name}: {text!r} is neither true nor false")
            return word in _TRUE
        case "choice":
            return from_choice(parameter, text)
        case "choices" | "array" | "object":
            return check(parameter, _to_json(parameter, text))
        case "any":
            return _to_json(parameter, text)
        case "file":
            raise Misfit(
                f"{parameter.name}: {text!r} is a text, the parameter takes a file",
                f"use {parameter.name}@{text}" if text else f"use {parameter.name}@FILE",
            )


def _to_json(parameter: Parameter, text: str) -> Any:
    try:
        return parse_json(text, f"{parameter.name}: the text")
    except InputError as error:
        hint = f"for a text, use {parameter.name}:='\"…\"'" if parameter.kind == "any" else ""
        raise Misfit(error.message, hint) from error


def _to_number(parameter: Parameter, text: str) -> float:
    word = text.strip()
    if not _NUMBER.fullmatch(word):
        raise Misfit(f"{parameter.name}: {text!r} is no number")
    try:
        return int(word)
    except ValueError:
        return float(word)


def from_choice(parameter: Parameter, text: str) -> Any:
    """The value of the choice that `text` names, by value or by label."""
    for choice in parameter.choices:
        if choice.value == text or _as_text(choice.value) == text:
            return choice.value
    for choice in parameter.choices:
        if choice.label == text:
            return choice.value
    if parameter.custom:
        return text
    raise _no_choice(parameter, repr(text))


def _no_choice(parameter: Parameter, value: str) -> Misfit:
    message = f"{parameter.name}: {value} is not among the choices"
    return Misfit(message, f"choose from {listed(parameter.choices)}")


def listed(choices: tuple[Choice, ...]) -> str:
    listed = [_as_text(choice.value) for choice in choices]
    return "|".join(listed[:20]) + ("|…" if len(listed) > 20 else "")


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def check(parameter: Parameter, value: Any) -> Any:
    """Give `value` back if it fits; null always does, where the app itself may say no."""
    if value is None:
        return None
    match parameter.kind:
        case "string":
            _demand(parameter, value, isinstance(value, str), "text")
        case "number":
            number = isinstance(value, int | float) and not isinstance(value, bool)
            _demand(parameter, value, number, "number")
            _check_range(parameter, value)
        case "boolean":
            _demand(parameter, value, isinstance(value, bool), "true or false")
        case "choice":
            _check_choice(parameter, value)
        case "choices":
            _demand(parameter, value, isinstance(value, list), "list")
            for part in value:
                _check_choice(parameter, part)
        case "array":
            _demand(parameter, value, isinstance(value, list), "list")
        case "object":
            _demand(parameter, value, isinstance(value, dict), "object")
        case "any":
            pass
        case "file":
            _demand(parameter, value, not isinstance(value, str | int | float | bool), "file")
    return value


def _demand(parameter: Parameter, value: Any, fits: bool, wanted: str) -> None:
    if not fits:
        hint = f"use {parameter.name}@FILE" if wanted == "file" else ""
        raise Misfit(f"{parameter.name}: {_shown(value)} is no {wanted}", hint)


def _shown(value: Any) -> str:
    """The beginning of a JSON value, with its local files as they are typed."""
    typed = files.transform(value, files.is_local, lambda local: {"@": local.path})
    shown = json.dumps(typed, ensure_ascii=False)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


def _check_choice(parameter: Parameter, value: Any) -> None:
    if parameter.custom or any(choice.value == value for choice in parameter.choices):
        return
    raise _no_choice(parameter, _shown(value))


def _check_range(parameter: Parameter, value: float) -> None:
    low, high = parameter.minimum, parameter.maximum
    if isinstance(value, float) and not math.isfinite(value):
        raise Misfit(f"{parameter.name}: {value} is no finite number")
    if (low is not None and value < low) or (high is not None and value > high):
        allowed = " and ".join(
            f"at {word} {_as_text(limit)}"
            for word, limit in (("least", low), ("most", high))
            if limit is not None
        )
        raise Misfit(f"{parameter.name}: {_as_text(value)} is out of range", f"it takes {allowed}")
    if parameter.whole and isinstance(value, float) and not value.is_integer():
        raise Misfit(f"{parameter.name}: {_as_text(value)} is no whole number")
