"""The log keeps its name, a lost key is not silently replaced, an older copy of the database is noticed."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.utils import timezone

from bihuan.cli import main
from bihuan.kernel.domain.notes import Head, LogKey, fingerprint, read_note, sign
from bihuan.kernel.domain.receipts import check
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger import checkpoints, keys, triggers, watch, witness
from bihuan.kernel.ledger.models import Checkpoint, Event, Leaf, Node
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.registry.duties import run_due
from bihuan.kernel.registry.models import DutyRun

from ..support import District

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_key(settings, tmp_path: Path) -> None:
    settings.LEDGER_KEY = tmp_path / "key.pem"
    settings.LEDGER_WITNESS = tmp_path / "data" / "witness.note"


@pytest.fixture
def make(django_capture_on_commit_callbacks) -> Callable[[], Checkpoint]:
    """A checkpoint with what follows its commit."""

    def made() -> Checkpoint:
        with django_capture_on_commit_callbacks(execute=True):
            head = checkpoints.make(at=timezone.now())
        assert head is not None
        return head

    return made


def shell(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


def broken() -> list[str]:
    return [b.why for b in verify() if isinstance(b, Broken)]


def pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())


def restore(size: int) -> None:
    """The database becomes what it was at a checkpoint."""
    gone = list(Leaf.objects.filter(index__gte=size).values_list("stream", "seq"))
    triggers.remove()
    for name, seq in gone:
        Event.objects.filter(stream=name, seq=seq).delete()
    Leaf.objects.filter(index__gte=size).delete()
    Checkpoint.objects.filter(size__gt=size).delete()
    for node in Node.objects.all():
        level, index = divmod(node.place, 1 << 48)
        if (index + 1) << level > size:
            node.delete()
    triggers.install()


# the name of the log


def test_the_log_is_called_as_set_and_stays_so(d: District, make, settings) -> None:
    settings.LEDGER_ORIGIN = "bihuan.example/one"
    head = make()
    assert head.origin == "bihuan.example/one"
    assert head.note.startswith("bihuan.example/one\n")
    d.raised()
    settings.LEDGER_ORIGIN = "bihuan.example/two"
    with pytest.raises(Refused, match=r"is called bihuan\.example/one and stays so; .* bihuan\.example/two"):
        make()
    assert "stays so" in shell("checkpoint", "export", settings.LEDGER_KEY.parent / "k").output
    assert Checkpoint.objects.count() == 1
    settings.LEDGER_ORIGIN = ""
    assert make().origin == "bihuan.example/one"
    assert broken() == []


def test_without_a_setting_each_ledger_names_itself(d: District, make) -> None:
    names = set()
    for _ in range(2):
        names.add(make().origin)
        d.raised()
        names.add(make().origin)
        restore(0)
        d.raised()
    assert len(names) == 2
    assert all(re.fullmatch(r"bihuan\.local/[a-z]{8}", name) for name in names)


def test_the_demonstration_names_its_log_unless_a_setting_does(d: District, settings) -> None:
    head = checkpoints.make(at=timezone.now(), origin="bihuan.demo.example/ledger")
    assert head is not None
    assert head.origin == "bihuan.demo.example/ledger"
    restore(0)
    settings.LEDGER_ORIGIN = "bihuan.example/set"
    d.raised()
    head = checkpoints.make(at=timezone.now(), origin="bihuan.demo.example/ledger")
    assert head is not None
    assert head.origin == "bihuan.example/set"


# the key


def test_the_key_is_made_with_the_first_checkpoint_alone(d: District, make, settings) -> None:
    assert watch.key_state() == "none"
    assert not settings.LEDGER_KEY.exists()
    head = make()
    assert watch.key_state() == "held"
    assert settings.LEDGER_KEY.stat().st_mode & 0o777 == 0o600
    settings.LEDGER_KEY.unlink()
    assert watch.key_state() == "lost"
    d.raised()
    with pytest.raises(Refused, match=r"gone from .*new-key"):
        make()
    assert not settings.LEDGER_KEY.exists()
    assert checkpoints.latest() == head


def test_events_that_were_signed_have_receipts_while_the_key_is_lost(d: District, make, at, settings) -> None:
    m = d.handling()
    head = make()
    settings.LEDGER_KEY.unlink()
    found = checkpoints.receipt(stream=f"matter:{m.number}", seq=1, at=timezone.now())
    assert check(found)[1].size == head.size
    later = d.handling()
    page = at("cgj1").get(f"/receipts/matter/{later.number}/1/")
    assert (page.status_code, "系统管理员" in page.content.decode()) == (400, True)
    assert str(settings.LEDGER_KEY) not in page.content.decode()


def test_another_key_does_not_sign_until_somebody_says_so(d: District, make, at, settings) -> None:
    old = make().key
    other = Ed25519PrivateKey.generate()
    settings.LEDGER_KEY.write_bytes(pem(other))
    d.raised()
    assert watch.key_state() == "other"
    with pytest.raises(Refused, match=r"is not the one that signed so far .*new-key"):
        make()
    result = shell("checkpoint", "new-key", "--by", "测试admin", "--reason", "换机")
    assert result.exit_code == 0, result.output
    assert watch.key_state() == "held"
    assert settings.LEDGER_KEY.read_bytes() == pem(other)
    told = stream("ledger:key").events[0]
    new = other.public_key().public_bytes_raw()
    assert (told.type, told.by, told.unit) == ("LedgerKeyChanged", "测试admin", "")
    assert told.data == {"old": fingerprint(bytes.fromhex(old)), "new": fingerprint(new), "reason": "换机"}
    assert fingerprint(new) in result.output
    page = at("logs").get("/audit/").content.decode()
    assert all(word in page for word in ("更换了存证签名钥匙", "测试admin", "换机", fingerprint(new)))
    # the event is in the tree that the new key signed, and the whole record holds across the change
    head = checkpoints.latest()
    assert head is not None
    assert (head.key, head.size) == (new.hex(), Event.objects.count())
    assert [h.key for h in Checkpoint.objects.all()] == [old, new.hex()]
    assert broken() == []


def test_a_lost_key_is_replaced_deliberately_and_old_folders_go_on(d: District, make, settings, tmp_path: Path) -> None:
    make()
    assert shell("checkpoint", "export", tmp_path / "k").exit_code == 0
    settings.LEDGER_KEY.unlink()
    d.raised()
    assert "new-key" in shell("checkpoint", "export", tmp_path / "k").output
    assert shell("checkpoint", "new-key", "--by", "测试admin", "--reason", "磁盘损坏").exit_code == 0
    assert settings.LEDGER_KEY.stat().st_mode & 0o777 == 0o600
    assert watch.key_state() == "held"
    d.raised()
    assert shell("checkpoint", "export", tmp_path / "k").exit_code == 0
    assert len(list((tmp_path / "k").glob("*.pub"))) == 2
    assert shell("verify", "--against", tmp_path / "k").exit_code == 0


def test_the_worker_names_what_it_could_not_sign(d: District, make, settings) -> None:
    make()
    settings.LEDGER_KEY.unlink()
    settings.CHECKPOINT_MINUTES = 0
    d.raised()
    run_due(timezone.now())
    assert Checkpoint.objects.count() == 1
    failed = DutyRun.objects.get(name="checkpoint")
    assert (failed.failures, "new-key" in failed.error) == (1, True)
    assert not DutyRun.objects.exclude(name="checkpoint").filter(failures__gt=0).exists()


def test_a_key_that_others_know_is_changed_and_kept_aside(d: District, make, settings) -> None:
    old = make().key
    before = settings.LEDGER_KEY.read_bytes()
    watch.new_key(by="测试admin", reason="钥匙外泄", at=timezone.now())
    head = checkpoints.latest()
    assert head is not None
    assert head.key != old
    aside = next(p for p in settings.LEDGER_KEY.parent.glob("key.pem.*"))
    assert (aside.read_bytes(), aside.stat().st_mode & 0o777) == (before, 0o600)
    assert broken() == []


def test_a_key_is_not_changed_without_need_or_reason(d: District, make, settings) -> None:
    with pytest.raises(Refused, match="Nothing has been signed yet"):
        watch.new_key(by="测试admin", reason="x", at=timezone.now())
    make()
    before = settings.LEDGER_KEY.read_bytes()
    for by, reason in (("", "x"), ("测试admin", " ")):
        with pytest.raises(Refused, match="empty"):
            watch.new_key(by=by, reason=reason, at=timezone.now())
    assert shell("checkpoint", "new-key", "--by", "x").exit_code == 2
    assert settings.LEDGER_KEY.read_bytes() == before
    assert not Event.objects.filter(stream="ledger:key").exists()


def test_a_file_without_a_key_signs_nothing(d: District, make, settings) -> None:
    settings.LEDGER_KEY.write_text("rubbish")
    with pytest.raises(Refused, match="holds no Ed25519 key"):
        make()
    settings.LEDGER_KEY.unlink()
    make()
    settings.LEDGER_KEY.write_text("rubbish")
    assert watch.key_state() == "lost"
    d.raised()
    with pytest.raises(Refused, match="holds no Ed25519 key"):
        make()
    watch.new_key(by="测试admin", reason="文件损坏", at=timezone.now())
    assert watch.key_state() == "held"


def test_a_forged_head_with_a_key_of_its_own_is_named(d: District, make) -> None:
    """Whoever rewrites the database cannot sign with the key, but could with another."""
    make()
    d.raised()
    head = make()
    forger = keys.FileSigner(Ed25519PrivateKey.generate())
    triggers.remove()
    forged = sign(Head(head.origin, head.size, head.root), forger)
    Checkpoint.objects.filter(size=head.size).update(note=forged, key=forger.public.hex())
    triggers.install()
    assert any("no event says that it was changed" in why for why in broken())


# a command signs


SIGNER = """
import base64, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
key = load_pem_private_key(open(sys.argv[1], "rb").read(), None)
print(base64.b64encode(key.sign(sys.stdin.buffer.read())).decode())
"""


@pytest.fixture
def outside(settings, tmp_path: Path) -> Ed25519PrivateKey:
    """A key that only a command reaches."""
    key = Ed25519PrivateKey.generate()
    (tmp_path / "device key.pem").write_bytes(pem(key))
    (tmp_path / "sign.py").write_text(SIGNER)
    settings.LEDGER_SIGNER = f"command:{sys.executable} {tmp_path / 'sign.py'} '{tmp_path / 'device key.pem'}'"
    settings.LEDGER_KEY.write_bytes(key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo))
    return key


def test_a_command_signs_in_place_of_a_file(d: District, make, outside: Ed25519PrivateKey) -> None:
    head = make()
    public = outside.public_key().public_bytes_raw()
    assert head.key == public.hex()
    assert read_note(head.note, LogKey(head.origin, public)).size == head.size
    assert watch.key_state() == "held"
    with pytest.raises(Refused, match="is the one that signed"):
        watch.new_key(by="测试admin", reason="x", at=timezone.now())


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit('the device is locked')", "the device is locked"),
        ("import sys; sys.exit(3)", "exit 3"),
        ("print('no base64!')", "gave no signature"),
        ("print('AAAA')", "no signature by its key"),
        ("import time; time.sleep(60)", "timed out"),
    ],
)
def test_a_command_that_does_not_sign_says_why(
    d: District, make, outside: Ed25519PrivateKey, settings, monkeypatch, code: str, why: str
) -> None:
    monkeypatch.setattr(keys, "PATIENCE", 3)
    settings.LEDGER_SIGNER = f'command:{sys.executable} -c "{code}"'
    with pytest.raises(Refused, match=why):
        make()
    assert not Checkpoint.objects.exists()
    assert not Leaf.objects.exists()


def test_a_command_without_a_public_key_or_program_signs_nothing(
    d: District, make, outside: Ed25519PrivateKey, settings
) -> None:
    settings.LEDGER_SIGNER = "command:/nowhere/sign"
    with pytest.raises(Refused, match="gave no signature"):
        make()
    settings.LEDGER_KEY.unlink()
    with pytest.raises(Refused, match="public part"):
        make()
    assert not settings.LEDGER_KEY.exists()


# the kept note


def test_the_newest_note_is_kept_outside_the_database(d: District, make, settings) -> None:
    assert watch.ledger_state() == "none"
    first = make()
    assert settings.LEDGER_WITNESS.read_text("utf-8") == first.note
    assert watch.ledger_state() == "fine"
    d.raised()
    assert watch.ledger_state() == "fine"
    second = make()
    assert second.size > first.size
    assert settings.LEDGER_WITNESS.read_text("utf-8") == second.note
    assert [p.name for p in settings.LEDGER_WITNESS.parent.iterdir()] == ["witness.note"]


def test_an_older_database_is_noticed_and_the_kept_note_stays(d: District, make, settings) -> None:
    first = make()
    d.handling()
    second = make()
    restore(first.size)
    assert broken() == []
    assert watch.ledger_state() == "older"
    # work goes on in the restored copy: shorter than the kept note, then longer
    d.raised(title="恢复之后")
    make()
    assert watch.ledger_state() == "older"
    while Event.objects.count() <= second.size:
        d.raised(title="恢复之后")
    make()
    assert watch.ledger_state() == "other"
    assert settings.LEDGER_WITNESS.read_text("utf-8") == second.note
    assert broken() == []


def test_an_empty_database_beside_a_kept_note_is_older(d: District, make) -> None:
    make()
    restore(0)
    assert Checkpoint.objects.count() == 0
    assert watch.ledger_state() == "older"


def test_another_log_and_a_changed_tree_are_other(d: District, make, settings) -> None:
    head = make()
    triggers.remove()
    Leaf.objects.filter(index=1).update(hash="ab" * 32)
    Checkpoint.objects.update(root="cd" * 32)
    assert watch.ledger_state() == "other"
    Checkpoint.objects.update(root=head.root, origin="bihuan.other.example/ledger")
    assert watch.ledger_state() == "other"
    Checkpoint.objects.update(origin=head.origin)
    assert watch.ledger_state() == "fine"
    d.raised()
    make()
    settings.LEDGER_WITNESS.write_text(head.note, "utf-8")
    Node.objects.all().delete()
    Leaf.objects.all().delete()
    triggers.install()
    assert watch.ledger_state() == "other"


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"\xff\xfe"])
def test_a_damaged_kept_note_is_no_agreement(d: District, make, settings, rubbish: bytes) -> None:
    make()
    settings.LEDGER_WITNESS.write_bytes(rubbish)
    assert watch.ledger_state() == "other"
    d.raised()
    make()
    assert settings.LEDGER_WITNESS.read_bytes() == rubbish
    assert watch.ledger_state() == "other"


def test_a_kept_note_that_is_gone_comes_back_with_the_next_checkpoint(d: District, make, settings) -> None:
    make()
    settings.LEDGER_WITNESS.unlink()
    assert watch.ledger_state() == "none"
    d.raised()
    head = make()
    assert settings.LEDGER_WITNESS.read_text("utf-8") == head.note


def test_a_restored_database_is_accepted_deliberately(
    d: District, make, settings, django_capture_on_commit_callbacks
) -> None:
    first = make()
    d.handling()
    lost = make()
    restore(first.size)
    assert shell("checkpoint", "accept", "--by", "测试admin").exit_code == 2
    with django_capture_on_commit_callbacks(execute=True):
        result = shell("checkpoint", "accept", "--by", "测试admin", "--reason", "备份之后的事项已逐件补录")
    assert result.exit_code == 0, result.output
    told = stream("ledger:key").events[-1]
    assert (told.type, told.by) == ("LedgerAccepted", "测试admin")
    assert told.data == {
        "kept_size": lost.size, "kept_root": lost.root, "size": first.size, "root": first.root,
        "reason": "备份之后的事项已逐件补录",
    }  # fmt: skip
    head = checkpoints.latest()
    assert head is not None
    assert settings.LEDGER_WITNESS.read_text("utf-8") == head.note
    assert watch.ledger_state() == "fine"
    # what was kept before is not thrown away
    assert [p.read_text("utf-8") for p in settings.LEDGER_WITNESS.parent.glob("witness.note.*")] == [lost.note]
    refused = shell("checkpoint", "accept", "--by", "测试admin", "--reason", "再来一次")
    assert (refused.exit_code, "nothing to accept" in refused.output) == (1, True)
    assert len(stream("ledger:key").events) == 1


def test_nothing_is_accepted_that_cannot_be_signed(d: District, make, settings) -> None:
    first = make()
    d.handling()
    make()
    restore(first.size)
    settings.LEDGER_KEY.unlink()
    kept = settings.LEDGER_WITNESS.read_bytes()
    with pytest.raises(Refused, match="new-key"), transaction.atomic():
        watch.accept(by="测试admin", reason="x", at=timezone.now())
    assert not Event.objects.filter(stream="ledger:key").exists()
    assert settings.LEDGER_WITNESS.read_bytes() == kept


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("open_ledger")
def test_a_checkpoint_that_is_rolled_back_is_not_kept(settings) -> None:
    d = District()
    with transaction.atomic():
        checkpoints.make(at=timezone.now())
        transaction.set_rollback(True)
    assert not Checkpoint.objects.exists()
    assert not settings.LEDGER_WITNESS.exists()
    head = checkpoints.make(at=timezone.now())
    assert head is not None
    assert witness.kept() == Head(head.origin, head.size, head.root)
    d.raised()
    later = checkpoints.make(at=timezone.now())
    assert later is not None
    # two makers whose files come in the wrong order
    witness.keep(head)
    assert witness.kept() == Head(later.origin, later.size, later.root)
