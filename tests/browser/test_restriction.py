"""A restriction in Chromium: from the form into three real databases, to its announced end, and everything restored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.test_console import DESKTOP, PHONE
from tests.extractors.sql.changing.databases import changed, contents
from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over, reload
from tests.live.portal import running_portal
from tests.live.sources import register
from tests.live.steps import add_member, do, sweep_until
from tests.requests_app.changing.marked import MAP, TABLES
from tests.requests_app.changing.shops import run
from tests.requests_app.portal import ANN
from tests.servers import wait_until

PEOPLE = {"processor": "Processor", "reviewer": "Reviewer"}


@dataclass(frozen=True)
class Company:
    """A shop as a source of a portal."""

    slug: str
    url: str

    @property
    def map_text(self) -> str:
        return MAP.replace("source: shop", f"source: {self.slug}")


@pytest.fixture
def companies(sqlite_url, postgres_database, mariadb_database):
    urls = {"shop": sqlite_url, "club": postgres_database("club"), "desk": mariadb_database("desk")}
    for url in urls.values():
        run(url, *TABLES)
    return [Company(slug, url) for slug, url in urls.items()]


@pytest.fixture
def portal(tmp_path, mail_server, companies):
    with running_portal(tmp_path / "portal", f"sqlite:///{tmp_path}/portal.sqlite3", email_url=mail_server.url) as up:
        register(up, companies)
        for role in PEOPLE.values():
            add_member(up, role)
        yield up


def sign_in(page, portal, name):
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(f"{PEOPLE[name]} correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def ask(page, portal, mail_server):
    page.goto(portal.url)
    page.get_by_role("radio", name="Restrict the use of my data").check()
    page.get_by_role("radio", name=re.compile("^It is wrong")).check()
    page.get_by_label("Your name").fill("Ann Example")
    page.get_by_label("Your e-mail address").fill(ANN)
    page.locator("input[name=terms]").check()
    look_over(page, "form")
    page.get_by_role("button", name="Send the request").click()
    page.goto(mail_server.link_for(ANN, "/c/"))
    page.get_by_role("button", name="Yes, begin with my request").click()
    page.get_by_role("heading", name="Your request is confirmed").wait_for()


def restrict(page, portal):
    sign_in(page, portal, "processor")
    page.goto(f"{portal.url}/console/requests_app/subjectrequest/")
    page.get_by_role("link", name="DSR-").first.click()
    page.get_by_role("link", name="Look at the ground").wait_for()
    look_over(page, "to-be-decided")
    page.locator("#restriction").get_by_role("link", name="Restrict the use of the data").click()
    assert page.get_by_label(re.compile(r"Art\. 18\(1\)\(a\)")).is_checked()
    look_over(page, "restrict")
    page.get_by_role("button", name="Restrict it").click()
    page.get_by_text("Restricted. Systems that ask are told from now on").wait_for()
    wait_until(
        lambda: reload(page) and page.locator("#restriction .pill", has_text=re.compile("^marked$")).count() == 3
    )
    look_over(page, "restricted")
    assert page.get_by_text("End the restriction").count() == 0


def announce(page, portal):
    sign_in(page, portal, "reviewer")
    page.goto(f"{portal.url}/console/requests_app/suppression/")
    page.get_by_role("link", name="Restrictions in force").click()
    page.get_by_text("3 of 3 marked").wait_for()
    look_over(page, "in-force")
    page.get_by_role("link", name="DSR-").click()
    page.locator("#restriction").get_by_role("link", name="End the restriction").click()
    page.get_by_label("Ends on").fill((datetime.now(UTC).date() + timedelta(days=1)).isoformat())
    page.get_by_label(re.compile("Why it ends")).fill("We have corrected your address in every system.")
    page.get_by_role("button", name="Announce the end").click()
    page.get_by_text("the person has to know before it ends").wait_for()
    look_over(page, "end-too-early")
    page.get_by_label("Ends on").fill((datetime.now(UTC).date() + timedelta(days=7)).isoformat())
    page.get_by_role("button", name="Announce the end").click()
    page.get_by_text("Announced. The restriction ends by itself").wait_for()
    wait_until(lambda: reload(page) and page.get_by_text("the person was told on").count() == 1)
    look_over(page, "announced")


def let_a_week_pass(portal):
    """Put back what a week ago would have been a week ago; the rest is the sweep's."""
    days = "timedelta(days=8)"
    do(
        portal,
        f"OutboxMail.objects.filter(template='lifting_announced').update(sent_at=timezone.now() - {days})\n"
        f"Lifting.objects.update(lift_on=timezone.localdate())\nresult = 1",
    )
    open_work = "SourceChange.objects.filter(act='lifting', applied_at__isnull=False).count()"
    sweep_until(portal, lambda: do(portal, f"result = {open_work}") == 3)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_data_is_restricted_everywhere_and_restored_after_the_person_was_told(portal, companies, mail_server, size):
    before = {company.slug: contents(company.url) for company in companies}
    with browser() as chromium:
        with quiet_page(chromium, viewport=size) as person:
            ask(person, portal, mail_server)
            with quiet_page(chromium, viewport=size) as page:
                restrict(page, portal)
            for company in companies:
                rows = changed(before[company.slug], contents(company.url))
                assert {key for key, *_ in rows["customers"]} == {1, 3}
                assert {key for key, *_ in rows["orders"]} == {10, 11}
            person.goto(mail_server.link_for(ANN, "/r/"))
            wait_until(lambda: reload(person) and person.get_by_role("heading", name="Your data is kept").count() == 1)
            look_over(person, "person-restricted")
            with quiet_page(chromium, viewport=size) as page:
                announce(page, portal)
            reload(person)
            person.get_by_role("heading", name="The restriction is about to end").wait_for()
            person.get_by_text("We have corrected your address in every system.").wait_for()
            look_over(person, "person-told")
            let_a_week_pass(portal)
            assert {company.slug: contents(company.url) for company in companies} == before
            reload(person)
            person.get_by_role("heading", name="The restriction has ended").wait_for()
            look_over(person, "person-ended")
        with quiet_page(chromium, viewport=size) as page:
            sign_in(page, portal, "processor")
            page.goto(f"{portal.url}/console/requests_app/subjectrequest/?status=all")
            page.get_by_role("link", name="DSR-").first.click()
            page.locator("#restriction .pill", has_text="ended").wait_for()
            assert page.locator("#restriction .pill", has_text="restored").count() == 3
            look_over(page, "ended")
    told = "result = list(OutboxMail.objects.order_by('pk').values_list('template', flat=True))"
    assert do(portal, told) == ["confirm", "received", "restricted", "lifting_announced", "lifted"]
