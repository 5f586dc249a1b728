"""/config and /info, read into a schema. Every difference between versions ends here.

`/info` tells the endpoints, their parameters and returns; `/config` the components behind them
(choices, ranges, state slots). Seen on Gradio 4.20.0, 4.44.1, 5.50.0 and 6.31.0: 4.20 names no
parameters and declares no defaults, so there the label's slug and the component's value serve.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, get_args

from gradio_curl.errors import NotGradio
from gradio_curl.protocol import json_schema
from gradio_curl.protocol.json_errors import is_deeper
from gradio_curl.protocol.json_schema import Schema
from gradio_curl.protocol.schema import (
    DEEPEST,
    App,
    Choice,
    Endpoint,
    Kind,
    OAuth,
    Parameter,
    Return,
    Shape,
)
from gradio_curl.protocol.versions import version_of

OLDEST = (4, 20)
_SHAPES: Mapping[str, Shape] = {
    "audio": "file",
    "file": "file",
    "gallery": "gallery",
    "image": "file",
    "imageeditor": "editor",
    "imageslider": "pair",
    "model3d": "file",
    "multimodaltextbox": "multimodal",
    "uploadbutton": "file",
    "video": "file",
}
_NOTHING: Mapping[str, Any] = {"parameters": [], "returns": []}
# What takes only what its schema says: `gr.api`, and chats, whose messages have another form in
# every major version.
_BY_SCHEMA = ("api", "chatbot")
_TRANSLATED = "__i18n__"
_PREFIX = re.compile(r"(?:/[\w.~-]+)*/?")
_SIZE = re.compile(r"\s*([0-9]{1,18}(?:\.[0-9]{0,18})?)\s*([kmgt]?)i?b?\s*", re.IGNORECASE)


def read_version(config: Any) -> tuple[str, str]:
    """The version and the API prefix that `/config` tells. Raises NotGradio."""
    if not isinstance(config, dict) or not isinstance(config.get("version"), str):
        raise NotGradio("what answers there is not a Gradio app")
    version = config["version"].strip()
    if version_of(version) < OLDEST:
        raise NotGradio(
            f"the app runs Gradio {version}, which is too old",
            f"gradio-curl needs Gradio {'.'.join(map(str, OLDEST))} or later on the server",
        )
    prefix = config.get("api_prefix") or ""
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix):
        # Put behind the app's address, anything else could lead to another host.
        raise NotGradio("the app names an api_prefix that is not a path")
    return version, prefix.rstrip("/")


def read_app(config: Any, info: Any) -> App:
    """Read the JSON of `/config` and `/info`. Raises NotGradio where they are no such thing.

    Without `info` (None) no endpoint has parameters to check. One endpoint that makes no sense does
    not keep the others from being called.
    """
    version, prefix = read_version(config)
    endpoints, undocumented = dict[str, Endpoint](), dict[str, Endpoint]()
    unreadable = dict[str, str]()
    try:
        components = {c["id"]: c for c in config["components"] if _is_component(c)}
        dependencies = _dependencies(config["dependencies"])
        if info is None:
            described = {name: _NOTHING for name, found in dependencies.items() if _offers(found)}
        else:
            described = info["named_endpoints"]
        changed = set(_outputs(config["dependencies"]))
        for name, description in described.items():
            # 6.31 may list an endpoint that /config lacks while the app is still starting.
            if name in dependencies:
                found = _read_first(name, description, dependencies[name], components, changed)
                if isinstance(found, Endpoint):
                    endpoints[name] = found
                else:
                    unreadable[name] = found
        for name, (first, *_) in dependencies.items():
            if name not in described and first[1].get("api_visibility") != "private":
                description = _NOTHING if info is None else _undocumented(first[1], components)
                found = _read_first(name, description, [first], components, changed)
                if isinstance(found, Endpoint):
                    undocumented[name] = found._replace(from_labels=True)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        told = f"the app's /config and /info can't be read ({_reason(error)})"
        raise NotGradio(told) from error
    if unreadable and not endpoints:
        name, reason = next(iter(unreadable.items()))
        raise NotGradio(f"the app's /config and /info can't be read ({name}: {reason})")
    return App(
        version=version,
        prefix=prefix,
        app_id=str(config.get("app_id", "")),
        space_id=config.get("space_id") or None,
        max_file_size=_read_size(config.get("max_file_size")),
        endpoints=endpoints,
        undocumented=undocumented,
        unreadable=unreadable,
    )


def _is_component(listed: Any) -> bool:
    return isinstance(listed, dict) and isinstance(listed.get("id"), int)


def _outputs(dependencies: list[dict[str, Any]]) -> Iterator[int]:
    """The components that some event of the app may change."""
    for dependency in dependencies:
        outputs = dependency.get("outputs")
        yield from (o for o in outputs if isinstance(o, int)) if isinstance(outputs, list) else ()


def _dependencies(listed: list[dict[str, Any]]) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """For each name the dependencies that have it, with their index. Nested Blocks may bring
    several: the server takes the first."""
    dependencies: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for place, dependency in enumerate(listed):
        if isinstance(dependency.get("api_name"), str):
            index = dependency.get("id", place)
            dependencies.setdefault(f"/{dependency['api_name']}", []).append((index, dependency))
    return dependencies


def _offers(dependencies: list[tuple[int, dict[str, Any]]]) -> bool:
    """Whether `/info` would list one of these: what runs in Python, unless it is marked as hidden
    (`show_api` before 6.0, `api_visibility` since)."""
    return any(
        dependency.get("backend_fn") is not False
        and dependency.get("show_api") is not False
        and dependency.get("api_visibility") in (None, "public")
        for _, dependency in dependencies
    )


def _undocumented(
    dependency: dict[str, Any], components: dict[int, dict[str, Any]]
) -> dict[str, Any]:
    """What `/info` would say of an endpoint that it leaves out, but for the parameters' names."""
    inputs, outputs = (
        [c for c in map(components.get, dependency.get(ids) or []) if c and not c.get("skip_api")]
        for ids in ("inputs", "outputs")
    )
    return {
        "parameters": [_of_component(c, "api_info_as_input") for c in inputs],
        "returns": [_of_component(c, "api_info_as_output") for c in outputs],
    }


def _of_component(component: dict[str, Any], direction: str) -> dict[str, Any]:
    props = component.get("props") or {}
    return {
        "label": props.get("label") or f"parameter_{component['id']}",
        "type": component.get(direction) or component.get("api_info"),
        "component": str(component.get("type", "")).capitalize(),
        "example_input": component.get("example_inputs"),
    }


def _read_first(
    name: str,
    described: Mapping[str, Any],
    dependencies: list[tuple[int, dict[str, Any]]],
    components: dict[int, dict[str, Any]],
    changed: set[int],
) -> Endpoint | str:
    """The endpoint by the first dependency that fits what `/info` says; else why none does."""
    reasons = []
    for index, dependency in dependencies:
        try:
            return _read_endpoint(name, described, index, dependency, components, changed)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            reasons.append(_reason(error))
    return reasons[0]


def _reason(error: Exception) -> str:
    """What is wrong with a description; Python's own words are about its internals."""
    match error:
        case KeyError(args=(str(key),)):
            return f"{key!r} is missing"
        case KeyError(args=(key,)):
            return f"component {key!r} is missing"
        case ValueError():
            return str(error)
        case _:
            return "a part of it is not of the type that Gradio sends"


def _read_endpoint(
    name: str,
    described: Mapping[str, Any],
    fn_index: int,
    dependency: dict[str, Any],
    components: dict[int, dict[str, Any]],
    changed: set[int],
) -> Endpoint:
    if not isinstance(fn_index, int):
        raise ValueError("its id is not a number")
    inputs = [components[i] for i in dependency["inputs"]]
    outputs = [components[i] for i in dependency["outputs"]]
    listed = [c for c in inputs if not c.get("skip_api")]
    if not described["parameters"]:
        listed = []
    if len(listed) != len(described["parameters"]):
        count = len(described["parameters"])
        raise ValueError(f"/config has {len(listed)} inputs, /info {count} parameters")
    parameters = _unique_names(
        _read_parameter(
            p, c, changeable=c.get("id") in changed, in_batches=dependency.get("batch") is True
        )
        for p, c in zip(described["parameters"], listed, strict=True)
    )
    left = (parameter.name for parameter in parameters)
    return Endpoint(
        name=name,
        description=str(described.get("description") or ""),
        parameters=parameters,
        returns=tuple(map(_read_return, described["returns"])),
        slots=tuple(
            None if component.get("skip_api") else next(left, None) for component in inputs
        ),
        listed=tuple(not c.get("skip_api") for c in outputs),
        fn_index=fn_index,
        streams_input=dependency.get("connection") == "stream",
        stateless=not any(component.get("skip_api") for component in inputs)
        and set(dependency["inputs"]).isdisjoint(dependency["outputs"]),
        oauth_token=_read_oauth(described.get("oauth_token")),
    )


def _read_oauth(described: Any) -> OAuth | None:
    return next((need for need in get_args(OAuth) if need == described), None)


def _read_parameter(
    described: dict[str, Any], component: dict[str, Any], changeable: bool, in_batches: bool
) -> Parameter:
    props = component.get("props") or {}
    schema = described.get("type") or {}
    component_type = str(component.get("type", ""))
    if in_batches and component_type == "api" and isinstance(schema.get("items"), dict):
        # The type hint is that of a whole batch, which the server makes of the values of calls.
        schema = schema["items"]
    label = _label(described)
    has_default = described.get("parameter_has_default")
    default = described.get("parameter_default")
    if has_default is None:
        default = props.get("value")
        has_default = default not in (None, "")
    if is_deeper(default, DEEPEST):
        raise ValueError(f"the default of {label} is nested too deeply")
    example = _example(described, props)
    type_ = _read_type(component_type, props, schema)
    return Parameter(
        name=str(described.get("parameter_name") or _slug(label)),
        label=label,
        kind=type_.kind,
        component=str(described.get("component") or component_type),
        required=not has_default,
        default=default,
        choices=type_.choices,
        custom=bool(props.get("allow_custom_value")),
        minimum=_number(props.get("minimum")),
        maximum=_number(props.get("maximum")),
        changeable=changeable,
        shape=type_.shape,
        example=None if is_deeper(example, DEEPEST) else example,
        item=type_.item,
        schema=schema if component_type in _BY_SCHEMA or _is_one_of(type_.kind, schema) else None,
        columns=_columns(props) if type_.kind == "table" else None,
        file_types=_file_types(props) if type_.shape is not None else (),
    )


def _example(described: dict[str, Any], props: dict[str, Any]) -> Any:
    """The app's own example; without the time where a gr.DateTime takes only a date."""
    example = described.get("example_input")
    if props.get("include_time") is False and isinstance(example, str):
        return example.partition(" ")[0]
    return example


def _is_one_of(kind: Kind, schema: Any) -> bool:
    """Whether text is one of several types that fit: a gr.Dialogue is a text or a list."""
    offered = {_kind(one) for one in json_schema.alternatives(schema) if one.get("type") != "null"}
    return kind == "string" and len(offered) > 1


class _Type(NamedTuple):
    kind: Kind
    shape: Shape | None = None
    choices: tuple[Choice, ...] = ()
    item: Kind | None = None


def _read_type(component: str, props: dict[str, Any], schema: Any, item: bool = False) -> _Type:
    """What a parameter takes, or an `item` of its list, by its component and its JSON schema."""
    offered = json_schema.alternatives(schema)
    wanted = [one for one in offered if one.get("type") != "null"] or [{}]
    # Where text is one of several types, text is text.
    texts = [one for one in wanted if one.get("type") == "string" and "enum" not in one]
    one = texts[0] if texts else wanted[0]
    if shape := _shape(component, props, one):
        return _Type("file", shape)
    if choices := _read_choices(props.get("choices")):
        multiple = bool(props.get("multiselect")) or component == "checkboxgroup"
        return _Type("choices" if multiple else "choice", None, choices)
    if props.get("choices") == [] and one.get("type") == "array":  # an event may bring some
        return _Type("list", item="string")
    if component == "dataframe":
        return _Type("table")
    if component == "number":
        # `/info` may say `integer`: that is what the app makes of the number, by rounding it.
        return _Type("number")
    if not texts and len({_kind(one) for one in wanted}) > 1:
        return _Type("json")
    if component == "api":
        return _read_hint(one, item)
    kind = _kind(one)
    return _Type("json" if kind == "any" else kind)


def _read_hint(schema: Schema, is_item: bool) -> _Type:
    """What a parameter takes that stands in a Python function as `schema` says.

    Of an item that is a list itself no more is told: a type may hold itself.
    """
    if choices := _read_enum(schema):
        return _Type("choice", None, choices)
    kind = _kind(schema)
    items = schema.get("items")
    if kind == "array" and not is_item and isinstance(items, dict) and items:
        item = _read_type("api", {}, {"$defs": schema.get("$defs"), **items}, item=True)
        if item.kind == "choice":
            return _Type("choices", None, item.choices)
        if item.kind in ("string", "number", "integer", "boolean"):
            return _Type("list", item=item.kind)
    return _Type(kind)


def _read_enum(schema: Schema) -> tuple[Choice, ...]:
    if "const" in schema:
        return _read_choices([schema["const"]])
    return _read_choices(schema.get("enum"))


def _columns(props: dict[str, Any]) -> list[list[str]]:
    headers, types = props.get("headers"), props.get("datatype")
    headers = headers if isinstance(headers, list) else []
    types = types if isinstance(types, list) else [types] * len(headers)
    types = [*types, *["str"] * len(headers)]
    return [[str(name), str(kind or "str")] for name, kind in zip(headers, types, strict=False)]


def _file_types(props: dict[str, Any]) -> tuple[str, ...]:
    types = props.get("file_types")
    return tuple(filter(None, map(str, types))) if isinstance(types, list) else ()


def _read_return(described: dict[str, Any]) -> Return:
    component = str(described.get("component") or "")
    kind, shape, _, _ = _read_type(component.lower(), {}, described.get("type") or {})
    type_ = "files" if shape in ("files", "gallery", "pair") else kind
    return Return(_label(described), type_, component, file=shape is not None)


def _kind(schema: Schema) -> Kind:
    match schema.get("type"):
        case "string":
            return "string"
        case "number":
            return "number"
        case "integer":
            return "integer"
        case "boolean":
            return "boolean"
        case "array":
            return "array"
        case "object":
            return "object"
        case None:
            return "any"
        case _:
            # `{}` is what components that take any JSON have there.
            return "json"


def _shape(component: str, props: dict[str, Any], schema: Schema) -> Shape | None:
    shape = _SHAPES.get(component)
    if shape is None:
        return _custom_shape(schema)
    if shape == "file" and (props.get("file_count", "single") != "single" or _lists(schema)):
        return "files"
    if component == "video" and "video" in schema.get("properties", {}):
        return "video"
    return shape


def _custom_shape(schema: Schema) -> Shape | None:
    """Of a component we do not know: a file where its JSON schema is that of a FileData."""
    if _is_file(schema):
        return "file"
    return "files" if _lists(schema) else None


def _lists(schema: Schema) -> bool:
    if schema.get("type") != "array":
        return False
    return any(map(_is_file, json_schema.alternatives(schema.get("items"), schema.get("$defs"))))


def _is_file(schema: Schema) -> bool:
    properties = schema.get("properties")
    return isinstance(properties, dict) and {"path", "url", "orig_name"} <= properties.keys()


def _read_choices(choices: Any) -> tuple[Choice, ...]:
    if not isinstance(choices, list):
        return ()
    pairs = (c if isinstance(c, list) and len(c) == 2 else (c, c) for c in choices)
    return tuple(Choice(_translation_key(label) or str(label), value) for label, value in pairs)


def _unique_names(parameters: Iterable[Parameter]) -> tuple[Parameter, ...]:
    """Slugs of labels may clash (4.20): the second `text` becomes `text_2`."""
    unique: dict[str, Parameter] = {}
    counts: dict[str, int] = {}
    for parameter in parameters:
        name, count = parameter.name, counts.get(parameter.name, 1)
        while name in unique:
            count += 1
            name = f"{parameter.name}_{count}"
        counts[parameter.name] = count
        unique[name] = parameter._replace(name=name)
    return tuple(unique.values())


def _label(described: dict[str, Any]) -> str:
    label = described.get("label")
    if not isinstance(label, str) or label.startswith(_TRANSLATED):
        label = _translation_key(label)
    return label or str(described.get("parameter_name") or described.get("component") or "value")


def _translation_key(text: Any) -> str:
    """The last part of the key of a text that the app's page translates; empty for another.

    `gr.I18n` (5.30 and later) stands for its texts with `{"_type": "translation_metadata",
    "key": "form.name"}` in `/info`, and with `__i18n__{"key": …}` in `/config`.
    """
    if isinstance(text, str) and text.startswith(_TRANSLATED):
        try:
            text = json.loads(text.removeprefix(_TRANSLATED))
        except (ValueError, RecursionError):
            return ""
    if not isinstance(text, dict):
        return ""
    return str(text.get("key") or "").rpartition(".")[2]


def _slug(label: str) -> str:
    slug = re.sub(r"\W+", "_", label.lower()).strip("_")
    return f"p_{slug}" if not slug or slug[0].isdigit() else slug


def _number(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if number and (isinstance(value, int) or math.isfinite(value)) else None


def _read_size(value: Any) -> int | None:
    """`max_file_size` is a number of bytes, or a text such as `5mb` (1 kb is 1,024 bytes)."""
    if isinstance(value, str) and (match := _SIZE.fullmatch(value)):
        return int(float(match[1]) * 1024 ** " kmgt".index(match[2].lower() or " "))
    number = _number(value)
    return None if number is None else int(number)
