"""The user's cache folder: what apps expect, and which job belongs to which endpoint.

Whatever is wrong with it, a call goes on without. Nothing secret is kept. A file is a line of
JSON with our version and what was typed as APP, then one with what the app says of itself.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from gradio_curl import __version__
from gradio_curl.client.urls import presentable
from gradio_curl.protocol.schema import App, Choice, Endpoint, Parameter, Return

_KEPT = 200  # files of a kind; the ones used longest ago go first
_LEFT = ("session-", "tmp")  # names of locks, and of temporary files before version 0.1.0
_T = TypeVar("_T", bound="App | Endpoint | Parameter | Choice | Return")
_SCALARS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "str | None": (str, type(None)),
    "int | None": (int, type(None)),
    "float | None": (int, float, type(None)),
    "Kind": (str,),
    "Kind | None": (str, type(None)),
    "Shape | None": (str, type(None)),
    "OAuth | None": (str, type(None)),
}


def _typed(kind: type[Any]) -> list[tuple[str, tuple[type, ...]]]:
    """The fields that are neither records nor lists, with the types that each may have."""
    declared = {
        name: getattr(annotation, "__forward_arg__", annotation)
        for name, annotation in kind.__annotations__.items()
    }
    return [(name, _SCALARS[text]) for name, text in declared.items() if text in _SCALARS]


_TYPED: dict[Any, list[tuple[str, tuple[type, ...]]]] = {
    kind: _typed(kind) for kind in (App, Endpoint, Parameter, Choice, Return)
}


class Remembered(NamedTuple):
    """An app as it was when last asked: at `url`, where it said `app` of itself."""

    url: str
    app: App


class QueuedJob(NamedTuple):
    """What is remembered of a detached job."""

    endpoint: str
    session_hash: str | None


class Memory:
    """What the app typed as APP expects; whether it still does is for the caller to check."""

    def __init__(self, typed: str) -> None:
        self._typed = presentable(typed)

    def recall(self) -> Remembered | None:
        """What was kept last; None where there is nothing, or nothing that can be read."""
        try:
            head, _, body = _read(self._name()).partition("\n")
            kept = json.loads(body)
            if json.loads(head)["gradio_curl"] != __version__ or not isinstance(kept["url"], str):
                return None
            return Remembered(kept["url"], _app(kept["app"]))
        except (AttributeError, KeyError, OSError, RecursionError, TypeError, ValueError):
            return None

    def keep(self, url: str, app: App) -> None:
        """Remember what the app at `url` said of itself."""
        with suppress(OSError, RecursionError, TypeError, ValueError):
            head = json.dumps({"gradio_curl": __version__, "app": self._typed})
            body = json.dumps({"url": url, "app": _with_names(app)})
            _write(self._name(), f"{head}\n{body}\n")

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
        with suppress(KeyError, OSError, TypeError, ValueError), path.open("rb") as file:
            typed.append(str(json.loads(file.readline(4096))["app"]))
    return typed


def remember_job(event_id: str, endpoint: str, session_hash: str | None) -> None:
    """Note where a job was queued, for whoever collects it by its id alone."""
    with suppress(OSError):
        job = {"endpoint": endpoint, "session_hash": session_hash}
        _write(f"job-{_digest(event_id)}.json", json.dumps(job))


def queued_job(event_id: str) -> QueuedJob | None:
    """Where this user's command queued the job, if that is known."""
    try:
        job = json.loads(_read(f"job-{_digest(event_id)}.json"))
        session = job["session_hash"]
        return QueuedJob(str(job["endpoint"]), None if session is None else str(session))
    except (KeyError, OSError, RecursionError, TypeError, ValueError):
        return None


def _with_names(value: Any) -> Any:
    """The records in `value` as objects, for to JSON a tuple is a list."""
    if isinstance(value, App | Endpoint | Parameter | Choice | Return):
        return {name: _with_names(part) for name, part in value._asdict().items()}
    if isinstance(value, tuple):
        return [_with_names(part) for part in value]
    if isinstance(value, dict):
        return {key: _with_names(part) for key, part in value.items()}
    return value


def _app(fields: dict[str, Any]) -> App:
    app = _record(App, fields)
    return app._replace(
        endpoints={name: _endpoint(e) for name, e in app.endpoints.items()},
        undocumented={name: _endpoint(e) for name, e in app.undocumented.items()},
    )


def _endpoint(fields: Any) -> Endpoint:
    endpoint = _record(Endpoint, fields)
    return endpoint._replace(
        parameters=tuple(map(_parameter, endpoint.parameters)),
        returns=tuple(_record(Return, part) for part in endpoint.returns),
        slots=tuple(endpoint.slots),
        listed=tuple(endpoint.listed),
    )


def _parameter(fields: Any) -> Parameter:
    parameter = _record(Parameter, fields)
    return parameter._replace(
        choices=tuple(_record(Choice, c) for c in parameter.choices),
        file_types=tuple(map(str, parameter.file_types)),
    )


def _record(kind: type[_T], fields: Any) -> _T:
    """A record of just these fields. Raises ValueError where one has another name or type."""
    if tuple(fields) != kind._fields:
        raise ValueError(f"not the fields of {kind.__name__}")
    for name, types in _TYPED[kind]:
        if not isinstance(fields[name], types):
            raise ValueError(f"{name} of {kind.__name__} has another type")
    return kind(**fields)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _read(name: str) -> str:
    """What `_write` kept. Raises OSError."""
    # Without O_NONBLOCK a named pipe in the place of the file would hold the command.
    descriptor = os.open(folder() / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, encoding="utf-8") as file:
        return file.read()


def _write(name: str, text: str) -> None:
    """Put a file into the cache, whole or not at all, whoever else is writing it."""
    from gradio_curl.client.atomic import replacing, sweep

    sweep(folder(), *_LEFT)
    with replacing(folder() / name, mode=0o600) as file:
        file.write(text.encode())
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
