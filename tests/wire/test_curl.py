"""--curl: the requests of a printed script, before servers that ask for rarer things."""

import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from tests.command import clean_environment, run
from tests.patience import HANGING
from tests.wire.server import CALL, JOB, Reply, Request, Steps, gradio, http, serving

BASIC = "Basic " + b64encode(b"me:pw").decode()
EVENTS = http(b'event: complete\ndata: ["said"]\n\n')


def behind_basic(script: dict[str, Reply]) -> dict[str, Reply]:
    """The same app behind HTTP Basic, as a proxy may ask for it."""

    def guarded(reply: Reply) -> Reply:
        def answer(request: Request) -> Steps:
            if request.headers.get("authorization") != BASIC:
                return http({"detail": "no"}, 401, {"WWW-Authenticate": 'Basic realm="x"'})
            assert isinstance(reply, bytes)
            return reply

        return answer

    return {path: guarded(reply) for path, reply in script.items() if isinstance(reply, bytes)}


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_behind_http_basic_the_password_goes_with_every_request_and_to_no_form(
    shell: str, tmp_path: Path
) -> None:
    with serving(behind_basic(gradio({f"{CALL}/{JOB}": EVENTS}))) as server:
        call = ("call", server.url, "/say", "x", "--curl")
        script = run(*call, env={"GRADIO_CURL_AUTH": "me:pw"}, check=0).out
        assert "pw" not in script.replace("the password", "")
        server.requests.clear()
        environment = clean_environment(tmp_path, {"GRADIO_PASSWORD": "pw"})
        ended = subprocess.run(
            [shell], input=script, capture_output=True, text=True, env=environment, timeout=HANGING
        )
    assert ended.returncode == 0, ended.stderr
    assert 'data: ["said"]' in ended.stdout
    assert server.paths() == [f"POST {CALL}", f"GET {CALL}/{JOB}"]


def test_a_script_stops_where_a_variable_is_missing(tmp_path: Path) -> None:
    with serving(gradio()) as server:
        call = ("call", server.url, "/say", "x", "--curl", "-H", "Path: S3CRET")
        script = run(*call, check=0).out
        server.requests.clear()
        ended = subprocess.run(
            ["dash"],
            input=script,
            capture_output=True,
            text=True,
            env=clean_environment(tmp_path),
            timeout=HANGING,
        )
    assert ended.returncode != 0
    assert "HEADER_PATH" in ended.stderr
    assert server.requests == []
