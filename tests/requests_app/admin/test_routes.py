"""Every address of the console, by everybody."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app import proofs, uploads
from requests_app.audit import SUBJECT, Actor
from requests_app.importing import runs
from requests_app.keys.stored import create_key
from requests_app.models import (
    Approval,
    AuditEntry,
    CannedText,
    Certificate,
    ControllerProfile,
    IdentityCheck,
    KeptRows,
    LegalHold,
    Lifting,
    NoticeText,
    OutboxMail,
    PeriodExtension,
    PersonWait,
    RecipientNotice,
    Representative,
    Restriction,
    ServiceToken,
    SourceChange,
    SourceSearch,
    Suppression,
    Upload,
    Webhook,
)
from requests_app.uploads import examine
from tests.requests_app.admin.console import signed_in
from tests.requests_app.admin.routes import ASKS_FIRST, EVERYBODY, FRAME, ROUTES, STEMS
from tests.requests_app.identity.asked import a_picture
from tests.requests_app.portal import a_request, a_source, an_approved_refusal, member, released, staff
from tests.requests_app.webhooks.receiving import a_webhook, an_event

pytestmark = pytest.mark.django_db

ACTS = [name for name, (method, _) in ROUTES.items() if method == "post"]


@pytest.fixture
def known(tmp_path):
    """One of everything, by the arguments and the names of the routes."""
    source = a_source(tmp_path)
    export = released()
    search = SourceSearch.objects.get()
    # By hand, as nothing can be withheld after the release.
    redaction = search.redactions.create(segment=search.segment, collection="orders", ordinal=0, ground="Others")
    of_source = {"request_id": search.request_id, "source": source, "map": source.current_map}
    change = SourceChange.objects.create(**of_source, act="erasure")
    kept = KeptRows.objects.create(**of_source, collection="orders", erase_on="2020-01-01", key=create_key(), rows=1)
    certificate = Certificate.objects.create(
        request_id=search.request_id, kind="handling", issued_at=timezone.now(), file="gone.pdf", key=create_key()
    )
    wait = PersonWait.objects.create(
        request_id=search.request_id, kind="identity", question="Who?", asked_at=timezone.now()
    )
    extension = PeriodExtension.objects.create(
        request_id=search.request_id, by=1, ground="number", reason="Many", prepared_by=staff("pat")
    )
    Representative.objects.create(request_id=search.request_id, kind="lawyer", name="Lena", rights=["access"])
    paper = Upload.objects.create(
        request_id=search.request_id, kind="authority", name="a.pdf", size_bytes=1, removed_at=timezone.now()
    )
    letter = OutboxMail.objects.create(request_id=search.request_id, template="received", is_letter=True, state="done")
    scan = Upload.objects.create(
        request_id=search.request_id,
        kind="evidence",
        name="a.png",
        size_bytes=1,
        scan="none",
        removed_at=timezone.now(),
    )
    told = a_webhook("https://1.1.1.1/")
    Webhook.objects.update(url="http://127.0.0.1:9/")  # so that a test of it leads nowhere
    an_event(export.request)
    refused = an_approved_refusal(export.request)
    ControllerProfile.objects.create(pk=1, logo=b"<svg/>", logo_type="image/svg+xml")
    return {
        **a_proof(search.request),
        "requests_app_subjectrequest": search.request_id,
        "requests_app_datasource": source.pk,
        "requests_app_identityrule": proofs.rule_of("access", "US-CA").pk,
        "requests_app_webhook": told.row.pk,
        "send_again": told.deliveries.get().pk,
        "requests_app_requestimport": a_list().pk,
        "requests_app_suppression": Suppression.objects.create(
            scope="all", hash="0" * 64, key=create_key(), request_id=search.request_id
        ).pk,
        "requests_app_servicetoken": ServiceToken.objects.create(name="Shop", ability="suppressions").pk,
        "request_id": search.request_id,
        "requests_app_cannedtext": CannedText.objects.create(title="Thanks", text="Thank you, {{ name }}.").pk,
        "upload_id": paper.pk,
        **dict.fromkeys(("take_back_correction", "call_off_corrections"), 0),
        "auth_user": staff("olga", is_superuser=False).pk,
        "lift_hold": LegalHold.objects.create(request_id=search.request_id, reason="A claim").pk,
        "slug": "register",
        "name": "archive",
        "code": "GDPR",
        "answer": wait.pk,
        "decide_extension": extension.pk,
        **dict.fromkeys(("refusal", "refusal_letter"), refused.pk),
        "answer_appeal": refused.appeals.create(
            request=export.request, kind="appeal", law="US-VA", text="No.", received_on="2026-03-05"
        ).pk,
        "notice": "received",
        "language": "en",
        "right": "all",
        "requests_app_noticetext": a_text().pk,
        "picture": "logo",
        "search_id": search.pk,
        "collection": "customers",
        "redaction_id": redaction.pk,
        "retry_search": search.pk,
        "leave_out": search.pk,
        "retry_export": export.pk,
        "download": export.pk,
        "take_back": export.pk,
        "hand_over": export.pk,
        "duplicate": a_request().pk,
        "join": a_request().pk,
        "evidence": scan.pk,
        **dict.fromkeys(
            ("tell_recipient", "reopen_recipient", "remove_recipient"),
            RecipientNotice.objects.create(request_id=search.request_id, label="Carrier").pk,
        ),
        **dict.fromkeys(("posted", "leave_letter"), letter.pk),
        "retry_source_change": change.pk,
        "leave_out_objection": change.pk,
        **dict.fromkeys(("erasure_leave_out", "erasure_rows"), change.pk),
        "restrict_by_hand": change.pk,
        **dict.fromkeys(("call_off_lifting", "post_lifting"), a_lifting(search.request)),
        "download_certificate": certificate.pk,
        "withdraw_certificate": certificate.pk,
        "retry_kept_rows": kept.pk,
        "authority_file": paper.pk,
        **dict.fromkeys(("retry_mail", "mail", "mail_frame", "mail_letter"), OutboxMail.objects.earliest("pk").pk),
    }


def a_list():
    file = examine(SimpleUploadedFile("list.csv", b"name;right\nAnn;access\n"), Upload.Kind.IMPORT)
    return runs.hand_in(file, actor=Actor.staff(staff("ida")))


def a_lifting(request):
    """The end of a restriction that was announced."""
    approval = Approval.objects.create(request=request, act="restriction", digest="0", approved_by=staff("lea"))
    row = Restriction.objects.create(request=request, ground="claims", approval=approval)
    return Lifting.objects.create(restriction=row, reason="So.", lift_on="2030-01-01", approval=approval).pk


def a_text():
    return NoticeText.objects.create(notice="received", language="en", version=1, subject="Got it", body="# Got it")


def a_proof(request):
    """A document that was handed in, and the check it is for."""
    check = IdentityCheck.objects.create(request=request, kind="document", sent=0)
    document = uploads.take(a_picture(), Upload.Kind.IDENTITY, actor=SUBJECT, request=request)
    acts = ("pass_identity", "renew_identity", "number_identity", "accept_identity", "refuse_identity")
    return {**dict.fromkeys(acts, check.pk), "look_identity": document.pk}


def console_routes():
    return {pattern.name: pattern for pattern in _patterns(admin.site.get_urls()) if pattern.name}


def _patterns(patterns):
    for pattern in patterns:
        yield from _patterns(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]


def act_of(name):
    stem = next(stem for stem in STEMS if name.startswith(stem))
    return stem, name.removeprefix(f"{stem}_")


def address(name, known):
    stem, act = act_of(name)
    values = known | {"pk": known.get(stem), "work_id": known.get(act)}
    arguments = console_routes()[name].pattern.converters
    return reverse(f"admin:{name}", kwargs={argument: values[argument] for argument in arguments})


def tried(client, method, path):
    response = getattr(client, method)(path)
    if response.streaming:
        b"".join(response.streaming_content)
    return response


def test_no_route_is_missing_here():
    assert set(console_routes()) == set(ROUTES) | FRAME


def test_a_route_serves_those_it_is_for_and_nobody_else(known):
    clients = {role: signed_in(role) for role in EVERYBODY}
    for name, (method, allowed) in ROUTES.items():
        path = address(name, known)
        answers = {role: tried(client, method, path).status_code for role, client in clients.items()}
        assert {role for role, status in answers.items() if status != 403} == allowed, name
        assert set(answers.values()) <= {200, 302, 400, 403}, name


def test_who_is_not_signed_in_is_asked_to(known):
    for name, (method, _) in ROUTES.items():
        path = address(name, known)
        response = tried(Client(), method, path)
        assert (response.status_code, response.url) == (302, f"/console/login/?next={path}")


def test_somebody_without_a_role_may_do_nothing(known):
    nobody = Client()
    nobody.force_login(staff("nobody", is_superuser=False))
    for name, (method, _) in ROUTES.items():
        assert tried(nobody, method, address(name, known)).status_code == 403, name


def test_what_acts_needs_a_token_against_forgery(known):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member("Manager"))
    for name in ACTS:
        assert client.post(address(name, known)).status_code == 403, name


def test_following_a_link_never_acts(known):
    client = signed_in("Manager")
    before = AuditEntry.objects.exclude(action__in=("records.viewed", "mail.viewed")).count()
    for name in ACTS:
        status = client.get(address(name, known)).status_code
        assert status == (200 if act_of(name)[1] in ASKS_FIRST else 405), name
    assert AuditEntry.objects.exclude(action__in=("records.viewed", "mail.viewed")).count() == before


@pytest.mark.parametrize(
    ("role", "name", "status"),
    [
        ("Viewer", "archive", 403),
        ("Processor", "archive", 302),
        ("Reviewer", "archive", 403),
        ("Reviewer", "withdraw", 403),
        ("Processor", "withdraw", 200),
    ],
)
def test_a_transition_asks_for_its_own_permission(known, role, name, status):
    path = reverse("admin:requests_app_subjectrequest_transition", args=[known["requests_app_subjectrequest"], name])
    assert signed_in(role).post(path, {"reason": "Because"}).status_code == status


@pytest.mark.parametrize("name", ["verify", "lapse", "reject", "nonsense"])
def test_what_only_the_person_or_the_portal_does_has_no_address(known, name):
    client = signed_in("Manager")
    path = reverse("admin:requests_app_subjectrequest_transition", args=[known["requests_app_subjectrequest"], name])
    assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)


def test_what_belongs_to_another_request_is_not_found(known):
    client = signed_in("Manager")
    elsewhere = known | {"requests_app_subjectrequest": known["requests_app_subjectrequest"] + 1000}
    below = [name for name in ROUTES if "pk" in console_routes()[name].pattern.converters and STEMS[0] in name]
    for name in below:
        assert tried(client, ROUTES[name][0], address(name, elsewhere)).status_code == 404, name


def test_no_page_holds_a_script_or_a_style_of_its_own(known):
    client = signed_in("Manager")
    for name in ROUTES:
        response = client.get(address(name, known), follow=True)
        if response.status_code == 405 or "html" not in response.headers["Content-Type"]:
            continue
        assert response.status_code == 200, name
        if "sandbox" in response.headers["Content-Security-Policy"]:  # a mail, which can do nothing
            continue
        text = response.content.decode()
        assert not re.findall(r"<style|<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", text), name
        assert not re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", text), name
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_nothing_can_be_deleted():
    for model, model_admin in admin.site._registry.items():
        assert not model_admin.has_delete_permission(None), model
    assert [name for name in console_routes() if "delete" in name] == []


def test_a_member_who_may_not_enter_the_console_is_kept_out():
    outsider = member("Manager")
    outsider.is_staff = False
    outsider.save()
    client = Client()
    client.force_login(outsider)
    assert client.get("/console/").status_code == 302
