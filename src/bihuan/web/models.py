"""Tables of the surface itself."""

from django.db import models

from bihuan.kernel.orgs.models import Person


class SavedView(models.Model):
    """A list with its filter, kept under a name by one person."""

    owner = models.ForeignKey(Person, models.CASCADE, related_name="views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1000)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_view_a_name")]

    def __str__(self) -> str:
        return self.name
