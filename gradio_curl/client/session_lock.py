"""One command at a time in a session of an app: a lock that the commands of this machine share."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gradio_curl.client.cache import folder


@contextmanager
def alone_in_session(url: str, session_hash: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Let one command of this machine at a time run in a session of the app at `url`.

    Two readers of one session take each other's messages, and the first to leave has the other's
    job cancelled. `waiting` is called once if another command has to finish first.
    """
    import fcntl

    name = hashlib.sha256(f"{url}\0{session_hash}".encode("utf-8", "replace")).hexdigest()
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open(folder() / f"session-{name[:32]}.lock", flags, 0o600)
    except OSError:
        yield
        return
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
