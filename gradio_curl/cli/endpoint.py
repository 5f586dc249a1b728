"""The endpoint that is meant, by APP or by the first word; and whether it gets what it requires."""

from __future__ import annotations

from collections.abc import Sequence

from gradio_curl.cli.options import Settings
from gradio_curl.client.connect import Connected
from gradio_curl.errors import InputError, Refused
from gradio_curl.protocol.schema import Endpoint


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


def check_oauth_token(endpoint: Endpoint, settings: Settings) -> None:
    """Raise Refused where `endpoint` requires a token and none is given.

    The saved token is the user's own secret: it is never sent to an app's functions.
    """
    if endpoint.oauth_token == "required" and settings.oauth_token is None:
        raise Refused(
            f"{endpoint.name} requires your Hugging Face token",
            "if you trust the app with it, give --oauth-token TOKEN or set GRADIO_CURL_OAUTH_TOKEN",
        )
