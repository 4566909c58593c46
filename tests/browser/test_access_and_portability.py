"""Access and portability in Chromium: from the form to the files, and on to another service that fetches them."""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from contextlib import closing
from hashlib import sha256

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.browser.test_console import DESKTOP, PHONE
from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over, reload
from tests.live.portal import running_portal
from tests.live.steps import add_member, do, is_completed, release, sweep_until
from tests.servers import wait_until

SIZES = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "dark")}
MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    label: Your account
    identifiers: {email: email}
    provided: true
    basis: contract
    fields:
      risk_score: {provided: false}
      password: {secret: true}
  orders:
    label: Your orders
    links: [{column: customer_id, to: customers.id}]
    provided: true
    basis: contract
  visits:
    label: Pages you looked at
    links: [{column: customer_id, to: customers.id}]
  returns:
    label: Parcels sent back
    links: [{column: customer_id, to: customers.id}]
"""
ORDERS, VISITS = 12, 57
PEOPLE = ("dora", "paul", "dave", "pia")
ACCESS = {"desktop": "dora@example.test", "phone": "paul@example.test"}
PORTABILITY = {"desktop": "dave@example.test", "phone": "pia@example.test"}
TO_PROGRAM = {"Accept": "application/json", "User-Agent": "other-bank/1.0"}


def fill(path):
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            """
            CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, risk_score INT, password TEXT);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT, product TEXT);
            CREATE TABLE visits (customer_id INT, page TEXT);
            CREATE TABLE returns (customer_id INT);
            """
        )
        for number, name in enumerate(PEOPLE, 1):
            row = (number, f"{name}@example.test", f"Given {name}", 4711, "hunter2")
            database.execute("INSERT INTO customers VALUES (?, ?, ?, ?, ?)", row)
            orders = [(number, f"Given product {order}") for order in range(ORDERS)]
            database.executemany("INSERT INTO orders (customer_id, product) VALUES (?, ?)", orders)
            database.executemany("INSERT INTO visits VALUES (?, ?)", [(number, "Observed page")] * VISITS)
        database.commit()


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("access")
    with running_portal(folder / "portal", f"sqlite:///{folder}/portal.sqlite3", heavy_workers=1) as up:
        add_member(up, "Reviewer")
        fill(folder / "shop.sqlite3")
        known = [
            ("shop", f"sqlite:///{folder}/shop.sqlite3", MAP),
            ("club", f"sqlite:///{folder}/nowhere.sqlite3", MAP.replace("shop", "club")),
        ]
        do(
            up,
            "from requests_app import sources\n"
            f"for slug, url, text in {known!r}:\n"
            "    sources.save(DataSource(slug=slug, label=slug.title()), url, text, None)\n"
            "result = DataSource.objects.count()",
        )
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


@pytest.fixture
def person(chromium, size):
    viewport, colours = SIZES[size]
    with quiet_page(chromium, viewport=viewport, color_scheme=colours) as page:
        yield page


def link_in_mail(portal, email, route):
    """Wait for a mail to somebody that holds a link, and give the newest such link."""
    found = []

    def has_come():
        texts = [path.read_text(errors="replace") for path in sorted((portal.folder / "mails").glob("*"))]
        theirs = [text.replace("=\n", "") for text in texts if f"To: {email}" in text]
        found[:] = [match for text in theirs for match in re.findall(rf"{portal.url}/{route}/[\w-]+", text)]
        return bool(found)

    wait_until(has_come, 60)
    return found[-1]


def ask(page, portal, email, right):
    """Ask by the form, and confirm from the mailbox; gives the id of the request."""
    page.goto(f"{portal.url}/?right={right}")
    page.get_by_label("Your name").fill("Somebody Example")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("may be used to answer this request").check()
    page.get_by_role("button", name="Send the request").click()
    page.get_by_role("heading", name="Check your mailbox").wait_for()
    page.goto(link_in_mail(portal, email, "c"))
    page.get_by_role("button", name="Yes, begin with my request").click()
    page.get_by_role("heading", name="Your request is confirmed").wait_for()
    page.goto(link_in_mail(portal, email, "r"))
    return do(portal, f"result = SubjectRequest.objects.get(email={email!r}, right={right!r}).pk")


def give_up(portal, request_id):
    """Let the source that is not there be given up, as it would be after some hours."""
    search = f"SourceSearch.objects.filter(request={request_id}, source__slug='club')"

    def is_given_up():
        moments = "claimable_at=timezone.now(), requeue_at=timezone.now()"
        do(portal, f"result = {search}.exclude(state='failed').update({moments})")
        do(portal, "result = tasks.sweep()")
        return do(portal, f"result = {search}.filter(state='failed').exists()")

    wait_until(is_given_up, 120)


def leave_out(portal, request_id):
    actor = "audit.Actor.staff(User.objects.get(username='reviewer'))"
    search = f"SourceSearch.objects.get(request={request_id}, source__slug='club')"
    do(portal, f"result = review.leave_out({search}, actor={actor}, reason='It is gone.')")


def answer(portal, request_id):
    leave_out(portal, request_id)
    release(portal, request_id)
    sweep_until(portal, lambda: is_completed(portal, request_id))


def test_access_from_the_form_to_the_files_with_a_preview_and_chosen_formats(person, portal, size):
    request_id = ask(person, portal, ACCESS[size], "access")
    give_up(portal, request_id)

    # Nobody reloads: the page follows the work by itself.
    person.get_by_role("heading", name="What we found").wait_for(timeout=60_000)
    found = person.locator(".found")
    assert f"{1 + ORDERS + VISITS} records, in 1 of 2 systems" in found.inner_text()
    rows = [re.sub(r"\s+", " ", row) for row in found.locator("tbody tr").all_inner_texts()]
    assert rows == ["Your account 1", f"Your orders {ORDERS}", f"Pages you looked at {VISITS}"]
    widths = [float(bar.get_attribute("width")) for bar in found.locator("rect.filled").all()]
    assert widths == sorted(widths)
    assert widths[-1] == 100
    assert "nothing found: Parcels sent back" in found.inner_text()
    assert "Could not be searched" in found.inner_text()
    look_over(person, f"access-preview-{size}")

    for name, is_wanted in (("PDF", False), ("Web pages", False), ("JSON", True), ("Workbook", True)):
        box = person.get_by_role("checkbox", name=re.compile(f"^{name}"))
        box.set_checked(is_wanted)
    person.get_by_role("button", name="Keep these formats").press("Enter")
    person.get_by_text("You chose the formats of your files").wait_for()
    assert person.get_by_role("checkbox", name=re.compile("^JSON")).is_checked()
    assert not person.get_by_role("checkbox", name=re.compile("^PDF")).is_checked()

    answer(portal, request_id)
    reload(person)
    person.get_by_role("heading", name="Your files are ready").wait_for()
    assert not person.get_by_role("heading", name="What we found").is_visible()
    look_over(person, f"access-ready-{size}")
    person.get_by_role("button", name="Go to the download").click()
    with person.expect_download() as download:
        person.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as package:
        assert {name.partition("/")[0] for name in package.namelist() if "/" in name} == {"json", "xlsx"}
        document = json.loads(package.read("json/export.json"))
    counts = {name: part["count"] for name, part in document["data_sources"]["shop"]["collections"].items()}
    assert counts == {"customers": 1, "orders": ORDERS, "visits": VISITS, "returns": 0}


def test_portability_is_handed_to_a_service_that_fetches_it_and_ended(person, portal, size):
    request_id = ask(person, portal, PORTABILITY[size], "portability")
    give_up(portal, request_id)
    person.get_by_role("heading", name="What we found").wait_for(timeout=60_000)
    found = person.locator(".found").inner_text()
    assert f"{1 + ORDERS} records that you gave us" in found
    assert "Pages you looked at, Parcels sent back" in found
    look_over(person, f"portability-preview-{size}")
    status = person.url
    answer(portal, request_id)

    person.goto(status)
    look_over(person, f"portability-ready-{size}")
    person.get_by_role("button", name="Hand over to another service").click()
    person.get_by_role("heading", name="Hand over to another service").wait_for()
    look_over(person, f"portability-hand-over-{size}")
    person.get_by_role("button", name="Look at what is handed over").click()
    person.get_by_text("Please name the service").first.wait_for()
    person.get_by_label("Which service shall fetch your data?").fill("Other Bank")
    person.get_by_role("radio", name=re.compile("^JSON")).check()
    person.get_by_role("button", name="Look at what is handed over").click()
    person.get_by_role("heading", name="Hand over to Other Bank?").wait_for()
    assert "Your account, Your orders" in person.locator("main").inner_text()
    look_over(person, f"portability-confirm-{size}")
    person.get_by_role("button", name="Hand it over, and show the link").click()
    link = person.get_by_label("For Other Bank alone").input_value()
    look_over(person, f"portability-link-{size}")

    head = httpx.head(link, headers=TO_PROGRAM)
    given = httpx.get(link, headers=TO_PROGRAM)
    assert (head.status_code, given.status_code) == (200, 200)
    assert head.headers["Content-Length"] == str(len(given.content))
    assert head.headers["ETag"] == given.headers["ETag"] == f'"{sha256(given.content).hexdigest()}"'
    (schema,) = re.findall(r"<([^>]+)>", given.headers["Link"])
    document = given.json()
    Draft202012Validator(httpx.get(schema).json()).validate(document)
    records = document["data_sources"]["shop"]["collections"]
    assert list(records) == ["customers", "orders"]
    assert list(records["customers"]["fields"]) == ["id", "email", "name"]
    assert len(records["orders"]["records"]) == ORDERS
    assert "Observed page" not in given.text
    assert "4711" not in given.text

    person.goto(link)
    person.get_by_role("heading", name="A file for Other Bank").wait_for()
    look_over(person, f"portability-fetch-{size}")

    person.goto(status)
    row = person.get_by_role("article", name="Other Bank")
    assert "once" in row.inner_text()
    assert "other-bank/1.0" in row.inner_text()
    look_over(person, f"portability-handed-{size}")
    row.get_by_role("button", name="End this link").click()
    row.get_by_text("ended on").wait_for()
    over = httpx.get(link, headers=TO_PROGRAM)
    assert (over.status_code, over.headers["Content-Type"]) == (410, "application/problem+json")
    assert over.json()["code"] == "ended"
    person.goto(link)
    person.get_by_role("heading", name="This link was ended").wait_for()
