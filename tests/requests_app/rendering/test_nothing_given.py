"""Whoever gave nothing has an answer to portability that is whole, and does not say that nothing is held."""

from __future__ import annotations

import pytest
from django.test import Client

from requests_app import review, tasks
from requests_app.audit import Actor
from requests_app.models import Export, Outcome, Right
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import ANN, a_source, confirmed, send_mails, staff, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def answered(tmp_path, email=ANN, right=Right.PORTABILITY):
    """Answer by the shop, whose map does not say that anything was given."""
    a_source(tmp_path)
    request = confirmed(email, right)
    tasks.collect_source(request.searches.get().pk)
    export = review.release(request.pk, actor=Actor.staff(staff()))
    tasks.render_export(export.pk)
    request.refresh_from_db()
    return request, send_mails()[-1]


def test_the_answer_is_whole_and_says_what_it_leaves_out(tmp_path):
    request, mail = answered(tmp_path)
    assert request.outcome == Outcome.FULL
    assert Export.objects.get().media_type == Export.MediaType.ZIP
    assert "no data" not in mail.body
    page = text_of(Client().get(f"/d/{token_in(mail, 'd')}"))
    assert "nothing in it that you gave us and that this right covers" in page
    assert "hold no records" not in page


def test_who_is_not_known_at_all_to_a_request_for_access_is_told_so_as_before(tmp_path):
    request, mail = answered(tmp_path, "nobody@example.test", Right.ACCESS)
    assert request.outcome == Outcome.NONE_HELD
    assert Export.objects.get().media_type == Export.MediaType.PDF
    assert "no data" in mail.body
