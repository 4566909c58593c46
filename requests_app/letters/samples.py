"""Made-up notices to look at: nobody's data, nothing stored, no link that works."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.utils import timezone

from requests_app.authorities import competent
from requests_app.corrections import Counts
from requests_app.erasures import Collection, Source, Told
from requests_app.letters import contexts
from requests_app.letters.contexts import Given, Reminded
from requests_app.letters.languages import ENGLISH
from requests_app.letters.notices import NOTICES, Reader
from requests_app.letters.refused import shown
from requests_app.models import (
    DataSource,
    DecisionReview,
    Export,
    Outcome,
    Representative,
    Right,
    Status,
    SubjectRequest,
)

if TYPE_CHECKING:
    from exporters.letter import Controller
    from requests_app.letters.writing import Context

DECISION = (
    "We have sent you everything but the notes of our fraud team.\n\n"
    "They also speak of other people, whose rights weigh more here (GDPR Art. 15(4))."
)
_EXPLANATION = "The system counted an invoice as unpaid that you had paid in time. Without it you have the credit."
_REFUSAL = "Your invoices have to be kept for ten years by tax law (GDPR Art. 17(3)(b)). Then they are erased."
_TOLD = {
    "question": "Which of your two customer accounts do you mean, the one of Hamburg or the one of Kiel?",
    "extended": (
        "Your request of 5 March was to be answered by 7 April. We need longer. You will have our answer by 5 June at "
        "the latest.\n\nThe reason: The request is complex. Your data is held in nine systems, two of them on paper."
    ),
}
_TOLD |= {
    "lifting_announced": (
        "It ends on 5 May. From then on we may use your data again for what our privacy notice says.\n\n"
        "The reason: We have corrected your address in all systems, so that the data is right now."
    ),
    "appeal_received": "We tell you in writing by 5 May what we decide, and why.",
    "appeal_answered": "The outcome: our decision stands.\n\nThe lawsuit has not ended yet.",
}
_REMINDING = ("reminders", "digest")
_TO_REPRESENTATIVE = ("represent", "authority_refused")
_REPRESENTED = (*_TO_REPRESENTATIVE, "authority", "authority_accepted", "authority_ended", "answer_given")
_STATUS = {"confirm": Status.SUBMITTED, "refused": Status.REJECTED, "withdrawn": Status.WITHDRAWN}
_RIGHTS = {"refused": Right.ERASURE, "erased": Right.ERASURE, "decision_reviewed": Right.AUTOMATED_DECISION}
_RIGHTS |= dict.fromkeys(("corrections_open", "rectified"), Right.RECTIFICATION)
_RIGHTS |= dict.fromkeys(("objected", "preferences"), Right.OBJECTION)
_DECISIONS = {"refused": _REFUSAL, "completed": DECISION, "decision_reviewed": _EXPLANATION}
_ENDED = {
    "ready": Outcome.FULL,
    "nothing_held": Outcome.NONE_HELD,
    "duplicate": Outcome.DUPLICATE,
    "completed": Outcome.PARTIAL,
    "partial": Outcome.PARTIAL,
    "erased": Outcome.PARTIAL,
    "rectified": Outcome.PARTIAL,
    "decision_reviewed": Outcome.FULL,
}


def sample(template: str, controller: Controller, *, right: str = "", language: str = ENGLISH) -> Context:
    """Give what a notice speaks of, made up.

    Args:
        right: that is asked for; one that goes with the notice where it is empty.

    Raises:
        KeyError: there is no such notice.
    """
    notice = NOTICES[template]
    if template in _REMINDING:
        return contexts.reminding(controller, _colleague(), _reminders()[: 1 if template == "reminders" else None])
    if notice.reader is Reader.STAFF:
        return contexts.to_staff(controller, _colleague(), _source())
    request = _request(template, controller)
    request.right, request.language = right or request.right, language
    export = _export(template, request) if notice.has_export else None
    context = contexts.to_person(controller, request, export, given(template))
    if template in ("refused", "partial", "appeal_answered"):
        context |= {"refusal": _refusal(withheld=template == "partial")}
    if template == "rectified":
        context |= {"corrections": {"counts": Counts(corrected=2, rejected=1), "lines": []}}
    if template == "erased":
        context |= {"erasure": _ERASURE, "refusal": {}}
    return context | (_represented(template, request) if template in _REPRESENTED else {})


def given(template: str) -> Given:
    """Give what only a mail has, made up, without a link that works."""
    return Given(link_days=7, code="483 920", code_minutes=15, told=_TOLD.get(template, ""))


def _request(template: str, controller: Controller) -> SubjectRequest:
    now = timezone.now()
    refused = template == "refused"
    status = _STATUS.get(template, Status.COMPLETED if template in _ENDED else Status.IN_PROGRESS)
    earlier = SubjectRequest(reference=f"DSR-{now:%Y}-OTHER7", status=Status.IN_PROGRESS, submitted_at=now)
    earlier.due_on = timezone.localdate() + timedelta(days=20)
    request = SubjectRequest(
        reference=f"DSR-{now:%Y}-SAMPLE",
        right=_RIGHTS.get(template, Right.ACCESS),
        status=status,
        outcome=Outcome.REFUSED if refused else _ENDED.get(template, ""),
        name="Ann Example",
        email="ann@example.test",
        place=controller.country,
        submitted_at=now,
        due_on=timezone.localdate() + timedelta(days=30),
        decision=_DECISIONS.get(template, ""),
        answered_with=earlier if template == "duplicate" else None,
    )
    if template == "decision_reviewed":  # which the request is told of
        DecisionReview(
            request=request,
            collections=[{"label": "Invoices", "source": "Web shop"}],
            result=DecisionReview.Result.CHANGED,
            considered="Your account since 2024, and what your bank confirmed to you.",
            measures="Your credit is granted. It is in your account from today.",
        )
    return request


_ERASURE = Told(
    (
        Source(
            "Web shop",
            (
                Collection("customers", "Customer account", {"anonymised": 1}),
                Collection("carts", "Shopping carts", {"deleted": 12, "shared": 1}),
                Collection(
                    "orders", "Orders", {"kept": 3}, "GDPR Art. 17(3)(b): tax law", date(2027, 1, 1), date(2034, 12, 31)
                ),
            ),
        ),
        Source("Support desk", is_left_out=True),
    ),
    "7F3K-Q9XM-2HVT-8WBC",
)


def _refusal(*, withheld: bool) -> Context:
    authority = competent("GB", "GB")
    if authority is None:
        raise AssertionError("the sample's authority is not known")
    ground = "The data is needed to establish, exercise or defend legal claims."
    complaint = f"You may complain to the Commissioner: {authority.name}."
    return shown(
        {
            "reasons": [{"ground": "legal-claims", "article": "UK GDPR Art. 17(3)(e)", "words": ground}],
            "facts": _REFUSAL,
            "withheld": ["Your invoices"] if withheld else [],
            "remedies": [{"kind": "authority", "article": "UK GDPR Art. 77; DPA 2018 s. 165", "words": complaint}],
            "authority": asdict(authority),
            "due_on": "2026-03-05",
            "late_reason": "Your file was in an archive that had to be restored.",
        }
    )


def _represented(template: str, request: SubjectRequest) -> Context:
    refusal = "The authority is not signed, and it does not name what you ask for."
    found = Representative(
        kind=Representative.Kind.LAWYER,
        name="Lena Advocate",
        organisation="Advocate & Partners",
        receives_answer=True,
        decision=refusal if template == "authority_refused" else "",
    )
    known: Context = {"representative": found}
    if template in _TO_REPRESENTATIVE:
        known |= {"addressee": found.name, "address": found.organisation, "on_behalf_of": request.name}
    return known


def _export(template: str, request: SubjectRequest) -> Export:
    is_letter = template == "nothing_held"
    return Export(
        request=request,
        formats=["pdf"] if is_letter else ["html", "json", "xlsx"],
        media_type=Export.MediaType.PDF if is_letter else Export.MediaType.ZIP,
        records=0 if is_letter else 1_284,
        is_complete=is_letter,
        size_bytes=48_200 if is_letter else 3_460_000,
    )


def _colleague() -> User:
    return User(username="alex", first_name="Alex", last_name="Example")


def _reminders() -> list[Reminded]:
    today, year = timezone.localdate(), f"{timezone.localdate():%Y}"
    return [
        Reminded(f"DSR-{year}-SAMPLE", Right.ERASURE.label, "the answer is due soon", today + timedelta(days=5)),
        Reminded(f"DSR-{year}-OTHER7", Right.ACCESS.label, "the answer is overdue", today - timedelta(days=2)),
    ]


def _source() -> DataSource:
    changes = [
        {"severity": "gap", "where": "customers.birthday", "text": "The column customers.birthday is not in the map."},
        {
            "severity": "gap",
            "where": "reviews",
            "text": "The table reviews holds e-mail addresses and is not in the map.",
        },
    ]
    return DataSource(slug="shop", label="Web shop", drift_state=DataSource.Drift.DRIFTED, drift=changes)
