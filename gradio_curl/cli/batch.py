"""A batch: plan it (connect, check every row), execute it (a line for each row), report on it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from gradio_curl.cli.endpoint import check_oauth_token, endpoint_of
from gradio_curl.cli.network import network_of
from gradio_curl.cli.option_values import Shard
from gradio_curl.cli.options import CallSettings
from gradio_curl.cli.request import Request
from gradio_curl.cli.run import data_option
from gradio_curl.client.batch import Outcome, Pool, RowCall, Work, no_progress
from gradio_curl.client.client import Client
from gradio_curl.client.connect import connected
from gradio_curl.client.downloads import Saver
from gradio_curl.client.local_files import Inputs
from gradio_curl.client.outputs import Output
from gradio_curl.client.results import Results, results_at
from gradio_curl.client.rows import Row, Rows, check, opened
from gradio_curl.client.session_lock import alone_in_session
from gradio_curl.client.side_by_side import AT_ONCE
from gradio_curl.errors import AppError, CannotRead, CannotWrite, Failure, Fault, InputError
from gradio_curl.network import Route
from gradio_curl.protocol import files
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.items import parse_items
from gradio_curl.protocol.output_names import ROW
from gradio_curl.protocol.row_binding import RowBinder
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.protocol.templates import takes_line
from gradio_curl.protocol.told import FileTold, as_typed
from gradio_curl.render.batch import Counts, progress
from gradio_curl.render.renderer import Renderer
from gradio_curl.render.saved import saved_text
from gradio_curl.render.stdio import Stdout, say, to_json
from gradio_curl.render.text import failure_object, failure_text

JOBS = 4
_FAILURES_NAMED = 10


def run(request: Request[CallSettings], path: str) -> None:
    """Run a call for every row of `path`. Raises AppError where some of them failed.

    Stdout is JSON Lines: a line for each row, and with `--json` one more for a failure of the
    whole batch, which has no `row`.
    """
    settings = request.settings
    try:
        with ExitStack() as stack:
            plan = _planned(request, path, stack)
            if plan.left == 0:
                if not settings.quiet:
                    empty = "the input is empty" if plan.rows.is_empty else "no row is left to do"
                    say(f"gradio-curl: {empty}")
                return
            tally = _executed(plan, settings, stack)
        _report(plan, tally, settings)
    except Failure as failure:
        if settings.json:
            Stdout().json(to_json(failure_object(failure)))
        raise


@dataclass(slots=True)
class _Plan:
    """What is to be done: `left` rows of the `total` in this shard, all of them checked."""

    client: Client
    endpoint: Endpoint
    rows: Rows
    binder: RowBinder
    inputs: Inputs
    output: Output | None
    results: Results | None
    in_shard: Callable[[int], bool]
    jobs: int
    route: Route
    session: str | None
    total: int = 0
    left: int = 0
    count: int = 0  # how many rows there are, in all shards
    elsewhere: int = 0  # of those of other shards, how many have results here
    fixed: dict[str, Any] = field(default_factory=dict)  # the input that all rows share

    def check(self) -> None:
        """Check every row that is left, and that the results are those of this batch."""
        if self.results is not None:
            self.results.check_endpoint(self.endpoint.name)
        shared = self.binder.shared
        route_faults = partial(self.client.route_faults, self.endpoint, self.route)
        of_defaults = [*route_faults(self.session), *self.client.faults(shared, self.inputs)]
        of_rows = self.rows.header_faults(self.binder)
        if faults := [*of_defaults, *of_rows, *self.inputs.name_faults()]:
            raise InputError(*faults)

        def faults_of(call: Call) -> list[Fault]:
            own = files.transform(call.data, shared.__contains__, lambda local: None)
            with self.inputs.used_by_row():
                of_files = self.client.faults(own, self.inputs)
            return [*route_faults(call.session_hash), *of_files]

        self.left = check(self._rows_left(), self._bound, faults_of)
        if self.results is not None:
            self.results.check_count(self.count)

    def calls(self) -> Iterator[RowCall]:
        """The calls of the rows that are left, of those that were checked."""
        for row in islice(self.rows, self.count):
            if self.in_shard(row.number) and not (self.results and self.results.has(row.number)):
                call = self._bound(row)
                try:
                    typed = self._input(row, self.fixed, self.binder.content)
                except CannotRead:  # its file is gone since the check: that is told by its upload
                    typed = self._input(row, self.fixed, as_typed)
                yield RowCall(row.number, call, typed)

    def _rows_left(self) -> Iterator[Row]:
        self.fixed = self.binder.fixed(self.binder.content)
        fixed_before = self.binder.fixed()
        start = _input_json(self.fixed)[:-1].encode("utf-8", "backslashreplace")
        start += b", " if self.fixed else b""
        for row in self.rows:
            self.count = row.number + 1
            if not self.in_shard(row.number):
                self.elsewhere += self.results is not None and self.results.has(row.number)
                continue
            self.total += 1
            if self.results is None or not self.results.has(row.number):
                yield row
            elif self.results.are_compared and not self.results.stands_there(
                row.number, row.content, start
            ):
                whole = partial(self._input, row, self.fixed, self.binder.content)
                former = partial(self._former_input, row, fixed_before)
                with suppress(CannotRead):  # a file that is gone can't be compared any more
                    self.results.compare(row.number, whole, former)

    def _bound(self, row: Row) -> Call:
        return self.rows.bound(row, self.binder)

    def _input(self, row: Row, fixed: dict[str, Any], told: FileTold) -> dict[str, Any]:
        """All that a row sends, as its line has it."""
        return self.binder.whole(fixed, self.rows.input(row, self.binder, self.endpoint, told))

    def _former_input(self, row: Row, fixed: dict[str, Any], is_own: bool) -> dict[str, Any]:
        return self._input(row, {} if is_own else fixed, as_typed)


def _planned(request: Request[CallSettings], path: str, stack: ExitStack) -> _Plan:
    """Open what is read and written, connect, and check every row. Nothing is sent yet."""
    settings = request.settings
    inputs = Inputs(settings.name, (lambda message: None) if settings.quiet else say)
    stack.callback(inputs.close)
    output = Output(settings.output, directory=True) if settings.output is not None else None
    # Of items it is known before the app is whether they take lines; names are not needed for it.
    lines = any(map(takes_line, parse_items(request.words)))
    rows = stack.enter_context(opened(path, inputs, lines))
    results = None
    if settings.results is not None:
        if output is not None:
            output.make_folder_of(settings.results)
        found = results_at(
            Path(settings.results),
            _input_json,
            check_files=output is not None,
            place_of=output.place_of if output is not None else str,
        )
        results = stack.enter_context(found)
        if not settings.quiet:
            _tell_of_files(results)
    # Anew, since every connection after this one needs the login that it comes to.
    network = network_of(settings, Renderer())
    app = stack.enter_context(connected(request.app, network, wait=settings.wait, fresh=True))
    endpoint, words = endpoint_of(app, request.words, request.app)
    check_oauth_token(endpoint, settings)
    items = parse_items(words, request.literals)
    with inputs.used_by("--data"):
        body = data_option(settings.data, inputs)
    binder = RowBinder(
        endpoint,
        items,
        body,
        read=inputs.text,
        size=inputs.content_size,
        exists=inputs.has,
        in_session=settings.session is not None,
    )
    in_shard, jobs = _in_shard(settings.shard), _jobs(settings)
    plan = _Plan(
        app.client,
        endpoint,
        rows,
        binder,
        inputs,
        output,
        results,
        in_shard,
        jobs,
        settings.route,
        settings.session,
    )
    plan.check()
    if plan.elsewhere and not settings.quiet:
        rows_of = "1 row of" if plan.elsewhere == 1 else f"{plan.elsewhere} rows of"
        say(f"gradio-curl: {settings.results} has {rows_of} other shards, too")
    if (skipped := rows.skipped) and not settings.quiet:
        count = len(skipped)
        what = "a row of empty cells" if count == 1 else f"{count} rows of empty cells, the first"
        say(f"gradio-curl: skipped {what} in line {skipped[0]}")
    return plan


def _tell_of_files(results: Results) -> None:
    """Say what the files are to this command that former ones have saved."""
    gone = f", such as {Path(results.gone).absolute()}" if results.gone else ""
    for count, why in (
        (results.lost, f"the saved files are gone{gone}"),
        (results.unsaved, "their results were not saved"),
    ):
        if count:
            rows_are = "1 row is" if count == 1 else f"{count} rows are"
            say(f"gradio-curl: {rows_are} run again: {why}")
    if count := results.saved_elsewhere:
        rows_keep = "1 row keeps its files" if count == 1 else f"{count} rows keep their files"
        say(f"gradio-curl: {rows_keep} where they were saved, such as {results.elsewhere}")


def _executed(plan: _Plan, settings: CallSettings, stack: ExitStack) -> _Tally:
    """Do every row that is left, and write its line."""
    client = plan.client
    if plan.output is not None:
        plan.output.prepare({ROW, *filter(None, plan.endpoint.slots)})
    if settings.session is not None:
        waiting = f"waiting for another command in session {settings.session}"
        stack.enter_context(alone_in_session(client.url, settings.session, lambda: say(waiting)))
    payloads = client.upload_files(plan.binder.shared, plan.inputs, no_progress, AT_ONCE)
    shared = dict(zip(plan.binder.shared, payloads, strict=True))
    saver = None
    if plan.output is not None:
        as_text = partial(saved_text, endpoint=plan.endpoint)
        saver = Saver(plan.output, as_text, no_progress, all_or_none=True)
    work = Work(
        plan.endpoint,
        settings.route,
        settings.session,
        plan.inputs,
        saver,
        shared,
        digits=len(str(plan.count - 1)),
        wait=settings.wait,
    )
    pool = Pool(client, work, min(plan.jobs, plan.left), settings.ordered, say)
    stdout = Stdout()
    write = stdout.json if plan.results is None else plan.results.write
    tally = _Tally(plan.endpoint.name, write)
    # Results that go to the same terminal show the progress themselves.
    bar = settings.moves(sys.stderr) and not (plan.results is None and stdout.is_terminal)
    done_before = plan.total - plan.left
    try:
        with progress(done_before, plan.total, bar, settings.coloured(sys.stderr)) as show:

            def take(outcome: Outcome) -> None:
                tally.take(outcome)
                show(Counts(done_before + tally.done, len(tally.failed)))

            pool.run(plan.calls(), take)
    except BaseException:
        _report_stop(plan, tally)
        raise
    if plan.results is not None:
        plan.results.check_kept()
    return tally


@dataclass(slots=True)
class _Tally:
    """Writes the line of each row, and counts them."""

    endpoint: str
    write: Callable[[str], None]
    done: int = 0
    failures: int = 0
    failed: list[str] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        """Write what became of a row."""
        if outcome.failure is None:
            told: dict[str, Any] = {"status": "ok", "data": outcome.data}
            if outcome.saved is not None:
                told["saved"] = outcome.saved
        else:
            told = failure_object(outcome.failure)
            if outcome.data is not None:  # only its files could not be saved
                told["data"] = outcome.data
        typed = _input_json(outcome.row.input)
        row = f'{{"row": {outcome.row.number}, "endpoint": {to_json(self.endpoint)}, '
        self.write(f'{row}"input": {typed}, {to_json(told)[1:]}')
        if outcome.failure is None:
            self.done += 1
            return
        self.failures += 1
        if len(self.failed) < _FAILURES_NAMED:
            self.failed.append(f"row {outcome.row.number}: {failure_text(outcome.failure)}")


def _input_json(typed: dict[str, Any]) -> str:
    """The input of a row as JSON: file references in it are the user's own, not the app's."""
    return to_json(typed, references=True)


def _report_stop(plan: _Plan, tally: _Tally) -> None:
    """Say how far a batch came that was stopped, and how to go on."""
    through = f"{plan.total - plan.left + tally.done} of {plan.total} rows are done"
    if plan.results is not None:
        try:
            plan.results.check_kept()
        except CannotWrite as failure:
            say(f"gradio-curl: {failure.message}")
        if plan.results.are_kept:
            through += ": run the same command again to go on"
    say(f"gradio-curl: {through}")


def _report(plan: _Plan, tally: _Tally, settings: CallSettings) -> None:
    """Say how the batch ended. Raises AppError where rows failed."""
    where = ""
    if plan.results is not None:
        where += f"; results in {settings.results}"
    if plan.output is not None and plan.output.used:
        where += f"; files in {settings.output}"
    done = plan.total - plan.left + tally.done
    if tally.failures:
        for failed in tally.failed:
            say(f"gradio-curl: {failed}")
        if more := tally.failures - len(tally.failed):
            say(f"gradio-curl: and {more} more")
        hint = "run the same command again to repeat them" if plan.results is not None else ""
        raise AppError(f"{tally.failures} of {plan.total} rows failed, {done} done{where}", hint)
    if settings.moves(sys.stderr):
        say(f"gradio-curl: {done} of {plan.total} rows done{where}")


def _jobs(settings: CallSettings) -> int:
    """Concurrent calls: in one session there is one at a time."""
    return settings.jobs or (JOBS if settings.session is None else 1)


def _in_shard(shard: Shard | None) -> Callable[[int], bool]:
    """Whether the row of a number is in the part of the batch that is to be done."""
    part, parts = shard or Shard(1, 1)
    return lambda number: number % parts == part - 1
