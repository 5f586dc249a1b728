"""How to reach an app: time limits, TLS files, proxy, credentials; with the defaults of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from gradio_curl.errors import Refused

Log = Callable[[str], None]
Route = Literal["auto", "queue", "call"]
"""The GET route that a job's events are read by."""


class Secret:
    """Text that must not appear in a message, log or traceback: it prints itself as `***`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, to be sent and nothing else."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


HARMLESS_HEADERS = {
    "accept",
    "accept-charset",
    "accept-language",
    "cache-control",
    "origin",
    "pragma",
    "user-agent",
    "x-requested-with",
}
"""Headers whose values are not secret."""


class Header(NamedTuple):
    """One `--header`. Without a value, the header of that name is not sent at all."""

    name: str
    value: Secret | None


def _say_nothing(line: str) -> None:
    pass


def _ask_nobody(user: str) -> str:
    raise Refused(f"the password of {user} is missing")


class Network(NamedTuple):
    """How to reach the app. Times are in seconds; `headers` may replace the standard ones.

    `token` opens the app; `oauth_token` is for the endpoints that declare they take the caller's.
    `login` is `USER[:PASSWORD]`; `default_login` is for where there is none, and only for the app
    at HOST where it is `USER:PASSWORD@HOST`: HOST is all behind the last `@`. `ask` gives the
    password of a user where it is left out. `tell` is told why time passes, `log` of every request
    and reply.
    """

    connect_timeout: float = 30.0
    idle_timeout: float = 60.0
    retry: int = 0
    insecure: bool = False
    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    proxy: Secret | None = None
    headers: Sequence[Header] = ()
    token: Secret | None = None
    login: Secret | None = None
    default_login: Secret | None = None
    oauth_token: Secret | None = None
    ask: Callable[[str], str] = _ask_nobody
    tell: Log = _say_nothing
    log: Log | None = None
