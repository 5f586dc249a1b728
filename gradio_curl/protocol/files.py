"""FileData: the payload that stands for a file. Building it, finding it, naming what is saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol.json_errors import NESTED
from gradio_curl.protocol.schema import Shape

STDIN = "-"

_META = {"_type": "gradio.FileData"}
# The keys of a FileData on 4.20, which sends no `meta`; an app's own {"path": …} has not all.
_KEYS = {"path", "url", "orig_name", "mime_type", "is_stream"}
_MARK = re.compile("@+")  # the only key of what stands for a file, or is escaped
_LONGEST_NAME = 200  # bytes; file systems allow 255, a number and a suffix may be added
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Local:
    """Stands in a payload for a local file that is still to be uploaded; `-` is stdin."""

    path: str


TABLES = {".csv": "CSV", ".tsv": "TSV"}
"""What a table is saved as, by the suffix of the file."""


class SavedText(NamedTuple):
    """A result as the text to save, and what that is: text, JSON, CSV or TSV.

    `only` is the place of the value that the text holds, from 0, where it leaves the others out.
    """

    content: bytes
    holds: str
    only: int | None = None


def path_in_row(path: str) -> str:
    """A path of a row, which never is stdin: `-` is a file of this name there."""
    return f"./{path}" if path == STDIN else path


def is_url(text: str) -> bool:
    """Whether `text` names a file on the web, which the server fetches itself."""
    return text.lower().startswith(("http://", "https://"))


def from_url(url: str) -> dict[str, Any]:
    """The payload of a public URL. Raises InputError where it is none, or has a login in it.

    The app fetches it: the login would go to the app, and into whatever shows the payload.
    """
    scheme, _, rest = url.partition("://")
    shown = f"{scheme}://{rest.rpartition('@')[2]}"
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # of `u:p/w@host`, where the user is read as the host
    except ValueError:
        # What stands in the place of a port may be a password whose `@` and host were forgotten.
        shown = re.sub(r"(://[^/?#\[\]:]*:).*", r"\1***", shown)
        raise InputError(f"{shown!r} is not a valid URL") from None
    if "@" in parts.netloc:
        hint = "the app would get it, for it fetches the URL: download the file, and give its path"
        raise InputError(Fault(f"the URL {shown!r} has a login in it, which is not sent", hint))
    name = unquote(parts.path.rpartition("/")[2])
    return {"path": url, "url": url, "orig_name": name or None, "meta": _META}


def from_upload(server_path: str, name: str) -> dict[str, Any]:
    """The payload of an uploaded file. Servers judge by the suffix of `orig_name`, so it is sent
    as the file is called here; the path may have lost characters (quotes and the like)."""
    return {"path": server_path, "orig_name": name, "meta": _META}


def shaped(shape: Shape, files: list[Any], text: str | None = None) -> Any:
    """The value of a parameter that takes files, in the form its component wants."""
    match shape:
        case "file":
            return files[0]
        case "files" | "pair":
            return files
        case "gallery":
            return [{"image": file, "caption": None} for file in files]
        case "video":
            return {"video": files[0], "subtitles": files[1] if len(files) > 1 else None}
        case "multimodal":
            return {"text": text or "", "files": files}
        case "editor":
            return {"background": files[0], "layers": files[1:], "composite": files[0]}


def max_files(shape: Shape) -> int | None:
    """How many files go into a parameter of this shape; None where any number does."""
    match shape:
        case "file":
            return 1
        case "video" | "pair":
            return 2
        case "files" | "gallery" | "multimodal" | "editor":
            return None


def is_file(value: Any) -> bool:
    """Whether an output is a FileData. An app's own `{"path": "x"}` is not."""
    if not isinstance(value, dict) or not (
        isinstance(value.get("path"), str) or isinstance(value.get("url"), str)
    ):
        return False
    meta = value.get("meta")
    if isinstance(meta, dict) and meta.get("_type") == _META["_type"]:
        return True
    return value.keys() >= _KEYS


def local_files(data: Any) -> Iterator[Local]:
    """The local files that stand in `data`, in order, as often as they do."""
    return walk(data, is_local)


def is_local(value: Any) -> bool:
    """Whether a part of a payload stands for a local file."""
    return isinstance(value, Local)


def is_reference(value: Any) -> bool:
    """Whether a part of typed JSON is `{"@": "path"}`, which stands for a file."""
    return isinstance(value, dict) and value.keys() == {"@"} and isinstance(value["@"], str)


def is_payload(value: Any) -> bool:
    """Whether a JSON value typed for an input is a FileData, as `upload` prints it."""
    return isinstance(value, dict) and value.get("meta") == _META


def escaped(value: Any) -> Any:
    """`value` for output: no `{"@": "path"}` in it would be taken for a file when it is read back.

    The key of every object whose only key is made of `@` gets one more; `unescaped` undoes it.
    """
    return _with_marks(value, lambda mark: f"{mark}@")


def unescaped(value: Any) -> Any:
    """`value`, as typed or read from our own output, without what `escaped` has added to it."""
    return _with_marks(value, lambda mark: mark[1:] or mark)


def with_local_files(value: Any) -> Any:
    """JSON as typed, in which each `{"@": "path"}` has become a Local, or the payload of its URL.

    What `escaped` added to it, where it is output of ours, is taken off.
    """
    return unescaped(transform(value, is_reference, lambda part: referred(part["@"])))


def referred(path: str) -> Any:
    """What stands in a payload for the file at a path or URL."""
    return from_url(path) if is_url(path) else Local(path)


def _with_marks(value: Any, renamed: Callable[[str], str]) -> Any:
    """A copy of the JSON `value` in which objects with only a key of `@` have it `renamed`."""
    copy = transform(value, lambda part: False, lambda part: part)
    parts = [copy]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if len(part) == 1 and _MARK.fullmatch(mark := next(iter(part))):
                part[renamed(mark)] = part.pop(mark)
            parts.extend(part.values())
        elif isinstance(part, list):
            parts.extend(part)
    return copy


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def transform(value: Any, wanted: Callable[[Any], bool], replace: Callable[[Any], Any]) -> Any:
    """A copy of the JSON `value` in which every part that is `wanted` is replaced, in order.

    Nesting of any depth is followed, as by `walk`.
    """
    top = [value]
    open_parts: list[tuple[Any, Iterator[Any]]] = [(top, iter([0]))]
    while open_parts:
        holder, keys = open_parts[-1]
        for key in keys:
            part = holder[key]
            if wanted(part):
                holder[key] = replace(part)
            elif isinstance(part, dict | list):
                holder[key] = inner = part.copy()
                keys_of_inner = range(len(inner)) if isinstance(inner, list) else inner
                open_parts.append((inner, iter(keys_of_inner)))
                break
        else:
            open_parts.pop()
    return top[0]


def replaced_files(data: list[Any], replace: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """A copy of the outputs with every file replaced.

    A component in a chat answer has its file twice, in `value` and in `props`: replaced once.
    """

    def component(value: dict[str, Any]) -> dict[str, Any]:
        known = dict[str, dict[str, Any]]()

        def once(file: dict[str, Any]) -> dict[str, Any]:
            key = repr((file.get("path"), file.get("url")))
            if key not in known:
                known[key] = replace(file)
            return known[key]

        return {key: transform(part, is_file, once) for key, part in value.items()}

    def either(value: Any) -> Any:
        return replace(value) if is_file(value) else component(value)

    return transform(data, lambda value: is_file(value) or is_component(value), either)


def output_files(data: list[Any]) -> list[dict[str, Any]]:
    """The files in the outputs, in the order in which `replaced_files` replaces them."""
    found: list[dict[str, Any]] = []

    def kept(file: dict[str, Any]) -> dict[str, Any]:
        found.append(file)
        return file

    replaced_files(data, kept)
    return found


def urls_not_saved(data: list[Any]) -> list[str]:
    """The URLs of the files in a result without a local path beside them, each once."""
    found = walk(data, is_file)
    return list(dict.fromkeys(str(file.get("url")) for file in found if "saved" not in file))


def is_plot(value: Any) -> bool:
    """Whether an output is a plot that has its picture in it."""
    return isinstance(value, dict) and str(value.get("plot")).startswith("data:image/")


def is_component(value: Any) -> bool:
    """Whether a part of a chat answer is a component that the app shows in it."""
    return isinstance(value, dict) and isinstance(value.get("props"), dict) and "component" in value


def walk(value: Any, wanted: Callable[[Any], bool]) -> Iterator[Any]:
    """Every part of the JSON `value` that is `wanted`, in order."""
    open_parts = [iter([value])]
    while open_parts:
        for part in open_parts[-1]:
            if wanted(part):
                yield part
            elif inner := _inner(part):
                open_parts.append(iter(inner))
                break
        else:
            open_parts.pop()


def file_url(file: dict[str, Any], base: str, prefix: str) -> str:
    """Where a FileData of the app at `base` can be fetched.

    The `url` that 4.x claims is wrong where the job came through `/call`, and behind a proxy it
    may name an inner host; so it is built from the path. A path on the web is its own address.
    What `gr.Audio(streaming=True)` and `gr.Video(streaming=True)` return has a route of its own.
    """
    path = file.get("path")
    if not isinstance(path, str):
        return str(file.get("url"))
    if is_url(path):
        return path
    route = "stream/" if file.get("is_stream") is True else "file="
    return f"{base}{prefix}/{route}{quote(path.encode('utf-8', 'surrogatepass'))}"


def content_url(file: dict[str, Any], base: str, prefix: str) -> str:
    """Where the content is: from 5.0 on, the URL of a streamed file is that of its playlist."""
    url = file_url(file, base, prefix)
    if file.get("is_stream") is True and url.endswith("/playlist.m3u8"):
        return f"{url.removesuffix('.m3u8')}-file"
    return url


def with_urls(data: list[Any], base: str, prefix: str) -> list[Any]:
    """The outputs, every file in them with its `url` made right."""
    if not _has_files(data):
        return data
    mended: list[Any] = transform(
        data, is_file, lambda file: {**file, "url": file_url(file, base, prefix)}
    )
    return mended


def _has_files(data: list[Any]) -> bool:
    """Whether `walk` would find a file. Every event is asked: text and numbers, of which tables are
    full, are passed over here in a quarter of the time."""
    left: list[Any] = [data]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            if is_file(part):
                return True
            part = part.values()
        left += [inner for inner in part if isinstance(inner, NESTED)]
    return False


def safe_name(file: dict[str, Any]) -> str:
    """A name to save an output under: one path component, whatever name the server sends."""
    claimed = file.get("orig_name") or file.get("path") or file.get("url") or ""
    name = PurePosixPath(str(claimed).replace("\\", "/")).name
    name = safe_text(name)
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return shortened(no_option(name)) or "file"


def no_option(name: str) -> str:
    """A file name without a dash in front: by `rm *`, one of `-rf` would be an option."""
    return f"_{name}" if name.startswith("-") else name


def safe_text(text: str) -> str:
    """Text as a part of a file name: without separators, control characters, dots at its ends."""
    return "".join(c if c.isprintable() and c not in '<>:"/\\|?*' else "_" for c in text).strip(
        ". "
    )


def upload_name(name: str) -> str:
    """The name to upload a file under: without dots in front.

    Gradio 5 and 6 take the upload of `.env`, but refuse the call that names it: they read no file
    whose name begins with a dot. Gradio 4 refuses two of them.
    """
    return name.lstrip(".") or "file"


def shortened(name: str) -> str:
    """A file name that file systems take, and that a number can be added to; its suffix stays."""
    raw = name.encode("utf-8", "replace")
    if len(raw) <= _LONGEST_NAME:
        return raw.decode()
    suffix = PurePosixPath(name).suffix.encode("utf-8", "replace")
    suffix = suffix if len(suffix) <= 16 else b""
    return (raw[: _LONGEST_NAME - len(suffix)] + suffix).decode("utf-8", "ignore")
