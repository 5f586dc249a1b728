"""Command lines that call an endpoint: each is read back by our own parser before it is shown.

What an app says of itself (names, examples, choices) may be chosen to make a pasted line do
something else, so a line is given only where it means the same call, on one line, in every shell.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from gradio_curl.errors import Failure
from gradio_curl.protocol import json_schema
from gradio_curl.protocol.binding import Call, bind
from gradio_curl.protocol.example_values import example_of, file_names, items_of, lacks_choices
from gradio_curl.protocol.items import Positional, PositionalFile, named, parse_items
from gradio_curl.protocol.parameter_names import Names
from gradio_curl.protocol.schema import UNKNOWN, Endpoint, Parameter
from gradio_curl.protocol.shell import printable_json, quoted
from gradio_curl.protocol.values import Misfit, kinds_of

_TABLE = "name,age\nAnn,30\n"


def example(endpoint: Endpoint, app: str) -> str | None:
    """A command that calls `endpoint` of what was typed as `app`; None where no line would do.

    It works as it is, once its file names are replaced.
    """
    values = {p.name: example_of(p) for p in endpoint.parameters if p.required}
    words = [
        word for p in endpoint.parameters if p.required for word in items_of(p, values[p.name])
    ]
    start = ["gradio-curl", "call", app, endpoint.name]
    as_items, as_data = [*start, *words], [*start, "-d", printable_json(values)]
    if _can_be_shown(as_items) and _means(endpoint, words, None, values):
        return " ".join(map(quoted, as_items))
    if _can_be_shown(as_data) and _means(endpoint, [], values, values):
        return " ".join(map(quoted, as_data))
    return None


def completed(endpoint: Endpoint, app: str, words: Sequence[str]) -> str | None:
    """A command that calls `endpoint` with these words, and examples of what is missing beside
    them; None where they do not fit."""
    names, items = Names(endpoint.parameters), parse_items(words)
    by_position = sum(isinstance(item, Positional | PositionalFile) for item in items)
    try:
        given = {*range(by_position), *(names.find(getattr(item, "name", "")) for item in items)}
    except Misfit:
        return None
    missing = [p for at, p in enumerate(endpoint.parameters) if p.required and at not in given]
    more = [word for p in missing for word in items_of(p, example_of(p))]
    if not _can_be_shown(more) or _bound(endpoint, [*words, *more], None) is None:
        return None
    return " ".join(map(quoted, ["gradio-curl", "call", app, endpoint.name, *words, *more]))


def usage(parameter: Parameter) -> str:
    """Items that give this parameter, where its type does not say how; empty where it does."""
    name = parameter.name
    candidates: list[list[str]] = []
    if parameter.shape == "multimodal":
        candidates = [[f"{name}=text", f"{name}@{file_names(parameter)[0]}"]]
    elif parameter.shape == "editor":
        candidates = [[f"{name}@image.png", f"{name}@layer.png"]]
    elif parameter.shape is not None:
        candidates = [[f"{name}@{file}" for file in file_names(parameter)]]
    elif parameter.kind == "table":
        candidates = [[f"{name}@table.csv"], items_of(parameter, example_of(parameter))]
    elif (kinds := kinds_of(parameter)) and "string" in kinds:
        return " or ".join(_text_or_json(parameter))
    elif parameter.kind in ("list", "array", "object", "json", "any") or lacks_choices(parameter):
        candidates = [items_of(parameter, example_of(parameter))]
    alone = UNKNOWN._replace(parameters=(parameter,), slots=(name,))
    for words in candidates:
        if _can_be_shown(words) and _bound(alone, words, None) is not None:
            return " ".join(map(quoted, words))
    return ""


def _text_or_json(parameter: Parameter) -> Iterator[str]:
    """An item that gives the parameter a text, and one that gives it another type that fits."""
    yield quoted(f"{parameter.name}=text")
    value = example_of(parameter)
    if isinstance(value, str):
        value = json_schema.sample(parameter.schema, besides="string")
    (item,) = items_of(parameter, value)
    if _can_be_shown([item]):
        yield quoted(item)


def _can_be_shown(words: Sequence[str]) -> bool:
    """Whether a terminal shows these words as they are, on one line.

    A run of blanks could fill a line, so that the next begins with another command.
    """
    return all(word.isprintable() and "  " not in word for word in words)


def _means(endpoint: Endpoint, words: list[str], body: Any, values: dict[str, Any]) -> bool:
    """Whether `words` and `body`, as typed, make the call of exactly these values."""
    items = [named(name, ":=", json.dumps(value)) for name, value in values.items()]
    try:
        intended = bind(endpoint, items, read=_read)
    except (Failure, RecursionError):
        return False
    # As text, in which 1 is neither 1.0 nor True.
    return repr(_bound(endpoint, words, body)) == repr(intended)


def _bound(endpoint: Endpoint, words: Sequence[str], body: Any) -> Call | None:
    """The call that these items make; None where they make none, or would be read as options."""
    if any(word.startswith("-") for word in words):
        return None
    try:
        return bind(endpoint, parse_items(words), body, read=_read)
    except (Failure, RecursionError):
        return None


def _read(path: str) -> str:
    return _TABLE if path.endswith(".csv") else "text"
