"""/config and /info: what can be called, on old and new Gradio alike."""

from typing import Any

import pytest

from gradio_curl.errors import Fault, HTTPFailed, InputError, NotGradio
from gradio_curl.protocol import json_schema
from gradio_curl.protocol.descriptions import read_app, read_version
from gradio_curl.protocol.schema import Choice, did_you_mean
from tests.unit.described import FILE_SCHEMA, component, documents, endpoint, new_app, old_app

TEXT = component("textbox", "Text")


def test_names_and_defaults_are_those_the_app_declares() -> None:
    name, count = endpoint(TEXT, component("number", "Count", value=1)).parameters
    assert (name.name, name.kind, name.required) == ("text", "string", True)
    assert (count.name, count.required, count.default) == ("count", False, 1)


def test_where_the_server_gives_no_names_the_slug_of_the_label_serves() -> None:
    app = old_app(
        run=(
            [
                component("textbox", "Guidance scale (0–1)"),
                component("textbox", "2nd"),
                component("textbox", "Text", value=""),
                component("textbox", "text", value="given"),
                component("textbox", "…"),
                component("textbox", "Text 2"),
            ],
            [],
        )
    )
    parameters = app.endpoint("run").parameters
    names = ["guidance_scale_0_1", "p_2nd", "text", "text_2", "p_", "text_2_2"]
    assert [p.name for p in parameters] == names
    # What stands in the component is its default; an empty text box has none.
    assert [p.required for p in parameters] == [True, True, True, False, True, True]
    assert parameters[3].default == "given"


def test_state_and_buttons_take_a_slot_but_are_no_parameters() -> None:
    run = endpoint(component("button"), TEXT, component("state"))
    assert [p.name for p in run.parameters] == ["text"]
    assert list(run.slots) == [None, "text", None]


def test_an_endpoint_is_stateless_without_state_and_without_inputs_that_are_outputs() -> None:
    assert endpoint(TEXT).stateless
    assert not endpoint(TEXT, component("state")).stateless
    config = {
        "version": "6.31.0",
        "components": [{"id": 1, "type": "textbox"}],
        "dependencies": [{"id": 0, "api_name": "run", "inputs": [1], "outputs": [1]}],
    }
    assert not read_app(config, None).endpoint("run").stateless


@pytest.mark.parametrize(
    "hidden",
    [
        {"show_api": False},
        {"api_visibility": "undocumented", "show_api": None},
        {"backend_fn": False},
    ],
)
def test_without_info_what_config_hides_is_called_by_its_name_only(hidden: Any) -> None:
    shown = {"api_name": "chat", "api_visibility": "public", "backend_fn": True, "show_api": True}
    dependencies = [{"api_name": "lambda", **hidden}, shown, {"api_name": False}]
    described = [{"id": at, "inputs": [1], "outputs": [], **d} for at, d in enumerate(dependencies)]
    app = read_app(
        {
            "version": "6.31.0",
            "components": [{"id": 1, "type": "textbox"}],
            "dependencies": described,
        },
        None,
    )
    assert app.endpoint(None).name == "/chat"
    assert app.endpoint("lambda").slots == (None,)
    with pytest.raises(InputError) as raised:
        app.endpoint("speak")
    assert "lambda" not in (raised.value.faults[0].hint or "")


def test_state_and_layout_outputs_are_left_out_of_the_result() -> None:
    outputs = [component("textbox", "Shown"), component("state"), component("row")]
    run = endpoint(outputs=outputs)
    assert [r.label for r in run.returns] == ["Shown"]
    assert run.listed_outputs(["text", None, {"__type__": "update"}]) == ["text"]
    assert run.listed_outputs([]) == [None]


def test_a_result_of_another_length_is_shown_whole() -> None:
    assert endpoint(outputs=[TEXT, component("state")]).listed_outputs(["a", "b", "c"]) == [
        "a",
        "b",
        "c",
    ]


def test_a_function_is_known_by_its_id_or_else_by_its_place() -> None:
    functions: dict[str, Any] = {"one": ([TEXT], [TEXT]), "two": ([TEXT], [TEXT])}
    assert [old_app(**functions).endpoint(name).fn_index for name in functions] == [0, 1]
    assert [new_app(**functions).endpoint(name).fn_index for name in functions] == [10, 11]


def test_choices_have_a_label_and_a_value() -> None:
    pairs = component("dropdown", choices=[["Small", 1], ["Large", 2]])
    plain = component("radio", choices=["a", "b"])
    many = component("dropdown", choices=[["a", "a"]], multiselect=True)
    group = component("checkboxgroup", choices=[["a", "a"]])
    parameters = endpoint(pairs, plain, many, group).parameters
    assert [p.kind for p in parameters] == ["choice", "choice", "choices", "choices"]
    assert parameters[0].choices == (Choice("Small", 1), Choice("Large", 2))
    assert parameters[1].choices == (Choice("a", "a"), Choice("b", "b"))


def test_a_slider_has_a_range() -> None:
    steps = component("slider", "Steps", minimum=1, maximum=10, step=1)
    ratio = component("slider", "Ratio", minimum=0, maximum=1, step=0.1)
    whole, broken = endpoint(steps, ratio).parameters
    assert (whole.minimum, whole.maximum) == (1, 10)
    assert (broken.minimum, broken.maximum) == (0, 1)


@pytest.mark.parametrize(
    ("described", "shape"),
    [
        (component("image"), "file"),
        (component("audio"), "file"),
        (component("file"), "file"),
        (component("file", file_count="multiple"), "files"),
        (component("file", file_count="directory"), "files"),
        (component("gallery"), "gallery"),
        (component("video"), "file"),
        (component("video", schema={"type": "object", "properties": {"video": {}}}), "video"),
        (component("multimodaltextbox"), "multimodal"),
        (component("imageeditor"), "editor"),
        (component("mywidget", schema=FILE_SCHEMA), "file"),
        (component("mywidget", schema={"type": "array", "items": FILE_SCHEMA}), "files"),
        (
            component(
                "mywidget",
                schema={
                    "type": "array",
                    "items": {"$ref": "#/$defs/FileData"},
                    "$defs": {"FileData": FILE_SCHEMA},
                },
            ),
            "files",
        ),
        (component("imageslider"), "pair"),
        (component("api", schema={"oneOf": [{"type": "null"}, FILE_SCHEMA]}), "file"),
        (
            component(
                "api",
                schema={"oneOf": [{"type": "null"}, {"type": "array", "items": FILE_SCHEMA}]},
            ),
            "files",
        ),
        (component("json"), None),
        (component("textbox"), None),
    ],
)
def test_the_component_tells_how_files_go_in(described: Any, shape: str | None) -> None:
    assert endpoint(described).parameters[0].shape == shape


@pytest.mark.parametrize(
    ("told", "size"),
    [
        (None, None),
        (1000, 1000),
        ("5mb", 5 * 1024**2),
        ("1.5 kb", 1536),
        ("2GiB", 2 * 1024**3),
        ("10", 10),
        ("large", None),
        (True, None),
        ("1.2.3mb", None),
        ("..", None),
        (".", None),
        ("9" * 400, None),
        ("٣mb", None),
        (float("inf"), None),
        (float("nan"), None),
        (10**400, 10**400),
    ],
)
def test_the_limit_of_a_file_is_bytes_or_a_text_with_a_unit(told: Any, size: int | None) -> None:
    config, info = documents("6.31.0", run=([TEXT], [TEXT]))
    assert read_app({**config, "max_file_size": told}, info).max_file_size == size


def test_an_endpoint_is_found_with_or_without_its_slash() -> None:
    app = new_app(run=([TEXT], [TEXT]), walk=([TEXT], [TEXT]))
    assert app.endpoint("run").name == app.endpoint("/run").name == "/run"


@pytest.mark.parametrize(
    "typed",
    ["/run/", "run/", "/call/run", "call/run", "/gradio_api/call/v2/run", "/call/run/", "/api/run"],
)
def test_an_endpoint_is_found_as_it_stands_in_a_url(typed: str) -> None:
    app = new_app(run=([TEXT], []), other=([TEXT], []))
    assert app.endpoint(typed).name == "/run"
    named = new_app(**{"run": ([TEXT], []), typed.removeprefix("/"): ([TEXT], [])})
    assert named.endpoint(typed).name == f"/{typed.removeprefix('/')}"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("/a", "/a"),
        ("a", "/a"),
        ("//a", "//a"),
        ("//b%20c", "//b c"),
        ("/b c", "//b c"),
        ("/\u00e9", "/\u00e9"),
        ("/e\u0301", "/e\u0301"),
        ("hidden", "/hidden"),
        ("/hidden", "/hidden"),
        ("/call/hidden", "/hidden"),
        ("gradio_api/call/hidden/", "/hidden"),
        ("d/e", "/d/e"),
    ],
)
def test_an_endpoint_of_just_that_name_comes_before_one_alike(typed: str, name: str) -> None:
    names = ["a", "/a", "/b c", "\u00e9", "e\u0301", "hidden", "d/e"]
    app = new_app(**dict.fromkeys(names, ([TEXT], [TEXT])))
    hidden = {hid: app.endpoints[hid] for hid in ("/hidden", "/d/e")}
    shown = {key: found for key, found in app.endpoints.items() if key not in hidden}
    app = app._replace(endpoints=shown, undocumented=hidden)
    assert app.endpoint(typed).name == name


def test_the_only_endpoint_needs_no_name() -> None:
    assert new_app(run=([TEXT], [TEXT])).endpoint(None).name == "/run"


@pytest.mark.parametrize("version", ["v5.0", "5.0.0rc1", "5 kb"])
def test_an_odd_version_is_a_version(version: str) -> None:
    config, info = documents("6.31.0", run=([TEXT], [TEXT]))
    assert read_app({**config, "version": version}, info).gradio.major == 5


def test_names_that_the_call_route_can_not_carry_are_marked() -> None:
    names = ["a/b", "/lead", "trail/", ".", "..", "", "with space", "ünï", "a.b"]
    app = new_app(**{name: ([TEXT], [TEXT]) for name in names})
    carried = [name for name in names if app.endpoints[f"/{name}"].has_call_route]
    assert carried == ["with space", "ünï", "a.b"]
    assert app.endpoint("/lead").name == "//lead"


def test_of_two_functions_with_one_name_the_first_that_fits_is_called() -> None:
    config, info = documents("6.31.0", run=([TEXT, TEXT], [TEXT]), other=([TEXT], [TEXT]))
    config["dependencies"][1]["api_name"] = "run"
    del info["named_endpoints"]["/other"]
    assert read_app(config, info).endpoint("run").fn_index == 10
    info["named_endpoints"]["/run"]["parameters"].pop()
    assert read_app(config, info).endpoint("run").fn_index == 11


DEEP: Any = []
for _ in range(700):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("type", ["x"]),
        ("parameter_default", DEEP),
        ("label", {"a": 1}),
    ],
)
def test_one_odd_endpoint_does_not_keep_the_others_from_being_called(key: str, value: Any) -> None:
    config, info = documents("6.31.0", run=([TEXT], [TEXT]), odd=([TEXT], [TEXT]))
    info["named_endpoints"]["/odd"]["parameters"][0][key] = value
    assert "/run" in read_app(config, info).endpoints


def test_an_endpoint_that_makes_no_sense_says_why_when_it_is_asked_for() -> None:
    config, info = documents("6.31.0", run=([TEXT], [TEXT]), odd=([TEXT], [TEXT]))
    info["named_endpoints"]["/odd"]["parameters"] *= 2
    app = read_app(config, info)
    assert list(app.endpoints) == ["/run"]
    with pytest.raises(HTTPFailed) as raised:
        app.endpoint("odd")
    assert raised.value.message == (
        "the app's description of /odd can't be read: /config has 1 inputs, /info 2 parameters"
    )


def test_what_an_event_of_the_app_may_change_is_marked() -> None:
    config, info = documents("6.31.0", run=([TEXT], [TEXT]), load=([TEXT], [TEXT]))
    assert not read_app(config, info).endpoint("run").parameters[0].changeable
    config["dependencies"][1]["outputs"] = config["dependencies"][0]["inputs"]
    assert read_app(config, info).endpoint("run").parameters[0].changeable


def test_a_function_that_runs_in_batches_takes_one_value_of_its_batch() -> None:
    hint = {"type": "array", "items": {"type": "string"}}
    config, info = documents("6.31.0", run=([component("api", "Words", schema=hint)], [TEXT]))
    assert read_app(config, info).endpoint("run").parameters[0].kind == "list"
    config["dependencies"][0]["batch"] = True
    assert read_app(config, info).endpoint("run").parameters[0].kind == "string"


def test_ten_thousand_parameters_of_one_label_are_named_in_linear_time() -> None:
    run = old_app(run=([component("textbox", "Text")] * 10_000, [])).endpoint("run")
    assert run.parameters[-1].name == "text_10000"


def test_of_several_endpoints_one_must_be_named() -> None:
    with pytest.raises(InputError) as raised:
        new_app(run=([TEXT], [TEXT]), walk=([TEXT], [TEXT])).endpoint(None)
    assert raised.value.faults == [Fault("which endpoint?", "the app has: /run, /walk")]


def test_an_unknown_endpoint_is_told_with_the_nearest_one() -> None:
    app = new_app(predict=([TEXT], [TEXT]), walk=([TEXT], [TEXT]))
    with pytest.raises(InputError) as raised:
        app.endpoint("/pedict")
    (fault,) = raised.value.faults
    assert fault.message == "unknown endpoint /pedict"
    assert fault.hint == "did you mean /predict? there are: /predict, /walk"


def test_of_many_endpoints_only_the_nearest_is_told() -> None:
    app = new_app(**{f"step_{n}": ([TEXT], [TEXT]) for n in range(60)}, walk=([TEXT], [TEXT]))
    for name, hint in (("wlak", "did you mean /walk?"), ("zzz", "there are: /step_0, /step_1, ")):
        with pytest.raises(InputError) as raised:
            app.endpoint(name)
        told = raised.value.faults[0].hint
        assert told.startswith(hint)
        assert told.endswith("\ngradio-curl info APP lists all")
        assert "/step_10" not in told


def test_ten_endpoints_are_told_in_full() -> None:
    app = new_app(**{f"step_{n}": ([TEXT], [TEXT]) for n in range(10)})
    with pytest.raises(InputError) as raised:
        app.endpoint("zzz")
    assert raised.value.faults[0].hint == f"there are: {', '.join(app.endpoints)}"


@pytest.mark.parametrize("name", ["naïve", "/na%C3%AFve", "nai\u0308ve", "/nai%CC%88ve"])
def test_an_endpoint_is_found_however_its_accents_are_encoded(name: str) -> None:
    app = new_app(**{"naïve": ([TEXT], [TEXT]), "walk": ([TEXT], [TEXT])})
    assert app.endpoint(name).name == "/naïve"


def test_an_app_without_endpoints_says_so() -> None:
    with pytest.raises(InputError) as raised:
        new_app().endpoint(None)
    assert raised.value.faults[0].hint == "the app does not have a public endpoint"


def test_an_endpoint_that_only_info_lists_is_left_out() -> None:
    config, info = documents("6.31.0", run=([TEXT], [TEXT]), late=([TEXT], [TEXT]))
    config["dependencies"].pop()
    assert list(read_app(config, info).endpoints) == ["/run"]


def test_without_info_every_endpoint_is_there_and_its_outputs_are_known() -> None:
    config, _ = documents("6.31.0", run=([TEXT], [TEXT, component("state")]))
    run = read_app(config, None).endpoint("run")
    assert run.parameters == ()
    assert run.listed_outputs(["a", None]) == ["a"]


def test_the_prefix_is_empty_on_4_and_told_from_5_on() -> None:
    assert read_version(documents("4.20.0")[0]) == ("4.20.0", "")
    assert read_version(documents("6.31.0")[0]) == ("6.31.0", "/gradio_api")


@pytest.mark.parametrize("version", ["3.50.2", "4.19.2"])
def test_a_gradio_that_is_too_old_is_told_so(version: str) -> None:
    with pytest.raises(NotGradio, match=f"Gradio {version}, which is too old"):
        read_version({"version": version})


@pytest.mark.parametrize("config", [None, [], {}, {"version": 7}, "text"])
def test_json_of_something_else_is_no_gradio_app(config: Any) -> None:
    with pytest.raises(NotGradio, match="not a Gradio app"):
        read_version(config)


@pytest.mark.parametrize(
    ("key", "value"), [("components", None), ("dependencies", [3]), ("components", [])]
)
def test_a_config_that_makes_no_sense_is_told_without_a_traceback(key: str, value: Any) -> None:
    config, info = documents("6.31.0", run=([TEXT], [TEXT]))
    with pytest.raises(NotGradio, match="can't be read"):
        read_app({**config, key: value}, info)


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ({"key": "form.your_name", "_type": "translation_metadata"}, "your_name"),
        ('__i18n__{"__type__": "translation_metadata", "key": "name"}', "name"),
        ("__i18n__{", "text"),
        ({"odd": 1}, "text"),
        (None, "text"),
    ],
)
def test_a_label_that_the_page_translates_is_its_keys_last_part(label: Any, shown: str) -> None:
    config, info = documents("6.31.0", run=([TEXT], [TEXT]))
    described = info["named_endpoints"]["/run"]["parameters"][0]
    described["label"] = label
    assert read_app(config, info).endpoint("run").parameters[0].label == shown


@pytest.mark.parametrize("told", ["required", "optional", None, {"odd": 1}])
def test_an_endpoint_tells_whether_it_takes_an_oauth_token(told: Any) -> None:
    config, info = documents("6.31.0", run=([TEXT], [TEXT]))
    info["named_endpoints"]["/run"]["oauth_token"] = told
    expected = told if isinstance(told, str) else None
    assert read_app(config, info).endpoint("run").oauth_token == expected


def test_the_nearest_name_stands_first_whatever_its_case() -> None:
    assert did_you_mean("Prompt", ["text", "prompt"]).startswith("did you mean prompt?")
    assert did_you_mean("zzz", ["text", "prompt"]) == "there are: text, prompt"
    assert did_you_mean("zzz", []) == ""


def self_list(twice: int = 1) -> dict[str, Any]:
    """The JSON Schema of a list of such lists, offered once or `twice`."""
    held = {"type": "array", "items": {"$ref": "#/$defs/T"}}
    return {"$ref": "#/$defs/T", "$defs": {"T": {"anyOf": [held] * twice}}}


@pytest.mark.parametrize("twice", [1, 2])
def test_a_type_that_holds_itself_is_a_list(twice: int) -> None:
    (parameter,) = endpoint(component("api", schema=self_list(twice))).parameters
    assert (parameter.kind, parameter.item) == ("array", None)


def test_a_check_takes_tries_by_the_size_of_the_value_not_by_its_depth() -> None:
    tries = []

    def counted(value: Any) -> bool:
        tries.append(value)
        return False

    nested: Any = 1  # fits nowhere, which 2**40 tries would tell
    for _ in range(40):
        nested = [nested]
    json_schema.check(nested, self_list(twice=2), counted)
    assert len(tries) < 2000
    tries.clear()
    with pytest.raises(json_schema.Unfit) as unfit:
        json_schema.check([*[1] * 9_000, "a"], {"type": "array", "items": {"type": ["null",
                          "integer"]}}, counted)  # fmt: skip
    assert (unfit.value.part, unfit.value.wanted) == ("[9000]", "null or an integer")


def test_a_list_of_types_offers_each_of_them_once() -> None:
    offered = json_schema.alternatives({"type": ["null", "x", "null", "string", "y"] * 1000})
    assert [one["type"] for one in offered] == ["null", "any", "string"]
    twice = {"anyOf": [{"$ref": "#/$defs/T"}] * 99, "$defs": {"T": {"type": ["null"] * 9}}}
    assert len(json_schema.alternatives(twice)) == 1
