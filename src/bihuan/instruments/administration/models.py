"""The one table of administration: refused acts of the hour that runs."""

from django.db import models


class DeniedCount(models.Model):
    """How often one person was refused one deed within one hour. It lives until the hour is over and its total is an event."""

    person = models.CharField(max_length=150)
    deed = models.CharField(max_length=100)
    """Method and the name of the address, never the address itself: whoever varies ids makes no more rows."""
    hour = models.DateTimeField()
    n = models.PositiveIntegerField(default=1)
    last = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "deed", "hour"], name="one_count_an_hour")]

    def __str__(self) -> str:
        return f"{self.person} {self.deed} {self.hour:%Y-%m-%d %H} {self.n}"
