"""Pages of the responsibility year: bad input gets a sentence at its place and nothing is lost; schemes are tried before they are
adopted; many letters are signed at once; the annual meeting is made from the data."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from bihuan.adapters.excel import Column, xlsx
from bihuan.instruments.assessment import services as assessment
from bihuan.instruments.assessment import sheets
from bihuan.instruments.assessment.catalogue import body_of, shipped
from bihuan.instruments.assessment.models import Assessment, Scheme
from bihuan.instruments.assessment.told import scored
from bihuan.instruments.documents.models import Paper
from bihuan.instruments.letters import services as letters
from bihuan.instruments.letters.catalogue import templates
from bihuan.instruments.letters.models import Letter
from bihuan.instruments.notices.models import Notice
from bihuan.instruments.notices.services import gather
from bihuan.kernel.orgs.models import Function, Post
from bihuan.mechanisms.fire.models import Incident, PastFigure

from ..support import District, jpeg, upload, work_off

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year


@pytest.fixture
def signers(d: District) -> District:
    Post.objects.filter(person__username__in=["xab2", "lzh2", "jcl2"]).update(role="head")
    return d


def offered(d: District) -> list[Letter]:
    kind = templates()["fire.township"]
    batch = letters.draft(
        viewer=d.viewer("xab1"), template=kind.id, year=YEAR, title="年度责任书", issuer=d.units["xab"], body=kind.wording(YEAR), begins=date(YEAR, 1, 1), ends=date(YEAR, 12, 31), copies=2,
        parties=[d.units["lzh"], d.units["jcl"]], work="年度全区消防工作", at=d.now,
    )  # fmt: skip
    letters.offer(viewer=d.viewer("xab1"), letters=list(batch.letters.all()), at=d.now)
    return list(batch.letters.order_by("party__code"))


def test_a_line_that_cannot_be_read_is_named_and_nothing_typed_is_lost(d: District, at) -> None:
    page = at("xab1").get("/letters/new/fire.township/")
    data = {k: v for k, v in page.context["form"].initial.items() if isinstance(v, str)}
    data |= {"issuer": "xab", "begins": f"{YEAR}-01-01", "ends": f"{YEAR}-12-31", "copies": "2", "parties": ["lzh"]}
    for field, text, word in (
        ("targets", "按期率 | fire.nothing | ≥95", "第1行"),
        ("tasks", "演练 | 年底前", "不是日期"),
        ("tasks", f"演练 | {YEAR + 1}-01-01", "不在有效期内"),
    ):
        answer = at("xab1").post("/letters/new/fire.township/", {**data, field: text})
        assert answer.status_code == 200
        assert word in answer.content.decode()
        assert text in answer.content.decode()
    assert not Letter.objects.exists()
    assert at("xab1").post("/letters/new/fire.township/", data).status_code == 302
    assert Letter.objects.count() == 1


def test_many_letters_are_signed_at_once_each_in_the_wording_that_was_shown(signers: District, at) -> None:
    d = signers
    first, second = offered(d)
    letters.reword(
        viewer=d.viewer("xab1"), letter=second, body={**second.body, "reward": "改"}, reason="统一", at=d.now
    )
    answer = at("xab2").post(
        "/letters/sign/", {"chosen": [f"{first.pk}:{first.digest}", f"{second.pk}:{second.digest}"]}, follow=True
    )
    assert "请重新阅读" in answer.content.decode()
    assert [x.signatures.count() for x in (first, second)] == [1, 0]
    for who in ("xab1", "lzh1", "jsj1"):
        assert at(who).post("/letters/sign/", {"chosen": [f"{first.pk}:{first.digest}"]}).status_code == 404
    assert at("leader").post("/letters/sign/", {"chosen": ["999:x"]}).status_code == 404


def test_the_desk_says_what_the_year_wants_of_me(signers: District, at) -> None:
    d = signers
    offered(d)
    assert "份责任书待您签字" in at("lzh2").get("/").content.decode()
    assert "份责任书待您签字" not in at("lzh1").get("/").content.decode()
    while gather(at=timezone.now()):
        pass
    assert Notice.objects.filter(type="LetterOffered", person__username="lzh1").count() == 1
    notice = Notice.objects.get(type="LetterOffered", person__username="lzh2")
    assert (
        at("lzh2").get(f"/notices/{notice.pk}/")["Location"] == f"/letters/{Letter.objects.get(party__code='lzh').pk}/"
    )


def test_a_letter_as_word_and_its_receipt(signers: District, at) -> None:
    d = signers
    letter = offered(d)[0]
    assert at("xab1").post(f"/letters/{letter.pk}/sign/", {"act": "paper"}).status_code == 302
    work_off()
    paper = Paper.objects.get(about=f"letter:{letter.pk}")
    assert (paper.state, paper.context["letter"]["digest"]) == ("draft", letter.digest)
    assert at("xab1").get(f"/receipts/letter/{letter.pk}/1/").status_code in (200, 302)
    assert at("jsj1").get(f"/receipts/letter/{letter.pk}/1/").status_code == 404
    assert at("lzh1").post(f"/letters/{letter.pk}/sign/", {"act": "paper"}).status_code in (403, 404)


def opened(d: District) -> Assessment:
    assessment.open_year(
        viewer=d.viewer("xab1"), key="fire.township", year=YEAR, units=[d.units["lzh"], d.units["jcl"]], at=d.now
    )
    return Assessment.objects.get(unit=d.units["lzh"])


def test_a_scheme_is_tried_on_last_year_then_adopted_and_must_add_up(d: District, at) -> None:
    Assessment.objects.create(key="fire.township", mechanism="fire", year=YEAR - 1, unit=d.units["lzh"])
    url = f"/schemes/fire.township/{YEAR}/"
    page = at("xab1").get(url)
    data = {f.html_name: str(f.value()) for f in page.context["form"]}
    bad = at("xab1").post(url, {**data, "points-covered": "11", "try": "1"})
    assert "方案不能使用" in bad.content.decode()
    changed = {**data, "points-covered": "6", "points-hazards": "16"}
    tried = at("xab1").post(url, {**changed, "try": "1"})
    assert [e["sheet"].assessment.unit.code for e in tried.context["effect"]] == ["lzh"]
    assert not Scheme.objects.exists()
    assert at("xab1").post(url, {**changed, "adopt": "1"}).status_code == 302
    body = body_of("fire.township", YEAR)
    assert {i["id"]: str(i["points"]) for p in body["part"] for i in p["item"]}["hazards"] == "16"
    assert body_of("fire.township", YEAR - 1) == shipped()["fire.township"]
    for who in ("lzh1", "dcs1"):
        assert at(who).get(url).status_code == 403


def test_a_scheme_edited_in_excel_is_tried_as_a_draft_before_it_is_adopted(d: District, at) -> None:
    url = f"/schemes/fire.township/{YEAR}/"
    lines = [*sheets.rows(shipped()["fire.township"])]
    lines[0][3], lines[1][3] = "5", "3"  # two items of one part change places in weight
    data = xlsx("方案", [Column(h) for h in sheets.HEADS], lines)
    assert at("lzh1").post(f"{url}load/", {"file": upload("方案.xlsx", data)}).status_code == 403
    lines[0][5] = "fire.nothing"
    bad = at("xab1").post(
        f"{url}load/", {"file": upload("方案.xlsx", xlsx("方案", [Column(h) for h in sheets.HEADS], lines))}
    )
    assert "fire.nothing" in bad.content.decode()
    where = at("xab1").post(f"{url}load/", {"file": upload("方案.xlsx", data)})["Location"]
    assert body_of("fire.township", YEAR) == shipped()["fire.township"]
    page = at("xab1").get(where)
    told = {f.html_name: str(f.value()) for f in page.context["form"]}
    assert at("xab1").post(where, {**told, "adopt": "1"}).status_code == 302
    assert [i["points"] for i in body_of("fire.township", YEAR)["part"][0]["item"]][:2] == ["5", "3"]
    assert at("xab1").get(f"{url}sheet.xlsx").status_code == 200
    assert at("xab1").get(f"/schemes/fire.unit/{YEAR}/?draft={Scheme.objects.first().pk}").status_code == 404  # type: ignore[union-attr]


def test_an_evidence_survives_a_form_error_and_is_asked_for(d: District, at) -> None:
    a = opened(d)
    url = f"/assessments/{a.pk}/items/posts/assessor/"
    assert "请添加文件" in at("xab1").post(url, {"points": "-1", "text": "抽查"}).content.decode()
    answer = at("xab1").post(url, {"points": "-9", "text": "抽查", "files": upload("抽查.jpg", jpeg(12))})
    assert "该项5分" in answer.content.decode()
    staged = answer.context["staged"]
    assert at("xab1").post(url, {"points": "-1.5", "text": "抽查", "staged": [s.pk for s in staged]}).status_code == 302
    assert a.marks.get().points == -150
    proof = a.proofs.get()
    file = at("lzh1").get(f"/assessments/proofs/{proof.pk}/")
    assert b"".join(file.streaming_content) == jpeg(12)
    for close in file._resource_closers:  # response.close() would close the database connection of the test too
        close()
    assert at("jcl1").get(f"/assessments/proofs/{proof.pk}/").status_code == 404


def test_the_shell_prints_what_the_page_shows(d: District, at) -> None:
    a = opened(d)
    told = scored(YEAR, "", timezone.now())
    assert told["by_scheme"] == {"fire.township": 2}
    shown = at("lzh1").get(f"/assessments/{a.pk}/").context["sheet"].final.total
    assert next(u for u in told["units"] if u["unit"] == "龙子湖办事处")["total"] * 100 == shown
    assert scored(1999 + 2, "", timezone.now())["units"] == []


def test_a_fire_is_entered_put_right_and_stands_in_the_situation(d: District, at) -> None:
    when = timezone.localtime(d.now - timedelta(days=2))
    data = {
        "at": f"{when:%Y-%m-%dT%H:%M}", "territory": "lzh", "address": "示例路9号", "area": "city", "object": "building", "place": "dwelling", "cause": "010101",
        "dead": f"{when:%Y-%m-%d}", "serious": "1", "slight": "2", "loss": "3.5", "households": "1", "subject": d.premises.code,
    }  # fmt: skip
    for missing, word in (
        ({"subject": "没有的场所"}, "没有这个场所"),
        ({"subject": "", "territory": ""}, "请填写"),
        ({"subject": "", "address": ""}, "请填写"),
    ):
        assert word in at("xfdd1").post("/fire/fires/new/", {**data, **missing}).content.decode()
    bad = at("xfdd1").post("/fire/fires/new/", {**data, "dead": "去年", "loss": "很多"})
    assert "不是日期" in bad.content.decode()
    assert "示例路9号" in bad.content.decode()
    assert at("xfdd1").post("/fire/fires/new/", {**data, "subject": "丙仓储", "territory": ""}).status_code == 302
    row = Incident.objects.get()
    assert (row.loss, len(row.people), row.statistics, row.subject) == (3_500_000, 4, "ordinary", d.premises)
    page = at("xfdd1").get(f"/fire/fires/{row.pk}/edit/")
    again = {f.html_name: f.value() for f in page.context["form"]}
    again["at"] = data["at"]
    again |= {"territory": "lzh", "reason": ""}
    assert (
        at("xfdd1").post(f"/fire/fires/{row.pk}/edit/", {**again, "serious": "0"}).status_code == 200
    )  # a reason is asked for
    assert (
        at("xfdd1").post(f"/fire/fires/{row.pk}/edit/", {**again, "serious": "0", "reason": "核实"}).status_code == 302
    )
    row.refresh_from_db()
    assert len(row.people) == 3
    period = f"{when.year}"
    assert at("lzh1").get(f"/fire/situation/?period={period}").context["s"].total.fires == 1
    assert at("jcl1").get(f"/fire/situation/?period={period}").context["s"].total.fires == 0
    listed = at("xab1").get(f"/fire/fires/?period={period}&by=cause&key=010000")
    assert listed.context["n"] == 1
    for bad_url in ("/fire/situation/?period=2024Q9", "/fire/fires/?by=moon&key=1", "/fire/fires/?period=x"):
        assert at("xab1").get(bad_url).status_code == 404
    assert at("xab1").post(f"/fire/situation/bulletin/?period={period}").status_code == 302
    work_off()
    assert Paper.objects.get(kind="bulletin").context["total"]["fires"] == 1


def test_a_sheet_of_past_years_from_the_page(d: District, at) -> None:
    heads = ["年度", "季度", "分类", "名称", "起火数", "死亡", "受伤", "直接财产损失(万元)"]
    good = xlsx("往年", [Column(h) for h in heads], [["2023", "全年", "合计", "", "40", "0", "1", "120", ""][:8]])
    bad = xlsx("往年", [Column(h) for h in heads], [["2023", "全年", "合计", "", "四十", "0", "1", "120"]])
    answer = at("xfdd1").post("/fire/situation/past/", {"file": upload("往年.xlsx", bad)})
    assert "第2行" in answer.content.decode()
    assert at("xfdd1").post("/fire/situation/past/", {"file": upload("往年.xlsx", good)}).status_code == 302
    assert PastFigure.objects.get().fires == 40
    assert at("xfdd1").get("/fire/situation/past/sample.xlsx").status_code == 200


def test_a_house_where_nobody_carries_the_functions_yet_shows_its_pages(d: District, at) -> None:
    from bihuan.kernel.orgs import selectors

    Function.objects.filter(name__in=["coordinate.fire", "supervision", "fire_inspection"]).delete()
    selectors.forget()
    for url in (
        "/year/",
        "/letters/",
        "/assessments/",
        "/measures/",
        "/commendations/",
        "/schemes/",
        "/fire/fires/",
        "/fire/situation/",
    ):
        assert at("leader").get(url).status_code == 200, url


def test_an_objection_to_a_measure_stands_with_the_others(d: District, at) -> None:
    data = {"kind": "interview", "unit": "lzh", "basis": "考核结果", "text": "事实"}
    assert at("lzh1").get("/measures/new/").status_code == 403
    url = at("xab1").post("/measures/new/", data)["Location"]
    assert at("lzh1").get(url).status_code == 404
    assert at("leader").post(f"{url}decide/", {"approve": "yes"}).status_code == 302
    assert at("lzh1").post(f"{url}object/", {"reason": "数据有误"}).status_code == 302
    page = at("dcs1").get("/objections/").content.decode()
    assert "约谈 龙子湖办事处" in page
    assert at("xab1").post(f"{url}paper/").status_code == 302
    work_off()
    assert Paper.objects.get(kind="measure").context["measure"]["decider"] == "督查室"
