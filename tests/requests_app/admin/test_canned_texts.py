"""Canned texts are written, changed and deleted by those who set up what people are told."""

from __future__ import annotations

import pytest

from requests_app import conversation
from requests_app.audit import Actor
from requests_app.conversation import UnusableText
from requests_app.models import CannedText
from requests_app.workflow import PermissionRefused
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import a_request, acts, member

pytestmark = pytest.mark.django_db
THANKS = {"title": "Thanks", "text": "Dear {{ name }},\r\nthank you.", "right": "", "language": ""}


def test_a_text_is_written_changed_and_deleted():
    client = signed_in("Manager")
    assert "There is none yet" in words(client.get(url("canned")))
    assert client.post(url("canned.add"), THANKS).status_code == 302
    text = CannedText.objects.get()
    assert (text.text, text.changed_by.username) == ("Dear {{ name }},\nthank you.", "manager")
    assert "Thanks" in words(client.get(url("canned")))
    client.post(url("canned.change", text.pk), THANKS | {"title": "Many thanks", "language": "de"})
    text.refresh_from_db()
    assert (text.title, text.language) == ("Many thanks", "de")
    client.post(url("canned.throw_away", text.pk))
    assert not CannedText.objects.exists()
    assert acts() == ["canned_text.kept", "canned_text.kept", "canned_text.deleted"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "This field is required"),
        ({"text": ""}, "This field is required"),
        ({"text": "Dear {{ email }}"}, "{{ email }} is not filled in. There are: {{ name }}, {{ reference }}"),
        ({"title": "Taken"}, "already"),
        ({"right": "nonsense"}, "not one of the available choices"),
    ],
    ids=["no title", "no text", "unknown variable", "taken title", "unknown right"],
)
def test_what_is_wrong_is_said_and_kept_in_the_form(wrong, said):
    CannedText.objects.create(title="Taken", text="Something")
    page = signed_in("Manager").post(url("canned.add"), THANKS | wrong)
    assert page.status_code == 400
    assert said in words(page)
    assert CannedText.objects.count() == 1


def test_nobody_else_keeps_or_deletes_a_text_by_a_direct_call():
    text = CannedText.objects.create(title="Thanks", text="Thank you")
    for role in ("Viewer", "Processor", "Reviewer"):
        actor = Actor.staff(member(role))
        with pytest.raises(PermissionRefused):
            conversation.save(CannedText(title="Mine", text="x"), actor=actor)
        with pytest.raises(PermissionRefused):
            conversation.throw_away(text, actor=actor)


def test_two_texts_never_have_one_title():
    actor = Actor.staff(member("Manager"))
    conversation.save(CannedText(title="Thanks", text="One"), actor=actor)
    with pytest.raises(UnusableText, match="title already"):
        conversation.save(CannedText(title="Thanks", text="Two"), actor=actor)


def test_markup_in_a_name_stays_text_and_what_is_unknown_stays_as_it_is():
    row = a_request(name="<b>{{ reference }}</b>")
    text = CannedText(title="x", text="{{name}} {{ nothing }} {{ }}")
    assert conversation.filled(text, row) == "<b>{{ reference }}</b> {{ nothing }} {{ }}"
