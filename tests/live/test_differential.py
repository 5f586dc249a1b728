"""The same call by the official client and by us: the same results, or a refusal by both.

Of an app with an endpoint for each component and each type hint (every.py). What is sent is drawn
from the JSON schema that the app tells of each parameter, and now and then is something else.
"""

import json
import math
import subprocess
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.command import Completed
from tests.conftest import PROFILE
from tests.live.samples import made_picture, made_sound
from tests.live.servers import Server, environment, running
from tests.wire import inside

Schema = dict[str, Any]

VERSIONS = ("5.50.0", "6.31.0")
EXAMPLES = {"fast": 1, "long": 80}.get(PROFILE, 2)

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    st.sampled_from(["", " ", "3", "null", "true", "@x", "a=b", '{"@": "x"}', "[1]", "-", "--x"]),
)
NUMBERS = st.one_of(st.integers(-3, 12), st.sampled_from([0.5, 1e-7, -0.0, 1e300, 2**53 + 1]))
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text("abé", max_size=2), parts),
    max_leaves=4,
)


SIMPLE = {
    "null": st.none(),
    "boolean": st.booleans(),
    "integer": st.integers(-3, 12),
    "number": NUMBERS,
    "string": TEXTS,
}
# Where the two disagree, and why it is to stay so.
NO_SLOT = "the official client leaves out the slot of a button, and the server misses it"
KNOWN = {
    "/in_button": NO_SLOT,
    "/in_clearbutton": NO_SLOT,
    "/in_duplicatebutton": NO_SLOT,
    "/in_workflowcanvas": NO_SLOT,
}
# Where we make what fits of what does not.
ONE_FILE = "a file alone is a list of one"
MESSAGE = "a text or a file alone is a message"
MADE_TO_FIT = {
    "/in_file1": ONE_FILE,
    "/in_gallery": ONE_FILE,
    "/in_imageeditor": "a file alone is the background",
    "/in_imageslider": ONE_FILE,
    "/in_multimodaltextbox": MESSAGE,
    "/in_multimodaltextbox1": MESSAGE,
    "/in_uploadbutton1": ONE_FILE,
}
STRAYS: tuple[Any, ...] = (True, 0, -1, 3.5, "text", "3", "", [], ["x"], {}, {"a": 1}, 10**20)


# What is sent


def values(schema: Schema, files: Path, defs: Schema | None = None) -> "st.SearchStrategy[Any]":
    """Values that this schema allows; for a file, one of some real ones."""
    defs = {**(defs or {}), **schema.get("$defs", {})}

    def inner(part: Schema) -> "st.SearchStrategy[Any]":
        return values(part, files, defs)

    match schema:
        case {"$ref": str(name)}:
            return inner(defs[name.rpartition("/")[2]])
        case {"const": value}:
            return st.just(value)
        case {"enum": list(choices)}:
            return st.sampled_from(choices)
        case {"anyOf": list(several)} | {"oneOf": list(several)}:
            return st.one_of([inner(part) for part in several])
        case {"properties": {"path": _, "orig_name": _}}:
            return _files(files)
        case {"type": "object"}:
            return _objects(schema, inner)
        case {"type": "array"}:
            return _arrays(schema, inner)
        case {"type": str(kind)}:
            return SIMPLE[kind]
        case _:
            return ANYTHING


def likely(fitting: "st.SearchStrategy[Any]", files: Path) -> "st.SearchStrategy[Any]":
    """Mostly values that fit, or null; whether it is none of the strays stands beside."""
    fits = fitting | fitting | st.none()
    strays = st.sampled_from(STRAYS) | _files(files)
    return st.tuples(fits, st.just(True)) | st.tuples(strays, st.just(False))


def _files(files: Path) -> "st.SearchStrategy[Any]":
    return st.sampled_from(sorted(files.iterdir())).map(lambda file: {"@": str(file)})


def _objects(schema: Schema, inner: Any) -> "st.SearchStrategy[Any]":
    if "properties" in schema:
        required = schema.get("required", [])
        parts = {name: inner(part) for name, part in schema["properties"].items()}
        return st.fixed_dictionaries(
            {name: part for name, part in parts.items() if name in required},
            optional={name: part for name, part in parts.items() if name not in required},
        )
    more = schema.get("additionalProperties", {})
    parts = inner(more if isinstance(more, dict) else {})
    return st.dictionaries(st.text("abé", max_size=2), parts, max_size=3)


def _arrays(schema: Schema, inner: Any) -> "st.SearchStrategy[Any]":
    if "prefixItems" in schema:
        return st.tuples(*map(inner, schema["prefixItems"])).map(list)
    unique = json.dumps if schema.get("uniqueItems") else None
    return st.lists(inner(schema.get("items", {})), max_size=3, unique_by=unique)


# Who is asked


@dataclass
class Both:
    """The official client and ours, before one app."""

    server: Server
    home: Path
    files: Path
    official: "subprocess.Popen[str]"
    described: Schema

    def official_asks(self, endpoint: str, sent: Schema) -> None:
        """Sends the call on its way, so that both are under way together."""
        assert self.official.stdin is not None
        question = {"endpoint": endpoint, "values": sent}
        self.official.stdin.write(json.dumps(question) + "\n")
        self.official.stdin.flush()

    def official_got(self) -> Schema:
        """What came of it."""
        assert self.official.stdout is not None
        answer: Schema = json.loads(self.official.stdout.readline())
        return answer

    def ours(self, endpoint: str, sent: Schema) -> Completed:
        """What comes of the call by us, a text as it is and all else as JSON."""
        words = [
            f"{name}={value}" if isinstance(value, str) and is_text(self, endpoint, name)
            else f"{name}:={json.dumps(value)}"
            for name, value in sent.items()
        ]  # fmt: skip
        # In one session, as the official client does: a new one costs a large app much time.
        options = ("--json", "--session", "ours")
        return inside.run("call", self.server.url, endpoint, *words, *options, home=self.home)


def is_text(both: Both, endpoint: str, name: str) -> bool:
    """Whether the parameter takes a text that no rule reads otherwise."""
    for parameter in both.described[endpoint]["parameters"]:
        if parameter["parameter_name"] == name:
            return bool(parameter["type"] == {"type": "string"})
    return False


@pytest.fixture(scope="module", params=VERSIONS)
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    """The two clients, before the app on one Gradio version after the other."""
    folder = tmp_path_factory.mktemp("both")
    files = folder / "files"
    files.mkdir()
    made_picture(files / "image.png", 4, 3)
    made_sound(files / "audio.wav")
    for name in ("notes é.txt", "clip.mp4", "model.glb"):
        (files / name).write_text(f"content of {name}", encoding="utf-8")
    with running(request.param, script="every.py") as server:
        script = Path(__file__).with_name("official.py")
        with subprocess.Popen(
            [environment(request.param), script, server.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"HOME": str(folder), "HF_HUB_OFFLINE": "1", "LANG": "C.UTF-8"},
        ) as official:
            assert official.stdout is not None
            described = json.loads(official.stdout.readline())
            yield Both(server, folder, files, official, described)
            official.kill()


def comparable(data: Any) -> Any:
    """The data, where NaN is null. A url is unquoted: 5.50 leaves it so, and we quote it."""
    if isinstance(data, float) and not math.isfinite(data):
        return None
    if isinstance(data, dict):
        return {
            key: urllib.parse.unquote(part)
            if key == "url" and isinstance(part, str)
            else comparable(part)
            for key, part in data.items()
        }
    return [comparable(part) for part in data] if isinstance(data, list) else data


def disagreement(both: Both, endpoint: str, sent: Schema, fits: bool) -> str | None:
    """How the two disagree about this call, or None."""
    both.official_asks(endpoint, sent)
    ours = both.ours(endpoint, sent)
    official = both.official_got()
    told = (
        f"{endpoint} {json.dumps(sent)}\n"
        f"official: {json.dumps(official)}\nours: {ours.code} {ours.out}{ours.err}"
    )
    if not fits and endpoint in MADE_TO_FIT:
        return None
    if "refused" in official:
        return None if ours.code in (1, 2) else told
    if ours.code != 0:
        # What the app says it does not take is refused before it is sent.
        return None if ours.code == 2 and not fits else told
    # What leaves an output as it is: the official client hands on its mark, we give null.
    data = [None if value == {"__type__": "update"} else value for value in official["data"]]
    same = comparable(json.loads(ours.out)) == comparable(data)
    return None if same else told


@pytest.mark.parametrize("group", ["in", "out", "hint"])
def test_the_official_client_and_we_agree(both: Both, group: str) -> None:
    found: list[str] = []
    for endpoint, described in both.described.items():
        if endpoint.startswith(f"/{group}_"):
            found += disagreements(both, endpoint, described["parameters"])
    assert not found, "\n\n".join(found)


def disagreements(both: Both, endpoint: str, parameters: list[Schema]) -> list[str]:
    """Where the two disagree about this endpoint, of some calls that are drawn."""
    found: list[str] = []
    each = {
        parameter["parameter_name"]: likely(values(parameter["type"], both.files), both.files)
        for parameter in parameters
    }
    # The first that is drawn has them all.
    sent = st.fixed_dictionaries(each) | st.fixed_dictionaries({}, optional=each)

    @settings(max_examples=EXAMPLES if parameters else 1, database=None, phases=[Phase.generate])
    @given(sent)
    def ask(drawn: dict[str, tuple[Any, bool]]) -> None:
        values = {name: value for name, (value, _) in drawn.items()}
        fault = disagreement(both, endpoint, values, all(fits for _, fits in drawn.values()))
        if fault and endpoint not in KNOWN:
            found.append(fault)

    ask()
    return found
