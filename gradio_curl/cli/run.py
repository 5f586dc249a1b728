"""The way of a command: connect, bind, upload, queue, read events, save, print."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from gradio_curl.cli import display
from gradio_curl.cli.endpoint import check_oauth_token, check_table, endpoint_of, looks_like_item
from gradio_curl.cli.network import network_of
from gradio_curl.cli.options import CallSettings, JobSettings, Settings, UploadSettings
from gradio_curl.client import downloads
from gradio_curl.client.cache import queued_job, remember_job
from gradio_curl.client.client import Client
from gradio_curl.client.connect import Connected, connected
from gradio_curl.client.jobs import Job
from gradio_curl.client.local_files import Inputs
from gradio_curl.client.outputs import Output
from gradio_curl.client.session_lock import alone_in_session
from gradio_curl.client.stdin import stdin_has_data
from gradio_curl.client.target import event_of
from gradio_curl.client.urls import without_password
from gradio_curl.errors import (
    CannotWrite,
    Failure,
    Fault,
    InputError,
    MaxTimePassed,
    StreamBroken,
    TimedOut,
)
from gradio_curl.protocol import binding, files
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.events import Complete, Error, Event, Started
from gradio_curl.protocol.files import Local
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.output_names import fields_of
from gradio_curl.protocol.schema import UNKNOWN, Endpoint
from gradio_curl.protocol.values import parse_json
from gradio_curl.render.info import info_object
from gradio_curl.render.saved import saved_text
from gradio_curl.render.stdio import Stdout, to_json
from gradio_curl.render.text import Renderer, failure_object

_Options_co = TypeVar("_Options_co", bound=Settings, covariant=True)


@dataclass(frozen=True, slots=True)
class Request(Generic[_Options_co]):
    """What was typed for one command: APP, the words behind it, the text behind `--`, options."""

    app: str
    words: Sequence[str]
    literals: Sequence[str]
    settings: _Options_co

    @property
    def gives_items(self) -> bool:
        """Whether there are items, and not only an endpoint."""
        first = self.words[:1]
        return bool(self.literals or self.words[1:] or any(map(looks_like_item, first)))


def checked(request: Request[_Options_co]) -> Request[_Options_co]:
    """`request`, of which no part contradicts another. Raises InputError, MalformedURL."""
    settings, gives_items = request.settings, request.gives_items
    if isinstance(settings, JobSettings) and (event_id := event_of(request.app)) is not None:
        settings.event = settings.event or event_id
        gives_items = bool(request.words or request.literals)  # APP names the endpoint
    settings.checked(gives_items)
    return request


def call(request: Request[JobSettings], renderer: Renderer) -> None:
    """Run one call, for `call` and `stream`, from what was typed to what `renderer` prints."""
    started = time.monotonic()
    renderer.quiet = request.settings.quiet
    try:
        with _reading_large_json(), ExitStack() as stack:
            _call(request, renderer, started, stack)
    except Failure as failure:
        renderer.fail(failure, time.monotonic() - started)
        raise
    except MaxTimePassed as stop:
        renderer.fail(_as_failure(stop), time.monotonic() - started)
        raise
    finally:
        renderer.close()


def upload(
    request: Request[UploadSettings], renderer: Renderer, names: Mapping[str, str] | None = None
) -> None:
    """Upload files and print their payloads, a JSON array in the order of the arguments.

    `names` has what files are sent as, by path, where that is not their own name.
    """
    inputs = Inputs(request.settings.name, renderer.tell, names)
    data = [Local(path) for path in [*request.words, *request.literals]]
    with (
        _failing_as_data(request.settings),
        closing(renderer),
        _connected(request, renderer, check=False) as app,
    ):
        faults = app.client.faults(data, inputs)
        of_name = (fault._replace(hint="give - as a FILE") for fault in inputs.name_faults())
        if faults := [*faults, *of_name]:
            raise InputError(*faults)
        payloads = app.client.upload_files(data, inputs, partial(renderer.transfer, "uploading"))
    Stdout().json(to_json(payloads))


def info(request: Request[Settings]) -> None:
    """Print what an app offers: all of it, or one endpoint."""
    settings, typed = request.settings, request.app
    endpoint = next(iter(request.words), None)
    with _failing_as_data(settings), _connected(request, Renderer(), fresh=True) as app:
        client, schema = app.client, app.client.app
        if app.endpoint is not None:
            # The examples name the endpoint themselves.
            endpoint, typed = endpoint or app.endpoint, client.url
        chosen = schema.endpoints.values() if endpoint is None else [schema.endpoint(endpoint)]
    typed = without_password(typed)
    if settings.json:
        Stdout().json(to_json(info_object(schema, client.url, typed, chosen), indent=2))
    else:
        display.show_info(settings, schema, client.url, typed, chosen)


def _connected(
    request: Request[Any], renderer: Renderer, *, check: bool = True, fresh: bool = False
) -> AbstractContextManager[Connected]:
    settings = request.settings
    renderer.stage(f"connecting to {without_password(request.app)}")
    network = network_of(settings, renderer)
    fresh = fresh or settings.no_cache
    return connected(request.app, network, wait=settings.wait, check=check, fresh=fresh)


@contextmanager
def _failing_as_data(settings: Settings) -> Iterator[None]:
    """With `--json` a failure is data on stdout too."""
    try:
        yield
    except Failure as failure:
        if settings.json:
            Stdout().json(to_json(failure_object(failure)))
        raise


@contextmanager
def _reading_large_json() -> Iterator[None]:
    """JSON may be nested more deeply than Python can follow, or not fit into the memory."""
    try:
        yield
    except RecursionError as error:
        raise StreamBroken("the app's outputs are nested too deeply to be read") from error
    except MemoryError as error:
        raise StreamBroken("the app's outputs take more memory than there is") from error


def _as_failure(stop: MaxTimePassed) -> Failure:
    failure = TimedOut(stop.message)
    failure.data = stop.data
    return failure


# A call, step by step


class _Wanted(NamedTuple):
    """What is meant: a call of an endpoint, or the job `event_id` that is queued there already."""

    endpoint: Endpoint
    session: str | None
    call: Call | None = None
    event_id: str = ""


def _call(
    request: Request[JobSettings], renderer: Renderer, started: float, stack: ExitStack
) -> None:
    settings = request.settings
    steps = _Steps(renderer.tell if settings.verbose else None, started)
    inputs = Inputs(settings.name, renderer.tell)
    output = Output(settings.output) if settings.output is not None else None
    app = stack.enter_context(_connected(request, renderer, check=not settings.no_check))
    steps.end("connecting")
    client = app.client
    wanted = client.fit(lambda: _wanted(request, app, inputs), inputs.start_over)
    if isinstance(settings, CallSettings) and settings.csv:
        check_table(wanted.endpoint)
    if faults := client.route_faults(wanted.endpoint, settings.route, wanted.session):
        raise InputError(*faults)
    if settings.curl:
        _print_script(client, wanted, settings, renderer)
        return
    if output is not None:
        _prepare(output, wanted)
    if wanted.session is not None:
        waiting = f"waiting for another command in session {wanted.session}"
        tell = partial(renderer.tell, waiting)
        stack.enter_context(alone_in_session(client.url, wanted.session, tell))
    job, data = _job(client, wanted, inputs, renderer, steps)
    if settings.detach:
        _leave(client, job, settings, renderer)
        return
    renderer.begin(job.endpoint, partial(downloads.fetch, client))
    with client.run(job, settings.route, data) as events:
        result = _result(events, renderer, steps)
    if output is None:
        renderer.finish(result, time.monotonic() - started)
    else:
        fields = fields_of(wanted.endpoint.slots, wanted.call.data if wanted.call else ())
        _save(client, result, fields, output, renderer, settings, steps)


class _Steps:
    """Tells how long each step of a command took, for --verbose."""

    def __init__(self, tell: Callable[[str], None] | None, started: float) -> None:
        self._tell = tell
        self._since = self.started = started

    def end(self, name: str) -> None:
        """A step has ended, and the next one begins."""
        now = time.monotonic()
        if self._tell:
            self._tell(f"* {name}: {now - self._since:.3f} s")
        self._since = now


def _wanted(request: Request[JobSettings], app: Connected, inputs: Inputs) -> _Wanted:
    """What is meant by the words and options, as the app describes itself."""
    settings = request.settings
    if settings.event is not None:
        if faults := inputs.name_faults():
            raise InputError(*faults)
        known = queued_job(settings.event)
        session = settings.session or (known.session_hash if known else None)
        endpoint = _endpoint_of_job(request, app, known.endpoint if known else "")
        return _Wanted(endpoint, session, event_id=settings.event)
    endpoint, words = endpoint_of(app, request.words, without_password(request.app))
    check_oauth_token(endpoint, settings)
    call = _bound(app.client, endpoint, words, request, inputs)
    return _Wanted(endpoint, settings.session or call.session_hash, call)


def _endpoint_of_job(request: Request[JobSettings], app: Connected, known: str) -> Endpoint:
    """The endpoint of a queued job: as typed, else as `known` since it was queued."""
    schema, settings = app.client.app, request.settings
    if request.words or app.endpoint is not None:
        endpoint, words = endpoint_of(app, request.words, without_password(request.app))
        return endpoint if not words else schema.endpoint(words[0])
    if known in schema.endpoints:
        return schema.endpoints[known]
    if len(schema.endpoints) > 1 and settings.route != "call" and not settings.curl:
        # The id is enough to read the events: only state outputs can't be told apart then.
        return UNKNOWN
    return schema.endpoint(None)


def _bound(
    client: Client,
    endpoint: Endpoint,
    words: Sequence[str],
    request: Request[JobSettings],
    inputs: Inputs,
) -> Call:
    settings = request.settings
    body = data_option(settings.data, inputs)
    if settings.no_check:
        if words:
            raise InputError(f"--no-check takes no items, {words[0]!r} is one")
        call = binding.unchecked(body)
        if faults := _file_faults(client, inputs, call.data):
            raise InputError(*faults)
        return call
    try:
        return binding.bind(
            endpoint,
            parse_items(words, request.literals),
            body,
            read=inputs.text,
            is_file=inputs.has,
            in_session=settings.session is not None,
            file_faults=partial(_file_faults, client, inputs),
            piped=stdin_has_data(),
        )
    except RecursionError as error:
        raise InputError("the JSON that is given is nested too deeply to be sent") from error


def _file_faults(client: Client, inputs: Inputs, values: list[Any]) -> list[Fault]:
    """What is wrong with the local files among the values of a call, and with `--name`."""
    return [*client.faults(values, inputs), *inputs.name_faults()]


def data_option(data: str | None, inputs: Inputs) -> Any:
    """`--data`, in curl's forms: JSON, `@file`, `@-`; `-` is stdin too."""
    if data is None:
        return None
    hint = "it takes a JSON list or object, @FILE or @-; for one value give an item: NAME=TEXT"
    if data == "-" or data.startswith("@"):
        path = data.removeprefix("@")
        return parse_json(inputs.text(path), f"--data @{path}", hint)
    return parse_json(data, "--data", hint)


def _print_script(
    client: Client, wanted: _Wanted, settings: JobSettings, renderer: Renderer
) -> None:
    from gradio_curl.cli.curl import as_curl

    script = as_curl(client, wanted.endpoint, wanted.call, wanted.session, settings)
    with renderer.paused():
        Stdout().script(script + "\n")


def _prepare(output: Output, wanted: _Wanted) -> None:
    """Fail now where it is plain that the result can't be saved."""
    fields = {name for name in wanted.endpoint.slots if name and wanted.call}
    output.prepare(fields, sum(returned.file for returned in wanted.endpoint.returns))


def _job(
    client: Client, wanted: _Wanted, inputs: Inputs, renderer: Renderer, steps: _Steps
) -> tuple[Job, list[Any] | None]:
    """The job that is wanted, and its data, queued now unless it is already."""
    if wanted.call is None:
        return Job(wanted.endpoint, wanted.event_id, wanted.session), None
    transferred = partial(renderer.transfer, "uploading")
    data = client.upload_files(wanted.call.data, inputs, transferred)
    steps.end("uploading")
    job = client.submit(wanted.endpoint, data, wanted.session)
    steps.end("submitting")
    return job, data


def _leave(client: Client, job: Job, settings: JobSettings, renderer: Renderer) -> None:
    """Leave the job to run, and print what fetches its result later."""
    remember_job(job.event_id, job.endpoint.name, job.session_hash)
    fields = {
        "event_id": job.event_id,
        "session_hash": job.session_hash,
        "endpoint": job.endpoint.name,
        "app": client.url,
    }
    with renderer.paused():
        if settings.json:
            Stdout().json(to_json(fields))
        else:
            Stdout().text(f"{job.event_id}\n")


def _result(events: Iterable[Event], renderer: Renderer, steps: _Steps) -> list[Any]:
    """The result of a run, whose events are shown as they arrive. Raises its failure."""
    for event in events:
        match event:
            case Complete(result):
                steps.end("running")
                return result
            case Error(failure):
                raise failure
            case Started():
                steps.end("queued")
        renderer.show(event, time.monotonic() - steps.started)
    raise AssertionError("a run ends with its result or a failure")


def _save(
    client: Client,
    result: list[Any],
    fields: Mapping[str, str],
    output: Output,
    renderer: Renderer,
    settings: JobSettings,
    steps: _Steps,
) -> None:
    as_text = partial(saved_text, as_json=settings.json)
    saver = downloads.Saver(output, as_text, partial(renderer.transfer, "downloading"))
    try:
        saved = saver.save(client, result, fields)
    except MaxTimePassed as stop:
        _keep_result(stop, result, output, settings)
        raise
    steps.end("downloading")
    failure = saved.failure
    if failure is None and not output.used:
        failure = CannotWrite("the result has nothing for --output to save")
    if failure is not None:
        _keep_result(failure, saved.data, output, settings)
        raise failure
    as_lines = isinstance(settings, CallSettings) and not settings.json
    if saved.path is not None and as_lines and not output.to_stdout:
        with renderer.paused():
            Stdout().text(f"{saved.path}\n")
    elif not output.to_stdout:
        renderer.finish(saved.data, time.monotonic() - steps.started)


def _keep_result(
    failure: Failure | MaxTimePassed, data: list[Any], output: Output, settings: JobSettings
) -> None:
    """Show the result with the failure to save it: the job is done and can't be had again.

    Only bytes of the file go to stdout with `-o -`, and only paths stand for files elsewhere: the
    URLs of those that were not saved are in the hint.
    """
    failure.data = None if output.to_stdout and not settings.json else data
    lost = [url for url in files.urls_not_saved(data) if url not in failure.message]
    if lost:
        told = f"it is at {lost[0]}" if len(lost) == 1 else f"they are at {' '.join(lost)}"
        failure.hint = f"{failure.hint}; {told}" if failure.hint else told
