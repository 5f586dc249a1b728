"""How long the command takes to do little: whole calls, its version, its help, TAB."""

import os
import shlex

from tests.benchmarks.bench import OURS, Bench, Report
from tests.benchmarks.measure import Contestant, Goal, Result, ratio


def call(bench: Bench) -> Report:
    """A whole call, from process start to exit, beside the least it could take."""
    results = bench.by_turns(
        _call(bench),
        bench.floor("floor.py", bench.gradio),
        bench.shell("two curls", "recipe.sh", bench.gradio, "greet", '{"data": ["bob", 3, false]}'),
        runs=31,
    )
    floor = "floor script"
    memory = ratio(results[OURS].peak_bytes, results[floor].peak_bytes)
    goals = [_faster(results, floor, 1.15), Goal(f"memory, of {floor}'s", memory, 1.1)]
    return Report([*results.values()], goals)


def call_peers(bench: Bench) -> Report:
    """The same call by the programs that people have."""
    payload = '{"name": "bob", "count": 3}'
    results = bench.by_turns(
        _call(bench),
        bench.floor("floor.py", bench.gradio),
        bench.peer("hf-gradio", "hf-gradio", "predict", bench.gradio, "/greet", payload),
        bench.gradio_client("client_predict.py", bench.gradio),
        bench.shell("two HTTPies", "httpie.sh", bench.gradio, "greet", '["bob", 3, false]'),
        runs=9,
    )
    memory = ratio(results[OURS].peak_bytes, results["hf-gradio"].peak_bytes)
    return Report(
        [*results.values()],
        [
            _faster(results, "hf-gradio", 0.25),
            _faster(results, "gradio_client", 0.4),
            _faster(results, "two HTTPies", 0.45),
            Goal("memory, of hf-gradio's", memory, 0.5),
        ],
    )


def version(bench: Bench) -> Report:
    """`--version`."""
    return _against_import(bench, bench.ours("--version"), "import typer", 1.2)


def tab(bench: Bench) -> Report:
    """TAB after an app that is remembered: its endpoints."""
    bench.by_turns(_call(bench), runs=1)
    words = bench.ours("call", bench.gradio, "/gre").command
    contestant = Contestant(OURS, words, {"_GRADIO_CURL_COMPLETE": "zsh"}, is_ours=True)
    return _against_import(bench, contestant, "import typer", 1.25)


def help_text(bench: Bench) -> Report:
    """`call --help`, plain in a pipe, and drawn by Rich on a terminal."""
    ours, statement = bench.ours("call", "--help"), "import typer, rich.console"
    drawn = Contestant(
        "on a terminal", ["script", "-qec", shlex.join(ours.command), os.devnull], is_ours=True
    )
    results = bench.by_turns(ours, drawn, bench.python(statement, "-c", statement), runs=31)
    limit = results[statement].median
    return Report(
        [*results.values()],
        [
            _faster(results, statement, 1.5),
            Goal("the same on a terminal", ratio(results[drawn.name].median, limit), 1.5),
        ],
    )


def _call(bench: Bench) -> Contestant:
    return bench.ours("call", bench.gradio, "/greet", "bob", "3")


def _against_import(bench: Bench, ours: Contestant, statement: str, limit: float) -> Report:
    results = bench.by_turns(ours, bench.python(statement, "-c", statement), runs=31)
    return Report([*results.values()], [_faster(results, statement, limit)])


def _faster(results: dict[str, Result], peer: str, limit: float) -> Goal:
    return Goal(
        f"time, of that of {peer}", ratio(results[OURS].median, results[peer].median), limit
    )
