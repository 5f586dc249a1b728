"""Events: a large one, many small ones, and how soon each comes out."""

import json
import statistics
import subprocess
import time

from tests.benchmarks.bench import OURS, Bench, Report
from tests.benchmarks.measure import Contestant, Goal, Result, difference, ratio

MB = 1_000_000


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
    times = ratio(rates[OURS].median, rates["gradio_client"].median)
    return Report(
        [*rates.values()], [Goal("events a second, of gradio_client's", times, 5, at_least=True)]
    )


def _rate(result: Result, count: int) -> Result:
    return Result(
        result.contestant,
        [count / seconds for seconds in result.values],
        "/s",
        result.cpu_seconds,
        result.peak_bytes,
        result.failure,
    )


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
        Result(contestant.name, values, "ms")
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
