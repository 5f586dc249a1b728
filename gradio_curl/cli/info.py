"""The command `info`: connect, show what can be called."""

from __future__ import annotations

from gradio_curl.cli import display
from gradio_curl.cli.options import Settings
from gradio_curl.cli.request import Request, connect, failing_as_data
from gradio_curl.client.target import app_of
from gradio_curl.render.info import info_object
from gradio_curl.render.renderer import Renderer
from gradio_curl.render.stdio import Stdout, to_json


def run(request: Request[Settings]) -> None:
    """Print what an app offers: all of it, or one endpoint."""
    settings, typed = request.settings, request.app
    endpoint = next(iter(request.words), None)
    with failing_as_data(settings), connect(request, Renderer(), fresh=True) as app:
        client, schema = app.client, app.client.app
        if app.endpoint is not None:
            # The examples name the endpoint themselves.
            endpoint = endpoint or app.endpoint
        chosen = schema.endpoints.values() if endpoint is None else [schema.endpoint(endpoint)]
    typed = app_of(typed, client.url)
    if settings.json:
        Stdout().json(to_json(info_object(schema, client.url, typed, chosen), indent=2))
    else:
        display.show_info(settings, schema, client.url, typed, chosen)
