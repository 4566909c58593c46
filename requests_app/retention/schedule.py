"""How long each kind of the portal's own records is kept: what comes with the portal, what the team may change, why."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from extractors.errors import DsrError
from requests_app import audit
from requests_app.models import RetentionPeriod
from requests_app.workflow import refuse_unless

MANAGE = "requests_app.manage_retention"
MONTHS_24, MONTHS_36 = 730, 1_095
CALIFORNIA = "US-CA"
CALIFORNIA_DAYS = MONTHS_24
"""How long records of requests are kept at least where California's law applies. Source: 11 CCR § 7101(a)."""


class UnusablePeriod(DsrError, ValueError):
    """Say why records of a kind cannot be kept so long, or so short."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of records.

    Args:
        starts: what the days are counted from, in words.
        days: how long they are kept unless the team says otherwise.
        least: the fewest days the team may choose.
        most: the most.
        why: where that comes from.
        setting: the environment's setting that says how long; then the team cannot.
    """

    slug: str
    label: str
    about: str
    starts: str
    days: int
    least: int
    most: int
    why: str
    setting: str = ""

    @property
    def is_fixed(self) -> bool:
        """Whether the console cannot change it."""
        return bool(self.setting) or self.least == self.most


KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            "files",
            "Files for the person",
            "What was made for the person to download.",
            "the files were made",
            *(7, 1, 90),
            "Nobody needs a copy longer than it takes to fetch it.",
            setting="DSR_LINK_DAYS",
        ),
        Kind(
            "records",
            "What was collected",
            "Copies of the person's data, corrections, keys of rows, passphrases.",
            "the request ended",
            *(30, 1, 365),
            "Long enough to make further files, and to answer what the person asks about them.",
            setting="DSR_DOSSIER_DAYS",
        ),
        Kind(
            "identity",
            "Proofs of identity",
            "Documents that were still there when a request ended.",
            "the request ended",
            *(1, 0, 30),
            "GDPR Art. 5(1)(e). A document is deleted once it was looked at; this catches what was not.",
        ),
        Kind(
            "unconfirmed",
            "Requests nobody confirmed",
            "Name, address and text of lapsed requests, and of spam.",
            "the request ended",
            *(30, 1, 90),
            "Whoever did not confirm may not have asked.",
        ),
        Kind(
            "lists",
            "Lists taken in",
            "The file that was imported.",
            "it was read",
            *(30, 1, 365),
            "What was taken in stands on each request.",
        ),
        Kind(
            "codes",
            "Codes and used assertions",
            "Hashes that open nothing any more.",
            "they expired",
            *(1, 1, 1),
            "They are of no use.",
        ),
        Kind(
            "events",
            "What webhooks were told",
            "Events, and each attempt to deliver them.",
            "it happened",
            *(30, 7, 365),
            "Long enough to find out why another system missed something.",
        ),
        Kind(
            "messages",
            "Messages and papers",
            "Messages, their files, scans, authorities, and what notices and decisions said.",
            "the request ended",
            *(MONTHS_24, 30, 3_650),
            "How the request was answered can be shown. In California 24 months at least: 11 CCR § 7101(a).",
        ),
        Kind(
            "register",
            "The register of requests",
            "Who asked: name, addresses, identifiers, certificates. Days, kinds and counts stay.",
            "the request ended",
            *(MONTHS_36, 365, 3_650),
            "GDPR Art. 5(2): that one answered, for as long as claims may come. In California 24 months at least.",
        ),
        Kind(
            "lifted",
            "Suppressions that were lifted",
            "Keyed hashes that stand for nobody any more.",
            "they were lifted",
            *(MONTHS_36, 30, 3_650),
            "The history of what was asked for.",
        ),
    )
}


def days_of(slug: str) -> int:
    """Say how many days records of a kind are kept now.

    Raises:
        KeyError: there is no such kind.
    """
    kind = KINDS[slug]
    if kind.setting:
        return int(getattr(settings, kind.setting))
    changed = RetentionPeriod.objects.filter(kind=slug).values_list("days", flat=True).first()
    return kind.days if changed is None else changed


@transaction.atomic
def keep_for(slug: str, days: int, *, actor: audit.Actor) -> None:
    """Say how long records of a kind are kept from now on.

    Raises:
        UnusablePeriod: there is no such kind, the environment decides it, or the days are too few or too many.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, MANAGE, "change how long records are kept")
    kind = KINDS.get(slug)
    if kind is None or kind.is_fixed:
        raise UnusablePeriod("This cannot be changed here.")
    if not kind.least <= days <= kind.most:
        raise UnusablePeriod(f"{kind.label}: please choose between {kind.least:,} and {kind.most:,} days.")
    before = days_of(slug)
    if days == before:
        return
    RetentionPeriod.objects.update_or_create(kind=slug, defaults={"days": days, "changed_by_id": user_id})
    audit.record("retention.changed", actor, target=f"retention of {slug}", before=before, days=days)
