"""The team's deadlines for a calendar program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from requests_app import feeds
from requests_app.client import network_of
from requests_app.limits import LimitReached
from requests_app.links import LinkError
from requests_app.pages.refusals import limited

if TYPE_CHECKING:
    from django.http import HttpRequest

PLAIN = "text/plain; charset=utf-8"


@require_safe
def show_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Give the calendar whose secret address this is."""
    page = settings.DSR_PUBLIC_URL + reverse("admin:requests_app_subjectrequest_change", args=[0]).replace(
        "/0/", "/{}/"
    )
    try:
        content = feeds.calendar_of(secret, page, address=network_of(request))
    except LinkError as error:
        return HttpResponse(str(error), status=404, content_type=PLAIN)
    except LimitReached as error:
        return limited(HttpResponse(str(error), content_type=PLAIN), error)
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, max-age=900", "Content-Disposition": 'inline; filename="deadlines.ics"'},
    )
