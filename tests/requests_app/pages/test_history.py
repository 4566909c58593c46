from __future__ import annotations

from pathlib import Path

from requests_app.letters.notices import NOTICES, Reader
from requests_app.pages.history import EVENTS, MAILS

ROOM = Path(__file__).parents[3] / "requests_app"


def test_every_mail_has_its_words_in_the_history():
    assert set(MAILS) == {name for name, notice in NOTICES.items() if notice.reader is Reader.PERSON}


def test_the_words_are_of_acts_there_are():
    source = "\n".join(path.read_text("utf-8") for path in ROOM.rglob("*.py"))
    acts = {f'"{action}"' for action in EVENTS if not action.startswith("request.")}
    assert {act for act in acts if source.count(act) < 2} == set()
