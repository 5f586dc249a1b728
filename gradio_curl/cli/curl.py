"""--curl: what is needed of the command and the connection to print a call as a script."""

from __future__ import annotations

from gradio_curl.cli.options import JobSettings
from gradio_curl.client.client import Client
from gradio_curl.client.credentials import is_hugging_face, login_for, token_for
from gradio_curl.protocol import curl
from gradio_curl.protocol.binding import Call
from gradio_curl.protocol.schema import Endpoint


def as_curl(
    client: Client,
    endpoint: Endpoint,
    call: Call | None,
    session: str | None,
    settings: JobSettings,
) -> str:
    """The script for `call`; for the job that `--event` names where there is none."""
    network = client.transport.network
    target = curl.Target(
        client.url,
        client.app,
        token=token_for(client.url, network.token) is not None,
        is_hugging_face=is_hugging_face(client.url),
        login=_login(client),
        sets_cookies=client.transport.has_cookies,
    )
    without = {
        "--retry (a job may then be queued twice)": settings.retry,
        "--wait": settings.wait,
        "--output (without a tool that reads JSON)": settings.output,
        "--json: the events come as the server sends them": settings.json,
    }
    sends_token = endpoint.oauth_token is not None and network.oauth_token is not None
    return curl.script(
        network,
        target,
        endpoint,
        curl.Submission(call.data, settings.name, sends_token) if call else str(settings.event),
        session_hash=session,
        max_time=settings.max_time,
        collect=not settings.detach,
        missing=[option for option, given in without.items() if given],
    )


def _login(client: Client) -> curl.Login | None:
    """How the app was logged in to; None where it asks for no login, whoever is given."""
    transport = client.transport
    if transport.logged_in is None and login_for(client.url, transport.network):
        # What is remembered of an app is used without a login.
        transport.get_json(f"{client.url}/config")
    return curl.Login(*transport.logged_in) if transport.logged_in else None
