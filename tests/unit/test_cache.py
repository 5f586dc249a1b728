"""What is remembered of an app, for the calls after the first."""

from pathlib import Path

import pytest

from gradio_curl.client.cache import Memory
from gradio_curl.protocol.schema import Parameter
from tests.unit.described import component, new_app


def test_an_app_is_recalled_as_it_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    inputs = [
        component("file", "Paper", file_types=[".pdf", "image"]),
        component("radio", "Color", choices=["red", "blue"]),
        component("dataframe", "Rows", headers=["a"], datatype=["str"]),
    ]
    app = new_app(run=(inputs, [component("textbox")]))
    memory = Memory("http://x")
    memory.keep("http://x", app)
    recalled = memory.recall()
    assert recalled is not None
    assert recalled.app == app
    assert all(isinstance(p, Parameter) for p in recalled.app.endpoints["/run"].parameters)
