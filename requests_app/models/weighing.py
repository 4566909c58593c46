"""The weighing of an objection against what the controller wants the data for."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Weighing(models.Model):
    """What speaks for and against an objection, and which is more (GDPR Art. 21(1)).

    An objection that is not upheld is refused, which takes two people (`Refusal`).
    """

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="weighings")
    interests = models.TextField(max_length=5000)
    reasons = models.TextField(max_length=5000)
    is_upheld = models.BooleanField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return f"weighing {self.pk} of request {self.request_id}"
