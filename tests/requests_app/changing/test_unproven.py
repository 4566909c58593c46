"""Nothing is erased while it is in doubt who asked for it, whoever approves and however late the doubt comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import identity, sources
from requests_app.models import Approval, Leased, Representative
from requests_app.proofs import UnprovenIdentity
from requests_app.representing import UnsettledAuthority
from tests.requests_app.changing.shops import an_erasure, approve, approved, erased, previewed, rows, worked
from tests.requests_app.identity.asked import an_actor
from tests.requests_app.portal import acts

pytestmark = pytest.mark.django_db


def doubt(request):
    identity.ask_for(request.pk, "document", "Your name is another.", actor=an_actor())


def by_an_ended_authority(request):
    request.channel = "agent"
    request.save(update_fields=["channel"])
    yesterday = timezone.localdate() - timedelta(days=1)
    known = {"rights": ["erasure"], "state": "accepted", "decided_at": timezone.now(), "valid_until": yesterday}
    Representative.objects.create(request=request, kind="lawyer", name="Lena", email="lena@lawyers.test", **known)


@pytest.mark.parametrize(
    ("what", "error"), [(doubt, UnprovenIdentity), (by_an_ended_authority, UnsettledAuthority)], ids=["doubt", "ended"]
)
def test_nobody_approves_an_erasure_while_it_is_in_doubt_who_asked(sqlite_shop, what, error):
    request = an_erasure()
    previewed(request)
    what(request)
    with pytest.raises(error):
        approve(request)
    assert not Approval.objects.exists()


@pytest.mark.parametrize("what", [doubt, by_an_ended_authority], ids=["doubt", "ended"])
def test_what_was_approved_before_the_doubt_is_not_erased(sqlite_shop, what):
    request = an_erasure()
    (change,) = approved(request)
    url = sources.url_of(change.source)
    before = rows(url, "carts")
    what(request)
    change = worked(change)
    assert change.state == Leased.State.FAILED
    assert rows(url, "carts") == before
    assert "change.began" not in acts(request.pk)


def test_a_doubt_that_comes_while_the_worker_looks_stops_it_before_anything_is_changed(sqlite_shop, monkeypatch):
    from requests_app.changing import applying

    request = an_erasure()
    (change,) = approved(request)
    url, look = sources.url_of(change.source), applying.linked
    before = rows(url, "carts")

    def looked(*arguments):
        doubt(request)
        return look(*arguments)

    monkeypatch.setattr(applying, "linked", looked)
    assert worked(change).state == Leased.State.FAILED
    assert rows(url, "carts") == before


def test_without_a_doubt_it_is_erased(sqlite_shop):
    (change,) = erased(an_erasure())
    assert change.is_proven
