"""What a person is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower

if TYPE_CHECKING:
    from collections.abc import Iterable


class IdentifierQuerySet(models.QuerySet["Identifier"]):
    """The questions asked of identifiers."""

    def proven(self) -> Self:
        """Keep what was shown to be the person's."""
        return self.exclude(proof__in=UNPROVEN)

    def alike(self, pairs: Iterable[tuple[str, str]]) -> Self:
        """Keep those that are one of some pairs of kind and value, in large letters or small ones.

        An index serves it.
        """
        known = Q(pk__in=())
        for kind, value in pairs:
            known |= Q(kind=kind, lower=Lower(Value(value)))
        kept: Self = self.annotate(lower=Lower("value")).filter(known)
        return kept

    def counting(self) -> Self:
        """Keep what something may be done by: what is proven, and what no proof is asked for.

        The latter stops a use of the data, and nothing else: ask for it only where the right is harmless.
        """
        return self.exclude(proof="")


class Identifier(models.Model):
    """One identifier of a request; only a proven one enters a search, or changes what is held."""

    class Kind(models.TextChoices):
        """What columns of a source it is compared with."""

        EMAIL = "email", "E-mail address"
        PHONE = "phone", "Phone number"
        USER_ID = "user_id", "User id"

    class Proof(models.TextChoices):
        """How it was shown to be the person's."""

        NONE = "", "not proven"
        MAILBOX = "mailbox", "mailbox confirmed"
        STAFF = "staff", "checked by the team"
        ASSERTION = "assertion", "vouched for by our own service"
        SMS = "sms", "telephone confirmed"
        NOT_NEEDED = "not_needed", "no proof asked for"

    request = models.ForeignKey("requests_app.SubjectRequest", on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    value = models.CharField(max_length=1024)
    proof = models.CharField(max_length=10, choices=Proof.choices, blank=True, default=Proof.NONE)
    proven_at = models.DateTimeField(null=True, blank=True)

    objects = IdentifierQuerySet.as_manager()

    class Meta:
        """An identifier stands once; proven means when. People are found again by what they are known by."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["request", "kind", "value"], name="identifier_once"),
            models.CheckConstraint(
                condition=Q(proof="", proven_at__isnull=True) | (~Q(proof="") & Q(proven_at__isnull=False)),
                name="identifier_proven_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index("kind", Lower("value"), name="identifier_by_value")]

    def __str__(self) -> str:
        return f"{self.kind} of request {self.request_id}"


UNPROVEN = (Identifier.Proof.NONE, Identifier.Proof.NOT_NEEDED)
"""What nobody has shown to be theirs."""
