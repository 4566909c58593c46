"""What happened to a request, in words for the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app.models import AuditEntry, Recipient

if TYPE_CHECKING:
    from datetime import datetime

    from requests_app.models import SubjectRequest

# What is not named here is the team's own business.
EVENTS = {
    "request.submitted": "You sent the request",
    "identity.asked": "Our team asked you to show who you are",
    "identity.code_sent": "You asked for a code by text message",
    "identity.handed_in": "You handed in a document",
    "identity.exhausted": "A proof of who you are was tried too often",
    "request.begun": "Work on it began",
    "request.collected": "All systems were searched",
    "answer.released": "A member of our team released the answer",
    "export.ready": "Your files were ready to download",
    "export.removed": "Your files were deleted",
    "export.revoked": "Our team took your files back",
    "export.mailed": "We mailed you your files",
    "links.revoked": "Our team ended the links mailed before",
    "code.confirmed": "The code for a download was entered",
    "code.refused": "A wrong code for a download was entered",
    "export.replaced": "Files of before were replaced by protected ones",
    "transfer.made": "You handed your files to another service",
    "transfer.fetched": "The other service fetched your files",
    "transfer.ended": "You ended the link of the other service",
    "formats.chosen": "You chose the formats of your files",
    "files.ordered": "You asked for further files",
    "correction.proposed": "A correction was proposed",
    "correction.taken_back": "A proposed correction was taken back",
    "correction.written": "A correction was written into our systems",
    "restriction.decided": "Our team restricted the use of your data",
    "restriction.ended": "The restriction ended",
    "lifting.called_off": "Our team decided that the restriction goes on",
    "decision.assigned": "Somebody was named to review the decision",
    "decision.concluded": "A person concluded the review of the decision",
    "message.received": "You wrote to us",
    "message.sent": "Our team wrote to you",
    "question.answered": "Our question was answered",
    "request.completed": "The request was completed",
    "appeal.lodged": "You told us that you disagree",
    "appeal.answered": "We answered that",
    "request.rejected": "The request was refused",
    "request.withdrawn": "The request was withdrawn",
    "request.lapsed": "The request lapsed, as it was not confirmed",
    "request.archived": "The request was archived",
    "case.copy_waived": "You said that your data may be erased before you have a copy",
    "authority.claimed": "Somebody asked in your name",
    "authority.confirmed": "You said that they may",
    "authority.denied": "You said that they may not",
    "authority.accepted": "We accepted their authority",
    "authority.refused": "We did not accept their authority",
    "authority.ended": "Their authority ended",
}
BY_TEAM = "Our team made sure who you are"
PROOFS = {
    "mailbox": "You confirmed your mailbox",
    "sms": "You entered the code of our text message",
    "challenge": "You answered our questions",
    "document": "Our team accepted your document, and deleted it",
    "assertion": "You came signed in from your account",
    "team": BY_TEAM,
    "staff": BY_TEAM,
}
MAILS = {
    "confirm": "We mailed you the link to confirm",
    "already_open": "We mailed you a reminder of this request",
    "identity": "We mailed you the link to show who you are",
    "received": "We mailed you the link to this page",
    "ready": "We mailed you the link to the download",
    "nothing_held": "We mailed you the link to our answer",
    "download_code": "We mailed you a code for a download",
    "new_links": "We mailed you new links",
    "question": "We mailed you a question",
    "message": "We mailed you that a message waits for you here",
    "duplicate": "We mailed you which of your requests we answer",
    "expired": "We mailed you that your files were deleted",
    "extended": "We mailed you that we need longer",
    "lapsed": "We mailed you that the request has ended, as nobody went on with it",
    "corrections_open": "We mailed you that you can say what is wrong",
    "rectified": "We mailed you what was corrected",
    "erased": "We mailed you what became of your data",
    "objected": "We mailed you that what you objected to has stopped",
    "preferences": "We mailed you the link to what your data may be used for",
    "lifting_announced": "We mailed you that the restriction is about to end",
    "lifted": "We mailed you that the restriction has ended",
    "restricted": "We mailed you that the use of your data is restricted",
    "progress": "We mailed you that we are still working on it",
    "transferred": "We mailed you that the other service fetched your files",
    "undownloaded": "We mailed you that your files will be deleted soon",
    "refused": "We mailed you our decision",
    "partial": "We mailed you our answer, and what we had to refuse",
    "appeal_received": "We confirmed by mail that we have it",
    "appeal_answered": "We mailed you what we decided",
    "completed": "We mailed you our answer",
    "decision_reviewed": "We mailed you what the review of the decision found",
    "withdrawn": "We mailed you that the request was withdrawn",
    "represent": "We asked whoever asked for you to confirm their address",
    "authority_refused": "We mailed whoever asked for you",
    "authority": "We asked you whether somebody may ask for you",
    "authority_accepted": "We mailed you who acts for you",
    "authority_ended": "We mailed you that an authority has ended",
    "answer_given": "We mailed you that our answer went to your representative",
}
# Which detail of an entry says what happened.
BY_DETAIL = {"identity.proven": ("proof", PROOFS), "mail.sent": ("mail", MAILS)}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, and when."""

    at: datetime
    words: str


def history(request: SubjectRequest) -> list[Event]:
    """Tell what happened to a request, the newest first."""
    entries = AuditEntry.objects.filter(request_id=request.pk).order_by("-pk")
    events = [Event(entry.at, _told(entry)) for entry in entries]
    return [event for event in events if event.words]


def _told(entry: AuditEntry) -> str:
    """Tell what somebody else did for the person, or was told, by its own words."""
    if entry.action == "request.submitted" and entry.details.get("by"):
        return ""  # by a representative, which stands beside it
    if entry.action in {"mail.sent", "mail.failed"} and entry.details.get("recipient") == Recipient.REPRESENTATIVE:
        return "We mailed your representative" if entry.action == "mail.sent" else ""
    return _words(entry)


def _words(entry: AuditEntry) -> str:
    if entry.action == "export.downloaded":
        if entry.actor_kind == AuditEntry.ActorKind.AGENT:
            return "Your representative downloaded the files"
        return "The files were downloaded" if entry.actor_kind == AuditEntry.ActorKind.SUBJECT else ""
    if entry.action == "passphrase.set":
        is_own = entry.actor_kind == AuditEntry.ActorKind.SUBJECT
        return "You set a passphrase for your files" if is_own else "Our team set a passphrase for your files"
    if entry.action == "identity.proven" and _is_by_hand(entry):
        return BY_TEAM
    if entry.action in BY_DETAIL:
        detail, words = BY_DETAIL[entry.action]
        return words.get(entry.details.get(detail, ""), "")
    if entry.action == "mail.failed":
        return "A mail to you could not be delivered"
    if entry.action == "request.collected" and entry.details.get("failed"):
        return "Our systems were searched; not all of them could be read"
    return EVENTS.get(entry.action, "")


def _is_by_hand(entry: AuditEntry) -> bool:
    """Whether the team passed a check that the person is asked for otherwise; of a document it decides always."""
    return entry.actor_kind == AuditEntry.ActorKind.STAFF and entry.details.get("proof") != "document"
