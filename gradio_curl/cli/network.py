"""The network record of a command: its options, and what asks for passwords and prints messages."""

from __future__ import annotations

import os
from functools import partial

from gradio_curl.cli.options import Settings
from gradio_curl.errors import Refused
from gradio_curl.network import Network
from gradio_curl.render.renderer import Renderer


def network_of(settings: Settings, renderer: Renderer) -> Network:
    """How to reach the app. The user is asked and told by way of `renderer`."""
    return settings.network()._replace(
        ask=partial(_ask_password, renderer),
        tell=(lambda line: None) if settings.quiet else renderer.tell,
        log=renderer.tell if settings.verbose else None,
    )


def _ask_password(renderer: Renderer, user: str) -> str:
    """Ask on the terminal, without echo, whatever stdin is. Raises Refused without one."""
    from getpass import getpass

    try:
        os.close(os.open(os.ctermid(), os.O_RDWR))
    except OSError:
        raise Refused(
            f"the password of {user} is missing, and cannot be asked for without a terminal",
            "give --auth USER:PASSWORD, or set GRADIO_CURL_AUTH",
        ) from None
    try:
        with renderer.paused():
            return getpass(f"Password of {user}: ")
    except EOFError:
        raise Refused(f"the password of {user} is missing") from None
