"""The README's made parts, each from the one place where its facts stand: `python -m tests.readme`.

A part stands between `<!-- made: NAME -->` and `<!-- end -->`. A test compares them.
"""

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from gradio_curl.cli import manual
from gradio_curl.cli.habits import HABITS
from gradio_curl.errors import EXIT_CODES

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
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


PARTS: Mapping[str, Callable[[], str]] = {
    "exit codes": exit_codes,
    "curl options": curl_options,
    "house": house,
    "items": lambda: table("item", manual.ITEMS),
    "saved files": lambda: table("`-o`", manual.SAVED),
    "batch": lambda: table("input", manual.BATCH),
    "results": lambda: table("field", manual.RESULTS),
    "environment": lambda: table("variable", manual.ENVIRONMENT),
}


def filled(text: str) -> str:
    """The README with every made part made anew."""
    return _MADE.sub(lambda match: f"{match[1]}{PARTS[match[2]]()}\n{match[3]}", text)


if __name__ == "__main__":
    README.write_text(filled(README.read_text()))
