"""What is published: built, checked, and installed in empty environments by each installer."""

import os
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import trustme

from tests.wire.server import CALL, gradio, http, serving

ROOT = Path(__file__).parents[2]
MISSING_DEMO = "gradio-curl: demo needs Gradio: pip install 'gradio-curl[demo]'"


def sh(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run a program that has to succeed; gives what it wrote to stdout."""
    ended = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **(env or {})}, cwd=ROOT
    )
    assert ended.returncode == 0, f"{command}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def uv(*arguments: str | Path, env: Mapping[str, str] | None = None) -> str:
    return sh(sys.executable, "-m", "uv", "--quiet", *arguments, env=env)


def empty_environment(folder: Path, *packages: str, options: tuple[str, ...] = ()) -> Path:
    """A new virtual environment with these packages; gives its folder of programs."""
    uv("venv", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    uv("pip", "install", "--python", python, *options, *packages)
    return folder / "bin"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    uv("build", "--out-dir", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> str:
    """The path of the wheel."""
    [path] = built.glob("*.whl")
    return str(path)


def works(program: Path) -> None:
    """The command starts without any extra, and tells which one `demo` needs."""
    assert sh(program, "--version").startswith("gradio-curl ")
    ended = subprocess.run([program, "call", "demo"], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.strip() == MISSING_DEMO


def test_the_metadata_is_what_the_index_takes(built: Path) -> None:
    assert "PASSED" in sh(
        sys.executable, "-m", "twine", "check", "--strict", *built.glob("gradio_curl*")
    )


def test_uv_installs_it_from_the_sdist(built: Path, tmp_path: Path) -> None:
    [sdist] = built.glob("*.tar.gz")
    works(empty_environment(tmp_path / "env", str(sdist)) / "gradio-curl")


def test_pip_installs_it(wheel: str, tmp_path: Path) -> None:
    sh(sys.executable, "-m", "venv", tmp_path / "env")
    sh(tmp_path / "env" / "bin" / "pip", "install", "-q", wheel)
    works(tmp_path / "env" / "bin" / "gradio-curl")


def test_pipx_installs_it(wheel: str, tmp_path: Path) -> None:
    env = {"PIPX_HOME": str(tmp_path / "home"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    sh(sys.executable, "-m", "pipx", "install", "--python", sys.executable, wheel, env=env)
    works(tmp_path / "bin" / "gradio-curl")


def test_uv_installs_it_as_a_tool(wheel: str, tmp_path: Path) -> None:
    env = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    uv("tool", "install", "--python", sys.executable, wheel, env=env)
    works(tmp_path / "bin" / "gradio-curl")


@pytest.mark.parametrize(
    ("extras", "imports"),
    [
        ("images", "textual_image"),
        ("demo", "gradio_curl.demo"),
        ("images,demo", "textual_image, gradio_curl.demo"),
    ],
)
def test_each_extra_brings_what_it_is_for(
    wheel: str, tmp_path: Path, extras: str, imports: str
) -> None:
    programs = empty_environment(tmp_path / "env", f"{wheel}[{extras}]")
    sh(programs / "python", "-c", f"import {imports}")
    assert sh(programs / "gradio-curl", "--version").startswith("gradio-curl ")


def test_the_library_of_hugging_face_renews_a_saved_token(wheel: str, tmp_path: Path) -> None:
    program = empty_environment(tmp_path / "env", wheel, "huggingface_hub>=2.4") / "gradio-curl"
    (tmp_path / "token").write_text("hf_old")
    (tmp_path / "stored_tokens").write_text(
        "[login]\nhf_token = hf_old\nrefresh_token = again\nexpires_at = 5\n"
    )
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    renewed = http({"access_token": "hf_new", "expires_in": 99999})
    with serving(gradio() | {"/oauth/token": renewed}, tls=context) as server:
        # One host is both the Hub and the app.
        url = f"https://localhost:{server.port}"
        env = {
            "HF_ENDPOINT": url,
            "HF_HOME": str(tmp_path),
            "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        }
        words = ("/say", "x", "--cacert", env["SSL_CERT_FILE"])
        assert sh(program, "call", url, *words, env=env) == "said\n"
        sent = {r.headers.get("authorization") for r in server.requests if r.path == CALL}
    assert sent == {"Bearer hf_new"}
    assert (tmp_path / "token").read_text() == "hf_new"


@pytest.mark.timeout(900)  # it runs a suite of its own
def test_the_lowest_versions_that_the_metadata_allows_pass_the_tests(
    wheel: str, tmp_path: Path
) -> None:
    programs = empty_environment(tmp_path / "env", wheel, options=("--resolution", "lowest-direct"))
    python = programs / "python"
    for_tests = (
        "hypothesis", "pillow", "pysocks", "pytest", "pytest-timeout", "trustme", "types-requests",
        "uv",
    )  # fmt: skip
    uv("pip", "install", "--python", python, *for_tests)
    chosen = ("tests/unit", "tests/live/test_call.py", "tests/live/test_files.py")
    newest = ("-k", "not (4.20 or 4.44 or 5.50)", "-p", "no:cacheprovider", "-q")
    drawn = {"GRADIO_CURL_TEST_PROFILE": "fast"}  # the full run draws more, with other versions
    assert " passed" in sh(python, "-m", "pytest", *chosen, *newest, env=drawn)


def test_the_oldest_python_named_is_the_one_that_is_checked() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    assert 'requires-python = ">=3.10"' in project
    assert 'target-version = "py310"' in project
    assert 'python_version = "3.10"' in project
