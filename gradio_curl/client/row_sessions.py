"""In which session each row of a batch runs: one after the other where they name or share one."""

from __future__ import annotations

from gradio_curl.client.runs import Run


class SessionGate:
    """Lets the rows that name a session into it one by one, in their order.

    Two readers of a session would take each other's events.
    """

    def __init__(self) -> None:
        self._session_of: dict[int, str] = {}

    def enter(self, number: int, session: str | None) -> bool:
        """Whether the row of this number, which may name a session, may be sent now."""
        if session and session in self._session_of.values():
            return False
        if session:
            self._session_of[number] = session
        return True

    def leave(self, number: int) -> None:
        """The row is done."""
        self._session_of.pop(number, None)


class SessionSharing:
    """Hands the session of a row to the next one of its thread, if they may share one (`shares`).

    To Gradio 5 and 6 a session costs what `/config` of the app does, in time and, until there are
    10,000 others, in memory (`SessionState` in its `state_holder.py`).
    """

    def __init__(self, shares: bool) -> None:
        self._shares = shares
        self._session_hash: str | None = None

    def take(self) -> str | None:
        """The session for the next row, if there is one; it is handed out once."""
        session_hash, self._session_hash = self._session_hash, None
        return session_hash

    def settle(self, run: Run) -> None:
        """Read the run of a row to its end, so that the next row can have its session."""
        self._shares = self._shares and run.session_is_free()
        self._session_hash = run.job.feed if self._shares else None
