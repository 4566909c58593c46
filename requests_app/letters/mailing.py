"""Puts a notice into a mail: who it is from, both of its parts, the logo inside."""

from __future__ import annotations

from email.mime.image import MIMEImage
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from requests_app.letters import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exporters.letter import Controller, Image


def message(
    template: str, context: Mapping[str, object], controller: Controller, *, to: str, message_id: str
) -> EmailMultiAlternatives:
    """Write a notice as a mail in the controller's name.

    Args:
        message_id: its local part, the same whenever the mail is sent again.
    """
    domain = urlsplit(settings.DSR_PUBLIC_URL).hostname or "localhost"
    logo_id = f"logo.{message_id}@{domain}"
    mail = EmailMultiAlternatives(
        subject=writing.subject_of(template, context),
        body=writing.mail_text(template, context),
        from_email=_sender(controller),
        to=[to],
        reply_to=[controller.email] if controller.email else None,
        headers={"Message-ID": f"<{message_id}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(writing.mail_html(template, context, controller, logo=f"cid:{logo_id}"), "text/html")
    if logo := writing.mailable_logo(controller):
        mail.mixed_subtype = "related"  # type: ignore[attr-defined]  # the stubs leave it out
        mail.attach(_inline(logo, logo_id))
    return mail


def attach(mail: EmailMultiAlternatives, name: str, content: bytes, media_type: str) -> None:
    """Put a file into a mail beside what it shows."""
    mail.mixed_subtype = "mixed"  # type: ignore[attr-defined]  # the stubs leave it out
    mail.attach(name, content, media_type)


def _sender(controller: Controller) -> str:
    """Write the sender in the controller's name; a name in the settings goes before that of the portal."""
    given, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    is_filled_in = controller.name != settings.DSR_SYSTEM_NAME
    name = controller.name if is_filled_in or not given else given
    return formataddr((" ".join(name.split()), address))


def _inline(logo: Image, content_id: str) -> MIMEImage:
    kind = logo.media_type.partition("/")[2]
    part = MIMEImage(logo.content, kind)
    part.add_header("Content-ID", f"<{content_id}>")
    part.add_header("Content-Disposition", "inline", filename=f"logo.{kind}")
    return part
