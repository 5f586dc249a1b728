"""`--help`: the same lines in a pipe and on a terminal, there with bold headings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

PANELS = ("Arguments", "Commands", "Call", "Output", "Batch", "Jobs", "Login", "Network", "Options")
_NAMES = 28  # columns of the names where there is room
_NARROW = 60


def help_page(path: str, command: Any, width: int, bold: bool) -> str:
    """The help of `command`, typed as `path`, in lines of at most `width` columns if possible."""
    return "\n".join(_lines(path, command, width, bold)) + "\n"


def _lines(path: str, command: Any, width: int, bold: bool) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join(p.metavar for p in arguments) or "COMMAND ..."
    yield from textwrap.wrap(f"Usage: {path} [OPTIONS] {usage}", width, subsequent_indent="  ")
    about, _, examples = (command.help or "").partition("\b")
    yield from textwrap.wrap(" ".join(about.split()), width)
    yield from (f"  {line.strip()}" for line in examples.strip().splitlines())
    panels: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.params:
        panels.setdefault(panel_of(parameter), []).append(_entry(parameter))
    for name, child in getattr(command, "commands", {}).items():
        panels.setdefault("Commands", []).append((name, child.help.partition("\n")[0]))
    yield ""
    for panel in sorted(panels, key=PANELS.index):
        yield f"\x1b[1m{panel}:\x1b[0m" if bold else f"{panel}:"
        for names, told in panels[panel]:
            yield from _item(names, told, width)


def panel_of(parameter: Any) -> str:
    """The group of the help that a parameter stands in."""
    if parameter.param_type_name == "argument":
        return "Arguments"
    return str(getattr(parameter, "rich_help_panel", None) or "Options")


def _entry(parameter: Any) -> tuple[str, str]:
    if parameter.param_type_name == "argument":
        return parameter.metavar, parameter.help or ""
    names = sorted([*parameter.opts, *parameter.secondary_opts], key=len)
    return f"{', '.join(names)} {value_of(parameter)}".rstrip(), parameter.help or ""


def value_of(option: Any) -> str:
    """What stands for the value of an option; empty for a flag."""
    return str(option.metavar or "|".join(map(str, getattr(option.type, "choices", ()))))


def _item(names: str, told: str, width: int) -> Iterator[str]:
    column = _NAMES if width >= _NARROW else 6
    first = f"  {names}"
    lines = textwrap.wrap(told, max(width - column, 20))
    if len(first) < column and lines:
        yield first.ljust(column) + lines.pop(0)
    else:
        yield first
    yield from (" " * column + line for line in lines)
