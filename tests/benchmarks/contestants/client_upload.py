"""gradio_client: one file to an endpoint that forgets it. URL FILE."""

import sys

from gradio_client import Client, handle_file

client = Client(sys.argv[1], verbose=False, analytics_enabled=False, httpx_kwargs={"timeout": None})
print(client.predict(handle_file(sys.argv[2]), api_name="/discard"))
