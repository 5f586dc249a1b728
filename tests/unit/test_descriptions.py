"""/config and /info to endpoints: every field of them, for what servers of each version say."""

from typing import Any

import pytest

from gradio_curl.errors import NotGradio
from gradio_curl.protocol.descriptions import read_app, read_version
from gradio_curl.protocol.schema import Choice, Endpoint, Parameter, Return
from tests.unit.described import FILE_SCHEMA, component, documents, endpoint

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
CONFIG: dict[str, Any] = {
    "version": "6.31.0",
    "app_id": 7,
    "space_id": "me/space",
    "components": [
        {"id": 1, "type": "textbox", "props": {"label": "Your text"}, "api_info": STRING},
        {
            "id": 2,
            "type": "dropdown",
            "props": {"label": "Size", "choices": [["Small", 1]], "allow_custom_value": True},
            "api_info_as_input": {"type": "string", "enum": ["Small"]},
            "api_info_as_output": {"type": "array", "items": STRING},
            "example_inputs": "Small",
        },
        {"id": 3, "type": "state", "skip_api": True},
        {"id": 4, "type": "image", "props": None, "api_info": FILE_SCHEMA},
    ],
    "dependencies": [
        {"id": 10, "api_name": "shown", "inputs": [1], "outputs": [1]},
        {
            "id": 11,
            "api_name": "hidden",
            "inputs": [3, 1, 2, 4],
            "outputs": [2, 3, 4],
            "connection": "stream",
            "api_visibility": "undocumented",
        },
        {"id": 12, "api_name": "private", "inputs": [], "outputs": [], "api_visibility": "private"},
        {"id": 13, "api_name": "bare", "inputs": None, "outputs": None},
    ],
}
INFO: dict[str, Any] = {
    "named_endpoints": {
        "/shown": {
            "description": "Say it",
            "parameters": [
                {
                    "label": "Your text",
                    "parameter_name": "text",
                    "parameter_has_default": True,
                    "parameter_default": "hi",
                    "type": STRING,
                    "component": "Textbox",
                    "example_input": "Hello!!",
                }
            ],
            "returns": [{"label": "Said", "type": STRING, "component": "Textbox"}],
        }
    }
}


def test_an_endpoint_is_read_whole() -> None:
    app = read_app(CONFIG, INFO)
    assert app.endpoint("shown") == Endpoint(
        name="/shown",
        description="Say it",
        parameters=(
            Parameter(
                name="text",
                label="Your text",
                kind="string",
                component="Textbox",
                required=False,
                default="hi",
                changeable=True,
                example="Hello!!",
            ),
        ),
        returns=(Return("Said", "string", "Textbox", file=False),),
        slots=("text",),
        listed=(True,),
        fn_index=10,
        streams_input=False,
        stateless=False,
    )
    assert (app.version, app.prefix, app.app_id, app.space_id) == ("6.31.0", "", "7", "me/space")
    assert (list(app.endpoints), list(app.undocumented)) == (["/shown"], ["/hidden"])
    anonymous = {key: CONFIG[key] for key in ("version", "components", "dependencies")}
    assert read_app(anonymous, INFO)[2:5] == ("", None, None)


def test_what_info_leaves_out_is_read_from_the_components() -> None:
    app = read_app(CONFIG, INFO)
    assert app.endpoint("hidden") == Endpoint(
        name="/hidden",
        description="",
        parameters=(
            Parameter(
                "your_text", "Your text", "string", "Textbox", required=True, changeable=True
            ),
            Parameter(
                "size",
                "Size",
                "choice",
                "Dropdown",
                required=True,
                choices=(Choice("Small", 1),),
                custom=True,
                changeable=True,
                example="Small",
            ),
            Parameter(
                "parameter_4",
                "parameter_4",
                "file",
                "Image",
                required=True,
                changeable=True,
                shape="file",
            ),
        ),
        returns=(
            Return("Size", "array", "Dropdown", file=False),
            Return("parameter_4", "file", "Image", file=True),
        ),
        slots=(None, "your_text", "size", "parameter_4"),
        listed=(True, False, True),
        fn_index=11,
        streams_input=True,
        stateless=False,
        from_labels=True,
    )
    assert app.known("/private") is None


def test_of_what_info_leaves_out_inputs_and_outputs_have_types_of_their_own() -> None:
    other = {"id": 1, "api_info_as_input": INTEGER, "api_info_as_output": STRING}
    nameless = {"id": 2, "api_info": STRING}
    dependency = {"id": 0, "api_name": "x", "inputs": [1, 2], "outputs": [1], "show_api": False}
    config = {"version": "5.0.0", "components": [other, nameless], "dependencies": [dependency]}
    found = read_app(config, {"named_endpoints": {}}).endpoint("x")
    assert [(p.kind, p.component) for p in found.parameters] == [("integer", ""), ("string", "")]
    assert found.returns == (Return("parameter_1", "string", "", file=False),)


def test_without_info_an_endpoint_is_offered_that_says_nothing_of_where_it_runs() -> None:
    dependency = {"id": 0, "api_name": "x", "inputs": [], "outputs": []}
    config = {"version": "5.0.0", "components": [], "dependencies": [dependency]}
    assert list(read_app(config, None).endpoints) == ["/x"]


@pytest.mark.parametrize(
    ("offered", "has_schema"),
    [
        ([STRING, {"type": "array"}], True),
        ([STRING, {"type": "null"}], False),
        ([STRING, STRING], False),
        ([INTEGER, {"type": "array"}], False),
        ([STRING], False),
    ],
)
def test_the_schema_is_kept_where_text_is_one_of_several_types(
    offered: list[Any], has_schema: bool
) -> None:
    schema = {"anyOf": offered}
    told = endpoint(component("dialogue", "P", schema=schema)).parameters[0].schema
    assert told == (schema if has_schema else None)


THREE = {"type": "object", "properties": {"path": {}, "url": {}, "orig_name": {}}}


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        (component("mything", schema=THREE), Return("Value", "file", "Mything", file=True)),
        (component("mything", schema={"type": "array", "items": THREE}),
         Return("Value", "files", "Mything", file=True)),
        (component("gallery"), Return("Value", "files", "Gallery", file=True)),
        (component("", schema=STRING), Return("Value", "string", "", file=False)),
    ],
)  # fmt: skip
def test_a_return_tells_how_many_files_it_has(described: Any, expected: Return) -> None:
    assert endpoint(outputs=[described]).returns == (expected,)


def hinted(schema: Any) -> Parameter:
    return endpoint(component("api", "P", schema=schema)).parameters[0]


def listed(items: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


AB = (Choice("a", "a"), Choice("b", "b"))


@pytest.mark.parametrize(
    ("schema", "kind", "item", "choices"),
    [
        ({}, "any", None, ()),
        (STRING, "string", None, ()),
        (INTEGER, "integer", None, ()),
        ({"type": "number"}, "number", None, ()),
        ({"type": "boolean"}, "boolean", None, ()),
        ({"type": "object"}, "object", None, ()),
        ({"type": "uuid"}, "json", None, ()),
        ({"enum": ["a", "b"]}, "choice", None, AB),
        ({"type": "string", "enum": ["a", "b"]}, "choice", None, AB),
        ({"const": "a"}, "choice", None, AB[:1]),
        ({"enum": [None, 1, True]}, "choice", None,
         (Choice("None", None), Choice("1", 1), Choice("True", True))),
        ({"enum": "ab", "type": "string"}, "string", None, ()),
        # Of several types
        ({"anyOf": [{"type": "null"}, INTEGER]}, "integer", None, ()),
        ({"anyOf": [INTEGER, STRING]}, "string", None, ()),
        ({"anyOf": [INTEGER, {"type": "boolean"}]}, "json", None, ()),
        ({"anyOf": [{"type": "null"}]}, "any", None, ()),
        # Lists
        (listed(STRING), "list", "string", ()),
        (listed(INTEGER), "list", "integer", ()),
        (listed({"type": "number"}), "list", "number", ()),
        (listed({"type": "boolean"}), "list", "boolean", ()),
        (listed({"enum": ["a", "b"]}), "choices", None, AB),
        (listed({"$ref": "#/$defs/S"}, **{"$defs": {"S": STRING}}), "list", "string", ()),
        (listed({"$ref": "#/$defs/AB"}, **{"$defs": {"AB": {"enum": ["a", "b"]}}}), "choices", None,
         AB),
        (listed({"type": "object"}), "array", None, ()),
        (listed(listed(STRING)), "array", None, ()),
        (listed({}), "array", None, ()),
        (listed(None), "array", None, ()),
        ({"type": "array"}, "array", None, ()),
    ],
)  # fmt: skip
def test_a_type_hint_tells_what_a_parameter_takes(
    schema: Any, kind: str, item: str | None, choices: tuple[Choice, ...]
) -> None:
    told = hinted(schema)
    assert (told.kind, told.item, told.choices) == (kind, item, choices)
    assert told.schema == schema


@pytest.mark.parametrize(
    ("props", "columns"),
    [
        ({}, []),
        ({"headers": ["a", "b"]}, [["a", "str"], ["b", "str"]]),
        ({"headers": ["a", "b"], "datatype": "number"}, [["a", "number"], ["b", "number"]]),
        ({"headers": ["a", "b"], "datatype": ["bool"]}, [["a", "bool"], ["b", "str"]]),
        ({"headers": ["a"], "datatype": ["bool", "date"]}, [["a", "bool"]]),
        ({"headers": [1], "datatype": [None]}, [["1", "str"]]),
        ({"headers": "ab", "datatype": ["bool"]}, []),
    ],
)
def test_a_table_has_the_columns_that_its_component_tells(
    props: Any, columns: list[list[str]]
) -> None:
    assert endpoint(component("dataframe", **props)).parameters[0].columns == columns
    assert endpoint(component("json", **props)).parameters[0].columns is None


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        ("/gradio_api", "/gradio_api"),
        ("/gradio_api/", "/gradio_api"),
        ("/a/b-c.d~e_f", "/a/b-c.d~e_f"),
        ("", ""),
        ("/", ""),
        (None, ""),
    ],
)
def test_a_prefix_is_a_path(prefix: str | None, told: str) -> None:
    assert read_version({"version": " 6.31.0\n", "api_prefix": prefix}) == ("6.31.0", told)


@pytest.mark.parametrize("prefix", ["gradio_api", "@other.example", "/a?b", "/a b", 3, ["/a"]])
def test_a_prefix_that_could_lead_to_another_host_is_refused(prefix: Any) -> None:
    with pytest.raises(NotGradio) as refused:
        read_version({"version": "6.31.0", "api_prefix": prefix})
    assert refused.value.message == "the app names an api_prefix that is not a path"


def test_what_is_not_gradio_or_too_old_is_told_with_what_is_needed() -> None:
    with pytest.raises(NotGradio) as refused:
        read_version({"version": 6})
    assert refused.value.message == "what answers there is not a Gradio app"
    with pytest.raises(NotGradio) as refused:
        read_version({"version": "4.19.2"})
    assert refused.value.message == "the app runs Gradio 4.19.2, which is too old"
    assert refused.value.hint == "gradio-curl needs Gradio 4.20 or later on the server"


def test_where_no_endpoint_can_be_read_the_first_reason_is_told() -> None:
    config, info = documents("6.31.0", odd=([component("textbox")], []))
    info["named_endpoints"]["/odd"]["parameters"] *= 2
    with pytest.raises(NotGradio) as refused:
        read_app(config, info)
    assert refused.value.message == (
        "the app's /config and /info can't be read (/odd: /config has 1 inputs, /info 2 parameters)"
    )


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"inputs": [99]}, "component 99 is missing"),
        ({"inputs": None}, "a part of it is not of the type that Gradio sends"),
        ({"id": "1"}, "its id is not a number"),
    ],
)
def test_why_an_endpoint_can_not_be_read_is_told(part: Any, reason: str) -> None:
    config, info = documents("6.31.0", odd=([component("textbox")], []))
    config["dependencies"][0] |= part
    with pytest.raises(NotGradio) as refused:
        read_app(config, info)
    told = f"the app's /config and /info can't be read (/odd: {reason})"
    assert refused.value.message == told


def test_a_key_that_an_endpoint_lacks_is_told() -> None:
    config, info = documents("6.31.0", odd=([component("textbox")], []))
    del info["named_endpoints"]["/odd"]["returns"]
    with pytest.raises(NotGradio) as refused:
        read_app(config, info)
    told = "the app's /config and /info can't be read (/odd: 'returns' is missing)"
    assert refused.value.message == told


@pytest.mark.parametrize(
    ("props", "minimum", "maximum"),
    [
        ({"minimum": 0, "maximum": 1.5}, 0, 1.5),
        ({"minimum": True, "maximum": "9"}, None, None),
        ({"minimum": float("-inf"), "maximum": float("nan")}, None, None),
        ({}, None, None),
    ],
)
def test_a_range_is_of_finite_numbers(props: Any, minimum: Any, maximum: Any) -> None:
    (told,) = endpoint(component("slider", **props)).parameters
    assert (told.minimum, told.maximum) == (minimum, maximum)


def test_choices_that_the_page_translates_have_the_last_part_of_their_key() -> None:
    size = '__i18n__{"__type__": "translation_metadata", "key": "size.small"}'
    (told,) = endpoint(component("radio", choices=[[size, "s"], ["b", "b", "b"], 3])).parameters
    assert told.choices == (
        Choice("small", "s"),
        Choice("['b', 'b', 'b']", ["b"] * 3),
        Choice("3", 3),
    )
