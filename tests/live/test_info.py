"""`info`: what can be called, and lines that work when pasted into a shell."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.command import Completed, clean_environment
from tests.live.samples import made_picture, made_sound
from tests.live.servers import Server
from tests.patience import HANGING

Gradio = Callable[..., Completed]

FAILING = {"/crash", "/errors_empty", "/errors_lines", "/yields_then_fails"}
# What the queue feed can't carry fails by default.
NOT_CARRIED = {"/big_int", "/surrogate"}
# Waits for what a webcam would send, longer than an example should take.
SLOW: set[str] = set()


def described(gradio: Gradio, *words: str) -> Any:
    return json.loads(gradio("info", *words, "--json", check=0).out)


@pytest.mark.every_version
def test_the_app_is_described_as_data(gradio: Gradio, server: Server) -> None:
    told = described(gradio, server.url)
    prefix = "" if server.version.startswith("4.") else "/gradio_api"
    assert told["app"] == {
        "url": server.url,
        "version": server.version,
        "prefix": prefix,
        "space_id": None,
    }
    endpoints = {endpoint["name"]: endpoint for endpoint in told["endpoints"]}
    assert {"/greet", "/odd name", "/remember", "/chat"} <= endpoints.keys()
    assert not {"/undocumented", "/private"} & endpoints.keys()
    assert all(endpoint.keys() == endpoints["/add"].keys() for endpoint in told["endpoints"])
    assert [p["name"] for p in endpoints["/remember"]["parameters"]] == ["text"]
    assert [r["label"] for r in endpoints["/remember"]["returns"]] == ["Remembered"]
    assert endpoints["/choose"]["parameters"][:2] == [
        {
            "name": "color",
            "label": "Color",
            "type": "string",
            "required": True,
            "default": None,
            "choices": ["red", "green", "blue"],
            "minimum": None,
            "maximum": None,
            "component": "Radio",
            "file": False,
        },
        {
            "name": "size",
            "label": "Size",
            "type": "number",
            "required": False,
            "default": 1,
            "choices": [1, 2],
            "minimum": None,
            "maximum": None,
            "component": "Dropdown",
            "file": False,
        },
    ]
    steps = endpoints["/slide"]["parameters"][0]
    assert (steps["minimum"], steps["maximum"], steps["default"]) == (1, 10, 3)
    (files,) = endpoints["/files"]["parameters"]
    assert (files["type"], files["file"]) == ("files", True)
    (echo,) = endpoints["/file_echo"]["returns"]
    assert (echo["component"], echo["file"]) == ("File", True)


@pytest.mark.every_version
def test_one_endpoint_is_described_alone(gradio: Gradio, server: Server) -> None:
    for words in ([server.url, "/add"], [server.url, "add"], [f"{server.url}/call/add"]):
        (endpoint,) = described(gradio, *words)["endpoints"]
        assert endpoint["name"] == "/add"
        assert endpoint["example"].startswith(f"gradio-curl call {server.url} /add ")
    unknown = gradio("info", server.url, "/ad", check=2)
    assert "did you mean /add?" in unknown.err


def test_a_person_gets_tables(gradio: Gradio, server: Server) -> None:
    out = gradio("info", server.url, "/choose", check=0).out
    assert out.startswith(f"{server.url} (Gradio {server.version})\n\n/choose\n")
    rows = [line.split() for line in out.splitlines()]
    assert ["color=", "string", "required", "red|green|blue", "Color"] in rows
    assert ["size=", "number", "default", "1", "Small", "(1)|Large", "(2)", "Size"] in rows
    assert f"  $ gradio-curl call {server.url} /choose color=" in out


@pytest.fixture
def shell(tmp_path: Path) -> Callable[[str], "subprocess.CompletedProcess[str]"]:
    """Runs a line in sh, in a folder with the files that the examples name."""
    made_picture(tmp_path / "image.png", 4, 3)
    made_picture(tmp_path / "image2.png", 4, 3)
    made_sound(tmp_path / "audio.wav")
    for name in ("file.txt", "video.mp4", "model.glb"):
        (tmp_path / name).write_text("text", encoding="utf-8")
    scripts = tmp_path / "bin"
    scripts.mkdir()
    (scripts / "gradio-curl").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m gradio_curl "$@"\n', encoding="utf-8"
    )
    (scripts / "gradio-curl").chmod(0o755)
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"

    def run_line(line: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["sh", "-c", line],
            cwd=tmp_path,
            env=clean_environment(tmp_path, {"PATH": path}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=HANGING,
        )

    return run_line


def test_each_example_works_when_pasted(
    gradio: Gradio,
    server: Server,
    shell: Callable[[str], "subprocess.CompletedProcess[str]"],
) -> None:
    lines = {
        endpoint["name"]: endpoint["example"]
        for endpoint in described(gradio, server.url)["endpoints"]
        if endpoint["name"] not in FAILING | NOT_CARRIED | SLOW
    }
    assert len(lines) > 45
    with ThreadPoolExecutor(max_workers=4) as pool:
        ended = dict(zip(lines, pool.map(shell, lines.values()), strict=True))
    failed = {
        lines[name]: outcome.stderr for name, outcome in ended.items() if outcome.returncode != 0
    }
    assert failed == {}
