"""The user's cache folder: what apps expect, and which job belongs to which endpoint.

Whatever is wrong with it, a call goes on without. Nothing secret is kept.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from gradio_curl.client.urls import without_password
from gradio_curl.protocol.schema import App, Choice, Endpoint, Parameter, Return

_KEPT = 200  # files of a kind; the ones used longest ago go first
_LAYOUT = [list(kind._fields) for kind in (App, Endpoint, Parameter, Choice, Return)]


class Remembered(NamedTuple):
    """An app as it was when last asked: at `url`, where it said `app` of itself."""

    url: str
    app: App


class Memory:
    """What the app typed as APP expects; whether it still does is for the caller to check."""

    def __init__(self, typed: str) -> None:
        # A password in a URL, or a signature in its query, is nothing to keep.
        self._typed = re.split("[?#]", without_password(typed))[0]

    def recall(self) -> Remembered | None:
        """What was kept last; None where that is nothing, or nothing that can be read."""
        try:
            layout, url, app = json.loads(_read(self._name()).partition("\n")[2])
            return Remembered(url, _app(*app)) if layout == _LAYOUT else None
        except (AttributeError, OSError, RecursionError, TypeError, ValueError):
            return None

    def keep(self, url: str, app: App) -> None:
        """Remember what the app at `url` said of itself."""
        body = json.dumps([_LAYOUT, url, app])
        with suppress(OSError, RecursionError, TypeError, ValueError):
            _write(self._name(), f"{json.dumps(self._typed)}\n{body}")

    def used(self) -> None:
        """Note that it served again, for what is used is forgotten last."""
        with suppress(OSError):
            os.utime(folder() / self._name())

    def _name(self) -> str:
        return f"app-{_digest(self._typed)}.json"


def apps() -> list[str]:
    """The apps that are remembered, as they were typed, the one used last first."""
    typed = []
    for path in _newest("app-"):
        with suppress(OSError, ValueError), path.open("rb") as file:
            typed.append(str(json.loads(file.readline(4096).partition(b" ")[2])))
    return typed


def remember_job(event_id: str, endpoint: str) -> None:
    """Note which endpoint a job was queued at, for whoever collects it by its id alone."""
    with suppress(OSError):
        _write(f"job-{_digest(event_id)}", json.dumps(endpoint))


def endpoint_of_job(event_id: str) -> str | None:
    """The endpoint that this user's command queued the job at, if it is known."""
    try:
        return str(json.loads(_read(f"job-{_digest(event_id)}")))
    except (OSError, ValueError):
        return None


def _app(*fields: Any) -> App:
    """An app as it was before it became JSON, which makes lists of its tuples."""
    app = App(*fields)
    return app._replace(endpoints={name: _endpoint(*e) for name, e in app.endpoints.items()})


def _endpoint(*fields: Any) -> Endpoint:
    endpoint = Endpoint(*fields)
    return endpoint._replace(
        parameters=tuple(_parameter(*parameter) for parameter in endpoint.parameters),
        returns=tuple(Return(*returned) for returned in endpoint.returns),
    )


def _parameter(*fields: Any) -> Parameter:
    parameter = Parameter(*fields)
    return parameter._replace(choices=tuple(Choice(*choice) for choice in parameter.choices))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _read(name: str) -> str:
    """What `_write` kept. Raises OSError, and ValueError where it is damaged."""
    # Without O_NONBLOCK a named pipe in the place of the file would hold the command.
    descriptor = os.open(folder() / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, encoding="utf-8") as file:
        digest, _, text = file.read().partition(" ")
    if digest != _digest(text):
        raise ValueError("the content does not match its digest")
    return text


def _write(name: str, text: str) -> None:
    """Put a file into the cache, whole or not at all, whoever else is writing it."""
    import tempfile

    descriptor, temporary = tempfile.mkstemp(dir=folder())
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{_digest(text)} {text}")
        Path(temporary).replace(folder() / name)
    except BaseException:
        Path(temporary).unlink()
        raise
    for old in _newest(name[:4])[_KEPT:]:
        old.unlink(missing_ok=True)


def _newest(prefix: str) -> list[Path]:
    """The files of a kind, the one touched last first."""

    def touched(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except OSError:
            return 0

    try:
        return sorted(folder().glob(f"{prefix}*"), key=touched, reverse=True)
    except OSError:
        return []


def folder() -> Path:
    """The folder of gradio-curl below the user's cache, for this user alone. Raises OSError."""
    from platformdirs import user_cache_path

    path = user_cache_path("gradio-curl")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "the cache folder is somebody else's", path)
    if found.st_mode & 0o077:
        path.chmod(0o700)
    return path
