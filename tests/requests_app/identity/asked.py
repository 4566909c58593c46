"""Requests that are asked for more than the mailbox, for the tests of identity."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import InMemoryUploadedFile
from PIL import Image

from requests_app import identity, tasks, uploads
from requests_app.identity import Given, sms
from requests_app.models import IdentityRule, OutboxText, Right, Upload
from requests_app.proofs import known_rules
from tests.requests_app.portal import ANN, send_mails, staff, submitted, token_in

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

    from dsr_portal.sms import SmsAddress
    from requests_app.models import IdentityCheck, SubjectRequest

NUMBER = "+491701234567"
ADDRESS = "203.0.113.9"


def texts_into(folder: Path) -> SmsAddress:
    """Let text messages be written into a folder."""
    from dsr_portal.sms import read_sms_url

    return read_sms_url(f"file://{folder}")


def asking_for(*checks: str, right: str = "", place: str = "", why: str = "So.") -> IdentityRule:
    """Let the table ask for these in the line of a right and a place."""
    known_rules()
    line, _ = IdentityRule.objects.update_or_create(
        right=right, place=place, defaults={"checks": list(checks), "why": why}
    )
    return line


def half_way(email: str = ANN, right: Right = Right.ERASURE, **typed: object) -> SubjectRequest:
    """Submit, and confirm the mailbox."""
    submitted(email, right, **typed)
    message = [message for message in send_mails() if "/c/" in message.body][-1]
    return identity.confirm(token_in(message, "c"), address=ADDRESS)


def with_number(request: SubjectRequest, number: str = NUMBER) -> IdentityCheck:
    """Let somebody of the team record the number that is held."""
    check = identity.current(request)
    sms.record_number(check.pk, number, actor=an_actor())
    return identity.current(request)


def code_sent(request: SubjectRequest, folder: Path) -> str:
    """Have a code sent, and read it from the folder of text messages."""
    identity.send(request, identity.current(request).pk)
    for text in OutboxText.objects.open():
        tasks.send_text(text.pk)
    newest = max(folder.glob("*.txt"))
    return next(word for word in newest.read_text().split() if word.isdecimal() and len(word) == 6)


def answered(request: SubjectRequest, **fields: str) -> None:
    """Answer the check that the person is at."""
    identity.answer(request, identity.current(request).pk, Given(fields))


def a_picture(name: str = "card.png") -> uploads.ExaminedFile:
    """Give a picture as the form of the page does."""
    content = io.BytesIO()
    Image.new("RGB", (40, 25), "grey").save(content, "PNG")
    size = content.tell()
    content.seek(0)
    file = InMemoryUploadedFile(content, "files", name, "image/png", size, None)
    return uploads.examine(file, Upload.Kind.IDENTITY)


def an_actor(name: str = "pat"):
    """Give somebody of the team who may do everything."""
    from django.contrib.auth.models import User

    from requests_app.audit import Actor

    return Actor.staff(User.objects.filter(username=name).first() or staff(name))


def with_texts(settings: SettingsWrapper, folder: Path) -> Path:
    """Set up text messages that are files."""
    settings.DSR_SMS = texts_into(folder / "texts")
    return folder / "texts"
