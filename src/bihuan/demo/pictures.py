"""Drawn scenes with the EXIF of an invented phone: the demonstration's photographs, of nothing and nobody."""

from __future__ import annotations

import io
from datetime import datetime
from random import Random

from PIL import ExifTags, Image, ImageDraw

from bihuan.kernel.domain.clocks import ZONE
from bihuan.kernel.evidence.services import store

AGAIN = 0.03
"""How often an older picture comes again, so that the verifier's question can be seen."""
BARE = 0.15
"""How often a picture says nothing of its time."""


class Pictures:
    """Makes them as they are needed."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.made: list[tuple[str, str]] = []

    def some(self, n: int, at: datetime) -> list[tuple[str, str]]:
        """(sha256, name) of n pictures taken at a moment."""
        r, found = self.random, []
        for _ in range(n):
            if self.made and r.random() < AGAIN:
                found.append(r.choice(self.made))
                continue
            stored = store(data=self._draw(at), media_type="image/jpeg", at=at)
            self.made.append((stored.sha256, f"示例照片{len(self.made) + 1:03d}.jpg"))
            found.append(self.made[-1])
        return list(dict.fromkeys(found))

    def _draw(self, at: datetime) -> bytes:
        r = self.random
        image = Image.new("RGB", (480, 360), tuple(r.randrange(150, 240) for _ in range(3)))
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, r.randrange(220, 280), 480, 360), fill=tuple(r.randrange(110, 170) for _ in range(3)))
        for _ in range(r.randrange(3, 8)):
            x, y, w, h = r.randrange(0, 420), r.randrange(20, 260), r.randrange(20, 160), r.randrange(20, 140)
            shape = draw.rectangle if r.random() < 0.7 else draw.ellipse
            shape(
                (x, y, x + w, y + h), fill=tuple(r.randrange(20, 230) for _ in range(3)), outline=(40, 40, 40), width=2
            )
        exif = Image.Exif()
        if r.random() > BARE:
            exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{at.astimezone(ZONE):%Y:%m:%d %H:%M:%S}"
            exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Example", "Demo Phone"
            north, east = (34.0, 44 + r.random() * 4, 0.0), (113.0, 40 + r.random() * 8, 0.0)
            exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: north, 3: "E", 4: east})
        out = io.BytesIO()
        image.save(out, "JPEG", quality=78, exif=exif)
        return out.getvalue()
