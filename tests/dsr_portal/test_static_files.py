from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import Client

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

TEMPLATES = Path(__file__).parents[2] / "templates"
STYLE = "admin/css/base.css"


@pytest.mark.parametrize("is_debugging", [True, False])
def test_files_are_served_where_they_lie(is_debugging: bool, settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.DEBUG = is_debugging
    settings.STATIC_ROOT = tmp_path / "nothing-collected"
    address = staticfiles_storage.url(STYLE)
    response = Client().get(address)
    assert (address, response.status_code) == (f"/static/{STYLE}", 200)
    assert response.headers["Content-Type"].startswith("text/css")
    assert "immutable" not in response.headers["Cache-Control"]
    assert response.getvalue()


def test_collected_files_are_named_by_their_content_and_kept_for_ever(
    settings: SettingsWrapper, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    address = type(staticfiles_storage._wrapped)(location=tmp_path).url(STYLE)  # as a process started afterwards
    assert re.fullmatch(r"/static/admin/css/base\.[0-9a-f]{12}\.css", address)
    response = Client().get(address, headers={"accept-encoding": "gzip"})
    assert response.status_code == 200
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.getvalue()


@pytest.mark.django_db
def test_nothing_outside_the_folders_is_served() -> None:
    client = Client()
    for path in ("/static/", "/static/../manage.py", "/static/%2e%2e/manage.py", "/static/nothing.css"):
        assert client.get(path).status_code == 404


def test_every_file_that_a_template_names_exists() -> None:
    named = {
        name
        for template in TEMPLATES.rglob("*.html")
        for name in re.findall(r"{% static [\"']([^\"']+)[\"']", template.read_text(encoding="utf-8"))
    }
    assert [name for name in sorted(named) if finders.find(name) is None] == []
