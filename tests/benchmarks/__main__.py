"""Measure the command against its peers: `python -m tests.benchmarks [CASE …] [--json FILE]`.

Everything is set up by itself: the peers have an environment of their own, which is kept between
runs. The figures mean something on a machine that does nothing else.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import gradio_curl
from tests.benchmarks import distance, events, rows, startup, transfers
from tests.benchmarks.bench import PEERS, Bench, Report
from tests.benchmarks.measure import Goal, Result, ratio
from tests.live.servers import VERSIONS, running

CASES: Mapping[str, Callable[[Bench], Report]] = {
    "call": startup.call,
    "call-peers": startup.call_peers,
    "version": startup.version,
    "tab": startup.tab,
    "help": startup.help_text,
    "large-events": events.large,
    "small-events": events.small,
    "delay": events.delay,
    "upload": transfers.upload,
    "download": transfers.download,
    "live": events.live,
    "batch": rows.batch,
    "far-batch": rows.far,
    "many-rows": rows.many,
    "resume": rows.resumed,
    **distance.CALLS,
    "far-upload": distance.upload,
    "far-download": distance.download,
}


def main() -> int:
    """Run the cases that are named, or all; gives 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="put the figures there, case by case"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, few runs: a trial")
    options = parser.parse_args()
    if unknown := [name for name in options.cases if name not in CASES]:
        parser.error(f"no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    # Wide enough for the tables where the output is kept in a file.
    console = Console(width=None if sys.stdout.isatty() else 110)
    met = True
    with _bench(options.quick) as bench:
        for name in options.cases or CASES:
            started, load = time.monotonic(), os.getloadavg()[0]
            report = CASES[name](bench)
            met = met and all(goal.met for goal in report.goals)
            console.print(_results(name, report), _goals(report))
            console.print(f"{time.monotonic() - started:.0f} s\n", style="dim")
            if options.json:
                _keep(options.json, name, _figures(name, report, options.quick, load))
    return int(not met)


@contextmanager
def _bench(quick: bool) -> Iterator[Bench]:
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="gradio-curl-bench-"))

        def gradio() -> str:
            return stack.enter_context(running(VERSIONS[-1])).url

        raw = stack.enter_context(_raw_server())
        yield Bench(Path(scratch), gradio, raw, quick)


@contextmanager
def _raw_server() -> Iterator[str]:
    """The raw server in a process of its own, so that it does not share ours."""
    command = [sys.executable, "-m", "tests.benchmarks.rawserver"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _results(name: str, report: Report) -> Table:
    table = Table(title=f"{name}: {_title(name)}", title_justify="left", title_style="bold")
    columns = ["", "median", "spread", "ours / it", "processor", "peak memory"]
    counted = any(result.connections is not None for result in report.results)
    for column in [*columns, *(["connections", "round trips"] if counted else [])]:
        table.add_column(column, justify="right" if column else "left")
    ours = next(result for result in report.results if result.contestant == report.ours)
    for result in report.results:
        table.add_row(*_row(result, ours))
    return table


def _title(name: str) -> str:
    return (CASES[name].__doc__ or "").strip()


def _row(result: Result, ours: Result) -> tuple[str, ...]:
    if result.failure:
        return result.contestant, "failed", result.failure[:60]
    against = ratio(ours.median, result.median)
    return (
        result.contestant,
        _quantity(result.median, result.unit),
        f"{_plain(min(result.values))} to {_plain(max(result.values))}",
        "" if result is ours or against is None else f"{against:.2f}",
        "" if result.cpu_seconds is None else f"{result.cpu_seconds:.3f} s",
        "" if result.peak_bytes is None else f"{result.peak_bytes / 1e6:.1f} MB",
        *(f"{n:g}" for n in (result.connections, result.round_trips) if n is not None),
    )


def _goals(report: Report) -> Table:
    table = Table("goal", "", "measured", "", box=None)
    for goal in report.goals:
        table.add_row(goal.text, _limit(goal), _plain(goal.measured), _verdict(goal))
    return table


def _limit(goal: Goal) -> str:
    return f"at {'least' if goal.at_least else 'most'} {goal.limit:g}"


def _verdict(goal: Goal) -> str:
    return "[green]met[/]" if goal.met else "[red]missed[/]"


def _quantity(value: float | None, unit: str) -> str:
    return f"{_plain(value)} {unit}"


def _plain(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _figures(name: str, report: Report, quick: bool, load: float) -> dict[str, Any]:
    return {
        "title": _title(name),
        "quick": quick,
        "load": round(load, 1),
        "ours": report.ours,
        "results": [asdict(r) | {"median": r.median} for r in report.results],
        "goals": [asdict(g) | {"met": g.met} for g in report.goals],
    }


def _keep(file: Path, name: str, figures: Mapping[str, Any]) -> None:
    """Put the figures of a case into `file`, beside those of the other cases."""
    kept = json.loads(file.read_text())["cases"] if file.exists() else {}
    kept[name] = figures
    told = {
        "gradio_curl": gradio_curl.__version__,
        "gradio": VERSIONS[-1],
        "peers": PEERS,
        "python": platform.python_version(),
        "system": platform.system(),
        "processors": os.cpu_count(),
        "cases": {case: kept[case] for case in CASES if case in kept},
    }
    file.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
