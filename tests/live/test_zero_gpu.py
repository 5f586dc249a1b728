"""ZeroGPU's refusals, as the package `spaces` raises them on real servers.

Only its device API, which gives the GPUs of a Space, is a stand-in.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.command import Completed, run
from tests.live.servers import Server, running
from tests.wire.server import EVENTS, Reply, Request, Steps, http, serving

SPACES = "spaces==0.51.3"
# What the proxy before a Space adds for a visitor that is logged in.
VISITOR = ("-H", "X-IP-Token: visitor")


class DeviceAPI:
    """Answers each request for a GPU with the next of `answers`, the last one from then on."""

    def __init__(self) -> None:
        self.answers: list[Steps] = []
        self.asked = 0

    def script(self) -> dict[str, Reply]:
        return {
            "/startup-report": http(),
            "/schedule": self._schedule,
            "/allow": http(),
            "/release": http(),
        }

    def _schedule(self, request: Request) -> Steps:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Space(NamedTuple):
    """An app on ZeroGPU, and what gives it the GPUs."""

    app: Server
    gpus: DeviceAPI

    def call(self, *options: str, answers: list[Steps]) -> Completed:
        self.gpus.answers, self.gpus.asked = list(answers), 0
        return run("call", self.app.url, "/paint", "x", *options)


@pytest.fixture(scope="module", params=["4.44.1", "6.31.0"])
def space(request: pytest.FixtureRequest) -> Iterator[Space]:
    gpus = DeviceAPI()
    with (
        serving(gpus.script()) as api,
        running(
            request.param, f"--device-api={api.url}", script="zero.py", packages=[SPACES]
        ) as app,
    ):
        yield Space(app, gpus)


def over_quota(left: int, wait: int, **headers: str) -> bytes:
    """No GPU for this visitor, for `wait` seconds."""
    own = {f"X-{name.replace('_', '-')}": value for name, value in headers.items()}
    return http({"left": left, "wait": wait}, 429, own)


QUOTA = over_quota(20, 3723, Approve_Result="quota-exceeded", Authenticated="regular")
RUNS = over_quota(20, 0, Approve_Result="runs-exceeded", Authenticated="pro")
PENDING = over_quota(0, 60, Approve_Result="pending-overquota-exceeded")
ILLEGAL = over_quota(20, -1, Approve_Result="illegal-duration")
QUEUED = EVENTS + b"event: failed\n\n"


@pytest.mark.parametrize(
    ("answer", "options", "code", "said"),
    [
        (QUOTA, VISITOR, 75, r"exceeded your free ZeroGPU quota .* Try again in 1:02:03\."),
        (RUNS, VISITOR, 75, r"exceeded your ZeroGPU runs limit"),
        (QUOTA, (), 75, r"Space app has reached its GPU limit"),
        (PENDING, VISITOR, 75, r"too many ZeroGPU credits allocated"),
        (QUEUED, VISITOR, 75, r"after 60s.*\bCreate a free account\b.*huggingface\.co/join"),
        (QUEUED, (), 75, r"No GPU was available after 60s"),
        (http({}, 503), VISITOR, 75, r"No GPU was available"),
        (ILLEGAL, VISITOR, 1, r"is larger than the maximum allowed"),
        (http({}, 401), VISITOR, 1, r"Expired ZeroGPU proxy token"),
    ],
    ids=[
        "quota", "runs", "quota of all", "pending", "queued", "queued for all", "none", "illegal",
        "expired",
    ],
)  # fmt: skip
def test_a_refusal_of_zero_gpu_is_busy_where_it_may_pass(
    space: Space, answer: Steps, options: tuple[str, ...], code: int, said: str
) -> None:
    ended = space.call(*options, answers=[answer])
    assert (ended.code, ended.out) == (code, "")
    assert re.search(said, ended.err)
    assert "<a" not in ended.err
    assert ("ZeroGPU quota exceeded: " in ended.err) <= (space.app.version >= "5.3")


def test_a_gpu_that_was_refused_is_asked_for_again(space: Space) -> None:
    soon = over_quota(20, 1, Approve_Result="quota-exceeded", Authenticated="regular")
    for refusal in (soon, QUEUED):
        # Without a GPU there is no better answer: this one is not repeated.
        ended = space.call(*VISITOR, "--retry", "2", answers=[refusal, ILLEGAL])
        assert ended.code == 1
        assert "is larger than the maximum allowed" in ended.err
        assert space.gpus.asked == 2
