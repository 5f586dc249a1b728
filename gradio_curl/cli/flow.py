"""The way of a command: connect, bind, upload, queue, read events, save, print."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from gradio_curl.cli import screen
from gradio_curl.cli.options import JobSettings, Route, Settings
from gradio_curl.client.app import Client
from gradio_curl.client.cache import alone_in_session
from gradio_curl.client.demo import running_demo
from gradio_curl.client.disk import Inputs, Output
from gradio_curl.client.reach import reached
from gradio_curl.client.target import Address, Demo, Place, Space, parse_target, shown
from gradio_curl.client.transport import Network
from gradio_curl.errors import Failure, InputError, MaxTimePassed, Refused, StreamBroken, TimedOut
from gradio_curl.protocol import binding
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.events import Complete, Error
from gradio_curl.protocol.files import Local
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.protocol.values import parse_json
from gradio_curl.render.info import info_object
from gradio_curl.render.text import Renderer, Stdout, to_json


class Connected(NamedTuple):
    """An app, and the endpoint that its URL named."""

    client: Client
    endpoint: str | None


@contextmanager
def connected(
    typed: str, settings: Settings, renderer: Renderer, check: bool = True
) -> Iterator[Connected]:
    """Connect to what was typed as APP; `demo` runs for as long as the block."""
    target = parse_target(typed)
    network = Network(
        connect_timeout=settings.connect_timeout,
        idle_timeout=settings.idle_timeout,
        retry=settings.retry,
        insecure=settings.insecure,
        cacert=settings.cacert,
        cert=settings.cert,
        key=settings.key,
        proxy=settings.proxy,
        headers=settings.headers(),
        token=settings.token,
        login=settings.auth,
        ask=partial(ask_password, renderer),
        tell=(lambda line: None) if settings.quiet else renderer.tell,
        log=renderer.tell if settings.verbose else None,
    )
    with ExitStack() as stack:
        match target:
            case Demo():
                place = Place(stack.enter_context(running_demo()))
                reachable: Space | Address = Address((place,))
            case Address(userinfo=str(userinfo)) if settings.auth is None:
                network = replace(network, login=userinfo)
                reachable = target
            case Space() | Address():
                reachable = target
        app = reached(reachable, network, check, settings.wait)
        client, place = stack.enter_context(app)
        yield Connected(client, place.endpoint)


def ask_password(renderer: Renderer, user: str) -> str:
    """Ask on the terminal, without echo, whatever stdin is. Raises InputError without one."""
    from getpass import getpass

    try:
        os.close(os.open(os.ctermid(), os.O_RDWR))
    except OSError:
        raise Refused(
            f"the password of {user} is missing, and there is no terminal to ask on",
            "give --auth USER:PASSWORD, or set GRADIO_CURL_AUTH",
        ) from None
    try:
        with renderer.paused():
            return getpass(f"Password of {user}: ")
    except EOFError:
        raise Refused(f"the password of {user} is missing") from None


def run(
    typed: str,
    words: Sequence[str],
    literals: Sequence[str],
    settings: JobSettings,
    renderer: Renderer,
) -> None:
    """Run one call from what was typed to what is printed."""
    started = time.monotonic()
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
    inputs = Inputs(stdin_name)
    data = [Local(path) for path in paths]
    renderer.stage(f"connecting to {typed}")
    with closing(renderer), connected(typed, settings, renderer, check=False) as app:
        if faults := app.client.faults(data, inputs):
            raise InputError(*faults)
        payloads = app.client.upload_files(data, inputs, partial(renderer.transfer, "uploading"))
    Stdout().json(to_json(payloads))


def info(typed: str, endpoint: str | None, settings: Settings) -> None:
    """Print what an app offers: all of it, or one endpoint."""
    with connected(typed, settings, Renderer()) as app:
        client, schema = app.client, app.client.app
    if app.endpoint is not None:
        # The examples name the endpoint themselves.
        endpoint, typed = endpoint or app.endpoint, client.url
    typed = shown(typed)
    chosen = schema.endpoints.values() if endpoint is None else [schema.endpoint(endpoint)]
    if settings.json:
        Stdout().json(to_json(info_object(schema, client.url, typed, chosen), indent=2))
    else:
        screen.show_info(settings, schema, client.url, typed, chosen)


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
    inputs = Inputs(settings.name)
    output = Output(settings.output) if settings.output is not None else None
    with ExitStack() as stack:
        renderer.stage(f"connecting to {shown(typed)}")
        check = not settings.no_check
        app = stack.enter_context(connected(typed, settings, renderer, check))
        client = app.client
        endpoint, words = _endpoint(app, words)
        call = _bound(endpoint, words, literals, settings, inputs)
        if faults := client.faults(call.data, inputs):
            raise InputError(*faults)
        if output is not None:
            output.prepare()
        session = settings.session or call.session_hash
        if session is not None:
            if settings.route is Route.call and not client.app.call_route_knows_sessions:
                raise InputError("before Gradio 6, --route call has no events of a session's job")
            waiting = f"waiting for another command in session {session}"
            alone = alone_in_session(client.url, session, lambda: renderer.tell(waiting))
            stack.enter_context(alone)
        data = client.upload_files(call.data, inputs, partial(renderer.transfer, "uploading"))
        job = client.submit(endpoint, data, session)
        renderer.begin(endpoint, client.fetch)
        with closing(client.events(job, settings.route.value)) as events:
            for event in events:
                match event:
                    case Complete(result):
                        _finish(client, result, output, renderer, started)
                    case Error(failure):
                        raise failure
                    case _:
                        renderer.show(event, time.monotonic() - started)


def _finish(
    client: Client, result: list[Any], output: Output | None, renderer: Renderer, started: float
) -> None:
    if output is None:
        renderer.finish(result, time.monotonic() - started)
        return
    try:
        saved = client.save(result, output, partial(renderer.transfer, "downloading"))
    except Failure:
        # The job is done and can't be had again: its result is shown before the failure.
        renderer.finish(result, time.monotonic() - started)
        raise
    if saved == result:
        renderer.tell("gradio-curl: the result has no file, so --output saved nothing")
    if not output.to_stdout:
        renderer.finish(saved, time.monotonic() - started)


def _endpoint(app: Connected, words: Sequence[str]) -> tuple[Endpoint, Sequence[str]]:
    """The endpoint that is meant, and the words left: the first may be its name."""
    schema = app.client.app
    if words and (words[0].startswith("/") or f"/{words[0]}" in schema.endpoints):
        if app.endpoint is not None:
            raise InputError(f"APP names the endpoint {app.endpoint}, then {words[0]} is named")
        return schema.endpoint(words[0]), words[1:]
    if (
        words
        and app.endpoint is None
        and len(schema.endpoints) > 1
        and not set(words[0]) & set("=@ ")
    ):
        # Not found: the error has the nearest name.
        return schema.endpoint(words[0]), words[1:]
    return schema.endpoint(app.endpoint), words


def _bound(
    endpoint: Endpoint,
    words: Sequence[str],
    literals: Sequence[str],
    settings: JobSettings,
    inputs: Inputs,
) -> Call:
    body = _body(settings.data, inputs)
    if settings.no_check:
        if words or literals:
            raise InputError("--no-check sends --data alone: it takes no items")
        return binding.unchecked(body)
    labels = [parameter.label for parameter in endpoint.parameters]
    items = parse_items(words, literals, labels)
    return binding.bind(endpoint, items, body, read=inputs.text)


def _body(data: str | None, inputs: Inputs) -> Any:
    """`--data`, in curl's forms: JSON, `@file`, `@-`; `-` is stdin too."""
    if data is None:
        return None
    if data == "-" or data.startswith("@"):
        path = data.removeprefix("@")
        return parse_json(inputs.text(path), f"--data @{path}")
    return parse_json(data, "--data")
