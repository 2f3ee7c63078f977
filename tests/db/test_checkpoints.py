"""Checkpoints, receipts, and a folder that another office keeps: each kind of tampering is caught and named."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from bihuan.cli import main
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain import receipts
from bihuan.kernel.domain.chain import canonical, link
from bihuan.kernel.domain.notes import Head, LogKey, read_key, read_note
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger import checkpoints, triggers
from bihuan.kernel.ledger.models import Checkpoint, Event, Leaf
from bihuan.kernel.ledger.tree import prove_inclusion
from bihuan.kernel.ledger.verifying import Broken, verify

from ..support import District

pytestmark = pytest.mark.django_db


def shell(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


@pytest.fixture
def stream(d: District) -> str:
    m = d.handling()
    for i in range(4):
        d.do("cgj1", m, c.Report, f"进展{i}")
    return f"matter:{m.number}"


@pytest.fixture
def kept(stream: str, tmp_path: Path) -> Path:
    folder = tmp_path / "审计局"
    result = shell("checkpoint", "export", folder)
    assert result.exit_code == 0, result.output
    return folder


def test_a_receipt_holds_without_the_database(stream: str, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    assert shell("receipt", "make", f"{stream}#3", "--out", file).exit_code == 0
    Event.objects.none()
    result = shell("receipt", "verify", file)
    assert result.exit_code == 0, result.output
    assert f"✓ {stream}#3" in result.output
    short = tmp_path / "qr.txt"
    short.write_text(receipts.read_receipt(file.read_text("utf-8")).short())
    assert shell("receipt", "verify", short).exit_code == 0


@pytest.mark.parametrize("place", ["event", "previous", "index", "proof", "checkpoint", "key", "hash"])
def test_a_receipt_changed_anywhere_fails(stream: str, tmp_path: Path, place: str) -> None:
    made = checkpoints.receipt(stream=stream, seq=3, at=timezone.now()).data()
    other = checkpoints.receipt(stream=stream, seq=4, at=timezone.now()).data()
    made[place] = {
        "event": {**made["event"], "by": "somebody"}, "previous": "1" * 64, "index": made["index"] + 1,
        "proof": other["proof"][::-1], "checkpoint": made["checkpoint"].replace("\n", "\n1", 1), "key": "AAAA",
        "hash": "sm3",
    }[place]  # fmt: skip
    file = tmp_path / "r.json"
    file.write_text(json.dumps(made), "utf-8")
    result = shell("receipt", "verify", file)
    assert (result.exit_code, "r.json" in result.output) == (1, True)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "BHR1:AAAA", "BHR1:!", '{"format": "bihuan-receipt/1"}'])
def test_what_is_no_receipt_is_refused_with_a_sentence(text: str, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    result = shell("receipt", "verify", file)
    assert result.exit_code == 1
    assert "no receipt" in result.output


def test_a_receipt_by_another_key_is_not_trusted(stream: str, tmp_path: Path) -> None:
    file, key = tmp_path / "r.json", tmp_path / "k.pub"
    shell("receipt", "make", f"{stream}#1", "--out", file)
    head = Checkpoint.objects.get()
    public = bytes.fromhex(head.key)
    for text, why in (
        (LogKey(head.origin, b"\xab" * 32).text(), "another key"),
        (LogKey("bihuan.other.example/ledger", public).text(), "another log"),
        (head.key, "no public key"),
    ):
        key.write_text(text)
        result = shell("receipt", "verify", file, "--key", key)
        assert (result.exit_code, why in result.output) == (1, True), result.output
    key.write_text(LogKey(head.origin, public).text())
    result = shell("receipt", "verify", file, "--key", key)
    assert (result.exit_code, head.origin in result.output) == (0, True)


@pytest.mark.parametrize("event", ["matter:1", "matter:1#x", "matter:99999#1", "#1"])
def test_an_unknown_event_has_no_receipt(stream: str, event: str) -> None:
    assert shell("receipt", "make", event).exit_code == 1


def test_a_checkpoint_takes_in_each_event_once(d: District, stream: str) -> None:
    first = checkpoints.make(at=timezone.now())
    again = checkpoints.make(at=timezone.now())
    assert first is not None
    assert first.size == Event.objects.count() == Leaf.objects.count()
    assert again == first
    d.raised()
    second = checkpoints.make(at=timezone.now())
    assert second is not None
    assert second.size == first.size + 1
    assert not [b for b in verify() if isinstance(b, Broken)]


def test_a_late_commit_below_the_last_event_is_still_taken_in(d: District, stream: str) -> None:
    """Ids are given before transactions end, so an older id can show up after a checkpoint."""
    last = Event.objects.order_by("-id")[0]
    triggers.remove()
    Event.objects.filter(pk=last.pk).update(id=last.pk + 100)
    triggers.install()
    checkpoints.make(at=timezone.now())
    row = {"entered_at": last.entered_at, "body": last.body, "hash": last.hash, "type": last.type}
    Event.objects.create(id=last.pk, stream="late:1", seq=1, **row)
    made = checkpoints.make(at=timezone.now())
    assert made is not None
    assert made.size == Event.objects.count()


def test_a_ledger_can_be_kept_with_sm3(d: District, stream: str, settings, tmp_path: Path) -> None:
    settings.LEDGER_HASH = "sm3"
    file = tmp_path / "r.json"
    assert shell("receipt", "make", f"{stream}#2", "--out", file).exit_code == 0
    assert "sm3" in shell("receipt", "verify", file).output
    assert shell("checkpoint", "export", tmp_path / "k").exit_code == 0
    assert shell("verify", "--against", tmp_path / "k").exit_code == 0
    settings.LEDGER_HASH = "sha256"
    d.raised()
    with pytest.raises(Refused, match="stays with it"):
        checkpoints.make(at=timezone.now())


@pytest.mark.parametrize("table", ["ledger_leaf", "ledger_checkpoint"])
def test_the_database_refuses_to_change_the_tree(kept: Path, table: str) -> None:
    for verb in (f"DELETE FROM {table}", f"UPDATE {table} SET hash = 'x'"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(verb)


def test_an_honest_ledger_agrees_with_its_folder_as_it_grows(d: District, kept: Path) -> None:
    assert shell("verify", "--against", kept).exit_code == 0
    d.raised()
    assert shell("verify", "--against", kept).exit_code == 0
    assert "1 checkpoints written" in shell("checkpoint", "export", kept).output
    assert "0 checkpoints written" in shell("checkpoint", "export", kept).output
    result = shell("verify", "--against", kept)
    assert (result.exit_code, "0 places broken" in result.output) == (0, True)
    assert len(list(kept.glob("*.checkpoint"))) == 2


def _rehash(stream: str, start: int) -> None:
    """Somebody who knows how it works: every link after a change follows again, so the chain alone says nothing."""
    previous = Event.objects.get(stream=stream, seq=start - 1).hash if start > 1 else "0" * 64
    for row in Event.objects.filter(stream=stream, seq__gte=start).order_by("seq"):
        body = canonical({**json.loads(row.body), "seq": row.seq})
        previous = link(previous, body)
        Event.objects.filter(pk=row.pk).update(body=body, hash=previous)


def _edit(stream: str) -> tuple[int, str]:
    row = Event.objects.get(stream=stream, seq=4)
    Event.objects.filter(pk=row.pk).update(body=canonical({**json.loads(row.body), "by": "somebody"}))
    _rehash(stream, 4)
    return 4, "differs"


def _swap(stream: str) -> tuple[int, str]:
    a, b = Event.objects.get(stream=stream, seq=4), Event.objects.get(stream=stream, seq=5)
    Event.objects.filter(pk=a.pk).update(body=b.body, type=b.type, entered_at=b.entered_at)
    Event.objects.filter(pk=b.pk).update(body=a.body, type=a.type, entered_at=a.entered_at)
    _rehash(stream, 4)
    return 4, "differs"


def _insert(stream: str) -> tuple[int, str]:
    for row in Event.objects.filter(stream=stream, seq__gte=4).order_by("-seq"):
        Event.objects.filter(pk=row.pk).update(seq=row.seq + 1)
    row = Event.objects.get(stream=stream, seq=3)
    Event.objects.create(stream=stream, seq=4, type=row.type, entered_at=row.entered_at, body=row.body, hash=row.hash)
    _rehash(stream, 4)
    return 4, "differs"


def _delete_middle(stream: str) -> tuple[int, str]:
    Event.objects.filter(stream=stream, seq=4).delete()
    for row in Event.objects.filter(stream=stream, seq__gt=4).order_by("seq"):
        Event.objects.filter(pk=row.pk).update(seq=row.seq - 1)
    _rehash(stream, 4)
    return 4, "differs"


def _gap(stream: str) -> tuple[int, str]:
    Event.objects.filter(stream=stream, seq=4).delete()
    return 4, "gone from the middle"


def _cut(stream: str) -> tuple[int, str]:
    last = Event.objects.filter(stream=stream).count()
    Event.objects.filter(stream=stream, seq__gt=last - 3).delete()
    return last - 2, "cut off"


TAMPER = [_edit, _swap, _insert, _delete_middle, _gap, _cut]


@pytest.mark.parametrize("tamper", TAMPER)
def test_what_the_chain_alone_cannot_see_the_folder_names(stream: str, kept: Path, tamper) -> None:
    """Even if whoever tampers rewrites chain, tree and checkpoints: the folder is out of reach."""
    triggers.remove()
    seq, why = tamper(stream)
    for model in (Leaf, Checkpoint, checkpoints.Node):
        model.objects.all().delete()
    triggers.install()
    checkpoints.make(at=timezone.now())
    result = shell("verify", "--against", kept)
    assert result.exit_code == 1
    assert any(line.startswith(f"✗ {stream} #{seq}: ") and why in line for line in result.output.splitlines())
    refused = shell("checkpoint", "export", kept)
    assert (refused.exit_code, "contradict" in refused.output) == (1, True)


@pytest.mark.parametrize("tamper", TAMPER)
def test_the_signed_tree_names_it_without_a_folder(stream: str, tamper) -> None:
    checkpoints.make(at=timezone.now())
    triggers.remove()
    seq, _ = tamper(stream)
    triggers.install()
    assert (stream, seq) in [(b.stream, b.seq) for b in verify() if isinstance(b, Broken)]


def test_a_restored_older_copy_is_named(d: District, stream: str, tmp_path: Path) -> None:
    """The database goes back to this morning's backup and work goes on: nothing in it is wrong, but it contradicts."""
    checkpoints.make(at=timezone.now())
    before = Event.objects.count()
    m = d.handling()
    shell("checkpoint", "export", tmp_path / "k")
    triggers.remove()
    Event.objects.filter(stream=f"matter:{m.number}").delete()
    Leaf.objects.filter(index__gte=before).delete()
    Checkpoint.objects.filter(size__gt=before).delete()
    checkpoints.Node.objects.all().delete()
    triggers.install()
    assert not [b for b in verify() if isinstance(b, Broken)]
    result = shell("verify", "--against", tmp_path / "k")
    assert result.exit_code == 1
    assert "an older copy was restored" in result.output
    assert f"matter:{m.number} #1: cut off" in result.output


def test_restoring_with_new_ids_still_verifies(stream: str, kept: Path) -> None:
    columns = ("stream", "seq", "type", "entered_at", "body", "effect", "hash", "token")
    rows = list(Event.objects.order_by("id").values(*columns))
    triggers.remove()
    for model in (Event, Leaf, Checkpoint, checkpoints.Node):
        model.objects.all().delete()
    triggers.install()
    Event.objects.bulk_create(Event(id=10_000 + i, **row) for i, row in enumerate(rows))
    assert shell("verify", "--against", kept).exit_code == 0


def test_tampered_tree_and_heads_are_named(stream: str) -> None:
    head = checkpoints.make(at=timezone.now())
    assert head is not None
    triggers.remove()
    Leaf.objects.filter(index=2).update(hash="ab" * 32)
    assert {"checkpoint"} < {b.stream for b in verify() if isinstance(b, Broken)}
    Leaf.objects.filter(index__gte=head.size - 2).delete()
    assert any("only" in b.why for b in verify() if isinstance(b, Broken))
    Checkpoint.objects.update(note=head.note.replace(f"\n{head.size}\n", f"\n{head.size - 2}\n"))
    assert any("signature" in b.why for b in verify() if isinstance(b, Broken))
    triggers.install()


@pytest.mark.parametrize("column", ["origin", "root", "hash", "key", "note"])
def test_a_column_that_contradicts_the_signed_head_is_named(d: District, stream: str, column: str) -> None:
    checkpoints.make(at=timezone.now())
    d.raised()
    checkpoints.make(at=timezone.now())
    first, second = Checkpoint.objects.all()
    triggers.remove()
    changed = {"origin": "x", "root": first.root, "hash": "sm3", "key": "x" * 64, "note": first.note}[column]
    Checkpoint.objects.filter(pk=second.pk).update(**{column: changed})
    triggers.install()
    assert "checkpoint" in {b.stream for b in verify() if isinstance(b, Broken)}


def test_a_witness_may_sign_the_kept_notes_as_well(d: District, stream: str, kept: Path, tmp_path: Path) -> None:
    """Its line stays where it was put, in the folder and in a receipt, and hinders nobody."""
    note = next(kept.glob("*.checkpoint"))
    cosigned = note.read_text("utf-8") + "— audit.example/w1 " + base64.b64encode(bytes(76)).decode() + "\n"
    note.write_text(cosigned, "utf-8")
    d.raised()
    assert shell("checkpoint", "export", kept).exit_code == 0
    assert shell("verify", "--against", kept).exit_code == 0
    assert note.read_text("utf-8") == cosigned
    first = Checkpoint.objects.all()[0]
    made = checkpoints.receipt(stream=stream, seq=1, at=timezone.now()).data()
    proof = [h.hex() for h in prove_inclusion(index=made["index"], head=first)]
    (tmp_path / "r.json").write_text(json.dumps({**made, "checkpoint": cosigned, "proof": proof}), "utf-8")
    assert shell("receipt", "verify", tmp_path / "r.json").exit_code == 0
    note.write_text(cosigned.replace("\n\n", "\nhash sha256\n\n"), "utf-8")
    refused = shell("verify", "--against", kept)
    assert (refused.exit_code, "no checkpoint" in refused.output) == (1, True)


def test_the_folder_holds_notes_and_a_key_as_witnesses_take_them(kept: Path) -> None:
    head = Checkpoint.objects.get()
    text = next(kept.glob("*.checkpoint")).read_text("utf-8")
    key = read_key(next(kept.glob("*.pub")).read_text("utf-8"))
    assert (key.name, key.public.hex()) == (head.origin, head.key)
    assert read_note(text, key) == Head(head.origin, head.size, head.root)
    assert [len(part.splitlines()) for part in text.split("\n\n")] == [3, 1]


def test_a_damaged_folder_says_which_file(kept: Path, tmp_path: Path) -> None:
    leaves = next(kept.glob("*.leaves"))
    text = leaves.read_text("utf-8")
    leaves.write_text(text.replace("matter", "mutter"), "utf-8")
    assert shell("verify", "--against", kept).exit_code == 1
    leaves.write_text(text.replace("sha256", "md5"), "utf-8")
    assert leaves.name in shell("verify", "--against", kept).output
    leaves.write_text("rubbish", "utf-8")
    assert leaves.name in shell("verify", "--against", kept).output
    leaves.write_text("\n".join(text.splitlines()[:-1]) + "\n", "utf-8")
    assert "only" in shell("verify", "--against", kept).output
    (tmp_path / "empty").mkdir()
    assert "no checkpoints" in shell("verify", "--against", tmp_path / "empty").output


def test_a_checkpoint_is_due_when_there_is_something_new_and_time_has_passed(
    d: District, stream: str, settings
) -> None:
    now = timezone.now()
    assert checkpoints.due(now)
    checkpoints.make(at=now)
    later = now + timezone.timedelta(minutes=settings.CHECKPOINT_MINUTES)
    assert not checkpoints.due(later)
    d.raised()
    assert checkpoints.due(later)
    assert not checkpoints.due(later - timezone.timedelta(seconds=1))
