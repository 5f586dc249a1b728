"""Local files on their way to the app: small ones together, large ones side by side."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from gradio_curl.client.local_files import Inputs, over_limit
from gradio_curl.client.multipart import Part
from gradio_curl.client.side_by_side import side_by_side
from gradio_curl.client.transfers import Progress, Transferred
from gradio_curl.client.transport import Transport
from gradio_curl.errors import HTTPFailed, InputError
from gradio_curl.protocol import files

_SMALL = 1_000_000  # bytes; over 100 ms a file of this size is about one round trip
_TOGETHER = 4_000_000  # bytes in one request
_MOST = 100  # files in one request, each of which is open
_TOO_LARGE = 413  # of a proxy that takes each file, but not all of them at once


class Uploads:
    """Uploads of files to `url`, which takes at most `limit` bytes of each, if that is known."""

    def __init__(self, transport: Transport, url: str, inputs: Inputs, limit: int | None) -> None:
        self._transport = transport
        self._url = url
        self._inputs = inputs
        self._limit = limit

    def send(
        self, paths: Sequence[str], transferred: Transferred, at_once: int
    ) -> list[dict[str, Any]]:
        """The payloads of the files at `paths`, by up to `at_once` connections."""
        progress = Progress(transferred, len(paths))
        groups = self._groups(paths)
        works = [partial(self._group, group, progress) for group in groups]
        sent = side_by_side(works, at_once, self._transport.leave)
        payloads = {
            path: payload
            for group, answers in zip(groups, sent, strict=True)
            for path, payload in zip(group, answers, strict=True)
        }
        return [payloads[path] for path in paths]

    def _groups(self, paths: Sequence[str]) -> list[list[str]]:
        """What goes in one request each: a large file alone, small ones with others."""
        groups: list[list[str]] = []
        small: list[str] = []
        together = 0
        for path in paths:
            size = self._inputs.size(path)
            if size is None or size > _SMALL:
                groups.append([path])
                continue
            if not small or len(small) == _MOST or together + size > _TOGETHER:
                small, together = [], 0
                groups.append(small)
            small.append(path)
            together += size
        return groups

    def _group(self, paths: Sequence[str], progress: Progress) -> list[dict[str, Any]]:
        try:
            return self._request(paths, progress)
        except HTTPFailed as failure:
            if failure.status != _TOO_LARGE or len(paths) == 1:
                raise
        return [payload for path in paths for payload in self._request([path], progress)]

    def _request(self, paths: Sequence[str], progress: Progress) -> list[dict[str, Any]]:
        names = [self._inputs.name(path) for path in paths]
        with ExitStack() as stack:
            parts = []
            for path, name in zip(paths, names, strict=True):
                file = stack.enter_context(self._inputs.open(path))
                size = file.seek(0, 2)
                if fault := over_limit(path, size, self._limit):
                    raise InputError(fault)
                parts.append(Part(name, file, partial(progress.at, path, name, total=size)))
            answer = self._transport.upload(self._url, parts)
        if (
            not isinstance(answer, list)
            or len(answer) != len(paths)
            or not all(isinstance(path, str) for path in answer)
        ):
            what = "a path" if len(paths) == 1 else f"{len(paths)} paths"
            raise HTTPFailed(f"{self._url} answers with something else than {what}")
        return [files.from_upload(path, name) for path, name in zip(answer, names, strict=True)]
