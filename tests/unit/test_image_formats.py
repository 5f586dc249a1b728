"""A picture under a suffix of another format is converted, or told about."""

import io

import pytest
from PIL import Image

from gradio_curl.client.image_formats import convert


def picture(kind: str = "PNG", mode: str = "RGBA") -> io.BytesIO:
    file = io.BytesIO()
    Image.new(mode, (3, 2), "red").save(file, kind)
    return file


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".bmp", "BMP"),
        (".gif", "GIF"),
        (".jpg", "JPEG"),
        (".png", "PNG"),
        (".tif", "TIFF"),
        (".tiff", "TIFF"),
        (".webp", "WEBP"),
    ],
)
def test_a_picture_is_written_in_the_format_of_its_suffix(
    suffix: str, kind: str, mode: str
) -> None:
    file = picture("PNG", mode)
    assert convert(file, suffix) is None
    with Image.open(file) as image:
        assert (image.format, image.size) == (kind, (3, 2))


@pytest.mark.parametrize("kind", ["BMP", "GIF", "TIFF", "WEBP"])
def test_formats_are_known_by_their_start(kind: str) -> None:
    file = picture(kind, "RGB")
    assert convert(file, ".png") is None
    with Image.open(file) as image:
        assert image.format == "PNG"


@pytest.mark.parametrize("suffix", [".txt", ".mp4"])
def test_a_picture_under_another_suffix_stays_and_is_told(suffix: str) -> None:
    file = picture()
    before = file.getvalue()
    assert convert(file, suffix) == "holds a PNG picture"
    assert file.getvalue() == before


def test_a_picture_that_can_not_be_converted_stays_and_is_told() -> None:
    file = io.BytesIO(b"\0\0\0\x1cftypavif, and nothing that Pillow can read")
    before = file.getvalue()
    told = convert(file, ".png")
    assert told is not None
    assert told.startswith("holds an AVIF picture, which could not be")
    assert file.getvalue() == before


@pytest.mark.parametrize("content", [b"BMW 320\nred\n", b"text", b""])
def test_what_is_not_a_picture_is_left_alone(content: bytes) -> None:
    file = io.BytesIO(content)
    assert convert(file, ".png") is None
    assert file.getvalue() == content


def test_without_a_suffix_nothing_is_said() -> None:
    assert convert(picture(), "") is None
