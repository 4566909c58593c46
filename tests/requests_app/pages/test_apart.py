"""What a person sees of a request that was set aside, or closed as a duplicate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from requests_app import links
from requests_app.models import Outcome, SecureLink
from requests_app.sorting import linking, spam
from tests.requests_app.intake.records import processor
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import a_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def page_of(request):
    token = links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=1))
    return text_of(Client().get(f"/r/{token}"))


def test_nobody_is_told_that_they_are_taken_for_spam():
    request = a_request()
    spam.mark(request.pk, "A robot.", actor=processor())
    text = page_of(request)
    assert "This request is closed" in text
    assert "pam" not in text
    assert "efused" not in text
    assert "A robot" not in text


def test_a_duplicate_names_the_request_that_is_answered():
    first = a_request(submitted_at=timezone.now() - timedelta(days=1))
    second = a_request()
    linking.decide(first.pk, second.pk, linking.Kind.DUPLICATE, actor=processor())
    linking.close_as_duplicate(second.pk, first.pk, actor=processor())
    text = page_of(second)
    assert "answered with another of yours" in text
    assert first.reference in text
    second.refresh_from_db()
    assert second.outcome == Outcome.DUPLICATE
