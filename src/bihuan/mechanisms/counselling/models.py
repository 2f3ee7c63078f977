"""Tables of counselling. What a project is lies in its file (part `approval`), not here."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.instruments.jobs.search import Search
from bihuan.instruments.meetings.models import Meeting
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.written import Watched
from bihuan.kernel.subjects.models import Subject

OVER = ("withdrawn", "not_accepted", "refused")
"""States in which an application ended without a decision, so that another may begin."""


class Application(Watched):
    """An item of approval asked for by a project. Everything below `unit` is the fold of its steps."""

    class Mode(models.TextChoices):
        FORMAL = "", _("formal")
        MOCK = "mock", _("reviewed beforehand")
        PROMISE = "promise", _("on a promise")
        STAGED = "staged", _("in stages")

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="applications")
    item = models.CharField(max_length=8)
    mode = models.CharField(max_length=8, choices=Mode, blank=True)
    code = models.CharField(max_length=60, unique=True)
    """The code of the case under which it is exchanged."""
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="applications")
    law = models.PositiveSmallIntegerField(null=True)
    """Working days of its decision clock when it was received; None where no day is laid down."""
    edition = models.CharField(max_length=20)
    state = models.CharField(max_length=14, blank=True)
    received = models.DateField(null=True)
    accepted = models.DateField(null=True)
    silent = models.BooleanField(default=False)
    decided = models.DateField(null=True)
    granted = models.BooleanField(null=True)
    due = models.DateField(null=True)
    """The last day of the clock that runs; None while none does."""
    gaps = models.PositiveSmallIntegerField(default=0)
    late = models.PositiveSmallIntegerField(default=0)
    """Working days after its due day on which it was decided; 0 until it is."""
    owed = models.DateField(null=True)
    """The day by which papers that were promised are to follow."""
    followed = models.DateField(null=True)
    """The day on which they did."""

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "item"], condition=Q(decided=None) & ~Q(state__in=OVER),
                name="one_open_application",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["unit", "state"]), models.Index(fields=["item", "decided"])]

    def __str__(self) -> str:
        return f"{self.item} {self.code}"


class Step(Watched):
    """One change of state, with the national code, or 0 for what only we know. The event is the record; this is its row."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="steps")
    n = models.PositiveSmallIntegerField()
    code = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=12, blank=True)
    """For code 0: `extended`, `formal` or `followed`."""
    at = models.DateTimeField()
    entered_at = models.DateTimeField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    opinion = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    notice = models.CharField(max_length=60, blank=True)
    until = models.DateField(null=True)
    days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["application", "n"]
        constraints = [models.UniqueConstraint(fields=["application", "n"], name="one_step_a_place")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.n} {self.code}"


class Session(Watched):
    """What a meeting of counselling has beside a meeting: its phase and its timetable."""

    class Phase(models.TextChoices):
        BEFORE = "before", _("before approval")
        DURING = "during", _("during approval")
        AFTER = "after", _("after approval")

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="counselling")
    phase = models.CharField(max_length=8, choices=Phase, default=Phase.BEFORE)
    minutes = models.PositiveSmallIntegerField(default=10)
    """Minutes of one slot."""
    cost = models.PositiveIntegerField(default=0)
    bound = models.PositiveIntegerField(default=0)
    """Slots that everybody is kept, all together, and what no timetable goes below."""

    def __str__(self) -> str:
        return str(self.meeting_id)


class Sitting(Watched):
    """A unit is needed for a project, why, and when they sit together (`start` in slots; None before the timetable is made)."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="sittings")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    items = models.JSONField(default=list)
    slots = models.PositiveSmallIntegerField(default=1)
    start = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["start", "id"]
        constraints = [models.UniqueConstraint(fields=["session", "subject", "unit"], name="one_sitting_a_pair")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.subject_id} {self.unit_id}"


class Question(Watched):
    """A question of a project and what the unit said to it."""

    class Answer(models.TextChoices):
        OPEN = "open", _("not answered yet")
        NOW = "now", _("answered on the spot")
        TAKEN = "taken", _("taken back to be studied")
        CONSULT = "consult", _("to be consulted with others")
        IMPOSSIBLE = "impossible", _("not possible")

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="questions")
    session = models.ForeignKey(Session, models.PROTECT, null=True, related_name="questions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="questions")
    item = models.CharField(max_length=8, blank=True)
    text = models.CharField(max_length=300)
    answer = models.CharField(max_length=10, choices=Answer, default=Answer.OPEN)
    said = models.TextField(max_length=2000, blank=True)
    due = models.DateField(null=True)
    matter = models.OneToOneField(Matter, models.PROTECT, null=True, related_name="question")
    edition = models.CharField(max_length=20)
    person = models.CharField(max_length=150)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class Knowledge(Watched):
    """A question and its answer as anyone may read them, by item, with the edition they were true for."""

    item = models.CharField(max_length=8, blank=True, db_index=True)
    question = models.CharField(max_length=300)
    said = models.TextField(max_length=2000)
    basis = models.CharField(max_length=200, blank=True)
    edition = models.CharField(max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    source = models.OneToOneField(Question, models.PROTECT, null=True, related_name="knowledge")
    day = models.DateField()
    ended = models.DateField(null=True)
    """Since when it is no longer true."""
    person = models.CharField(max_length=150)

    class Meta:
        ordering = ["-day", "-id"]

    def __str__(self) -> str:
        return self.question


class Revisit(Watched):
    """A call-back some days after a permit: what was asked and said."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="revisits")
    after = models.PositiveSmallIntegerField()
    """Days after the permit."""
    day = models.DateField()
    """When it was made."""
    answers = models.JSONField(default=dict)
    solved = models.BooleanField()
    satisfaction = models.PositiveSmallIntegerField()
    """1 to 5, as the enterprise said."""
    said = models.CharField(max_length=500, blank=True)
    matters = models.JSONField(default=list)
    """Numbers of the matters that it reopened or raised."""
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [models.UniqueConstraint(fields=["application", "after"], name="revisited_once")]

    def __str__(self) -> str:
        return f"{self.application_id} +{self.after}"


class Officers(Watched):
    """How many officers of a unit decide, from a day on; a unit without a row has one."""

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="officers")
    n = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.unit_id} {self.n}"


class Reckoning(Search):
    """A search for something better that somebody may watch and stop: a session's timetable, or all projects together."""

    class What(models.TextChoices):
        TIMETABLE = "timetable", _("timetable")
        TOGETHER = "together", _("all projects together")

    what = models.CharField(max_length=10, choices=What)
    session = models.ForeignKey(Session, models.CASCADE, null=True, related_name="reckonings")
    officers = models.JSONField(default=dict)
    """Officers by code of the unit, as supposed."""

    def __str__(self) -> str:
        return f"{self.what} {self.pk}"
