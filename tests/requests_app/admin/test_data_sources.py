from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from requests_app.models import AuditEntry, DataSource, DataSourceMap
from requests_app.sources import url_of
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import MAP, a_shop, a_source

pytestmark = pytest.mark.django_db

FAULTY = """version: 1
source: shop
collections:
  customers:
    identifiers: {email: email}
    fields: {city: {colour: red}}
  orders:
    links: [{column: customer_id, to: clients.id}]
"""


def typed(**changes):
    return {"label": "Web shop", "slug": "shop", "owner": "", "is_enabled": "on", "map_text": MAP} | changes


def test_a_source_is_added_with_its_kind_read_from_the_address(tmp_path):
    address = a_shop(tmp_path)
    client = signed_in("Manager")
    owner = User.objects.get()
    response = client.post(url("sources.add"), typed(url=address, owner=owner.pk), follow=True)
    source = DataSource.objects.get()
    assert (source.kind, source.slug, source.owner, source.is_enabled) == ("sqlite", "shop", owner, True)
    assert "Web shop is saved." in words(response)
    assert DataSourceMap.objects.get().created_by == owner


def test_a_source_is_marked_as_sensitive_on_record(tmp_path):
    source, client = a_source(tmp_path), signed_in("Manager")
    assert "sensitive" not in words(client.get(url("sources.change", source.pk)))
    for ticked, marked in (({"is_sensitive": "on"}, True), ({}, False)):
        client.post(url("sources.edit", source.pk), typed(url="", **ticked))
        source.refresh_from_db()
        assert source.is_sensitive is marked
        assert AuditEntry.objects.latest("pk").details["is_sensitive"] is marked
        assert ("sensitive" in words(client.get(url("sources.change", source.pk)))) is marked


def test_the_address_is_never_shown_again(tmp_path):
    source = a_source(tmp_path)
    client = signed_in("Manager")
    pages = [client.get(url("sources.change", source.pk)), client.get(url("sources.edit", source.pk))]
    pages += [client.get(url("sources")), client.post(url("sources.edit", source.pk), typed(label=""))]
    for page in pages:
        text = page.content.decode()
        assert str(tmp_path) not in text
        assert source.connection not in text


def test_an_address_typed_comes_back_with_a_refused_form():
    response = signed_in("Manager").post(url("sources.add"), typed(url="sqlite:////shop-4711", map_text=FAULTY))
    assert 'value="sqlite:////shop-4711"' in response.content.decode()


def test_an_empty_address_keeps_the_one_stored(tmp_path):
    source = a_source(tmp_path)
    before = url_of(source)
    signed_in("Manager").post(url("sources.edit", source.pk), typed(label="Old shop", url=""))
    source.refresh_from_db()
    assert (source.label, url_of(source)) == ("Old shop", before)


def test_an_unchanged_map_makes_no_new_version_and_a_changed_one_does(tmp_path):
    source = a_source(tmp_path)
    client = signed_in("Manager")
    browsers = MAP.replace("\n", "\r\n")
    client.post(url("sources.edit", source.pk), typed(map_text=browsers))
    assert DataSourceMap.objects.count() == 1
    client.post(url("sources.edit", source.pk), typed(map_text=browsers + "\r\n# reviewed\r\n"))
    source.refresh_from_db()
    assert source.current_map.version == 2
    text = words(client.get(url("sources.change", source.pk)))
    assert "Version 2, in use" in text
    assert "Version 1" in text


def test_a_faulty_map_is_refused_with_every_fault_by_its_line_and_nothing_typed_is_lost(tmp_path):
    source = a_source(tmp_path)
    response = signed_in("Manager").post(url("sources.edit", source.pk), typed(label="New name", map_text=FAULTY))
    text = words(response)
    assert "Nothing was saved: the map has 2 faults, listed here." in text
    assert "Line 6 , collections.customers.fields.city.colour" in text
    assert "Line 8 , " in text
    page = response.content.decode()
    assert "colour: red" in page
    assert 'value="New name"' in page
    source.refresh_from_db()
    assert (source.label, source.current_map.version) == ("Web shop", 1)


def test_a_map_that_is_no_yaml_is_refused_in_words(tmp_path):
    response = signed_in("Manager").post(url("sources.add"), typed(url=a_shop(tmp_path), map_text="a: [1\nb: }"))
    assert "Nothing was saved: the map has one fault, listed here." in words(response)
    assert not DataSource.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "oracle://host/database"}, "Such URLs need the Python package oracledb, which is not installed"),
        ({"url": "nonsense"}, "The URL of the source cannot be read"),
        ({"url": ""}, "This field is required"),
        ({"slug": "Not A Slug"}, "valid “slug”"),
        ({"label": ""}, "This field is required"),
    ],
)
def test_a_faulty_field_is_named_and_the_map_kept(tmp_path, changes, said):
    response = signed_in("Manager").post(url("sources.add"), typed(url=a_shop(tmp_path)) | changes)
    assert said in words(response)
    assert "{column: customer_id, to: customers.id}" in words(response)
    assert not DataSource.objects.exists()


def test_a_second_source_of_the_same_short_name_is_refused(tmp_path):
    a_source(tmp_path)
    response = signed_in("Manager").post(url("sources.add"), typed(url="sqlite:////tmp/other.sqlite3"))
    assert "already exists" in words(response)
    assert DataSource.objects.count() == 1


def test_a_check_says_that_the_map_fits(tmp_path):
    source = a_source(tmp_path)
    client = signed_in("Manager")
    assert "It was not checked yet." in words(client.get(url("sources.change", source.pk)))
    text = words(client.post(url("sources.check", source.pk), follow=True))
    assert "It can be reached, and the map fits it." in text
    assert AuditEntry.objects.filter(action="source.checked").exists()


def test_a_check_lists_what_is_worth_a_look(tmp_path):
    source = a_source(tmp_path)
    DataSourceMap.objects.update(text=MAP)
    text = words(signed_in("Manager").post(url("sources.check", source.pk), follow=True))
    warnings = DataSource.objects.get().check_result.splitlines()[1:]
    assert warnings, "the shop's orders have no index on customer_id"
    for warning in warnings:
        assert warning in text


def test_a_check_says_what_does_not_fit(tmp_path):
    source = a_source(tmp_path, url=f"sqlite:///{tmp_path / 'gone.sqlite3'}")
    client = signed_in("Manager")
    text = words(client.post(url("sources.check", source.pk), follow=True))
    assert "The check failed; the page says why." in text
    assert "has no database file there" in text
    assert "check failed" in words(client.get(url("sources")))


def test_who_only_looks_sees_the_map_and_no_buttons(tmp_path):
    source = a_source(tmp_path)
    text = words(signed_in("Viewer").get(url("sources.change", source.pk)))
    assert "identifiers: {email: email}" in text
    assert "Test connection" not in text
    assert "Change" not in text


def test_an_empty_list_says_what_that_means():
    assert "Until there is one, every answer is empty." in words(signed_in("Viewer").get(url("sources")))
