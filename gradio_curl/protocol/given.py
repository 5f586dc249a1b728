"""What is said about one parameter: text, JSON and files, each checked, and the value they make."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gradio_curl.errors import Fault
from gradio_curl.protocol import files, values
from gradio_curl.protocol.example_values import example_of, items_of, own_example
from gradio_curl.protocol.schema import Kind, Parameter
from gradio_curl.protocol.shell import printable_json, quoted
from gradio_curl.protocol.values import Misfit, parse_json

_LONGEST_PATH = 200


class Given:
    """What was said about `parameter`, called `name` there; nothing yet where all was wrong.

    Every `add` raises Misfit where what it is given does not fit.
    """

    def __init__(self, parameter: Parameter, name: str, from_data: bool = False) -> None:
        self.parameter = parameter
        self.from_data = from_data
        self._name = name
        self._values: list[Any] = []
        self._files: list[Any] = []
        self._surplus = 0  # files that are too many

    @property
    def parts(self) -> list[Any]:
        """All that was given, for who looks for local files in it."""
        return [self._values, self._files]

    def add_text(self, text: str) -> None:
        """Add text, turned into the parameter's type."""
        parameter = self.parameter
        if not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text):
            # How Python carries bytes of an argument that are not UTF-8.
            raise Misfit(f"{self._name}: the text is not valid UTF-8")
        if values.takes_items(parameter, text):
            self._add_item(self._fitted(values.item_from_text, text))
        elif parameter.shape == "multimodal":
            self._add(text)
        else:
            self._add(self._fitted(values.from_text, text))

    def add_text_of_file(self, text: str) -> None:
        """Add the text of a file, without its final newline, as `$(…)` gives it, and without the
        byte order mark that some editors put first."""
        text = text.removeprefix("\ufeff")
        if self.parameter.kind == "table":
            self._add(self._fitted(values.table_from_text, text))
        else:
            text = text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")
            self.add_text(text)

    def add_json(self, text: str) -> None:
        """Add JSON; where it begins with another `=`, nothing in it stands for a file."""
        what = f"{self._name}:="
        hint = ""
        if text.startswith("@"):
            hint = f"use {quoted(f'{self._name}{text}')}"
        elif "{n}" in text:
            hint = f"{{n}} is filled inside a text only: use {quoted(self._name + '={n}')}"
        elif self.parameter.kind in ("string", "choices"):
            hint = f"for a text, use {quoted(f'{self._name}={text}')}"
        if text.startswith("="):
            self._add(self._fitted(_fitting, parse_json(text[1:], what)))
        else:
            self.add_value(parse_json(text, what, hint))

    def add_value(self, value: Any) -> None:
        """Add a value of JSON, with the files that it refers to."""
        self._add(self._fitted(_fitting, files.with_local_files(value)))

    def add_file(self, path: str) -> None:
        """Add a file, by its path or URL."""
        shape = self.parameter.shape
        if self._values and shape != "multimodal":
            raise self._twice()
        limit = files.max_files(shape) if shape else 0
        if limit is not None and len(self._files) >= limit:
            self._surplus += 1
        else:
            self._files.append(files.referred(path))

    def named_file(self, path: str, raw: str) -> Misfit:
        """The fault of `raw`, `@path` by position: no file is taken, but the file is there."""
        hint = f"use {quoted(f'{self._name}@{path}')}"
        if self.parameter.kind == "string":
            as_text = quoted(f"{self._name}={raw}")
            hint = f"{hint} to send what is in the file, {as_text} to send its name"
        return Misfit(
            f"{self._name}: {raw!r} is an existing path, but the parameter takes no file", hint
        )

    def surplus(self) -> Fault | None:
        """The fault of too many files."""
        if not self._surplus:
            return None
        limit, count = len(self._files), len(self._files) + self._surplus
        message = f"{self._name} takes {limit} file{'s'[: limit > 1]}, {count} given"
        return Fault(message, batch_hint(self._name) if limit == 1 else "")

    def value(self) -> Any:
        """The value for the payload, None where all that was said was wrong. Raises Misfit."""
        shape = self.parameter.shape
        if self._files and shape is not None:
            if shape == "pair" and len(self._files) == 1:
                name = quoted(self._name)
                hint = f"give {name}@FILE {name}@FILE"
                raise Misfit(f"{self._name} takes 2 files, 1 given", hint)
            return files.shaped(shape, self._files, self._values[0] if self._values else None)
        if not self._values:
            return None
        value = self._values[0]
        if shape == "multimodal" and isinstance(value, str):
            return files.shaped("multimodal", [], value)
        return value

    def _add(self, value: Any) -> None:
        if self._values or (self._files and self.parameter.shape != "multimodal"):
            raise self._twice()
        self._values.append(value)

    def _add_item(self, value: Any) -> None:
        if not self._values:
            self._values.append([])
        if not isinstance(self._values[0], list):
            raise self._twice()
        self._values[0].append(value)

    def _twice(self) -> Misfit:
        return Misfit(f"{self._name}: given twice")

    def _fitted(self, fit: Callable[[Parameter, Any], Any], value: Any) -> Any:
        """What `fit` makes of a value; in what it raises, the parameter is named."""
        try:
            return fit(self.parameter, value)
        except Misfit as misfit:
            message, hint, _ = misfit.fault
            hint = self._remedy(fit, value, hint) or hint
            raise Misfit(f"{self._name}{misfit.part}: {message}", hint) from misfit

    def _remedy(self, fit: Callable[[Parameter, Any], Any], value: Any, hint: str) -> str:
        """What to type instead of a value that does not fit; empty where `hint` says it all."""
        name, parameter = self._name, self.parameter
        match parameter.kind:
            case "file":
                return f"use {_file_item(name, value)}"
            case "table" if fit is values.table_from_text:
                return hint.replace("a CSV file with @FILE", "CSV")
            case "table" if fit is values.from_text and value:
                path = "FILE" if "@" in value[1:] else _path(value)
                return f"for a table in a file, use {quoted(f'{name}@{path}')}"
            case "json" | "object" if hint:
                return f"give JSON, such as {self._example()}"
            case "number" | "integer" | "boolean" if _means_null(value):
                return f"for null, use {quoted(f'{name}:=null')}"
            case "choices" if value == "":
                return f"for an empty list, use {quoted(f'{name}:=[]')}"
            case "choices" | "list" if isinstance(value, str) and (parts := self._items_in(value)):
                return f"use {' '.join(quoted(f'{name}={part}') for part in parts)}"
        if parameter.component.lower() == "chatbot":
            example = own_example(parameter)
            return f"this app takes {quoted(f'{name}:={printable_json(example)}')}" * bool(example)
        if parameter.kind in ("list", "array") and isinstance(value, str):
            return f"give a list as JSON, such as {self._example()}"
        return ""

    def _example(self) -> str:
        """Items that give the parameter JSON that fits: the app's own example, or a usual one."""
        parameter = self.parameter._replace(name=self._name)
        usual, own = _USUAL.get(parameter.item or parameter.kind), own_example(parameter)
        is_list = parameter.kind == "list"
        # A shorter list would not show how several are given.
        if usual is not None and (own is None or (is_list and len(own) < 2)):
            with suppress(Misfit):
                return quoted(f"{self._name}:={printable_json(values.check(parameter, usual))}")
        example = example_of(parameter)
        if is_list:
            return quoted(f"{self._name}:={printable_json(example)}")
        return " ".join(map(quoted, items_of(parameter, example)))

    def _items_in(self, text: str) -> list[str]:
        """The items that a text such as `a,b` lists; none where it is not such a list."""
        parts = [part.strip() for part in text.split(",")]
        if not all(values.takes_items(self.parameter, part) for part in parts):
            return []  # broken JSON
        try:
            for part in parts:
                values.item_from_text(self.parameter, part)
        except Misfit:
            return []
        return parts


# What JSON looks like, for a parameter of this kind or a list of it, if that fits.
_USUAL: dict[Kind, Any] = {
    "array": [1, 2],
    "boolean": [True, False],
    "integer": [1, 2],
    "json": {"key": 1},
    "number": [1, 2],
    "string": ["a", "b"],
}


def _file_item(name: str, value: Any) -> str:
    """The item, for the shell, that gives the file meant by `value`: a path, or the payloads that
    `upload` prints."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        with suppress(ValueError, RecursionError):
            payloads = json.loads(value)
            if all(map(files.is_payload, payloads if isinstance(payloads, list) else [payloads])):
                return quoted(f"{name}:={value}")
    return quoted(f"{name}@{_path(value)}")


def _path(value: Any) -> str:
    """What was typed, where it may be the path that was meant."""
    path = value.removeprefix("@") if isinstance(value, str) else ""
    return path if 0 < len(path) <= _LONGEST_PATH else "FILE"


def batch_hint(name: str) -> str:
    """How many files go to a parameter that takes one, a call for each."""
    item = quoted(f"{name}@{{}}")
    command = f"gradio-curl call APP ENDPOINT {item} --batch -"
    return f"for a call per file: printf '%s\\n' FILE... | {command}"


def _fitting(parameter: Parameter, value: Any) -> Any:
    """A value that fits `parameter`. Bare files get the shape that the component wants."""
    if parameter.shape == "multimodal" and isinstance(value, str):
        return files.shaped(parameter.shape, [], value)
    if parameter.kind == "table":
        return values.table(parameter, value)
    if parameter.shape is not None:
        bare = value if isinstance(value, list) else [value]
        if bare and all(files.is_local(part) or files.is_payload(part) for part in bare):
            if parameter.shape == "pair" and len(bare) != 2:
                raise Misfit(f"2 files are expected, {len(bare)} given")
            return files.shaped(parameter.shape, bare)
    return values.check(parameter, value)


def _means_null(value: Any) -> bool:
    """Whether a value is surely meant as null: it is empty, or a word for it in JSON or Python."""
    return isinstance(value, str) and value.strip().lower() in ("", "null", "none")


def how_to_give(parameter: Parameter, piped: bool) -> str:
    """What to type for a parameter that is missing; `piped` where stdin has data."""
    name = quoted(parameter.name)
    if parameter.shape == "multimodal":
        return f"give {name}=TEXT, {name}@FILE or both"
    if parameter.shape == "pair":
        return f"give {name}@FILE {name}@FILE"
    if parameter.shape is not None or parameter.kind == "table":
        return f"give {name}@FILE"
    if parameter.kind == "list":
        return f"give {name}={(parameter.item or 'value').upper()}, once for each item"
    if piped and parameter.kind == "string":
        return f"give {name}@- for the text from stdin, or {name}=TEXT"
    choices = values.listed(parameter.choices)
    return f"give {name}={choices or parameter.kind.upper()}"
