"""What stands on the command line: options, words, and the text behind `--`.

Typer gets it sorted. So options may stand anywhere, `-5` is a number, curl's options work, and
every mistake is answered in our words.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gradio_curl.cli.habits import BY_NAME, Habit
from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol.shell import quoted

_NEGATIVE = re.compile(r"-\.?\d.*", re.DOTALL)
_WITHOUT_COMMAND = ("--version", "-V", "--manual", "--completion")
_NEAR = 0.8  # of difflib: a slip of the finger, not another word
_FORM = re.compile(r'[^=]*=@(?:"(?P<quoted>[^"]*)"|(?P<path>[^;]*))(?P<more>;.*)?', re.DOTALL)
_FORM_NAME = re.compile(r';\s*filename=(?:"([^"]*)"|([^;]*))')


class Typed:
    """The arguments of `command`, sorted.

    `options` are ours, each with its value attached; `words` the rest up to `--`, `literals` what
    stands behind; `names` has what files are to be called that `filename=` renames. `with_option`
    gives the commands that have an option. Raises InputError.
    """

    def __init__(
        self,
        command: str,
        arguments: Sequence[str],
        options: Iterable[Any],
        with_option: Callable[[str], list[str]] = lambda name: [],
    ) -> None:
        self.options: list[str] = []
        self.words: list[str] = []
        self.literals: list[str] = []
        self.names: dict[str, str] = {}
        self.wants_help = False
        self._forms: list[str] = []
        self._command = command
        self._with_option = with_option
        self._own = {n: o for o in options for n in [*o.opts, *o.secondary_opts]}
        self._left = list(arguments)
        while self._left:
            word = self._left.pop(0)
            if word == "--":
                self.literals, self._left = self._left, []
            elif word in ("", "-") or word[0] != "-" or _NEGATIVE.fullmatch(word):
                self.words.append(word)
            elif word.startswith("--"):
                name, equals, value = word.partition("=")
                self._option(name, value if equals else None)
            else:
                self._letters(word[1:])
        self.words += self._forms  # behind APP, wherever they stood

    def _letters(self, letters: str) -> None:
        """Short options in one word: the first that takes a value takes the rest of it."""
        while letters:
            name, letters = f"-{letters[0]}", letters[1:]
            if letters and self._takes_value(name):
                self._option(name, letters.removeprefix("="))
                return
            self._option(name, None)

    def _takes_value(self, name: str) -> bool:
        if name in self._own:
            return not self._own[name].is_flag
        return name in BY_NAME and bool(BY_NAME[name].metavar)

    def _option(self, name: str, value: str | None) -> None:
        if name in ("-h", "--help"):
            self.wants_help = True
        elif name in self._own:
            self._ours(name, value)
        elif name in BY_NAME:
            self._habit(name, BY_NAME[name], value)
        else:
            raise self._unknown(name, value)

    def _ours(self, name: str, value: str | None) -> None:
        option = self._own[name]
        long = next((n for n in option.opts if n.startswith("--")), name)
        if not option.is_flag:
            self.options.append(f"{long}={self._value(name, value)}")
            return
        after = self._left[0] if self._left else ""
        if value is None and name == "--json" and after[:1] in ("{", "["):
            value = after
        if value is not None:
            hint = f"use -d {quoted(value)}" if value[:1] in ("{", "[") else ""
            raise InputError(Fault(f"{name} takes no value", hint))
        self.options.append(name)

    def _value(self, name: str, value: str | None) -> str:
        if value is not None:
            return value
        if not self._left:
            raise InputError(Fault(f"{name} needs a value", f"see {self._command} --help"))
        return self._left.pop(0)

    def _habit(self, name: str, habit: Habit, value: str | None) -> None:
        if habit.does == "refuse":
            raise InputError(Fault(f"{name} is not an option of gradio-curl", habit.told))
        if not habit.metavar:
            if habit.does == "option":
                self._ours(habit.option, value)
            return
        value = self._value(name, value)
        match habit.does:
            case "option":
                if name == "--data-raw" and value.startswith("@"):
                    raise InputError(Fault(f"{name} takes JSON, not a file", f"use -d {value}"))
                if habit.option not in self._own:
                    raise self._unknown(name, value)
                self._ours(habit.option, habit.prefix + value)
            case "app":
                self.words.insert(0, value)
            case "form":
                self._form(name, value)
            case "method" if value.upper() not in ("GET", "POST"):
                raise InputError(f"{name} {value}: only GET and POST are sent")

    def _form(self, name: str, value: str) -> None:
        match = _FORM.fullmatch(value)
        path = (match["quoted"] or match["path"] or "") if match else ""
        uploads = self._command.endswith(" upload")
        if not path:
            hint = "write files=@FILE" if uploads or "=" not in value else f"use {quoted(value)}"
            raise InputError(Fault(f"{name} {value!r} does not name a file", hint))
        if not uploads:
            hint = f"use {quoted(f'NAME@{path}')}, or {name} with gradio-curl upload"
            raise InputError(Fault(f"{name} uploads files only", hint))
        self._forms.append(path)
        if sent_as := _FORM_NAME.search((match and match["more"]) or ""):
            self.names[path] = sent_as[1] or sent_as[2]

    def _unknown(self, name: str, value: str | None) -> InputError:
        near = difflib.get_close_matches(name, self._own, n=1, cutoff=_NEAR)
        if name in _WITHOUT_COMMAND:
            hint = f"use {self._command.split()[0]} {name}"
        elif others := self._with_option(name):
            hint = f"it is an option of {' and '.join(others)}"
        elif near:
            hint = f"did you mean {near[0]}?"
        elif name.startswith("--") and len(self._command.split()) > 1:
            after = self._left[0] if self._left and self._left[0][:1] != "-" else "VALUE"
            item = f"{name[2:]}={after if value is None else value}"
            hint = f"a parameter is given without dashes: {quoted(item)}"
        else:
            hint = f"see {self._command} --help"
        return InputError(Fault(f"unknown option {name}", hint))


def line_to_paste(arguments: Sequence[str], commands: Iterable[str]) -> InputError:
    """The error for a command line without a command: it has the line that was meant."""
    names = list(commands)
    first = arguments[0]
    if first == "help":
        line = ["gradio-curl", *arguments[1:2], "--help"]
        return InputError(Fault("unknown command 'help'", f"use {' '.join(map(quoted, line))}"))
    typed = next((word for word in arguments if word in names), None)
    if typed is not None:
        rest = list(arguments)
        rest.remove(typed)
        message = f"the command comes first, then {first}"
    elif near := difflib.get_close_matches(first.lower(), names, n=1, cutoff=_NEAR):
        message, typed, rest = f"unknown command {first!r}", near[0], list(arguments[1:])
    elif _looks_like_command(first) and _looks_like_app(arguments[1:2], but="/"):
        message, typed, rest = f"unknown command {first!r}", "call", list(arguments[1:])
    elif len(arguments) == 1 and _looks_like_app(arguments) and "/call/" not in first:
        message, typed, rest = "the command is missing", "info", list(arguments)
    elif _looks_like_app(arguments):
        uploads = any(word.startswith(("-F", "--form")) for word in arguments)
        typed, rest = "upload" if uploads else "call", list(arguments)
        message = "the command is missing"
    else:
        kind = "option" if first.startswith("-") else "command"
        return InputError(Fault(f"unknown {kind} {first!r}", "use call, stream, upload or info"))
    words = ["gradio-curl", typed, *map(_without_query, rest)]
    return InputError(Fault(message, " ".join(map(quoted, words))))


def _without_query(word: str) -> str:
    """APP without its query, which is not sent and may be a secret; other words as they are."""
    return word.partition("?")[0] if word.startswith(("http://", "https://")) else word


def _looks_like_command(word: str) -> bool:
    return word.isidentifier() and word not in ("demo", "localhost")


def _looks_like_app(arguments: Sequence[str], but: str = "\0") -> bool:
    """Whether one of `arguments`, of those that don't start with `but`, may be APP."""
    apps = [word for word in arguments if not word.startswith(but)]
    return any(word == "demo" or set(word) & set(":/.") for word in apps)
