"""Who is Hugging Face, and may have the token that its tools saved."""

import pytest

from gradio_curl.client.credentials import is_hugging_face
from gradio_curl.client.urls import checked

LOOK_ALIKES = [
    "https://evil-huggingface.co/",
    "https://huggingface.co.evil.test/",
    "https://huggingface.co./",
    "https://hf.space.evil.test/",
    "https://evilhf.space/",
    "https://hf.space./",
    "https://hf.com/",
    "https://huggingface.com/",
    "https://hf.co.evil.test:443/",
    "https://huggingface.co@evil.test/",
    "https://huggingface.co:443@evil.test/",
    "https://me:huggingface.co@evil.test/",
    "https://evil.test/huggingface.co",
    "https://evil.test/@huggingface.co/",
    "https://evil.test?.hf.space",
    "https://evil.test#.hf.space",
    "https://huggingfаce.co/",  # a Cyrillic а
    "https://xn--huggingfce-bqi.co/",
    "https://huggingface.co:8443/",
    "https://me-app.hf.space:444/",
    "http://huggingface.co/",
    "http://huggingface.co:443/",
]
DOUBTFUL = [
    "https://evil.test\\.hf.space",
    "https://evil.test\\@huggingface.co/",
    "https://evil.test\\\\@huggingface.co/",
    "https://evil.test\\foo@huggingface.co/",
    "https://evil.test%2ehuggingface.co/",
    "https://evil.test%2f.hf.space/",
    "https://evil.test\t.hf.space/",
    "https://evil.test .hf.space/",
    "https://evil.test／.hf.space/",
    "https://evil.test\u200b\n.hf.space/",
    "https://[::1].hf.space/",
]
OWN = [
    "https://huggingface.co",
    "https://www.huggingface.co/",
    "https://hf.co/",
    "https://me-app.hf.space/config",
    "https://ME-APP.HF.SPACE:443/",
    "https://evil.test@me-app.hf.space/",
]


@pytest.mark.parametrize("url", LOOK_ALIKES)
def test_a_host_that_looks_like_hugging_face_is_not(url: str) -> None:
    assert not is_hugging_face(checked(url))


@pytest.mark.parametrize("url", DOUBTFUL)
def test_a_host_that_can_be_read_in_two_ways_is_not_asked(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        checked(url)


@pytest.mark.parametrize("url", OWN)
def test_hugging_face_is_known(url: str) -> None:
    assert is_hugging_face(checked(url))


@pytest.mark.parametrize(
    ("url", "is_hub"),
    [
        ("https://hub.example:8443/api", True),
        ("https://app.hub.example:8443", True),
        ("https://hub.example/", False),
        ("http://hub.example:8443/", False),
        ("https://evil-hub.example:8443/", False),
    ],
)
def test_an_endpoint_of_ones_own_is_hugging_face_at_its_port(
    url: str, is_hub: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example:8443")
    assert is_hugging_face(url) is is_hub
