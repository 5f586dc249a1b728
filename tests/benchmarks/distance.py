"""What a call costs where users are: over a line with a round trip of 20, 100 or 300 ms."""

from collections.abc import Callable, Mapping

from tests.benchmarks.bench import OURS, Bench, Report
from tests.benchmarks.measure import Goal, Result, difference, ratio

ROUND_TRIPS = (20, 100, 300)  # milliseconds
CURLS, FIRST = "two curls", f"{OURS}, first call"
ONE_BY_ONE, TOGETHER = "curl, one after the other", "curl -Z"
COUNT, SIZE = 20, 100_000
PEERS = ("hf-gradio", "gradio_client")
# How long a whole call may take, of the two curls' time. They connect twice, and with TLS shake
# hands twice; Python takes as long to start as two round trips of 100 ms.
OF_CURLS = {("http", 100): 1.35, ("https", 100): 1.15, ("https", 300): 0.95}


def _call(scheme: str, milliseconds: int) -> Callable[[Bench], Report]:
    def case(bench: Bench) -> Report:
        with bench.link(bench.gradio, milliseconds, tls=scheme == "https") as link:
            words = ("call", link.url, "/greet", "bob", "3")
            results = bench.over(
                link,
                bench.ours(*words),
                bench.ours(*words, "--no-cache", name=FIRST),
                bench.shell(CURLS, "recipe.sh", link.url, "greet", '{"data": ["bob", 3, false]}'),
                bench.peer(
                    PEERS[0], PEERS[0], "predict", link.url, "/greet", '{"name": "bob", "count": 3}'
                ),
                bench.gradio_client("client_predict.py", link.url),
                runs=7,
            )
        ours, first = results[OURS], results[FIRST]
        goals = [
            Goal(f"time, of that of {name}", ratio(ours.median, results[name].median), limit)
            for name, limit in [
                *((CURLS, limit) for at, limit in OF_CURLS.items() if at == (scheme, milliseconds)),
                *((name, 0.25) for name in PEERS),
            ]
        ]
        more = difference(first.round_trips, ours.round_trips)
        return Report(
            [*results.values()],
            [
                *goals,
                Goal("connections", ours.connections, 1),
                Goal("round trips more of a first call", more, 1),
            ],
        )

    case.__doc__ = f"A whole call over {scheme}, with a round trip of {milliseconds} ms."
    return case


CALLS: Mapping[str, Callable[[Bench], Report]] = {
    f"{scheme}-{milliseconds}": _call(scheme, milliseconds)
    for scheme in ("http", "https")
    for milliseconds in ROUND_TRIPS
}


def upload(bench: Bench) -> Report:
    """Twenty files of 100 KB up, with a round trip of 100 ms."""
    files = _files(bench)
    with bench.link(bench.raw, 100) as link:
        results = bench.over(
            link,
            bench.ours("upload", link.url, *files),
            bench.shell(ONE_BY_ONE, "files_up.sh", link.url, "-s", *files),
            bench.shell(TOGETHER, "files_up.sh", link.url, "-Z", *files),
            runs=7,
        )
    return _transfers(results)


def download(bench: Bench) -> Report:
    """A call whose result is twenty files of 100 KB, with a round trip of 100 ms."""
    with bench.link(bench.raw, 100) as link:
        words = (link.url, COUNT, SIZE)
        folder = bench.scratch / "files"
        results = bench.over(
            link,
            bench.ours("call", link.url, "/files", COUNT, SIZE, "-o", f"{folder}/ours/"),
            bench.shell(ONE_BY_ONE, "files_down.sh", *words, folder / "one"),
            bench.shell(TOGETHER, "files_down.sh", *words, folder / "all", "-Z"),
            runs=7,
        )
    return _transfers(results)


def _transfers(results: Mapping[str, Result]) -> Report:
    ours = results[OURS].median
    return Report(
        [*results.values()],
        [
            Goal("time, of one file after the other", ratio(ours, results[ONE_BY_ONE].median), 0.3),
            Goal("time, of curl -Z", ratio(ours, results[TOGETHER].median), 1.2),
        ],
    )


def _files(bench: Bench) -> list[str]:
    paths = [bench.scratch / f"{number:02}.bin" for number in range(COUNT)]
    for path in paths:
        path.write_bytes(path.name.encode() * (SIZE // len(path.name)))
    return [str(path) for path in paths]
