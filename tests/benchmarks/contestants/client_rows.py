"""gradio_client: many calls, eight at a time. URL COUNT."""

import sys
from concurrent.futures import CancelledError, ThreadPoolExecutor

from gradio_client import Client

client = Client(sys.argv[1], verbose=False, analytics_enabled=False)


def row(number: int) -> str:
    """The result of one row.

    2.7.2 cancels a job that it queues just while the server ends the stream of those before it
    (`close_stream` in `Client.send_data`): about one in 500. A client for each thread avoids that,
    but takes longer.
    """
    while True:
        try:
            return str(client.predict(f"row {number}", 1, False, api_name="/greet"))
        except CancelledError:
            pass


with ThreadPoolExecutor(8) as pool:
    for result in pool.map(row, range(int(sys.argv[2]))):
        print(result, flush=True)
