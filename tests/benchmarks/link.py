"""A long line to a server on the loopback: every byte is delayed, round trips are counted.

Each direction takes half of the round trip. A connection is made at once here, so its first bytes
are held back for the round trip that the handshake of TCP would have taken. The rate is unlimited.
With TLS a server in front of the real one decrypts, behind the line, so that its handshakes cost
what they cost.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import trustme
from requests.utils import DEFAULT_CA_BUNDLE_PATH

_READ = 1 << 18  # bytes
_EARLY = 0.95  # of a round trip: clocks differ by a little

Due = Callable[[bytes], float]
"""When to write what was read just now, by the clock of the loop."""


class Traffic(NamedTuple):
    """What went over a link: connections, and round trips one after the other.

    Those that overlap count once: twenty requests side by side are one round trip.
    """

    connections: int
    round_trips: int


class Link:
    """The line to the server at `port`, for a program that connects to `url`."""

    def __init__(self, round_trip: float, port: int) -> None:
        self.round_trip = round_trip
        self.url = ""
        self._port = port
        self._connections = 0
        self._round_trips = 0
        self._since = -round_trip

    def reset(self) -> None:
        """Count anew."""
        self._connections = self._round_trips = 0

    def traffic(self) -> Traffic:
        """What was counted."""
        return Traffic(self._connections, self._round_trips)

    async def carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        clock = asyncio.get_running_loop().time
        opened = clock()
        self._connections += 1
        self._count(opened)
        usable = opened + self.round_trip
        half = self.round_trip / 2
        asked: list[float] = []
        far, onward = await asyncio.open_connection("127.0.0.1", self._port)

        def forth(data: bytes) -> float:
            at = max(clock(), usable)
            asked.append(at)
            if not data:
                asked.clear()  # what is said at the end, as by TLS, awaits no answer
            return at + half

        def answer(data: bytes) -> float:
            if asked:
                self._count(asked[0])
                asked.clear()
            return clock() + half

        await asyncio.gather(_delayed(near, onward, forth), _delayed(far, back, answer))

    def _count(self, at: float) -> None:
        """What a client sent at this time is answered: a round trip, unless one was under way."""
        if at >= self._since + _EARLY * self.round_trip:
            self._since = at
            self._round_trips += 1


async def _delayed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, due: Due) -> None:
    """Write what is read, each part at the time that is `due` for it."""
    clock = asyncio.get_running_loop().time
    parts: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def read() -> None:
        data = b"-"
        while data:
            data = b""
            with suppress(OSError):
                data = await reader.read(_READ)
            parts.put_nowait((due(data), data))

    async def write() -> None:
        with suppress(OSError):
            while True:
                at, data = await parts.get()
                await asyncio.sleep(at - clock())
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()

    await asyncio.gather(read(), write())


async def _relay(port: int, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    """Both directions of a connection, undelayed: what decrypts."""
    far, onward = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_delayed(near, onward, _now), _delayed(far, back, _now))


def _now(data: bytes) -> float:
    return asyncio.get_running_loop().time()


class Authority:
    """Issues the certificate of the links; `bundle` is what their clients have to trust.

    It has all the usual authorities, too: with one alone, a program that reads them for each
    request (gradio_client, by httpx) would be three times as fast as it is for its users.
    """

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.bundle = folder / "authority.pem"
        self.bundle.write_bytes(
            Path(DEFAULT_CA_BUNDLE_PATH).read_bytes() + authority.cert_pem.bytes()
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self.context)


@contextmanager
def linked(url: str, round_trip: float, authority: Authority | None = None) -> Iterator[Link]:
    """A link of so many seconds to the server at `url`; with an `authority` by https."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def done(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    port = urlsplit(url).port
    assert port is not None
    servers = []

    def listening(carry: Any, context: ssl.SSLContext | None = None) -> int:
        start = asyncio.start_server(carry, "127.0.0.1", 0, ssl=context, backlog=128)
        server = done(start)
        servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    if authority is not None:
        inner = port
        port = listening(lambda near, back: _relay(inner, near, back), authority.context)
    link = Link(round_trip, port)
    scheme = "http" if authority is None else "https"
    link.url = f"{scheme}://127.0.0.1:{listening(link.carry)}"
    try:
        yield link
    finally:
        for server in servers:
            loop.call_soon_threadsafe(server.close)
        # Connections that are cut now are of nobody's interest.
        loop.set_exception_handler(lambda loop, context: None)
        done(_cancelled())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _cancelled() -> None:
    """End the connections that are still open."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
