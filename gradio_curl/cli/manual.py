"""The man page, made of what `--help` is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradio_curl import errors

_INTRODUCTION = (
    "gradio-curl calls Gradio apps, on a laptop, a server or Hugging Face Spaces, from the shell: "
    "it asks the app what it expects, checks what was typed, uploads files, queues the job, reads "
    "the events and prints the result. Stdout carries the result alone."
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
        yield from (".TP", f"\\fI{_roff(argument.metavar)}\\fR", _roff(argument.help or ""))
    yield from _options(root)
    yield ".SH EXIT STATUS"
    yield "0 means done, 70 a bug in gradio\\-curl; the others:"
    yield from (".PP", ".nf", *map(_roff, (errors.__doc__ or "").splitlines()[2:]), ".fi")


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
        kind = option.metavar or "|".join(getattr(option.type, "choices", ()))
        value = f" \\fI{_roff(kind)}\\fR" if kind else ""
        told = _roff(option.help or "")
        if 0 < len(having) < everywhere:
            told += f" ({_roff(', '.join(having))})"
        panel = getattr(option, "rich_help_panel", None)
        title = str(panel or ("Of a command" if having else "Of gradio-curl itself"))
        groups.setdefault(title, []).extend((".TP", names + value, told))
    yield ".SH OPTIONS"
    for title, lines in groups.items():
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
