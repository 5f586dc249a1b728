"""/config and /info, read into what can be called. Every difference between versions ends here.

`/info` tells the endpoints, their parameters and returns; `/config` the components behind them
(choices, ranges, state slots). Seen on Gradio 4.20.0, 4.44.1, 5.50.0 and 6.31.0: 4.20 names no
parameters and declares no defaults, so there the label's slug and the component's value serve.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, get_args

from gradio_curl.errors import Fault, InputError, NotGradio
from gradio_curl.protocol.versions import Version, version_of

OLDEST = (4, 20)

Kind = Literal["string", "number", "boolean", "choice", "choices", "array", "object", "any", "file"]
OAuth = Literal["required", "optional"]
Shape = Literal["file", "files", "gallery", "video", "multimodal", "editor"]

_SHAPES: Mapping[str, Shape] = {
    "audio": "file",
    "file": "file",
    "gallery": "gallery",
    "image": "file",
    "imageeditor": "editor",
    "imageslider": "files",
    "model3d": "file",
    "multimodaltextbox": "multimodal",
    "uploadbutton": "file",
    "video": "file",
}
_TRANSLATED = "__i18n__"
_PREFIX = re.compile(r"(?:/[\w.~-]+)*/?")
_SIZE = re.compile(r"\s*([\d.]+)\s*([kmgt]?)i?b?\s*", re.IGNORECASE)


class Choice(NamedTuple):
    """One of a parameter's choices: what a person reads, and the value that is sent."""

    label: str
    value: Any


class Parameter(NamedTuple):
    """One parameter of an endpoint.

    `shape` is how files go in, None where the parameter takes none. `whole` marks a slider whose
    steps are whole numbers. `custom` lets values through that are not among the choices.
    """

    name: str
    label: str
    kind: Kind
    component: str
    required: bool
    default: Any = None
    choices: tuple[Choice, ...] = ()
    custom: bool = False
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False
    shape: Shape | None = None
    example: Any = None


class Return(NamedTuple):
    """One value that comes back."""

    label: str
    type: str
    component: str
    file: bool


class Endpoint(NamedTuple):
    """One thing that can be called.

    `slots` has, for each slot of the `data` list, the name of the parameter that fills it, or None
    where the server does (state, buttons). `kept` tells for each output whether `/info` lists it.
    A call of a `stateless` one finds nothing that an earlier one left in its session: the server
    fills no slot, and no input is an output too (an update of its choices, say, would stay).
    `oauth_token` tells whether it takes the caller's Hugging Face token (6.21 and later).
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    returns: tuple[Return, ...]
    slots: tuple[str | None, ...]
    kept: tuple[bool, ...]
    fn_index: int
    streams_input: bool
    stateless: bool
    oauth_token: OAuth | None = None

    @property
    def has_call_route(self) -> bool:
        """Whether a `/call/…` URL can name it: one with a slash, or only dots, it can't."""
        return "/" not in self.name[1:] and self.name[1:] not in ("", ".", "..")

    def visible(self, data: list[Any]) -> list[Any]:
        """Drop the outputs that `/info` does not list: state and layout components."""
        if len(data) != len(self.kept) or all(self.kept):
            return data
        return [value for value, keep in zip(data, self.kept, strict=True) if keep]


UNKNOWN = Endpoint(
    name="",
    description="",
    parameters=(),
    returns=(),
    slots=(),
    kept=(),
    fn_index=-1,
    streams_input=False,
    stateless=False,
)
"""Stands for the endpoint of a job of which nothing but the event id is known."""


class App(NamedTuple):
    """What an app says of itself. `max_file_size` is in bytes, None where there is no limit."""

    version: str
    prefix: str
    app_id: str
    space_id: str | None
    max_file_size: int | None
    endpoints: Mapping[str, Endpoint]

    @property
    def gradio(self) -> Version:
        """The version of Gradio, which tells what the app can do."""
        return version_of(self.version)

    def endpoint(self, name: str | None) -> Endpoint:
        """The endpoint called `name` (with or without its slash), or the only one there is.

        Raises InputError, which names the endpoints there are and the nearest one.
        """
        if name is None:
            if len(self.endpoints) == 1:
                return next(iter(self.endpoints.values()))
            raise InputError(Fault("which endpoint?", self._listing()))
        found = self.endpoints.get(name) or self.endpoints.get(f"/{name}")
        if found is None:
            hint = did_you_mean(name, self.endpoints) or self._listing()
            raise InputError(Fault(f"the app has no endpoint {name}", hint))
        return found

    def _listing(self) -> str:
        if not self.endpoints:
            return "the app has no public endpoint"
        return f"the app has: {', '.join(self.endpoints)}"


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A sentence with all `names`, the nearest one first; empty where there are none."""
    names = list(names)
    if not names:
        return ""
    nearest = difflib.get_close_matches(name.lower(), [n.lower() for n in names], n=1, cutoff=0.6)
    listing = f"there are: {', '.join(names)}"
    if not nearest:
        return listing
    match = next(n for n in names if n.lower() == nearest[0])
    return f"did you mean {match}? {listing}"


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
        raise NotGradio("the app names an api_prefix that is no path")
    return version, prefix.rstrip("/")


def read_app(config: Any, info: Any) -> App:
    """Read the JSON of `/config` and `/info`. Raises NotGradio where they are no such thing.

    Without `info` (None) every endpoint of `/config` is there, with no parameters to check.
    """
    version, prefix = read_version(config)
    try:
        components = {c["id"]: c for c in config["components"]}
        dependencies = {
            f"/{d['api_name']}": (d.get("id", place), d)
            for place, d in enumerate(config["dependencies"])
            if isinstance(d.get("api_name"), str)
        }
        if info is None:
            nothing: dict[str, Any] = {"parameters": [], "returns": []}
            named = dict.fromkeys(dependencies, nothing)
        else:
            named = info["named_endpoints"]
        endpoints = {
            name: _read_endpoint(name, described, *dependencies[name], components)
            for name, described in named.items()
            # 6.31 may list an endpoint that /config lacks while the app is still starting.
            if name in dependencies
        }
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise NotGradio(f"the app's /config and /info can't be read ({error!r})") from error
    return App(
        version=version,
        prefix=prefix,
        app_id=str(config.get("app_id", "")),
        space_id=config.get("space_id") or None,
        max_file_size=_read_size(config.get("max_file_size")),
        endpoints=endpoints,
    )


def _read_endpoint(
    name: str,
    described: dict[str, Any],
    fn_index: int,
    dependency: dict[str, Any],
    components: dict[int, dict[str, Any]],
) -> Endpoint:
    inputs = [components[i] for i in dependency["inputs"]]
    outputs = [components[i] for i in dependency["outputs"]]
    listed = [c for c in inputs if not c.get("skip_api")]
    if not described["parameters"]:
        listed = []
    if len(listed) != len(described["parameters"]):
        raise ValueError(f"{name}: /config has {len(listed)} inputs, /info another number")
    parameters = _unique_names(
        _read_parameter(p, c) for p, c in zip(described["parameters"], listed, strict=True)
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
        kept=tuple(not c.get("skip_api") for c in outputs),
        fn_index=fn_index,
        streams_input=dependency.get("connection") == "stream",
        stateless=not any(component.get("skip_api") for component in inputs)
        and set(dependency["inputs"]).isdisjoint(dependency["outputs"]),
        oauth_token=_read_oauth(described.get("oauth_token")),
    )


def _read_oauth(described: Any) -> OAuth | None:
    return next((need for need in get_args(OAuth) if need == described), None)


def _read_parameter(described: dict[str, Any], component: dict[str, Any]) -> Parameter:
    props = component.get("props") or {}
    schema = described.get("type") or {}
    component_type = component.get("type", "")
    label = _label(described)
    has_default = described.get("parameter_has_default")
    default = described.get("parameter_default")
    if has_default is None:
        default = props.get("value")
        has_default = default not in (None, "")
    choices = _read_choices(props.get("choices"))
    shape = _shape(component_type, props, schema)
    multiple = bool(props.get("multiselect")) or component_type == "checkboxgroup"
    step, minimum = props.get("step"), props.get("minimum")
    return Parameter(
        name=str(described.get("parameter_name") or _slug(label)),
        label=label,
        kind=_kind(schema, shape, choices, multiple),
        component=described.get("component") or component_type,
        required=not has_default,
        default=default,
        choices=choices,
        custom=bool(props.get("allow_custom_value")),
        minimum=_number(minimum),
        maximum=_number(props.get("maximum")),
        whole=component_type == "slider" and _whole(step) and _whole(minimum),
        shape=shape,
        example=described.get("example_input"),
    )


def _read_return(described: dict[str, Any]) -> Return:
    component = described.get("component") or ""
    schema = described.get("type") or {}
    shape = _shape(component.lower(), {}, schema)
    kind = _kind(schema, shape, (), False)
    return Return(_label(described), kind, component, file=shape is not None)


def _kind(
    schema: dict[str, Any], shape: Shape | None, choices: tuple[Choice, ...], multiple: bool
) -> Kind:
    if shape is not None:
        return "file"
    if choices:
        return "choices" if multiple else "choice"
    match schema.get("type"):
        case "string":
            return "string"
        case "number" | "integer":
            return "number"
        case "boolean":
            return "boolean"
        case "array":
            return "array"
        case "object":
            return "object"
        case _:
            return "any"


def _shape(component: str, props: dict[str, Any], schema: dict[str, Any]) -> Shape | None:
    shape = _SHAPES.get(component)
    if shape is None:
        return _custom_shape(schema)
    if shape == "file" and (props.get("file_count", "single") != "single" or _lists(schema)):
        return "files"
    if component == "video" and "video" in schema.get("properties", {}):
        return "video"
    return shape


def _custom_shape(schema: dict[str, Any]) -> Shape | None:
    """Of a component we do not know: a file where its JSON schema is that of a FileData."""
    if _is_file(schema):
        return "file"
    return "files" if _lists(schema) else None


def _lists(schema: dict[str, Any]) -> bool:
    items = schema.get("items") if schema.get("type") == "array" else None
    if not isinstance(items, dict):
        return False
    definition = str(items.get("$ref", "")).rpartition("/")[2]
    return _is_file(schema.get("$defs", {}).get(definition, items))


def _is_file(schema: dict[str, Any]) -> bool:
    return {"path", "url", "orig_name"} <= set(schema.get("properties") or ())


def _read_choices(choices: Any) -> tuple[Choice, ...]:
    if not isinstance(choices, list):
        return ()
    pairs = (c if isinstance(c, list) and len(c) == 2 else (c, c) for c in choices)
    return tuple(Choice(_translation_key(label) or str(label), value) for label, value in pairs)


def _unique_names(parameters: Iterable[Parameter]) -> tuple[Parameter, ...]:
    """Slugs of labels may clash (4.20): the second `text` becomes `text_2`."""
    unique: dict[str, Parameter] = {}
    for parameter in parameters:
        name, count = parameter.name, 1
        while name in unique:
            count += 1
            name = f"{parameter.name}_{count}"
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
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> bool:
    number = _number(value)
    return number is not None and float(number).is_integer()


def _read_size(value: Any) -> int | None:
    """`max_file_size` is a number of bytes, or a text such as `5mb` (1 kb is 1,024 bytes)."""
    if isinstance(value, str) and (match := _SIZE.fullmatch(value)):
        return int(float(match[1]) * 1024 ** " kmgt".index(match[2].lower() or " "))
    number = _number(value)
    return None if number is None else int(number)
