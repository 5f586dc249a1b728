"""gradio_client: one call. URL."""

import sys

from gradio_client import Client

client = Client(sys.argv[1], verbose=False, analytics_enabled=False)
print(client.predict("bob", 3, False, api_name="/greet"))
