"""What a member of the team chooses for themselves: how they are reminded, and their calendar's address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from requests_app import feeds
from requests_app.admin.base import page_context
from requests_app.audit import Actor
from requests_app.models import StaffPreference

if TYPE_CHECKING:
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest

PAGE = "admin:requests_app_subjectrequest_preferences"


def show(request: StaffRequest) -> HttpResponse:
    """Show the choices, or keep them; a calendar's address is shown once, right after it was made."""
    token = ""
    if request.method == "POST":
        actor = Actor.staff(request.user)
        if "renew" in request.POST:
            token = feeds.renew(request.user, actor=actor)
        elif "end" in request.POST:
            feeds.end(request.user, actor=actor)
            messages.success(request, "The address of your calendar works no more.")
            return redirect(PAGE)
        else:
            chosen = {"wants_digest": "digest" in request.POST}
            StaffPreference.objects.update_or_create(user=request.user, defaults=chosen)
            messages.success(request, "Kept.")
            return redirect(PAGE)
    known = StaffPreference.objects.filter(user=request.user).first()
    context = page_context(
        request,
        title="My reminders",
        preference=known,
        has_calendar=bool(known and known.calendar_hash),
        address=settings.DSR_PUBLIC_URL + reverse("calendar-feed", args=[token]) if token else "",
    )
    return render(request, "console/clock/preferences.html", context)
