"""Command lines that call an endpoint: each is read back by our own parser before it is shown.

What an app says of itself (names, examples, choices) may be chosen to make a pasted line do
something else, so a line is given only where it means the same call, on one line, in every shell.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gradio_curl.errors import Failure
from gradio_curl.protocol import json_schema
from gradio_curl.protocol.binding import Call, bind
from gradio_curl.protocol.items import named, parse_items
from gradio_curl.protocol.own_examples import own_example, printable_json
from gradio_curl.protocol.schema import UNKNOWN, Endpoint, Parameter
from gradio_curl.protocol.shell import quoted
from gradio_curl.protocol.values import typed_choices

_FILE_NAMES = {
    "audio": ["audio.wav"],
    "gallery": ["image.png"],
    "image": ["image.png"],
    "imageeditor": ["image.png"],
    "imageslider": ["image.png", "image2.png"],
    "model3d": ["model.glb"],
    "video": ["video.mp4"],
}
# Of components whose example in `/info` is not what they take, or that have none. `chart` is for
# what 4.20 calls a Plot too, such as gr.BarPlot.
_EXAMPLES: dict[str, Any] = {
    "annotatedimage": {"image": {"@": "image.png"}, "annotations": []},
    "fileexplorer": [["file.txt"]],
    "plot": {"type": "altair", "plot": "{}", "chart": "bar"},
}
_FALLBACKS: dict[str, Any] = {
    "string": "text",
    "number": 1,
    "boolean": True,
    "array": [],
    "object": {},
    "integer": 1,
    "json": {},
    "any": "text",
    "table": {"data": [["text"]]},
}
_TABLE = "name,age\nAnn,30\n"


def example(endpoint: Endpoint, app: str) -> str | None:
    """A command that calls `endpoint` of what was typed as `app`; None where no line would do.

    It works as it is, once its file names are replaced.
    """
    values = {p.name: _value(p) for p in endpoint.parameters if p.required}
    words = [word for p in endpoint.parameters if p.required for word in _words(p, values[p.name])]
    start = ["gradio-curl", "call", app, endpoint.name]
    as_items, as_data = [*start, *words], [*start, "-d", printable_json(values)]
    if _can_be_shown(as_items) and _means(endpoint, words, None, values):
        return " ".join(map(quoted, as_items))
    if _can_be_shown(as_data) and _means(endpoint, [], values, values):
        return " ".join(map(quoted, as_data))
    return None


def usage(parameter: Parameter) -> str:
    """Items that give this parameter, where its type does not say how; empty where it does."""
    name = parameter.name
    candidates: list[list[str]] = []
    if parameter.shape == "multimodal":
        candidates = [[f"{name}=text", f"{name}@file.txt"]]
    elif parameter.shape == "editor":
        candidates = [[f"{name}@image.png", f"{name}@layer.png"]]
    elif parameter.shape is not None:
        candidates = [[f"{name}@{file}" for file in _file_names(parameter)]]
    elif parameter.kind == "table":
        candidates = [[f"{name}@table.csv"], _words(parameter, _value(parameter))]
    elif parameter.kind in ("list", "array", "object", "json", "any"):
        candidates = [_words(parameter, _value(parameter))]
    alone = UNKNOWN._replace(parameters=(parameter,), slots=(name,))
    for words in candidates:
        if _can_be_shown(words) and _bound(alone, words, None) is not None:
            return " ".join(map(quoted, words))
    return ""


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


def _words(parameter: Parameter, value: Any) -> list[str]:
    """The items that give the parameter this value."""
    name = parameter.name
    if parameter.shape is not None and not isinstance(value, str):
        return [f"{name}@{reference['@']}" for reference in value]
    if parameter.kind in ("choices", "list") and isinstance(value, list) and len(value) == 1:
        value = value[0]
    for typed, choice in zip(typed_choices(parameter.choices), parameter.choices, strict=True):
        if json_schema.is_same(choice.value, value):
            return [f"{name}={typed}"]
    if isinstance(value, str) and parameter.kind != "json":
        return [f"{name}={value}"]
    as_text = isinstance(value, int | float) and parameter.kind not in ("json", "any")
    separator = "=" if as_text else ":="
    return [f"{name}{separator}{printable_json(value)}"]


def _value(parameter: Parameter) -> Any:
    """A value for the parameter, as typed JSON: the app's own example where it is harmless."""
    if parameter.shape == "multimodal":
        return "text"
    if parameter.shape is not None:
        return [{"@": name} for name in _file_names(parameter)]
    if (known := _EXAMPLES.get(parameter.component.lower())) is not None:
        return known
    if (given := own_example(parameter)) is not None:
        return given
    for choice in parameter.choices:
        return [choice.value] if parameter.kind == "choices" else choice.value
    if parameter.minimum is not None:
        return parameter.minimum
    if parameter.schema is not None:
        return json_schema.sample(parameter.schema)
    return _FALLBACKS.get(parameter.kind)


def _file_names(parameter: Parameter) -> list[str]:
    return _FILE_NAMES.get(parameter.component.lower(), ["file.txt"])
