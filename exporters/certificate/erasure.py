"""What a certificate of erasure says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.certificate.words import RIGHTS, day, ground, moment, number
from exporters.markup import content
from extractors.batches import counted

if TYPE_CHECKING:
    from exporters.certificate.records import ErasedCollection, ErasedSource, ErasureRecord, Retained, StaffMember

TITLE = "Certificate of erasure"
COLUMNS = ("Before", "Deleted", "Made nameless", "Archived", "Kept", "After")


def body(record: ErasureRecord, controller: str) -> str:
    """Write what stands between the title and the proof."""
    return (
        f"{_statement(record, controller)}{_numbers(record)}"
        f"{''.join(_source(source) for source in record.sources)}{_left_out(record)}{_retained(record)}"
    )


def _statement(record: ErasureRecord, controller: str) -> str:
    asked = "For the identifiers given by an operator"
    if record.request:
        request = record.request
        asked = (
            f"Upon the request <strong>{content(request.reference)}</strong> of {day(request.received_at)} for the"
            f" {RIGHTS[request.right]} ({content(request.article)})"
        )
    kept = " but the records kept that are listed here with their ground" if record.total("staying") else ""
    proven = (
        f"A search afterwards, by the same identifiers, found nothing{kept}."
        if all(source.is_proven for source in record.sources)
        else "A search afterwards still found records that should be gone; they are counted below."
    )
    return (
        f'<p class="statement">{asked}, {content(controller)} certifies that the personal data found in the systems'
        f" below was erased on {day(record.erased_at)} as set out here. {proven}</p>"
    )


def _numbers(record: ErasureRecord) -> str:
    gone = sum(record.total(name) for name in ("deleted", "anonymised", "archived"))
    told = [
        (record.total("before"), "found before"),
        (gone, "erased or archived" if record.total("archived") else "erased"),
        (record.total("staying"), "kept, with a reason"),
        (record.total("left"), "left over"),
    ]
    listed = "".join(f"<div><dd>{number(count)}</dd><dt>{words}</dt></div>" for count, words in told)
    return f'<dl class="numbers">{listed}</dl>'


def _source(source: ErasedSource) -> str:
    head = "".join(f'<th scope="col" class="n">{name}</th>' for name in COLUMNS)
    rows = "".join(_row(item) for item in source.collections)
    total = _cells(
        *(source.total(name) for name in ("before", "deleted", "anonymised", "archived", "staying", "after"))
    )
    foot = f'<tr class="total"><th scope="row">Together</th>{total}</tr>' if len(source.collections) > 1 else ""
    return (
        f'<section class="source"><h2>{content(source.label)}</h2>{_how(source)}<table class="counts"><thead><tr>'
        f'<th scope="col">Records</th>{head}</tr></thead><tbody>{rows}{foot}</tbody></table></section>'
    )


def _row(item: ErasedCollection) -> str:
    cells = _cells(item.before, item.deleted, item.anonymised, item.archived, item.staying, item.after)
    return f'<tr><th scope="row">{content(item.label)}</th>{cells}</tr>'


def _cells(*counts: int) -> str:
    return "".join(f'<td class="n{"" if count else " none"}">{number(count)}</td>' for count in counts)


def _how(source: ErasedSource) -> str:
    """Say when it was done, by whose decision, and by which version of the data map."""
    parts = [f"Erased on {moment(source.erased_at)}"]
    if source.decision:
        decision = source.decision
        prepared = f"prepared by {_member(decision.prepared_by)}, " if decision.prepared_by else ""
        parts.append(f"{prepared}approved by {_member(decision.approved_by)} on {moment(decision.approved_at)}")
    version = f" version {source.map_version}" if source.map_version else ""
    parts.append(f"by the data map{version} ({source.map_sha256[:12]}…)")
    if source.came_since:
        parts.append(f"with {counted(source.came_since, 'record')} that had come since the approval")
    return f'<p class="how">{content("; ".join(parts))}.</p>'


def _member(member: StaffMember) -> str:
    return f"{member.name} ({member.role})" if member.role else member.name


def _left_out(record: ErasureRecord) -> str:
    lines = "".join(
        f"<li><strong>{content(item.label)}</strong>: {content(item.reason)}</li>" for item in record.left_out
    )
    return f'<section class="notice"><h2>Not erased from</h2><ul>{lines}</ul></section>' if lines else ""


def _retained(record: ErasureRecord) -> str:
    """Say what is kept, on which ground and until when."""
    rows = "".join(
        f'<tr><th scope="row">{content(item.label)}<span>{content(source.label)}</span></th>'
        f'<td class="n">{number(item.staying)}</td><td>{_reasons(item)}</td><td>{_until(item.retained)}</td></tr>'
        for source in record.sources
        for item in source.collections
        if item.staying
    )
    if not rows:
        return ""
    return (
        '<section class="kept"><h2>What is kept, why and until when</h2><table><thead><tr><th scope="col">Records</th>'
        f'<th scope="col" class="n">Kept</th><th scope="col">Ground</th><th scope="col">Until</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _reasons(item: ErasedCollection) -> str:
    return "<br>".join(content(ground(reason)) for reason in item.reasons) or "-"


def _until(retained: Retained | None) -> str:
    if retained is None or retained.first_on is None:
        return "no day is set"
    if retained.last_on is None or retained.last_on == retained.first_on:
        return day(retained.first_on)
    return f"{day(retained.last_on)}, the first of them {day(retained.first_on)}"
