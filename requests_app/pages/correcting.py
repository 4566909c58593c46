"""The pages on which a person says what is wrong, field by field, and sees what became of it."""

from __future__ import annotations

from functools import wraps
from itertools import groupby
from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractors.errors import DsrError
from requests_app import audit, conversation, corrections, links, proofs, rectifying, representing
from requests_app.client import network_of
from requests_app.codes import PASS_LIFETIME, RefusedCode
from requests_app.limits import LimitReached
from requests_app.models import ProposedCorrection, Recipient, Right, SecureLink
from requests_app.pages.correction_forms import RecordForm
from requests_app.pages.refusals import limited, secret_page
from requests_app.pages.thread import MessageForm
from requests_app.pages.unlocking import LONGEST_CODE
from requests_app.rectifying import Place, UnusableProposal
from requests_app.rectifying.offering import PAGE_RECORDS
from requests_app.uploads import takes_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from requests_app.audit import Actor
    from requests_app.rectifying import Offered, Record

    View = Callable[..., HttpResponse]

STATUS = SecureLink.Purpose.STATUS
LONGEST_NUMBER = 9


def _unlocked(view: View) -> View:
    """Give a view the link, once its own code was entered where one is needed; of another right there is nothing."""

    @wraps(view)
    def answer(request: HttpRequest, token: str, **further: int) -> HttpResponse:
        link = opened(request, token)
        if not _is_theirs_to_see(link):
            return redirect("status", token=token)
        if rectifying.is_locked(link, request.COOKIES.get(_cookie(), "")):
            return _ask_code(request, token, link, status=403 if request.method == "POST" else 200)
        return view(request, token, link, **further)

    return answer


def opened(request: HttpRequest, token: str) -> SecureLink:
    """Look the link up of the person, or of who is sent the answer in their place.

    Raises:
        LinkError, LimitReached: see `links.opened`; also for a representative who may not see the data.
    """
    link = links.opened(token, STATUS, address=network_of(request), admits=tuple(Recipient))
    if link.recipient == Recipient.REPRESENTATIVE and representing.receiver(link.request) != link.recipient:
        links.note_refused(link, STATUS, links.EndedAuthority.reason)
        raise links.EndedAuthority("The authority by which this link was given does not cover the data itself.", link)
    return link


@require_safe
@secret_page(STATUS)
@_unlocked
def show(request: HttpRequest, token: str, link: SecureLink) -> HttpResponse:
    """Show what can be corrected, what was proposed, and what became of it."""
    return _overview(request, token, link)


@require_safe
@secret_page(STATUS)
@_unlocked
def show_collection(request: HttpRequest, token: str, link: SecureLink, search: int, number: int) -> HttpResponse:
    """Show the records of a collection with their present values, page by page."""
    item = _found(link, search, number)
    if item is None:
        return redirect("corrections", token=token)
    typed = request.GET.get("page", "1")
    page = max(int(typed), 1) if typed.isdecimal() and len(typed) <= LONGEST_NUMBER else 1
    try:
        found = rectifying.records_of(item, (page - 1) * PAGE_RECORDS, actor=rectifying.actor_of(link))
    except DsrError as error:
        return _overview(request, token, link, problem=str(error), status=410)
    last = max(1, -(-item.count // PAGE_RECORDS))
    context = {"token": token, "asked": link.request, "item": item, "found": found, "page": page, "last": last}
    return render(request, "portal/rectification/collection.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(STATUS)
@_unlocked
@takes_files
def correct(request: HttpRequest, token: str, link: SecureLink, search: int, number: int, ordinal: int) -> HttpResponse:
    """Ask what should stand in the fields of a record, and propose it; nothing typed is lost."""
    item = _found(link, search, number)
    looks = rectifying.actor_of(link) if request.method == "GET" else audit.SYSTEM
    record = _record(item, ordinal, looks) if item else None
    if item is None or record is None:
        return redirect("corrections", token=token)
    if request.method != "POST":
        return _form_page(request, token, link, item, record, RecordForm(record))
    form = RecordForm(record, request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, token, link, item, record, form, status=400)
    return _propose(request, token, link, item, record, form)


@require_POST
@secret_page(STATUS)
@_unlocked
def take_back(request: HttpRequest, token: str, link: SecureLink, correction: int) -> HttpResponse:
    """Take a proposal back."""
    try:
        rectifying.take_back(link.request_id, correction, actor=rectifying.actor_of(link))
    except DsrError as error:
        return _overview(request, token, link, problem=str(error), status=400)
    return redirect(f"{reverse('corrections', args=[token])}?taken#proposals")


@sensitive_post_parameters("text")
@require_POST
@secret_page(STATUS)
@_unlocked
@takes_files
def write(request: HttpRequest, token: str, link: SecureLink) -> HttpResponse:
    """Take what fits into no field as a message to the team."""
    form = MessageForm([], request.POST, request.FILES)
    if not form.is_valid():
        return _overview(request, token, link, form=form, status=400)
    text, files = form.cleaned_data["text"], form.cleaned_data["attached"]
    try:
        conversation.reply(link.request_id, text, files, actor=rectifying.actor_of(link), answers=())
    except LimitReached as error:
        return limited(_overview(request, token, link, form=form, problem=str(error)), error)
    except DsrError as error:
        return _overview(request, token, link, form=form, problem=str(error), status=400)
    return redirect(f"{reverse('corrections', args=[token])}?written")


@require_POST
@secret_page(STATUS)
def send_code(request: HttpRequest, token: str) -> HttpResponse:
    """Send a code."""
    link = opened(request, token)
    if _is_theirs_to_see(link):
        rectifying.send_code(link)
    return redirect("corrections", token=token)


@require_POST
@secret_page(STATUS)
def enter_code(request: HttpRequest, token: str) -> HttpResponse:
    """Take the code, and leave the browser a pass that it shows on these pages alone."""
    link = opened(request, token)
    try:
        proof = rectifying.confirm_code(link, request.POST.get("code", "")[:LONGEST_CODE])
    except RefusedCode as error:
        if not rectifying.is_locked(link, request.COOKIES.get(_cookie(), "")):
            return redirect("corrections", token=token)
        return _ask_code(request, token, link, status=400, problem=str(error))
    response = redirect("corrections", token=token)
    response.set_cookie(
        _cookie(),
        proof,
        max_age=PASS_LIFETIME,
        path=reverse("corrections", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def _is_theirs_to_see(link: SecureLink) -> bool:
    """Whether there is something behind the code: it is a correction, and nobody doubts who asks for it."""
    return link.request.right == Right.RECTIFICATION and proofs.is_proven(link.request)


def _cookie() -> str:
    return f"{'__Secure-' if settings.SESSION_COOKIE_SECURE else ''}corrections"


def _ask_code(
    request: HttpRequest, token: str, link: SecureLink, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    """Show where a code is sent for and entered, and nothing of the data."""
    context = {"token": token, "asked": link.request, "lock": rectifying.lock_of(link), "problem": problem}
    return render(request, "portal/rectification/code.html", context, status=status)


def _found(link: SecureLink, search: int, number: int) -> Offered | None:
    return rectifying.find(link.request, search, number) if rectifying.is_open(link.request) else None


def _record(item: Offered, ordinal: int, actor: Actor) -> Record | None:
    try:
        return rectifying.record_of(item, ordinal, actor=actor)
    except DsrError:
        return None


def _propose(
    request: HttpRequest, token: str, link: SecureLink, item: Offered, record: Record, form: RecordForm
) -> HttpResponse:
    place, again = Place(item.search.pk, item.number, record.ordinal), (request, token, link, item, record, form)
    known = {"reason": form.cleaned_data["reason"], "files": form.cleaned_data["evidence"]}
    try:
        rectifying.propose(link.request_id, place, form.values(), **known, actor=rectifying.actor_of(link))
    except LimitReached as error:
        return limited(_form_page(*again, problem=str(error)), error)
    except UnusableProposal as error:
        form.add_faults(error.faults)
        return _form_page(*again, problem=str(error), status=400)
    except DsrError as error:
        return _form_page(*again, problem=str(error), status=400)
    return redirect(f"{reverse('corrections', args=[token])}?sent#proposals")


def _form_page(
    request: HttpRequest,
    token: str,
    link: SecureLink,
    item: Offered,
    record: Record,
    form: RecordForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"token": token, "asked": link.request, "item": item, "record": record, "form": form, "problem": problem}
    return render(request, "portal/rectification/record.html", context, status=status)


def _overview(
    request: HttpRequest,
    token: str,
    link: SecureLink,
    *,
    form: MessageForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    asked, is_open = link.request, rectifying.is_open(link.request)
    items = rectifying.offered(asked) if is_open else []
    lines = corrections.lines(asked, corrections.of_request(asked))
    context = {
        "token": token,
        "asked": asked,
        "is_open": is_open,
        "is_read": not asked.searches.open().exists(),
        "sources": [(label, list(group)) for label, group in groupby(items, key=lambda item: item.source)],
        "waiting": [line for line in lines if line.row.state == ProposedCorrection.State.PROPOSED],
        "decided": [line for line in lines if line.row.state != ProposedCorrection.State.PROPOSED],
        "counts": corrections.counts(asked),
        "form": form or MessageForm([]),
        "can_write": not conversation.closed_because(asked),
        "said": next((word for word in ("sent", "taken", "written") if word in request.GET), ""),
        "problem": problem,
    }
    return render(request, "portal/rectification/page.html", context, status=status)
