"""The command line, sorted: our options, those typed by habit, numbers, and mistakes."""

from typing import Any

import pytest
import typer

from gradio_curl.cli.argv import Typed, line_to_paste
from gradio_curl.cli.habits import BY_NAME, HABITS
from gradio_curl.cli.main import app
from gradio_curl.errors import InputError

ROOT: Any = typer.main.get_command(app)


def typed(*arguments: str, command: str = "call") -> Typed:
    options = [p for p in ROOT.commands[command].params if p.param_type_name == "option"]
    return Typed(f"gradio-curl {command}", arguments, options)


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ("a -5 -.5 -5e3", "", "a -5 -.5 -5e3"),
        ("--max-time -5 a", "--max-time=-5", "a"),
        ("-m -5 -m5 a", "--max-time=-5 --max-time=5", "a"),
        ("-qv a", "-q -v", "a"),
        ("-o - @- -", "--output=-", "@- -"),
        ("-sSfLN a", "--quiet", "a"),
        ("-XPOST a", "", "a"),
        ("-X POST -i a", "", "a"),
        ("-sSd [1] a", "--quiet --data=[1]", "a"),
        ("-u me:pw -x http://p -b a=b", "--auth=me:pw --proxy=http://p --header=Cookie:|a=b", ""),
        ("-A me/1 --user-agent=x", "--header=User-Agent:|me/1 --header=User-Agent:|x", ""),
        ("/greet --url http://a", "", "http://a /greet"),
        ("--data-raw [1] --data-binary @f", "--data=[1] --data=@f", ""),
    ],
)
def test_arguments_are_sorted(arguments: str, options: str, words: str) -> None:
    sorted_ = typed(*arguments.split())
    assert sorted_.options == [option.replace("|", " ") for option in options.split()]
    assert sorted_.words == words.split()


def test_behind_two_dashes_all_is_text() -> None:
    assert typed("a", "--", "--json", "-5", "x=1").literals == ["--json", "-5", "x=1"]


@pytest.mark.parametrize("form", ["files=@a b.png", 'files=@"a b.png";type=image/png'])
def test_a_form_is_a_file_to_upload(form: str) -> None:
    for line in (["http://a/upload", "-F", form], ["-F", form, "http://a/upload"]):
        assert typed(*line, command="upload").words == ["http://a/upload", "a b.png"]


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("files=@a.txt;filename=b.txt", "b.txt"),
        ("files=@a.txt;type=text/plain;filename=b.txt", "b.txt"),
        ('files=@a.txt;filename="b;c.txt";type=text/plain', "b;c.txt"),
    ],
)
def test_a_form_names_the_file(form: str, name: str) -> None:
    sorted_ = typed("http://a/upload", "-F", form, command="upload")
    assert (sorted_.words[1:], sorted_.names) == (["a.txt"], {"a.txt": name})


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ("--json {'a':1}", "--json takes no value", "use -d"),
        ("--json={}", "--json takes no value", "use -d '{}'"),
        ("-O", "-O is not an option", "-o ./"),
        ("--download", "--download is not an option", "-o ./"),
        ("-w x", "-w is not an option", "--json"),
        ("-K x", "-K is not an option", "environment"),
        ("--offline", "--offline is not an option", "--curl"),
        ("--place=park", "unknown option --place", "place=park"),
        ("--place park", "unknown option --place", "place=park"),
        ("--version", "unknown option --version", "use gradio-curl --version"),
        ("-V", "unknown option -V", "use gradio-curl -V"),
        ("--max-tme 3", "unknown option --max-tme", "did you mean --max-time?"),
        ("-X DELETE", "-X DELETE", ""),
        ("-F files=@a.png", "-F uploads files only", "NAME@a.png"),
        ("-F name=bob", "-F 'name=bob' does not name a file", "use name=bob"),
        ("--noproxy a.org", "--noproxy is not an option", "NO_PROXY"),
        ("--data-urlencode a=b", "--data-urlencode is not an option", "use NAME=TEXT"),
        ("--data", "--data needs a value", "see gradio-curl call --help"),
        ("--data-raw @secret", "--data-raw takes JSON", ""),
    ],
)
def test_a_mistake_is_answered_with_what_serves(arguments: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as raised:
        typed(*arguments.split())
    (fault,) = raised.value.faults
    assert fault.message.startswith(message)
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([":7860", "/greet", "bob marley"], "gradio-curl call :7860 /greet 'bob marley'"),
        (["-X", "POST", "http://a/call/b"], "gradio-curl call -X POST http://a/call/b"),
        (["-F", "files=@a", "http://a/upload"], "gradio-curl upload -F files=@a http://a/upload"),
        (["-s", "info", ":7860"], "gradio-curl info -s :7860"),
        (["strem", ":7860"], "gradio-curl stream :7860"),
        ([":7860"], "gradio-curl info :7860"),
        (["http://a/call/b"], "gradio-curl call http://a/call/b"),
        (["predict", ":7860"], "gradio-curl call :7860"),
        (["curl", "demo"], "gradio-curl call demo"),
        (["CALL", ":7860", "/greet", "bob"], "gradio-curl call :7860 /greet bob"),
        (["localhost", "/greet", "bob"], "gradio-curl call localhost /greet bob"),
        (["help"], "use gradio-curl --help"),
        (["help", "call"], "use gradio-curl call --help"),
    ],
)
def test_without_a_command_the_error_is_the_line_to_paste(arguments: list[str], line: str) -> None:
    error = line_to_paste(arguments, ["call", "stream", "upload", "info"])
    assert error.faults[0].hint == line


def test_the_table_of_habits_leads_to_our_options() -> None:
    ours = {name for command in ROOT.commands.values() for p in command.params for name in p.opts}
    assert {habit.option for habit in HABITS if habit.option} <= ours
    assert len(BY_NAME) == sum(len(habit.names) for habit in HABITS)
    assert not ours & set(BY_NAME)
