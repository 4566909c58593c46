"""Each kind of change lists the recipients of what it changed, on real sources, through the worker."""

from __future__ import annotations

import pytest

from tests.requests_app.changing import marked
from tests.requests_app.recipients.told import listed
from tests.requests_app.rectifying import shops as correcting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
NAMED = ("label: Web shop\n", "label: Web shop\ninformation: {recipients: [Carrier]}\n")


def test_a_restriction_lists_them_and_its_end_does_not_again(sqlite_url):
    marked.a_marked_shop(sqlite_url, text=marked.MAP.replace(*NAMED))
    request = marked.asking()
    marked.worked(marked.taking_effect(request))
    assert listed(request) == {"Carrier": ["Web shop: customers", "Web shop: orders"]}
    marked.worked(marked.taken_back(request))
    assert len(listed(request)) == 1


def test_an_objection_to_marketing_tells_nobody(sqlite_url):
    marked.a_marked_shop(sqlite_url, text=marked.MAP.replace(*NAMED))
    request = marked.asking()
    (change,) = marked.worked(marked.taking_effect(request, marked.Act.OBJECTION_MARKETING))
    assert change.result["rows"]
    assert listed(request) == {}


def test_corrections_list_the_recipients_of_what_was_written_and_not_of_what_was_rejected(sqlite_url):
    correcting.a_shop(sqlite_url, text=correcting.MAP.replace(*NAMED))
    request = correcting.a_rectification()
    correcting.proposed(request, city="Oslo")
    correcting.proposed(request, "orders", address="Side St 2")
    correcting.decided(request, city="approve", address=("reject", "It is right as it is."))
    assert listed(request) == {}  # nothing is written yet
    correcting.written(request)
    assert listed(request) == {"Carrier": ["Web shop: Your account"]}
