"""The stand-in for the Hub (tests/wire/hub.py), read by huggingface_hub: so it can't drift."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.command import clean_environment
from tests.live.servers import VERSIONS, environment
from tests.patience import HANGING
from tests.wire import hub
from tests.wire.server import Script, serving

# Of huggingface_hub, whose versions are those of the day of each Gradio.
OLDEST, NEWEST = VERSIONS[0], VERSIONS[-1]


def read(script: Script, version: str, home: Path) -> dict[str, Any]:
    """What huggingface_hub says of this Hub, in the environment of a Gradio version."""
    with serving(script) as server:
        ended = subprocess.run(
            [environment(version), Path(__file__).with_name("hub_reader.py"), server.url],
            env=clean_environment(home),
            capture_output=True,
            text=True,
            timeout=HANGING,
        )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("stage", ["RUNNING", "BUILDING", "RUNTIME_ERROR"])
def test_the_stand_in_is_read_as_the_hub(version: str, stage: str, tmp_path: Path) -> None:
    told = read(hub.hub("https://me-app.hf.space", stage), version, tmp_path)
    assert told["stage"] == told["of the space"] == stage
    assert told["hardware"] == [None if stage == "BUILDING" else "cpu-basic", "cpu-basic"]
    assert told["error message"] == (hub.ERROR_MESSAGE if stage == "RUNTIME_ERROR" else None)
    host = "https://me-app.hf.space"
    assert told["space"] == ["me/app", "me", host, "me-app", "gradio", False]
    assert (told["sleeps after"], told["is new"]) == (172800, 2022)


def test_every_stage_that_the_hub_may_tell_is_known(tmp_path: Path) -> None:
    told = read(hub.hub("https://me-app.hf.space"), NEWEST, tmp_path)
    assert {*told["stages"], "SLEEPING"} == set(hub.STAGES)


@pytest.mark.parametrize("name", hub.REFUSALS)
def test_a_refusal_of_the_stand_in_is_read_as_the_hubs(name: str, tmp_path: Path) -> None:
    told = read({"*": hub.REFUSALS[name]}, NEWEST, tmp_path)
    assert told["error"] == hub.CLASSES[name]
    assert told["said"]


def test_the_rate_limit_of_the_stand_in_is_read_as_the_hubs(tmp_path: Path) -> None:
    program = (
        "import json, sys\n"
        "from huggingface_hub.utils import parse_ratelimit_headers\n"
        "info = parse_ratelimit_headers(json.load(sys.stdin))\n"
        "print(info.remaining, info.reset_in_seconds, info.limit, info.window_seconds)\n"
    )
    head = hub.rate_limited(55).partition(b"\r\n\r\n")[0].decode()
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    ended = subprocess.run(
        [environment(NEWEST), "-c", program],
        env=clean_environment(tmp_path),
        input=json.dumps(headers),
        capture_output=True,
        text=True,
        timeout=HANGING,
    )
    assert ended.stdout == "0 55 500 300\n", ended.stderr
