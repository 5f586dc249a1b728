"""What README and changelog say is what is there."""

import inspect
import re
from pathlib import Path

import typer

import gradio_curl
from gradio_curl import errors
from gradio_curl.cli import manual
from gradio_curl.cli.main import app
from tests import readme

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_made_parts_of_the_readme_are_those_of_today() -> None:
    for file in readme.MADE:
        text = file.read_text()
        assert readme.filled(text) == text, "python -m tests.readme makes them anew"


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    changelog = (ROOT / ".github" / "CHANGELOG.md").read_text()
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == gradio_curl.__version__


def test_the_table_of_exit_codes_is_complete() -> None:
    members = [member for _, member in inspect.getmembers(errors, inspect.isclass)]
    codes = {code for m in members if isinstance(code := getattr(m, "exit_code", None), int)}
    told = [int(code) for codes, _ in errors.EXIT_CODES for code in codes.split(",")]
    assert len(told) == len(set(told))
    assert {0, errors.BUG, *codes} <= set(told)


def test_the_man_page_has_the_variables_of_the_readme() -> None:
    table = README.partition("## Environment variables")[2].partition("\n## ")[0]
    names = re.findall(r"`([A-Z_]{4,})`", table)
    made = manual.page(typer.main.get_command(app))
    assert "GRADIO_CURL_AUTH" in names
    assert [name for name in names if name not in made] == []


def test_links_inside_the_readme_resolve() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_files_named_in_the_readme_are_there() -> None:
    named = re.findall(r"`((?:gradio_curl|tests|cli|client|protocol|render)/[\w/.]+\.py)`", README)
    places = [ROOT, ROOT / "gradio_curl"]
    assert named
    assert [f for f in named if not any((place / f).exists() for place in places)] == []
