"""Fills the portal of the demonstration: the team, the two companies as data sources, requests in every state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group, User
from django.db.models import F
from django.utils import timezone

from extractors.datamap import parse
from requests_app import (
    extensions,
    identity,
    intake,
    links,
    notifications,
    questions,
    refusing,
    retention,
    review,
    roles,
    sources,
)
from requests_app.audit import SUBJECT, Actor
from requests_app.collecting.searches import collect_source
from requests_app.deadlines.extending import Plan
from requests_app.demonstration import channels
from requests_app.demonstration.controller import fill_in_controller
from requests_app.demonstration.endings import Endings, Team
from requests_app.demonstration.writing import write_demonstration
from requests_app.formats import usual_formats
from requests_app.intake.asked import Asked
from requests_app.models import (
    DataSource,
    Export,
    Message,
    PersonWait,
    RateCount,
    Refusal,
    Right,
    SecureLink,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.refusals.telling import Draft
from requests_app.rendering.exports import render_export
from requests_app.workflow import perform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests_app.demonstration.truth import Truth

ROWS, PEOPLE = 20_000, 200
TEAM = (roles.MANAGER, roles.REVIEWER, roles.PROCESSOR, roles.VIEWER)


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody's request as the demonstration tells it, so many days ago."""

    name: str
    email: str
    right: Right
    days_ago: int
    details: str = ""
    place: str = "DE"
    particulars: Mapping[str, str] = field(default_factory=dict)
    also: tuple[Right, ...] = ()


def fill(folder: Path, urls: Mapping[str, str], password: str, say: Callable[[str], None]) -> None:
    """Make everything there is to see.

    Args:
        urls: where each company's database is made, by company.
        password: of every member of the team.
    """
    users = {role: _user(role, password) for role in TEAM}
    fill_in_controller(users[roles.MANAGER])
    truths: dict[str, Truth] = {}
    for company, url in urls.items():
        say(f"  {company}: {ROWS:,} records about {PEOPLE} people")
        truths[company] = write_demonstration(company, url, ROWS, PEOPLE)
        _add_source(company, url, users[roles.MANAGER])
    say("  requests in every state")
    _Story(users, truths["saas"]).tell(folder)


def _user(role: str, password: str) -> User:
    user = User.objects.create_user(
        role.lower(), f"{role.lower()}@example.test", password, is_staff=True, first_name=role, last_name="Demo"
    )
    user.groups.add(Group.objects.get(name=role))
    return user


def _add_source(company: str, url: str, user: User) -> DataSource:
    text = Path(__file__).with_name("datamaps").joinpath(f"{company}.yaml").read_text(encoding="utf-8")
    data_map, _ = parse(text)
    label = data_map.label if data_map and data_map.label else company
    return sources.save(DataSource(slug=company, label=label, owner=user), url, text, user)


class _Story:
    """Acts as people and team do, by the stages themselves, and only moves the calendar."""

    def __init__(self, users: Mapping[str, User], truth: Truth) -> None:
        self.truth = truth
        self.manager = users[roles.MANAGER]
        self.processor = users[roles.PROCESSOR]

    def tell(self, folder: Path) -> None:
        """Tell of one request in each state; the oldest first."""
        self._ended()
        Endings(Team(self.processor, self.manager), self.truth, self._confirmed, Told).tell()
        self._at_work(folder)
        channels.tell_of_channels(self.processor, self.manager)
        self._submitted(Told("Finn Waiting", "finn@example.test", Right.ACCESS, 0))
        self._submitted(Told("Greta Waiting", "greta@example.test", Right.OBJECTION, 1, "No more newsletters, please."))
        # Whoever confirmed less than a day ago is told so when asking anew, and could not try the form as Ann.
        RateCount.objects.all().delete()

    def _ended(self) -> None:
        archived = self._answered(Told("Ann Example", "ann@example.test", Right.PORTABILITY, 200))
        self._expire(archived)
        _close_earlier(archived.request, 190)
        perform(archived.request_id, "archive", actor=Actor.staff(self.manager))
        self._answered(Told("Quinn Quiet", "quiet@example.test", Right.PORTABILITY, 8))
        self._expire(self._answered(Told("Jo-Ann Example", "joann@example.test", Right.ACCESS, 45)))
        self._answered(Told("Nobody Known", "nobody@example.test", Right.ACCESS, 6))
        self._answered(Told("Ann Example", "ann@example.test", Right.ACCESS, 5))
        typo = self._submitted(Told("Typo Tester", "typo@example.test", Right.ACCESS, 20))
        SecureLink.objects.filter(request=typo).update(expires_at=timezone.now())
        retention.clean_up()
        withdrawn = self._confirmed(Told("Wanda Withdrawn", "wanda@example.test", Right.RESTRICTION, 12))
        perform(withdrawn.pk, "withdraw", actor=Actor.staff(self.manager), reason="Asked by phone to drop it.")
        refused = self._confirmed(Told("Rolf Refused", "rolf@example.test", Right.ERASURE, 15, "Delete my invoices."))
        facts = "Your invoices have to be kept for ten years by tax law (§ 147 of the German Fiscal Code)."
        draft = Draft(Refusal.Extent.WHOLE, ("legal-obligation",), facts)
        prepared = refusing.prepare(refused.pk, draft, actor=Actor.staff(self.processor))
        refusing.approve(prepared.pk, actor=Actor.staff(self.manager))
        corrected = self._confirmed(Told("Cora Corrected", "cora@example.test", Right.RECTIFICATION, 10, "I moved."))
        perform(corrected.pk, "complete", actor=Actor.staff(self.manager), reason="Your new address is stored.")

    def _at_work(self, folder: Path) -> None:
        overdue = self._confirmed(
            Told("Otto Overdue", "otto@example.test", Right.RECTIFICATION, 40, "My name has two t.")
        )
        Message.objects.create(request=overdue, author=self.processor, text="Asked the shop team twice; calling today.")
        SubjectRequest.objects.filter(pk=overdue.pk).update(assignee=self.processor)
        channels.converse(overdue, self.processor)
        self._on_the_clock()
        self._collected(Told("Heavy User", "heavy@example.test", Right.ACCESS, 28))
        self._confirmed(Told("Emil Erasure", "emil@example.test", Right.ERASURE, 3, "Please forget me."))
        self._confirmed(Told("Dora Decision", "dora@example.test", Right.AUTOMATED_DECISION, 2, "My loan was refused."))
        old = DataSource(slug="old-archive", label="Old archive (switched off)", owner=self.manager)
        text = "version: 1\nsource: old-archive\ncollections:\n  people: {identifiers: {email: email}}\n"
        source = sources.save(old, f"sqlite:///{folder / 'switched-off.sqlite3'}", text, self.manager)
        self._collected(Told("Jo-Ann Example", "joann@example.test", Right.PORTABILITY, 8))
        DataSource.objects.filter(pk=source.pk).update(is_enabled=False)

    def _on_the_clock(self) -> None:
        """Tell of a clock that stands still, of one that ran on, and of a period that was extended."""
        processor, manager = Actor.staff(self.processor), Actor.staff(self.manager)
        waiting = self._collected(Told("Peter Paused", "peter@example.test", Right.ACCESS, 9, place="GB-SCT"))
        question = "You write of an order. Which of your two accounts was it made with?"
        questions.ask(waiting.pk, PersonWait.Kind.CLARIFICATION, question, actor=processor)
        clear = self._confirmed(Told("Clara Clear", "clara@example.test", Right.ERASURE, 11, "My old account."))
        asked = questions.ask(clear.pk, PersonWait.Kind.CLARIFICATION, "Which account is that?", actor=processor)
        questions.answer(asked.pk, "The one of 2019.", actor=SUBJECT)
        extended = self._confirmed(Told("Xenia Extended", "xenia@example.test", Right.RESTRICTION, 21, "All of it."))
        plan = Plan("complexity", "Nine systems hold data, two of them only on tapes.", by=2)
        extensions.approve(extensions.prepare(extended.pk, plan, "", actor=processor).pk, actor=manager)
        for request in (waiting, clear, extended):
            _send_mails(request)

    def _submitted(self, told: Told) -> SubjectRequest:
        formats = usual_formats(told.right)
        typed = intake.Submission(
            *(told.name, told.email, told.right, told.details, formats),
            place=told.place,
            particulars=told.particulars,
            also=tuple(Asked(right, usual_formats(right)) for right in told.also),
        )
        intake.submit(typed, address=None, received_at=timezone.now() - timedelta(days=told.days_ago))
        request = SubjectRequest.objects.filter(email=told.email, right=told.right).latest("pk")
        _send_mails(request)
        return request

    def _confirmed(self, told: Told) -> SubjectRequest:
        request = self._submitted(told)
        token = links.mint(request, SecureLink.Purpose.CONFIRM, lifetime=timedelta(hours=1))
        request = identity.confirm(token, address=None)
        _send_mails(request)
        SubjectRequest.objects.filter(pk=request.pk).update(verified_at=F("submitted_at"))
        request.refresh_from_db()
        return request

    def _collected(self, told: Told) -> SubjectRequest:
        request = self._confirmed(told)
        for search in SourceSearch.objects.filter(request=request):
            collect_source(search.pk)
        return request

    def _answered(self, told: Told) -> Export:
        request = self._collected(told)
        export = review.release(request.pk, actor=Actor.staff(self.manager))
        render_export(export.pk)
        _send_mails(request)
        request.refresh_from_db()
        if request.status != Status.COMPLETED:
            raise RuntimeError(f"The demonstration's export {export.pk} was not made.")
        return export

    def _expire(self, export: Export) -> None:
        Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())
        retention.clean_up()


def _send_mails(request: SubjectRequest) -> None:
    for mail in request.mails.open():
        notifications.send(mail.pk)


def _close_earlier(request: SubjectRequest, days_ago: int) -> None:
    """Move the end of a request into the past, as if that long had passed."""
    closed_at = timezone.now() - timedelta(days=days_ago)
    SubjectRequest.objects.filter(pk=request.pk).update(closed_at=closed_at)
