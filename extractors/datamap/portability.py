"""What of a source a person may take elsewhere: what they gave themselves, used by their consent or for a contract.

Source: GDPR Art. 20(1): data "which he or she has provided", where the processing is based on consent (Art. 6(1)(a) or
9(2)(a)) or on a contract (Art. 6(1)(b)).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from extractors.batches import counted
from extractors.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from extractors.datamap.parts import CollectionPart, DataMap

CONSENT = frozenset(
    {
        *("consent", "explicit consent", "6(1)(a)", "9(2)(a)", "einwilligung", "consentement", "consentimiento"),
        *("consenso", "toestemming", "consentimento", "zgoda"),
    }
)
CONTRACT = frozenset({"contract", "6(1)(b)", "vertrag", "contrat", "contrato", "contratto", "overeenkomst", "umowa"})
OTHER_BASES = frozenset(
    {
        *("legal obligation", "6(1)(c)", "rechtliche verpflichtung", "obligation légale", "obligación legal"),
        *("obbligo legale", "wettelijke verplichting", "obrigação legal", "obowiązek prawny"),
        *("vital interests", "6(1)(d)", "lebenswichtige interessen"),
        *("public task", "public interest", "6(1)(e)", "öffentliche aufgabe"),
        *("legitimate interests", "legitimate interest", "6(1)(f)", "berechtigtes interesse", "berechtigte interessen"),
        *("intérêt légitime", "interés legítimo", "legittimo interesse", "gerechtvaardigd belang"),
        *("interesse legítimo", "prawnie uzasadniony interes"),
    }
)
"""The legal bases as they may be written, in the languages that discovery reads, or by their number in the GDPR."""

TOLD = "consent, contract, legal obligation, vital interests, public task, legitimate interests"
NOT_GIVEN = "not given by you"


class Bar(StrEnum):
    """Why a field is no part of what may be taken elsewhere."""

    NOT_PROVIDED = "not provided"
    OTHER_BASIS = "other basis"


def bar(part: CollectionPart, column: str) -> Bar | None:
    """Say what keeps a column from being taken elsewhere; None where nothing does.

    What the map says of the field counts before what it says of the collection. What is provided, on a basis that the
    map does not name, is taken for consent or contract, as that is what `provided` stands for.
    """
    if not _is_provided(part, column):
        return Bar.NOT_PROVIDED
    basis = _basis(part, column)
    return None if basis is None or _folded(basis) in CONSENT | CONTRACT else Bar.OTHER_BASIS


def left_out(part: CollectionPart, columns: Sequence[str]) -> Iterator[str]:
    """Say in words for the person which of some columns are left out, and why; a line for each reason.

    Args:
        columns: all that may leave the source.
    """
    barred = {column: _why(part, column) for column in columns}
    is_whole = all(barred.values())
    for why in sorted({why for why in barred.values() if why}):
        names = [column for column, reason in barred.items() if reason == why]
        number = counted(len(names), "field")
        yield f"{why} ({number})" if is_whole else f"{why} ({number}): {', '.join(names)}"


def doubts(data_map: DataMap) -> Iterator[Fault]:
    """Warn of what decides about portability and is not said, or not in words that are known."""
    for name, part in data_map.collections.items():
        path = f"collections.{name}"
        yield from _doubts_of_basis(f"{path}.basis", part.basis)
        if part.provided and part.basis is None:
            yield _untold(f"{path}.provided")
        for column, field in part.fields.items():
            yield from _doubts_of_basis(f"{path}.fields.{column}.basis", field.basis)
            if field.provided and not part.provided and (field.basis or part.basis) is None:
                yield _untold(f"{path}.fields.{column}.provided")


def portable(part: CollectionPart, columns: Iterable[str]) -> list[str]:
    """Keep the columns that may be taken elsewhere."""
    return [column for column in columns if bar(part, column) is None]


def _why(part: CollectionPart, column: str) -> str:
    barred = bar(part, column)
    if barred is Bar.OTHER_BASIS:
        return f"used on another ground than your consent or a contract, {_basis(part, column)}"
    return NOT_GIVEN if barred else ""


def _is_provided(part: CollectionPart, column: str) -> bool:
    field = part.fields.get(column)
    return part.provided if field is None or field.provided is None else field.provided


def _basis(part: CollectionPart, column: str) -> str | None:
    field = part.fields.get(column)
    return (field.basis if field else None) or part.basis


def _doubts_of_basis(path: str, basis: str | None) -> Iterator[Fault]:
    if basis is not None and _folded(basis) not in CONSENT | CONTRACT | OTHER_BASES:
        yield Fault(
            path, f"no legal basis that is known, so that none of it can be taken elsewhere; write one of {TOLD}"
        )


def _untold(path: str) -> Fault:
    return Fault(path, "given by the person, but on which basis is not said: it is taken for consent or contract")


def _folded(basis: str) -> str:
    """Fold what may differ in writing: case, spaces and strokes, and `Art. … GDPR` around a number."""
    text = " ".join(basis.casefold().replace("_", " ").replace("-", " ").split())
    text = text.removeprefix("gdpr ").removesuffix(" gdpr").removeprefix("art. ").removeprefix("article ")
    return text.replace(" ", "") if text[:1].isdigit() else text
