from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from extractors.errors import FaultyDataMap, SourceUnavailable
from extractors.registry import UnusableUrl
from requests_app import sources
from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.models import AuditEntry, DataSource, DataSourceMap, EncryptionKey
from tests.requests_app.portal import MAP, a_shop, a_source, acts, staff

pytestmark = pytest.mark.django_db

URL = "postgresql://reader:Zanzibar-Passphrase@db.internal/shop"


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (DataSource, DataSourceMap, EncryptionKey)]


def new():
    return DataSource(slug="shop", label="Web shop")


def test_a_source_is_stored_with_its_first_map(tmp_path):
    user = staff()
    source = sources.save(new(), a_shop(tmp_path), MAP, user)
    stored = DataSource.objects.get()
    assert (stored.kind, stored.current_map.version, stored.current_map.text) == ("sqlite", 1, MAP)
    assert stored.current_map.created_by == user
    assert sources.url_of(stored) == sources.url_of(source) == a_shop_url(tmp_path)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.target) == ("source.created", user.pk, f"source {source.pk}")
    assert entry.details == {"map_version": 1, "has_new_address": True, "is_sensitive": False}


def a_shop_url(folder):
    return f"sqlite:///{folder / 'shop.sqlite3'}"


def test_the_address_stands_nowhere_in_clear():
    source = sources.save(new(), URL, MAP, None)
    assert sources.url_of(source) == URL
    told = str((everything(), list(AuditEntry.objects.values()), repr(source), str(source)))
    assert "Zanzibar" not in told
    assert "db.internal" not in told


def test_the_map_gets_a_version_only_when_its_text_changed(tmp_path):
    source = a_source(tmp_path)
    sources.save(source, "", source.current_map.text, None)
    assert DataSourceMap.objects.count() == 1
    sources.save(source, "", MAP + "# changed\n", None)
    sources.save(source, "", MAP, None)
    assert list(source.maps.values_list("version", "text")) == [(3, MAP), (2, MAP + "# changed\n"), (1, MAP)]
    assert DataSource.objects.get().current_map.version == 3
    assert acts(None) == ["source.created"] + ["source.changed"] * 3


def test_without_a_new_address_the_old_one_stays(tmp_path):
    source = a_source(tmp_path)
    before = DataSource.objects.values("connection", "key").get()
    sources.save(source, "", MAP, None)
    assert DataSource.objects.values("connection", "key").get() == before
    assert AuditEntry.objects.latest("pk").details["has_new_address"] is False


def test_a_new_address_destroys_the_key_of_the_old_one(tmp_path):
    source = a_source(tmp_path)
    old_key = source.key_id
    sources.save(source, URL, MAP, None)
    assert sources.url_of(DataSource.objects.get()) == URL
    assert DataSource.objects.get().kind == "postgresql"
    with pytest.raises(KeyDestroyed):
        open_key(old_key)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_faulty_map_is_refused_with_all_its_faults_and_nothing_is_stored(is_new, tmp_path):
    source = new() if is_new else a_source(tmp_path)
    faulty = "version: 1\nsource: shop\ncolour: red\ncollections:\n  orders: {limit: 3}\n  people: {keys: id}\n"
    before, on_record = everything(), acts(None)
    with pytest.raises(FaultyDataMap) as refusal:
        sources.save(source, URL, faulty, None)
    assert [(fault.line, fault.path) for fault in refusal.value.faults] == [
        (3, "colour"),
        (5, "collections.orders"),
        (6, "collections.people.keys"),
    ]
    assert (everything(), acts(None)) == (before, on_record)


def test_a_text_that_is_no_yaml_is_refused():
    with pytest.raises(FaultyDataMap):
        sources.save(new(), URL, "collections: [", None)
    assert not DataSource.objects.exists()


def test_a_map_of_another_source_is_refused(tmp_path):
    before = everything()
    with pytest.raises(FaultyDataMap, match="source: names 'crm', but the short name of this source is 'shop'"):
        sources.save(new(), a_shop(tmp_path), MAP.replace("source: shop", "source: crm"), None)
    assert everything() == before


@pytest.mark.parametrize(
    "url", ["gopher://old.test/shop", "no address at all", "postgresql://reader:secret@host:port/x"]
)
def test_an_address_that_nothing_serves_is_refused(url):
    with pytest.raises(UnusableUrl) as refusal:
        sources.save(new(), url, MAP, None)
    assert "secret" not in str(refusal.value)
    assert not DataSource.objects.exists()


def test_a_new_source_needs_an_address():
    with pytest.raises(sources.MissingUrl):
        sources.save(new(), "", MAP, None)
    assert not DataSource.objects.exists()


def test_a_check_says_that_the_map_fits_and_what_is_worth_a_look(tmp_path):
    source, user = a_source(tmp_path), staff()
    warnings = sources.check(source, user)
    stored = DataSource.objects.get()
    first, *rest = stored.check_result.splitlines()
    assert first == "fits"
    assert rest == [str(warning) for warning in warnings]
    assert warnings, "no index serves the link of the orders"
    assert stored.checked_at
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_id, entry.details) == ("source.checked", user.pk, {"fits": True})


def test_a_check_says_what_does_not_fit(tmp_path):
    source = a_source(tmp_path)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
        database.execute("ALTER TABLE customers RENAME COLUMN email TO mail")
    with pytest.raises(FaultyDataMap):
        sources.check(source, None)
    result = DataSource.objects.get().check_result
    assert result.startswith("failed: The data map has 1 fault")
    assert "email" in result
    assert AuditEntry.objects.latest("pk").details == {"fits": False}


def test_a_check_says_that_a_source_is_not_there(tmp_path):
    source = a_source(tmp_path, url=f"sqlite:///{tmp_path / 'nowhere.sqlite3'}")
    with pytest.raises(SourceUnavailable):
        sources.check(source, None)
    assert DataSource.objects.get().check_result.startswith("failed: ")


def test_a_source_without_a_map_cannot_be_checked(tmp_path):
    source = a_source(tmp_path)
    source.current_map = None
    with pytest.raises(sources.MissingUrl, match="no data map"):
        sources.check(source, None)


def test_a_search_reads_by_the_map_it_was_planned_with(tmp_path):
    source = a_source(tmp_path)
    first = source.current_map
    sources.save(
        source, "", "version: 1\nsource: shop\ncollections:\n  orders: {identifiers: {email: product}}\n", None
    )
    assert list(sources.extractor(source, first).data_map.collections) == ["customers", "orders"]
    assert list(sources.extractor(source, source.current_map).data_map.collections) == ["orders"]


def test_a_source_is_read_in_the_words_of_a_language_and_its_map_keeps_all_of_them(tmp_path):
    source = a_source(tmp_path)
    text = MAP.replace("label: Web shop", "label: {en: Web shop, de: Internetladen}")
    sources.save(source, "", text, None)
    assert source.current_map.text == text
    labels = [sources.extractor(source, source.current_map, tag).data_map.label for tag in ("de-AT", "en", "fr")]
    assert labels == ["Internetladen", "Web shop", "Web shop"]
