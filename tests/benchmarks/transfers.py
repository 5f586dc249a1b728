"""Files: large uploads and downloads."""

from pathlib import Path

from tests.benchmarks.bench import OURS, Bench, Report
from tests.benchmarks.measure import Contestant, Goal, ratio

MB = 1_000_000
MEMORY = 64 * MB


def upload(bench: Bench) -> Report:
    """One large file to a server that forgets it."""
    size = bench.size(1000, 100)
    file = _sparse(bench, size)
    url = f"{bench.raw}/gradio_api/upload"
    results = bench.by_turns(
        bench.ours("upload", bench.raw, file),
        Contestant("curl -F", ["curl", "-sS", "-F", f"files=@{file}", url]),
        bench.gradio_client("client_upload.py", bench.raw, file),
        runs=5,
    )
    least, most = bench.size(100, 10), bench.size(4000, 200)
    sizes = {f"{OURS}, {mb} MB": mb for mb in (least, most)}
    results |= bench.by_turns(
        *(bench.ours("upload", bench.raw, _sparse(bench, mb), name=n) for n, mb in sizes.items()),
        runs=1,
    )
    peaks = [results[name].peak_bytes for name in sizes]
    return Report(
        [*results.values()],
        [
            Goal("time, of curl's", ratio(results[OURS].median, results["curl -F"].median), 1.15),
            Goal("MB of memory", ratio(results[OURS].peak_bytes, MB), MEMORY / MB),
            Goal(f"memory for {most} MB, of that for {least} MB", ratio(*reversed(peaks)), 1.05),
        ],
    )


def download(bench: Bench) -> Report:
    """One large output file."""
    size = bench.size(1000, 100) * MB
    to = bench.scratch / "downloaded"
    url = f"{bench.raw}/gradio_api/file=/tmp/gradio/big/{size}"
    results = bench.by_turns(
        bench.ours("call", bench.raw, "/file", size, "-o", to),
        Contestant("curl -o", ["curl", "-sS", url, "-o", str(to)], prints=0),
        runs=5,
    )
    to.unlink(missing_ok=True)
    return Report(
        [*results.values()],
        [
            Goal("time, of curl's", ratio(results[OURS].median, results["curl -o"].median), 1.2),
            Goal("MB of memory", ratio(results[OURS].peak_bytes, MB), MEMORY / MB),
        ],
    )


def _sparse(bench: Bench, megabytes: int) -> Path:
    """A file of zeros that takes no room."""
    path = bench.scratch / f"{megabytes}-mb.bin"
    with path.open("wb") as file:
        file.truncate(megabytes * MB)
    return path
