"""What a case is given: servers, contestants, a scratch folder, and how much to do."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from tests.benchmarks.link import Authority, Link, linked
from tests.benchmarks.measure import Contestant, Goal, Result, by_turns
from tests.command import clean_environment
from tests.live.servers import kept_environment

PEERS = ("hf-gradio==0.4.1", "gradio_client==2.7.2", "httpie==3.2.4")
OURS = "gradio-curl"

_SCRIPTS = Path(__file__).with_name("contestants")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured in one case. Ratios are told against `ours`."""

    results: Sequence[Result]
    goals: Sequence[Goal]
    ours: str = OURS


class Bench:
    """The place where contestants meet. `raw` is the URL of the raw server."""

    def __init__(self, scratch: Path, gradio: Callable[[], str], raw: str, quick: bool) -> None:
        self.scratch = scratch
        self.raw = raw
        self.quick = quick
        self._start_gradio = gradio
        # One home for the whole run, as a user has: what is remembered of an app is remembered.
        home = scratch / "home"
        home.mkdir()
        self._authority = Authority(scratch)
        # Each program has its own variable for the authorities that it trusts.
        bundle = str(self._authority.bundle)
        trusting = dict.fromkeys(("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"), bundle)
        quiet = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}
        self.env = clean_environment(home, quiet | trusting)

    @cached_property
    def gradio(self) -> str:
        """The URL of a real server, which is started when it is first asked for."""
        return self.new_gradio()

    def new_gradio(self) -> str:
        """The URL of a real server that has done nothing yet."""
        return self._start_gradio()

    @contextmanager
    def link(self, url: str, milliseconds: int, tls: bool = False) -> Iterator[Link]:
        """A line to the server at `url` whose round trip takes so long."""
        with linked(url, milliseconds / 1000, self._authority if tls else None) as link:
            yield link

    def over(self, link: Link, *contestants: Contestant, runs: int) -> dict[str, Result]:
        """The same as `by_turns`, with what goes over `link` counted."""
        return self.by_turns(*(replace(c, link=link) for c in contestants), runs=runs)

    def size(self, full: _T, quick: _T) -> _T:
        """How much to do."""
        return quick if self.quick else full

    def by_turns(self, *contestants: Contestant, runs: int, warm: bool = True) -> dict[str, Result]:
        """What each contestant's runs come to, by its name."""
        runs = min(3, runs) if self.quick else runs
        return by_turns(contestants, runs, self.scratch, self.env, warm)

    def ours(self, *words: object, name: str = OURS, prints: int = 1) -> Contestant:
        """The command under test, as it is installed."""
        command = Path(sys.executable).with_name("gradio-curl")
        words = (command, *words)
        return Contestant(name, [*map(str, words)], prints=prints, is_ours=True)

    def python(self, name: str, *words: object) -> Contestant:
        """Python with what the command under test is installed with."""
        return Contestant(name, [sys.executable, *map(str, words)], prints=0)

    def floor(self, script: str, *words: object) -> Contestant:
        """The least that a program with these libraries could do."""
        return self.python("floor script", _SCRIPTS / script, *words)

    def peer(self, name: str, program: str, *words: object) -> Contestant:
        """A program of the peers' environment."""
        return Contestant(name, [str(self._peers / program), *map(str, words)])

    def gradio_client(self, script: str, *words: object) -> Contestant:
        """A script that uses gradio_client."""
        return self.peer("gradio_client", "python", _SCRIPTS / script, *words)

    def shell(self, name: str, script: str, *words: object, prints: int = 1) -> Contestant:
        """A shell script, which finds the peers' programs."""
        path = f"{self._peers}:{self.env['PATH']}"
        command = ["sh", str(_SCRIPTS / script), *map(str, words)]
        return Contestant(name, command, {"PATH": path}, prints)

    @cached_property
    def _peers(self) -> Path:
        return kept_environment("peers", PEERS).parent
