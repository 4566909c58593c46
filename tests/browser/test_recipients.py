"""Recipients told by the team and read of by the person, and suggestions followed: on a desk and on a telephone."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_console import DESKTOP, PHONE
from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over
from tests.live.portal import running_portal
from tests.live.steps import add_member, do

PROOF = {"name": "mail.txt", "mimeType": "text/plain", "buffer": b"Please erase what you have of DSR."}
LOOKS = {"desktop-light": (DESKTOP, "light"), "phone-dark": (PHONE, "dark")}
A_REQUEST = """
from requests_app.keys.stored import create_key
now, key = timezone.now(), create_key()
known = dict(right="erasure", name="Ann Example", email="ann@example.test", key=key, verified_at=now)
earlier = SubjectRequest.objects.create(status="completed", outcome="full", closed_at=now, **known)
for label in ("Carrier", "Payment provider"):
    RecipientNotice.objects.create(request=earlier, label=label, about=["Web shop: Customers"])
known["right"] = "access"
asked = SubjectRequest.objects.create(
    status="in_progress", due_on=timezone.localdate() + timedelta(days=3), details="Everything, please.", **known
)
for row in (earlier, asked):
    Identifier.objects.create(request=row, kind="email", value=row.email, proof="mailbox", proven_at=now)
Identifier.objects.create(request=earlier, kind="phone", value="+4915123456789", proof="staff", proven_at=now)
source, _ = DataSource.objects.get_or_create(slug="shop", defaults=dict(label="Web shop", kind="sqlite", key=key))
text = '''
version: 1
source: shop
collections:
  customers:
    label: customer accounts
    identifiers: {email: email, phone: phone}
    fields: {illness: {category: health}}
  orders: {links: [{column: customer_id, to: customers.id}]}
'''
source.current_map = DataSourceMap.objects.filter(source=source).first() or DataSourceMap.objects.create(
    source=source, version=1, text=text
)
source.drift_state, source.drift = "drifted", [{"severity": "broken", "where": "x", "text": "x"}]
source.save()
SourceSearch.objects.create(
    request=asked, source=source, map=source.current_map, state="done", finished_at=now, segment="x",
    records=7, counts={"customers": 2, "orders": 5}, marks={"customers": 2},
)
known |= {"verified_at": now - timedelta(days=9), "email": "", "status": "completed", "outcome": "full"}
for _ in range(5):
    SubjectRequest.objects.create(closed_at=now, **known)
result = [earlier.pk, asked.pk, links.mint(earlier, "status", lifetime=timedelta(days=1))]
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recipients")
    with running_portal(folder / "portal", f"sqlite:///{folder}/portal.sqlite3", programs=("web",)) as up:
        add_member(up, "Processor")
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(params=LOOKS.values(), ids=LOOKS)
def page(request, chromium, portal):
    size, colours = request.param
    with quiet_page(chromium, viewport=size, color_scheme=colours) as opened:
        opened.goto(f"{portal.url}/console/")
        opened.get_by_label("Username").fill("processor")
        opened.get_by_label("Password").fill("Processor correct horse battery")
        opened.get_by_role("button", name="Log in").click()
        opened.get_by_role("heading", name="Overview").wait_for()
        yield opened


def test_recipients_are_told_with_a_letter_and_a_proof_and_the_person_reads_it(page, portal):
    ended, _, token = do(portal, A_REQUEST)
    page.goto(f"{portal.url}/console/")
    page.get_by_role("link", name="Recipients to be told").click()
    page.goto(f"{portal.url}/console/requests_app/subjectrequest/{ended}/change/")
    page.get_by_role("link", name="Tell 2 recipients what was done").click()
    panel = page.locator("section", has=page.get_by_role("heading", name="Recipients to be told"))
    assert panel.get_by_text("to be told", exact=True).count() == 2
    look_over(page, "recipients")
    panel.get_by_role("link", name="Tell them … Carrier").click()
    page.get_by_role("heading", name="Tell Carrier").wait_for()
    assert "Please erase the same data" in page.get_by_label("A letter to copy").input_value()
    look_over(page, "tell")
    page.get_by_role("button", name="Put it on record").click()
    page.get_by_text("Please say how they were told.").wait_for()
    look_over(page, "tell-wrong")
    page.get_by_label(re.compile("^How")).fill("By mail to their officer")
    page.get_by_label(re.compile("^Proof")).set_input_files(PROOF)
    page.get_by_role("button", name="Put it on record").click()
    panel.get_by_text("By mail to their officer").wait_for()
    assert panel.get_by_role("link", name="mail.txt").is_visible()
    panel.get_by_role("link", name="Tell them … Payment provider").click()
    page.get_by_label("Why they cannot be told").fill("They were dissolved in 2019.")
    page.get_by_role("button", name="Put the reason on record").click()
    panel.get_by_text("cannot be told", exact=True).wait_for()
    panel.get_by_text("Add a recipient").press("Enter")
    panel.get_by_label("Who else was given the data").fill("Print shop")
    panel.get_by_role("button", name="Add", exact=True).click()
    panel.get_by_text("added by processor").wait_for()
    look_over(page, "recipients-told")
    page.goto(f"{portal.url}/r/{token}")
    told = page.locator("section", has=page.get_by_role("heading", name="Whom we tell"))
    assert re.search(r"Print shop\s+will be told.*Carrier\s+told on .*They were dissolved", told.inner_text(), re.S)
    look_over(page, "person")


def test_suggestions_stand_with_their_reasons_and_lead_to_where_one_acts(page, portal):
    _, asked, _ = do(portal, A_REQUEST)
    page.goto(f"{portal.url}/console/requests_app/subjectrequest/{asked}/change/")
    panel = page.locator("section", has=page.get_by_role("heading", name="Suggestions"))
    for words in (
        "Likely answered by",
        "may not be there in time",
        "has changed since its map was written",
        "2 things found may be about others",
        "is sensitive",
        "2 customer accounts for one person",
        "another phone number",
    ):
        assert panel.get_by_text(words).first.is_visible(), words
    assert "+4915123456789" not in page.content()
    look_over(page, "suggestions")
    panel.get_by_text("What may help").press("Enter")
    assert not panel.get_by_text("is sensitive").is_visible()
    panel.get_by_text("What may help").press("Enter")
    panel.get_by_role("link", name="Look at what was found").first.click()
    assert page.url.endswith("#answer-title")
    panel.get_by_role("link", name=re.compile("^Open DSR-")).first.click()
    page.wait_for_url(re.compile(r"/subjectrequest/\d+/change/"))
    assert str(asked) not in page.url.rsplit("/subjectrequest/", 1)[1]
