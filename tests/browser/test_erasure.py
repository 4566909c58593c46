"""An erasure in the browser: from the form over two of the team and the time to stop it to the certificate."""

from __future__ import annotations

import pytest

from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over, reload
from tests.live.portal import running_portal
from tests.live.sources import register
from tests.live.steps import add_member, do, sweep_until
from tests.requests_app.changing.shops import MAP, UNTOUCHED, fill, rows
from tests.servers import wait_until

ANN = "ann@example.test"
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
OVER = (
    "past = timezone.now() - timedelta(minutes=1)\n"
    "waiting = SourceChange.objects.filter(undo_until__gt=past)\n"
    "result = waiting.update(undo_until=past, claimable_at=past, requeue_at=past)"
)


class Shop:
    """A shop as a source, whose customers are Ann, Bob and Cyd."""

    slug, map_text = "shop", MAP

    def __init__(self, url):
        self.url = url
        fill(url)

    def contents(self):
        return {table: rows(self.url, table) for table in ("customers", "orders", "carts")}


@pytest.fixture
def shop(sqlite_url):
    return Shop(sqlite_url)


@pytest.fixture
def portal(tmp_path, mail_server, shop):
    url = f"sqlite:///{tmp_path / 'portal' / 'portal.sqlite3'}"
    with running_portal(tmp_path / "portal", url, email_url=mail_server.url) as portal:
        register(portal, [shop])
        yield portal


@pytest.fixture(params=["desktop", "phone"])
def person(request):
    """A page of the person, on a desktop or on a phone in the dark."""
    options = DESKTOP if request.param == "desktop" else PHONE
    with browser() as chromium, quiet_page(chromium, **options) as page:
        yield page


def ask(page, portal, mail_server, email=ANN):
    page.goto(portal.url)
    page.locator("input[value=erasure]").first.check()
    ground = page.get_by_label("I take back my consent")
    if ground.count():
        ground.first.check()
    page.get_by_label("Your name").fill("Ann Example")
    page.get_by_label("Your e-mail address").fill(email)
    page.locator("input[name=terms]").check()
    page.get_by_role("button", name="Send the request").click()
    page.goto(mail_server.link_for(email, "/c/"))
    page.get_by_role("button", name="Yes, begin with my request").click()
    page.goto(mail_server.link_for(email, "/r/"))


def of_team(person, portal, role):
    """Open the console in a profile of its own, as a member with a role."""
    name, password = add_member(portal, role)
    context = person.context.browser.new_context(viewport=person.viewport_size)
    page = context.new_page()
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="DSR-").first.click()
    return page


def looked_at(portal):
    wait_until(lambda: do(portal, "result = SourceChange.objects.filter(previewed_at__isnull=False).exists()"), 60)


def asked_and_approved(person, portal):
    """Have one of the team ask and another approve, each seeing what the other may not do."""
    looked_at(portal)
    processor = of_team(person, portal, "Processor")
    processor.get_by_text("2 kept: 17(3)(b): tax records").wait_for()
    look_over(processor, "console-looked-at")
    processor.get_by_role("button", name="Ask for its approval").click()
    processor.get_by_text("Somebody else has to approve it now").wait_for()
    assert not processor.locator("#erasure").get_by_role("link", name="Approve the erasure").count()
    reviewer = of_team(person, portal, "Reviewer")
    reviewer.locator("#erasure").get_by_role("link", name="carts").click()
    reviewer.get_by_text("That you looked is on record").wait_for()
    look_over(reviewer, "console-rows")
    reviewer.go_back()
    reviewer.locator("#erasure").get_by_role("link", name="Approve the erasure").click()
    look_over(reviewer, "console-approve")
    reviewer.get_by_role("button", name="Approve the erasure").click()
    reviewer.get_by_text("can be called off").first.wait_for()
    look_over(reviewer, "console-waits")
    return reviewer


def test_from_the_form_to_the_certificate(person, portal, shop, mail_server):
    ask(person, portal, mail_server)
    look_over(person, "person-begun")
    reviewer = asked_and_approved(person, portal)
    reload(person)
    person.get_by_role("heading", name="Your data will be erased").wait_for()
    look_over(person, "person-waits")
    assert shop.contents()["carts"] != UNTOUCHED["carts"]
    do(portal, OVER)
    sweep_until(portal, lambda: do(portal, "result = SubjectRequest.objects.get().status") == "completed")
    after = shop.contents()
    assert after["customers"][1:] == UNTOUCHED["customers"]
    assert after["carts"] == UNTOUCHED["carts"]
    assert (after["orders"][2][1], after["orders"][2][3]) == (2, "hi")
    assert "ann" not in str(after).lower()
    assert do(portal, "result = SubjectRequest.objects.get().outcome") == "partial"
    sweep_until(
        portal,
        lambda: do(portal, "result = OutboxMail.objects.filter(template='erased').exclude(state='done').count()") == 0,
    )
    letter = mail_server.link_for(ANN, "/r/")
    person.goto(letter)
    person.get_by_role("heading", name="Your data is erased, but for what has to stay").wait_for()
    person.get_by_text("tax records").first.wait_for()
    look_over(person, "person-erased")
    with person.expect_download() as download:
        person.get_by_role("link", name="Download the certificate").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    number = do(portal, "result = Certificate.objects.get().number")
    person.get_by_role("link", name=number).click()
    person.get_by_text(number).first.wait_for()
    reload(reviewer)
    reviewer.get_by_text("erased, and searched again").wait_for()
    look_over(reviewer, "console-erased")


@pytest.mark.parametrize("person", ["desktop"], indirect=True)
def test_withdrawn_in_time_nothing_is_erased(person, portal, shop, mail_server):
    before = shop.contents()
    ask(person, portal, mail_server)
    asked_and_approved(person, portal)
    reload(person)
    person.get_by_role("link", name="Stop it: withdraw the request").click()
    person.get_by_role("button", name="Yes, withdraw it").click()
    person.get_by_role("heading", name="This request was withdrawn").wait_for()
    do(portal, OVER)
    sweep_until(portal, lambda: do(portal, "result = SourceChange.objects.get().state") == "failed")
    assert shop.contents() == before
    assert do(portal, "result = Approval.objects.filter(voided_at=None).exists()") is False


@pytest.mark.parametrize("person", ["phone"], indirect=True)
def test_somebody_of_whom_nothing_is_held_is_told_so_without_anybodys_approval(person, portal, shop, mail_server):
    before = shop.contents()
    ask(person, portal, mail_server, "nobody@example.test")
    sweep_until(portal, lambda: do(portal, "result = SubjectRequest.objects.get().outcome") == "none_held")
    reload(person)
    person.get_by_role("heading", name="We hold no data about you").wait_for()
    look_over(person, "person-nothing-held")
    assert shop.contents() == before
