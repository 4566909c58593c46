"""Tells of every right to its end, and of each on its way to it: by the stages themselves, in the two companies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app import cases, deciding, decisions, finishing, notifications, objecting, restricting
from requests_app.audit import SUBJECT, Actor
from requests_app.changing import approvals
from requests_app.changing.changes import change_source
from requests_app.collecting.searches import collect_source
from requests_app.models import Approval, DecisionReview, Restriction, Right, SourceChange
from requests_app.rectifying import deciding as verdicts
from requests_app.rectifying import offering, proposing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.contrib.auth.models import User

    from requests_app.demonstration.portal import Told
    from requests_app.demonstration.truth import Truth
    from requests_app.models import ProposedCorrection, SubjectRequest

ERASURE = Approval.Act.ERASURE
ORDINARY = re.compile(r"[a-z]+\.\d+@")
FEWEST_ROWS, MOST_ROWS = 15, 400


@dataclass(frozen=True, slots=True)
class Team:
    """Who prepares, and who decides."""

    processor: User
    manager: User

    @property
    def prepares(self) -> Actor:
        """Name who prepares."""
        return Actor.staff(self.processor)

    @property
    def decides(self) -> Actor:
        """Name who decides."""
        return Actor.staff(self.manager)


class Endings:
    """Requests of ordinary customers, each of whom is used once.

    Args:
        confirmed: sends a request by the form and confirms it.
        told: what the demonstration knows of a request: name, mailbox, right, how many days ago, words, particulars.
    """

    def __init__(
        self,
        team: Team,
        truth: Truth,
        confirmed: Callable[[Told], SubjectRequest],
        told: Callable[..., Told],
    ) -> None:
        self.team = team
        self._confirmed = confirmed
        self._told = told
        self._people = _ordinary(truth)

    def tell(self) -> None:
        """Tell of what has ended first, then of what waits for somebody."""
        self._erased()
        self._corrected()
        self._restricted()
        self._objected()
        self._decided()
        self._waiting()

    def _erased(self) -> None:
        request = self._asks(Right.ERASURE, 16, "I am no customer any more.", ground="unnecessary")
        self._approved(request)
        SourceChange.objects.filter(request=request).update(undo_until=timezone.now(), claimable_at=timezone.now())
        self._work(request)

    def _corrected(self) -> None:
        request = self._asks(Right.RECTIFICATION, 14, "I have married, and moved to the next street.")
        rows = self._proposed(request, {"display_name": "Robin Newname", "locale": "nl"})
        approve, reject = verdicts.Kind.APPROVE, verdicts.Kind.REJECT
        why = "We write to customers in English and German alone."
        decided = [
            verdicts.Verdict(row.pk, reject, why) if row.field == "locale" else verdicts.Verdict(row.pk, approve)
            for row in rows
        ]
        verdicts.decide(request.pk, decided, actor=self.team.decides)
        self._work(request)

    def _restricted(self) -> None:
        request = self._asks(Right.RESTRICTION, 12, "You say that I owe you something. I do not.", ground="accuracy")
        restricting.restrict(request.pk, Restriction.Ground.ACCURACY, actor=self.team.prepares)
        self._work(request)

    def _objected(self) -> None:
        self._work(self._asks(Right.OBJECTION, 9, "No more advertising, please.", scope="marketing"))
        request = self._asks(Right.OBJECTION, 11, "Stop measuring what I do.", scope="analytics")
        weighed = objecting.Weighed(
            "We measure use to find out which functions are used.",
            "You use the service for your work as a doctor, from which patients could be told.",
            is_upheld=True,
        )
        objecting.weigh(request.pk, weighed, actor=self.team.decides)
        self._work(request)

    def _decided(self) -> None:
        request = self._contested(17)
        finding = deciding.Finding(
            DecisionReview.Result.CHANGED,
            "The score counted two unpaid invoices that you had paid on the day they were due. Without them you are "
            "above the limit.",
            "The invoices and the bank's statements of March.",
            "Your account is on monthly invoices again, since today.",
        )
        deciding.draft(request.pk, finding, actor=self.team.decides)
        deciding.carry_out(request.pk, actor=self.team.prepares)
        deciding.conclude(request.pk, actor=self.team.decides)
        self._work(request)

    def _waiting(self) -> None:
        """Tell of what waits: for an approval, the end of the time to think, a verdict, a weighing, a review."""
        waiting = self._asks(Right.ERASURE, 4, "Delete me.", ground="withdrawn")
        approvals.prepare(waiting.pk, ERASURE, actor=self.team.prepares)
        self._approved(self._asks(Right.ERASURE, 2, "Forget me, please.", ground="unsaid"))
        proposed = self._asks(Right.RECTIFICATION, 3, "My name is spelt wrongly.")
        self._proposed(proposed, {"display_name": "Sascha Right"})
        self._asks(Right.ACCESS, 7, "First a copy, then delete everything.", also=(Right.ERASURE,))
        self._asks(Right.OBJECTION, 5, "You have no business with my data.", scope="all")
        self._contested(6)

    def _asks(
        self, right: Right, days_ago: int, details: str, *, also: tuple[Right, ...] = (), **particulars: str
    ) -> SubjectRequest:
        name, email = next(self._people)
        told = self._told(name, email, right, days_ago, details, particulars=particulars, also=also)
        request = self._confirmed(told)
        for one in (request, *cases.others_of(request)):
            self._look(one)
        return request

    def _approved(self, request: SubjectRequest) -> None:
        approvals.prepare(request.pk, ERASURE, actor=self.team.prepares)
        approvals.approve(request.pk, ERASURE, actor=self.team.decides)

    def _proposed(self, request: SubjectRequest, values: Mapping[str, str]) -> list[ProposedCorrection]:
        item = next(item for item in offering.offered(request) if _has(item, values))
        place = proposing.Place(item.search.pk, item.number, 0)
        return proposing.propose(request.pk, place, values, reason="It is in my passport.", actor=SUBJECT)

    def _contested(self, days_ago: int) -> SubjectRequest:
        request = self._asks(
            *(Right.AUTOMATED_DECISION, days_ago, ""),
            decision="In March I was told that I may not pay by invoice any more.",
            view="I have always paid in time. Somebody should look at it.",
        )
        used = decisions.found_in(request)[:2]
        facts = deciding.Facts(
            "Payment by invoice was ended on 3 March.",
            "The scoring of the billing department",
            "Payments of the last twelve months.",
            "Whoever pays later than 14 days more than once falls below the limit.",
            collections=tuple((found.search_id, found.name) for found in used),
        )
        deciding.record(request.pk, facts, actor=self.team.prepares)
        deciding.assign(request.pk, self.team.manager.pk, actor=self.team.prepares)
        return request

    def _look(self, request: SubjectRequest) -> None:
        """Do what the workers do when the work begins."""
        for search in request.searches.open():
            collect_source(search.pk)
        for change in request.changes.open():
            change_source(change.pk)
        _send(request)

    def _work(self, request: SubjectRequest) -> None:
        """Do what the workers do once it is decided; the request has ended then."""
        for change in request.changes.open():
            change_source(change.pk)
        finishing.finish_request(request.pk)
        _send(request)
        request.refresh_from_db()
        if request.is_open:
            raise RuntimeError(f"The demonstration's {request.right} {request.pk} did not end.")
        closed_at = request.submitted_at + timedelta(days=2)
        type(request).objects.filter(pk=request.pk).update(closed_at=closed_at)


def _has(item: offering.Offered, values: Mapping[str, str]) -> bool:
    return values.keys() <= {field.name for field in item.fields}


def _ordinary(truth: Truth) -> Iterator[tuple[str, str]]:
    """Give name and mailbox of customers who have neither very little nor very much."""
    for email, person in truth.people.items():
        rows = sum(map(len, person.rows.values()))
        if ORDINARY.match(email) and "users" in person.rows and not person.deleted and FEWEST_ROWS <= rows <= MOST_ROWS:
            yield f"{email.partition('.')[0].title()} Example", email


def _send(request: SubjectRequest) -> None:
    for mail in request.mails.open():
        notifications.send(mail.pk)
