"""A correction from the form to the letter, in Chromium, on a desk and on a telephone; written to real databases."""

from __future__ import annotations

import pytest

from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over
from tests.live.portal import running_portal
from tests.live.steps import add_member, do, sweep_until, token
from tests.requests_app.changing.shops import rows, run

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
REQUESTS = "console/requests_app/subjectrequest"
SOURCES = {"shop": "Web shop", "crm": "Customer care", "club": "Club"}
TABLES = """
CREATE TABLE customers (id integer PRIMARY KEY, email varchar(99) NOT NULL UNIQUE, name varchar(20) NOT NULL,
 city varchar(40), level varchar(1), born date, note varchar(60));
INSERT INTO customers VALUES (1, 'ann@desktop.test', 'Anne', 'Olso', 'a', '1980-02-03', 'VIP'),
 (2, 'ann@phone.test', 'Anne', 'Olso', 'a', '1980-02-03', NULL), (3, 'bob@example.test', 'Bob', 'Olso', 'b', NULL, 'x')
"""
MAP = """
version: 1
source: {slug}
label: {label}
collections:
  customers:
    label: Your account
    identifiers: {{email: email}}
    fields:
      name: {{rectify: true, label: Name}}
      city: {{rectify: true, label: City}}
      level: {{rectify: true, label: Level, codes: {{a: Regular, b: New}}}}
      born: {{rectify: true, label: Date of birth}}
"""


@pytest.fixture(scope="module")
def urls(tmp_path_factory, postgres_server, mariadb_server):
    """One database of each kind, with the same people."""
    folder = tmp_path_factory.mktemp("sources")
    found = {
        "shop": postgres_server.create_database("shop"),
        "crm": mariadb_server.create_database("crm"),
        "club": f"sqlite:///{folder}/club.sqlite3",
    }
    for url in found.values():
        run(url, *filter(str.strip, TABLES.split(";")))
    yield found
    postgres_server.drop_database(found["shop"])
    mariadb_server.drop_database(found["crm"])


@pytest.fixture(scope="module")
def portal(tmp_path_factory, urls):
    folder = tmp_path_factory.mktemp("rectification")
    with running_portal(folder / "portal", f"sqlite:///{folder}/portal.sqlite3") as up:
        known = [(slug, urls[slug], MAP.format(slug=slug, label=label)) for slug, label in SOURCES.items()]
        up.shell(
            "from requests_app import sources\nfrom requests_app.models import DataSource\n"
            f"for slug, url, text in {known!r}:\n"
            "    sources.save(DataSource(slug=slug, label=slug.title()), url, text, None)\n"
        )
        for role in ("Manager", "Processor", "Reviewer"):
            add_member(up, role)
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


def sign_in(page, portal, role):
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(role.lower())
    page.get_by_label("Password").fill(f"{role} correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def of_request(portal, email, what):
    return do(portal, f"asked = SubjectRequest.objects.get(email={email!r})\nresult = {what}")


def submitted(page, portal, email):
    """Ask by the form, and confirm the mailbox."""
    page.goto(portal.url)
    page.get_by_role("radio", name="Correct my data").check()
    page.get_by_label("Your name").fill("Ann Example")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("I ask for this myself").check()
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", level=1).wait_for()
    request_id = of_request(portal, email, "asked.pk")
    page.goto(f"{portal.url}/c/{token(portal, request_id)}")
    page.get_by_role("button", name="Yes, begin with my request").click()
    sweep_until(portal, lambda: of_request(portal, email, "asked.mails.filter(template='corrections_open').exists()"))
    return request_id


def status_page(page, portal, request_id):
    minted = f"links.mint(SubjectRequest.objects.get(pk={request_id}), 'status', lifetime=timedelta(days=1))"
    page.goto(f"{portal.url}/r/{do(portal, f'result = {minted}')}")


def propose(page, source, **fields):
    """Type new values for the account in a source; by keyboard where nothing but typing is needed."""
    section = page.get_by_role("heading", name=source, exact=True)
    section.locator("xpath=following-sibling::ul[1]").get_by_role("link", name="Your account").click()
    page.get_by_role("heading", name="Your account").wait_for()
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Why is it wrong?").fill("A slip when I signed up.")
    if source == "Web shop":
        look_over(page)
        passport = {"name": "passport.txt", "mimeType": "text/plain", "buffer": b"Ann lives in Oslo."}
        page.get_by_label("Something that shows it").set_input_files(passport)
        page.get_by_label("Level").select_option("b")
    page.get_by_role("button", name="Propose this").press("Enter")
    page.get_by_role("heading", name="What you proposed").wait_for()


def decide(page, portal, request_id):
    """Approve what is right, reject a name, and record a statement instead of a city."""
    sign_in(page, portal, "Reviewer")
    page.goto(f"{portal.url}/{REQUESTS}/{request_id}/change/")
    page.get_by_text("Decide on 5 corrections").wait_for()
    look_over(page)
    page.get_by_role("link", name="Look at them and decide").click()
    page.get_by_role("heading", name="Corrections").wait_for()
    look_over(page)
    page.get_by_role("link", name="passport.txt").first.wait_for()
    for card in page.get_by_role("article").all():
        name = card.get_by_role("heading").inner_text()
        is_club = "Club" in card.inner_text()
        card.get_by_role("radio", name="Leave it as it is" if name == "Name" else "Correct it").check()
        if is_club:
            card.get_by_role("radio", name="Record a statement").check()
        if is_club or name == "Name":
            card.get_by_label("Why it stays").fill("You say Oslo." if is_club else "Your contract says Anne.")
    page.get_by_role("button", name="Decide", exact=True).click()
    page.get_by_text("Decided. What was approved").wait_for()


def test_from_the_form_to_the_letter(chromium, portal, urls, size):
    email, before = f"ann@{size}.test", {slug: rows(url, "customers") for slug, url in urls.items()}
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        request_id = submitted(page, portal, email)
        status_page(page, portal, request_id)
        page.get_by_role("heading", name="Tell us what is wrong").wait_for()
        look_over(page)
        page.get_by_role("link", name="Say what is wrong").click()
        look_over(page)
        propose(page, "Web shop", Name="Ann", City="Oslo")
        propose(page, "Customer care", **{"Date of birth": "1981-12-31"})
        propose(page, "Club", City="Oslo")
        look_over(page)
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        decide(page, portal, request_id)
    sweep_until(portal, lambda: of_request(portal, email, "asked.status") == "completed")
    assert of_request(portal, email, "asked.outcome") == "partial"
    sweep_until(portal, lambda: of_request(portal, email, "not asked.mails.exclude(state='done').exists()"))
    mine = 0 if size == "desktop" else 1
    for slug, url in urls.items():
        after = rows(url, "customers")
        assert [row for row in after if row[0] != mine + 1] == [row for row in before[slug] if row[0] != mine + 1]
        assert [str(value) for value in after[mine][2:6]] == {
            "shop": ["Anne", "Oslo", "b", "1980-02-03"],
            "crm": ["Anne", "Olso", "a", "1981-12-31"],
            "club": ["Anne", "Olso", "a", "1980-02-03"],
        }[slug]
        assert (after[mine][1], after[mine][6]) == (before[slug][mine][1], before[slug][mine][6])
    mails = [path.read_text(errors="replace") for path in (portal.folder / "mails").glob("*")]
    assert any("3 values were corrected" in mail.replace("=\n", "") for mail in mails)
    assert not [mail for mail in mails if "Oslo" in mail or "contract says" in mail]
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        status_page(page, portal, request_id)
        page.get_by_role("link", name="See what stood there").click()
        page.get_by_text("Your contract says Anne.").wait_for()
        page.get_by_text("You say Oslo.").wait_for()
        assert page.get_by_text("Corrected on").count() == 3
        look_over(page)
