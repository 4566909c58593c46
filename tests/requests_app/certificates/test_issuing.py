"""Certificates of real erasures and of requests that went their way."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, timedelta

import pytest
from django.utils import timezone

from requests_app import audit, certificates, retention, storage, workflow
from requests_app.audit import Actor
from requests_app.certificates import NotCertifiable
from requests_app.keys.stored import open_key
from requests_app.models import AuditEntry, AuditSeal, Certificate, KeptRows, SourceChange, Status, SubjectRequest
from requests_app.workflow import PermissionRefused
from tests.requests_app.certificates.steps import (
    ERASURE,
    HANDLING,
    embedded,
    issued,
    pdf_of,
    processor,
    record_of,
    words,
)
from tests.requests_app.changing.shops import a_shop, an_erasure, approved, erased, rows, run, team, worked
from tests.requests_app.portal import (
    ANN,
    a_refusal,
    a_request,
    a_source,
    acts,
    downloaded,
    member,
    released,
    send_mails,
    token_in,
)

pytestmark = pytest.mark.django_db


def test_an_erasure_is_certified_as_it_was_done(database_url):
    a_shop(database_url)
    request = an_erasure()
    (change,) = erased(request)
    certificate = issued(request, ERASURE)
    pdf = pdf_of(certificate)
    record = record_of(pdf)
    (source,) = record["erasure"]["sources"]
    found = {item["name"]: item for item in source["collections"]}
    numbers = ("before", "deleted", "anonymised", "kept", "after", "left")
    assert {name: tuple(item[number] for number in numbers) for name, item in found.items()} == {
        "customers": (1, 0, 1, 0, 0, 0),
        "orders": (2, 0, 0, 2, 2, 0),
        "carts": (2, 2, 0, 0, 0, 0),
    }
    assert len(rows(database_url, "orders")) == 3  # what is said to be kept is there: Ann's two and Bob's
    assert found["orders"]["retained"] == {
        "ground": "17(3)(b): tax records",
        "rows": 2,
        "years": 10,
        "first_on": "2030-05-04",
        "last_on": "2034-02-28",
    }
    assert source["is_proven"] is True
    assert source["map_sha256"] == hashlib.sha256(change.map.text.encode()).hexdigest()
    assert source["map_version"] == change.map.version
    assert source["decision"]["prepared_by"] == {"name": "processor", "role": "Processor"}
    assert source["decision"]["approved_by"] == {"name": "reviewer", "role": "Reviewer"}
    entries = AuditEntry.objects.filter(pk__in=source["audit_entries"]).order_by("pk")
    assert [entry.action for entry in entries] == ["change.approved", "change.began", "change.done"]
    assert record["erasure"]["request"]["reference"] == request.reference
    assert ANN not in embedded(pdf).decode() + words(pdf)
    assert "Ann" not in embedded(pdf).decode() + words(pdf)


def test_a_certificate_is_sealed_below_the_ring_known_by_its_hashes_and_on_record(sqlite_shop):
    request = an_erasure()
    erased(request)
    certificate = issued(request, ERASURE)
    pdf = pdf_of(certificate)
    assert certificate.sha256 == hashlib.sha256(pdf).hexdigest()
    assert certificate.record_sha256 == hashlib.sha256(embedded(pdf)).hexdigest()
    assert (certificate.size_bytes, certificate.is_signed, certificate.key.parent) == (len(pdf), False, None)
    with storage.open(certificate.file) as file:
        assert b"%PDF" not in file.read()
    open_key(certificate.key_id)
    assert acts(request.pk)[-2:] == ["certificate.issued", "certificate.downloaded"]
    entry = AuditEntry.objects.get(action="certificate.issued")
    assert entry.details["sha256"] == certificate.sha256
    record = record_of(pdf)
    head = AuditSeal.objects.get(hash=certificate.audit_head)
    assert record["audit"] == {"seal": head.number, "hash": head.hash}
    sealed = {
        pk
        for ids in AuditSeal.objects.filter(number__lte=head.number).values_list("entry_ids", flat=True)
        for pk in ids
    }
    assert set(record["erasure"]["sources"][0]["audit_entries"]) <= sealed
    assert record["number"] == certificate.number
    assert record["public_page"].endswith(f"/certificates/{certificate.number}")
    assert record["issued_at"] == certificate.issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_clean_up_leaves_certificates_alone(sqlite_shop):
    request = an_erasure()
    erased(request)
    certificate = issued(request, ERASURE)
    assert retention.remove_stray_files(older_than_seconds=0) == 0
    assert pdf_of(certificate).startswith(b"%PDF")


def test_issuing_again_gives_the_same_where_nothing_has_changed(sqlite_shop):
    request = an_erasure()
    erased(request)
    first = issued(request, ERASURE)
    assert issued(request, ERASURE) == first
    assert Certificate.objects.count() == 1
    assert acts(request.pk).count("certificate.issued") == 1


def test_what_has_changed_is_certified_anew_and_the_last_withdrawn(sqlite_shop):
    request = an_erasure()
    erased(request)
    first = issued(request, ERASURE)
    KeptRows.objects.update(erased=1, erase_on=date(2034, 2, 28))
    second = issued(request, ERASURE)
    first.refresh_from_db()
    assert (first.withdrawn_at, first.replaced_by) == (second.issued_at, second)
    (source,) = record_of(pdf_of(second))["erasure"]["sources"]
    (orders,) = [item for item in source["collections"] if item["name"] == "orders"]
    assert (orders["retained"]["rows"], orders["retained"]["first_on"]) == (1, "2034-02-28")
    assert acts(request.pk)[-3:] == ["certificate.withdrawn", "certificate.issued", "certificate.downloaded"]


def test_a_certificate_that_was_withdrawn_can_be_issued_anew(sqlite_shop):
    request = an_erasure()
    erased(request)
    first = issued(request, ERASURE)
    certificates.withdraw(first, user=processor(), reason="A wrong address")
    with pytest.raises(certificates.issuing.WithdrawnAlready):
        certificates.withdraw(first, user=processor())
    assert issued(request, ERASURE).number != first.number


def test_nothing_is_certified_before_it_is_done(sqlite_shop):
    request = an_erasure()
    with pytest.raises(NotCertifiable, match="Nothing was erased"):
        issued(request, ERASURE)
    (change,) = approved(request)
    with pytest.raises(NotCertifiable, match="Shop: the erasure is not done yet"):
        issued(request, ERASURE)
    worked(change)
    assert issued(request, ERASURE).kind == ERASURE


def test_an_erasure_that_is_not_proven_is_not_certified(sqlite_shop):
    request = an_erasure()
    (change,) = erased(request)
    SourceChange.objects.filter(pk=change.pk).update(is_proven=False)
    with pytest.raises(NotCertifiable, match="still found records"):
        issued(request, ERASURE)


def test_what_the_audit_trail_does_not_say_is_not_certified(sqlite_shop):
    request = an_erasure()
    (change,) = erased(request)
    change.result["carts"]["changed"] += 1
    change.save()
    with pytest.raises(NotCertifiable, match="audit trail does not say the same"):
        issued(request, ERASURE)
    assert not Certificate.objects.exists()
    assert not [name for name, _ in storage.names() if name.startswith("certificate")]


def test_a_source_that_was_left_out_is_named(sqlite_shop, sqlite_url, postgres_database):
    url = postgres_database("crm")
    other = a_shop(url, slug="crm")
    request = an_erasure()
    _, reviewer = team()
    run(url, "DROP TABLE carts")
    changes = approved_without(request, other, reviewer)
    record = record_of(pdf_of(issued(request, ERASURE)))
    assert [item["source"] for item in record["erasure"]["sources"]] == ["shop"]
    assert [item["source"] for item in record["erasure"]["left_out"]] == ["crm"]
    assert len(changes) == 2


def approved_without(request, source, reviewer):
    from requests_app.changing import previews
    from tests.requests_app.changing.shops import approve, exhausted, previewed

    for change in previewed(request):
        if change.source == source:
            previews.leave_out(exhausted(change), actor=Actor.staff(reviewer), reason="It is gone")
    approve(request)
    return [worked(change) for change in request.changes.all()]


def test_an_answer_in_time_is_certified_with_the_computation_of_its_deadline(tmp_path):
    a_source(tmp_path)
    export = released()
    (mail,) = [message for message in send_mails() if "/d/" in message.body]
    downloaded(token_in(mail, "d"))
    request = export.request
    request.refresh_from_db()
    pdf = pdf_of(issued(request, HANDLING))
    handling = record_of(pdf)["handling"]
    assert (handling["ended"], handling["outcome"], handling["is_in_time"]) == ("completed", request.outcome, True)
    assert handling["due_on"] == request.due_on.isoformat()
    first, *_ = handling["deadline"]
    assert first["on"] == timezone.localdate().isoformat()
    computed = request.deadlines.first()
    by_law = [step for step in computed.steps if "target" not in step["why"]]
    assert len(by_law) == len(computed.steps) - 1
    assert [(line["on"], line["what"], line["source"]) for line in handling["deadline"]] == [
        (step["date"], step["why"], step["source"]) for step in by_law
    ]
    assert all(line["source"] for line in handling["deadline"])
    assert [item["way"] for item in handling["delivered"]] == ["mail", "download"]
    assert handling["delivered"][1]["bytes"] == export.size_bytes
    assert handling["delivered"][1]["is_complete"] is True
    assert handling["mailbox_proven_at"] is not None
    assert handling["request"]["person"] is None
    assert "Ann" not in words(pdf) + embedded(pdf).decode()
    entries = AuditEntry.objects.filter(pk__in=handling["audit_entries"]).values_list("action", flat=True)
    assert list(entries.order_by("pk")) == ["request.submitted", "request.verified", "request.completed"]


def test_files_that_were_mailed_are_certified_as_mailed(tmp_path):
    a_source(tmp_path)
    export = released()
    SubjectRequest.objects.filter(pk=export.request_id).update(delivery_way="attachment")
    (mail,) = [message for message in send_mails() if message.attachments]
    request = SubjectRequest.objects.get(pk=export.request_id)
    pdf = pdf_of(issued(request, HANDLING))
    (sent,) = record_of(pdf)["handling"]["delivered"]
    assert (sent["way"], sent["bytes"], sent["is_complete"]) == ("mail", export.size_bytes, None)
    assert f"the files attached {export.size_bytes:,} bytes" in words(pdf)
    assert "broken off" not in words(pdf)
    assert mail.to == [ANN]


def test_the_person_is_named_only_where_that_is_asked_for():
    request = ended(Status.IN_PROGRESS, "complete")
    silent = issued(request, HANDLING)
    named = issued(request, HANDLING, names_person=True)
    assert silent.number != named.number
    assert "DSR" in words(pdf_of(named))
    assert "of Ann Example for access" in words(pdf_of(named))


def ended(status, transition, **fields):
    request = a_request(status, due_on=timezone.localdate() + timedelta(days=3), **fields)
    if transition == "reject":
        a_refusal(request)
    else:
        workflow.perform(request.pk, transition, actor=Actor.staff(member("Manager")), reason="As we wrote")
    request.refresh_from_db()
    return request


def test_a_late_answer_is_certified_as_late():
    request = ended(Status.IN_PROGRESS, "complete")
    type(request).objects.filter(pk=request.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    request.refresh_from_db()
    pdf = pdf_of(issued(request, HANDLING))
    assert record_of(pdf)["handling"]["is_in_time"] is False
    assert "after its period" in words(pdf)


@pytest.mark.parametrize(
    ("transition", "ending", "outcome"), [("reject", "rejected", "refused"), ("withdraw", "withdrawn", "")]
)
def test_a_refusal_and_a_withdrawal_are_certified_as_what_they_are(transition, ending, outcome):
    request = ended(Status.IN_PROGRESS, transition)
    workflow.perform(request.pk, "archive", actor=audit.SYSTEM)
    request.refresh_from_db()
    handling = record_of(pdf_of(issued(request, HANDLING)))["handling"]
    assert (handling["ended"], handling["outcome"]) == (ending, outcome)
    assert (handling["is_in_time"] is None) == (ending == "withdrawn")
    refusal = handling["refusal"]
    assert (refusal is None) == (ending == "withdrawn")
    if refusal:
        assert refusal["grounds"] == ["GDPR Art. 12(5)(b)"]
        assert refusal["prepared_by"]["name"] != refusal["approved_by"]["name"]
        assert "ninth request" not in str(handling)


def test_an_open_or_lapsed_request_is_not_certified():
    with pytest.raises(NotCertifiable, match="has not ended yet"):
        issued(a_request(Status.IN_PROGRESS), HANDLING)
    with pytest.raises(NotCertifiable, match="never confirmed"):
        issued(a_request(Status.LAPSED), HANDLING)


def test_only_who_works_on_requests_issues_and_withdraws(sqlite_shop):
    request = an_erasure()
    erased(request)
    viewer = member("Viewer")
    with pytest.raises(PermissionRefused):
        certificates.issue(request, ERASURE, user=viewer)
    with pytest.raises(PermissionRefused):
        certificates.withdraw(issued(request, ERASURE), user=viewer)
