"""The tables of the benchmarks, from their figures."""

from typing import Any

from tests.readme import goals_table, performance_table


def result(name: str, median: float | None, **fields: Any) -> dict[str, Any]:
    base = {"unit": "s", "peak_bytes": None, "round_trips": None, "is_ours": False}
    return {"contestant": name, "median": median, **base, **fields}


def test_a_case_is_a_line_and_each_of_its_goals() -> None:
    met = {"text": "time", "measured": 1.234, "limit": 1.35, "at_least": False, "met": True}
    missed = {"text": "rate", "measured": None, "limit": 2, "at_least": True, "met": False}
    ours = {"is_ours": True, "peak_bytes": 34_400_000, "round_trips": 4}
    case = {
        "title": "A call.",
        "quick": True,
        "load": 0.5,
        "ours": "gradio-curl",
        "results": [
            result("gradio-curl", 0.61, **ours),
            result("gradio-curl, first call", 0.7, is_ours=True),
            result("two curls", 12_345),
            result("hf-gradio", None),
        ],
        "goals": [met, missed],
    }
    run = {
        "system": "Linux",
        "processors": 2,
        "python": "3.11.7",
        "gradio": "6.31.0",
        "peers": ["hf-gradio==0.4.1"],
        "cases": {"call": case},
    }
    assert performance_table(run).splitlines()[-1] == (
        "| A call (short) | 0.61 s, 34 MB, 4 round trips; first call 0.7 s "
        "| two curls 12,345 s; hf-gradio failed |"
    )
    assert goals_table(run).splitlines()[2:] == [
        "| `call` | time: 1.23 | at most 1.35 |",
        "| `call` | **rate: ?** | at least 2 |",
    ]
