"""An app on ZeroGPU: `spaces` asks the device API at `--device-api` for a GPU before each call."""

import os

import gradio as gr
from serving import parse, parser, serve


def paint(prompt):
    return f"painted {prompt}"


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument("--device-api", metavar="URL", required=True)
    options = parse(arguments)
    # `spaces` reads these while it is imported.
    os.environ["SPACES_ZERO_GPU"] = "true"
    os.environ["SPACES_ZERO_DEVICE_API_URL"] = options.device_api
    import spaces

    demo = gr.Interface(
        spaces.GPU(paint),
        gr.Textbox(label="Prompt"),
        gr.Textbox(label="Picture"),
        api_name="paint",
    )
    serve(demo, options)
