"""JSON Schema, as far as Gradio writes it: reading its alternatives, and checking a value.

The types of `gr.api` and `gr.Server` come as such schemas: `anyOf`, `oneOf`, `enum`, `const`,
`items`, `prefixItems`, `properties`, `$ref`. What is not understood fits any value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

Schema = dict[str, Any]

_DEEPEST = 50  # schemas inside of schemas; a $ref may lead in circles
_MOST = 200  # alternatives of a value, and parts of an example
_STEPS = 10  # for each part of a value: how often it may be tried against a schema
_TYPES = {
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


class Unfit(Exception):
    """A value that does not fit a schema: which part of it (`[0].name`), and why not."""

    def __init__(self, part: str, value: Any, wanted: str) -> None:
        super().__init__(wanted)
        self.part = part
        self.value = value
        self.wanted = wanted


def alternatives(schema: Any, definitions: Any = None) -> list[Schema]:
    """The schemas one of which a value has to fit: `schema` itself, or what it offers.

    Of a schema that leads in circles, or offers too many, what is left fits any value.
    """
    found: list[Schema] = []
    followed = set[int]()  # what a $ref leads to, which offers nothing new a second time
    left = [(schema, definitions)]
    for _ in range(_MOST):
        if not left:
            return found or [{}]
        schema, definitions = left.pop(0)
        if not isinstance(schema, dict):
            found.append({})
            continue
        definitions = schema.get("$defs") or definitions or {}
        offered = schema.get("anyOf") or schema.get("oneOf")
        if isinstance(schema.get("$ref"), str):
            name = schema["$ref"].rpartition("/")[2]
            target = definitions.get(name) if isinstance(definitions, dict) else None
            if id(target) not in followed:
                followed.add(id(target))
                left.append((target, definitions))
        elif isinstance(offered, list):
            left += [(part, definitions) for part in offered[:_MOST]]
        elif schema.get("properties") == {} and "additionalProperties" not in schema:
            found.append({})  # so Gradio describes each class that it does not know, as uuid.UUID
        elif isinstance(schema.get("type"), list):
            shared = {**schema, "$defs": definitions} if definitions else schema
            found += [{**shared, "type": kind} for kind in _kinds(schema["type"])]
        else:
            found.append({**schema, "$defs": definitions} if definitions else schema)
    return [*found, {}]


def _kinds(listed: list[Any]) -> list[str]:
    """The types of a list, each once; `any` stands for those that are not known."""
    known = (isinstance(kind, str) and kind in _TYPES for kind in listed)
    kinds = (kind if fits else "any" for kind, fits in zip(listed, known, strict=True))
    return list(dict.fromkeys(kinds))


def _count(value: Any) -> int:
    """How many parts the JSON `value` has, itself among them."""
    count, left = 0, [value]
    while left:
        part = left.pop()
        count += 1
        if isinstance(part, dict | list):
            left.extend(part.values() if isinstance(part, dict) else part)
    return count


def check(value: Any, schema: Any, is_file: Callable[[Any], bool]) -> None:
    """Raise Unfit where `value` does not fit the schema. `is_file` tells what stands for a file,
    which fits every object.

    A schema may take more tries than there is time for: what is left undecided then fits.
    """
    left = iter(range(_STEPS * _count(value) + _MOST))
    _check(value, schema, _Run(is_file, left), "", None, 0)


class _Run(NamedTuple):
    """What one check goes by: what stands for a file, and the tries that are left."""

    is_file: Callable[[Any], bool]
    left: Iterator[int]


def _check(value: Any, schema: Any, run: _Run, part: str, definitions: Any, depth: int) -> None:
    if depth > _DEEPEST or not isinstance(schema, dict) or next(run.left, None) is None:
        return
    definitions = schema.get("$defs") or definitions
    failures = []
    for one in alternatives(schema, definitions):
        try:
            _check_one(value, one, run, part, one.get("$defs") or definitions, depth)
            return
        except Unfit as unfit:
            failures.append(unfit)
    inner = [unfit for unfit in failures if unfit.part != part]
    if inner:
        raise inner[0]
    wanted = dict.fromkeys(unfit.wanted for unfit in failures)
    raise Unfit(part, value, " or ".join(wanted))


def _check_one(
    value: Any, schema: Schema, run: _Run, part: str, definitions: Any, depth: int
) -> None:
    if "const" in schema:
        _demand(is_same(value, schema["const"]), part, value, _listed([schema["const"]]))
    if isinstance(schema.get("enum"), list):
        fits = any(is_same(value, choice) for choice in schema["enum"])
        _demand(fits, part, value, _listed(schema["enum"]))
    kind = schema.get("type")
    if run.is_file(value):
        _demand(kind in (None, "object"), part, value, _TYPES.get(str(kind), "something else"))
        return
    if isinstance(kind, str) and kind in _TYPES:
        _demand(_has_type(value, kind), part, value, _TYPES[kind])
    if isinstance(value, list):
        _check_list(value, schema, run, part, definitions, depth)
    if isinstance(value, dict):
        _check_object(value, schema, run, part, definitions, depth)


def _check_list(
    value: list[Any], schema: Schema, run: _Run, part: str, definitions: Any, depth: int
) -> None:
    first = schema.get("prefixItems")
    first = first if isinstance(first, list) else []
    least, most = schema.get("minItems"), schema.get("maxItems")
    if isinstance(least, int) and len(value) < least:
        raise Unfit(part, value, f"a list of {'at least ' * (least != most)}{_items(least)}")
    if isinstance(most, int) and len(value) > most:
        raise Unfit(part, value, f"a list of {'at most ' * (least != most)}{_items(most)}")
    for place, item in enumerate(value):
        wanted = first[place] if place < len(first) else schema.get("items")
        _check(item, wanted, run, f"{part}[{place}]", definitions, depth + 1)


def _check_object(
    value: Schema, schema: Schema, run: _Run, part: str, definitions: Any, depth: int
) -> None:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    # `required` has the fields with defaults too: Gradio lists all there are.
    for name, item in value.items():
        wanted = properties.get(name, schema.get("additionalProperties"))
        if wanted is False:
            raise Unfit(part, value, f"an object without {name}")
        _check(item, wanted, run, f"{part}.{name}", definitions, depth + 1)


def types_of(schema: Any) -> list[str]:
    """The types that fit a schema, as it calls them, each once and without null; `any` stands for
    one that is not known."""
    types = [one.get("type", "any") for one in alternatives(schema)]
    return [kind for kind in _kinds(types) if kind != "null"]


def sample(schema: Any, besides: str = "null") -> Any:
    """A value that fits the schema, where it takes less than a few hundred parts; if there is one,
    of a type other than `besides`."""
    offered = alternatives(schema) if isinstance(schema, dict) else []
    wanted = (one for one in offered if one.get("type") not in (besides, "null"))
    return _sample(next(wanted, schema), None, iter(range(_MOST)))


def _sample(schema: Any, definitions: Any, left: Iterator[int]) -> Any:
    if not isinstance(schema, dict) or next(left, None) is None:
        return None
    offered = alternatives(schema, definitions)
    one = next((one for one in offered if one.get("type") != "null"), offered[0])
    definitions = one.get("$defs") or definitions
    if "const" in one:
        return one["const"]
    if isinstance(one.get("enum"), list) and one["enum"]:
        return one["enum"][0]
    if one.get("type") == "array":
        first = one.get("prefixItems")
        wanted = first if isinstance(first, list) and first else [one.get("items") or {}]
        return [_sample(item, definitions, left) for item in wanted]
    if one.get("type") == "object":
        required, properties = one.get("required"), one.get("properties")
        if not isinstance(required, list) or not isinstance(properties, dict):
            return {}
        names = [name for name in required if isinstance(name, str)]
        return {name: _sample(properties.get(name), definitions, left) for name in names}
    return _SAMPLES.get(str(one.get("type")), "text")


_SAMPLES: dict[str, Any] = {"number": 1, "integer": 1, "boolean": True, "null": None}


def _demand(fits: bool, part: str, value: Any, wanted: str) -> None:
    if not fits:
        raise Unfit(part, value, wanted)


def _has_type(value: Any, kind: str) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "integer":
            whole = isinstance(value, float) and value.is_integer()
            return whole or (isinstance(value, int) and not isinstance(value, bool))
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case _:
            return value is None


def is_same(value: Any, choice: Any) -> bool:
    """Whether JSON values are equal as JSON: 1 is 1.0, but not true, which Python calls equal."""
    return bool(value == choice) and isinstance(value, bool) == isinstance(choice, bool)


def _items(count: int) -> str:
    return f"{count} item{'s'[: count != 1]}"


def _listed(choices: Iterable[Any]) -> str:
    return " or ".join(json.dumps(choice, ensure_ascii=False) for choice in list(choices)[:20])
