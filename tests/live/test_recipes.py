"""Recipes for curl, as Gradio and its users print them, with only the word `curl` replaced."""

import json
import re
import shlex
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Completed
from tests.live.servers import VERSIONS, Server

Gradio = Callable[..., Completed]

# The text of the page "Use via API" (`CodeSnippet.svelte`, compiled into the page's script): of
# 4.x with the prefix empty. 6.13 and later make theirs in Python, and have it in /info.
POST = """-X POST {api}/call/greet -s -H "Content-Type: application/json" -d '{{
"data": [
    "Bob",
    2,
    true
]}}'"""
GET = "-N {api}/call/greet/{event}"


def api(server: Server) -> str:
    return server.url + ("/gradio_api" if server.version >= "5" else "")


def words(recipe: str) -> list[str]:
    """The arguments of the first command of a recipe."""
    lexer = shlex.shlex(recipe.replace("\\\n", " "), posix=True, punctuation_chars="|;")
    lexer.whitespace_split = True
    arguments = []
    for word in lexer:
        if word in ("|", ";"):
            break
        arguments.append(word)
    return arguments


@pytest.mark.parametrize("command", ["call", "stream"])
@pytest.mark.every_version
def test_the_recipe_of_the_page_runs(server: Server, gradio: Gradio, command: str) -> None:
    recipe = words(POST.format(api=api(server)))
    ended = gradio(command, *recipe, check=0)
    result = ended.out.removesuffix("\n")
    if command == "stream":
        (result,) = json.loads(result.splitlines()[-1])["data"]
    assert result == "Hello Bob!\nHello Bob!"


@pytest.mark.parametrize("command", ["call", "stream"])
def test_the_second_half_of_a_recipe_collects_the_event(
    server: Server, gradio: Gradio, command: str
) -> None:
    body = json.dumps({"data": ["Bob", 1, False]}).encode()
    request = urllib.request.Request(
        f"{api(server)}/call/greet", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as reply:
        event = json.load(reply)["event_id"]
    ended = gradio(command, *words(GET.format(api=api(server), event=event)), check=0)
    assert "Hello Bob." in ended.out.splitlines()[-1]


def test_what_is_queued_elsewhere_takes_no_items(server: Server, gradio: Gradio) -> None:
    failed = gradio("call", *words(GET.format(api=api(server), event="e")), "x", check=2)
    assert "takes no items" in failed.err


def test_a_recipe_for_an_upload_runs(server: Server, gradio: Gradio, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    form = ["-F", "files=@a.txt", "-H", "Content-Type: multipart/form-data"]
    ended = gradio("upload", "-X", "POST", f"{api(server)}/upload", *form, cwd=tmp_path, check=0)
    (payload,) = json.loads(ended.out)
    url = f"{api(server)}/file={payload['path']}"
    with urllib.request.urlopen(url) as reply:
        assert reply.read() == b"hello"


@pytest.mark.parametrize("version", [VERSIONS[-1]])
def test_the_recipes_that_an_app_prints_itself_run(
    server_of: Callable[[str], Server], gradio: Gradio, version: str, tmp_path: Path
) -> None:
    server = server_of(version)
    with urllib.request.urlopen(f"{api(server)}/info") as reply:
        endpoints = json.load(reply)["named_endpoints"]
    (tmp_path / "a.txt").write_text("hello")
    # Not /table and /choose: Gradio prints `None` for a null there, and "1" for the choice 1.
    for name in ("/greet", "/add", "/slide", "/json_echo"):
        recipe = endpoints[name]["code_snippets"]["bash"]
        start, _, arguments = recipe.partition("curl -X POST")
        assert start == ""
        ended = gradio("call", "-X", "POST", *words(arguments), check=0)
        assert ended.out
    recipe = endpoints["/file_size"]["code_snippets"]["bash"]
    upload = re.search(r"\$\(curl (-s -X POST .*?) \| tr", recipe)
    assert upload is not None
    typed = upload[1].replace("/path/to/your/file", str(tmp_path / "a.txt"))
    (payload,) = json.loads(gradio("upload", *words(typed), check=0).out)
    arguments = recipe.partition("curl -X POST http")[2].replace("'$FILE_PATH'", payload["path"])
    sent = json.loads(gradio("call", *words(f"http{arguments}"), check=0).out)
    assert sent["size"] == 5
