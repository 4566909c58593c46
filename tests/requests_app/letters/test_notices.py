"""Every notice in every frame."""

from __future__ import annotations

import os
import re
from copy import deepcopy
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings as portal_settings
from django.contrib.auth.models import User
from lxml import etree

from exporters.letter import Controller, Image
from requests_app.letters import contexts, writing
from requests_app.letters.contexts import Given, Reminded
from requests_app.letters.notices import NOTICES, Reader
from requests_app.letters.samples import sample
from requests_app.letters.variables import VARIABLES
from requests_app.letters.words import shipped
from requests_app.models import DataSource, Export, Outcome, Representative, Right, Status, SubjectRequest
from tests.requests_app.letters.pictures import SVG, a_controller, a_png

TEMPLATES = Path(portal_settings.BASE_DIR) / "templates" / "letters"
TO_PERSON = [name for name, notice in NOTICES.items() if notice.reader is Reader.PERSON]
OUTCOMES = ["", *Outcome] if os.environ.get("DSR_TEST_ALL") == "1" else ["", Outcome.PARTIAL]
BARE = Controller(name="DSR Portal")
HOSTILE = 'Ann\r\nBcc: all@example.test\n<script>alert("x")</script> {{ request }} %s \\ <b>&amp;</b> \u202e'
FRAMES = {
    "subject": lambda name, context, controller: writing.subject_of(name, context),
    "text": lambda name, context, controller: writing.mail_text(name, context),
    "mail": lambda name, context, controller: writing.mail_html(name, context, controller, logo="cid:logo"),
    "paper": writing.letter_html,
}


class Unknown(str):
    """What stands for a variable that a template names and nobody gives: it fails."""

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"the template names {name}, which it is not given")


@pytest.fixture
def strict(settings):
    """Let no template name what it is not given."""
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["string_if_invalid"] = Unknown("x")
    settings.TEMPLATES = templates


def framed(frame, name, context, controller):
    return FRAMES[frame](name, context, controller)


def contexts_of(name: str, controller: Controller):
    """Give all that makes a notice say something else."""
    yield sample(name, controller)
    if name in {"reminders", "digest"}:
        told = Reminded(
            "DSR-2026-7F3KQ9", "Erase my data", "the answer is overdue", None, "https://portal.test/console/"
        )
        yield contexts.reminding(controller, User(username="alex"), [told])
        return
    if NOTICES[name].reader is Reader.STAFF:
        source = DataSource(label="Shop", drift_state=DataSource.Drift.DOWN, check_result="No\nanswer.")
        yield contexts.to_staff(controller, User(username="alex"), source, "https://portal.test/console/")
        return
    given = Given("https://portal.test/c/1", "https://portal.test/r/1", 7, "4711", 15)
    obstacle = Given("https://portal.test/c/1", "https://portal.test/r/1", obstacle="too_large")
    for right in Right:
        for outcome in OUTCOMES:
            # Without an address it is a letter, which has no links.
            email = "" if right in {Right.ACCESS, Right.ERASURE} else "ann@example.test"
            request = SubjectRequest(
                right=right, status=Status.IN_PROGRESS, outcome=outcome, name="Ann", decision="No.", email=email
            )
            export = Export(request=request, formats=["json"], records=1, is_protected=True)
            known = represented(name, right) if name in VARIABLES["representative"].of else {}
            for told in (given, Given(is_attached=True), obstacle):
                yield contexts.to_person(controller, request, export, told) | known
            if not NOTICES[name].has_export or name == "new_links":
                yield contexts.to_person(controller, request) | known


def represented(name: str, right: Right):
    is_other = right in {Right.ACCESS, Right.OBJECTION}
    known = {"receives_answer": is_other, "decision": "No." if is_other else "", "confirmed_at": None}
    found = Representative(name="Lena", valid_until=date(2030, 1, 2) if is_other else None, **known)
    return {"representative": found, "on_behalf_of": "Ann" if is_other else ""}


def test_every_notice_has_words_or_a_template_and_there_are_no_others():
    templates = {path.stem for path in TEMPLATES.glob("*.html")}
    written = {name for name in NOTICES if shipped(name, "en")}
    assert templates | written == set(NOTICES)
    assert templates & written == set()


def test_nothing_is_left_unescaped_by_a_template():
    for path in TEMPLATES.rglob("*.html"):
        assert not re.search(r"autoescape|\|\s*safe|mark_safe", path.read_text(encoding="utf-8")), path


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("controller", [a_controller(), BARE], ids=["filled in", "bare"])
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("name", NOTICES)
def test_no_notice_names_what_it_is_not_given(name, frame, controller):
    for context in contexts_of(name, controller):
        assert framed(frame, name, context, controller).strip()


@pytest.mark.usefixtures("strict")
def test_a_template_that_names_something_unknown_would_be_found():
    context = sample("received", BARE)
    del context["controller"]
    with pytest.raises(KeyError, match="controller"):
        writing.subject_of("received", context)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("name", NOTICES)
def test_hostile_values_are_text_in_every_frame(name, frame):
    controller = a_controller(
        name=HOSTILE, address=(HOSTILE,), phone=HOSTILE, signatory=HOSTILE, signatory_role=HOSTILE, website=HOSTILE
    )
    if NOTICES[name].reader is Reader.STAFF:
        source = DataSource(label=HOSTILE, drift=[{"severity": "gap", "text": HOSTILE}])
        context = contexts.to_staff(controller, User(username=HOSTILE), source)
    else:
        request = SubjectRequest(right=Right.ACCESS, name=HOSTILE, decision=HOSTILE, reference=HOSTILE, outcome="full")
        export = Export(request=request, formats=[HOSTILE], records=1)
        told = Given(
            link='https://x.test/"><script>', status_link='https://x.test/"><script>', code=HOSTILE, told=HOSTILE
        )
        context = contexts.to_person(controller, request, export, told)
        somebody = Representative(name=HOSTILE, organisation=HOSTILE, decision=HOSTILE)
        context |= {"representative": somebody, "on_behalf_of": HOSTILE}
    written = framed(frame, name, context, controller)
    if frame == "subject":
        assert "\n" not in written
        assert "\r" not in written
    elif frame == "text":
        assert "<script>alert" in written  # plain text, so nobody takes it for markup
        assert "&lt;" not in written
    else:
        tree = etree.fromstring(written.encode(), etree.HTMLParser())
        assert list(tree.iter("script", "b")) == []
        assert not [name for element in tree.iter(etree.Element) for name in element.attrib if name.startswith("on")]
    assert "<QuerySet" not in written


@pytest.mark.parametrize("name", NOTICES)
def test_text_and_html_say_the_same(name):
    controller = a_controller()
    context = sample(name, controller)
    inside = writing.mail_html(name, context, controller, logo="cid:logo").split("</h1>")[1]
    told = words(unescape(re.sub(r"<[^>]+(>|$)", " ", inside.split('class="foot')[0])))
    text = words(writing.mail_text(name, context))
    assert [word for word in told if word not in text] == []


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("frame", ["mail", "paper"])
@pytest.mark.parametrize("name", NOTICES)
def test_the_markup_is_whole_and_the_colour_the_controllers(name, frame):
    controller = a_controller(colour="#7a1f5c")
    written = framed(frame, name, sample(name, controller), controller)
    parser = etree.HTMLParser(recover=False)
    etree.fromstring(written.encode(), parser)
    assert list(parser.error_log) == []
    assert "#7a1f5c" in written
    assert 'lang="en"' in written


@pytest.mark.parametrize("name", NOTICES)
def test_nothing_is_loaded_but_the_logo_inside(name):
    controller = a_controller()
    mail = writing.mail_html(name, sample(name, controller), controller, logo="cid:logo")
    assert set(re.findall(r'src="([^"]+)"', mail)) == {"cid:logo"}
    assert not re.search(r"url\(|@import|<link|<script", mail)
    paper = writing.letter_html(name, sample(name, controller), controller)
    assert {source[:11] for source in re.findall(r'src="([^"]+)"', paper)} <= {"data:image/"}


@pytest.mark.parametrize("name", TO_PERSON)
def test_a_sample_and_a_letter_lead_nowhere(name):
    controller = a_controller()
    for frame in ("mail", "paper"):
        written = framed(frame, name, sample(name, controller), controller)
        links = set(re.findall(r'href="([^"]+)"', written))
        assert links <= {"mailto:privacy@fish.test", "https://fish.test/", "https://ico.org.uk"}, frame


def test_a_logo_that_mail_programs_cannot_show_gives_way_to_the_name():
    controller = a_controller(logo=Image("image/svg+xml", SVG))
    mail = writing.mail_html("received", sample("received", controller), controller, logo="cid:logo")
    assert "<img" not in mail
    assert "data:image/svg+xml" in writing.letter_html("received", sample("received", controller), controller)


@pytest.mark.parametrize(
    ("width", "height", "shown"), [(120, 40, ("168", "56")), (880, 56, ("220", "14")), (2000, 8, ("220", "1"))]
)
def test_a_logo_keeps_its_shape_and_its_place(width, height, shown):
    controller = a_controller(logo=Image("image/png", a_png(width, height)))
    mail = writing.mail_html("received", sample("received", controller), controller, logo="cid:logo")
    assert (re.search(r'width="(\d+)"', mail.split("<img")[1])[1], re.search(r'height="(\d+)"', mail)[1]) == shown


@pytest.mark.parametrize("name", ["refused", "nothing_held", "completed"])
def test_the_authority_of_the_persons_place_is_named(name):
    context = sample(name, a_controller())
    for written in (writing.mail_text(name, context), writing.letter_html(name, context, a_controller())):
        assert "Information Commissioner" in unescape(written)
