"""Tables of the organisation."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.registry.written import Watched


class Territory(Watched):
    """A place in the tree district → township → community → grid. `path` is `/root/child/`, so a subtree is a prefix."""

    class Level(models.TextChoices):
        DISTRICT = "district", _("district")
        TOWNSHIP = "township", _("township")
        COMMUNITY = "community", _("community")
        GRID = "grid", _("grid")

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    level = models.CharField(max_length=12, choices=Level)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=200, db_index=True)

    class Meta:
        ordering = ["path", "pk"]

    def __str__(self) -> str:
        return self.name


class Unit(Watched):
    """An organisation: bureau, township office, utility, bank, developer, property manager, service centre."""

    class Kind(models.TextChoices):
        BUREAU = "bureau", _("bureau")
        TOWNSHIP = "township", _("township office")
        BRIGADE = "brigade", _("fire brigade")
        UTILITY = "utility", _("utility")
        PLATFORM = "platform", _("state-owned platform company")
        BANK = "bank", _("bank")
        COMPANY = "company", _("company")
        CENTRE = "centre", _("service centre")
        OTHER = "other", _("other")

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    sector = models.CharField(max_length=20, blank=True)
    territory = models.ForeignKey(Territory, models.PROTECT, null=True, blank=True, related_name="units")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Function(Watched):
    """A function that exactly one unit carries, such as `coordinate.fire`; kinds name functions, not units."""

    name = models.CharField(max_length=40, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="functions")

    def __str__(self) -> str:
        return self.name


class UnitAlias(Watched):
    """Another name under which registers know a unit."""

    alias = models.CharField(max_length=80, unique=True)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="aliases")

    def __str__(self) -> str:
        return self.alias


class Person(AbstractUser):
    """Somebody who signs in. `username` stands for the person in the ledger."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=60)
    language = models.CharField(max_length=10, default="zh-hans")

    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Post(Watched):
    """A person's role in a unit, from a date to a date. Without a person it is vacant, which is an alarm."""

    class Role(models.TextChoices):
        OFFICER = "officer", _("officer")
        HEAD = "head", _("head of unit")
        LEADER = "leader", _("district leader")
        AUDITOR = "auditor", _("auditor")
        SYSTEM = "system", _("system administrator")
        SECURITY = "security", _("security administrator")
        AUDIT = "audit", _("audit administrator")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    title = models.CharField(max_length=40)
    role = models.CharField(max_length=10, choices=Role)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="posts")
    scope_territory = models.ForeignKey(Territory, models.PROTECT, null=True, blank=True, related_name="+")
    scope_sector = models.CharField(max_length=20, blank=True)
    clearance = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["unit__name", "title", "pk"]

    def __str__(self) -> str:
        return f"{self.unit} {self.title}"
