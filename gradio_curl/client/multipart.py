"""The body of an upload, streamed.

requests itself would read the whole file into memory; requests-toolbelt copies each byte four
times in Python (`CustomBytesIO`), 0.5 to 1.5 s a gigabyte where curl needs 0.5 s for everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from urllib3.fields import RequestField

from gradio_curl.errors import CannotRead

_BLOCK = 256 * 1024  # bytes; smaller ones cost time, larger ones memory


class FileBody:
    """One file as the multipart field `files`, under `name`. Each block is told to `sent`."""

    def __init__(
        self, boundary: str, name: str, file: BinaryIO, sent: Callable[[int], None]
    ) -> None:
        field = RequestField("files", "", name)
        field.make_multipart(content_type="application/octet-stream")
        self._head = f"--{boundary}\r\n{field.render_headers()}".encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._size = file.seek(0, 2)
        self._file = file
        self._sent = sent

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        """What is to be sent: as long as was promised, whatever happens to the file meanwhile."""
        self._file.seek(0)
        yield self._head
        left = self._size
        while left:
            block = self._file.read(min(_BLOCK, left))
            if not block:
                raise CannotRead("the file became shorter while it was uploaded")
            yield block
            left -= len(block)
            self._sent(self._size - left)
        yield self._tail
