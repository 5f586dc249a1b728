"""From APP and the first words to a connected app and the endpoint that is meant."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NamedTuple

from gradio_curl.cli.options import Settings, read_secret
from gradio_curl.client.cache import Memory
from gradio_curl.client.client import Client
from gradio_curl.client.connect import reached
from gradio_curl.client.credentials import bound_login
from gradio_curl.client.demo import running_demo
from gradio_curl.client.target import Address, Demo, Place, Space, parse_target
from gradio_curl.errors import InputError, Refused
from gradio_curl.network import Secret
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.text import Renderer


class Connected(NamedTuple):
    """An app, and the endpoint that its URL named."""

    client: Client
    endpoint: str | None


@contextmanager
def connected(
    typed: str,
    settings: Settings,
    renderer: Renderer,
    check: bool = True,
    fresh: bool = False,
) -> Iterator[Connected]:
    """Connect to what was typed as APP; `demo` runs for as long as the block.

    With `fresh` the app is asked what it expects, also where that is remembered.
    """
    target = parse_target(typed)
    network = settings.network()._replace(
        oauth_token=_oauth_token(settings.oauth_token),
        ask=partial(ask_password, renderer),
        tell=(lambda line: None) if settings.quiet else renderer.tell,
        log=renderer.tell if settings.verbose else None,
    )
    variable = os.environ.get("GRADIO_CURL_AUTH")
    if variable and settings.auth == variable:
        login, host = bound_login(variable)
        network = network._replace(login=login, login_host=host)
    with ExitStack() as stack:
        match target:
            case Demo():
                place = Place(stack.enter_context(running_demo()))
                reachable: Space | Address = Address((place,))
            case Address(userinfo=str(userinfo)) if settings.auth in (None, variable):
                network = network._replace(login=Secret(userinfo), login_host=None)
                reachable = target
            case Space() | Address():
                reachable = target
        fresh = fresh or settings.no_cache
        app = reached(reachable, network, check, settings.wait, Memory(typed), fresh)
        client, place = stack.enter_context(app)
        yield Connected(client, place.endpoint)


def _oauth_token(typed: str | None) -> Secret | None:
    """The token of `--oauth-token`, which may be `@FILE`. Raises InputError, CannotRead."""
    token = read_secret(typed, "--oauth-token")
    text = token.reveal().strip() if token else None
    if text is not None and not (text and text.isascii() and text.isprintable()):
        raise InputError("--oauth-token is empty or has characters that a token can't have")
    return Secret(text) if text else None


def check_oauth_token(endpoint: Endpoint, settings: Settings) -> None:
    """Raise Refused where `endpoint` requires a token and none is given.

    The saved token is the user's own secret: it is never sent to an app's functions.
    """
    if endpoint.oauth_token == "required" and settings.oauth_token is None:
        raise Refused(
            f"{endpoint.name} requires your Hugging Face token",
            "if you trust the app with it, give --oauth-token TOKEN or set GRADIO_CURL_OAUTH_TOKEN",
        )


def ask_password(renderer: Renderer, user: str) -> str:
    """Ask on the terminal, without echo, whatever stdin is. Raises Refused without one."""
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


def endpoint_of(app: Connected, words: Sequence[str]) -> tuple[Endpoint, Sequence[str]]:
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
        and words[0]
        and not set(words[0]) & set("=@ ")
    ):
        # Not found: the error has the nearest name.
        return schema.endpoint(words[0]), words[1:]
    return schema.endpoint(app.endpoint), words
