"""An app in two replicas behind one name, as on Spaces or in Kubernetes: a cookie decides which."""

import subprocess
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs

from tests.command import clean_environment, run
from tests.patience import HANGING
from tests.wire.conftest import Authority
from tests.wire.hub import hub
from tests.wire.server import (
    CALL,
    EVENTS,
    FEED,
    UPLOAD,
    P,
    Reply,
    Request,
    Script,
    event,
    file_output,
    gradio,
    http,
    serving,
)

COOKIE = "sticky"


def replica(number: int) -> Script:
    """An app that knows only its own job and its own file."""
    job, path = f"job{number}", f"/server/{number}.txt"

    def result(*data: object) -> bytes:
        return event(msg="process_completed", event_id=job, output={"data": data}, success=True)

    def feed(request: Request) -> bytes:
        (session,) = parse_qs(request.target.partition("?")[2])["session_hash"]
        if session != job:
            return http({"detail": "Session not found."}, 404)
        return EVENTS + result(f"said by {number}", file_output(path=path))

    replies: dict[str, Reply] = {path: http({"event_id": job}) for path in (CALL, f"{P}/call/load")}
    replies[FEED] = feed
    replies[f"{CALL}/{job}"] = EVENTS + f'event: complete\ndata: ["said by {number}"]\n\n'.encode()
    replies[UPLOAD] = http([path])
    replies[f"{P}/file={path}"] = http(f"content of {number}".encode())
    return gradio(replies)


class Balancer:
    """Sends each client that has no cookie to the next replica, with the cookie of that one."""

    def __init__(self, attributes: str = "; Path=/; HttpOnly; SameSite=None") -> None:
        self.asked: Counter[int] = Counter()
        self._attributes = attributes
        self._came = 0
        self._replicas = replica(0), replica(1)

    def script(self) -> Script:
        return {"*": self._balanced}

    def _balanced(self, request: Request) -> bytes:
        words = (word.strip() for word in request.headers.get("cookie", "").split(";"))
        known = next((word for word in words if word.startswith(f"{COOKIE}=")), None)
        self._came += known is None
        number = self._came % 2 if known is None else int(known.partition("=")[2])
        self.asked[number] += 1
        reply = self._replicas[number].get(request.path, http({"detail": "Not Found"}, 404))
        said = reply(request) if callable(reply) else reply
        assert isinstance(said, bytes)
        if known:
            return said
        first, _, rest = said.partition(b"\r\n")
        cookie = f"Set-Cookie: {COOKIE}={number}{self._attributes}\r\n".encode()
        return b"%b\r\n%b%b" % (first, cookie, rest)


def test_a_call_stays_with_the_replica_that_took_it(tmp_path: Path) -> None:
    balancer = Balancer()
    with serving(balancer.script()) as app, serving(hub(app.url)) as stand_in:
        for _ in range(2):  # the second time the app is remembered
            ended = run(
                "call", "me/app", "/say", "x", env={"HF_ENDPOINT": stand_in.url},
                home=tmp_path, check=0,
            )  # fmt: skip
            assert ended.out.startswith("said by ")
    assert sum(balancer.asked.values()) == len(app.requests)


def test_a_cookie_for_tls_alone_is_sent_back(authority: Authority) -> None:
    balancer = Balancer("; Path=/; Secure; HttpOnly; SameSite=None; Partitioned")
    with serving(balancer.script(), tls=authority.server()) as app:
        run("call", app.url, "/say", "x", "--cacert", authority.file, check=0)
    assert len(balancer.asked) == 1


def test_files_go_to_the_replica_and_come_from_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    balancer = Balancer()
    with serving(balancer.script()) as app:
        out = tmp_path / "out"
        run("call", app.url, "/load", f"file@{tmp_path / 'a.txt'}", "-o", out, check=0)
    assert len(balancer.asked) == 1
    assert out.read_text() == f"content of {next(iter(balancer.asked))}"


def test_all_rows_of_a_batch_stay_with_one_replica() -> None:
    balancer = Balancer()
    with serving(balancer.script()) as app:
        call = ("call", app.url, "/say", "{}", "--batch", "-")
        ended = run(*call, input="x\n" * 12, check=0)
    assert ended.out.count('"status": "ok"') == 12
    assert len(balancer.asked) == 1


def test_a_script_of_curl_stays_with_one_replica(tmp_path: Path) -> None:
    balancer = Balancer()
    with serving(balancer.script()) as app:
        script = run("call", app.url, "/say", "x", "--curl", check=0).out
        ended = subprocess.run(
            ["sh", "-c", script],
            env=clean_environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=HANGING,
        )
    assert ended.returncode == 0, ended.stderr
    assert 'data: ["said by ' in ended.stdout


def test_where_no_cookie_is_set_a_script_of_curl_keeps_none() -> None:
    with serving(gradio()) as app:
        assert "cookies" not in run("call", app.url, "/say", "x", "--curl", check=0).out
