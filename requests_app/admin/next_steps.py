"""What a request waits for the team to do, as the top of its page lists it: what cannot go on without them first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app.models import IdentityCheck, Leased, OutboxMail, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sized

    from requests_app.admin.clock_panel import ClockPanel
    from requests_app.admin.identity_panel import CheckRow
    from requests_app.admin.identity_panel import Panel as Proof
    from requests_app.admin.messages_panel import MessagesPanel
    from requests_app.admin.refusal_page import Panel as RefusalPanel
    from requests_app.admin.representative_page import Panel as Mandate
    from requests_app.models import Export, SourceSearch, SubjectRequest

UNDELIVERED = (OutboxMail.Delivery.BOUNCED, OutboxMail.Delivery.REJECTED)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to be done, and the part of the page where it is done."""

    words: str
    place: str


@dataclass(frozen=True, slots=True)
class Panels:
    """The parts of the page that steps are read from.

    Args:
        proposed: other requests that may be of the same person, undecided.
        obstacle: what stands against the release of the answer; empty where nothing does.
        is_own_release: whether it is for somebody else to release, as who looks on prepared it.
    """

    thread: MessagesPanel
    proof: Proof
    representative: Mandate
    refusal: RefusalPanel
    clock: ClockPanel | None
    proposed: Sized
    mails: list[OutboxMail]
    searches: list[SourceSearch]
    exports: list[Export]
    is_waiting_for_review: bool
    obstacle: str
    is_own_release: bool = False


def steps_of(request: SubjectRequest, panels: Panels) -> list[Step]:
    """List what waits for the team, the most pressing first; nothing where it is the turn of somebody else."""
    if request.status == Status.ARCHIVED:
        return []
    steps = [*_of_letters(panels), *_of_appeals(panels)]
    if request.is_open:
        steps += [*_of_people(panels), *_of_decisions(panels), *_of_work(request, panels)]
    return steps


def _of_letters(panels: Panels) -> Iterator[Step]:
    if unread := panels.thread.unread:
        yield Step(f"Read {_counted(unread, 'new message')}", "messages")
    if letters := sum(mail.is_to_post for mail in panels.mails):
        yield Step(f"Post {_counted(letters, 'letter')}", "mails")
    if lost := sum(_is_lost(mail) for mail in panels.mails):
        yield Step(f"See to {_counted(lost, 'mail')} that did not arrive", "mails")


def _is_lost(mail: OutboxMail) -> bool:
    return mail.state == Leased.State.FAILED or mail.delivery in UNDELIVERED


def _of_appeals(panels: Panels) -> Iterator[Step]:
    for appeal in panels.refusal.appeals:
        if not appeal.answered_at:
            until = f" by {appeal.due_on:%-d %B %Y}" if appeal.due_on else ""
            yield Step(f"Answer the {appeal.get_kind_display()}{until}", "refusal")


def _of_people(panels: Panels) -> Iterator[Step]:
    for row in panels.proof.rows:
        if words := _of_check(row):
            yield Step(words, "identity")
    if panels.representative.is_undecided:
        yield Step("Decide on the authority of the representative", "representative")
    if likely := len(panels.proposed):
        are = "another request is" if likely == 1 else f"{likely} other requests are"
        yield Step(f"Say whether {are} of the same person", "others")


def _of_check(row: CheckRow) -> str:
    """Say what the team has to do about a check; nothing where the person has to."""
    if row.has_document:
        return "Look at the document, and accept or refuse it"
    if row.can_be_renewed:
        return "Decide what follows: the attempts to show who asks are used up"
    if row.wants_number and row.check.identifier_id is None:
        return "Record the mobile number that you hold of the person"
    if row.can_be_passed and row.check.kind == IdentityCheck.Kind.TEAM:
        return "Make sure who asks"
    return ""


def _of_decisions(panels: Panels) -> Iterator[Step]:
    if panels.refusal.is_waiting:
        second = "" if panels.refusal.can_decide else ": somebody else who may decide"
        yield Step(f"Read the refusal, and approve it or not{second}", "refusal")
    if panels.clock and panels.clock.extension:
        manager = "" if panels.clock.can_approve else ": a manager"
        yield Step(f"Approve the extension, or give it up{manager}", "clock")


def _of_work(request: SubjectRequest, panels: Panels) -> Iterator[Step]:
    if failed := sum(search.state == Leased.State.FAILED and not search.is_left_out for search in panels.searches):
        sources = "a source that" if failed == 1 else f"{failed} sources that"
        yield Step(f"Decide about {sources} could not be searched", "answer-title")
    if any(export.state == Leased.State.FAILED for export in panels.exports):
        yield Step("Try again to make the files", "answer-title")
    if panels.refusal.is_waiting:
        return
    if panels.is_waiting_for_review:
        words = "See what stands against the release" if panels.obstacle else "Review what was found, and release it"
        second = ": somebody else who may decide" if panels.is_own_release and not panels.obstacle else ""
        yield Step(f"{words}{second}", "answer-title")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
