"""The stage that hands a person's files to another controller, by a link of its own that a program can fetch.

The person says whom they mean and which file, and is shown the link once. It works as long as the files do, any number
of times, until the person ends it. Whoever has it needs neither a browser nor a code: the person entered theirs before.

Source: GDPR Art. 20(2); EDPB (WP 242 rev.01) III: the person has the data transmitted, and answers for whom to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from extractors.errors import DsrError
from requests_app import artefacts, audit, delivery, limits, links, passphrases
from requests_app.models import Download, Export, Leased, Recipient, Right, SecureLink, Transfer
from requests_app.naming import headers_of, member_of
from requests_app.notifications import queue_mail
from requests_app.packed import UnknownMember
from requests_app.ranges import Wish
from requests_app.rendering import further

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests_app.audit import Actor
    from requests_app.delivery import Delivery, Offer
    from requests_app.models import SubjectRequest
    from requests_app.naming import Member

FOR_PROGRAMS = ("json", "xml", "csv", "xlsx")
BY_ITSELF = {"json": "json/export.json", "xml": "xml/export.xml", "xlsx": "xlsx/export.xlsx"}
"""The one file that holds all of a format; of the others, a table each, only the package does."""
MOST_A_DAY = 10
MOST_PASSPHRASES_AN_HOUR = 5
MOST_FETCHES_AN_HOUR = 60
HOUR_SECONDS, DAY_SECONDS = 3600, 24 * 3600
LONGEST_NAME = 200
MOST_FETCHES_LISTED = 20
TRANSFER = SecureLink.Purpose.TRANSFER


class ImpossibleTransfer(DsrError):
    """Say why files cannot be handed over, in words for the person."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be handed over: one file of an export, or all of it.

    Args:
        member: the path of the file; empty for the package.
        format: the slug of its format; empty for the package.
        key: names it in a form.
    """

    export: Export
    member: str
    format: str
    size_bytes: int
    key: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Files that another service may fetch, or could.

    Args:
        fetches: the newest of them.
        times: how often they were fetched.
    """

    transfer: Transfer
    is_working: bool
    fetches: list[Download]
    times: int


def is_offered(request: SubjectRequest) -> bool:
    """Whether there are files that may be handed over now: those of an answer to portability."""
    return request.right == Right.PORTABILITY and bool(_answers(request))


def choices(offer: Offer) -> list[Choice]:
    """List what may be handed over by whoever was offered an export: what of it a program can read.

    Raises:
        ImpossibleTransfer: it is no answer to portability.
    """
    request = offer.request
    if request.right != Right.PORTABILITY or offer.export.media_type != Export.MediaType.ZIP:
        raise ImpossibleTransfer("Only the files of a request to take data elsewhere are handed to another service.")
    readable = [] if offer.export.is_protected else [offer.export]
    return [choice for export in (*readable, *_made_for_transfer(request)) for choice in _of(export)]


def is_being_made(request: SubjectRequest) -> bool:
    """Whether files without the passphrase are being made, to be handed over."""
    pending = further.pending_export(request)
    return pending is not None and pending.is_for_transfer


def make_readable(offer: Offer, passphrase: str, formats: Iterable[str]) -> None:
    """Have protected files made again without the passphrase, for whoever knows it.

    A link in a mailbox opens protected files to nobody, so it must not have them made anew without protection either.

    Raises:
        ImpossibleTransfer: wrong passphrase, or no format for programs.
        ImpossibleFiles, LimitReached: see `further.order`.
    """
    request = offer.request
    limits.count("transfer_passphrase", str(request.pk), most=MOST_PASSPHRASES_AN_HOUR, seconds=HOUR_SECONDS)
    known = passphrases.passphrase_of(request)
    if known is None or not constant_time_compare(known, passphrase):
        raise ImpossibleTransfer("This is not the passphrase of your files. Please look once more.")
    chosen = [slug for slug in formats if slug in FOR_PROGRAMS]
    if not chosen:
        raise ImpossibleTransfer("Please choose at least one format.")
    further.order_for_transfer(request, chosen, actor=delivery.actor_of(offer.link))


def hand_over(offer: Offer, chosen: Choice, receiver: str) -> str:
    """Let another controller fetch a file, and give the token for it, which is stored nowhere.

    Raises:
        ImpossibleTransfer: nobody is named, or the file is gone meanwhile.
        LimitReached: that was often enough for a day.
    """
    named = " ".join(receiver.split())[:LONGEST_NAME]
    if not named:
        raise ImpossibleTransfer("Please name the service that will fetch your data.")
    if offer.is_locked:
        raise ImpossibleTransfer("Please enter the code that we send you first.")
    request, by = offer.request, offer.link.recipient
    limits.count("transfer", str(request.pk), most=MOST_A_DAY, seconds=DAY_SECONDS)
    with transaction.atomic():
        export = Export.objects.select_for_update().get(pk=chosen.export.pk)
        if not export.is_ready(timezone.now()):
            raise ImpossibleTransfer("These files are not there any more.")
        lifetime = export.expires_at - timezone.now()
        token = links.mint(request, TRANSFER, export=export, lifetime=lifetime, recipient=by)
        link = links.find(token, TRANSFER, admits=tuple(Recipient))
        transfer = Transfer.objects.create(
            request=request, export=export, link=link, receiver=named, member=chosen.member
        )
        _record("transfer.made", transfer, delivery.actor_of(offer.link), export=export.pk)
    return token


def end(transfer: Transfer, *, actor: Actor) -> bool:
    """End the link of another controller; files that were made for it alone are deleted with the last one.

    Returns:
        Whether it still worked; to end it twice changes nothing.
    """
    now = timezone.now()
    with transaction.atomic():
        if not Transfer.objects.filter(pk=transfer.pk, ended_at=None).update(ended_at=now):
            return False
        SecureLink.objects.filter(transfer=transfer, revoked_at=None).update(revoked_at=now)
        _record("transfer.ended", transfer, actor)
        others = Transfer.objects.filter(export=transfer.export_id, ended_at=None)
        if transfer.export.is_for_transfer and not others.exists():
            artefacts.take_away(transfer.export)
    return True


def opened(token: str, *, address: str | None) -> Transfer:
    """Give what a link of another controller opens; to look uses nothing up.

    Raises:
        LinkError, LimitReached: see `links.opened`.
        ExpiredExport: the files have expired or were taken back; put on record.
    """
    link = links.opened(token, TRANSFER, address=address, admits=tuple(Recipient))
    delivery.export_of(link)
    transfer = Transfer.objects.select_related("export__request", "request", "link").filter(link=link).first()
    if transfer is None:
        links.note_refused(link, TRANSFER, links.UnknownLink.reason)
        raise links.UnknownLink("This link is not known.", link)
    return transfer


def describe(transfer: Transfer) -> dict[str, str]:
    """Give the headers that fetching would have, which is none."""
    return headers_of(transfer.export, member_handed_over(transfer))


def fetch(transfer: Transfer, *, address: str | None, agent: str, wish: Wish) -> Delivery:
    """Begin to give the file to whoever has the link; the first time, the person is told.

    Raises:
        LimitReached: too often within an hour.
        UnknownMember, ExpiredExport: the file is gone.
    """
    limits.count("transfer_fetch", str(transfer.pk), most=MOST_FETCHES_AN_HOUR, seconds=HOUR_SECONDS)

    def noted(download: Download) -> None:
        _record("transfer.fetched", transfer, audit.STRANGER, download=download.pk)
        if Transfer.objects.filter(pk=transfer.pk, fetched_at=None).update(fetched_at=timezone.now()):
            queue_mail(transfer.request_id, "transferred")

    who = {"link": transfer.link, "address": address, "agent": agent[:300]}
    return delivery.deliver(transfer.export, audit.STRANGER, wish, member_handed_over(transfer), noted=noted, **who)


def member_handed_over(transfer: Transfer) -> Member | None:
    """Give the one file that is handed over; None for the whole package.

    Raises:
        UnknownMember: the package has no such file.
    """
    if not transfer.member:
        return None
    paths = [str(member["path"]) for member in transfer.export.members]
    if transfer.member not in paths:
        raise UnknownMember("There is no such file.")
    return member_of(transfer.export, paths.index(transfer.member))


def transfers_of(asked: SubjectRequest) -> list[HandedOver]:
    """List to whom files were handed over, the newest first, and what was fetched."""
    rows = asked.transfers.select_related("export__request", "link")
    return [_handed_over(transfer) for transfer in rows]


def _handed_over(transfer: Transfer) -> HandedOver:
    now, link = timezone.now(), transfer.link
    is_open = link is not None and link.revoked_at is None and not link.is_expired(now)
    fetches = Download.objects.filter(link=transfer.link_id or 0)
    is_working = is_open and transfer.export.is_ready(now)
    return HandedOver(transfer, is_working, list(fetches[:MOST_FETCHES_LISTED]), fetches.count())


def _answers(request: SubjectRequest) -> list[Export]:
    return [export for export in further.downloadable(request) if export.media_type == Export.MediaType.ZIP]


def _made_for_transfer(request: SubjectRequest) -> list[Export]:
    made = request.exports.filter(is_for_transfer=True, state=Leased.State.DONE, removed_at=None)
    return list(made.filter(expires_at__gt=timezone.now()).order_by("-pk"))


def _of(export: Export) -> list[Choice]:
    """List the single files of an export that hold all of a format, then the package, where a program can read it."""
    sizes = {str(member["path"]): int(member["bytes"]) for member in export.members}
    single = [
        Choice(export, path, slug, sizes[path], f"{export.pk}-{slug}")
        for slug, path in BY_ITSELF.items()
        if path in sizes
    ]
    is_readable = any(path.partition("/")[0] in FOR_PROGRAMS for path in sizes)
    package = [Choice(export, "", "", export.size_bytes, f"{export.pk}-all")] if is_readable else []
    return single + package


def _record(action: str, transfer: Transfer, actor: Actor, **details: int) -> None:
    target = f"transfer {transfer.pk}"
    audit.record(action, actor, request_id=transfer.request_id, target=target, **details)
