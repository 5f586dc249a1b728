"""gradio_client: many calls, eight at a time. URL COUNT."""

import sys
from concurrent.futures import ThreadPoolExecutor

from gradio_client import Client

client = Client(sys.argv[1], verbose=False, analytics_enabled=False)


def row(number: int) -> str:
    """The result of one row."""
    return str(client.predict(f"row {number}", 1, False, api_name="/greet"))


with ThreadPoolExecutor(8) as pool:
    for result in pool.map(row, range(int(sys.argv[2]))):
        print(result, flush=True)
