"""Each way of showing who one is, in Chromium: on a desk and on a telephone, by the person and by the team."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import jwt
import pytest
from PIL import Image

from tests.live.browser import browser, quiet_page
from tests.live.looking import look_over, reload
from tests.live.portal import running_portal
from tests.live.sources import register, sqlite_companies
from tests.live.steps import add_member, do, submission, sweep_until, token
from tests.servers import wait_until

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
REQUESTS, TABLE = "console/requests_app/subjectrequest", "console/requests_app/identityrule"
SECRET, ISSUER, AUDIENCE = "a-secret-of-the-host-application-0123456789", "https://shop.example.test", "the-portal"
PERSON = "ann@example.test"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("identity")
    extra = {
        "DSR_SMS_URL": f"file://{folder}/texts",
        "DSR_ASSERTION_ALGORITHM": "HS256",
        "DSR_ASSERTION_KEY": SECRET,
        "DSR_ASSERTION_ISSUER": ISSUER,
        "DSR_ASSERTION_AUDIENCE": AUDIENCE,
        "DSR_ACCOUNT_URL": "https://shop.example.test/account",
    }
    with running_portal(folder / "portal", f"sqlite:///{folder}/portal.sqlite3", extra_env=extra) as up:
        register(up, sqlite_companies(folder))
        for role in ("Manager", "Processor"):
            add_member(up, role)
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
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        yield page


@pytest.fixture
def team(chromium, size, portal):
    """The page of somebody who works on requests."""
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        sign_in(page, portal, "Processor")
        yield page


def sign_in(page, portal, role):
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(role.lower())
    page.get_by_label("Password").fill(f"{role} correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def asking_for(portal, place, *checks):
    """Let the table ask for these in a place."""
    do(
        portal,
        "from requests_app.proofs import known_rules; known_rules()\n"
        f"line = dict(checks={list(checks)!r}, why='Much is lost by a mistake here.')\n"
        f"result = IdentityRule.objects.update_or_create(right='', place={place!r}, defaults=line)[0].pk",
    )


def submitted(portal, email, place, right="erasure"):
    made = submission(email, right).replace("formats=('json',)", f"formats=('json',), place={place!r}")
    return int(str(do(portal, f"{made}\nresult = SubjectRequest.objects.filter(email={email!r}).latest('pk').pk")))


def confirm(page, portal, request_id):
    page.goto(f"{portal.url}/c/{token(portal, request_id)}")
    page.get_by_role("button", name="Yes, begin with my request").click()


def status_of(portal, request_id):
    return do(portal, f"result = SubjectRequest.objects.get(pk={request_id}).status")


def a_picture(name):
    content = io.BytesIO()
    Image.new("RGB", (400, 250), "grey").save(content, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": content.getvalue()}


def newest_code(portal, known):
    """Wait for a text message beyond those known, and read its code."""
    folder = portal.folder.parent / "texts"
    texts = []

    def has_come():
        texts[:] = sorted(folder.glob("*.txt")) if folder.exists() else []
        return len(texts) > known

    wait_until(has_come, 30)
    return re.search(r"\b(\d{6})\b", texts[-1].read_text())[1]


def texts_so_far(portal):
    folder = portal.folder.parent / "texts"
    return len(list(folder.glob("*.txt"))) if folder.exists() else 0


def test_a_manager_sets_what_is_asked_for_and_reads_what_comes_of_it(chromium, portal, size):
    place = {"desktop": "SE", "phone": "FI"}[size]
    with quiet_page(chromium, viewport=SIZES[size]) as page:
        sign_in(page, portal, "Manager")
        page.goto(f"{portal.url}/console/settings/")
        page.get_by_role("main").get_by_role("link", name="Identity").click()
        page.get_by_text("A person in Germany who asks for a copy of their data will have to:").wait_for()
        look_over(page)
        page.get_by_role("link", name="Add a line").click()
        page.get_by_label("Who asks for").select_option("erasure")
        page.get_by_label("and lives in").select_option(place)
        page.get_by_role("group", name="has to show").get_by_label("A code by text message").check()
        page.get_by_role("button", name="Keep it").click()
        page.get_by_text("Please write why more than the mailbox").wait_for()
        look_over(page)
        page.get_by_label("Why").fill("What is erased is gone for good.")
        page.get_by_role("button", name="Keep it").click()
        page.get_by_text("The line is kept.").wait_for()
        page.get_by_label("What somebody asks for").select_option("erasure")
        page.get_by_label("Where they live").select_option(place)
        page.get_by_role("button", name="Show it").click()
        page.get_by_text("enter a code that we send to the mobile number we hold of them").wait_for()
        look_over(page)


def test_a_code_by_text_message_begins_the_work(person, team, portal, size):
    place, email = {"desktop": ("PT", "dea@example.test"), "phone": ("IE", "pia@example.test")}[size]
    asking_for(portal, place, "mailbox", "sms")
    request_id = submitted(portal, email, place)
    confirm(person, portal, request_id)
    person.get_by_role("heading", name="What we need").wait_for()
    person.get_by_text("Our team looks it up first").wait_for()
    person.get_by_text("Much is lost by a mistake here.").wait_for()
    look_over(person)

    team.goto(f"{portal.url}/{REQUESTS}/{request_id}/change/")
    team.get_by_label("Mobile number from your own records").fill("+49 170 1234567")
    look_over(team)
    team.get_by_role("button", name="Record it").click()
    team.get_by_text("Recorded.").wait_for()

    known = texts_so_far(portal)
    reload(person)
    person.get_by_text("•••• 67").wait_for()
    person.get_by_role("button", name="Send me a code").click()
    code = newest_code(portal, known)
    field = person.get_by_label("Code from the text message")
    field.fill("000000" if code != "000000" else "111111")
    field.press("Enter")
    person.get_by_text("That is not right. Please look once more.").wait_for()
    look_over(person)
    person.get_by_label("Code from the text message").fill(code)
    person.get_by_role("button", name="Check the code").click()
    person.get_by_role("heading", name=re.compile("^We (are|hold) ")).first.wait_for()
    assert status_of(portal, request_id) in {"in_progress", "completed"}
    reload(team)
    team.get_by_text("1 code sent").wait_for()
    look_over(team)


def test_a_document_is_handed_in_refused_and_handed_in_again(person, team, portal, size):
    place, email = {"desktop": ("IT", "dan@example.test"), "phone": ("BE", "pam@example.test")}[size]
    asking_for(portal, place, "mailbox", "document")
    request_id = submitted(portal, email, place)
    confirm(person, portal, request_id)
    person.get_by_text("Blacken all that we do not need").wait_for()
    look_over(person)
    for number, act in ((1, "Refuse"), (2, "Accept")):
        person.get_by_label("Picture of the document").set_input_files(a_picture(f"card-{number}.png"))
        person.get_by_role("button", name="Hand it in").click()
        person.get_by_text("We have your document.").wait_for()
        look_over(person)
        team.goto(f"{portal.url}/{REQUESTS}/{request_id}/change/")
        look_over(team)
        with team.expect_download() as download:
            team.get_by_role("button", name=re.compile(f"^Look at it.*card-{number}.png")).click()
        assert download.value.path().read_bytes().startswith(b"\x89PNG")
        if act == "Refuse":
            team.get_by_role("link", name=re.compile("^Refuse …")).last.click()
            team.get_by_label("What is missing").fill("Your name cannot be read.")
            look_over(team)
            team.get_by_role("button", name="Refuse the document").click()
            team.get_by_text("The document is deleted, and the person told.").wait_for()
            reload(person)
            person.get_by_text("Your name cannot be read.").wait_for()
            look_over(person)
        else:
            team.get_by_role("button", name=re.compile("^Accept.*the document")).click()
            team.get_by_text("Accepted. The document is deleted.").wait_for()
    reload(person)
    person.get_by_role("heading", name=re.compile("^We (are|hold) ")).first.wait_for()
    kept = "list(Upload.objects.filter(kind='identity', removed_at=None).values_list('request', flat=True))"
    assert request_id not in do(portal, f"result = {kept}")


def test_too_many_wrong_codes_have_an_end_that_both_sides_see(person, team, portal, size):
    place, email = {"desktop": ("NL", "dirk@example.test"), "phone": ("LU", "piet@example.test")}[size]
    asking_for(portal, place, "mailbox", "sms")
    request_id = submitted(portal, email, place)
    confirm(person, portal, request_id)
    actor = "audit.Actor.staff(User.objects.get(username='processor'))"
    checks = f"IdentityCheck.objects.get(request={request_id}, kind='sms')"
    recorded = f"sms.record_number({checks}.pk, '+491701234567', actor={actor}).pk"
    do(portal, f"from requests_app.identity import sms\nresult = {recorded}")
    known = texts_so_far(portal)
    reload(person)
    person.get_by_role("button", name="Send me a code").click()
    code = newest_code(portal, known)
    for _ in range(5):
        person.get_by_label("Code from the text message").fill("000000" if code != "000000" else "111111")
        person.get_by_role("button", name="Check the code").click()
        person.get_by_role("alert").wait_for()
    person.get_by_role("heading", name="That was tried too often").wait_for()
    look_over(person)
    team.goto(f"{portal.url}/{REQUESTS}/{request_id}/change/")
    team.get_by_text("attempts exhausted").wait_for()
    look_over(team)
    team.get_by_role("link", name=re.compile("^Shown otherwise …")).click()
    team.get_by_label("How the person has shown").fill("Called back on the number of the contract.")
    look_over(team)
    team.get_by_role("button", name="Identity shown otherwise").click()
    team.get_by_text("Taken as shown.").wait_for()
    assert status_of(portal, request_id) in {"in_progress", "completed"}


def test_the_team_asks_for_more_and_the_person_sees_why(person, team, portal, size):
    email = {"desktop": "doris@example.test", "phone": "petra@example.test"}[size]
    request_id = submitted(portal, email, "", "access")
    confirm(person, portal, request_id)
    sweep_until(portal, lambda: status_of(portal, request_id) == "in_progress")
    team.goto(f"{portal.url}/{REQUESTS}/{request_id}/change/")
    team.get_by_role("link", name="Ask for more").click()
    team.get_by_label("A document that the team looks at").check()
    team.get_by_label("Why you ask").fill("Your name is not the one that we know this mailbox by.")
    look_over(team)
    team.get_by_role("button", name="Ask for it").click()
    team.get_by_text("The person is told by mail").wait_for()
    minted = f"links.mint(SubjectRequest.objects.get(pk={request_id}), 'status', lifetime=timedelta(days=1))"
    person.goto(f"{portal.url}/r/{do(portal, f'result = {minted}')}")
    person.get_by_role("heading", name="One more step: show us who you are").wait_for()
    person.get_by_text("Your name is not the one that we know this mailbox by.").first.wait_for()
    look_over(person)


def test_whoever_is_signed_in_elsewhere_asks_without_opening_a_mail(person, portal, size):
    now = int(datetime.now(UTC).timestamp())
    email = {"desktop": "dora@example.test", "phone": "paul@example.test"}[size]
    told = {"sub": f"u-{size}", "email": email, "name": "Ann Example", "iat": now, "exp": now + 300}
    assertion = jwt.encode(told | {"iss": ISSUER, "aud": AUDIENCE}, SECRET, algorithm="HS256")
    form = f"<form method=post action='{portal.url}/signed-in'><input name=assertion value='{assertion}'>"
    person.set_content(f"{form}<button>Go on to the privacy portal</button></form>")
    person.get_by_role("button").click()
    person.get_by_text("You come from your account").wait_for()
    assert assertion not in person.url
    look_over(person)
    person.get_by_role("button", name="Send the request").click()
    person.get_by_role("alert").wait_for()
    look_over(person)
    person.get_by_role("radio", name="Access to my data").check()
    person.get_by_label("may be used to answer this request").check()
    person.get_by_role("button", name="Send the request").click()
    person.wait_for_url(f"{portal.url}/r/*")
    assert (
        status_of(portal, int(str(do(portal, f"result = SubjectRequest.objects.get(email={email!r}).pk"))))
        == "in_progress"
    )
    look_over(person)


def test_who_opts_out_in_california_has_nothing_to_show(person, portal, size):
    email = {"desktop": "dave@example.test", "phone": "pete@example.test"}[size]
    person.goto(f"{portal.url}/?right=objection")
    person.get_by_label("Your name").fill("Dave Example")
    person.get_by_label("Your e-mail address").fill(email)
    person.get_by_label("Where do you live?").select_option("US-CA")
    person.get_by_label("may be used to answer this request").check()
    person.get_by_role("button", name="Send the request").click()
    person.get_by_role("heading", name="We have your request").wait_for()
    look_over(person)
    ended = f"result = SubjectRequest.objects.get(email={email!r}).status"
    sweep_until(portal, lambda: do(portal, ended) == "completed")
