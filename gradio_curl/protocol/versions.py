"""What each version of Gradio can do: every difference that our requests depend on, in one place.

Seen on servers of 4.20 to 6.31. What differs in `/config` and `/info` stands in `schema.py`.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Version(NamedTuple):
    """A version of Gradio, compared as a pair: `Version(6, 13) > Version(6, 2)`."""

    major: int
    minor: int

    @property
    def quotes_errors(self) -> bool:
        """Whether the text of a `gr.Error` arrives as its `repr`, in quotes."""
        return self < (5, 3)

    @property
    def call_route_keeps_sessions(self) -> bool:
        """Whether `GET /call` finds a finished job that was queued with a session_hash."""
        return self >= (6, 18)

    @property
    def call_route_has_messages(self) -> bool:
        """Whether an `error` of `GET /call` has the text of the app's `gr.Error`."""
        return self >= (6, 13)

    @property
    def call_route_carries_json(self) -> bool:
        """Whether `GET /call` can carry the output of a `gr.JSON`."""
        return not (4, 31) <= self <= (4, 42)

    @property
    def call_route_carries_large_integers(self) -> bool:
        """Whether `GET /call` can carry integers over 64 bits, which the queue feed can't."""
        return self >= (4, 24)

    @property
    def has_cancel(self) -> bool:
        """Whether there is `POST /cancel`; before it, `POST /reset` stops generators."""
        return self >= (4, 31)

    @property
    def resets_generators(self) -> bool:
        """Whether `POST /reset` stops a generator after its present step."""
        return self <= (4, 32)

    @property
    def cancels_waiting_jobs(self) -> bool:
        """Whether `POST /cancel` takes a waiting job out of the queue.

        Before, it makes the server forget to do so when the reader leaves.
        """
        return self >= (6, 14)


def version_of(text: str) -> Version:
    """Major and minor of a version such as `5.50.0` or `6.0.0.dev3`; 0 for what is missing."""
    major, minor = (*map(int, re.findall(r"\d{1,9}", text)), 0, 0)[:2]
    return Version(major, minor)


LATEST = Version(6, 31)
