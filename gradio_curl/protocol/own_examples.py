"""The values that an app shows as examples: those that may be shown in turn."""

from __future__ import annotations

import json
import re
from typing import Any

from gradio_curl.protocol import files
from gradio_curl.protocol.schema import Parameter
from gradio_curl.protocol.values import Misfit, check

_LONGEST = 200  # characters, as JSON


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


def printable_json(value: Any) -> str:
    """JSON of what can be printed on a line; every other character is escaped, and blanks after a
    blank."""
    text = re.sub("(?<= ) ", r"\\u0020", json.dumps(value, ensure_ascii=False))
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
