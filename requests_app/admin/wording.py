"""How the console puts states into words and tones; a tone is only ever beside words, never alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app.models import Leased, OutboxMail, Outcome, Status

if TYPE_CHECKING:
    from datetime import date

    from django.contrib.auth.models import User

    from requests_app.models import Export, SourceSearch, SubjectRequest

SOON_DAYS = 5
DELIVERY_PROBLEMS = (OutboxMail.Delivery.BOUNCED, OutboxMail.Delivery.REJECTED, OutboxMail.Delivery.COMPLAINED)

_STATUS_TONES = {
    Status.SUBMITTED: "quiet",
    Status.VERIFIED: "info",
    Status.IN_PROGRESS: "info",
    Status.COMPLETED: "good",
    Status.REJECTED: "warn",
}
_STATE_TONES = {Leased.State.RUNNING: "info", Leased.State.DONE: "good", Leased.State.FAILED: "bad"}


@dataclass(frozen=True, slots=True)
class Pill:
    """A few words on a coloured ground; tones are good, warn, bad, info and quiet."""

    words: str
    tone: str


PAUSED, ASKED, EXTENDED = Pill("paused", "info"), Pill("waiting for the person", "info"), Pill("extended", "warn")


def status_pill(request: SubjectRequest) -> Pill:
    """Say where a request stands."""
    if request.outcome == Outcome.SPAM:
        return Pill("Spam", "quiet")
    if request.outcome == Outcome.DUPLICATE:
        return Pill("Duplicate", "quiet")
    return Pill(request.get_status_display(), _STATUS_TONES.get(Status(request.status), "quiet"))


def due_pill(request: SubjectRequest, today: date) -> Pill | None:
    """Say how long there is for the answer; nothing where none is owed."""
    days = request.days_left(today)
    if days is None:
        return None
    if days < 0:
        return Pill(f"{_days(-days)} overdue", "bad")
    if days == 0:
        return Pill("due today", "bad")
    return Pill(f"{_days(days)} left", "warn" if days <= SOON_DAYS else "good")


def search_pill(search: SourceSearch) -> Pill:
    """Say where the search of a source stands."""
    if search.is_left_out:
        return Pill("left out", "warn")
    if search.is_incomplete:
        return Pill("incomplete", "warn")
    return _work_pill(search, "searched")


def export_pill(export: Export, *, is_expired: bool) -> Pill:
    """Say where an export stands."""
    if export.revoked_at:
        return Pill("taken back", "bad")
    if export.removed_at and export.removed_at < export.expires_at:
        return Pill("replaced", "quiet")
    if export.state == Leased.State.DONE and is_expired:
        return Pill("expired", "quiet")
    return _work_pill(export, "ready")


def mail_pill(mail: OutboxMail) -> Pill:
    """Say what became of a mail or a letter, as far as it is known."""
    if mail.is_letter:
        return _letter_pill(mail)
    if mail.delivery in DELIVERY_PROBLEMS:
        return Pill(mail.get_delivery_display(), "bad")
    if mail.delivery:
        return Pill(mail.get_delivery_display(), "good" if mail.delivery == "delivered" else "warn")
    return _work_pill(mail, "sent" if mail.sent_at else "not needed any more")


def _letter_pill(letter: OutboxMail) -> Pill:
    if letter.is_to_post:
        return Pill("to be posted", "warn")
    return Pill("posted", "good") if letter.posted_on else Pill("left unposted", "quiet")


def _work_pill(work: Leased, done: str) -> Pill:
    if work.is_resting:
        return Pill("tries again soon", "warn")
    words = done if work.state == Leased.State.DONE else work.get_state_display()
    return Pill(words, _STATE_TONES.get(Leased.State(work.state), "quiet"))


def name_of(user: User) -> str:
    """Say who a member of the team is."""
    return user.get_full_name() or user.get_username()


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
