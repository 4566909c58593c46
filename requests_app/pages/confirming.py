"""The page on which a person confirms that a request came from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from requests_app import identity
from requests_app.client import network_of
from requests_app.models import SecureLink
from requests_app.pages.refusals import secret_page
from requests_app.places import name_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from requests_app.models import SubjectRequest


@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(SecureLink.Purpose.CONFIRM)
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button, or confirm; whoever comes again is told how the request stands."""
    try:
        if request.method == "POST":
            identity.confirm(token, address=network_of(request), seen=request.POST.get("seen", ""))
            return redirect("confirm", token=token)
        return _show(request, identity.look_up(token, address=network_of(request)))
    except (identity.AlreadyConfirmed, identity.ChangedMeanwhile) as error:
        return _show(request, identity.look_up(token, address=network_of(request)), problem=str(error), status=409)


def _show(request: HttpRequest, asked: SubjectRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    known = {"seen": identity.version(asked), "place": name_of(asked.place) if asked.place else ""}
    context = {"asked": asked, "problem": problem} | known
    return render(request, "portal/confirm.html", context, status=status)
