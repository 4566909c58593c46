from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, links
from requests_app.models import Download, Leased, Right, SecureLink, SourceSearch, Status
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import (
    ANN,
    a_refusal,
    a_request,
    a_source,
    acts,
    collected,
    confirmed,
    released,
    submitted,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def path_of(request, days: int = 7) -> str:
    return f"/r/{links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=days))}"


def current_step(page) -> str:
    (step,) = [step.label for step in page.context["standing"].steps if step.state == "current"]
    return step


def test_the_page_says_what_was_asked_and_when_it_is_due(client):
    request = confirmed(right=Right.ERASURE)
    type(request).objects.filter(pk=request.pk).update(
        details="<b>4711</b>", due_on=timezone.localdate() + timedelta(days=9)
    )
    page = client.get(path_of(request))
    words = text_of(page)
    assert page.status_code == 200
    for said in (request.reference, "Erase my data", "Confirmed", "9 days left", "&lt;b&gt;4711&lt;/b&gt;"):
        assert said in words


@pytest.mark.parametrize(("days", "said"), [(1, "tomorrow"), (0, "today"), (-1, "We are late")])
def test_the_page_admits_what_is_due_or_late(client, days, said):
    request = a_request(due_on=timezone.localdate() + timedelta(days=days))
    assert said in text_of(client.get(path_of(request)))


def test_the_steps_follow_the_request(client, tmp_path):
    assert current_step(client.get(path_of(submitted("bob@example.test")))) == "Confirmed"
    a_source(tmp_path)
    request = confirmed()
    path = path_of(request)
    assert current_step(client.get(path)) == "Collecting"
    SourceSearch.objects.filter(request=request).update(state=Leased.State.DONE)
    assert current_step(client.get(path)) == "Review"


def test_the_steps_of_what_is_worked_by_hand_are_its_own(client):
    request = a_request(Status.IN_PROGRESS, right=Right.OBJECTION)
    page = client.get(path_of(request))
    assert current_step(page) == "In progress"
    assert "Collecting" not in text_of(page)


@pytest.mark.parametrize("status", [Status.REJECTED, Status.WITHDRAWN, Status.LAPSED, Status.ARCHIVED])
def test_what_has_ended_shows_how_and_no_steps(client, status):
    request = a_request(status, decision="We keep invoices for ten years.")
    page = client.get(path_of(request))
    words = text_of(page)
    assert page.context["standing"].labels == ()
    assert request.get_status_display() in words
    assert ("ten years" in words) == (status in {Status.REJECTED, Status.ARCHIVED})
    assert ("go to court" in words) == (status == Status.REJECTED)


def test_the_progress_is_told_to_the_page_alone(client, tmp_path):
    a_source(tmp_path)
    request = confirmed()
    SourceSearch.objects.filter(request=request).update(percent=50)
    path = path_of(request)
    answer = client.get(f"{path}/live")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.json() == {
        "status": "in_progress",
        "status_label": "In progress",
        "percent": 40,
        "step": "Collecting your data: 0 of 1 systems done",
        "seconds_left": None,
        "time_left": "",
        "is_live": True,
        "steps_done": 2,
    }
    assert f'data-live="{path}/live"' in client.get(path).content.decode()
    SourceSearch.objects.filter(request=request).update(state=Leased.State.DONE)
    assert client.get(f"{path}/live").json()["is_live"] is False
    assert "data-live" not in client.get(path).content.decode()


def test_the_time_left_stands_on_the_page_and_a_reload_shows_how_it_goes_on(client, tmp_path):
    a_source(tmp_path)
    request = confirmed()
    now = timezone.now()
    begun = {"started_at": now - timedelta(seconds=100), "claimable_at": now + timedelta(seconds=60)}
    searches = SourceSearch.objects.filter(request=request)
    searches.update(state=Leased.State.RUNNING, percent=50, estimates={"orders": 20}, estimated_records=20, **begun)
    searches.update(records=10)
    path = path_of(request)
    told = client.get(f"{path}/live").json()
    assert 99 <= told["seconds_left"] <= 103
    assert (told["percent"], told["time_left"]) == (40, "about 2 minutes left")
    assert told["step"] == "Collecting your data: 10 of about 20 records, 0 of 1 systems done"
    page = client.get(path).content.decode()
    assert "about 2 minutes left" in page
    assert '<noscript><p><a href="">See how far it is now</a></p></noscript>' in page


def test_the_files_are_one_click_away(client, tmp_path):
    a_source(tmp_path)
    export = released()
    path = path_of(export.request)
    page = client.get(path)
    assert "Your files are ready" in text_of(page)
    assert "Available until" in text_of(page)
    leads_to = client.post(f"{path}/download")
    assert leads_to.status_code == 302
    assert not Download.objects.exists()
    assert "Your files are ready" in text_of(client.get(leads_to.url))
    assert b"".join(client.post(leads_to.url).streaming_content).startswith(b"PK")
    assert "The files were downloaded" in text_of(client.get(path))


def test_files_that_are_gone_are_not_offered(client, tmp_path):
    a_source(tmp_path)
    export = released()
    path = path_of(export.request)
    type(export).objects.update(expires_at=timezone.now())
    assert "Available until" not in text_of(client.get(path))
    answer = client.post(f"{path}/download")
    assert (answer.status_code, answer.url) == (302, path)


def test_files_to_be_had_once_are_not_offered_again(client, tmp_path, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    a_source(tmp_path)
    export = released()
    path = path_of(export.request)
    assert b"".join(client.post(client.post(f"{path}/download").url).streaming_content)
    assert "They were downloaded" in text_of(client.get(path))
    assert client.post(f"{path}/download").url == path


def test_links_made_beforehand_give_files_to_be_had_once_no_second_time(client, tmp_path, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    a_source(tmp_path)
    path = path_of(released().request)
    first, second = (client.post(f"{path}/download").url for _ in range(2))
    assert b"".join(client.post(first).streaming_content)
    assert client.post(second).status_code == 410


def test_the_history_tells_what_concerns_the_person(client, tmp_path):
    a_source(tmp_path)
    request = collected()
    audit.record("records.viewed", audit.SYSTEM, request_id=request.pk)
    audit.record("mail.sent", audit.SYSTEM, request_id=request.pk, mail="received")
    events = [event.words for event in client.get(path_of(request)).context["history"]]
    assert events == [
        "We mailed you the link to this page",
        "All systems were searched",
        "Work on it began",
        "You confirmed your mailbox",
        "We mailed you the link to confirm",
        "You sent the request",
    ]


def test_other_confirmed_requests_of_the_mailbox_are_listed(client):
    request = confirmed(right=Right.ERASURE)
    other = confirmed(right=Right.OBJECTION)
    unconfirmed = submitted(right=Right.RESTRICTION)
    foreign = confirmed("bob@example.test", Right.OBJECTION)
    words = text_of(client.get(path_of(request)))
    assert other.reference in words
    assert unconfirmed.reference not in words
    assert foreign.reference not in words


def test_withdrawing_asks_first(client):
    request = confirmed(right=Right.ERASURE)
    path = path_of(request)
    assert "Withdraw this request?" in text_of(client.get(f"{path}/withdraw"))
    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS
    answer = client.post(f"{path}/withdraw")
    assert (answer.status_code, answer.url) == (302, path)
    request.refresh_from_db()
    assert request.status == Status.WITHDRAWN
    assert "This request was withdrawn" in text_of(client.get(path))
    assert acts(request.pk)[-1] == "request.withdrawn"


def test_what_is_over_cannot_be_withdrawn(client):
    request = confirmed(right=Right.ERASURE)
    path = path_of(request)
    a_refusal(request)
    assert "Withdraw" not in text_of(client.get(path))
    for answer in (client.get(f"{path}/withdraw"), client.post(f"{path}/withdraw")):
        assert (answer.status_code, answer.url) == (302, path)
    request.refresh_from_db()
    assert request.status == Status.REJECTED


ROUTES = [("get", ""), ("get", "/live"), ("post", "/download"), ("get", "/withdraw"), ("post", "/withdraw")]


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_dead_link_opens_nothing_and_is_on_record(client, method, route):
    request = a_request(Status.VERIFIED, verified_at=timezone.now())
    ask = getattr(client, method)
    assert ask(f"/r/unknown{route}").status_code == 404
    assert ask(f"{path_of(request, days=-1)}{route}").status_code == 410
    foreign = links.mint(request, SecureLink.Purpose.CONFIRM, lifetime=timedelta(days=1))
    assert ask(f"/r/{foreign}{route}").status_code == 404
    request.refresh_from_db()
    assert request.status == Status.VERIFIED
    assert acts().count("link.refused") == 2
    assert acts(request.pk) == ["link.refused"]


@pytest.mark.parametrize(
    ("method", "route"), [("post", ""), ("post", "/live"), ("get", "/download"), ("put", "/withdraw")]
)
def test_other_methods_are_refused(client, method, route):
    assert getattr(client, method)(f"{path_of(a_request())}{route}").status_code == 405


def test_the_address_of_the_page_stays_secret(client):
    path = path_of(a_request())
    for response in (client.get(path), client.get(f"{path}/live"), client.get("/r/unknown")):
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_no_page_names_the_mailbox(client):
    request = confirmed(right=Right.ERASURE)
    assert ANN not in client.get(path_of(request)).content.decode()
