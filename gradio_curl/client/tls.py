"""The TLS files that were named: read and checked before anything is sent."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from gradio_curl.errors import CannotRead, InputError
from gradio_curl.network import Network


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
