"""Mails: queued as a row with a template and ids, written and sent by a worker.

Tokens are made when a mail is sent and stand nowhere else. SMTP can only promise at-least-once; a repeated mail
carries the same Message-ID.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from extractors.errors import DsrError
from requests_app import attaching, audit, cases, codes, leases, links, representing, restrictions
from requests_app.controller import controller
from requests_app.letters import contexts, kept, mailing, texts
from requests_app.letters.contexts import Given, Reminded
from requests_app.models import OutboxMail, Outcome, Recipient, SecureLink, StaffMail, SubjectRequest
from requests_app.models.subject_request import AT_WORK
from requests_app.queue import enqueue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.core.mail import EmailMultiAlternatives

    from exporters.letter import Controller
    from requests_app.letters.writing import Context
    from requests_app.models import Export, Reminder

_log = logging.getLogger(__name__)
STATUS_LINK_DAYS = 180
WITH_FILES = ("ready", "partial", "nothing_held")  # may carry the files themselves
TO_CONFIRM = {  # notices with a link that confirms something, and the page it leads to
    "confirm": (SecureLink.Purpose.CONFIRM, "confirm"),
    "represent": (SecureLink.Purpose.CONFIRM, "confirm"),
    "authority": (SecureLink.Purpose.AUTHORITY, "authority"),
}
WITHOUT_LINKS = ("authority_refused",)
WITH_PREFERENCES = ("objected", "preferences")
BY_MAIL_ALONE = frozenset({*TO_CONFIRM, "already_open", "download_code", "new_links", "undownloaded", "preferences"})
PERMANENT_SMTP = range(500, 600)


class NoMailbox(DsrError, ValueError):
    """Say that somebody has no mailbox for what is nothing without the link or the code in its mail."""


class UndeliveredMail(DsrError):
    """Say that the mail server did not take a mail; `permanent` when it never will."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


def queue_mail(
    request_id: int,
    template: str,
    *,
    export_id: int | None = None,
    code_id: int | None = None,
    recipient: Recipient | str = "",
) -> OutboxMail:
    """Note that a mail is to be sent, inside the transaction of what it tells of, to whoever it is for.

    For who has no mailbox it becomes a letter.

    Args:
        recipient: the one it is for, where not everybody who may know it is meant.

    Returns:
        The mail, the person's where there are several.

    Raises:
        NotAddressee: it is not theirs to know.
        NoMailbox: they have none, and it is of no use as a letter.
    """
    request = SubjectRequest.objects.get(pk=request_id)
    if recipient:
        representing.refuse_unless_addressee(request, template, recipient)
    chosen = (Recipient(recipient),) if recipient else representing.addressees(request, template)
    about = {"template": template, "export_id": export_id, "code_id": code_id}
    mails = [_queue(request, to, about) for to in chosen]
    if export_id and representing.is_told_apart(request, template, chosen):
        _queue(request, Recipient.PERSON, {"template": "answer_given"})
    return mails[0]


def queue_mails(requests: Iterable[SubjectRequest], template: str) -> None:
    """Note that the people of many new requests, of whom nobody is represented yet, each get a mail; see `queue_mail`.

    The sweep feeds the queue with them by and by: a code that somebody waits for is not to stand behind thousands.
    """
    now = timezone.now()
    known = {"template": template, "recipient": Recipient.PERSON, "requeue_at": now}
    OutboxMail.objects.bulk_create(OutboxMail(request=request, **known) for request in requests)


def _queue(request: SubjectRequest, recipient: Recipient, about: Mapping[str, str | int | None]) -> OutboxMail:
    if not representing.address_of(request, recipient):
        return _queue_letter(request, recipient, about)
    mail = OutboxMail.objects.create(request=request, recipient=recipient, **about)
    enqueue("send_mail", mail.pk)
    return mail


def _queue_letter(request: SubjectRequest, recipient: Recipient, about: Mapping[str, str | int | None]) -> OutboxMail:
    """Have a notice printed and posted by the team (`posting`), for who has no mailbox; no worker has a part in it."""
    if about["template"] in BY_MAIL_ALONE:
        raise NoMailbox("This goes by e-mail alone, and there is no e-mail address.")
    letter: OutboxMail = OutboxMail.objects.create(
        request=request, recipient=recipient, **about, is_letter=True, state=OutboxMail.State.DONE
    )
    return letter


def queue_letter(request_id: int, template: str, recipient: Recipient | str) -> OutboxMail:
    """Have a notice posted to who has a mailbox that it did not reach, inside the transaction of the act.

    Raises:
        NotAddressee: it is not theirs to know.
        NoMailbox: it is of no use as a letter.
    """
    request = SubjectRequest.objects.get(pk=request_id)
    representing.refuse_unless_addressee(request, template, recipient)
    return _queue_letter(request, Recipient(recipient), {"template": template})


def send(mail_id: int) -> None:
    """Write and send a mail, if it is to be sent."""
    leases.run(OutboxMail, mail_id, _send, _note_undelivered)


def queue_staff_mail(user_id: int, template: str, source_id: int | None = None) -> StaffMail:
    """Note that a member of the team is to get a mail, inside the transaction of what it tells of."""
    mail = StaffMail.objects.create(recipient_id=user_id, template=template, source_id=source_id)
    enqueue("send_staff_mail", mail.pk)
    return mail


def send_to_staff(mail_id: int) -> None:
    """Write and send a mail to a member of the team, if it is to be sent."""
    leases.run(StaffMail, mail_id, _send_to_staff, _note_undelivered_to_staff)


def _send_to_staff(work: leases.Work) -> None:
    mail = StaffMail.objects.select_related("recipient", "source").get(pk=work.pk)
    if not (mail.recipient.is_active and mail.recipient.email):
        raise leases.EndedWork("Its recipient has left the team, or has no address any more.")
    _hand_over(_staff_message(mail))
    with transaction.atomic():
        work.finish(sent_at=timezone.now())
        _record_to_staff("mail.sent", mail)


def _note_undelivered_to_staff(mail_id: int) -> None:
    _record_to_staff("mail.failed", StaffMail.objects.get(pk=mail_id))


def _record_to_staff(action: str, mail: StaffMail) -> None:
    about = {"source": mail.source_id} if mail.source_id else {}
    audit.record(action, audit.SYSTEM, target=f"staff mail {mail.pk}", mail=mail.template, **about)


def _staff_message(mail: StaffMail) -> EmailMultiAlternatives:
    sender = controller()
    if mail.source:
        page = reverse("admin:requests_app_datasource_change", args=[mail.source_id])
        context = contexts.to_staff(sender, mail.recipient, mail.source, settings.DSR_PUBLIC_URL + page)
    else:
        told = mail.reminders.select_related("reminder__request").order_by("reminder__request__due_on", "pk")
        context = contexts.reminding(sender, mail.recipient, [_reminded(item.reminder) for item in told])
    return mailing.message(mail.template, context, sender, to=mail.recipient.email, message_id=mail.message_id)


def _reminded(reminder: Reminder) -> Reminded:
    page = reverse("admin:requests_app_subjectrequest_change", args=[reminder.request_id])
    request, link = reminder.request, settings.DSR_PUBLIC_URL + page
    due_on = request.due_on if request.is_open else None
    return Reminded(request.reference, request.get_right_display(), reminder.get_kind_display(), due_on, link)


def _send(work: leases.Work) -> None:
    mail = OutboxMail.objects.select_related("request", "export__request", "code").get(pk=work.pk)
    if mail.export and mail.export.is_expired(timezone.now()):
        raise leases.EndedWork("The export had expired before this mail could be sent.")
    is_theirs = representing.is_addressee(mail.request, mail.template, mail.recipient)
    if not is_theirs or _is_needless(mail):
        with transaction.atomic():
            work.finish()
            _record("mail.dropped", mail)
            if not is_theirs and not mail.code_id:  # their authority ended meanwhile: whoever it is for now gets it
                queue_mail(mail.request_id, mail.template, export_id=mail.export_id)
        return
    given, sender = _given(mail), controller()
    context = context_of(mail, sender, given)
    message = _message(mail, context, sender, is_attached=given.is_attached)
    said = kept.sealed(mail, context, sender)
    _hand_over(message)
    provider_id = getattr(getattr(message, "anymail_status", None), "message_id", None) or ""
    now = timezone.now()
    with transaction.atomic():
        work.finish(sent_at=now, provider_id=str(provider_id)[:200])
        kept.keep(said, now)
        _record("mail.sent", mail)
        if given.is_attached:
            _note_mailed(mail)


def _is_needless(mail: OutboxMail) -> bool:
    """Whether nobody misses a mail that could not be sent in time: it asks or tells what is over, or is for spam."""
    if mail.request.outcome == Outcome.SPAM:
        return True
    if mail.code:
        return mail.code.is_expired(timezone.now())
    if mail.template == "confirm" and mail.recipient == Recipient.PERSON:
        return mail.request.identity_checks.filter(kind="mailbox", passed_at__isnull=False).exists()
    if mail.template == "progress":
        return mail.request.status not in AT_WORK
    if mail.template == restrictions.ANNOUNCED:
        return not restrictions.is_about_to_end(mail.request)
    if mail.template == "message":
        return not mail.request.messages.unread_by_person().exists()
    return mail.template == "question" and not mail.request.waits.filter(answered_at=None).exists()


def _note_mailed(mail: OutboxMail) -> None:
    """Put on record that the mail server took the files; nobody knows who opened them."""
    export = mail.export
    if export is None:
        raise AssertionError("files of no export")
    target = f"export {export.pk}"
    audit.record(
        "export.mailed", audit.SYSTEM, request_id=mail.request_id, target=target, mail=mail.pk, bytes=export.size_bytes
    )
    known = {"reference": mail.request.reference, "bytes": export.size_bytes, "status": "completed"}
    _log.info("export.mailed", extra=known)


def _hand_over(message: EmailMultiAlternatives) -> None:
    """Give a mail to the mail server; only what is wrong with the mail itself is refused for good."""
    try:
        with get_connection() as server:
            server.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _undelivered("refused the recipient", codes[0] if codes else 0) from None
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused) as error:
        text = f"The mail server refused the portal ({error.smtp_code}); its account or its address is not right."
        raise UndeliveredMail(text, permanent=False) from None
    except smtplib.SMTPResponseException as error:
        raise _undelivered("refused the mail", error.smtp_code) from None
    except AnymailRecipientsRefused:
        raise UndeliveredMail("The mail provider refused the recipient.", permanent=True) from None
    except (AnymailError, smtplib.SMTPException, OSError) as error:
        raise UndeliveredMail(f"The mail server cannot be reached ({type(error).__name__}).", permanent=False) from None


def _undelivered(what: str, code: int) -> UndeliveredMail:
    return UndeliveredMail(f"The mail server {what} ({code}).", permanent=code in PERMANENT_SMTP)


def _note_undelivered(mail_id: int) -> None:
    _record("mail.failed", OutboxMail.objects.get(pk=mail_id))


def _record(action: str, mail: OutboxMail) -> None:
    told = {} if mail.recipient == Recipient.PERSON else {"recipient": str(mail.recipient)}
    audit.record(action, audit.SYSTEM, request_id=mail.request_id, target=f"mail {mail.pk}", mail=mail.template, **told)


def context_of(mail: OutboxMail, sender: Controller, given: Given, written_at: datetime | None = None) -> Context:
    """Give what a mail to the person, or to who stands for them, speaks of, and the words that count now."""
    context = contexts.to_person(sender, mail.request, mail.export, given, written_at, recipient=mail.recipient)
    return texts.with_words(mail.template, mail.request, context)


def _message(mail: OutboxMail, context: Context, sender: Controller, *, is_attached: bool) -> EmailMultiAlternatives:
    with translation.override(mail.request.language):
        to = representing.address_of(mail.request, mail.recipient)
        message = mailing.message(mail.template, context, sender, to=to, message_id=mail.message_id)
    if mail.export and is_attached:
        file = attaching.attachment(mail.export)
        mailing.attach(message, file.name, file.content, file.media_type)
    return message


def _given(mail: OutboxMail) -> Given:
    """Make the links and the code that a mail carries."""
    if mail.template in TO_CONFIRM:
        purpose, route = TO_CONFIRM[mail.template]
        lifetime = timedelta(days=settings.DSR_LAPSE_DAYS)
        token = links.mint(mail.request, purpose, lifetime=lifetime, recipient=mail.recipient)
        together = _asked_together(mail.request)
        return Given(link=_address(route, token), link_days=settings.DSR_LAPSE_DAYS, together=together)
    if mail.template in WITHOUT_LINKS:
        return Given()
    if mail.code:
        return Given(code=codes.mint(mail.code), code_minutes=codes.CODE_LIFETIME.seconds // 60)
    status_link = status_address(mail.request, mail.recipient)
    if mail.template in WITH_PREFERENCES and mail.recipient == Recipient.PERSON:
        return Given(status_link=status_link, preferences_link=preferences_address(mail.request))
    if mail.export and representing.receiver(mail.request) == mail.recipient:
        return _given_with_files(mail, mail.export, status_link)
    return Given(status_link=status_link, told=contexts.told_of(mail))


def _asked_together(request: SubjectRequest) -> tuple[SubjectRequest, ...]:
    """Give what was asked for in one letter and is to be confirmed with a request; nothing where it is alone."""
    others = [other for other in cases.of_same_sender(request) if other.status == request.status]
    return tuple(cases.in_order([request, *others])) if others else ()


def _given_with_files(mail: OutboxMail, export: Export, status_link: str) -> Given:
    lifetime = export.expires_at - timezone.now()
    token = links.mint(
        mail.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=lifetime, recipient=mail.recipient
    )
    is_wanted = mail.template in WITH_FILES and attaching.is_wanted(export)
    obstacle = attaching.obstacle(export) if is_wanted else ""
    link = _address("download", token)
    return Given(link=link, status_link=status_link, is_attached=is_wanted and not obstacle, obstacle=obstacle)


def status_address(request: SubjectRequest, recipient: Recipient | str = Recipient.PERSON) -> str:
    """Make a link to the request's own page, which shows to each no more than is theirs."""
    lifetime = timedelta(days=STATUS_LINK_DAYS)
    token = links.mint(request, SecureLink.Purpose.STATUS, lifetime=lifetime, recipient=recipient)
    return _address("status", token)


def preferences_address(request: SubjectRequest) -> str:
    """Make a link to the page on which the person of a request says what their data may be used for."""
    lifetime = timedelta(days=STATUS_LINK_DAYS)
    return _address("preferences", links.mint(request, SecureLink.Purpose.PREFERENCES, lifetime=lifetime))


def _address(route: str, token: str) -> str:
    return settings.DSR_PUBLIC_URL + reverse(route, args=[token])
