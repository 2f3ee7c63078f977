"""The record in the shell: verify it, keep its checkpoints elsewhere, make receipts and check them."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bihuan.kernel.domain import notes, receipts
from bihuan.kernel.domain.refusal import Refused

if TYPE_CHECKING:
    from bihuan.kernel.ledger.models import Checkpoint

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--against", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A folder of checkpoints."
)
@click.option("--evidence", "files", is_flag=True, help="Also read every file of evidence and hash it.")
def verify(against: Path | None, files: bool) -> None:
    """Check every hash of the ledger. Exits 1 and names stream and sequence where it does not hold.

    With --against also every event that the checkpoints in a folder know; with --evidence every file: lost, altered, or on disk
    without a row, each with what names it.
    """
    from bihuan.conf.starting import django_ready

    django_ready()
    from bihuan.kernel.ledger.against import compare
    from bihuan.kernel.ledger.verifying import Broken
    from bihuan.kernel.ledger.verifying import verify as walk

    broken, counts = 0, []
    try:
        for found in chain(walk(), compare(against) if against else ()):
            if isinstance(found, Broken):
                broken += 1
                click.echo(f"✗ {found.stream} #{found.seq}: {found.why}")
            else:
                counts.append(found)
    except Refused as error:
        raise click.ClickException(str(error)) from None
    from bihuan.kernel.ledger.clockguard import running_backwards

    back = running_backwards()
    if n := back.count():
        first = back.order_by("stream", "seq")[0]
        click.echo(
            f"note: {n} events were entered earlier than the event before them, the first: {first.stream} #{first.seq}"
        )
    looked = ""
    if files:
        n, looked = _evidence()
        broken += n
    kept = f", {counts[1]} of them against {against}" if len(counts) > 1 else ""
    click.echo(f"{counts[0]} events checked{kept}{looked}, {broken} places broken")
    sys.exit(1 if broken else 0)


def _evidence() -> tuple[int, str]:
    """How many files are not as the record says, each printed, and how many were read."""
    from django.utils import timezone

    from bihuan.kernel.evidence import verifying

    seen, n = verifying.Seen(), 0
    for flaw in verifying.flaws(at=timezone.now(), seen=seen):
        n += 1
        named = ", ".join(flaw.named_by)
        click.echo(f"✗ file {flaw.sha256} {flaw.message}" + (f": {named}" if named else ""))
    return n, f", {seen.files} files hashed"


@click.group()
def checkpoint() -> None:
    """Signed heads of the ledger, for another office to keep."""


@checkpoint.command("export")
@click.argument("folder", type=FOLDER)
def checkpoint_export(folder: Path) -> None:
    """Sign the ledger as it is now and write to FOLDER what it lacks."""
    from bihuan.conf.starting import django_ready

    django_ready()
    from django.utils import timezone

    from bihuan.kernel.ledger.against import export

    try:
        written = export(folder=folder, at=timezone.now())
    except Refused as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{len(written)} checkpoints written to {folder}" + (f", up to {written[-1]} events" if written else ""))


def _deed(name: str, by: str, reason: str) -> Checkpoint:
    from bihuan.conf.starting import django_ready

    django_ready()
    from django.utils import timezone

    from bihuan.kernel.ledger import watch

    deeds = {"new-key": watch.new_key, "accept": watch.accept}
    try:
        return deeds[name](by=by, reason=reason, at=timezone.now())
    except Refused as error:
        raise click.ClickException(str(error)) from None


BY = click.option("--by", required=True, help="Who decides this.")
WHY = click.option("--reason", required=True, help="Why; it stands in the ledger for ever.")


@checkpoint.command("new-key")
@BY
@WHY
def checkpoint_new_key(by: str, reason: str) -> None:
    """Sign with another key from now on: the old one is lost, known to others, or was replaced.

    A key that lies in its place already is taken over, else one is made. An event records it, and a checkpoint signs that.
    """
    made = _deed("new-key", by, reason)
    click.echo(f"{made.size} events signed with the new key {notes.fingerprint(bytes.fromhex(made.key))}")
    click.echo("Publish its fingerprint, and export the checkpoints to those who keep them.")


@checkpoint.command("accept")
@BY
@WHY
def checkpoint_accept(by: str, reason: str) -> None:
    """Go on with this database although it contradicts the newest checkpoint that the data folder keeps.

    So after a restore from which events are missing for ever. An event records it, and a checkpoint signs that.
    """
    made = _deed("accept", by, reason)
    click.echo(f"{made.size} events signed; this ledger is kept as it is from now on")


@click.group()
def receipt() -> None:
    """Receipts: one event, its proof and the signed checkpoint."""


@receipt.command("make")
@click.argument("event")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead of the screen."
)
def receipt_make(event: str, out: Path | None) -> None:
    """The receipt of EVENT, written as stream#seq: matter:12#3."""
    from bihuan.conf.starting import django_ready

    django_ready()
    from django.utils import timezone

    from bihuan.kernel.ledger import checkpoints
    from bihuan.kernel.ledger.models import Event

    stream, _, seq = event.rpartition("#")
    if not stream or not seq.isascii() or not seq.isdigit():
        raise click.ClickException(f"{event!r} is no event; write it as matter:12#3")
    try:
        made = checkpoints.receipt(stream=stream, seq=int(seq), at=timezone.now())
    except Event.DoesNotExist:
        raise click.ClickException(f"There is no event {event}") from None
    if out is None:
        click.echo(made.text(), nl=False)
    else:
        out.write_text(made.text(), "utf-8")
        click.echo(f"{out}: {event}, signed by {notes.fingerprint(made.key)}")


@receipt.command("verify")
@click.argument("file", type=FILE)
@click.option(
    "--key",
    type=FILE,
    help="A file with the log's public key that you trust (NAME+ID+KEY); else the receipt's own is used.",
)
def receipt_verify(file: Path, key: Path | None) -> None:
    """Check a receipt without any database. Exits 1 when it does not hold."""
    try:
        trusted = notes.read_key(key.read_text("utf-8")) if key else None
    except (Refused, UnicodeDecodeError):
        raise click.ClickException(f"{key} is no public key of a log: it is written NAME+ID+KEY") from None
    try:
        found = receipts.read_receipt(file.read_text("utf-8"))
        event, head = receipts.check(found, trusted)
    except (Refused, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file.name}: {error}") from None
    click.echo(
        f"✓ {event['stream']}#{event['seq']} {event['type']}, at {event['at']}, by {event['by']} ({event['unit']})"
    )
    click.echo(f"  event {found.index + 1} of {head.size} in {head.origin}, {found.hash}")
    click.echo(f"  checkpoint made at {found.at}, as the office says")
    trust = "the key you gave" if trusted else "compare it with the one the office publishes"
    click.echo(f"  signed by {notes.fingerprint(found.key)} ({trust})")


@receipt.command("page")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def receipt_page(file: Path) -> None:
    """Write the page that checks receipts offline, from disk, in any browser of the last years."""
    from bihuan.conf.starting import django_ready

    django_ready()
    from bihuan.web.surface.offline import verifier

    file.write_text(verifier(), "utf-8")
    click.echo(str(file))
