"""The endpoint that is meant, by APP or by the first word; and whether it gets what it requires."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gradio_curl.cli.options import Settings
from gradio_curl.client.connect import Connected
from gradio_curl.client.target import app_of
from gradio_curl.errors import Fault, InputError, Refused
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.parameter_names import has_parameters
from gradio_curl.protocol.schema import App, Endpoint
from gradio_curl.protocol.shell import quoted

_MOST_LINES = 10
_HELPER = re.compile(r"/lambda(_\d+)?|/.*flag.*", re.IGNORECASE)


def endpoint_of(app: Connected, words: Sequence[str], typed: str) -> tuple[Endpoint, Sequence[str]]:
    """The endpoint that is meant, and the words left: the first may be its name.

    `typed` is APP as it was typed, for the lines to paste where it is not clear which one is meant.
    """
    schema = app.client.app
    if words and (words[0].startswith("/") or schema.known(f"/{words[0]}")):
        endpoint = schema.endpoint(words[0])
        if app.endpoint is not None and schema.endpoint(app.endpoint) is not endpoint:
            message = f"APP names the endpoint {app.endpoint}, then {words[0]} is named"
            raise InputError(Fault(message, "leave one of them out"))
        return endpoint, words[1:]
    if app.endpoint is not None or len(schema.endpoints) < 2:
        return schema.endpoint(app.endpoint), words
    if words and words[0] and not looks_like_item(words[0]):
        # Not found: the error has the nearest name.
        return schema.endpoint(words[0]), words[1:]
    typed = app_of(typed, app.client.url)
    raise InputError(Fault("which endpoint?", "\n".join(_lines_to_paste(schema, words, typed))))


def looks_like_item(word: str) -> bool:
    """Whether a word behind APP is an item, and not the name of an endpoint."""
    return not word.startswith("/") and bool(set(word) & set("=@ "))


def _lines_to_paste(schema: App, words: Sequence[str], typed: str) -> Iterator[str]:
    """A line for each endpoint that takes the words that were typed, or else for each there is;
    those last that hardly anybody means."""
    from gradio_curl.protocol.examples import completed, example

    names = {name for item in parse_items(words) if (name := getattr(item, "name", ""))}
    endpoints = sorted(schema.endpoints.values(), key=_is_helper)
    having = [e for e in endpoints if names and has_parameters(e, names)]
    lines = [line for e in having[:_MOST_LINES] if (line := completed(e, typed, words))]
    if lines:
        yield from lines
        return
    for endpoint in endpoints[:_MOST_LINES]:
        yield example(endpoint, typed) or endpoint.name
    if more := endpoints[_MOST_LINES:]:
        yield f"and {len(more)} more: gradio-curl info {quoted(typed)}"


def _is_helper(endpoint: Endpoint) -> bool:
    return not endpoint.parameters or bool(_HELPER.fullmatch(endpoint.name))


def check_oauth_token(endpoint: Endpoint, settings: Settings) -> None:
    """Raise Refused where `endpoint` requires a token and none is given.

    The saved token is the user's own secret: it is never sent to an app's functions.
    """
    if endpoint.oauth_token == "required" and settings.oauth_token is None:
        raise Refused(
            f"{endpoint.name} requires your Hugging Face token",
            "if you trust the app with it, give --oauth-token TOKEN or set GRADIO_CURL_OAUTH_TOKEN",
        )


def check_table(endpoint: Endpoint) -> None:
    """Raise InputError where `endpoint` surely returns no table for `--csv`."""
    may_be = ("table", "json", "any", "object")
    if endpoint.returns and not any(returned.type in may_be for returned in endpoint.returns):
        from gradio_curl.render.info import return_words

        kinds = ", ".join(map(return_words, endpoint.returns))
        raise InputError(Fault(f"--csv needs a table, {endpoint.name} returns {kinds}"))
