"""What was typed as APP: where the app may be; the endpoint and event that a URL names."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import SplitResult, unquote

from gradio_curl.client import urls
from gradio_curl.client.urls import without_password
from gradio_curl.errors import MalformedURL
from gradio_curl.protocol.schema import App

# owner/space: no dot, colon or further slash; what has one is a host.
_SPACE = re.compile(r"(?P<owner>[\w-]+)/(?P<name>[\w.-]+)")
_SPACE_PAGE = re.compile(
    r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/spaces/"
    r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)(?:[/?#].*)?"
)
_RECIPE = re.compile(
    r"(?P<base>.*?)(?:/gradio_api)?/call/(?:v2/)?(?P<endpoint>[^/]+)(?:/(?P<event>[^/]+))?",
    re.DOTALL,
)
# As the docs of Gradio 3 and 4 call an endpoint.
_OLDER = re.compile(
    r"(?P<base>.*?)(?P<own>/gradio_api)?/(?:run|api)/(?P<endpoint>[^/]+)", re.DOTALL
)
_OWN_ROUTE = re.compile(
    r"(?P<base>.*?)(?:/gradio_api(?:/.*)?|/config|/info|/upload|/queue/(?:join|data))", re.DOTALL
)

# Pages beside an app that no app is mounted at, nor has an endpoint of that name as a rule.
_PAGES = ("docs", "redoc")


class Demo(NamedTuple):
    """The built-in app."""


class Space(NamedTuple):
    """A Hugging Face Space, by owner and name."""

    owner: str
    name: str


class Place(NamedTuple):
    """Where an app may be: its base URL without a slash at the end, and the endpoint named.

    `query` is what stands behind a `?` after the endpoint.
    """

    url: str
    endpoint: str | None = None
    event_id: str | None = None
    query: str = ""

    def endpoint_of(self, app: App) -> str | None:
        """The endpoint that is named, if one is. A raw `?` may be a part of its name.

        Raises InputError where `app` has none of that name.
        """
        if self.query and f"/{self.endpoint}?{self.query}" in app.endpoints:
            return f"{self.endpoint}?{self.query}"
        if self.endpoint is not None:
            app.endpoint(self.endpoint)
        return self.endpoint


class Address(NamedTuple):
    """A URL: the places to try, best first, and the `user:password` that stood in it."""

    places: tuple[Place, ...]
    userinfo: str | None = None


Target = Demo | Space | Address


def event_of(typed: str) -> str | None:
    """The event id in APP, where it is the URL by which a recipe reads events."""
    target = parse_target(typed)
    return target.places[0].event_id if isinstance(target, Address) else None


def parse_target(typed: str) -> Target:
    """Read APP. Raises MalformedURL."""
    if typed == "demo":
        return Demo()
    space = _SPACE_PAGE.fullmatch(typed) or _SPACE.fullmatch(typed)
    if space and space["owner"] != "localhost":
        return Space(space["owner"], space["name"])
    return _address(typed)


def app_of(typed: str, url: str) -> str:
    """What was typed as APP as lines to paste have it: without login, query and what stands behind
    the path of the app, which is at `url`."""
    plain = urls.presentable(typed)
    if not isinstance(parse_target(typed), Address):
        return plain
    path, base = (parts.path.rstrip("/") for parts in (_split(typed), urls.split(url)))
    behind = path.removeprefix(base) if path.startswith(f"{base}/") else ""
    return plain.rstrip("/").removesuffix(behind) if behind else plain


def _address(typed: str) -> Address:
    parts = _split(typed)
    host, at = parts.netloc.rpartition("@")[2], "@" in parts.netloc
    root = f"{parts.scheme.lower()}://{host}"
    path = parts.path.rstrip("/")
    places = [Place(root + path)]
    if recipe := _RECIPE.fullmatch(path):
        # First, for an app is seldom mounted under a path that reads like a recipe.
        event_id = recipe["event"] and unquote(recipe["event"])
        places.insert(0, Place(root + recipe["base"], unquote(recipe["endpoint"]), event_id))
    elif older := _OLDER.fullmatch(path):
        # An app may well be mounted under /api, but not under /gradio_api/run.
        place = Place(root + older["base"], unquote(older["endpoint"]))
        places.insert(0 if older["own"] else 1, place)
    elif route := _OWN_ROUTE.fullmatch(path):
        places.insert(0, Place(root + route["base"]))
    elif path:
        above, _, name = path.rpartition("/")
        places.append(Place(root + above, unquote(name)))
        if name in _PAGES:
            places.append(Place(root + above))
    query = unquote(parts.query)
    places = [place._replace(query=query) if place.endpoint else place for place in places]
    return Address(tuple(places), unquote(parts.netloc.rpartition("@")[0]) if at else None)


def _split(typed: str) -> SplitResult:
    if not typed.strip():
        raise MalformedURL("APP is empty", "give a URL, :PORT, owner/space or demo")
    if typed.isdecimal():
        # Also an IPv4 address as one number, which hardly anybody types.
        raise MalformedURL(f"{typed!r} is not a URL", f"did you mean :{typed}?")
    shown = repr(without_password(typed))
    try:
        parts = urls.split(typed if "://" in typed else f"{_scheme(typed)}://{_with_host(typed)}")
    except ValueError as error:
        raise MalformedURL(f"{shown} is not a valid URL: {error}") from None
    if "://" not in typed and parts.netloc.endswith(":"):
        raise MalformedURL(f"{shown} is not a valid URL: the port is missing")
    if parts.scheme.lower() not in ("http", "https"):
        raise MalformedURL(
            f"{shown}: {parts.scheme}:// is not supported", "use http:// or https://"
        )
    return parts


def _with_host(typed: str) -> str:
    return f"localhost{typed}" if typed.startswith(":") else typed


def _scheme(typed: str) -> str:
    """Http for what runs nearby (this machine, an address, a port), https for a public name."""
    parts = urls.split(f"//{_with_host(typed)}")
    host = parts.hostname or ""
    is_address = ":" in host or host.replace(".", "").isdigit()
    nearby = parts.port not in (None, 443) or "." not in host or is_address
    return "http" if nearby else "https"
