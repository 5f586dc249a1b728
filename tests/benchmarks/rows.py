"""Many calls: a batch."""

import json

from tests.benchmarks.bench import OURS, Bench, Report
from tests.benchmarks.measure import Goal, ratio


def batch(bench: Bench) -> Report:
    """A thousand rows, eight at a time."""
    count = bench.size(1000, 50)
    rows = bench.scratch / "rows.jsonl"
    rows.write_text("".join(f"{json.dumps([f'row {i}', 1, False])}\n" for i in range(count)))
    results = bench.by_turns(
        bench.ours("call", bench.gradio, "/greet", "--batch", rows, "-j", 8, prints=10 * count),
        bench.gradio_client("client_rows.py", bench.gradio, count),
        bench.shell("xargs -P8 of two curls", "rows.sh", bench.gradio, count, prints=10 * count),
        runs=2,
    )
    ours = results[OURS].median
    return Report(
        [*results.values()],
        [
            Goal(f"{name}'s time, of ours", ratio(results[name].median, ours), least, at_least=True)
            for name, least in (("gradio_client", 2), ("xargs -P8 of two curls", 1.5))
        ],
    )
