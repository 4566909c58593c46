"""Every notice in every language that comes with the portal: whole, and with nothing left in English."""

from __future__ import annotations

import os
import re
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from string import Formatter

import pytest
from markdown_it.tree import SyntaxTreeNode

from exporters.document.printing import printed
from requests_app.letters import markup, writing
from requests_app.letters.languages import chain, language_of, name_of, shipped_file, shipped_languages
from requests_app.letters.notices import NOTICES, Reader
from requests_app.letters.samples import sample
from requests_app.letters.words import Words, shipped
from requests_app.models import Outcome, Right
from tests.requests_app.letters.pictures import a_controller
from tests.requests_app.letters.test_notices import Unknown

TO_PERSON = [name for name, notice in NOTICES.items() if notice.reader is Reader.PERSON]
COMPLETE = ["de", "en", "fr"]
TRANSLATED = [tag for tag in COMPLETE if tag != "en"]
# Words that are somebody's own and stay as they were written, and names.
OWN = "Xxxx"
NAMES = re.compile(
    r"https?://\S+|\S+@\S+|DSR-\S+|Xxxx|Ann Example|Lena Advocate|Advocate &\S* Partners|Information Comm\S+ Office"
)
CONTROLLER = a_controller(name="Xxxx", address=("Xxxx 1",), signatory="Xxxx", signatory_role="Xxxx")


@pytest.fixture(autouse=True)
def strict(settings):
    """Let no template name what it is not given."""
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["string_if_invalid"] = Unknown("x")
    settings.TEMPLATES = templates


def contexts_of(name: str, language: str, right: str):
    """Give a notice with and without its links, by mail and by post, of a whole and of a partial answer."""
    base = sample(name, CONTROLLER, right=right, language=language)
    base["request"].decision = OWN
    base |= {"told": OWN, "refusal": own_refusal(base["refusal"])}
    if found := base["representative"]:
        found.decision = found.decision and OWN
    if name == "decision_reviewed":
        review = base["request"].decision_review
        review.considered = review.measures = OWN
        review.collections = [{"label": OWN, "source": OWN}]
    base["erasure"] = own_erasure(base["erasure"])
    links = {"link": "https://portal.test/c/1", "status_link": "https://portal.test/r/1"}
    yield base
    yield base | links | {"obstacle": "too_large"}
    base["request"].outcome = Outcome.PARTIAL
    yield base | {"by_post": True}
    yield base | links | {"is_attached": True}


def own_refusal(told):
    if not told:
        return told
    spoken = [{**item, "words": OWN, "article": "1"} for item in told["reasons"]]
    remedies = [{**item, "words": OWN, "article": "1"} for item in told["remedies"]]
    parts = {"reasons": spoken, "remedies": remedies, "withheld": [OWN], "facts": OWN, "late_reason": OWN}
    return told | parts | {"authority": told["authority"] | {"name": OWN, "address": [OWN]}}


def own_erasure(told):
    if told is None:
        return None
    sources = [
        replace(
            each,
            label=f"S{number}",
            collections=tuple(replace(item, label=f"C{item.name}", ground=OWN) for item in each.collections),
        )
        for number, each in enumerate(told.sources)
    ]
    return replace(told, sources=tuple(sources), certificate_number="7")


def sentences(text: str) -> set[str]:
    """Split a notice into what could be left in another language: sentences and labels of two words or more."""
    parts = re.split(r"(?<=[.:?!;])\s+|\n+|\s{2,}", NAMES.sub("", text))
    return {part.strip() for part in parts if len(re.findall(r"[^\W\d_]{2,}", part)) > 1}


@pytest.mark.parametrize("language", COMPLETE)
@pytest.mark.parametrize("name", TO_PERSON)
def test_every_notice_is_written_for_every_right_in_every_frame(name, language):
    for right in Right:
        made_up, *others = contexts_of(name, language, right)
        mail = writing.mail_html(name, made_up, CONTROLLER, logo="cid:logo")
        assert f'<html lang="{language}" dir="ltr"' in mail
        for context in (made_up, *others):
            paper, text = writing.letter_html(name, context, CONTROLLER), writing.mail_text(name, context)
            assert f'<html lang="{language}" dir="ltr"' in paper
            assert writing.subject_of(name, context)
            assert not [braces for braces in ("{{", "}}") for written in (mail, paper, text) if braces in written]


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("name", TO_PERSON)
def test_nothing_is_left_in_english(name, language):
    for right in Right:
        pairs = zip(contexts_of(name, "en", right), contexts_of(name, language, right), strict=True)
        for english, other in pairs:
            for write in (writing.mail_text, letter_text):
                left = sentences(write(name, english)) & sentences(write(name, other))
                assert left == set(), right


def letter_text(name: str, context) -> str:
    html = writing.letter_html(name, context, CONTROLLER).split("<body>")[1]
    return re.sub(r"<[^>]+>", "\n", html)


def test_what_is_left_in_english_would_be_found():
    english, german = (sample("received", CONTROLLER, language=tag) for tag in ("en", "de"))
    half = shipped("received", "de").body.split("[")[0] + "\n\nYou will hear from us by mail."
    german["words"] = Words("Xxxx", half, "de")
    left = sentences(writing.mail_text("received", english)) & sentences(writing.mail_text("received", german))
    assert left == {"You will hear from us by mail."}


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("name", TO_PERSON)
def test_a_translation_says_as_much_as_the_english_words(name, language):
    english, other = shipped(name, "en"), shipped(name, language)
    assert (english.language, other.language) == ("en", language)
    assert shape(other.body) == shape(english.body)
    assert named(other.subject) == named(english.subject)


def shape(body: str) -> list[tuple[str, list[str], list[str], list[str]]]:
    """Give what each paragraph is made of, whatever its words."""
    return [paragraph(node) for node in markup.paragraphs_of(markup.tree_of(body))]


def paragraph(node: SyntaxTreeNode):
    conditions, parts = markup.conditions_of(node, lambda name: name.startswith("if_"))
    return node.type, conditions, sorted(markup.variables_in(parts)), sorted(markup.links_in(parts))


def named(text: str) -> set[str]:
    return set(markup.VARIABLE.findall(text))


@pytest.mark.parametrize("tag", shipped_languages())
def test_every_language_has_every_phrase_with_its_values(tag):
    english, other = language_of("en").phrases, language_of(tag).phrases
    plural = re.compile(r"\.(zero|two|few|many)$")
    assert {name for name in other if not plural.search(name)} == set(english)
    for name, phrase in english.items():
        assert values(other[name]) == values(phrase), name


def values(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


@pytest.mark.parametrize("tag", shipped_languages())
def test_no_file_of_a_language_is_of_no_notice(tag):
    files = {item.name for item in shipped_file(tag, "").iterdir()}
    assert files - {f"{name}.md" for name in TO_PERSON} == {"phrases.toml"}


@pytest.mark.parametrize(
    ("tag", "day", "moment", "size", "number"),
    [
        ("en", "5 March 2026", "5 March 2026, 14:07 UTC", "3.5 MB", "1,284"),
        ("de", "5. März 2026", "5. März 2026, 14:07 UTC", "3,5 MB", "1.284"),
        ("fr", "5 mars 2026", "5 mars 2026, 14:07 UTC", "3,5 Mo", "1 284"),
    ],
)
def test_days_times_and_numbers_are_written_as_in_their_language(tag, day, moment, size, number):
    language = language_of(tag)
    assert language.day(date(2026, 3, 5)) == day
    assert language.moment(datetime(2026, 3, 5, 14, 7, tzinfo=UTC)) == moment
    assert re.sub(r"\s", " ", language.size(3_460_000)) == size
    assert re.sub(r"\s", " ", language.number(1284)) == number
    assert language.days(1) != language.days(7)


def test_a_language_is_found_by_what_it_is_a_kind_of_and_else_is_english():
    assert chain("de-AT") == ("de-at", "de")
    assert [language_of(tag).tag for tag in ("de-AT", "FR", "pt_BR", "")] == ["de", "fr", "en", "en"]
    assert (name_of("de"), name_of("not a tag")) == ("German", "not a tag")


def test_the_persons_language_has_an_effect_on_subject_mail_and_letter():
    context = sample("received", CONTROLLER, language="de-AT")
    assert writing.subject_of("received", context).startswith("Xxxx: Wir haben Ihren Antrag")
    mail, paper = writing.mail_text("received", context), writing.letter_html("received", context, CONTROLLER)
    for written in (mail, paper):
        assert "Auskunft über meine Daten" in written
        assert "Aktenzeichen" in written
    assert "Mit freundlichen Grüßen" in paper


def test_words_written_from_right_to_left_turn_the_frame():
    arabic = Words("Xxxx", "# تم الاستلام\n\nمرحبا {{ name }}،\n\n{{ facts }}\n\n> اقتباس", "ar")
    context = sample("received", CONTROLLER, language="ar") | {"words": arabic}
    for written in (
        writing.mail_html("received", context, CONTROLLER, logo="cid:logo"),
        writing.letter_html("received", context, CONTROLLER),
    ):
        assert '<html lang="ar" dir="rtl"' in written
    mail = writing.mail_html("received", context, CONTROLLER, logo="cid:logo")
    assert "text-align: right" in mail
    assert "border-right: 3px" in mail
    assert "padding-left: 12px" in mail


ALL = [(name, tag) for name in TO_PERSON for tag in COMPLETE]
FEW = [("received", "de"), ("refused", "fr"), ("ready", "en")]


@pytest.mark.parametrize(("name", "language"), ALL if os.environ.get("DSR_TEST_ALL") else FEW)
def test_letters_print_in_every_language(name, language):
    page = writing.letter_html(name, sample(name, CONTROLLER, language=language), CONTROLLER)
    assert b"".join(printed([page.encode()])).startswith(b"%PDF")
