"""H19 (yangzongzhuan/RuoYi#328 CVE-2026-37669, #290, #291): the right to edit a role was checked, the ids inside the body
were not.

Kind: an id that somebody wrote into a form. The whole table stands in tests/web/test_access_matrix.py; here the report.
"""

from __future__ import annotations

import pytest
from django.utils import timezone

from bihuan.instruments.administration import services
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Post

from ..support import District

pytestmark = pytest.mark.django_db


def test_another_streets_ids_in_a_form_get_404_change_nothing_and_leave_one_event(d: District, at) -> None:
    theirs = d.handling("hazard_general", lead="jcl", by="xab1", subject=d.far)
    mine = d.handling("hazard_general", lead="lzh", by="xab1")
    photo = d.photo("jcl1")
    client = at("lzh1")
    token = "00000000-0000-4000-8000-000000000000"
    forms = [
        (
            "/matters/new/",
            {"subject": d.far.code, "kind": "hazard_general", "title": "x", "unit": "lzh", "token": token},
        ),
        (
            "/matters/new/",
            {"subject": d.premises.code, "kind": "hazard_general", "title": "x", "unit": "jcl", "token": token},
        ),
        (f"/matters/{theirs.number}/report/", {"text": "x", "version": 3, "token": token}),
        (f"/matters/{mine.number}/attach/", {"staged": photo.pk, "version": 3, "token": token}),
        ("/matters/verify/", {"chosen": [mine.number, theirs.number], "findings": "x"}),
    ]
    deeds = ["raise", "raise", "act", "act", "verify"]
    before, rows = Event.objects.count(), Matter.objects.count()
    for n, (url, data) in enumerate(forms, 1):
        assert client.post(url, data).status_code == 404, url
        assert Event.objects.filter(stream="denied:lzh1").count() == len(set(deeds[:n])), "one a deed and hour"
    assert (Event.objects.count(), Matter.objects.count()) == (before + len(set(deeds)), rows)


@pytest.mark.parametrize("role", list(Post.Role.values))
def test_a_grant_never_exceeds_the_granter(d: District, role: str) -> None:
    """Only the security administrator grants, never to themselves, and nobody else can by any role."""
    for who in ("jfj1", "leader", "audit", "admin", "logs", "security"):
        with pytest.raises(Refused):
            services.post_grant(
                viewer=d.viewer(who), at=timezone.now(), unit=d.units["gwh"], title="x", role=role, person=d.people[who],
                today=timezone.localdate(),
            )  # fmt: skip
    assert Post.objects.filter(title="x").count() == 0
