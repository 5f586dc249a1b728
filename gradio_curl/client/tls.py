"""The TLS files that were named: read and checked before anything is sent."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from gradio_curl.errors import CannotRead, InputError
from gradio_curl.network import Network

_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def check_files(network: Network) -> None:
    """Raise CannotRead for a `--cacert`, `--cert` or `--key` that is not usable."""
    if not (network.cacert or network.cert or network.key):
        return  # before OpenSSL reads its configuration, which takes 2.5 ms
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if network.cacert:
        _load_authorities(context, "--cacert", network.cacert)
    if network.cert:
        with _loading("--cert", network.cert), suppress(_Encrypted):
            context.load_cert_chain(network.cert, network.key, _encrypted)
    elif network.key:
        raise InputError("--key requires --cert")


def authorities(network: Network) -> str | None:
    """The CA bundle to verify servers with; None for the default one. Raises CannotRead.

    SSL_CERT_FILE is OpenSSL's and curl's variable, the others are those of requests.
    """
    if network.cacert:
        return network.cacert
    for variable in _VARIABLES:
        if path := os.environ.get(variable):
            _load_authorities(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), variable, path)
            return path
    return None


def _load_authorities(context: ssl.SSLContext, source: str, path: str) -> None:
    with _loading(source, path):
        folder = Path(path).is_dir()
        context.load_verify_locations(**{"capath" if folder else "cafile": path})


class _Encrypted(Exception):
    """A key that a passphrase protects: OpenSSL asks for it once the key is needed."""


def _encrypted() -> NoReturn:
    raise _Encrypted


@contextmanager
def _loading(option: str, path: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        raise CannotRead(
            f"{option} {path} is not a usable PEM file: {error.reason or error}"
        ) from error
    except OSError as error:
        raise CannotRead(f"{option} {path} can't be read: {error.strerror}") from error
