"""Records of certificates, made up."""

from __future__ import annotations

from datetime import UTC, date, datetime

from exporters.certificate.records import (
    AuditHead,
    DeadlineLine,
    Decision,
    Delivered,
    ErasedCollection,
    ErasedSource,
    ErasureRecord,
    HandlingRecord,
    Heading,
    Issuer,
    LeftOut,
    RequestFacts,
    Retained,
    StaffMember,
)
from exporters.letter import Controller, Image

NUMBER = "7F3K-Q9XM-2HVT-8WBC"
PAGE = f"https://privacy.example.test/certificates/{NUMBER}"
AT = datetime(2026, 11, 26, 9, 12, 5, 250_000, tzinfo=UTC)
DONE = datetime(2026, 11, 20, 10, 4, tzinfo=UTC)
LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 60"><circle cx="30" cy="30" r="26" fill="#0f5c4d"/></svg>'
)
CONTROLLER = Controller(
    "Meridian Foundation gGmbH",
    ("Lindenstraße 7", "10969 Berlin", "Germany"),
    "DE",
    colour="#0f5c4d",
    logo=Image("image/svg+xml", LOGO),
    signatory="Dr. Helene Voss",
    signatory_role="Data protection officer",
)
ISSUER = Issuer(CONTROLLER.name, CONTROLLER.address, CONTROLLER.country)
HEADING = Heading(AT, ISSUER, "Privacy Portal", NUMBER, PAGE, AuditHead(1842, "ab" * 32))
DECISION = Decision(
    StaffMember("Jonas Weber", "Processor"),
    StaffMember("Rita Lindqvist", "Reviewer"),
    datetime(2026, 11, 20, 10, 2, tzinfo=UTC),
)
GROUND = "17(3)(b): tax records"
CUSTOMERS = ErasedCollection("customers", "Customers", 1, anonymised=1)
ORDERS = ErasedCollection(
    *("orders", "Orders", 14),
    kept=14,
    after=14,
    reasons=(GROUND,),
    retained=Retained(GROUND, 14, 10, date(2030, 5, 4), date(2036, 11, 2)),
)
THREADS = ErasedCollection(
    "threads", "Conversations", 3, deleted=2, shared=1, after=1, reasons=("1 record: it is also another person's",)
)
CALLS = ErasedCollection("calls", "Calls", 1234, archived=1234)
SHOP = ErasedSource(
    *("shop", "Web shop", DONE, True, (CUSTOMERS, ORDERS, THREADS), "cd" * 32),
    map_version=4,
    decision=DECISION,
    came_since=1,
    audit_entries=(812, 815, 816),
)
CRM = ErasedSource("crm", "Customer relations", DONE, True, (CALLS,), "ef" * 32, 2, DECISION)
ASKED = RequestFacts("DSR-2026-7F3KQ9", "erasure", "GDPR Art. 17", datetime(2026, 11, 3, 14, 5, tzinfo=UTC))
ERASURE = ErasureRecord(ASKED, (SHOP, CRM), (LeftOut("fax", "Fax archive", "it could not be reached"),))
HANDLING = HandlingRecord(
    request=RequestFacts("DSR-2026-K7PQ4M", "access", "GDPR Art. 15", datetime(2026, 10, 5, 8, 31, tzinfo=UTC)),
    mailbox_proven_at=datetime(2026, 10, 5, 8, 44, tzinfo=UTC),
    due_on=date(2026, 11, 5),
    deadline=(
        DeadlineLine(date(2026, 10, 5), "The request was received", "GDPR Art. 12(3)"),
        DeadlineLine(date(2026, 11, 5), "One month later the period ends", "Regulation 1182/71 Art. 3(2)(c)"),
    ),
    ended_at=datetime(2026, 10, 19, 15, 2, tzinfo=UTC),
    ended="completed",
    outcome="full",
    is_in_time=True,
    delivered=(
        Delivered(datetime(2026, 10, 19, 15, 3, tzinfo=UTC), "mail", "Mail with a link to the files"),
        Delivered(datetime(2026, 10, 20, 7, 12, tzinfo=UTC), "download", "The files", 182_733, True),
    ),
    audit_entries=(4, 9, 22),
)
