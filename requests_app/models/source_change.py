"""The change of one source for one request: what was shown, who approved it, what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.models.approval import CHANGES, UNWEIGHED
from requests_app.models.leased import Leased


class SourceChange(Leased):
    """What one source is asked to change about a person: first previewed, then approved, then done, each once.

    The JSON columns hold counts and reasons by collection, never a value; keys of rows are in `KeyList`s. `digest` is
    of what was shown; the approval is void once it is another. `expected` is what was about to be done when the
    change began: so long as there is no result, a worker may have stopped before or after the source was changed.
    `began` counts how often it did. `reopened` says why the latest approval became void. `undo_until` is until when an
    approved change waits, so that it can still be called off. `undoes` is the change whose marks this one takes back;
    `called_off_at` is when one that was not done yet was no longer wanted.
    """

    class Phase(models.TextChoices):
        """What is being worked at."""

        PREVIEW = "preview", "preview"
        CHANGE = "change", "change"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="changes")
    source = models.ForeignKey("requests_app.DataSource", on_delete=models.PROTECT, related_name="changes")
    map = models.ForeignKey("requests_app.DataSourceMap", on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=20, choices=CHANGES)
    phase = models.CharField(max_length=8, choices=Phase.choices, default=Phase.PREVIEW)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    preview = models.JSONField(default=dict)
    previewed_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    approval = models.ForeignKey(
        "requests_app.Approval", on_delete=models.PROTECT, null=True, blank=True, related_name="changes"
    )
    reopened = models.CharField(max_length=500, blank=True)
    expected = models.JSONField(default=dict)
    came_since = models.JSONField(default=dict)
    began = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(default=dict)
    is_proven = models.BooleanField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    is_left_out = models.BooleanField(default=False)
    undo_until = models.DateTimeField(null=True, blank=True)
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")
    called_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Of one act there is one change of a source at a time; what is applied stays on record."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["request", "source", "act"],
                condition=Q(applied_at=None, undoes=None, called_off_at=None),
                name="source_change_pending_once",
            ),
            models.UniqueConstraint(
                fields=["undoes"], condition=Q(undoes__isnull=False), name="source_change_undone_once"
            ),
            models.CheckConstraint(
                condition=Q(phase="preview")
                | Q(approval__isnull=False)
                | Q(act__in=UNWEIGHED)
                | Q(undoes__isnull=False),
                name="source_change_approved",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "requeue_at"], name="change_overdue")]

    def __str__(self) -> str:
        return f"{self.act} {self.pk} of request {self.request_id}"

    @property
    def is_previewed(self) -> bool:
        """Whether it can be looked at and approved."""
        return self.phase == SourceChange.Phase.PREVIEW and self.state == Leased.State.DONE

    @property
    def is_applied(self) -> bool:
        """Whether it is done; see `is_proven` for whether nothing is left."""
        return self.applied_at is not None

    @property
    def is_uncertain(self) -> bool:
        """Whether nobody can tell if the source was changed: a worker stopped on the way, and no other has ended it."""
        return self.began > 0 and not self.is_applied


class KeyList(models.Model):
    """A sealed file of the keys of rows, with a key of its own: below the request's, unless it says what stood there.

    It is there once the file is whole: what a worker left behind that died before belongs to nobody.
    """

    class Purpose(models.TextChoices):
        """When the rows were seen."""

        SHOWN = "shown", "as it was shown"
        FIXED = "fixed", "as the change began"
        MARKED = "marked", "what stood there before"

    change = models.ForeignKey(SourceChange, on_delete=models.CASCADE, related_name="key_lists")
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    file = models.CharField(max_length=80, unique=True)
    key = models.ForeignKey("requests_app.EncryptionKey", on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """In the order they were made."""

        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"keys {self.purpose} of change {self.change_id}"
