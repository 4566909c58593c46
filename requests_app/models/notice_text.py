"""The words of notices as the team changed them, and what was sent."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q


class NoticeTextQuerySet(models.QuerySet["NoticeText"]):
    """The questions asked of the words of notices."""

    def in_force(self) -> Self:
        """Keep those that were not withdrawn."""
        return self.filter(withdrawn_at=None)


class NoticeText(models.Model):
    """One version of the words of a notice, for a right and a language; the newest one that is not withdrawn counts.

    `right` empty is any right. `body` is Markdown with variables in double braces; see `letters.words`.
    """

    notice = models.CharField(max_length=40)
    right = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    body = models.TextField(max_length=20_000)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeTextQuerySet.as_manager()

    class Meta:
        """The newest first; each version stands once."""

        ordering: ClassVar[list[str]] = ["notice", "right", "language", "-version"]
        permissions = (("manage_notices", "Can change the words of notices"),)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["notice", "right", "language", "version"], name="notice_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="notice_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"notice text {self.pk} ({self.notice})"


class SentNotice(models.Model):
    """What a mail said when it was sent, its links and codes left out; sealed by the request's key."""

    mail = models.OneToOneField("requests_app.OutboxMail", on_delete=models.CASCADE, related_name="sent")
    words = models.ForeignKey(
        "requests_app.NoticeText", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    content = models.TextField()
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"what mail {self.mail_id} said"
