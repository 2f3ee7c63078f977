"""H21 (Backlog.md#860, IFRCGo/go-frontend#2517, opf/openproject#3436 #8934, civiform#9834): the last save wins; or adding a
file bumps the version and a long text is lost.

Kind: two people, one form. What cannot disturb does not; what can is shown with both texts.
"""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from bihuan.kernel.domain import commands as c
from bihuan.web.surface.files import as_files

from ..support import District

pytestmark = pytest.mark.django_db


def opened(client, url: str) -> dict[str, str]:
    page = client.get(url).content.decode()
    return {"version": re.search(r'name="version" value="(\d+)"', page)[1], "token": str(uuid4())}


def test_the_second_of_two_tabs_gets_409_with_both_texts(d: District, at) -> None:
    m = d.submitted()
    first, second = at("jfj1"), at("jfj2")
    url = f"/matters/{m.number}/send_back/"
    forms = [opened(first, url), opened(second, url)]
    assert first.post(url, {**forms[0], "reason": "照片看不清", "text": "照片看不清"}).status_code == 302
    answer = second.post(url, {**forms[1], "reason": "缺少签字的说明", "text": "缺少签字的说明"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "照片看不清" in page
    assert "缺少签字的说明" in page


def test_corrections_of_different_fields_merge_and_of_the_same_do_not(d: District, at) -> None:
    m = d.raised(title="旧标题")
    first, second, third = at("jfj1"), at("jfj2"), at("jfj1")
    url = f"/matters/{m.number}/amend/"
    seen = {"name": "旧标题", "description": "", "reason": "更正"}
    forms = [opened(x, url) for x in (first, second, third)]
    assert first.post(url, {**seen, **forms[0], "name": "新标题"}).status_code == 302
    assert second.post(url, {**seen, **forms[1], "description": "补充的说明"}).status_code == 302
    m.refresh_from_db()
    assert (m.title, m.description) == ("新标题", "补充的说明")
    assert third.post(url, {**seen, **forms[2], "name": "另一个标题"}).status_code == 409


@pytest.mark.parametrize("what", ["evidence", "report", "several"])
def test_evidence_and_comments_never_invalidate_an_open_form(d: District, at, what: str) -> None:
    m = d.handling()
    client = at("cgj1")
    url = f"/matters/{m.number}/submit/"
    form = opened(client, url)
    for i in range(3 if what == "several" else 1):
        if what != "report":
            d.do("cgj2", m, c.Attach, as_files([d.photo("cgj2", f"现场{i}.jpg", 20 * i)]))
        if what != "evidence":
            d.do("cgj2", m, c.Report, "又进一步")
    assert client.post(url, {**form, "text": "一段很长的办理情况"}).status_code == 302
    m.refresh_from_db()
    assert m.state == "submitted"
