"""What a law never lets an answer give out, as a social security number: which fields of a collection hold that.

A field is one of these by the category that the data map gives it, where that is the name of the kind, or else by what
its name means in any of the languages of discovery. Parts of JSON are not looked into: the data map drops those.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app.controller import controller
from requests_app.refusals.telling import law_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extractors.batches import Collection, Field
    from requests_app.deadlines.rules import Rule
    from requests_app.models import SubjectRequest

SOCIAL_SECURITY, GOVERNMENT_ID = "social security number", "driver's licence or government id"
FINANCIAL, HEALTH = "financial account number", "health insurance or medical id"
PASSWORD, QUESTION, BIOMETRIC = "password", "security question or answer", "unique biometric data"
LEAST_CONFIDENCE = 0.5
SOURCES = {"US-CA": "11 CCR § 7024(d)"}
CATEGORIES = {"ssn": SOCIAL_SECURITY, "government id": GOVERNMENT_ID, "biometric": BIOMETRIC}
"""Shorter names of kinds that a data map may use for a category."""
_NAMES = (
    (
        QUESTION,
        re.compile(r"\b(security|secret) (question|answer)s?\b|\bsicherheits ?(frage|antwort)\b|\bmothers? maiden\b"),
    ),
    (SOCIAL_SECURITY, re.compile(r"\bssn\b|\b(social|soc) (security|sec)\b|\bsozialversicherungs ?n\w+\b")),
    (
        HEALTH,
        re.compile(
            r"\b(health|medical) (insurance|plan) (id|no|nr|number|member id|policy)\b|\bmedical (record|id)\b|\bmrn\b"
            r"|\bpatient (id|no|nr|number)\b|\b(medicare|medicaid|nhs)\b|\bkranken(versicherungs|versicherten) ?n\w+\b"
        ),
    ),
    (PASSWORD, re.compile(r"\b(password|passwd|pwd|passphrase)s?\b|\bpin code\b")),
    (BIOMETRIC, re.compile(r"(?<!device )(?<!browser )(?<!key )\b(face|finger|voice) ?prints?\b")),
    (
        GOVERNMENT_ID,
        re.compile(
            r"\b(passports?|drivers?|driving) (no|nr|number|licen[cs]e)\b|\b(national|military|government) id\b"
            r"|\b(dl|alien registration|visa|state id|green card) (no|nr|number)\b"
        ),
    ),
    (FINANCIAL, re.compile(r"\b(iban|bank accounts?|card number|credit cards?|account number)\b")),
)
_SAYING_NOTHING = frozenset(
    ("no", "nr", "number", "value", "hash", "question", "answer", "data", "content", "template")
)
"""Names that are to be read with the name of their collection: `answer` of `security_answers`."""
_NOT_A_VALUE = re.compile(
    r"\b(at|on|date|changed|expires|expiry|country|verified|hint|type|last change|last 4|last four|bic|swift)$"
)


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What the law of a person's place never lets an answer give out.

    Args:
        source: the article, for the person.
    """

    kinds: tuple[str, ...] = ()
    source: str = ""

    def fields_of(self, collection: Collection) -> Mapping[str, str]:
        """Give the kind of each field of a collection that is never given out."""
        if not self.kinds:
            return {}
        found = {field.name: _kind(collection.name, field, self.kinds) for field in collection.fields}
        return {name: kind for name, kind in found.items() if kind}


def forbidden_to(request: SubjectRequest) -> Forbidden:
    """Say what is never given out in answer to a request: by the law of where the person lives, where that is known.

    Source: for example 11 CCR § 7024(d).
    """
    place = request.place or controller().country
    rules = [rule for rule in law_of(request).rules if rule.never_disclose and rule.covers(place)]
    kinds = tuple(dict.fromkeys(kind for rule in rules for kind in rule.never_disclose))
    return Forbidden(kinds, "; ".join(map(_source, rules)))


def in_words(kinds: Iterable[str]) -> tuple[str, ...]:
    """Name kinds as a letter does: "your social security number"."""
    return tuple(f"your {kind}" for kind in dict.fromkeys(kinds))


def _source(rule: Rule) -> str:
    return rule.sources.get("never_disclose") or SOURCES.get(rule.code, rule.law)


def _kind(collection: str, field: Field, kinds: tuple[str, ...]) -> str:
    """Give the kind that a field is of, among some; empty where it is of none."""
    category = (field.category or "").casefold().strip()
    named = {kind.casefold(): kind for kind in kinds}
    if known := named.get(category) or named.get(CATEGORIES.get(category, "")):
        return known
    for name in (field.name, field.label or ""):
        if kind := _meant(collection, name):
            return kind if kind in kinds else ""
    return ""


def _meant(collection: str, name: str) -> str:
    from extractors.discovery.lexicon import pieces
    from extractors.discovery.model import Concept
    from extractors.discovery.names import guesses

    text = " ".join(pieces(name))
    if text in _SAYING_NOTHING:
        text = " ".join((*pieces(collection), text))
    if not text or _NOT_A_VALUE.search(text):
        return ""
    for kind, pattern in _NAMES:
        if pattern.search(text):
            return kind
    likeliest = guesses(collection, name)[0]
    concepts = {
        Concept.NATIONAL_ID: GOVERNMENT_ID,
        Concept.TAX_ID: GOVERNMENT_ID,
        Concept.IBAN: FINANCIAL,
        Concept.CARD: FINANCIAL,
        Concept.BIOMETRIC: BIOMETRIC,
        Concept.SECRET: PASSWORD,
    }
    return concepts.get(likeliest.concept, "") if likeliest.confidence >= LEAST_CONFIDENCE else ""
