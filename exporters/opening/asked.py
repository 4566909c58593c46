"""What a letter says, by what was asked for and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.opening.phrases import day, kind, listed
from exporters.opening.result import Result, is_portable, result_of, unsearched
from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exporters.base import Answer
    from exporters.letter import Letter

_EEA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A right as a letter names it.

    Args:
        subject: of the letter, after "Your request".
        article: of the GDPR.
        sentence: what the person asked, after "you asked us".
    """

    subject: str
    article: str
    sentence: str


_ASKED = {
    "access": Asked("for access to your personal data", "15", "which personal data we hold about you, and for a copy"),
    "portability": Asked(
        "to take your data with you", "20", "for the data that you gave us, in a form that you can take elsewhere"
    ),
    "rectification": Asked("to correct your personal data", "16", "to correct your personal data"),
    "erasure": Asked("to erase your personal data", "17", "to erase your personal data"),
    "restriction": Asked("to restrict the use of your data", "18", "to restrict the use of your personal data"),
    "objection": Asked("to stop using your data", "21", "to stop using your personal data"),
    "automated_decision": Asked(
        "to have a decision reviewed", "22", "to have a decision that was made by a machine reviewed by a person"
    ),
}
_OTHER = Asked("about your personal data", "", "about your personal data")


def asked_of(letter: Letter) -> Asked:
    """Give the words for what a letter answers."""
    return _ASKED.get(letter.right, _OTHER)


def law_of(letter: Letter | None) -> str:
    """Name the law that applies, as articles are quoted by; empty where it is another than the GDPR of EU or UK.

    It applies where either side lives in its territory, and is what is assumed where nothing is known.

    Source: GDPR Art. 3; UK GDPR Art. 3.
    """
    return law_at(letter.place, letter.controller.country) if letter else law_at()


def law_at(*places: str) -> str:
    """Name the law that applies where those live whom it is about, as `law_of` does."""
    countries = {place[:2].upper() for place in places} - {""}
    if not countries or countries & _EEA:
        return "GDPR"
    return "UK GDPR" if "GB" in countries else ""


def subject(letter: Letter) -> str:
    """Write the subject of a letter."""
    asked, law = asked_of(letter), law_of(letter)
    article = f" (Article {asked.article} {law})" if law and asked.article else ""
    return f"Your request {asked.subject}{article}"


def body(answer: Answer, letter: Letter) -> Iterator[str]:
    """Yield the paragraphs that say what was asked, what was done, and what came of it."""
    result = result_of(answer)
    yield f"On {day(letter.received_on)} you asked us {asked_of(letter).sentence}. This is our answer."
    yield _found(answer, result)
    if result in (Result.PARTIAL, Result.NOTHING_FOUND):
        yield _lacking(answer)
    if letter.never_given:
        yield (
            f"We also hold {listed(letter.never_given)}. By law we must not send you this, only tell you that we hold "
            "it."
        )
    if letter.right == "portability" and answer.records:
        yield (
            "The files are in common formats that programs can read, so that you can keep them, or give them to "
            "another provider. You need nobody's leave for that."
        )
    if result is Result.NONE_HELD:
        yield _none_held(answer)
    if letter.due_on and answer.exported_at.date() > letter.due_on:
        yield f"You should have had this answer by {day(letter.due_on)}. We are sorry that it comes late."


def _found(answer: Answer, result: Result) -> str:
    searched = _searched(answer)
    found = counted(answer.records, "record")
    if is_portable(answer):
        return _found_portable(result, searched, found)
    if result is Result.WHOLE:
        return f"We searched {searched} and found {found} about you. You receive all of it."
    if result is Result.PARTIAL:
        return f"We searched {searched}. You receive {found} about you, though not everything is among them."
    if result is Result.NOTHING_FOUND:
        return f"We searched {searched}, and there is nothing about you in it that we can give you now."
    return f"We searched {searched} and found nothing about you: we hold no personal data about you."


def _found_portable(result: Result, searched: str, found: str) -> str:
    """Tell what of the data is for taking elsewhere: there is more, to which another right leads."""
    if result is Result.NOTHING_FOUND:
        return (
            f"We searched {searched} and found nothing in it that you gave us yourself and that we use by your consent "
            "or for a contract. A request for access gives you whatever else we hold about you."
        )
    given = f"We searched {searched} for what you gave us yourself and what we use by your consent or for a contract"
    if result is Result.WHOLE:
        return f"{given}, and found {found}. You receive all of it. A request for access gives you what else we hold."
    return f"{given}. You receive {found}, though not everything is among them."


def _searched(answer: Answer) -> str:
    systems = len(answer.searched) or len(answer.sources)
    by = listed(f"your {kind(name)}" for name in _identifiers(answer))
    where = f"our {counted(systems, 'system')}" if systems > 1 else "our system" if systems else "our systems"
    return f"{where} by {by}" if by else where


def _identifiers(answer: Answer) -> list[str]:
    named = dict.fromkeys(name for search in answer.searched for name in search.identifiers if "." not in name)
    return list(named) or list(answer.requester)


def _lacking(answer: Answer) -> str:
    failed = unsearched(answer)
    told = "Under “What we searched, and what we found” we say what is missing, and why."
    if not failed:
        return told
    return f"{listed(failed)} could not be searched completely. {told}"


def _none_held(answer: Answer) -> str:
    by = listed(kind(name) for name in _identifiers(answer)) or "particulars"
    return (
        f"We can only find what is kept under the {by} that you gave us. If you have dealt with us under other ones, "
        "please write to us, and we search again. That we had to look for you, and what we answered, we keep on "
        "record for as long as we must be able to prove it."
    )
