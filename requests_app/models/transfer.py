"""The hand-over of a person's files to another controller."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Transfer(models.Model):
    """Files that another controller may fetch by a link of its own, once the person said so (GDPR Art. 20(2)).

    `link` opens the files; its token is shown once, to the person. `member` is the one file of them handed over,
    by its path; empty for the whole package. `fetched_at` is when it was first used.
    """

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="transfers")
    export = models.ForeignKey("requests_app.Export", on_delete=models.CASCADE, related_name="transfers")
    link = models.OneToOneField(
        "requests_app.SecureLink", on_delete=models.SET_NULL, null=True, blank=True, related_name="transfer"
    )
    receiver = models.CharField(max_length=200)
    member = models.CharField(max_length=300, blank=True)
    confirmed_at = models.DateTimeField(auto_now_add=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return f"transfer {self.pk} of request {self.request_id}"
