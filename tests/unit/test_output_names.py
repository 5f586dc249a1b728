"""Templates of --output: whatever fills them, a file has a name and stays in its folder."""

import re
from typing import Any

import pytest

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol.files import Local, from_upload
from gradio_curl.protocol.output_names import Template, fields_of, path_pattern


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("out/{ext}", "out/report"),
        ("out/.{ext}", "out/report"),
        ("out/...{ext}", "out/report"),
        ("/x/out/../{ext}", "/x/out/../report"),
        ("{ext}", "report"),
        ("{n}/", "1/report"),
        ("{n}/..", "1/report"),
        ("{ext}/{n}", "_/1"),
        ("out/...{ext}/{name}", "out/_/report"),
        ("out/{dots}/{name}", "out/_/report"),
        ("out/{n:03}{ext}", "out/001"),
        ("{{{n}}}/{name}.{ext}", "{1}/report"),
    ],
)
def test_a_part_that_comes_out_empty_or_as_dots_has_a_name_all_the_same(
    template: str, path: str
) -> None:
    fields = {"n": "1", "dots": ".."}
    assert Template(template).path("report", fields) == path


def test_each_part_is_filled_and_short_enough_for_a_file_system() -> None:
    path = Template("{prompt}/{stem}-{n}.{ext}").path("a.png", {"prompt": "x" * 999, "n": "2"})
    folder, name = path.split("/")
    assert (len(folder), name) == (200, "a-2.png")


@pytest.mark.parametrize("field", ["name", "stem", "ext", "n", "row"])
def test_a_parameter_comes_before_the_own_field_of_its_name(field: str) -> None:
    assert Template(f"out/a-{{{field}}}").path("cat.png", {field: "../x"}) == "out/a-_x"


@pytest.mark.parametrize(
    ("template", "wrong"),
    [
        ("{n:0300}", "{n:0300}"),
        ("out/{width:9999999999}.png", "{width:9999999999}"),
        ("{name}-{color:>500}", "{color:>500}"),
        ("{.png", "{.png"),
        ("{}.png", "{}"),
        ("{a/b}", "{a"),
        ("{{{", "{"),
    ],
)
def test_what_is_meant_as_a_field_and_is_none_is_rejected(template: str, wrong: str) -> None:
    with pytest.raises(InputError) as error:
        Template(template)
    hint = "a field is {name} or {name:03}; for a brace, write {{"
    assert error.value.faults == [Fault(f"--output {template!r}: {wrong} is not a field", hint)]


@pytest.mark.parametrize(
    ("template", "fields"),
    [
        ("out/{row:03}-{prompt}.{ext}", ("row", "prompt", "ext")),
        ("{n}{n:2}", ("n", "n")),
        ("{{n}}{Guidance scale}", ("Guidance scale",)),
        ("out/a.png", ()),
    ],
)
def test_the_fields_of_a_template_are_known(template: str, fields: tuple[str, ...]) -> None:
    assert Template(template).fields == fields
    assert Template(template).text == template


@pytest.mark.parametrize(
    ("template", "faults"),
    [
        ("out/{n}-{name}-{stem}.{ext}", []),
        ("{prompt}-{seed}", []),
        ("plain", []),
        ("{promt}-{promt}", [("promt", "did you mean {prompt}?")]),
        (
            "{seeds}/{row}/{n}",
            [
                ("seeds", "did you mean {seed}?"),
                ("row", "the fields are ext, n, name, prompt, seed, stem"),
            ],
        ),
    ],
)
def test_fields_that_nothing_fills_are_told_once_each(
    template: str, faults: list[tuple[str, str]]
) -> None:
    told: list[Fault] = []
    try:
        Template(template).check(iter(["seed", "prompt"]))
    except InputError as error:
        told = list(error.faults)
    lacks = f"--output {template!r} does not have the field"
    assert told == [Fault(f"{lacks} {{{name}}}", hint) for name, hint in faults]


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("{n:03}-{row:2}-{prompt:03}", "001-40-a cat"),
        ("{stem}.{ext}", "b.png"),
        ("{name}", "b.png"),
        ("{prompt}/{n}.{ext}", "a cat/1.png"),
        ("{nothing}/a-{nothing}.{ext}", "_/a-_.png"),
        ("{{{prompt}}} }} {n}.txt", "{a cat} } 1.txt"),
        ("X{n}X/..", "X1X/b.png"),
        ("-{n}/a", "-1/a"),
    ],
)
def test_a_template_is_filled(template: str, path: str) -> None:
    fields = {"n": "1", "row": "40", "prompt": "a cat"}
    assert Template(template).path("b.png", fields) == path


@pytest.mark.parametrize(
    ("slots", "data", "fields"),
    [
        (["text", None, "count"], ["a/b", "state", 2], {"text": "a/b", "count": "2"}),
        (["text", "more"], ["a"], {"text": "a"}),
        (["on", "none"], [True, None], {"on": "true", "none": "null"}),
        (["photo"], [Local("dir/cat.png")], {"photo": "cat.png"}),
        (["photo"], [from_upload("/srv/1/cat.png", "my cat.png")], {"photo": "my cat.png"}),
        (["photo"], [from_upload("/srv/1/cat.png", "")], {"photo": "file"}),
        (["list"], [["é", Local("dir/cat.png")]], {"list": '["é", "cat.png"]'}),
        (["json"], [{"path": "x"}], {"json": '{"path": "x"}'}),
    ],
)
def test_a_field_has_the_value_of_its_parameter_as_text(
    slots: list[str | None], data: list[Any], fields: dict[str, str]
) -> None:
    assert fields_of(slots, data) == fields


@pytest.mark.parametrize("text", ["{{a}}.png", "a}b.png", "a}}b.png"])
def test_a_path_may_have_braces(text: str) -> None:
    assert Template(text).text == text.replace("{{a}}", "{a}")


@pytest.mark.parametrize(
    ("template", "path", "fits"),
    [
        ("out/{row:03}-{prompt}", "out/001-a cat", True),
        ("out/{row:03}-{prompt}", "out/x/001-a cat", False),
        ("o.t/{n}", "oxt/1", False),
        ("{{n}}.{ext}", "n.png", False),
        ("{{n}}.{ext}", "{n}.png", True),
        ("{{n}}.{ext}", "{n}", True),
        ("plain", "plain", True),
    ],
)
def test_the_paths_of_a_template_are_known(template: str, path: str, fits: bool) -> None:
    assert bool(re.fullmatch(path_pattern(template), path)) is fits
