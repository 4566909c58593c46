"""Requests with every personal record that there is, each marked, so that a search finds what was left."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from requests_app import audit, uploads
from requests_app.keys.stored import create_key
from requests_app.models import (
    AppealOrComplaint,
    Certificate,
    DecisionReview,
    Download,
    Export,
    Identifier,
    IdentityCheck,
    Message,
    OutboxMail,
    Outcome,
    PeriodExtension,
    PersonWait,
    RecipientNotice,
    Redaction,
    Refusal,
    Representative,
    SecureLink,
    SentNotice,
    SourceSearch,
    Status,
    SubjectRequest,
    Upload,
    Weighing,
)
from tests.requests_app.portal import a_request, an_approval, staff

if TYPE_CHECKING:
    from datetime import datetime

    from requests_app.models import DataSource

WHO, SAID = "Wilhelmina-Quux", "Marzipan-Potatoes"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def a_full_request(source: DataSource, closed_at: datetime, place: str = "DE", **fields: object) -> SubjectRequest:
    """Put a request there that ended, with all that is ever written about one: `WHO` it was, and what was `SAID`."""
    one, other = _team()
    known: dict[str, object] = {
        "name": f"{WHO} Smith",
        "email": f"{WHO.lower()}-{SubjectRequest.objects.count()}@example.test",
        "phone": f"+49 {WHO}",
        "postal_address": f"{WHO} Street 1",
        "details": SAID,
        "decision": SAID,
        "closed_at": closed_at,
        "submitted_at": closed_at - timedelta(days=20),
        "verified_at": closed_at - timedelta(days=19),
        "place": place,
    }
    request = a_request(**{"status": Status.REJECTED, "outcome": Outcome.REFUSED, **known, **fields})
    _who_it_was(request)
    _what_was_said(request, one, other)
    _what_was_found(request, source)
    for kind in (Upload.Kind.EVIDENCE, Upload.Kind.AUTHORITY, Upload.Kind.IDENTITY):
        a_file(kind, request)
    return request


def a_file(kind: Upload.Kind, request: SubjectRequest | None, message: Message | None = None) -> Upload:
    """Hand in a picture."""
    file = SimpleUploadedFile(f"{SAID}.png", PNG, "image/png")
    return uploads.take(file, kind, actor=audit.SUBJECT, request=request, message=message)


def found(marker: str) -> list[str]:
    """Name every column of every row of ours that holds a marker."""
    places = []
    for model in apps.get_app_config("requests_app").get_models():
        for row in model._base_manager.values():
            places += [
                f"{model.__name__}.{name}" for name, value in row.items() if marker.lower() in str(value).lower()
            ]
    return sorted(set(places))


def _team() -> tuple[User, User]:
    known = [User.objects.filter(username=name).first() or staff(name) for name in ("rita", "otto")]
    return known[0], known[1]


def _who_it_was(request: SubjectRequest) -> None:
    now = timezone.now()
    known = Identifier.objects.create(
        request=request, kind="email", value=request.email, proof=Identifier.Proof.MAILBOX, proven_at=now
    )
    IdentityCheck.objects.create(request=request, identifier=known, kind="mailbox", passed_at=now)
    Representative.objects.create(
        request=request,
        kind=Representative.Kind.LAWYER,
        name=f"{WHO} Lawyer",
        email=f"{WHO}@law.test",
        organisation=WHO,
        postal_address=WHO,
        decision=SAID,
    )


def _what_was_said(request: SubjectRequest, one: User, other: User) -> None:
    now = timezone.now()
    for kind in Message.Kind.values:
        message = Message.objects.create(request=request, kind=kind, text=SAID)
    a_file(Upload.Kind.MESSAGE, request, message)
    mail = OutboxMail.objects.create(request=request, template="refused", provider_id=WHO)
    SentNotice.objects.create(mail=mail, content=SAID, sent_at=now)
    PersonWait.objects.create(request=request, kind="clarification", question=SAID, asked_at=now)
    PeriodExtension.objects.create(
        request=request, by=1, ground="complexity", reason=SAID, notice=SAID, prepared_by=one
    )
    said = dict.fromkeys(("decision", "decided_by", "used", "logic", "explanation", "considered", "measures"), SAID)
    used = [{"search": 0, "collection": SAID, "label": SAID, "source": SAID, "count": 1}]
    DecisionReview.objects.create(
        request=request, **said, collections=used, reviewer=one, result="changed", carried_out_at=now, concluded_at=now
    )
    Weighing.objects.create(request=request, interests=SAID, reasons=SAID, is_upheld=False, decided_by=one)
    refusal = Refusal.objects.create(
        request=request,
        extent="whole",
        facts=SAID,
        late_reason=SAID,
        withheld=[SAID],
        told={"facts": SAID},
        prepared_by=one,
        approved_by=other,
        approved_at=now,
    )
    AppealOrComplaint.objects.create(
        request=request,
        refusal=refusal,
        kind="appeal",
        law="US-VA",
        text=SAID,
        received_on=now.date(),
        outcome="upheld",
        answer=SAID,
        answered_at=now,
        answered_by=other,
    )


def _what_was_found(request: SubjectRequest, source: DataSource) -> None:
    now = timezone.now()
    search = SourceSearch.objects.create(request=request, source=source, map=source.maps.latest("pk"), state="done")
    Redaction.objects.create(search=search, segment="x", collection="customers", field="city", ground=SAID)
    told = {"request": request, "settled_at": now, "label": WHO}
    RecipientNotice.objects.create(**told, told_on=now, way=SAID)
    RecipientNotice.objects.create(**told, impossible_because=SAID)
    export = Export.objects.create(
        request=request, approval=an_approval(request), state="done", members=[WHO], expires_at=now, removed_at=now
    )
    link = SecureLink.objects.create(
        request=request, purpose="download", export=export, token_hash=f"{request.pk:064}", expires_at=now
    )
    Download.objects.create(export=export, link=link, address="203.0.113.9", agent=WHO, member=WHO)
    Certificate.objects.create(
        kind="handling", request=request, issued_at=now, key=create_key(), sha256="0" * 64, record_sha256="0" * 64
    )
