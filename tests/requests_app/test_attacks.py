"""What an attacker, a busy team or an unlucky moment might do to a request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from exporters import registry
from requests_app import retention, review, storage, tasks
from requests_app.audit import Actor
from requests_app.models import EncryptionKey, Export, Leased, OutboxMail, Redaction, Status
from tests.requests_app.portal import (
    a_source,
    collected,
    downloaded,
    send_mails,
    staff,
    token_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def actor(db):
    return Actor.staff(staff())


def rendered(export):
    tasks.render_export(export.pk)
    return Export.objects.select_related("request").get(pk=export.pk)


@pytest.mark.parametrize("state", [Leased.State.WAITING, Leased.State.FAILED])
def test_an_answer_made_long_after_its_release_can_be_had_and_expires(state, actor, tmp_path):
    a_source(tmp_path)
    export = review.release(collected().pk, actor=actor)
    Export.objects.update(state=state, expires_at=timezone.now() - timedelta(seconds=1))
    retention.clean_up()
    review.retry(export, actor=actor)
    export = rendered(export)
    assert export.request.status == Status.COMPLETED
    assert downloaded(token_in(send_mails()[-1], "d")).namelist()
    retention.clean_up(export.expires_at)
    assert export.file not in dict(storage.names())
    assert EncryptionKey.objects.get(pk=export.key_id).is_destroyed


def test_what_is_withheld_while_the_answer_is_written_makes_it_void(actor, tmp_path, monkeypatch):
    a_source(tmp_path)
    request = collected()
    export = review.release(request.pk, actor=actor)
    search, write = request.searches.get(), registry.find("json").members.__func__

    def withheld_while_writing(self, answer):
        yield from write(self, answer)
        Redaction.objects.create(search=search, segment=search.segment, collection="orders", ordinal=0, ground="Late")

    monkeypatch.setattr(type(registry.find("json")), "members", withheld_while_writing)
    export = rendered(export)
    assert (export.state, export.request.status) == (Leased.State.FAILED, Status.IN_PROGRESS)
    assert "changed since" in export.last_error
    assert not OutboxMail.objects.filter(template="ready").exists()
