"""Tables: columns chosen once, sorted by the server, paged by place."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.matters.models import Matter
from bihuan.kernel.subjects.models import Subject


def piece(code: str, name: object, **more: object) -> tables.TemplateColumn:
    """A column drawn by a few template words."""
    return tables.TemplateColumn(code, verbose_name=name, orderable=False, **more)


class MatterTable(tables.Table):
    """The list of matters."""

    light = piece("{% light_chip record %}", _("Light"))
    number = piece("<span class='num'>{{ record.number }}</span>", _("No."))
    title = piece(
        "<a class='main' href=\"{% url 'matter' record.number %}\">{{ record.title }}</a>"
        "<span class='sub'>{{ record.subject.name }}</span>",
        _("Matter"),
    )
    kind = piece("{{ record.kind|kind_name }}", _("Kind"))
    state = piece(
        "{{ record.get_state_display }}{% if record.round > 1 %} · {% blocktranslate with n=record.round %}round {{ n }}{% endblocktranslate %}{% endif %}",
        _("State"),
    )
    lead = piece("{{ record.lead.name|default:'—' }}", _("Lead unit"))
    owed_by = piece("{{ record.owed_by.name|default:'—' }}", _("Owes the next step"))
    territory = piece("{{ record.territory.name }}", _("Territory"))
    due = piece(
        "<span class='num'>{{ record.due_at|last_day|default:'—' }}{% if record.provisional %}<abbr title=\"{% translate 'provisional: the holidays of that year are not published' %}\">*</abbr>{% endif %}</span>",
        _("Due"),
    )

    class Meta:
        model = Matter
        fields = ("light", "number", "title", "kind", "state", "lead", "owed_by", "territory", "due")
        template_name = "web/table.html"
        orderable = False


class SubjectTable(tables.Table):
    """The list of subjects."""

    light = piece(
        "{% if record.worst %}<span class='chip light-{{ record.worst }}'>{{ record.worst|light_name }}</span>{% else %}<span class='muted'>—</span>{% endif %}",
        _("Worst light"),
    )
    name = piece(
        "<a class='main' href=\"{% url 'subject' record.code %}\">{{ record.name }}</a><span class='sub'>{{ record.address }}</span>",
        _("Name"),
    )
    type = piece("{{ record.get_type_display }}", _("Type"))
    labels = piece("{% for l in record.labels.all %}<span class='tag'>{{ l.label }}</span> {% endfor %}", _("Labels"))
    territory = piece("{{ record.territory.name }}", _("Territory"))
    unit = piece("{{ record.unit.name|default:'—' }}", _("Responsible unit"))
    open_matters = piece("<span class='num'>{{ record.open_matters }}</span>", _("Open matters"))

    class Meta:
        model = Subject
        fields = ("light", "name", "type", "labels", "territory", "unit", "open_matters")
        template_name = "web/table.html"
        orderable = False
