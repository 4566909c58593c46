from __future__ import annotations

from pathlib import Path

import pytest

from requests_app import audit
from requests_app.audit import SUBJECT, Actor
from requests_app.letters.notices import NOTICES, Reader
from requests_app.models import IdentityCheck
from requests_app.pages.history import EVENTS, MAILS, history
from tests.requests_app.portal import member, submitted

ROOM = Path(__file__).parents[3] / "requests_app"


def test_every_mail_has_its_words_in_the_history():
    assert set(MAILS) == {name for name, notice in NOTICES.items() if notice.reader is Reader.PERSON}


def test_the_words_are_of_acts_there_are():
    source = "\n".join(path.read_text("utf-8") for path in ROOM.rglob("*.py"))
    acts = {f'"{action}"' for action in EVENTS if not action.startswith("request.")}
    assert {act for act in acts if source.count(act) < 2} == set()


@pytest.mark.django_db
def test_the_mailbox_is_told_of_when_it_is_confirmed_though_more_is_to_be_shown():
    request = submitted()
    audit.record("identity.proven", SUBJECT, request_id=request.pk, proof="mailbox")
    audit.record("identity.proven", SUBJECT, request_id=request.pk, proof="sms")
    audit.record("request.verified", SUBJECT, request_id=request.pk)
    told = [event.words for event in history(request)]
    assert told[:2] == ["You entered the code of our text message", "You confirmed your mailbox"]


@pytest.mark.django_db
@pytest.mark.parametrize("proof", [*(kind for kind in IdentityCheck.Kind.values if kind != "document"), "staff"])
def test_nobody_is_told_that_they_did_what_the_team_did(proof):
    request = submitted()
    audit.record("identity.proven", Actor.staff(member("Processor")), request_id=request.pk, proof=proof)
    audit.record("request.verified", audit.SYSTEM, request_id=request.pk)
    assert history(request)[0].words == "Our team made sure who you are"
