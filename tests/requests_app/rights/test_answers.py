"""Answers to the questions of the rights: what is kept of them, and how they are told."""

from __future__ import annotations

import pytest

from requests_app import rights
from requests_app.models import Right, SubjectRequest
from requests_app.rights import UnusableAnswer, answers
from requests_app.rights.answers import field_name

ASKED = [(right, question) for right, rules in rights.all_rights().items() for question in rules.questions]
NAMES = [field_name(right, question) for right, question in ASKED]


def test_questions_have_fields_of_their_own():
    assert len(NAMES) == len(set(NAMES)) > 0


@pytest.mark.parametrize(("right", "question"), ASKED, ids=NAMES)
def test_every_choice_is_kept_and_told_in_its_words(right, question):
    for choice in question.choices:
        kept = answers.checked(right, {question.name: choice.slug})
        assert kept[question.name] == choice.slug
        (told,) = [
            each for each in answers.told(SubjectRequest(right=right, particulars=kept)) if each.label == question.label
        ]
        assert told.words == choice.label


@pytest.mark.parametrize(("right", "question"), ASKED, ids=NAMES)
def test_where_nothing_is_answered_the_default_is_kept(right, question):
    assert answers.checked(right, {}).get(question.name, "") == question.default


@pytest.mark.parametrize(("right", "question"), ASKED, ids=NAMES)
def test_what_cannot_be_an_answer_is_refused_by_the_name_of_the_question(right, question):
    faulty = "x" * 2001 if not question.choices else "anything else"
    with pytest.raises(UnusableAnswer) as error:
        answers.checked(right, {question.name: faulty})
    assert error.value.question == question
    assert question.label in str(error.value)
    assert "anything else" not in str(error.value)


def test_answers_to_what_is_not_asked_are_left_out():
    assert answers.checked(Right.ACCESS, {"ground": "withdrawn", "right": "erasure"}) == {}
    assert answers.checked(Right.OBJECTION, {"scope": "all", "ground": "child"}) == {"scope": "all"}


def test_a_text_is_kept_with_plain_line_breaks_and_no_signs_that_are_no_text():
    kept = answers.checked(Right.AUTOMATED_DECISION, {"view": " One\r\ntwo\rthree\x00 "})
    assert kept == {"view": "One\ntwo\nthree"}


def test_an_answer_that_is_offered_no_more_is_told_as_it_stands():
    request = SubjectRequest(right=Right.OBJECTION, particulars={"scope": "telephone", "other": "x"})
    assert [each.words for each in answers.told(request)] == ["telephone"]
