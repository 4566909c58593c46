"""The team sees to whom a person had their files handed over and who fetched them, and never the link."""

from __future__ import annotations

import pytest
from django.test import Client

from requests_app.models import Right
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import a_request
from tests.requests_app.test_transferring import a_portable, handed_over

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def page_of(request, role="Processor"):
    return signed_in(role).get(url("requests.change", request.pk))


def test_the_receiver_and_each_fetch_are_shown_without_the_link():
    export = a_portable()
    path = handed_over(export)
    assert "Other Bank works json/export.json, by the person" in words(page_of(export.request))
    b"".join(Client().get(path, headers={"User-Agent": "other-bank/1.0"}).streaming_content)
    page = page_of(export.request)
    assert "from 127.0.0.1 by other-bank/1.0" in words(page)
    assert path not in page.content.decode()


def test_without_a_transfer_there_is_no_panel():
    assert "Handed to other services" not in words(page_of(a_request(right=Right.PORTABILITY)))
    assert "Handed to other services" not in words(page_of(a_request(right=Right.ACCESS)))
