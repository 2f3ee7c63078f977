"""Reading project files. Every query starts from `subjects_visible_to`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Q, QuerySet

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.orgs.selectors import function_unit, posts_on, unit_names_of
from bihuan.kernel.subjects.models import Subject, SubjectParty

from . import rules

KEY = "重点项目"
"""The label of projects that the promotion mechanism keeps."""


def words() -> rules.Catalogue:
    """The words of project files."""
    return rules.catalogue(settings.CATALOGUE / "projects" / "project.toml")


def project_of(subject: Subject) -> rules.Project:
    """The reading of a subject's file; an empty one when nothing was filed."""
    return rules.read(subject.file.body, words())


def key_projects(viewer: Viewer) -> QuerySet[Subject]:
    """The key projects that the viewer may see, with their files."""
    rows = subjects_visible_to(viewer).filter(type=Subject.Type.PROJECT, labels__label=KEY)
    return rows.select_related("file", "territory", "unit").order_by("name", "pk")


@dataclass(frozen=True)
class Party:
    """A unit that has to do with a project; `post` and `person` where one person answers, empty when the post is vacant."""

    role: str
    unit: str
    code: str
    title: str = ""
    person: str = ""


def parties(subject: Subject, project: rules.Project, today: date) -> list[Party]:
    """The parties of a project by role, with who holds their posts today."""
    found = []
    for role, told in project.parties.items():
        held = posts_on(today).filter(unit__code=told["unit"], title=told.get("title", "")).select_related("person")
        post: Post | None = held.first() if told.get("title") else None
        names = unit_names_of([told["unit"]])
        person = str(post.person) if post and post.person else ""
        found.append(Party(role, names[0] if names else told["unit"], told["unit"], told.get("title", ""), person))
    return found


def writers(subject: Subject, project: rules.Project) -> set[str]:
    """Codes of the units that keep a project's file: the responsible one, its parties but the leader's, the coordinator."""
    mine = {told["unit"] for role, told in project.parties.items() if role != "leader"}
    return mine | {subject.unit.code if subject.unit else ""} - {""} | {function_unit("coordinate.promotion")}


def mine(viewer: Viewer) -> list[tuple[Subject, rules.Project]]:
    """The key projects for which the viewer's units report: they build it, or are responsible where no builder is named."""
    near = Q(unit__in=viewer.units) | Q(pk__in=SubjectParty.objects.filter(unit__in=viewer.units).values("subject"))
    found = []
    for subject in key_projects(viewer).filter(near):
        project = project_of(subject)
        owner = project.parties.get("owner", {}).get("unit") or (subject.unit.code if subject.unit else "")
        if owner in viewer.acting:
            found.append((subject, project))
    return found
