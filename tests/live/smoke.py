"""What the smoke tests run on: the big test app, and beside it a small one behind a login.

Both in one process, since a version of Gradio takes seconds to load. A plain script:
`python smoke.py --port 7860 --guarded-port 7861 --auth USER:PASSWORD`.
"""

import gradio as gr
from app import demo
from serving import parse, parser, queue_without_limit, serve, settings_known_to
from single import predict

if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument("--guarded-port", type=int, required=True)
    options = parse(arguments)
    guarded = gr.Interface(predict, gr.Textbox(label="Name"), gr.Textbox(label="Greeting"))
    queue_without_limit(guarded)
    guarded.launch(
        server_name="127.0.0.1",
        server_port=options.guarded_port,
        quiet=True,
        prevent_thread_lock=True,
        **settings_known_to(guarded.launch, options),
    )
    options.auth = None
    serve(demo, options)
