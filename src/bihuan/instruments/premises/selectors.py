"""Reading premises files. Every query starts from `subjects_visible_to`."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db.models import QuerySet

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.orgs.selectors import function_unit
from bihuan.kernel.subjects.models import Subject

from . import catalogue, rules
from .models import PremisesImport, RuleTable

FOLDER = "fire"


def words() -> catalogue.Words:
    """The words of premises files."""
    return catalogue.words(settings.CATALOGUE / FOLDER / "premises.toml")


def label_tables(day: date) -> list[catalogue.Table]:
    """The tables of labels in force on a day: shipped ones and those that the district loaded."""
    folder = settings.CATALOGUE / FOLDER
    own = shipped = catalogue.shipped(folder / "labels.toml", folder / "premises.toml")
    for row in RuleTable.objects.filter(name=RuleTable.Name.LABELS):
        own = (*own, *catalogue.tables(row.body["table"], words(), row.title))
    order = {t.label: i for i, t in enumerate(shipped)}
    return sorted(catalogue.in_force(own, day, settings.PROVINCE), key=lambda t: order.get(t.label, -1))


def premises_of(subject: Subject) -> rules.Premises:
    """The reading of a premises' file; an empty one when nothing was filed."""
    return rules.read(subject.file.body if hasattr(subject, "file") else {})


def premises_visible_to(viewer: Viewer) -> QuerySet[Subject]:
    """Premises that the viewer may see, with their files."""
    rows = subjects_visible_to(viewer).filter(type=Subject.Type.PREMISES)
    return rows.select_related("file", "territory", "unit")


def premises_named(viewer: Viewer, text: str) -> Subject | None:
    """The premises with this code or whole name that the viewer may see."""
    rows, text = premises_visible_to(viewer), text.strip()
    return rows.filter(code=text).first() or rows.filter(name=text).first()


def imports_of(viewer: Viewer) -> QuerySet[PremisesImport]:
    """The lists of premises that the viewer brought, the latest first: their cells may hold what others must not see yet."""
    return PremisesImport.objects.filter(owner=viewer.person)


def reasons(premises: rules.Premises, day: date) -> dict[str, catalogue.Reason]:
    """Labels with their reasons by the tables in force on a day."""
    return catalogue.labelled(premises.facts, label_tables(day), premises.declared)


def writers(subject: Subject, premises: rules.Premises) -> set[str]:
    """Codes of the units that keep a premises' file: the responsible one, its parties, the township, the fire offices."""
    named = {told["unit"] for told in premises.parties.values()}
    home = {subject.unit.code} if subject.unit else set()
    return named | home | {function_unit("coordinate.fire"), function_unit("fire_inspection")}


def keeps(viewer: Viewer, subject: Subject, premises: rules.Premises) -> str:
    """The unit in whose name the viewer keeps the file: one of the writers, or a township or service centre whose area it lies
    in; empty when none."""
    units = viewer.acting & writers(subject, premises)
    for post in viewer.posts:
        area = post.unit.territory
        if (
            post.unit.code in viewer.acting
            and area is not None
            and area.parent_id is not None
            and subject.territory.path.startswith(area.path)
        ):
            units = units | {post.unit.code}
    home = subject.unit.code if subject.unit else ""
    return home if home in units else min(units, default="")
