from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app.models import Export, Leased, SourceSearch
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import a_source, an_approval, confirmed

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun():
    now = timezone.now()
    begun_at, held_until = now - timedelta(seconds=100), now + timedelta(seconds=60)
    return {"state": Leased.State.RUNNING, "percent": 50, "started_at": begun_at, "claimable_at": held_until}


def test_the_team_sees_how_far_each_search_is_and_how_long_it_takes(tmp_path, begun):
    a_source(tmp_path)
    request = confirmed()
    known = {"estimates": {"orders": 2000}, "estimated_records": 2000, "records": 1000}
    SourceSearch.objects.update(step="Reading Orders: 1,000 of about 2,000 records", **known, **begun)
    text = words(signed_in("Viewer").get(url("requests.change", request.pk)), "main")
    assert "Reading Orders: 1,000 of about 2,000 records about 2 minutes left" in text
    assert "1,000 of about 2,000" in text.replace("Reading Orders: 1,000 of about 2,000", "")
    assert "0 of 1 systems done, about 2 minutes left" in text


def test_the_team_sees_how_far_each_export_is_and_how_long_it_takes(tmp_path, begun):
    a_source(tmp_path)
    request = confirmed()
    SourceSearch.objects.update(state=Leased.State.DONE)
    step = "Writing PDF, part 2 of 5"
    Export.objects.create(request=request, approval=an_approval(request), formats=["pdf"], step=step, **begun)
    text = words(signed_in("Viewer").get(url("requests.change", request.pk)), "main")
    assert f"{step} about 2 minutes left" in text
