"""Just enough of Gradio's routes to feed a client faster than Gradio can; nothing is computed.

    /big      size           one event of so many bytes, in chunks of 8 KB
    /many     count          so many small events, then the result
    /paced    count, rate    the same, `rate` a second; each holds the time of its writing
    /file     size           a file of so many bytes
    /files    count, size    so many files of so many bytes
    /table    count, rate    so many tables of 20 KB, `rate` a second
    /plot     count, rate    so many plots with a picture of 20 KB, `rate` a second
    /serial   milliseconds   jobs that take so long, one after the other
    /discard  file           uploads are read and forgotten

`python -m tests.benchmarks.rawserver` prints its URL and serves until it is interrupted.
"""

import base64
import itertools
import json
import random
import struct
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PREFIX = "/gradio_api"
CHUNK = 8192  # bytes
BLOCK = memoryview(bytes(1 << 20))
BLOCK_OF_TEXT = b"x" * CHUNK

_ENDPOINTS = {
    "big": (("number", "size"),),
    "many": (("number", "count"),),
    "paced": (("number", "count"), ("number", "rate")),
    "file": (("number", "size"),),
    "files": (("number", "count"), ("number", "size")),
    "table": (("number", "count"), ("number", "rate")),
    "plot": (("number", "count"), ("number", "rate")),
    "serial": (("number", "milliseconds"),),
    "discard": (("file", "file"),),
}
_OUTPUTS = {"file": "file", "files": "file", "table": "dataframe", "plot": "plot"}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "number": {"type": "number"},
    "textbox": {"type": "string"},
    "dataframe": {"type": "object"},
    "plot": {"type": "object"},
    "file": {
        "type": "object",
        "title": "FileData",
        "properties": {
            "path": {"type": "string"},
            "url": {"type": "string"},
            "orig_name": {"type": "string"},
            "meta": {"type": "object", "properties": {"_type": {"const": "gradio.FileData"}}},
        },
        "required": ["path"],
    },
}


@dataclass(frozen=True, slots=True)
class Job:
    """What was asked for; by its event id, or by the session that joined the queue."""

    event_id: str
    endpoint: str
    data: list[Any]


class RawServer(ThreadingHTTPServer):
    """Serves on a free port of the loopback; `requests` has each `METHOD path` that came.

    `connections` is how many were made.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests: list[str] = []
        self.connections = 0
        self.jobs: dict[str, Job] = {}
        self.numbers = itertools.count()
        self.turn = threading.Lock()

    def get_request(self) -> Any:
        """The next connection."""
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that has what it wants may hang up as it likes."""


@contextmanager
def serving() -> Iterator[RawServer]:
    """A raw server in a thread of this process, for as long as the block."""
    with RawServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: RawServer

    def do_GET(self) -> None:
        path, _, query = self._route()
        if path == "/config":
            self._json(_config())
        elif path == "/info":
            self._json(_info())
        elif path == "/app_id":
            self._json({"app_id": 1})
        elif path == "/queue/data":
            self._events(self.server.jobs[query.partition("=")[2]])
        elif path.startswith("/file="):
            self._zeros(int(path.rpartition("/")[2]))
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        path, _, _ = self._route()
        if path == "/upload":
            count = self._discard(int(self.headers["Content-Length"]))
            self._json([f"/tmp/gradio/{number}/discarded.bin" for number in range(count)])
            return
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if path.startswith("/call/"):
            self._json({"event_id": self._submit(path.removeprefix("/call/"), body)})
        elif path == "/queue/join":
            endpoint = list(_ENDPOINTS)[body["fn_index"]]
            self._json({"event_id": self._submit(endpoint, body)})
        else:
            self._json({})

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the log would be slower than the server."""

    def _route(self) -> tuple[str, str, str]:
        self.server.requests.append(f"{self.command} {self.path}")
        return self.path.removeprefix(PREFIX).partition("?")

    def _submit(self, endpoint: str, body: dict[str, Any]) -> str:
        event_id = f"{next(self.server.numbers):032x}"
        job = Job(event_id, endpoint, body["data"])
        self.server.jobs[body.get("session_hash") or event_id] = job
        return event_id

    def _json(self, value: Any) -> None:
        content = json.dumps(value).encode()
        self._head("application/json", f"Content-Length: {len(content)}")
        self.wfile.write(content)

    def _head(self, content_type: str, length: str) -> None:
        name, _, value = length.partition(": ")
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header(name, value)
        self.end_headers()

    def _zeros(self, size: int) -> None:
        self._head("application/octet-stream", f"Content-Length: {size}")
        for start in range(0, size, len(BLOCK)):
            self.wfile.write(BLOCK[: size - start])

    def _discard(self, size: int) -> int:
        """Read an upload of so many bytes; gives how many files it has."""
        buffer = bytearray(len(BLOCK))
        view = memoryview(buffer)
        files = 0
        while size:
            got = self.rfile.readinto(view[:size])
            # A name that two blocks share is overlooked: only large files have more than one.
            files += buffer.count(b'name="files"', 0, got)
            size -= got
        return files

    def _events(self, job: Job) -> None:
        self._head("text/event-stream", "Transfer-Encoding: chunked")
        match job.endpoint, job.data:
            case "big", [size]:
                # Never made as a whole: that would take longer than to send it.
                before, after = _completed(job, "|").split(b"|")
                first, left = CHUNK - len(before), int(size)
                self._write([before + b"x" * min(first, left)])
                for start in range(first, left, CHUNK):
                    self._write([BLOCK_OF_TEXT[: left - start]])
                self._write([after])
            case "many", [count]:
                events = (_generating(job, f"token {i}") for i in range(int(count)))
                # A chunk an event, as Gradio does, but many of them with one call of the system.
                while some := list(itertools.islice(events, 500)):
                    self._write(some)
                self._write([_completed(job, "all of it")])
            case "paced", [count, rate]:
                started = time.monotonic()
                for i in range(int(count)):
                    time.sleep(max(0, started + i / rate - time.monotonic()))
                    self._write([_generating(job, str(time.monotonic()))])
                self._write([_completed(job, "all of it")])
            case (("table" | "plot"), [count, rate]):
                made = _table if job.endpoint == "table" else _plot
                started = time.monotonic()
                for i in range(int(count)):
                    time.sleep(max(0, started + i / rate - time.monotonic()))
                    self._write([_generating(job, made(i))])
                self._write([_completed(job, made(int(count)))])
            case "serial", [milliseconds]:
                with self.server.turn:
                    time.sleep(milliseconds / 1000)
                self._write([_completed(job, "done")])
            case "file", [size]:
                self._write([_completed(job, _file(int(size), "big"))])
            case "files", [count, size]:
                files = [_file(int(size), f"{n:02}.bin") for n in range(int(count))]
                self._write([_completed(job, files)])
            case _:
                self._write([_completed(job, "nothing to do")])
        self._write([b""])

    def _write(self, chunks: Iterable[bytes]) -> None:
        self.wfile.write(b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks))


def _generating(job: Job, value: Any) -> bytes:
    return _message(job, "process_generating", {"data": [value], "is_generating": True})


def _completed(job: Job, value: Any) -> bytes:
    return _message(job, "process_completed", {"data": [value], "is_generating": False})


def _message(job: Job, kind: str, output: Any) -> bytes:
    message = {"msg": kind, "event_id": job.event_id, "output": output, "success": True}
    return f"data: {json.dumps(message)}\n\n".encode()


def _file(size: int, name: str) -> dict[str, Any]:
    meta = {"_type": "gradio.FileData"}
    return {"path": f"/tmp/gradio/{name}/{size}", "orig_name": name, "meta": meta}


def _table(number: int) -> dict[str, Any]:
    """A table of 20 KB, each cell with another value than in the one before."""
    rows = [[row, *(f"{number} in {row}, {column}" for column in range(8))] for row in range(125)]
    return {"headers": ["row", *"abcdefgh"], "data": rows, "metadata": None}


def _plot(number: int) -> dict[str, Any]:
    """A plot whose picture has 20 KB, each another one."""
    picture = _png(random.Random(number).randbytes(15_000))
    return {
        "type": "matplotlib",
        "plot": f"data:image/png;base64,{base64.b64encode(picture).decode()}",
    }


def _png(pixels: bytes) -> bytes:
    """A picture in colour, 100 pixels wide."""
    rows = [b"\0" + pixels[start : start + 300] for start in range(0, len(pixels), 300)]

    def part(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 100, len(rows), 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(rows), 1)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b"")


def _config() -> dict[str, Any]:
    components: list[dict[str, Any]] = []

    def component(kind: str) -> int:
        schema = {"props": {}, "skip_api": False, "api_info": _SCHEMAS[kind]}
        components.append({"id": len(components), "type": kind, **schema})
        return len(components) - 1

    dependencies = [
        {
            "id": number,
            "api_name": name,
            "inputs": [component(kind) for kind, _ in inputs],
            "outputs": [component(_output(name))],
            "backend_fn": True,
            "cancels": [],
            "connection": "sse",
        }
        for number, (name, inputs) in enumerate(_ENDPOINTS.items())
    ]
    return {
        "version": "6.31.0",
        "api_prefix": PREFIX,
        "app_id": 1,
        # The last protocol in which gradio_client is sent each output in full, not as a change.
        "protocol": "sse_v1",
        "connect_heartbeat": False,
        "components": components,
        "dependencies": dependencies,
    }


def _info() -> dict[str, Any]:
    return {
        "named_endpoints": {
            f"/{name}": {
                "parameters": [
                    {
                        "label": label,
                        "parameter_name": label,
                        "parameter_has_default": False,
                        "parameter_default": None,
                        "type": _SCHEMAS[kind],
                        "python_type": {"type": "Any", "description": ""},
                        "component": kind.capitalize(),
                        "example_input": None,
                    }
                    for kind, label in inputs
                ],
                "returns": [
                    {
                        "label": "value",
                        "type": _SCHEMAS[_output(name)],
                        "python_type": {"type": "Any", "description": ""},
                        "component": _output(name).capitalize(),
                    }
                ],
            }
            for name, inputs in _ENDPOINTS.items()
        },
        "unnamed_endpoints": {},
    }


def _output(endpoint: str) -> str:
    return _OUTPUTS.get(endpoint, "textbox")


if __name__ == "__main__":
    with RawServer() as by_hand:
        print(by_hand.url, flush=True)
        by_hand.serve_forever()
