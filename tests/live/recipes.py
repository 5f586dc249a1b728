"""The app that the README's examples call: a plain script, `python recipes.py --port 7860`."""

import math
import struct
import time
import wave
from inspect import signature
from pathlib import Path
from tempfile import mkdtemp

import gradio as gr
from PIL import Image
from serving import parse, parser, serve


def greet(name, count):
    return "\n".join([f"Hello {name}!"] * int(count))


def generate(prompt, steps):
    """A picture of the prompt's colour that gets brighter with each step."""
    hue = sum(prompt.encode()) % 256
    for step in range(1, int(steps) + 1):
        time.sleep(0.1)
        share = step / int(steps)
        yield Image.new("HSV", (128, 128), (hue, 160, int(255 * share))).convert("RGB")


def chat(message, history):
    """Answers word by word, and knows how many messages came before."""
    history = [*(history or []), message]
    answer = f"Message {len(history)} was: {message}"
    words = answer.split(" ")
    for count in range(1, len(words) + 1):
        time.sleep(0.05)
        yield " ".join(words[:count]), history


def speak(text):
    """A tone, a tenth of a second for each letter."""
    path = Path(mkdtemp()) / "speech.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        count = 800 * len(text)
        samples = (int(9000 * math.sin(0.35 * i)) for i in range(count))
        sound.writeframes(struct.pack(f"<{count}h", *samples))
    return str(path)


def describe(image):
    with Image.open(image) as picture:
        return f"{picture.width} x {picture.height} pixels"


def classify(image):
    """How bright a picture is, as a classifier would say it."""
    light = image.convert("L").resize((1, 1)).getpixel((0, 0)) / 255
    return {"light": light, "dark": 1 - light}


def oldest(people):
    """The rows of a table, the oldest person first."""
    return sorted(people, key=lambda row: -float(row[1] or 0))


def inpaint(image, prompt):
    """The picture, with what the mask covers in the prompt's colour."""
    picture = image["background"].convert("RGB")
    if not image["layers"]:
        return picture
    mask = image["layers"][0].convert("L")
    color = Image.new("HSV", picture.size, (sum(prompt.encode()) % 256, 200, 255)).convert("RGB")
    return Image.composite(color, picture, mask.resize(picture.size))


def endpoint(function, inputs, outputs, name):
    gr.Button(name).click(function, inputs, outputs, api_name=name)


def build():
    with gr.Blocks() as demo:
        name, count = gr.Textbox(label="Name"), gr.Number(1, label="Count")
        endpoint(greet, [name, count], gr.Textbox(label="Greeting"), "greet")
        prompt, steps = gr.Textbox(label="Prompt"), gr.Slider(1, 10, 4, step=1, label="Steps")
        # 4.20 has no format, and sends what it likes.
        as_png = {"format": "png"} if "format" in signature(gr.Image).parameters else {}
        endpoint(generate, [prompt, steps], gr.Image(label="Image", **as_png), "generate")
        message, history = gr.Textbox(label="Message"), gr.State([])
        endpoint(chat, [message, history], [gr.Textbox(label="Answer"), history], "chat")
        endpoint(speak, gr.Textbox(label="Text"), gr.Audio(label="Speech"), "speak")
        image = gr.Image(type="filepath", label="Image")
        endpoint(describe, image, gr.Textbox(label="Description"), "describe")
        photo = gr.Image(type="pil", label="Image")
        endpoint(classify, photo, gr.Label(label="Kind"), "classify")
        people = {"headers": ["name", "age"], "type": "array"}
        table = gr.Dataframe(label="People", **people)
        endpoint(oldest, table, gr.Dataframe(label="Oldest first", **people), "oldest")
        editor, hint = gr.ImageEditor(type="pil", label="Image"), gr.Textbox(label="Prompt")
        endpoint(inpaint, [editor, hint], gr.Image(label="Image", **as_png), "inpaint")
    return demo


if __name__ == "__main__":
    serve(build(), parse(parser(__doc__)))
