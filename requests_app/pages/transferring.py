"""Where a person hands their files to another service, and where that service fetches them."""

from __future__ import annotations

from base64 import b64encode
from functools import wraps
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from requests_app import audit, delivery, limits, links, transferring
from requests_app.client import address_of, agent_of, network_of
from requests_app.delivery import ExpiredExport
from requests_app.limits import LimitReached
from requests_app.links import LinkError
from requests_app.models import SecureLink
from requests_app.packed import UnknownMember
from requests_app.pages.files import find_offered
from requests_app.pages.refusals import SECRET_HEADERS, dead_link, limited, secret_page, too_often
from requests_app.pages.status import MOST_LINKS_AN_HOUR, find_request
from requests_app.pages.transfer_forms import ReadableForm, TransferForm
from requests_app.pages.unlocking import ask_code, proof_of
from requests_app.ranges import Wish
from requests_app.rendering.further import ImpossibleFiles
from requests_app.rendering.previewing import kinds_of
from requests_app.transferring import ImpossibleTransfer

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

    from requests_app.audit import Actor
    from requests_app.delivery import Offer
    from requests_app.models import SubjectRequest, Transfer
    from requests_app.transferring import Choice

DOWNLOAD, STATUS, TRANSFER = SecureLink.Purpose.DOWNLOAD, SecureLink.Purpose.STATUS, SecureLink.Purpose.TRANSFER
PROBLEM, PAGE = "application/problem+json", "text/html"
PROBLEMS = {"revoked": "ended", "used": "ended"}
"""What programs are told, where our own word for it would tell them something else."""
SCHEMAS = {"json": "json-export-schema", "xml": "xml-export-schema"}


@require_POST
@secret_page(STATUS)
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """Make a link to the files and lead to where they are handed over; back to the page where there are none."""
    asked = find_request(request, token)
    export = find_offered(asked, request.POST.get("export", ""))
    if export is None or not transferring.is_offered(asked):
        return redirect("status", token=token)
    limits.count("download_link", str(asked.pk), most=MOST_LINKS_AN_HOUR, seconds=3600)
    lifetime = export.expires_at - timezone.now()
    return redirect("download-transfer", links.mint(asked, DOWNLOAD, export=export, lifetime=lifetime))


@require_POST
@secret_page(STATUS)
def end_from_status(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """End the link of another service."""
    asked = find_request(request, token)
    _end(asked, number, audit.SUBJECT)
    return redirect("status", token=token)


@require_POST
@secret_page(DOWNLOAD)
def end_from_download(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """End the link of another service; also for who stands for the person and gets the answer."""
    offer = _offer(request, token)
    _end(offer.request, number, delivery.actor_of(offer.link))
    return redirect("download-transfer", token=token)


def _end(asked: SubjectRequest, number: int, actor: Actor) -> None:
    transfer = asked.transfers.select_related("export").filter(pk=number).first()
    if transfer:
        transferring.end(transfer, actor=actor)


@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(DOWNLOAD)
def hand_over(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the receiver and the file, show what would be handed over, and on confirmation do it, step by step."""
    offer = _offer(request, token)
    if offer.is_locked:
        return ask_code(request, token, offer, status=403 if request.method == "POST" else 200)
    try:
        offered = transferring.choices(offer)
    except ImpossibleTransfer:
        return redirect("download", token=token)
    if request.method == "POST" and "make" in request.POST:
        return _make_readable(request, token, offer, offered)
    if request.method != "POST":
        return _page(request, token, offer, offered)
    form = TransferForm(offered, request.POST)
    if not form.is_valid():
        return _page(request, token, offer, offered, form=form, status=400)
    if "confirm" not in request.POST:
        return _confirmation(request, token, offer, form)
    try:
        made = transferring.hand_over(offer, form.chosen, form.cleaned_data["receiver"])
    except ImpossibleTransfer as error:
        return _page(request, token, offer, offered, problem=str(error), status=409)
    return _made(request, token, offer, form, made)


def _offer(request: HttpRequest, token: str) -> Offer:
    return delivery.offer(token, address=network_of(request), proof=proof_of(request))


def _make_readable(request: HttpRequest, token: str, offer: Offer, offered: list[Choice]) -> HttpResponse:
    form = ReadableForm(request.POST)
    if not form.is_valid():
        return _page(request, token, offer, offered, readable=form, status=400)
    try:
        transferring.make_readable(offer, form.cleaned_data["passphrase"], form.cleaned_data["formats"])
    except (ImpossibleTransfer, ImpossibleFiles) as error:
        return _page(request, token, offer, offered, problem=str(error), status=409)
    return redirect("download-transfer", token=token)


def _page(
    request: HttpRequest,
    token: str,
    offer: Offer,
    offered: list[Choice],
    *,
    form: TransferForm | None = None,
    readable: ReadableForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    is_made_first = offer.export.is_protected and not offered
    context = {
        **_about(token, offer),
        "form": (form or TransferForm(offered)) if offered else None,
        "readable": (readable or ReadableForm()) if is_made_first else None,
        "is_being_made": transferring.is_being_made(offer.request),
        "transfers": transferring.transfers_of(offer.request),
        "problem": problem,
    }
    return render(request, "portal/portability/hand_over.html", context, status=status)


def _confirmation(request: HttpRequest, token: str, offer: Offer, form: TransferForm) -> HttpResponse:
    context = {**_about(token, offer), **_handed_over(form), "kinds": kinds_of(offer.request)}
    return render(request, "portal/portability/confirm.html", context)


def _made(request: HttpRequest, token: str, offer: Offer, form: TransferForm, made: str) -> HttpResponse:
    context = {**_about(token, offer), **_handed_over(form), "address": f"{settings.DSR_PUBLIC_URL}/t/{made}"}
    return render(request, "portal/portability/made.html", context)


def _about(token: str, offer: Offer) -> dict[str, object]:
    return {"token": token, "offer": offer, "asked": offer.request, "export": offer.export}


def _handed_over(form: TransferForm) -> dict[str, object]:
    return {"receiver": " ".join(form.cleaned_data["receiver"].split()), "chosen": form.chosen, "form": form}


def _for_programs(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Tell what goes wrong as a problem (RFC 9457), and as a page to a browser."""

    @wraps(view)
    def answer(request: HttpRequest, token: str) -> HttpResponseBase:
        try:
            response = view(request, token)
        except LimitReached as error:
            response = too_often(request, error) if _is_browser(request) else _throttled(error)
        except (LinkError, ExpiredExport, UnknownMember) as error:
            response = dead_link(request, TRANSFER, error) if _is_browser(request) else _problem(error)
        for name, value in SECRET_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Vary"] = "Accept"
        return response

    return answer


@require_http_methods(["GET", "HEAD"])
@_for_programs
def fetch(request: HttpRequest, token: str) -> HttpResponseBase:
    """Give the file to a program; to a browser a page first, from which a person may fetch it."""
    transfer = transferring.opened(token, address=network_of(request))
    described = transferring.describe(transfer)
    if _is_browser(request) and "file" not in request.GET:
        context = {"transfer": transfer, "asked": transfer.request, "size_bytes": int(described["Content-Length"])}
        return render(request, "portal/portability/fetch.html", context)
    if request.method == "HEAD":
        return HttpResponse(headers=described | _told(transfer, described))
    wish = Wish(request.headers.get("Range"), request.headers.get("If-Range"))
    given = transferring.fetch(transfer, address=address_of(request), agent=agent_of(request), wish=wish)
    return StreamingHttpResponse(given.chunks, status=given.status, headers=given.headers | _told(transfer, described))


def _told(transfer: Transfer, described: dict[str, str]) -> dict[str, str]:
    """Give the headers that only programs look at: the checksum of the whole, and the schema it keeps to.

    Source: RFC 9530 §3 (Repr-Digest), RFC 8288 (Link).
    """
    digest = bytes.fromhex(described.get("ETag", "").strip('"'))
    folder = transfer.member.partition("/")[0]
    names = [folder] if folder else transfer.export.formats
    schemas = (f"{settings.DSR_PUBLIC_URL}{reverse(SCHEMAS[name])}" for name in names if name in SCHEMAS)
    told = {"Link": ", ".join(f'<{schema}>; rel="describedby"' for schema in schemas)}
    told |= {"Repr-Digest": f"sha-256=:{b64encode(digest).decode()}:"} if digest else {}
    return {name: value for name, value in told.items() if value}


def _is_browser(request: HttpRequest) -> bool:
    return request.get_preferred_type(["application/json", PAGE]) == PAGE


def _problem(error: LinkError | ExpiredExport | UnknownMember) -> HttpResponse:
    reason = "unknown_file" if isinstance(error, UnknownMember) else error.reason
    code = PROBLEMS.get(reason, reason)
    is_unknown = reason in {"unknown", "unknown_file"}
    detail = "The person who gave you this link, or we, have ended it." if code == "ended" else str(error)
    return _as_problem(404 if is_unknown else 410, code, detail)


def _throttled(error: LimitReached) -> HttpResponse:
    return limited(_as_problem(429, "throttled", str(error)), error)


def _as_problem(status: int, code: str, detail: str) -> HttpResponse:
    body = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail}
    return JsonResponse(body, status=status, content_type=PROBLEM)
