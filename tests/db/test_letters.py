"""Responsibility letters: drafted, negotiated, signed by the named persons or on paper, held by hash; tasks become matters; the tree."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone, translation

from bihuan.instruments.letters import face, papers, record, rules, services
from bihuan.instruments.letters.catalogue import templates
from bihuan.instruments.letters.models import Letter, Signature
from bihuan.instruments.letters.selectors import audience, before, letters_visible_to, tree
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Person, Post, Unit
from bihuan.kernel.registry.streams import kinds
from bihuan.web.surface.history import history

from ..forging import proven
from ..support import District, differences

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year


@pytest.fixture
def heads(d: District) -> District:
    for code in ("xab", "lzh", "jcl", "jsj", "cgj"):
        person = Person.objects.create(username=f"{code}0", name=f"测试{code}0")
        scope = d.root if code == "xab" else None
        Post.objects.create(
            unit=d.units[code],
            title="负责人",
            role="head",
            person=person,
            valid_from=date(2020, 1, 1),
            scope_territory=scope,
        )
        d.people[f"{code}0"] = person
    return d


def drafted(
    d: District,
    parties: tuple[str, ...] = ("lzh", "jcl"),
    by: str = "xab1",
    issuer: str = "xab",
    template: str = "fire.township",
    **more,
):
    kind = templates()[template]
    begins, ends = kind.days(YEAR)
    told = {
        "viewer": d.viewer(by), "template": template, "year": YEAR, "title": f"{YEAR}年责任书", "issuer": d.units[issuer], "body": kind.wording(YEAR),
        "begins": begins, "ends": ends, "copies": 2, "parties": [d.units[p] for p in parties], "work": f"{YEAR}年度消防工作", "at": d.now, **more,
    }  # fmt: skip
    return services.draft(**told)


def offered(d: District, **more) -> list[Letter]:
    batch = drafted(d, **more)
    rows = list(batch.letters.all())
    services.offer(viewer=d.viewer(more.get("by", "xab1")), letters=rows, at=d.now)
    return list(batch.letters.all())


def signed(d: District, letter: Letter, *people: str) -> Letter:
    for who in people:
        services.sign(viewer=d.viewer(who), letter=letter, digest=letter.digest, at=d.now)
    letter.refresh_from_db()
    return letter


def test_the_audience_leaves_out_who_assesses(d: District) -> None:
    codes = set(audience(templates()["fire.department"]).values_list("code", flat=True))
    assert {"jsj", "cgj", "gdgs"} <= codes
    assert not codes & {"xab", "dcs", "lzh", "xfdd", "zgyh"}


def test_both_named_persons_sign_and_the_tasks_become_matters_of_the_party(heads: District) -> None:
    d = heads
    letter = offered(d)[0]
    assert (letter.issuer_signer, letter.party_signer) == (d.people["xab0"], d.people[f"{letter.party.code}0"])
    half = signed(d, letter, "xab0")
    assert (half.state, Matter.objects.filter(kind="letter_task").count()) == ("offered", 0)
    done = signed(d, letter, f"{letter.party.code}0")
    assert done.state == "signed"
    tasks = list(done.tasks.all())
    assert len(tasks) == len(done.body["tasks"]) == 2
    matter = tasks[0].matter
    assert (matter.lead, matter.assigner, matter.verifier, matter.state) == (
        letter.party,
        d.units["xab"],
        d.units["xab"],
        "assigned",
    )
    events = [e.type for e in stream(f"letter:{letter.pk}").events]
    assert events == ["LetterDrafted", "LetterOffered", "LetterSigned", "LetterSigned", "LetterHolds"]
    held = stream(f"letter:{letter.pk}").events[-1]
    assert held.data["digest"] == rules.digest(services.head_of(done), done.body) == done.digest


def test_a_task_whose_day_has_come_gets_the_usual_limit_and_others_their_own(heads: District) -> None:
    d = heads
    body = {
        **templates()["fire.township"].wording(YEAR),
        "tasks": [{"text": "甲", "due": [f"{YEAR}-01-02"]}, {"text": "乙", "due": [f"{YEAR + 1}-06-30"]}],
    }
    letter = next(x for x in offered(d, body=body) if x.party.code == "jcl")
    signed(d, letter, "xab0", "jcl0")
    due = {
        t.text: timezone.localtime(t.matter.due_at).date() - timedelta(days=1)
        for t in letter.tasks.select_related("matter")
    }
    assert due["乙"] == date(YEAR + 1, 6, 30)
    assert due["甲"] > timezone.localdate()


def test_nobody_but_the_named_person_signs_and_only_what_was_read(heads: District) -> None:
    d = heads
    letter = offered(d)[0]
    for who in ("xab1", "lzh1", "jcl1", "leader", "jsj0", "dcs1"):
        with pytest.raises(Refused, match="named to sign"):
            services.sign(viewer=d.viewer(who), letter=letter, digest=letter.digest, at=d.now)
    with pytest.raises(Refused, match="changed meanwhile"):
        services.sign(viewer=d.viewer("xab0"), letter=letter, digest="0" * 64, at=d.now)
    services.sign(viewer=d.viewer("xab0"), letter=letter, digest=letter.digest, at=d.now)
    services.sign(viewer=d.viewer("xab0"), letter=letter, digest=letter.digest, at=d.now)
    assert letter.signatures.count() == 1


def test_whoever_left_the_unit_signs_for_it_no_longer(heads: District) -> None:
    d = heads
    letter = next(x for x in offered(d) if x.party.code == "lzh")
    Post.objects.filter(person=d.people["lzh0"]).update(unit=d.units["jsj"])
    with pytest.raises(Refused, match="no post"):
        services.sign(viewer=d.viewer("lzh0"), letter=letter, digest=letter.digest, at=d.now)
    services.name_signer(viewer=d.viewer("xab1"), letter=letter, side="issuer", person=d.people["leader"], at=d.now)
    letter.refresh_from_db()
    services.sign(viewer=d.viewer("leader"), letter=letter, digest=letter.digest, at=d.now)
    assert letter.signatures.get().post == "管委会办公室 经办"


def test_a_draft_is_the_issuers_alone_until_it_is_offered(heads: District) -> None:
    d = heads
    batch = drafted(d)
    seen = {
        who: letters_visible_to(d.viewer(who)).count()
        for who in ("xab1", "lzh1", "jcl1", "jsj1", "dcs1", "leader", "admin")
    }
    assert seen == {"xab1": 2, "lzh1": 0, "jcl1": 0, "jsj1": 0, "dcs1": 2, "leader": 2, "admin": 0}
    services.offer(viewer=d.viewer("xab1"), letters=list(batch.letters.all()), at=d.now)
    assert [letters_visible_to(d.viewer(who)).count() for who in ("lzh1", "jcl1", "jsj1")] == [1, 1, 0]


def test_a_suggestion_is_taken_over_or_declined_and_a_new_wording_is_signed_anew(heads: District) -> None:
    d = heads
    letter = next(x for x in offered(d) if x.party.code == "lzh")
    signed(d, letter, "xab0")
    body = {**letter.body, "reward": "按年度考核办法执行"}
    services.suggest(viewer=d.viewer("lzh1"), letter=letter, text="奖惩应按办法", body=body, at=d.now)
    with pytest.raises(Refused):
        services.answer(viewer=d.viewer("lzh1"), letter=letter, take=True, text="", at=d.now)
    services.answer(viewer=d.viewer("xab1"), letter=letter, take=True, text="", at=d.now)
    letter.refresh_from_db()
    assert (letter.body["reward"], letter.version) == ("按年度考核办法执行", 2)
    signed(d, letter, "lzh0")
    assert letter.state == "offered"  # the issuer signed the old wording
    assert signed(d, letter, "xab0").state == "signed"
    services.reword(
        viewer=d.viewer("xab1"), letter=letter, body={**body, "reward": "另行通知"}, reason="上级要求", at=d.now
    )
    letter.refresh_from_db()
    assert (letter.state, letter.version) == ("offered", 3)
    signed(d, letter, "xab0", "lzh0")
    assert letter.tasks.count() == 2  # amended, not doubled


def test_a_declined_suggestion_needs_words_and_changes_nothing(heads: District) -> None:
    d = heads
    letter = offered(d)[0]
    services.suggest(
        viewer=d.viewer(f"{letter.party.code}1"),
        letter=letter,
        text="改",
        body={**letter.body, "basis": "无"},
        at=d.now,
    )
    with pytest.raises(Refused, match="empty"):
        services.answer(viewer=d.viewer("xab1"), letter=letter, take=False, text=" ", at=d.now)
    services.answer(viewer=d.viewer("xab1"), letter=letter, take=False, text="统一口径", at=d.now)
    letter.refresh_from_db()
    assert (letter.version, letter.suggestion) == (1, None)


def test_a_scanned_paper_holds_by_its_hash_and_a_party_outside_signs_on_paper_only(heads: District) -> None:
    d = heads
    letter = services.draft(
        viewer=d.viewer("lzh1"), template="fire.unit", year=YEAR, title="村级责任书", issuer=d.units["lzh"], body=templates()["fire.unit"].wording(YEAR),
        begins=date(YEAR, 1, 1), ends=date(YEAR, 12, 31), copies=3, parties=[], names=["示例村", " 示例村 "], work=f"{YEAR}年度消防工作", at=d.now,
    ).letters.get()  # fmt: skip
    staged = d.photo("lzh1", "责任书扫描.jpg")
    sha = staged.file_id
    with pytest.raises(Refused):
        services.scanned(viewer=d.viewer("jcl1"), letter=letter, file=staged, names="村主任", at=d.now)
    services.scanned(viewer=d.viewer("lzh1"), letter=letter, file=staged, names="办事处主任、村主任", at=d.now)
    letter.refresh_from_db()
    assert (letter.state, letter.scan_id, letter.tasks.count()) == ("signed", sha, 0)
    told = next(e for e in stream(f"letter:{letter.pk}").events if e.type == "LetterScanned")
    assert told.data["file"] == sha


def test_the_tree_shows_where_signing_stops(heads: District) -> None:
    d = heads
    offered(d)
    offered(d, by="lzh1", issuer="lzh", parties=("qy",), template="fire.unit")
    nodes = {n.letter.party.code: n for n in tree(d.viewer("leader"), "fire", YEAR)}
    assert ([b.letter.party.code for b in nodes["lzh"].below], nodes["lzh"].ends) == (["qy"], False)
    assert (nodes["jcl"].below, nodes["jcl"].ends) == ((), True)
    mine = tree(d.viewer("lzh1"), "fire", YEAR)
    assert [n.letter.party.code for n in mine] == ["lzh"]


def test_next_year_is_prefilled_from_this_one(heads: District) -> None:
    d = heads
    batch = drafted(d)
    assert before("fire", "township", d.units["xab"], YEAR + 1) == batch
    assert before("fire", "township", d.units["lzh"], YEAR + 1) is None
    next_ = rules.moved(batch.body, 1)
    assert next_["tasks"][0]["due"] == [f"{YEAR + 1}-06-30"]
    assert f"{YEAR + 1}年度" in next_["basis"]


def test_naming_a_project_that_is_no_years_work_opens_nothing_of_it(heads: District) -> None:
    d = heads
    batch = drafted(d, work=d.project.name)
    assert batch.subject != d.project
    assert (batch.subject.name, batch.subject.unit) == (d.project.name, d.units["xab"])
    assert drafted(d, parties=("lzh",), template="fire.department", work=d.project.name).subject == batch.subject


def test_nobody_gets_two_letters_of_a_year_from_one_issuer(heads: District) -> None:
    d = heads
    batch = drafted(d)
    with pytest.raises(Refused, match="already"):
        drafted(d, parties=("lzh",))
    services.withdraw(viewer=d.viewer("xab1"), letter=batch.letters.get(party__code="lzh"), reason="重拟", at=d.now)
    assert drafted(d, parties=("lzh",)).letters.count() == 1


def test_what_must_not_be(heads: District) -> None:
    d = heads
    with pytest.raises(Refused):
        drafted(d, by="lzh1")  # in another unit's name
    for more, word in (
        ({"parties": ()}, "at least one"),
        ({"parties": ("xab",)}, "with itself"),
        ({"ends": date(YEAR - 1, 1, 1)}, "ends before"),
    ):
        with pytest.raises(Refused, match=word):
            drafted(d, **more)
    letter = offered(d)[0]
    for who in ("lzh1", "jsj1", "leader", "dcs1"):
        with pytest.raises(Refused):
            services.reword(viewer=d.viewer(who), letter=letter, body={}, reason="x", at=d.now)
        with pytest.raises(Refused):
            services.withdraw(viewer=d.viewer(who), letter=letter, reason="x", at=d.now)
    with pytest.raises(Refused, match="no post"):
        services.name_signer(viewer=d.viewer("xab1"), letter=letter, side="issuer", person=d.people["jsj1"], at=d.now)
    services.withdraw(viewer=d.viewer("xab1"), letter=letter, reason="重复", at=d.now)
    with pytest.raises(Refused, match="can no longer"):
        services.sign(viewer=d.viewer("xab0"), letter=letter, digest=letter.digest, at=d.now)
    assert not Event.objects.filter(type="LetterSigned").exists()


@pytest.mark.parametrize(
    ("text", "word"),
    [("按期率 | fire.nothing | ≥95", "no figure"), ("按期率 | fire.hazards_kept", "write words"), ("按期率 | | ≥95", "write words"), ("按期率 | fire.hazards_kept | 95", "write words"), ("a|b|c|d", "cannot be read"), ("| x", "cannot be read")],
)  # fmt: skip
def test_a_target_line_that_cannot_be_read_is_named(text: str, word: str) -> None:
    with pytest.raises(Refused, match=word):
        rules.targets_of("第一条\n" + text, {"fire.hazards_kept"})


def test_lines_go_in_and_out_the_same() -> None:
    body = templates()["fire.township"].wording(2026)
    shown = rules.lines_of(body)
    assert rules.targets_of(shown["targets"], {t["metric"] for t in body["targets"]}) == body["targets"]
    assert rules.tasks_of(shown["tasks"], date(2026, 1, 1), date(2026, 12, 31)) == body["tasks"]
    with pytest.raises(Refused, match="outside"):
        rules.tasks_of("x | 2027-01-01", date(2026, 1, 1), date(2026, 12, 31))
    with pytest.raises(Refused, match="no day"):
        rules.tasks_of("x | 年底", date(2026, 1, 1), date(2026, 12, 31))


def _walked(d: District) -> Letter:
    """A letter of each end, by every act on letters: signed and amended, held by paper, withdrawn; the first of them."""
    rows = {x.party.code: x for x in offered(d)}
    first, second = rows["lzh"], rows["jcl"]
    ours, theirs = d.viewer("xab1"), d.viewer("lzh1")
    for take in (False, True):
        body = {**first.body, "reward": f"按办法执行{take}"}
        services.suggest(viewer=theirs, letter=first, text="奖惩应按办法", body=body, at=d.now)
        services.answer(viewer=ours, letter=first, take=take, text="" if take else "统一口径", at=d.now)
    services.name_signer(viewer=ours, letter=first, side="issuer", person=d.people["leader"], at=d.now)
    services.name_signer(viewer=theirs, letter=first, side="party", person=d.people["lzh0"], at=d.now)
    first.refresh_from_db()
    assert signed(d, first, "leader", "lzh0").state == "signed"
    services.reword(viewer=ours, letter=first, body={**first.body, "reward": "另行通知"}, reason="上级要求", at=d.now)
    first.refresh_from_db()
    assert signed(d, first, "leader", "lzh0").version == 3
    paper = d.photo("jcl1", "责任书扫描.jpg")
    services.scanned(viewer=d.viewer("jcl1"), letter=second, file=paper, names="主任、负责人", at=d.now)
    village = drafted(
        d, by="lzh1", issuer="lzh", parties=(), names=["示例村", "示例二村"], template="fire.unit"
    ).letters.first()
    services.withdraw(viewer=d.viewer("lzh1"), letter=village, reason="重拟", at=d.now)
    return first


def test_what_is_written_to_letters_is_decided_by_their_streams(heads: District) -> None:
    _walked(heads)
    told = Event.objects.filter(stream__startswith="letter").values_list("type", flat=True)
    assert set(told) == {t.name for t in face.TYPES}
    proven("letters", "letter")


def test_every_event_of_letters_reads_as_a_sentence(heads: District) -> None:
    first = _walked(heads)
    with translation.override("en"):
        told = [(e.event.type, e.notes, e.text) for e in history(stream(f"letter:{first.pk}").events)[::-1]]
    (task,) = {t.matter_id for t in first.tasks.filter(due=date(YEAR, 6, 30))}
    assert told[:4] == [
        ("LetterDrafted", ["version 1"], ""),
        ("LetterOffered", ["version 1"], ""),
        ("LetterSuggested", [], "奖惩应按办法"),
        ("SuggestionAnswered", ["not taken over"], "统一口径"),
    ]
    assert ("SuggestionAnswered", ["taken over"], "") in told
    assert ("LetterReworded", ["version 3"], "上级要求") in told
    assert ("SignerNamed", ["issuing side: 测试leader"], "") in told
    assert ("LetterSigned", ["accepting side", "龙子湖办事处 负责人", "version 2"], "") in told
    holds = next(notes for type_, notes, _ in told if type_ == "LetterHolds")
    assert holds[0] == "version 2"
    assert f"#{task}" in holds
    batch = stream(f"letters:{first.batch_id}").events
    with translation.override("zh-hans"):
        assert [(e.verb, e.notes) for e in history(batch)] == [("起草责任书", [f"{YEAR}年责任书", "责任书2份"])]


def test_a_letter_is_taken_along_by_whom_it_is_shown_to_and_a_batch_by_who_sees_it_whole(heads: District) -> None:
    d = heads
    batch = drafted(d)
    draft = batch.letters.get(party__code="lzh")
    who = ("xab1", "lzh1", "jcl1", "jsj1", "dcs1", "leader", "admin")

    def seen(kind: str, name: str) -> set[str]:
        look = kinds[kind].seen
        return {w for w in who if look(d.viewer(w), name)}

    assert seen("letter", str(draft.pk)) == seen("letters", str(batch.pk)) == {"xab1", "dcs1", "leader"}
    services.offer(viewer=d.viewer("xab1"), letters=[draft], at=d.now)
    assert seen("letter", str(draft.pk)) == {"xab1", "dcs1", "leader", "lzh1"}
    assert seen("letters", str(batch.pk)) == {"xab1", "dcs1", "leader"}
    sight = kinds["letter"].seen(d.viewer("lzh1"), str(draft.pk))
    assert (sight.page, sight.arguments) == ("letter", (draft.pk,))
    assert [kinds[k].seen(d.viewer("leader"), n) for k in ("letter", "letters") for n in ("", "x", "²", "0")] == [
        None
    ] * 8


def test_a_wording_that_is_not_the_one_whose_hash_was_signed_is_named(heads: District) -> None:
    d = heads
    letter = _walked(d)
    assert differences("letter", "letters") == []
    Letter.objects.filter(pk=letter.pk).update(body={**letter.body, "reward": "改掉"}, state="withdrawn")
    told = " ".join(differences("letter"))
    assert "letters_letter" in told
    assert " · state: " in told
    assert [(c.column, c.stream) for c in record.contradictions()] == [("body", f"letter:{letter.pk}")]
    letter.save()
    Signature.objects.filter(letter=letter, version=3).update(digest="0" * 64)
    assert [c.table for c in record.contradictions()] == ["letters_signature"] * 2
    letter.signatures.all().delete()
    assert sum("the row is missing" in x for x in differences("letter")) == 4


def test_an_issuer_that_is_called_otherwise_later_leaves_what_was_signed(heads: District) -> None:
    d = heads
    letter = _walked(d)
    Unit.objects.filter(code="xab").update(name="区消防安全委员会办公室(改名后)")
    assert [*record.contradictions()] == []
    letter.batch.refresh_from_db()
    assert papers.context(letter)["letter"]["issuer"] == "区消防安全委员会办公室"
