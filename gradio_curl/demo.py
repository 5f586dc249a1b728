"""The built-in app: mimics a diffusion model. Run as a process of its own, imported by nothing.

`python -m gradio_curl.demo` prints the app's URL on stdout and serves it until stdin closes, so
that it ends with whoever started it, however that ends.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

import gradio as gr
import numpy as np

SIZE = 256  # pixels
STEP_SECONDS = 0.3


def predict(steps: float) -> Iterator[np.ndarray]:
    """Yield a picture that gets clearer with each of `steps` steps; the last one is the result."""
    noise = np.random.default_rng(seed=7).random((SIZE, SIZE, 3))
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    picture = np.stack([rows, columns, 1 - rows * columns], axis=-1)
    disc = (rows - 0.5) ** 2 + (columns - 0.5) ** 2 < 0.09
    picture[disc] = (1.0, 0.8, 0.2)
    for step in range(1, int(steps) + 1):
        time.sleep(STEP_SECONDS)
        share = step / int(steps)
        yield np.uint8(255 * (share * picture + (1 - share) * noise))


def main() -> None:
    """Serve the app on a free port until stdin closes."""
    app = gr.Interface(
        predict,
        gr.Slider(1, 10, value=3, step=1, label="steps"),
        gr.Image(format="png", label="image"),
        api_name="predict",
        title="A diffusion model, mimicked",
    )
    announced = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever Gradio prints is not the URL
    app.launch(
        server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, show_error=True, share=False
    )
    print(app.local_url.rstrip("/"), file=announced, flush=True)
    sys.stdin.read()
    os._exit(0)  # a job may still run in a thread; nobody waits for it


if __name__ == "__main__":
    main()
