"""An answer with everything around its records: who answers whom, what was searched, what is left out and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from exporters.base import Answer
from exporters.letter import Authority, Controller, Letter, Searched, SearchOutcome
from extractors.batches import Cause, Field, Information, Kind, Omission
from tests.exporters.factories import a_collection_answer, a_source, an_answer

CONTROLLER = Controller(
    "Example & Söhne",
    ("Hauptstraße 1", "10115 Berlin"),
    country="DE-BE",
    email="privacy@example.org",
    phone="+49 30 123456",
    website="https://example.org/",
    privacy_url="https://example.org/privacy",
    officer="Dora Schutz",
    officer_contact="dpo@example.org",
    representative="Example Union, 1 Rue X, Paris",
)
AUTHORITY = Authority(
    "DE-BE",
    "Berliner Beauftragte für Datenschutz und Informationsfreiheit",
    ("Alt-Moabit 59-61", "10555 Berlin", "Germany"),
    website="https://www.datenschutz-berlin.de/",
    complaint_url="https://www.datenschutz-berlin.de/beschwerde",
)
LETTER = Letter(
    CONTROLLER,
    AUTHORITY,
    "access",
    "Ann Älvsjö",
    received_on=date(2024, 4, 22),
    due_on=date(2024, 5, 22),
    place="DE-BE",
    decision="We withheld one note.\nIt is about your neighbour.",
)
SEARCHED_AT = datetime(2024, 5, 5, 4, 3, 2, tzinfo=UTC)
SEARCHED = (
    Searched("shop", "Web shop", SearchOutcome.FOUND, SEARCHED_AT, ("email", "user_id"), 2),
    Searched("crm", "Customer file", SearchOutcome.EMPTY, SEARCHED_AT, ("email",)),
    Searched("desk", "Help desk", SearchOutcome.PARTLY, SEARCHED_AT, ("email",), 0, "Customer file was down."),
    Searched("old", "Old archive", SearchOutcome.FAILED, note="It could not be reached."),
)
OMISSIONS = (
    Omission("shop", "customers", "secret, never leaves the source: password", cause=Cause.SECRET),
    Omission("old", None, "Old archive could not be searched", cut=True, cause=Cause.UNREACHED),
    Omission("shop", "customers", "Nobody noted why"),
)
SEGMENTS = {"A": "regular", "B": "new", "-1": '=1+1 "x"'}


def a_whole_answer(language: str = "en") -> Answer:
    """Build an answer of two records, one of whose fields is coded, with a letter."""
    fields = (
        Field("created_at", Kind.TIMESTAMP),
        Field("segment", Kind.TEXT, "Customer group", "How we group you", "profile", SEGMENTS),
    )
    columns = {
        "created_at": (Kind.TIMESTAMP, ["2024-01-02T03:04:05Z", None]),
        "segment": (Kind.TEXT, ["A", "Z"]),
    }
    source = a_source(purposes=("Selling",), recipients=("Carrier",), retention="Ten years", transfers="None")
    own = Information(purposes=("Advice",), automated_decisions="None")
    item = a_collection_answer(
        columns, source=source, name="customers", label="Customers", fields=fields, information=own
    )
    answer = an_answer(item, omissions=OMISSIONS)
    return replace(answer, letter=LETTER, searched=SEARCHED, language=language)
