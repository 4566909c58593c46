"""A recipient who has to be told that data was corrected, erased or restricted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class RecipientNotice(models.Model):
    """One recipient of a person's data, and how they were told, or why that cannot be done (GDPR Art. 19).

    `source` is the one whose map names the recipient, None where the team added it. `way` says how they were told, in
    words; `evidence` is a file that proves it.
    """

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="recipients")
    source = models.ForeignKey(
        "requests_app.DataSource", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    label = models.CharField(max_length=255)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    told_at = models.DateTimeField(null=True, blank=True)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    way = models.CharField(max_length=500, blank=True)
    evidence = models.ForeignKey(
        "requests_app.Upload", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    impossible_because = models.CharField(max_length=500, blank=True)

    class Meta:
        """A recipient stands once on a request."""

        ordering: ClassVar[list[str]] = ["label", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request", "label"], name="recipient_once")
        ]

    def __str__(self) -> str:
        return f"recipient {self.pk} of request {self.request_id}"
