from __future__ import annotations

import pytest

from requests_app import proofs
from requests_app.audit import Actor
from requests_app.identity import table
from requests_app.identity.kinds import all_kinds
from requests_app.identity.table import FaultyRule, Line
from requests_app.models import AuditEntry, IdentityRule, Right
from requests_app.workflow import PermissionRefused
from tests.requests_app.identity.asked import with_texts
from tests.requests_app.portal import member, staff

pytestmark = pytest.mark.django_db


def checks(right: str, place: str) -> list[str]:
    return proofs.rule_of(right, place).checks


def test_the_portal_comes_with_a_table_for_every_right_and_place():
    for right in Right:
        for place in ("", "DE", "DE-BY", "GB", "GB-SCT", "US-CA", "US-TX", "JP"):
            assert isinstance(checks(right, place), list)
    assert checks("access", "DE-BY") == ["mailbox"]
    assert checks("access", "US-CA") == ["mailbox", "challenge"]
    assert checks("objection", "US-CA") == []
    assert checks("objection", "DE") == ["mailbox"]


def test_every_shipped_line_would_be_taken_from_the_team_once_its_checks_are_set_up():
    obstacles = {f"{kind.label}: {kind.obstacle()}" for kind in all_kinds().values() if kind.obstacle()}
    for rule in proofs.known_rules():
        line = Line(rule.right, rule.place, tuple(rule.checks), tuple(rule.download_checks), rule.why)
        assert set(table.faults_of(line)) <= obstacles


def test_the_most_specific_line_counts():
    IdentityRule.objects.all().delete()
    lines = [("", ""), ("", "EEA"), ("", "DE"), ("", "DE-BY"), ("access", ""), ("access", "EEA"), ("access", "DE")]
    for right, place in [*lines, ("access", "DE-BY")]:
        IdentityRule.objects.create(right=right, place=place, checks=["mailbox"], why=f"{right} {place}")
    asked = [("access", "DE-BY"), ("access", "DE-BE"), ("access", "FR"), ("access", "JP")]
    asked += [("erasure", "DE-BY"), ("erasure", "DE"), ("erasure", "FR"), ("erasure", "JP"), ("erasure", "")]
    found = [proofs.rule_of(*each).why for each in asked]
    assert found == ["access DE-BY", "access DE", "access EEA", "access ", " DE-BY", " DE", " EEA", " ", " "]


@pytest.fixture
def manager():
    return Actor.staff(staff())


FAULTY = {
    "a check that is none": (Line(checks=("mailbox", "blood")), "no check called blood"),
    "the team's own": (Line(checks=("mailbox", "team"), why="So."), "no check called team"),
    "a right that is none": (Line("fly", checks=("mailbox",)), "no such right"),
    "a place that is none": (Line(place="XX", checks=("mailbox",)), "no such place"),
    "a check twice": (Line(checks=("mailbox", "mailbox")), "named twice"),
    "nothing for all rights": (Line(place="DE"), "Something has to be shown"),
    "nothing for access": (Line("access", "DE"), "Something has to be shown"),
    "a document alone": (Line(checks=("document",), why="So."), "mailbox comes first"),
    "a document without a reason": (Line(checks=("mailbox", "document")), "why more than the mailbox"),
    "a text message without a sender": (Line(checks=("mailbox", "sms"), why="So."), "DSR_SMS_URL"),
    "an account without a key": (Line(checks=("mailbox", "assertion"), why="So."), "DSR_ASSERTION_KEY"),
    "a document before a download": (Line(checks=("mailbox",), download_checks=("document",)), "nobody decides"),
    "a challenge before a download": (Line(checks=("mailbox",), download_checks=("challenge",)), "before a download"),
    "a text message before a download": (Line(checks=("mailbox",), download_checks=("sms",)), "DSR_SMS_URL"),
    "an endless reason": (Line(checks=("mailbox",), why="x" * 301), "keep it to 300"),
}


@pytest.mark.parametrize("case", FAULTY)
def test_a_line_that_cannot_be_is_refused_with_a_reason(case, manager):
    line, message = FAULTY[case]
    before = list(IdentityRule.objects.values())
    with pytest.raises(FaultyRule, match=message):
        table.write(line, actor=manager)
    assert list(IdentityRule.objects.values()) == before
    assert not AuditEntry.objects.exists()


def test_a_line_is_kept_in_the_order_in_which_it_is_asked(manager, settings, tmp_path):
    with_texts(settings, tmp_path)
    rule = table.write(Line("erasure", "DE", ("document", "sms", "mailbox"), ("sms",), "So."), actor=manager)
    assert rule.checks == ["mailbox", "sms", "document"]
    assert checks("erasure", "DE-BY") == ["mailbox", "sms", "document"]
    assert AuditEntry.objects.get().action == "identity_rule.written"


def test_there_is_one_line_for_a_right_and_place(manager):
    proofs.known_rules()
    with pytest.raises(FaultyRule, match="change that one"):
        table.write(Line("", "EEA", ("mailbox",)), actor=manager)


def test_the_last_line_stays(manager):
    default = next(rule for rule in proofs.known_rules() if not (rule.right or rule.place))
    with pytest.raises(FaultyRule, match="stays"):
        table.remove(default.pk, actor=manager)
    with pytest.raises(FaultyRule, match="stays"):
        table.write(Line("access", "", ("mailbox",)), actor=manager, rule_id=default.pk)
    assert checks("access", "JP") == ["mailbox"]


def test_a_line_removed_lets_the_next_count(manager):
    rule = proofs.rule_of("access", "US-CA")
    table.remove(rule.pk, actor=manager)
    assert checks("access", "US-CA") == ["mailbox"]


@pytest.mark.parametrize("role", ["Viewer", "Processor", "Reviewer"])
def test_the_table_is_the_managers(role):
    actor = Actor.staff(member(role))
    with pytest.raises(PermissionRefused):
        table.write(Line("access", "JP", ("mailbox",)), actor=actor)
    with pytest.raises(PermissionRefused):
        table.remove(proofs.known_rules()[0].pk, actor=actor)


def test_the_preview_tells_in_plain_words_what_is_asked(manager):
    sentence, steps, _ = table.preview("erasure", "DE")
    assert sentence == "A person in Germany who asks for erasure will have to:"
    assert steps == ["open the link of a mail that we send to their address"]
    sentence, steps, _ = table.preview("objection", "US-CA")
    assert (sentence, steps) == ("A person in United States (California) who objects has nothing to show.", [])
    sentence, _, _ = table.preview("access", "")
    assert sentence == "A person who did not say where they live, who asks for a copy of their data will have to:"
