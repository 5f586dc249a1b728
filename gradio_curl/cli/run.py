"""The way of a command: connect, bind, upload, queue, read events, save, print."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any

from gradio_curl.cli import display
from gradio_curl.cli.endpoint import check_oauth_token, endpoint_of
from gradio_curl.cli.network import network_of
from gradio_curl.cli.options import CallSettings, JobSettings, Route, Settings
from gradio_curl.client import downloads
from gradio_curl.client.cache import queued_job, remember_job
from gradio_curl.client.client import Client
from gradio_curl.client.connect import Connected, connected
from gradio_curl.client.jobs import Job
from gradio_curl.client.local_files import Inputs
from gradio_curl.client.outputs import Output
from gradio_curl.client.session_lock import alone_in_session
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
from gradio_curl.protocol import binding
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.events import Complete, Error, Started
from gradio_curl.protocol.files import Local
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.output_names import fields_of
from gradio_curl.protocol.schema import UNKNOWN, Endpoint
from gradio_curl.protocol.values import parse_json
from gradio_curl.render.info import info_object
from gradio_curl.render.saved import saved_text
from gradio_curl.render.stdio import Stdout, to_json
from gradio_curl.render.text import Renderer, failure_object


def run(
    typed: str,
    words: Sequence[str],
    literals: Sequence[str],
    settings: JobSettings,
    renderer: Renderer,
) -> None:
    """Run one call from what was typed to what is printed."""
    started = time.monotonic()
    renderer.quiet = settings.quiet
    try:
        with _reading_deep_json():
            _run(typed, words, literals, settings, renderer, started)
    except Failure as failure:
        renderer.fail(failure, time.monotonic() - started)
        raise
    except MaxTimePassed as stop:
        renderer.fail(TimedOut(stop.message), time.monotonic() - started)
        raise
    finally:
        renderer.close()


def upload(
    typed: str,
    paths: Sequence[str],
    stdin_name: str | None,
    settings: Settings,
    renderer: Renderer,
) -> None:
    """Upload files and print their payloads, a JSON array in the order of the arguments."""
    inputs = Inputs(stdin_name, renderer.tell)
    data = [Local(path) for path in paths]
    renderer.stage(f"connecting to {without_password(typed)}")
    with (
        _failing_as_data(settings),
        closing(renderer),
        connected(typed, network_of(settings, renderer), wait=settings.wait, check=False) as app,
    ):
        if faults := app.client.faults(data, inputs):
            raise InputError(*faults)
        payloads = app.client.upload_files(data, inputs, partial(renderer.transfer, "uploading"))
    Stdout().json(to_json(payloads))


def info(typed: str, endpoint: str | None, settings: Settings) -> None:
    """Print what an app offers: all of it, or one endpoint."""
    with (
        _failing_as_data(settings),
        connected(typed, network_of(settings, Renderer()), wait=settings.wait, fresh=True) as app,
    ):
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
def _reading_deep_json() -> Iterator[None]:
    """JSON may be nested more deeply than Python's functions can follow."""
    try:
        yield
    except RecursionError as error:
        raise StreamBroken("the app's outputs are nested too deeply to be read") from error


def _run(
    typed: str,
    words: Sequence[str],
    literals: Sequence[str],
    settings: JobSettings,
    renderer: Renderer,
    started: float,
) -> None:
    _demand_one_way(settings)
    steps = _Steps(renderer.tell if settings.verbose else None, started)
    inputs = Inputs(settings.name, renderer.tell)
    output = Output(settings.output) if settings.output is not None else None
    with ExitStack() as stack:
        renderer.stage(f"connecting to {without_password(typed)}")
        app = stack.enter_context(
            connected(
                typed,
                network_of(settings, renderer),
                wait=settings.wait,
                check=not settings.no_check,
                fresh=settings.no_cache,
            )
        )
        steps.end("connecting")
        client = app.client
        endpoint, call = client.fit(
            lambda: _wanted(app, words, literals, settings, inputs), inputs.start_over
        )
        session = settings.session or (call.session_hash if call else None)
        if call is None and session is None and (known := queued_job(str(settings.event))):
            session = known.session_hash
        if faults := client.route_faults(endpoint, settings.route.value, session):
            raise InputError(*faults)
        if settings.curl:
            from gradio_curl.cli.curl import as_curl

            with renderer.paused():
                Stdout().script(as_curl(client, endpoint, call, session, settings) + "\n")
            return
        if output is not None:
            declared = sum(returned.file for returned in endpoint.returns)
            output.prepare({name for name in endpoint.slots if name and call}, declared)
        if session is not None:
            waiting = f"waiting for another command in session {session}"
            alone = alone_in_session(client.url, session, lambda: renderer.tell(waiting))
            stack.enter_context(alone)
        data = None
        if call is None:
            job = Job(endpoint, str(settings.event), session)
        else:
            data = client.upload_files(call.data, inputs, partial(renderer.transfer, "uploading"))
            steps.end("uploading")
            job = client.submit(endpoint, data, session)
            steps.end("submitting")
        if settings.detach:
            with renderer.paused():
                _leave(client, job, settings)
            return
        renderer.begin(endpoint, partial(downloads.fetch, client))
        with client.run(job, settings.route.value, data) as events:
            for event in events:
                match event:
                    case Complete(result):
                        steps.end("running")
                        fields = fields_of(endpoint.slots, call.data if call else ())
                        _finish(client, result, fields, output, renderer, settings, steps)
                    case Error(failure):
                        raise failure
                    case _:
                        if isinstance(event, Started):
                            steps.end("queued")
                        renderer.show(event, time.monotonic() - started)


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


def _demand_one_way(settings: JobSettings) -> None:
    """Raise InputError where options contradict each other."""
    if settings.detach and settings.event is not None:
        raise InputError("--detach queues a job, --event collects one: give one of them")
    if settings.no_check and settings.is_typed("oauth_token"):
        why = "--no-check does not ask the app which endpoints take an --oauth-token"
        raise InputError(Fault(why, "leave out one of them"))
    if settings.detach and settings.output is not None:
        raise InputError("--detach leaves before there is a file", "give --output with --event")


def _wanted(
    app: Connected,
    words: Sequence[str],
    literals: Sequence[str],
    settings: JobSettings,
    inputs: Inputs,
) -> tuple[Endpoint, Call | None]:
    """The endpoint, and the call that is to be made; None for a job that is queued already."""
    if settings.event is None:
        endpoint, words = endpoint_of(app, words)
        check_oauth_token(endpoint, settings)
        return endpoint, _bound(app.client, endpoint, words, literals, settings, inputs)
    schema = app.client.app
    remembered = queued_job(settings.event)
    if words or app.endpoint is not None:
        endpoint, words = endpoint_of(app, words)
    elif remembered is not None and remembered.endpoint in schema.endpoints:
        endpoint = schema.endpoints[remembered.endpoint]
    elif len(schema.endpoints) > 1 and settings.route is not Route.call and not settings.curl:
        # The id is enough to read the events: only state outputs can't be told apart then.
        endpoint = UNKNOWN
    else:
        endpoint = schema.endpoint(None)
    if words or literals or settings.data is not None:
        raise InputError("--event collects a job that is queued already: it takes no items")
    return endpoint, None


def _leave(client: Client, job: Job, settings: JobSettings) -> None:
    remember_job(job.event_id, job.endpoint.name, job.session_hash)
    if not settings.json:
        Stdout().text(f"{job.event_id}\n")
        return
    told = {
        "event_id": job.event_id,
        "session_hash": job.session_hash,
        "endpoint": job.endpoint.name,
        "app": client.url,
    }
    Stdout().json(to_json(told))


def _finish(
    client: Client,
    result: list[Any],
    fields: Mapping[str, str],
    output: Output | None,
    renderer: Renderer,
    settings: JobSettings,
    steps: _Steps,
) -> None:
    if output is None:
        renderer.finish(result, time.monotonic() - steps.started)
        return
    as_text = partial(saved_text, as_json=settings.json)
    saver = downloads.Saver(output, as_text, partial(renderer.transfer, "downloading"))
    saved = saver.save(client, result, fields)
    steps.end("downloading")
    as_lines = isinstance(settings, CallSettings) and not settings.json
    if saved.path is not None and as_lines and not output.to_stdout:
        with renderer.paused():
            Stdout().text(f"{saved.path}\n")
    # The job is done and can't be had again: its result is shown before a failure.
    elif saved.failure or not output.to_stdout:
        renderer.finish(saved.data, time.monotonic() - steps.started)
    if saved.failure:
        raise saved.failure
    if not output.used:
        raise CannotWrite("the result has nothing for --output to save")


def _bound(
    client: Client,
    endpoint: Endpoint,
    words: Sequence[str],
    literals: Sequence[str],
    settings: JobSettings,
    inputs: Inputs,
) -> Call:
    body = data_option(settings.data, inputs)
    if settings.no_check:
        if words or literals:
            raise InputError("--no-check sends --data alone: it takes no items")
        call = binding.unchecked(body)
        if faults := client.faults(call.data, inputs):
            raise InputError(*faults)
        return call
    items = parse_items(words, literals)
    try:
        return binding.bind(
            endpoint,
            items,
            body,
            read=inputs.text,
            in_session=settings.session is not None,
            file_faults=partial(client.faults, inputs=inputs),
        )
    except RecursionError as error:
        raise InputError("the JSON that is given is nested too deeply to be sent") from error


def data_option(data: str | None, inputs: Inputs) -> Any:
    """`--data`, in curl's forms: JSON, `@file`, `@-`; `-` is stdin too."""
    if data is None:
        return None
    hint = "it takes a JSON list or object, @FILE or @-; for one value give an item: NAME=TEXT"
    if data == "-" or data.startswith("@"):
        path = data.removeprefix("@")
        return parse_json(inputs.text(path), f"--data @{path}", hint)
    return parse_json(data, "--data", hint)
