"""How the tests of the console sign in, read pages and name addresses."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from django.test import Client
from django.urls import reverse

from requests_app import tasks
from requests_app.models import Leased, SourceSearch
from requests_app.models.leased import MOST_ATTEMPTS
from tests.requests_app.portal import a_source, collected, member, run_out

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpResponse

    from requests_app.models import SubjectRequest


def signed_in(role: str) -> Client:
    """Sign somebody in who has one role and nothing more."""
    client = Client()
    client.force_login(member(role))
    return client


def url(name: str, *arguments: object) -> str:
    """Give an address of `requests`, `sources`, `audit` or `team`: the list, or an act as in `requests.note`."""
    model, _, act = name.partition(".")
    stems = {
        "requests": "requests_app_subjectrequest",
        "sources": "requests_app_datasource",
        "audit": "requests_app_auditentry",
        "team": "auth_user",
        "canned": "requests_app_cannedtext",
        "letters": "requests_app_controllerprofile",
        "retention": "requests_app_retentionperiod",
        "webhooks": "requests_app_webhook",
    }
    return reverse(f"admin:{stems[model]}_{act or 'changelist'}", args=arguments)


def words(response: HttpResponse, part: str = "main") -> str:
    """Give the words of a page, or of its first element of a kind, white space made single."""
    text = response.content.decode()
    inside = text.split(f"<{part}", 1)[1].split(f"</{part}>", 1)[0].partition(">")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inside)).split())


def references(response: HttpResponse) -> list[str]:
    """List the references of a list of requests, in its order."""
    return re.findall(r'class="reference"[^>]*>(DSR-[\w-]+)<', response.content.decode())


def with_a_failed_source(folder: Path) -> SubjectRequest:
    """Collect a request whose only source is not there."""
    a_source(folder, url=f"sqlite:///{folder / 'gone.sqlite3'}")
    request = collected()
    search = SourceSearch.objects.get(request=request)
    for _ in range(MOST_ATTEMPTS):
        run_out(search)
        tasks.collect_source(search.pk)
    assert SourceSearch.objects.get(request=request).state == Leased.State.FAILED
    return request
