"""What papers of letters say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.numerals import day_text

from .models import Letter, Signature

STATES = {"draft": "拟稿", "offered": "待签订", "signed": "已签订", "withdrawn": "已撤回"}


def context(letter: Letter) -> dict[str, Any]:
    """The fields of `about.letter`."""
    batch, body = letter.batch, letter.body
    signed = {s.side: f"{s.post} {day_text(local_day(s.at))}" for s in letter.signatures.filter(version=letter.version)}
    return {
        "letter": {
            "title": batch.title, "party": letter.party_name, "issuer": batch.issuer_name, "begins": day_text(batch.begins), "ends": day_text(batch.ends),
            **{k: body[k] for k in ("basis", "persons", "assessment", "reward")}, "copies": batch.copies, "digest": letter.digest,
            "issuer_signed": signed.get(Signature.Side.ISSUER, ""), "party_signed": signed.get(Signature.Side.PARTY, ""),
            "day": day_text(local_day(letter.signed_at)) if letter.signed_at else "　　年　　月　　日",
        },
        "targets": [{"text": t["text"], "bound": t["sign"] + t["value"]} for t in body["targets"]],
        "tasks": [{"text": t["text"], "due": "、".join(day_text(date.fromisoformat(d)) for d in t["due"])} for t in body["tasks"]],
    }  # fmt: skip


def handover(title: str, letters: Iterable[Letter], today: date) -> dict[str, Any]:
    """The fields of `about.handover`."""
    rows = list(letters)
    return {
        "list": {"title": title, "as_of": day_text(today), "total": len(rows), "signed": sum(x.state == Letter.State.SIGNED for x in rows)},
        "letters": [{"party": x.party_name, "title": x.batch.title, "state": STATES[x.state]} for x in rows],
    }  # fmt: skip
