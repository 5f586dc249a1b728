"""What was typed for one command, and the app that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gradio_curl.cli.endpoint import looks_like_item
from gradio_curl.cli.network import network_of
from gradio_curl.cli.options import JobSettings, Settings
from gradio_curl.client.connect import Connected, connected
from gradio_curl.client.target import event_of
from gradio_curl.client.urls import presentable
from gradio_curl.errors import Failure
from gradio_curl.render.renderer import Renderer
from gradio_curl.render.stdio import Stdout, to_json
from gradio_curl.render.text import failure_object

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


def connect(
    request: Request[Any], renderer: Renderer, *, check: bool = True, fresh: bool = False
) -> AbstractContextManager[Connected]:
    """The app that `request` names; without `check` it is not asked what it expects."""
    settings = request.settings
    renderer.stage(f"connecting to {presentable(request.app)}")
    network = network_of(settings, renderer)
    fresh = fresh or settings.no_cache
    return connected(request.app, network, wait=settings.wait, check=check, fresh=fresh)


@contextmanager
def failing_as_data(settings: Settings) -> Iterator[None]:
    """With `--json` a failure is data on stdout too."""
    try:
        yield
    except Failure as failure:
        if settings.json:
            Stdout().json(to_json(failure_object(failure)))
        raise
