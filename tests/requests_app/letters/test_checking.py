"""What is wrong with the words of a notice, in words."""

from __future__ import annotations

import pytest

from requests_app.letters.checking import NEEDS, faults
from requests_app.letters.languages import shipped_languages
from requests_app.letters.notices import NOTICES
from requests_app.letters.variables import VARIABLES
from requests_app.letters.words import shipped

SUBJECT = "{{ controller }}: please confirm"
BODY = "# Please confirm\n\nDear {{ name }},\n\n[Confirm]({{ confirm_link }})"


def texts(subject: str = SUBJECT, body: str = BODY, notice: str = "confirm") -> list[str]:
    return [fault.text for fault in faults(notice, subject, body)]


def test_good_words_have_no_fault():
    assert texts() == []


@pytest.mark.parametrize(
    ("subject", "body", "told"),
    [
        ("{{ nme }}", BODY, "There is no variable {{ nme }} in this notice. Did you mean {{ name }}?"),
        (SUBJECT, f"{BODY}\n{{{{ code }}}}", "There is no variable {{ code }} in this notice (line 6)."),
        (SUBJECT, f"{BODY}\n\nDear {{{{ name", "The braces do not pair at “Dear {{ name” (line 7)"),
        (SUBJECT, f"{BODY}\n\nDear name }}}}", "The braces do not pair at “Dear name }}” (line 7)"),
        (SUBJECT, f"{BODY}\n\n{{{{ }}}}", "The braces do not pair"),
        ("{{ facts }}", BODY, "{{ facts }} cannot stand in a subject"),
        (SUBJECT, "Dear {{ name }}, [x]({{ confirm_link }})", "Please begin with the heading"),
        (SUBJECT, "# {{ facts }}\n\n[x]({{ confirm_link }})", "{{ facts }} cannot stand in the heading"),
        (SUBJECT, "# Only a heading", "Please write the text below the heading."),
        (SUBJECT, f"{BODY}\n\nwith {{{{ facts }}}}", "{{ facts }} stands in a paragraph of its own"),
        (SUBJECT, f"{BODY}\n\n{{{{ status_link }}}}", "{{ status_link }} is a link: write [your words]"),
        (SUBJECT, f"{BODY}\n\n[x]({{{{ name }}}})", "{{ name }} is no link"),
        (SUBJECT, f"{BODY}\n\n[x](http://a.test)", "The link http://a.test is not taken"),
        (SUBJECT, f"{BODY}\n\n[x](javascript:x)", "The link javascript:x is not taken"),
        (SUBJECT, f"{BODY}\n\n<b>x</b>", "HTML is not taken (<b>)"),
        (SUBJECT, f"{BODY}\n\ntext {{{{ if_mail }}}}", "{{ if_mail }} stands at the beginning of its paragraph."),
        (SUBJECT, f"{BODY}\n\n{{{{ if_mail }}}}\n\ntext", "After {{ if_mail }} comes the text that it is for"),
        (SUBJECT, "# Confirm\n\nPlease.", "{{ confirm_link }} is missing"),
        (SUBJECT, "# Confirm\n\n{{ if_post }} [x]({{ confirm_link }})", "{{ confirm_link }} is missing"),
        (SUBJECT, "# Confirm\n\n{{ if_ended }} [x]({{ confirm_link }})", "{{ confirm_link }} is missing"),
        ("", BODY, "Please write something here."),
        ("x" * 201, BODY, "This has 201 characters; please keep it to 200."),
    ],
)
def test_a_fault_is_named_with_its_place(subject, body, told):
    assert any(told in text for text in texts(subject, body)), texts(subject, body)


@pytest.mark.parametrize("notice", sorted(NEEDS))
def test_what_a_notice_needs_is_known_to_it_and_its_lack_is_told(notice):
    assert set(NEEDS[notice]) <= {name for name in VARIABLES if VARIABLES[name].is_known_to(notice)}
    told = texts("x", "# x\n\ny", notice)
    assert [any(f"{{{{ {name} }}}} is missing" in text for text in told) for name in NEEDS[notice]] == [
        True for _ in NEEDS[notice]
    ]


@pytest.mark.parametrize("hidden", ["{{ if_mail }} X", "{{ if_post }} X", "{{ if_ended }} X"])
@pytest.mark.parametrize("name", ["reasons", "remedies", "authority"])
def test_what_the_law_wants_told_hides_behind_no_condition(name, hidden):
    words = shipped("refused", "en")
    block = f"{{{{ {name} }}}}"
    told = texts(words.subject, words.body.replace(block, hidden.replace("X", block)), "refused")
    assert [f"{block} is missing" in text for text in told] == [True]


def test_what_each_of_a_pair_of_conditions_tells_is_always_told():
    words = shipped("refused", "en")
    body = words.body.replace("{{ remedies }}", "{{ if_mail }} {{ remedies }}\n\n{{ if_post }} {{ remedies }}")
    assert texts(words.subject, body, "refused") == []
    partial = shipped("partial", "en")
    told = texts(partial.subject, partial.body.replace("{{ reasons }}", "{{ if_files }} {{ reasons }}"), "partial")
    assert any("{{ reasons }} is missing" in text for text in told)


@pytest.mark.parametrize("around", ["[X]({{ status_link }})", "**X**", "[X](https://a.test)"])
def test_a_block_stands_in_nothing_else(around):
    words = shipped("refused", "en")
    told = texts(words.subject, words.body.replace("{{ remedies }}", around.replace("X", "{{ remedies }}")), "refused")
    assert any("in a paragraph of its own" in text for text in told)


@pytest.mark.parametrize("language", shipped_languages())
def test_all_words_that_come_with_the_portal_pass(language):
    known = {name: shipped(name, language) for name in NOTICES}
    wrong = {name: faults(name, words.subject, words.body) for name, words in known.items() if words}
    assert {name: found for name, found in wrong.items() if found} == {}
