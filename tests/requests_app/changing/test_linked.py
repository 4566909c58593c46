"""Erasing where one source leads to the rows of another."""

from __future__ import annotations

import pytest

from requests_app import audit, review, sources
from requests_app.changing import approvals
from requests_app.changing.approvals import NotApprovable
from requests_app.models import DataSource, Leased
from tests.requests_app.changing.shops import (
    ERASURE,
    an_erasure,
    approved,
    exhausted,
    linked_sources,
    previewed,
    rows,
    run,
    team,
    worked,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def urls(sqlite_url, tmp_path):
    return f"sqlite:///{tmp_path / 'crm.sqlite3'}", sqlite_url


@pytest.fixture
def crm(urls):
    return linked_sources(*urls)[0]


def tickets(urls):
    return [row[0] for row in rows(urls[1], "tickets")]


@pytest.mark.parametrize("first", [0, 1])
def test_the_rows_are_erased_whichever_source_comes_first(crm, urls, first):
    changes = approved(an_erasure())
    done = [worked(changes[first]), worked(changes[1 - first])]
    assert [change.is_proven for change in done] == [True, True]
    assert tickets(urls) == [2, 3, 4]
    assert [row[1] for row in rows(urls[0], "contacts")] == [2]


def test_what_another_source_leads_to_since_is_erased_too(crm, urls):
    by_source = {change.source.slug: change for change in approved(an_erasure())}
    run(urls[0], "INSERT INTO contacts VALUES ('b', 1, 'ANN@example.test')")
    assert worked(by_source["desk"]).came_since == {"tickets": 1}
    assert tickets(urls) == [2, 4]


def test_nothing_is_shown_or_erased_while_a_source_that_leads_to_it_cannot_be_read(crm, urls):
    request = an_erasure()
    sources.save(crm, f"{urls[0]}.gone", crm.current_map.text, None)
    by_source = {change.source.slug: exhausted(change) for change in previewed(request)}
    assert by_source["desk"].state == Leased.State.FAILED
    assert "Rows of tickets are found over crm, which could not be read" in by_source["desk"].last_error
    with pytest.raises(NotApprovable, match="preview of Crm failed"):
        approvals.approve(request.pk, ERASURE, actor=audit.Actor.staff(team()[1]))


def test_an_approved_erasure_does_not_go_on_without_the_source_that_leads_to_it(crm, urls):
    by_source = {change.source.slug: change for change in approved(an_erasure())}
    sources.save(crm, f"{urls[0]}.gone", crm.current_map.text, None)
    stopped = exhausted(by_source["desk"])
    assert "found over crm" in stopped.last_error
    assert tickets(urls) == [1, 2, 3, 4]
    sources.save(crm, urls[0], crm.current_map.text, None)
    review.retry(stopped, actor=audit.SYSTEM)
    assert worked(stopped).is_proven
    assert tickets(urls) == [2, 3, 4]


def test_a_source_that_leads_to_it_and_is_switched_off_is_named(crm):
    DataSource.objects.filter(pk=crm.pk).update(is_enabled=False)
    (desk,) = previewed(an_erasure())
    assert desk.state == Leased.State.FAILED
    assert "switched off" in desk.last_error
