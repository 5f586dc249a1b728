"""The README tells of every exit code, and what it refers to is there."""

import inspect
import re
from pathlib import Path

from gradio_curl import errors

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_readme_has_every_exit_code() -> None:
    members = [member for _, member in inspect.getmembers(errors, inspect.isclass)]
    codes = [code for m in members if isinstance(code := getattr(m, "exit_code", None), int)]
    table = README.partition("| exit code | means |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)
    told = {int(code) for row in rows for code in row.split(",")}
    assert {0, *codes} <= told


def test_the_table_of_exit_codes_is_complete() -> None:
    members = [member for _, member in inspect.getmembers(errors, inspect.isclass)]
    codes = {code for m in members if isinstance(code := getattr(m, "exit_code", None), int)}
    told = [int(code) for codes, _ in errors.EXIT_CODES for code in codes.split(",")]
    assert len(told) == len(set(told))
    assert {0, errors.BUG, *codes} <= set(told)


def test_links_inside_the_readme_resolve() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_files_named_in_the_readme_are_there() -> None:
    named = re.findall(r"`((?:gradio_curl|tests|cli|client|protocol|render)/[\w/.]+\.py)`", README)
    places = [ROOT, ROOT / "gradio_curl"]
    assert named
    assert [f for f in named if not any((place / f).exists() for place in places)] == []
