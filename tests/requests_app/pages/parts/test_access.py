"""What a person is shown of what was found, before any file is made, and the formats they choose meanwhile."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from requests_app import audit, links, review, sources, tasks
from requests_app.audit import Actor
from requests_app.models import AuditEntry, DataSource, Export, Redaction, Right, SecureLink, SourceSearch
from requests_app.models.subject_request import SubjectRequest
from requests_app.rendering import choosing
from requests_app.rendering.choosing import ImpossibleChoice
from requests_app.rendering.previewing import preview_of
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import ANN, MARKER, a_shop, a_source, acts, confirmed, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

LABELLED = """
version: 1
source: shop
label: {en: Web shop, de: Internetladen}
collections:
  customers:
    label: {en: Your account, de: Ihr Konto}
    identifiers: {email: email}
    provided: true
    basis: contract
  orders:
    label: {en: Your orders, de: Ihre Bestellungen}
    links: [{column: customer_id, to: customers.id}]
"""


@pytest.fixture
def shop(tmp_path):
    return sources.save(DataSource(slug="shop", label="Shop"), a_shop(tmp_path), LABELLED, None)


def searched(right=Right.ACCESS, **typed) -> SubjectRequest:
    """Ann's request, of which every source was read or given up."""
    request = confirmed(ANN, right, **typed)
    for search in request.searches.all():
        for _ in range(20):
            tasks.collect_source(search.pk)
            SourceSearch.objects.filter(pk=search.pk, state="waiting").update(
                claimable_at=timezone.now(), requeue_at=timezone.now()
            )
    request.refresh_from_db()
    return request


def path_of(request, rest: str = "") -> str:
    return f"/r/{links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=1))}{rest}"


def page_of(request) -> str:
    return Client().get(path_of(request)).content.decode()


def choose(request, *formats: str):
    return Client().post(path_of(request, "/formats"), {"formats": formats})


def ticked(request) -> set[str]:
    boxes = re.findall(r'<input type="checkbox" name="formats" value="(\w+)"([^>]*)>', page_of(request))
    return {slug for slug, rest in boxes if "checked" in rest}


def test_the_kinds_of_data_are_shown_with_their_numbers_and_bars(shop):
    page = page_of(searched())
    words = text_of(Client().get(path_of(SubjectRequest.objects.get())))
    assert "3 records, in 1 of 1 system." in words
    assert re.search(r"Web shop.*Your account 1 Your orders 2", words)
    assert re.findall(r'<rect class="filled" width="([\d.]+)"', page) == ["50.0", "100.0"]
    assert MARKER not in page


def test_the_kinds_are_called_as_the_map_calls_them_in_the_persons_language(shop):
    words = text_of(Client().get(path_of(searched(language="de"))))
    assert "Ihr Konto" in words
    assert "Internetladen" in words
    assert "Your account" not in words


def test_nothing_is_told_before_every_source_was_read(shop):
    request = confirmed(ANN)
    assert preview_of(request) is None
    assert "What we found" not in page_of(request)
    assert "Your formats" in page_of(request)


def test_a_source_that_could_not_be_searched_is_named_and_so_is_one_that_was_empty(shop, tmp_path):
    a_source(tmp_path, slug="crm", url=f"sqlite:///{tmp_path / 'nowhere.sqlite3'}")
    (tmp_path / "empty").mkdir()
    url = a_shop(tmp_path / "empty")
    nobody = LABELLED.replace("source: shop", "source: shop2").replace(
        "identifiers: {email: email}", "identifiers: {email: city}"
    )
    sources.save(DataSource(slug="shop2", label="Second"), url, nobody, None)
    request = searched()
    preview = preview_of(request)
    assert {str(source.outcome) for source in preview.sources} == {"failed", "found", "empty"}
    words = text_of(Client().get(path_of(request)))
    assert "3 records, in 1 of 3 systems." in words
    assert "Could not be searched. Our team sees it" in words
    assert "Searched; nothing was found." in words


def test_of_portability_only_what_was_given_is_counted_and_the_rest_named(shop):
    words = text_of(Client().get(path_of(searched(Right.PORTABILITY))))
    assert "1 record that you gave us, in 1 of 1 system." in words
    assert "or it is used on another ground: Your orders. A request for access gives you these." in words
    assert "Your orders 2" not in words


def test_what_is_withheld_does_not_move_the_numbers_and_the_answer_says_how_many(shop):
    request, actor = searched(), Actor.staff(staff())
    before = preview_of(request)
    review.redact(request.searches.get(), "orders", ordinal=0, ground="About somebody else", actor=actor)
    assert Redaction.objects.count() == 1
    assert preview_of(request) == before


def test_where_a_code_comes_before_the_files_no_kind_and_no_number_is_told(shop, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    words = text_of(Client().get(path_of(searched())))
    assert "once you have entered the code" in words
    for told in ("Your account", "Your orders", "3 records"):
        assert told not in words


def test_the_page_stands_when_what_was_found_cannot_be_read(shop, storage_folder):
    request = searched()
    for file in storage_folder.rglob("*.segment"):
        file.unlink()
    words = text_of(Client().get(path_of(request)))
    assert "Web shop" not in words
    assert "3 records" in words


def test_once_the_answer_is_there_the_preview_is_gone(shop):
    request = searched()
    export = review.release(request.pk, actor=Actor.staff(staff()))
    assert "What we found" in page_of(request)
    assert "Your formats" not in page_of(request)
    tasks.render_export(export.pk)
    assert "What we found" not in page_of(request)


def test_other_rights_have_neither(shop):
    for right in set(Right) - {Right.ACCESS, Right.PORTABILITY}:
        request = confirmed(ANN, right)
        page = page_of(request)
        assert "What we found" not in page, right
        assert "Your formats" not in page, right
        with pytest.raises(ImpossibleChoice):
            choosing.choose(request, ["pdf"], actor=audit.SUBJECT)


def test_the_formats_of_the_form_are_ticked_and_others_can_be_chosen(shop):
    request = searched(formats=("pdf", "html"))
    assert ticked(request) == {"pdf", "html"}
    assert choose(request, "json", "xlsx").status_code == 302
    assert ticked(request) == {"json", "xlsx"}
    assert acts(request.pk).count("formats.chosen") == 1
    assert AuditEntry.objects.get(action="formats.chosen").details == {"formats": ["xlsx", "json"]}
    assert "You chose the formats of your files" in page_of(request)


def test_files_are_made_in_the_formats_that_were_chosen(shop):
    request = searched()
    choose(request, "xml", "csv")
    assert review.release(request.pk, actor=Actor.staff(staff())).formats == ["csv", "xml"]


def test_to_choose_the_same_again_is_no_act(shop):
    request = searched(formats=("pdf", "html"))
    choose(request, "html", "pdf")
    assert "formats.chosen" not in acts(request.pk)


@pytest.mark.parametrize(("right", "formats"), [("access", []), ("access", ["doc"]), ("portability", ["pdf"])])
def test_no_format_and_one_that_is_not_offered_are_refused(shop, right, formats):
    request = searched(Right(right))
    answer = choose(request, *formats)
    assert answer.status_code == 400
    assert "Please choose" in text_of(answer)
    request.refresh_from_db()
    assert "doc" not in request.formats
    assert "formats.chosen" not in acts(request.pk)


def test_after_the_release_nothing_is_chosen_any_more(shop):
    request = searched()
    review.release(request.pk, actor=Actor.staff(staff()), formats=("json",))
    answer = choose(request, "csv")
    assert answer.status_code == 409
    assert "our team has released your answer" in text_of(answer)
    assert Export.objects.get().formats == ["json"]


def test_choosing_is_limited(shop, monkeypatch):
    monkeypatch.setattr(choosing, "MOST_A_DAY", 2)
    request = searched()
    answers = [choose(request, slug).status_code for slug in ("json", "csv", "xml")]
    assert answers == [302, 302, 429]
