"""A Gradio app with exactly one endpoint, alone or mounted under a path of another web app.

Runs as a plain script: `python single.py --port 7860 [--mount /sub]`.
"""

import fastapi
import gradio as gr
import uvicorn
from serving import parse, parser, queue_without_limit, serve, settings_known_to


def predict(name):
    return f"Hello {name}!"


def give_back(file):
    return file


def serve_mounted(demo, options):
    """Serves `demo` under a path of a web app that has a page of its own."""
    site = fastapi.FastAPI()

    @site.get("/")
    def front_page():
        return {"gradio": options.mount}

    queue_without_limit(demo)
    settings = settings_known_to(gr.mount_gradio_app, options)
    site = gr.mount_gradio_app(site, demo, path=options.mount, **settings)
    uvicorn.run(site, host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    demo = gr.Interface(predict, gr.Textbox(label="Name"), gr.Textbox(label="Greeting"))
    arguments = parser(__doc__)
    arguments.add_argument("--mount", metavar="/SUB", help="serve it under this path of FastAPI")
    arguments.add_argument("--file", action="store_true", help="take a file and give it back")
    options = parse(arguments)
    if options.file:
        demo = gr.Interface(give_back, gr.File(label="File"), gr.File(label="Same"))
    if options.mount:
        serve_mounted(demo, options)
    else:
        serve(demo, options)
