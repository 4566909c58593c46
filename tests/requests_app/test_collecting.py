from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from django.db import connection
from django.utils import timezone

from extractors import registry
from requests_app import audit, leases, review, sources, storage, tasks
from requests_app.artefacts import fresh_artefact
from requests_app.audit import Actor
from requests_app.dossier import SegmentReader
from requests_app.keys.stored import destroy_key, open_key
from requests_app.leases import LostLease, Work
from requests_app.models import DataSource, EncryptionKey, Identifier, Leased, Right, SourceSearch, SubjectRequest
from requests_app.models.leased import MOST_ATTEMPTS
from requests_app.workflow import perform
from tests.requests_app.interrupting import InterruptedExtractor
from tests.requests_app.portal import ANN, BOB, MAP, MARKER, a_shop, a_source, acts, confirmed, run_out, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

LIMITED = """
version: 1
source: shop
collections:
  customers: {identifiers: {email: email}}
  orders:
    links: [{column: customer_id, to: customers.id}]
    provided: true
    basis: contract
    deleted: {column: cancelled}
    order_by: -id
    limit: 2
"""


@pytest.fixture
def happenings(tmp_path, monkeypatch):
    """What happens before each collection is read, of sources whose address begins with `interrupted:`."""
    information = tmp_path / "interrupted-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: interrupted\nVersion: 1\n")
    plug_in = "interrupted = tests.requests_app.interrupting:InterruptedExtractor"
    (information / "entry_points.txt").write_text(f"[dsr_portal.extractors]\n{plug_in}\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry._kinds.cache_clear()
    yield InterruptedExtractor.happenings
    InterruptedExtractor.happenings.clear()
    registry._kinds.cache_clear()


def an_interrupted_source(folder):
    return a_source(folder, url=a_shop(folder).replace("sqlite:", "interrupted:"))


def search_of(request):
    return SourceSearch.objects.get(request=request)


def collect(request):
    tasks.collect_source(search_of(request).pk)
    return search_of(request)


def collection(search, name):
    with storage.open(search.segment) as file:
        (batch,) = SegmentReader(file, open_key(search.key_id)).batches(name)
    return batch.rows.to_pylist()


def is_alive(key_id):
    return not EncryptionKey.objects.get(pk=key_id).is_destroyed


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_source_is_read_into_a_segment(tmp_path, storage_folder):
    a_source(tmp_path)
    search = collect(confirmed())
    assert (search.state, search.attempt, search.percent) == (Leased.State.DONE, 1, 100)
    assert (search.counts, search.records) == ({"customers": 1, "orders": 2}, 3)
    assert files(storage_folder) == [search.segment]
    assert search.size_bytes == (storage_folder / search.segment).stat().st_size
    assert [row["product"] for row in collection(search, "orders")] == ["Lamp", MARKER]
    assert acts(search.request_id)[-2:] == ["search.done", "request.collected"]


def test_a_segment_shows_nothing_of_what_it_holds(tmp_path, storage_folder):
    a_source(tmp_path)
    search = collect(confirmed())
    content = (storage_folder / search.segment).read_bytes()
    for value in (MARKER, ANN, "Lamp", "customers", "product"):
        assert value.encode() not in content


def test_a_person_nothing_is_held_about_has_an_empty_segment(tmp_path):
    a_source(tmp_path)
    search = collect(confirmed("nobody@example.test"))
    assert (search.state, search.counts, search.records) == (Leased.State.DONE, {"customers": 0, "orders": 0}, 0)


@pytest.mark.parametrize(
    ("right", "products", "omitted"), [(Right.ACCESS, [1, 2, 3, 4], 0), (Right.PORTABILITY, [4, 3], 2)]
)
def test_an_access_answer_holds_what_is_deleted_and_beyond_a_limit(right, products, omitted, tmp_path):
    source = a_source(tmp_path)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
        database.executescript(
            """
            DELETE FROM orders;
            ALTER TABLE orders ADD COLUMN cancelled TEXT;
            INSERT INTO orders VALUES (1, 1, 'a', NULL), (2, 1, 'b', NULL), (3, 1, 'c', NULL), (4, 1, 'd', NULL);
            INSERT INTO orders VALUES (5, 1, 'e', '2026-01-01'), (6, 2, 'f', NULL);
            """
        )
    sources.save(source, "", LIMITED, None)
    search = collect(confirmed(right=right))
    found = [row["id"] for row in collection(search, "orders")]
    assert sorted(found) == sorted([*products, 5] if right == Right.ACCESS else products)
    with storage.open(search.segment) as file:
        stored = SegmentReader(file, open_key(search.key_id)).collections[1]
    assert len(stored.omissions) == omitted


@pytest.mark.parametrize(
    ("right", "is_whole"),
    [(Right.ACCESS, True), (Right.PORTABILITY, False), (Right.RECTIFICATION, True), (Right.AUTOMATED_DECISION, True)],
)
def test_only_what_is_taken_elsewhere_leaves_out_what_was_not_given(right, is_whole, tmp_path):
    source = a_source(tmp_path)
    given = LIMITED.replace("    deleted: {column: cancelled}\n", "").replace("    limit: 2\n", "")
    sources.save(source, "", given, None)
    search = collect(confirmed(right=right))
    assert search.counts == {"customers": 1 if is_whole else 0, "orders": 2}


def test_a_request_withdrawn_meanwhile_is_not_collected(tmp_path, storage_folder):
    a_source(tmp_path)
    request = confirmed()
    perform(request.pk, "withdraw", actor=audit.SUBJECT)
    search = collect(request)
    assert (search.state, search.last_error) == (Leased.State.FAILED, "The request has ended.")
    assert not storage_folder.exists()


def test_what_was_read_for_a_request_withdrawn_meanwhile_is_thrown_away(tmp_path, storage_folder, happenings):
    an_interrupted_source(tmp_path)
    request = confirmed()
    happenings.append(lambda: perform(request.pk, "withdraw", actor=audit.SUBJECT))
    search = collect(request)
    assert (search.state, search.last_error) == (Leased.State.FAILED, "The request has ended.")
    assert files(storage_folder) == []
    assert not is_alive(search.key_id)
    assert not {"search.done", "request.collected"} & set(acts(request.pk))


def test_only_what_is_proven_is_searched_for(tmp_path):
    a_source(tmp_path)
    request = confirmed()
    bob = Identifier.objects.create(request=request, kind="email", value=BOB)
    assert collect(request).counts == {"customers": 1, "orders": 2}

    Identifier.objects.filter(pk=bob.pk).update(proof="staff", proven_at=timezone.now())
    SourceSearch.objects.update(state=Leased.State.WAITING, claimable_at=timezone.now())
    assert collect(request).counts == {"customers": 2, "orders": 3}


def test_without_anything_proven_nobody_is_searched_for(tmp_path, storage_folder):
    a_source(tmp_path)
    request = confirmed()
    Identifier.objects.update(proof="", proven_at=None)
    search = collect(request)
    assert (search.state, search.last_error) == (Leased.State.FAILED, "No identifier of this person is proven yet.")
    assert files(storage_folder) == []


def test_a_source_that_cannot_be_reached_is_tried_again_later(tmp_path, storage_folder):
    a_source(tmp_path, url="postgresql://reader:Zanzibar@127.0.0.1:1/shop")
    search = collect(confirmed())
    assert (search.state, search.attempt, search.is_resting) == (Leased.State.WAITING, 1, True)
    assert "cannot be reached" in search.last_error
    assert "Zanzibar" not in search.last_error
    assert search.requeue_at > timezone.now()
    assert files(storage_folder) == []
    assert not is_alive(search.key_id)


def test_a_source_is_given_up_after_its_attempts_and_tried_again_by_hand(tmp_path):
    a_source(tmp_path, url="postgresql://127.0.0.1:1/shop")
    request = confirmed()
    for _ in range(MOST_ATTEMPTS):
        run_out(search_of(request))
        search = collect(request)
    assert search.state == Leased.State.FAILED
    assert acts(request.pk)[-2:] == ["search.failed", "request.collected"]

    sources.save(DataSource.objects.get(), a_shop(tmp_path), MAP, None)
    review.retry(search, actor=Actor.staff(staff()))
    search = collect(request)
    assert (search.state, search.records, search.last_error) == (Leased.State.DONE, 3, "")


def test_a_map_that_does_not_fit_any_more_fails_with_the_reason(tmp_path):
    a_source(tmp_path)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
        database.execute("DROP TABLE orders")
    search = collect(confirmed())
    assert "orders" in search.last_error
    assert MARKER not in search.last_error
    assert search.state != Leased.State.DONE


def test_a_full_disk_leaves_neither_file_nor_key(tmp_path, storage_folder):
    a_source(tmp_path)
    storage_folder.write_text("a file where the folder has to be")
    search = collect(confirmed())
    assert search.is_resting
    assert "cannot be written into the storage" in search.last_error
    assert not is_alive(search.key_id)


def test_an_address_whose_key_is_destroyed_fails_with_the_reason(tmp_path):
    source = a_source(tmp_path)
    request = confirmed()
    destroy_key(source.key_id)
    search = collect(request)
    assert search.is_open
    assert "was destroyed" in search.last_error


def die_while_collecting(search):
    """Begin an attempt as a worker does, and let it end there; gives what has to live as long as the test."""
    work = Work(SourceSearch, search.pk, SourceSearch.objects.claim(search.pk))
    context = fresh_artefact(search, f"search-{search.pk}-{work.attempt}.segment", work.keep)
    context.__enter__().file.close()
    run_out(search)
    return context


def test_the_key_of_an_attempt_whose_worker_died_is_destroyed(tmp_path):
    a_source(tmp_path)
    request = confirmed()
    dead = die_while_collecting(search_of(request))
    left = search_of(request).key_id
    assert is_alive(left)
    search = collect(request)
    assert (search.state, search.attempt) == (Leased.State.DONE, 2)
    assert not is_alive(left)
    assert is_alive(search.key_id)
    del dead


def test_the_key_of_work_whose_every_worker_died_is_destroyed(tmp_path):
    a_source(tmp_path)
    request = confirmed()
    dead = [die_while_collecting(search_of(request)) for _ in range(MOST_ATTEMPTS)]
    assert is_alive(search_of(request).key_id)
    search = collect(request)
    assert search.state == Leased.State.FAILED
    assert not is_alive(search.key_id)
    assert acts(request.pk)[-2:] == ["search.failed", "request.collected"]
    del dead


def test_whoever_lost_the_lease_before_writing_touches_neither_row_nor_keys(tmp_path, storage_folder):
    a_source(tmp_path)
    request = confirmed()
    search = search_of(request)
    late = Work(SourceSearch, search.pk, SourceSearch.objects.claim(search.pk))
    run_out(search)
    done = collect(request)
    for row in (search, done):
        with pytest.raises(LostLease), fresh_artefact(row, "search-1-1.segment", late.keep):
            pass
    assert search_of(request).key_id == done.key_id
    assert is_alive(done.key_id)
    assert files(storage_folder) == [done.segment]


def test_what_was_made_under_a_lost_lease_is_thrown_away(tmp_path, storage_folder, happenings):
    an_interrupted_source(tmp_path)
    request = confirmed()
    keys = []

    def another_worker_takes_over():
        keys.append(search_of(request).key_id)
        run_out(search_of(request))
        SourceSearch.objects.claim(search_of(request).pk)

    happenings.append(another_worker_takes_over)
    search = collect(request)
    assert (search.state, search.attempt, search.segment) == (Leased.State.RUNNING, 2, "")
    assert files(storage_folder) == []
    assert not is_alive(keys[0])


def test_what_another_worker_made_meanwhile_stays(tmp_path, storage_folder, happenings):
    an_interrupted_source(tmp_path)
    request = confirmed()

    def another_worker_does_it():
        run_out(search_of(request))
        collect(request)

    happenings.append(another_worker_does_it)
    search = collect(request)
    assert (search.state, search.attempt) == (Leased.State.DONE, 2)
    assert files(storage_folder) == [search.segment]
    assert len(collection(search, "orders")) == 2
    assert acts(request.pk).count("search.done") == 1


@pytest.mark.django_db(transaction=True)
def test_no_transaction_of_the_portal_is_open_while_a_source_is_read(tmp_path, happenings):
    an_interrupted_source(tmp_path)
    request = confirmed()
    seen = []
    happenings.extend([lambda: seen.append(connection.in_atomic_block)] * 2)
    assert collect(request).state == Leased.State.DONE
    assert seen == [False, False]


def test_progress_is_shown_while_a_source_is_read(tmp_path, happenings, monkeypatch):
    monkeypatch.setattr(leases, "PROGRESS_SECONDS", 0)
    an_interrupted_source(tmp_path)
    request = confirmed()
    seen = []

    def look():
        search = search_of(request)
        seen.append((search.percent, search.step, search.records))

    happenings.extend([look, look])
    collect(request)
    assert seen == [(0, "", 0), (0, "Reading Customers: 1 record", 1)]


def test_what_is_collected_is_called_in_the_words_of_the_person(tmp_path):
    source = a_source(tmp_path)
    text = MAP.replace("  orders:", "  orders:\n    label: {en: Orders, de: Bestellungen}")
    sources.save(source, "", text, None)
    request = confirmed()
    SubjectRequest.objects.filter(pk=request.pk).update(language="de")
    tasks.collect_source(search_of(request).pk)
    search = search_of(request)
    with closing(storage.open(search.segment)) as file:
        stored = SegmentReader(file, open_key(search.key_id), search.segment).collections
    assert [item.collection.label for item in stored] == ["Customers", "Bestellungen"]
