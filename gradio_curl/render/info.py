"""What an app offers: as data, as a table, and as commands to paste."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from gradio_curl.protocol.examples import example, usage
from gradio_curl.protocol.schema import App, Endpoint, OAuth, Parameter, Return
from gradio_curl.protocol.shell import is_plain, printable_json
from gradio_curl.protocol.values import kinds_of, listed, number_text
from gradio_curl.render.stdio import harmless, in_a_line


def info_object(app: App, url: str, typed: str, endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """`info --json`: the app and its endpoints; `typed` is the APP of the examples."""
    return {
        "app": {
            "url": url,
            "version": app.version,
            "prefix": app.prefix,
            "space_id": app.space_id,
        },
        "endpoints": [
            {
                "name": endpoint.name,
                "description": endpoint.description,
                "parameters": [_parameter_object(p) for p in endpoint.parameters],
                "returns": [_return_object(r) for r in endpoint.returns],
                "oauth_token": endpoint.oauth_token,
                "example": example(endpoint, typed),
            }
            for endpoint in endpoints
        ],
    }


def _parameter_object(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "label": parameter.label,
        "type": type_name(parameter),
        "required": parameter.required,
        "default": parameter.default,
        "choices": [choice.value for choice in parameter.choices] or None,
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "component": parameter.component,
        "file": parameter.shape is not None,
    }


def _return_object(returned: Return) -> dict[str, Any]:
    return {
        "label": returned.label,
        "type": returned.type,
        "component": returned.component,
        "file": returned.file,
    }


def type_name(parameter: Parameter) -> str:
    """A parameter's type as JSON schema calls it, several with `or`; `file`, `files`, `table`
    beside."""
    if parameter.shape is not None:
        return "file" if parameter.shape in ("file", "video", "editor") else "files"
    if kinds := kinds_of(parameter):
        return " or ".join(kinds)
    match parameter.kind:
        case "choices" | "list":
            return "array"
        case "choice":
            return _type_of_all([choice.value for choice in parameter.choices])
        case "json":
            return "any"
        case kind:
            return kind


def _type_of_all(values: list[Any]) -> str:
    if all(isinstance(value, bool) for value in values):
        return "boolean"
    return "number" if all(isinstance(value, int | float) for value in values) else "string"


def type_words(parameter: Parameter) -> str:
    """A parameter's type for a person."""
    if parameter.shape == "multimodal":
        return "text, files"
    if parameter.shape == "editor":
        return "file, layers"
    if parameter.kind == "any":
        return "text, JSON"
    return _in_words(type_name(parameter), "")


def return_words(returned: Return) -> str:
    """The type of a return value for a person."""
    return _in_words(returned.type, returned.component)


def _in_words(kind: str, component: str) -> str:
    if component.lower() == "dataframe":
        return "table"
    words = {"array": "list", "any": "JSON", "json": "JSON"}
    return " or ".join(words.get(one, one) for one in kind.split(" or "))


_BLANKS = re.compile(r"[\s\u2800\u3164\uffa0]{2,}")
_WIDEST = 80  # characters of a column that others are aligned by
NO_ENDPOINT = "the app does not have a public endpoint"


def info_text(app: App, url: str, typed: str, endpoints: Iterable[Endpoint]) -> str:
    """`info` for a person: each endpoint with its parameters, what comes back, a line to paste.

    Whatever an app says is on one line, which can't begin like one of ours.
    """
    blocks = ["\n".join(_endpoint_lines(endpoint, typed)) for endpoint in endpoints]
    head = f"{url} (Gradio {in_a_line(app.version)})"
    return harmless("\n\n".join([head, *(blocks or [NO_ENDPOINT])]))


def _endpoint_lines(endpoint: Endpoint, typed: str) -> Iterator[str]:
    yield one_word(endpoint.name)
    if description := in_a_line(endpoint.description):
        yield f"    {description}"
    yield from _aligned([parameter_row(p) for p in endpoint.parameters])
    returns = (f"{in_a_line(r.label)} ({return_words(r)})" for r in endpoint.returns)
    yield f"  returns {', '.join(returns) or 'nothing'}"
    if endpoint.oauth_token is not None:
        yield f"  {token_words(endpoint.oauth_token)}"
    if line := example(endpoint, typed):
        yield f"  $ {line}"


def token_words(need: OAuth) -> str:
    """That an endpoint takes the caller's Hugging Face token."""
    return f"--oauth-token {need}: the app gets your Hugging Face token"


def one_word(name: str) -> str:
    """A name as it is, on one line: what is typed must not be shown with something else in it.

    A run of blanks, which could fill a line so that the next begins like one of ours, is a mark.
    """
    return _BLANKS.sub("␣", harmless(name.translate({ord("\n"): "^J", ord("\t"): "^I"})))


def as_typed(text: str) -> str:
    """What may be typed as it is shown, on one line: blanks stay, but for a run of them that could
    fill a line."""
    return text if is_plain(text) else one_word(text)


def parameter_row(parameter: Parameter) -> tuple[str, ...]:
    """A parameter in words: its name as it is typed, type, default, what it takes, label."""
    separator = "@" if parameter.shape is not None else "="
    return (
        f"{one_word(parameter.name)}{separator}",
        type_words(parameter),
        "required" if parameter.required else f"default {_short(parameter.default)}",
        limits(parameter) or usage(parameter),
        in_a_line(parameter.label) if parameter.label != parameter.name else "",
    )


def described(parameter: Parameter) -> str:
    """A parameter in a few words: its type, and what it may be left out for."""
    _, kind, default, _, label = parameter_row(parameter)
    return ", ".join(filter(None, (kind, default, limits(parameter), label)))


def limits(parameter: Parameter) -> str:
    """Choices or range, in words; empty where there are none."""
    low, high = parameter.minimum, parameter.maximum
    if parameter.choices:
        return as_typed(listed(parameter.choices))
    if low is not None and high is not None:
        return f"{number_text(low)} to {number_text(high)}"
    if low is not None:
        return f"at least {number_text(low)}"
    return f"at most {number_text(high)}" if high is not None else ""


def _short(value: Any) -> str:
    is_float = isinstance(value, float)
    text = json.dumps(value, ensure_ascii=False)
    text = as_typed(text if is_plain(text) else printable_json(value))
    text = number_text(value) if is_float else text
    return text if len(text) <= 30 else f"{text[:29]}…"


def filled(rows: list[tuple[str, ...]]) -> list[int]:
    """Which columns of these rows have anything in them."""
    return [at for at, column in enumerate(zip(*rows, strict=True)) if any(column)]


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    shown = filled(rows)
    rows = [tuple(row[at] for at in shown) for row in rows]
    # What is very long stands out of its column, or every other row would be as long.
    widths = [
        max((len(cell) for cell in column if len(cell) <= _WIDEST), default=0)
        for column in zip(*rows, strict=True)
    ]
    return [
        "  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
