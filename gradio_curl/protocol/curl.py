"""A call as curl commands for sh: the same requests, in the same order.

Seen to run in dash and bash, and to give what the command itself gives, on Gradio 4.20.0, 4.44.1,
5.50.0 and 6.31.0. Secrets become variables, which the commands demand to be set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import PurePath
from shlex import quote
from typing import Any, NamedTuple
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

from gradio_curl.protocol import files
from gradio_curl.protocol.files import STDIN, Local

# Linux takes 128 KiB for one argument.
_LONGEST_ARGUMENT = 100_000  # bytes
_SECRET = re.compile(r"auth|cookie|key|password|secret|session|token", re.IGNORECASE)
_PLAIN_PATH = re.compile(r"[\w./+][\w./+-]*")


class Connection(NamedTuple):
    """How curl is to reach the app at `url`. Times are in seconds, None for curl's own.

    `token` tells that there is one, `user` is who logs in.
    """

    url: str
    prefix: str
    token: bool = False
    user: str | None = None
    headers: Mapping[str, str] | None = None
    insecure: bool = False
    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    proxy: str | None = None
    connect_timeout: float | None = None
    idle_timeout: float | None = None
    max_time: float | None = None


class Submission(NamedTuple):
    """A job to queue: the endpoint's `data` list, with a Local where a file is to be uploaded.

    `stdin_name` is what a file from stdin is called.
    """

    data: list[Any]
    session_hash: str | None
    stdin_name: str | None = None


def script(
    connection: Connection,
    endpoint: str,
    job: Submission | str,
    *,
    session_hash: str | None = None,
    collect: bool = True,
    missing: Sequence[str] = (),
) -> str:
    """The commands for `job`, which is one to queue or the id of one that is queued.

    `missing` names the options that curl has no equivalent for. Without `collect` they end with
    printing the event id.
    """
    flags = _flags(connection)
    name = percent_encoded(endpoint.removeprefix("/"), safe="")
    lines = [f"# curl has nothing like {option}" for option in missing]
    lines.append(f"app={quote(connection.url + connection.prefix)}")
    if connection.user is not None:
        lines += _login(connection, flags)
        flags += ' -b "$jar"'
    match job:
        case str():
            lines.append(f"event={quote(job)}")
        case Submission():
            lines += _uploads(job, flags)
            lines += _post(job, name, flags)
    if not collect:
        lines.append('echo "${event:?}"')
    elif session_hash is not None:
        # With a session, 4.20 to 5.50 know a job at /call only for as long as it runs.
        session = quote(percent_encoded(session_hash, safe=""))
        lines.append(f'curl -sSfN{flags} "$app/queue/data?session_hash="{session}')
    else:
        lines.append(f'curl -sSfN{flags} "$app/call/{name}/${{event:?}}"')
    return "\n".join(lines)


def _login(connection: Connection, flags: str) -> list[str]:
    return [
        "jar=$(mktemp)",
        "trap 'rm -f \"$jar\"' EXIT",
        f'curl -sSf{flags} -c "$jar" -o /dev/null {quote(connection.url + "/login")} \\',
        f"  --data-urlencode {quote(f'username={connection.user}')} "
        '--data-urlencode "password=${GRADIO_PASSWORD:?}"',
    ]


def _uploads(job: Submission, flags: str) -> Iterator[str]:
    for number, local in enumerate(_locals(job.data), 1):
        form = quote(f"files=@{_form_path(local.path)}")
        if local.path == STDIN:
            form = quote(f'files=@-;filename="{_name(local, job)}"')
        yield f'file{number}=$(curl -sSf{flags} "$app/upload" -F {form} |'
        # What stands between the quotes is JSON already, and goes into JSON as it is.
        yield """  sed -n 's/^\\["\\(.*\\)"\\]$/\\1/p')"""


def _post(job: Submission, name: str, flags: str) -> list[str]:
    start = f"event=$(curl -sSf{flags} \"$app/call/{name}\" -H 'Content-Type: application/json'"
    capture = r"""sed -n 's/.*"event_id": *"\([^"]*\)".*/\1/p'"""
    # Every second piece is the number of a file, whose path on the server comes in its place.
    pieces = _body(job)
    if sum(map(len, pieces)) > _LONGEST_ARGUMENT:
        for at in range(0, len(pieces), 2):
            pieces[at] = re.sub(r"([\\$`])", r"\\\1", pieces[at])
        for at in range(1, len(pieces), 2):
            pieces[at] = f"${{file{pieces[at]}:?}}"
        return [f"{start} --data-binary @- <<EOF |", "".join(pieces), "EOF", f"  {capture})"]
    for at in range(0, len(pieces), 2):
        pieces[at] = quote(pieces[at])
    for at in range(1, len(pieces), 2):
        pieces[at] = f'"${{file{pieces[at]}:?}}"'
    return [f"{start} \\", f"  -d {''.join(pieces)} |", f"  {capture})"]


def _body(job: Submission) -> list[str]:
    """The JSON of the POST, cut before and behind the number of each file in it."""
    mark = "\0"
    while json.dumps(mark)[1:-1] in json.dumps(job.data, default=attrgetter("path")):
        mark += "\0"
    payloads = {
        local: files.from_upload(f"{mark}{number}{mark}", _name(local, job))
        for number, local in enumerate(_locals(job.data), 1)
    }
    body: dict[str, Any] = {"data": files.transform(job.data, files.is_local, payloads.__getitem__)}
    if job.session_hash is not None:
        body["session_hash"] = job.session_hash
    escaped = re.escape(json.dumps(mark)[1:-1])
    return re.split(f"{escaped}([0-9]+){escaped}", _readable(json.dumps(body)))


def _readable(text: str) -> str:
    """JSON that is all ASCII, with the letters of every script written out."""
    pairs = re.compile(r"(?<!\\)((?:\\\\)*)((?:\\u[0-9a-f]{4})+)")

    def letters(match: re.Match[str]) -> str:
        decoded = json.loads(f'"{match[2]}"')
        return match[1] + "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in decoded)

    return pairs.sub(letters, text)


def _locals(data: Any) -> list[Local]:
    """The files to upload, each once."""
    return list(dict.fromkeys(files.local_files(data)))


def _name(local: Local, job: Submission) -> str:
    return job.stdin_name or "stdin" if local.path == STDIN else PurePath(local.path).name


def _form_path(path: str) -> str:
    """A path for curl's `-F`, where blanks, commas and semicolons want quotes."""
    if _PLAIN_PATH.fullmatch(path):
        return path
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _flags(connection: Connection) -> str:
    """The options that every command has, with a blank before each."""
    flags: list[str] = []
    if connection.token:
        flags.append('-H "Authorization: Bearer ${HF_TOKEN:?}"')
    for name, value in (connection.headers or {}).items():
        if _SECRET.search(name):
            variable = re.sub(r"\W", "_", name.upper())
            flags.append(f'-H {quote(f"{name}: ")}"${{{variable}:?}}"')
        else:
            flags.append(f"-H {quote(f'{name}: {value}')}")
    if connection.insecure:
        flags.append("-k")
    for option in ("cacert", "cert", "key"):
        if value := getattr(connection, option):
            flags.append(f"--{option} {quote(value)}")
    flags += _proxy(connection.proxy)
    if connection.connect_timeout is not None:
        flags.append(f"--connect-timeout {connection.connect_timeout:g}")
    if connection.idle_timeout is not None:
        # curl counts whole seconds here.
        flags.append(f"--speed-limit 1 --speed-time {max(1, round(connection.idle_timeout))}")
    if connection.max_time is not None:
        flags.append(f"--max-time {connection.max_time:g}")
    return "".join(f" {flag}" for flag in flags)


def _proxy(proxy: str | None) -> list[str]:
    if not proxy:
        return []
    parts = urlsplit(proxy)
    if "@" not in parts.netloc:
        return [f"--proxy {quote(proxy)}"]
    host = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return [f"--proxy {quote(host)}", '--proxy-user "${PROXY_USER:?}"']
