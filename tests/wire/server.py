"""A server of sockets that says exactly what a script tells it, byte by byte.

A script gives each path its reply: bytes to send, pauses, and the end of the connection in ways
that no real server would choose. `gradio` is the script of a small app that behaves; scenarios
replace one of its replies.
"""

import json
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any


class End(Enum):
    """How a connection ends where it is not simply closed after the reply."""

    RESET = "reset"
    HOLD = "held open until the client leaves"


Step = bytes | float | End
"""Bytes are sent, a float is a pause in seconds."""
Steps = bytes | Iterable[Step]


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent. The names of the headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Early:
    """What is said before the body of the request was read."""

    steps: Steps


Reply = Steps | Callable[[Request], Steps] | Early
Script = Mapping[str, Reply]


@dataclass(slots=True)
class Server:
    """A running scripted server, and the requests it got."""

    url: str
    port: int
    requests: list[Request] = field(default_factory=list)

    def paths(self) -> list[str]:
        """`METHOD /path` of each request."""
        return [f"{request.method} {request.path}" for request in self.requests]


@contextmanager
def serving(
    script: Script,
    *,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> Iterator[Server]:
    """Serve `script`, on a free port unless one is named.

    A path that it lacks is a 404; "*" stands for any path.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=128) as listener:
        port = listener.getsockname()[1]
        name = f"[{host}]" if ":" in host else host
        server = Server(f"{'https' if tls else 'http'}://{name}:{port}", port)
        over = threading.Event()
        acceptor = threading.Thread(
            target=_accept, args=(listener, script, tls, server, over), daemon=True
        )
        acceptor.start()
        try:
            yield server
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()


def _accept(
    listener: socket.socket,
    script: Script,
    tls: ssl.SSLContext | None,
    server: Server,
    over: threading.Event,
) -> None:
    while not over.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(
            target=_serve, args=(connection, script, tls, server, over), daemon=True
        ).start()


def _serve(
    connection: socket.socket,
    script: Script,
    tls: ssl.SSLContext | None,
    server: Server,
    over: threading.Event,
) -> None:
    with suppress(OSError, ssl.SSLError), connection:
        connection.settimeout(120)
        if tls:
            try:
                secured = tls.wrap_socket(
                    connection, server_side=True, do_handshake_on_connect=False
                )
                secured.do_handshake()
            except ssl.SSLError:
                _leave(secured)
                raise
            connection = secured
        with connection, connection.makefile("rb") as reader:
            request = read_head(reader)
            if request is None:
                _send(connection, http(b"<html>Bad Request", 400), over)
                return
            reply = script.get(request.path, script.get("*", http({"detail": "Not Found"}, 404)))
            if isinstance(reply, Early):
                server.requests.append(request)
                _send(connection, reply.steps, over)
                return
            length = int(request.headers.get("content-length", 0))
            request = replace(request, body=reader.read(length))
            if len(request.body) < length:
                return  # whoever asked was killed in the middle of it
            server.requests.append(request)
            _send(connection, reply(request) if callable(reply) else reply, over)


def read_head(reader: Any) -> Request | None:
    """A request up to its body; None where it is none."""
    line = reader.readline().decode("latin-1").split()
    if len(line) != 3 or not line[0].isalpha():  # a greeting of TLS may fall into three
        return None
    headers = {}
    while line_of_header := reader.readline().decode("latin-1").strip():
        name, _, value = line_of_header.partition(":")
        headers[name.lower()] = value.strip()
    return Request(line[0], line[1], headers, b"")


def _send(connection: socket.socket, steps: Steps, over: threading.Event) -> None:
    for step in [steps] if isinstance(steps, bytes) else steps:
        match step:
            case bytes():
                connection.sendall(step)
            case float():
                time.sleep(step)
            case End.RESET:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                return
            case End.HOLD:
                connection.settimeout(0.2)
                while not over.is_set():
                    with suppress(TimeoutError):
                        if not connection.recv(1024):
                            return
    _leave(connection)


def _leave(connection: socket.socket) -> None:
    """Close kindly: with data unread it would be a reset, which takes the reply with it."""
    with suppress(OSError):
        raw = socket.socket(fileno=os.dup(connection.fileno()))
        with raw:
            raw.shutdown(socket.SHUT_WR)
            raw.settimeout(5)
            while raw.recv(65536):
                pass


# Replies


def http(body: Any = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """A reply with a Content-Length. What is not bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = "text/html" if isinstance(body, bytes) else "application/json"
    return (
        head({"Content-Type": kind, "Content-Length": str(len(raw)), **(headers or {})}, status)
        + raw
    )


def head(headers: Mapping[str, str], status: int = 200, version: str = "1.1") -> bytes:
    """The start of a reply, up to its body."""
    lines = [f"HTTP/{version} {status} Said"]
    lines += [f"{name}: {value}" for name, value in {"Connection": "close", **headers}.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def in_turn(*replies: Steps) -> Reply:
    """Each reply once, the last one from then on."""
    left: list[Steps] = list(replies)

    def reply(request: Request) -> Steps:
        return left.pop(0) if len(left) > 1 else left[0]

    return reply


def redirect(location: str, status: int = 307) -> bytes:
    """A reply that leads elsewhere."""
    return http(b"", status, {"Location": location})


EVENTS = head({"Content-Type": "text/event-stream"})
"""The start of an event stream that lasts until the connection is closed."""
CHUNKED_EVENTS = head({"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})


def chunk(data: bytes) -> bytes:
    """`data` as one chunk; no data ends the body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(**message: Any) -> bytes:
    """One message of `/queue/data`."""
    return f"data: {json.dumps(message)}\n\n".encode()


def generating(*data: Any) -> bytes:
    """Outputs so far."""
    return event(msg="process_generating", event_id=JOB, output={"data": data}, success=True)


def completed(*data: Any) -> bytes:
    """The result."""
    return event(msg="process_completed", event_id=JOB, output={"data": data}, success=True)


# An app that behaves

JOB = "job1"
P = "/gradio_api"
CALL, FEED, UPLOAD = f"{P}/call/say", f"{P}/queue/data", f"{P}/upload"

CONFIG: dict[str, Any] = {
    "version": "6.31.0",
    "api_prefix": P,
    "app_id": 1,
    "components": [
        {"id": 1, "type": "textbox"},
        {"id": 2, "type": "file"},
        {"id": 3, "type": "textbox"},
    ],
    "dependencies": [
        {"id": 0, "api_name": "say", "inputs": [1], "outputs": [3]},
        {"id": 1, "api_name": "load", "inputs": [2], "outputs": [2]},
    ],
}
_TEXT = {"parameter_name": "text", "label": "Text", "type": {"type": "string"}}
_FILE = {"parameter_name": "file", "label": "File", "type": {}, "component": "File"}
INFO: dict[str, Any] = {
    "named_endpoints": {
        "/say": {"parameters": [_TEXT], "returns": [{"label": "Said", "type": {"type": "string"}}]},
        "/load": {"parameters": [_FILE], "returns": [_FILE]},
    }
}


def gradio(replies: Script | None = None) -> dict[str, Reply]:
    """The script of a small Gradio app, `/say` and `/load`, with some replies replaced."""
    return {
        "/config": http(CONFIG),
        f"{P}/info": http(INFO),
        CALL: http({"event_id": JOB}),
        f"{P}/call/load": http({"event_id": JOB}),
        FEED: EVENTS + completed("said"),
        UPLOAD: http(["/server/a.txt"]),
        f"{P}/cancel": http({"success": True}),
        **(replies or {}),
    }


def file_output(**fields: Any) -> dict[str, Any]:
    """A FileData as a server sends it."""
    return {
        "path": "/server/a.txt",
        "orig_name": "a.txt",
        "meta": {"_type": "gradio.FileData"},
    } | fields


PASSWORD, COOKIE = "pw-s3cret", "cookie-s3cret"


def with_login(script: Script) -> dict[str, Reply]:
    """The same app behind Gradio's login, for `me` and `PASSWORD`."""

    def guarded(reply: Reply) -> Reply:
        def answer(request: Request) -> Steps:
            if COOKIE not in request.headers.get("cookie", ""):
                return http({"detail": "Not authenticated"}, 401)
            assert not isinstance(reply, Early)
            return reply(request) if callable(reply) else reply

        return answer

    def login(request: Request) -> bytes:
        if request.body != f"username=me&password={PASSWORD}".encode():
            return http({"detail": "Incorrect credentials."}, 400)
        cookie = f"access-token-unsecure-x={COOKIE}; HttpOnly; Path=/; SameSite=none"
        return http({"success": True}, headers={"Set-Cookie": cookie})

    return {**{path: guarded(reply) for path, reply in script.items()}, "/login": login}
