"""Shows the mails that were written into a folder instead of being sent; for demonstrations and tests only.

`DSR_EMAIL_URL=file:///folder` writes them, `DSR_MAIL_SINK=/folder` shows them; `dsr_portal.E006` refuses that where
other people could look.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default as modern
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from requests_app.policies import FRAMING_POLICY, MAIL_POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from email.message import EmailMessage
    from pathlib import Path

    from django.http import HttpRequest

MOST_FILES = 200
BEHIND_A_MAIL = re.compile(rb"^-{79}\n", re.MULTILINE)  # written by Django's backend
# Links in a mail lead out of its frame.
SUNK_MAIL_POLICY = f"{MAIL_POLICY} allow-top-navigation-by-user-activation"


@dataclass(frozen=True, slots=True)
class SunkMail:
    """A mail in the folder; `key` names it in addresses."""

    key: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject."""
        return str(self.message["Subject"])

    @property
    def recipient(self) -> str:
        """Whom it would have been sent to."""
        return str(self.message["To"])

    @property
    def sent_at(self) -> datetime:
        """When it was written, by its own date."""
        return parsedate_to_datetime(str(self.message["Date"]))

    @property
    def text(self) -> str:
        """The part in plain text; empty without one."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The part in HTML, its pictures in it and its links leading out of the frame; empty without one."""
        html = re.sub(r"(<head[^>]*>)", r'\1<base target="_top">', self._part("html"), count=1)
        return re.sub(r'"cid:([^"]+)"', lambda match: f'"{self._picture(match[1])}"', html)

    def _picture(self, content_id: str) -> str:
        for part in self.message.walk():
            content = part.get_payload(decode=True)
            if part["Content-ID"] == f"<{content_id}>" and isinstance(content, bytes):
                return f"data:{part.get_content_type()};base64,{base64.b64encode(content).decode()}"
        return ""

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part else ""


@require_safe
def list_mails(request: HttpRequest) -> HttpResponse:
    """Answer with the newest mails."""
    return render(request, "portal/mail_sink.html", {"mails": list(_mails())})


@require_safe
def show_mail(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with one mail, its HTML part in a frame."""
    response = render(request, "portal/mail_sink_mail.html", {"mail": _find(key)})
    response.headers["Content-Security-Policy"] = FRAMING_POLICY
    return response


@require_safe
def show_html(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with the HTML part of a mail, under a policy that lets it show itself and nothing else."""
    return HttpResponse(_find(key).html, headers={"Content-Security-Policy": SUNK_MAIL_POLICY})


def _find(key: str) -> SunkMail:
    for mail in _mails():
        if mail.key == key:
            return mail
    raise Http404("There is no such mail.")


def _mails() -> Iterator[SunkMail]:
    """Read the mails, the newest first, but for one that is still being written."""
    for path in _newest_files():
        texts = BEHIND_A_MAIL.split(path.read_bytes())[:-1]
        for number, text in reversed(list(enumerate(texts, start=1))):
            yield SunkMail(f"{path.stem}-{number}", message_from_bytes(text, policy=modern))


def _newest_files() -> list[Path]:
    folder: Path | None = settings.DSR_MAIL_SINK
    if folder is None:
        raise Http404("This portal sends its mails.")
    return sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns, reverse=True)[:MOST_FILES]
