from __future__ import annotations

import pytest
from django.db import connection
from django.template.loader import get_template
from django.test import Client

from tests.requests_app.pages.words import text_of


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_is_told_in_plain_words(client):
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert "There is no such page" in text_of(page)


@pytest.mark.django_db
def test_a_failure_is_told_in_plain_words(monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("requests_app.pages.asking.intake.submit", fail)
    typed = {"right": "access", "name": "Ann", "email": "ann@example.test", "terms": "on"}
    page = Client(raise_request_exception=False).post("/", typed)
    assert page.status_code == 500
    assert "Something went wrong on our side" in text_of(page)
    assert "secret" not in page.content.decode()


@pytest.mark.django_db
def test_a_page_is_shown_where_the_database_fails(client):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE requests_app_controllerprofile RENAME TO elsewhere")
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert "DSR Portal" in page.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_the_pages_of_failures_need_nothing_that_may_have_failed(name):
    assert "DSR Portal" in get_template(name).render()
