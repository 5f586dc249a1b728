"""The way of a batch: connect, check every row, do them, write a line for each."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gradio_curl.cli.connection import check_oauth_token, connected, endpoint_of
from gradio_curl.cli.options import CallSettings
from gradio_curl.cli.run import data_option
from gradio_curl.client.batch import Outcome, Pool, Work, untold
from gradio_curl.client.local_files import Inputs
from gradio_curl.client.outputs import Output
from gradio_curl.client.results import results_at
from gradio_curl.client.rows import Row, check, opened
from gradio_curl.client.session_lock import alone_in_session
from gradio_curl.errors import AppError, CannotWrite, Fault, InputError
from gradio_curl.protocol import files
from gradio_curl.protocol.binding import Call, RowBinder
from gradio_curl.protocol.items import parse_items
from gradio_curl.render.batch import progress
from gradio_curl.render.stdio import Stdout, say, to_json
from gradio_curl.render.text import Renderer, failure_object

JOBS = 4


def run(
    typed: str,
    words: Sequence[str],
    literals: Sequence[str],
    settings: CallSettings,
    path: str,
) -> None:
    """Run a call for every row. Raises AppError where some of them failed."""
    jobs, in_shard = _jobs(settings), _shard(settings.shard)
    inputs = Inputs(settings.name)
    output = Output(settings.output, directory=True) if settings.output is not None else None
    with ExitStack() as stack:
        rows = stack.enter_context(opened(path))
        results = None
        if settings.results is not None:
            results = stack.enter_context(results_at(Path(settings.results)))
        anew = CallSettings(**vars(settings) | {"no_cache": True})
        # Anew, since every connection after this one needs the login that it comes to.
        app = stack.enter_context(connected(typed, anew, Renderer()))
        client = app.client
        endpoint, words = endpoint_of(app, words)
        check_oauth_token(endpoint, settings)
        items = parse_items(words, literals)
        binder = RowBinder(endpoint, items, data_option(settings.data, inputs), read=inputs.text)

        def wanted() -> Iterator[Row]:
            for row in rows:
                if in_shard(row.number) and not (results and results.has(row.number)):
                    yield row

        def speaks_against(call: Call) -> list[Fault]:
            own = files.transform(call.data, binder.shared.__contains__, lambda local: None)
            return client.faults(own, inputs)

        if faults := client.faults(binder.shared, inputs):
            raise InputError(*faults)
        calls = (partial(rows.bound, row, binder.bind) for row in wanted())
        count = check(calls, speaks_against)
        if count == 0 and not settings.quiet:
            say("gradio-curl: no row is left to do")
        if output is not None:
            output.prepare()
        if settings.session is not None:
            waiting = f"waiting for another command in session {settings.session}"
            alone = alone_in_session(client.url, settings.session, lambda: say(waiting))
            stack.enter_context(alone)
        payloads = client.upload_files(binder.shared, inputs, untold)
        shared = dict(zip(binder.shared, payloads, strict=True))
        work = Work(endpoint, settings.route.value, settings.session, inputs, output, shared)
        pool = Pool(client, work, min(jobs, count), settings.ordered)
        bound = ((row.number, rows.bound(row, binder.bind)) for row in wanted())
        stdout = Stdout()
        tally = _Tally(count, stdout.json if results is None else results.write)
        # Results that go to the same terminal show the progress themselves.
        bar = settings.moves(sys.stderr) and not (results is None and stdout.is_terminal)
        try:
            with progress(count, bar) as tell:
                pool.run(bound, lambda outcome: tell(tally.take(outcome)))
        except BaseException:
            say(f"gradio-curl: {tally.done} of {count} rows were done")
            raise
    if output is not None and tally.done and not output.used:
        raise CannotWrite("no result has a file for --output to save")
    if tally.failed:
        hint = "run it again to do these once more" if results is not None else ""
        raise AppError(f"{tally.failed} of {count} rows failed", hint)


@dataclass(slots=True)
class _Tally:
    """Writes the line of each row, and counts them."""

    count: int
    write: Callable[[str], None]
    done: int = 0
    failed: int = 0

    def take(self, outcome: Outcome) -> tuple[int, int]:
        """Write what became of a row; gives how many are through, and how many of them failed."""
        if outcome.failure is None:
            told: dict[str, Any] = {"status": "ok", "data": outcome.data}
        else:
            told = failure_object(outcome.failure)
            if outcome.data is not None:  # only its files could not be saved
                told["data"] = outcome.data
        self.write(to_json({"row": outcome.number, **told}))
        self.done += outcome.failure is None
        self.failed += outcome.failure is not None
        return self.done + self.failed, self.failed


def _jobs(settings: CallSettings) -> int:
    """Rows in flight. Raises InputError where options contradict each other."""
    for option in ("curl", "detach", "event", "no_check"):
        if getattr(settings, option):
            name = option.replace("_", "-")
            raise InputError(f"--batch and --{name} can't go together")
    if settings.output == "-":
        raise InputError("a batch writes results to stdout: give --output a directory")
    if settings.ordered and settings.results is not None:
        hint = "every line has its row's number"
        raise InputError("--results keeps rows as they come, so it can't be --ordered", hint)
    if settings.session is None:
        return settings.jobs or JOBS
    if settings.jobs not in (None, 1):
        raise InputError("in one --session rows are done one by one", "leave out --jobs")
    return 1


def _shard(typed: str | None) -> Callable[[int], bool]:
    """Whether a row is in the part that `I/N` names, I being from 1 to N."""
    if typed is None:
        return lambda number: True
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", typed)
    part, parts = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= part <= parts:
        raise InputError(f"--shard {typed} is no part: write I/N, from 1/N to N/N")
    return lambda number: number % parts == part - 1
