"""Events: a large one, many small ones, and how soon each comes out."""

import json
import os
import shlex
import statistics
import subprocess
import time
from dataclasses import replace

from tests.benchmarks.bench import OURS, Bench, Report
from tests.benchmarks.measure import Contestant, Goal, Result, difference, ratio

MB = 1_000_000
FRAME = b"\x1b[?2026h"  # what a terminal is to show at once begins so


def large(bench: Bench) -> Report:
    """One event of 20 MB and one of 80 MB, in chunks of 8 KB."""
    one, four = bench.size(20, 5), bench.size(80, 20)

    def ours(size: int, name: str) -> Contestant:
        return bench.ours("call", bench.raw, "/big", size, name=name, prints=size)

    def curl(size: int, name: str) -> Contestant:
        body = json.dumps({"data": [size]})
        return bench.shell(name, "recipe.sh", bench.raw, "big", body, "feed", prints=size)

    nothing, small, big = f"{OURS}, 1 byte", f"{OURS}, {one} MB", f"{OURS}, {four} MB"
    results = bench.by_turns(
        ours(1, nothing),
        ours(one * MB, small),
        ours(four * MB, big),
        curl(one * MB, f"two curls, {one} MB"),
        curl(four * MB, f"two curls, {four} MB"),
        runs=15,
    )
    start, first, second = (results[name].median for name in (nothing, small, big))
    beyond = difference(first, start)
    return Report(
        [*results.values()],
        [
            Goal(f"seconds beyond start-up, {one} MB", beyond, 0.02 * one),
            Goal(f"the same for {four} MB, of that", ratio(difference(second, start), beyond), 4.4),
            Goal(f"memory, of the {one} MB", ratio(results[small].peak_bytes, one * MB), 6),
            Goal(f"memory, of the {four} MB", ratio(results[big].peak_bytes, four * MB), 6),
        ],
        ours=small,
    )


def small(bench: Bench) -> Report:
    """Many small events, each to a line of JSON. Values are events a second."""
    count = bench.size(200_000, 20_000)
    # gradio_client would need minutes for all of them; its rate does not grow with their number.
    fewer = bench.size(20_000, 2_000)
    results = bench.by_turns(
        bench.ours("stream", bench.raw, "/many", count, prints=count),
        bench.floor("floor_events.py", bench.raw, count),
        bench.shell(
            "two curls", "recipe.sh", bench.raw, "many", json.dumps({"data": [count]}), "feed"
        ),
        runs=5,
    )
    results |= bench.by_turns(bench.gradio_client("client_events.py", bench.raw, fewer), runs=3)
    rates = {
        name: _rate(result, fewer if name == "gradio_client" else count)
        for name, result in results.items()
    }
    return Report(
        [*rates.values()],
        [
            Goal(
                f"events a second, of {peer}'s",
                ratio(rates[OURS].median, rates[peer].median),
                least,
                at_least=True,
            )
            for peer, least in (("gradio_client", 5), ("floor script", 0.75))
        ],
    )


def live(bench: Bench) -> Report:
    """A live view of 200 tables or pictures a second, 20 KB each, on a terminal."""
    count, rate = bench.size(2000, 400), 200
    results, goals = [], []
    for kind in ("table", "plot"):
        ours = bench.ours("stream", bench.raw, f"/{kind}", count, rate)
        words = shlex.join(["stty", "cols", "100", "rows", "40"]) + "; " + shlex.join(ours.command)
        drawn = Contestant(
            f"200 a second, {kind}",
            ["script", "-qec", words, os.devnull],
            {"TERM": "xterm-256color"},
            is_ours=True,
        )
        results.append(result := bench.by_turns(drawn, runs=3)[drawn.name])
        frames = (bench.scratch / "stdout").read_bytes().count(FRAME)
        goals += [
            Goal(f"processors, {kind}", ratio(result.cpu_seconds, result.median), 0.5),
            Goal(f"frames a second, {kind}", ratio(frames, result.median), 10),
            Goal(
                f"seconds more than the events take, {kind}",
                difference(result.median, count / rate),
                1.5,
            ),
        ]
    return Report(results, goals, ours=results[0].contestant)


def _rate(result: Result, count: int) -> Result:
    return replace(result, values=[count / seconds for seconds in result.values], unit="/s")


def delay(bench: Bench) -> Report:
    """From the server's write to our line on stdout, 100 events a second: 99th percentiles."""
    count = bench.size(1000, 200)
    body = json.dumps({"data": [count, 100]})
    contestants = [
        bench.ours("stream", bench.raw, "/paced", count, 100),
        bench.shell("two curls", "recipe.sh", bench.raw, "paced", body, "feed"),
    ]
    turns = [[_late(bench, c) for c in contestants] for _ in range(bench.size(3, 1))]
    ours, curl = (
        Result(contestant.name, values, "ms", is_ours=contestant.is_ours)
        for contestant, values in zip(contestants, zip(*turns, strict=True), strict=True)
    )
    later = difference(ours.median, curl.median)
    return Report([ours, curl], [Goal("ms later than curl, 99th percentile", later, 5)])


def _late(bench: Bench, contestant: Contestant) -> float:
    """The 99th percentile, in ms, of how late the lines of one run come."""
    delays = []
    with subprocess.Popen(
        contestant.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**bench.env, **contestant.env},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            now = time.monotonic()
            event = json.loads(line.removeprefix(b"data: ").strip() or b"{}")
            value = event.get("data", event.get("output", {}).get("data", [""]))[0]
            if value.replace(".", "").isdigit():
                delays.append((now - float(value)) * 1000)
    return statistics.quantiles(delays, n=100)[98]
