"""Many records at once are what each would have been by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from requests_app import audit
from requests_app.audit import Actor
from requests_app.intake.batches import record_all
from requests_app.intake.recording import FaultyRecord, Proof, Record, record
from requests_app.intake.taking import FutureReceipt
from requests_app.models import AuditEntry, Channel, EncryptionKey, IdentityRule, OutboxMail, Right, SubjectRequest
from requests_app.signals import request_created
from requests_app.workflow import PermissionRefused
from tests.requests_app.portal import a_source, member, queued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
PLAIN = Record(Channel.LETTER, timezone.now() - timedelta(days=9), "Ann Example", Right.ACCESS, "ann@example.test")
RECORDS = [
    PLAIN,
    replace(PLAIN, right=Right.ERASURE, email="Bob@STRASSE.example", place="FR", details="All of it\r\nplease"),
    replace(PLAIN, right=Right.OBJECTION, channel=Channel.PHONE, place="US-CA", phone="+49 40 123456"),
    replace(PLAIN, right=Right.PORTABILITY, numbers=("4711", "4712", "4711"), formats=("csv",), language="de"),
    replace(PLAIN, email="", postal_address="1 Example Street\n20095 Hamburg", proof=Proof.LATER),
    replace(PLAIN, right=Right.RECTIFICATION, proof=Proof.LATER, delivery_way="attachment"),
    replace(PLAIN, proof=Proof.TEAM, proof_reason="Known in person."),
    replace(PLAIN, right=Right.RESTRICTION, proof=Proof.TEAM, proof_reason="Known in person."),
]
MADE_ANEW = {"id", "request", "request_id", "reference", "key", "key_id", "recorded_at", "created_at", "computed_at"}
MADE_ANEW |= {"identifier", "identifier_id", "proven_at", "verified_at", "passed_at", "message_id", "requeue_at", "at"}
MADE_ANEW |= {"claimable_at", "target", "source_id", "map_id", "hash", "since"}


@pytest.fixture
def actor() -> Actor:
    return Actor.staff(member("Processor"))


def told(row: object) -> dict[str, object]:
    """Give what a row says, apart from what is made anew each time."""
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: value for name, value in fields.items() if name not in MADE_ANEW}


def all_about(request: SubjectRequest) -> dict[str, list[object]]:
    """Give everything that was written for a request."""
    request.refresh_from_db()
    related = {
        relation.get_accessor_name(): sorted(
            (told(row) for row in getattr(request, relation.get_accessor_name()).all()), key=str
        )
        for relation in request._meta.related_objects
        if relation.one_to_many and relation.get_accessor_name()
    }
    acts = AuditEntry.objects.filter(request_id=request.pk).order_by("pk")
    mails = OutboxMail.objects.filter(request=request)
    checks = [(check.kind, check.identifier and check.identifier.value) for check in request.identity_checks.all()]
    return {
        "request": [told(request)],
        "acts": [told(act) for act in acts],
        "targets": [act.target.rstrip("0123456789") for act in acts],
        "mails": [told(mail) for mail in mails],
        "checks": checks,
        **related,
    }


def undone(write) -> list[dict[str, list[object]]]:
    """Give what is written about each request, and take it back."""
    with transaction.atomic():
        written = [all_about(request) for request in write()]
        assert EncryptionKey.objects.filter(parent=None).count() >= len(written)
        transaction.set_rollback(True)
    return written


def test_records_taken_in_together_are_written_as_one_by_one(actor, tmp_path):
    a_source(tmp_path)
    # Where the table of proofs wants nothing, work begins at once.
    IdentityRule.objects.update_or_create(right="objection", place="US", defaults={"checks": []})
    alone = undone(lambda: [record(each, actor=actor) for each in RECORDS])
    together = undone(lambda: record_all(RECORDS, actor=actor))
    assert len(alone) == len(together) == len(RECORDS)
    for one, other in zip(alone, together, strict=True):
        assert one == other
    assert {row["request"][0]["status"] for row in together} == {"submitted", "in_progress"}


def test_each_has_a_key_and_a_reference_of_its_own(actor):
    requests = record_all(RECORDS[:6], actor=actor)
    assert len({request.reference for request in requests}) == len({request.key_id for request in requests}) == 6
    assert [request.right for request in requests] == [typed.right for typed in RECORDS[:6]]


def test_others_are_told_once_it_is_committed(actor, django_capture_on_commit_callbacks):
    heard = []
    request_created.connect(listener := lambda reference, **_: heard.append(reference))
    with django_capture_on_commit_callbacks(execute=True):
        requests = record_all(RECORDS[:3], actor=actor)
        assert heard == []
    request_created.disconnect(listener)
    assert heard == [request.reference for request in requests]


def test_their_mails_wait_for_the_sweep_so_that_others_go_first(actor):
    record_all([replace(PLAIN, email=f"p{number}@example.test") for number in range(30)], actor=actor)
    assert queued() == []
    assert len(OutboxMail.objects.take_overdue(timezone.now())) == 30


def test_it_takes_few_statements_however_many_they_are(actor, django_assert_max_num_queries):
    records = [replace(PLAIN, email=f"p{number}@example.test") for number in range(100)]
    with django_assert_max_num_queries(60):
        record_all(records, actor=actor)


def test_of_records_of_which_one_cannot_be_none_is_taken_in(actor):
    for wrong, error in ((replace(PLAIN, name=" "), FaultyRecord), (replace(PLAIN, right="x"), Exception)):
        with pytest.raises(error), transaction.atomic():
            record_all([PLAIN, wrong], actor=actor)
    with pytest.raises(FutureReceipt):
        record_all([PLAIN, replace(PLAIN, received_at=timezone.now() + timedelta(hours=1))], actor=actor)
    assert not SubjectRequest.objects.exists()


def test_it_is_for_whoever_works_on_requests():
    for role in ("Viewer", "Reviewer"):
        with pytest.raises(PermissionRefused):
            record_all([PLAIN], actor=Actor.staff(member(role)))
    with pytest.raises(PermissionRefused):
        record_all([PLAIN], actor=audit.SYSTEM)
