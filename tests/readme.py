"""Parts of README and PERFORMANCE, each made from where its facts stand: `python -m tests.readme`.

A part stands between `<!-- made: NAME -->` and `<!-- end -->`. A test compares them.
"""

import ast
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from gradio_curl.cli import manual
from gradio_curl.cli.habits import HABITS
from gradio_curl.errors import EXIT_CODES

ROOT = Path(__file__).parents[1]
MADE = (ROOT / "README.md", ROOT / ".github" / "PERFORMANCE.md")
# What `python -m tests.benchmarks --json .github/performance.json` measured.
FIGURES = ROOT / ".github" / "performance.json"
# The cases that stand in the README: what a user does, and waits for.
USUAL = (
    "call", "call-peers", "large-events", "small-events", "upload", "download", "batch", "resume",
    "http-100", "https-100", "far-upload", "far-download",
)  # fmt: skip
PACKAGE = ROOT / "gradio_curl"
FLOORS = {
    "cli": "what is typed",
    "client": "the I/O",
    "render": "what is read",
    "protocol": "what Gradio says; pure: no socket, clock, terminal or file",
}
_MADE = re.compile(r"(<!-- made: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def exit_codes() -> str:
    """The table of exit codes."""
    rows = [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES]
    return "\n".join(["| exit code | means |", "| --- | --- |", *rows])


def curl_options() -> str:
    """The table of curl's options: those that run, then those that are answered with a hint."""
    rows = ["| option | here |", "| --- | --- |"]
    for habit in HABITS:
        names = ", ".join(f"`{name}`" for name in habit.names)
        rows.append(f"| {names} | {habit.told} |")
    return "\n".join(rows)


def table(first: str, rows: Iterable[tuple[str, str]]) -> str:
    """A table of the man page."""
    lines = [f"| {name} | {meaning} |".replace("...", "…") for name, meaning in rows]
    return "\n".join([f"| {first} | means |", "| --- | --- |", *lines])


def house() -> str:
    """Every room with the sentence that it begins with, a floor after the other."""
    lines = ["```text", "gradio_curl/"]
    for file in sorted(PACKAGE.glob("*.py")):
        lines += _room(file, "  ")
    for floor, what in FLOORS.items():
        lines.append(f"  {floor + '/':24}{what}")
        for file in sorted((PACKAGE / floor).glob("*.py")):
            lines += _room(file, "    ")
    return "\n".join([*lines, "```"])


def _room(file: Path, indent: str) -> list[str]:
    if file.name == "__init__.py":
        return []
    sentence = (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n")[0]
    return [f"{indent + file.name:26}{sentence.rstrip('.')}"]


def performance_table(run: Mapping[str, Any]) -> str:
    """What the benchmarks measured of usual cases, and where."""
    loads = [case["load"] for case in run["cases"].values()]
    lines = [
        f"Measured on {run['system']} with {run['processors']} processors, at a load of "
        f"{min(loads):g} to {max(loads):g}, with Python {run['python']}, Gradio {run['gradio']}, "
        f"{', '.join(run['peers'])}. Medians and peak memory; each line of one run.",
        "",
        "| case | gradio-curl | others |",
        "| --- | --- | --- |",
    ]
    for case in (run["cases"][name] for name in USUAL if name in run["cases"]):
        ours = [result for result in case["results"] if result["is_ours"]]
        others = [result for result in case["results"] if not result["is_ours"]]
        told = [_title(case), *("; ".join(map(_measured, part)) for part in (ours, others))]
        lines.append(f"| {' | '.join(told)} |")
    return "\n".join(lines)


def goals_table(run: Mapping[str, Any]) -> str:
    """The goals of all cases, and what they came to. Those that were missed are in bold."""
    lines = ["| case | measured | goal |", "| --- | --- | --- |"]
    for name, case in run["cases"].items():
        for goal in case["goals"]:
            measured = f"{goal['text']}: {_number(goal['measured'], 3)}"
            told = measured if goal["met"] else f"**{measured}**"
            least = "at least" if goal["at_least"] else "at most"
            lines.append(f"| `{name}` | {told} | {least} {goal['limit']:g} |")
    return "\n".join(lines)


def _of_benchmarks(table_of: Callable[[Mapping[str, Any]], str]) -> str | None:
    """A table of the benchmarks, where their figures are kept."""
    return table_of(json.loads(FIGURES.read_text())) if FIGURES.exists() else None


def _title(case: Mapping[str, Any]) -> str:
    return str(case["title"]).rstrip(".") + (" (short)" if case["quick"] else "")


def _measured(result: dict[str, Any]) -> str:
    """One contestant's median, memory and way over the line."""
    name = result["contestant"].removeprefix("gradio-curl").removeprefix(", ")
    if result["median"] is None:
        return f"{name} failed".lstrip()
    said = [f"{_number(result['median'])} {result['unit']}"]
    if result["peak_bytes"] is not None:
        said.append(f"{result['peak_bytes'] / 1e6:.0f} MB")
    if result["round_trips"] is not None:
        said.append(f"{result['round_trips']:g} round trips")
    return f"{name} {', '.join(said)}".lstrip()


def _number(value: float | None, digits: int = 2) -> str:
    if value is None:
        return "?"
    return f"{value:,.0f}" if value >= 100 else f"{value:.{digits}g}"


# A part that gives None stays as it is.
PARTS: Mapping[str, Callable[[], str | None]] = {
    "exit codes": exit_codes,
    "curl options": curl_options,
    "house": house,
    "performance": lambda: _of_benchmarks(performance_table),
    "goals": lambda: _of_benchmarks(goals_table),
    "items": lambda: table("item", manual.ITEMS),
    "saved files": lambda: table("`-o`", manual.SAVED),
    "batch": lambda: table("input", manual.BATCH),
    "results": lambda: table("field", manual.RESULTS),
    "environment": lambda: table("variable", manual.ENVIRONMENT),
}


def filled(text: str) -> str:
    """The text of a file with every made part made anew."""

    def made(match: re.Match[str]) -> str:
        part = PARTS[match[2]]()
        return match[0] if part is None else f"{match[1]}{part}\n{match[3]}"

    return _MADE.sub(made, text)


if __name__ == "__main__":
    for file in MADE:
        file.write_text(filled(file.read_text()))
