"""A restriction of the use of a person's data, and the announced end of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Restriction(models.Model):
    """The data of a person is kept and not used (GDPR Art. 18), from the day the team decided so until `ended_at`."""

    class Ground(models.TextChoices):
        """Why: the letters of GDPR Art. 18(1)."""

        ACCURACY = "accuracy", "the person says that it is wrong (Art. 18(1)(a))"
        UNLAWFUL = "unlawful", "it is used unlawfully, and the person does not want it erased (Art. 18(1)(b))"
        CLAIMS = "claims", "the person needs it for a legal claim (Art. 18(1)(c))"
        OBJECTION = "objection", "the person has objected to its use (Art. 18(1)(d))"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="restrictions")
    ground = models.CharField(max_length=9, choices=Ground.choices)
    approval = models.ForeignKey("requests_app.Approval", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A request restricts once at a time; the newest comes first."""

        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request"], condition=Q(ended_at=None), name="restriction_once")
        ]

    def __str__(self) -> str:
        return f"restriction {self.pk} of request {self.request_id}"


class Lifting(models.Model):
    """The end of a restriction, of which the person is told before (GDPR Art. 18(3)).

    `mail` is the notice: without a day on which it went out, nothing ends. It is None where nobody is left who could
    be told. `lift_on` is the day that was announced; it ends on no earlier one.
    """

    restriction = models.ForeignKey(Restriction, on_delete=models.CASCADE, related_name="liftings")
    reason = models.TextField(max_length=2000)
    lift_on = models.DateField()
    mail = models.ForeignKey(
        "requests_app.OutboxMail", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approval = models.ForeignKey("requests_app.Approval", on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField(default=timezone.now)
    called_off_at = models.DateTimeField(null=True, blank=True)
    called_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A restriction ends once, and one end of it is announced at a time; the newest comes first."""

        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["restriction"], condition=Q(called_off_at=None), name="lifting_once"),
            models.CheckConstraint(
                condition=Q(called_off_at__isnull=True) | Q(done_at__isnull=True), name="lifting_done_or_called_off"
            ),
        ]

    def __str__(self) -> str:
        return f"lifting {self.pk} of restriction {self.restriction_id}"

    @property
    def is_open(self) -> bool:
        """Whether it is announced and still to come."""
        return self.called_off_at is None and self.done_at is None
