"""A system of the organisation that is searched for a person, and the versions of its data map."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class DataSource(models.Model):
    """A system, how it is reached (encrypted) and by which version of its data map it is read.

    `drift` lists what no longer is as the map has it, each with its `severity`, `where` and `text`.
    """

    class Drift(models.TextChoices):
        """What the last nightly look told."""

        UNKNOWN = "", "not looked at yet"
        FITS = "fits", "fits its map"
        DRIFTED = "drifted", "has changed"
        DOWN = "down", "cannot be reached"

    slug = models.SlugField(max_length=60, unique=True)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    connection = models.TextField(editable=False)
    key = models.ForeignKey("requests_app.EncryptionKey", on_delete=models.PROTECT, related_name="+", editable=False)
    is_enabled = models.BooleanField(default=True)
    is_sensitive = models.BooleanField(default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="owned_sources"
    )
    current_map = models.ForeignKey(
        "requests_app.DataSourceMap", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    check_result = models.TextField(blank=True, editable=False)
    drift_state = models.CharField(
        max_length=10, choices=Drift.choices, blank=True, default=Drift.UNKNOWN, editable=False
    )
    drift = models.JSONField(default=list, editable=False)

    class Meta:
        """Who may do what."""

        ordering: ClassVar[list[str]] = ["label"]
        permissions = (("test_source", "Can test connections and check maps"),)

    def __str__(self) -> str:
        return self.label


class DataSourceMap(models.Model):
    """One version of a data map, never changed: an answer names the version it was read by.

    `outline` is what the source looked like when it was first looked at with this version.
    """

    source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="maps")
    version = models.PositiveIntegerField()
    text = models.TextField()
    outline = models.JSONField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """Versions count from 1 in each source."""

        ordering: ClassVar[list[str]] = ["-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "version"], name="data_map_version_once")
        ]

    def __str__(self) -> str:
        return f"map {self.version} of {self.source_id}"
