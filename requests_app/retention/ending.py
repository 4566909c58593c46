"""Requests that end by themselves: never confirmed, or closed long enough to be put away."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from requests_app import audit, restrictions, uploads
from requests_app.models import Channel, IdentityCheck, Recipient, SecureLink, Status, SubjectRequest, Upload
from requests_app.models.subject_request import BY_SWITCH, BY_THEMSELVES, ENDED
from requests_app.notifications import queue_mail
from requests_app.retention.holding import held
from requests_app.workflow import ImpossibleTransition, perform

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


def end_requests(now: datetime) -> None:
    """Let lapse what nobody confirmed, and archive what ended long ago."""
    for pk in _never_confirmed(now).values_list("pk", flat=True):
        _let_lapse(pk)
    in_force = restrictions.in_force().values("request")  # its end is still to be told, and may be objected to
    closed = SubjectRequest.objects.filter(status__in=ENDED).exclude(pk__in=in_force)
    _perform_on("archive", closed.filter(closed_at__lte=now - timedelta(days=settings.DSR_ARCHIVE_DAYS)))


def _never_confirmed(now: datetime) -> QuerySet[SubjectRequest]:
    """Give what is old enough, unless the person was sent a link again that is still to work."""
    # What the team recorded does not lapse by itself: a letter is answered, whoever opens a mail or not.
    # Nor what a representative has confirmed: somebody has to decide on their authority.
    is_unclaimed = Q(channel=Channel.AGENT, representative__mailbox_proven_at=None)
    is_unconfirmed = Q(channel__in=(*BY_THEMSELVES, *BY_SWITCH)) | is_unclaimed
    old = SubjectRequest.objects.filter(
        is_unconfirmed,
        status=Status.SUBMITTED,
        submitted_at__lte=now - timedelta(days=settings.DSR_LAPSE_DAYS),
    )
    links = SecureLink.objects.filter(request=OuterRef("pk"), purpose=SecureLink.Purpose.CONFIRM, expires_at__gt=now)
    documents = Upload.objects.filter(request=OuterRef("pk"), kind=Upload.Kind.IDENTITY, removed_at=None)
    return old.filter(~Exists(links), ~Exists(_being_shown(now)), ~Exists(documents))


def _being_shown(now: datetime) -> QuerySet[IdentityCheck]:
    """Give the checks that keep a request: passed or failed not long ago, or for the team to make or to prepare."""
    since = now - timedelta(days=settings.DSR_LAPSE_DAYS)
    mailbox = IdentityCheck.objects.filter(request=OuterRef("request"), kind=IdentityCheck.Kind.MAILBOX)
    is_for_team = Q(kind=IdentityCheck.Kind.TEAM) | Q(kind=IdentityCheck.Kind.SMS, identifier=None)
    is_open = Q(passed_at=None, failed_at=None) & is_for_team & Exists(mailbox.filter(passed_at__isnull=False))
    checks = IdentityCheck.objects.filter(request=OuterRef("pk"))
    return checks.filter(Q(passed_at__gt=since) | Q(failed_at__gt=since) | is_open)


def _let_lapse(pk: int) -> None:
    """Let a request lapse; whoever proved the mailbox, and nothing more, is told. No other mailbox is written to."""
    mailbox = IdentityCheck.objects.filter(request=pk, kind=IdentityCheck.Kind.MAILBOX, passed_at__isnull=False)
    with suppress(ImpossibleTransition), transaction.atomic():  # somebody was faster
        perform(pk, "lapse", actor=audit.SYSTEM)
        _remove_claimed(pk)
        if mailbox.exists():
            queue_mail(pk, "lapsed", recipient=Recipient.PERSON)


def _remove_claimed(pk: int) -> None:
    """Delete the files of an authority that nobody ever confirmed as theirs, unless a hold keeps them."""
    if held(timezone.now()).filter(pk=pk).exists():
        return
    for upload in Upload.objects.filter(request=pk, kind=Upload.Kind.AUTHORITY, removed_at=None):
        uploads.remove(upload, actor=audit.SYSTEM)


def _perform_on(name: str, requests: QuerySet[SubjectRequest]) -> None:
    for pk in requests.values_list("pk", flat=True):
        try:
            perform(pk, name, actor=audit.SYSTEM)
        except ImpossibleTransition:  # somebody was faster
            continue
