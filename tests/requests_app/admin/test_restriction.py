"""A restriction in the console: decided, followed source by source, ended, and shown wherever its person is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.models import Leased, Lifting, Message, OutboxMail, Restriction, Right, SourceChange, Suppression
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.changing.marked import a_marked_shop, asking
from tests.requests_app.portal import BOB
from tests.requests_app.restricted import after, announced, restricted, settled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
IN_FORCE = "admin:requests_app_suppression_in_force"


@pytest.fixture
def shop(sqlite_url):
    return a_marked_shop(sqlite_url)


def page_of(request):
    return url("requests.change", request.pk)


def test_a_processor_looks_at_the_ground_and_restricts(shop):
    request = asking(particulars={"ground": "claims"}, details="My landlord sues me.")
    processor = signed_in("Processor")
    page = words(processor.get(page_of(request)))
    assert "Look at the ground, and restrict the use of the data or refuse" in page
    assert "Restriction to be decided" in page
    form = processor.get(url("requests.restrict", request.pk))
    assert "I need it for a legal claim" in words(form)
    assert "My landlord sues me." in words(form)
    assert form.context["form"].initial == {"ground": "claims"}
    assert processor.post(url("requests.restrict", request.pk), {}).status_code == 400
    answer = processor.post(url("requests.restrict", request.pk), {"ground": "claims"})
    assert answer.url == f"{page_of(request)}#restriction"
    assert Restriction.objects.get().ground == "claims"
    settled(request)
    page = words(processor.get(page_of(request)))
    assert "Restriction in force" in page
    assert "Shop marked 4" in page
    assert "customers 2 orders 2" in page
    assert "Look at the ground" not in page


def test_the_end_is_announced_and_called_off_by_a_reviewer_alone(shop):
    request = restricted(asking())
    processor, reviewer = signed_in("Processor"), signed_in("Reviewer")
    assert "End the restriction" not in words(processor.get(page_of(request)))
    assert "End the restriction …" in words(reviewer.get(page_of(request)))
    end = url("requests.announce_lifting", request.pk)
    early = {"lift_on": (timezone.localdate() + timedelta(days=1)).isoformat(), "reason": "Checked."}
    answer = reviewer.post(end, early)
    assert (answer.status_code, Lifting.objects.count()) == (400, 0)
    assert "or a later day" in words(answer)
    assert reviewer.post(end, {"lift_on": "soon", "reason": ""}).status_code == 400
    day = timezone.localdate() + timedelta(days=9)
    reviewer.post(end, {"lift_on": day.isoformat(), "reason": "Checked <twice>."})
    page = words(reviewer.get(page_of(request)))
    assert f"Ends on {day:%-d %B %Y} , or later: the person is not told yet" in page
    assert "Checked <twice>." in page
    settled(request)
    assert "the person was told on" in words(reviewer.get(page_of(request)))
    assert "Message to the person" in words(processor.get(page_of(request)))  # who objects is answered
    assert reviewer.post(url("requests.call_off_lifting", request.pk, Lifting.objects.get().pk)).status_code == 302
    assert "was called off on" in words(reviewer.get(page_of(request)))


def test_a_lost_mail_is_something_to_do_and_becomes_a_letter(shop):
    request = restricted(asking())
    announced(request)
    settled(request)
    OutboxMail.objects.filter(template="lifting_announced").update(delivery="bounced")
    processor = signed_in("Processor")
    assert "Tell the person otherwise that the restriction ends" in words(processor.get(page_of(request)))
    processor.post(url("requests.post_lifting", request.pk, Lifting.objects.get().pk))
    page = words(processor.get(page_of(request)))
    assert "to be posted letter" in page
    assert "Tell the person otherwise" not in page


def test_a_source_that_fails_is_tried_again_or_seen_to_by_hand(shop):
    request = asking()
    restricted(request)
    SourceChange.objects.update(applied_at=None, state=Leased.State.FAILED, last_error="It has no such column.")
    reviewer, processor = signed_in("Reviewer"), signed_in("Processor")
    page = words(reviewer.get(page_of(request)))
    assert "See to a source that could not be marked" in page
    assert "It has no such column." in page
    assert "Try again" in words(processor.get(page_of(request)))
    by_hand = url("requests.restrict_by_hand", request.pk, SourceChange.objects.get().pk)
    assert reviewer.post(by_hand, {"reason": " "}).status_code == 400
    reviewer.post(by_hand, {"reason": "Our administrator set the flag."})
    page = words(reviewer.get(page_of(request)))
    assert "by hand" in page
    assert "See to a source" not in page
    assert Message.objects.filter(text__contains="Our administrator set the flag.").exists()
    assert reviewer.post(by_hand, {"reason": "Twice."}).status_code == 400


def test_every_request_of_the_person_is_marked_in_the_list_and_on_its_page_by_the_register(shop):
    first = restricted(asking())
    other = asking(Right.ACCESS, name="Somebody Else")
    namesake = asking(Right.ACCESS, BOB, name=first.name)
    viewer = signed_in("Viewer")
    listed = viewer.get(url("requests") + "?status=all")
    rows = {row.request.pk: row.is_restricted for row in listed.context["rows"]}
    assert rows == {first.pk: True, other.pk: True, namesake.pk: False}
    assert words(listed).count("restricted") == 2
    page = viewer.get(page_of(other))
    assert "The use of this person’s data is restricted since" in words(page)
    assert first.reference in words(page)
    assert "restricted since" not in words(viewer.get(page_of(namesake)))


def test_what_is_in_force_is_listed_with_why_by_whom_and_where(shop):
    viewer = signed_in("Viewer")
    assert "No restriction is in force" in words(viewer.get(reverse(IN_FORCE)))
    assert reverse(IN_FORCE) in viewer.get(reverse("admin:requests_app_suppression_changelist")).content.decode()
    request = restricted(asking())
    lifting = announced(request)
    page = words(viewer.get(reverse(IN_FORCE)))
    for told in (request.reference, request.name, "(Art. 18(1)(a))", "manager", "1 of 1 marked", "Shop"):
        assert told in page
    assert f"{lifting.lift_on:%-d %b %Y}" in page
    settled(request)
    with after(8):
        settled(request)
        assert "No restriction is in force" in words(signed_in("Viewer").get(reverse(IN_FORCE)))


def test_the_register_leads_to_the_request(shop):
    request = asking(Right.RECTIFICATION)
    manager = signed_in("Manager")
    enter = reverse("admin:requests_app_suppression_enter", args=[request.pk])
    answer = manager.post(enter, {"scope": "restriction"})
    assert answer.url == url("requests.restrict", request.pk)
    assert not Suppression.objects.exists()
    assert "checked" in manager.get(answer.url).content.decode()
    manager.post(answer.url, {"ground": "accuracy"})
    lift = reverse("admin:requests_app_suppression_lift", args=[Suppression.objects.get().pk])
    assert manager.post(lift, {"reason": "So."}).url == f"{page_of(request)}#restriction"
    assert Suppression.objects.get().lifted_at is None
