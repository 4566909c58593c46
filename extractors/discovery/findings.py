"""Combines what a column is called, its type, its comment and what its values look like into one meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from extractors.discovery import weighing
from extractors.discovery.meanings import SPECIAL
from extractors.discovery.model import ColumnId, Concept, Content, Finding, Findings, Inventory, SeenColumn, SeenTable
from extractors.discovery.names import Guess, Others, bare_names, guesses, languages
from extractors.discovery.neighbours import settled

CONTENT_WINS = 0.6
LONGEST_COMMENT = 80
COMMENT_WEIGHT = 0.8
WORTH_SAYING = 0.2
_DELETED = frozenset({"deleted", "geloescht", "gelöscht", "removed", "archived", "supprime", "supprimé", "eliminado"})
_DELETED_TOO = frozenset(
    {"borrado", "eliminato", "cancellato", "verwijderd", "excluido", "excluído", "usuniety", "trash"}
)
_GENDERS = ({"m", "f"}, {"m", "w"}, {"male", "female"}, {"h", "m"}, {"man", "woman"}, {"m", "v"}, {"k", "m"})
# A key of its own or a mark of a thing: random characters there are no secret.
_OPEN_KEYS = frozenset({"is called like a number or key", "is called like a public key or a setting"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a column means as far as it tells itself, before its neighbours are asked.

    Args:
        others: whose the column's name says it is.
        is_generic: its name alone says little.
        is_by_content: its values alone say it.
    """

    finding: Finding
    others: Others | None
    is_generic: bool
    is_by_content: bool


def findings(inventory: Inventory) -> Findings:
    """Say of every column what it most likely means, how surely, and why.

    First each column by itself; then what only its neighbours, its table and its links can tell: whose `name` and
    `id` are, and whether a person named is another one than whose row it is.
    """
    spoken = languages(_names(inventory))
    read: dict[ColumnId, Reading] = {}
    for table in inventory.tables:
        bare = bare_names([column.name for column in table.columns])
        read |= {(table.id, column.name): _read(table, column, bare[column.name], spoken) for column in table.columns}
    return settled(inventory, read, spoken)


def _names(inventory: Inventory) -> Iterable[str]:
    for table in inventory.tables:
        yield table.id.rpartition(".")[2]
        yield from (column.name for column in table.columns)


def _read(table: SeenTable, column: SeenColumn, name: str, spoken: Mapping[str, float]) -> Reading:
    guessed = [*guesses(table.id, name, spoken), *_of_values(column)]
    if column.comment and max(guess.confidence for guess in guessed) < CONTENT_WINS:
        guessed += _of_comment(table, column, spoken)
    others = next((guess.others for guess in guessed if guess.others), None)
    best, verdict = _likeliest(guessed, column)
    concept = best.concept if verdict.confidence >= WORTH_SAYING else Concept.OTHER
    finding = Finding(concept, verdict.confidence, _joined(best.reason, verdict.seen))
    final = _by_content(finding, best, column)
    return Reading(final, others, best.is_generic, final.concept is not concept)


def _of_comment(table: SeenTable, column: SeenColumn, spoken: Mapping[str, float]) -> list[Guess]:
    found = guesses(table.id, column.comment[:LONGEST_COMMENT], spoken)
    return [
        replace(guess, confidence=guess.confidence * COMMENT_WEIGHT, reason=f"its comment {guess.reason}")
        for guess in found
    ]


def _of_values(column: SeenColumn) -> list[Guess]:
    """Read the values of an enumerated type, and the type of a moment."""
    if column.type in ("date", "timestamp"):
        return [Guess(Concept.ORDERING, 0.4, "its type is a moment", is_generic=True)]
    values = {value.casefold() for value in column.values}
    if values & (_DELETED | _DELETED_TOO):
        return [Guess(Concept.DELETED, 0.7, "one of its values marks a deletion")]
    if any(values >= genders for genders in _GENDERS) and len(values) <= 5:
        return [Guess(Concept.GENDER, 0.7, "its values are genders")]
    return []


def _likeliest(guessed: Iterable[Guess], column: SeenColumn) -> tuple[Guess, weighing.Verdict]:
    found = []
    for guess in guessed:
        if factor := weighing.by_type(guess.concept, column):
            verdict = weighing.weighed(guess.concept, guess.confidence * factor, column)
            found.append((guess, verdict))
    return max(found, key=lambda pair: pair[1].confidence)


def _by_content(finding: Finding, guess: Guess, column: SeenColumn) -> Finding:
    """Let the values decide where enough were seen and the name says something they cannot be."""
    strongest = weighing.strongest(column)
    if strongest is None:
        return _by_weak_content(finding, column)
    content, verdict = strongest
    if _agrees(finding, guess, content, column):
        return finding
    if verdict.confidence >= CONTENT_WINS or verdict.confidence > finding.confidence:
        return Finding(weighing.STRONG[content], round(verdict.confidence, 2), verdict.seen)
    return finding


def _agrees(finding: Finding, guess: Guess, content: Content, column: SeenColumn) -> bool:
    if weighing.STRONG[content] is finding.concept:
        return True
    if content in (Content.HASH, Content.TOKEN) and finding.concept in (Concept.OTHER, Concept.CODE):
        is_open = guess.reason in _OPEN_KEYS and content is Content.TOKEN
        return is_open or guess.reason == "is called like a checksum" or column.type == "uuid"
    if guess.is_generic and content is Content.BIRTH_DATE:
        return False
    may_mean = weighing.may_mean(content, finding.concept) or _is_number_by_name(finding, guess, content, column)
    return may_mean and finding.confidence >= 0.35


def _is_number_by_name(finding: Finding, guess: Guess, content: Content, column: SeenColumn) -> bool:
    """Tell bare digits that fit a country's numbers but are called something else: an order's number, an amount."""
    if content not in (Content.PHONE, Content.NATIONAL_ID) or column.sampled.shares.get(Content.NUMBER, 0.0) < 0.5:
        return False
    return finding.concept in (Concept.PERSON_ID, Concept.OTHER_PERSON, Concept.AMOUNT) or guess.reason in _OPEN_KEYS


def _by_weak_content(finding: Finding, column: SeenColumn) -> Finding:
    weak = weighing.weakest(column)
    if weak is None:
        return replace(finding, confidence=round(finding.confidence, 2))
    concept, verdict = weak
    keeps_name = finding.concept in SPECIAL or finding.concept in (Concept.SECRET, Concept.MARKETING, Concept.CONSENT)
    if verdict.confidence > finding.confidence and not (keeps_name and finding.confidence >= 0.3):
        return Finding(concept, round(verdict.confidence, 2), verdict.seen)
    return replace(finding, confidence=round(finding.confidence, 2))


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
