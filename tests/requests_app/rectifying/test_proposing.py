"""What a person is offered to correct, and what they may propose; and every door that must stay shut."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from requests_app import corrections, proofs, rectifying, representing, tasks, workflow
from requests_app.audit import REPRESENTATIVE, SUBJECT, Actor
from requests_app.models import (
    AuditEntry,
    OutboxMail,
    ProposedCorrection,
    Redaction,
    Right,
    SourceSearch,
    Status,
    Upload,
)
from requests_app.rectifying import Place, UnusableProposal
from requests_app.uploads import examine
from requests_app.workflow import PermissionRefused
from tests.requests_app.changing.shops import run
from tests.requests_app.portal import a_request, acts, member
from tests.requests_app.rectifying.shops import (
    a_rectification,
    a_shop,
    decided,
    proposed,
    states,
    the_place,
)

pytestmark = pytest.mark.django_db


def offered(request):
    return {item.collection.name: [field.name for field in item.fields] for item in rectifying.offered(request)}


def shown(request, collection="customers", actor=SUBJECT):
    item = next(item for item in rectifying.offered(request) if item.collection.name == collection)
    found = rectifying.records_of(item, 0, actor=actor)
    return [{value.field.name: value.text for value in record.values} for record in found.records]


def a_picture():
    file = SimpleUploadedFile("passport.txt", b"My passport says Ann.")
    return examine(file, Upload.Kind.EVIDENCE)


def test_what_the_map_opens_is_offered_and_nothing_else(shop):
    request = a_rectification()
    assert offered(request) == {"customers": ["name", "city", "level", "born"], "orders": ["address"]}
    assert shown(request) == [{"name": "Anne", "city": "Olso", "level": "a", "born": "1980-02-03"}]
    assert shown(request, "orders") == [{"address": "Main St 1"}, {"address": None}]


def test_who_looks_is_on_record(shop):
    request = a_rectification()
    shown(request)
    entry = AuditEntry.objects.filter(action="records.viewed").get()
    assert (entry.actor_kind, entry.details) == ("subject", {"collection": "customers", "first": 0, "rows": 1})


def test_what_is_withheld_or_marked_is_not_shown(shop):
    run(shop, "UPDATE customers SET city = 'write to carl@example.test' WHERE id = 1")
    request = a_rectification()
    search = SourceSearch.objects.get()
    known = {"search": search, "segment": search.segment, "ground": "No."}
    Redaction.objects.create(**known, collection="customers", field="level")
    Redaction.objects.create(**known, collection="customers", ordinal=0, field="born")
    Redaction.objects.create(**known, collection="orders", ordinal=0)
    assert shown(request) == [{"name": "Anne"}]
    assert shown(request, "orders") == [{"address": None}]
    for field in ("city", "level", "born", "referrer", "password", "note", "email", "id"):
        with pytest.raises(UnusableProposal):
            proposed(request, **{field: "x"})
    with pytest.raises(UnusableProposal):
        rectifying.propose(request.pk, the_place(request, "orders"), {"address": "x"}, actor=SUBJECT)
    assert states(request) == {}


def test_a_proposal_is_sealed_and_says_nothing_of_itself(shop):
    request = a_rectification()
    (row,) = proposed(request, city="Trondheim-4711")
    stored = ProposedCorrection.objects.values().get()
    assert "4711" not in str(stored) + str(row) + str(AuditEntry.objects.values())
    (line,) = corrections.lines(request, [row])
    assert (line.old, line.new, line.reason) == ("Olso", "Trondheim-4711", "It is mistyped.")
    assert (line.names.source, line.names.collection, line.names.field) == ("Web shop", "Your account", "City")
    assert "4711" not in repr(line)


def test_a_proposal_is_changed_and_taken_back_until_it_is_decided(shop):
    request = a_rectification()
    (row,) = proposed(request, city="Bergen")
    (again,) = proposed(request, city="Oslo")
    assert (again.pk, request.corrections.count()) == (row.pk, 1)
    proposed(request, city="Olso")
    assert states(request) == {}
    (row,) = proposed(request, city=None)
    rectifying.take_back(request.pk, row.pk, actor=SUBJECT)
    assert states(request) == {}
    (row,) = proposed(request, city="Oslo")
    decided(request, city=("reject", "No."))
    with pytest.raises(UnusableProposal):
        rectifying.take_back(request.pk, row.pk, actor=SUBJECT)
    with pytest.raises(UnusableProposal, match="decided"):
        proposed(request, city="Bergen")


def test_what_does_not_fit_is_named_and_nothing_is_kept(shop):
    request = a_rectification()
    with pytest.raises(UnusableProposal, match="2 values") as raised:
        proposed(request, name=None, level="z", city="Oslo")
    assert raised.value.faults == {
        "name": "This field cannot be empty.",
        "level": "Please choose one of these: a (Regular), b (New).",
    }
    assert states(request) == {}


def test_a_source_that_is_away_refuses_nothing_yet(shop, tmp_path):
    request = a_rectification()
    (tmp_path / "source.sqlite3").rename(tmp_path / "gone")
    proposed(request, name=None)
    assert states(request) == {"name": "proposed"}


def test_evidence_is_kept_with_what_it_shows_and_goes_with_it(shop):
    request = a_rectification()
    place = the_place(request)
    values = {"city": "Oslo", "name": "Ann"}
    rows = rectifying.propose(request.pk, place, values, files=[a_picture()], actor=SUBJECT)
    upload = Upload.objects.get(kind="evidence")
    assert [list(row.evidence.all()) for row in rows] == [[upload]] * 2
    rectifying.take_back(request.pk, rows[0].pk, actor=SUBJECT)
    assert Upload.objects.get().removed_at is None
    rectifying.take_back(request.pk, rows[1].pk, actor=SUBJECT)
    assert Upload.objects.get().removed_at is not None


@pytest.mark.parametrize("what", ["search", "number", "ordinal", "other person", "no field"])
def test_a_forged_place_finds_nothing(shop, what):
    request = a_rectification()
    place, values = the_place(request), {"city": "Oslo"}
    theirs = the_place(a_rectification("bob@example.test"))
    forged = {
        "search": Place(place.search_id + 999, place.number, 0),
        "number": Place(place.search_id, 77, 0),
        "ordinal": Place(place.search_id, place.number, 5),
        "other person": theirs,
        "no field": place,
    }[what]
    if what == "no field":
        values = {"email": "x@example.test"}
    with pytest.raises(UnusableProposal):
        rectifying.propose(request.pk, forged, values, actor=SUBJECT)
    assert not ProposedCorrection.objects.exists()


def test_the_team_writes_down_what_came_by_letter_and_others_may_not(shop):
    request = a_rectification()
    place = the_place(request)
    (row,) = rectifying.propose(request.pk, place, {"city": "Oslo"}, actor=Actor.staff(member("Processor")))
    assert row.proposed_by.username == "processor"
    for role in ("Viewer", "Reviewer"):
        with pytest.raises(PermissionRefused):
            rectifying.propose(request.pk, place, {"city": "Oslo"}, actor=Actor.staff(member(role)))
        with pytest.raises(PermissionRefused):
            rectifying.take_back(request.pk, row.pk, actor=Actor.staff(member(role)))
    with pytest.raises(representing.NotAddressee):
        rectifying.propose(request.pk, place, {"city": "Oslo"}, actor=REPRESENTATIVE)


@pytest.mark.parametrize(
    "change",
    [{"right": Right.ACCESS}, {"status": Status.COMPLETED, "outcome": "full"}, {"status": Status.WITHDRAWN}],
    ids=["another right", "ended", "withdrawn"],
)
def test_nothing_is_proposed_where_nothing_is_asked(shop, change):
    request = a_rectification()
    place = the_place(request)
    type(request).objects.filter(pk=request.pk).update(**change)
    with pytest.raises(UnusableProposal):
        rectifying.propose(request.pk, place, {"city": "Oslo"}, actor=SUBJECT)


def test_nothing_is_proposed_before_the_sources_are_read_or_once_it_is_in_doubt_who_asks(shop):
    request = a_rectification(is_read=False)
    assert not rectifying.is_open(request)
    tasks.collect_source(SourceSearch.objects.get().pk)
    place = the_place(request)
    request.identity_checks.create(kind="team", sent=0, purpose="begin")
    with pytest.raises(proofs.UnprovenIdentity):
        rectifying.propose(request.pk, place, {"city": "Oslo"}, actor=SUBJECT)


def test_the_person_is_told_once_that_they_can_say_what_is_wrong(shop):
    request = a_rectification()
    assert list(OutboxMail.objects.values_list("template", flat=True)) == ["corrections_open"]
    SourceSearch.objects.all().start_afresh()
    tasks.collect_source(SourceSearch.objects.get().pk)
    assert OutboxMail.objects.filter(template="corrections_open").count() == 1
    assert rectifying.is_open(request)


def test_where_there_is_no_source_they_are_told_too_and_may_write_in_their_own_words():
    request = a_rectification()
    assert OutboxMail.objects.get().template == "corrections_open"
    assert (rectifying.is_open(request), rectifying.offered(request)) == (True, [])


def test_nothing_that_was_proposed_ends_the_request_and_the_team_ends_it_with_a_reason(shop):
    request = a_rectification()
    tasks.finish_request(request.pk)
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS
    worker = Actor.staff(member("Processor"))
    workflow.perform(request.pk, "complete", actor=worker, reason="You told us by telephone that all is right.")
    assert "request.completed" in acts(request.pk)


def test_another_right_is_offered_nothing(shop):
    assert not rectifying.is_open(a_request(Status.IN_PROGRESS, right=Right.ACCESS))


def test_sources_are_told_apart(sqlite_url, tmp_path):
    a_shop(sqlite_url)
    a_shop(f"sqlite:///{tmp_path}/crm.sqlite3", "crm")
    request = a_rectification()
    assert [item.source for item in rectifying.offered(request)] == ["Web shop"] * 4
    first, second = the_place(request), the_place(request, source="crm")
    assert first.search_id != second.search_id
