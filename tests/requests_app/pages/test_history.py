from __future__ import annotations

from pathlib import Path

from requests_app.pages.history import EVENTS, MAILS

TEMPLATES = Path(__file__).parents[3] / "templates" / "mail"

TO_THE_TEAM = {"source_drifted"}


def test_every_mail_has_its_words_in_the_history():
    written = {path.name.removesuffix(".subject.txt") for path in TEMPLATES.glob("*.subject.txt")}
    assert set(MAILS) == written - TO_THE_TEAM


def test_the_words_are_of_acts_there_are():
    source = "\n".join(path.read_text("utf-8") for path in (TEMPLATES.parents[1] / "requests_app").rglob("*.py"))
    acts = {f'"{action}"' for action in EVENTS if not action.startswith("request.")}
    assert {act for act in acts if source.count(act) < 2} == set()
