"""One command at a time in a session of an app: a lock that the commands of this machine share."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gradio_curl.client.cache import folder


@contextmanager
def alone_in_session(url: str, session_hash: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Let one command of this machine at a time run in a session of the app at `url`.

    Two readers of one session take each other's messages, and the first to leave has the other's
    job cancelled. `waiting` is called once if another command has to finish first.
    """
    import fcntl

    name = hashlib.sha256(f"{url}\0{session_hash}".encode("utf-8", "replace")).hexdigest()
    lock = None
    told = False
    with suppress(OSError):
        path = folder() / f"session-{name[:32]}.lock"
        while lock is None:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not told:
                    waiting()
                told = True
                fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_at(lock, path):
                # Whoever had it removed it: a newcomer would lock another file.
                os.close(lock)
                lock = None
    try:
        yield
    finally:
        if lock is not None:
            with suppress(OSError):
                path.unlink()
            os.close(lock)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
