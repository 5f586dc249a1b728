"""A call as a script for sh: the same requests by curl, in the same order.

Seen to run in dash and bash, and to give what the command itself gives, on Gradio 4.20.0, 4.44.1,
5.50.0 and 6.31.0. No secret is printed: each becomes a variable that the script demands.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import PurePath
from typing import Any, Literal, NamedTuple
from urllib.parse import quote as percent_encoded

from gradio_curl.network import HARMLESS_HEADERS, Header, Network, Secret
from gradio_curl.protocol import files
from gradio_curl.protocol.files import STDIN, Local
from gradio_curl.protocol.schema import App, Endpoint
from gradio_curl.protocol.shell import for_sh as quote

# Linux takes 128 KiB for one argument.
_LONGEST_ARGUMENT = 100_000  # bytes
# What the path of an uploaded file may come to; the server puts a hash of 64 digits before it.
_LONGEST_SERVER_PATH = 512  # bytes
# Set by curl itself where they matter: it would not unpack what it did not ask for.
_LEFT_TO_CURL = {"accept-encoding", "content-length", "content-type"}
_PLAIN_PATH = re.compile(r"[\w./+][\w./+-]*")
_EVENT_ID = r"""sed -n 's/.*"event_id": *"\([^"]*\)".*/\1/p'"""
# What stands between the quotes is JSON already, and goes into JSON as it is.
_SERVER_PATH = r"""sed -n 's/^\["\(.*\)"\]$/\1/p'"""


# Before the names of the variables that the secrets are in.
_OWN = "GRADIO_"


class Login(NamedTuple):
    """Who logs in, and how: by Gradio's own form, or by HTTP Basic, as a proxy may ask for."""

    user: str
    way: Literal["form", "basic"]


class Target(NamedTuple):
    """The app to call, at `url`; whether a token is sent to it, and who logs in.

    `is_hugging_face` tells that the user's own Hugging Face token may go there, `sets_cookies` that
    the app sets cookies unasked, as a balancer does to find its replica again.
    """

    url: str
    app: App
    token: bool = False
    is_hugging_face: bool = False
    login: Login | None = None
    sets_cookies: bool = False


class Submission(NamedTuple):
    """A job to queue: the endpoint's `data` list, with a Local where a file is to be uploaded.

    `stdin_name` is what a file from stdin is called; `oauth_token` tells whether one is sent.
    """

    data: list[Any]
    stdin_name: str | None = None
    oauth_token: bool = False


def script(
    network: Network,
    target: Target,
    endpoint: Endpoint,
    job: Submission | str,
    *,
    session_hash: str | None = None,
    max_time: float | None = None,
    collect: bool = True,
    missing: Sequence[str] = (),
) -> str:
    """The commands for `job`, which is one to queue or the id of one that is queued.

    `missing` names the options that curl lacks. Without `collect` they end with
    printing the event id. The script ends with 1 where the app reports an error.
    """
    return _Script(network, target, endpoint, session_hash, max_time).text(job, collect, missing)


class _Script:
    def __init__(
        self,
        network: Network,
        target: Target,
        endpoint: Endpoint,
        session_hash: str | None,
        max_time: float | None,
    ) -> None:
        self._target = target
        self._endpoint = endpoint
        self._session_hash = session_hash
        self._by_name = endpoint.has_call_route
        self._feed_variable = "event"
        self._variables: dict[str, str] = {}
        self._flags = "".join(f" {flag}" for flag in self._options(network, max_time))

    def text(self, job: Submission | str, collect: bool, missing: Sequence[str]) -> str:
        """The whole script."""
        commands = [f"app={quote(self._target.url + self._target.app.prefix)}"]
        commands += self._login()
        match job:
            case str():
                commands.append(f"event={quote(job)}")
            case Submission():
                commands += [*self._stdin(job), *self._uploads(job), *self._post(job)]
        commands += self._feed() if collect else ['echo "${event:?}"']
        if any('"$tmp/' in command for command in commands):
            commands = [
                "tmp=$(mktemp -d) || exit",
                "trap 'rm -rf \"$tmp\"' EXIT",
                "trap 'exit 1' HUP INT TERM",
                *commands,
            ]
        if isinstance(job, Submission) and _reads_stdin(job):
            # A shell that reads the script from stdin reads all of it before stdin is read.
            commands = ["{", *commands, "exit", "}"]
        return "\n".join([*self._comments(missing), *commands])

    def _comments(self, missing: Sequence[str]) -> Iterator[str]:
        for option in missing:
            yield f"# curl has nothing like {option}"
        if self._variables:
            yield "# Set these variables first:"
            for variable, meaning in self._variables.items():
                yield f"#   {variable}: {meaning}"

    def _secret(self, name: str, meaning: str) -> str:
        """What stands in the script for a secret: a variable that must be set.

        What is set already for another purpose must not go to the app: no tool but us, nor shell
        or system, has a variable of such a name.
        """
        variable = _OWN + name
        self._variables[variable] = _in_a_line(meaning)
        return _demanded(variable)

    # Options of every curl

    def _options(self, network: Network, max_time: float | None) -> Iterator[str]:
        yield from self._credentials(network.headers)
        if network.insecure:
            yield "-k"
        for option in ("cacert", "cert", "key"):
            if value := getattr(network, option):
                yield f"--{option} {quote(value)}"
        yield from self._proxy(network.proxy)
        default = Network()
        if network.connect_timeout != default.connect_timeout:
            yield from _time("--connect-timeout", network.connect_timeout)
        if network.idle_timeout != default.idle_timeout and math.isfinite(network.idle_timeout):
            # curl counts whole seconds here.
            seconds = max(1, round(network.idle_timeout))
            yield f"--speed-limit 1 --speed-time {seconds}"
        if max_time is not None:
            yield from _time("--max-time", max_time)

    def _credentials(self, headers: Sequence[Header]) -> Iterator[str]:
        names = {header.name.lower() for header in headers}
        if self._target.token and "authorization" not in names:
            yield f'-H "Authorization: Bearer "{self._token()}'
        login = self._target.login
        if login is not None and login.way == "basic":
            password = self._secret("PASSWORD", f"the password of {login.user}")
            yield f"-u {quote(f'{login.user}:')}{password}"
        for name, secret_value in headers:
            if name.lower() in _LEFT_TO_CURL:
                continue
            value = secret_value.reveal() if secret_value else None
            if value is None:
                yield f"-H {quote(f'{name}:')}"  # curl's way of leaving a header out
            elif not value:
                yield f"-H {quote(f'{name};')}"  # curl's way of sending a header that is empty
            elif name.lower() in HARMLESS_HEADERS:
                yield f"-H {quote(f'{name}: {value}')}"
            else:
                secret = self._secret(self._variable(name), f"the value of the header {name}")
                yield f"-H {quote(f'{name}: ')}{secret}"

    def _token(self) -> str:
        """The token's variable: the one that many machines have set only where it may go."""
        meaning = "the token for the app"
        if not self._target.is_hugging_face:
            return self._secret("TOKEN", meaning)
        self._variables["HF_TOKEN"] = meaning
        return _demanded("HF_TOKEN")

    def _variable(self, header: str) -> str:
        """The name of the variable for the value of a header."""
        wanted = name = "HEADER_" + re.sub("[^A-Z0-9]", "_", header.upper())
        number = 1
        while _OWN + name in self._variables:
            number += 1
            name = f"{wanted}_{number}"
        return name

    def _proxy(self, given: Secret | None) -> Iterator[str]:
        proxy = given.reveal() if given else ""
        if not proxy:
            return
        scheme, separator, rest = proxy.rpartition("://")
        _, at, host = rest.rpartition("@")
        if at:
            secret = self._secret("PROXY_USER", "USER:PASSWORD for the proxy")
            yield f"--proxy {quote(scheme + separator + host)} --proxy-user {secret}"
        else:
            yield f"--proxy {quote(proxy)}"

    # Commands

    def _login(self) -> Iterator[str]:
        login = self._target.login
        if login is None or login.way != "form":
            if self._target.sets_cookies:
                self._flags += ' -b "$tmp/cookies" -c "$tmp/cookies"'
            return
        password = self._secret("PASSWORD", f"the password of {login.user}")
        yield (
            f'curl -sSf{self._flags} -c "$tmp/cookies" -o /dev/null '
            f"{quote(self._target.url + '/login')} \\\n"
            f"  --data-urlencode {quote(f'username={login.user}')} "
            f'--data-urlencode "password="{password} || exit'
        )
        self._flags += ' -b "$tmp/cookies"'

    def _stdin(self, job: Submission) -> Iterator[str]:
        if _reads_stdin(job):
            yield 'cat >"$tmp/stdin"'
            told = "stdin is empty: save this script, then run it as sh SCRIPT <FILE"
            yield f"test -s \"$tmp/stdin\" || {{ echo '{told}' >&2; exit 26; }}"

    def _uploads(self, job: Submission) -> Iterator[str]:
        for number, local in enumerate(_locals(job.data), 1):
            renamed = quote(f";filename={_form_quoted(_name(local, job))}")
            form = quote(f"files=@{_form_path(local.path)}")
            if local.path == STDIN:
                form = 'files=@"$tmp/stdin"' + renamed
            elif PurePath(local.path).name.startswith("."):
                form += renamed
            yield (
                f'file{number}=$(curl -sSf{self._flags} "$app/upload" -F {form} |\n'
                f"  {_SERVER_PATH})"
            )

    def _post(self, job: Submission) -> Iterator[str]:
        body: dict[str, Any] = {"data": job.data}
        variables: dict[str, str] = {}
        if self._session_hash is not None:
            body["session_hash"] = self._session_hash
        if self._by_name:
            route = f"call/{_encoded(self._endpoint.name.removeprefix('/'))}"
        else:
            route = "queue/join"
            # With simple_format every output comes in full, as on the call route.
            body |= {"fn_index": self._endpoint.fn_index, "simple_format": True}
            if self._session_hash is None:
                self._feed_variable = "session"
                yield 'session="curl-$(date +%s)-$$"'
                variables["session_hash"] = "session"
        if job.oauth_token:
            self._secret("OAUTH_TOKEN", "your Hugging Face token, which the app will get")
            variables["oauth_token"] = f"{_OWN}OAUTH_TOKEN"
        url = f'"$app/{route}"'
        start = f"event=$(curl -sSf{self._flags} {url} -H 'Content-Type: application/json'"
        pieces = _body(job, body, variables)
        if _argument_size(pieces) > _LONGEST_ARGUMENT:
            yield f"{start} --data-binary @- <<EOF |\n{_here_document(pieces)}\nEOF\n  {_EVENT_ID})"
        else:
            yield f"{start} \\\n  -d {_word(pieces)} |\n  {_EVENT_ID})"

    def _feed(self) -> Iterator[str]:
        """Read the events, show them, and end with 0 only where the last one is a result."""
        read = f"curl -sSfN{self._flags}"
        if self._session_hash is not None:
            # With a session, 4.20 to 5.50 know a job at /call only for as long as it runs.
            feed = f'"$app/queue/data?session_hash="{quote(_encoded(self._session_hash))}'
        elif not (self._by_name and self._target.app.gradio.call_route_carries_json):
            feed = f'"$app/queue/data?session_hash=${{{self._feed_variable}:?}}"'
        else:
            name = _encoded(self._endpoint.name.removeprefix("/"))
            yield f'{read} "$app/call/{name}/${{event:?}}" | tee "$tmp/events"'
            yield "grep -q '^event: complete' \"$tmp/events\""
            return
        yield f'{read} {feed} | tee "$tmp/events"'
        completed = '^data: {"msg": *"process_completed", *"event_id": *"'
        yield f"""grep -q '{completed}'"$event"'", *"output": *{{"data"' "$tmp/events\""""


def _demanded(variable: str) -> str:
    return f'"${{{variable}:?}}"'


def _encoded(text: str) -> str:
    return percent_encoded(text, safe="")


def _time(option: str, seconds: float) -> Iterator[str]:
    """An option of curl's that takes seconds, as a plain number; empty without a limit."""
    if math.isfinite(seconds):
        yield f"{option} {f'{seconds:.3f}'.rstrip('0').rstrip('.')}"


def _in_a_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


# The body of the POST


def _body(job: Submission, body: dict[str, Any], variables: Mapping[str, str]) -> list[str]:
    """The JSON of the POST in pieces: every second one is the name of a shell variable.

    `variables` are those that the values of further keys come from.
    """
    mark = "\0"
    while json.dumps(mark)[1:-1] in json.dumps(body, default=attrgetter("path")):
        mark += "\0"
    payloads = {
        local: files.from_upload(f"{mark}file{number}{mark}", _name(local, job))
        for number, local in enumerate(_locals(job.data), 1)
    }
    filled = files.transform(body, files.is_local, payloads.__getitem__)
    filled |= {key: f"{mark}{variable}{mark}" for key, variable in variables.items()}
    escaped = re.escape(json.dumps(mark)[1:-1])
    return re.split(f"{escaped}([A-Za-z0-9_]+){escaped}", _readable(json.dumps(filled)))


def _argument_size(pieces: list[str]) -> int:
    """How many bytes the body may have once its variables are filled in."""
    return len("".join(pieces).encode()) + _LONGEST_SERVER_PATH * (len(pieces) // 2)


def _here_document(pieces: list[str]) -> str:
    texts = [re.sub(r"([\\$`])", r"\\\1", text) for text in pieces[::2]]
    return "".join(_alternating(texts, [f"${{{name}:?}}" for name in pieces[1::2]]))


def _word(pieces: list[str]) -> str:
    texts = [quote(text) for text in pieces[::2]]
    return "".join(_alternating(texts, [f'"${{{name}:?}}"' for name in pieces[1::2]]))


def _alternating(texts: list[str], variables: list[str]) -> Iterator[str]:
    for text, variable in zip(texts, [*variables, ""], strict=True):
        yield text
        yield variable


def _readable(text: str) -> str:
    """JSON that is all ASCII, with the letters of every script written out."""
    pairs = re.compile(r"(?<!\\)((?:\\\\)*)((?:\\u[0-9a-f]{4})+)")

    def letters(match: re.Match[str]) -> str:
        decoded = json.loads(f'"{match[2]}"')
        return match[1] + "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in decoded)

    return pairs.sub(letters, text)


# Files


def _locals(data: Any) -> list[Local]:
    """The files to upload, each once."""
    return list(dict.fromkeys(files.local_files(data)))


def _reads_stdin(job: Submission) -> bool:
    return Local(STDIN) in _locals(job.data)


def _name(local: Local, job: Submission) -> str:
    """The name to send a file under; bytes that are not UTF-8 cannot stand in JSON."""
    if local.path == STDIN:
        return files.upload_name(job.stdin_name or "stdin")
    name = PurePath(local.path).name
    return files.upload_name(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _form_path(path: str) -> str:
    """A path for curl's `-F`, where blanks, commas and semicolons want quotes."""
    return path if _PLAIN_PATH.fullmatch(path) else _form_quoted(path)


def _form_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
