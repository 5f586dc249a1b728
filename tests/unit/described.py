"""Small `/config` and `/info` of two Gradio versions, after real ones, for the pure rooms."""

from typing import Any

from gradio_curl.protocol.descriptions import read_app
from gradio_curl.protocol.schema import App, Endpoint

Described = dict[str, Any]

FILE_SCHEMA: Described = {
    "title": "FileData",
    "type": "object",
    "properties": {key: {} for key in ("path", "url", "size", "orig_name", "mime_type")},
}


def component(kind: str, label: str = "Value", schema: Any = None, **props: Any) -> Described:
    """A component as `/config` has it, with the JSON schema that `/info` tells beside."""
    types = {
        "textbox": {"type": "string"},
        "number": {"type": "number"},
        "slider": {"type": "number"},
        "checkbox": {"type": "boolean"},
        "dataframe": {"type": "object"},
        "json": {"type": {}, "description": "any valid json"},
    }
    return {
        "type": kind,
        "props": {"label": label, **props},
        "skip_api": kind in ("state", "button", "row"),
        "schema": types.get(kind, {"type": "object"}) if schema is None else schema,
    }


def old_app(**endpoints: tuple[list[Described], list[Described]]) -> App:
    """An app of Gradio 4.20: no parameter names, no defaults in `/info`, no ids of functions."""
    return read_app(*_documents("4.20.0", endpoints, named=False))


def new_app(**endpoints: tuple[list[Described], list[Described]]) -> App:
    """An app of Gradio 6.31, where a component's value is the declared default."""
    return read_app(*_documents("6.31.0", endpoints, named=True))


def endpoint(*inputs: Described, outputs: list[Described] | None = None) -> Endpoint:
    """The one endpoint, `/run`, of an app of Gradio 6.31."""
    return new_app(run=(list(inputs), outputs or [component("textbox", "Out")])).endpoint("run")


def old_endpoint(*inputs: Described) -> Endpoint:
    """The one endpoint, `/run`, of an app of Gradio 4.20."""
    return old_app(run=(list(inputs), [component("textbox", "Out")])).endpoint("run")


def documents(version: str, **endpoints: tuple[list[Described], list[Described]]) -> Any:
    """The `/config` and the `/info` of an app."""
    return _documents(version, endpoints, named=version != "4.20.0")


def _documents(version: str, endpoints: Any, named: bool) -> tuple[Described, Described]:
    components: list[Described] = []
    dependencies: list[Described] = []
    info: Described = {}
    for name, (inputs, outputs) in endpoints.items():
        first = len(components)
        for part in [*inputs, *outputs]:
            kept = {key: part[key] for key in ("type", "props", "skip_api")}
            components.append({"id": len(components), **kept})
        dependency = {
            "api_name": name,
            "inputs": list(range(first, first + len(inputs))),
            "outputs": list(range(first + len(inputs), len(components))),
        }
        dependencies.append({**dependency, **({"id": 10 + len(dependencies)} if named else {})})
        info[f"/{name}"] = {
            "parameters": [_parameter(p, named) for p in inputs if not p["skip_api"]],
            "returns": [_described(p) for p in outputs if not p["skip_api"]],
        }
    config: Described = {
        "version": version,
        "components": components,
        "dependencies": dependencies,
        "app_id": 1029619446039958789,
        "space_id": None,
    }
    if named:
        config |= {"api_prefix": "/gradio_api", "max_file_size": None}
    return config, {"named_endpoints": info, "unnamed_endpoints": {}}


def _described(part: Described) -> Described:
    return {
        "label": part["props"]["label"],
        "type": part["schema"],
        "component": part["type"].capitalize(),
    }


def _parameter(part: Described, named: bool) -> Described:
    described = _described(part) | {"example_input": part["props"].get("example")}
    if named:
        described |= {
            "parameter_name": part["props"]["label"].lower().replace(" ", "_"),
            "parameter_has_default": "value" in part["props"],
            "parameter_default": part["props"].get("value"),
        }
    return described
