"""The variables that the words of notices may name, what each stands for, and which notice knows which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe

from requests_app.letters import values as by
from requests_app.letters.contexts import APPEALS
from requests_app.letters.languages import language_of
from requests_app.letters.markup import Values
from requests_app.letters.notices import NOTICES
from requests_app.models import Outcome

if TYPE_CHECKING:
    from requests_app.letters.values import Told
    from requests_app.letters.writing import Context


class Kind(StrEnum):
    """Where a variable may stand."""

    TEXT = "text"  # inside a sentence
    BLOCK = "block"  # in a paragraph of its own
    LINK = "link"  # where a link leads
    CONDITION = "condition"  # before a paragraph, which stands only where it holds


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable.

    Args:
        about: what it stands for, to whoever writes the words.
        told: gives its value.
        of: the notices that know it; none for all of them.
    """

    name: str
    kind: Kind
    about: str
    told: Told
    of: tuple[str, ...] = ()

    def is_known_to(self, notice: str) -> bool:
        """Whether the words of a notice may name it."""
        return not self.of or notice in self.of


def variables_of(notice: str) -> dict[str, Variable]:
    """List what the words of a notice may name."""
    return {name: variable for name, variable in VARIABLES.items() if variable.is_known_to(notice)}


def values_of(context: Context) -> Values:
    """Give the values of the variables for one notice; each is written when it is asked for."""
    spoken = by.Spoken(context, language_of(str(context["language"])))

    def told(name: str) -> str:
        return VARIABLES[name].told(spoken)

    def block(name: str) -> SafeString | None:
        return mark_safe(told(name)) if VARIABLES[name].kind is Kind.BLOCK else None  # noqa: S308  # of templates

    def holds(name: str) -> bool | None:
        return bool(told(name)) if VARIABLES[name].kind is Kind.CONDITION else None

    def button(address: str, words: SafeString) -> SafeString:
        return by.part("button", context | {"url": address, "label": words})

    return Values(told, block, holds, told, button)


_FILES = tuple(name for name, notice in NOTICES.items() if notice.has_export)
_REFUSED = ("refused", "partial")
_WITH_REMEDIES = (*_REFUSED, "appeal_answered")
_REVIEWED = ("decision_reviewed",)
_ERASED, _OF_REFUSALS = ("erased",), (*_REFUSED, "erased")
_CODES, _TWICE = ("download_code",), ("duplicate",)
_OF_AUTHORITY = ("represent", "authority", "authority_accepted", "authority_refused", "authority_ended", "answer_given")
_OBJECTED, _OBJECTING = ("objected",), ("objected", "preferences")
_CONFIRMING = ("confirm", "represent", "authority")
_ALL = (
    Variable("name", Kind.TEXT, "the name of whoever gets it", by.known("addressee")),
    Variable("controller", Kind.TEXT, "your name, as on the page of letters", lambda spoken: spoken.controller.name),
    Variable("reference", Kind.TEXT, "the reference of the request", by.reference),
    Variable("right", Kind.TEXT, "what was asked for", by.phrase_of("right", "right")),
    Variable("received_on", Kind.TEXT, "the day the request came", by.received_on),
    Variable("due_on", Kind.TEXT, "the day by which the answer is due; empty where none is", by.due_on),
    Variable("next_steps", Kind.TEXT, "what happens next, by what was asked for", by.phrase_of("next", "right")),
    Variable("outcome", Kind.TEXT, "how the request ended", by.phrase_of("outcome", "outcome")),
    Variable("contact", Kind.TEXT, "your e-mail address, as a link; “us” where there is none", by.contact),
    Variable("review_result", Kind.TEXT, "whether the decision stands or is changed", by.review_result, _REVIEWED),
    Variable("link_days", Kind.TEXT, "how many days the link works", by.link_days, _CONFIRMING),
    Variable("expires_at", Kind.TEXT, "when the files are deleted", by.expires_at, _FILES),
    Variable("code_minutes", Kind.TEXT, "how many minutes the code is good for", by.code_minutes, _CODES),
    Variable("stopped", Kind.TEXT, "what the data is not used for any more", by.stopped, _OBJECTED),
    Variable("until", Kind.TEXT, "what ends the restriction, by its ground", by.until, ("restricted",)),
    Variable("certificate_number", Kind.TEXT, "the number of the certificate", by.certificate_number, _ERASED),
    Variable("person", Kind.TEXT, "the person that somebody stands for", by.person, _OF_AUTHORITY),
    Variable("representative", Kind.TEXT, "who stands for them", by.representative, _OF_AUTHORITY),
    Variable("valid_until", Kind.TEXT, "until when an authority holds", by.valid_until, _OF_AUTHORITY),
    Variable("facts", Kind.BLOCK, "a table: what was asked for, the reference", by.by_template("asked")),
    Variable("facts_with_due", Kind.BLOCK, "the same, with the day it is due", by.by_template("asked", with_due=True)),
    Variable("decision", Kind.BLOCK, "what the team wrote as its decision", by.decision),
    Variable("considered", Kind.BLOCK, "what the reviewer considered", by.of_review("considered"), _REVIEWED),
    Variable("basis", Kind.BLOCK, "what the decision used, on paper alone", by.review_basis, _REVIEWED),
    Variable("measures", Kind.BLOCK, "what was done, where it is changed", by.of_review("measures"), _REVIEWED),
    Variable(
        "reasons", Kind.BLOCK, "why: the grounds, and what is so in this case", by.by_template("reasons"), _OF_REFUSALS
    ),
    Variable("withheld", Kind.BLOCK, "what is withheld, by category", by.by_template("withheld"), _OF_REFUSALS),
    Variable("late", Kind.BLOCK, "that it comes late and why, where it does", by.by_template("late"), _OF_REFUSALS),
    Variable(
        "authority",
        Kind.BLOCK,
        "the authority with its address",
        by.by_template("authority"),
        (*_WITH_REMEDIES, "erased"),
    ),
    Variable("remedies", Kind.BLOCK, "what can be done: the authority, the courts", by.by_template("remedies")),
    Variable("files", Kind.BLOCK, "a table: what is inside, formats, size, end", by.by_template("files"), _FILES),
    Variable("letter_file", Kind.BLOCK, "a table: size, end", by.by_template("letter_file"), _FILES),
    Variable("missing", Kind.BLOCK, "a warning, where something is missing", by.by_template("missing"), _FILES),
    Variable("protected", Kind.BLOCK, "a note, where a passphrase is needed", by.by_template("protected"), _FILES),
    Variable("attached", Kind.BLOCK, "a note on the files in the mail", by.by_template("attached"), _FILES),
    Variable("erased", Kind.BLOCK, "a table: what was erased in which system", by.by_template("erased"), _ERASED),
    Variable("kept", Kind.BLOCK, "what stays, why and until when", by.by_template("kept"), _ERASED),
    Variable("code", Kind.BLOCK, "the code", by.by_template("code"), _CODES),
    Variable(
        "corrections", Kind.BLOCK, "how many were corrected; on paper, each of them", by.corrections, ("rectified",)
    ),
    Variable("question", Kind.BLOCK, "what the team asks", by.quoted("told"), ("question",)),
    Variable("message", Kind.BLOCK, "what the team wrote, on paper alone", by.quoted("told"), ("message",)),
    Variable(
        "explanation",
        Kind.BLOCK,
        "why, and until when",
        by.paragraphs("told"),
        ("extended", "lifting_announced", *APPEALS),
    ),
    Variable("both_requests", Kind.BLOCK, "a table: what is closed, what goes on", by.by_template("twice"), _TWICE),
    Variable("authority_decision", Kind.BLOCK, "why the authority is not enough", by.authority_decision, _OF_AUTHORITY),
    Variable("status_link", Kind.LINK, "the page of the request", by.known("status_link")),
    Variable("preferences_link", Kind.LINK, "the page of preferences", by.known("preferences_link"), _OBJECTING),
    Variable("confirm_link", Kind.LINK, "the page that confirms it", by.known("link"), _CONFIRMING),
    Variable("download_link", Kind.LINK, "the page of the download", by.known("link"), _FILES),
    Variable("if_mail", Kind.CONDITION, "it goes by mail", by.holds(lambda spoken: not spoken.context["by_post"])),
    Variable("if_post", Kind.CONDITION, "it goes by post", by.holds(lambda spoken: spoken.context["by_post"])),
    Variable("if_preferences", Kind.CONDITION, "it has a link to the preferences", by.holds(by.is_own_mail), _OBJECTED),
    Variable(
        "if_no_preferences",
        Kind.CONDITION,
        "it has none: it goes by post, or to who stands for them",
        by.holds(lambda spoken: not by.is_own_mail(spoken)),
        _OBJECTED,
    ),
    Variable("if_erased", Kind.CONDITION, "something was erased", by.holds(by.is_erased), _ERASED),
    Variable(
        "if_none_erased", Kind.CONDITION, "nothing was", by.holds(lambda spoken: not by.is_erased(spoken)), _ERASED
    ),
    Variable("if_none_held", Kind.CONDITION, "no data is held", by.holds(by.is_none_held), _ERASED),
    Variable("if_certificate", Kind.CONDITION, "it is certified", by.holds(by.certificate_number), _ERASED),
    Variable("if_due", Kind.CONDITION, "the answer is due on a day", by.holds(lambda spoken: spoken.request.due_on)),
    Variable("if_open", Kind.CONDITION, "the request is open", by.holds(lambda spoken: spoken.request.is_open)),
    Variable("if_ended", Kind.CONDITION, "the request has ended", by.holds(lambda spoken: not spoken.request.is_open)),
    Variable(
        "if_partial",
        Kind.CONDITION,
        "it was answered in part",
        by.holds(lambda spoken: spoken.request.outcome == Outcome.PARTIAL),
    ),
    Variable("if_changed", Kind.CONDITION, "the decision is changed", by.holds(by.is_changed), _REVIEWED),
    Variable("if_files", Kind.CONDITION, "there are files", by.holds(lambda spoken: spoken.context["export"]), _FILES),
    Variable(
        "if_no_files", Kind.CONDITION, "there are none", by.holds(lambda spoken: not spoken.context["export"]), _FILES
    ),
    *(
        Variable(name, Kind.CONDITION, about, by.of_authority(name), _OF_AUTHORITY)
        for name, about in (
            ("if_person", "it goes to the person"),
            ("if_representative", "it goes to who stands for them"),
            ("if_to_you", "the answer goes to the person"),
            ("if_to_them", "the answer goes to who stands for them"),
            ("if_confirmed", "the person themselves said so"),
            ("if_shown", "a document said so"),
            ("if_limited", "the authority holds until a day"),
        )
    ),
)
VARIABLES: dict[str, Variable] = {variable.name: variable for variable in _ALL}
