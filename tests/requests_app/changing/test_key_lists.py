"""Lists of keys: what is written is read, encrypted, and gone where it was not kept."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from itertools import product

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.changes import CollectionErasure, Erasure, Fate
from requests_app.changing import keeping, key_lists, results
from requests_app.changing.approvals import VoidApproval, refuse_outgrown
from requests_app.changing.comparing import Arrivals, keys_of
from requests_app.changing.key_lists import CAME_SINCE, KEPT_UNTIL
from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.models import Approval, EncryptionKey, KeptRows, KeyList, SourceChange
from tests.requests_app.portal import a_request, a_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
MARKER = "Zanzibar-Marzipan-4711"


@pytest.fixture
def source(tmp_path):
    return a_source(tmp_path)


@pytest.fixture
def change(source):
    return SourceChange.objects.create(
        request=a_request(), source=source, map=source.current_map, act=Approval.Act.ERASURE
    )


def rows(**columns):
    return pa.record_batch({name: pa.array(values, pa.string()) for name, values in columns.items()})


@pytest.fixture
def written(source):
    """Write lists, to be read while the test lasts."""
    with ExitStack() as files:

        def write(name, *sections):
            draft = files.enter_context(key_lists.draft(name, source))
            for collection, mark, batch in sections:
                draft.write(collection, mark, batch)
            draft.finish()
            return draft.read()

        yield write


def test_what_is_written_is_read_in_its_order_even_where_collections_take_turns(source):
    with key_lists.draft("shown-1-1.keys", source) as draft:
        for number, (name, fate) in enumerate(product("ab", (Fate.DELETED, Fate.KEPT))):
            draft.write(name, fate, rows(id=[str(number)]))
        draft.write("a", Fate.DELETED, rows(id=["4", "5"]))
        draft.finish()
        listed = draft.read()
        deleted = [
            (part.collection, pa.Table.from_batches(part.batches)["id"].to_pylist())
            for part in listed.sections([Fate.DELETED])
        ]
        assert draft.rows == 6
        assert deleted == [("a", ["0"]), ("b", ["2"]), ("a", ["4", "5"])]
        assert [part.mark for part in listed.sections(collection="b")] == [Fate.DELETED, Fate.KEPT]
        assert len(list(listed.sections())) == 5


def test_a_list_shows_nothing_of_what_it_holds(source, storage_folder):
    with key_lists.draft("shown-1-1.keys", source) as draft:
        draft.write("customers", Fate.DELETED, rows(id=[MARKER]))
        draft.finish()
        content = (storage_folder / "shown-1-1.keys").read_bytes()
    assert MARKER.encode() not in content
    assert b"customers" not in content


def test_a_list_that_is_not_kept_is_gone_and_its_key_was_never_stored(source, storage_folder):
    keys = EncryptionKey.objects.count()
    with key_lists.draft("shown-1-1.keys", source) as draft:
        draft.write("a", Fate.DELETED, rows(id=["1"]))
        assert (storage_folder / "shown-1-1.keys").exists()
    assert list(storage_folder.iterdir()) == []
    assert EncryptionKey.objects.count() == keys


def test_a_stored_list_has_a_key_below_its_requests_and_is_destroyed_with_it(source, change, storage_folder):
    with key_lists.draft("shown-1-1.keys", source) as draft:
        draft.write("a", Fate.DELETED, rows(id=["1"]))
        draft.finish()
        stored = draft.store(change, KeyList.Purpose.SHOWN)
        draft.keep()
    assert stored.key.parent == change.request.key
    with key_lists.opened(stored.file, stored.key_id) as listed:
        assert [part.collection for part in listed.sections()] == ["a"]
    key_lists.remove([stored])
    assert list(storage_folder.iterdir()) == []
    with pytest.raises(KeyDestroyed):
        open_key(stored.key_id)


def test_a_list_has_another_fingerprint_as_soon_as_it_is_another(source, storage_folder):
    prints = set()
    for name in ("shown-1-1.keys", "shown-1-2.keys"):
        with key_lists.draft(name, source) as draft:
            draft.write("a", Fate.DELETED, rows(id=["1"]))
            draft.finish()
            draft.keep()
        prints |= {key_lists.fingerprint(name), key_lists.fingerprint(name)}
    with (storage_folder / "shown-1-1.keys").open("r+b") as file:
        file.seek(20)
        file.write(b"x")
    assert len(prints | {key_lists.fingerprint("shown-1-1.keys")}) == 3


TEXTS = st.text(alphabet="1:-a", max_size=3) | st.none()


@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS))
def test_two_keys_are_written_alike_only_if_they_are_the_same(one, other):
    first, second = (keys_of(rows(a=[key[0]], b=[key[1]]), ("a", "b")).to_pylist() for key in (one, other))
    assert (first == second) == (one == other)


@pytest.mark.parametrize("pending", [1, 3, 100])
def test_exactly_the_rows_that_were_not_shown_as_erased_came_since(written, monkeypatch, pending):
    monkeypatch.setattr("requests_app.changing.comparing.MOST_PENDING_ROWS", pending)
    shown = written(
        "shown-1-1.keys",
        ("a", Fate.DELETED, rows(id=["1", "2"])),
        ("b", Fate.ANONYMISED, rows(x=["1", "1"], y=["1", "2"])),
        ("a", Fate.ANONYMISED, rows(id=["3"])),
        ("a", Fate.KEPT, rows(id=["4"])),
    )
    came = []
    arrivals = Arrivals(shown, lambda name, batch: came.extend((name, *row.values()) for row in batch.to_pylist()))
    arrivals.add("a", rows(id=["3", "2"]))
    arrivals.add("a", rows(id=["4", "5"]))
    arrivals.add("b", rows(x=["1", "2"], y=["2", "1"]))
    arrivals.add("c", rows(id=["1"]))
    arrivals.flush()
    assert sorted(came) == [("a", "4"), ("a", "5"), ("b", "2", "1"), ("c", "1")]
    assert [arrivals.shown(name) for name in "abc"] == [3, 2, 0]


@pytest.mark.parametrize(
    ("shown", "came", "is_refused"),
    [
        (0, 20, False),
        (0, 21, True),
        (100, 20, False),
        (100, 21, True),
        (200, 20, False),
        (200, 21, True),
        (210, 21, False),
        (1000, 100, False),
        (1000, 101, True),
        (10, 0, False),
    ],
)
def test_more_than_both_a_tenth_and_twenty_rows_are_too_many(shown, came, is_refused):
    if is_refused:
        with pytest.raises(VoidApproval, match="of orders"):
            refuse_outgrown("orders", shown, came)
    else:
        refuse_outgrown("orders", shown, came)


def test_rows_of_stopped_attempts_that_are_no_longer_found_count_once_by_their_latest_fate(written):
    first = written(
        "fixed-1-1.keys",
        ("a", Fate.DELETED, rows(id=["1", "2", "3"])),
        ("a", CAME_SINCE, rows(id=["3"])),
        ("b", KEPT_UNTIL, rows(id=["1", "2"], until=["2030-01-01", None])),
    )
    second = written("fixed-1-2.keys", ("a", Fate.ANONYMISED, rows(id=["2", "4"])))
    last = written("fixed-1-3.keys", ("a", Fate.DELETED, rows(id=["3"])), ("b", Fate.DELETED, rows(id=["1"])))
    assert results.no_longer_found([first, second], last) == {"a": {"deleted": 1, "anonymised": 2}, "b": {"kept": 1}}
    assert results.no_longer_found([], last) == {}


def test_kept_rows_of_all_attempts_are_written_down_once_by_their_last_day(source, written, storage_folder):
    lists = [
        written(
            "fixed-1-1.keys",
            ("orders", KEPT_UNTIL, rows(id=["1", "2", "3"], until=["2035-01-01", "2031-05-04", None])),
            ("orders", Fate.KEPT, rows(id=["9"])),
        ),
        written("fixed-1-2.keys", ("orders", KEPT_UNTIL, rows(id=["1"], until=["2036-01-01"]))),
        written("fixed-1-3.keys", ("parts", KEPT_UNTIL, rows(a=["1"], b=["2"], until=["2033-01-01"]))),
    ]
    with keeping.kept_rows("kept-1-1", source, lists) as kept:
        kept.store(request_id=None, version=source.current_map)
        kept.keep()
    assert kept.undated == {"orders": 1}
    orders, parts = KeptRows.objects.order_by("pk")
    assert (orders.erase_on, orders.rows, parts.erase_on, parts.rows) == (date(2031, 5, 4), 2, date(2033, 1, 1), 1)
    assert orders.key.parent is None
    with key_lists.opened(orders.file, orders.key_id) as listed:
        (section,) = listed.sections()
        found = pa.Table.from_batches(section.batches).to_pylist()
    assert found == [{"id": "2", "until": "2031-05-04"}, {"id": "1", "until": "2036-01-01"}]
    assert KeptRows.objects.claim(orders.pk) is None
    assert KeptRows.objects.take_overdue(keeping.start_of(date(2031, 5, 4))) == [orders.pk]
    assert {orders.file, parts.file} <= {path.name for path in storage_folder.iterdir()}


def test_attempts_by_different_maps_are_put_together_too(source, written):
    lists = [
        written("fixed-1-1.keys", ("orders", KEPT_UNTIL, rows(id=["1"], until=["2035-01-01"]))),
        written("fixed-1-2.keys", ("orders", KEPT_UNTIL, rows(a=["1"], b=["1"], until=["2035-01-01"]))),
    ]
    with keeping.kept_rows("kept-1-1", source, lists) as kept:
        kept.store(request_id=None, version=source.current_map)
    assert [(part.collection, part.listing.rows) for part in kept.parts] == [("orders", 1), ("orders", 1)]
    told = results.told(Erasure({"carts": CollectionErasure(found=1)}, is_applied=True), {"gone": {"deleted": 2}})
    assert (told["gone"]["found"], told["gone"]["changed"], told["carts"]["found"]) == (2, 2, 1)


def test_kept_rows_are_forgotten_where_the_change_is_not_noted(source, written, storage_folder):
    fixed = written("fixed-1-1.keys", ("orders", KEPT_UNTIL, rows(id=["1"], until=["2035-01-01"])))
    with pytest.raises(ZeroDivisionError), keeping.kept_rows("kept-1-1", source, [fixed]):
        raise ZeroDivisionError
    assert [path.name for path in storage_folder.iterdir()] == ["fixed-1-1.keys"]


def test_a_key_of_a_request_may_be_destroyed_and_kept_rows_are_still_read(source, written):
    fixed = written("fixed-1-1.keys", ("orders", KEPT_UNTIL, rows(id=["1"], until=["2035-01-01"])))
    request = a_request()
    with keeping.kept_rows("kept-1-1", source, [fixed]) as kept:
        kept.store(request_id=request.pk, version=source.current_map)
        kept.keep()
    EncryptionKey.objects.destroy(request.key_id, at=request.submitted_at)
    stored = KeptRows.objects.get()
    with key_lists.opened(stored.file, stored.key_id) as listed:
        assert len(list(listed.sections())) == 1
