"""From APP to a connected client: the demo started, a Space looked up, the app found and asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any, NamedTuple

from gradio_curl.client.cache import Memory
from gradio_curl.client.client import Client
from gradio_curl.client.credentials import hub_url, is_space_host
from gradio_curl.client.http_errors import WAIT_HINT
from gradio_curl.client.redirects import elsewhere
from gradio_curl.client.repeated_secrets import mask_repeated
from gradio_curl.client.target import Address, Demo, Place, Space, parse_target
from gradio_curl.client.transport import Transport
from gradio_curl.client.urls import has_query
from gradio_curl.client.waiting import waited
from gradio_curl.errors import (
    Busy,
    Failure,
    HTTPFailed,
    InputError,
    MayWake,
    Refused,
)
from gradio_curl.network import Network, Secret

# The statuses of a server whose app may be at another path; None: what answered was not Gradio.
_ELSEWHERE = (None, 404, 405)


class Connected(NamedTuple):
    """An app, and the endpoint that its URL named."""

    client: Client
    endpoint: str | None


@contextmanager
def connected(
    typed: str,
    network: Network,
    *,
    wait: float = 0.0,
    check: bool = True,
    fresh: bool = False,
) -> Iterator[Connected]:
    """Connect to what was typed as APP, for as long as the block; `demo` runs as long.

    An app that is starting, asleep or being built is waited for, `wait` seconds at most: TimedOut
    is raised where that was not enough. `check` is False for `--no-check`: then the app is not
    asked what it expects. With `fresh` it is asked also where that is remembered.
    """
    target = parse_target(typed)
    with ExitStack() as stack:
        if isinstance(target, Demo):
            from gradio_curl.client.demo import running_demo

            target = Address((Place(stack.enter_context(running_demo())),))
        elif isinstance(target, Address) and target.userinfo == ":":
            raise InputError("the login in APP is empty")
        elif isinstance(target, Address) and target.userinfo and network.login is None:
            network = network._replace(login=Secret(target.userinfo))
        memory = Memory(typed) if check else None
        search = _Search(target, network, stack, memory, fresh, has_query(typed))
        yield waited(search.run, wait, network.tell)


class _Search:
    """Looks for the app at the places where it may be. What is open is closed with `stack`.

    Without a `memory` the app is not asked what it expects. `has_query` is of what was typed. A
    search may be run again: it keeps its connections, and the logins that were made by them.
    """

    def __init__(
        self,
        target: Space | Address,
        network: Network,
        stack: ExitStack,
        memory: Memory | None,
        fresh: bool,
        has_query: bool,
    ) -> None:
        self._has_query = has_query
        self._target = target
        self._network = network
        self._stack = stack
        self._memory = memory
        self._fresh = fresh
        self._transports: dict[str, Transport] = {}

    def run(self, deadline: float | None) -> Connected:
        """Find the app, by `deadline` on the monotonic clock."""
        places = self._places(deadline)
        known = None if self._fresh else self._remembered(places, deadline)
        if known is not None:
            return known
        failure: HTTPFailed | None = None
        for place in places:
            try:
                client = self._asked(place, deadline)
                return self._connected(place, client)
            except HTTPFailed as error:
                failure = failure or error
                if failure.status not in _ELSEWHERE:
                    break
            except InputError as error:  # the app that is there lacks the endpoint
                if failure is None:
                    raise
                message, hint, _ = error.faults[0]
                failure.hint = f"a Gradio app is at {place.url}: {message}\n{hint}"
            except Failure:  # what a guess comes to hides nothing
                if failure is None:
                    raise
        assert failure is not None
        url = places[0].url
        if failure.status == 404 and self._is_space(url):
            from gradio_curl.client import hub

            raise hub.missing(url, failure) from failure
        if failure.status == 404:
            failure.hint = failure.hint or _where_to_look(places)
        raise failure

    def _places(self, deadline: float | None) -> tuple[Place, ...]:
        if isinstance(self._target, Address):
            return self._target.places
        from gradio_curl.client import hub

        # What was given for the app is not for the Hub, but for the token.
        bare = self._network._replace(
            headers=(), cert=None, key=None, login=None, default_login=None
        )
        return hub.find(self._transport(hub_url(), bare), self._target, deadline).places

    def _remembered(self, places: tuple[Place, ...], deadline: float | None) -> Connected | None:
        """The app as remembered, if it is still the same: it answers with the same `app_id`."""
        known = self._memory.recall() if self._memory else None
        place = next((place for place in places if known and place.url == known.url), None)
        if self._memory is None or known is None or place is None or not known.app.app_id:
            return None
        route = f"{known.app.prefix}/app_id"
        transport = self._transport(place.url, self._network)
        try:
            answer, final_url = transport.get_json(f"{place.url}{route}", deadline)
            place.endpoint_of(known.app)
        except (HTTPFailed, InputError, Refused):
            return None
        if not isinstance(answer, dict) or str(answer.get("app_id")) != known.app.app_id:
            return None
        self._memory.used()
        base = final_url.partition("?")[0].removesuffix(route)
        client = Client(transport, base, known.app, partial(self._asked, place, None))
        return self._connected(place, client)

    def _connected(self, place: Place, client: Client) -> Connected:
        """The app, and the endpoint that its URL named. Raises InputError."""
        if told := elsewhere(place.url, client.url):
            self._network.tell(f"{told}: requests go there")
        endpoint = place.endpoint_of(client.app)
        if self._has_query and endpoint == place.endpoint:
            self._network.tell("?… in APP is not sent")
        return Connected(client, endpoint)

    def _asked(self, place: Place, deadline: float | None) -> Client:
        """A client of the app at `place`, as the app describes itself now."""
        from gradio_curl.protocol.descriptions import read_app, read_version

        transport = self._transport(place.url, self._network)
        config, final_url = self._config(transport, place, deadline)
        _, prefix = read_version(config)
        base = final_url.partition("?")[0].removesuffix("/config")
        if self._memory is None:
            mask_repeated(config)
            return Client(transport, base, read_app(config, None))
        info, _ = transport.get_json(f"{base}{prefix}/info", deadline)
        mask_repeated(config, info)
        app = read_app(config, info or {})
        self._memory.keep(place.url, app)
        return Client(transport, base, app)

    def _config(
        self, transport: Transport, place: Place, deadline: float | None
    ) -> tuple[Any, str]:
        """The `/config` of the app, and where redirects led."""
        try:
            return transport.get_json(f"{place.url}/config", deadline)
        except Busy as failure:
            if not failure.turned_away:  # by an app: so it may be a proxy that has none yet
                failure.hint = WAIT_HINT
            raise
        except HTTPFailed as failure:
            if failure.status is None and self._is_space(place.url):
                raise MayWake(failure.message, WAIT_HINT) from failure
            raise

    def _is_space(self, url: str) -> bool:
        return isinstance(self._target, Space) or is_space_host(url)

    def _transport(self, url: str, network: Network) -> Transport:
        if url not in self._transports:
            self._transports[url] = self._stack.enter_context(closing(Transport(network, url)))
        return self._transports[url]


def _where_to_look(places: tuple[Place, ...]) -> str:
    hint = "give the URL that the browser shows, with its sub path"
    if len(places) > 1:
        hint = f"no Gradio app answers at {places[-1].url} either: {hint}"
    return hint
