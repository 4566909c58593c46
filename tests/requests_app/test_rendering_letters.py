"""What an export says of itself: who answers, to whom one may complain, and what was searched."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from exporters.letter import SearchOutcome
from requests_app.models import ControllerProfile, Right, Status
from requests_app.rendering.letters import letter_of, searched_of
from tests.requests_app.portal import a_request, a_source, collected

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def test_a_letter_names_the_controller_and_the_authority_of_the_persons_country():
    ControllerProfile.objects.create(pk=1, name="Nordwind AG", address="Hafenweg 1\n\n 20457 Hamburg ", country="DE-HH")
    asked = a_request(Status.IN_PROGRESS, place="FR", due_on=date(2026, 12, 1))

    letter = letter_of(asked)

    assert (letter.controller.name, letter.controller.address) == ("Nordwind AG", ("Hafenweg 1", "20457 Hamburg"))
    assert letter.authority is not None
    assert letter.authority.place == "FR"
    assert (letter.recipient, letter.right, letter.due_on) == ("Ann Example", Right.ACCESS, date(2026, 12, 1))


def test_where_the_person_lives_nowhere_known_the_controllers_authority_stands(settings):
    settings.DSR_SYSTEM_NAME = "Nordwind"
    ControllerProfile.objects.create(pk=1, country="DE-HH")

    letter = letter_of(a_request())

    assert letter.controller.name == "Nordwind"
    assert letter.authority is not None
    assert letter.authority.place == "DE-HH"


def test_without_any_place_no_authority_is_made_up():
    assert letter_of(a_request()).authority is None


def test_a_letter_dates_the_receipt_by_the_portals_clock(settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    asked = a_request(submitted_at=datetime(2026, 11, 25, 20, 0, tzinfo=UTC))

    assert letter_of(asked).received_on == date(2026, 11, 26)


def test_every_source_says_what_became_of_its_search(tmp_path):
    a_source(tmp_path)
    a_source(tmp_path, slug="crm", url=f"sqlite:///{tmp_path / 'nowhere.sqlite3'}")
    asked = collected()

    told = {item.source: item for item in searched_of(asked, asked.searches.select_related("source"))}

    assert told["shop"].outcome is SearchOutcome.FOUND
    assert (told["shop"].records, told["shop"].identifiers) == (3, ("email",))
    assert told["shop"].at is not None
    assert (told["crm"].outcome, told["crm"].records) == (SearchOutcome.FAILED, 0)


def test_a_source_without_anything_was_searched_all_the_same(tmp_path):
    a_source(tmp_path)
    asked = collected(email="nobody@example.test")

    (told,) = searched_of(asked, asked.searches.select_related("source"))

    assert told.outcome is SearchOutcome.EMPTY
