from __future__ import annotations

import base64
import json

import pytest
from django.test import Client

from requests_app.models import AuditEntry, OutboxMail
from tests.requests_app.portal import submitted

pytestmark = pytest.mark.django_db
SECRET = "user:a-long-secret-of-the-provider"


@pytest.fixture(autouse=True)
def _provider(settings, tmp_path):
    settings.DSR_STORAGE_DIR = tmp_path
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


def report(record_type: str, *, secret: str = SECRET, **more: object) -> int:
    event = {"RecordType": record_type, "MessageID": "id-of-the-provider", "Recipient": "ann@example.test", **more}
    headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}
    answer = Client().post(
        "/mail-events/postmark/tracking/", json.dumps(event), content_type="application/json", headers=headers
    )
    return answer.status_code


def a_sent_mail() -> OutboxMail:
    mail = submitted().mails.get()
    OutboxMail.objects.filter(pk=mail.pk).update(provider_id="id-of-the-provider")
    return mail


def test_a_returned_mail_shows_on_the_request():
    mail = a_sent_mail()
    assert report("Bounce", Type="HardBounce", TypeCode=1, ID=1, BouncedAt="2026-01-01T00:00:00Z") == 200
    mail.refresh_from_db()
    assert mail.delivery == OutboxMail.Delivery.BOUNCED
    assert AuditEntry.objects.get(action="mail.reported").details == {"delivery": "bounced"}


def test_a_report_that_comes_late_does_not_hide_a_problem():
    mail = a_sent_mail()
    report("Bounce", Type="HardBounce", TypeCode=1, ID=1, BouncedAt="2026-01-01T00:00:00Z")
    assert report("Delivery", DeliveredAt="2026-01-01T00:00:00Z") == 200
    mail.refresh_from_db()
    assert mail.delivery == OutboxMail.Delivery.BOUNCED


def test_a_stranger_reports_nothing():
    mail = a_sent_mail()
    assert report("Delivery", secret="user:guessed", DeliveredAt="2026-01-01T00:00:00Z") == 400
    mail.refresh_from_db()
    assert mail.delivery == OutboxMail.Delivery.UNKNOWN
