"""Checks the words of a notice before they are kept: what is wrong, in words to whoever wrote them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from requests_app.letters import markup
from requests_app.letters.variables import Kind, variables_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markdown_it.tree import SyntaxTreeNode

    from requests_app.letters.variables import Variable

LONGEST_SUBJECT, LONGEST_BODY = 200, 20_000
# What a notice is of no use without, or not lawful.
NEEDS: dict[str, tuple[str, ...]] = {
    "confirm": ("confirm_link",),
    "received": ("status_link",),
    "ready": ("download_link",),
    "nothing_held": ("download_link", "remedies"),
    "undownloaded": ("download_link", "expires_at"),
    "new_links": ("download_link", "status_link"),
    "download_code": ("code",),
    "question": ("question", "status_link"),
    "extended": ("explanation", "remedies"),
    "lifting_announced": ("explanation", "remedies"),
    "appeal_received": ("explanation",),
    "appeal_answered": ("explanation", "remedies", "authority"),
    "refused": ("late", "reasons", "remedies", "authority"),
    "partial": ("late", "reasons", "withheld", "remedies", "authority"),
    "completed": ("outcome", "decision"),
    "corrections_open": ("status_link",),
    "rectified": ("corrections", "status_link"),
    "erased": ("erased", "kept", "late", "reasons", "withheld", "authority"),
    "duplicate": ("both_requests",),
    "objected": ("stopped",),
    "preferences": ("preferences_link",),
}
_BRACES = re.compile(r"\{\{|\}\}")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|<!--")
_LINK = re.compile(r"\]\(([^()\n]*)\)")
# Conditions that hold wherever a variable is needed; of a pair one always holds.
_SURE: dict[str, set[str]] = {
    "confirm_link": {"if_mail"},
    "status_link": {"if_mail"},
    "preferences_link": {"if_mail"},
    "code": {"if_mail"},
    "download_link": {"if_mail", "if_files"},
    "expires_at": {"if_mail", "if_files"},
}
_PAIRS = ({"if_mail", "if_post"}, {"if_files", "if_no_files"}, {"if_open", "if_ended"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the words.

    Args:
        field: `subject` or `body`.
    """

    field: str
    text: str


def faults(notice: str, subject: str, body: str) -> list[Fault]:
    """List what is wrong with the words of a notice; nothing where they can be sent."""
    known = variables_of(notice)
    found = [*_of_text("subject", subject, known), *_of_text("body", body, known)]
    if found:
        return found
    return [*_of_subject(subject, known), *_of_body(body, known), *_of_needs(NEEDS.get(notice, ()), body)]


def _of_text(field: str, text: str, known: Mapping[str, Variable]) -> Iterator[Fault]:
    longest = LONGEST_SUBJECT if field == "subject" else LONGEST_BODY
    if not text.strip():
        yield Fault(field, "Please write something here.")
    if len(text) > longest:
        yield Fault(field, f"This has {len(text):,} characters; please keep it to {longest:,}.")
    for number, line in enumerate(text.splitlines(), 1):
        place = f" (line {number})" if field == "body" else ""
        if left := _unpaired(line):
            yield Fault(field, f"The braces do not pair at “{left}”{place}: write a variable as {{{{ name }}}}.")
        for match in markup.VARIABLE.finditer(line):
            if match[1] not in known:
                yield Fault(field, _unknown(match[1], place, known))


def _unpaired(line: str) -> str:
    """Give the words at which braces do not pair; empty where all do."""
    rest = markup.VARIABLE.sub("", line)
    match = _BRACES.search(rest)
    return rest[max(match.start() - 10, 0) : match.end() + 20].strip() if match else ""


def _unknown(name: str, place: str, known: Mapping[str, Variable]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f" Did you mean {{{{ {near[0]} }}}}?" if near else ""
    return f"There is no variable {{{{ {name} }}}} in this notice{place}.{hint}"


def _of_subject(subject: str, known: Mapping[str, Variable]) -> Iterator[Fault]:
    if "\n" in subject.strip():
        yield Fault("subject", "A subject is one line.")
    for match in markup.VARIABLE.finditer(subject):
        if known[match[1]].kind is not Kind.TEXT:
            yield Fault("subject", f"{{{{ {match[1]} }}}} cannot stand in a subject; only text can.")


def _of_body(body: str, known: Mapping[str, Variable]) -> Iterator[Fault]:
    headline, rest = markup.headline_and_body(body)
    if not headline:
        yield Fault("body", "Please begin with the heading, on a line of its own: # We have received your request")
    if not rest:
        yield Fault("body", "Please write the text below the heading.")
    yield from (
        Fault("body", f"{{{{ {match[1]} }}}} cannot stand in the heading; only text can.")
        for match in markup.VARIABLE.finditer(headline)
        if known[match[1]].kind is not Kind.TEXT
    )
    if match := _MARKUP.search(rest):
        yield Fault("body", f"HTML is not taken ({match[0][:30]}). Write **bold**, *italic*, - for a list.")
    for match in _LINK.finditer(rest):
        if not markup.is_link(match[1].strip()):
            yield Fault("body", f"The link {match[1][:60]} is not taken: only https:// and variables of links are.")
    tree = markup.tree_of(rest)
    for paragraph in markup.paragraphs_of(tree):
        yield from _of_paragraph(paragraph, known)


def _of_paragraph(paragraph: SyntaxTreeNode, known: Mapping[str, Variable]) -> Iterator[Fault]:
    conditions, parts = markup.conditions_of(paragraph, lambda name: known[name].kind is Kind.CONDITION)
    is_alone = len(parts) == 1 and parts[0].type == "variable"
    if conditions and not parts:
        yield Fault("body", f"After {{{{ {conditions[-1]} }}}} comes the text that it is for, in the same paragraph.")
    for name in markup.variables_in(parts):
        kind = known[name].kind
        if kind is Kind.CONDITION:
            yield Fault("body", f"{{{{ {name} }}}} stands at the beginning of its paragraph.")
        elif kind is Kind.BLOCK and not is_alone:
            yield Fault("body", f"{{{{ {name} }}}} stands in a paragraph of its own: an empty line before and after.")
        elif kind is Kind.LINK:
            yield Fault("body", f"{{{{ {name} }}}} is a link: write [your words]({{{{ {name} }}}}).")
    for name in markup.links_in(parts):
        if known[name].kind is not Kind.LINK:
            yield Fault("body", f"{{{{ {name} }}}} is no link: write {{{{ {name} }}}} alone.")


def _of_needs(needed: tuple[str, ...], body: str) -> Iterator[Fault]:
    told: dict[str, list[set[str]]] = {}
    for paragraph in markup.paragraphs_of(markup.tree_of(body)):
        conditions, parts = markup.conditions_of(paragraph, lambda name: name.startswith("if_"))
        for name in (*markup.variables_in(parts), *markup.links_in(parts)):
            told.setdefault(name, []).append(set(conditions) - _SURE.get(name, set()))
    for name in needed:
        if not _is_always_told(told.get(name, [])):
            yield Fault("body", f"{{{{ {name} }}}} is missing: this notice is of no use, or not lawful, without it.")


def _is_always_told(conditions: list[set[str]]) -> bool:
    """Whether one of some places stands whatever holds: it has no condition, or each of a pair has a place."""
    return set() in conditions or any(all({name} in conditions for name in pair) for pair in _PAIRS)
