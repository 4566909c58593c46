"""What an attacker, a busy team or an unlucky moment might do to a request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import retention, review, storage, tasks
from requests_app.audit import Actor
from requests_app.models import EncryptionKey, Export, Leased, Status
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
