"""Templates of --output: whatever fills them, a file has a name and stays in its folder."""

import pytest

from gradio_curl.protocol.output_names import Template


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
