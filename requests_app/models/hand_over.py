"""Files that the team handed to somebody itself."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class HandOver(models.Model):
    """The files of an export, given to the person by the team: who has no mailbox gets no link."""

    class Way(models.TextChoices):
        """How they reached the person."""

        LETTER = "letter", "by letter, on paper"
        MEDIUM = "medium", "by letter, on a disk or stick"
        IN_PERSON = "in_person", "in person"
        OTHER = "other", "otherwise"

    export = models.ForeignKey("requests_app.Export", on_delete=models.CASCADE, related_name="hand_overs")
    way = models.CharField(max_length=10, choices=Way.choices)
    given_on = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        """In the order they were recorded."""

        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"handing over of export {self.export_id}"
