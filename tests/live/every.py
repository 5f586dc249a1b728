"""An app generated from what Gradio has: each component as an input and as an output, each hint.

`/in_NAME` tells what its function got, `/out_NAME` has an output for each value that is given to
such a component, and `/hint_NAME` is a `gr.api` whose parameters have that type hint. Runs on
Gradio 5.50.0 and 6.31.0, as a plain script: `python every.py --port 7860`.
"""

import enum
import hashlib
import inspect
import tempfile
import wave
from pathlib import Path
from typing import Any, Literal, Optional, TypedDict, Union

import gradio as gr
from gradio import components
from PIL import Image
from serving import parse, parser, serve

CHOICES = ["red", "green", "a b", "3"]
PAIRS = [("Small", 1), ("Large", 2), ("None at all", "none")]
# How each component is made, where it is not enough to name it; one endpoint for each way.
WAYS = {
    "Audio": [{"type": "filepath"}],
    "Chatbot": [{"type": "messages"} if gr.__version__ < "6" else {}],
    "Checkbox": [{}, {"value": True}],
    "CheckboxGroup": [{"choices": CHOICES}, {"choices": PAIRS}],
    "Dataframe": [{"type": "array"}, {"type": "array", "headers": ["name", "age"]}],
    "Dataset": [{"components": ["textbox"], "samples": [["one"], ["two"]]}],
    "DateTime": [{}, {"type": "string"}],
    "Dropdown": [
        {"choices": CHOICES},
        {"choices": PAIRS},
        {"choices": CHOICES, "multiselect": True},
        {"choices": PAIRS, "multiselect": True, "max_choices": 2},
        {"choices": CHOICES, "allow_custom_value": True},
    ],
    "File": [{}, {"file_count": "multiple"}, {"file_types": ["image"]}],
    "FileExplorer": [{"root_dir": str(Path(__file__).parent), "glob": "s*.py"}],
    "Gallery": [{"type": "filepath"}],
    "HighlightedText": [{}, {"interactive": True}],
    "Image": [{"type": "filepath"}],
    "ImageEditor": [{"type": "filepath"}],
    "ImageSlider": [{"type": "filepath"}],
    "Model3D": [{}],
    "MultimodalTextbox": [{}, {"file_count": "multiple"}],
    "Number": [{}, {"value": 3}, {"precision": 0}, {"minimum": 0, "maximum": 5, "step": 2}],
    "Radio": [{"choices": CHOICES}, {"choices": PAIRS}],
    "Slider": [{}, {"minimum": 1, "maximum": 10, "step": 3, "value": 4}],
    "Textbox": [{}, {"value": "as declared"}, {"max_length": 5}, {"type": "password"}],
    "UploadButton": [{}, {"file_count": "multiple"}],
}
# Bases of others, what needs an account, and what stands once on a page.
LEFT_OUT = {"Component", "FormComponent", "LoginButton", "DeepLinkButton", "Navbar"}

folder = Path(tempfile.mkdtemp())


def made(name):
    """The path of a small file of this kind; made once, since two may be reading it."""
    path = folder / name
    if path.exists():
        return str(path)
    if path.suffix == ".png":
        Image.new("RGB", (4, 3), "red").save(path)
    elif path.suffix == ".wav":
        with wave.open(str(path), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(1600))
    else:
        path.write_text("content", encoding="utf-8")
    return str(path)


def seen(value):
    """What a function got, as JSON; a file as its name and its content."""
    if isinstance(value, dict):
        return {str(key): seen(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(seen, value)]
    if isinstance(value, str) and "/" in value and len(value) < 500 and Path(value).is_file():
        digest = hashlib.sha256(Path(value).read_bytes()).hexdigest()[:12]
        return {"file": Path(value).name, "sha256": digest}
    if hasattr(value, "tolist"):
        return seen(value.tolist())
    return [type(value).__name__, str(value)[:200]]


def kinds():
    """The components that this version has, by name."""
    found = {}
    for name in components.__all__:
        kind = getattr(components, name)
        if inspect.isclass(kind) and issubclass(kind, components.Component):
            found[kind.__name__] = kind
    return {name: kind for name, kind in sorted(found.items()) if name not in LEFT_OUT}


FILES = {
    "AnnotatedImage": lambda: (made("a.png"), [((0, 0, 2, 2), "corner")]),
    "Audio": lambda: made("a.wav"),
    "Chatbot": lambda: [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": {"path": made("a.png")}},
    ],
    "DownloadButton": lambda: made("a.txt"),
    "File": lambda: made("a b é.txt"),
    "Gallery": lambda: [(made("a.png"), "first"), made("b.png")],
    "Image": lambda: made("a.png"),
    "ImageEditor": lambda: {"background": made("a.png"), "layers": [], "composite": made("b.png")},
    "ImageSlider": lambda: (made("a.png"), made("b.png")),
    "Model3D": lambda: made("a.glb"),
    "MultimodalTextbox": lambda: {"text": "hello", "files": [made("a.png")]},
    "UploadButton": lambda: made("a.txt"),
    "Video": lambda: made("a.mp4"),
}


def outputs_of(name, component):
    """What makes the values that outputs of this kind are given."""
    example = FILES.get(name, component.example_value)
    values = [
        example,
        lambda: None,
        lambda: gr.update(value=example()),
        lambda: gr.update(visible=True),
        gr.skip,
    ]
    if name == "JSON":
        file = {"path": made("a.txt"), "meta": {"_type": "gradio.FileData"}}
        values += [lambda: [1.5, None, {"": [True]}], lambda: {"deep": [file]}, lambda: "text"]
    if name in ("Number", "Textbox"):
        values += [lambda: 7, lambda: "3", lambda: float("nan"), lambda: 2**53 + 1]
    return values


def give(values):
    """A function that gives these values, made anew."""
    return lambda: [make() for make in values]


class Color(enum.Enum):
    """A choice as an enumeration."""

    RED = "red"
    BLUE = "blue"


class Person(TypedDict):
    """An object with fields that are known."""

    name: str
    age: int


# A bare `tuple` makes /info itself fail.
HINTS = {
    "any": Any,
    "bool": bool,
    "bytes": bytes,
    "color": Color,
    "const": Literal["only"],
    "dict": dict,
    "dict_of_ints": dict[str, int],
    "dict_of_lists": dict[str, list[float]],
    "float": float,
    "float_or_list": Union[float, list[float]],  # noqa: UP007  # the old spelling too
    "int": int,
    "int_or_none": Optional[int],  # noqa: UP045  # the same
    "int_or_str": int | str,
    "list": list,
    "list_of_dicts": list[dict[str, int]],
    "list_of_ints": list[int],
    "list_of_lists": list[list[int]],
    "list_or_none": list[str] | None,
    "literal": Literal["a", "b c"],
    "literal_ints": Literal[1, 2],
    "literal_mixed": Literal["a", 1, None],
    "literal_or_none": Literal["a", "b"] | None,
    "pair": tuple[int, str],
    "person": Person,
    "people": list[Person],
    "set_of_ints": set[int],
    "str": str,
    "str_or_none": str | None,
    "tuple_of_floats": tuple[float, ...],
    "unknown": object,
}


def hinted(hint):
    """A function whose parameters have this hint, the second one a default too."""

    def echo(value, other=None):
        return [seen(value), seen(other)]

    echo.__annotations__ = {"value": hint, "other": hint | None, "return": list}
    return echo


def build():
    """The app."""
    with gr.Blocks(title="Every component and hint") as demo:
        button = gr.Button(visible=False)
        for name, kind in kinds().items():
            ways = WAYS.get(name, [{}])
            for number, way in enumerate(ways):
                into = kind(**way)
                api_name = f"in_{name.lower()}{number or ''}"
                button.click(seen, into, gr.JSON(), api_name=api_name)
            values = outputs_of(name, into)
            FILES.get(name, str)()
            outputs = [kind(**ways[0]) for _ in values]
            button.click(give(values), None, outputs, api_name=f"out_{name.lower()}")
        for name, hint in HINTS.items():
            gr.api(hinted(hint), api_name=f"hint_{name}")
    return demo


if __name__ == "__main__":
    serve(build(), parse(parser(__doc__)))
