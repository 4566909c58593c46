"""What a person may ask next, and where they may complain (GDPR Art. 15(1)(e) and (f))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.markup import content
from exporters.opening.asked import law_of
from exporters.opening.letter import contact
from exporters.opening.phrases import lines, link

if TYPE_CHECKING:
    from exporters.base import Answer
    from exporters.letter import Authority

MEMBERS_URL = "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en"

RIGHTS = (
    ("Correction", "16", "Have what is wrong corrected, and what is incomplete completed."),
    (
        "Erasure",
        "17",
        "Have your data erased, where we no longer need it or may not have it; some we must keep by law.",
    ),
    ("Restriction", "18", "Have your data locked while a dispute lasts: we keep it, and do nothing else with it."),
    ("Objection", "21", "Object to our use of your data for reasons of your own; to advertising without any reason."),
    ("Taking it with you", "20", "Receive what you gave us in a form that other providers can read."),
    ("Withdrawing consent", "7(3)", "Take back a consent at any time; what was done before stays lawful."),
    ("A human decision", "22", "Have a decision made by a machine alone, if it matters to you, reviewed by a person."),
)


def rights_and_complaint(answer: Answer) -> str:
    """Write the rights in plain words, and where to complain: the authority by name where it is known."""
    return f'<div class="pair">{_rights(answer)}{_complaint(answer)}</div>\n'


def _rights(answer: Answer) -> str:
    law = law_of(answer.letter)
    entries = "".join(
        f"<div><dt>{name}{f' <small>Art. {article}</small>' if law else ''}</dt><dd>{told}</dd></div>"
        for name, article, told in RIGHTS
    )
    asked = "You can ask for any of this at any time, in any form, free of charge."
    asked += " We answer within a month." if law else ""
    return (
        '<section class="rights" aria-labelledby="rights"><h2 id="rights">Your rights</h2>\n'
        f'<p>{asked} Write to {contact(answer)}.</p><dl class="told">{entries}</dl></section>\n'
    )


def _complaint(answer: Answer) -> str:
    authority = answer.letter.authority if answer.letter else None
    told = _known(authority) if authority else _unknown()
    return (
        '<section class="complaint" aria-labelledby="complaint"><h2 id="complaint">If you disagree</h2>\n'
        "<p>You may complain to a data protection authority, above all where you live, where you work, or where you "
        "think that the law was broken. It costs nothing, and you need not ask us first. "
        f"You may also go to court.</p>\n{told}</section>\n"
    )


def _known(authority: Authority) -> str:
    ways = [("Telephone", content(authority.phone)), ("E-mail", link(authority.email))]
    ways += [("Website", link(authority.website)), ("Complaints", link(authority.complaint_url))]
    reached = "".join(f"<div><dt>{name}</dt><dd>{way}</dd></div>" for name, way in ways if way)
    address = f"<p>{lines(authority.address)}</p>" if authority.address else ""
    listing = f"<dl>{reached}</dl>" if reached else ""
    named = f'<div><p class="authority-name">{content(authority.name)}</p>{address}</div>'
    return f'<div class="authority">{named}{listing}</div>\n'


def _unknown() -> str:
    return (
        '<div class="authority"><p>Which authority is yours we do not know, as we do not know where you live. '
        f"The authorities of all countries of the EU and the EEA are listed at {link(MEMBERS_URL)}.</p></div>\n"
    )
