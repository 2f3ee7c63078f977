"""Files tell the truth about themselves; work goes on when somebody leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.models import Staged, StoredFile
from bihuan.kernel.evidence.services import path_of, stage, sweep
from bihuan.kernel.matters.handover import hand_over
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.orgs.selectors import posts_on

from ..support import District, differences, jpeg, upload

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("现场.png", jpeg(), "does not tell the truth"), ("现场.jpg", b"%PDF-1.7 x", "does not tell the truth"), ("程序.exe", b"MZ" + b"\0" * 99, "only photos"),
        ("坏.jpg", jpeg()[:150], "damaged"), ("空.jpg", b"", "empty"), ("网页.html", b"<script>alert(1)</script>", "only photos"),
    ],
)  # fmt: skip
def test_files_that_are_not_what_they_say_are_refused_by_name(d: District, name: str, data: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        stage(upload=upload(name, data), owner=d.people["cgj1"], at=d.now)
    assert name in str(refused.value)
    assert not StoredFile.objects.exists()


def test_a_large_file_is_refused_with_its_size(d: District, settings) -> None:
    settings.MAX_UPLOAD_MB = 1
    with pytest.raises(Refused, match="has 2 MB; at most 1 MB"):
        stage(upload=upload("大.jpg", b"\xff\xd8" + b"0" * 2_200_000), owner=d.people["cgj1"], at=d.now)


def test_a_file_is_kept_once_under_its_hash(d: District) -> None:
    a, b = d.photo(), d.photo(name="另一个名字.jpg")
    assert a.file_id == b.file_id
    assert path_of(a.file_id).read_bytes() == jpeg()
    assert StoredFile.objects.count() == 1


def test_unclaimed_uploads_are_swept_after_two_days(d: District) -> None:
    d.photo()
    assert sweep(at=d.now + timedelta(hours=47)) == 0
    assert sweep(at=d.now + timedelta(hours=49)) == 1
    assert not Staged.objects.exists()


def test_open_work_goes_to_the_successor_in_one_step(d: District) -> None:
    m = d.handling()
    assert m.officer == "cgj1"
    post = Post.objects.get(person=d.people["cgj1"])
    following, moved = hand_over(
        actor=d.actor("admin"), post=post, last_day=d.now.date(), at=d.now, reason="调离", successor=d.people["jsj2"]
    )
    m.refresh_from_db()
    assert (m.officer, moved, following.person.username) == ("jsj2", 1, "jsj2")
    assert differences("matter") == []


def test_without_a_successor_the_head_takes_over_and_the_vacancy_shows(d: District) -> None:
    m = d.handling()
    post = Post.objects.get(person=d.people["cgj1"])
    with pytest.raises(Refused, match="name a successor"):
        hand_over(actor=d.actor("admin"), post=post, last_day=d.now.date(), at=d.now, reason="退休")
    post.refresh_from_db()
    assert post.valid_to is None, "nothing half-done"
    Post.objects.filter(person=d.people["cgj2"]).update(role="head")
    hand_over(actor=d.actor("admin"), post=post, last_day=d.now.date(), at=d.now, reason="退休")
    m.refresh_from_db()
    assert m.officer == "cgj2"
    assert posts_on(d.now.date() + timedelta(days=1)).filter(person=None, unit__code="cgj").count() == 1
    with pytest.raises(Refused, match="vacant already"):
        hand_over(
            actor=d.actor("admin"),
            post=posts_on(d.now.date() + timedelta(days=1)).get(person=None),
            last_day=d.now.date(),
            at=d.now,
            reason="x",
        )
