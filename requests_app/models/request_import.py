"""A list of requests that came otherwise, taken in line by line."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from requests_app.models.leased import Leased


class RequestImport(Leased):
    """A list to take in. `is_dry_run` until somebody has seen its report and wants it.

    `columns` says which field each column of the list is, by its position; `options` how its cells are to be
    understood: letters, order of dates, and what is said for the whole list. `lines` is how many its report has.
    `wanted_by` is who had it taken in. A list whose columns are still to be assigned is done and was never finished.
    """

    upload = models.ForeignKey("requests_app.Upload", on_delete=models.PROTECT, related_name="+")
    columns = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    sends_mails = models.BooleanField(default=True)
    is_dry_run = models.BooleanField(default=True)
    lines = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    wanted_at = models.DateTimeField(null=True, blank=True)
    wanted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """The newest first, and what the sweep looks for."""

        ordering: ClassVar[list[str]] = ["-pk"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "requeue_at"], name="import_overdue")]

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportLine(models.Model):
    """What became of one line; `problem` names its fields and never repeats what stands in them.

    `mark` is a hash of who asks for what, keyed by the list's own key, so that it says nothing once that is destroyed.
    `request` is the one it became, or the one at work that it would double.
    """

    class State(models.TextChoices):
        """What became of it."""

        READY = "ready", "can be taken in"
        FAULTY = "faulty", "has to be mended"
        DOUBLE = "double", "is there already"
        DONE = "done", "taken in"

    run = models.ForeignKey("requests_app.RequestImport", on_delete=models.CASCADE, related_name="report")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=6, choices=State.choices)
    problem = models.TextField(blank=True)
    mark = models.CharField(max_length=64, blank=True)
    has_mailbox = models.BooleanField(default=False)
    request = models.ForeignKey(
        "requests_app.SubjectRequest", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """In order; each line once; found by its mark and by what became of it."""

        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "number"], name="import_line_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "mark"], name="import_line_by_mark"),
            models.Index(fields=["run", "state", "number"], name="import_line_by_state"),
        ]

    def __str__(self) -> str:
        return f"line {self.number} of import {self.run_id}"
