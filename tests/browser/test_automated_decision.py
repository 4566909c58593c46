"""A decision made by a machine, contested in Chromium: from the form over its review by another to letter and page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.test_console import DESKTOP, PHONE
from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over, reload
from tests.live.portal import running_portal
from tests.live.smtp import running_mail_server, text_of
from tests.live.steps import add_member, do, sweep_until
from tests.requests_app.decisions import EXPLANATION, LOGIC, SCORED, VIEW
from tests.requests_app.portal import ANN, a_shop
from tests.requests_app.summarising.models import TEXT, said
from tests.servers.web import running_web_server

ROLES = ("Processor", "Reviewer", "Manager")
MEASURES = "Your credit of 500 euros is granted from today."


@pytest.fixture
def mail_server():
    with running_mail_server() as server:
        yield server


@pytest.fixture
def model():
    with running_web_server() as server:
        server.replies = [said()]
        yield server


@pytest.fixture
def shop(tmp_path):
    return a_shop(tmp_path)


@pytest.fixture
def portal(tmp_path, mail_server, model, shop):
    folder = tmp_path / "decisions"
    folder.mkdir()
    environment = {
        "DSR_SUMMARY_URL": f"{model.url}/v1",
        "DSR_SUMMARY_MODEL": "tiny",
        "DSR_OUTGOING_ALLOW": f"127.0.0.1:{model.port}",
    }
    with running_portal(
        folder / "portal",
        f"sqlite:///{folder}/portal.sqlite3",
        email_url=mail_server.url,
        heavy_workers=1,
        extra_env=environment,
    ) as up:
        for role in ROLES:
            add_member(up, role)
        added = "from requests_app import sources\nsource = DataSource(slug='shop', label='Web shop')\n"
        do(up, f"{added}result = sources.save(source, {shop!r}, {SCORED!r}, None).pk")
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


def sign_in(page, portal, role):
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(role.lower())
    page.get_by_label("Password").fill(f"{role} correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def ask(page, portal, mail_server, email):
    """Fill in the form, confirm, and give the address of the request's page."""
    page.goto(f"{portal.url}/?right=automated_decision")
    page.get_by_label("Your name").fill("Ann Example")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("Which decision do you mean?").fill("You refused me a credit on 3 May.")
    page.get_by_label("What is your view of it?").fill(VIEW)
    page.locator("input[name=terms]").check()
    look_over(page)
    page.get_by_role("button", name="Send the request").click()
    page.goto(mail_server.link_for(email, "/c/"))
    page.get_by_role("button", name="Yes, begin with my request").click()
    page.get_by_role("heading", name="Your request is confirmed").wait_for()
    return mail_server.link_for(email, "/r/")


def found(portal):
    """Wait until the workers have searched; gives the id of the newest request."""
    newest = "SubjectRequest.objects.latest('pk')"
    is_found = f"result = {newest}.status == 'in_progress' and not {newest}.searches.open().exists()"
    sweep_until(portal, lambda: bool(do(portal, is_found)))
    return do(portal, f"result = {newest}.pk")


def record(page, portal, request_id):
    """Say what is reviewed, by whom it was made, and who reviews it, as the processor."""
    page.goto(f"{portal.url}/console/requests_app/subjectrequest/{request_id}/change/")
    page.get_by_text("Record which decision is to be reviewed").wait_for()
    look_over(page)
    page.get_by_role("link", name="Record the decision").click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_text("Nothing was saved").wait_for()
    look_over(page)
    page.get_by_label("What or who made it").fill("Scoring 4")
    page.get_by_label("A colleague who had a hand in it").select_option(label="manager")
    page.get_by_label("customers (Web shop, 1)").check()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_text("Kept.").wait_for()
    offered = page.get_by_label("Who reviews it")
    assert offered.locator("option").all_inner_texts() == ["Choose …", "reviewer"]
    offered.select_option(label="reviewer")
    page.get_by_role("button", name="Name", exact=True).click()
    page.get_by_text("The reviewer is named.").wait_for()
    look_over(page)


def review(page, portal, request_id):
    """Look at the record, read a summary, and write what is found: the decision is changed."""
    page.goto(f"{portal.url}/console/requests_app/subjectrequest/{request_id}/change/")
    page.locator("#decision-review").get_by_role("link", name="customers").click()
    page.get_by_text("Zanzibar").first.wait_for()
    assert page.get_by_role("link", name="Withhold").count() == 0
    page.go_back()
    page.get_by_role("link", name="Review it").click()
    look_over(page)
    summary_of(page, portal)
    page.get_by_label("The decision is changed").check()
    page.get_by_label("The explanation").fill(EXPLANATION)
    page.get_by_label("What you considered").fill("Your account, and your bank statement.")
    page.get_by_label("What is done because it is changed").fill(MEASURES)
    page.get_by_role("button", name="Keep it, and show the letter").click()
    page.get_by_text("The new decision is not carried out yet").wait_for()
    look_over(page)


def summary_of(page, portal):
    page.get_by_role("link", name="Summary by a machine").click()
    page.get_by_text("outside this portal").wait_for()
    look_over(page)
    page.get_by_role("button", name="Send it, and have it summarised").click()
    page.get_by_text("It is being written.").wait_for()
    sweep_until(portal, lambda: not do(portal, "result = DecisionSummary.objects.open().exists()"))
    reload(page)
    page.get_by_text(TEXT).wait_for()
    page.get_by_text("machine-made, not a decision").wait_for()
    look_over(page)
    page.get_by_role("link", name="Back to the review").click()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_decision_is_reviewed_by_another_changed_and_explained(chromium, portal, mail_server, shop, size):
    email, before = ANN, Path(shop.removeprefix("sqlite:///")).read_bytes()
    with quiet_page(chromium, viewport=size) as page:
        own = ask(page, portal, mail_server, email)
        request_id = found(portal)
        page.goto(own)
        page.get_by_text("will look at it").wait_for()
        look_over(page)
    with quiet_page(chromium, viewport=size) as page:
        sign_in(page, portal, "Processor")
        record(page, portal, request_id)
    with quiet_page(chromium, viewport=size) as page:
        sign_in(page, portal, "Reviewer")
        review(page, portal, request_id)
        page.get_by_role("link", name="Leave it").click()
        page.get_by_role("button", name="The new decision is carried out").click()
        page.get_by_text("Noted: the new decision is carried out.").wait_for()
        look_over(page)
        page.get_by_role("link", name="Review it").click()
        assert EXPLANATION in page.get_by_label("The letter", exact=True).inner_text().replace("\n", " ")
        look_over(page)
        page.get_by_role("button", name="Conclude, and tell the person").click()
        page.get_by_text("Concluded. The letter is on its way").wait_for()
        look_over(page)
    told = mail_server.wait_for(lambda mail: mail["To"] == email and "reviewed the decision" in mail["Subject"])
    assert MEASURES in " ".join(text_of(told).split())
    with quiet_page(chromium, viewport=size) as page:
        page.goto(own)
        page.get_by_role("heading", name="A person has reviewed the decision: it is changed").wait_for()
        shown = page.locator("main").inner_text()
        for words in (EXPLANATION, MEASURES, "What the decision used", "customers", LOGIC):
            assert words in shown
        assert TEXT not in shown
        look_over(page)
        page.get_by_role("link", name="Ask for a copy of it").click()
        assert page.get_by_role("radio", name=re.compile("Access to my data")).is_checked()
    assert Path(shop.removeprefix("sqlite:///")).read_bytes() == before, "a review changes no source"
