"""The table of what proof is asked for, as the team changes it: checked, explained, on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from extractors.errors import DsrError
from requests_app import audit, places, proofs, rights
from requests_app.identity.kinds import all_kinds
from requests_app.models import IdentityCheck, IdentityRule, Right
from requests_app.proofs.rules import UNION
from requests_app.workflow import refuse_unless

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from requests_app.audit import Actor

MANAGE = "requests_app.manage_identity"
Kind = IdentityCheck.Kind
CHOOSABLE = (Kind.MAILBOX, Kind.SMS, Kind.CHALLENGE, Kind.ASSERTION, Kind.DOCUMENT)
BEFORE_DOWNLOADS = (Kind.MAILBOX, Kind.SMS)
LABELS = {Kind.MAILBOX: "A mail that they open"}
ASKS = {Kind.MAILBOX: "open the link of a mail that we send to their address"}


class FaultyRule(DsrError, ValueError):
    """Say what is wrong with a line of the table; `faults` are its sentences."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table as somebody typed it; `right` and `place` empty for any."""

    right: str = ""
    place: str = ""
    checks: tuple[str, ...] = ()
    download_checks: tuple[str, ...] = ()
    why: str = ""


def label_of(kind: str) -> str:
    """Name a kind of check for the team."""
    known = all_kinds().get(kind)
    return LABELS.get(Kind(kind)) or (known.label if known else Kind(kind).label)


def faults_of(line: Line) -> list[str]:
    """Say what is wrong with a line, in whole sentences."""
    return [*_about_where(line), *_about_checks(line), *_about_downloads(line), *_about_words(line)]


def write(line: Line, *, actor: Actor, rule_id: int | None = None) -> IdentityRule:
    """Keep a line of the table, a new one or in place of another; requests that have begun keep what they were asked.

    Raises:
        FaultyRule: with every fault, or there is a line for the same already.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, MANAGE, "change what proof of identity is asked for")
    faults = faults_of(line)
    if faults:
        raise FaultyRule(faults)
    checks = [str(kind) for kind in proofs.ORDER if kind in line.checks]
    before = [str(kind) for kind in proofs.ORDER if kind in line.download_checks]
    fields = {
        "right": line.right,
        "place": line.place,
        "checks": checks,
        "download_checks": before,
        "why": line.why.strip(),
    }
    try:
        with transaction.atomic():
            rule = _kept(rule_id, fields)
            _refuse_without_default()
            audit.record(
                "identity_rule.written",
                actor,
                target=f"identity rule {rule.pk}",
                right=line.right,
                place=line.place,
                checks=checks,
                download_checks=before,
            )
    except IntegrityError:
        raise FaultyRule(["There is a line for this right and place already; change that one."]) from None
    return rule


def remove(rule_id: int, *, actor: Actor) -> None:
    """Drop a line of the table; the next less specific one counts then.

    Raises:
        FaultyRule: it is the one that all else falls back to.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, MANAGE, "change what proof of identity is asked for")
    with transaction.atomic():
        if IdentityRule.objects.filter(pk=rule_id).delete()[0]:
            _refuse_without_default()
            audit.record("identity_rule.removed", actor, target=f"identity rule {rule_id}")


def preview(right: str, place: str) -> tuple[str, list[str], IdentityRule]:
    """Say in plain words what a person somewhere is asked for, and by which line."""
    rule = proofs.rule_of(right, place)
    where = f"in {places.name_of(place)}" if place else "who did not say where they live"
    who = f"A person {where}{'' if place else ','} who {rights.find(right).asks}"
    if not rule.checks:
        return f"{who} has nothing to show.", [], rule
    kinds = [Kind(kind) for kind in proofs.ORDER if kind in rule.checks]
    return f"{who} will have to:", [_asks(kind) for kind in kinds], rule


def _asks(kind: Kind) -> str:
    known = all_kinds().get(kind)
    asks = ASKS.get(kind) or (known.asks if known else kind.label)
    obstacle = known.obstacle() if known else ""
    is_missing = known is None and kind not in ASKS
    return f"{asks}; as this cannot be asked here, the team makes sure itself" if obstacle or is_missing else asks


def _about_where(line: Line) -> Iterator[str]:
    if line.right and line.right not in Right.values:
        yield "There is no such right."
    if line.place and line.place != UNION and not places.is_known(line.place):
        yield "There is no such place."


def _about_checks(line: Line) -> Iterator[str]:
    yield from (f"There is no check called {kind}." for kind in line.checks if kind not in CHOOSABLE)
    if len(set(line.checks)) != len(line.checks):
        yield "A check is named twice."
    if not line.checks and not (line.right and rights.find(line.right).is_harmless):
        yield "Something has to be shown: this hands out or changes what is a person's, or covers rights that do."
    if line.checks and Kind.MAILBOX not in line.checks:
        yield "The mailbox comes first: all else would tell a stranger what you hold."
    for kind in line.checks:
        known = all_kinds().get(kind)
        if known and known.obstacle():
            yield f"{known.label}: {known.obstacle()}"


def _about_downloads(line: Line) -> Iterator[str]:
    for kind in line.download_checks:
        if kind == Kind.DOCUMENT:
            yield "A document cannot be asked for before a download: nobody decides about it there, and so deletes it."
        elif kind not in BEFORE_DOWNLOADS:
            yield f"{Kind(kind).label if kind in Kind.values else kind}: this cannot be asked for before a download."
    sms = all_kinds().get(Kind.SMS)
    if Kind.SMS in line.download_checks and sms and sms.obstacle():
        yield f"{sms.label}: {sms.obstacle()}"


def _about_words(line: Line) -> Iterator[str]:
    longest = IdentityRule._meta.get_field("why").max_length or 0
    if set(line.checks) - {Kind.MAILBOX} and not line.why.strip():
        yield "Please write why more than the mailbox is asked for; the person reads it."
    if len(line.why) > longest:
        yield f"The reason has {len(line.why)} characters; please keep it to {longest}."


def _kept(rule_id: int | None, fields: Mapping[str, object]) -> IdentityRule:
    if rule_id is None:
        return IdentityRule.objects.create(**fields)
    rule, _ = IdentityRule.objects.update_or_create(pk=rule_id, defaults=fields)
    return rule


def _refuse_without_default() -> None:
    if not IdentityRule.objects.filter(right="", place="").exists():
        raise FaultyRule(["The line for any right in any place stays: all others fall back to it."])
