"""Who is Hugging Face, and may have the token that its tools saved."""

from pathlib import Path

import pytest

from gradio_curl.client.credentials import bound_login, is_hugging_face, login_for, token_for
from gradio_curl.client.urls import checked
from gradio_curl.network import Network, Secret

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
        ("https://hub.example/", True),
        ("https://huggingface.co:8443/", False),
        ("http://hub.example:8443/", False),
        ("https://evil-hub.example:8443/", False),
    ],
)
def test_an_endpoint_of_ones_own_is_hugging_face(
    url: str, is_hub: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example:8443")
    assert is_hugging_face(url) is is_hub


def test_a_secret_does_not_print_itself() -> None:
    network = Network(token=Secret("S3CRET"), proxy=Secret("http://u:S3CRET@h"))
    assert "S3CRET" not in f"{network} {network!r} {network.token} {network.token!s:>9}"
    assert network.token is not None
    assert network.token.reveal() == "S3CRET"


@pytest.mark.parametrize(
    ("variables", "token"),
    [
        ({"HF_TOKEN": "one", "HUGGING_FACE_HUB_TOKEN": "two"}, "one"),
        ({"HUGGING_FACE_HUB_TOKEN": "two"}, "two"),
        ({"HF_TOKEN_PATH": "$PLACE/file", "PLACE": "~"}, "three"),
        ({"HF_HOME": "~/home"}, "four"),
        ({"HF_TOKEN": "one", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, None),
        ({}, None),
    ],
)
def test_a_token_is_found_where_the_hugging_face_tools_find_it(
    variables: dict[str, str],
    token: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").write_text("three\n")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "token").write_text("four\n")
    for name in ("HF_TOKEN", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": str(tmp_path), **variables}.items():
        monkeypatch.setenv(name, value)
    found = token_for("https://huggingface.co", None)
    assert (found.secret.reveal() if found else None) == token
    assert token_for("https://evil.test", None) is None


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://app.example", ("all", "pw")),
        ("http://app.example", None),
        ("http://localhost:7860", ("all", "pw")),
        ("http://127.0.0.2", ("all", "pw")),
        ("http://[::1]:1", ("all", "pw")),
        ("http://named.example", ("me", "own")),
    ],
)
def test_a_default_entry_of_netrc_does_not_go_over_plain_http(
    url: str,
    found: tuple[str, str] | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine named.example login me password own\ndefault login all password pw\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert login_for(url, Network()) == found


@pytest.mark.parametrize(
    ("variable", "login", "host"),
    [
        ("me:pw@app.example", "me:pw", "app.example"),
        ("me:p@ss@App.Example:7860", "me:p@ss", "app.example:7860"),
        ("me:pw@localhost", "me:pw", "localhost"),
        ("me:pw@[::1]:7860", "me:pw", "[::1]:7860"),
        ("me:pw@gpubox", "me:pw", "gpubox"),
        ("me:pw@gpubox:7860", "me:pw", "gpubox:7860"),
        ("me:pw@evil_host", "me:pw", "evil_host"),
        ("me:pw@other.example.", "me:pw", "other.example."),
        ("me:pw@http://other.example", "me:pw", "http://other.example"),
        ("me:pw@other.example/path", "me:pw", "other.example/path"),
        ("me:p@ss", "me:p", "ss"),
        ("me:pw@", "me:pw", ""),
        ("me:p:w", "me:p:w", None),
        ("me@x.org:pw", "me@x.org:pw", None),
        ("me", "me", None),
    ],
)
def test_a_login_may_be_bound_to_a_host(variable: str, login: str, host: str | None) -> None:
    assert bound_login(variable) == (login, host)
