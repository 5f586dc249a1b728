"""What is typed wrong: one clear line, an exit code, no traceback, and nothing is queued."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.command import Completed
from tests.live.servers import ENDS, Server

Gradio = Callable[..., Completed]
AtOnce = Callable[..., list[Completed]]


HERE = __file__  # a file that is there
MISTAKES: list[tuple[list[str], list[str]]] = [
    (["/gret", "x"], ["unknown endpoint /gret", "did you mean /greet?", "gradio-curl info APP"]),
    (["gret", "x"], ["unknown endpoint gret", "did you mean /greet?", "gradio-curl info APP"]),
    ([], ["which endpoint?", *["gradio-curl call http://"] * 10, "and "]),
    (["name=x"], ["which endpoint?", "gradio-curl call http://"]),
    (["add", "1"], ["b is missing", "give b=NUMBER"]),
    (["add", "a=1", "b=2", "c=3"], ["unknown parameter c for /add", "there are: a, b"]),
    (["greet", "nmae=x", "name=y"], ["unknown parameter nmae for /greet", "did you mean name?"]),
    (["add", "1", "2", "3"], ["/add takes 2 values, 3 given"]),
    (["add", "1", "2", "b=3"], ["b: given twice"]),
    (["add", "1", "abc"], ["b: 'abc' is not a number"]),
    (["add", "1", "b:=true"], ["b: true is not a number"]),
    (["greet", "x", "excited=maybe"], ["excited: 'maybe' is neither true nor false"]),
    (["choose", "pink", "tags=a"], ["color: 'pink' is not among the choices", "choose from"]),
    (["slide", "11"], ["steps: 11 is out of range", "it takes at least 1 and at most 10"]),
    (["json_echo", "value:={'a'}"], ["value:= is not valid JSON: Expecting property name"]),
    (["add", "-d", "[1,"], ["--data is not valid JSON: Expecting value at column 4"]),
    (["add", "-d", "3"], ["--data must be a list or an object"]),
    (["add", "-d", "[1, 2, 3]"], ["/add takes 2 values, 3 given"]),
    (["file_size", "cat.png"], ["file: 'cat.png' is text, but a file is expected"]),
    (["file_size", "file=cat.png"], ["file: 'cat.png' is text,", "use file@cat.png"]),
    (
        ["files", "files@-", "files@-"],
        ["stdin can be read only once, and another argument", "save it to a file"],
    ),
    (
        ["greet", "name@-", "count@-"],
        ["stdin can be read only once, and another argument", "save it to a file"],
    ),
    (["file_size", f"@{HERE}", f"@{HERE}"], ["/file_size takes 1 value, 2 given", "for a call"]),
    (["greet", "-"], ["'-' is not a value", "use @- for stdin, or NAME=- for the text"]),
    (["greet", '{"name": "x"}'], ['\'{"name": "x"}\' is JSON for --data', "use -d '{"]),
    (["greet", "-d", "name=x"], ["--data is not valid JSON", "it takes a JSON list or object"]),
    (["add", "1", "b:=@n.json"], ["b:= is not valid JSON", "use b@n.json"]),
    (["json_echo", f"value:={'[' * 600}{']' * 600}"], ["value:= is nested more than 500"]),
    (["json_echo", f"value={'[' * 600}{']' * 600}"], ["value: the text is nested more than 500"]),
    (["file_size", *[f"file@{HERE}"] * 60], ["file takes 1 file, 60 given", "for a call"]),
    (["file_size", "file=holiday 01.png"], ["file: 'holiday", "use 'file@holiday 01.png'"]),
    (["greet", "x", "Count=abc"], ["Count: 'abc' is not a number"]),
    (["greet", os.fsdecode(b"a\xff")], ["name: the text is not valid UTF-8"]),
    (["add", "1", "2", "-H", "no colon"], ["--header must be NAME:VALUE"]),
    (["json_echo", "value:=NaN"], ["value:= is not valid JSON: NaN is not a finite number"]),
    (["add", "1", "2", "-H", "X: 漢"], ["--header X: the value contains a line end"]),
    (["add", "1", "2", "-H", "X: a\nb"], ["--header X: the value contains a line end"]),
    (["add", "1", "2", "-m", "nan"], ["--max-time 'nan' is not a number"]),
    (["add", "1", "2", "--session", os.fsdecode(b"\xff")], ["an argument is not valid UTF-8"]),
    (["add", "1", "2", "--retry", "-1"], ["--retry '-1' must be at least 0"]),
]


def test_a_mistake_is_told_with_what_would_be_right(server: Server, at_once: AtOnce) -> None:
    ended = at_once(["call", server.url, *words] for words, _ in MISTAKES)
    wrong = [
        (words, outcome.code, outcome.out, outcome.err)
        for (words, lines), outcome in zip(MISTAKES, ended, strict=True)
        if (outcome.code, outcome.out) != (2, "") or not _says(outcome.err, lines)
    ]
    assert wrong == []


def _says(err: str, lines: list[str]) -> bool:
    """Whether one fault is told, in lines that start like these, and at most one more."""
    told = err.removeprefix("gradio-curl: ").splitlines()
    starts = [line.removeprefix("  ") for line in told]
    return len(lines) <= len(told) <= max(2, len(lines)) and all(map(str.startswith, starts, lines))


def test_all_mistakes_are_told_at_once(gradio: Gradio, server: Server) -> None:
    ended = gradio("call", server.url, "greet", "count=x", "excited=y", "nme=z", check=2)
    assert ended.err.splitlines() == [
        "gradio-curl: count: 'x' is not a number",
        "gradio-curl: excited: 'y' is neither true nor false",
        "gradio-curl: unknown parameter nme for /greet",
        "  did you mean name? there are: name, count, excited",
        "gradio-curl: name is missing",
        "  give name=STRING",
    ]


UNREADABLE: list[tuple[list[str], str]] = [
    (["call", "file_size", "@nope.txt"], "nope.txt can't be read: no such file or directory"),
    (["call", "file_size", "@folder"], "folder can't be read: is a directory"),
    (["call", "file_size", "@/proc/self/mem"], "/proc/self/mem can't be read: input"),
    (["call", "file_size", '--data=[{"@": "nope.txt"}]'], "nope.txt can't be read"),
    (["call", "greet", "name@nope.txt"], "nope.txt can't be read"),
    (["call", "greet", "name@binary"], "binary is not valid UTF-8"),
    (["call", "greet", "-d", "@nope.json"], "nope.json can't be read"),
    (["upload", "nope.txt"], "nope.txt can't be read"),
]


def test_a_file_that_can_not_be_read_is_told_before_anything_is_sent(
    server: Server, at_once: AtOnce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    ended = at_once([words[0], server.url, *words[1:], "-v"] for words, _ in UNREADABLE)
    for (words, reason), outcome in zip(UNREADABLE, ended, strict=True):
        *requests, told = outcome.err.splitlines()
        assert (words, outcome.code) == (words, 26)
        assert told.startswith(f"gradio-curl: {reason}")
        assert not [line for line in requests if line.startswith("> POST")]


HANDED_ON: list[list[str]] = [
    ["-d", "@-"],
    ["--no-check", "-d", "@-"],
    ["--batch", "-"],
    ["value:={}"],
]


@pytest.mark.parametrize("form", ["--json", "stream", "batch"])
def test_json_of_one_app_handed_to_another_sends_no_local_file(
    gradio: Gradio, server_of: Callable[[str], Server], tmp_path: Path, form: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    one, other = (server_of(version).url for version in ENDS)
    match form:
        case "--json":
            said = gradio("call", one, "/reference", f"path={secret}", "--json", check=0).out
            printed = json.loads(said)
        case "stream":
            lines = gradio("stream", one, "/reference", f"path={secret}", check=0).out.splitlines()
            printed = json.loads(lines[-1])["data"]
        case _:
            row = json.dumps({"path": str(secret)})
            said = gradio("call", one, "/reference", "--batch", "-", input=row, check=0).out
            printed = json.loads(said)["data"]
    for words in HANDED_ON:
        words = [word.format(json.dumps(printed[0])) for word in words]
        command = ["call", other, "/json_echo", *words, "--json", "-v"]
        echoed = gradio(*command, input=json.dumps(printed), check=0)
        assert f'{{"deep": [{{"@@": "{secret}"}}]}}' in echoed.out
        assert "/upload" not in echoed.err


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", 3),
        ("http://", 3),
        (":99999", 3),
        ("http://localhost:99999/", 3),
        ("ftp://localhost/", 3),
        ("http://a b", 3),
        ("http://no-such-host.invalid", 6),
    ],
)
def test_an_app_that_is_no_url_or_does_not_resolve(gradio: Gradio, typed: str, code: int) -> None:
    ended = gradio("call", typed, "add", "1", "2", check=code)
    assert ended.err.startswith("gradio-curl: ")
    assert ended.out == ""


def test_nothing_listens_there(gradio: Gradio) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ended = gradio("info", f":{port}", check=7)
    assert ended.err == (
        f"gradio-curl: localhost:{port} refused the connection\n  is the app running?\n"
    )


PAGES = {
    "html": (200, b"<html>hello</html>"),
    "json": (200, b'{"hello": "world"}'),
    "list": (200, b"[]"),
    "gone": (404, b"not here"),
    "old": (200, b'{"version": "3.50.2", "components": [], "dependencies": []}'),
    "odd": (200, b'{"version": "6.0.0", "components": 3}'),
}


class OtherSites(BaseHTTPRequestHandler):
    """Sites that are no Gradio apps, one under each path."""

    def do_GET(self) -> None:
        status, body = PAGES[self.path.split("/")[1]]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/html" if body[:1] == b"<" else "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def other_sites() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), OtherSites) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{site.server_address[1]}"
        site.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("html", "{url}/config returned text/html instead of JSON"),
        ("json", "what answers there is not a Gradio app"),
        ("list", "what answers there is not a Gradio app"),
        ("gone", "HTTP 404 Not Found from {url}/config"),
        ("old", "the app runs Gradio 3.50.2, which is too old"),
        ("odd", "the app's /config and /info can't be read"),
    ],
)
def test_what_answers_is_no_app_that_can_be_called(
    gradio: Gradio, other_sites: str, page: str, message: str
) -> None:
    url = f"{other_sites}/{page}"
    ended = gradio("call", url, "add", "1", check=22)
    assert ended.err.startswith(f"gradio-curl: {message.format(url=url)}")


@pytest.mark.parametrize("words", [["info", ":1"], ["upload", ":1", __file__], ["call", ":1"]])
def test_a_failure_is_data_where_data_is_asked_for(gradio: Gradio, words: list[str]) -> None:
    ended = gradio(*words, "--json", check=7)
    told = json.loads(ended.out)
    assert (told["status"], told["exit_code"]) == ("error", 7)
    assert f"gradio-curl: {told['message']}\n" in ended.err


def test_a_missing_file_is_told_with_the_other_faults(server: Server, gradio: Gradio) -> None:
    ended = gradio("call", server.url, "/image_info", "image@missing.png", "x=1", check=2)
    assert "unknown parameter x" in ended.err
    assert "missing.png can't be read" in ended.err
