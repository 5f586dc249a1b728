"""The user's cache folder. Whatever is wrong with it, a call goes on without."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


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
