"""Rows that an erasure kept for some years, to be erased when these end."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from requests_app.models.leased import Leased


class KeptRows(Leased):
    """The kept rows of one collection, each with its own last day: work that rests until the first of them is due.

    The file lists their keys. It outlives the request, so its own key stands below the ring alone. `erase_on` is
    the next day on which some are due, `last_on` the last one, as the map had it then, `rows` all that were kept,
    `erased` those erased since, `standing` those that were due and could not be erased.
    """

    request = models.ForeignKey(
        "requests_app.SubjectRequest", on_delete=models.SET_NULL, null=True, blank=True, related_name="kept_rows"
    )
    source = models.ForeignKey("requests_app.DataSource", on_delete=models.PROTECT, related_name="kept_rows")
    map = models.ForeignKey("requests_app.DataSourceMap", on_delete=models.PROTECT, related_name="+")
    collection = models.CharField(max_length=255)
    erase_on = models.DateField()
    last_on = models.DateField(null=True, blank=True)
    file = models.CharField(max_length=80, blank=True)
    key = models.ForeignKey("requests_app.EncryptionKey", on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveBigIntegerField()
    erased = models.PositiveBigIntegerField(default=0)
    standing = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """What the sweep looks for."""

        verbose_name_plural = "kept rows"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "requeue_at"], name="kept_rows_overdue")]

    def __str__(self) -> str:
        return f"kept rows {self.pk} of source {self.source_id}"
