"""What a representative must not be told, given or let do: by no mail, letter, link, button or direct call."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail as outbox
from django.urls import reverse
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, conversation, delivery, links, posting, representing, tasks
from requests_app.letters.notices import NOTICES, Reader
from requests_app.models import Message, OutboxMail, Recipient, Representative, SecureLink, Upload
from requests_app.notifications import queue_mail
from requests_app.pages.urls import urlpatterns
from requests_app.posting import StrangersLetter
from requests_app.representing import ANSWERS, BUSINESS, BY_LINK_ALONE, EVERYBODY, OF_AUTHORITY, NotAddressee
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.conversation.test_writing import a_file
from tests.requests_app.mandates.people import ADDRESS, LENA, accepted, processor
from tests.requests_app.portal import ANN, acts, an_export, send_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
REPRESENTATIVE, PURPOSE = Recipient.REPRESENTATIVE, SecureLink.Purpose
YESTERDAY = {"valid_until": timezone.localdate() - timedelta(days=1)}
OUT_OF_SCOPE = {
    "not decided": {"state": "waiting", "decided_at": None},
    "refused": {"state": "refused"},
    "ended": {"state": "ended"},
    "over": YESTERDAY,
    "for another right": {"rights": ["erasure"]},
}
NOTICES_TO_PEOPLE = sorted(name for name, notice in NOTICES.items() if notice.reader is Reader.PERSON)
THEIRS = sorted(BUSINESS | ANSWERS)
SECRET = "Only Ann may read this."
TOKEN_ROUTES = {
    pattern.name: (1,) * (len(pattern.pattern.converters) - 1)
    for pattern in urlpatterns
    if "token" in pattern.pattern.converters
}


@pytest.fixture
def request_():
    """A request of which a lawyer, accepted, conducts the case and gets the answer."""
    request = accepted()
    send_mails()
    outbox.outbox.clear()
    return request


def now(**changed: object) -> None:
    """Let something else be so of the authority from now on."""
    Representative.objects.update(**changed)


def by_post() -> None:
    """Let the representative have no mailbox, so that letters are posted to them."""
    now(email="", postal_address="Elm Street 4\n12345 Springfield")


def to_lena() -> list[object]:
    """Send what waits, and give what reached the representative."""
    send_mails()
    return [message for message in outbox.outbox if message.to == [LENA]]


def all_that_is(request) -> tuple[object, ...]:
    """Give all that somebody could change by a link."""
    request.refresh_from_db()
    found = Representative.objects.values().get()
    new_links = SecureLink.objects.exclude(purpose=PURPOSE.STATUS, recipient=REPRESENTATIVE)  # to their own page
    counts = (Message.objects.count(), Upload.objects.count(), new_links.count(), OutboxMail.objects.count())
    return request.status, request.details, found, counts, Message.objects.filter(read_at=None).count()


def an_export_of(request, purpose=PURPOSE.DOWNLOAD):
    """Put files of a request into the storage, for a link of a purpose that needs some."""
    if purpose not in {PURPOSE.DOWNLOAD, PURPOSE.TRANSFER}:
        return None
    export = an_export(b"files", expires_at=timezone.now() + timedelta(days=3))
    type(export).objects.filter(pk=export.pk).update(request=request)
    export.refresh_from_db()
    return export


@pytest.mark.parametrize("case", OUT_OF_SCOPE)
def test_no_notice_is_queued_for_them_by_a_direct_call(request_, case):
    now(**OUT_OF_SCOPE[case])
    before = OutboxMail.objects.count()
    for template in NOTICES_TO_PEOPLE:
        if template in OF_AUTHORITY:
            continue
        assert REPRESENTATIVE not in representing.addressees(request_, template), template
        with pytest.raises(NotAddressee):
            queue_mail(request_.pk, template, recipient=REPRESENTATIVE)
    assert OutboxMail.objects.count() == before


def test_of_an_answer_that_is_not_theirs_they_are_told_nothing(request_):
    now(receives_answer=False)
    for template in NOTICES_TO_PEOPLE:
        is_theirs = template in BUSINESS | OF_AUTHORITY | EVERYBODY
        assert (REPRESENTATIVE in representing.addressees(request_, template)) == is_theirs, template


@pytest.mark.parametrize("case", [*OUT_OF_SCOPE, "not their answer"])
def test_what_waits_in_the_outbox_when_their_authority_ends_does_not_reach_them(request_, case):
    templates = (
        sorted(ANSWERS - {"download_code"}) if case == "not their answer" else [t for t in THEIRS if "code" not in t]
    )
    mails = [queue_mail(request_.pk, template) for template in templates]
    assert {mail.recipient for mail in mails} == {REPRESENTATIVE}
    now(**OUT_OF_SCOPE.get(case, {"receives_answer": False}))
    assert to_lena() == []
    assert acts(request_.pk).count("mail.dropped") >= len(mails)


@pytest.mark.parametrize("case", [*OUT_OF_SCOPE, "not their answer"])
def test_a_letter_that_waits_to_be_posted_when_their_authority_ends_is_not_printed(request_, case):
    by_post()
    letter = queue_mail(request_.pk, "completed")
    assert (letter.recipient, letter.is_letter) == (REPRESENTATIVE, True)
    now(**OUT_OF_SCOPE.get(case, {"receives_answer": False}))
    client = signed_in("Processor")
    page = client.get(url("requests.mail_letter", request_.pk, letter.pk), follow=True)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "is not the representative's any more" in words(page)
    with pytest.raises(StrangersLetter):
        posting.note_posted(letter.pk, timezone.localdate(), actor=processor())
    client.post(url("requests.posted", request_.pk, letter.pk), {"day": str(timezone.localdate())})
    letter.refresh_from_db()
    assert letter.is_to_post
    client.post(url("requests.leave_letter", request_.pk, letter.pk))
    anew = OutboxMail.objects.get(request=request_, template="completed", pk__gt=letter.pk)
    assert (anew.recipient, anew.is_letter) == (Recipient.PERSON, False)


def test_a_letter_that_was_printed_in_time_is_still_noted_as_posted(request_):
    by_post()
    letter = queue_mail(request_.pk, "completed")
    client = signed_in("Processor")
    assert client.get(url("requests.mail_letter", request_.pk, letter.pk)).content.startswith(b"%PDF")
    now(state="ended")
    posting.note_posted(letter.pk, timezone.localdate(), actor=processor())
    letter.refresh_from_db()
    assert letter.posted_on


@pytest.mark.parametrize("template", sorted(BY_LINK_ALONE))
def test_what_is_nothing_on_paper_is_not_written_to_them_by_post(request_, template):
    by_post()
    assert representing.addressees(request_, template) == (Recipient.PERSON,)


@pytest.mark.parametrize("case", [*OUT_OF_SCOPE, "not their answer"])
def test_no_button_sends_again_what_was_theirs(request_, case):
    mail = queue_mail(request_.pk, "completed")
    assert len(to_lena()) == 1
    now(**OUT_OF_SCOPE.get(case, {"receives_answer": False}))
    client = signed_in("Manager")
    client.post(url("requests.retry_mail", request_.pk, mail.pk))
    client.post(url("requests.renew_links", request_.pk), {"reason": "One may have gone astray."})
    assert [message.template for message in OutboxMail.objects.filter(pk__gt=mail.pk, template="completed")] == []
    told = to_lena()[1:]
    assert len(told) == (1 if case == "not their answer" else 0)  # new links to their own page
    assert not [message for message in told if "/d/" in message.body]


@pytest.mark.parametrize("case", OUT_OF_SCOPE)
def test_no_link_of_theirs_shows_gives_or_changes_anything(client, request_, case):
    conversation.write(request_.pk, SECRET, [a_file()], actor=processor())
    send_mails()
    upload = Upload.objects.get(kind=Upload.Kind.MESSAGE)
    known = {"lifetime": timedelta(days=1), "recipient": REPRESENTATIVE}
    tokens = [links.mint(request_, purpose, export=an_export_of(request_, purpose), **known) for purpose in PURPOSE]
    now(**OUT_OF_SCOPE[case])
    before = all_that_is(request_)
    typed = {"text": " ", "say": "yes", "up_to": "99", "export": "1", "seen": "", "code": "1", "formats": ["json"]}
    for route, arguments in TOKEN_ROUTES.items():
        numbers = (upload.pk,) if route == "status-message-file" else arguments
        for token in tokens:
            for answer in (
                client.get(reverse(route, args=[token, *numbers])),
                client.post(reverse(route, args=[token, *numbers]), typed),
            ):
                shown = b"".join(answer.streaming_content) if answer.streaming else answer.content
                assert answer.status_code >= 300 or case == "not decided", route
                assert SECRET not in shown.decode(errors="replace"), route
                assert ANN not in shown.decode(errors="replace"), route
                assert "attachment" not in answer.headers.get("Content-Disposition", ""), route
    assert all_that_is(request_) == before


@pytest.mark.parametrize("case", [*OUT_OF_SCOPE, "not their answer"])
def test_no_file_is_given_by_a_link_of_theirs(request_, case):
    export = an_export_of(request_)
    token = links.mint(request_, PURPOSE.DOWNLOAD, export=export, lifetime=timedelta(days=1), recipient=REPRESENTATIVE)
    assert delivery.offer(token, address=ADDRESS).request == request_
    now(**OUT_OF_SCOPE.get(case, {"receives_answer": False}))
    for give in (
        lambda: delivery.offer(token, address=ADDRESS),
        lambda: delivery.describe(token, address=ADDRESS),
        lambda: delivery.begin(token, address=ADDRESS, agent="tests"),
        lambda: delivery.send_code(token, address=ADDRESS),
        lambda: delivery.confirm_code(token, "ABCD-EFGH", address=ADDRESS),
    ):
        with pytest.raises(links.EndedAuthority):
            give()
    assert not export.downloads.exists()


@pytest.mark.parametrize("case", OUT_OF_SCOPE)
def test_no_direct_call_reads_or_answers_for_them(request_, case):
    conversation.write(request_.pk, SECRET, [a_file()], actor=processor())
    upload = Upload.objects.get(kind=Upload.Kind.MESSAGE)
    now(**OUT_OF_SCOPE[case])
    assert conversation.conversation(request_, REPRESENTATIVE) == []
    assert conversation.find_file(request_, upload.pk, REPRESENTATIVE) is None
    assert conversation.note_read(request_, 10**6, actor=audit.REPRESENTATIVE) == 0
    if case in {"not decided", "for another right"}:
        return  # whoever asks may still write to the team, which decides
    with pytest.raises(DsrError):
        conversation.reply(request_.pk, "I am still here", actor=audit.REPRESENTATIVE)
    assert Message.objects.filter(kind=Message.Kind.FROM_PERSON).count() == 0


def test_mails_are_queued_by_one_module_which_asks_whose_they_are():
    root = Path(__file__).resolve().parents[2] / "requests_app"
    writers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "migrations" not in path.parts and any(map(_queues_mail, ast.walk(ast.parse(path.read_text()))))
    }
    assert writers == {"notifications.py"}


def _queues_mail(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return called == "OutboxMail" or called.startswith(("OutboxMail.objects.create", "OutboxMail.objects.bulk_create"))


def test_in_scope_they_are_told_what_is_theirs(request_):
    for template in ("completed", "question", "progress"):
        assert tasks.send_mail(queue_mail(request_.pk, template).pk) is None
    assert len(to_lena()) >= 1
