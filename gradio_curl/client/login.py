"""The credentials that the app's own origin is sent: token, login, the headers of `--header`."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal

import requests
from requests.auth import AuthBase
from urllib3 import HTTPHeaderDict
from urllib3.util import SKIP_HEADER, SKIPPABLE_HEADERS

from gradio_curl.client import urls
from gradio_curl.client.credentials import Token, is_withheld, login_for, token_for
from gradio_curl.client.http_errors import LOGIN_HINT
from gradio_curl.client.redirects import location
from gradio_curl.client.retries import is_transient
from gradio_curl.errors import AppError, Failure, HTTPFailed, Refused
from gradio_curl.masking import hide, hide_login
from gradio_curl.network import HARMLESS_HEADERS, Header, Network

LoggedIn = tuple[str, Literal["form", "basic"]]
"""Who is logged in, and in which way."""

REJECTED = (400, 401, 403)
"""Statuses by which `/login` rejects a login: Gradio's own, and those of other servers."""

SAVE_TOKEN = "hf auth login"
_WITHHELD_HINT = (
    "GRADIO_CURL_AUTH is bound to another host, by what stands behind its last @: "
    "write USER:PASSWORD@HOST for this one"
)
_FRAMING = ("content-length", "content-type", "transfer-encoding")
_SHOWN = {*HARMLESS_HEADERS, *_FRAMING, "accept-encoding", "connection", "host", "referer"}


class Credentials(AuthBase):
    """Puts them on a request. Being there, they also keep `.netrc` from replacing them."""

    def __init__(self, token: Token | None = None, headers: Sequence[Header] = ()) -> None:
        self.token = token
        self._headers = headers
        if token is not None:
            hide(token.secret.reveal())
        for header in headers:
            _hide_value(header)
        self._authorization: str | None = None
        self._own = any(header.name.lower() == "authorization" for header in headers)

    @property
    def has_authorization(self) -> bool:
        """Whether a request already carries a token, or a header given for that."""
        return self._own or self.token is not None

    def use_basic(self, user: str, password: str) -> None:
        """From now on, log in by HTTP's own Basic."""
        encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._authorization = f"Basic {encoded}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put them on `request`, as requests asks of its `auth`."""
        if self.token is not None:
            request.headers["Authorization"] = f"Bearer {self.token.secret.reveal()}"
        if self._authorization is not None:
            request.headers["Authorization"] = self._authorization
        if self._headers:
            headers = HTTPHeaderDict(request.headers.items())
            _replace(headers, self._headers)
            # urllib3 sends each value of a name in a line of its own, as curl does.
            request.headers = headers  # type: ignore[assignment]  # as urllib3 takes them
        return request


def _hide_value(header: Header) -> None:
    """Mask the value in messages; also the parts that a server may repeat without the rest."""
    name = header.name.lower()
    if header.value is None or name in _SHOWN:
        return
    value = header.value.reveal()
    hide(value)
    parts = re.split(r"[\s;]+", value) if name in ("authorization", "cookie") else []
    if name == "authorization" and len(parts) > 1:
        scheme, encoded = parts.pop(0), parts[0]
        if scheme.lower() == "basic":
            _hide_basic(encoded)
    for part in parts:
        inner = part.partition("=")[2]
        for text in (part, inner, inner.strip('"')):
            hide(text)


def _hide_basic(encoded: str) -> None:
    """Mask the login that a header of one's own carries."""
    with suppress(ValueError):
        user, _, password = base64.b64decode(encoded).decode().partition(":")
        hide_login(user, password)


def _replace(headers: HTTPHeaderDict, given: Sequence[Header]) -> None:
    """The headers of `--header` instead of those of their names, as curl has it.

    Those that frame the body stay. A Cookie goes along with those of the session.
    """
    given = [header for header in given if header.name.lower() not in _FRAMING]
    cookies = [headers.get("Cookie")]
    for header in given:
        headers.discard(header.name)
        if header.value is None and header.name.lower() in SKIPPABLE_HEADERS:
            headers[header.name] = SKIP_HEADER
    for header in given:
        if header.value is not None and header.name.lower() == "cookie":
            cookies.append(header.value.reveal())
            headers["Cookie"] = "; ".join(filter(None, cookies))
        elif header.value is not None:
            headers.add(header.name, header.value.reveal())


class Login:
    """Answers a 401 of the app at `base`, once in each way: HTTP's Basic, Gradio's own login."""

    def __init__(self, base: str, network: Network) -> None:
        self._base = base
        self._network = network
        self._tried: set[str] = set()
        self._asked: str | None = None  # the password that was typed
        self.logged_in: LoggedIn | None = None
        self.credentials = Credentials(token_for(base, network.token), network.headers)

    def hint(self, status: int) -> str:
        """How to get past a 401 or 403 of the app."""
        saved = self.credentials.token is not None and self.credentials.token.is_saved
        if saved and status == 401:
            return f"the saved token may have expired: {SAVE_TOKEN}"
        if is_withheld(self._base, self._network):
            return _WITHHELD_HINT
        user = self._user()
        if user is None:
            return LOGIN_HINT
        if status == 403:
            return ""
        if self.logged_in == (user, "form"):
            return f"the app accepted the login for {user}, but not the cookies that it set for it"
        if self.logged_in is None and self.credentials.has_authorization:
            return f"to log in as {user}, leave out --token and the header Authorization"
        return "wrong user or password"

    def hint_elsewhere(self, url: str, is_app: bool) -> str:
        """How to get past a 401 or 403 of `url`, at another origin: it was sent no credentials."""
        if self._user() is not None:
            what = "the login"
        elif self.credentials.has_authorization:
            what = "the token"
        else:
            return LOGIN_HINT
        place = urls.origin(url)
        return f"{what} was not sent to {place}" + (": give that address as APP" if is_app else "")

    def _user(self) -> str | None:
        """Who there is a login for, by whatever source."""
        with suppress(Failure):
            if login := login_for(self._base, self._network):
                return login[0]
        return None

    def answer(
        self, refused: requests.Response, post: Callable[[str, dict[str, str]], requests.Response]
    ) -> bool:
        """Log in; whether the request is to be sent again.

        `post` sends a form, unredirected. It raises the failure behind a status of 400 or more
        that is not `REJECTED`, and so does this: then the request itself was not taken.
        """
        basic = refused.headers.get("WWW-Authenticate", "").lower().startswith("basic")
        way = "basic" if basic else "form"
        if way in self._tried or (basic and self.credentials.has_authorization):
            return False
        self._tried.add(way)
        login = login_for(self._base, self._network)
        if login is None:
            return False
        user, password = login
        if password is None:
            password = self._asked = self._asked or self._network.ask(user)
        hide_login(user, password)
        refused.close()
        if basic:
            self.credentials.use_basic(user, password)
            self.logged_in = user, "basic"
            return True
        try:
            self._post_form(post, user, password)
        except Failure as failure:
            failure.turned_away = True
            if is_transient(failure):
                self._tried.discard(way)
            raise
        self.logged_in = user, "form"
        return True

    def _post_form(
        self, post: Callable[[str, dict[str, str]], requests.Response], user: str, password: str
    ) -> None:
        """Log in by Gradio's own form. It is not redirected: the password is for this place."""
        url = f"{self._base}/login"
        try:
            reply = post(url, {"username": user, "password": password})
        except AppError as error:  # a 422, which only of a job is the app's own error
            raise HTTPFailed(f"HTTP 422 from {url}: {error.message}", status=422) from error
        reply.close()
        if reply.status_code in REJECTED:
            raise Refused(f"{self._base} rejected the login for {user}", "wrong user or password")
        target = location(url, reply.status_code, reply.headers.get("Location"), has_body=False)
        if target is None:
            return
        there, here = urls.origin(target), urls.origin(url)
        if there != here:
            hint = f"the login was not sent to {there}: give that address as APP"
            raise Refused(f"{url} redirects to {there}", hint)
        if not reply.cookies:
            raise Refused(f"{url} redirects to {target} without logging {user} in")
