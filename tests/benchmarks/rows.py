"""Many calls: a batch."""

import json
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.bench import OURS, Bench, Report
from tests.benchmarks.measure import Contestant, Goal, Result, ratio


def batch(bench: Bench) -> Report:
    """A thousand rows, eight at a time."""
    count = bench.size(1000, 50)
    rows = bench.scratch / "rows.jsonl"
    rows.write_text("".join(f"{json.dumps([f'row {i}', 1, False])}\n" for i in range(count)))
    # A server each, so that they age alike: after each job Gradio 6 counts all that it did before
    # (`compute_analytics_summary` in its `queueing.py`), which takes 10 ms once those are 5,000.
    ours, client, xargs = (bench.new_gradio() for _ in range(3))
    results = bench.by_turns(
        bench.ours("call", ours, "/greet", "--batch", rows, "-j", 8, prints=10 * count),
        bench.gradio_client("client_rows.py", client, count),
        bench.shell("xargs -P8 of two curls", "rows.sh", xargs, count, prints=10 * count),
        runs=2,
    )
    median = results[OURS].median
    return Report(
        [*results.values()],
        [
            Goal(
                f"{name}'s time, of ours", ratio(results[name].median, median), least, at_least=True
            )
            for name, least in (("gradio_client", 2), ("xargs -P8 of two curls", 3))
        ],
    )


def far(bench: Bench) -> Report:
    """Rows of an app that does one each 20 ms, over 100 ms, 64 at a time."""
    count, milliseconds = bench.size(1000, 100), 20
    rows = _rows(bench, count, f"[{milliseconds}]")
    with bench.link(bench.raw, 100) as link:
        words = ("call", link.url, "/serial", "--batch", rows, "-j", 64)
        result = bench.over(link, bench.ours(*words, prints=count), runs=2)[OURS]
    rate = ratio(count * milliseconds / 1000, result.median)
    return Report([result], [Goal("rows a second, of the app's", rate, 0.9, at_least=True)])


def many(bench: Bench) -> Report:
    """Rows a second of a server that answers at once, by the number of jobs."""
    count = bench.size(100_000, 1_000)
    rows, fewer = _rows(bench, count, "[1]"), _rows(bench, count // 10, "[1]")

    def rate(jobs: int, batch: Path, size: int) -> Result:
        name = f"{OURS}, {size:,} rows, {jobs} jobs"
        ours = bench.ours("call", bench.raw, "/big", "--batch", batch, "-j", jobs, name=name)
        # What is long needs no run before it to warm up.
        return _rate(bench.by_turns(ours, runs=1, warm=size < count)[name], size)

    long = rate(8, rows, count)
    rates = [rate(jobs, fewer, count // 10) for jobs in (8, 1, 64, 256)]
    growth = ratio(long.peak_bytes, rates[0].peak_bytes)
    goal = Goal("memory, of that for a tenth of the rows", growth, 1.1)
    return Report([long, *rates], [goal], ours=long.contestant)


def resumed(bench: Bench) -> Report:
    """A batch whose million rows are all done, begun again."""
    count = bench.size(1_000_000, 20_000)
    results = bench.scratch / "results.jsonl"
    with results.open("w") as file:
        file.writelines(
            f'{{"row": {n}, "endpoint": "/big", "input": {{"size": 1}}, "status": "ok", '
            '"data": ["x"]}\n'
            for n in range(count)
        )

    def ours(row: str, of: str) -> Contestant:
        rows = _rows(bench, count, row, of)
        words = ("call", bench.raw, "/big", "--batch", rows, "--results", results)
        return bench.ours(*words, prints=0, name=f"{OURS}, rows of {of}")

    # Rows that stand in the results as they do in the batch, and rows that have to be read.
    result, *others = bench.by_turns(
        ours('{"size": 1}', "json.dumps"), ours('{"size":1}', "jq -c"), ours("[1]", "lists"), runs=2
    ).values()
    return Report([result, *others], [Goal("seconds", result.median, 10)], ours=result.contestant)


def _rows(bench: Bench, count: int, row: str, of: str = "rows") -> Path:
    path = bench.scratch / f"{count} {of}.jsonl"
    path.write_text(f"{row}\n" * count)
    return path


def _rate(result: Result, count: int) -> Result:
    rates = [count / seconds for seconds in result.values]
    return replace(result, values=rates, unit="rows/s")
