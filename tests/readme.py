"""The README's made parts, each from the one place where its facts stand: `python -m tests.readme`.

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
README = ROOT / "README.md"
# What `python -m tests.benchmarks --json .github/performance.json` measured.
FIGURES = ROOT / ".github" / "performance.json"
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


def performance() -> str | None:
    """The table of the benchmarks, where their figures are kept."""
    return performance_table(json.loads(FIGURES.read_text())) if FIGURES.exists() else None


def performance_table(run: Mapping[str, Any]) -> str:
    """What the benchmarks measured, and where. Goals that were missed are in bold."""
    loads = [case["load"] for case in run["cases"].values()]
    lines = [
        f"Measured on {run['system']} with {run['processors']} processors, at a load of "
        f"{min(loads):g} to {max(loads):g}, with Python {run['python']}, Gradio {run['gradio']}, "
        f"{', '.join(run['peers'])}. Medians; each line of one run, a short one where it says so.",
        "",
        "| case | gradio-curl | others | goals |",
        "| --- | --- | --- | --- |",
    ]
    for case in run["cases"].values():
        ours = [result for result in case["results"] if result["is_ours"]]
        others = [result for result in case["results"] if not result["is_ours"]]
        cells = [
            case["title"].rstrip(".") + (" (short)" if case["quick"] else ""),
            "; ".join(_measured(r, case["ours"]) for r in ours),
            "; ".join(_measured(r) for r in others),
            "; ".join(_goal(g) for g in case["goals"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _measured(result: dict[str, Any], unnamed: str = "") -> str:
    """One contestant's median, memory and way over the line."""
    name = result["contestant"].removeprefix("gradio-curl, ")
    if result["median"] is None:
        return f"{name} failed"
    said = [f"{_number(result['median'])} {result['unit']}"]
    if result["peak_bytes"] is not None:
        said.append(f"{result['peak_bytes'] / 1e6:.0f} MB")
    if result["round_trips"] is not None:
        said.append(f"{result['round_trips']:g} round trips")
    text = ", ".join(said)
    return text if result["contestant"] == unnamed else f"{name} {text}"


def _goal(goal: dict[str, Any]) -> str:
    least = "at least" if goal["at_least"] else "at most"
    text = f"{goal['text']} {_number(goal['measured'])} ({least} {goal['limit']:g})"
    return text if goal["met"] else f"**{text}**"


def _number(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


# A part that gives None stays as it is.
PARTS: Mapping[str, Callable[[], str | None]] = {
    "exit codes": exit_codes,
    "curl options": curl_options,
    "house": house,
    "performance": performance,
    "items": lambda: table("item", manual.ITEMS),
    "saved files": lambda: table("`-o`", manual.SAVED),
    "batch": lambda: table("input", manual.BATCH),
    "results": lambda: table("field", manual.RESULTS),
    "environment": lambda: table("variable", manual.ENVIRONMENT),
}


def filled(text: str) -> str:
    """The README with every made part made anew."""

    def made(match: re.Match[str]) -> str:
        part = PARTS[match[2]]()
        return match[0] if part is None else f"{match[1]}{part}\n{match[3]}"

    return _MADE.sub(made, text)


if __name__ == "__main__":
    README.write_text(filled(README.read_text()))
