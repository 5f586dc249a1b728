"""What holds for every test: how many examples are drawn, and how long a test may hang."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gradio_curl import masking
from gradio_curl.client.stdin import release_stdin
from tests.patience import patient

TESTS = Path(__file__).parent

# The same examples in every run, and no deadline: a slow machine breaks nothing.
_DRAWN = {"full": 250, "fast": 10, "long": 2000}
for name, examples in _DRAWN.items():
    settings.register_profile(
        name,
        max_examples=examples,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
PROFILE = os.environ.get("GRADIO_CURL_TEST_PROFILE", "full")
settings.load_profile(PROFILE)


# Where tests run side by side, those that take longest begin first: no core is idle at the end.
_FOLDERS = ("packaging", "live", "wire", "unit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests first; stretch limits where the environment asks for patience."""
    items.sort(key=lambda item: _FOLDERS.index(item.path.relative_to(TESTS).parts[0]))
    for item in items:
        mark = item.get_closest_marker("timeout")
        seconds = mark.args[0] if mark else float(item.config.getini("timeout"))
        item.add_marker(pytest.mark.timeout(patient(seconds)), append=False)


@pytest.fixture(autouse=True)
def _as_in_a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that runs the package in this process finds what others left of it there: nothing.

    A password of another test would be masked in this one's messages.
    """
    monkeypatch.setattr(masking, "_sent", set())
    masking._pattern.cache_clear()
    release_stdin()
