"""Lists of requests, handed in by a member of the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile

from requests_app import tasks
from requests_app.audit import Actor
from requests_app.importing import runs
from requests_app.models import ImportLine, RequestImport, Upload
from requests_app.uploads import examine
from tests.requests_app.portal import member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import User

HEADINGS = "Received;Right;Name;E-mail;Address;Channel;Country;Language"


def a_line(number: int, **cells: str) -> str:
    """Write a line of somebody new, who asks for their data by letter."""
    known = {
        "received": "2026-03-02",
        "right": "access",
        "name": f"Person {number}",
        "email": f"person{number}@example.test",
        "address": "",
        "channel": "letter",
        "country": "DE",
        "language": "en",
    }
    return ";".join((known | cells).values())


def processor() -> User:
    """Give a member of the team who works on requests."""
    from django.contrib.auth.models import User

    return User.objects.filter(username="processor").first() or member("Processor")


def handed_in(lines: Iterable[str], *, headings: str = HEADINGS, encoding: str = "utf-8") -> RequestImport:
    """Hand a list in, and have it checked where its columns are recognised."""
    content = "\r\n".join([headings, *lines, ""]).encode(encoding)
    file = examine(SimpleUploadedFile("backlog.csv", content), Upload.Kind.IMPORT)
    run = runs.hand_in(file, actor=Actor.staff(processor()))
    tasks.import_requests(run.pk)
    return again(run)


def taken_in(run: RequestImport, *, sends_mails: bool = True) -> RequestImport:
    """Have what is ready taken in."""
    runs.take_in(run.pk, sends_mails=sends_mails, actor=Actor.staff(processor()))
    tasks.import_requests(run.pk)
    return again(run)


def again(run: RequestImport) -> RequestImport:
    """Read a run anew."""
    return RequestImport.objects.select_related("upload").get(pk=run.pk)


def report(run: RequestImport) -> list[tuple[int, str, str]]:
    """Give number, state and problem of each line."""
    return list(ImportLine.objects.filter(run=run).values_list("number", "state", "problem"))


def states(run: RequestImport) -> list[str]:
    """Give what became of each line."""
    return [state for _, state, _ in report(run)]
