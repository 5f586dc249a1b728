"""`stream --text`: the text of an output as it grows; of a chat, what its last answer says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradio_curl.errors import Failure
from gradio_curl.protocol import files
from gradio_curl.protocol.events import UNCHANGED, Event, Generating, is_update
from gradio_curl.protocol.schema import Endpoint
from gradio_curl.render.renderer import Fetch, Renderer
from gradio_curl.render.stdio import Stdout
from gradio_curl.render.text import MESSAGES, files_of, unwrapped, value_text


class GrowingText(Renderer):
    """`stream --text`: the text of an output as it grows, only the new part, at once.

    Of several outputs it is the chat, else the first that holds any text: an emptied text box
    before the answer is not it.
    """

    def __init__(self, stdout: Stdout) -> None:
        self._stdout = stdout
        self._shown = ""
        self._told = False  # that text was replaced
        self._chosen: int | None = None
        self._kinds: Sequence[str] = ()

    def begin(self, endpoint: Endpoint, fetch: Fetch) -> None:
        """A chat, where the endpoint returns one, is what to show."""
        kinds = [returned.component.lower() for returned in endpoint.returns]
        self._chosen = kinds.index("chatbot") if "chatbot" in kinds else None
        self._kinds = kinds

    def show(self, event: Event, t: float) -> None:
        """Write what an output adds to the text before it."""
        super().show(event, t)
        if isinstance(event, Generating):
            self._grow(event.data)

    def finish(self, data: list[Any], t: float) -> None:
        """Write what the result adds, and end the line."""
        self._grow(data)
        if self._chosen is None and data:
            self._write(self._text(data, 0))
        self._end_line()

    def fail(self, failure: Failure, t: float) -> None:
        """Write the result that the failure has, if any, and end the line."""
        super().fail(failure, t)
        self._end_line()

    def interrupt(self, failure: Failure, t: float) -> None:
        """End the line, on which the message would stand."""
        self.fail(failure, t)

    def _end_line(self) -> None:
        if self._shown and not self._shown.endswith("\n"):
            self._stdout.text("\n")

    def _grow(self, data: list[Any]) -> None:
        if self._chosen is None:
            texts = (at for at, value in enumerate(data) if _has_text(value))
            self._chosen = next(texts, None)
        if self._chosen is not None and self._chosen < len(data):
            self._write(self._text(data, self._chosen))

    def _text(self, data: list[Any], at: int) -> str:
        return message_text(data[at], self._kinds[at] if at < len(self._kinds) else "")

    def _write(self, text: str) -> None:
        if text.startswith(self._shown):
            new = text[len(self._shown) :]
        elif not text:
            return  # emptied: there is nothing to add
        else:
            new = text
            self._end_line()
            self._tell_once()
        self._shown = text
        if new:
            self._stdout.text(new)

    def _tell_once(self) -> None:
        if not self._told and not self.quiet:
            self.tell("the app replaced its text: each new version begins on a new line")
        self._told = True


def _has_text(value: Any) -> bool:
    value = unwrapped(value)
    return (
        isinstance(value, str | list | dict) and not is_update(value) and bool(message_text(value))
    )


def message_text(value: Any, component: str = MESSAGES) -> str:
    """The text of an output of `component`; of a chat, what was said since the user's last word.

    A chat has messages with roles, or pairs (4.x); thoughts are left out.
    """
    match unwrapped(value):
        case value if value is None or value is UNCHANGED or is_update(value):
            return ""
        case str(text) | {"type": "text", "text": str(text)}:
            return text
        case {"role": _, "content": content} as message:
            return "" if thought_title(message) else message_text(content)
        case [*turns] if is_chat(turns):
            return _lines(_answers(turns))
        case [*parts] if parts and all(isinstance(p, dict) and "type" in p for p in parts):
            return _lines(parts)
        case {"type": "file", "file": file} | {"component": _, "value": file} if files_of(file):
            return value_text(file)
        case {"component": kind, "value": inner} as part if files.is_component(part):
            return _component_text(kind, inner)
        case other:
            return value_text(other, component)


def _component_text(kind: Any, value: Any) -> str:
    """The text of a component that stands in a chat."""
    if kind == "html" and isinstance(value, str):
        from gradio_curl.render.html import plain_text

        return plain_text(value)
    return value_text(value, MESSAGES)


def _lines(parts: list[Any]) -> str:
    return "\n".join(filter(None, map(message_text, parts)))


def is_chat(value: Any) -> bool:
    """Whether an output is the messages, or the pairs, of a chat."""
    return isinstance(value, list) and bool(value) and all(map(_is_turn, value))


def _is_turn(value: Any) -> bool:
    if isinstance(value, dict):
        return "role" in value and "content" in value
    return isinstance(value, list) and len(value) == 2


def _answers(turns: list[Any]) -> list[Any]:
    """What the last turns of a chat say that are not the user's."""
    answers: list[Any] = []
    for turn in reversed(turns):
        if isinstance(turn, dict):
            if turn["role"] == "user":
                break
            answers.append(turn)
        else:
            answers.append(turn[1])
            if turn[0] is not None:
                break
    return answers[::-1]


def thought_title(message: dict[str, Any]) -> str:
    """The title of a chat message that is a thought; empty for all others."""
    metadata = message.get("metadata")
    title = metadata.get("title") if isinstance(metadata, dict) else None
    return str(title or "")
