"""The least a client with these libraries does: two requests, nothing checked. URL."""

import json
import sys

import requests
import sseclient
import typer

url = f"{sys.argv[1]}/gradio_api/call/greet"
session = requests.Session()
event_id = session.post(url, json={"data": ["bob", 3, False]}).json()["event_id"]
stream = session.get(f"{url}/{event_id}", stream=True)
for event in sseclient.SSEClient(stream.iter_content()).events():
    if event.event == "complete":
        typer.echo(json.loads(event.data)[0])
        break
