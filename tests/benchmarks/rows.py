"""Many calls: a batch."""

import json

from tests.benchmarks.bench import OURS, Bench, Report
from tests.benchmarks.measure import Goal, ratio


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
            for name, least in (("gradio_client", 2), ("xargs -P8 of two curls", 1.5))
        ],
    )
