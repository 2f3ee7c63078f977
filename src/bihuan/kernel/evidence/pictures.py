"""What a picture tells of itself, and a small copy that tells nothing. Reaches no database."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

THUMB = 480
"""The longer side of a thumbnail, in pixels."""
LOOK_SIDE = 8


@dataclass(frozen=True)
class Facts:
    """What the file itself says; empty where it says nothing. None of it is proof, since a file can be written anew."""

    taken_at: str = ""
    """The device's own time, as it stands there (YYYY:MM:DD HH:MM:SS)."""
    device: str = ""
    place: str = ""
    """Latitude and longitude (WGS 84) in degrees with six decimals, such as 34.763200,113.752100."""
    look: str = ""
    """16 hex digits that hardly change when a picture is saved anew or made smaller; empty for a plain surface."""


def facts(data: bytes) -> Facts:
    """Read them; a file that cannot be read says nothing."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            exif = image.getexif()
            inner = exif.get_ifd(ExifTags.IFD.Exif)
            taken = str(inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime) or "")
            words = (
                str(exif.get(t) or "").replace("\0", "").strip() for t in (ExifTags.Base.Make, ExifTags.Base.Model)
            )
            device = " ".join(w for w in words if w)
            place = _place(exif.get_ifd(ExifTags.IFD.GPSInfo))
            return Facts(taken.replace("\0", "")[:30], device[:60], place, _look(image))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return Facts()


def _place(gps: dict[int, Any]) -> str:
    """The place in a GPS block; empty when it is missing, half written or impossible."""
    try:
        found = []
        for value, ref, most in (
            (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, 90),
            (ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, 180),
        ):
            degrees, minutes, seconds = (float(x) for x in gps[value])
            angle = degrees + minutes / 60 + seconds / 3600
            if not 0 <= angle <= most:
                return ""
            found.append(-angle if str(gps.get(ref, "N")).strip("\0") in ("S", "W") else angle)
        return f"{found[0]:.6f},{found[1]:.6f}"
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return ""


def _look(image: Image.Image) -> str:
    """Whether each of 8 x 8 places is brighter than its right neighbour (a difference hash)."""
    small = ImageOps.exif_transpose(image).convert("L").resize((LOOK_SIDE + 1, LOOK_SIDE), Image.Resampling.LANCZOS)
    pixels = small.tobytes()
    bits = 0
    for row in range(LOOK_SIDE):
        for column in range(LOOK_SIDE):
            at = row * (LOOK_SIDE + 1) + column
            bits = bits << 1 | (pixels[at] > pixels[at + 1])
    return f"{bits:016x}" if 8 <= bits.bit_count() <= 56 else ""


def parts(look: str) -> list[str]:
    """The quarters of a look, each with its place: looks that differ in at most three bits share one."""
    return [f"{i}{look[i * 4 : i * 4 + 4]}" for i in range(4)] if look else []


ALIKE = 8
"""Pictures whose looks differ in at most so many of 64 bits may be the same."""


def alike(a: str, b: str) -> bool:
    """Whether two looks may be of the same picture."""
    return bool(a and b) and (int(a, 16) ^ int(b, 16)).bit_count() <= ALIKE


def thumbnail(data: bytes) -> bytes:
    """A small JPEG, upright, without place, device or time."""
    with Image.open(io.BytesIO(data)) as image:
        small = ImageOps.exif_transpose(image).convert("RGB")
        small.thumbnail((THUMB, THUMB))
        out = io.BytesIO()
        # a new picture from the pixels alone, so that nothing of the old file's metadata can come along
        clean = Image.new("RGB", small.size)
        clean.paste(small)
        clean.save(out, "JPEG", quality=80)
        return out.getvalue()
