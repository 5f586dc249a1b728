"""Run one command and tell what it took: `python -I -S launch.py FD OUT COMMAND…`.

A process of its own and a small one, because Linux counts the memory of the process that forks a
command as the first peak of that command: below about 9 MB nothing can be told.
"""

import os
import sys
import time


def main() -> None:
    """Write `seconds cpu_seconds peak_bytes exit_code` to the descriptor FD."""
    report, out, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    os.set_inheritable(report, False)
    # Emptied before the clock starts: what the run before wrote may take 30 ms to be dropped.
    os.close(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    stdout = (os.POSIX_SPAWN_OPEN, 1, out, os.O_WRONLY, 0)
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[stdout])
    _, status, used = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    cpu_seconds = used.ru_utime + used.ru_stime
    os.write(report, f"{seconds} {cpu_seconds} {used.ru_maxrss * 1024} {code}".encode())


main()
