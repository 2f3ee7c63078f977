"""Rows that tie in a page's order stand in whatever order the database likes, and change places between two looks."""

from django.apps import apps
from django.db.models import Model


def decided(model: type[Model]) -> bool:
    """Whether the model's order has no ties: a unique field, or a whole constraint but for the one parent its rows are read under."""
    meta = model._meta
    names = {name.lstrip("-").split("__")[0] for name in map(str, meta.ordering)}
    if "pk" in names or any(meta.get_field(n).unique for n in names):
        return True
    constraints = [set(c.fields) for c in meta.total_unique_constraints]
    return any(
        len(c - names) <= 1 and all(meta.get_field(f).many_to_one for f in c - names) and len(c & names)
        for c in constraints
    )


def test_every_order_of_rows_is_total() -> None:
    ours = [m for m in apps.get_models() if m.__module__.startswith("bihuan") and m._meta.ordering]
    assert len(ours) > 30
    assert [m._meta.label for m in ours if not decided(m)] == []
