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
    "token.refused": "was refused a token",
    "token.revoked": "ended a token of a system",
    "token.made": "made a token for a system",
    "suppression.lifted": "lifted an entry of that register",
    "suppression.entered": "entered somebody into the register of those whose data must not be used",
    "controller.changed": "changed who the portal answers for",
    "calendar.ended": "ended the address of a calendar",
    "calendar.renewed": "made a new address for a calendar",
    "rule.written": "wrote a new version of a law's periods",
    "reminder.given": "reminded of a deadline",
    "question.asked": "asked the person something",
    "question.answered": "answered a question",
    "extension.prepared": "prepared an extension",
    "extension.dropped": "gave up an extension",
    "extension.approved": "extended the period to answer",
    "answer.released": "released the answer",
    "code.confirmed": "entered the code before a download",
    "code.refused": "entered a wrong code before a download",
    "code.sent": "asked for a code before a download",
    "deadline.computed": "computed the deadline",
    "certificate.downloaded": "downloaded a certificate",
    "certificate.issued": "issued a certificate",
    "certificate.withdrawn": "withdrew a certificate",
    "export.downloaded": "downloaded the files",
    "export.failed": "could not prepare the files",
    "export.mailed": "sent the files attached to a mail",
    "export.ready": "prepared the files",
    "export.removed": "deleted the files",
    "export.replaced": "replaced files by protected ones",
    "export.revoked": "took the files back",
    "files.ordered": "ordered further files",
    "identity.proven": "confirmed the mailbox",
    "identity.resent": "had the confirmation mail sent again",
    "link.refused": "used a link that does not work",
    "links.revoked": "made all links void",
    "mail.bounced": "learned that a mail did not arrive",
    "mail.failed": "could not send a mail",
    "mail.repeated": "sent a mail again",
    "mail.sent": "sent a mail",
    "mail.viewed": "looked at a mail",
    "note.added": "wrote a note",
    "passphrase.set": "set a passphrase for the files",
    "records.removed": "deleted the records collected",
    "records.viewed": "looked at records",
    "redaction.made": "withheld something",
    "redaction.undone": "gave back something withheld",
    "redactions.made": "withheld everything marked",
    "redactions.undone": "gave back everything withheld on one ground",
    "request.archived": "archived the request",
    "request.assigned": "assigned the request",
    "request.begun": "began the work",
    "request.collected": "finished collecting",
    "request.completed": "completed the request",
    "request.lapsed": "let the request lapse",
    "request.place_changed": "changed where the person lives",
    "request.planned": "planned the searches",
    "request.rejected": "refused the request",
    "request.submitted": "submitted the request",
    "request.verified": "confirmed the request",
    "request.withdrawn": "withdrew the request",
    "search.done": "searched a source",
    "search.failed": "gave up searching a source",
    "search.left_out": "decided to answer without a source",
    "source.changed": "changed a data source",
    "source.checked": "checked a data source",
    "source.drifted": "noticed that a data source has changed",
    "source.created": "added a data source",
    "user.added": "added somebody to the team",
    "user.changed": "changed somebody of the team",
    "user.password_set": "gave somebody of the team a new password",
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
