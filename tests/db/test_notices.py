"""Told once, for one reason, in the chosen way, and never twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bihuan.adapters import notify
from bihuan.instruments.notices import rules, services
from bihuan.instruments.notices.models import Channel, Cursor, Delivery, Notice
from bihuan.instruments.notices.texts import message, what
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger import triggers
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.clockwork import tick
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Post

from ..support import District

pytestmark = pytest.mark.django_db
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-test"
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Post_:
    """A way out of the house that remembers, and refuses when told to."""

    def __init__(self, refuse: bool = False) -> None:
        self.sent: list[dict] = []
        self.refuse = refuse

    def __call__(self, **what) -> None:
        if self.refuse:
            raise notify.Undelivered("no such robot")
        self.sent.append(what)


def told(who: str) -> list[tuple[str, str, bool]]:
    return [(n.type, n.why, n.urgent) for n in Notice.objects.filter(person__username=who).order_by("id")]


def gather(d: District, at: datetime | None = None) -> None:
    while services.gather(at=at or d.now):
        pass


def channel(d: District, who: str, kind: str = "wecom") -> Channel:
    address = ROBOT if kind == "wecom" else "https://open.feishu.cn/open-apis/bot/v2/hook/00000000-test"
    made = services.choose(person=d.people[who], kind=kind, address=address)
    assert made is not None
    return made


def test_each_event_is_told_to_those_it_concerns_and_not_to_its_doer(d: District) -> None:
    m = d.assigned(lead="cgj", supporting=("jsj",))
    gather(d)
    assert told("cgj1") == [("Assigned", "lead", True)]
    assert told("jsj2") == [("Assigned", "supporting", False)]
    assert told("jfj1") == []
    assert told("jfj2") == [("Raised", "assigner", False)]
    d.do("cgj1", m, c.Accept)
    d.do("jsj1", m, c.Report, "配合完毕")
    m = d.do("cgj1", m, c.Submit, "已办完")
    gather(d)
    assert told("cgj2")[0] == ("Assigned", "lead", True)
    assert told("jfj2")[-1] == ("Submitted", "verifier", False)


def test_gathering_again_tells_nothing_twice(d: District) -> None:
    d.handling()
    gather(d)
    before = Notice.objects.count()
    Cursor.objects.update(position=0)
    gather(d)
    assert before
    assert Notice.objects.count() == before


def test_one_person_of_several_parts_gets_one_notice_for_the_weightiest(d: District) -> None:
    """Lead, supporting and superior in one person."""
    person = d.people["cgj1"]
    day = d.now.date() - timedelta(days=9)
    Post.objects.create(unit=d.units["jsj"], title="兼", role="officer", person=person, valid_from=day)
    Post.objects.create(
        unit=d.units["gwh"], title="兼", role="leader", person=person, scope_territory=d.root, valid_from=day
    )
    m = d.handling(lead="cgj", supporting=("jsj",), at=d.now - timedelta(days=60))
    for _ in range(4):
        tick(at=d.now)
    gather(d)
    escalated = [t for t in told("cgj1") if t[0] == "Escalated"]
    assert len(escalated) == Event.objects.filter(stream=f"matter:{m.number}", type="Escalated").count()
    assert {why for _, why, _ in escalated} == {"owes"}


def test_an_escalation_says_why_and_reaches_the_superior(d: District) -> None:
    d.handling(at=d.now - timedelta(days=60))
    for _ in range(4):
        tick(at=d.now)
    gather(d)
    notices = Notice.objects.filter(person__username="leader")
    assert [(n.detail["step"], n.why, n.urgent) for n in notices] == [("supervision", "superior", True)]
    assert notices[0].detail["late"] > 0
    assert str(notices[0].detail["late"]) in what(notices[0])


def test_superiors_without_clearance_hear_nothing_of_confidential_matters(d: District) -> None:
    Post.objects.filter(person__username="leader").update(clearance=False)
    d.handling("financing", by="rzb1", lead="zgyh", at=d.now - timedelta(days=90))
    Matter.objects.update(confidential=True)
    for _ in range(4):
        tick(at=d.now)
    gather(d)
    assert Event.objects.filter(type="Escalated").exists()
    assert told("leader") == []


def test_who_left_the_unit_hears_nothing(d: District) -> None:
    Post.objects.filter(person__username="cgj2").update(valid_to=d.now.date() - timedelta(days=1))
    d.people["jsj2"].is_active = False
    d.people["jsj2"].save()
    d.assigned(lead="cgj", supporting=("jsj",))
    gather(d)
    assert told("cgj2") == told("jsj2") == []


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-02-12 08:59", "2026-02-12 09:00"),
        ("2026-02-12 09:00", "2026-02-13 09:00"),
        ("2026-02-14 07:00", "2026-02-14 09:00"),
        ("2026-02-14 10:00", "2026-02-24 09:00"),
        ("2026-02-20 08:00", "2026-02-24 09:00"),
    ],
)
def test_the_digest_leaves_at_nine_of_working_days(d: District, now: str, due: str) -> None:
    """2026-02-14 is a Saturday that works; the Spring Festival follows."""
    at, expected = (datetime.fromisoformat(t).replace(tzinfo=SHANGHAI) for t in (now, due))
    assert rules.digest_due(at, calendar_for()) == expected


def test_urgent_leaves_at_once_and_the_rest_in_one_digest(d: District) -> None:
    for who in ("cgj1", "jsj1"):
        channel(d, who)
    for i in range(20):
        d.assigned(lead="cgj", supporting=("jsj",), title=f"问题{i}")
    gather(d)
    post = Post_()
    assert services.send_due(at=d.now, send=post) == 1
    assert "问题0" in post.sent[0]["text"]
    later = Delivery.objects.filter(channel__person__username="jsj1").latest("due_at").due_at
    assert services.send_due(at=later - timedelta(seconds=1), send=post) == 0
    assert services.send_due(at=later, send=post) == 1
    assert len(post.sent[1]["text"].splitlines()) == 16
    assert services.send_due(at=later, send=post) == 0


def test_a_worker_that_dies_after_sending_sends_nothing_twice(d: District) -> None:
    channel(d, "cgj1")
    d.assigned(lead="cgj")
    gather(d)
    post = Post_()

    def dies(**what) -> None:
        post(**what)
        raise SystemExit("kill -9")

    with pytest.raises(SystemExit):
        services.send_due(at=d.now, send=dies)
    for minutes in (0, 5, 11, 600):
        services.send_due(at=d.now + timedelta(minutes=minutes), send=post)
    assert len(post.sent) == 1
    assert Delivery.objects.get().state == "unknown"


def test_a_dead_channel_is_retried_then_given_up_and_shown(d: District) -> None:
    mine = channel(d, "cgj1")
    d.assigned(lead="cgj")
    gather(d)
    post, at = Post_(refuse=True), d.now
    for _ in range(5):
        assert services.send_due(at=at, send=post) == 0
        at += timedelta(hours=3)
    mine.refresh_from_db()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error) == ("dead", "no such robot")
    assert mine.broken_since is not None
    post.refuse = False
    assert services.send_due(at=at, send=post) == 0
    assert services.try_again(channel=mine, at=at) == 1
    assert services.send_due(at=at, send=post) == 1
    mine.refresh_from_db()
    assert mine.broken_since is None


def test_one_broken_channel_holds_up_nobody_else(d: District) -> None:
    channel(d, "cgj1")
    channel(d, "cgj2", "feishu")
    d.assigned(lead="cgj")
    gather(d)
    post = Post_()

    def send(**what) -> None:
        if what["kind"] == "wecom":
            raise notify.Undelivered("gone")
        post(**what)

    assert services.send_due(at=d.now, send=send) == 1


def test_confidential_titles_stay_in_the_house(d: District) -> None:
    channel(d, "zgyh1")
    m = d.assigned("financing", by="rzb1", lead="zgyh", title="某楼盘资金缺口三亿")
    Matter.objects.update(confidential=True)
    gather(d)
    post = Post_()
    services.send_due(at=d.now, send=post)
    assert "资金缺口" not in post.sent[0]["text"] + post.sent[0]["title"]
    assert f"#{m.number}" in post.sent[0]["text"]


def test_a_late_commit_is_still_told(d: District) -> None:
    """An event whose id was given before another's but committed after it."""
    m = d.assigned(lead="cgj")
    late = Event.objects.filter(stream=f"matter:{m.number}").latest("seq")
    triggers.remove()
    Event.objects.filter(pk=late.pk).update(id=late.pk + 1000)
    d.raised(title="别的")
    gather(d)
    Event.objects.filter(pk=late.pk + 1000).update(id=late.pk)
    triggers.install()
    gather(d)
    assert told("cgj1") == [("Assigned", "lead", True)]


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("wecom", "http://127.0.0.1/cgi-bin/webhook/send?key=aaaaaaaaaa"),
        ("wecom", "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=aaaaaaaaaa"),
        ("dingtalk", ROBOT),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/../../x"),
        ("email", "a@example.com"),
    ],
)
def test_only_real_robots_are_called_and_mail_only_where_it_is_set_up(d: District, kind: str, address: str) -> None:
    with pytest.raises(Refused):
        services.choose(person=d.people["cgj1"], kind=kind, address=address)
    assert not Channel.objects.exists()


def test_messages_speak_the_persons_language(d: District) -> None:
    m = d.assigned(lead="cgj")
    gather(d)
    notice = Notice.objects.get(person__username="cgj1")
    title, text = message([notice], {m.number: m}, "en")
    assert title == "Bihuan: assigned"
    assert "your unit leads" in text


@pytest.mark.parametrize(
    ("kind", "address", "host"),
    [
        ("wecom", ROBOT, "qyapi.weixin.qq.com"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=" + "a" * 64, "oapi.dingtalk.com"),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/00000000-test", "open.feishu.cn"),
    ],
)
@pytest.mark.parametrize("ok", [True, False])
def test_the_library_calls_the_right_address_once(monkeypatch, kind: str, address: str, host: str, ok: bool) -> None:
    import requests

    calls: list[tuple[str, str]] = []

    def answer(self, method: str, url: str, **kw) -> requests.Response:
        calls.append((url, str(kw.get("data"))))
        response = requests.Response()
        response.status_code = 200 if ok else 500
        response._content = b'{"errcode": 0, "code": 0}'
        return response

    monkeypatch.setattr(requests.Session, "request", answer)
    if ok:
        notify.send(kind=kind, address=address, title="标题", text="内容")
    else:
        with pytest.raises(notify.Undelivered):
            notify.send(kind=kind, address=address, title="标题", text="内容")
    assert len(calls) == 1
    assert calls[0][0].startswith(f"https://{host}/")
