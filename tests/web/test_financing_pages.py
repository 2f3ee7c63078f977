"""Pages of the white list: the office, the developer, two banks; and that one bank learns nothing of the other."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape
from zipfile import BadZipFile, ZipFile

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from bihuan.instruments.documents.models import Paper
from bihuan.instruments.meetings.models import Meeting
from bihuan.instruments.meetings.services import call
from bihuan.instruments.notices.models import Notice
from bihuan.instruments.notices.services import gather
from bihuan.kernel.domain import commands
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.orgs.services import unit_add
from bihuan.mechanisms.financing import leading, pushing, signing
from bihuan.mechanisms.financing.models import Appetite, Choice, Edition, File, Movement, Proposal, Push, Statement
from bihuan.mechanisms.financing.selectors import book

from ..lending import ACCOUNT, WAN, credited, drawn, opened, passed, pushed, signed, step, today, told
from ..support import District, upload, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(d: District) -> District:
    """The coordinating office oversees the whole district."""
    Post.objects.filter(person__username__in=["rzb1", "rzb2"]).update(scope_territory=d.root)
    return d


def text_of(response) -> str:
    """Everything a response says, also inside a workbook."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    try:
        pack = ZipFile(io.BytesIO(data))
        return "".join(pack.read(n).decode() for n in pack.namelist() if n.endswith(".xml"))
    except BadZipFile:
        return data.decode("utf-8", "replace")


def test_a_file_from_its_first_figure_to_the_bank_on_the_screen(office: District, at) -> None:
    d = office
    c = at("rzb1")
    answer = c.post("/financing/files/new/", {"subject": d.project.code, "developer": "qy", "day": today()})
    file = File.objects.get()
    assert answer["Location"] == f"/financing/files/{file.code}/"
    root = f"/financing/files/{file.code}"
    assert (
        c.post(
            f"{root}/figures/gap/", {"need": "1.2亿", "closes": "销售回款", "day": today(), "source": "企业报送"}
        ).status_code
        == 302
    )
    assert (
        c.post(
            f"{root}/figures/presale/",
            {"account": ACCOUNT, "account_bank": "zgyh", "balance": "500", "day": today(), "source": "银行"},
        ).status_code
        == 302
    )
    assert (
        c.post(
            f"{root}/figures/building/",
            {"part": "1号楼", "flats": 100, "percent": 40, "promised": "2030-01-01", "day": today(), "source": "企业"},
        ).status_code
        == 302
    )
    found = book(file)
    assert (found.number("need"), found.number("flats", "1号楼")) == (12_000 * WAN, 100)
    for s in ("W1", "W2", "W3", "W4", "W5", "B1", "B2", "B3", "B4", "B5"):
        staged = d.photo("rzb1", f"{s}.jpg", colour=ord(s[1]) + 2 * ord(s[0]))
        assert (
            c.post(
                f"{root}/check/{s}/", {"result": "pass", "reason": "", "day": today(), "staged": staged.pk}
            ).status_code
            == 302
        ), s
    assert c.post(f"{root}/treated/", {"treatment": "normal", "reason": "", "day": today()}).status_code == 302
    for what, data in (("handed", {}), ("district", {"passed": "yes"}), ("city", {"passed": "yes"})):
        assert c.post(f"{root}/{what}/", {"day": today(), **data}).status_code == 302, what
    answer = c.post(f"{root}/pushed/", {"bank": "zgyh", "batch": "第一批", "day": today()})
    push = Push.objects.get()
    assert answer["Location"] == f"/financing/pushes/{push.code}/"
    page = c.get(f"{root}/").content.decode()
    for word in ("住房侧条件", "待核对", "1.2亿元", "1号楼", "中国银行", "企业报送"):
        assert word in page, word
    bank = at("zgyh1")
    here = f"/financing/pushes/{push.code}"
    assert "东微电子" in bank.get("/m/financing/").content.decode()
    for what, data in (
        ("received", {}), ("accepted", {}), ("credited", {"amount": "8000", "term": 24, "rate": "3.85"}),
        ("signed", {"contract": "借字1号", "mode": "stages", "parties": "示例总包公司\n示例门窗公司"}), ("planned", {"rows": "2029-01-01 5000 50\n2029-06-01，3000，80%"}),
        ("drawn", {"amount": "5000", "account": ACCOUNT}), ("paid", {"amount": "100", "payee": "示例总包公司", "purpose": "工程款"}), ("duty", {"survey": "on", "note": "现场两次"}),
    ):  # fmt: skip
        answer = bank.post(f"{here}/{what}/", {"day": today(), **data})
        assert answer.status_code == 302, (what, answer.context["form"].errors if answer.context else answer)
    page = bank.get(f"{here}/").content.decode()
    for word in ("8000万元", "现场两次", "示例门窗公司", "借字1号", "进度"):
        assert word in page, word
    file.refresh_from_db()
    assert file.state == "drawing"


@pytest.mark.parametrize(
    ("what", "data", "field"),
    [
        ("credited", {"amount": "很多", "term": 24}, "amount"), ("credited", {"amount": "8000", "term": 0}, "term"), ("problems", {"items": " "}, "items"),
        ("refused", {"reason": ""}, "reason"), ("accepted", {"day": "2999-01-01"}, "day"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_stands_at_its_field(office: District, at, what: str, data: dict, field: str) -> None:
    push = pushed(office, passed(office))
    if what == "credited":
        step(office, push.file, "accepted", "zgyh1", push)
    answer = at("zgyh1").post(f"/financing/pushes/{push.code}/{what}/", {"day": today(), **data})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert Push.objects.get().ended is None


def test_a_plan_that_cannot_be_read_names_its_line(office: District, at) -> None:
    push = pushed(office, passed(office))
    credited(office, push)
    signed(office, push)
    answer = at("zgyh1").post(
        f"/financing/pushes/{push.code}/planned/", {"day": today(), "rows": "2029-01-01 5000 50\n明年 3000 80"}
    )
    assert "第2行" in str(answer.context["form"].errors["rows"])


def test_the_developer_tells_and_checks_itself_and_sees_its_own_file_alone(office: District, at) -> None:
    d = office
    d.units["qy2"] = unit_add(name="示例建设单位二", kind="company", code="qy2")
    mine, other = opened(d, "自家项目"), opened(d, "别家项目", developer="qy2")
    c = at("qy1")
    page = c.get("/m/financing/").content.decode()
    assert "自家项目" in page
    assert "别家项目" not in page
    assert c.get(f"/financing/files/{other.code}/").status_code == 404
    root = f"/financing/files/{mine.code}"
    assert (
        c.post(f"{root}/figures/sales/", {"saleable": "3000", "day": today(), "source": "销售台账"}).status_code == 302
    )
    assert c.post(f"{root}/check/W1/", {"result": "pass", "reason": "", "day": today()}).status_code == 302
    assert "自查" in c.get(f"{root}/").content.decode()
    for what in ("district", "city", "treated", "out", "pushed"):
        assert c.get(f"{root}/{what}/").status_code == 404
        assert (
            c.post(
                f"{root}/{what}/",
                {"day": today(), "passed": "yes", "treatment": "normal", "reason": "x", "bank": "zgyh"},
            ).status_code
            == 404
        )
    assert c.get("/financing/lists/").status_code == 404
    assert c.get("/financing/banks/").status_code == 404


def test_lead_banks_are_proposed_decided_and_pushed_on_one_page(office: District, at) -> None:
    d = office
    files = [passed(d, f"住宅项目{i}", need=1_000 * (i + 1)) for i in range(3)]
    c = at("rzb1")
    for code, capacity in (("zgyh", "9000"), ("gsyh", "4000")):
        assert (
            c.post(f"/financing/banks/{code}/", {"capacity": capacity, "share": 100, "like_trouble": -5}).status_code
            == 302
        )
    assert at("zgyh1").post("/financing/banks/zgyh/", {"capacity": "9500", "share": 100}).status_code == 302
    assert at("zgyh1").post("/financing/banks/gsyh/", {"capacity": "1", "share": 100}).status_code == 404
    assert Appetite.objects.get(bank__code="gsyh").capacity == 4_000 * WAN
    c.post("/financing/banks/", {"ask": "1"})
    row = Proposal.objects.get()
    assert "停止" in c.get(f"/financing/banks/searches/{row.pk}/", HTTP_HX_REQUEST="true").content.decode()
    work_off()
    assert c.get(f"/financing/banks/searches/{row.pk}/", HTTP_HX_REQUEST="true").status_code == 204
    page = c.get("/financing/banks/").content.decode()
    assert "监管账户开户" in page or "监管账户" in page
    c.post("/financing/banks/", {"choose": files[2].code, "bank": "jsyh", "reason": ""})
    assert not Choice.objects.exists()
    c.post("/financing/banks/", {"choose": files[2].code, "bank": "jsyh", "reason": "总行战略客户"})
    assert Choice.objects.get().broken[0][0] == "unknown"
    c.post("/financing/banks/", {"take_over": "1"})
    assert Choice.objects.count() == 3
    assert "住宅项目2" in text_of(c.get("/financing/banks/?export=xlsx"))
    answer = c.post("/financing/banks/", {"push": "1", "file": [f.code for f in files], "batch": "第一批"}, follow=True)
    assert "已推送3个项目" in answer.content.decode()
    assert Push.objects.filter(batch="第一批").count() == 3
    assert {p.bank.code for p in Push.objects.filter(file=files[2])} == {"jsyh"}


def test_the_three_lists_go_out_in_each_form_as_of_any_day(office: District, at) -> None:
    d = office
    with time_machine.travel(timezone.now() - timedelta(days=9), tick=False):
        file = passed(d)
    push = pushed(d, file)
    credited(d, push)
    c = at("rzb1")
    old = (today() - timedelta(days=5)).isoformat()
    page = c.get("/financing/lists/")
    assert [len(page.context["report"].of(x)) for x in ("unlisted", "uncredited", "undrawn")] == [0, 0, 1]
    page = c.get(f"/financing/lists/?as_of={old}")
    assert [len(page.context["report"].of(x)) for x in ("unlisted", "uncredited", "undrawn")] == [1, 0, 0]
    for form in ("district", "city", "province"):
        told_ = text_of(c.get(f"/financing/lists/?list=undrawn&form={form}&export=csv"))
        assert "住宅项目一" in told_
        assert told_.lstrip("\ufeff").startswith("序号,项目")
        assert "8000" in told_
    assert "住宅项目一" in text_of(c.get(f"/financing/lists/?as_of={old}&list=unlisted&export=xlsx"))
    assert c.get("/financing/lists/?list=x&export=csv").status_code == 404
    assert c.get("/financing/lists/?as_of=nonsense").context["day"] == today()
    for who, status in (("leader", 200), ("zgyh1", 404), ("qy1", 404), ("audit", 404), ("cgj1", 404), ("admin", 404)):
        assert at(who).get("/financing/lists/").status_code == status, who


def test_a_new_edition_of_the_bank_side_holds_from_its_day(office: District, at) -> None:
    c = at("rzb1")
    lines = "B1 | 证照齐全 | 四证 | 20\n*B6 | 担保落实 | 担保函 | 10"
    tomorrow = (today() + timedelta(days=1)).isoformat()
    answer = c.post(
        "/financing/conditions/B/",
        {"valid_from": tomorrow, "source": "本市通知", "confirmed": "on", "lines": "B1 | 缺两段"},
    )
    assert "第1行" in str(answer.context["form"].errors["lines"])
    assert (
        c.post("/financing/conditions/B/", {"valid_from": "2020-01-01", "source": "x", "lines": lines}).status_code
        == 200
    )
    assert (
        c.post(
            "/financing/conditions/B/",
            {"valid_from": tomorrow, "source": "本市通知", "confirmed": "on", "lines": lines},
        ).status_code
        == 302
    )
    assert Edition.objects.get().body["condition"][1]["blocks"]
    assert "担保落实" not in c.get("/financing/conditions/").content.decode().split("版次")[0]
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert "担保落实" in at("rzb1").get("/financing/conditions/").content.decode()
    for who in ("zgyh1", "qy1"):
        assert (
            at(who)
            .post("/financing/conditions/B/", {"valid_from": tomorrow, "source": "x", "lines": lines})
            .status_code
            == 403
        )


def test_a_bank_answers_by_its_sheet_and_again_changes_nothing(office: District, at) -> None:
    d = office
    first, second = pushed(d, passed(d)), pushed(d, passed(d, "住宅项目二"), "gsyh")
    c = at("zgyh1")
    sheet = text_of(c.get("/financing/exchange/file/?export=csv"))
    assert first.code in sheet
    assert second.code not in sheet
    head = "推送编号,项目名称,反馈结果,存在问题,授信金额(万元),期限(月),年利率(%),合同编号,放款方式,本次放款(万元),放款日期\n"
    rows = f"{first.code},x,同意,,8000,24,3.85,借字1号,按进度,1000,{today()}\n{second.code},x,同意,,1,1,,,,,\n"

    def brought(text: str):
        return c.post("/financing/exchange/", {"file": upload("反馈.csv", text.encode())})

    answer = brought(head + rows)
    assert (answer.context["taken"].steps, len(answer.context["failed"])) == (4, 1)
    nothing = brought(head + rows.replace(second.code, "tnothing"))
    assert nothing.context["failed"][0][2].replace("tnothing", second.code) == answer.context["failed"][0][2]
    assert nothing.context["taken"].steps == 0
    assert book(first.file).ask_of(first).drawn == 1_000 * WAN
    wrong = brought(head + f"{first.code},x,,,,,,,,99999,{today()}\n")
    assert "本次放款" in wrong.context["failed"][0][2] or "amount" in wrong.context["failed"][0][2]
    assert brought("甲,乙\n1,2\n").context["form"].errors["file"]
    assert at("qy1").get("/financing/exchange/").status_code == 404


def test_a_bank_feeds_problems_back_by_its_sheet(office: District, at) -> None:
    push = pushed(office, passed(office))
    text = f"推送编号,项目名称,反馈结果,存在问题\n{push.code},x,有问题,抵押未解除；缺审计\n"
    answer = at("zgyh1").post("/financing/exchange/", {"file": upload("反馈.csv", text.encode())})
    assert answer.context["taken"].steps == 1
    assert Matter.objects.filter(kind="financing", raiser__code="zgyh").count() == 2


def test_the_signing_ceremony_prepares_itself_and_its_guests_see_neither_agenda_nor_each_other(
    office: District, at
) -> None:
    d = office
    pushes = [pushed(d, passed(d, f"住宅项目{i}"), bank) for i, bank in enumerate(("zgyh", "gsyh"))]
    for p in pushes:
        credited(d, p)
    c = at("rzb1")
    data = {
        "title": "签约仪式",
        "chair": "分管领导",
        "starts_at": "2030-01-01T09:00",
        "place": "交流中心",
        "projects": [p.file.code for p in pushes],
    }
    answer = c.post("/financing/signing/", data)
    meeting = Meeting.objects.get(kind="signing")
    assert answer["Location"] == f"/financing/signing/{meeting.pk}/"
    c.post(f"/meetings/{meeting.pk}/call/")
    c.post(f"/financing/signing/{meeting.pk}/papers/", {"kind": ["signing_notice", "signing_list"]})
    work_off()
    assert Paper.objects.filter(state="draft").count() == 2
    for p in Paper.objects.all():
        c.post(f"/papers/{p.pk}/issue/")
    for who in ("zgyh1", "qy1"):
        page = at(who).get(f"/meetings/{meeting.pk}/").content.decode()
        assert "交流中心" in page
        assert "工商银行" not in page
        assert "住宅项目" not in page
        assert at(who).get(f"/meetings/{meeting.pk}/screen/").status_code == 404
        assert at(who).get(f"/financing/signing/{meeting.pk}/").status_code in (403, 404)
        papers = at(who).get("/papers/").content.decode()
        assert "签约仪式签约名单" not in papers
        assert "签约仪式通知" in papers
    told_ = {f"contract-{p.code}": f"借字{i}号" for i, p in enumerate(pushes)} | {f"mode-{pushes[1].code}": "whole"}
    c.post(f"/financing/signing/{meeting.pk}/", told_)
    assert [book(p.file).ask_of(p).mode for p in pushes] == ["stages", "whole"]
    assert "借字1号" in c.get(f"/financing/signing/{meeting.pk}/").content.decode()
    assert signing.ripe(d.viewer("rzb1")) == []


def test_a_question_of_money_is_answered_with_a_reason(office: District, at) -> None:
    d = office
    push = pushed(d, passed(d))
    credited(d, push)
    signed(d, push)
    drawn(d, push, 500)
    c = at("rzb1")
    late = (today() + timedelta(days=30)).isoformat()
    text = f"交易日期,流水号,收入,支出,余额,对方户名\n{today()},A1,,7.00,1.00,陌生公司\n{late},A2,1.00,,2.00,甲\n"
    c.post(f"/financing/files/{push.file.code}/statement/", {"file": upload("流水.csv", text.encode())})
    work_off()
    row = Statement.objects.get()
    assert row.new == 2
    assert "2" in c.get(f"/financing/statements/{row.pk}/").content.decode()
    page = c.get(f"/financing/files/{push.file.code}/")
    words = {x["doubt"].word: x["doubt"].key for x in page.context["doubts"]}
    assert set(words) == {"not_arrived", "unasked"}
    url = f"/financing/files/{push.file.code}/explain/?key={words['unasked']}"
    assert c.post(url, {"reason": " "}).status_code == 200
    assert c.post(url, {"reason": "银行手续费"}).status_code == 302
    assert "银行手续费" in c.get(f"/financing/files/{push.file.code}/").content.decode()
    assert c.get(f"/financing/files/{push.file.code}/explain/?key=nothing").status_code == 404
    assert at("zgyh1").get(url).status_code == 404
    assert Movement.objects.count() == 2


def test_every_look_at_a_confidential_file_is_an_event(office: District, at) -> None:
    d = office
    push = pushed(d, passed(d))
    proof = push.file.steps.filter(what="check").first().proofs.get()
    for who, path in (
        ("rzb1", f"/financing/files/{push.file.code}/"), ("zgyh1", f"/financing/pushes/{push.code}/"), ("leader", f"/financing/files/{push.file.code}/"),
        ("qy1", f"/financing/proofs/{proof.pk}/"), ("rzb1", "/financing/files/?export=csv"),
    ):  # fmt: skip
        before = Event.objects.filter(type="FinancingSeen").count()
        response = at(who).get(path)
        assert response.status_code == 200
        if response.streaming:
            b"".join(response.streaming_content)
        assert Event.objects.filter(type="FinancingSeen").count() == before + 1, path
    before = Event.objects.filter(type="FinancingSeen").count()
    for who in ("gsyh1", "cgj1", "audit", "admin"):
        for path in (
            f"/financing/files/{push.file.code}/",
            f"/financing/pushes/{push.code}/",
            f"/financing/proofs/{proof.pk}/",
        ):
            assert at(who).get(path).status_code == 404, (who, path)
    assert Event.objects.filter(type="FinancingSeen").count() == before


def test_a_notice_of_a_push_leads_to_it(office: District, at) -> None:
    push = pushed(office, passed(office))
    gather(at=timezone.now())
    notice = Notice.objects.get(person__username="zgyh1", type="Financing.pushed")
    assert at("zgyh1").get(f"/notices/{notice.pk}/")["Location"] == f"/financing/pushes/{push.code}/"


# one bank and the other


SEEDS = (
    "/", "/m/financing/", "/financing/files/", "/financing/files/?export=csv", "/financing/exchange/", "/financing/exchange/file/?export=csv", "/financing/conditions/",
    "/financing/warnings/", "/matters/", "/matters/?export=csv", "/matters/?mechanism=financing", "/subjects/", "/subjects/?export=csv", "/meetings/", "/papers/", "/notices/",
    "/notices/?export=csv", "/ledger/", "/ledger/?export=csv", "/registers/", "/units/", "/objections/", "/plans/", "/m/promotion/", "/m/counselling/", "/year/", "/me/",
    "/subjects/?text=住宅项目", "/matters/?text=住宅项目", "/m/fire/",
)  # fmt: skip
NOISE = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"|csrf[^"]*":\s*"[^"]+"|name="token" value="[^"]+"'
)


def everything(client: Client, more: tuple[str, ...] = ()) -> dict[str, tuple[int, str]]:
    """Every page that can be reached from the navigation and a few exports, as it reads but for tokens."""
    found: dict[str, tuple[int, str]] = {}
    waiting = [*SEEDS, *more]
    while waiting:
        path = waiting.pop(0)
        if path in found or len(found) > 400:
            continue
        response = client.get(path)
        text = NOISE.sub("", text_of(response)) if response.status_code == 200 else response.headers.get("Location", "")
        found[path] = (response.status_code, text)
        if response.status_code == 200 and path.startswith(
            ("/m/financing", "/financing", "/notices", "/meetings", "/subjects", "/matters", "/papers", "/")
        ):
            links = (unescape(x) for x in re.findall(r'href="(/[^"#]*)"', text))
            waiting += [
                x
                for x in links
                if x.startswith(("/financing/", "/meetings/", "/subjects/s", "/matters/", "/papers/", "/receipts/"))
                and "after=" not in x
            ]
    return found


def test_one_bank_learns_nothing_of_the_other_by_any_page_count_export_notice_or_error(office: District) -> None:
    """What bank A can see is byte for byte the same before and after bank B was asked, answered, credited, signed, drew, and was
    invited: for a project that A had before, and for one that A never had."""
    d = office
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        had, never = passed(d, "住宅项目甲"), passed(d, "住宅项目乙", account_bank="gsyh")
        open_ = pushed(d, passed(d, "住宅项目丙"))
        for bank in ("zgyh", "gsyh"):
            leading.appetite(
                viewer=d.viewer("rzb1"),
                bank=d.units[bank],
                capacity=90_000 * WAN,
                most=5,
                least=0,
                top=None,
                share=100,
                likes={},
                never=[],
                at=now,
            )
        told(d, had, part="gsyh", lent=700 * WAN)
        mine = pushed(d, had)
        pushing.feed_back(viewer=d.viewer("zgyh1"), push=mine, items=["抵押未解除"], day=today(), at=now)
        for m in Matter.objects.filter(kind="financing"):
            act(number=m.number, command=commands.Withdraw(d.actor("rzb1"), now, "已说明"))
        gather(at=now)
        client = Client()
        client.force_login(d.people["zgyh1"], backend="django.contrib.auth.backends.ModelBackend")
        for _ in range(2):  # the first look changes the session and the notices seen
            before = everything(client)
        assert any(mine.code in path for path in before)
        assert any(open_.code in path for path in before)
    later = now + timedelta(seconds=1)
    with time_machine.travel(later, tick=False):
        others = [pushed(d, had, "gsyh"), pushed(d, never, "gsyh")]
        for p in others:
            credited(d, p)
        meeting = signing.prepare(
            viewer=d.viewer("rzb1"),
            books=signing.ripe(d.viewer("rzb1")),
            title="签约仪式",
            chair="领导",
            starts_at=later + timedelta(days=3),
            place="中心",
            at=later,
        )
        call(viewer=d.viewer("rzb1"), meeting=meeting, at=later)
        for p in others:
            signed(d, p)
            drawn(d, p, 300)
            step(d, p.file, "paid", "gsyh1", p, amount=WAN, payee="示例总包公司", purpose="工程款")
        leading.ask(viewer=d.viewer("rzb1"), at=later)
        work_off()
        gather(at=later)
    with time_machine.travel(now, tick=False):
        after = everything(client)
        assert set(before) == set(after)
        for path, said in before.items():
            assert after[path] == said, path
        secret = [p.code for p in others]
        nothing = client.get("/financing/pushes/tnothing/")
        for code in secret:
            for where in (f"/financing/pushes/{code}/", f"/financing/pushes/{code}/accepted/"):
                got = client.get(where)
                assert got.status_code == nothing.status_code == 404
                assert NOISE.sub("", got.content.decode()).replace(where, "") == NOISE.sub(
                    "", nothing.content.decode()
                ).replace("/financing/pushes/tnothing/", "")
        unknown = client.get(f"/financing/files/{never.code}/")
        assert unknown.status_code == 404
        for what in ("accepted", "credited", "drawn", "refused"):
            data = {"day": today(), "reason": "x", "amount": "1", "term": 1, "account": ACCOUNT}
            assert client.post(f"/financing/pushes/{others[0].code}/{what}/", data).status_code == 404
        ended = client.post(f"/financing/pushes/{mine.code}/accepted/", {"day": today()})
        assert "此步骤" in ended.content.decode() or ended.status_code == 200
        assert "工商银行" not in ended.content.decode()
