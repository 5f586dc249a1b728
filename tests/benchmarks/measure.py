"""Contestants, run by turns, and what their runs come to."""

import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.link import Link, Traffic

_LAUNCH = Path(__file__).with_name("launch.py")
_TIMEOUT = 600  # seconds


@dataclass(frozen=True, slots=True)
class Contestant:
    """A command to be measured. A run that writes less than `prints` bytes on stdout failed.

    `is_ours` is for the command under test; what goes over `link` is counted.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    prints: int = 1
    link: Link | None = None
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: wall-clock and processor seconds, and its largest resident size."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    traffic: Traffic | None = None


class RunFailed(Exception):
    """A contestant did not do its work; the message is what it said on stderr."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a contestant's runs come to; `unit` is what `values` are in. No runs: it failed."""

    contestant: str
    values: Sequence[float]
    unit: str = "s"
    cpu_seconds: float | None = None
    peak_bytes: int | None = None
    failure: str = ""
    connections: float | None = None
    round_trips: float | None = None
    is_ours: bool = False

    @property
    def median(self) -> float | None:
        """The middle one of the values."""
        return statistics.median(self.values) if self.values else None


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to be reached; `measured` is None where a contestant failed."""

    text: str
    measured: float | None
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        if self.measured is None:
            return False
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def ratio(one: float | None, other: float | None) -> float | None:
    """How many times `other` fits into `one`, where both are known."""
    return None if one is None or not other else one / other


def difference(one: float | None, other: float | None) -> float | None:
    """What `one` has more than `other`, where both are known."""
    return None if one is None or other is None else one - other


def by_turns(
    contestants: Sequence[Contestant],
    runs: int,
    scratch: Path,
    env: Mapping[str, str],
    warm: bool = True,
) -> dict[str, Result]:
    """Run each contestant `runs` times, by turns; to `warm` up, once more before that."""
    done: dict[str, list[Run]] = {c.name: [] for c in contestants}
    failures: dict[str, str] = {}
    for turn in range(0 if warm else 1, runs + 1):
        for contestant in contestants:
            if contestant.name in failures:
                continue
            try:
                run = measured(contestant, scratch, env)
            except RunFailed as failure:
                failures[contestant.name] = str(failure)
                continue
            if turn:
                done[contestant.name].append(run)
    return {c.name: _result(c, done[c.name], failures.get(c.name)) for c in contestants}


def _result(contestant: Contestant, runs: Sequence[Run], failure: str | None) -> Result:
    name, is_ours = contestant.name, contestant.is_ours
    if failure is not None:
        return Result(name, [], failure=failure, is_ours=is_ours)
    traffic = [run.traffic for run in runs if run.traffic is not None]
    return Result(
        name,
        [run.seconds for run in runs],
        cpu_seconds=statistics.median(run.cpu_seconds for run in runs),
        peak_bytes=max(run.peak_bytes for run in runs),
        connections=statistics.median(t.connections for t in traffic) if traffic else None,
        round_trips=statistics.median(t.round_trips for t in traffic) if traffic else None,
        is_ours=is_ours,
    )


def measured(contestant: Contestant, scratch: Path, env: Mapping[str, str]) -> Run:
    """Run a command once; its streams are kept in `scratch`. Raises RunFailed."""
    out, err = scratch / "stdout", scratch / "stderr"
    report, written = os.pipe()
    link = contestant.link
    if link is not None:
        link.reset()
    launch = [sys.executable, "-I", "-S", str(_LAUNCH), str(written), str(out)]
    with os.fdopen(report) as told, err.open("wb") as stderr:
        process = subprocess.Popen(
            [*launch, *contestant.command],
            stdin=subprocess.DEVNULL,
            stderr=stderr,
            env={**env, **contestant.env},
            cwd=scratch,
            pass_fds=[written],
            start_new_session=True,
        )
        os.close(written)
        try:
            process.wait(_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise RunFailed(f"not done after {_TIMEOUT} s") from error
        words = told.read().split()
    if not words or words[3] != "0" or out.stat().st_size < contestant.prints:
        said = err.read_text(errors="replace").strip().rpartition("\n")[2]
        raise RunFailed(said or "it wrote too little")
    traffic = None if link is None else link.traffic()
    return Run(float(words[0]), float(words[1]), int(words[2]), traffic)
