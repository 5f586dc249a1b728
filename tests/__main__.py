"""Every check of the project, in one command.

python -m tests                        everything: lint, types, all tests, coverage
python -m tests [pytest options]       the same without coverage, of what the options choose
python -m tests fast [pytest options]  lint, types and the pure tests, in seconds
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
STATIC = (["-m", "ruff", "check"], ["-m", "ruff", "format", "--check"], ["-m", "mypy"])
# Beforehand, so that no test's time limit has to hold an installation.
PREPARATION = ["-m", "tests.live.servers", "--prepare"]
# A process for each core, each with servers of its own. One more did not make the run shorter.
SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")
FAST = ("-n", "2", "--dist", "load", "-q", "tests/unit")


def covered(tests: list[str]) -> list[list[str]]:
    """The commands that run `tests`, and then say how much of the package they ran."""
    coverage = ["-m", "coverage"]
    return [
        [*coverage, "erase"],
        [*coverage, "run", *tests],
        [*coverage, "combine", "--quiet"],
        [*coverage, "report"],
    ]


def main() -> int:
    """Run the checks, then the tests; gives the exit code of the first that fails."""
    # Where these are ignored (`nohup`, a job in the background), the commands under test would
    # rightly go on ignoring them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    fast, options = sys.argv[1:2] == ["fast"], sys.argv[1:]
    if fast:
        os.environ["GRADIO_CURL_TEST_PROFILE"] = "fast"
        checks = [*STATIC, ["-m", "pytest", *FAST, *options[1:]]]
    else:
        tests = ["-m", "pytest", *SIDE_BY_SIDE, *options]
        checks = [*STATIC, PREPARATION, *([tests] if options else covered(tests))]
    for check in checks:
        print("+ python", *check, flush=True)
        code = subprocess.run([sys.executable, *check], cwd=ROOT).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
