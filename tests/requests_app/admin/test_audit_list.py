from __future__ import annotations

import pytest

from requests_app import audit
from requests_app.admin.timeline import WORDS
from requests_app.audit import Actor
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import a_request, a_source, released, staff

pytestmark = pytest.mark.django_db


def test_acts_are_listed_in_words_the_newest_first():
    request, rita = a_request(), staff()
    audit.record("request.verified", audit.SUBJECT, request_id=request.pk)
    audit.record("note.added", Actor.staff(rita), request_id=request.pk, target="note 4")
    text = words(signed_in("Viewer").get(url("audit")))
    assert text.index("rita wrote a note") < text.index("The person confirmed the request")
    assert request.reference in text
    assert "note 4" in text


def test_the_list_is_narrowed_by_noun_actor_and_request():
    one, other = a_request(), a_request()
    audit.record("request.verified", audit.SUBJECT, request_id=one.pk)
    audit.record("search.done", audit.SYSTEM, request_id=other.pk)
    client = signed_in("Viewer")
    for query in ("?about=request", "?who=subject", f"?q={one.reference.lower()}"):
        text = words(client.get(url("audit") + query), "table")
        assert "confirmed the request" in text, query
        assert "searched a source" not in text, query


def test_who_has_left_is_still_named_by_number():
    rita = staff()
    audit.record("note.added", Actor.staff(rita), request_id=a_request().pk)
    number = rita.pk
    rita.delete()
    assert f"Somebody who left (user {number}) wrote a note" in words(signed_in("Viewer").get(url("audit")))


def test_an_act_without_words_of_its_own_is_shown_by_its_name():
    audit.record("moon.eaten", audit.SYSTEM)
    assert "moon: eaten" in words(signed_in("Viewer").get(url("audit")))


def test_every_act_of_a_whole_job_has_words(tmp_path):
    a_source(tmp_path)
    released()
    said = set(WORDS)
    assert {entry.action for entry in audit.recording.AuditEntry.objects.all()} <= said
