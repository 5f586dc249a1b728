"""What an app offers: as data, as a table, and as commands to paste."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from typing import Any

from gradio_curl.protocol.schema import App, Endpoint, Parameter, Return
from gradio_curl.protocol.values import Misfit, check, listed
from gradio_curl.render.stdio import harmless

_FILE_NAMES = {
    "audio": "audio.wav",
    "gallery": "image.png",
    "image": "image.png",
    "imageeditor": "image.png",
    "imageslider": "image.png",
    "model3d": "model.glb",
    "video": "video.mp4",
}
_FALLBACKS: dict[str, Any] = {
    "string": "text",
    "number": 1,
    "boolean": True,
    "array": [],
    "object": {},
    "any": {},
}


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
    """A parameter's type in one word, as JSON schema calls it; `file` and `files` beside."""
    if parameter.shape is not None:
        return "file" if parameter.shape in ("file", "video", "editor") else "files"
    if parameter.kind == "choices":
        return "array"
    if parameter.kind == "choice":
        numbers = all(isinstance(c.value, int | float) for c in parameter.choices)
        return "number" if numbers else "string"
    return parameter.kind


def example(endpoint: Endpoint, typed: str) -> str:
    """A command that calls `endpoint` and works, once its file names are replaced."""
    words = ["gradio-curl", "call", typed, endpoint.name]
    words += [_example_item(p) for p in endpoint.parameters if p.required]
    return " ".join(map(shlex.quote, words))


def _example_item(parameter: Parameter) -> str:
    if parameter.shape == "multimodal":
        return f"{parameter.name}=text"
    if parameter.shape is not None:
        name = _FILE_NAMES.get(parameter.component.lower(), "file.txt")
        return f"{parameter.name}@{name}"
    value = _example_value(parameter)
    if isinstance(value, list) and parameter.kind == "choices" and len(value) == 1:
        value = value[0]
    if isinstance(value, str) and parameter.kind != "any":
        return f"{parameter.name}={value}"
    separator = "=" if isinstance(value, int | float) and parameter.kind != "any" else ":="
    return f"{parameter.name}{separator}{json.dumps(value, ensure_ascii=False)}"


def _example_value(parameter: Parameter) -> Any:
    """The app's own example where it fits, else one that does."""
    try:
        if parameter.example is not None:
            return check(parameter, parameter.example)
    except Misfit:
        pass
    if parameter.choices:
        first = parameter.choices[0].value
        return [first] if parameter.kind == "choices" else first
    if parameter.minimum is not None:
        return parameter.minimum
    return _FALLBACKS.get(parameter.kind)


def info_text(app: App, url: str, typed: str, endpoints: Iterable[Endpoint]) -> str:
    """`info` for a person: each endpoint with its parameters, what comes back, a line to paste."""
    blocks = [f"{url} (Gradio {app.version})"]
    for endpoint in endpoints:
        description = f"  {endpoint.description.strip()}" if endpoint.description.strip() else ""
        lines = [endpoint.name + description]
        lines += _aligned([parameter_row(p) for p in endpoint.parameters])
        returns = ", ".join(f"{r.label} ({r.type})" for r in endpoint.returns) or "nothing"
        lines += [f"  returns {returns}", f"  $ {example(endpoint, typed)}"]
        blocks.append("\n".join(lines))
    return harmless("\n\n".join(blocks))


def parameter_row(parameter: Parameter) -> tuple[str, ...]:
    """A parameter in words: its name as it is typed, type, default, limits, label."""
    separator = "@" if parameter.shape is not None else "="
    return (
        f"{parameter.name}{separator}",
        type_name(parameter),
        "required" if parameter.required else f"default {_short(parameter.default)}",
        limits(parameter),
        parameter.label if parameter.label != parameter.name else "",
    )


def described(parameter: Parameter) -> str:
    """A parameter in a few words: its type, and what it may be left out for."""
    _, kind, default, allowed, label = parameter_row(parameter)
    return ", ".join(filter(None, (kind, default, allowed, label)))


def limits(parameter: Parameter) -> str:
    """Choices or range, in words; empty where there are none."""
    low, high = parameter.minimum, parameter.maximum
    if parameter.choices:
        return listed(parameter.choices)
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"at least {low}"
    return f"at most {high}" if high is not None else ""


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
