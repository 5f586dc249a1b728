"""Slurm and GNU parallel: the README's lines for many machines, run by the real programs.

Whatever happens to a worker, the results of all shards are those of one run.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from threading import Event, Lock
from urllib.parse import parse_qs

import pytest

from tests.command import clean_environment
from tests.patience import HANGING
from tests.wire.engines import Cluster, program, slurm, ssh, wait_until_gone
from tests.wire.server import (
    CONFIG,
    EVENTS,
    INFO,
    P,
    Reply,
    Request,
    Step,
    event,
    http,
    serving,
)

README = (Path(__file__).parents[2] / "README.md").read_text()
ROWS, SHARDS = 160, 8
# Of a shard that sticks, the rows from here on get no answer at first.
FIRST_STUCK = 90
IN_FLIGHT = 4
COMPLETED = {str(task): "COMPLETED" for task in range(1, SHARDS + 1)}


def line_for(engine: str) -> list[str]:
    """The code in the README's table of engines, in the row that starts with these words."""
    (row,) = re.findall(rf"^\| {re.escape(engine)}.*", README, re.MULTILINE)
    return re.findall("`([^`]+)`", row)


def shell_line(part: str) -> str:
    """The one line of the README's shell blocks with this part."""
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE))
    (line,) = (line for line in blocks.splitlines() if part in line)
    return line


class App:
    """The README's `/greet`. Shards that are to stick do so midway, until `freed` is set."""

    def __init__(self) -> None:
        self.greeted: Counter[str] = Counter()
        self._sticking: tuple[int, ...] = ()
        self._stuck: Queue[str] = Queue()
        self.freed = Event()
        self._names: dict[str, tuple[str, str]] = {}
        self._lock = Lock()

    def script(self) -> dict[str, Reply]:
        name = {"parameter_name": "name", "label": "Name", "type": {"type": "string"}}
        greeting = {"label": "Greeting", "type": {"type": "string"}}
        endpoint = {"id": 0, "api_name": "greet", "inputs": [1], "outputs": [3]}
        described = {"/greet": {"parameters": [name], "returns": [greeting]}}
        return {
            "/config": http({**CONFIG, "dependencies": [endpoint]}),
            f"{P}/info": http({**INFO, "named_endpoints": described}),
            f"{P}/call/greet": self._queue,
            f"{P}/queue/data": self._feed,
            f"{P}/cancel": http({"success": True}),
        }

    def _queue(self, request: Request) -> bytes:
        body = json.loads(request.body)
        with self._lock:
            (name,) = body["data"]
            self.greeted[name] += 1
            job = f"job{self.greeted.total()}"
            self._names[body.get("session_hash", job)] = job, name
        return http({"event_id": job})

    def _feed(self, request: Request) -> Iterator[Step]:
        (session,) = parse_qs(request.target.partition("?")[2])["session_hash"]
        job, name = self._names[session]
        yield EVENTS
        number = int(name.removeprefix("row ")) - 1
        sticks = number % SHARDS + 1 in self._sticking and number >= FIRST_STUCK
        if sticks and not self.freed.is_set():
            self._stuck.put(name)
            self.freed.wait(HANGING)
        output = {"data": [f"Hello {name}!"]}
        yield event(msg="process_completed", event_id=job, output=output, success=True)

    def stick(self, *shards: int) -> None:
        """Give no more answers to these shards when they come to their middle."""
        self._sticking = shards

    def wait_until_stuck(self) -> set[str]:
        """Wait until these shards are in their middle; gives their rows that are not answered."""
        return {self._stuck.get(timeout=HANGING) for _ in self._sticking * IN_FLIGHT}


class Workshop:
    """A folder with `rows.jsonl`, as the README makes it, and `gradio-curl` on the PATH."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._url = url
        (folder / "bin").mkdir()
        (folder / "workers").mkdir()
        command = folder / "bin" / "gradio-curl"
        command.write_text(
            f'#!/bin/sh\necho $$ "$@" > {folder}/workers/$$\n'
            f'exec "{sys.executable}" -m gradio_curl "$@"\n'
        )
        command.chmod(0o755)
        self.env = clean_environment(folder)
        self.env["PATH"] = f"{folder / 'bin'}{os.pathsep}{self.env['PATH']}"
        self.env["PYTHONPATH"] = str(Path(__file__).parents[2])
        self.sh(shell_line("seq 1000 |").replace("seq 1000", f"seq {ROWS}"))

    def sh(self, line: str, code: int = 0, **env: str) -> None:
        """Runs a line of the README's."""
        ended = subprocess.run(
            ["sh", "-c", line.replace(":7860", self._url).replace(" URL ", f" {self._url} ")],
            cwd=self.folder,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=HANGING,
        )
        assert ended.returncode == code, ended.stderr

    def shard(self, shard: str, part: str) -> str:
        """The README's line for the shard 1/2, with another `--shard` and file."""
        line = shell_line("--shard 1/2").replace("--shard 1/2", shard)
        return line.replace("part-1", f"part-{part}").replace(":7860", self._url)

    def worker(self, shard: str) -> int:
        """The process that does a shard."""
        started = (file.read_text().split() for file in (self.folder / "workers").iterdir())
        (pid,) = (int(pid) for pid, *arguments in started if shard in arguments)
        return pid

    def joined(self) -> list[str]:
        """The lines of all shards, by row."""
        parts = sorted(self.folder.glob("part-*.jsonl"))
        assert len(parts) == SHARDS
        return by_row("".join(part.read_text() for part in parts))

    def of_one_run(self) -> list[str]:
        """The lines of a run without shards, by row."""
        self.sh(shell_line("-j 8"))
        return by_row((self.folder / "results.jsonl").read_text())


def by_row(results: str) -> list[str]:
    return sorted(results.splitlines(), key=lambda line: int(json.loads(line)["row"]))


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def workshop(app: App, tmp_path: Path) -> Iterator[Workshop]:
    with serving(app.script()) as server:
        yield Workshop(tmp_path, server.url)
        app.freed.set()


@pytest.fixture
def cluster(workshop: Workshop) -> Iterator[Cluster]:
    with slurm(workshop.folder, workshop.env) as cluster:
        yield cluster


def check(workshop: Workshop, app: App, stuck: set[str]) -> None:
    """The results are those of one run, and no row was greeted twice that was answered once."""
    assert app.greeted == Counter(f"row {n}" for n in range(1, ROWS + 1)) + Counter(stuck)
    assert workshop.joined() == workshop.of_one_run()
    before = app.greeted.total()
    workshop.sh("cat part-*.jsonl > results.jsonl")
    workshop.sh(shell_line("-j 8"))
    assert app.greeted.total() == before


def test_a_slurm_array_gives_the_results_of_one_run(
    workshop: Workshop, cluster: Cluster, app: App
) -> None:
    array, shard = line_for("Slurm array")
    line = workshop.shard(shard, "$SLURM_ARRAY_TASK_ID")
    app.stick(2, 3, 4)
    job = cluster.submit(array, line)
    stuck = app.wait_until_stuck()
    workers = [workshop.worker(f"{task}/{SHARDS}") for task in (2, 3, 4)]
    cluster.run("scontrol", "requeue", f"{job}_2")
    os.kill(workers[1], signal.SIGKILL)  # as the kernel does it when memory runs out
    cluster.run("scancel", f"{job}_4")
    for worker in workers:
        wait_until_gone(worker)
    app.freed.set()
    cluster.wait_for(job, {"3": "FAILED"})
    cluster.run("scontrol", "requeue", f"{job}_3")
    cluster.wait_for(job, COMPLETED | {"4": "CANCELLED"})
    again = cluster.submit(array, line)
    cluster.wait_for(again, COMPLETED)
    check(workshop, app, stuck)


def test_gnu_parallel_over_ssh_gives_the_results_of_one_run(workshop: Workshop, app: App) -> None:
    (line,) = line_for("GNU parallel")
    program("parallel", "parallel")
    app.stick(2)
    with ssh(workshop.folder, workshop.env) as command, ThreadPoolExecutor(1) as pool:
        first = pool.submit(workshop.sh, line, code=1, PARALLEL_SSH=command)
        stuck = app.wait_until_stuck()
        worker = workshop.worker(f"2/{SHARDS}")
        os.kill(worker, signal.SIGKILL)
        wait_until_gone(worker)
        app.freed.set()
        first.result()
        workshop.sh(line, PARALLEL_SSH=command)
    check(workshop, app, stuck)


def test_the_line_for_kubernetes_gives_the_results_of_one_run(workshop: Workshop, app: App) -> None:
    (shard,) = line_for("Kubernetes")
    app.freed.set()
    for index in range(SHARDS):
        workshop.sh(workshop.shard(shard, str(index)), JOB_COMPLETION_INDEX=str(index))
    check(workshop, app, set())
