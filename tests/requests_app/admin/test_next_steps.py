"""The top of a request's page lists what waits for the team, each a link to where it is done, and nothing else."""

from __future__ import annotations

import re

import pytest

from requests_app import conversation, identity, refusing
from requests_app.audit import SUBJECT, Actor
from requests_app.models import OutboxMail, Right, Status
from requests_app.notifications import queue_mail
from tests.requests_app.admin.console import signed_in, url, with_a_failed_source
from tests.requests_app.identity.asked import a_picture, asking_for, half_way
from tests.requests_app.portal import a_draft, a_request, a_source, collected, confirmed, staff, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
LINE = re.compile(r'<li><a href="#([\w-]+)">(.+?)</a></li>')


def steps(request, role="Processor"):
    """List what is to be done with its place, and see that each place is there."""
    page = signed_in(role).get(url("requests.change", request.pk)).content.decode()
    found = LINE.findall(page.partition('id="todo"')[2].partition("<dl")[0])
    assert all(f'id="{place}"' in page for place, _ in found), found
    return [words for _, words in found]


@pytest.mark.parametrize("role", ["Viewer", "Processor", "Reviewer", "Manager"])
def test_nothing_is_to_be_done_while_it_is_the_turn_of_the_person(role):
    assert steps(submitted(), role) == []


def test_what_was_found_is_to_be_reviewed(tmp_path):
    a_source(tmp_path)
    assert steps(collected(), "Reviewer") == ["Review what was found, and release it"]


def test_a_source_that_failed_is_to_be_decided_about(tmp_path):
    assert steps(with_a_failed_source(tmp_path)) == ["Decide about a source that could not be searched"]


def test_a_document_is_to_be_looked_at_once_it_is_there():
    asking_for("mailbox", "document")
    request = half_way()
    assert steps(request) == []
    identity.answer(request, identity.current(request).pk, identity.Given({}, [a_picture()]))
    assert steps(request) == ["Look at the document, and accept or refuse it"]


def test_an_identity_that_nothing_proves_by_itself_is_for_the_team():
    asking_for("mailbox", "team")
    assert steps(half_way()) == ["Make sure who asks"]


def test_new_messages_are_to_be_read_and_are_gone_once_they_were():
    request = a_request(right=Right.ERASURE)
    conversation.reply(request.pk, "I have moved.", actor=SUBJECT)
    assert steps(request)[0] == "Read 1 new message"
    assert "Read 1 new message" not in steps(request)


def test_letters_are_to_be_posted_and_lost_mails_seen_to_after_the_end_too():
    request = a_request(Status.WITHDRAWN, email="", postal_address="Elm Street 4")
    queue_mail(request.pk, "withdrawn")
    assert steps(request) == ["Post 1 letter"]
    other = a_request(Status.WITHDRAWN)
    OutboxMail.objects.create(request=other, template="withdrawn", state="done", delivery="bounced")
    assert steps(other) == ["See to 1 mail that did not arrive"]


def test_a_refusal_waits_for_somebody_else():
    request = a_request(right=Right.ERASURE, place="DE")
    refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(staff("otto")))
    assert steps(request, "Manager") == ["Read the refusal, and approve it or not"]
    assert steps(request) == ["Read the refusal, and approve it or not: somebody else who may decide"]


def test_requests_perhaps_of_the_same_person_are_to_be_told_apart(tmp_path):
    a_source(tmp_path)
    confirmed()
    assert "Say whether another request is of the same person" in steps(confirmed(right=Right.ERASURE))


def test_the_steps_come_with_what_changes_while_the_portal_works(tmp_path):
    a_source(tmp_path)
    live = signed_in("Reviewer").get(url("requests.live", collected().pk)).json()
    assert "Review what was found, and release it" in live["todo"]


def test_panels_with_nothing_in_them_are_left_out_and_their_acts_gathered():
    request = a_request(right=Right.ERASURE)
    page = signed_in("Manager").get(url("requests.change", request.pk)).content.decode()
    for empty in ("representative", "others", "retention", "register", "documents"):
        assert f'id="{empty}"' not in page, empty
    more = page.partition('id="more"')[2].partition("</section>")[0]
    for act in ("Write down a representative", "Enter the person", "Hold its records", "Link another request"):
        assert act in more, act
    assert 'id="more"' not in signed_in("Viewer").get(url("requests.change", request.pk)).content.decode()


def test_how_it_ended_is_said_once():
    request = a_request(Status.REJECTED, outcome="refused")
    page = signed_in("Viewer").get(url("requests.change", request.pk)).content.decode()
    assert len(re.findall(r"pill[^>]*>\s*Refused", page.partition("<dl")[0])) == 1
