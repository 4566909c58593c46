"""A certificate as markup, made for paper: who certifies, what, and how to check it."""

from __future__ import annotations

import re
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from exporters.certificate import erasure, handling
from exporters.certificate.drawing import band, picture, qr_code
from exporters.certificate.records import ErasureRecord
from exporters.certificate.words import grouped, moment
from exporters.letter import Controller
from exporters.markup import attribute, content

if TYPE_CHECKING:
    from exporters.certificate.records import Heading, Record

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def page(heading: Heading, record: Record, controller: Controller, record_sha256: str, *, is_signed: bool) -> bytes:
    """Write the whole document."""
    if isinstance(record, ErasureRecord):
        title, body = erasure.TITLE, erasure.body(record, controller.name)
    else:
        title, body = handling.TITLE, handling.body(record, controller.name)
    return (
        f"{_head(heading, controller, title)}<body>{_letterhead(heading, controller)}"
        f"<main><h1>{title}</h1>{body}{_signature(controller)}{_proof(heading, record_sha256, is_signed)}</main>"
        "</body></html>"
    ).encode()


def _head(heading: Heading, controller: Controller, title: str) -> str:
    named = f"{title} {heading.number}" if heading.number else title
    made = f"{heading.issued_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    colour = controller.colour if COLOUR.fullmatch(controller.colour) else Controller("").colour
    style = _style().replace("#17324d", colour).replace("BAND", band(colour))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{content(named)}</title>'
        f'<meta name="author"{attribute("content", controller.name)}>'
        f'<meta name="dcterms.created" content="{made}"><meta name="dcterms.modified" content="{made}">'
        f"<style>{style}</style></head>\n"
    )


def _letterhead(heading: Heading, controller: Controller) -> str:
    logo = picture(controller.logo, controller.name, "logo") if controller.logo else ""
    name = f'<p class="name{" beside" if logo else ""}">{content(controller.name)}</p>'
    address = content(" · ".join(controller.address))
    number = f'<p class="number">No. <span>{content(heading.number)}</span></p>' if heading.number else ""
    return (
        f'<header><div class="issuer">{logo}{name}<p class="address">{address}</p></div>'
        f'<div class="issue">{number}<p class="date">{moment(heading.issued_at)}</p></div></header>'
    )


def _signature(controller: Controller) -> str:
    if not controller.signatory:
        return ""
    drawn = picture(controller.signature, "Signature", "signed") if controller.signature else ""
    return (
        f'<section class="signatory">{drawn}<p class="who">{content(controller.signatory)}</p>'
        f"<p>{content(controller.signatory_role)}</p></section>"
    )


def _proof(heading: Heading, record_sha256: str, is_signed: bool) -> str:
    """Say how anybody can check that the certificate is genuine."""
    lines = [
        ("Record", f"SHA-256 of <em>record.json</em>, which is inside this file<code>{grouped(record_sha256)}</code>")
    ]
    if heading.audit:
        told = f"Hash of seal {heading.audit.seal:,}, the last when this was issued"
        lines.append(("Audit trail", f"{told}<code>{grouped(heading.audit.hash)}</code>"))
    if is_signed:
        lines.append(
            ("Signature", "This file is signed electronically; a PDF reader shows by whom, and whether it was changed.")
        )
    listed = "".join(f"<dt>{name}</dt><dd>{told}</dd>" for name, told in lines)
    code = qr_code(heading.public_page) if heading.public_page else ""
    told = f"<h2>How to check this certificate</h2><p>{_way(heading)}</p><dl>{listed}</dl>"
    return f'<section class="proof{" coded" if code else ""}">{code}{told}</section>'


def _way(heading: Heading) -> str:
    if heading.public_page is None:
        told = f"Made by an operator of {content(heading.system)} with a command of their own, so no page confirms it."
        return f"{told} What it says is in its record too, for machines."
    address = attribute("href", heading.public_page)
    told = "It confirms the number and both hashes, takes a file to compare, and shows no data."
    return f"Open <a{address}>{content(heading.public_page)}</a>. {told}"


@cache
def _style() -> str:
    return files(__package__).joinpath("certificate.css").read_text(encoding="utf-8")
