"""A backup is restored: whoever was erased before is erased again, and the portal never knew who that is."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.utils import timezone

from requests_app import sources
from requests_app.changing import register, replaying
from requests_app.changing.people import identifiers_of
from requests_app.keys.stored import current_ring, rotate
from requests_app.models import AuditEntry, DataSource, ErasedIdentifier, KeptRows, RegisteredErasure
from tests.requests_app.changing.shops import (
    CYD,
    TICKET_ROWS,
    UNTOUCHED,
    a_shop,
    a_source,
    an_erasure,
    erased,
    fill,
    linked_sources,
    new_map,
    rows,
    run,
)
from tests.requests_app.portal import ANN, acts

pytestmark = pytest.mark.django_db

TABLES = ("carts", "orders", "customers")
NEWCOMER = "INSERT INTO customers VALUES (9, 'new@example.test', NULL, 'New'), (8, 'ann@example.test.', '1512', 'Near')"


@pytest.fixture
def shop(database_url):
    return a_shop(database_url)


def restore(url):
    """Put the shop back to what it was before anybody was erased, as a backup from then does."""
    run(url, *(f"DROP TABLE {name}" for name in TABLES))
    fill(url)


def replay(*arguments, source="shop"):
    output = StringIO()
    call_command("dsr_replay_erasures", "--source", source, *arguments, stdout=OutputWrapper(output))
    return output.getvalue()


def replayed(*arguments, source="shop"):
    return json.loads(replay(*arguments, "--json", source=source))


def found(request):
    source = DataSource.objects.get(slug="shop")
    return sum(sources.extractor(source, source.current_map).search(identifiers_of(request)).values())


def test_who_was_erased_is_erased_again_after_a_restore_and_nobody_else(shop, database_url):
    request = an_erasure()
    erased(request)
    restore(database_url)
    run(database_url, NEWCOMER)
    before = rows(database_url, "customers")
    assert found(request) == 5
    told = replayed("--dry-run")
    expected = {"source": "shop", "erasures": 1, "persons": 1, "refused": 0, "found": 5, "changed": 3, "kept": 2}
    assert told == {**expected, "applied": False, "left": None}
    assert rows(database_url, "customers") == before
    assert replayed("--apply") == {**expected, "applied": True, "left": 0}
    assert found(request) == 0
    assert rows(database_url, "carts") == UNTOUCHED["carts"]
    assert rows(database_url, "customers")[1:] == before[1:]
    assert replayed("--apply")["persons"] == 0
    assert "erasure.replayed" in acts(request.pk)
    assert acts().count("source.erasures_replayed") == 2
    assert acts().count("source.erasures_counted") == 1


def test_a_copy_of_the_file_from_before_is_replayed(sqlite_url):
    a_shop(sqlite_url)
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    shutil.copy(file, f"{file}.backup")
    first, second = an_erasure(), an_erasure(CYD)
    erased(first)
    erased(second)
    shutil.copy(f"{file}.backup", file)
    assert (found(first), found(second)) == (5, 2)
    assert replay("--apply") == ("2 erasures on record; 2 persons of them in the source; 5 rows erased, 2 rows kept.\n")
    assert (found(first), found(second)) == (0, 0)
    assert [row[0] for row in rows(sqlite_url, "carts")] == [22]


def test_what_is_kept_of_them_is_written_down_again(shop, database_url):
    erased(an_erasure())
    restore(database_url)
    run(database_url, "INSERT INTO orders VALUES (15, 1, '2019-01-01', 'older')")
    replayed("--apply")
    first, again = KeptRows.objects.order_by("pk")
    assert (first.rows, again.rows, str(again.erase_on)) == (2, 3, "2029-01-01")
    assert again.request == first.request


def test_only_erasures_since_the_backup_are_done_again_when_asked(shop, database_url):
    old = an_erasure(CYD)
    erased(old)
    RegisteredErasure.objects.update(erased_at=timezone.now() - timedelta(days=2))
    new = an_erasure()
    erased(new)
    restore(database_url)
    day_ago = (timezone.now() - timedelta(days=1)).isoformat()
    assert replayed("--since", day_ago, "--apply")["persons"] == 1
    assert (found(old), found(new)) == (2, 0)
    assert replayed("--apply")["persons"] == 1
    assert found(old) == 0


def test_who_came_back_after_an_erasure_that_the_backup_already_had_stays(sqlite_url):
    a_shop(sqlite_url)
    request = an_erasure()
    erased(request)
    run(sqlite_url, f"INSERT INTO customers VALUES (50, '{ANN}', NULL, 'Ann again')")
    backup_began = timezone.now().isoformat()
    erased(an_erasure(CYD))
    assert replayed("--since", backup_began, "--apply")["persons"] == 0
    assert found(request) == 1
    assert replayed("--dry-run")["persons"] == 1


def test_a_person_known_by_several_identifiers_is_one_person(shop, database_url):
    run(database_url, "INSERT INTO customers VALUES (7, 'work@example.test', '+49 1512 3456789', 'Ann too')")
    request = an_erasure(phone="+4915123456789")
    erased(request)
    erased(an_erasure())
    restore(database_url)
    run(database_url, "INSERT INTO customers VALUES (7, 'work@example.test', '+49 1512 3456789', 'Ann too')")
    told = replayed("--apply")
    assert (told["erasures"], told["persons"], told["changed"]) == (2, 1, 4)
    assert found(request) == 0


@pytest.mark.parametrize(
    ("kind", "typed", "spelt"),
    [
        ("email", "ann@example.test", "ANN@Example.TEST"),
        ("email", "Zoë@example.test", "zoe\u0308@EXAMPLE.test"),
        ("phone", "+49 1512 3456789", "004915123456789"),
        ("phone", "+4915123456789", "tel:+49-1512-3456789"),
        ("phone", "+4915123456789", "tel:+4915123456789"),
        ("user_id", "A-17", "A-17"),
    ],
)
def test_an_identifier_is_known_however_it_is_spelt(shop, kind, typed, spelt):
    from extractors.identifiers import Identifiers

    hashes = register.Hashes(shop.pk, register.register_key())
    known = {hashes.of(kind, value) for value in Identifiers.of([(kind, typed)]).of_kind(kind)}
    assert hashes.of(kind, spelt) in known
    assert hashes.of(kind, f"{spelt}x") not in known


def test_the_same_identifier_has_another_hash_in_another_source_or_of_another_kind(shop):
    key = register.register_key()
    hashes = register.Hashes(shop.pk, key), register.Hashes(shop.pk + 1, key)
    assert len({each.of(kind, "7") for each in hashes for kind in ("user_id", "phone")}) == 4


def test_the_register_survives_a_change_of_the_key_ring(sqlite_url, settings):
    a_shop(sqlite_url)
    request = an_erasure()
    erased(request)
    settings.DSR_KEYS = {"new": os.urandom(32), **settings.DSR_KEYS}
    rotate(current_ring())
    settings.DSR_KEYS = {"new": settings.DSR_KEYS["new"]}
    restore(sqlite_url)
    assert replayed("--apply")["persons"] == 1
    assert found(request) == 0


def test_hashes_of_two_keys_are_both_known(sqlite_url):
    a_shop(sqlite_url)
    for number, email in enumerate((ANN, CYD)):
        (change,) = erased(an_erasure(email))
        erasure = RegisteredErasure.objects.get(change=change)
        if number:  # two workers made the very first erasures at the same moment
            from requests_app.keys.stored import create_key

            erasure.key = create_key()
            erasure.save()
            ErasedIdentifier.objects.filter(erasure=erasure).delete()
            digest = register.Hashes(change.source_id, erasure.key).of("email", email)
            ErasedIdentifier.objects.create(erasure=erasure, hash=digest)
    restore(sqlite_url)
    assert replayed("--dry-run")["persons"] == 2


@pytest.mark.parametrize("most", [1, 2, 500])
def test_many_people_are_looked_up_a_few_at_a_time(sqlite_url, most, monkeypatch):
    monkeypatch.setattr(replaying, "MOST_HASHES_A_QUERY", most)
    a_shop(sqlite_url)
    erased(an_erasure())
    restore(sqlite_url)
    assert replayed("--dry-run")["persons"] == 1


def test_rows_that_only_another_source_led_to_are_found_by_what_they_link_by(sqlite_url, postgres_database):
    crm, desk = postgres_database("crm"), postgres_database("desk")
    linked_sources(crm, desk)
    changes = erased(an_erasure())
    assert [change.is_proven for change in changes] == [True, True]
    assert [row[0] for row in rows(desk, "tickets")] == [2, 3, 4]
    run(desk, "DROP TABLE tickets", *TICKET_ROWS)
    assert replayed("--apply", source="desk")["changed"] == 1
    assert [row[0] for row in rows(desk, "tickets")] == [2, 3, 4]


def test_whoever_cannot_be_erased_again_is_counted_and_the_others_are(sqlite_url):
    source = a_shop(sqlite_url)
    first, second = an_erasure(), an_erasure("bob@example.test")
    erased(first)
    erased(second)
    restore(sqlite_url)
    run(sqlite_url, "DELETE FROM carts WHERE customer_id = 2")
    new_map(source, ("    erase: {action: delete}\n", ""))
    with pytest.raises(CommandError, match="1 person not erased: The data map does not say what erasing does to carts"):
        replay("--apply")
    assert (found(first), found(second)) == (5, 0)
    with pytest.raises(CommandError, match="1 person not erased"):
        replay("--dry-run")


def test_one_person_whom_the_database_holds_does_not_keep_the_others(sqlite_url):
    a_shop(sqlite_url)
    first, second = an_erasure(), an_erasure("bob@example.test")
    erased(first)
    erased(second)
    restore(sqlite_url)
    holding = "BEGIN SELECT RAISE(ABORT, 'on hold'); END"
    run(sqlite_url, f"CREATE TRIGGER held BEFORE DELETE ON carts WHEN OLD.customer_id = 1 {holding}")
    with pytest.raises(CommandError, match="1 person not erased: The source shop cannot be changed"):
        replay("--apply")
    assert (found(first), found(second)) == (5, 0)


def test_a_source_that_was_never_erased_from_is_not_even_read(sqlite_url):
    a_source(sqlite_url)  # which holds no table
    assert replayed("--apply")["persons"] == 0


def test_problems_are_one_line_and_status_1(sqlite_url):
    with pytest.raises(CommandError, match=r"^There is no source shop\.$") as refusal:
        replay("--apply")
    assert refusal.value.returncode == 1
    a_shop(sqlite_url)
    erased(an_erasure())
    run(sqlite_url, *(f"DROP TABLE {name}" for name in TABLES))
    with pytest.raises(CommandError) as refusal:
        replay("--apply")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("wrong", [(), ("--apply", "--dry-run"), ("--apply", "--since", "yesterday")])
def test_trying_or_doing_has_to_be_said_and_one_of_them(start_portal, wrong, tmp_path):
    process = start_portal(f"sqlite:///{tmp_path / 'none.sqlite3'}", "dsr_replay_erasures", "--source", "shop", *wrong)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "usage:" in said


def test_no_identifier_stands_in_clear_anywhere_but_in_the_request_itself(shop, database_url, capfd):
    from django.apps import apps

    request = an_erasure(phone="+4915123456789")
    erased(request)
    restore(database_url)
    printed = replay("--dry-run") + replay("--apply")
    own = {"subjectrequest", "identifier"}
    models = [model for model in apps.get_models() if model._meta.model_name not in own]
    stored = "".join(serializers.serialize("json", model._default_manager.all()) for model in models)
    said = stored + printed + "".join(capfd.readouterr())
    assert ErasedIdentifier.objects.count() > 5
    assert not re.search(r"ann@|4915123456789|1512 3456789|Lamp", said, re.IGNORECASE)
    assert AuditEntry.objects.filter(action="erasure.replayed").count() == 1
