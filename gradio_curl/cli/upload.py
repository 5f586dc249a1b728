"""The command `upload`: connect, upload, print the payloads."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from functools import partial

from gradio_curl.cli.options import UploadSettings
from gradio_curl.cli.request import Request, connect, failing_as_data
from gradio_curl.client.local_files import Inputs
from gradio_curl.client.side_by_side import AT_ONCE
from gradio_curl.errors import InputError
from gradio_curl.protocol.files import Local
from gradio_curl.render.renderer import Renderer
from gradio_curl.render.stdio import Stdout, to_json


def run(
    request: Request[UploadSettings], renderer: Renderer, names: Mapping[str, str] | None = None
) -> None:
    """Upload files and print their payloads, a JSON array in the order of the arguments.

    `names` has what files are sent as, by path, where that is not their own name.
    """
    inputs = Inputs(request.settings.name, renderer.tell, names)
    data = [Local(path) for path in [*request.words, *request.literals]]
    with (
        failing_as_data(request.settings),
        closing(renderer),
        connect(request, renderer, check=False) as app,
    ):
        faults = app.client.faults(data, inputs)
        of_name = (fault._replace(hint="give - as a FILE") for fault in inputs.name_faults())
        if faults := [*faults, *of_name]:
            raise InputError(*faults)
        transferred = partial(renderer.transfer, "uploading")
        payloads = app.client.upload_files(data, inputs, transferred, AT_ONCE)
    Stdout().json(to_json(payloads))
