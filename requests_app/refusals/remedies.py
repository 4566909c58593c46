"""What whoever is refused may do about it: by law, as data, worded for the person."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from requests_app.authorities import competent
from requests_app.deadlines.rules import RIGHTS, RightName
from requests_app.refusals import wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exporters.letter import Authority, Controller
    from requests_app.deadlines.rules import Rule

Kind = Literal["authority", "controller", "appeal", "court", "note"]
TO_US = ("appeal", "controller")
TOLD: dict[str, str] = {
    "reasons": "reasons",
    "complaint to the supervisory authority": "authority",
    "complaint to the commissioner": "authority",
    "complaint to the controller": "controller",
    "judicial remedy": "court",
}
"""What `refusal.content` of a rule asks for, by the kind of remedy that tells it."""
NAMED = {"appeal": "the appeal", "controller": "the complaint to you", "court": "the way to the courts"}
OWN_ADDRESS = (
    "Your own address is not filled in, at which the person may appeal or complain: fill in an e-mail address or a "
    "postal address under “Settings”, “Letters”."
)


class _Known(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    article: Annotated[str, StringConstraints(min_length=1)]
    words: Annotated[str, StringConstraints(min_length=1, max_length=600)]
    rights: Annotated[tuple[RightName, ...], Field(min_length=1)] = RIGHTS  # type: ignore[assignment]  # the same names

    def identity(self, authority: Authority | None) -> tuple[str, ...]:
        """Tell remedies apart: of a kind there is one, of authorities each, of notes any number."""
        if self.kind == "authority" and authority:
            return (self.kind, authority.name)
        return (self.kind, self.article) if self.kind == "note" else (self.kind,)


USUAL = (
    _Known(kind="authority", article="the law that applies", words="You may complain to the authority: $authority."),
)
WITHOUT_LAW = _Known(
    kind="controller", article="no law that applies to the request", words="You may tell us that you disagree: $ways."
)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Remedy:
    """One remedy, as the letter tells it; `law` is the code of the law it is one of.

    `own` is the same in the person's language, words and article; empty where they are told it in English.
    """

    kind: str
    law: str
    article: str
    words: str
    own: dict[str, str] = field(default_factory=dict)


def authority_of(rule: Rule, place: str, country: str) -> Authority | None:
    """Name the authority that watches over a law for a person: that of a place where the law holds.

    Args:
        place: where the person lives, ISO 3166-1 alpha-2 or ISO 3166-2; empty where unknown.
        country: where the controller is established, likewise.
    """
    here, there = (where if where and rule.covers(where) else "" for where in (place, country))
    return competent(here, there) if here or there else competent(place, country)


def remedies(
    rules: Sequence[Rule], right: str, controller: Controller, place: str, language: str = ""
) -> tuple[Remedy, ...]:
    """Word the remedies of the laws that apply, each kind once: that of the law that leads comes first.

    Each law names the authority that watches over it, so that there may be several of these. What cannot be worded,
    since the controller's address or the authority is not known, is left out; `lacking` says so.

    Args:
        rules: of the laws; none where none grants the right.
        place: where the person lives.
        language: that they are written to in.
    """
    found: dict[tuple[str, ...], Remedy] = {}
    first = authority_of(rules[0], place, controller.country) if rules else None
    for rule, known in _wanted(rules, right):
        authority = authority_of(rule, place, controller.country)
        identity = known.identity(authority)
        named = _named(authority, first)
        if identity not in found and (words := _worded(known.words, rule, controller, named)):
            translated = wording.remedy_in(language, rule.code, known.kind)
            own = {"words": _worded(translated, rule, controller, named)} if translated else {}
            own |= {"article": wording.article_in(language, known.article)} if own else {}
            found[identity] = Remedy(known.kind, rule.code, known.article, words, own)
    if not rules and (words := _worded(WITHOUT_LAW.words, None, controller, "")):
        return (Remedy(WITHOUT_LAW.kind, "", WITHOUT_LAW.article, words),)
    return tuple(found.values())


def lacking(rules: Sequence[Rule], right: str, controller: Controller, place: str) -> tuple[str, ...]:
    """Say what the laws want told and what cannot be, each as a sentence for the team."""
    told = {remedy.kind for remedy in remedies(rules, right, controller, place)}
    wanted: set[str] = {known.kind for _, known in _wanted(rules, right)} or {WITHOUT_LAW.kind}
    asked = [(rule, item) for rule in rules for item in rule.refusal.content]
    wanted |= {TOLD[item.casefold()] for _, item in asked if item.casefold() in TOLD}
    wanted |= {"appeal" for rule in rules if rule.appeal} | {"controller" for rule in rules if rule.complaints}
    faults = [_fault(kind, controller) for kind in sorted(wanted - told - {"reasons"})]
    return (*faults, *(_unknown(rule, item) for rule, item in asked if item.casefold() not in TOLD))


def ways(controller: Controller) -> str:
    """Say how to reach the controller: by mail, or at its postal address; empty where neither is known."""
    posted = ", ".join((controller.name, *controller.address)) if controller.address else ""
    reached = [f"by e-mail to {controller.email}" if controller.email else "", f"by post to {posted}" if posted else ""]
    return " or ".join(way for way in reached if way)


def _wanted(rules: Sequence[Rule], right: str) -> Iterator[tuple[Rule, _Known]]:
    for rule in rules:
        yield from ((rule, known) for known in _table().get(rule.code, USUAL) if right in known.rights)


def _worded(words: str, rule: Rule | None, controller: Controller, authority: str) -> str:
    """Fill in the words; empty where something that they name is not known."""
    reached = ways(controller)
    values: dict[str, object] = {
        "authority": authority,
        "ways": f"write to us {reached}" if reached else "",
        "days": rule.appeal.answer_days if rule and rule.appeal else "",
        "further": rule.appeal.extension_days if rule and rule.appeal else "",
        "acknowledge": rule.complaints.acknowledge_days if rule and rule.complaints else "",
        "privacy": controller.privacy_url,
    }
    template = Template(words)
    is_known = all(values.get(name) not in {"", None} for name in template.get_identifiers())
    return template.substitute(values) if is_known else ""


def _named(authority: Authority | None, first: Authority | None) -> str:
    """Name an authority, with its address unless it is the one whose address the letter shows; empty without one."""
    if authority is None or not authority.address:
        return ""
    return authority.name if authority == first else f"{authority.name} ({', '.join(authority.address)})"


def _fault(kind: str, controller: Controller) -> str:
    if kind == "authority":
        return "No competent authority is known: fill in your country under “Settings”, “Letters”."
    if kind in TO_US and not ways(controller):
        return OWN_ADDRESS
    if kind == "note":
        return (
            "The address of your privacy policy is not filled in, which this refusal must name: “Settings”, “Letters”."
        )
    return f"The law wants {NAMED[kind]} told, which the portal cannot word: take it up with who keeps “Laws”."


def _unknown(rule: Rule, item: str) -> str:
    return f"{rule.name} wants “{item}” told, which the portal cannot word: take it up with who keeps “Laws”."


@cache
def _table() -> dict[str, tuple[_Known, ...]]:
    document = tomllib.loads(files(__package__).joinpath("remedies.toml").read_text(encoding="utf-8"))
    _Table(version=document.pop("version"))
    return TypeAdapter(dict[str, tuple[_Known, ...]]).validate_python(document)
