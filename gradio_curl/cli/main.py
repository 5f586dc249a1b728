"""What is typed: the four commands, and the one place where a failure becomes an exit code."""

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from gradio_curl import __version__
from gradio_curl.cli.options import (
    AppArgument,
    CallSettings,
    EndpointArgument,
    FilesArgument,
    Items,
    JobSettings,
    Settings,
    Shell,
    with_settings,
)
from gradio_curl.errors import CannotWrite, Failure, InputError, MaxTimePassed, ReaderGone, Stop
from gradio_curl.render.stdio import can_draw

app = typer.Typer(
    add_completion=False,
    # Where Rich has nothing to draw on, help is plain, and there sooner.
    rich_markup_mode="rich" if can_draw(sys.stdout) else None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Call any Gradio app from the shell.\n\n"
    "\b\n"
    "gradio-curl info :7860                      what the app offers\n"
    "gradio-curl call :7860 /greet bob count=2   one call, its result\n"
    "gradio-curl stream demo /predict 3          the built-in app, live",
)
# Typer's own error for wrong usage, by way of the one of its kind that Typer exports.
_UsageError: Any = typer.BadParameter.__base__
_STANDS_ON = (
    "requests",
    "urllib3",
    "sseclient-py",
    "typer",
    "rich",
    "platformdirs",
    "textual-image",
    "gradio",
)
_NEGATIVE = re.compile(r"-\.?\d.*", re.DOTALL)


class _Command(TyperCommand):
    """A command whose plain help has the options in the same groups as the drawn one."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            own = "Arguments" if parameter.param_type_name == "argument" else "Options"
            group = getattr(parameter, "rich_help_panel", None) or own
            if record := parameter.get_help_record(ctx):
                groups.setdefault(group, []).append(record)
        for group, records in groups.items():
            with formatter.section(group):
                formatter.write_dl(records)


class _ItemsCommand(_Command):
    """A command whose words after `--` are kept apart: they are text, not items.

    And one that takes `-5` for a number, where Typer alone would look for an option.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.obj = args[at + 1 :]
        # No argument can hold a NUL, so it marks what must pass as a word.
        words = [f"\0{word}" if _NEGATIVE.fullmatch(word) else word for word in args[:at]]
        left = super().parse_args(ctx, words)
        # Options may have taken some of them as their values.
        ctx.params |= {name: _unmarked(value) for name, value in ctx.params.items()}
        return left


def _unmarked(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_unmarked(part) for part in value]
    # A choice of an option is a str too, but has to stay what it is.
    return value.removeprefix("\0") if type(value) is str else value


@app.callback(invoke_without_command=True)
def _root(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the versions and end.")
    ] = False,
    completion: Annotated[
        Shell | None, typer.Option(help="Print the script for TAB in a shell and end.")
    ] = None,
    manual: Annotated[bool, typer.Option("--manual", help="Print the man page and end.")] = False,
) -> None:
    if version:
        print(_versions(), flush=True)
    elif completion is not None:
        from gradio_curl.cli.scripts import SCRIPTS

        print(SCRIPTS[completion.value], end="", flush=True)
    elif manual:
        from gradio_curl.cli.manual import page

        print(page(typer.main.get_command(app)), end="", flush=True)
    elif ctx.invoked_subcommand is None:
        print(ctx.get_help(), flush=True)
        raise typer.Exit(InputError.exit_code)
    else:
        return
    raise typer.Exit


def _versions() -> str:
    """Our version, and those of what it stands on."""
    installed = _installed()
    known = (f"{name} {installed[name]}" for name in _STANDS_ON if name in installed)
    return f"gradio-curl {__version__} (Python {sys.version.split()[0]})\n{', '.join(known)}"


def _installed() -> dict[str, str]:
    """What is installed, with its version: both are in the name of the folder that records it.

    `importlib.metadata` tells the same, but its import alone takes half the time of `--version`.
    Source: https://packaging.python.org/specifications/recording-installed-packages/
    """
    records = (r for folder in reversed(sys.path) for r in Path(folder).glob("*.dist-info"))
    parts = (record.stem.rpartition("-") for record in records)
    return {name.replace("_", "-"): version for name, _, version in parts}


@app.command(cls=_ItemsCommand)
@with_settings(CallSettings)
def call(
    ctx: typer.Context, target: AppArgument, items: Items = None, *, settings: CallSettings
) -> None:
    """Run an endpoint once and print the result.

    \b
    gradio-curl call :7860 /greet bob count=2
    gradio-curl call owner/space /describe image@cat.png --json
    gradio-curl call :7860 /generate prompt='a cat' -o cat.png
    gradio-curl call :7860 /greet --batch rows.jsonl -j 8 --results done.jsonl
    """
    from gradio_curl.cli import display
    from gradio_curl.cli import run as runs

    if settings.batch is not None:
        from gradio_curl.cli import batch

        with _limited(settings):
            batch.run(target, items or [], ctx.obj, settings, settings.batch)
        return
    if (lost := settings.batch_option()) is not None:
        raise InputError(f"--{lost} is for many rows: give them with --batch")
    renderer = display.for_call(settings)
    with _limited(settings):
        runs.run(target, items or [], ctx.obj, settings, renderer)


@app.command(cls=_ItemsCommand)
@with_settings(JobSettings)
def stream(
    ctx: typer.Context,
    target: AppArgument,
    items: Items = None,
    *,
    text: Annotated[
        bool, typer.Option("--text", help="Of the first output's text, what is new.")
    ] = False,
    settings: JobSettings,
) -> None:
    """Run an endpoint once and show every event as it arrives.

    \b
    gradio-curl stream demo /predict 3
    gradio-curl stream :7860 /chat message=hello --text | tee answer.txt
    """
    from gradio_curl.cli import display
    from gradio_curl.cli import run as runs

    if settings.output == "-":
        raise InputError("stream writes events to stdout: use call -o -, or give a path")
    renderer = display.for_stream(settings, text)
    with _limited(settings):
        runs.run(target, items or [], ctx.obj, settings, renderer)


@app.command(cls=_Command)
@with_settings(Settings)
def upload(
    target: AppArgument,
    files: FilesArgument,
    *,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the file from stdin.")
    ] = None,
    settings: Settings,
) -> None:
    """Upload files and print the payloads to use in a call.

    \b
    gradio-curl upload :7860 cat.png dog.png
    """
    from gradio_curl.cli import display
    from gradio_curl.cli import run as runs

    renderer = display.for_upload(settings)
    with _limited(settings):
        runs.upload(target, files, name, settings, renderer)


@app.command(cls=_Command)
@with_settings(Settings)
def info(target: AppArgument, endpoint: EndpointArgument = None, *, settings: Settings) -> None:
    """Show what can be called, with lines to paste.

    \b
    gradio-curl info :7860
    gradio-curl info owner/space /predict --json
    """
    from gradio_curl.cli import run as runs

    with _limited(settings):
        runs.info(target, endpoint, settings)


def run() -> int:
    """Run what is typed on the command line; gives the exit code. Never raises but to be told."""
    # Typer builds each command with all its options, 2 ms apiece: only the typed one is wanted.
    names = {getattr(c.callback, "__name__", ""): c for c in app.registered_commands}
    command = "gradio-curl"
    if typed := names.get("".join(sys.argv[1:2])):
        app.registered_commands = [typed]
        command += f" {sys.argv[1]}"
    try:
        return app(prog_name="gradio-curl", standalone_mode=False) or 0
    except Stop as stop:
        return _tell(stop.exit_code, stop.message)
    except InputError as error:
        for fault in error.faults:
            _tell(error.exit_code, fault.message, fault.hint)
        return error.exit_code
    except Failure as failure:
        from gradio_curl.render.text import failure_text

        return _tell(failure.exit_code, failure_text(failure), failure.hint)
    except _UsageError as error:
        message = error.format_message().replace(r"\x00", "")
        return _tell(InputError.exit_code, message, f"see {command} --help")
    except BrokenPipeError:
        return _tell(ReaderGone.exit_code, "")
    except OSError as error:
        # Of help and the like; whatever else may fail so has a failure of its own.
        return _tell(CannotWrite.exit_code, CannotWrite.because("stdout", error).message)
    except UnicodeEncodeError:
        return _tell(InputError.exit_code, "an argument holds bytes that are no UTF-8")
    except Exception as error:
        return _tell(70, f"a bug in gradio-curl: {type(error).__name__}: {error}")


def _tell(exit_code: int, message: str, hint: str = "") -> int:
    from gradio_curl.render.stdio import report

    if message:
        report(message, hint)
    if exit_code in (CannotWrite.exit_code, ReaderGone.exit_code):
        # Python flushes stdout once more at its end, and would fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return exit_code


@contextmanager
def _limited(settings: Settings) -> Iterator[None]:
    """Hold `--max-time`, wherever the command is when it passes."""
    settings.check_times()
    seconds = settings.max_time

    def passed(number: int, frame: Any) -> NoReturn:
        raise MaxTimePassed(seconds or 0)

    if seconds is not None:
        signal.signal(signal.SIGALRM, passed)
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        except (ValueError, OverflowError) as error:
            raise InputError(f"--max-time {seconds} is no time") from error
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
