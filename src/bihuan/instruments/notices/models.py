"""Tables of notices: what somebody is told, and the outbox of each way out of the house."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.orgs.models import Person


class Cursor(models.Model):
    """How far the ledger was read. `holes` are [event id, first missed at] that may still be committed."""

    position = models.BigIntegerField()
    since = models.DateTimeField()
    """Events entered before are no news: they were there when notices began."""
    holes = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.position)


class Channel(models.Model):
    """The way that a person chose besides the page: one address, tried until it is broken."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        WECOM = "wecom", _("WeCom group robot")
        DINGTALK = "dingtalk", _("DingTalk group robot")
        FEISHU = "feishu", _("Feishu group robot")

    person = models.OneToOneField(Person, models.CASCADE, related_name="channel")
    kind = models.CharField(max_length=10, choices=Kind)
    address = models.CharField(max_length=300)
    secret = models.CharField(max_length=200, blank=True)
    broken_since = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.person} {self.kind}"


class Notice(models.Model):
    """One event told to one person. What it says is read from the event; `why` says for which reason it concerns them."""

    stream = models.CharField(max_length=60)
    seq = models.PositiveIntegerField()
    person = models.ForeignKey(Person, models.CASCADE, related_name="notices")
    matter = models.BigIntegerField()
    """The number of the matter; 0 for what happens beside matters, whose title stands in `detail`."""
    type = models.CharField(max_length=30)
    why = models.CharField(max_length=12)
    detail = models.JSONField(default=dict)
    urgent = models.BooleanField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["stream", "seq", "person"], name="told_once")]
        indexes = [models.Index(fields=["person", "-id"], name="notice_unseen", condition=models.Q(seen_at=None))]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq} → {self.person_id}"


class Delivery(models.Model):
    """A notice on its way out: keyed (event, person, channel) through the notice, claimed before it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        UNKNOWN = "unknown", _("perhaps sent")
        DEAD = "dead", _("given up")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    batch = models.CharField(max_length=32, blank=True)
    """The claim: deliveries with the same batch leave in one message."""
    claimed_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="one_delivery_a_channel")]
        indexes = [models.Index(fields=["state", "due_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.notice} {self.state}"
