"""The whole job in the browser: from the form over the mailbox, the workers and the team to the file in the hand."""

from __future__ import annotations

import pytest

from tests.live.browser import browser, quiet_page
from tests.live.looking import reload
from tests.live.portal import running_portal
from tests.live.sources import expected, keys_in, register, sqlite_companies
from tests.live.steps import add_member
from tests.servers import wait_until

PERSON = "ann@example.test"


@pytest.fixture
def companies(tmp_path):
    return sqlite_companies(tmp_path)


@pytest.fixture
def page(portal_database_url):
    """A page, on PostgreSQL of a browser without JavaScript: each has to do with each."""
    with (
        browser() as chromium,
        quiet_page(chromium, java_script_enabled="postgresql" not in portal_database_url) as opened,
    ):
        yield opened


@pytest.fixture
def portal(portal_database_url, tmp_path, mail_server, companies):
    with running_portal(tmp_path / "portal", portal_database_url, email_url=mail_server.url) as portal:
        register(portal, companies)
        yield portal


def ask_for_access(page, portal):
    page.goto(portal.url)
    page.get_by_role("radio", name="Access to my data").check()
    page.get_by_label("Your name").fill("Ann Example")
    page.get_by_label("Your e-mail address").fill("Ann@Example.test")
    page.locator("[name=formats][value=json]").check()
    page.locator("input[name=terms]").check()
    page.get_by_role("button", name="Send the request").click()


def release_in_the_console(page, portal, member):
    name, password = member
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="DSR-").first.click()
    page.get_by_role("button", name="Release").click()
    page.get_by_text("Released.").wait_for()


def test_a_person_gets_exactly_their_rows(page, portal, companies, mail_server):
    ask_for_access(page, portal)
    page.goto(mail_server.link_for(PERSON, "/c/"))
    page.get_by_role("button", name="Yes, begin with my request").click()
    page.get_by_role("heading", name="Your request is confirmed").wait_for()
    page.goto(mail_server.link_for(PERSON, "/r/"))
    wait_until(lambda: reload(page) and page.get_by_text("Being checked by our team").is_visible())
    with page.context.browser.new_context() as team:
        release_in_the_console(team.new_page(), portal, add_member(portal, "Reviewer"))
    page.goto(mail_server.link_for(PERSON, "/d/"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    package = download.value.path().read_bytes()
    assert keys_in(companies, package) == expected(companies, PERSON)
