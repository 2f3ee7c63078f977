"""Columns of the list of matters that a person may leave out, with their heads; `web/pieces/matter_table.html` draws them."""

from django.utils.translation import gettext_lazy as _

MATTER_COLUMNS = {
    "light": _("Light"),
    "number": _("No."),
    "title": _("Matter"),
    "kind": _("Kind"),
    "state": _("State"),
    "lead": _("Lead unit"),
    "owed_by": _("Owes the next step"),
    "territory": _("Territory"),
    "due": _("Due"),
}
