"""gradio_client: every event of a job as a line of JSON. URL COUNT."""

import json
import sys

from gradio_client import Client

client = Client(sys.argv[1], verbose=False, analytics_enabled=False)
for output in client.submit(int(sys.argv[2]), api_name="/many"):
    print(json.dumps(output), flush=True)
