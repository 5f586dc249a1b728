"""What can be called: an app, its endpoints, their parameters and returns."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

from gradio_curl.errors import Fault, HTTPFailed, InputError
from gradio_curl.protocol.json_schema import Schema
from gradio_curl.protocol.shell import quoted
from gradio_curl.protocol.versions import Version, version_of

# An endpoint as it stands in a URL: `/call/predict`, `/predict/`.
_ROUTE = re.compile(r"(?:/?gradio_api)?/?(?:(?:call/v2|call|run|api)/)?([^/]+)/?")
_MOST_LISTED = 10  # endpoints, where one is not found

DEEPEST = 500
"""How deeply JSON that is sent may be nested: Python's encoder stops below 1,000."""

Kind = Literal[
    "string", "number", "integer", "boolean", "choice", "choices", "list", "array", "object",
    "table", "json", "any", "file",
]  # fmt: skip
"""What a parameter takes. `choices` and `list` are lists whose items may be given one by one,
`json` is any JSON, and `any` any value, where text is text."""
OAuth = Literal["required", "optional"]
Shape = Literal["file", "files", "pair", "gallery", "video", "multimodal", "editor"]


class Choice(NamedTuple):
    """One of a parameter's choices: what a person reads, and the value that is sent."""

    label: str
    value: Any


class Parameter(NamedTuple):
    """One parameter of an endpoint.

    `shape` is how files go in, None where the parameter takes none. `custom` lets values through
    that are not among the choices. `changeable` marks one whose choices and range an event of the
    app may change in a session. `item` is the kind of each item of a `list`, `schema` the JSON
    Schema that values of `gr.api` are checked with, `columns` the name and type of each column of
    a table, `file_types` the suffixes (`.pdf`) and sorts (`image`) of files that are taken, empty
    where the app takes any.
    """

    name: str
    label: str
    kind: Kind
    component: str
    required: bool
    default: Any = None
    choices: tuple[Choice, ...] = ()
    custom: bool = False
    minimum: float | None = None
    maximum: float | None = None
    changeable: bool = False
    shape: Shape | None = None
    example: Any = None
    item: Kind | None = None
    schema: Schema | None = None
    columns: list[list[str]] | None = None
    file_types: tuple[str, ...] = ()


class Return(NamedTuple):
    """One value that comes back."""

    label: str
    type: str
    component: str
    file: bool


class Endpoint(NamedTuple):
    """One thing that can be called.

    `slots` has, for each slot of the `data` list, the name of the parameter that fills it, or None
    where the server does (state, buttons). `listed` tells for each output whether `/info` lists it.
    A call of a `stateless` one finds nothing that an earlier one left in its session: the server
    fills no slot, and no input is an output too (an update of its choices, say, would stay).
    `oauth_token` tells whether it takes the caller's Hugging Face token (6.21 and later).
    `from_labels` tells that its parameters are not in `/info`: their names are made from labels.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    returns: tuple[Return, ...]
    slots: tuple[str | None, ...]
    listed: tuple[bool, ...]
    fn_index: int
    streams_input: bool
    stateless: bool
    oauth_token: OAuth | None = None
    from_labels: bool = False

    @property
    def has_call_route(self) -> bool:
        """Whether a `/call/…` URL can name it: one with a slash, or only dots, it can't."""
        return "/" not in self.name[1:] and self.name[1:] not in ("", ".", "..")

    def listed_outputs(self, data: list[Any]) -> list[Any]:
        """Drop the outputs that `/info` does not list: state and layout components.

        Where the app sends no values at all, each is None.
        """
        if not data:
            return [None for listed in self.listed if listed]
        if len(data) != len(self.listed) or all(self.listed):
            return data
        return [value for value, listed in zip(data, self.listed, strict=True) if listed]


UNKNOWN = Endpoint(
    name="",
    description="",
    parameters=(),
    returns=(),
    slots=(),
    listed=(),
    fn_index=-1,
    streams_input=False,
    stateless=False,
)
"""Stands for the endpoint of a job of which nothing but the event id is known."""


class App(NamedTuple):
    """What an app says of itself. `max_file_size` is in bytes, None without a limit.

    `undocumented` ones can be called, but are not shown. `unreadable` has, for each endpoint whose
    description makes no sense, what is wrong with it.
    """

    version: str
    prefix: str
    app_id: str
    space_id: str | None
    max_file_size: int | None
    endpoints: Mapping[str, Endpoint]
    undocumented: Mapping[str, Endpoint]
    unreadable: Mapping[str, str]

    @property
    def gradio(self) -> Version:
        """The version of Gradio, which tells what the app can do."""
        return version_of(self.version)

    def endpoint(self, name: str | None) -> Endpoint:
        """The endpoint called `name` (with or without its slash), or the only one there is.

        Raises InputError, which names the endpoints there are and the nearest one, and HTTPFailed
        where the app has it but describes it in a way that makes no sense.
        """
        if name is None:
            if len(self.endpoints) == 1:
                return next(iter(self.endpoints.values()))
            raise InputError(Fault("which endpoint?", self._listing()))
        found = self.known(name) or self.known(f"/{name}") or self._alike(name)
        if found is None and (route := _ROUTE.fullmatch(name)):
            found = self.known(f"/{route[1]}") or self._alike(route[1])
        if found is None:
            for slashed in (name, f"/{name}"):
                if slashed in self.unreadable:
                    what = f"the app's description of {slashed} can't be read"
                    raise HTTPFailed(f"{what}: {self.unreadable[slashed]}")
            hint = did_you_mean(name, self.endpoints) or self._listing()
            if len(self.endpoints) > _MOST_LISTED:
                near = nearest(name, self.endpoints)
                some = ", ".join([*self.endpoints][:_MOST_LISTED])
                hint = f"did you mean {quoted(near)}?" if near else f"there are: {some}, …"
                hint += "\ngradio-curl info APP lists all"
            raise InputError(Fault(f"unknown endpoint {quoted(name)}", hint))
        return found

    def known(self, name: str) -> Endpoint | None:
        """The endpoint of just this name, documented or not."""
        return self.endpoints.get(name) or self.undocumented.get(name)

    def _alike(self, name: str) -> Endpoint | None:
        """The only endpoint whose name is `name`, but for percent-encoding and the way in which
        accents are encoded (macOS pastes them decomposed)."""
        wanted = {_composed(name), _composed(unquote(name))}
        wanted |= {f"/{one}" for one in wanted}
        alike = [endpoint for key, endpoint in self.endpoints.items() if _composed(key) in wanted]
        return alike[0] if len(alike) == 1 else None

    def _listing(self) -> str:
        if not self.endpoints:
            return "the app does not have a public endpoint"
        return f"the app has: {', '.join(self.endpoints)}"


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A sentence with all `names`, the nearest one first; empty where there are none."""
    names = list(names)
    if not names:
        return ""
    listing = f"there are: {', '.join(names)}"
    match = nearest(name, names)
    return listing if match is None else f"did you mean {quoted(match)}? {listing}"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that is most like `name`, in any case; None where none is."""
    by_lower = {known.lower(): known for known in names}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None
