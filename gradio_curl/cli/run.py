"""The commands `call` and `stream`: connect, bind, upload, queue, read events, save or print."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from gradio_curl.cli.endpoint import check_oauth_token, check_table, endpoint_of
from gradio_curl.cli.options import CallSettings, JobSettings
from gradio_curl.cli.request import Request, connect
from gradio_curl.client.cache import queued_job, remember_job
from gradio_curl.client.client import Client
from gradio_curl.client.connect import Connected
from gradio_curl.client.jobs import Job
from gradio_curl.client.local_files import Inputs
from gradio_curl.client.session_lock import alone_in_session
from gradio_curl.client.side_by_side import AT_ONCE
from gradio_curl.client.stdin import stdin_has_data
from gradio_curl.errors import (
    CannotWrite,
    Failure,
    Fault,
    InputError,
    Interrupted,
    MaxTimePassed,
    ReaderGone,
    Stop,
    StreamBroken,
    TimedOut,
)
from gradio_curl.protocol import binding, files
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.events import Complete, Error, Event, Started
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.schema import UNKNOWN, Endpoint
from gradio_curl.protocol.shell import quoted
from gradio_curl.protocol.values import parse_json
from gradio_curl.render.renderer import Renderer
from gradio_curl.render.stdio import Stdout, to_json

if TYPE_CHECKING:
    from gradio_curl.cli.saving import Saving


def call(request: Request[JobSettings], renderer: Renderer) -> None:
    """Run one call, for `call` and `stream`, from what was typed to what `renderer` prints."""
    started = time.monotonic()
    renderer.quiet = request.settings.quiet
    try:
        with _reading_large_json(), ExitStack() as stack:
            _call(request, renderer, started, stack)
    except Failure as failure:
        # Where it is stdout that can't be written, that is known already.
        known = [CannotWrite] if isinstance(failure, CannotWrite) else []
        with suppress(*known):
            renderer.fail(failure, time.monotonic() - started)
        raise
    except MaxTimePassed as stop:
        renderer.fail(_as_failure(stop), time.monotonic() - started)
        raise
    except Interrupted as stop:
        # Behind a part of a line nothing can be read.
        if not Stdout.is_torn:
            renderer.interrupt(_as_failure(stop), time.monotonic() - started)
        raise
    finally:
        renderer.close()


@contextmanager
def _reading_large_json() -> Iterator[None]:
    """JSON may be nested more deeply than Python can follow, or not fit into the memory."""
    try:
        yield
    except RecursionError as error:
        raise StreamBroken("the app's outputs are nested too deeply to be read") from error
    except MemoryError as error:
        raise StreamBroken("the app's outputs take more memory than there is") from error


def _as_failure(stop: Stop) -> Failure:
    failure = Failure(stop.message)
    failure.exit_code = stop.exit_code
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
    saving = _saving(settings)
    app = stack.enter_context(connect(request, renderer, check=not settings.no_check))
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
    if saving is not None:
        saving.prepare(wanted.endpoint, has_data=wanted.call is not None)
    if wanted.session is not None:
        waiting = f"waiting for another command in session {wanted.session}"
        tell = partial(renderer.tell, waiting)
        stack.enter_context(alone_in_session(client.url, wanted.session, tell))
    job, data = _job(client, wanted, inputs, renderer, steps)
    if settings.detach:
        _leave(client, job, settings, renderer)
        return
    renderer.begin(job.endpoint, partial(_fetched, client))
    with _reading(wanted), client.run(job, settings.route, data) as events:
        result = _result(events, renderer, steps)
        if saving is not None and files.output_files(result):
            events.read_on()
    if saving is None:
        renderer.finish(result, time.monotonic() - started)
    else:
        sent = wanted.endpoint, wanted.call.data if wanted.call else ()
        saving.save(client, result, sent, renderer, partial(steps.end, "downloading"))


@contextmanager
def _reading(wanted: _Wanted) -> Iterator[None]:
    """What ends the reading of a detached job early ends the job: nobody can come back to it."""
    try:
        yield
    except (Stop, TimedOut) as end:
        if wanted.call is None:
            end.hint = "Gradio drops a job when its reader leaves: the result is probably lost"
        raise


class _Steps:
    """Tells how long each step of a command took, for --verbose."""

    def __init__(self, tell: Callable[[str], None] | None, started: float) -> None:
        self._tell = tell
        self._since = self.started = started

    def end(self, name: str) -> float:
        """A step has ended, and the next one begins; gives the seconds since the first began."""
        now = time.monotonic()
        if self._tell:
            self._tell(f"* {name}: {now - self._since:.3f} s")
        self._since = now
        return now - self.started


def _saving(settings: JobSettings) -> Saving | None:
    if settings.output is None:
        return None
    from gradio_curl.cli.saving import Saving

    return Saving(settings.output, settings)


def _fetched(client: Client, file: dict[str, Any]) -> bytes:
    from gradio_curl.client.downloads import fetch

    return fetch(client, file)


def _wanted(request: Request[JobSettings], app: Connected, inputs: Inputs) -> _Wanted:
    """What is meant by the words and options, as the app describes itself."""
    settings = request.settings
    if settings.event is not None:
        if faults := inputs.name_faults():
            raise InputError(*faults)
        known = queued_job(settings.event)
        session = settings.session or (known.session_hash if known else None)
        endpoint = _endpoint_of_job(request, app, known.endpoint if known else "")
        if known and endpoint is not UNKNOWN and endpoint.name != known.endpoint:
            queued = f"job {settings.event} was queued at {known.endpoint}, not at {endpoint.name}"
            raise InputError(Fault(queued, f"use {quoted(known.endpoint)}"))
        return _Wanted(endpoint, session, event_id=settings.event)
    endpoint, words = endpoint_of(app, request.words, request.app)
    check_oauth_token(endpoint, settings)
    call = _bound(app.client, endpoint, words, request, inputs)
    return _Wanted(endpoint, settings.session or call.session_hash, call)


def _endpoint_of_job(request: Request[JobSettings], app: Connected, known: str) -> Endpoint:
    """The endpoint of a queued job: as typed, else as `known` since it was queued."""
    schema, settings = app.client.app, request.settings
    if request.words or app.endpoint is not None:
        endpoint, words = endpoint_of(app, request.words, request.app)
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
            exists=inputs.has,
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


def _job(
    client: Client, wanted: _Wanted, inputs: Inputs, renderer: Renderer, steps: _Steps
) -> tuple[Job, list[Any] | None]:
    """The job that is wanted, and its data, queued now unless it is already."""
    if wanted.call is None:
        return Job(wanted.endpoint, wanted.event_id, wanted.session), None
    transferred = partial(renderer.transfer, "uploading")
    data = client.upload_files(wanted.call.data, inputs, transferred, AT_ONCE)
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
    try:
        with renderer.paused():
            if settings.json:
                Stdout().json(to_json(fields))
            else:
                Stdout().text(f"{job.event_id}\n")
    except (Failure, Stop) as end:
        # The job runs on, and without its id nobody can fetch the result.
        end.hint = f"the job is queued: its id is {job.event_id}"
        if isinstance(end, ReaderGone):
            end.message = "the reader of stdout went away"
        raise


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
