"""Starting is fast because a command imports only what it needs."""

import json
from pathlib import Path

import pytest

from tests.command import loaded_by, run
from tests.wire.server import gradio, serving

HEAVY = ("requests", "urllib3", "sseclient", "gradio", "pydantic", "asyncio")


def test_the_version_needs_neither_the_network_nor_the_terminal(tmp_path: Path) -> None:
    assert not loaded_by(tmp_path, "-m", "gradio_curl", "--version") & {*HEAVY, "rich"}


@pytest.mark.parametrize("command", [[], ["call"], ["stream"], ["upload"], ["info"]])
def test_help_in_a_pipe_needs_neither_the_network_nor_the_terminal(
    command: list[str], tmp_path: Path
) -> None:
    assert not loaded_by(tmp_path, "-m", "gradio_curl", *command, "--help") & {*HEAVY, "rich"}


def test_a_mistake_is_told_without_the_network(tmp_path: Path) -> None:
    assert not loaded_by(tmp_path, "-m", "gradio_curl", "call", "--no-such-option") & {
        *HEAVY,
        "rich",
    }


def test_a_pipe_needs_nothing_for_terminals(tmp_path: Path) -> None:
    loaded = loaded_by(tmp_path, "-m", "gradio_curl", "info", "http://127.0.0.1:1")
    assert "requests" in loaded
    assert "rich" not in loaded


def test_the_version_is_told() -> None:
    assert run("--version", check=0).out.startswith("gradio-curl ")
    assert run("-V", check=0).out == run("--version").out


def test_help_is_there_for_every_command() -> None:
    listing = run("--help", check=0).out
    for command in ("call", "stream", "upload", "info"):
        assert command in listing
        assert "APP" in run(command, "-h", check=0).out


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (
            "no-such-command",
            "unknown command 'no-such-command'\n  use call, stream, upload or info",
        ),
        ("--nope", "unknown option '--nope'\n  use call, stream, upload or info"),
        ("call", "APP is missing\n  see gradio-curl call --help"),
        ("upload u", "FILE... is missing\n  see gradio-curl upload --help"),
        ("info u /a b", "unexpected argument 'b'"),
        ("call --retry x u", "--retry 'x' is not a whole number"),
        ("call --retry -1 u", "--retry '-1' must be at least 0"),
        ("call -j 257 u", "--jobs '257' must be at most 256"),
        ("call --wait nan u", "--wait 'nan' is not a number"),
        ("call -m 0 u", "--max-time '0' must be at least 0.001"),
        ("call --color x u", "--color 'x' is not one of 'auto', 'always', 'never'"),
        ("call u --data", "--data needs a value\n  see gradio-curl call --help"),
    ],
)
def test_wrong_usage_ends_with_2_and_is_told_in_our_words(args: str, told: str) -> None:
    ended = run(*args.split(), check=2)
    assert ended.err.startswith(f"gradio-curl: {told}\n")
    assert ended.out == ""


CONFLICTS = [
    ("call U --key k", "--key requires --cert"),
    ("call U /say x --detach --event e", "--detach queues a job, --event fetches one"),
    ("call U /say x --detach -o f", "--detach exits before the result exists"),
    ("call U /say x --event e", "--event takes no items and no --data"),
    ("call U text=x --event e", "--event takes no items and no --data"),
    ("call U /say -d [] --event e", "--event takes no items and no --data"),
    ("call U/call/say/e x", "--event takes no items and no --data"),
    ("call U /say x -d [1] --no-check", "--no-check takes no items"),
    ("call U /say --no-check", "--no-check needs --data"),
    ("call U /say x --json -o -", "--json and --output - both write to stdout"),
    ("stream U /say x -o -", "stream writes events to stdout"),
    ("stream U /say x --text --json", "--text cannot be used with --json"),
    ("call U /say x -j 3", "--jobs needs --batch"),
    ("call U /say x --results r", "--results needs --batch"),
    ("call U /say x --ordered", "--ordered needs --batch"),
    ("call U /say x --shard 1/2", "--shard needs --batch"),
    ("call U /say --batch - --curl", "--curl cannot be used with --batch"),
    ("call U /say --batch - --no-check -d []", "--no-check cannot be used with --batch"),
    ("call U /say --batch - -o -", "a batch writes results to stdout"),
    ("call U /say --batch - --ordered --results r", "--ordered cannot be used with --results"),
    ("call U /say --batch - --session s -j 2", "--jobs 2 cannot be used with --session"),
    ("call U /say --batch - --shard 0/3", "--shard '0/3' must be I/N, from 1/N to N/N"),
]


@pytest.mark.parametrize(("args", "told"), CONFLICTS)
def test_a_contradiction_is_told_before_anything_is_sent(args: str, told: str) -> None:
    with serving(gradio()) as server:
        ended = run(*args.replace("U", server.url, 1).split(), check=2)
        assert server.requests == []
    assert ended.err.startswith(f"gradio-curl: {told}")


def test_all_contradictions_are_told_at_once() -> None:
    ended = run("call", "http://127.0.0.1:1", "--key", "k", "-j", "2", "--shard", "1/2", check=2)
    assert [line for line in ended.err.splitlines() if line.startswith("gradio-curl: --")] == [
        "gradio-curl: --key requires --cert",
        "gradio-curl: --jobs needs --batch",
        "gradio-curl: --shard needs --batch",
    ]


def test_an_error_is_in_the_colour_that_is_asked_for() -> None:
    app = "http://127.0.0.1:1"
    for command in ("call", "stream", "upload"):
        words = (command, app, *(["-"] if command == "upload" else []))
        assert "\x1b[1;31mgradio-curl:" in run(*words, "--color", "always", check=7).err
        assert "\x1b" not in run(*words, "--color", "never", check=7).err


@pytest.mark.parametrize(
    "args",
    ["call", "call --nope", "call -m nan u", "upload u", "info http://[", "call u -j 3", "stream"],
)
def test_with_json_wrong_usage_is_one_document(args: str) -> None:
    ended = run(*args.split(), "--json")
    document = json.loads(ended.out)
    assert document["exit_code"] == ended.code
    assert document["message"] in ended.err
