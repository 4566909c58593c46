"""A choice of formats and a release at the same moment, on PostgreSQL, where they really are."""

from __future__ import annotations

import pytest

from requests_app import audit, review
from requests_app.audit import Actor
from requests_app.rendering import choosing
from requests_app.rendering.choosing import ImpossibleChoice
from tests.requests_app.portal import a_source, collected, staff

pytestmark = pytest.mark.usefixtures("storage_folder")


def test_either_the_choice_came_first_and_the_files_are_made_so_or_it_is_refused(at_once, tmp_path):
    a_source(tmp_path)
    request, actor = collected(), Actor.staff(staff())
    chosen, made = at_once(
        lambda: choosing.choose(request, ["xml"], actor=audit.SUBJECT),
        lambda: review.release(request.pk, actor=actor).formats,
    )
    assert chosen in (None, ImpossibleChoice)
    assert (made == ["xml"]) is (chosen is None)
