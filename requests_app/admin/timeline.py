"""The audit trail in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from requests_app.admin.wording import name_of
from requests_app.models import AuditEntry, DataSource

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MOST_SHOWN = 25

WORDS = {
    "answer.released": "released the answer",
    "appeal.answered": "answered an appeal or a complaint",
    "appeal.lodged": "appealed, or complained",
    "approval.voided": "made an approval void, as what it approved had changed",
    "assertion.refused": "was refused a word of who is signed in",
    "authority.accepted": "accepted the authority of a representative",
    "authority.asked": "asked the person about a representative",
    "authority.claimed": "noted who asks for the person",
    "authority.confirmed": "said that somebody may ask for them",
    "authority.denied": "said that nobody may ask for them",
    "authority.ended": "ended the authority of a representative",
    "authority.mailbox_proven": "confirmed their mailbox",
    "authority.refused": "did not accept the authority of a representative",
    "calendar.ended": "ended the address of a calendar",
    "calendar.renewed": "made a new address for a calendar",
    "canned_text.deleted": "deleted a canned text",
    "canned_text.kept": "wrote a canned text",
    "case.copy_waived": "noted that the person does without the copy before the erasure",
    "case.joined": "joined the request to another, to be answered together",
    "case.split": "let the request be answered apart from others",
    "certificate.downloaded": "downloaded a certificate",
    "certificate.issued": "issued a certificate",
    "certificate.withdrawn": "withdrew a certificate",
    "change.approved": "approved a change of a source",
    "change.began": "began to change a source",
    "change.called_off": "called off a change of a source before it began",
    "change.done": "changed a source, and searched it again",
    "change.failed": "gave up changing a source",
    "change.left_out": "decided to leave a source as it is",
    "change.prepared": "asked for the approval of a change of a source",
    "change.previewed": "looked at what would be changed",
    "code.confirmed": "entered the code before a download",
    "code.refused": "entered a wrong code before a download",
    "code.sent": "asked for a code before a download",
    "controller.changed": "changed who the portal answers for",
    "copies.removed": "deleted the portal's own copies, as the person was erased",
    "correction.approved": "approved a correction",
    "correction.proposed": "proposed a correction",
    "correction.rejected": "did not approve a correction",
    "correction.returned": "could not write a correction, and gave it back to be decided on",
    "correction.stated": "recorded a statement beside a value",
    "correction.taken_back": "took a proposed correction back",
    "correction.written": "wrote a correction into a source",
    "corrections.viewed": "looked at proposed corrections",
    "deadline.computed": "computed the deadline",
    "decision.assigned": "named who reviews the decision",
    "decision.carried_out": "noted that the new decision is carried out",
    "decision.concluded": "concluded the review of the decision",
    "decision.drafted": "wrote down what the review found",
    "decision.recorded": "recorded which decision is reviewed",
    "erasure.replayed": "erased again what a backup had brought back",
    "export.downloaded": "downloaded the files",
    "export.failed": "could not prepare the files",
    "export.handed_over": "handed the files over",
    "export.mailed": "sent the files attached to a mail",
    "export.ready": "prepared the files",
    "export.removed": "deleted the files",
    "export.replaced": "replaced files by protected ones",
    "export.revoked": "took the files back",
    "extension.approved": "extended the period to answer",
    "extension.dropped": "gave up an extension",
    "extension.prepared": "prepared an extension",
    "file.downloaded": "downloaded a file that was handed in",
    "file.handed_in": "handed a file in",
    "file.removed": "deleted a file that was handed in",
    "transfer.ended": "ended the link of another service",
    "transfer.fetched": "fetched the files that were handed over",
    "transfer.made": "handed the files to another service",
    "formats.chosen": "chose the formats of the files",
    "files.ordered": "ordered further files",
    "hold.lifted": "lifted a legal hold",
    "hold.set": "put everything of a request on hold",
    "identity.asked": "asked for a further proof of identity",
    "identity.challenge_prepared": "chose the questions only the person can answer",
    "identity.code_sent": "asked for a code by text message",
    "identity.exhausted": "ended a check of identity that was tried too often",
    "identity.handed_in": "handed in a document",
    "identity.handed_over": "left a check of identity to the team",
    "identity.number_recorded": "recorded the telephone number that is held",
    "identity.proven": "passed a check of identity",
    "identity.refused": "did not pass a check of identity",
    "identity.renewed": "gave new attempts for a check of identity",
    "identity.resent": "had the confirmation mail sent again",
    "identity_rule.removed": "removed a line of what proof is asked for",
    "identity_rule.written": "changed what proof of identity is asked for",
    "import.checked": "checked a list of requests",
    "import.done": "took a list of requests in",
    "import.failed": "gave up on a list of requests",
    "import.handed_in": "handed a list of requests in",
    "import.read": "had a list of requests checked",
    "import.wanted": "wanted a list of requests taken in",
    "kept_rows.erased": "erased what was kept until its day",
    "kept_rows.failed": "could not erase what was kept until its day",
    "keys.removed": "deleted the list of the rows changed",
    "letter.dropped": "left a letter unposted",
    "letter.posted": "posted a letter",
    "lifting.announced": "announced the end of the restriction",
    "lifting.called_off": "called off the end of the restriction",
    "lifting.done": "found that the person was told, and the day had come",
    "lifting.posted_instead": "had the announcement posted, as the mail did not arrive",
    "link.refused": "used a link that does not work",
    "links.revoked": "made all links void",
    "mail.bounced": "learned that a mail did not arrive",
    "mail.dropped": "left a mail unsent that nobody needs any more",
    "mail.failed": "could not send a mail",
    "mail.repeated": "sent a mail again",
    "mail.reported": "heard from the mail provider what became of a mail",
    "mail.sent": "sent a mail",
    "mail.viewed": "looked at a mail",
    "message.read": "read a message",
    "message.received": "wrote to the team",
    "message.sent": "wrote to the person",
    "messages.removed": "took out what was said, as its time had come",
    "note.added": "wrote a note",
    "notice.changed": "changed the words of a notice",
    "notice.previewed": "looked at a notice on a request",
    "notice.withdrawn": "took back words of a notice",
    "objection.scoped": "said what an objection is about",
    "objection.weighed": "weighed an objection",
    "passphrase.set": "set a passphrase for the files",
    "preview.done": "found what would be changed in a source",
    "preview.failed": "gave up looking at what would be changed",
    "question.answered": "answered a question",
    "question.asked": "asked the person something",
    "recipient.added": "listed a recipient who has to be told",
    "recipient.given_up": "said why a recipient cannot be told",
    "recipient.removed": "took a recipient off the list",
    "recipient.reopened": "took back that a recipient was told",
    "recipient.told": "told a recipient of the data what was done",
    "recipients.noted": "listed the recipients who have to be told",
    "records.removed": "deleted the records collected",
    "records.viewed": "looked at records",
    "redaction.made": "withheld something",
    "redaction.undone": "gave back something withheld",
    "redactions.made": "withheld everything marked",
    "redactions.undone": "gave back everything withheld on one ground",
    "refusal.approved": "approved a refusal",
    "refusal.discarded": "gave up a refusal",
    "refusal.prepared": "prepared a refusal",
    "reminder.given": "reminded of a deadline",
    "request.archived": "archived the request",
    "request.assigned": "assigned the request",
    "request.begun": "began the work",
    "request.closed_as_duplicate": "closed the request as a duplicate",
    "request.collected": "finished collecting",
    "request.completed": "completed the request",
    "request.lapsed": "let the request lapse",
    "request.linked": "said how another request belongs to this one",
    "request.marked_as_spam": "set the request aside as spam",
    "request.place_changed": "changed where the person lives",
    "request.planned": "planned the searches",
    "request.pseudonymised": "took out who asked, as its time had come",
    "request.recorded": "recorded the request",
    "request.rejected": "refused the request",
    "request.restored": "took the request back, as it is no spam",
    "request.submitted": "submitted the request",
    "request.verified": "confirmed the request",
    "request.withdrawn": "withdrew the request",
    "restriction.decided": "restricted the use of the data",
    "restriction.ended": "ended the restriction",
    "retention.changed": "changed how long records are kept",
    "retention.run": "removed what was due by the schedule",
    "rule.written": "wrote a new version of a law's periods",
    "search.done": "searched a source",
    "search.failed": "gave up searching a source",
    "search.left_out": "decided to answer without a source",
    "source.changed": "changed a data source",
    "source.checked": "checked a data source",
    "source.created": "added a data source",
    "source.drifted": "noticed that a data source has changed",
    "summary.asked": "had the case summarised by a language model",
    "summary.failed": "got no summary of the case",
    "summary.removed": "deleted a summary of the case",
    "summary.sent": "sent the case to a language model",
    "summary.written": "kept the summary of the case",
    "suppression.entered": "entered somebody into the register of those whose data must not be used",
    "suppression.lifted": "lifted an entry of that register",
    "suppression.looked_up": "looked somebody up in that register",
    "text.dropped": "left a text message unsent that nobody needs any more",
    "text.failed": "could not send a text message",
    "text.sent": "sent a text message",
    "token.made": "made a token for a system",
    "token.refused": "was refused a token",
    "token.revoked": "ended a token of a system",
    "user.added": "added somebody to the team",
    "user.changed": "changed somebody of the team",
    "user.password_set": "gave somebody of the team a new password",
    "webhook.added": "added a webhook",
    "webhook.changed": "changed a webhook",
    "webhook.deleted": "deleted a webhook",
    "webhook.paused": "paused a webhook",
    "webhook.replayed": "sent events to a webhook again",
    "webhook.resumed": "let the events of a webhook go again",
    "webhook.rotated": "made a new secret for a webhook",
    "webhook.stopped": "paused a webhook, as its receiver is gone",
    "webhook.tested": "sent a test to a webhook",
    "webhook.told_person": "told another system of it, with the person's identifiers",
    "webhook.undelivered": "gave up telling another system of it",
    "work.retried": "started failed work again",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One entry in words: who, what, and the details kept with it."""

    entry: AuditEntry
    who: str
    what: str
    details: list[tuple[str, str]]

    @property
    def at(self) -> datetime:
        """When it was."""
        return self.entry.at


def timeline_of(request_id: int) -> list[Act]:
    """Give the last acts on a request, the newest first."""
    return in_words(AuditEntry.objects.filter(request_id=request_id).order_by("-pk")[:MOST_SHOWN])


def in_words(entries: Iterable[AuditEntry]) -> list[Act]:
    """Put entries into words; names are looked up once for all of them."""
    listed = list(entries)
    names = _Names.needed_by(listed)
    return [Act(entry, names.actor(entry), what(entry.action), names.details(entry)) for entry in listed]


def what(action: str) -> str:
    """Say what was done; an action without words of its own by its own name."""
    return WORDS.get(action, action.replace(".", ": ").replace("_", " "))


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of the people and the sources that entries speak of by id."""

    users: dict[int, str]
    sources: dict[int, str]

    @classmethod
    def needed_by(cls, entries: list[AuditEntry]) -> _Names:
        """Look up whom and what these entries name."""
        targets = [entry.target.partition(" ") for entry in entries]
        ids = {int(number) for noun, _, number in targets if noun == "user" and number.isdecimal()}
        ids |= {entry.actor_id for entry in entries if entry.actor_id}
        users = get_user_model().objects.in_bulk(ids)
        return cls(
            {pk: name_of(user) for pk, user in users.items()}, dict(DataSource.objects.values_list("pk", "label"))
        )

    def actor(self, entry: AuditEntry) -> str:
        """Say who acted."""
        if entry.actor_kind != AuditEntry.ActorKind.STAFF:
            return entry.get_actor_kind_display().capitalize()
        return self.users.get(entry.actor_id or 0, f"Somebody who left (user {entry.actor_id})")

    def details(self, entry: AuditEntry) -> list[tuple[str, str]]:
        """Say what exactly was acted on, and what was noted with it."""
        noun, _, number = entry.target.partition(" ")
        target = entry.target
        if noun in {"user", "source"} and number.isdecimal():
            target = (self.users if noun == "user" else self.sources).get(int(number), target)
        details = {"about": target} | entry.details
        if isinstance(details.get("source"), int):
            details["source"] = self.sources.get(details["source"], str(details["source"]))
        return [(name.replace("_", " "), _plain(value)) for name, value in details.items() if value != ""]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
