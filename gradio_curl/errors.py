"""Every way gradio-curl can fail, each with its exit code (curl's where curl has one).

`EXIT_CODES` is the table that the man page, the README and the tests are made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

BUG = 70
EXIT_CODES = (
    ("0", "done"),
    ("1", "the app reported an error; in a batch, some rows failed"),
    ("2", "wrong usage: unknown endpoint or parameter, or a value that does not fit"),
    ("3", "malformed URL"),
    ("6", "the host name could not be resolved"),
    ("7", "the connection failed: refused, no route, or not TLS"),
    ("18", "the connection or the event stream ended before the final event"),
    ("22", "HTTP error, or not a Gradio app"),
    ("23", "a local file or stdout could not be written"),
    ("26", "a local file or stdin could not be read"),
    ("28", "a time limit passed"),
    ("60", "the TLS certificate is not trusted"),
    ("67", "login, token or permission refused"),
    ("70", "a bug in gradio-curl"),
    ("75", "busy for now: queue full, rate limit, quota, Space asleep or paused; try again"),
    ("129, 130, 143", "interrupted by SIGHUP, SIGINT (Ctrl-C) or SIGTERM"),
    ("141", "the reader of stdout went away"),
)


class Failure(Exception):
    """A failure told to the user: `message` says what was wrong, `hint` what to do about it.

    `title` is what the app's `gr.Error` puts above its message, None where there is none. `data`
    has the outputs of a job that ended well, where something failed after it. `turned_away` tells
    that the app certainly did not take the request, so that even a job can be sent again.
    """

    exit_code = 1
    title: str | None = None
    turned_away = False
    data: Sequence[object] | None = None

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class AppError(Failure):
    """The app's own error: the text of its `gr.Error`, or that it keeps the error to itself."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "", title: str | None = None) -> None:
        super().__init__(message, hint)
        self.title = title


class Fault(NamedTuple):
    """One thing wrong with what was typed; `unreadable` marks a local file that can't be read."""

    message: str
    hint: str = ""
    unreadable: bool = False


class InputError(Failure):
    """What was typed does not fit. All faults of one call are told at once, each of them once."""

    exit_code = 2

    def __init__(self, *faults: Fault | str) -> None:
        by_message: dict[str, Fault] = {}
        for fault in faults:
            one = fault if isinstance(fault, Fault) else Fault(fault)
            by_message.setdefault(one.message, one)
        self.faults: Sequence[Fault] = [*by_message.values()]
        super().__init__("; ".join(fault.message for fault in self.faults))
        if all(fault.unreadable for fault in self.faults):
            self.exit_code = CannotRead.exit_code


class MalformedURL(Failure):
    """APP can't be read as a URL."""

    exit_code = 3


class HostNotFound(Failure):
    """The host name does not resolve."""

    exit_code = 6


class ConnectFailed(Failure):
    """No connection: refused, no route, or no TLS on the other side."""

    exit_code = 7


class StreamBroken(Failure):
    """The connection or the event stream ended, or became unreadable, before the final event."""

    exit_code = 18


class HTTPFailed(Failure):
    """The server answered with an HTTP error (`status`), or with what makes no sense (None)."""

    exit_code = 22

    def __init__(self, message: str, hint: str = "", status: int | None = None) -> None:
        super().__init__(message, hint)
        self.status = status


class MayWake(HTTPFailed):
    """A Space answers with a page: it starts or wakes, or what runs there is not Gradio."""


class NotGradio(HTTPFailed):
    """Something answers, but not a Gradio app that can be called."""


class CannotWrite(Failure):
    """A local file, or stdout, can't be written."""

    exit_code = 23

    @classmethod
    def because(cls, place: object, error: OSError | str) -> CannotWrite:
        """The failure to write to `place`, a path or stdout, with the system's reason."""
        reason = error if isinstance(error, str) else error.strerror or str(error)
        return cls(f"{place} can't be written: {reason.lower()}")


class NoFile(CannotWrite):
    """A result has nothing to save, or no file for the name of a picture, a sound or a video."""


class CannotRead(Failure):
    """A local file, or stdin, can't be read."""

    exit_code = 26


class TimedOut(Failure):
    """A connect or idle limit passed."""

    exit_code = 28


class Untrusted(Failure):
    """The server's TLS certificate is not trusted."""

    exit_code = 60


class Refused(Failure):
    """Login, token or permission refused."""

    exit_code = 67


class Busy(Failure):
    """Busy for now (queue full, rate limit, Space asleep): a script may try again.

    `retry_after` is the server's wish in seconds, where it gave one.
    """

    exit_code = 75

    def __init__(
        self,
        message: str,
        hint: str = "",
        retry_after: float | None = None,
        turned_away: bool = False,
        title: str | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.title = title
        self.retry_after = retry_after
        self.turned_away = turned_away


class Paused(Busy):
    """The Space was paused: waiting alone does not help."""


class Stop(BaseException):
    """Ends the command from outside of the call; `message` is empty where nothing is to be said.

    `data` and `hint` are those of a Failure.
    """

    data: Sequence[object] | None = None
    hint: str = ""

    def __init__(self, exit_code: int, message: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message


class Interrupted(Stop):
    """A signal asked the command to end."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(128 + signal_number, "interrupted")


class MaxTimePassed(Stop):
    """`--max-time` is up."""

    def __init__(self, seconds: float) -> None:
        super().__init__(TimedOut.exit_code, f"--max-time of {seconds:g} s passed")


class ReaderGone(Stop):
    """The reader of stdout went away (`| head -1`): end quietly, as after SIGPIPE."""

    exit_code = 141

    def __init__(self) -> None:
        super().__init__(self.exit_code)
