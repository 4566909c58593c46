"""The letter that an answer opens with, in the controller's name; what nobody filled in is left out, never made up."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from exporters.markup import attribute, content
from exporters.opening.asked import body, subject
from exporters.opening.phrases import day, lines, link, paragraphs, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exporters.base import Answer
    from exporters.letter import Controller, Image, Letter

_PICTURES = frozenset({"image/png", "image/jpeg", "image/svg+xml"})


def letter(answer: Answer, told: Letter, enclosed: Sequence[str], how_to_read: Sequence[str]) -> str:
    """Write the letter.

    Args:
        enclosed: what comes with it, in words.
        how_to_read: paragraphs on how to go about that.
    """
    controller = told.controller
    return (
        f'<section class="letter" aria-labelledby="subject"{attribute("data-foot", _foot_line(controller))}>\n'
        f"{_head(controller)}"
        f'<div class="envelope">{_sender(controller)}{_recipient(answer, told)}</div>\n{_facts(answer, told, enclosed)}'
        f'<div class="text"><h1 id="subject">{content(subject(told))}</h1>\n'
        f"{''.join(_text(answer, told, how_to_read))}{_signature(controller)}</div>\n"
        f"{_foot(controller)}</section>\n"
    )


def picture(image: Image, told: str, css_class: str) -> str:
    """Write a picture that is carried along; nothing where it is of no known kind."""
    if image.media_type not in _PICTURES:
        return ""
    source = f"data:{image.media_type};base64,{b64encode(image.content).decode('ascii')}"
    return f'<img class="{css_class}"{attribute("alt", told)}{attribute("src", source)}>'


def contact(answer: Answer) -> str:
    """Say whom to ask, as markup."""
    if answer.letter is None:
        return "whoever gave you this"
    controller = answer.letter.controller
    ways = [link(way) for way in (controller.email, controller.phone, answer.letter.contact_url) if way]
    return " or ".join(ways) or content(controller.name)


def _head(controller: Controller) -> str:
    logo = picture(controller.logo, controller.name, "logo") if controller.logo else ""
    named = logo or f'<p class="sender-name">{content(controller.name)}</p>'
    return f'<header class="letterhead">{named}</header>\n'


def _sender(controller: Controller) -> str:
    parts = [controller.name, *controller.address]
    return f'<p class="sender-line">{content(" · ".join(part for part in parts if part))}</p>'


def _recipient(answer: Answer, told: Letter) -> str:
    email = answer.requester.get("email", "")
    shown = lines([told.recipient, *(told.addressed_to or (email,))])
    return f'<p class="recipient"{spoken(told.recipient, answer.language)}>{shown}</p>' if shown else ""


def _facts(answer: Answer, told: Letter, enclosed: Sequence[str]) -> str:
    facts = {
        "Reference": answer.reference,
        "Date": day(answer.exported_at.date()),
        "Your request of": day(told.received_on),
    }
    written = "".join(f"<div><dt>{name}</dt><dd>{content(value)}</dd></div>" for name, value in facts.items())
    ways = [link(way) for way in (told.controller.email, told.controller.phone) if way]
    if told.on_behalf_of:
        written += f"<div><dt>On behalf of</dt><dd>{content(told.on_behalf_of)}</dd></div>"
    further = _fact("Questions", ways) + _fact("Enclosed", list(map(content, enclosed)))
    return f'<dl class="facts">{written}{further}</dl>\n'


def _fact(name: str, values: Sequence[str]) -> str:
    return f"<div><dt>{name}</dt>{''.join(f'<dd>{value}</dd>' for value in values)}</div>" if values else ""


def _text(answer: Answer, told: Letter, how_to_read: Sequence[str]) -> Iterator[str]:
    yield f"<p>Dear {content(told.recipient)},</p>\n" if told.recipient else "<p>Good day,</p>\n"
    if told.on_behalf_of:
        person = content(told.on_behalf_of)
        yield f"<p>You asked us on behalf of {person}. What is said of you below is said of {person}.</p>\n"
    yield from (f"<p>{content(text)}</p>\n" for text in body(answer, told))
    if told.decision.strip():
        yield f'<div class="decision">{paragraphs(told.decision, spoken(told.decision, answer.language))}</div>\n'
    yield from (f"<p>{content(text)}</p>\n" for text in how_to_read)
    yield _questions(answer, told)


def _questions(answer: Answer, told: Letter) -> str:
    asking = (
        f"<p>If something is wrong or unclear, please ask us: {contact(answer)}. "
        f"Name the reference {content(answer.reference)}.{_officer(told.controller)}</p>\n"
    )
    representative = told.controller.representative.strip()
    if not representative:
        return asking
    return f"{asking}<p>Our representative in the Union is {content(', '.join(representative.splitlines()))}.</p>\n"


def _officer(controller: Controller) -> str:
    """Name the data protection officer, as far as known."""
    if not (controller.officer or controller.officer_contact):
        return ""
    name = f", {content(controller.officer)}," if controller.officer else ""
    reached = f" can be reached at {link(controller.officer_contact)}" if controller.officer_contact else ""
    if not reached:
        return f" Our data protection officer is {content(controller.officer)}."
    return f" Our data protection officer{name}{reached}."


def _signature(controller: Controller) -> str:
    signed = picture(controller.signature, "Signature", "signature") if controller.signature else ""
    names = [controller.signatory, controller.signatory_role, controller.name]
    return f'<div class="signed"><p>Yours sincerely,</p>{signed}<p class="signatory">{lines(names)}</p></div>\n'


def _foot(controller: Controller) -> str:
    web = [link(address, _bare(address)) for address in (controller.website, controller.privacy_url) if address]
    parts = [content(part) for part in (controller.name, *controller.address) if part] + web
    return f'<footer class="letter-foot"><p>{" · ".join(parts)}</p></footer>\n'


def _foot_line(controller: Controller) -> str:
    parts = [controller.name, *controller.address, *filter(None, [_bare(controller.website)])]
    return " · ".join(part for part in parts if part)


def _bare(address: str) -> str:
    return address.partition("://")[2].rstrip("/") or address
