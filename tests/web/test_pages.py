"""Every page for every persona: works, stranger 404, read-only 403, wrong method 405, stale 409."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import last_day
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Post
from bihuan.web.models import SavedView

from ..support import DATA, PASSWORD, District, jpeg, upload

pytestmark = pytest.mark.django_db
COMMON = [
    "/",
    "/matters/",
    "/subjects/",
    "/ledger/",
    "/units/",
    "/calendars/",
    "/m/fire/",
    "/m/financing/",
    "/m/promotion/",
    "/m/counselling/",
    "/desk/todo/",
]
PERSONAS = ["jfj1", "cgj1", "lzh1", "jcl1", "xfdd1", "zgyh1", "qy1", "leader", "audit", "admin", "security", "logs"]


def fields(client: Client, url: str, **values: object) -> dict[str, object]:
    """The hidden fields of a form as shown, with what a person types."""
    page = client.get(url).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(version|token|unit)" value="([^"]*)"', page))
    return {**hidden, **values}


@pytest.mark.parametrize("who", PERSONAS)
def test_common_pages_open_for_everybody_in_both_languages(d: District, at, who: str) -> None:
    d.handling()
    client = at(who)
    for url in COMMON:
        response = client.get(url)
        assert response.status_code == 200, url
        assert response["Content-Language"] == "zh-hans"
        assert "闭环" in response.content.decode() or url.startswith("/desk/"), url
    client.cookies["django_language"] = "en"
    for url in COMMON:
        assert client.get(url)["Content-Language"] == "en"


def test_chinese_comes_first_whatever_the_browser_asks_for(d: District, at) -> None:
    assert "工作台" in at("jfj1").get("/", headers={"accept-language": "en-US"}).content.decode()


def test_pages_leave_no_untranslated_placeholder_and_no_inline_script(d: District, at) -> None:
    m = d.handling()
    for url in [*COMMON, f"/matters/{m.number}/", f"/subjects/{d.project.code}/"]:
        response = at("jfj1").get(url)
        page = response.content.decode()
        assert "%(" not in page, url
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=\"|\sstyle=\"", page), url
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]


def test_strangers_learn_nothing_about_a_matter(d: District, at) -> None:
    m = d.handling()
    stranger = at("jcl1")
    nowhere = stranger.get("/matters/999999/").content
    for url in (f"/matters/{m.number}/", f"/matters/{m.number}/report/", f"/subjects/{d.project.code}/"):
        response = stranger.get(url)
        assert response.status_code == 404, url
        assert response.content == nowhere or b"404" in response.content
    before = Event.objects.count()
    denied = Event.objects.filter(stream="denied:jcl1")
    assert (
        stranger.post(f"/matters/{m.number}/report/", {"text": "x", "version": 1, "token": uuid4()}).status_code == 404
    )
    assert m.title not in stranger.get("/matters/").content.decode()
    assert f"/matters/{m.number}/" not in stranger.get(f"/matters/?text={m.title}").content.decode()
    assert (Event.objects.count(), denied.count()) == (before + 1, 1)


def test_people_who_only_look_cannot_act(d: District, at) -> None:
    m = d.handling()
    assert at("audit").get(f"/matters/{m.number}/").status_code == 200
    for url in (f"/matters/{m.number}/report/", "/matters/new/", "/registers/", "/subjects/new/"):
        assert at("audit").get(url).status_code == 403, url
    assert at("audit").post("/matters/verify/", {"chosen": m.number}).status_code == 403


def test_a_unit_without_a_part_in_the_step_is_refused(d: District, at) -> None:
    m = d.handling()
    client = at("lzh1")
    data = fields(client, f"/matters/{m.number}/verify/", findings="属实")
    assert client.post(f"/matters/{m.number}/verify/", data).status_code == 403
    m.refresh_from_db()
    assert m.state == "handling"


@pytest.mark.parametrize("url", ["/matters/verify/", "/matters/views/", "/language/", "/sign-out/"])
def test_writing_pages_take_only_posts(d: District, at, url: str) -> None:
    assert at("jfj1").get(url).status_code == 405


@pytest.mark.parametrize("url", ["/", "/matters/", "/ledger/", "/calendars/"])
def test_reading_pages_refuse_odd_methods(d: District, at, url: str) -> None:
    assert at("jfj1").delete(url).status_code == 405


def test_nobody_reads_without_signing_in(d: District, client: Client) -> None:
    for url in (*COMMON, "/registers/", "/evidence/1/"):
        response = client.get(url)
        assert (response.status_code, response.url.split("?")[0]) == (302, "/sign-in/"), url
    assert client.get("/healthz").json() == {"status": "ok"}


def test_the_second_of_two_tabs_gets_both_texts(d: District, at) -> None:
    m = d.handling(supporting=("jsj",))
    one, two = at("jfj1"), at("jfj2")
    late = fields(two, f"/matters/{m.number}/transfer/", lead="yslj", reason="二号打的字")
    first = fields(one, f"/matters/{m.number}/transfer/", lead="jsj", reason="一号先办")
    Post.objects.all()
    assert (
        one.post(
            f"/matters/{m.number}/amend/", fields(one, f"/matters/{m.number}/amend/", name="先改的标题", reason="更正")
        ).status_code
        == 302
    )
    del first
    response = two.post(f"/matters/{m.number}/transfer/", late)
    page = response.content.decode()
    assert response.status_code == 409
    assert "二号打的字" in page
    assert "更正" in page


def test_a_double_post_from_the_back_button_has_one_effect(d: District, at) -> None:
    m = d.handling()
    client = at("cgj1")
    data = fields(client, f"/matters/{m.number}/report/", text="进展一")
    for _ in range(3):
        assert client.post(f"/matters/{m.number}/report/", data).status_code == 302
    assert Event.objects.filter(type="Progressed").count() == 1


def test_a_new_matter_is_raised_once(d: District, at) -> None:
    client = at("jfj1")
    data = fields(client, "/matters/new/", subject=d.project.code, kind="obstacle", title="临时用电不足", unit="jfj")
    for _ in range(2):
        assert client.post("/matters/new/", data).status_code == 302
    assert Matter.objects.count() == 1


def test_ids_inside_bodies_are_checked_too(d: District, at) -> None:
    client = at("lzh1")
    for subject, unit in ((d.far.code, "lzh"), (d.premises.code, "jcl")):
        data = fields(client, "/matters/new/", subject=subject, kind="hazard_general", title="越权", unit=unit)
        assert client.post("/matters/new/", data).status_code == 404
    m, other = (
        d.handling("hazard_general", lead="lzh", by="xab1"),
        d.assigned("hazard_general", lead="jcl", by="xab1", subject=d.far),
    )
    stranger = at("xfdd1")
    del stranger
    data = fields(at("xab1"), f"/matters/{m.number}/merge/", into=999_999)
    assert at("xab1").post(f"/matters/{m.number}/merge/", data).status_code == 200
    assert at("lzh1").post("/matters/verify/", {"chosen": [other.number], "findings": "属实"}).status_code == 404
    other.refresh_from_db()
    assert (Matter.objects.count(), other.state) == (2, "assigned")


def test_staged_files_of_others_cannot_be_claimed(d: District, at) -> None:
    m = d.handling()
    foreign = d.photo("jsj1")
    client = at("cgj1")
    data = fields(client, f"/matters/{m.number}/attach/", staged=foreign.pk)
    assert client.post(f"/matters/{m.number}/attach/", data).status_code == 404
    assert not m.attachments.exists()


def test_a_photo_survives_a_form_error(d: District, at) -> None:
    m = d.handling("hazard_general", lead="lzh", by="xab1")
    client, url = at("lzh1"), f"/matters/{m.number}/submit/"
    page = client.post(url, fields(client, url, text="", files=upload("现场.jpg", jpeg()))).content.decode()
    staged = re.search(r'name="staged" value="(\d+)"', page)
    assert staged
    assert "现场.jpg" in page
    response = client.post(url, fields(client, url, text="已清理", staged=staged[1]))
    assert response.status_code == 302
    row = m.attachments.get()
    shown = client.get(f"/evidence/{row.pk}/")
    assert (shown.status_code, shown["Content-Type"], shown["X-Content-Type-Options"]) == (200, "image/jpeg", "nosniff")
    assert b"".join(shown) == jpeg()
    assert at("jcl1").get(f"/evidence/{row.pk}/").status_code == 404


def test_a_lying_photo_says_so_beside_the_field(d: District, at) -> None:
    m = d.handling()
    client, url = at("cgj1"), f"/matters/{m.number}/attach/"
    page = client.post(url, fields(client, url, files=upload("假.png", jpeg()))).content.decode()
    assert "假.png" in page
    assert "扩展名不符" in page


def test_a_comment_of_a_megabyte_gets_a_sentence(d: District, at) -> None:
    m = d.handling()
    client, url = at("cgj1"), f"/matters/{m.number}/report/"
    response = client.post(url, fields(client, url, text="长" * 1_000_000))
    assert response.status_code == 200
    assert "最多 10,000 个字" in response.content.decode()


def test_the_address_carries_filter_order_and_place(d: District, at) -> None:
    for i in range(55):
        d.raised(title=f"问题{i:02d}")
    client = at("jfj1")
    page = client.get("/matters/?kind=obstacle&order=number").content.decode()
    after = re.search(r"after=(\d+)", page)
    assert after
    assert "问题00" in page
    second = client.get(f"/matters/?kind=obstacle&order=number&after={after[1]}").content.decode()
    assert "问题54" in second
    assert "问题00" not in second
    assert client.get("/matters/?order=nonsense").status_code == 400
    assert client.get("/matters/?after=nonsense").status_code == 400
    assert "问题07" in client.get("/matters/?text=问题07").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "light=red",
        "light=none",
        "state=open",
        "state=closed",
        "territory=1",
        "unit=1",
        "text=%2312",
        "group=owed",
        "mechanism=fire",
        "order=due&light=amber",
        "due=2026-12-01&order=due&group=mine",
        "due=nonsense",
    ],
)
def test_every_filter_works(d: District, at, query: str) -> None:
    d.handling()
    assert at("jfj1").get(f"/matters/?{query}").status_code == 200


def test_saved_views_and_columns_are_ones_own(d: District, at) -> None:
    client = at("jfj1")
    client.post("/matters/views/", {"name": "超期的", "query": "light=red"})
    assert "超期的" in client.get("/matters/").content.decode()
    assert "超期的" not in at("jfj2").get("/matters/").content.decode()
    assert at("jfj2").post(f"/matters/views/{SavedView.objects.get().pk}/drop/").status_code == 404
    d.handling()
    page = client.get("/matters/?columns=light&columns=kind").content.decode()
    assert 'class="c-territory"' not in page
    assert 'class="c-territory"' not in client.get("/matters/").content.decode(), "remembered"


def test_many_are_verified_at_once_and_the_rest_say_why(d: District, at) -> None:
    mine, handled = d.submitted(), d.submitted(title="另一件")
    d.do("jfj1", handled, c.SendBack, "不清")
    client = at("jfj1")
    response = client.post(
        "/matters/verify/", {"chosen": [mine.number, handled.number], "findings": "属实"}, follow=True
    )
    mine.refresh_from_db()
    assert mine.state == "closed"
    assert f"#{handled.number}" in response.content.decode()


def test_the_matter_page_explains_its_date_and_who_is_next(d: District, at) -> None:
    m = d.handling(supporting=("jsj",))
    page = at("cgj1").get(f"/matters/{m.number}/").content.decode()
    for words in ("为什么是这一天", "个工作日", "下一步由城市管理局办理", "建设局", "待核对", "起算"):
        assert words in page, words


def test_a_late_matter_can_be_escalated_by_a_leader_with_a_basis(d: District, at) -> None:
    m = d.handling(at=d.now.replace(year=d.now.year - 1))
    client, url = at("leader"), f"/matters/{m.number}/escalate/"
    assert client.post(url, fields(client, url, step="interview", basis="")).status_code == 200
    assert client.post(url, fields(client, url, step="interview", basis="政府督查工作条例")).status_code == 302
    assert Event.objects.filter(type="Escalated").count() == 1


def test_five_failures_lock_the_name(d: District, client: Client, settings) -> None:
    d.people["jfj1"].set_password(PASSWORD)
    d.people["jfj1"].save()
    for _ in range(5):
        client.post("/sign-in/", {"login": "jfj1", "password": "wrong"})
    response = client.post("/sign-in/", {"login": "jfj1", "password": PASSWORD})
    assert response.status_code == 429
    assert "一刻钟" in response.content.decode()


def test_the_language_switch_goes_back_only_to_us(d: District, at) -> None:
    client = at("jfj1")
    assert client.post("/language/", {"language": "en", "next": "https://elsewhere.example/"}).url == "/"
    assert "Desk" in client.get("/").content.decode()


def test_a_person_without_a_post_is_told_so(d: District, at) -> None:
    Post.objects.filter(person=d.people["qy1"]).delete()
    assert at("qy1").get("/").status_code == 403


def test_administration_is_hidden_from_others(d: District, at) -> None:
    post = Post.objects.get(person=d.people["cgj1"])
    for who, url in (
        ("admin", "/calendars/notice/"),
        ("admin", "/calendars/closure/"),
        ("security", f"/units/posts/{post.pk}/handover/"),
    ):
        assert at("jfj1").get(url).status_code == 404, url
        assert at(who).get(url).status_code == 200, url


def test_administrators_load_a_notice_and_hand_over(d: District, at) -> None:
    client = at("admin")
    bad = client.post("/calendars/notice/", {"notice": "year = 2027"}).content.decode()
    assert "这不是放假通知" in bad
    text = 'year = 2027\nnumber = "测试1号"\nissued = 2026-11-25\nmakeup_days = []\n[days_off]\n"元旦" = [2027-01-01]\n'
    assert client.post("/calendars/notice/", {"notice": text}).status_code == 302
    assert "测试1号" in client.get("/calendars/?year=2027").content.decode()
    m = d.handling()
    post = Post.objects.get(person=d.people["cgj1"])
    data = {"last_day": d.now.date().isoformat(), "successor": d.people["cgj2"].pk, "reason": "调离"}
    assert at("security").post(f"/units/posts/{post.pk}/handover/", data).status_code == 302
    m.refresh_from_db()
    assert m.officer == "cgj2"


def test_the_record_is_checked_from_the_page(d: District, at) -> None:
    d.handling()
    assert "每一条都与前一条衔接" in at("audit").post("/ledger/").content.decode()
    assert "每一条都与前一条衔接" not in at("cgj1").post("/ledger/").content.decode()


def test_a_register_goes_from_preview_to_matters(d: District, at) -> None:
    client = at("jfj1")
    data = {"unit": "jfj", "file": upload("问题.xlsx", (DATA / "promotion-problems.xlsx").read_bytes())}
    response = client.post("/registers/", data)
    assert response.status_code == 302
    page = client.get(response.url).content.decode()
    for words in ("4月底前", "2024-04-30", "小计", "重复表头", "公交公司", "新增 6"):
        assert words in page, words
    answers = {f"unit:{n}": "new" for n in re.findall(r'name="unit:([^"]+)"', page)}
    client.post(f"{response.url}correct/", answers)
    assert "接收:新增 6 件" in client.get(response.url).content.decode()
    done = client.post(f"{response.url}correct/", {"confirm": "1"}, follow=True).content.decode()
    assert "台账已接收" in done
    assert Matter.objects.count() == 6
    assert at("jcl1").get(response.url).status_code == 404
    assert at("zgyh1").get("/registers/").status_code == 403


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.xlsx", b"PK\x03\x04zz", "已损坏"),
        ("b.csv", "甲,乙\n1,2\n".encode(), "找不到表头"),
        ("c.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 700, "已损坏"),
    ],
)
def test_an_unreadable_register_gets_a_sentence(d: District, at, name: str, data: bytes, says: str) -> None:
    page = at("jfj1").post("/registers/", {"unit": "jfj", "file": upload(name, data)}).content.decode()
    assert says in page


def test_a_subject_file_shows_matters_of_every_mechanism(d: District, at) -> None:
    d.handling(title="道路未贯通")
    d.raised("question", by="zwj1", title="环评与图审能否并行")
    client = at("leader")
    for tab, words in [
        ("now", "道路未贯通"),
        ("todo", "环评与图审能否并行"),
        ("who", "城市管理局"),
        ("done", "还没有结束"),
        ("papers", "还没有文件"),
    ]:
        assert words in client.get(f"/subjects/{d.project.code}/?tab={tab}").content.decode(), tab
    assert (
        at("lzh1")
        .post("/subjects/new/", {"type": "premises", "name": "新场所", "territory": d.b.pk, "labels": "九小场所"})
        .status_code
        == 404
    )
    made = at("lzh1").post(
        "/subjects/new/", {"type": "premises", "name": "新场所", "territory": d.a.pk, "labels": "九小场所"}
    )
    assert made.status_code == 302
    assert "九小场所" in at("lzh1").get(made.url).content.decode()


def test_who_saw_a_confidential_file_is_recorded(d: District, at) -> None:
    for kind, lead, by, seen in [("financing", "zgyh", "rzb1", 1), ("obstacle", "cgj", "jfj1", 0)]:
        m = d.handling(kind, lead=lead, by=by)
        files = ({"sha256": d.photo(f"{lead}1").file_id, "name": "合同.jpg", "type": "image/jpeg"},)
        d.do(f"{lead}1", m, c.Attach, files)
        before = Event.objects.filter(type="FileSeen").count()
        shown = at(f"{lead}1").get(f"/evidence/{m.attachments.get().pk}/")
        assert b"".join(shown) == jpeg()
        assert Event.objects.filter(type="FileSeen").count() == before + seen
    assert at("gsyh1").get(f"/evidence/{Matter.objects.get(kind='financing').attachments.get().pk}/").status_code == 404


def test_a_register_of_twenty_odd_megabytes_gets_a_sentence(d: District, at) -> None:
    page = (
        at("jfj1")
        .post("/registers/", {"unit": "jfj", "file": upload("大.xlsx", b"PK\x03\x04" + b"0" * 21 * 2**20)})
        .content.decode()
    )
    assert "文件有 21 MB" in page


def test_a_wrong_guess_is_corrected_in_the_preview(d: District, at) -> None:
    client = at("jfj1")
    url = client.post(
        "/registers/", {"unit": "jfj", "file": upload("问题.xlsx", (DATA / "promotion-problems.xlsx").read_bytes())}
    ).url
    assert 'name="cell:6:due"' in client.get(url).content.decode()
    client.post(f"{url}correct/", {"cell:6:due": "2024-04-29"})
    assert "2024-04-29" in client.get(url).content.decode()
    client.post(f"{url}correct/", {"cell:6:due": "2月30日"})
    page = client.get(url).content.decode()
    assert "F6 “2月30日”" in page
    assert "该月没有这一天" in page
    client.post(f"{url}correct/", {"left_out": ["6"]})
    assert "不接收 1" in client.get(url).content.decode()
    assert client.post(f"{url}drop/").status_code == 302
    assert client.post(f"{url}correct/", {"confirm": "1"}).status_code == 400


def test_every_number_of_the_desk_opens_its_rows(d: District, at) -> None:
    d.handling(title="早该办完", at=d.now.replace(year=d.now.year - 1))
    soon = d.handling(title="不久到期", subject=d.subject("另一项目", "project", d.a))
    client = at("cgj1")
    page = client.get("/subjects/?light=red").content.decode()
    assert "东微电子" in page
    assert "另一项目" not in page
    day = last_day(soon.due_at)
    listed = client.get(f"/matters/?due={day}&order=due&group=mine").content.decode()
    assert "不久到期" in listed
    assert "早该办完" not in listed


def test_the_unit_filter_shows_what_the_unit_takes_part_in(d: District, at) -> None:
    with_help, without = d.handling(title="有人配合", supporting=("jsj",)), d.handling(title="无人配合")
    page = at("jfj1").get(f"/matters/?unit={d.units['jsj'].pk}").content.decode()
    assert f"/matters/{with_help.number}/" in page
    assert f"/matters/{without.number}/" not in page
    assert '<span class="figure">1</span>' in page


def test_any_cell_can_be_corrected_and_new_files_lie_where_the_officer_says(d: District, at) -> None:
    client = at("jfj1")
    url = client.post(
        "/registers/", {"unit": "jfj", "file": upload("问题.xlsx", (DATA / "promotion-problems.xlsx").read_bytes())}
    ).url
    assert 'name="cell:5:lead_unit"' not in client.get(url).content.decode()
    page = client.get(f"{url}?edit=1").content.decode()
    assert 'name="cell:5:lead_unit"' in page
    answers = {f"unit:{n}": "new" for n in re.findall(r'name="unit:([^"]+)"', page)}
    client.post(f"{url}correct/", {**answers, "cell:5:lead_unit": "园林水务局", "territory": "jcl"})
    client.post(f"{url}correct/", {"confirm": "1"})
    m = Matter.objects.get(title__startswith="厂区东侧")
    assert m.lead.code == "yslj"
    assert Matter.objects.get(subject__name="海义东樾").territory.code == "jcl"
    own = (
        at("lzh1")
        .post("/registers/", {"unit": "lzh", "file": upload("隐患.xlsx", (DATA / "fire-hazards.xlsx").read_bytes())})
        .url
    )
    at("lzh1").post(f"{own}correct/", {"territory": "jcl", "confirm": "1"})
    assert set(Matter.objects.filter(mechanism="fire").values_list("territory__code", flat=True)) == {"lzh"}, (
        "not somebody else's"
    )


def test_a_matter_is_raised_with_its_photos_and_only_once(d: District, at) -> None:
    client = at("lzh1")
    staged = client.post("/evidence/stage/", {"file": upload("通道.jpg", jpeg(33))}).json()["id"]
    form = fields(
        client,
        "/matters/new/",
        subject=d.premises.code,
        kind="hazard_general",
        title="通道堵塞",
        unit="lzh",
        staged=staged,
    )
    for _ in range(3):
        assert client.post("/matters/new/", {**form, "files": upload("第二张.jpg", jpeg(77))}).status_code == 302
    m = Matter.objects.get()
    assert sorted(m.attachments.values_list("name", flat=True)) == ["第二张.jpg", "通道.jpg"]
    bad = client.post(
        "/matters/new/", {**form, "token": str(uuid4()), "staged": "", "title": "", "files": upload("三.jpg", jpeg(5))}
    )
    assert "三.jpg" in bad.content.decode()
    assert Matter.objects.count() == 1


def test_an_assignment_takes_its_time_from_a_published_rule(d: District, at) -> None:
    from bihuan.kernel.matters.services import load

    m = d.raised()
    url = f"/matters/{m.number}/assign/"
    typed = fields(at("jfj1"), url, lead="cgj", rule="37-lead")
    assert at("jfj1").post(url, typed).status_code == 302
    state = load(m.number)[0]
    assert (state.limit.unit, state.limit.n) == ("workdays", 7)
    page = at("jfj1").get(f"/matters/{m.number}/").content.decode()
    assert "泉州" in page
    hazard = d.raised("hazard_general", by="xab1")
    assert 'name="rule"' not in at("xab1").get(f"/matters/{hazard.number}/assign/").content.decode()


def test_the_page_of_key_projects_asks_as_much_for_thirty_projects_as_for_three(
    d: District, at, django_assert_max_num_queries
) -> None:
    from bihuan.kernel.files.filing import Entry, file_entries, subject_change

    def projects(n: int) -> None:
        for _ in range(n):
            subject = d.subject("示例项目", "project", d.a)
            subject_change(
                subject=subject, person="x", unit="jfj", at=d.now, entered_at=d.now, changes={}, labels=["重点项目"]
            )
            entry = Entry(subject, "node", "start", {"planned": "2024-01-01"})
            file_entries(entries=[entry], person="x", unit="jfj", at=d.now)

    client = at("jfj1")
    projects(3)
    with django_assert_max_num_queries(30) as few:
        client.get("/m/promotion/")
    projects(27)
    with django_assert_max_num_queries(len(few.captured_queries) + 2):
        assert client.get("/m/promotion/").content.decode().count("light-red") > 25
