"""The values that examples show of a parameter, and the items that give them.

An app's own example is shown where it does no harm.
"""

from __future__ import annotations

import json
import re
from typing import Any

from gradio_curl.protocol import files, json_schema
from gradio_curl.protocol.schema import Parameter
from gradio_curl.protocol.shell import printable_json
from gradio_curl.protocol.values import Misfit, check, typed_choices

_LONGEST = 200  # characters, as JSON
_FILE_NAMES = {
    "audio": ["audio.wav"],
    "gallery": ["image.png"],
    "image": ["image.png"],
    "imageeditor": ["image.png"],
    "imageslider": ["image.png", "image2.png"],
    "model3d": ["model.glb"],
    "video": ["video.mp4"],
}
# Of the sorts of files that an app may take: the first part of their MIME type.
_OF_SORTS = {
    "audio": "audio.wav",
    "image": "image.png",
    "text": "file.txt",
    "video": "video.mp4",
}
_OF_CHOICES = ("checkboxgroup", "dropdown", "radio")
_SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,10}){1,2}")
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
    "list": ["text"],
    "object": {},
    "integer": 1,
    "json": {},
    "any": "text",
    "table": {"data": [["text"]]},
}


def own_example(parameter: Parameter) -> Any:
    """The app's own example: of a long list its first item. None where it would do harm."""
    example = parameter.example
    if example is None or _is_harmless(parameter, example):
        return example
    first = example[:1] if isinstance(example, list) else None
    return first if first and _is_harmless(parameter, first) else None


def _is_harmless(parameter: Parameter, value: Any) -> bool:
    """Whether an app's example is a value of the parameter, short, and names no file."""
    try:
        check(parameter, value)
        return len(json.dumps(value)) <= _LONGEST and not any(files.walk(value, _refers))
    except (Misfit, RecursionError, ValueError):
        return False


def _refers(value: Any) -> bool:
    return isinstance(value, dict) and any(key.startswith("@") for key in value)


def items_of(parameter: Parameter, value: Any) -> list[str]:
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
    as_text = isinstance(value, int | float) and parameter.kind not in ("json", "any", "string")
    separator = "=" if as_text else ":="
    return [f"{name}{separator}{printable_json(value)}"]


def example_of(parameter: Parameter) -> Any:
    """A value for the parameter, as typed JSON: the app's own example where it is harmless."""
    if parameter.shape == "multimodal":
        return "text"
    if parameter.shape is not None:
        return [{"@": name} for name in file_names(parameter)]
    if (known := _EXAMPLES.get(parameter.component.lower())) is not None:
        return known
    if (given := own_example(parameter)) is not None:
        return given
    if lacks_choices(parameter):
        return [] if parameter.kind == "list" else None
    for choice in parameter.choices:
        return [choice.value] if parameter.kind == "choices" else choice.value
    if parameter.minimum is not None:
        return parameter.minimum
    if parameter.schema is not None:
        return json_schema.sample(parameter.schema)
    return _FALLBACKS.get(parameter.kind)


def lacks_choices(parameter: Parameter) -> bool:
    """Whether no value fits, until an event of the app brings choices."""
    is_of_choices = parameter.component.lower() in _OF_CHOICES
    return is_of_choices and not parameter.choices and not parameter.custom


def file_names(parameter: Parameter) -> list[str]:
    """Names such as those of the files that the parameter takes."""
    usual = _FILE_NAMES.get(parameter.component.lower(), ["file.txt"])
    if not parameter.file_types or any(_fits(usual[0], one) for one in parameter.file_types):
        return usual
    return next(([name] for name in map(_named_like, parameter.file_types) if name), usual)


def _fits(name: str, file_type: str) -> bool:
    """Whether a file of this name, one of ours, is of the type that an app takes."""
    if file_type.startswith("."):
        return name.endswith(file_type.lower())
    return file_type == "file" or _OF_SORTS.get(file_type) == name


def _named_like(file_type: str) -> str | None:
    """The name of a file of a type that an app takes; None where it is not one that we know."""
    if not _SUFFIX.fullmatch(file_type):
        return _OF_SORTS.get(file_type)
    known = (name for name in _OF_SORTS.values() if _fits(name, file_type))
    return next(known, f"file{file_type.lower()}")
