"""Text messages that are to be sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from requests_app.models.leased import Leased


class OutboxText(Leased):
    """A text message with a code, for a check of identity or before a download; the code is made when it is sent."""

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="texts")
    check_of = models.ForeignKey(
        "requests_app.IdentityCheck", on_delete=models.CASCADE, null=True, blank=True, related_name="texts"
    )
    code = models.ForeignKey(
        "requests_app.DownloadCode", on_delete=models.CASCADE, null=True, blank=True, related_name="texts"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """It is for one thing; and what the sweep looks for."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(check_of__isnull=True, code__isnull=False) | Q(check_of__isnull=False, code__isnull=True),
                name="outbox_text_of_one",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "requeue_at"], name="text_overdue")]

    def __str__(self) -> str:
        return f"text message {self.pk} of request {self.request_id}"
