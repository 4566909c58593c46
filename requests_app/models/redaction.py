"""What a reviewer withholds from an answer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Redaction(models.Model):
    """A field, a record or a field of a record that is left out; an overlay, undone by deleting it.

    `ordinal` counts the records of the collection from 0 within the segment, None for all of them; `field` None
    means the whole record.
    """

    search = models.ForeignKey("requests_app.SourceSearch", on_delete=models.CASCADE, related_name="redactions")
    segment = models.CharField(max_length=80)
    collection = models.CharField(max_length=200)
    ordinal = models.PositiveBigIntegerField(null=True, blank=True)
    field = models.CharField(max_length=200, blank=True)
    ground = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        """A redaction stands once."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["search", "segment", "collection", "ordinal", "field"], name="redaction_of_record_once"
            ),
            models.UniqueConstraint(
                fields=["search", "segment", "collection", "field"],
                condition=models.Q(ordinal__isnull=True),
                name="redaction_of_collection_once",
            ),
        ]

    def __str__(self) -> str:
        return f"redaction {self.pk} of search {self.search_id}"
