"""What a refusal tells the person, put together and looked through for what is missing before it may be sent."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import orjson
from django.utils import timezone

from requests_app.controller import controller
from requests_app.deadlines.rules import country_of
from requests_app.models import Refusal, Status
from requests_app.refusals import grounds as known_grounds
from requests_app.refusals import wording
from requests_app.refusals.remedies import authority_of, lacking, remedies
from requests_app.timekeeping import clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from exporters.letter import Authority
    from requests_app.deadlines.choosing import Proposal
    from requests_app.deadlines.rules import Rule
    from requests_app.models import SubjectRequest
    from requests_app.refusals.grounds import Ground

WHOLE, PART = Refusal.Extent.WHOLE, Refusal.Extent.PART
MOST_CATEGORIES, LONGEST_CATEGORY = 40, 200
Telling = dict[str, object]
"""What the letter tells, as it is kept: words, articles and addresses, and the day on which an answer was due."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A refusal as somebody prepares it.

    Args:
        grounds: slugs of grounds.
        facts: what is so in this very case, in words to the person.
        withheld: what is withheld, by category, in words to the person.
        late_reason: why it comes after the period, to the person; empty where it does not.
    """

    extent: Refusal.Extent
    grounds: tuple[str, ...] = ()
    facts: str = field(default="", repr=False)
    withheld: tuple[str, ...] = ()
    late_reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Law:
    """The laws a request falls under, the one that leads first; `is_granted` whether any grants the right."""

    rules: tuple[Rule, ...]
    is_granted: bool

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the laws."""
        return tuple(rule.code for rule in self.rules)


def law_of(request: SubjectRequest) -> Law:
    """Say which laws a request falls under, as its deadline has them."""
    proposed: Sequence[Proposal] = clock.laws(request)
    return Law(tuple(item.rule for item in proposed), not all(item.is_voluntary for item in proposed))


def fitting(request: SubjectRequest, extent: Refusal.Extent | None = None) -> tuple[Ground, ...]:
    """Give the grounds that may refuse a request, all of it or a part; either where no extent is named."""
    law, country = law_of(request), country_of(controller().country)
    found = known_grounds.fitting(law.codes, request.right, country=country, is_granted=law.is_granted)
    if request.status == Status.SUBMITTED:  # nobody knows who asks: nothing else is decided about before that
        found = tuple(ground for ground in found if ground.before_proof)
    objected = str(request.particulars.get("scope", "marketing"))  # direct marketing is absolute (GDPR Art. 21(3))
    found = tuple(ground for ground in found if objected not in ground.never_against)
    return tuple(ground for ground in found if extent is None or extent in ground.extents)


def late_since(request: SubjectRequest, today: date | None = None) -> date | None:
    """Give the day on which the answer was due, where that is over; None where it is not."""
    due = request.due_on
    return due if due and due < (today or timezone.localdate()) else None


def faults(request: SubjectRequest, draft: Draft) -> tuple[str, ...]:
    """Say everything that keeps a refusal from being sent, each as a sentence for the team; nothing where it may be."""
    return (
        *_faults_of_grounds(request, draft),
        *_faults_of_words(request, draft),
        *lacking(_binding(request, law_of(request)), request.right, controller(), request.place),
    )


def told(request: SubjectRequest, draft: Draft) -> Telling:
    """Put together what the letter tells; every part of it that is missing is empty, and named by `faults`."""
    sender, law = controller(), law_of(request)
    rules = _binding(request, law)
    authority = authority_of(rules[0], request.place, sender.country) if rules else None
    due = late_since(request)
    return {
        "version": known_grounds.version(),
        "language": request.language,
        "laws": [rule.identity for rule in law.rules],
        "reasons": [
            _reason(ground, law, request.language) for ground in map(known_grounds.find, draft.grounds) if ground
        ],
        "facts": cleaned(draft.facts),
        "withheld": list(categories(draft.withheld)),
        "remedies": [asdict(item) for item in remedies(rules, request.right, sender, request.place, request.language)],
        "authority": _shown(authority) if authority else {},
        "due_on": due.isoformat() if due else "",
        "late_reason": cleaned(draft.late_reason) if due else "",
    }


def differences(prepared: Mapping[str, object], now: Mapping[str, object]) -> tuple[str, ...]:
    """Name the parts of a letter that are others now than when it was prepared."""
    return tuple(name for name in now if prepared.get(name) != now[name])


def fingerprint(told: Mapping[str, object]) -> str:
    """Give the SHA-256 of all that a letter tells."""
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def categories(typed: Sequence[str]) -> tuple[str, ...]:
    """Bring categories into their form: no line breaks, none empty, none twice."""
    return tuple(dict.fromkeys(words for item in typed if (words := " ".join(item.split()))))


def cleaned(text: str) -> str:
    """Bring typed text of several lines into its form."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _reason(ground: Ground, law: Law, language: str) -> dict[str, object]:
    article, translated = ground.article(law.codes), wording.ground_in(language, ground.slug)
    own = {"words": translated, "article": wording.article_in(language, article)} if translated else {}
    return {"ground": ground.slug, "article": article, "words": ground.words, "own": own}


def _binding(request: SubjectRequest, law: Law) -> tuple[Rule, ...]:
    """Give the laws whose remedies there are: none of a law that is kept of the controller's own will from afar."""
    places = [place for place in (request.place, controller().country) if place]
    return tuple(rule for rule in law.rules if law.is_granted or any(map(rule.covers, places)))


def _shown(authority: Authority) -> dict[str, object]:
    return {**asdict(authority), "address": list(authority.address)}


def _faults_of_grounds(request: SubjectRequest, draft: Draft) -> Iterator[str]:
    if not draft.grounds:
        yield "Please choose a ground: nobody is refused without one."
    allowed = {ground.slug for ground in fitting(request, draft.extent)}
    for slug in draft.grounds:
        ground = known_grounds.find(slug)
        if ground is None:
            yield "There is no such ground."
        elif slug not in allowed:
            yield f"“{ground.label}” is no ground of the law that this request falls under, or not for this."
        elif ground.facts and not draft.facts.strip():
            yield f"“{ground.label}”: please write what is so in this very case; the person must be able to see why."


def _faults_of_words(request: SubjectRequest, draft: Draft) -> Iterator[str]:
    for name, longest, text in (
        ("The facts", Refusal._meta.get_field("facts").max_length, draft.facts),
        ("The reason why it is late", Refusal._meta.get_field("late_reason").max_length, draft.late_reason),
    ):
        if longest and len(text) > longest:
            yield f"{name} have {len(text):,} characters; please keep them to {longest:,}."
    named = categories(draft.withheld)
    if draft.extent == PART and not named:
        yield "Please say what is withheld, by category: the answer names it."
    if len(named) > MOST_CATEGORIES or any(len(item) > LONGEST_CATEGORY for item in named):
        yield f"Please name at most {MOST_CATEGORIES} categories, each in at most {LONGEST_CATEGORY} characters."
    if (due := late_since(request)) and not draft.late_reason.strip():
        yield f"The answer was due on {due:%-d %B %Y}: please say why it comes late; the letter says so."
