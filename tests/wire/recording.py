"""An exchange of bytes between the command and a server: recorded once, replayed with cuts."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.wire.server import read_head


@dataclass(slots=True)
class Recording:
    """What a server said to each request, in the order of the requests."""

    replies: list[bytearray] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(map(len, self.replies))

    def cuts(self, stride: int) -> list[int]:
        """Places to cut at: every byte, but in large JSON bodies, of which all bytes are alike.

        With a `stride`, only one in so many.
        """
        places: list[int] = []
        start = 0
        for reply in self.replies:
            body = reply.find(b"\r\n\r\n") + 4
            if b"application/json" in reply[:body].lower() and len(reply) - body > 1000:
                places += range(start, start + body + 10)
                places += range(start + body + 10, start + len(reply) - 10, 997)
                places += range(start + len(reply) - 10, start + len(reply))
            else:
                places += range(start, start + len(reply))
            start += len(reply)
        return places[::stride]


@contextmanager
def recording(upstream: int) -> Iterator[tuple[str, Recording]]:
    """A relay to the server at port `upstream`; gives its URL, and what it records."""
    recorded = Recording()

    def relay(client: socket.socket) -> None:
        own: list[bytearray] = []  # the replies on this connection
        with client, socket.create_connection(("127.0.0.1", upstream)) as server:
            back = threading.Thread(target=say_back, args=(server, client, own), daemon=True)
            back.start()
            with client.makefile("rb") as reader, suppress(OSError):
                while request := _raw_request(reader):
                    own.append(bytearray())
                    recorded.replies.append(own[-1])
                    server.sendall(request)
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            back.join()

    def say_back(server: socket.socket, client: socket.socket, own: list[bytearray]) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                own[-1] += data
                client.sendall(data)

    with _listening(relay) as port:
        yield f"http://127.0.0.1:{port}", recorded


@contextmanager
def replaying(recorded: Recording) -> Iterator["Replay"]:
    """Say again what was recorded; `cut` tells where."""
    replay = Replay(recorded)
    with _listening(replay.serve) as port:
        replay.url = f"http://127.0.0.1:{port}"
        yield replay


class Replay:
    """A server that says what was recorded, up to a certain byte."""

    def __init__(self, recorded: Recording) -> None:
        self.url = ""
        self._recorded = recorded
        self._lock = threading.Lock()
        self.cut(len(recorded))

    def cut(self, at: int) -> None:
        """Begin anew, and close the connection after `at` bytes, then every other at once."""
        with self._lock:
            self._left = at
            self._next = iter(self._recorded.replies)

    def serve(self, client: socket.socket) -> None:
        """Answer the requests on a connection."""
        with client, client.makefile("rb") as reader, suppress(OSError):
            while self._left > 0 and _raw_request(reader):
                with self._lock:
                    reply = bytes(next(self._next, b""))[: self._left]
                    self._left -= len(reply)
                client.sendall(reply)
                if not reply:
                    return


def _raw_request(reader: object) -> bytes | None:
    """The next request on a connection, as it is."""
    kept: list[bytes] = []

    class Reader:
        def readline(self) -> bytes:
            kept.append(reader.readline())  # type: ignore[attr-defined]  # a socket's file
            return kept[-1]

    request = read_head(Reader())
    if request is None:
        return None
    kept.append(reader.read(int(request.headers.get("content-length", 0))))  # type: ignore[attr-defined]  # the same
    return b"".join(kept)


@contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=serve, args=(client,), daemon=True).start()

        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
