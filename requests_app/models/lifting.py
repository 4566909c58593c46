"""The announced end of a restriction."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Lifting(models.Model):
    """The end of a restriction, of which the person is told before (GDPR Art. 18(3)).

    `mail` is the notice: without a day on which it went out, nothing ends. It is None where nobody is left who could
    be told. `lift_on` is the day that was announced; it ends on no earlier one.
    """

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="liftings")
    reason = models.TextField(max_length=2000)
    lift_on = models.DateField()
    mail = models.ForeignKey(
        "requests_app.OutboxMail", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approval = models.ForeignKey("requests_app.Approval", on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField(auto_now_add=True)
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    called_off_at = models.DateTimeField(null=True, blank=True)
    called_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A restriction ends once, and one end of it is announced at a time; the newest comes first."""

        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request"], condition=Q(called_off_at=None), name="lifting_once"),
            models.CheckConstraint(
                condition=Q(called_off_at__isnull=True) | Q(done_at__isnull=True), name="lifting_done_or_called_off"
            ),
        ]

    def __str__(self) -> str:
        return f"lifting {self.pk} of request {self.request_id}"

    @property
    def is_open(self) -> bool:
        """Whether it is announced and still to come."""
        return self.called_off_at is None and self.done_at is None
