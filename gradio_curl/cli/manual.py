"""The man page, made of what `--help` is made of."""

from __future__ import annotations

from collections.abc import Iterator
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
    ("name=text", "That parameter; the text is turned into its type, and is never a file name."),
    ("name:=json", "That parameter, as JSON. name:=null is an explicit null."),
    ("name@path", "From a file, stdin (-) or a URL; repeat it where a list of files is taken."),
    ("@path", "The next parameter from a file; @- is stdin."),
    ("-- text", "Positional text, taken literally."),
)
_BATCH = (
    ("JSON Lines", "A row per line: a list by position, or an object of names."),
    ("CSV", "A header of names, then a row per line. Files are written name@ in the header."),
    ("results", "A JSON object per line: row (from 1), status (ok or error), data or message."),
)
_SAVED_NAMES = (
    "With -o DIR/ each file keeps the name that the app gives it, made safe. A name that is taken "
    "becomes name-1, name-2 and so on; in a batch the number of the row comes before it."
)
_ENVIRONMENT = (
    ("GRADIO_CURL_AUTH", "USER[:PASSWORD], as for --auth."),
    ("HF_TOKEN", "The token for Hugging Face; else the one that its tools saved."),
    ("HF_ENDPOINT", "The Hub to look Spaces up at."),
    ("HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY", "Proxies, as for curl."),
    ("SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE", "The CA bundle, as for --cacert."),
    ("NO_COLOR", "Set: no colors."),
    ("PAGER", "Shows an info page that is taller than the terminal (less)."),
    ("XDG_CACHE_HOME", "Where the cache of schemas is kept (~/.cache)."),
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
    for title, table in (("ITEMS", _ITEMS), ("BATCH FORMAT", _BATCH)):
        yield f".SH {title}"
        for name, meaning in table:
            yield from _entry(f"\\fB{_roff(name)}\\fR", meaning)
    yield from _options(root)
    yield from (".SH OPTIONS OF CURL", "Typed by habit, or in a pasted recipe.")
    for habit in HABITS:
        names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in habit.names)
        value = f" \\fI{_roff(habit.metavar)}\\fR" if habit.metavar else ""
        yield from _entry(names + value, habit.told)
    yield from (".SH FILES", _roff(_SAVED_NAMES), ".SH ENVIRONMENT")
    for name, meaning in _ENVIRONMENT:
        yield from _entry(f"\\fB{_roff(name)}\\fR", meaning)
    yield ".SH EXIT STATUS"
    for code, meaning in EXIT_CODES:
        yield from _entry(f"\\fB{code}\\fR", meaning)


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
    yield ".SH OPTIONS"
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
