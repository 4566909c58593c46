"""The search of one source for one request."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from requests_app.models.leased import Leased


class SourceSearch(Leased):
    """What one source holds about the person: the work, and the segment it left.

    `segment` is the file's name in the storage, empty until it is done; `counts` the records by collection, known
    then too, and `marks` what of them is marked for the reviewer; `records` how many were read so far, of about
    `estimated_records`: the sum of `estimates` by collection, and before those are known what others had there.
    """

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="searches")
    source = models.ForeignKey("requests_app.DataSource", on_delete=models.PROTECT, related_name="searches")
    map = models.ForeignKey("requests_app.DataSourceMap", on_delete=models.PROTECT, related_name="+")
    segment = models.CharField(max_length=80, blank=True)
    key = models.ForeignKey(
        "requests_app.EncryptionKey", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    counts = models.JSONField(default=dict)
    marks = models.JSONField(default=dict)
    estimates = models.JSONField(default=dict)
    records = models.PositiveBigIntegerField(default=0)
    estimated_records = models.PositiveBigIntegerField(null=True, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    is_left_out = models.BooleanField(default=False)

    class Meta:
        """A source is searched once for a request, however often it is tried."""

        verbose_name_plural = "source searches"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request", "source"], name="source_search_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "requeue_at"], name="search_overdue")]

    @property
    def is_incomplete(self) -> bool:
        """Whether it was done without other sources that it is linked from; `last_error` then says which."""
        return self.state == Leased.State.DONE and bool(self.last_error)

    @property
    def likely_records(self) -> int | None:
        """How many records it has, or will have as far as one knows; None where nobody does."""
        if not self.is_open:
            return self.records
        return None if self.estimated_records is None else max(self.estimated_records, self.records)

    def __str__(self) -> str:
        return f"search {self.pk} of request {self.request_id}"
