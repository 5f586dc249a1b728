"""Pictures in the format that the name of their file says."""

from __future__ import annotations

import io
import warnings
from typing import IO, Any

_BY_SUFFIX = {
    ".avif": "AVIF", ".bmp": "BMP", ".gif": "GIF", ".jfif": "JPEG", ".jpe": "JPEG",
    ".jpeg": "JPEG", ".jpg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF",
    ".webp": "WEBP",
}  # fmt: skip
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)
_LOSSY = ("AVIF", "JPEG", "WEBP")
_QUALITY = 95  # of the formats that lose something


def convert(file: IO[bytes], suffix: str) -> str | None:
    """Rewrite a picture that has another format than `suffix` says; with Pillow, if it is there.

    Gives what is to be told where the file stays as it is; None where all is well.
    """
    wanted = _BY_SUFFIX.get(suffix)
    file.seek(0)
    found = _format(file.read(12))
    if found is None or found == wanted or not suffix:
        return None
    held = f"holds {'an' if found == 'AVIF' else 'a'} {found} picture"
    if wanted is None:
        return held
    try:
        from PIL import Image
    except ImportError:
        return f"{held} (pip install 'gradio-curl[images]' converts it)"
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow's warning of a picture made to fill the memory
            with Image.open(file, formats=(found,)) as image:
                content = _encoded(image, wanted)
    except Exception as error:  # a decoder of Pillow may raise anything
        return f"{held}, which could not be converted: {error}"
    file.seek(0)
    file.truncate()
    file.write(content)
    return None


def is_picture(suffix: str) -> bool:
    """Whether a suffix is that of a picture."""
    return suffix in _BY_SUFFIX


def _format(start: bytes) -> str | None:
    """The format of a picture that begins so; None where it is none of those that are known."""
    if start.startswith(b"RIFF") and start[8:] == b"WEBP":
        return "WEBP"
    if start.startswith(b"BM") and start[6:10] == bytes(4):  # reserved: text may begin with BM
        return "BMP"
    if start[4:] in (b"ftypavif", b"ftypavis"):  # one picture, or several of an animation
        return "AVIF"
    return next((name for signature, name in _SIGNATURES if start.startswith(signature)), None)


def _encoded(image: Any, wanted: str) -> bytes:
    from PIL import Image

    picture = image
    if wanted == "JPEG" and image.mode not in ("RGB", "L", "CMYK"):
        picture = Image.new("RGB", image.size, "white")  # JPEG lacks transparency
        with_alpha = image.convert("RGBA")
        picture.paste(with_alpha, mask=with_alpha)
    kept = {key: image.info[key] for key in ("exif", "icc_profile") if image.info.get(key)}
    content = io.BytesIO()
    if wanted in _LOSSY:
        kept["quality"] = _QUALITY
    picture.save(content, wanted, **kept)
    return content.getvalue()
