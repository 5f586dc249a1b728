"""TAB: what may come next on the command line, for bash, zsh and fish.

The scripts run the command itself with the variable `_GRADIO_CURL_COMPLETE` set, and read one
candidate per line: the word, a tab, a description. After any error nothing is printed, and
what is slow to import is imported only where it is needed.

Words and descriptions come from the app, so both are hostile until they went through `_clean`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradio_curl.protocol.schema import App, Endpoint, Parameter

VARIABLE = "_GRADIO_CURL_COMPLETE"
COMMANDS = {
    "call": "run an endpoint once, print the result",
    "stream": "run it once, show every event as it arrives",
    "upload": "upload files, print their payloads",
    "info": "what can be called, with lines to paste",
}

_ASKING = 1.0  # seconds
_ITEM = re.compile(r"(?P<name>[^=@]+?)(?P<separator>:=|=|@)(?P<value>.*)", re.DOTALL)
_SPECIAL = re.compile(r"""([^\w@%+=:,./-])""")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_DIALING = 0.05  # seconds; an app on this machine accepts at once


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may stand where the cursor is, and what it means."""

    word: str
    description: str = ""


def main(shell: str, arguments: list[str]) -> None:
    """Print the candidates for a shell: one a line, in the form that its script reads."""
    if shell == "bash":
        line = _Typed(arguments[0], os.environ.get("COMP_WORDBREAKS", ""))
        words, current = line.words[1:-1], line.words[-1]
    else:
        words, current = arguments[:-1], arguments[-1]
        line = _Typed(current, "")
        current = line.words[-1] if shell == "fish" else current
    for candidate in candidates(words, current):
        word = candidate.word
        if not word.startswith(current) or _clean(word) != word:
            continue
        if shell != "bash":
            print(f"{word}\t{' '.join(_clean(candidate.description).split())}")
        elif (replacement := line.replacement(word)) is not None:
            print(replacement)


def _clean(text: str) -> str:
    """`text` with a blank in place of whatever could move a cursor or reorder what is shown."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


class _Typed:
    """A command line up to the cursor, taken apart as bash does."""

    def __init__(self, line: str, breaks: str) -> None:
        self.words = [""]
        self.quote = ""
        self._kept = 0  # characters of the last word that stay: bash replaces what comes after
        place, started = 0, False
        while place < len(line):
            letter = line[place]
            place += 1
            if letter == "\\" and self.quote != "'" and place < len(line):
                self.words[-1] += line[place]
                place += 1
            elif letter == self.quote:
                self.quote = ""
            elif not self.quote and letter in "'\"":
                self.quote, self._kept = letter, len(self.words[-1])
            elif not self.quote and letter.isspace():
                if started:
                    self.words.append("")
                    self._kept = 0
                started = False
                continue
            else:
                self.words[-1] += letter
                if not self.quote and letter in breaks:
                    # Readline leaves an @, of all that break words, at the word behind it.
                    self._kept = len(self.words[-1]) - (letter == "@")
            started = True

    def replacement(self, word: str) -> str | None:
        """What bash is to put in the place of the last part of the last word.

        None where the open quote can't hold it: nothing escapes `'` inside single quotes, nor
        `!`, which expands history, inside double quotes.
        """
        rest = word[self._kept :]
        if self.quote == "'":
            return None if "'" in rest else rest
        if self.quote == '"':
            return None if "!" in rest else re.sub(r'(["$`\\])', r"\\\1", rest)
        return _SPECIAL.sub(r"\\\1", rest)


def candidates(words: list[str], current: str) -> Iterator[Candidate]:
    """What may come after `words`, the ones before the cursor's, in the place of `current`."""
    if "--" in words:
        return
    plain = [word for word in words if not word.startswith("-")]
    option = None
    if len(plain) < len(words) or current.startswith("-"):
        options = _options(plain[0] if plain else "")
        plain, option = _without_options(words, options)
        if option is None and current.startswith("-"):
            yield from _option_names(options)
            return
    if option is not None:
        yield from _option_values(option, current)
    elif not plain:
        yield from (Candidate(name, text) for name, text in COMMANDS.items())
    elif len(plain) == 1:
        yield from _apps()
    elif plain[0] == "upload":
        yield from _files(current)
    else:
        yield from _of_app(plain[0], plain[1], plain[2:], current)


def _apps() -> Iterator[Candidate]:
    from gradio_curl.client.cache import apps

    remembered = apps()
    yield from (Candidate(typed) for typed in remembered if not _is_dead(typed))
    if "demo" not in remembered:
        yield Candidate("demo", "the built-in app")


def _is_dead(typed: str) -> bool:
    """Whether an app was on this machine, at a port where nothing accepts any more."""
    import socket
    from urllib.parse import urlsplit

    from gradio_curl.client.target import Address, parse_target

    target = parse_target(typed)
    parts = urlsplit(target.places[0].url) if isinstance(target, Address) else None
    if parts is None or parts.hostname not in _LOCAL:
        return False
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname, port), _DIALING).close()
    except OSError:
        return True
    return False


def _of_app(command: str, typed: str, items: list[str], current: str) -> Iterator[Candidate]:
    """Endpoints and items."""
    app = _app(typed)
    if app is None:
        return
    if not items:
        for endpoint in app.endpoints.values():
            yield Candidate(endpoint.name, endpoint.description)
    named = [*items[:1], *_named_by(typed)]
    found = [
        app.endpoints[name]
        for word in named
        for name in (word, f"/{word}")
        if name in app.endpoints
    ]
    found = found or (list(app.endpoints.values()) if len(app.endpoints) == 1 else [])
    if found and command != "info":
        named_here = bool(items) and items[0] in (found[0].name, found[0].name[1:])
        yield from _items(found[0], items[named_here:], current)


def _named_by(typed: str) -> list[str]:
    from gradio_curl.client.target import Address, parse_target

    target = parse_target(typed)
    places = target.places if isinstance(target, Address) else ()
    return [place.endpoint for place in places if place.endpoint]


def _items(endpoint: Endpoint, items: list[str], current: str) -> Iterator[Candidate]:
    typed = _ITEM.fullmatch(current)
    if typed:
        parameter = next((p for p in endpoint.parameters if p.name == typed["name"]), None)
        if parameter is not None:
            start = typed["name"] + typed["separator"]
            values = (
                _files(typed["value"])
                if typed["separator"] == "@"
                else _values(parameter, as_json=typed["separator"] == ":=")
            )
            yield from (Candidate(start + v.word, v.description) for v in values)
    elif current.startswith("@"):
        yield from (Candidate(f"@{file.word}") for file in _files(current[1:]))
    else:
        yield from _next_items(endpoint, items)


def _next_items(endpoint: Endpoint, items: list[str]) -> Iterator[Candidate]:
    """What is not given yet: the next value by position, and the other parameters by name."""
    matches = [_ITEM.fullmatch(item) for item in items]
    names = {match["name"] for match in matches if match}
    by_position = next((at for at, match in enumerate(matches) if match), len(items))
    left = endpoint.parameters[by_position:]
    if left and not names and left[0].shape is None:
        yield from _values(left[0], as_json=False)
    for parameter in left:
        if parameter.name not in names or parameter.shape not in (None, "file"):
            yield from _names(parameter)


def _names(parameter: Parameter) -> Iterator[Candidate]:
    from gradio_curl.render.info import described

    if parameter.shape in (None, "multimodal"):
        yield Candidate(f"{parameter.name}=", described(parameter))
    if parameter.shape is not None:
        yield Candidate(f"{parameter.name}@", described(parameter))


def _values(parameter: Parameter, as_json: bool) -> Iterator[Candidate]:
    import json

    if parameter.kind == "boolean":
        yield from (Candidate("true"), Candidate("false"))
    for choice in parameter.choices:
        text = isinstance(choice.value, str) and not as_json
        label = choice.label if choice.label != str(choice.value) else ""
        yield Candidate(choice.value if text else json.dumps(choice.value), label)


def _files(typed: str) -> Iterator[Candidate]:
    folder, slash, start = typed.rpartition("/")
    with suppress(OSError), os.scandir(folder + slash or ".") as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith(start) and (start or not entry.name.startswith(".")):
                yield Candidate(f"{folder}{slash}{entry.name}{'/' * entry.is_dir()}")


def _app(typed: str) -> App | None:
    """What is remembered of the app, else what it says if it answers soon."""
    from gradio_curl.client.cache import Memory

    known = Memory(typed).recall()
    return known.app if known is not None else _asked(typed)


def _asked(typed: str) -> App | None:
    from gradio_curl.cli.timer import limited

    with limited(_ASKING):
        from gradio_curl.client.connect import connected
        from gradio_curl.client.urls import presentable
        from gradio_curl.network import Network

        if typed == "demo":
            return None
        # Without a login, that in a URL among them, and without anybody to ask for a password: an
        # app behind a login has candidates once it was called.
        with connected(presentable(typed), Network()) as app:
            return app.client.app


def _options(command: str) -> list[Any]:
    """The options of a command, of the root where it is none."""
    import typer

    from gradio_curl.cli.main import app

    root: Any = typer.main.get_command(app)
    named = root.commands.get(command, root)
    return [parameter for parameter in named.params if parameter.param_type_name == "option"]


def _without_options(words: Iterable[str], options: list[Any]) -> tuple[list[str], Any]:
    """The words without options and their values; and the option whose value comes next."""
    by_name = {
        name: option for option in options for name in [*option.opts, *option.secondary_opts]
    }
    plain, waiting = [], None
    for word in words:
        if waiting is not None:
            waiting = None
        elif word.startswith("-") and len(word) > 1:
            option = by_name.get(word)
            waiting = option if option is not None and not option.is_flag else None
        else:
            plain.append(word)
    return plain, waiting


def _option_names(options: list[Any]) -> Iterator[Candidate]:
    for option in options:
        for name in [*option.opts, *option.secondary_opts]:
            if len(name) > 2:
                yield Candidate(name, option.help or "")
    yield Candidate("--help", "show what there is, with examples")


def _option_values(option: Any, current: str) -> Iterator[Candidate]:
    metavar = option.metavar or ""
    if choices := getattr(option.type, "choices", None):
        yield from (Candidate(str(getattr(choice, "value", choice))) for choice in choices)
    elif "@FILE" in metavar:
        if current.startswith("@"):
            yield from (Candidate(f"@{file.word}") for file in _files(current[1:]))
    elif "FILE" in metavar or "PATH" in metavar:
        yield from _files(current)


def run() -> None:
    """Answer the script of a shell; print nothing else, and log in nowhere."""
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123  # for as long as the process lives
    os.environ.pop("GRADIO_CURL_AUTH", None)
    os.environ["NETRC"] = os.devnull
    with suppress(BaseException):
        main(os.environ[VARIABLE], sys.argv[1:])
        sys.stdout.flush()
