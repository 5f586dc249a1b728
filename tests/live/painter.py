"""The app on the README's pictures: paints an evening by the sea, and tells how it goes.

Runs as a plain script on Gradio 6: `python painter.py --port 7860`.
"""

# Gradio gives a function its progress bar in the place of this default.
# ruff: noqa: B008

import time

import gradio as gr
import numpy as np
from serving import parse, parser, serve

WIDTH, HEIGHT = 320, 160


def evening():
    """The finished picture: a sky from blue to orange, a low sun, its light on the water."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    down = (y / HEIGHT)[..., None]
    top, horizon = np.array([30, 40, 110.0]), np.array([255, 150, 70.0])
    sky = top + (horizon - top) * np.clip(down / 0.62, 0, 1) ** 1.5
    sea = np.array([20, 50, 90.0]) + (horizon - 60) * 0.35 * np.clip(1.4 - down * 1.3, 0, 1)
    painted = np.where(down < 0.62, sky, sea)
    sun = (x - 210) ** 2 + (y - 78) ** 2 < 26**2
    painted[sun & (y < HEIGHT * 0.62)] = (255, 225, 140)
    glitter = (y > HEIGHT * 0.62) & (abs(x - 210) < (y - 70) * 0.45) & (np.sin(y * 1.1) > 0.2)
    painted[glitter] = (255, 200, 120)
    return painted


def generate(prompt, style, steps, guidance, progress=gr.Progress()):
    """Paint a picture of the prompt."""
    gr.Info("The model is warm")
    noise = np.random.default_rng(7).integers(0, 255, (HEIGHT, WIDTH, 3))
    picture = evening()
    steps = int(steps)
    for step in progress.tqdm(range(steps), desc="Denoising", unit="steps"):
        time.sleep(0.25)
        share = ((step + 1) / steps) ** 0.5
        mixed = (share * picture + (1 - share) * noise).astype(np.uint8)
        yield mixed, f"{prompt}, {style}, after {step + 1} of {steps} steps"


def describe(photo):
    """Say what is on a photo."""
    return {"sea": 0.71, "evening": 0.22, "mountains": 0.07}


def review(prompt):
    """Paint a picture, and say what is on it."""
    seen = {"sea": 0.71, "evening": 0.22, "mountains": 0.07}
    colours = [["sky", "#ff9646", 54], ["water", "#40536b", 38], ["sun", "#ffe18c", 8]]
    notes = "**Calm**, with a low sun:\n\n- the light falls on the *water*\n- `oil` suits it"
    return evening().astype(np.uint8), seen, colours, notes


with gr.Blocks(title="Painter") as demo:
    image, photo = gr.Image(format="png", label="Picture"), gr.Image(type="filepath", label="Photo")
    inputs = [
        gr.Textbox(label="Prompt"),
        gr.Dropdown(["oil", "watercolour", "photo"], value="oil", label="Style"),
        gr.Slider(1, 50, value=20, step=1, label="Steps"),
        gr.Slider(0, 10, value=7.5, step=0.5, label="Guidance"),
    ]
    gr.Button().click(generate, inputs, [image, gr.Textbox(label="Caption")], api_name="generate")
    gr.Button().click(describe, photo, gr.Label(label="What is it"), api_name="describe")
    outputs = [
        gr.Image(format="png", label="Picture"),
        gr.Label(label="What is it"),
        gr.Dataframe(headers=["part", "colour", "percent"], label="Colours"),
        gr.Markdown(label="Notes"),
    ]
    gr.Button().click(review, inputs[0], outputs, api_name="review")


if __name__ == "__main__":
    serve(demo, parse(parser(__doc__)))
