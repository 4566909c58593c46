"""What takes two people, made ready by one of them, with every door by which it could be done."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from requests_app import audit, corrections, extensions, rectifying, refusing, review, tasks
from requests_app.audit import Actor
from requests_app.changing import approvals, previews
from requests_app.deadlines.extending import Plan
from requests_app.models import (
    Approval,
    Export,
    Outcome,
    PeriodExtension,
    ProposedCorrection,
    Refusal,
    SourceChange,
    SubjectRequest,
)
from requests_app.refusals import telling
from requests_app.timekeeping import clock
from requests_app.workflow import perform
from tests.requests_app.admin.console import url
from tests.requests_app.changing.shops import ERASURE, a_shop, an_erasure
from tests.requests_app.portal import a_draft, a_request, a_source, collected, staff, the_controller
from tests.requests_app.rectifying import shops as correcting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.contrib.auth.models import User

WHOLE, PART = Refusal.Extent


@dataclass(frozen=True, slots=True)
class Prepared:
    """One act that waits for a second person.

    Args:
        is_done: whether somebody has approved it.
        call: has a member of the team approve it, by the stage.
        address: of the button that does it, with what it sends; empty where there is none.
        past: goes past the stage and its approval; does nothing, or raises.
        row: puts an approval into the database that one person has prepared and given.
    """

    request: SubjectRequest
    is_done: Callable[[], bool]
    call: Callable[[User], object]
    past: Callable[[User], object]
    row: Callable[[User], object]
    address: str = ""
    data: dict[str, object] = field(default_factory=dict)


def _approved(request: SubjectRequest, act: Approval.Act) -> bool:
    return Approval.objects.filter(request=request, act=act).exists()


def _approval(request: SubjectRequest, act: Approval.Act, user: User) -> Approval:
    return Approval.objects.create(request=request, act=act, prepared_by=user, approved_by=user)


def an_erasure_prepared(folder: Path, by: User) -> Prepared:
    """Look at what would be erased, and ask for the approval."""
    a_shop(f"sqlite:///{folder}/shop.sqlite3")
    request = an_erasure()
    for change in previews.preview(request.pk, ERASURE, actor=Actor.staff(by)):
        tasks.change_source(change.pk)
    approvals.prepare(request.pk, ERASURE, actor=Actor.staff(by))
    changes = SourceChange.objects.filter(request=request)
    return Prepared(
        request,
        is_done=partial(_approved, request, ERASURE),
        call=lambda user: approvals.approve(request.pk, ERASURE, actor=Actor.staff(user)),
        past=lambda _: changes.update(phase=SourceChange.Phase.CHANGE),
        row=partial(_approval, request, ERASURE),
        address=url("requests.erasure_approve", request.pk),
    )


def a_refusal_prepared(_: Path, by: User, extent: Refusal.Extent = WHOLE) -> Prepared:
    """Prepare a refusal of a request that is in progress."""
    the_controller()
    request = a_request(right="erasure", place="DE", verified_at=timezone.now())
    clock.open_clock(request, actor=audit.SYSTEM)
    row = refusing.prepare(request.pk, a_draft(request, extent), actor=Actor.staff(by))
    name, outcome = ("reject", "") if extent == WHOLE else ("complete", Outcome.PARTIAL)
    reason = {"reason": "So it is.", "outcome": outcome}
    return Prepared(
        request,
        is_done=lambda: Refusal.objects.exclude(approved_at=None).exists(),
        call=lambda user: refusing.approve(row.pk, actor=Actor.staff(user)),
        past=lambda user: perform(request.pk, name, actor=Actor.staff(user), **reason),
        row=lambda user: Refusal.objects.filter(pk=row.pk).update(approved_by=user, approved_at=timezone.now()),
        address=url("requests.refusal", request.pk, row.pk),
        data={"approve": "1", "seen": telling.fingerprint(refusing.now_told(request, row))},
    )


def a_release_prepared(folder: Path, by: User) -> Prepared:
    """Withhold something of what was found, with a partial refusal that others have made."""
    a_source(folder)
    request = collected()
    review.redact(request.searches.get(), "orders", ordinal=1, ground="Trade secret", actor=Actor.staff(by))
    the_controller()
    for_it, for_that = Actor.staff(staff("wanda")), Actor.staff(staff("willy"))
    row = refusing.prepare(request.pk, a_draft(request, PART), actor=for_it)
    refusing.approve(row.pk, actor=for_that)
    return _released(request)


def a_release_refused_in_part(folder: Path, by: User) -> Prepared:
    """Prepare the partial refusal of an answer, which another has approved."""
    a_source(folder)
    request = collected()
    the_controller()
    row = refusing.prepare(request.pk, a_draft(request, PART), actor=Actor.staff(by))
    refusing.approve(row.pk, actor=Actor.staff(staff("willy")))
    return _released(request)


def _released(request: SubjectRequest) -> Prepared:
    release = Approval.Act.RELEASE
    return Prepared(
        request,
        is_done=partial(_approved, request, release),
        call=lambda user: review.release(request.pk, actor=Actor.staff(user)),
        past=lambda _: Export.objects.create(request=request, formats=["json"]),
        row=partial(_approval, request, release),
        address=url("requests.release", request.pk),
        data={"formats": ["json"]},
    )


def an_extension_prepared(_: Path, by: User) -> Prepared:
    """Prepare an extension."""
    request = a_request(verified_at=timezone.now(), place="DE")
    clock.open_clock(request, actor=audit.SYSTEM)
    row = extensions.prepare(request.pk, Plan("complexity", "Nine systems.", by=2), "", actor=Actor.staff(by))

    def recompute(user: User) -> None:
        before = SubjectRequest.objects.get(pk=request.pk).due_on
        clock.choose_anew(request.pk, "moved", actor=Actor.staff(user))
        assert SubjectRequest.objects.get(pk=request.pk).due_on == before

    return Prepared(
        request,
        is_done=lambda: PeriodExtension.objects.exclude(approved_at=None).exists(),
        call=lambda user: extensions.approve(row.pk, actor=Actor.staff(user)),
        past=recompute,
        row=lambda user: PeriodExtension.objects.filter(pk=row.pk).update(approved_by=user, approved_at=timezone.now()),
        address=url("requests.decide_extension", request.pk, row.pk),
        data={"approve": "1"},
    )


def a_correction_written_down(folder: Path, by: User) -> Prepared:
    """Write a correction down that somebody asked for on the telephone."""
    correcting.a_shop(f"sqlite:///{folder}/corrected.sqlite3")
    request = correcting.a_rectification()
    place = correcting.the_place(request)
    (row,) = rectifying.propose(request.pk, place, {"city": "Oslo"}, actor=Actor.staff(by))
    correction = ProposedCorrection.objects.filter(pk=row.pk)
    verdicts = [rectifying.Verdict(row.pk, rectifying.Kind.APPROVE)]
    return Prepared(
        request,
        is_done=lambda: correction.get().state != ProposedCorrection.State.PROPOSED,
        call=lambda user: rectifying.decide(request.pk, verdicts, actor=Actor.staff(user)),
        past=lambda _: SourceChange.objects.create(
            request=request, source=row.source, map=row.source.current_map, act="rectification", phase="change"
        ),
        row=partial(_approval, request, Approval.Act.RECTIFICATION),
        address=url("requests.decide_corrections", request.pk),
        data={f"seen-{row.pk}": corrections.fingerprint([row]), f"kind-{row.pk}": "approve"},
    )


def attempt(act: Callable[[User], object], user: User) -> BaseException | None:
    """Try something; gives what it raised."""
    try:
        with transaction.atomic():
            act(user)
    except Exception as error:  # noqa: BLE001 - it is what the test is about
        return error
    return None


ACTS: dict[str, Callable[[Path, User], Prepared]] = {
    "erasure": an_erasure_prepared,
    "refusal of the whole": a_refusal_prepared,
    "refusal of a part": partial(a_refusal_prepared, extent=PART),
    "release of what they cut": a_release_prepared,
    "release of what they refused": a_release_refused_in_part,
    "extension": an_extension_prepared,
    "correction": a_correction_written_down,
}
