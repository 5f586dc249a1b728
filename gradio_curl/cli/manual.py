"""The man page, made of what `--help` is made of, and the tables that the README has too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from gradio_curl.cli.habits import HABITS
from gradio_curl.cli.help import PANELS, panel_of, value_of
from gradio_curl.errors import EXIT_CODES

# What stands in `` is bold here, and code in the README, which has these tables too.
ITEMS = (
    ("`value`", "the next parameter, by position; positional values come before named ones"),
    (
        "`name=text`",
        "that parameter; the text is converted to the parameter's type. It is never a file name: "
        '`name="$ANYTHING"` cannot read a file',
    ),
    ("`name:=json`", "that parameter as JSON, unconverted; `name:=null` is an explicit null"),
    ("`name:==json`", "the same, for JSON that you did not write: nothing in it stands for a file"),
    (
        "`name@path`",
        "that parameter from a file, or from stdin (`name@-`): the file itself if the parameter "
        "takes files, its table (CSV, TSV, JSON) if it takes a table, else its text without the "
        "last newline or a byte order mark. Repeat it for a list of files",
    ),
    (
        "`name@https://...`",
        "a parameter that takes files: the app fetches the file from there",
    ),
    ("`@path`", "the next parameter from a file, if it takes files; `@-` is stdin, for any one"),
    ("`-- text...`", "all that follows is text, by position, taken literally"),
    (
        "`{}`, `{n}`",
        "in any item but `name:==json`, with `--batch`: a line of the input, and its number from "
        "0; in JSON, only inside a text. `{{}}` is the text `{}`",
    ),
)
SAVED = (
    (
        "`FILE`",
        "the file in the result, or else the picture in a plot, or else the text; the text first "
        "if FILE ends in `.md`, `.txt`, `.json`, `.html`, `.csv` or `.tsv` and no file of the "
        "result does. A table becomes CSV or TSV by that suffix, a picture gets the format that it "
        "names; text under the name of a picture, sound or video is an error (23). Of several "
        "files, the first picture gets a FILE that is named like a picture; else the first file "
        "with the suffix of FILE; else the first. The others go to `FILE-1`, `FILE-2` ... An "
        "existing file is overwritten",
    ),
    (
        "`DIR/`",
        "every file, under the name that the app gives it, made safe; `name-1` if that is taken. "
        "A result without files becomes `result.txt`. In a batch, names begin with the row",
    ),
    (
        "`out/{row:03}-{prompt}.{ext}`",
        "a template: `{row}` (in a batch), `{n}`, `{name}`, `{stem}`, `{ext}` and every parameter"
        ", which comes first",
    ),
    (
        "`-`",
        "the bytes of the file on stdout, and nothing else; an endpoint that returns several files"
        " is refused (2)",
    ),
)
BATCH = (
    (
        "JSON Lines",
        'a list by position or an object of names in each line; `{"@": "path"}` stands for a '
        "file, relative to the batch file",
    ),
    (
        "CSV",
        "a header of names, then a row per line; `name@` is a column of files, `name:=` one of "
        "JSON. An empty cell takes the default. Blank lines and rows of empty cells are skipped, "
        'unless a cell is `""`',
    ),
    (
        "any lines",
        "each line is put where an item has `{}`, as text: it is never read as an item. An empty "
        "line is an empty text; those at the end are skipped",
    ),
)
RESULTS = (
    ("`row`", "the number of the row, from 0"),
    ("`endpoint`", "where it was called"),
    (
        "`input`",
        "what was sent, as it was given: items and `--data`, replaced by the values of the row. A "
        "text from a file stands there itself (by size and SHA-256 if it is long), a file by its "
        "path and size",
    ),
    ("`status`", "`ok` or `error`"),
    ("`data`", "the outputs, if it is ok, or if only saving their files failed"),
    ("`saved`", "the paths of all that `-o` saved"),
    ("`exit_code`, `message`, `title`", "what went wrong, if it is an error"),
)
ENVIRONMENT = (
    (
        "`GRADIO_CURL_AUTH`",
        "as `--auth`, for whichever app asks for a login; `USER:PASSWORD@HOST` for that host only "
        "(a password with an `@` needs it)",
    ),
    ("`GRADIO_CURL_OAUTH_TOKEN`", "as `--oauth-token`"),
    (
        "`HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, `HF_TOKEN_PATH`, `HF_HOME`",
        "the Hugging Face token, the file that it is in, the folder of that file",
    ),
    ("`HF_HUB_DISABLE_IMPLICIT_TOKEN`", "do not send the saved token"),
    ("`HF_ENDPOINT`", "another Hub than `https://huggingface.co`"),
    ("`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`", "proxies, as for curl"),
    ("`SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`", "as `--cacert`"),
    (
        "`NETRC`",
        "the file with logins by host (default `~/.netrc`); one that can't be parsed is an error",
    ),
    ("`NO_COLOR`", "print no colors"),
    ("`PAGER`", "shows an info page that is taller than the terminal (default `less`)"),
    (
        "`XDG_CACHE_HOME`",
        "where the cache folder `gradio-curl` is (default `~/.cache`; on macOS `~/Library/Caches`)",
    ),
)
_INTRODUCTION = (
    "gradio-curl calls Gradio apps from the shell: on a laptop, on a server or on Hugging Face "
    "Spaces. It asks the app what it expects, checks what was typed, uploads files, queues the "
    "job, follows its events and prints the result. Only the result goes to stdout."
)
_ITEM_NOTE = (
    'Names are those that info shows, or the labels. Inside JSON, an object `{"@": "path"}` stands '
    "for a file."
)
_AT_FILE = (
    "Where an option takes `@FILE`, its value is the first line of that file (for `--header`, each "
    "line is a header); `@-` reads it from stdin. This keeps secrets out of the process list; "
    "a `--curl` script passes its variables to curl as arguments, which are in it."
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
    yield from _section("ITEMS", ITEMS)
    yield from (".PP", _roff(_ITEM_NOTE))
    yield from _section("BATCH FORMAT", BATCH)
    yield from (".PP", "Each result is a JSON object in a line:")
    yield from _entries(RESULTS)
    yield from _options(root)
    yield from (".SH OPTIONS OF CURL", "For pasted recipes and habits; not in \\-\\-help.")
    for habit in HABITS:
        names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in habit.names)
        value = f" \\fI{_roff(habit.metavar)}\\fR" if habit.metavar else ""
        yield from _entry(names + value, habit.told)
    yield from _section("SAVED FILES", SAVED)
    yield from _section("ENVIRONMENT", ENVIRONMENT)
    yield from _section("EXIT STATUS", EXIT_CODES)


def _section(title: str, table: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f".SH {title}"
    yield from _entries(table)


def _entries(table: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, meaning in table:
        yield from _entry(f"\\fB{_roff(name.replace('`', ''))}\\fR", meaning)


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
    text = re.sub("`([^`]+)`", r"\\fB\1\\fR", text)
    return f"\\&{text}" if text.startswith((".", "'")) else text
