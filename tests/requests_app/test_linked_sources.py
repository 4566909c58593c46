"""Sources that link to one another, as the portal collects, checks and answers from them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from django.urls import reverse

from extractors.errors import FaultyDataMap
from requests_app import planning, review, sources, storage, tasks
from requests_app.audit import Actor
from requests_app.dossier import SegmentReader
from requests_app.keys.stored import open_key
from requests_app.models import AuditEntry, DataSource, EncryptionKey, Leased, Outcome, SourceSearch
from requests_app.models.leased import MOST_ATTEMPTS
from tests.requests_app.portal import ANN, confirmed, released, run_out, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

CRM = """
version: 1
source: crm
collections:
  contacts: {identifiers: {email: email}}
"""
SHOP = """
version: 1
source: shop
collections:
  customers: {identifiers: {email: email}}
  orders: {links: [{column: contact_ref, to: crm.contacts.external_id}]}
  items: {links: [{column: order_id, to: orders.id}]}
"""
NOWHERE = "postgresql://reader:Zanzibar@127.0.0.1:1/crm"


def a_database(folder, name, script):
    with closing(sqlite3.connect(folder / name)) as database:
        database.executescript(script)
    return f"sqlite:///{folder / name}"


@pytest.fixture
def crm(tmp_path):
    return a_database(
        tmp_path,
        "crm.sqlite3",
        f"""
        CREATE TABLE contacts (email TEXT, external_id TEXT);
        INSERT INTO contacts VALUES ('{ANN}', 'c-1'), ('bob@example.test', 'c-2')
        """,
    )


@pytest.fixture
def shop(tmp_path):
    url = a_database(
        tmp_path,
        "linked.sqlite3",
        f"""
        CREATE TABLE customers (email TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, contact_ref TEXT);
        CREATE TABLE items (order_id INTEGER);
        INSERT INTO customers VALUES ('{ANN}');
        INSERT INTO orders VALUES (1, 'c-1'), (2, 'c-2'), (3, 'c-1');
        INSERT INTO items VALUES (1), (1), (2), (3)
        """,
    )
    return sources.save(DataSource(slug="shop", label="Web shop"), url, SHOP, None)


def a_crm(url):
    return sources.save(DataSource(slug="crm", label="The CRM"), url, CRM, None)


def search_of(request, slug):
    return SourceSearch.objects.get(request=request, source__slug=slug)


def collect(request, slug):
    tasks.collect_source(search_of(request, slug).pk)
    return search_of(request, slug)


def until_the_last_attempt(request, slug):
    for _ in range(MOST_ATTEMPTS):
        run_out(search_of(request, slug))
        search = collect(request, slug)
    return search


def omissions(search):
    with storage.open(search.segment) as file:
        stored = SegmentReader(file, open_key(search.key_id)).collections
    return {item.collection.name: [omission.reason for omission in item.omissions] for item in stored}


def test_a_source_is_searched_by_what_another_one_holds_in_whatever_order(crm, shop):
    a_crm(crm)
    request = confirmed()
    search = collect(request, "shop")
    assert (search.state, search.last_error) == (Leased.State.DONE, "")
    assert search.counts == {"customers": 1, "orders": 2, "items": 3}
    assert collect(request, "crm").counts == {"contacts": 1}


def test_while_a_source_is_down_what_depends_on_it_waits_and_says_for_what(crm, shop):
    down = a_crm(NOWHERE)
    request = confirmed()
    search = collect(request, "shop")
    assert (search.state, search.is_resting) == (Leased.State.WAITING, True)
    assert search.last_error.startswith("Waiting for The CRM, from which this source is linked. The source crm cannot")
    assert "Zanzibar" not in search.last_error

    sources.save(down, crm, CRM, None)
    run_out(search)
    search = collect(request, "shop")
    assert (search.state, search.last_error, search.counts["orders"]) == (Leased.State.DONE, "", 2)


def test_the_last_attempt_goes_on_without_a_source_that_is_down_and_says_what_is_missing(shop):
    a_crm(NOWHERE)
    request = confirmed()
    search = until_the_last_attempt(request, "shop")
    assert (search.state, search.counts) == (Leased.State.DONE, {"customers": 1, "orders": 0, "items": 0})
    reason = "what is linked from The CRM could not be searched: The CRM could not be reached"
    assert search.last_error == f"Incomplete (orders, items): {reason}."
    assert omissions(search) == {"customers": [], "orders": [reason], "items": [reason]}
    assert AuditEntry.objects.get(action="search.done").details["cut_collections"] == 2


def test_an_incomplete_search_is_done_again_by_hand_once_the_other_source_is_back(client, crm, shop):
    down = a_crm(NOWHERE)
    request = confirmed()
    until_the_last_attempt(request, "shop")
    review.leave_out(until_the_last_attempt(request, "crm"), actor=Actor.staff(staff()), reason="")
    sources.save(down, crm, CRM, None)

    client.force_login(staff("max"))
    page = client.get(reverse("admin:requests_app_subjectrequest_change", args=[request.pk])).content.decode()
    assert '<span class="pill warn">incomplete</span>' in page
    search = search_of(request, "shop")
    again = reverse("admin:requests_app_subjectrequest_retry_search", args=[request.pk, search.pk])
    assert again in page
    client.post(again)
    assert not planning.is_ready_for_review(search_of(request, "shop").request)

    found = collect(request, "shop")
    assert (found.state, found.last_error, found.counts["orders"]) == (Leased.State.DONE, "", 2)
    assert found.segment != search.segment
    assert EncryptionKey.objects.get(pk=search.key_id).is_destroyed
    with pytest.raises(review.NotReady):
        review.retry(found, actor=Actor.staff(staff("eve")))


def test_an_incomplete_search_that_was_answered_from_is_not_done_again(shop):
    a_crm(NOWHERE)
    request = confirmed()
    search = until_the_last_attempt(request, "shop")
    reviewer = Actor.staff(staff())
    review.leave_out(until_the_last_attempt(request, "crm"), actor=reviewer, reason="")
    review.release(request.pk, actor=reviewer)
    with pytest.raises(review.NotReady):
        review.retry(search, actor=reviewer)
    assert search_of(request, "shop").segment == search.segment


def test_what_does_not_depend_on_a_source_that_is_down_is_not_held_up(crm, shop, tmp_path):
    sources.save(shop, "", SHOP.split("  orders:")[0], None)
    a_crm(NOWHERE)
    request = confirmed()
    assert collect(request, "shop").state == Leased.State.DONE


def test_an_answer_without_a_source_that_is_switched_off_is_incomplete_and_says_so(crm, shop):
    source = a_crm(crm)
    DataSource.objects.filter(pk=source.pk).update(is_enabled=False)
    export = released()
    assert (export.state, export.is_complete) == (Leased.State.DONE, False)
    export.request.refresh_from_db()
    assert export.request.outcome == Outcome.PARTIAL
    told = search_of(export.request, "shop").last_error
    assert told.endswith("The CRM could not be searched: it is not among the systems that are searched.")


def test_the_check_follows_links_to_other_sources(crm, shop):
    with pytest.raises(FaultyDataMap, match=r"collections.orders.links\[0\].to: leads to another source, crm, which"):
        sources.check(shop, None)
    source = a_crm(crm)
    assert not [fault for fault in sources.check(shop, None) if "crm" in str(fault)]

    sources.save(source, "", CRM.replace("contacts:", "people:").replace("{id", "{table: contacts, id"), None)
    with pytest.raises(FaultyDataMap, match=r"in the source crm: collections\.contacts"):
        sources.check(shop, None)
    told = [str(fault) for fault in sources.check(source, None)]
    assert "shop: collections.orders.links[0].to: leads here, to contacts, which this map does not have" in told

    sources.save(source, NOWHERE, CRM, None)
    warnings = [str(fault) for fault in sources.check(shop, None)]
    assert any("links[0].to: was not checked: The source crm cannot be reached" in warning for warning in warnings)

    DataSource.objects.filter(pk=source.pk).update(is_enabled=False)
    with pytest.raises(FaultyDataMap, match="switched off"):
        sources.check(shop, None)
    shop.refresh_from_db()
    assert shop.check_result.startswith("failed: ")


def test_switching_off_a_source_that_others_link_to_warns_of_it(client, crm, shop):
    source = a_crm(crm)
    client.force_login(staff())
    typed = {"label": "The CRM", "slug": "crm", "map_text": CRM, "url": "", "owner": ""}
    address = reverse("admin:requests_app_datasource_edit", args=[source.pk])
    page = client.post(address, typed, follow=True).content.decode()
    assert "Maps link to it from: Web shop." in page
    assert "Maps link" not in client.post(address, typed | {"is_enabled": "on"}, follow=True).content.decode()
