"""One Gradio app with every kind of endpoint that a client may meet.

Runs on every Gradio version from 4.20 on, as a plain script: `python app.py --port 7860`.
What a version lacks is left out there; the comments say which.
"""

# Gradio gives a function its progress bar in the place of this default.
# ruff: noqa: B008

import collections
import hashlib
import importlib.util
import inspect
import math
import tempfile
import time
import wave
from pathlib import Path

import gradio as gr
from PIL import Image
from serving import parse, parser, serve

EVENT_SETTINGS = inspect.signature(gr.on).parameters
MESSAGES = {"type": "messages"} if "type" in inspect.signature(gr.Chatbot).parameters else {}
# A chat is a list of pairs where it can't be told to be one of messages; from 6.0 it always is one.
PAIRS = not MESSAGES and gr.__version__.startswith("4.")
UNDOCUMENTED = (
    {"api_visibility": "undocumented"}
    if "api_visibility" in EVENT_SETTINGS
    else {"show_api": False}
)

jobs = collections.Counter()


def endpoint(inputs=None, outputs=None, name=None, **event_settings):
    """Serves the decorated function under `/name`, by default under its own name."""

    def serve_it(function):
        api_name = function.__name__ if name is None else name
        gr.Button(visible=False).click(
            function, inputs, outputs, api_name=api_name, **event_settings
        )
        return function

    return serve_it


def new_file(name):
    """The path of a file to be written, under exactly this name."""
    return Path(tempfile.mkdtemp()) / name


def facts(path):
    """What proves that a file arrived whole."""
    content = Path(path).read_bytes()
    return {
        "name": Path(path).name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def picture(name, color, width, height=None):
    """The path of a new PNG file of one colour."""
    path = new_file(name)
    Image.new("RGB", (width, height or width), color).save(path)
    return str(path)


def nap(seconds):
    """Sleeps in steps of a tenth of a second, and yields the number of each."""
    for step in range(1, round(seconds * 10) + 1):
        time.sleep(0.1)
        yield step


with gr.Blocks(title="Every kind of endpoint") as demo:
    # Text, numbers, choices

    @endpoint(
        [
            gr.Textbox(label="Name"),
            gr.Number(1, label="Count"),
            gr.Checkbox(False, label="Excited"),
        ],
        gr.Textbox(label="Greeting"),
    )
    def greet(name, count, excited):
        line = "Hello " + name + ("!" if excited else ".")
        return "\n".join([line] * int(count))

    @endpoint([gr.Number(label="a"), gr.Number(label="b")], gr.Number(label="Sum"))
    def add(a, b):
        return a + b

    @endpoint([gr.Number(label="a"), gr.Number(label="b")], gr.Number(label="Quotient"))
    def divide(a, b):
        if b == 0:
            raise gr.Error("Cannot divide by zero!")
        return a / b

    @endpoint(
        [
            gr.Radio(["red", "green", "blue"], label="Color"),
            gr.Dropdown([("Small", 1), ("Large", 2)], value=1, label="Size"),
            gr.Dropdown(["a", "b", "c"], multiselect=True, label="Tags"),
        ],
        gr.JSON(label="Received"),
    )
    def choose(color, size, tags):
        return {"color": color, "size": size, "tags": tags}

    @endpoint(gr.Number(3, label="Steps"), [gr.Textbox(label="Step"), gr.JSON()], name="dir/count")
    def no_call_route_leads_here(steps):
        for step in range(1, int(steps) + 1):
            yield f"step {step}", {"success": False}

    @endpoint(gr.CheckboxGroup(["x", "y", "z"], label="Letters"), gr.JSON(label="Received"))
    def choose_group(letters):
        return letters

    @endpoint(
        [
            gr.Slider(1, 10, value=3, step=1, label="Steps"),
            gr.Slider(0, 1, value=0.5, step=0.1, label="Ratio"),
        ],
        gr.JSON(label="Received"),
    )
    def slide(steps, ratio):
        return {"steps": steps, "ratio": ratio}

    @endpoint(
        gr.Dataframe(headers=["name", "age"], type="array", label="People"),
        gr.Dataframe(headers=["name", "age"], type="array", label="Reversed"),
    )
    def table(people):
        return people[::-1]

    @endpoint(gr.JSON(label="Value"), gr.JSON(label="Same"))
    def json_echo(value):
        return value

    @endpoint(gr.Textbox(label="Path"), gr.JSON(label="Reference"))
    def reference(path):
        """What gradio-curl reads as a local file where it stands in JSON that is typed."""
        return {"deep": [{"@": path}]}

    @endpoint(outputs=gr.Textbox(label="Answer"))
    def no_input():
        return "nothing was needed"

    @endpoint(gr.Textbox(label="Text"))
    def no_output(text):
        return None

    @endpoint(
        gr.Textbox(label="Text"),
        [gr.Textbox(label="Upper"), gr.Number(label="Length"), gr.JSON(label="Words")],
    )
    def several(text):
        return text.upper(), len(text), text.split()

    @endpoint(
        gr.Textbox(label="Text"),
        [gr.Textbox(visible=False, label="Hidden"), gr.Textbox(label="Shown")],
    )
    def hidden(text):
        return "hidden " + text, "shown " + text

    @endpoint([gr.Button("Press me"), gr.Textbox(label="Text")], gr.JSON(label="Received"))
    def button_input(button, text):
        return {"button": button, "text": text}

    # Errors

    @endpoint(gr.Textbox(label="Text"), gr.Textbox())
    def crash(text):
        raise ValueError("secret detail")

    @endpoint(gr.Textbox(label="Text"), gr.Textbox())
    def errors_empty(text):
        raise gr.Error("")

    @endpoint(gr.Textbox(label="Text"), gr.Textbox())
    def errors_lines(text):
        raise gr.Error("first line\nsecond line")

    # A validator needs 5.50 or later.
    if "validator" in EVENT_SETTINGS:

        def validate_age(age):
            return gr.validate(age >= 0, "Age must not be negative")

        @endpoint(gr.Number(label="Age"), gr.Textbox(), validator=validate_age)
        def validated(age):
            return f"{age:g} years"

    # Files

    @endpoint(gr.File(label="File"), gr.JSON(label="Facts"))
    def file_size(file):
        return facts(file)

    @endpoint(gr.File(file_count="multiple", label="Files"), gr.JSON(label="Facts"))
    def files(files):
        return [facts(file) for file in files or []]

    @endpoint(gr.File(label="File"), gr.File(label="Echo"))
    def file_echo(file):
        echo = new_file("echo-" + Path(file).name)
        echo.write_bytes(Path(file).read_bytes())
        return str(echo)

    @endpoint(gr.File(file_types=[".txt"], label="Text file"), gr.JSON(label="Facts"))
    def text_file(file):
        return facts(file)

    @endpoint(gr.Image(type="filepath", label="Image"), gr.JSON(label="Facts"))
    def image_info(image):
        opened = Image.open(image)
        return {"size": list(opened.size), "mode": opened.mode}

    @endpoint(
        [gr.Textbox("red", label="Color"), gr.Number(16, label="Width")], gr.Image(label="Image")
    )
    def image_make(color, width):
        return picture("made.png", color, int(width))

    @endpoint(gr.Gallery(type="filepath", label="Photos"), gr.JSON(label="Facts"))
    def gallery_info(photos):
        photos = photos or []
        return {
            "count": len(photos),
            "sizes": [list(Image.open(path).size) for path, _caption in photos],
            "captions": [caption for _path, caption in photos],
        }

    @endpoint(gr.Number(2, label="n"), gr.Gallery(label="Gallery"))
    def gallery_make(n):
        return [
            (picture(f"picture-{i}.png", "green", 8 * i), f"picture {i}")
            for i in range(1, int(n) + 1)
        ]

    @endpoint(gr.Audio(type="filepath", label="Audio"), gr.JSON(label="Facts"))
    def audio_info(audio):
        with wave.open(audio) as sound:
            return {"rate": sound.getframerate(), "frames": sound.getnframes()}

    @endpoint(gr.Number(1, label="Seconds"), gr.Audio(label="Audio"))
    def audio_make(seconds):
        path = str(new_file("silence.wav"))
        with wave.open(path, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(round(seconds * 8000) * 2))
        return path

    @endpoint(gr.Video(label="Video"), gr.JSON(label="Facts"))
    def video_info(video):
        return facts(video)

    @endpoint(gr.ImageEditor(type="pil", label="Drawing"), gr.JSON(label="Facts"))
    def editor_info(drawing):
        def size(image):
            return None if image is None else list(image.size)

        return {
            "background": size(drawing["background"]),
            "layers": [size(layer) for layer in drawing["layers"]],
            "composite": size(drawing["composite"]),
        }

    # 4.20 has no multimodal text box.
    if hasattr(gr, "MultimodalTextbox"):

        @endpoint(gr.MultimodalTextbox(label="Message"), gr.JSON(label="Received"))
        def multimodal(message):
            return {"text": message["text"], "files": [Path(f).name for f in message["files"]]}

    @endpoint(
        gr.Textbox(label="Text"), [gr.File(label="File"), gr.Gallery(label="Gallery"), gr.Textbox()]
    )
    def update(text):
        path = new_file("updated.txt")
        path.write_text(text, encoding="utf-8")
        gallery = [picture("updated.png", "blue", 8)]
        return (
            gr.update(value=str(path), label="Updated"),
            gr.update(value=gallery, columns=2),
            gr.update(label="without a value"),
        )

    # 4.20 itself takes every dict with a path for a file, and fails.
    if not gr.__version__.startswith("4.20."):

        @endpoint(outputs=gr.JSON(label="Not a file"))
        def fake_file():
            return {"path": "x", "size": 3}

    # What else comes out

    row = gr.Row()

    @endpoint(gr.Textbox(label="Text"), [gr.Textbox(label="Same"), row])
    def layout(text):
        return text, gr.Row(visible=True)

    @endpoint(outputs=gr.Label(label="Animal"))
    def label():
        return {"cat": 0.7, "dog": 0.3}

    @endpoint(outputs=gr.HTML())
    def html_out():
        return "<b>bold</b>"

    @endpoint(outputs=gr.Markdown())
    def markdown_out():
        return "# Title\n\n*text*"

    # Only 4.x brings matplotlib with it.
    if importlib.util.find_spec("matplotlib"):

        @endpoint(outputs=gr.Plot(label="Plot"))
        def plot():
            from matplotlib.figure import Figure

            figure = Figure()
            figure.add_subplot().plot([1, 2, 3], [1, 4, 9])
            return figure

    @endpoint(
        gr.Dataset(components=[gr.Textbox(visible=False)], samples=[["one"], ["two"]]),
        gr.JSON(label="Chosen"),
    )
    def dataset(sample):
        return sample

    @endpoint(outputs=gr.Number(label="Number"))
    def big_int():
        return 2**70

    @endpoint(outputs=[gr.Number(label="Infinity"), gr.Number(label="NaN")])
    def infinity():
        return math.inf, math.nan

    @endpoint(outputs=gr.Textbox())
    def surrogate():
        return "lone \ud800 surrogate"

    @endpoint(outputs=gr.Textbox())
    def unicode():
        return "line\u2028sep é 漢 \x1b[31mred\x1b[0m"

    # State

    memory_of_session = gr.State([])

    @endpoint(
        [gr.Textbox(label="Text"), memory_of_session],
        [gr.Textbox(label="Remembered"), memory_of_session],
    )
    def remember(text, memory):
        memory = [*memory, text]
        return " | ".join(f"{n}: {said}" for n, said in enumerate(memory, 1)), memory

    def chat(message, history):
        """Says the message back word by word, with the number of the turn before it."""
        # The history is a list of messages, or of pairs (4.20; 4.44 where it comes from the API).
        turn = sum(not isinstance(said, dict) or said["role"] == "user" for said in history)
        reply = f"{turn + 1}:"
        for word in message.split() or [""]:
            time.sleep(0.05)
            reply += " " + word
            yield reply

    gr.ChatInterface(chat, **MESSAGES)

    @endpoint(gr.Textbox(label="Text"), gr.Chatbot(label="Conversation", **MESSAGES))
    def chatbot(text):
        image = picture("answer.png", "red", 8)
        if PAIRS:
            return [(text, "Here is a picture."), (None, (image,))]
        return [
            {"role": "user", "content": text},
            {"role": "assistant", "content": "Here is a picture."},
            {"role": "assistant", "content": {"path": image}},
        ]

    # Generators

    @endpoint([gr.Number(3, label="n"), gr.Number(0.05, label="Delay")], gr.Textbox())
    def count(n, delay):
        for last in range(1, int(n) + 1):
            time.sleep(delay)
            yield " ".join(map(str, range(1, last + 1)))

    @endpoint(gr.Slider(1, 5, value=3, step=1, label="Steps"), gr.Image())
    def images(steps):
        for step in range(1, int(steps) + 1):
            time.sleep(0.05)
            yield picture(f"step-{step}.png", "red", 8 * step)

    @endpoint([gr.Textbox(label="Text"), gr.Number(1, label="Seconds")], gr.Textbox(label="Text"))
    def slow_text(text, seconds):
        yield text
        time.sleep(seconds)
        yield text

    @endpoint(gr.Number(3, label="n"), gr.Textbox())
    def rewrite(n):
        for draft in range(1, int(n) + 1):
            time.sleep(0.05)
            yield f"draft {draft}" if draft < n else "the final text"

    @endpoint(outputs=gr.Textbox())
    def yields_then_fails():
        yield "one"
        time.sleep(0.05)
        yield "one two"
        time.sleep(0.05)
        raise gr.Error("Broke after two")

    @endpoint(outputs=[gr.Textbox(label="Note"), gr.Textbox(label="Answer"), gr.Image()])
    def leaves_alone():
        unchanged = gr.update()
        yield unchanged, "The answer", picture("left-alone.png", "red", 8)
        yield gr.update(interactive=True), unchanged, unchanged

    @endpoint(outputs=gr.Textbox())
    def yields_nothing():
        yield from ()

    # Only from 5.0 on is streamed input an endpoint of its own kind.
    if "time_limit" in EVENT_SETTINGS:

        def stream_in(frame):
            return list(Image.open(frame).size)

        webcam = gr.Image(sources=["webcam"], streaming=True, type="filepath", label="Frame")
        webcam.stream(
            stream_in,
            webcam,
            gr.JSON(label="Size"),
            api_name="stream_in",
            stream_every=0.1,
            time_limit=3,
        )

    # Progress and messages

    @endpoint([gr.Number(5, label="n"), gr.Number(0.05, label="Delay")], gr.Textbox())
    def progress(n, delay, progress=gr.Progress()):
        for _step in progress.tqdm(range(int(n)), desc="Working", unit="steps"):
            time.sleep(delay)
        return f"{n:g} steps"

    @endpoint(gr.Number(0.05, label="Delay"), gr.Textbox())
    def progress_two(delay, progress=gr.Progress()):
        for _outer in progress.tqdm(range(2), desc="Outer", unit="rounds"):
            for _inner in progress.tqdm(range(3), desc="Inner", unit="steps"):
                time.sleep(delay)
        return "two levels"

    @endpoint(outputs=gr.Textbox())
    def progress_fraction(progress=gr.Progress()):
        progress(0.25, desc="quarter")
        time.sleep(0.1)
        progress(0.5, desc="half")
        time.sleep(0.1)
        progress((3, 4), desc="three of four", unit="parts")
        time.sleep(0.1)
        progress(1.0)
        time.sleep(0.1)
        return "all of it"

    @endpoint(gr.Textbox(label="Text"), gr.Textbox())
    def notices(text):
        gr.Info("info: " + text)
        gr.Warning("warning: " + text)
        return text

    # Slow work

    @endpoint(gr.Number(1, label="Seconds"), gr.Textbox())
    def slow(seconds):
        jobs["started"] += 1
        collections.deque(nap(seconds), maxlen=0)
        jobs["finished"] += 1
        return f"slept {seconds:g} s"

    @endpoint(gr.Number(1, label="Seconds"), gr.Textbox())
    def slow_stream(seconds):
        jobs["started"] += 1
        try:
            for step in nap(seconds):
                yield f"{step / 10:g} s"
        except GeneratorExit:
            jobs["cancelled"] += 1
            raise
        jobs["finished"] += 1
        jobs["streamed"] += 1

    @endpoint(gr.Number(1, label="Seconds"), gr.Textbox(), concurrency_limit=1)
    def busy(seconds):
        collections.deque(nap(seconds), maxlen=0)
        return f"was busy for {seconds:g} s"

    @endpoint(outputs=gr.JSON())
    def slow_status():
        return {state: jobs[state] for state in ("started", "finished", "cancelled", "streamed")}

    # Names and visibility

    for odd_name in ("odd name", "naïve", "a.b", "q?x=1", "a/b", "/lead"):

        @endpoint(gr.Textbox(label="Text"), gr.Textbox(), name=odd_name)
        def odd(text):
            return "odd " + text

    @endpoint(gr.Textbox(label="Text"), gr.Textbox(), **UNDOCUMENTED)
    def undocumented(text):
        return "undocumented " + text

    @endpoint(gr.Textbox(label="Text"), gr.Textbox(), name=False)
    def private(text):
        return "private " + text


if __name__ == "__main__":
    serve(demo, parse(parser(__doc__)))
