"""How to reach an app: time limits, TLS files, proxy, credentials; with the defaults of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from gradio_curl.errors import Refused

Log = Callable[[str], None]


def _say_nothing(line: str) -> None:
    pass


def _ask_nobody(user: str) -> str:
    raise Refused(f"the password of {user} is missing")


class Network(NamedTuple):
    """How to reach the app. Times are in seconds; `headers` may replace the standard ones.

    `token` opens the app; `oauth_token` is for the endpoints that declare they take the caller's.
    `login` is `USER[:PASSWORD]`; `ask` gives the password of a user where it is left out. `tell`
    is told why time passes, `log` of every request and reply.
    """

    connect_timeout: float = 30.0
    idle_timeout: float = 60.0
    retry: int = 0
    insecure: bool = False
    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    proxy: str | None = None
    headers: Mapping[str, str] | None = None
    token: str | None = None
    login: str | None = None
    oauth_token: str | None = None
    ask: Callable[[str], str] = _ask_nobody
    tell: Log = _say_nothing
    log: Log | None = None
