"""Photos: what they say of themselves, small copies that say nothing, and what becomes of files nobody needs."""

from __future__ import annotations

import io
import os
from datetime import timedelta

import pytest
from PIL import ExifTags, Image, ImageDraw

from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence import services
from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.evidence.pictures import facts
from bihuan.kernel.evidence.services import path_of, stage, strays, sweep, thumb_of
from bihuan.kernel.matters.models import Attachment
from bihuan.kernel.matters.selectors import twins
from bihuan.web.surface.files import as_files

from ..support import District, upload

pytestmark = pytest.mark.django_db


def scene(
    quality: int = 90,
    size: int = 640,
    shift: int = 0,
    gps: tuple | None = (34, 45, 47.52),
    time: str = "2026:11:24 09:30:00",
) -> bytes:
    """A picture with something in it, and EXIF as a phone writes it."""
    image = Image.new("RGB", (size, size * 3 // 4), (200, 210, 220))
    draw = ImageDraw.Draw(image)
    for i in range(9):
        x = (i * 71 + shift) * size // 640
        draw.rectangle([x, i * size // 16, x + size // 9, size // 2], fill=(i * 28, 255 - i * 28, (i * 90) % 255))
    exif = Image.Exif()
    if time:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = time
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "示例".encode().decode("latin1"), "P1"
    exif[ExifTags.Base.Make] = "Example"
    if gps:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: gps, 3: "E", 4: (113.0, 45.0, 7.56)})
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def attach(d: District, who: str, matter, data: bytes, name: str = "现场.jpg") -> Attachment:
    staged = stage(upload=upload(name, data), owner=d.people[who], at=d.now)
    viewer = d.viewer(who)
    from bihuan.kernel.matters.services import do

    do(viewer=viewer, number=matter.number, command=c.Attach(viewer.actor(), d.now, as_files([staged])))
    return Attachment.objects.filter(matter=matter).latest("id")


def test_a_photo_says_when_where_and_by_what_it_was_taken(d: District) -> None:
    row = stage(upload=upload("现场.jpg", scene()), owner=d.people["cgj1"], at=d.now).file
    assert (row.taken_at, row.device, row.place) == ("2026:11:24 09:30:00", "Example P1", "34.763200,113.752100")


@pytest.mark.parametrize(("gps", "place"), [(None, ""), ((95, 0, 0), ""), ((34, 45, 0), "34.750000,113.752100")])
def test_a_place_that_cannot_be_is_none(gps, place: str) -> None:
    assert facts(scene(gps=gps)).place == place


def test_without_exif_the_time_is_unproven(d: District, at) -> None:
    m = d.handling()
    attach(d, "cgj1", m, scene(time="", gps=None))
    page = at("cgj1").get(f"/matters/{m.number}/").content.decode()
    assert "时间无法证明" in page or "time unproven" in page
    other = d.handling()
    attach(d, "cgj1", other, scene())
    page = at("cgj1").get(f"/matters/{other.number}/").content.decode()
    assert "34.763200,113.752100" in page
    assert "2026:11:24 09:30:00" in page


def test_thumbnails_tell_nothing_and_originals_stay_as_they_were(d: District, at) -> None:
    m = d.handling()
    data = scene()
    a = attach(d, "cgj1", m, data)
    response = at("cgj1").get(f"/evidence/{a.pk}/small/")
    small = b"".join(response.streaming_content)
    with Image.open(io.BytesIO(small)) as image:
        assert max(image.size) <= 480
        assert not image.getexif()
    assert b"Example" not in small
    assert b"".join(at("cgj1").get(f"/evidence/{a.pk}/").streaming_content) == data
    assert at("jcl1").get(f"/evidence/{a.pk}/small/").status_code == 404
    pdf = attach(d, "cgj1", m, b"%PDF-1.7\n%%EOF", "说明.pdf")
    assert at("cgj1").get(f"/evidence/{pdf.pk}/small/").status_code == 404


def test_a_chinese_name_comes_back_as_it_was(d: District, at) -> None:
    m = d.handling()
    a = attach(d, "cgj1", m, scene(), "消防通道“整改后” 1.jpg")
    response = at("cgj1").get(f"/evidence/{a.pk}/")
    b"".join(response.streaming_content)
    header = response["Content-Disposition"]
    assert (
        header
        == "inline; filename*=UTF-8''%E6%B6%88%E9%98%B2%E9%80%9A%E9%81%93%E2%80%9C%E6%95%B4%E6%94%B9%E5%90%8E%E2%80%9D%201.jpg"
    )


def test_the_same_photo_elsewhere_is_a_question_to_the_verifier(d: District, at) -> None:
    first, second = d.handling(title="东门堵塞"), d.handling(title="西门堵塞")
    attach(d, "cgj1", first, scene())
    attach(d, "cgj1", second, scene())
    found = twins(d.viewer("jfj2"), second)
    assert [(t.other.matter_id, t.exact) for t in found] == [(first.number, True)]
    second = d.do("cgj1", second, c.Submit, "已清理")
    page = at("jfj2").get(f"/matters/{second.number}/verify/").content.decode()
    assert "东门堵塞" in page


def test_a_photo_saved_anew_still_looks_the_same_and_another_does_not(d: District) -> None:
    first, second, third = d.handling(), d.handling(), d.handling()
    attach(d, "cgj1", first, scene())
    attach(d, "cgj1", second, scene(quality=55, size=480, gps=None, time=""))
    attach(d, "cgj1", third, scene(shift=37))
    assert [(t.other.matter_id, t.exact) for t in twins(d.viewer("jfj1"), second)] == [(first.number, False)]
    assert twins(d.viewer("jfj1"), third) == []


def test_plain_surfaces_are_like_nothing() -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (9, 9, 9)).save(out, "JPEG")
    assert facts(out.getvalue()).look == ""


def test_twins_on_matters_that_are_hidden_stay_hidden(d: District) -> None:
    mine = d.handling("hazard_general", lead="lzh", by="xab1")
    hidden = d.handling("hazard_general", lead="jcl", by="xab1", subject=d.far)
    attach(d, "lzh1", mine, scene())
    attach(d, "jcl1", hidden, scene())
    assert twins(d.viewer("lzh1"), mine) == []
    assert len(twins(d.viewer("xab1"), mine)) == 1


def test_files_that_nothing_names_are_swept_and_named_ones_stay(d: District) -> None:
    kept = attach(d, "cgj1", d.handling(), scene())
    gone = stage(upload=upload("多余.jpg", scene(shift=5)), owner=d.people["cgj1"], at=d.now)
    thumb_of(gone.file_id)
    assert sweep(at=d.now + timedelta(days=3)) == 2
    assert [f.pk for f in StoredFile.objects.all()] == [kept.file_id]
    assert path_of(kept.file_id).exists()
    assert not path_of(gone.file_id).exists()
    assert not list(path_of(gone.file_id).parent.glob(f"{gone.file_id}*"))


def test_files_without_a_row_go_after_two_days(d: District) -> None:
    path = path_of("ab" * 32)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    assert strays(at=d.now) == 0
    os.utime(path, (0, 0))
    assert strays(at=d.now) == 1


def test_nobody_fills_the_disk_with_uploads_that_wait(d: District, monkeypatch) -> None:
    monkeypatch.setattr(services, "MOST_STAGED", 2)
    for i in range(2):
        stage(upload=upload("a.jpg", scene(shift=i)), owner=d.people["cgj1"], at=d.now)
    with pytest.raises(Refused, match="wait for a form already"):
        stage(upload=upload("a.jpg", scene(shift=9)), owner=d.people["cgj1"], at=d.now)


def test_the_stage_takes_one_file_and_says_what_it_is(d: District, at) -> None:
    client = at("cgj1")
    answer = client.post("/evidence/stage/", {"file": upload("现场.jpg", scene())}).json()
    assert (answer["name"], answer["taken_at"]) == ("现场.jpg", "2026:11:24 09:30:00")
    bad = client.post("/evidence/stage/", {"file": upload("坏.exe", b"MZ" + b"0" * 99)})
    assert (bad.status_code, "坏.exe" in bad.json()["error"]) == (400, True)
    assert client.post("/evidence/stage/", {}).status_code == 404
    assert client.get("/evidence/stage/").status_code == 405
    assert at("admin").post("/evidence/stage/", {"file": upload("a.jpg", scene())}).status_code == 404
