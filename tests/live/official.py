"""The official client as a process that is asked for one call a line, as JSON, and answers so.

`{"endpoint": "/x", "values": {"name": …}}` gives `{"data": […]}`, or `{"refused": "…"}`. An object
`{"@": "path"}` in the values stands for a file. Runs in the environment of a Gradio version:
`python official.py URL`.
"""

import json
import sys
import warnings

from gradio_client import Client, handle_file


def with_files(value):
    """The value as the official client wants it."""
    if isinstance(value, dict):
        if value.keys() == {"@"}:
            return handle_file(value["@"])
        return {key: with_files(part) for key, part in value.items()}
    return [with_files(part) for part in value] if isinstance(value, list) else value


def answer(client, returns, question):
    """What comes of one call, as JSON."""
    endpoint = question["endpoint"]
    values = {name: with_files(value) for name, value in question["values"].items()}
    try:
        result = client.predict(api_name=endpoint, **values)
        data = [result] if returns[endpoint] == 1 else list(result)
        return json.dumps({"data": data})
    except Exception as refused:
        return json.dumps({"refused": f"{type(refused).__name__}: {refused}"})


def main():
    """Tells the endpoints and what they take, and answers until there are no more questions."""
    warnings.simplefilter("ignore")
    client = Client(
        sys.argv[1],
        verbose=False,
        download_files=False,
        ssl_verify=False,  # it reads all certificates for each request, though there is no TLS
        httpx_kwargs={"timeout": 300},
    )
    described = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    returns = {name: len(endpoint["returns"]) for name, endpoint in described.items()}
    print(json.dumps(described), flush=True)
    for line in sys.stdin:
        print(answer(client, returns, json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
