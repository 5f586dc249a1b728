"""Every option, declared once, and Settings: what they come to, resolved once.

The fields of a settings class are the options; `with_settings` makes them parameters of a
command, which gets one object in their place.
"""

# Annotations are real here, not text as elsewhere: to evaluate those of four commands takes 5 ms.

import importlib.util
import inspect
import os
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Annotated, Any, Literal, TypeVar

from typer import Argument, Option

from gradio_curl.cli import option_values
from gradio_curl.errors import Fault, InputError
from gradio_curl.network import Header, Network, Route, Secret
from gradio_curl.render import stdio
from gradio_curl.render.stdio import can_draw, is_coloured

_T = TypeVar("_T")
_Kind = TypeVar("_Kind", bound="Settings")

Shell = Literal["bash", "zsh", "fish"]
"""The shells that TAB works in."""
Color = Literal["auto", "always", "never"]
"""When output is coloured."""


_READERS = {"auth": option_values.secret("--auth"), "oauth_token": option_values.oauth_token}
_STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
_MAY_BE_EMPTY = ("output",)  # this is told where it is used
_VARIABLES = {"auth": "GRADIO_CURL_AUTH", "oauth_token": "GRADIO_CURL_OAUTH_TOKEN"}


def _in_panel(panel: str) -> Callable[..., Any]:
    """What makes the options of one panel of `--help`: from the help, names and settings."""

    def option(help: str, *names: str, **settings: Any) -> Any:
        return Option(*names, help=help, rich_help_panel=panel, **settings)

    return option


_login, _network, _output, _call = map(_in_panel, ("Login", "Network", "Output", "Call"))
_job, _batch = map(_in_panel, ("Jobs", "Batch"))


def _seconds(help: str, option: str, *names: str, least: float = 0.001) -> Any:
    reader = option_values.amount(option, least)
    return _network(help, option, *names, metavar="SECONDS", parser=reader)


AppArgument = Annotated[
    str,
    Argument(
        metavar="APP",
        help="URL, :PORT, owner/space, a recipe's URL, or demo.",
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
        help="value, name=text, name:=json, name@file, -- text.",
        show_default=False,
    ),
]
FilesArgument = Annotated[
    list[str], Argument(metavar="FILE...", help="Files; - is stdin.", show_default=False)
]

StdinName = Annotated[
    str | None, _call("Send the file from stdin under this name.", metavar="NAME")
]


class Settings:
    """The options of every command. Times are in seconds."""

    token: Annotated[
        Secret | None,
        _login(
            "Bearer token; for Spaces, the saved one by default.",
            metavar="TOKEN|@FILE",
            parser=option_values.secret("--token"),
        ),
    ] = None
    auth: Annotated[
        Secret | None,
        _login(
            "Log in as USER:PASSWORD (or USER, to be asked).",
            metavar="LOGIN|@FILE",
            parser=_READERS["auth"],
            envvar=_VARIABLES["auth"],
        ),
    ] = None
    oauth_token: Annotated[
        Secret | None,
        _login(
            "Hugging Face token for endpoints that take one.",
            "--oauth-token",
            metavar="TOKEN|@FILE",
            parser=_READERS["oauth_token"],
            envvar=_VARIABLES["oauth_token"],
        ),
    ] = None
    header: Annotated[
        list[str] | None,
        _network("Send NAME:VALUE (repeatable).", "--header", "-H", metavar="HEADER|@FILE"),
    ] = None
    insecure: Annotated[bool, _network("Accept any certificate.", "--insecure", "-k")] = False
    cacert: Annotated[
        str | None, _network("CA bundle to verify the server with.", metavar="FILE")
    ] = None
    cert: Annotated[str | None, _network("Client certificate (PEM).", metavar="FILE")] = None
    key: Annotated[str | None, _network("Private key of --cert.", metavar="FILE")] = None
    proxy: Annotated[Secret | None, _network("Use this proxy.", metavar="URL", parser=Secret)] = (
        None
    )
    connect_timeout: Annotated[
        float, _seconds("Give up connecting after SECONDS (default 30).", "--connect-timeout")
    ] = 30.0
    idle_timeout: Annotated[
        float, _seconds("Give up when nothing comes for SECONDS (default 60).", "--idle-timeout")
    ] = 60.0
    max_time: Annotated[
        float | None, _seconds("Time limit for the whole command.", "--max-time", "-m")
    ] = None
    retry: Annotated[
        int,
        _network(
            "Retry up to N times, where that is safe.",
            "--retry",
            metavar="N",
            parser=option_values.amount("--retry", 0, int),
        ),
    ] = 0
    wait: Annotated[
        float,
        _seconds(
            "Wait up to SECONDS for an app that starts or sleeps, also during a batch.",
            "--wait",
            least=0,
        ),
    ] = 0.0
    no_cache: Annotated[bool, _network("Ignore the cached schema.", "--no-cache")] = False
    quiet: Annotated[bool, _output("Print no progress and no messages.", "--quiet", "-q")] = False
    verbose: Annotated[
        bool, _output("Log requests, replies and times to stderr.", "--verbose", "-v")
    ] = False
    color: Annotated[Color, _output("When to use colors (default auto).")] = "auto"
    json: Annotated[bool, _output("Print one JSON document, also for errors.", "--json")] = False

    # A class of its own kind: to make three dataclasses of so many fields takes 4 ms.
    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)

    def checked(self: _Kind, gives_items: bool = False) -> _Kind:
        """These options, of which none contradicts another. Raises InputError with all that do.

        `gives_items` tells that items are given beside them.
        """
        if faults := [*self.conflicts(gives_items)]:
            raise InputError(*faults)
        return self

    def conflicts(self, gives_items: bool) -> Iterator[Fault]:
        """The options that contradict each other, need another one, or are empty."""
        for name, value in vars(self).items():
            if value == "" and name not in _MAY_BE_EMPTY:
                yield Fault(f"--{name.replace('_', '-')} is empty")
        if self.key is not None and self.cert is None:
            yield Fault("--key requires --cert")

    def headers(self) -> list[Header]:
        """The `--header` options. Raises InputError where one is not a header."""
        return [header for typed in self.header or [] for header in option_values.headers(typed)]

    def network(self) -> Network:
        """How these options reach an app; whom to ask and to tell is added by the caller."""
        same = {name: getattr(self, name) for name in Network._fields if hasattr(self, name)}
        login = "login" if self.is_typed("auth") else "default_login"
        return Network(**same | {"headers": self.headers(), login: self.auth})

    def is_typed(self, name: str) -> bool:
        """Whether an option has a value, and another one than its variable gives it."""
        value = getattr(self, name)
        return value is not None and value != _READERS[name](
            os.environ.get(_VARIABLES[name]) or None
        )

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
            "All parameters as JSON: list, object or whole body.",
            "--data",
            "-d",
            metavar="JSON|@FILE|@-",
        ),
    ] = None
    no_check: Annotated[bool, _call("Send --data without checking it.", "--no-check")] = False
    session: Annotated[
        str | None,
        _call("Keep the app's state between calls (session_hash).", metavar="NAME"),
    ] = None
    name: StdinName = None
    output: Annotated[
        str | None,
        _output(
            "Save the result to FILE, DIR/, a template or -.",
            "--output",
            "-o",
            metavar="PATH",
        ),
    ] = None
    preview: Annotated[
        bool | None,
        _output(
            "Draw pictures (needs the images extra).",
            "--preview/--no-preview",
            show_default=False,
        ),
    ] = None
    route: Annotated[Route, _call("How to read the events (default auto).")] = "auto"
    curl: Annotated[bool, _job("Print the equivalent curl commands and exit.", "--curl")] = False
    detach: Annotated[bool, _job("Queue the job, print its event id and exit.", "--detach")] = False
    event: Annotated[
        str | None,
        _job("Fetch a detached job (once: leaving drops it).", "--event", metavar="ID"),
    ] = None

    def conflicts(self, gives_items: bool) -> Iterator[Fault]:
        """Besides: a job is queued or fetched, and stdout has one use."""
        yield from super().conflicts(gives_items)
        if self.detach and self.event is not None:
            yield Fault("--detach queues a job, --event fetches one", "give one of them")
        elif self.detach and self.output is not None:
            yield Fault("--detach exits before the result exists", "give --output with --event")
        elif self.event is not None and (gives_items or self.data is not None):
            hint = "for a new call, leave out --event, or the event id at the end of APP"
            yield Fault("--event takes no items and no --data", hint)
        elif self.no_check and self.event is None:
            yield from self._unchecked(gives_items)
        if self.json and self.output == "-":
            yield Fault("--json and --output - both write to stdout", "give --output a path")
        if self.preview and importlib.util.find_spec("textual_image") is None:
            yield Fault("--preview needs the extra: pip install 'gradio-curl[images]'")

    def _unchecked(self, gives_items: bool) -> Iterator[Fault]:
        if gives_items:
            yield Fault("--no-check takes no items", "give all values by --data")
        if self.data is None:
            yield Fault("--no-check needs --data")
        if self.is_typed("oauth_token"):
            hint = "it does not ask the app which endpoints take one"
            yield Fault("--oauth-token cannot be used with --no-check", hint)


class StreamSettings(JobSettings):
    """The options of stream."""

    text: Annotated[bool, _output("Print the first output's text as it grows.", "--text")] = False

    def conflicts(self, gives_items: bool) -> Iterator[Fault]:
        """Besides: stdout has the events."""
        yield from super().conflicts(gives_items)
        if self.text and self.json:
            yield Fault("--text cannot be used with --json")
        if self.output == "-":
            yield Fault("stream writes events to stdout", "use call -o -, or give --output a path")


class CallSettings(JobSettings):
    """The options of call."""

    csv: Annotated[bool, _output("Print the table of the result as CSV.", "--csv")] = False
    batch: Annotated[
        str | None,
        _batch("Run one call per row of a JSON Lines or CSV file.", metavar="FILE|-"),
    ] = None
    jobs: Annotated[
        int | None,
        _batch(
            "Concurrent calls (default 4; 1 with --session).",
            "--jobs",
            "-j",
            metavar="N",
            parser=option_values.amount("--jobs", 1, int, 256),
        ),
    ] = None
    results: Annotated[
        str | None,
        _batch("Append results to FILE; rerun for what is missing.", metavar="FILE"),
    ] = None
    ordered: Annotated[bool, _batch("Print results in the order of the rows.", "--ordered")] = False
    shard: Annotated[
        option_values.Shard | None,
        _batch(
            "Run only every N-th row, beginning with the I-th.",
            metavar="I/N",
            parser=option_values.shard,
        ),
    ] = None

    def conflicts(self, gives_items: bool) -> Iterator[Fault]:
        """Besides: what a batch needs and excludes."""
        yield from super().conflicts(gives_items)
        if self.csv:
            yield from self._csv_conflicts()
        if self.batch is None:
            for name in ("jobs", "results", "ordered", "shard"):
                if getattr(self, name):
                    yield Fault(f"--{name} needs --batch")
            return
        for name in ("curl", "detach", "event", "no_check"):
            if getattr(self, name):
                yield Fault(f"--{name.replace('_', '-')} cannot be used with --batch")
        if self.results in _STDOUT:
            told = f"--results {self.results} must be a file"
            yield Fault(told, "for results on stdout, leave it out")
        if self.output == "-":
            yield Fault("a batch writes results to stdout", "give --output a directory")
        if self.ordered and self.results is not None:
            hint = "every line of results has its row's number"
            yield Fault("--ordered cannot be used with --results", hint)
        if self.session is not None and self.jobs not in (None, 1):
            hint = "calls of one session run one by one: leave out --jobs"
            yield Fault(f"--jobs {self.jobs} cannot be used with --session", hint)

    def _csv_conflicts(self) -> Iterator[Fault]:
        if self.output is not None:
            hint = "-o saves a table as CSV where its name ends in .csv"
            yield Fault("--csv cannot be used with --output", hint)
        for name in ("json", "batch", "detach"):
            if getattr(self, name):
                yield Fault(f"--csv cannot be used with --{name}")


class UploadSettings(Settings):
    """The options of upload."""

    name: StdinName = None


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
            stdio.color = settings.color
            return command(**values, settings=settings)

        # What Typer reads by `inspect.signature` (PEP 362); mypy knows no such attribute.
        shown = signature.replace(parameters=[*own, *options])
        with_options.__signature__ = shown  # type: ignore[attr-defined]
        with_options.__annotations__ = {p.name: p.annotation for p in shown.parameters.values()}
        return with_options

    return decorate
