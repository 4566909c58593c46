"""The webhooks in the console: which systems are told of what happens, and how that goes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from extractors.errors import DsrError
from requests_app.admin.base import ConsoleAdmin, Route, attempt, page_context
from requests_app.admin.webhook_form import WebhookForm
from requests_app.admin.webhook_log import log_of, pill_of, standing, summaries
from requests_app.audit import Actor
from requests_app.models import Leased, Webhook
from requests_app.webhooks import keeping

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.models import WebhookDelivery

MANAGE = "requests_app.manage_webhooks"
HOME = "admin:requests_app_webhook_changelist"


@admin.register(Webhook)
class WebhookAdmin(ConsoleAdmin):
    """A list of a few, each with a page of its own."""

    def routes(self) -> tuple[Route, ...]:
        """Name the pages and the acts."""
        both, act = ("GET", "POST"), ("POST",)
        return (
            Route("add/", add, "add", MANAGE, both),
            Route("<int:pk>/change/", show, "change", MANAGE),
            Route("<int:pk>/edit/", edit, "edit", MANAGE, both),
            Route("<int:pk>/ping/", ping, "ping", MANAGE, act),
            Route("<int:pk>/pause/", pause, "pause", MANAGE, act),
            Route("<int:pk>/resume/", resume, "resume", MANAGE, act),
            Route("<int:pk>/rotate/", rotate, "rotate", MANAGE, both),
            Route("<int:pk>/end/", end, "end_webhook", MANAGE, both),
            Route("<int:pk>/again/", send_failed_again, "send_failed_again", MANAGE, act),
            Route("<int:pk>/deliveries/<int:work_id>/again/", send_again, "send_again", MANAGE, act),
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List those that stand."""
        if not request.user.has_perm(MANAGE):
            raise PermissionDenied("Only managers may look at webhooks.")
        context = page_context(request, title="Webhooks", rows=summaries())
        return render(request, "console/webhooks/list.html", context)


@never_cache
def add(request: StaffRequest) -> HttpResponse:
    """Add a webhook; its secret is shown in the answer and never again."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    made: list[tuple[Webhook, str]] = []
    actor = Actor.staff(request.user)
    if request.method == "POST" and form.keep(lambda wish: made.append(keeping.add(wish, actor=actor))):
        return _show_secret(
            request, *made[0], "The webhook is added. Give the receiver this secret before you test it."
        )
    return _form(request, form, "Add a webhook", reverse(HOME))


def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a webhook."""
    webhook = standing(pk)
    form = WebhookForm(request.POST) if request.method == "POST" else WebhookForm.of(webhook)
    if request.method == "POST" and form.keep(partial(keeping.change, pk, actor=Actor.staff(request.user))):
        messages.success(request, "Saved. What waits goes to the address as it is now.")
        return redirect(_page(pk))
    return _form(request, form, f"Change {webhook.name}", _page(pk))


def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a webhook and the log of what it was told."""
    webhook = standing(pk)
    context = page_context(
        request,
        title=webhook.name,
        webhook=webhook,
        host=urlsplit(webhook.url).hostname,
        pill=pill_of(webhook),
        log=log_of(webhook, request.GET.get("state", ""), request.GET.get("page", "")),
    )
    return render(request, "console/webhooks/page.html", context)


def ping(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a test and show how it was answered."""
    standing(pk)
    try:
        _tell(request, keeping.ping(pk, actor=Actor.staff(request.user)))
    except DsrError as error:
        messages.error(request, str(error))
    return redirect(_page(pk))


def pause(request: StaffRequest, pk: int) -> HttpResponse:
    """Let its events wait."""
    standing(pk)
    keeping.pause(pk, actor=Actor.staff(request.user))
    messages.success(request, "Paused. Its events wait here and go out once you resume it.")
    return redirect(_page(pk))


def resume(request: StaffRequest, pk: int) -> HttpResponse:
    """Let its events go again."""
    standing(pk)
    keeping.resume(pk, actor=Actor.staff(request.user))
    messages.success(request, "Events go out again; what waited follows within a minute.")
    return redirect(_page(pk))


@never_cache
def rotate(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a new secret, which is shown in the answer and never again."""
    webhook = standing(pk)
    if request.method == "POST":
        at_once = "at_once" in request.POST
        secret = keeping.rotate(pk, actor=Actor.staff(request.user), at_once=at_once)
        told = "The old secret works no more." if at_once else "The old secret works beside it for 24 hours."
        return _show_secret(request, webhook, secret, f"This is the new secret. {told}")
    context = page_context(request, title=f"New secret for {webhook.name}", webhook=webhook, page=_page(pk))
    return render(request, "console/webhooks/rotate.html", context)


def end(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete a webhook."""
    webhook = standing(pk)
    act = partial(keeping.end, pk, actor=Actor.staff(request.user))
    if request.method == "POST" and attempt(request, act, f"{webhook.name} is told nothing any more."):
        return redirect(HOME)
    context = page_context(request, title=f"Delete {webhook.name}", webhook=webhook, page=_page(pk))
    return render(request, "console/webhooks/end.html", context)


def send_again(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Send one event again."""
    standing(pk)
    act = partial(keeping.send_again, pk, work_id, actor=Actor.staff(request.user))
    attempt(request, act, "It is sent again, with the same id as before.")
    return redirect(_page(pk) + "#log")


def send_failed_again(request: StaffRequest, pk: int) -> HttpResponse:
    """Send all again that was given up."""
    standing(pk)
    count = keeping.send_failed_again(pk, actor=Actor.staff(request.user))
    told = f"{count:,} given up before {'is' if count == 1 else 'are'} sent again, each with the same id as before."
    messages.success(request, told if count else "Nothing was given up.")
    return redirect(_page(pk) + "#log")


def _tell(request: StaffRequest, delivery: WebhookDelivery) -> None:
    took = f"{delivery.milliseconds or 0:,} ms"
    if delivery.state == Leased.State.DONE:
        messages.success(request, f"The test arrived: the receiver answered {delivery.status_code} after {took}.")
    else:
        messages.error(request, f"The test did not arrive: {delivery.last_error} It took {took}.")


def _form(request: StaffRequest, form: WebhookForm, title: str, page: str) -> HttpResponse:
    context = page_context(request, title=title, form=form, page=page)
    return render(request, "console/webhooks/form.html", context)


def _show_secret(request: StaffRequest, webhook: Webhook, secret: str, told: str) -> HttpResponse:
    context = page_context(request, title=f"Secret of {webhook.name}", secret=secret, told=told, page=_page(webhook.pk))
    return render(request, "console/webhooks/secret.html", context)


def _page(pk: int) -> str:
    return reverse("admin:requests_app_webhook_change", args=[pk])
