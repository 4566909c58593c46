"""A recipient who has to be told that data was corrected, erased or restricted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class RecipientNotice(models.Model):
    """One recipient of a person's data, and how they were told, or why that cannot be done (GDPR Art. 19).

    `source` is the first one whose map names the recipient, None where the team added it. `about` lists what was
    changed of what they have, as labels of sources and collections. `told_on` is the day they were told, `way` how, in
    words; `evidence` is a file that proves it. `impossible_because` says why they were not told.
    """

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="recipients")
    source = models.ForeignKey(
        "requests_app.DataSource", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    label = models.CharField(max_length=255)
    about = models.JSONField(default=list)
    noted_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    told_on = models.DateField(null=True, blank=True)
    way = models.CharField(max_length=500, blank=True)
    evidence = models.ForeignKey(
        "requests_app.Upload", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    impossible_because = models.CharField(max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """A recipient waits once on a request: who was told of one change has to be told of a later one too."""

        ordering: ClassVar[list[str]] = ["label", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["request", "label"], condition=Q(settled_at=None), name="recipient_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, told_on__isnull=True, impossible_because="")
                | Q(settled_at__isnull=False, told_on__isnull=False, impossible_because="")
                | (Q(settled_at__isnull=False, told_on__isnull=True) & ~Q(impossible_because="")),
                name="recipient_told_or_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"recipient {self.pk} of request {self.request_id}"

    @property
    def is_settled(self) -> bool:
        """Whether they were told, or it is said why not."""
        return self.settled_at is not None
