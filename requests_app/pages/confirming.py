"""The page on which a person confirms that a request came from them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from requests_app import identity, limits, links, rights
from requests_app.client import network_of
from requests_app.models import SecureLink
from requests_app.notifications import STATUS_LINK_DAYS
from requests_app.pages.authority import confirm_as_representative
from requests_app.pages.refusals import secret_page
from requests_app.places import name_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from requests_app.models import SubjectRequest

MOST_LINKS_AN_HOUR = 30


@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(SecureLink.Purpose.CONFIRM)
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button, or confirm; whoever comes again is told how the request stands."""
    if links.is_for_representative(token):
        return confirm_as_representative(request, token)
    try:
        if request.method == "POST":
            asked = identity.confirm(token, address=network_of(request), seen=request.POST.get("seen", ""))
            if identity.current(asked):
                return redirect("status", token=_status_token(asked))
            return redirect("confirm", token=token)
        return _show(request, identity.look_up(token, address=network_of(request)))
    except (identity.AlreadyConfirmed, identity.ChangedMeanwhile) as error:
        return _show(request, identity.look_up(token, address=network_of(request)), problem=str(error), status=409)


def _show(request: HttpRequest, asked: SubjectRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    waiting = identity.to_confirm(asked)
    shown = asked if asked in waiting or not waiting else waiting[0]
    context = {
        "asked": shown,
        "problem": problem,
        "is_half_way": identity.current(shown) is not None,
        "seen": identity.version(asked),
        "parts": [(part, rights.told(part)) for part in waiting],
        "place": name_of(shown.place) if shown.place else "",
    }
    return render(request, "portal/confirm.html", context, status=status)


def _status_token(asked: SubjectRequest) -> str:
    """Make a link to the page of a request, for somebody who has just opened a mail sent to its mailbox."""
    limits.count("status_link", str(asked.pk), most=MOST_LINKS_AN_HOUR, seconds=3600)
    return links.mint(asked, SecureLink.Purpose.STATUS, lifetime=timedelta(days=STATUS_LINK_DAYS))
