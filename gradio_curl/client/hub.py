"""Hugging Face Spaces: where a Space is served, and whether it can be called now.

Source: `GET /api/spaces/<owner>/<name>/host` and `…/runtime` of the Hub.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from gradio_curl.client.credentials import hub_url, is_hugging_face
from gradio_curl.client.http_errors import WAIT_HINT
from gradio_curl.client.login import SAVE_TOKEN
from gradio_curl.client.target import Address, Space, parse_target
from gradio_curl.client.transport import Transport
from gradio_curl.errors import Busy, Failure, HTTPFailed, MalformedURL, Paused, Refused

_RUNNING = ("RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING")
_COMING = {
    "BUILDING": "is being built",
    "APP_STARTING": "is starting",
    "STARTING": "is starting",
}
_ASLEEP = ("SLEEPING", "STOPPED")
_BROKEN = ("BUILD_ERROR", "RUNTIME_ERROR", "CONFIG_ERROR", "NO_APP_FILE", "DELETING")
# What the Hub says to a token that it does not know, whether or not the Space is public.
_UNKNOWN_TOKEN = "Invalid credentials in Authorization header"


def find(hub: Transport, space: Space, deadline: float | None) -> Address:
    """Where `space` is served; `hub` is a connection to the Hub. A Space that sleeps is woken.

    Raises Refused where it is private or missing, Busy while it starts, Paused, and HTTPFailed
    where it is broken.
    """
    name = f"{space.owner}/{space.name}"
    api = f"{hub_url()}/api/spaces/{name}"
    try:
        host, _ = hub.get_json(f"{api}/host", deadline)
    except (HTTPFailed, Refused) as failure:
        if isinstance(failure, HTTPFailed) and failure.status != 404:
            raise
        raise missing(f"the Space {name}", failure) from failure
    url = host.get("host") if isinstance(host, dict) else None
    address = _address(url) if isinstance(url, str) else None
    if address is None:
        raise HTTPFailed(f"{api}/host does not tell where the Space is served")
    runtime: Any = None
    with suppress(HTTPFailed, Refused):
        runtime, _ = hub.get_json(f"{api}/runtime", deadline)
    if isinstance(runtime, dict):
        if runtime.get("stage") in _ASLEEP:
            hub.visit(address.places[0].url, deadline)
        _check_stage(name, runtime)
    return address


def missing(what: str, failure: Failure) -> Refused:
    """What a 401, 403 or 404 for a Space means."""
    saved = failure.hint if SAVE_TOKEN in failure.hint else ""
    if _UNKNOWN_TOKEN in failure.message:
        return Refused(f"{hub_url()} rejected the token", saved or "check --token or HF_TOKEN")
    hint = "check its spelling, or give a token that may read it: --token or HF_TOKEN"
    if not is_hugging_face(hub_url()):
        hint = f"check its spelling, or give --token: HF_TOKEN does not go to {hub_url()}"
    said = "" if isinstance(failure, HTTPFailed) else f" ({failure.message})"
    return Refused(f"{what} is private, gated or missing{said}", saved or hint)


def _check_stage(name: str, runtime: dict[str, Any]) -> None:
    stage = runtime.get("stage")
    if stage in _RUNNING or not isinstance(stage, str):
        return
    if stage in _ASLEEP:
        raise Busy(f"the Space {name} is asleep and was woken", WAIT_HINT)
    if stage in _COMING:
        raise Busy(f"the Space {name} {_COMING[stage]}", WAIT_HINT)
    if stage == "PAUSED":
        raise Paused(f"the Space {name} is paused", "only its owner can restart it")
    if stage in _BROKEN:
        detail = str(runtime.get("errorMessage") or "").strip().partition("\n")[0]
        raise HTTPFailed(f"the Space {name} is broken: {stage}{detail and f', {detail}'}")


def _address(url: str) -> Address | None:
    try:
        target = parse_target(url)
    except MalformedURL:
        return None
    return target if isinstance(target, Address) else None
