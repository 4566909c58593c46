"""The check by what is held: questions chosen once, whose answers are compared inside the source they are of.

No source is read while the portal's own transaction is open: a worker chooses the questions, and answers are compared
before the check is locked. See docs/decisions/0007.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from extractors.errors import DsrError
from extractors.identifiers import Identifiers
from requests_app import audit, limits, sources
from requests_app.cases import locked
from requests_app.identity.base import CheckKind, Given, Kind, RefusedAnswer, Shown
from requests_app.identity.passing import go_on, hand_to_team, is_answerable
from requests_app.models import DataSource, IdentityCheck, Status
from requests_app.models.subject_request import OPEN
from requests_app.queue import enqueue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.base import Extractor, Question
    from extractors.datamap import DataMap
    from requests_app.models import SubjectRequest

QUESTIONS = 2
MOST_ASKED_AN_HOUR = 10  # attempts that are given back are no reason to trouble a source that is ill already
PREPARE_SECONDS, ANSWER_SECONDS = 10.0, 3.0
OVERDUE = timedelta(minutes=2)
RIGHT = "right"
CANNOT = "cannot"
NOT_NOW = "We cannot compare your answers just now. Please try again in a while; this attempt does not count."
HANDED_OVER = "Thank you. Our team makes sure in another way, and writes to you."
TOO_SOON = "We are still preparing the questions. Please look again in a minute."


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: the name of its field on the page, and its words."""

    name: str
    words: str


class ChallengeCheck(CheckKind):
    """Asks for some of what is held, chosen at random once; all answers have to be right, or all count as wrong."""

    kind = Kind.CHALLENGE
    label = "Questions that only they can answer"
    asks = "answer questions about what we hold of them"
    most_attempts = 3

    def obstacle(self) -> str:
        """Say that no source names enough fields to ask for."""
        if any(len(list(data_map.questions())) >= QUESTIONS for _, data_map in _sources()):
            return ""
        return "No data map marks fields that may be asked for (challenge: true)."

    def start(self, check: IdentityCheck) -> bool:
        """Have a worker choose the questions."""
        if self.obstacle():
            return False
        if not check.asked:
            enqueue("prepare_challenge", check.pk)
        return True

    def page(self, check: IdentityCheck) -> Shown:
        """Show the questions by the words of the data map, and never whether anything is held."""
        return Shown("challenge.html", {"questions": _asked(check), "left": self.most_attempts - check.attempts})

    def consult(self, check: IdentityCheck, given: Given) -> Given:
        """Compare the answers inside the source; what comes back says right or wrong, and nothing else."""
        if CANNOT in given.fields:
            _hand_over(check)
            raise RefusedAnswer(HANDED_OVER)
        if not check.asked:
            _give_back(check)
            raise RefusedAnswer(TOO_SOON)
        if not limits.is_within("challenge", str(check.pk), most=MOST_ASKED_AN_HOUR, seconds=3600):
            _give_back(check)
            raise RefusedAnswer(NOT_NOW)
        typed = {_question(name): given.fields.get(f"answer-{number}", "") for number, name in enumerate(check.asked)}
        try:
            is_right = _are_right(check, typed)
        except DsrError:
            _give_back(check)
            raise RefusedAnswer(NOT_NOW) from None
        return replace(given, fields={RIGHT: RIGHT} if is_right else {})

    def answer(self, check: IdentityCheck, given: Given) -> bool:
        """Say what the source said."""
        return given.fields.get(RIGHT) == RIGHT


def prepare(check_id: int) -> None:
    """Choose the questions of a check among what is held, or let the team make sure; again, it changes nothing."""
    check = IdentityCheck.objects.select_related("request").filter(pk=check_id, kind=Kind.CHALLENGE, asked=[]).first()
    if check is None or not is_answerable(check):
        return
    chosen = _chosen(check.request)
    with transaction.atomic():
        request = locked(check.request_id)
        open_check = IdentityCheck.objects.filter(pk=check_id, asked=[], passed_at=None, failed_at=None)
        if chosen is None:
            if open_check.exists() and request.status in OPEN:
                hand_to_team(check)
                go_on(request)
            return
        source, questions = chosen
        if open_check.update(source=source, asked=[".".join(question) for question in questions]):
            target = f"check {check_id}"
            told = {"source": source.pk, "questions": len(questions)}
            audit.record("identity.challenge_prepared", audit.SYSTEM, request_id=request.pk, target=target, **told)


def overdue() -> Iterator[int]:
    """Give the checks whose questions no worker has chosen yet; a task may have been lost."""
    waiting = IdentityCheck.objects.filter(kind=Kind.CHALLENGE, asked=[], passed_at=None, failed_at=None)
    old = waiting.filter(request__status__in=OPEN, created_at__lte=timezone.now() - OVERDUE)
    unproven = IdentityCheck.objects.filter(kind=Kind.MAILBOX, passed_at=None, request__status=Status.SUBMITTED)
    yield from old.exclude(request__in=unproven.values("request")).values_list("pk", flat=True)


def _chosen(request: SubjectRequest) -> tuple[DataSource, list[Question]] | None:
    """Choose from the source that holds most of what may be asked for; one that cannot be read is passed over."""
    identifiers = _identifiers(request)
    held: list[tuple[DataSource, list[Question]]] = []
    for source, data_map in _sources():
        if identifiers and len(list(data_map.questions())) >= QUESTIONS:
            try:
                found = _extractor(source).answerable(identifiers, seconds=PREPARE_SECONDS)
            except DsrError:
                continue
            held.append((source, found))
    enough = [item for item in held if len(item[1]) >= QUESTIONS]
    if not enough:
        return None
    source, questions = max(enough, key=lambda item: len(item[1]))
    return source, secrets.SystemRandom().sample(questions, QUESTIONS)


def _are_right(check: IdentityCheck, typed: dict[Question, str]) -> bool:
    source = DataSource.objects.filter(pk=check.source_id or 0, is_enabled=True).select_related("current_map").first()
    identifiers = _identifiers(check.request)
    if source is None or identifiers is None:
        raise sources.MissingUrl("The source of the questions is not there any more.")
    return _extractor(source).are_right(identifiers, typed, seconds=ANSWER_SECONDS)


def _extractor(source: DataSource) -> Extractor:
    version = source.current_map
    if version is None:
        raise sources.MissingUrl("A source without a map is not asked.")
    return sources.extractor(source, version)


def _identifiers(request: SubjectRequest) -> Identifiers | None:
    proven = list(request.identifiers.proven().values_list("kind", "value"))
    return Identifiers.of(proven) if proven else None


def _sources() -> Iterator[tuple[DataSource, DataMap]]:
    """Give the sources that are searched and whose maps name something to ask for."""
    enabled = DataSource.objects.filter(is_enabled=True, current_map__text__contains="challenge")
    for source in enabled.select_related("current_map").order_by("pk"):
        if source.current_map:
            yield source, sources.map_of(source.current_map)


def _asked(check: IdentityCheck) -> list[Asked]:
    """Put the questions into words: those of the map, or else the names of its fields."""
    source = DataSource.objects.filter(pk=check.source_id or 0).select_related("current_map").first()
    if source is None or source.current_map is None:
        return []
    data_map = sources.map_of(source.current_map, check.request.language)
    return [Asked(f"answer-{number}", _words(data_map, _question(name))) for number, name in enumerate(check.asked)]


def _words(data_map: DataMap, question: Question) -> str:
    collection, name = question
    part = data_map.collections.get(collection)
    told = part.fields.get(name) if part else None
    return str(told.label) if told and told.label else name.replace("_", " ").capitalize()


def _question(name: str) -> Question:
    collection, _, field = name.partition(".")  # names of collections have no dot
    return collection, field


def _hand_over(check: IdentityCheck) -> None:
    with transaction.atomic():
        request = locked(check.request_id)
        if is_answerable(check):
            hand_to_team(check)
            go_on(request)


def _give_back(check: IdentityCheck) -> None:
    """Take back an attempt that nobody could look at."""
    counted = IdentityCheck.objects.filter(pk=check.pk, passed_at=None, failed_at=None, attempts__gt=0)
    counted.update(attempts=F("attempts") - 1)
