"""Short ways to walk a financing file in tests."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.financing import pushing, rules, screening, services, telling
from bihuan.mechanisms.financing.models import File, Push, Step
from bihuan.mechanisms.financing.selectors import condition_sets
from bihuan.mechanisms.financing.services import Told
from bihuan.mechanisms.financing.telling import Value

from .support import District

WAN = 1_000_000
ACCOUNT = "4100 0000 0001"


def today() -> date:
    return timezone.localdate()


def opened(
    d: District, name: str = "住宅项目一", developer: str = "qy", place=None, subject: Subject | None = None
) -> File:
    subject = subject or d.subject(name, "project", place or d.a)
    return services.open_file(
        viewer=d.viewer("rzb1"), subject=subject, developer=d.units[developer], day=today(), at=timezone.now()
    )


def told(d: District, file: File, who: str = "rzb1", day: date | None = None, part: str = "", **values) -> int:
    found = [Value(k, str(v), part) for k, v in values.items()]
    return telling.tell(
        viewer=d.viewer(who), file=file, values=found, day=day or today(), source="企业报送", at=timezone.now()
    )


def checked(d: District, file: File, who: str = "rzb1", skip: tuple[str, ...] = ()) -> None:
    """Every condition met, with evidence."""
    for s in condition_sets(today()):
        for x in s.conditions:
            if x.id not in skip:
                staged = [d.photo(who, f"{x.id}.jpg", colour=len(x.id) + ord(x.id[1]))]
                screening.check(
                    viewer=d.viewer(who), file=file, condition_id=x.id, result=rules.PASS, reason="", day=today(), at=timezone.now(), staged=staged,
                )  # fmt: skip


def step(
    d: District,
    file: File,
    what: str,
    who: str = "rzb1",
    push: Push | None = None,
    day: date | None = None,
    amount: int = 0,
    **data,
) -> Step:
    return services.take(
        viewer=d.viewer(who), file=file, push=push, told=Told(what, day or today(), amount, data), at=timezone.now()
    )


def figured(d: District, file: File, need: int = 8_000, account_bank: str = "zgyh") -> None:
    told(d, file, need=need * WAN, account=ACCOUNT, account_bank=account_bank, balance=500 * WAN, to_finish=9_000 * WAN)
    told(
        d,
        file,
        part="1号楼",
        flats=100,
        sold=80,
        promised=(today() + timedelta(days=300)).isoformat(),
        percent=40,
        workers=60,
    )


def passed(d: District, name: str = "住宅项目一", need: int = 8_000, account_bank: str = "zgyh", **kw) -> File:
    """A file that the city has passed, ready to be pushed."""
    file = opened(d, name, **kw)
    figured(d, file, need, account_bank)
    checked(d, file)
    step(d, file, "treated", treatment="normal", reason="")
    step(d, file, "handed")
    step(d, file, "district", passed=True, reason="")
    step(d, file, "city", passed=True, reason="")
    return File.objects.get(pk=file.pk)


def pushed(d: District, file: File, bank: str = "zgyh", day: date | None = None) -> Push:
    return pushing.push(viewer=d.viewer("rzb1"), file=file, bank=d.units[bank], day=day or today(), at=timezone.now())


def credited(d: District, push: Push, amount: int = 8_000, who: str = "") -> None:
    who = who or f"{push.bank.code}1"
    step(d, push.file, "received", who, push)
    step(d, push.file, "accepted", who, push)
    step(d, push.file, "credited", who, push, amount=amount * WAN, term=24, rate="3.85")


def signed(d: District, push: Push, mode: str = "stages", who: str = "") -> None:
    step(
        d,
        push.file,
        "signed",
        who or f"{push.bank.code}1",
        push,
        contract="借字1号",
        mode=mode,
        parties=["示例总包公司"],
    )


def drawn(d: District, push: Push, amount: int, who: str = "", day: date | None = None) -> None:
    step(d, push.file, "drawn", who or f"{push.bank.code}1", push, amount=amount * WAN, account=ACCOUNT, day=day)


def fresh(subject: Subject) -> Subject:
    return Subject.objects.select_related("file", "territory", "unit").get(pk=subject.pk)
