"""The public page of a certificate, as anybody sees it."""

from __future__ import annotations

import re

import pytest

from requests_app import certificates
from requests_app.certificates.finding import MOST_LOOKUPS_AN_HOUR
from requests_app.models import AuditSeal, KeptRows
from tests.live.browser import browser, quiet_page
from tests.requests_app.certificates.steps import ERASURE, issued, pdf_of, processor
from tests.requests_app.changing.shops import a_shop, an_erasure, erased
from tests.requests_app.pages.test_accessibility import DESKTOP, PHONE, ZOOMED, _faults, _is_too_wide
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import ANN
from tests.requests_app.test_audit import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def certificate(sqlite_url):
    a_shop(sqlite_url)
    request = an_erasure()
    erased(request)
    return issued(request, ERASURE)


def page_of(number: str) -> str:
    return f"/certificates/{number}"


def test_a_genuine_certificate_is_confirmed_without_any_data(client, certificate):
    response = client.get(page_of(certificate.number))
    shown = text_of(response)
    assert response.status_code == 200
    assert "This certificate is genuine" in shown
    for known in (certificate.number, certificate.sha256, certificate.record_sha256, certificate.audit_head):
        assert known in shown
    assert "The trail still holds it, as seal 1" in shown
    request = certificate.request
    for secret in (request.reference, request.name, ANN, "Web shop", "Shop", "orders"):
        assert secret not in shown
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_a_withdrawn_certificate_says_so_and_whether_another_replaced_it(client, certificate):
    certificates.withdraw(certificate, user=processor())
    shown = text_of(client.get(page_of(certificate.number)))
    assert "This certificate was withdrawn" in shown
    assert "replaced" not in shown
    second = issued(certificate.request, ERASURE)
    KeptRows.objects.update(erased=1)
    third = issued(certificate.request, ERASURE)
    assert "a newer one replaced it" in text_of(client.get(page_of(second.number)))
    assert third.number not in text_of(client.get(page_of(second.number)))


def test_a_head_that_the_trail_lost_is_said_so(client, certificate):
    tamper("DELETE FROM requests_app_auditseal")
    assert not AuditSeal.objects.exists()
    assert "The trail does not hold it any more." in text_of(client.get(page_of(certificate.number)))


@pytest.mark.parametrize("number", ["7F3K-Q9XM-2HVT-8WBC", "nonsense", "%00", "x" * 3_000, "<script>alert(1)"])
def test_an_unknown_number_is_a_page_that_says_so(client, number):
    response = client.get(page_of(number))
    assert response.status_code == 404
    assert "There is no such certificate" in text_of(response)
    assert "<script>alert" not in response.content.decode()
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_number_typed_leads_to_its_page(client, certificate):
    form = client.get("/certificates/")
    assert "Check a certificate" in text_of(form)
    typed = client.get("/certificates/", {"number": f" {certificate.number.lower().replace('-', ' ')} "})
    assert (typed.status_code, typed.headers["Location"]) == (302, page_of(certificate.number))
    wrong = client.get("/certificates/", {"number": "1234"})
    assert "This is not a number of ours" in text_of(wrong)
    assert 'aria-invalid="true"' in wrong.content.decode()


def test_guessing_is_limited_a_network_and_writing_refused(client, certificate):
    for _ in range(MOST_LOOKUPS_AN_HOUR):
        client.get(page_of("ABCD"))
    limited = client.get(page_of(certificate.number))
    assert limited.status_code == 429
    assert int(limited.headers["Retry-After"]) > 0
    assert client.get(page_of(certificate.number), REMOTE_ADDR="203.0.113.77").status_code == 200
    assert client.post(page_of(certificate.number)).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_file_is_compared_in_the_browser_and_sent_nowhere(live_server, certificate, tmp_path):
    genuine, changed = tmp_path / "certificate.pdf", tmp_path / "changed.pdf"
    pdf = pdf_of(certificate)
    genuine.write_bytes(pdf)
    changed.write_bytes(pdf.replace(b"%PDF-1.7", b"%PDF-1.6"))
    with browser() as chromium, quiet_page(chromium) as page:
        asked: list[str] = []
        page.goto(live_server.url + page_of(certificate.number), wait_until="networkidle")
        page.on("request", lambda request: asked.append(request.url))
        page.get_by_label("Choose the PDF").set_input_files(genuine)
        page.get_by_text("This is the certificate that was issued, unchanged.").wait_for()
        page.get_by_label("Choose the PDF").set_input_files(changed)
        page.get_by_text(re.compile("not the file that was issued.*Its SHA-256 is [0-9a-f]{64}")).wait_for()
    assert [address for address in asked if not address.endswith("/mark.svg")] == []  # the icon of the tab


@pytest.mark.django_db(transaction=True)
def test_without_a_script_the_way_by_hand_is_shown(live_server, certificate):
    with browser() as chromium, quiet_page(chromium, java_script_enabled=False) as page:
        page.goto(live_server.url + page_of(certificate.number))
        assert page.get_by_text("sha256sum certificate.pdf").is_visible()
        assert not page.get_by_label("Choose the PDF").is_visible()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP), ("dark", PHONE), ("light", ZOOMED)])
def test_the_pages_have_no_fault_that_axe_finds_and_fit(live_server, certificate, tmp_path, scheme, size):
    (tmp_path / "other.pdf").write_bytes(b"another")
    viewport = {"width": size[0], "height": size[1]}
    paths = [page_of(certificate.number), page_of("ABCD"), "/certificates/", "/certificates/?number=1"]
    faults, wide = {}, []
    with browser() as chromium, quiet_page(chromium, viewport=viewport, color_scheme=scheme) as page:
        for path in paths:
            page.goto(live_server.url + path)
            faults[path], wide = _faults(page), wide + [path] * _is_too_wide(page)
        page.goto(live_server.url + paths[0])
        page.get_by_label("Choose the PDF").set_input_files(tmp_path / "other.pdf")
        page.get_by_text("not the file that was issued").wait_for()
        page.get_by_text("Compare by hand").click()
        faults["compared"], wide = _faults(page), wide + ["compared"] * _is_too_wide(page)
    assert {path: found for path, found in faults.items() if found} == {}
    assert wide == []
