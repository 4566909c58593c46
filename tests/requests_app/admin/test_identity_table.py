from __future__ import annotations

import pytest
from django.urls import reverse

from requests_app import proofs
from requests_app.models import AuditEntry, IdentityRule
from tests.requests_app.admin.console import signed_in, words

pytestmark = pytest.mark.django_db
LIST = "/console/requests_app/identityrule/"


def address(act: str, *arguments: int) -> str:
    return reverse(f"admin:requests_app_identityrule_{act}", args=arguments)


def test_the_page_shows_the_table_and_what_somebody_is_asked_for():
    client = signed_in("Manager")
    page = words(client.get(LIST))
    assert "A person in Germany who asks for a copy of their data will have to: open the link of a mail" in page
    assert "Access to my data , United States (California)" in page
    page = words(client.get(LIST, {"for": "objection", "in": "US-CA"}))
    assert "has nothing to show. By the line: Object to the use of my data, United States (California)." in page


@pytest.mark.parametrize("asked", [{"for": "fly", "in": "XX"}, {"for": "", "in": ""}, {"in": "\x00"}])
def test_the_page_takes_any_question(asked):
    assert signed_in("Manager").get(LIST, asked).status_code == 200


def test_a_line_is_added_changed_and_removed():
    client = signed_in("Manager")
    typed = {"right": "erasure", "place": "FR", "checks": ["mailbox", "document"], "why": "Much is lost by it."}
    assert client.post(address("add"), typed).url == LIST
    rule = IdentityRule.objects.get(right="erasure", place="FR")
    assert rule.checks == ["mailbox", "document"]
    assert client.post(address("change", rule.pk), typed | {"checks": ["mailbox"]}).url == LIST
    assert IdentityRule.objects.get(pk=rule.pk).checks == ["mailbox"]
    assert client.post(address("remove", rule.pk)).url == LIST
    assert proofs.rule_of("erasure", "FR").place == "EEA"
    acts = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert acts == ["identity_rule.written", "identity_rule.written", "identity_rule.removed"]


def test_a_faulty_line_comes_back_with_what_is_wrong():
    answer = signed_in("Manager").post(address("add"), {"right": "access", "place": "", "checks": ["document"]})
    assert answer.status_code == 400
    page = words(answer)
    assert "The mailbox comes first" in page
    assert "Please write why" in page
