"""How the package speaks: the usual forms of technical English, in every string."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import gradio_curl

PACKAGE = Path(gradio_curl.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
# "is not a number", not "is no number".
ODD = re.compile(r"\b(?:is|are|has|have|that) no (?!longer\b|such\b)[A-Za-z]\w*")


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string in the code, docstrings too, with its line; what is filled in is `{}`."""
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pieces = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield node.lineno, "".join(map(str, pieces))
        elif isinstance(node, ast.Constant) and id(node) not in parts:
            yield getattr(node, "lineno", 0), str(node.value)


def test_strings_say_what_is_not_in_the_usual_form() -> None:
    odd = [
        f"{file}:{line}: {found[0]}"
        for file in FILES
        for line, text in strings(ast.parse(file.read_text(encoding="utf-8")))
        if (found := ODD.search(" ".join(text.split())))
    ]
    assert odd == []
