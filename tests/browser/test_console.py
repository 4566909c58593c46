"""The team's console in Chromium: for everybody, at any width, in both colours, with and without JavaScript."""

from __future__ import annotations

import os
import re

import pytest

from tests.live.browser import browser, quiet_page
from tests.live.looking import faults_of
from tests.live.portal import running_portal
from tests.live.steps import do, submission, token

PASSWORD = "the-demonstration-of-4711"
NEWEST_OF_ANN = "result = SubjectRequest.objects.filter(email='ann@example.test').latest('pk').pk"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

REQUEST, SOURCE = "requests_app/subjectrequest", "requests_app/datasource"
PAGES = """
NAMED = ("Peter Paused", "Xenia Extended", "Greta Waiting", "Otto Overdue")
NAMED += ("Lotte Letter", "Klara Client", "Paul Phone")
heavy = SubjectRequest.objects.get(name="Heavy User")
search = heavy.searches.get(source__slug="grants")
failed = SourceSearch.objects.get(source__slug="old-archive")
done = Export.objects.filter(removed_at=None).latest("pk").request_id
clock = {name.split()[0]: SubjectRequest.objects.get(name=name).pk for name in NAMED}
result = clock | {"heavy": heavy.pk, "search": search.pk, "failed": failed.request_id, "work": failed.pk, "done": done}
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("console")
    extra = {"DEMO_FOLDER": str(folder)}
    with running_portal(
        folder / "portal", f"sqlite:///{folder}/portal.sqlite3", programs=("web",), extra_env=extra
    ) as up:
        up.manage("dsr_demo_fill", "--password", PASSWORD)
        up.shell(
            "from requests_app.models import SourceSearch as S\n"
            "S.objects.filter(source__slug='old-archive').update(state='failed')"
        )
        yield up


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


def sign_in(page, portal, role="manager"):
    page.goto(f"{portal.url}/console/")
    page.get_by_label("Username").fill(role)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def all_pages(portal):
    known = do(portal, PAGES)
    heavy, failed = f"{REQUEST}/{known['heavy']}", f"{REQUEST}/{known['failed']}"
    records = f"{heavy}/records/{known['search']}"
    return [
        "",
        f"{REQUEST}/",
        f"{REQUEST}/?status=all",
        f"{REQUEST}/?q=nothing-like-this",
        f"{heavy}/change/",
        f"{failed}/change/",
        f"{REQUEST}/{known['done']}/change/",
        f"{REQUEST}/?due=paused",
        f"{REQUEST}/{known['Peter']}/change/",
        f"{REQUEST}/{known['Peter']}/extend/",
        f"{REQUEST}/{known['Peter']}/ask/",
        f"{REQUEST}/{known['Peter']}/place/",
        f"{REQUEST}/{known['Xenia']}/change/",
        *(f"{REQUEST}/{known[name]}/change/" for name in ("Greta", "Otto", "Lotte", "Klara", "Paul")),
        f"{REQUEST}/{known['Klara']}/representative/accept/",
        f"{REQUEST}/letters/",
        f"{REQUEST}/calendar/",
        f"{REQUEST}/calendar/?month=2027-02",
        f"{REQUEST}/preferences/",
        "requests_app/lawrule/",
        "requests_app/lawrule/GDPR/",
        f"{heavy}/refuse/",
        f"{heavy}/transition/complete/",
        f"{failed}/search/{known['work']}/leave-out/",
        f"{records}/rows/user_profiles/",
        f"{records}/rows/recent_searches/?page=2",
        f"{records}/withhold/user_profiles/?field=email",
        f"{records}/withhold-marked/user_profiles/",
        f"{SOURCE}/",
        f"{SOURCE}/1/change/",
        f"{SOURCE}/1/edit/",
        f"{SOURCE}/add/",
        "requests_app/controllerprofile/",
        "requests_app/controllerprofile/notices/ready/",
        "requests_app/auditentry/",
        "auth/user/",
        "auth/user/add/",
        "auth/user/2/change/",
        "password_change/",
    ]


LOOKS = {"desktop-light": (DESKTOP, "light"), "phone-dark": (PHONE, "dark")}
if os.environ.get("DSR_TEST_ALL") == "1":
    LOOKS |= {"desktop-dark": (DESKTOP, "dark"), "phone-light": (PHONE, "light")}


@pytest.mark.parametrize(("size", "colours"), LOOKS.values(), ids=LOOKS)
def test_axe_finds_no_fault_and_nothing_is_wider_than_the_window(chromium, portal, colours, size):
    with quiet_page(chromium, viewport=size, color_scheme=colours) as page:
        page.goto(f"{portal.url}/console/")
        assert faults_of(page) == []
        sign_in(page, portal)
        for path in all_pages(portal):
            answer = page.goto(f"{portal.url}/console/{path}")
            assert answer.status == 200, path
            for part in page.query_selector_all("main details:not([open], .menu) > summary"):
                part.click()
            assert faults_of(page) == [], path
            for menu in page.query_selector_all("main .menu > summary") if "status=all" in path else ():
                menu.click()  # it lies over what is below, which counts as covered then
                assert faults_of(page, within=".menu[open]", passes=5) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_the_team_releases_an_answer_without_javascript(chromium, portal):
    with quiet_page(chromium, java_script_enabled=False) as page:
        sign_in(page, portal, "reviewer")
        page.get_by_role("link", name="Waiting for review").click()
        page.get_by_role("link", name="DSR-").first.click()
        page.get_by_text("13 collections").click()
        page.get_by_role("link", name="Your profile").click()
        page.get_by_role("link", name="Withhold Name").click()
        page.get_by_label("Ground").fill("Rights of others")
        page.get_by_role("button", name="Withhold").click()
        page.get_by_role("heading", name="Withheld from the answer").wait_for()
        page.get_by_role("button", name="Give it back").click()
        page.get_by_text("Given back.").wait_for()
        page.get_by_role("link", name=re.compile("^DSR-")).click()
        page.get_by_label("CSV").uncheck()
        page.get_by_role("button", name="Release the answer").click()
        page.get_by_text("Released. The files are being prepared").wait_for()
        page.locator(".exports strong", has_text="PDF").first.wait_for()


def test_an_extension_goes_from_its_preview_to_its_approval_by_the_keyboard(chromium, portal):
    request_id = do(portal, "result = SubjectRequest.objects.get(name='Emil Erasure').pk")
    path = f"{portal.url}/console/{REQUEST}/{request_id}/change/"
    with quiet_page(chromium) as page:
        sign_in(page, portal, "processor")
        page.goto(path)
        before = page.locator(".clock dl.days strong").inner_text()
        page.get_by_role("link", name="Extend the period").press("Enter")
        page.get_by_label("By how much").select_option("2")
        page.get_by_label("There are many requests").press("Space")
        page.get_by_label("The reason").fill("Nine systems hold data.")
        page.get_by_role("button", name="Show the notice").press("Enter")
        notice = page.get_by_label("What the person will be told")
        assert "Nine systems hold data." in notice.input_value()
        assert faults_of(page) == []
        page.get_by_role("button", name="Hand it to a manager").press("Enter")
        page.get_by_text("An extension waits for a manager.").wait_for()
        assert page.get_by_role("button", name="Approve and send").count() == 0
        assert page.locator(".clock dl.days strong").inner_text() == before
    with quiet_page(chromium) as page:
        sign_in(page, portal)
        page.goto(path)
        assert faults_of(page) == []
        page.get_by_label("What the person will be told").press("End")
        page.get_by_role("button", name="Approve and send").press("Enter")
        page.get_by_text("Extended. The notice is on its way to the person.").wait_for()
        page.locator(".clock .pill", has_text="extended").wait_for()
        assert page.locator(".clock dl.days strong").inner_text() != before
        page.get_by_text("Why this date?").press("Enter")
        page.get_by_text("Extended by 2 months").wait_for()


def test_the_answer_is_put_in_place_while_somebody_writes_a_note(chromium, portal):
    request_id = do(portal, "result = SubjectRequest.objects.get(name='Jo-Ann Example', status='in_progress').pk")
    search = f"SourceSearch.objects.filter(request={request_id}, source__slug='grants')"
    do(portal, f"result = {search}.update(state='running', percent=40, step='Reading Your profile')")
    with quiet_page(chromium) as page:
        sign_in(page, portal, "processor")
        page.goto(f"{portal.url}/console/{REQUEST}/{request_id}/change/")
        page.get_by_text("Reading Your profile").wait_for()
        page.get_by_placeholder("A note").fill("Half a sentence")
        do(portal, f"result = {search}.update(percent=80, step='Reading Your searches')")
        page.get_by_text("Reading Your searches").wait_for()
        do(portal, f"result = {search}.update(state='done', percent=100, step='')")
        page.get_by_text("Reading Your searches").wait_for(state="detached")
        assert page.get_by_placeholder("A note").input_value() == "Half a sentence"
        page.get_by_role("button", name="Keep the note").click()
        page.get_by_text("Half a sentence").wait_for()


def test_a_page_is_drawn_anew_once_the_request_has_ended(chromium, portal):
    request_id = do(portal, "result = SubjectRequest.objects.get(name='Jo-Ann Example', status='in_progress').pk")
    requests = f"SubjectRequest.objects.filter(pk={request_id})"
    search = f"SourceSearch.objects.filter(request={request_id}, source__slug='saas')"
    do(portal, f"result = {search}.update(state='running')")
    with quiet_page(chromium) as page:
        sign_in(page, portal)
        page.goto(f"{portal.url}/console/{REQUEST}/{request_id}/change/")
        page.get_by_role("link", name="Refuse").wait_for()
        do(portal, f"result = {requests}.update(status='withdrawn')")
        page.get_by_role("link", name="Refuse").wait_for(state="detached")
        page.get_by_text("Withdrawn").first.wait_for()
    do(portal, f"{search}.update(state='done')\nresult = {requests}.update(status='in_progress')")


def test_menus_open_and_close_by_the_keyboard(chromium, portal):
    with quiet_page(chromium) as page:
        sign_in(page, portal)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.goto(f"{portal.url}/console/{REQUEST}/")
        deadline = page.locator("summary", has_text="Deadline")
        deadline.focus()
        page.keyboard.press("Enter")
        overdue = page.get_by_role("link", name="Overdue")
        overdue.wait_for()
        page.keyboard.press("Escape")
        assert not overdue.is_visible()
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        page.keyboard.press("Enter")
        overdue.press("Enter")
        page.wait_for_url("**/?due=overdue")


def test_all_requests_of_a_page_are_selected_by_one_tick(chromium, portal):
    with quiet_page(chromium) as page:
        sign_in(page, portal, "processor")
        page.goto(f"{portal.url}/console/{REQUEST}/?status=submitted")
        count = page.get_by_role("checkbox", name="Select DSR-").count()
        assert count > 1
        page.get_by_label("Select all on this page").check()
        page.get_by_text(f"{count} selected:").wait_for()
        page.get_by_role("checkbox", name="Select DSR-").first.uncheck()
        page.get_by_text(f"{count - 1} selected:").wait_for()
        page.get_by_role("button", name="Assign to me").click()
        page.get_by_text(re.compile(rf"^{count - 1} requests? (is|are) assigned to you")).wait_for()


def test_the_colours_chosen_are_kept(chromium, portal):
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    with quiet_page(chromium, color_scheme="light") as page:
        sign_in(page, portal)
        light = page.evaluate(ground)
        page.locator(".account summary").click()
        page.get_by_role("button", name="Dark").click()
        dark = page.evaluate(ground)
        assert dark != light
        page.goto(f"{portal.url}/console/{REQUEST}/")
        assert page.evaluate(ground) == dark
        page.locator(".account summary").click()
        page.get_by_role("button", name="System").click()
        assert page.evaluate(ground) == light


def test_whoever_tries_the_demonstration_as_ann_may_ask_for_what_she_asked_before(chromium, portal):
    with quiet_page(chromium, viewport=DESKTOP) as page:
        asked = int(str(do(portal, f"{submission('ann@example.test')}\n{NEWEST_OF_ANN}")))
        page.goto(f"{portal.url}/c/{token(portal, asked)}")
        page.get_by_role("button", name="Yes, begin with my request").click()
        page.get_by_role("heading", name="Your request is confirmed").wait_for()
