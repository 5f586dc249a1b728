"""Where saved results go, as far as that is known before any is saved."""

from pathlib import Path

import pytest

from gradio_curl.client.outputs import Output


@pytest.mark.parametrize(
    ("output", "path", "holds"),
    [
        ("out", "out/0-a.txt", True),
        ("out/", "./out/0-a.txt", True),
        ("./x/../out", "out/0-a.txt", True),
        ("out", f"{Path.cwd()}/out/0-a.txt", True),
        ("out", "out/x/0-a.txt", False),
        ("out", "other/0-a.txt", False),
        ("out/{row:03}/{name}", "out/001/a.txt", True),
        ("out/{row:03}/{name}", "out/a.txt", False),
        ("{text}/", "a cat/a.txt", True),
        ("{name}", "a.txt", True),
        ("{name}", "out/a.txt", False),
        ("o{{n}}/{name}", "o{n}/a.txt", True),
    ],
)
def test_a_batch_knows_its_folders(output: str, path: str, holds: bool) -> None:
    assert Output(output, directory=True).holds(path) is holds
