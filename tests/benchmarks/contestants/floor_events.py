"""The least these libraries need for many events: each read, parsed, and written. URL COUNT."""

import json
import sys

import requests

api = f"{sys.argv[1]}/gradio_api"
session = requests.Session()
body = {"data": [int(sys.argv[2])]}
event_id = session.post(f"{api}/call/many", json=body).json()["event_id"]
stream = session.get(f"{api}/queue/data?session_hash={event_id}", stream=True).raw
encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
out = sys.stdout.buffer
event = b""
# The raw server sends a chunk an event, and `read1` gives a chunk at a time, or a part of one.
while part := stream.read1(262144):
    event += part
    if event.endswith(b"\n\n"):
        data = json.loads(event[len("data: ") :])["output"]["data"]
        out.write(encoder.encode({"event": "generating", "t": 0.0, "data": data}).encode())
        out.write(b"\n")
        out.flush()
        event = b""
