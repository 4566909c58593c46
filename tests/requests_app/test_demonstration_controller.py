from __future__ import annotations

from pathlib import Path

import pytest

from requests_app.controller import controller
from requests_app.demonstration import controller as demonstration
from requests_app.demonstration.controller import fill_in_controller
from requests_app.letters import colours, pictures
from requests_app.models import AuditEntry
from tests.requests_app.portal import staff


@pytest.mark.django_db
def test_the_demonstration_answers_in_the_name_of_a_company_with_everything_filled_in():
    fill_in_controller(staff())
    known = controller()
    empty = [name for name in known.__slots__ if not getattr(known, name)]
    assert empty == ["representative"]  # none is needed inside the Union
    assert colours.carries_white(known.colour)
    assert AuditEntry.objects.get().action == "controller.changed"


def test_the_drawings_are_pictures_that_anybody_might_upload():
    folder = Path(demonstration.__file__).with_name("pictures")
    for file in folder.iterdir():
        assert (
            pictures.checked(file.read_bytes()).media_type == {".png": pictures.PNG, ".svg": pictures.SVG}[file.suffix]
        )
