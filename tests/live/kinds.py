"""An app with an endpoint for each kind of component, to see how its value is drawn.

Each one yields its value, holds it until a file exists, and yields it again: what stands on the
screen meanwhile is what should stand there at the end.

Runs on Gradio 4.20.0, 5.50.0 and 6.31.0, as a plain script: `python kinds.py --port 7860`.
"""

import base64
import importlib.util
import inspect
import io
import tempfile
import time
import wave
from pathlib import Path

import gradio as gr
from PIL import Image
from serving import parse, parser, serve

MESSAGES = {"type": "messages"} if "type" in inspect.signature(gr.Chatbot).parameters else {}
PNG = {"format": "png"} if "format" in inspect.signature(gr.Image).parameters else {}
PAIRS = gr.__version__.startswith("4.20.")
CODE = (
    "Sorted by **age**:\n\n```python\npeople.sort(key=lambda one: one.age)\n```\n\n- quick\n- short"
)


def painted():
    """A picture of two colours."""
    image = Image.new("RGB", (24, 16), "navy")
    image.paste("orange", (6, 4, 18, 12))
    return image


def new_file(name, content):
    """The path of a new file."""
    path = Path(tempfile.mkdtemp()) / name
    path.write_bytes(content)
    return str(path)


def sound():
    """The path of a short silence."""
    path = new_file("silence.wav", b"")
    with wave.open(path, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8000)
        written.writeframes(bytes(1600))
    return path


def plot():
    """A plot that is a picture; only 4.x brings the library that makes one."""
    if importlib.util.find_spec("matplotlib"):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(1, 1))
        figure.add_subplot().plot([1, 2, 3], [1, 4, 9])
        return figure
    from gradio.components.plot import PlotData

    raw = io.BytesIO()
    painted().save(raw, "PNG")
    encoded = base64.b64encode(raw.getvalue()).decode()
    return PlotData(type="matplotlib", plot=f"data:image/png;base64,{encoded}")


def conversation():
    """Two turns of a chat, the last one with a thought and a picture, where there are such."""
    picture = new_file("answer.png", b"")
    painted().save(picture)
    if PAIRS:
        return [("How do I sort them?", CODE), ("And a picture?", (picture,))]
    thought = {"title": "Looking for a picture"}
    return [
        {"role": "user", "content": "How do I sort them?"},
        {"role": "assistant", "content": CODE},
        {"role": "user", "content": "And a picture?"},
        {"role": "assistant", "content": "There was one.", "metadata": thought},
        {"role": "assistant", "content": {"path": picture}},
    ]


def several():
    """Values of several kinds, side by side."""
    return "A short text", 3, painted(), {"a": [1, 2]}, "", {"cat": 0.9, "dog": 0.1}


KINDS = {
    "text": (gr.Textbox(label="Text"), lambda: "A line\nand a longer one " + "of words " * 20),
    "number": (gr.Number(label="Number"), lambda: 4.5),
    "json": (gr.JSON(label="JSON"), lambda: {"name": "ann", "tags": ["a", "b"], "age": None}),
    "table": (
        gr.Dataframe(headers=["name", "age"], type="array", label="People"),
        lambda: [["ann", 3], ["bob", 41]],
    ),
    "label": (gr.Label(label="Animal"), lambda: {"cat": 0.7, "dog": 0.296, "emu": 0.004}),
    "chat": (gr.Chatbot(label="Conversation", **MESSAGES), conversation),
    "markdown": (gr.Markdown(), lambda: f"# Sorting\n\n{CODE}"),
    "highlighted": (
        gr.HighlightedText(label="Names"),
        lambda: [("Ann", "person"), (" lives in ", None), ("Rome", "place")],
    ),
    "annotated": (
        gr.AnnotatedImage(label="Found"),
        lambda: (painted(), [((6, 4, 18, 12), "sun")]),
    ),
    "image": (gr.Image(label="Image", **PNG), painted),
    "gallery": (
        gr.Gallery(label="Gallery", **PNG),
        lambda: [(painted(), "first"), (painted().rotate(90), "second")],
    ),
    "video": (gr.Video(label="Video"), lambda: new_file("clip.mp4", b"no film")),
    "audio": (gr.Audio(label="Audio"), sound),
    "file": (gr.File(label="File"), lambda: new_file("note.txt", b"content")),
    "plot": (gr.Plot(label="Plot"), plot),
    "html": (gr.HTML(), lambda: "<h3>Done</h3><p>See <a href='https://h.test/x'>it</a></p>"),
    "update": (gr.Textbox(label="Text"), lambda: gr.update(value="set by an update")),
    "skip": (gr.Textbox(label="Text"), lambda: gr.update(label="another label")),
    "several": (
        [
            gr.Textbox(label="Title"),
            gr.Number(label="Count"),
            gr.Image(label="Picture", **PNG),
            gr.JSON(label="Details"),
            gr.Textbox(label="Remark"),
            gr.Label(label="Animal"),
        ],
        several,
    ),
}

# What takes JSON of a form of its own, or files in a form of their own, or only a few values.
TAKEN = {
    "chat": gr.Chatbot(label="Conversation", **MESSAGES),
    "annotated": gr.AnnotatedImage(label="Found"),
    "plot": gr.Plot(label="Plot"),
    "bars": gr.BarPlot(label="Bars"),
    "explorer": gr.FileExplorer(root_dir=Path(new_file("file.txt", b"text")).parent, label="Files"),
    "editor": gr.ImageEditor(label="Drawing", type="pil"),
    # Since 4.38
    "date": gr.DateTime(include_time=False) if hasattr(gr, "DateTime") else gr.Textbox(),
    "dropdown": gr.Dropdown([], label="Model"),  # filled later, in an app that does more
    "dropdowns": gr.Dropdown([], multiselect=True, label="Models"),
    "radio": gr.Radio([], label="Model"),
    "checkboxes": gr.CheckboxGroup([], label="Models"),
}


def held(make):
    """A function that yields what `make` makes, twice."""

    def show(until):
        yield make()
        while until and not Path(until).exists():
            time.sleep(0.05)
        yield make()  # anew: Gradio takes the value out of an update that it has sent

    return show


with gr.Blocks(title="Every kind of component") as demo:
    for name, (outputs, make) in KINDS.items():
        until = gr.Textbox("", label="Until", info="the path of a file")
        for output in outputs if isinstance(outputs, list) else [outputs]:
            output.render()
        gr.Button().click(held(make), until, outputs, api_name=name)
    for name, taken in TAKEN.items():
        taken.render()
        gr.Button().click(repr, taken, gr.Textbox(label="Got"), api_name=f"takes_{name}")


if __name__ == "__main__":
    serve(demo, parse(parser(__doc__)))
