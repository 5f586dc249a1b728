"""Every option, declared once, and Settings: what they come to, resolved once.

The fields of a settings class are the options; `with_settings` makes them parameters of a
command, which gets one object in their place.
"""

# Annotations are real here, not text as elsewhere: to evaluate those of four commands takes 5 ms.

import inspect
import math
import re
from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Annotated, Any, TypeVar

from typer import Argument, Option

from gradio_curl.client.stdin import claim_stdin, is_stdin
from gradio_curl.errors import CannotRead, InputError
from gradio_curl.network import Header, Secret
from gradio_curl.render import stdio
from gradio_curl.render.stdio import can_draw, is_coloured

_T = TypeVar("_T")

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_HEADER_VALUE = re.compile("[\t\x20-\x7e\x80-\xff]*")


class Route(str, Enum):
    """The GET route that a job's events are read by."""

    auto = "auto"
    queue = "queue"
    call = "call"


class Shell(str, Enum):
    """The shells that TAB works in."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


class Color(str, Enum):
    """When output is coloured."""

    auto = "auto"
    always = "always"
    never = "never"


def read_header(typed: str) -> Header:
    """A header as curl takes it: `Name: value`, `Name:` to leave it out, `Name;` to send it empty.

    No message shows the value, for it may be a secret.
    """
    name, colon, value = typed.partition(":")
    name, value = name.strip(), value.strip()
    if not colon and name.endswith(";"):
        name, colon = name.removesuffix(";").strip(), ";"
    if not colon or not name:
        raise InputError("--header must be NAME:VALUE: the colon or the name is missing")
    if not _HEADER.fullmatch(name):
        raise InputError("--header must be NAME:VALUE: the name contains an invalid character")
    if not _HEADER_VALUE.fullmatch(value):
        raise InputError(
            f"--header {name}: the value contains a line end, or a character outside Latin-1"
        )
    return Header(name, Secret(value) if value or colon == ";" else None)


def read_secret(typed: str | None, option: str) -> Secret | None:
    """The value of an option that holds a secret; `@FILE` is the text of that file."""
    if typed is None or not typed.startswith("@"):
        return None if typed is None else Secret(typed)
    return Secret("".join(_lines(typed, option)[:1]))


def _lines(at_file: str, option: str = "--header") -> list[str]:
    """The lines of `@FILE`, or of stdin for `@-`, without empty ones. Raises CannotRead."""
    path = at_file[1:]
    if is_stdin(path):
        claim_stdin(option)
        path = "/dev/stdin"
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  # pathlib is not loaded here
            return [line.strip("\r\n") for line in file if line.strip()]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise CannotRead(f"{option} {at_file} can't be read: {reason}") from error


def _in_panel(panel: str) -> Callable[..., Any]:
    """What makes the options of one panel of `--help`: from the help, names and settings."""

    def option(help: str, *names: str, **settings: Any) -> Any:
        return Option(*names, help=help, rich_help_panel=panel, **settings)

    return option


_login, _network, _output, _call = map(_in_panel, ("Login", "Network", "Output", "Call"))
_later, _batch = map(_in_panel, ("Later, elsewhere", "Many rows"))

AppArgument = Annotated[
    str,
    Argument(
        metavar="APP",
        help="http://host:7860, :7860, owner/space, a URL from a curl recipe, or demo.",
        show_default=False,
    ),
]
EndpointArgument = Annotated[
    str | None,
    Argument(metavar="[/ENDPOINT]", help="Only this endpoint.", show_default=False),
]
Items = Annotated[
    list[str] | None,
    Argument(
        metavar="[/ENDPOINT] [ITEM]...",
        help="value, name=text, name:=json, name@file; after -- text, taken literally.",
        show_default=False,
    ),
]
FilesArgument = Annotated[
    list[str], Argument(metavar="FILE...", help="Files; - is stdin.", show_default=False)
]


class Settings:
    """The options of every command. Times are in seconds."""

    token: Annotated[
        str | None,
        _login(
            "Bearer token for the app (default for Spaces: HF_TOKEN, then the saved one).",
            metavar="TOKEN",
        ),
    ] = None
    auth: Annotated[
        str | None,
        _login(
            "Log in to the app; asks for a password that is left out.",
            metavar="USER[:PASSWORD]",
            envvar="GRADIO_CURL_AUTH",
        ),
    ] = None
    oauth_token: Annotated[
        str | None,
        _login(
            "Hugging Face token for endpoints that ask for the caller's, in the body only.",
            "--oauth-token",
            metavar="TOKEN|@FILE",
            envvar="GRADIO_CURL_OAUTH_TOKEN",
        ),
    ] = None
    header: Annotated[
        list[str] | None,
        _network(
            "Send this header to the app (repeatable).", "--header", "-H", metavar="NAME:VALUE"
        ),
    ] = None
    insecure: Annotated[bool, _network("Trust any certificate.", "--insecure", "-k")] = False
    cacert: Annotated[str | None, _network("Trust these authorities.", metavar="FILE")] = None
    cert: Annotated[str | None, _network("Client certificate.", metavar="FILE")] = None
    key: Annotated[str | None, _network("Key of the client certificate.", metavar="FILE")] = None
    proxy: Annotated[str | None, _network("Go through this proxy.", metavar="URL")] = None
    connect_timeout: Annotated[float, _network("To connect.", metavar="SECONDS", min=0.001)] = 30.0
    idle_timeout: Annotated[
        float,
        _network(
            "Without a byte from the app (it sends heartbeats every 15 s).",
            metavar="SECONDS",
            min=0.001,
        ),
    ] = 60.0
    max_time: Annotated[
        float | None,
        _network("For the whole command.", "--max-time", "-m", metavar="SECONDS", min=0.001),
    ] = None
    retry: Annotated[
        int, _network("Repeat what is safe to repeat up to N times.", metavar="N", min=0)
    ] = 0
    wait: Annotated[
        float,
        _network(
            "Wait so long for an app that is starting, asleep or building.",
            metavar="SECONDS",
            min=0,
        ),
    ] = 0.0
    no_cache: Annotated[
        bool, _network("Ask the app what it expects, whatever is remembered of it.", "--no-cache")
    ] = False
    quiet: Annotated[bool, _output("No progress, no messages.", "--quiet", "-q")] = False
    verbose: Annotated[
        bool, _output("Requests, replies and timings on stderr, secrets masked.", "--verbose", "-v")
    ] = False
    color: Annotated[Color, _output("When to colour.")] = Color.auto
    json: Annotated[bool, _output("JSON on stdout.", "--json")] = False

    # A class of its own kind: to make three dataclasses of so many fields takes 4 ms.
    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)

    def headers(self) -> list[Header]:
        """The `--header` options. Raises InputError where one is not a header."""
        return [
            read_header(line)
            for header in self.header or []
            for line in (_lines(header) if header.startswith("@") else [header])
        ]

    def check_times(self) -> None:
        """Raise InputError for a time that is `nan`, which no `min` of an option refuses."""
        for option in ("connect_timeout", "idle_timeout", "wait"):
            if math.isnan(getattr(self, option)):
                raise InputError(f"--{option.replace('_', '-')} nan is no time")

    def moves(self, stream: Any) -> bool:
        """Whether something may move on this stream: a terminal that can, and not --quiet."""
        return not self.quiet and can_draw(stream)

    def coloured(self, stream: Any) -> bool:
        """Whether to colour what goes to this stream."""
        return is_coloured(stream)


class JobSettings(Settings):
    """The options of call and stream."""

    data: Annotated[
        str | None,
        _call(
            "A list, an object of names, or a whole body; items override it.",
            "--data",
            "-d",
            metavar="JSON|@FILE|@-",
        ),
    ] = None
    no_check: Annotated[
        bool, _call("Send --data as it is, without asking the app what it expects.", "--no-check")
    ] = False
    session: Annotated[
        str | None,
        _call("Gradio's session_hash: the app keeps its state between calls.", metavar="NAME"),
    ] = None
    name: Annotated[str | None, _call("Name of a file from stdin.", metavar="NAME")] = None
    output: Annotated[
        str | None,
        _output(
            "Save file outputs: a file, a directory, or - for stdout.",
            "--output",
            "-o",
            metavar="PATH",
        ),
    ] = None
    preview: Annotated[
        bool | None,
        _output(
            "Pictures in the terminal (default: where the images extra is installed).",
            "--preview/--no-preview",
            show_default=False,
        ),
    ] = None
    route: Annotated[Route, _call("How to read the events.")] = Route.auto
    curl: Annotated[
        bool, _later("Print the same call as curl commands for sh; do nothing.", "--curl")
    ] = False
    detach: Annotated[bool, _later("Queue the job, print its event id, leave.", "--detach")] = False
    event: Annotated[
        str | None,
        _later(
            "Collect the job that --detach left, once; with its --session, if it had one.",
            metavar="ID",
        ),
    ] = None


class CallSettings(JobSettings):
    """The options of call."""

    batch: Annotated[
        str | None,
        _batch(
            "A call a row of JSON Lines or CSV; items are defaults for all rows.", metavar="FILE|-"
        ),
    ] = None
    jobs: Annotated[
        int | None,
        _batch(
            "Rows in flight (4; in one --session 1).", "--jobs", "-j", metavar="N", min=1, max=256
        ),
    ] = None
    results: Annotated[
        str | None,
        _batch("Append results here; run again, it does only what is missing.", metavar="FILE"),
    ] = None
    ordered: Annotated[
        bool, _batch("Results in the order of the rows, not as they come.", "--ordered")
    ] = False
    shard: Annotated[
        str | None, _batch("Do the I-th of N parts: every N-th row.", metavar="I/N")
    ] = None

    def batch_option(self) -> str | None:
        """The first of the options for many rows that is given."""
        given = ("jobs", "results", "ordered", "shard")
        return next((name for name in given if getattr(self, name)), None)


def with_settings(kind: type[Settings]) -> Callable[[Callable[..., _T]], Callable[..., _T]]:
    """Give a command the options of `kind`; it gets them as one object, `settings`."""
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=getattr(kind, name),
            annotation=annotation,
        )
        for settings in reversed(kind.__mro__)
        for name, annotation in inspect.get_annotations(settings).items()
    ]

    def decorate(command: Callable[..., _T]) -> Callable[..., _T]:
        signature = inspect.signature(command)
        own = [p for p in signature.parameters.values() if p.name != "settings"]

        @wraps(command)
        def with_options(**values: Any) -> _T:
            settings = kind(**{option.name: values.pop(option.name) for option in options})
            stdio.color = settings.color.value
            return command(**values, settings=settings)

        # What Typer reads by `inspect.signature` (PEP 362); mypy knows no such attribute.
        shown = signature.replace(parameters=[*own, *options])
        with_options.__signature__ = shown  # type: ignore[attr-defined]
        with_options.__annotations__ = {p.name: p.annotation for p in shown.parameters.values()}
        return with_options

    return decorate
