"""Whatever goes in: only results and our own errors come out."""

import copy
import json
from contextlib import suppress
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from sseclient import SSEClient

from gradio_curl.client import sse
from gradio_curl.client.target import Address, Demo, Space, parse_target
from gradio_curl.errors import Failure, InputError, MalformedURL, NotGradio, StreamBroken
from gradio_curl.protocol import events, files
from gradio_curl.protocol.binding import bind, unchecked
from gradio_curl.protocol.descriptions import read_app
from gradio_curl.protocol.events import Complete, Generating
from gradio_curl.protocol.files import with_local_files
from gradio_curl.protocol.items import parse_items
from gradio_curl.render.info import info_object, info_text
from gradio_curl.render.info_page import info_page
from gradio_curl.render.jsonl import event_fields
from gradio_curl.render.stdio import harmless, to_json
from gradio_curl.render.text import describe

# Text with what JSON allows and UTF-8 does not.
texts = st.text(st.characters(exclude_categories=()), max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
words = st.sampled_from([
    "path", "url", "orig_name", "mime_type", "is_stream", "meta", "_type", "gradio.FileData",
    "__type__", "update", "value", "@", "name", "text", "data", "output", "error", "string",
    "number", "array", "object", "properties", "items", "$ref", "type", "file", "-5", "1e999",
])  # fmt: skip
values = st.recursive(
    scalars | words,
    lambda v: st.lists(v, max_size=4) | st.dictionaries(words | texts, v, max_size=4),
    max_leaves=12,
)


# Server-sent events


@given(st.lists(st.sampled_from([
    b"data: a", b"data:", b"event: x", b": c", b"id: 1", b"retry: 5", b"\xef\xbb\xbf", b"\xff",
    b"\n", b"\r", b"\r\n", b"\n\n", "\u2028é".encode(), b"\0", b"data", b"{}", b" ", b"nope: 1",
])).map(b"".join) | st.binary(max_size=200), st.data())  # fmt: skip
def test_a_stream_reads_the_same_wherever_it_is_split(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)))))
    edges = [0, *cuts, len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    in_pieces = list(sse.decode(pieces))
    assert in_pieces == list(sse.decode([stream]))
    assert in_pieces == list(sse.decode(bytes([byte]) for byte in stream))


@given(st.text(st.sampled_from("da:t \0\u2028é\ufeff{}"), max_size=12))
def test_an_event_of_one_line_reads_as_the_library_reads_it(line: str) -> None:
    frame = f"data{line}\n\n".encode()
    theirs = [(event.event, event.data) for event in SSEClient(iter([frame])).events()]
    assert [(ours.name, ours.data) for ours in sse.decode([frame])] == theirs


# Events

messages = st.fixed_dictionaries(
    {"msg": st.sampled_from([
        "estimation", "process_starts", "progress", "log", "process_generating",
        "process_streaming", "process_completed", "heartbeat", "unexpected_error", "queue_full",
        "close_stream",
    ]) | texts},
    optional=dict.fromkeys(
        ("event_id", "rank", "queue_size", "rank_eta", "eta", "progress_data", "log", "level",
         "title", "success", "message", "session_not_found"), values,
    ) | {
        "output": st.dictionaries(st.sampled_from(["data", "error"]), values) | values,
        "progress_data": st.lists(st.dictionaries(
            st.sampled_from(["index", "length", "unit", "progress", "desc"]), values
        )) | values,
    },
)  # fmt: skip
lines = messages.map(json.dumps) | values.map(json.dumps) | texts


def show(event: events.Event | None) -> None:
    """All that is done with an event before it is written."""
    if event is None:
        return
    assert isinstance(harmless(describe(event)), str)
    json.loads(to_json(event_fields(event)[1]))
    if isinstance(event, Complete | Generating):
        for file in files.walk(files.with_urls(event.data, "http://h", "/p"), files.is_file):
            assert_safe(files.safe_name(file))


@given(lines)
def test_any_message_of_the_queue_is_read_or_told(line: str) -> None:
    with suppress(StreamBroken):
        show(events.from_queue(line, "id"))


@given(st.sampled_from(["generating", "complete", "error", "heartbeat"]) | texts, lines)
def test_any_event_of_the_call_route_is_read_or_told(name: str, line: str) -> None:
    with suppress(StreamBroken):
        show(events.from_call(name, line))


# What the app says of itself


def described() -> tuple[Any, Any]:
    """`/config` and `/info` of an app with parameters of many kinds."""
    kinds: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("text", {"type": "string"}, {"type": "textbox"}),
        ("number", {"type": "number"}, {"type": "slider", "props": {"minimum": 0, "maximum": 9}}),
        ("flag", {"type": "boolean"}, {"type": "checkbox"}),
        ("choice", {"type": "string"}, {"type": "radio", "props": {"choices": ["a", ["b", 1]]}}),
        ("tags", {"type": "array"}, {"type": "checkboxgroup", "props": {"choices": ["a", "b"]}}),
        ("json", {"type": "object"}, {"type": "json"}),
        ("any", {}, {"type": "json"}),
        ("file", {}, {"type": "file"}),
        ("files", {}, {"type": "file", "props": {"file_count": "multiple"}}),
        ("message", {}, {"type": "multimodaltextbox"}),
    ]
    components = [{"id": n, **component} for n, (_, _, component) in enumerate(kinds)]
    parameters = [
        {"parameter_name": name, "label": f"{name} of x", "type": schema}
        for name, schema, _ in kinds
    ]
    dependency = {"id": 0, "api_name": "e", "inputs": list(range(len(kinds))), "outputs": []}
    config = {"version": "6.0", "components": components, "dependencies": [dependency]}
    returns = [{"label": "Out", "type": {"type": "string"}, "component": "Textbox"}]
    return config, {"named_endpoints": {"/e": {"parameters": parameters, "returns": returns}}}


CONFIG, INFO = described()


def paths(tree: Any) -> list[tuple[Any, ...]]:
    """The way to every part of a JSON tree."""
    if not isinstance(tree, dict | list):
        return []
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    return [way for key in keys for way in [(key,), *((key, *w) for w in paths(tree[key]))]]


def with_one_part_replaced(draw: st.DrawFn, tree: Any) -> Any:
    """A copy of a JSON tree in which one part is another value, or is missing."""
    tree = copy.deepcopy(tree)
    part = tree
    *way, last = draw(st.sampled_from(paths(tree)))
    for key in way:
        part = part[key]
    if draw(st.integers(0, 3)):
        part[last] = draw(values)
    else:
        del part[last]
    return tree


@st.composite
def descriptions(draw: st.DrawFn) -> tuple[Any, Any]:
    """`/config` and `/info` with a few parts replaced."""
    config: Any = CONFIG
    info: Any = INFO
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()) and paths(config):
            config = with_one_part_replaced(draw, config)
        elif paths(info):
            info = with_one_part_replaced(draw, info)
    return config, info


@given(descriptions() | st.tuples(values, values))
def test_any_description_of_an_app_is_read_or_told(described: tuple[Any, Any]) -> None:
    with suppress(NotGradio):
        app = read_app(*described)
        info_text(app, "http://h", "APP", app.endpoints.values())
        to_json(info_object(app, "http://h", "APP", app.endpoints.values()))
        for endpoint in app.endpoints.values():
            with suppress(InputError):
                bind(endpoint, TYPED, read=no_file)


# Of JSON Schema, with its parts where they belong or anywhere else.
schemas: st.SearchStrategy[Any] = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "number", "integer", "boolean", "null", "x"])
            | st.lists(words, max_size=3),
            "enum": st.lists(scalars, max_size=3),
            "const": scalars,
            "$ref": st.sampled_from(["#/$defs/A", "#/$defs/B", "#/$defs/C"]),
        },
    )
    | values,
    lambda s: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["array", "object"]),
            "anyOf": st.lists(s, max_size=3),
            "oneOf": st.lists(s, max_size=3),
            "items": s,
            "prefixItems": st.lists(s, max_size=3),
            "properties": st.dictionaries(words, s, max_size=3),
            "required": st.lists(words, max_size=3),
            "additionalProperties": s,
            "minItems": st.integers() | values,
            "$defs": st.dictionaries(st.sampled_from("ABC"), s, max_size=3),
        },
    ),
    max_leaves=8,
)


@given(schemas, values, values, st.sampled_from(["api", "file", "x"]), st.booleans())
def test_a_parameter_of_any_type_is_read_and_bound_or_told(
    schema: Any, example: Any, given: Any, component: str, in_batches: bool
) -> None:
    parameter = {"parameter_name": "x", "label": "X", "type": schema, "example_input": example}
    dependency = {"id": 0, "api_name": "e", "inputs": [0], "outputs": [], "batch": in_batches}
    config = {
        "version": "6.0",
        "components": [{"id": 0, "type": component}],
        "dependencies": [dependency],
    }
    returns = [{"label": "Out", "type": schema, "component": component}]
    info = {"named_endpoints": {"/e": {"parameters": [parameter], "returns": returns}}}
    with suppress(NotGradio):
        app = read_app(config, info)
        info_text(app, "http://h", "APP", app.endpoints.values())
        info_page(app, "http://h", "APP", app.endpoints.values(), 80)
        to_json(info_object(app, "http://h", "APP", app.endpoints.values()))
        with suppress(InputError):
            bind(app.endpoint("e"), [], {"x": given}, read=no_file)
        with suppress(InputError):
            bind(app.endpoint("e"), parse_items(["x=1", "x=a"]), None, read=no_file)


TYPED = parse_items(["a", "1", "true", "choice=b", "tags=a", "tags=b", "json:={}", "nobody=1"])


def no_file(path: str) -> str:
    return "{}"


# What is typed


ENDPOINT = read_app(CONFIG, INFO).endpoint("/e")
names = st.sampled_from([p.name for p in ENDPOINT.parameters] + ["text of x", "nobody"]) | texts
typed = st.builds(
    "{}{}{}".format,
    names,
    st.sampled_from(["=", ":=", "@", ""]),
    texts | values.map(json.dumps) | words | st.just("https://[::1/x"),
)


@given(st.lists(typed | texts, max_size=5), st.lists(texts, max_size=2), st.none() | values)
@example(["file@https://[::1"], [], None)
@example(["number=١"], [], None)
def test_anything_typed_is_bound_or_told(items: list[str], literals: list[str], body: Any) -> None:
    parsed = parse_items(items, literals)
    assert len(parsed) == len(items) + len(literals)
    with suppress(InputError):
        bind(ENDPOINT, parsed, body, read=no_file)
    with suppress(InputError):
        unchecked(body)


@given(values)
def test_output_never_holds_a_reference_and_reads_back_as_it_was(value: Any) -> None:
    printed = json.loads(to_json(value))
    assert not list(files.walk(printed, files.is_reference))
    assert to_json(with_local_files(printed)) == to_json(value)


addresses = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["http://", "https://", "HTTP://", "", "//", "ftp://", "http:", "://"]),
    st.sampled_from(["h", "h:1", ":1", "[::1]", "[::1", "u:p@h", "@", "h:x", "127.0.0.1", "ä", ""]),
    st.sampled_from(["", "/", "/call/x", "/gradio_api/call/x/1", "/config", "/a b", "//"]),
    texts,
)


@given(addresses | texts)
def test_any_address_is_read_or_told(address: str) -> None:
    with suppress(MalformedURL):
        target = parse_target(address)
        match target:
            case Address(places):
                assert all(place.url.startswith(("http://", "https://")) for place in places)
                assert not any("@" in place.url.split("/")[2] for place in places)
            case Demo() | Space():
                pass


# Names


def assert_safe(name: str) -> None:
    assert PurePosixPath(name).name == name
    assert not name.startswith(".")
    assert name.isprintable()
    assert len(name.encode()) <= 220


@given(texts | st.text(max_size=400), st.sampled_from(["", ".png", "/", "\\", ".", " "]))
@example("a" * 300, ".png")
@example("/", "")
def test_any_name_is_made_one_that_is_safe(name: str, end: str) -> None:
    for key in ("orig_name", "path", "url"):
        assert_safe(files.safe_name({key: name + end}))


@given(st.dictionaries(words, values))
def test_any_file_has_a_safe_name_and_an_address(file: dict[str, Any]) -> None:
    assert_safe(files.safe_name(file))
    if files.is_file(file):
        assert isinstance(files.file_url(file, "http://h", "/p"), str)


@given(texts)
def test_what_is_shown_on_a_terminal_moves_nothing(text: str) -> None:
    shown = harmless(text)
    assert not [c for c in shown if (ord(c) < 32 or 127 <= ord(c) < 160) and c not in "\t\n"]


def test_every_failure_has_a_documented_exit_code() -> None:
    documented = {1, 2, 3, 6, 7, 18, 22, 23, 26, 28, 60, 67, 75}
    kinds: list[type[Failure]] = [Failure]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert {kind.exit_code for kind in kinds} <= documented
