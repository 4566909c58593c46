"""A person shows who they are in the moment in which they are refused for not having done so, on PostgreSQL."""

from __future__ import annotations

from requests_app import identity, refusing
from requests_app.audit import Actor
from requests_app.models import Outcome, Refusal, Status, SubjectRequest
from requests_app.refusing import IllegalRefusal
from tests.requests_app.intake.records import recorded
from tests.requests_app.portal import a_draft, acts, member, the_controller


def test_of_a_refusal_and_a_proof_at_once_one_happens(at_once, storage_folder):
    the_controller()
    request, pia, rex = recorded(), Actor.staff(member("Processor")), Actor.staff(member("Reviewer"))
    check = request.identity_checks.get()
    draft = a_draft(request, grounds=("identity-not-shown",), facts="We wrote twice.")
    row = refusing.prepare(request.pk, draft, actor=pia)
    answers = at_once(
        lambda: refusing.approve(row.pk, actor=rex), lambda: identity.pass_by_hand(check.pk, "Came here.", actor=pia)
    )
    request = SubjectRequest.objects.get()
    if request.status == Status.REJECTED:
        assert isinstance(answers[0], Refusal)
        assert answers[1] is identity.UnaskableCheck
        assert request.outcome == Outcome.REFUSED
    else:
        assert answers == [IllegalRefusal, None]
    assert len({"request.rejected", "request.verified"} & set(acts(request.pk))) == 1
