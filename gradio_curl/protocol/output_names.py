"""Templates of `--output`: `out/{row:03}-{prompt}.{ext}`."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol.files import Local, is_payload, no_option, safe_text, shortened

OWN_FIELDS = ("n", "name", "stem", "ext")
"""What every template may use: the number of the file in its result, its name, and the two parts
of that. In a batch there is `row` too. A parameter that has one of these names comes first."""

ROW = "row"
_SUFFIX = "."  # the file's own, which takes its dot along where there is none

# A brace, or a field with the dot before it and its width, or what is meant as one and is none.
_PART = re.compile(r"\{\{|\}\}|(\.?)\{([^{}:/]+)(?::0?(\d{1,2}))?\}|(\{[^{}/]*\}?)")


class Template:
    """A path with fields in braces; `{{` and `}}` stand for braces.

    `fields` are the names it uses: none, and it is the plain path `text`. Raises InputError where
    a brace begins no field.
    """

    def __init__(self, text: str) -> None:
        parts = [*_PART.finditer(text)]
        if wrong := next((part[4] for part in parts if part[4]), None):
            hint = "a field is {name} or {name:03}; for a brace, write {{"
            raise InputError(Fault(f"--output {text!r}: {wrong} is not a field", hint))
        self.fields = tuple(part[2] for part in parts if part[2])
        self._text = text
        self.text = self._filled(text, {}) if not self.fields and "{{" in text else text

    def check(self, parameters: Iterable[str]) -> None:
        """Raise InputError where a field is neither among `parameters` nor one of its own."""
        known = {*OWN_FIELDS, *parameters}
        faults = []
        for name in dict.fromkeys(self.fields):
            if name not in known:
                near = difflib.get_close_matches(name, sorted(known), 1)
                hint = f"did you mean {{{near[0]}}}?" if near else ""
                hint = hint or "the fields are " + ", ".join(sorted(known))
                faults.append(
                    Fault(f"--output {self._text!r} does not have the field {{{name}}}", hint)
                )
        if faults:
            raise InputError(*faults)

    def path(self, name: str, fields: Mapping[str, str]) -> str:
        """The path for a file called `name`, a safe name. No value adds a folder, takes one away
        or leads out of one; a file that would be left without a name keeps its own."""
        suffix = PurePosixPath(name).suffix
        own = {"name": name, "stem": name.removesuffix(suffix)}
        *folders, last = self._text.split("/")
        values = {**own, **fields}
        if "ext" not in fields:
            values[_SUFFIX] = suffix.removeprefix(".")
        parts = [self._component(part, values, "_") if "{" in part else part for part in folders]
        return "/".join([*parts, self._component(last, values, name)])

    def _component(self, text: str, fields: Mapping[str, str], otherwise: str) -> str:
        """One folder or file of the path; `otherwise` where it comes out empty or as dots."""
        filled = self._filled(text, fields)
        if not text.startswith("-"):
            filled = no_option(filled)
        return shortened(filled if filled.strip(".") else otherwise)

    @staticmethod
    def _filled(text: str, fields: Mapping[str, str]) -> str:
        def part(match: re.Match[str]) -> str:
            dot, name, width = match[1], match[2], match[3]
            if not name:
                return match[0][0]
            if name == "ext" and _SUFFIX in fields:
                return f"{dot}{fields[_SUFFIX]}" if fields[_SUFFIX] else ""
            value = fields.get(name, "")
            if width and value.isdecimal():
                return dot + value.zfill(int(width))
            return dot + (safe_text(value) or "_")

        return _PART.sub(part, text)


def path_pattern(text: str) -> str:
    """The regular expression of what a template may become."""
    pattern, end = "", 0
    for part in _PART.finditer(text):
        pattern += re.escape(text[end : part.start()])
        pattern += "[^/]*" if part[2] else re.escape(part[0][:1])
        end = part.end()
    return pattern + re.escape(text[end:])


def fields_of(slots: Sequence[str | None], data: Sequence[Any]) -> dict[str, str]:
    """The value of each parameter as text for a template; a file is its name."""
    return {name: _as_text(v) for name, v in zip(slots, data, strict=False) if name is not None}


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Local):
        return PurePosixPath(value.path).name
    if is_payload(value):
        return str(value.get("orig_name") or "file")
    return json.dumps(value, ensure_ascii=False, default=_as_text)
