"""Every option, declared once, and Settings: what they come to, resolved once.

The fields of a settings class are the options; `with_settings` makes them parameters of a
command, which gets one object in their place.
"""

# Annotations are real here, not text as elsewhere: to evaluate those of four commands takes 5 ms.

import inspect
import os
import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from functools import wraps
from typing import Annotated, Any, TypeVar

from typer import Argument, Option

from gradio_curl.errors import InputError

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


_LOGIN, _NETWORK, _OUTPUT, _CALL = "Login", "Network", "Output", "Call"
_LATER, _BATCH = "Later, elsewhere", "Many rows"

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Settings:
    """The options of every command. Times are in seconds."""

    token: Annotated[
        str | None,
        Option(
            metavar="TOKEN",
            help="Bearer token for the app (default for Spaces: HF_TOKEN, then the saved one).",
            rich_help_panel=_LOGIN,
        ),
    ] = None
    auth: Annotated[
        str | None,
        Option(
            metavar="USER[:PASSWORD]",
            envvar="GRADIO_CURL_AUTH",
            help="Log in to the app; asks for a password that is left out.",
            rich_help_panel=_LOGIN,
        ),
    ] = None
    header: Annotated[
        list[str] | None,
        Option(
            "--header",
            "-H",
            metavar="NAME:VALUE",
            help="Send this header to the app (repeatable).",
            rich_help_panel=_NETWORK,
        ),
    ] = None
    insecure: Annotated[
        bool,
        Option("--insecure", "-k", help="Trust any certificate.", rich_help_panel=_NETWORK),
    ] = False
    cacert: Annotated[
        str | None,
        Option(metavar="FILE", help="Trust these authorities.", rich_help_panel=_NETWORK),
    ] = None
    cert: Annotated[
        str | None,
        Option(metavar="FILE", help="Client certificate.", rich_help_panel=_NETWORK),
    ] = None
    key: Annotated[
        str | None,
        Option(metavar="FILE", help="Key of the client certificate.", rich_help_panel=_NETWORK),
    ] = None
    proxy: Annotated[
        str | None, Option(metavar="URL", help="Go through this proxy.", rich_help_panel=_NETWORK)
    ] = None
    connect_timeout: Annotated[
        float,
        Option(metavar="SECONDS", min=0.001, help="To connect.", rich_help_panel=_NETWORK),
    ] = 30.0
    idle_timeout: Annotated[
        float,
        Option(
            metavar="SECONDS",
            min=0.001,
            help="Without a byte from the app (it sends heartbeats every 15 s).",
            rich_help_panel=_NETWORK,
        ),
    ] = 60.0
    max_time: Annotated[
        float | None,
        Option(
            "--max-time",
            "-m",
            metavar="SECONDS",
            min=0.001,
            help="For the whole command.",
            rich_help_panel=_NETWORK,
        ),
    ] = None
    retry: Annotated[
        int,
        Option(
            metavar="N",
            min=0,
            help="Repeat what is safe to repeat up to N times.",
            rich_help_panel=_NETWORK,
        ),
    ] = 0
    wait: Annotated[
        float,
        Option(
            metavar="SECONDS",
            min=0,
            help="Wait so long for an app that is starting, asleep or building.",
            rich_help_panel=_NETWORK,
        ),
    ] = 0.0
    no_cache: Annotated[
        bool,
        Option(
            "--no-cache",
            help="Ask the app what it expects, whatever is remembered of it.",
            rich_help_panel=_NETWORK,
        ),
    ] = False
    quiet: Annotated[
        bool,
        Option("--quiet", "-q", help="No progress, no messages.", rich_help_panel=_OUTPUT),
    ] = False
    verbose: Annotated[
        bool,
        Option(
            "--verbose",
            "-v",
            help="Requests, replies and timings on stderr, secrets masked.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False
    color: Annotated[Color, Option(help="When to colour.", rich_help_panel=_OUTPUT)] = Color.auto
    json: Annotated[bool, Option("--json", help="JSON on stdout.", rich_help_panel=_OUTPUT)] = False

    def headers(self) -> dict[str, str]:
        """The `--header` options. Raises InputError where one is no header."""
        headers = {}
        for header in self.header or []:
            name, colon, value = header.partition(":")
            if not colon or not name.strip():
                raise InputError(f"--header {name!r} is no header: write NAME:VALUE")
            if not _HEADER.fullmatch(name.strip()) or not _HEADER_VALUE.fullmatch(value.strip()):
                raise InputError(
                    f"--header {name!r} holds what no header can: a line end, or "
                    "a character that is not Latin-1"
                )
            headers[name.strip()] = value.strip()
        return headers

    def moves(self, stream: Any) -> bool:
        """Whether something may move on this stream: a terminal that can, and not --quiet."""
        quiet = self.quiet or stream is None  # as after `2>&-`
        return not quiet and stream.isatty() and os.environ.get("TERM") != "dumb"

    def coloured(self, stream: Any) -> bool:
        """Whether to colour what goes to this stream."""
        if self.color is Color.auto:
            no_color = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
            return stream is not None and stream.isatty() and not no_color
        return self.color is Color.always


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class JobSettings(Settings):
    """The options of call and stream."""

    data: Annotated[
        str | None,
        Option(
            "--data",
            "-d",
            metavar="JSON|@FILE|@-",
            help="A list, an object of names, or a whole body; items override it.",
            rich_help_panel=_CALL,
        ),
    ] = None
    no_check: Annotated[
        bool,
        Option(
            "--no-check",
            help="Send --data as it is, without asking the app what it expects.",
            rich_help_panel=_CALL,
        ),
    ] = False
    session: Annotated[
        str | None,
        Option(
            metavar="NAME",
            help="Gradio's session_hash: the app keeps its state between calls.",
            rich_help_panel=_CALL,
        ),
    ] = None
    name: Annotated[
        str | None,
        Option(metavar="NAME", help="Name of a file from stdin.", rich_help_panel=_CALL),
    ] = None
    output: Annotated[
        str | None,
        Option(
            "--output",
            "-o",
            metavar="PATH",
            help="Save file outputs: a file, a directory, or - for stdout.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None
    preview: Annotated[
        bool | None,
        Option(
            "--preview/--no-preview",
            help="Pictures in the terminal (default: where the extra [images] is installed).",
            rich_help_panel=_OUTPUT,
            show_default=False,
        ),
    ] = None
    route: Annotated[
        Route,
        Option(help="How to read the events.", rich_help_panel=_CALL),
    ] = Route.auto
    curl: Annotated[
        bool,
        Option(
            "--curl",
            help="Print the same call as curl commands for sh; do nothing.",
            rich_help_panel=_LATER,
        ),
    ] = False
    detach: Annotated[
        bool,
        Option(
            "--detach", help="Queue the job, print its event id, leave.", rich_help_panel=_LATER
        ),
    ] = False
    event: Annotated[
        str | None,
        Option(
            metavar="ID",
            help="Collect the job that --detach left, once; with its --session, if it had one.",
            rich_help_panel=_LATER,
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings(JobSettings):
    """The options of call."""

    batch: Annotated[
        str | None,
        Option(
            metavar="FILE|-",
            help="A call a row of JSON Lines or CSV; items are defaults for all rows.",
            rich_help_panel=_BATCH,
        ),
    ] = None
    jobs: Annotated[
        int | None,
        Option(
            "--jobs",
            "-j",
            metavar="N",
            min=1,
            max=256,
            help="Rows in flight (4; in one --session 1).",
            rich_help_panel=_BATCH,
        ),
    ] = None
    results: Annotated[
        str | None,
        Option(
            metavar="FILE",
            help="Append results here; run again, it does only what is missing.",
            rich_help_panel=_BATCH,
        ),
    ] = None
    ordered: Annotated[
        bool,
        Option(
            "--ordered",
            help="Results in the order of the rows, not as they come.",
            rich_help_panel=_BATCH,
        ),
    ] = False
    shard: Annotated[
        str | None,
        Option(
            metavar="I/N",
            help="Do the I-th of N parts: every N-th row.",
            rich_help_panel=_BATCH,
        ),
    ] = None


def with_settings(kind: type[Settings]) -> Callable[[Callable[..., _T]], Callable[..., _T]]:
    """Give a command the options of `kind`; it gets them as one object, `settings`."""
    options = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None if field.default is MISSING else field.default,
            annotation=field.type,
        )
        for field in fields(kind)
    ]

    def decorate(command: Callable[..., _T]) -> Callable[..., _T]:
        signature = inspect.signature(command)
        own = [p for p in signature.parameters.values() if p.name != "settings"]

        @wraps(command)
        def with_options(**values: Any) -> _T:
            settings = kind(**{option.name: values.pop(option.name) for option in options})
            return command(**values, settings=settings)

        with_options.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*own, *options]
        )
        with_options.__annotations__ = {p.name: p.annotation for p in [*own, *options]}
        return with_options

    return decorate
