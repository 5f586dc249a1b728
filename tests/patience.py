"""How long the tests wait before they call something hung: never a measure of speed.

`GRADIO_CURL_TEST_PATIENCE=3` waits three times as long, on a machine that is slow or busy.
"""

import os

_FACTOR = float(os.environ.get("GRADIO_CURL_TEST_PATIENCE", "1"))


def patient(seconds: float) -> float:
    """A limit that guards against hanging, stretched as the environment asks."""
    return seconds * _FACTOR


HANGING = patient(120.0)
"""Seconds after which what takes no time counts as hung."""
