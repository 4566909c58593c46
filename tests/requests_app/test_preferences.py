"""What people switch by themselves: off by an objection of its own, on again by taking back all that stands."""

from __future__ import annotations

import pytest

from requests_app import preferences, sources
from requests_app.assertions import Assertion
from requests_app.limits import LimitReached
from requests_app.models import (
    Channel,
    Identifier,
    IdentityRule,
    Right,
    SourceChange,
    Status,
    SubjectRequest,
    Suppression,
)
from requests_app.preferences import ALL, ANALYTICS, MARKETING, NotSwitchable
from requests_app.proofs import known_rules
from tests.requests_app import objections as an
from tests.requests_app.portal import ANN, BOB, acts, send_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
PAGE, CONFIRMED = Suppression.LiftedWay.PREFERENCE, Suppression.LiftedWay.CONFIRMED
SIGNAL = {"Sec-GPC": "1"}


@pytest.fixture
def shop(sqlite_url):
    an.a_shop(sqlite_url)
    return sqlite_url


@pytest.fixture
def person():
    return preferences.person_of(an.known_person(place="US-CA"))


def shown(person):
    return {str(item.scope): item.is_on for item in preferences.preferences_of(person)}


def objections():
    return list(SubjectRequest.objects.filter(right=Right.OBJECTION).order_by("pk"))


def test_what_is_switched_off_is_an_objection_that_is_proven_and_done_by_itself(shop, person):
    made = preferences.switch_off(person, MARKETING)
    assert shown(person) == {"marketing": False, "analytics": True}
    an.work()
    made.refresh_from_db()
    assert (made.status, made.outcome, made.channel) == (Status.COMPLETED, "full", Channel.PREFERENCE)
    assert an.ann(shop) == an.MARKETING_OFF
    assert {"request.submitted", "identity.proven", "request.verified", "suppression.entered"} <= set(acts(made.pk))
    assert [mail.template for mail in made.mails.order_by("pk")] == ["objected"]


def test_statistics_stop_at_once_where_people_switch_them_themselves(shop, person):
    preferences.switch_off(person, ANALYTICS)
    an.work()
    assert an.ann(shop) == an.ANALYTICS_OFF


def test_what_the_operator_keeps_to_be_weighed_is_not_switched(shop, person, settings):
    settings.DSR_PREFERENCES = ("marketing",)
    with pytest.raises(NotSwitchable):
        preferences.switch_off(person, ANALYTICS)
    with pytest.raises(NotSwitchable):
        preferences.switch_off(person, ALL)
    assert not objections()


def test_switched_on_again_everything_is_as_it_was(shop, person):
    preferences.switch_off(person, MARKETING)
    preferences.switch_off(person, ANALYTICS)
    an.work()
    assert preferences.switch_on(person, MARKETING, way=PAGE) == 1
    assert preferences.switch_on(person, ANALYTICS, way=PAGE) == 1
    assert shown(person) == {"marketing": True, "analytics": True}
    an.work()
    assert an.ann(shop) == an.BEFORE[0]
    assert an.history() == [("marketing", False, "preference"), ("analytics", False, "preference")]


def test_what_is_switched_on_before_a_worker_came_never_changes_a_source(shop, person):
    made = preferences.switch_off(person, MARKETING)
    preferences.switch_on(person, MARKETING, way=PAGE)
    an.work()
    assert an.ann(shop) == an.BEFORE[0]
    assert an.status_of(made) == Status.WITHDRAWN
    assert not send_mails()


def test_off_on_and_off_again_is_off_whenever_the_workers_come(shop, person):
    preferences.switch_off(person, MARKETING)
    an.work()
    preferences.switch_on(person, MARKETING, way=PAGE)
    preferences.switch_off(person, MARKETING)
    an.work()
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF
    assert shown(person)["marketing"] is False
    preferences.switch_on(person, MARKETING, way=PAGE)
    an.work()
    assert an.ann(shop) == an.BEFORE[0]


def test_a_mark_that_comes_before_the_lifting_of_the_one_before_holds(shop, person):
    preferences.switch_off(person, MARKETING)
    an.work()
    preferences.switch_on(person, MARKETING, way=PAGE)
    preferences.switch_off(person, MARKETING)
    for change in reversed(SourceChange.objects.open().order_by("pk")):
        an.tasks.change_source(change.pk)
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF


def test_what_came_by_the_form_is_taken_back_on_the_page_too(shop):
    request = an.an_objection()
    an.work()
    person = preferences.person_of(request)
    assert shown(person) == {"marketing": False, "analytics": True}
    preferences.switch_on(person, MARKETING, way=PAGE)
    an.work()
    assert an.ann(shop) == an.BEFORE[0]


def test_an_objection_to_everything_goes_on_when_advertising_alone_is_allowed_again(shop):
    request = an.an_objection("all")
    an.work()
    preferences.switch_on(preferences.person_of(request), MARKETING, way=PAGE)
    an.work()
    assert an.ann(shop) == an.BEFORE[0]
    assert an.status_of(request) == Status.IN_PROGRESS, "the rest is still to be weighed"


def test_an_entry_whose_request_is_gone_is_lifted_by_itself(person):
    preferences.switch_off(person, MARKETING)
    Suppression.objects.update(request=None)
    preferences.switch_on(person, MARKETING, way=PAGE)
    assert shown(person)["marketing"] is True


def test_nobody_elses_choice_is_touched(shop, person):
    bob = preferences.person_of(an.known_person(email=BOB))
    preferences.switch_off(bob, MARKETING)
    preferences.switch_off(person, MARKETING)
    preferences.switch_on(person, MARKETING, way=PAGE)
    assert shown(bob)["marketing"] is False
    assert preferences.history_of(person)[0].is_on
    assert len(preferences.history_of(bob)) == 1


def test_the_history_says_when_and_by_which_way(person):
    made = preferences.switch_off(person, MARKETING)
    preferences.switch_on(person, MARKETING, way=PAGE)
    on, off = preferences.history_of(person)
    assert (off.is_on, off.way, off.reference) == (False, "the preference page", made.reference)
    assert (on.is_on, on.way) == (True, "the preference page")
    assert on.at >= off.at


def test_what_somebody_typed_without_proof_is_not_the_persons_elsewhere():
    request = an.an_objection(place="US-CA")
    Identifier.objects.create(request=request, kind="user_id", value="2")
    assert preferences.person_of(request).known_by == (("email", ANN),)


def test_where_more_than_the_mailbox_is_asked_for_it_is_asked_for_here_too(person):
    known_rules()
    line = {"checks": ["mailbox", "document"], "why": "It matters here."}
    IdentityRule.objects.update_or_create(right="objection", place="US-CA", defaults=line)
    made = preferences.switch_off(person, MARKETING)
    assert an.status_of(made) == Status.SUBMITTED
    assert shown(person)["marketing"] is True
    assert preferences.switch_off(person, MARKETING).pk == made.pk, "not a second one"


def test_a_signal_of_the_browser_is_an_objection_once(shop, person):
    made = preferences.honour_signal(person, SIGNAL)
    assert made.channel == Channel.SIGNAL
    assert preferences.honour_signal(person, SIGNAL) is None
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF
    assert preferences.history_of(person)[0].way == "a signal of the browser"


@pytest.mark.parametrize("place", ["", "DE", "US", "US-VA", "US-TN"])
def test_where_no_law_says_so_the_signal_is_none_unless_the_operator_wants_it(place, settings):
    person = preferences.person_of(an.known_person(place=place))
    assert preferences.honour_signal(person, SIGNAL) is None
    settings.DSR_GPC = "all"
    assert preferences.honour_signal(person, SIGNAL)


@pytest.mark.parametrize("value", ["0", "", "true", "1, 1"])
def test_only_a_one_is_a_signal(person, value):
    assert preferences.honour_signal(person, {"Sec-GPC": value}) is None


def test_who_allowed_advertising_against_the_signal_is_not_asked_again(person):
    preferences.honour_signal(person, SIGNAL)
    preferences.switch_on(person, MARKETING, way=CONFIRMED)
    assert preferences.honour_signal(person, SIGNAL) is None
    preferences.switch_off(person, MARKETING)
    preferences.switch_on(person, MARKETING, way=PAGE)
    assert preferences.honour_signal(person, SIGNAL), "what was allowed without the signal, it takes back"


def test_who_is_signed_in_elsewhere_is_known_by_their_account_too(shop):
    an.known_person(place="US-CO")
    person = preferences.signed_in(Assertion("1", ANN, "Ann"), place="", language="en")
    made = preferences.honour_signal(person, SIGNAL)
    an.work()
    assert an.ann(shop) == an.MARKETING_OFF
    assert set(made.identifiers.values_list("kind", "proof")) == {("email", "assertion"), ("user_id", "assertion")}


def test_nobody_switches_without_end(person, monkeypatch):
    monkeypatch.setattr(preferences, "MOST_SWITCHES_AN_HOUR", 2)
    preferences.switch_off(person, MARKETING)
    preferences.switch_on(person, MARKETING, way=PAGE)
    with pytest.raises(LimitReached):
        preferences.switch_off(person, MARKETING)
    assert preferences.honour_signal(person, SIGNAL) is None


def test_the_link_is_mailed_to_who_is_known_and_nobody_else():
    an.known_person()
    for email in (ANN.upper(), BOB):
        preferences.send_link(email, address=None)
    (message,) = send_mails()
    assert message.to == [ANN]
    assert "/p/" in message.body


@pytest.mark.parametrize("fields", [{"outcome": "spam"}, {"pseudonymised_at": "2026-01-01T00:00:00Z"}])
def test_no_link_is_mailed_for_what_was_spam_or_is_forgotten(fields):
    request = an.known_person()
    SubjectRequest.objects.filter(pk=request.pk).update(**fields)
    preferences.send_link(ANN, address=None)
    assert not send_mails()


def test_the_link_is_mailed_a_few_times_a_day():
    an.known_person()
    for _ in range(5):
        preferences.send_link(ANN, address=None)
    assert len(send_mails()) == preferences.MOST_MAILS_A_DAY


def test_two_who_switch_off_at_once_make_one_objection(postgres_portal, at_once, tmp_path):
    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    an.a_shop(url)
    person = preferences.person_of(an.known_person(place="US-CA"))
    done = at_once(
        lambda: preferences.switch_off(person, MARKETING),
        lambda: preferences.honour_signal(person, SIGNAL),
        lambda: preferences.switch_off(person, MARKETING),
    )
    assert sum(made is not None for made in done) == 1
    assert len(objections()) == 1
    an.work()
    assert an.ann(url) == an.MARKETING_OFF


def test_off_and_on_at_once_end_as_one_of_them(postgres_portal, at_once, tmp_path):
    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    source = an.a_shop(url)
    person = preferences.person_of(an.known_person())
    preferences.switch_off(person, MARKETING)
    an.work()
    at_once(
        lambda: preferences.switch_on(person, MARKETING, way=PAGE),
        lambda: preferences.switch_off(person, MARKETING),
    )
    an.work()
    an.work()
    is_on = shown(person)["marketing"]
    assert an.ann(url) == (an.BEFORE[0] if is_on else an.MARKETING_OFF)
    assert sources.url_of(source)
