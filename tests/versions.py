"""The smoke tests on the last release of every minor version of Gradio, from 4.20 on.

python -m tests.versions              those that have not passed yet, then the table
python -m tests.versions VERSION ...  these, whatever is known of them
python -m tests.versions --releases   list anew what has been released since, and when

Each version runs in an environment of its own, with what its packages needed at its day, that is
deleted afterwards unless the tests keep it. What came of it is kept in the tests' cache folder, so
that a run can be interrupted and go on later. The table is written to `.github/VERSIONS.md`.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.live.servers import (
    PINS,
    RELEASES,
    SMOKE_VERSIONS,
    ServerFailed,
    cache_folder,
    environment,
)

ROOT = Path(__file__).parent.parent
TABLE = ROOT / ".github" / "VERSIONS.md"
RELEASES_FILE = ROOT / "tests" / "live" / "releases.txt"
OLDEST = (4, 20)

Result = dict[str, Any]


def main() -> int:
    """Runs what was asked for; gives 1 where a version fails."""
    # Where it is ignored (a job in the background), the command under test would go on ignoring it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = _options()
    if options.releases:
        RELEASES_FILE.write_text("".join(f"{v} {day}\n" for v, day in _released()))
        return 0
    results = _known()
    asked = options.versions or [v for v in RELEASES if v not in results or results[v]["failed"]]
    for version, result in _results(asked):
        results[version] = result
        _results_file().write_text(json.dumps(results, indent=1))
        print(_row(version, result), flush=True)
    known = [version for version in RELEASES if version in results]
    table = _table({version: results[version] for version in known})
    TABLE.write_text(table)
    print(table)
    return int(any(results[version]["failed"] for version in known))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help=f"from {RELEASES_FILE}")
    parser.add_argument("--releases", action="store_true", help="list anew what was released")
    options = parser.parse_args()
    unknown = set(options.versions) - set(RELEASES)
    if unknown:
        parser.error(f"not in {RELEASES_FILE}: {', '.join(sorted(unknown))}")
    return options


# Running


def _results(versions: Sequence[str]) -> Iterator[tuple[str, Result]]:
    """What comes of each version; the environment of the next is made meanwhile."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(environment, versions[0]) if versions else None
        for version, following in zip(versions, [*versions[1:], None], strict=True):
            ready = coming
            coming = pool.submit(environment, following) if following else None
            assert ready is not None
            yield version, _result(version, ready)


def _result(version: str, python: "Future[Path]") -> Result:
    started = time.monotonic()
    try:
        folder = python.result().parent.parent
    except ServerFailed as failed:
        return _outcome({"environment": str(failed)[-2000:]})
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "tests/live/test_smoke.py", f"--junitxml={report}"],
            cwd=ROOT,
            env=os.environ | {"GRADIO_CURL_TEST_SMOKE": version},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        result = _read(report) if report.exists() else _outcome({"pytest": ended.stdout[-2000:]})
    if version not in PINS and version not in SMOKE_VERSIONS:
        shutil.rmtree(folder)
        folder.with_name(folder.name + ".lock").unlink(missing_ok=True)
    return result | {"seconds": round(time.monotonic() - started)}


def _outcome(failed: dict[str, str], passed: int = 0, differs: Sequence[str] = ()) -> Result:
    day = datetime.now(timezone.utc).date().isoformat()
    return {"day": day, "passed": passed, "failed": failed, "differs": list(differs)}


def _read(report: Path) -> Result:
    """What the report of pytest tells."""
    failed, passed, differs = {}, 0, []
    for case in ElementTree.parse(report).iter("testcase"):
        faults = [*case.iter("failure"), *case.iter("error")]
        name = case.get("name", "").split("[")[0].removeprefix("test_")
        if faults:
            failed[name] = faults[0].get("message", "")[:2000]
        else:
            passed += 1
        differs += [p.get("value", "") for p in case.iter("property") if p.get("name") == "differs"]
    return _outcome(failed, passed, differs)


def _results_file() -> Path:
    return cache_folder() / "versions.json"


def _known() -> dict[str, Result]:
    file = _results_file()
    known: dict[str, Result] = json.loads(file.read_text()) if file.exists() else {}
    return known


# The table


def _table(results: dict[str, Result]) -> str:
    passed = sum(not result["failed"] for result in results.values())
    rows = "\n".join(_row(version, result) for version, result in results.items())
    return f"""\
# Gradio versions

The last release of every minor version, each with the packages of its day: how the smoke tests
(`tests/live/test_smoke.py`) end on it, by `python -m tests.versions`.
{len(results)} of {len(RELEASES)} have been run, {passed} pass.

| Gradio | of | result | what differs | run on |
| --- | --- | --- | --- | --- |
{rows}
"""


def _row(version: str, result: Result) -> str:
    failed = [name.replace("_", " ") for name in result["failed"]]
    outcome = f"fails: {', '.join(failed)}" if failed else "passes"
    differs = "; ".join(result["differs"])
    return f"| {version} | {RELEASES[version]} | {outcome} | {differs} | {result['day']} |"


# What has been released


def _released() -> Iterator[tuple[str, str]]:
    """The last release of each minor version and its day, as the package index has them."""
    listed = _uv("tool", "run", "pip", "index", "versions", "gradio")
    last: dict[tuple[int, int], int] = {}
    for major, minor, patch in re.findall(r"(?<![\d.])(\d+)\.(\d+)\.(\d+)(?=[,\s])", listed):
        line = int(major), int(minor)
        if line >= OLDEST:
            last[line] = max(int(patch), last.get(line, 0))
    for (major, minor), patch in sorted(last.items()):
        version = f"{major}.{minor}.{patch}"
        yield version, RELEASES.get(version) or _day(version)


def _day(version: str) -> str:
    """The day of a release: uv writes it into the lock file of a project that depends on it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_text(
            '[project]\nname = "of"\nversion = "0"\nrequires-python = ">=3.11,<3.12"\n'
            f'dependencies = ["gradio=={version}"]\n'
        )
        _uv("lock", "--directory", folder)
        locked = (Path(folder) / "uv.lock").read_text()
    named = rf'gradio-{re.escape(version)}[-.].*?upload-time = "([\d-]+)'
    return str(max(re.findall(named, locked)))


def _uv(*words: str) -> str:
    command = [sys.executable, "-m", "uv", "--quiet", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
