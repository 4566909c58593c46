"""How the variables of notices are written: in the language of the notice, escaped where they are not ours."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe

from extractors.errors import DsrError
from requests_app import corrections as stored
from requests_app import restrictions
from requests_app.models import Outcome, Restriction

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from exporters.letter import Controller
    from requests_app import erasures
    from requests_app.letters.languages import Language
    from requests_app.letters.writing import Context
    from requests_app.models import DecisionReview, Representative, SubjectRequest


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a notice speaks of, and in which language."""

    context: Context
    language: Language

    @property
    def request(self) -> SubjectRequest:
        """The request that it is about."""
        return cast("SubjectRequest", self.context["request"])

    @property
    def representative(self) -> Representative:
        """Who stands for the person."""
        return cast("Representative", self.context["representative"])

    @property
    def controller(self) -> Controller:
        """In whose name it is written."""
        return cast("Controller", self.context["controller"])


if TYPE_CHECKING:
    Told = Callable[[Spoken], str]


OBJECTED = ("marketing", "analytics", "all")


def part(name: str, context: Context) -> SafeString:
    """Write a part of a notice by its template, that of the language where it has one of its own."""
    own = f"letters/parts/{context['language']}/{name}.html"
    return render_to_string([own, f"letters/parts/{name}.html"], context)


def by_template(name: str, **more: object) -> Told:
    """Write a variable by the template of a part."""
    return lambda spoken: part(name, spoken.context | more)


def known(name: str) -> Told:
    """Write what the context holds as it is."""
    return lambda spoken: str(spoken.context[name])


def quoted(name: str) -> Told:
    """Write what somebody wrote as a quotation, its paragraphs kept; nothing where there is nothing."""

    def told(spoken: Spoken) -> str:
        text = spoken.context[name]
        return format_html("<blockquote>{}</blockquote>", _paragraphs(text)) if text else ""

    return told


def paragraphs(name: str) -> Told:
    """Write what somebody wrote, its paragraphs kept."""
    return lambda spoken: _paragraphs(spoken.context[name])


def phrase_of(stem: str, field: str) -> Told:
    """Write the phrase for what a field of the request holds; nothing where it is empty."""

    def told(spoken: Spoken) -> str:
        value = getattr(spoken.request, field)
        return spoken.language.phrase(f"{stem}.{value}") if value else ""

    return told


def stopped(spoken: Spoken) -> str:
    """Write what a person objected to, by what they chose on the form."""
    scope = spoken.request.particulars.get("scope")
    return spoken.language.phrase(f"stopped.{scope if scope in OBJECTED else OBJECTED[0]}")


def until(spoken: Spoken) -> str:
    """Write what ends a restriction, by its ground."""
    standing = restrictions.standing(spoken.request) if spoken.request.pk else None
    return spoken.language.phrase(f"until.{standing.ground if standing else Restriction.Ground.ACCURACY}")


def is_own_mail(spoken: Spoken) -> bool:
    """Whether it is a mail to the person themselves: their links are for nobody else."""
    return not (spoken.context["by_post"] or spoken.context["on_behalf_of"])


def reference(spoken: Spoken) -> str:
    """Write the reference of the request, in one line."""
    return format_html('<span class="reference">{}</span>', spoken.request.reference)


def decision(spoken: Spoken) -> str:
    """Write the decision of the team as a quotation."""
    text = spoken.request.decision
    return format_html("<blockquote>{}</blockquote>", _paragraphs(text)) if text else ""


def review_result(spoken: Spoken) -> str:
    """Write the phrase for what came of the review of a decision; nothing where nothing did yet."""
    review = _review(spoken)
    return spoken.language.phrase(f"review.{review.result}") if review and review.result else ""


def of_review(name: str) -> Told:
    """Write a text of the review of a decision as a quotation; nothing where there is none."""

    def told(spoken: Spoken) -> str:
        text = getattr(_review(spoken), name, "")
        return format_html("<blockquote>{}</blockquote>", _paragraphs(text)) if text else ""

    return told


def review_basis(spoken: Spoken) -> str:
    """Write what a decision used and how it was reached, for whoever has no page to read it on."""
    review = _review(spoken)
    if review is None or not spoken.context["by_post"]:
        return ""
    labels = dict.fromkeys((str(row["label"]), str(row["source"])) for row in review.collections)
    listed = format_html("<ul>{}</ul>", format_html_join("", "<li>{} ({})</li>", labels)) if labels else ""
    texts = [_paragraphs(text) for text in (review.used, *review.reasoning)]
    return format_html("{}{}", listed, format_html_join("", "{}", ((text,) for text in texts)))


def is_changed(spoken: Spoken) -> bool:
    """Whether the review changed the decision."""
    review = _review(spoken)
    return review is not None and review.result == review.Result.CHANGED


def corrections(spoken: Spoken) -> str:
    """Write what became of corrections: counts, as a mail is no place for values; each of them to who gets paper."""
    known = spoken.context.get("corrections") or told_of_corrections(spoken)
    return part("corrections", spoken.context | cast("Context", known))


def told_of_corrections(spoken: Spoken) -> Context:
    """Count what became of the corrections of a request, and open them where they are told by post."""
    request, lines = spoken.request, []
    if spoken.context["by_post"] and request.pk:
        with suppress(DsrError):  # deleted by the end of their time
            rows = stored.of_request(request)
            lines = [line for line in stored.lines(request, rows, spoken.language.tag) if line.is_kept]
    return {"counts": stored.counts(request), "lines": lines}


def contact(spoken: Spoken) -> str:
    """Write the address to ask at, as a link; "us" where there is none."""
    email = spoken.controller.email
    return format_html('<a href="mailto:{0}">{0}</a>', email) if email else spoken.language.phrase("us")


def due_on(spoken: Spoken) -> str:
    """Write the day by which the answer is due; nothing where none is."""
    return spoken.language.day(spoken.request.due_on) if spoken.request.due_on else ""


def received_on(spoken: Spoken) -> str:
    """Write the day on which the request came."""
    return spoken.language.day(cast("date", spoken.context["received_on"]))


def expires_at(spoken: Spoken) -> str:
    """Write when the files are deleted; nothing where there are none."""
    at = cast("datetime | None", spoken.context["expires_at"])
    return spoken.language.moment(at) if at else ""


def link_days(spoken: Spoken) -> str:
    """Write how many days the link works."""
    return spoken.language.days(cast("int", spoken.context["link_days"]))


def code_minutes(spoken: Spoken) -> str:
    """Write how many minutes the code is good for."""
    return spoken.language.minutes(cast("int", spoken.context["code_minutes"]))


def person(spoken: Spoken) -> str:
    """Write the name of the person whose data it is."""
    return spoken.request.name


def representative(spoken: Spoken) -> str:
    """Write who stands for the person, and for whom they work."""
    found = spoken.representative
    return f"{found.name} ({found.organisation})" if found.organisation else found.name


def certificate_number(spoken: Spoken) -> str:
    """Write the number of the certificate of an erasure, in one line; nothing where there is none."""
    erasure = cast("erasures.Told | None", spoken.context["erasure"])
    number = erasure.certificate_number if erasure else ""
    return format_html('<span class="reference">{}</span>', number) if number else ""


def is_erased(spoken: Spoken) -> bool:
    """Whether anything was erased."""
    erasure = cast("erasures.Told | None", spoken.context["erasure"])
    return bool(erasure and erasure.is_anything_erased)


def is_none_held(spoken: Spoken) -> bool:
    """Whether the request ended as nothing is held."""
    return spoken.request.outcome == Outcome.NONE_HELD


def valid_until(spoken: Spoken) -> str:
    """Write until when an authority holds; nothing where it names no day."""
    day = spoken.representative.valid_until
    return spoken.language.day(day) if day else ""


def authority_decision(spoken: Spoken) -> str:
    """Write why an authority is not enough: the team's own words, else that nobody confirmed it."""
    text = spoken.representative.decision
    if text:
        return format_html("<blockquote>{}</blockquote>", _paragraphs(text))
    return format_html("<p>{}</p>", spoken.language.phrase("not_confirmed"))


def of_authority(name: str) -> Told:
    """Make a condition on who stands for the person, by its name."""
    return holds(_OF_AUTHORITY[name])


def holds(test: Callable[[Spoken], object]) -> Told:
    """Make a condition: any text where it holds, none where it does not."""
    return lambda spoken: "yes" if test(spoken) else ""


def _paragraphs(text: object) -> SafeString:
    return mark_safe(linebreaks(str(text), autoescape=True)) if text else SafeString()  # noqa: S308  # escaped


def _review(spoken: Spoken) -> DecisionReview | None:
    return getattr(spoken.request, "decision_review", None)


_OF_AUTHORITY: dict[str, Callable[[Spoken], object]] = {
    "if_person": lambda spoken: not spoken.context["on_behalf_of"],
    "if_representative": lambda spoken: spoken.context["on_behalf_of"],
    "if_to_you": lambda spoken: not spoken.representative.receives_answer,
    "if_to_them": lambda spoken: spoken.representative.receives_answer,
    "if_confirmed": lambda spoken: spoken.representative.confirmed_at,
    "if_shown": lambda spoken: not spoken.representative.confirmed_at,
    "if_limited": lambda spoken: spoken.representative.valid_until,
}
