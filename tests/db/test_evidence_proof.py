"""Evidence on disk is part of the proof: what is lost, altered, cut, swapped or lies there unknown is named with its matter."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.utils import timezone

from bihuan.cli import main
from bihuan.kernel.domain import commands as c
from bihuan.kernel.evidence import verifying
from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.matters.services import act

from ..support import District


@pytest.fixture
def files(d: District, settings, tmp_path) -> list[str]:
    """Five files, attached to one matter."""
    settings.MEDIA_ROOT = tmp_path / "evidence"
    matter = d.handling()
    found = []
    for i in range(5):
        staged = d.photo("cgj1", colour=20 + 40 * i)
        told = {"sha256": staged.file_id, "name": staged.name, "type": "image/jpeg"}
        act(number=matter.number, command=c.Attach(d.actor("cgj1"), timezone.now(), (told,)))
        found.append(staged.file_id)
    assert len(set(found)) == 5
    return found


def flaws(**kw) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {f.sha256: (f.message, f.named_by) for f in verifying.flaws(at=timezone.now(), **kw)}


def test_whole_files_have_no_flaw(files: list[str]) -> None:
    assert flaws() == {}
    result = CliRunner().invoke(main, ["verify", "--evidence"])
    assert result.exit_code == 0
    assert "5 files hashed" in result.output


def test_lost_forged_cut_and_swapped_files_are_named_with_their_matter(files: list[str]) -> None:
    lost, forged, cut, one, two = files
    path_of(lost).unlink()
    path_of(forged).write_bytes(b"forged")
    path_of(cut).write_bytes(path_of(cut).read_bytes()[:-1])
    first, second = path_of(one).read_bytes(), path_of(two).read_bytes()
    path_of(one).write_bytes(second)
    path_of(two).write_bytes(first)
    found = flaws()
    assert {k: v[0] for k, v in found.items()} == {
        lost: "is lost", forged: "is altered", cut: "is altered", one: "is altered", two: "is altered",
    }  # fmt: skip
    (stream,) = {named for _, named in found.values()}
    (matter,) = stream
    assert matter.startswith("matter:")
    result = CliRunner().invoke(main, ["verify", "--evidence"])
    assert result.exit_code == 1
    assert all(f in result.output for f in files)
    assert matter in result.output


def test_a_file_that_no_row_knows_is_named_once_it_is_old(files: list[str]) -> None:
    stranger = path_of("ab" * 32)
    stranger.parent.mkdir(parents=True, exist_ok=True)
    stranger.write_bytes(b"nobody knows me")
    assert flaws() == {}, "it may still be an upload whose row is being written"
    old = (timezone.now() - timedelta(days=3)).timestamp()
    os.utime(stranger, (old, old))
    assert flaws() == {"ab" * 32: ("lies on disk and no row knows it", ())}


def test_all_files_are_seen_within_a_week(files: list[str]) -> None:
    seen = [verifying.Seen() for _ in range(verifying.SHARES)]
    for share, counted in enumerate(seen):
        assert flaws(share=share, seen=counted) == {}
    assert sum(s.files for s in seen) == 5
    days = [timezone.localdate() + timedelta(days=i) for i in range(7)]
    assert {verifying.share_of(day) for day in days} == set(range(7))
