"""What a file is, by its content, and whether its name tells the truth. Reaches no database."""

from __future__ import annotations

import io
import warnings
from pathlib import PurePath

import filetype
from PIL import Image, UnidentifiedImageError

from bihuan.kernel.domain.refusal import N_, Refused

TYPES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    "video/mp4": (".mp4",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/msword": (".doc",),
    "application/vnd.ms-excel": (".xls",),
}
MAX_PIXELS = 100_000_000


def media_type(data: bytes, name: str) -> str:
    """The type of an upload. Refused for foreign types, for an extension that lies and for pictures that are none."""
    suffix = PurePath(name).suffix.lower()
    found = filetype.guess(data)
    kind = found.mime if found else ""
    if kind in ("application/zip", "application/x-ole-storage", "application/msword", "application/vnd.ms-excel"):
        # office files look like their container; the name may say which of them it is, and nothing else
        kind = next((t for t, ends in TYPES.items() if suffix in ends and suffix[:4] in (".doc", ".xls")), kind)
    if kind not in TYPES:
        raise Refused(
            N_("%(name)s: only photos (jpg, png, webp), pdf, Word, Excel and mp4 can be evidence."),
            field="files",
            name=name,
        )
    if suffix not in TYPES[kind]:
        raise Refused(
            N_("%(name)s is really %(kind)s; its extension does not tell the truth."),
            field="files",
            name=name,
            kind=kind,
        )
    if kind.startswith("image/"):
        check_picture(data, name)
    return kind


def check_picture(data: bytes, name: str) -> None:
    """A picture that can be decoded and is no bomb. Refused otherwise."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Refused(N_("%(name)s is too large a picture."), field="files", name=name)
                image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(N_("%(name)s is damaged or no picture."), field="files", name=name) from None
