"""The man page, made of what `--help` is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gradio_curl.cli.habits import HABITS
from gradio_curl.cli.help import PANELS, panel_of, value_of
from gradio_curl.errors import EXIT_CODES

_INTRODUCTION = (
    "gradio-curl calls Gradio apps, on a laptop, a server or Hugging Face Spaces, from the shell: "
    "it asks the app what it expects, checks what was typed, uploads files, queues the job, reads "
    "the events and prints the result. Stdout carries the result alone."
)
_ITEMS = (
    ("value", "The next parameter, by position."),
    ("name=text", "That parameter; the text is converted to its type, and is never a file name."),
    ("name:=json", "That parameter, as JSON. name:=null is an explicit null."),
    ("name:==json", "The same, for JSON from elsewhere: nothing in it refers to a file."),
    (
        "name@path",
        "That parameter, from a file, stdin (-) or a URL: uploaded where it takes a file, a table "
        "where it takes one, else as text. Repeat it for a list of files.",
    ),
    ("@path", "The next parameter, from a file; @- is stdin."),
    ("-- text", "Positional text, taken literally."),
    ("{}, {n}", "In any of them, with --batch: the line of the input, and its number from 0."),
    ("{{}}", "The text {} itself."),
)
_ITEM_NOTE = (
    'Names are those that info shows; labels work too. In JSON an object {"@": "path"} stands '
    "for a file."
)
_BATCH = (
    (
        "JSON Lines",
        'A row per line: a list by position, or an object of names, in which {"@": "path"} '
        "stands for a file.",
    ),
    (
        "CSV",
        "A header of names, then a row per line. The column of a file is called name@, the column "
        "of JSON name:=.",
    ),
    ("lines", "Where an item has {} or {n} in it, each line of the input fills it, as text."),
    (
        "results",
        "A JSON object per row: row (from 0), input, status (ok or error); then data, or "
        "exit_code and message.",
    ),
)
_AT_FILE = (
    "In place of a value, @FILE stands for the first line of that file (of --header: a header per "
    "line), and @- for that of stdin. So a secret stays out of the list of processes."
)
_SAVED = (
    ("FILE", "The file in the result; else the picture in a plot; else the result as text."),
    (
        "DIR/",
        "Every file, under the name that the app gives it, made safe. A name that is taken "
        "becomes name-1. With --batch each name begins with the number of its row.",
    ),
    (
        "template",
        "A path such as out/{row:03}-{prompt}.{ext}: {row} (in a batch), {n}, {name}, {stem}, "
        "{ext} and every parameter.",
    ),
    ("-", "Stdout."),
)
_ENVIRONMENT = (
    (
        "GRADIO_CURL_AUTH",
        "USER[:PASSWORD] for an app that asks for a login; USER:PASSWORD@HOST for that host only.",
    ),
    ("GRADIO_CURL_OAUTH_TOKEN", "As for --oauth-token."),
    (
        "HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH, HF_HOME",
        "The Hugging Face token, the file that it is in, the folder of that file.",
    ),
    ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "Do not send the saved token."),
    ("HF_ENDPOINT", "The Hub where Spaces are looked up."),
    ("HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY", "Proxies, as for curl."),
    ("SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE", "The CA bundle, as for --cacert."),
    ("NETRC", "The file with logins by host (~/.netrc)."),
    ("NO_COLOR", "Print no colors."),
    ("PAGER", "Shows an info page that is taller than the terminal (less)."),
    ("XDG_CACHE_HOME", "The folder of the cache (~/.cache)."),
)


def page(root: Any) -> str:
    """The page in roff, for the command tree that Typer builds."""
    return "\n".join(_lines(root)) + "\n"


def _lines(root: Any) -> Iterator[str]:
    commands = root.commands
    yield '.\\" Made by: gradio-curl --manual'
    yield '.TH GRADIO\\-CURL 1 "" "gradio\\-curl" "User Commands"'
    yield from (".SH NAME", f"gradio\\-curl \\- {_roff(_first(root.help))}", ".SH SYNOPSIS", ".nf")
    for name, command in commands.items():
        metavars = " ".join(p.metavar for p in command.params if p.param_type_name == "argument")
        yield _roff(f"gradio-curl {name} [OPTION]... {metavars}")
    yield from (".fi", ".SH DESCRIPTION", _roff(_INTRODUCTION), ".SH EXAMPLES")
    for command in (root, *commands.values()):
        yield from (".nf", *map(_roff, _examples(command)), ".fi", ".PP")
    yield ".SH COMMANDS"
    for name, command in commands.items():
        yield from (".TP", f"\\fB{_roff(name)}\\fR", _roff(_first(command.help)))
    yield ".SH ARGUMENTS"
    for argument in _distinct(commands.values(), "argument"):
        yield from _entry(f"\\fI{_roff(argument.metavar)}\\fR", argument.help or "")
    yield from _section("ITEMS", _ITEMS)
    yield from (".PP", _roff(_ITEM_NOTE))
    yield from _section("BATCH FORMAT", _BATCH)
    yield from _options(root)
    yield from (".SH OPTIONS OF CURL", "Typed by habit, or in a pasted recipe.")
    for habit in HABITS:
        names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in habit.names)
        value = f" \\fI{_roff(habit.metavar)}\\fR" if habit.metavar else ""
        yield from _entry(names + value, habit.told)
    yield from _section("SAVED FILES", _SAVED)
    yield from _section("ENVIRONMENT", _ENVIRONMENT)
    yield from _section("EXIT STATUS", EXIT_CODES)


def _section(title: str, table: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f".SH {title}"
    for name, meaning in table:
        yield from _entry(f"\\fB{_roff(name)}\\fR", meaning)


def _entry(term: str, text: str) -> tuple[str, str, str]:
    """A paragraph with a term before it; `term` is roff already."""
    return ".TP", term, _roff(text)


def _options(root: Any) -> Iterator[str]:
    """Every option once, in the groups of `--help`, with the commands that have it."""
    everywhere = len(root.commands)
    groups: dict[str, list[str]] = {}
    for option in [*root.params, *_distinct(root.commands.values(), "option")]:
        having = [
            name
            for name, command in root.commands.items()
            if any(p.name == option.name and p.opts == option.opts for p in command.params)
        ]
        names = ", ".join(
            f"\\fB{_roff(name)}\\fR" for name in [*option.opts, *option.secondary_opts]
        )
        kind = value_of(option)
        value = f" \\fI{_roff(kind)}\\fR" if kind else ""
        told = _roff(option.help or "")
        if 0 < len(having) < everywhere:
            told += f" ({_roff(', '.join(having))})"
        groups.setdefault(panel_of(option), []).extend((".TP", names + value, told))
    yield from (".SH OPTIONS", _roff(_AT_FILE))
    for title, lines in sorted(groups.items(), key=lambda group: PANELS.index(group[0])):
        yield from (f".SS {_roff(title)}", *lines)


def _distinct(commands: Any, kind: str) -> list[Any]:
    found: dict[Any, Any] = {}
    for command in commands:
        for parameter in command.params:
            if parameter.param_type_name == kind:
                found.setdefault((parameter.name, parameter.metavar), parameter)
    return list(found.values())


def _first(help_text: str) -> str:
    return help_text.partition("\n\n")[0].replace("\n", " ")


def _examples(command: Any) -> list[str]:
    return [line.strip() for line in (command.help or "").partition("\b")[2].strip().splitlines()]


def _roff(text: str) -> str:
    """Text as roff: nothing in it is a request, and hyphens can be copied."""
    text = " ".join(text.split("\n")).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text
