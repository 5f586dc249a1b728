"""What is typed: the four commands, and the one place where a failure becomes an exit code."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from gradio_curl import __version__
from gradio_curl.cli.argv import Typed, line_to_paste
from gradio_curl.cli.options import (
    AppArgument,
    CallSettings,
    EndpointArgument,
    FilesArgument,
    Items,
    Settings,
    Shell,
    StreamSettings,
    UploadSettings,
    with_settings,
)
from gradio_curl.cli.timer import limited
from gradio_curl.errors import (
    BUG,
    Failure,
    Fault,
    InputError,
    Stop,
)
from gradio_curl.render.stdio import Stdout, can_draw, report, to_json

if TYPE_CHECKING:
    from gradio_curl.cli.request import Request

_Options = TypeVar("_Options", bound=Settings)
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


class _Command(TyperCommand):
    """A command whose arguments are sorted by `Typed` before Typer sees them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        options = [p for p in self.get_params(ctx) if p.param_type_name == "option"]
        typed = Typed(ctx.command_path, args, options, partial(_commands_with, ctx))
        if typed.wants_help:
            _print(self.get_help(ctx))
            raise typer.Exit
        words = typed.words
        arguments = [p for p in self.params if p.param_type_name == "argument"]
        if any(p.name == "items" for p in arguments):
            ctx.obj = typed.literals  # text, whatever it looks like
        else:
            words = [*words, *typed.literals]
            ctx.obj = typed.names
        for missing in arguments[len(words) :]:
            if missing.required:
                hint = f"see {ctx.command_path} --help"
                raise InputError(Fault(f"{missing.metavar} is missing", hint))
        if len(words) > len(arguments) and all(p.nargs == 1 for p in arguments):
            raise InputError(f"unexpected argument {words[len(arguments)]!r}")
        left: list[str] = super().parse_args(ctx, [*typed.options, "--", *words])
        return left

    def get_help(self, ctx: Any) -> str:
        """The help, for the width of the terminal."""
        return _help(ctx)


def _commands_with(ctx: Any, option: str) -> list[str]:
    """The commands that have an option."""
    commands = ctx.parent.command.commands if ctx.parent else {}
    return [
        name
        for name, command in commands.items()
        if any(option in parameter.opts for parameter in command.params)
    ]


class _Root(TyperGroup):
    """`gradio-curl` itself: a command line without a command is answered with one to paste."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {name for p in self.get_params(ctx) for name in p.opts} | {"-h", "--help"}
        if args and args[0] in ("-h", "--help"):
            _print(self.get_help(ctx))
            raise typer.Exit
        if args and args[0].partition("=")[0] not in own | set(self.commands):
            raise line_to_paste(args, self.commands)
        left: list[str] = super().parse_args(ctx, args)
        return left

    def get_help(self, ctx: Any) -> str:
        """The help, for the width of the terminal."""
        return _help(ctx)


def _help(ctx: Any) -> str:
    import shutil

    from gradio_curl.cli.help import help_page

    width = min(shutil.get_terminal_size().columns, 100)
    bold = can_draw(sys.stdout) and not os.environ.get("NO_COLOR")
    return help_page(ctx.command_path, ctx.command, width, bold)


def _print(text: str) -> None:
    Stdout().drawn(text)


app = typer.Typer(
    cls=_Root,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": []},
    help="Call any Gradio app from the shell.\n\n"
    "\b\n"
    "gradio-curl info :7860                      what the app offers\n"
    "gradio-curl call :7860 /greet bob count=2   one call, its result\n"
    "gradio-curl stream demo /predict 3          the built-in app, live",
)


@app.callback(invoke_without_command=True)
def _root(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the versions and exit.")
    ] = False,
    completion: Annotated[
        Shell | None, typer.Option(help="Print the completion script of a shell and exit.")
    ] = None,
    manual: Annotated[bool, typer.Option("--manual", help="Print the man page and exit.")] = False,
) -> None:
    if version:
        _print(_versions() + "\n")
    elif completion is not None:
        from gradio_curl.cli.scripts import SCRIPTS

        _print(SCRIPTS[completion])
    elif manual:
        from gradio_curl.cli.manual import page

        _print(page(typer.main.get_command(app)))
    elif ctx.invoked_subcommand is None:
        _print(ctx.get_help())
        raise typer.Exit(InputError.exit_code)
    else:
        return
    raise typer.Exit


def _versions() -> str:
    """Our version, and those of the libraries below it."""
    from importlib.metadata import PackageNotFoundError, version

    known = []
    for name in _STANDS_ON:
        with suppress(PackageNotFoundError):
            known.append(f"{name} {version(name)}")
    return f"gradio-curl {__version__} (Python {sys.version.split()[0]})\n{', '.join(known)}"


@app.command(cls=_Command)
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
    request = _requested(target, items or [], ctx.obj, settings)
    with limited(settings.max_time):
        if settings.batch is not None:
            from gradio_curl.cli import batch

            batch.run(request, settings.batch)
        else:
            from gradio_curl.cli import display, run

            run.call(request, display.for_call(settings))


@app.command(cls=_Command)
@with_settings(StreamSettings)
def stream(
    ctx: typer.Context, target: AppArgument, items: Items = None, *, settings: StreamSettings
) -> None:
    """Run an endpoint once and show every event as it arrives.

    \b
    gradio-curl stream demo /predict 3
    gradio-curl stream :7860 /chat message=hello --text | tee answer.txt
    """
    request = _requested(target, items or [], ctx.obj, settings)
    from gradio_curl.cli import display, run

    with limited(settings.max_time):
        run.call(request, display.for_stream(settings))


@app.command(cls=_Command)
@with_settings(UploadSettings)
def upload(
    ctx: typer.Context, target: AppArgument, files: FilesArgument, *, settings: UploadSettings
) -> None:
    """Upload files and print the payloads to use in a call.

    \b
    gradio-curl upload :7860 cat.png dog.png
    """
    request = _requested(target, files, (), settings)
    from gradio_curl.cli import display
    from gradio_curl.cli.upload import run

    with limited(settings.max_time):
        run(request, display.for_upload(settings), ctx.obj)


@app.command(cls=_Command)
@with_settings(Settings)
def info(target: AppArgument, endpoint: EndpointArgument = None, *, settings: Settings) -> None:
    """Show what can be called, with lines to paste.

    \b
    gradio-curl info :7860
    gradio-curl info owner/space /predict --json
    """
    request = _requested(target, [endpoint] if endpoint else [], (), settings)
    from gradio_curl.cli.info import run

    with limited(settings.max_time):
        run(request)


def _requested(
    target: str, words: Sequence[str], literals: Sequence[str], settings: _Options
) -> "Request[_Options]":
    """What was typed, checked; meanwhile the connection begins. Raises InputError, MalformedURL."""
    from gradio_curl.client import early

    if settings.proxy is None:
        early.begin(target, settings.connect_timeout)
    from gradio_curl.cli.request import Request, checked

    return checked(Request(target, words, literals, settings))


def main() -> int:
    """Run what is typed on the command line; gives the exit code. Raises nothing but BaseException.

    With `--json`, stdout has one document in every ending: where the command printed none, the
    failure is it.
    """
    Stdout.written = Stdout.is_torn = False
    try:
        return app(prog_name="gradio-curl", standalone_mode=False) or 0
    except Stop as stop:
        if stop.message:
            return _report(_failed(stop.message, stop.exit_code, stop.hint))
        return stop.exit_code
    except Failure as failure:
        return _report(failure)
    except _UsageError as error:
        return _report(InputError(_in_our_words(error)))
    except UnicodeEncodeError:
        return _report(InputError("an argument is not valid UTF-8"))
    except Exception as error:
        return _report(_failed(f"a bug in gradio-curl: {type(error).__name__}: {error}", BUG))


def _in_our_words(error: Any) -> Fault:
    option = next(iter(getattr(getattr(error, "param", None), "opts", ())), "")
    message = str(error.message).rstrip(".") if option else error.format_message()
    command = error.ctx.command_path if error.ctx else "gradio-curl"
    return Fault(f"{option} {message}".strip(), f"see {command} --help")


def _failed(message: str, code: int, hint: str = "") -> Failure:
    failure = Failure(message, hint)
    failure.exit_code = code
    return failure


def _report(failure: Failure) -> int:
    """Tell a failure on stderr, and as data where `--json` asks for it; gives its exit code."""
    from gradio_curl.render.text import failure_text

    words = sys.argv[1:]
    if "--json" in words[: words.index("--") if "--" in words else None] and not Stdout.written:
        with suppress(Failure, Stop):
            _print_failure(failure, as_event=words[0] == "stream")
    faults = failure.faults if isinstance(failure, InputError) else [failure]
    for fault in faults:
        report(failure_text(fault) if isinstance(fault, Failure) else fault.message, fault.hint)
    return failure.exit_code


def _print_failure(failure: Failure, as_event: bool) -> None:
    if as_event:
        from gradio_curl.render.jsonl import JsonLines

        JsonLines(Stdout()).fail(failure, 0.0)
    else:
        from gradio_curl.render.text import failure_object

        Stdout().json(to_json(failure_object(failure)))
