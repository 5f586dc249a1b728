"""How to reach an app: time limits, TLS, proxy, credentials, and who is told what happens."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, NoReturn

from gradio_curl.errors import CannotRead, InputError, Refused

Log = Callable[[str], None]


def _say_nothing(line: str) -> None:
    pass


def _ask_nobody(user: str) -> str:
    raise Refused(f"the password of {user} is missing")


class Network(NamedTuple):
    """How to reach the app. Times are in seconds; `headers` may replace the standard ones.

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
    ask: Callable[[str], str] = _ask_nobody
    tell: Log = _say_nothing
    log: Log | None = None


def check_files(network: Network) -> None:
    """Raise CannotRead for a `--cacert`, `--cert` or `--key` that is no such file."""
    if not (network.cacert or network.cert or network.key):
        return  # before OpenSSL reads its configuration, which takes 2.5 ms
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if network.cacert:
        with _loading("--cacert", network.cacert):
            folder = Path(network.cacert).is_dir()
            context.load_verify_locations(**{"capath" if folder else "cafile": network.cacert})
    if network.cert:
        with _loading("--cert", network.cert), suppress(_Encrypted):
            context.load_cert_chain(network.cert, network.key, _encrypted)
    elif network.key:
        raise InputError("--key is of no use without --cert")


class _Encrypted(Exception):
    """A key that a passphrase protects: OpenSSL asks for it once the key is needed."""


def _encrypted() -> NoReturn:
    raise _Encrypted


@contextmanager
def _loading(option: str, path: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        raise CannotRead(f"{option} {path} holds no PEM that serves: {error.reason}") from error
    except OSError as error:
        raise CannotRead(f"{option} {path} can't be read: {error.strerror}") from error
