"""What a certificate of the handling of a request says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.certificate.words import OUTCOMES, RIGHTS, day, moment, number
from exporters.markup import content

if TYPE_CHECKING:
    from exporters.certificate.records import Delivered, HandlingRecord, StaffMember

TITLE = "Certificate of handling"
ENDED = {"completed": "was answered", "rejected": "was refused, with reasons,", "withdrawn": "was withdrawn"}


def body(record: HandlingRecord, controller: str) -> str:
    """Write what stands between the title and the proof."""
    return (
        f"{_statement(record, controller)}{_numbers(record)}{_steps(record)}{_deadline(record)}{_refusal(record)}"
        f"{_delivered(record)}"
    )


def _statement(record: HandlingRecord, controller: str) -> str:
    request = record.request
    person = f" of {content(request.person)}" if request.person else ""
    within = {True: ", within its period", False: ", after its period", None: ""}[record.is_in_time]
    return (
        f'<p class="statement">{content(controller)} certifies that the request'
        f" <strong>{content(request.reference)}</strong>{person} for {RIGHTS[request.right]}"
        f" ({content(request.article)}), received on {day(request.received_at)}, {ENDED[record.ended]} on"
        f" {day(record.ended_at)}{within}.</p>"
    )


def _numbers(record: HandlingRecord) -> str:
    days = (record.ended_at.date() - record.request.received_at.date()).days
    told = [(number(days), "day it took" if days == 1 else "days it took")]
    if record.due_on:
        allowed = (record.due_on - record.request.received_at.date()).days
        told.append((number(allowed), "days it could take"))
    if record.is_in_time is not None:
        told.append(("Yes" if record.is_in_time else "No", "in time"))
    listed = "".join(f"<div><dd>{count}</dd><dt>{words}</dt></div>" for count, words in told)
    return f'<dl class="numbers">{listed}</dl>'


def _steps(record: HandlingRecord) -> str:
    proven = record.mailbox_proven_at
    steps = [("Received", moment(record.request.received_at), "")]
    if proven:
        steps.append(("Mailbox proven", moment(proven), "by a mail to it that was opened and confirmed"))
    if record.due_on:
        steps.append(("Answer due", day(record.due_on), "the last day of the period"))
    last = "Withdrawn" if record.ended == "withdrawn" else OUTCOMES.get(record.outcome, "Answered")
    steps.append((last, moment(record.ended_at), ""))
    rows = "".join(
        f'<tr><th scope="row">{name}</th><td>{at}</td><td class="quiet">{words}</td></tr>' for name, at, words in steps
    )
    return _table("way", "The way of the request", ("Step", "When", "How"), rows)


def _deadline(record: HandlingRecord) -> str:
    rows = "".join(
        f'<tr><th scope="row">{day(line.on)}</th><td>{content(line.what)}</td><td>{content(line.source)}</td></tr>'
        for line in record.deadline
    )
    return _table("why", "How the period was computed", ("Day", "What it is", "Rule"), rows) if rows else ""


def _refusal(record: HandlingRecord) -> str:
    told = record.refusal
    if told is None:
        return ""
    people = f"prepared by {_member(told.prepared_by)}, approved by {_member(told.approved_by)}"
    lines = [("Grounds", told.grounds), ("Withheld", told.withheld), ("Decided", (people, moment(told.approved_at)))]
    rows = "".join(
        f'<tr><th scope="row">{name}</th><td>{"; ".join(map(content, values))}</td></tr>'
        for name, values in lines
        if values
    )
    return _table("refused", "What was refused", ("What", "Which"), rows)


def _member(member: StaffMember) -> str:
    return f"{member.name} ({member.role})" if member.role else member.name


def _delivered(record: HandlingRecord) -> str:
    rows = "".join(
        f'<tr><th scope="row">{moment(item.at)}</th><td>{content(item.what)}</td><td>{_much(item)}</td></tr>'
        for item in record.delivered
    )
    columns = ("When", "What", "How much")
    return _table("sent", "What the person was sent, and what was taken", columns, rows) if rows else ""


def _much(item: Delivered) -> str:
    if item.bytes is None:
        return ""
    return f"{number(item.bytes)} bytes{', broken off' if item.is_complete is False else ''}"


def _table(look: str, title: str, columns: tuple[str, ...], rows: str) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    return (
        f'<section class="source"><h2>{title}</h2><table class="{look}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )
