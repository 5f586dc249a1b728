"""Templates of --output: whatever fills them, a file has a name and stays in its folder."""

import re

import pytest

from gradio_curl.errors import InputError
from gradio_curl.protocol.output_names import Template, path_pattern


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
    assert error.value.message.endswith(f": {wrong} is not a field")


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
