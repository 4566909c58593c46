"""A portal driven through a year by chance: people and team act, sweeps come at random, and a model knows better."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import time_machine
from django.conf import settings
from django.utils import timezone
from holidays import country_holidays

from extractors.errors import DsrError
from requests_app import audit, extensions, intake, questions, tasks, teamwork, workflow
from requests_app.audit import Actor
from requests_app.deadlines import calendars
from requests_app.deadlines.extending import Plan
from requests_app.deadlines.rules import shipped_rules
from requests_app.models import (
    ComputedDeadline,
    IdentityCheck,
    LawRule,
    Leased,
    OutboxMail,
    Outcome,
    PersonWait,
    Reminder,
    Right,
    Status,
    SubjectRequest,
)
from requests_app.models.subject_request import AT_WORK, OPEN
from requests_app.timekeeping import clock
from requests_app.timekeeping.rules import as_toml, rule_of, write_version
from tests.requests_app.portal import an_approved_refusal

if TYPE_CHECKING:
    from random import Random

    from django.contrib.auth.models import User

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
PLACES = ["DE", "GB", "GB-SCT", "CH", "US-CA", "BR", "NZ", "KR", "CN", "IN", "", "AR"]
DAY = timedelta(days=1)


class Year:
    """Drives the portal, and keeps what every reminder should have been."""

    def __init__(self, random: Random, manager: User, processor: User) -> None:
        self.random = random
        self.manager, self.processor = Actor.staff(manager), Actor.staff(processor)
        self.user = manager
        self.now = START
        self.expected: set[tuple[int, str, date]] = set()
        self.moved: set[int] = set()

    def step(self) -> None:
        """Let some time pass, and something happen in it."""
        self.now += timedelta(minutes=self.random.randint(5, 60 * 30))
        with time_machine.travel(self.now, tick=False):
            before, self.moved = self.dues(), set()
            self.random.choice(self.acts())()
            self.check_dates(before)

    def acts(self) -> list:
        """List what may happen, the frequent several times."""
        people = [*[self.submit] * 5, *[self.verify] * 4, self.answer, self.withdraw]
        team = [self.begin, *[self.ask] * 3, self.prepare, self.approve, self.change_place, self.end, self.write_rule]
        return [*people, *team, self.move, *[self.remind] * 12, *[self.others] * 4, self.restart, self.skip_days]

    def pick(self, *statuses: Status) -> SubjectRequest | None:
        """Give any request in one of some states."""
        found = list(SubjectRequest.objects.filter(status__in=statuses).order_by("pk"))
        return self.random.choice(found) if found else None

    def attempt(self, request: SubjectRequest | None, act) -> None:
        """Do something that may be refused, and must change nothing then."""
        if request is None:
            return
        before = self.dues()
        try:
            act(request.pk)
        except DsrError:
            assert self.dues() == before
        else:
            self.moved.add(request.pk)

    def submit(self) -> None:
        number, place = self.random.randrange(10**9), self.random.choice(PLACES)
        right = self.random.choice([Right.ERASURE, Right.RECTIFICATION, Right.OBJECTION, Right.ACCESS])
        typed = intake.Submission("Ann Example", f"ann{number}@example.test", right, place=place)
        intake.submit(typed, address=None)
        self.moved.add(SubjectRequest.objects.latest("pk").pk)

    def verify(self) -> None:
        def act(pk: int) -> None:
            IdentityCheck.objects.filter(request=pk).update(passed_at=timezone.now())
            workflow.perform(pk, "verify", actor=audit.SUBJECT)

        self.attempt(self.pick(Status.SUBMITTED), act)

    def begin(self) -> None:
        self.attempt(self.pick(Status.VERIFIED), lambda pk: workflow.perform(pk, "begin", actor=audit.SYSTEM))

    def withdraw(self) -> None:
        if self.random.random() < 0.3:
            self.attempt(self.pick(*AT_WORK), lambda pk: workflow.perform(pk, "withdraw", actor=audit.SUBJECT))

    def end(self) -> None:
        def act(pk: int) -> None:
            if self.random.random() < 0.5:
                an_approved_refusal(SubjectRequest.objects.get(pk=pk))
                workflow.perform(pk, "reject", actor=self.manager, reason="So.")
            else:
                workflow.perform(pk, "complete", actor=self.manager, reason="So.", outcome=Outcome.FULL)

        self.attempt(self.pick(*AT_WORK), act)

    def ask(self) -> None:
        kind = self.random.choice(list(PersonWait.Kind))
        self.attempt(self.pick(*Status), lambda pk: questions.ask(pk, kind, "Which?", actor=self.processor))

    def answer(self) -> None:
        waits = list(PersonWait.objects.filter(answered_at=None).order_by("pk"))
        if waits:
            wait = self.random.choice(waits)
            self.attempt(wait.request, lambda _: questions.answer(wait.pk, "That one.", actor=audit.SUBJECT))

    def prepare(self) -> None:
        def act(pk: int) -> None:
            offered = extensions.choices(SubjectRequest.objects.get(pk=pk))
            ground = offered.grounds[0][0] if offered and offered.grounds else "complexity"
            named = timezone.localdate() + DAY * self.random.randint(1, 90)
            is_named = bool(offered and offered.extension and offered.extension.open_ended)
            plan = Plan(
                ground, "Many records.", 0 if is_named else self.random.randint(0, 3), named if is_named else None
            )
            extensions.prepare(pk, plan, "", actor=self.processor)

        self.attempt(self.pick(*Status), act)

    def approve(self) -> None:
        for request in SubjectRequest.objects.filter(extensions__approved_at=None, extensions__dropped_at=None):
            for row in request.extensions.filter(approved_at=None, dropped_at=None):
                self.attempt(request, lambda _, row=row: extensions.approve(row.pk, actor=self.manager))

    def change_place(self) -> None:
        place = self.random.choice(PLACES)
        self.attempt(self.pick(*Status), lambda pk: teamwork.change_place(pk, place, actor=self.processor))

    def move(self) -> None:
        cause = ComputedDeadline.Cause.MOVED
        self.attempt(self.pick(*AT_WORK), lambda pk: clock.choose_anew(pk, cause, actor=self.manager))

    def write_rule(self) -> None:
        """Write a version of a law that gives another day: open requests must not notice."""
        rule = rule_of(self.random.choice(list(LawRule.objects.order_by("pk"))))
        longest = 2 if rule.period.unit == "month" else 40
        period = rule.period.model_copy(update={"length": self.random.randint(1, longest)})
        write_version(rule.code, as_toml(rule.model_copy(update={"period": period})), "By chance", self.user)

    def restart(self) -> None:
        """Begin as another process with another version of the library, which knows other holidays."""
        shipped_rules.cache_clear()
        known = country_holidays(self.random.choice(["FR", "JP", "BR"]))
        calendars._holidays_of = lambda _: known
        calendars.LIBRARY = f"holidays {self.random.random()}"

    def skip_days(self) -> None:
        self.now += DAY * self.random.randint(0, 9)

    def others(self) -> None:
        """Run what else sweeps, and send some of the mails."""
        for task in self.random.choices([tasks.clean_up, tasks.sweep], k=2):
            task()
        for mail in OutboxMail.objects.open():
            if self.random.random() < 0.8:
                tasks.send_mail(mail.pk)

    def remind(self) -> None:
        """Look once or several times; then exactly what should be said was said."""
        self.expect()
        for _ in range(self.random.randint(1, 3)):
            tasks.remind()
        assert self.given() == self.expected

    def given(self) -> set[tuple[int, str, date]]:
        rows = list(Reminder.objects.values_list("request", "kind", "about"))
        assert len(set(rows)) == len(rows)
        return set(rows)

    def expect(self) -> None:
        """Say, by other means than the portal, what is to be reminded of at this moment."""
        today = timezone.localdate()
        for request in SubjectRequest.objects.prefetch_related("deadlines", "waits", "mails"):
            rows = list(request.deadlines.all())
            if not rows:
                continue
            newest = max(rows, key=lambda row: row.pk)
            self.expected |= {(request.pk, kind, about) for kind, about in _due(request, newest, today)}

    def dues(self) -> dict[int, tuple[date | None, int]]:
        rows = SubjectRequest.objects.prefetch_related("deadlines")
        return {row.pk: (row.due_on, row.deadlines.count()) for row in rows}

    def check_dates(self, before: dict[int, tuple[date | None, int]]) -> None:
        """See that no date changed but by an act on its request, and that each is the one that was computed last."""
        after = self.dues()
        assert {pk for pk in after if before.get(pk) != after[pk]} <= self.moved
        for request in SubjectRequest.objects.prefetch_related("deadlines"):
            assert request.due_on == max(request.deadlines.all(), key=lambda row: row.pk).due_on


def _due(request: SubjectRequest, newest: ComputedDeadline, today: date):
    """Yield the reminders of one request that a look today has to have given."""
    if request.status in AT_WORK:
        yield from _due_of_questions(request, today)
        if not newest.is_paused:
            yield from _due_of_running(request, (newest.due_on - today).days, today)
    if (
        request.status == Status.SUBMITTED
        and timezone.now() - request.submitted_at >= DAY * settings.DSR_LAPSE_DAYS / 2
    ):
        yield "unverified", timezone.localdate(request.submitted_at)
    is_heard = any(mail.state == Leased.State.DONE for mail in request.mails.all())
    acknowledge = newest.acknowledge_on
    is_open = request.status in OPEN and not is_heard
    if is_open and acknowledge and today <= acknowledge <= today + DAY * 2:
        yield "acknowledge", acknowledge


def _due_of_running(request: SubjectRequest, left: int, today: date):
    if settings.DSR_REMIND_LAST_DAYS < left <= settings.DSR_REMIND_DAYS:
        yield "due_soon", today + DAY * left
    if 0 <= left <= settings.DSR_REMIND_LAST_DAYS:
        yield "due_tomorrow", today + DAY * left
    if left < 0:
        yield "overdue", today
    opened = request.verified_at
    if opened and left >= 0 and timezone.now() - opened >= DAY * 10:
        yield "progress", timezone.localdate(opened) + DAY * 10


def _due_of_questions(request: SubjectRequest, today: date):
    for wait in request.waits.all():
        asked = timezone.localdate(wait.asked_at)
        if wait.answered_at is None and (today - asked).days >= 14:
            yield "unanswered", asked + DAY * ((today - asked).days // 14 * 14)
