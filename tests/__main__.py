"""Every check of the project, in one command: `python -m tests [pytest options]`."""

import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHECKS = (
    ["-m", "ruff", "check"],
    ["-m", "ruff", "format", "--check"],
    ["-m", "mypy"],
    # Beforehand, so that no test's time limit has to hold an installation.
    ["-m", "tests.live.servers", "--prepare"],
)
# A process for each core, each with servers of its own: most of the time a test waits for one.
SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile")


def main() -> int:
    """Run the checks, then the tests; gives the exit code of the first that fails."""
    # Where these are ignored (`nohup`, a job in the background), the commands under test would
    # rightly go on ignoring them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for check in [*CHECKS, ["-m", "pytest", *SIDE_BY_SIDE, *sys.argv[1:]]]:
        print("+ python", *check, flush=True)
        code = subprocess.run([sys.executable, *check], cwd=ROOT).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
