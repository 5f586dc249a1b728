"""A result on its way to where `--output` says; what can't be saved is shown, never lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gradio_curl.cli.options import CallSettings, JobSettings
from gradio_curl.client.client import Client
from gradio_curl.client.downloads import Saver
from gradio_curl.client.outputs import Output
from gradio_curl.client.side_by_side import AT_ONCE
from gradio_curl.errors import Failure, Interrupted, MaxTimePassed, Stop
from gradio_curl.protocol import files
from gradio_curl.protocol.output_names import fields_of
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.renderer import Renderer
from gradio_curl.render.saved import saved_text
from gradio_curl.render.stdio import Stdout


class Saving:
    """Saves the result of one call where `path` says. Raises InputError where that can't be."""

    def __init__(self, path: str, settings: JobSettings) -> None:
        self._output = Output(path)
        self._settings = settings

    def prepare(self, endpoint: Endpoint, has_data: bool) -> None:
        """Fail now where it is plain that a result of `endpoint` can't be saved."""
        fields = {name for name in endpoint.slots if name and has_data}
        self._output.prepare(fields, sum(returned.file for returned in endpoint.returns))

    def save(
        self,
        client: Client,
        result: list[Any],
        sent: tuple[Endpoint, Sequence[Any]],
        renderer: Renderer,
        ended: Callable[[], float],
    ) -> None:
        """Save `result`, then print what was saved where.

        `sent` is the endpoint and the data that it got. `ended` is told when all is saved, and
        gives the seconds since the start of the command.
        """
        endpoint, data = sent
        as_text = partial(saved_text, endpoint=endpoint, as_json=self._settings.json)
        transferred = partial(renderer.transfer, "downloading")
        saver = Saver(self._output, as_text, transferred, AT_ONCE)
        try:
            saved = saver.save(client, result, fields_of(endpoint.slots, data))
        except (Interrupted, MaxTimePassed) as stop:
            self._keep(stop, result)
            raise
        seconds = ended()
        if saved.failure is not None:
            self._keep(saved.failure, saved.data)
            raise saved.failure
        if self._output.to_stdout:
            return
        as_lines = isinstance(self._settings, CallSettings) and not self._settings.json
        if saved.is_text and as_lines and saved.only is not None and len(saved.data) > 1:
            shown = [*saved.data]
            shown[saved.only] = saved.paths[0]
            renderer.finish(shown, seconds)
            return
        if saved.is_text and as_lines:
            with renderer.paused():
                Stdout().text(f"{saved.paths[0]}\n")
            return
        if saved.is_text and not self._settings.quiet:
            renderer.tell(f"saved to {saved.paths[0]}")
        renderer.finish(saved.data, seconds)

    def _keep(self, failure: Failure | Stop, data: list[Any]) -> None:
        """Show the result with the failure to save it: the job is done and can't be had again.

        Only bytes of the file go to stdout with `-o -`, and only paths stand for files elsewhere:
        the URLs of those that were not saved are in the hint.
        """
        failure.data = None if self._output.to_stdout and not self._settings.json else data
        lost = [url for url in files.urls_not_saved(data) if url not in failure.message]
        if lost:
            told = f"it is at {lost[0]}" if len(lost) == 1 else f"they are at {' '.join(lost)}"
            failure.hint = f"{failure.hint}; {told}" if failure.hint else told
