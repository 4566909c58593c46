"""A correction that a person proposes: one field of one record."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class ProposedCorrection(models.Model):
    """What stands in a field, what should, and what became of that (GDPR Art. 16).

    `record_key` (a JSON object of the key's columns, as text), `old`, `new`, `reason` and `statement` are sealed by
    the request's key; an empty text is NULL. `old` is what stood there when it was last looked at. `record_hash` names
    the record and nobody, by the same key. `proposed_by` is who wrote it down for the person, nobody where they did it
    themselves. `decision_reason` is told to the person. A `statement` is recorded beside the data where the value
    itself stays. `failure` says why it came back after it was approved.
    """

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "proposed", "proposed"
        APPROVED = "approved", "to be written"
        REJECTED = "rejected", "not corrected"
        STATED = "stated", "a statement stands beside it"
        WRITTEN = "written", "corrected"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="corrections")
    source = models.ForeignKey("requests_app.DataSource", on_delete=models.PROTECT, related_name="+")
    collection = models.CharField(max_length=255)
    field = models.CharField(max_length=255)
    record_hash = models.CharField(max_length=64, editable=False)
    record_key = models.TextField(editable=False)
    old = models.TextField(blank=True, editable=False)
    new = models.TextField(blank=True, editable=False)
    reason = models.TextField(blank=True, editable=False)
    statement = models.TextField(blank=True, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField(auto_now_add=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    evidence = models.ManyToManyField("requests_app.Upload", related_name="corrections", blank=True)
    decision_reason = models.CharField(max_length=1000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    change = models.ForeignKey(
        "requests_app.SourceChange", on_delete=models.SET_NULL, null=True, blank=True, related_name="corrections"
    )
    written_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)

    class Meta:
        """A field of a record is proposed once at a time; in the order they came."""

        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["request", "source", "collection", "record_hash", "field"],
                condition=Q(state="proposed"),
                name="correction_proposed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"correction {self.pk} of request {self.request_id}"

    @property
    def is_written(self) -> bool:
        """Whether the new value stands in the source."""
        return self.state == ProposedCorrection.State.WRITTEN
