"""Rows of a list as requests, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from requests_app.importing.columns import FIELDS, faults_of, recognised
from requests_app.importing.dates import DateOrder
from requests_app.importing.lines import FaultyLine, Reading, mark_of_record, read_line
from requests_app.intake import parts_of
from requests_app.models import Channel, Right

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
HEADINGS = ["Received", "Right", "Name", "E-mail", "Telephone", "Postal address", "Lives in", "Came by", "Language"]
GOOD = ["2026-10-01", "access", "Ann Example", "ann@example.test", "", "", "DE", "letter", "de"]


def read(cells, headings=HEADINGS, **known):
    reading = Reading(recognised(headings), headings, **known)
    return read_line(cells, reading, now=NOW)


def faults(cells, headings=HEADINGS, **known):
    with pytest.raises(FaultyLine) as error:
        read(cells, headings, **known)
    return error.value.faults


def changed(**cells):
    names = ["received", "right", "name", "email", "phone", "address", "place", "channel", "language"]
    return [cells.get(name, cell) for name, cell in zip(names, GOOD, strict=True)]


def test_a_row_is_read_as_the_request_it_asks_for():
    line = read(GOOD)
    assert (line.right, line.name, line.email) == (Right.ACCESS, "Ann Example", "ann@example.test")
    assert (line.channel, line.place, line.language) == (Channel.LETTER, "DE", "de")
    assert line.received_at.isoformat() == "2026-10-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31", "2026-03-31T00:00"),
        ("2026/3/31", "2026-03-31T00:00"),
        ("31.3.2026", "2026-03-31T00:00"),
        ("31. 03. 26", "2026-03-31T00:00"),
        ("31/03/2026", "2026-03-31T00:00"),
        ("3/31/2026", "2026-03-31T00:00"),
        ("4/4/26", "2026-04-04T00:00"),
        ("2026-03-31 14:30", "2026-03-31T14:30"),
        ("2026-03-31T14:30:05Z", "2026-03-31T14:30"),
        ("2026-03-31T14:30:05.123+02:00", "2026-03-31T12:30"),
        ("31/03/2026 2:30 PM", "2026-03-31T14:30"),
    ],
)
def test_a_day_is_read_however_people_write_it(text, moment):
    assert read(changed(received=text)).received_at.astimezone(UTC).isoformat().startswith(moment)


@pytest.mark.parametrize(("order", "day"), [("day", "2026-04-03"), ("month", "2026-03-04")])
def test_a_day_that_may_be_two_is_read_as_somebody_said(order, day):
    assert read(changed(received="03/04/2026"), date_order=DateOrder(order)).received_at.date().isoformat() == day


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("03/04/2026", "may be one of two days"),
        ("31.02.2026", "no day of the calendar"),
        ("2026-12-01", "lies in the future"),
        ("2001-01-01", "more than 10 years back"),
        ("46112", "the number a spreadsheet keeps a date as"),
        ("yesterday", "is no date"),
        ("2026-03-31 25:00", "no clock shows"),
        ("2026-03-31 or so", "no time"),
    ],
)
def test_a_day_that_cannot_be_read_is_told(text, told):
    (field, fault), *others = faults(changed(received=text)).items()
    assert (field, others) == ("received", [])
    assert told in fault


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Art. 15 DSGVO", "access"),
        ("§ 17", "erasure"),
        ("Artikel 20", "portability"),
        ("21", "objection"),
        ("Löschung", "erasure"),
        ("droit d'accès", "access"),
        ("Supresión", "erasure"),
        ("rettifica", "rectification"),
        ("Erase my data", "erasure"),
    ],
)
def test_a_right_is_known_by_its_article_and_in_other_languages(text, right):
    assert read(changed(right=text)).right == right


@pytest.mark.parametrize(
    ("text", "place"),
    [("Deutschland", "DE"), ("de-by", "DE-BY"), ("Bayern", "DE-BY"), ("Allemagne", "DE"), ("UK", "GB"), ("", "")],
)
def test_a_place_is_known_by_its_code_and_its_names(text, place):
    assert read(changed(place=text)).place == place


@pytest.mark.parametrize(
    ("cells", "field", "told"),
    [
        ({"right": "15.03.2026"}, "right", "none of the seven"),
        ({"name": ""}, "name", "is empty"),
        ({"name": "x" * 201}, "name", "longer than 200"),
        ({"name": "J\ufffdrg"}, "name", "no text"),
        ({"email": "ann@"}, "email", "no whole e-mail address"),
        ({"email": "a@b.test, c@d.test"}, "email", "no whole e-mail address"),
        ({"email": ""}, "email", "one of the three is needed"),
        ({"place": "Atlantis"}, "place", "no country"),
        ({"channel": "pigeon"}, "channel", "no known way"),
        ({"language": "Klingonish"}, "language", "no known language"),
        ({"phone": "1" * 41}, "phone", "longer than 40"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_told_by_its_field_and_never_repeats_the_value(cells, field, told):
    found = faults(changed(**cells))
    assert list(found) == [field]
    assert told in found[field]
    assert not any(value and value in found[field] for value in cells.values())


def test_every_fault_of_a_row_is_told_at_once():
    told = faults(["", "", "", "", "", "", "", "", ""])
    assert list(told) == ["received", "right", "name", "email"]


def test_a_row_that_is_too_short_lacks_what_is_not_there():
    assert list(faults(["2026-10-01"])) == ["right", "name", "email"]


def test_who_has_no_mailbox_has_an_address_in_lines():
    line = read(changed(email="", address="1 Example Street, 20095 Hamburg"))
    assert (line.email, line.postal_address) == ("", "1 Example Street\n20095 Hamburg")


def test_names_addresses_and_details_may_stand_in_several_columns():
    headings = ["Eingang", "Art", "Vorname", "Nachname", "Straße", "Hausnummer", "PLZ", "Ort"]
    headings += ["Kundennummer", "Betreff", "Aktenzeichen"]
    row = ["31.03.2026", "Auskunft", "Ann", "Example", "Hauptweg", "7", "20095", "Hamburg", "4711", "News", "A 7"]
    line = read(row, headings)
    assert (line.name, line.postal_address) == ("Ann Example", "Hauptweg 7\n20095 Hamburg")
    assert (line.details, line.numbers) == ("Betreff: News\nAktenzeichen: A 7", ("4711",))


def test_what_is_said_for_the_whole_list_fills_empty_cells_alone():
    defaults = {"channel": "phone", "place": "FR", "right": "erasure", "language": "fr"}
    line = read(changed(channel="", place="", right="", language=""), defaults=defaults)
    assert (line.channel, line.place, line.right, line.language) == ("phone", "FR", "erasure", "fr")
    assert read(GOOD, defaults=defaults).place == "DE"


def test_where_nothing_is_said_it_came_by_mail_and_is_answered_in_the_usual_language():
    line = read(GOOD[:4], HEADINGS[:4], language="nl")
    assert (line.channel, line.place, line.language) == (Channel.MAIL, "", "nl")


def test_every_column_of_the_template_is_recognised_by_name_and_label():
    for headings in ([field.name for field in FIELDS], [field.label for field in FIELDS]):
        assert list(recognised(headings).values()) == [field.name for field in FIELDS]


def test_no_heading_means_two_fields():
    claimed = [heading for field in FIELDS for heading in field.headings]
    assert sorted(claimed) == sorted(set(claimed))


def test_of_two_columns_that_claim_a_field_the_first_has_it():
    assert recognised(["E-Mail", "mail", "nonsense", ""]) == {0: "email"}


def test_what_is_missing_of_the_columns_is_told():
    assert len(faults_of({}, ())) == 4
    assert faults_of({0: "received", 1: "right", 2: "name", 3: "email"}, ()) == []
    assert faults_of({0: "received", 2: "name", 3: "address"}, ["right"]) == []
    assert faults_of({0: "received", 1: "right", 2: "name", 3: "email", 4: "email"}, ()) == [
        "E-mail: two columns cannot both be it."
    ]


@pytest.mark.parametrize(("one", "other", "is_same"), [
    ({}, {"email": "ANN@example.test", "name": "A. Example"}, True),
    ({}, {"right": "erasure"}, False),
    ({"email": "", "address": "1 A Street, B"}, {"email": "", "address": "1 a street\nB"}, True),
    ({"email": "", "address": "1 A Street, B"}, {"email": "", "address": "2 A Street, B"}, False),
], ids=["mailbox", "right", "address", "another"])  # fmt: skip
def test_the_same_person_asking_the_same_has_the_same_mark(one, other, is_same):
    marks = {mark_of_record(read(changed(**cells))) for cells in (one, other)}
    assert (len(marks) == 1) is is_same


ASKED = [*HEADINGS, "Erasure: ground", "Objection: scope", "Automated decision: view"]


@pytest.mark.parametrize("text", ["withdrawn", "Withdrawn ", "I take back my consent"])
def test_what_a_right_asks_may_stand_in_a_column_of_its_own(text):
    line = read([*changed(right="erasure"), text, "", ""], ASKED)
    assert line.particulars == {"ground": "withdrawn"}


def test_what_nobody_answered_is_taken_as_on_the_form():
    assert read([*changed(right="objection"), "", "", ""], ASKED).particulars == {"scope": "marketing"}
    assert read(changed(right="erasure")).particulars == {"ground": "unsaid"}


def test_an_answer_in_words_is_kept_as_it_stands():
    line = read([*changed(right="Art. 22"), "", "", "The bank was wrong"], ASKED)
    assert line.particulars == {"view": "The bank was wrong"}


@pytest.mark.parametrize(
    ("cells", "name", "told"),
    [
        (["because", "", ""], "erasure_ground", "is none of: unnecessary, withdrawn,"),
        (["", "all", ""], "objection_scope", "answers what is asked of another right"),
        (["", "", "x" * 2001], "automated_decision_view", "answers what is asked of another right"),
    ],
)
def test_an_answer_that_is_none_is_told_and_not_dropped(cells, name, told):
    found = faults([*changed(right="erasure"), *cells], ASKED)
    assert [*found] == [name]
    assert told in found[name]


def test_an_answer_that_is_too_long_is_told_by_its_column():
    found = faults([*changed(right="Art. 22"), "", "", "x" * 2001], ASKED)
    assert "2,000 characters" in found["automated_decision_view"]


@pytest.mark.parametrize("text", ["access; erasure", "Art. 17 + Art. 15", "Auskunft, Löschung", "access\nerasure;"])
def test_a_cell_may_name_several_rights(text):
    line = read(changed(right=text))
    assert {part.right for part in parts_of(line)} == {Right.ACCESS, Right.ERASURE}


def test_each_of_several_rights_gets_the_answers_to_its_own_questions():
    line = read([*changed(right="erasure; objection"), "child", "all", ""], ASKED)
    assert {part.right: part.particulars for part in parts_of(line)} == {
        Right.ERASURE: {"ground": "child"},
        Right.OBJECTION: {"scope": "all"},
    }


def test_one_right_that_nobody_knows_spoils_the_cell():
    assert "none of the seven rights" in faults(changed(right="access; everything"))["right"]
