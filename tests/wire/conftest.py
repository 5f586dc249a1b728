"""Certificates made on the spot, and what needs them."""

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import trustme


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of our own; `file` is what `--cacert` takes."""

    ca: trustme.CA
    file: Path

    def server(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """What a server of these names needs, by default one on this machine."""
        yesterday = datetime.now(timezone.utc) - timedelta(days=1)
        certificate = self.ca.issue_cert(
            *(names or ("localhost", "127.0.0.1", "::1")),
            not_after=yesterday if expired else None,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context

    def client(self, folder: Path) -> tuple[Path, Path]:
        """A client's certificate and its key, as files in `folder`."""
        certificate = self.ca.issue_cert("me@example.org")
        chain, key = folder / "me.pem", folder / "me.key"
        certificate.cert_chain_pems[0].write_to_path(chain)
        certificate.private_key_pem.write_to_path(key)
        return chain, key


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody trusts but who is told to."""
    ca = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.cert_pem.write_to_path(file)
    return Authority(ca, file)
