from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core import mail as outbox
from django.test import Client

from requests_app import assertions, tasks
from requests_app.assertions import ExpiredAssertion, RefusedAssertion, ReplayedAssertion
from requests_app.models import AuditEntry, Identifier, OutboxMail, Status, SubjectRequest, UsedAssertion
from tests.requests_app.identity.asked import asking_for, half_way
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import ANN, a_source, confirmed, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

SECRET = "a-secret-of-the-host-application-0123456789"
ISSUER, AUDIENCE = "https://shop.example.test", "https://privacy.example.test"
RSA, OTHER_RSA = (rsa.generate_private_key(65537, 2048) for _ in range(2))
EC = ec.generate_private_key(ec.SECP256R1())


def public(key) -> str:
    encoded = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return encoded.decode()


SIGNERS = {"HS256": (SECRET, SECRET), "RS256": (RSA, public(RSA)), "ES256": (EC, public(EC))}


@pytest.fixture(autouse=True)
def signer(settings):
    """Trust whoever signs by an algorithm; the usual one is HS256."""

    def trust(algorithm: str) -> None:
        settings.DSR_ASSERTION_ISSUER, settings.DSR_ASSERTION_AUDIENCE = ISSUER, AUDIENCE
        settings.DSR_ASSERTION_ALGORITHM, settings.DSR_ASSERTION_KEY = algorithm, SIGNERS[algorithm][1]

    trust("HS256")
    return trust


def claims(**changed) -> dict[str, object]:
    now = int(datetime.now(UTC).timestamp())
    known = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u-17", "email": ANN, "name": "Ann Example"}
    return {name: value for name, value in (known | {"iat": now, "exp": now + 300} | changed).items() if value != ...}


def signed(algorithm: str = "HS256", key=None, headers=None, **changed) -> str:
    return jwt.encode(claims(**changed), key or SIGNERS[algorithm][0], algorithm=algorithm, headers=headers)


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "ES256"])
def test_an_assertion_names_who_is_signed_in(signer, algorithm):
    signer(algorithm)
    assert assertions.take(signed(algorithm)) == assertions.Assertion("u-17", ANN, "Ann Example")


def test_an_assertion_is_taken_once():
    token = signed()
    assertions.take(token)
    with pytest.raises(ReplayedAssertion):
        assertions.take(token)


def test_a_signature_that_is_spelt_otherwise_is_the_same_assertion(signer):
    signer("ES256")
    token = signed("ES256")
    assertions.take(token)
    head, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    order = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)
    mirrored = raw[:32] + (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    other = f"{head}.{base64.urlsafe_b64encode(mirrored).rstrip(b'=').decode()}"
    assert other != token
    with pytest.raises(ReplayedAssertion):
        assertions.take(other)


def test_used_assertions_are_forgotten_once_they_have_expired():
    assertions.take(signed())
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        assertions.take(signed(sub="u-18"))
        assert UsedAssertion.objects.count() == 1


@pytest.mark.parametrize(
    ("late_seconds", "error"), [(0, None), (329, None), (331, ExpiredAssertion)], ids=["at once", "skewed", "late"]
)
def test_an_assertion_expires_but_for_the_skew_of_clocks(late_seconds, error):
    token = signed()
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=late_seconds), tick=False):
        if error:
            with pytest.raises(error):
                assertions.take(token)
        else:
            assertions.take(token)


NOW = 1_900_000_000
WRONG = {
    "another issuer": {"iss": "https://evil.example.test"},
    "another audience": {"aud": "https://other.example.test"},
    "no audience": {"aud": ...},
    "no subject": {"sub": ...},
    "an empty subject": {"sub": "  "},
    "a subject that is a list": {"sub": ["u-17"]},
    "no address": {"email": ...},
    "a word as address": {"email": "ann"},
    "two addresses": {"email": f"{ANN},eve@example.test"},
    "an endless address": {"email": "a" * 300 + "@example.test"},
    "a name that is a number": {"name": 17},
    "no end": {"exp": ...},
    "no beginning": {"iat": ...},
    "a day": {"exp": NOW + 86_400},
    "eleven minutes": {"exp": NOW + 660},
    "begun tomorrow": {"iat": NOW + 86_400, "exp": NOW + 86_500},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_an_assertion_must_say_it_says_rightly(case):
    with time_machine.travel(datetime.fromtimestamp(NOW, UTC), tick=False), pytest.raises(RefusedAssertion):
        assertions.take(signed(**WRONG[case]))
    assert not UsedAssertion.objects.exists()


def unsigned(head: dict[str, str]) -> str:
    parts = (json.dumps(head), json.dumps(claims()))
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


def test_no_other_algorithm_is_taken_whatever_the_head_says(signer):
    for trusted in SIGNERS:
        signer(trusted)
        for other in SIGNERS.keys() - {trusted}:
            with pytest.raises(RefusedAssertion):
                assertions.take(signed(other))
        for none in ("none", "None", "NONE", ""):
            with pytest.raises(RefusedAssertion):
                assertions.take(unsigned({"alg": none, "typ": "JWT"}))


def test_a_public_key_is_no_secret(signer):
    """The old trick: sign by HMAC with the public key, which everybody knows."""
    import hashlib
    import hmac

    signer("RS256")
    body = unsigned({"alg": "HS256", "typ": "JWT"}).rstrip(".")
    mac = hmac.new(public(RSA).encode(), body.encode(), hashlib.sha256).digest()
    with pytest.raises(RefusedAssertion):
        assertions.take(f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


def test_the_key_of_the_head_is_not_believed(signer):
    signer("RS256")
    headers = {"jwk": json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(OTHER_RSA.public_key())), "kid": "../../dev/null"}
    with pytest.raises(RefusedAssertion):
        assertions.take(signed("RS256", OTHER_RSA, headers=headers))


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "x" * 9000, "\x00"])
def test_what_is_no_assertion_is_refused(token):
    with pytest.raises(RefusedAssertion):
        assertions.take(token)


def test_without_a_key_nobody_is_believed(settings):
    token = signed()
    settings.DSR_ASSERTION_KEY = ""
    with pytest.raises(RefusedAssertion):
        assertions.take(token)


def handed_over(client: Client, **changed) -> str:
    """Bring an assertion as the page of the host application does; gives the voucher of the form."""
    page = client.post("/signed-in", {"assertion": signed(**changed), "right": "access"})
    assert page.status_code == 200
    return page.context["voucher"]


def asked(client: Client, voucher: str, **typed):
    return client.post("/signed-in/request", {"voucher": voucher, "right": "access", "terms": "on", **typed})


def test_whoever_is_signed_in_asks_without_a_mail_to_confirm(client, tmp_path):
    a_source(tmp_path)
    answer = asked(client, handed_over(client), email="eve@example.test", name="Eve")
    request = SubjectRequest.objects.get()
    assert (request.email, request.name, request.status) == (ANN, "Ann Example", Status.IN_PROGRESS)
    assert answer.url.startswith("/r/")
    assert client.get(answer.url).status_code == 200
    proofs = dict(request.identifiers.values_list("kind", "proof"))
    assert proofs == {Identifier.Kind.EMAIL: "assertion", Identifier.Kind.USER_ID: "assertion"}
    for mail in OutboxMail.objects.open():
        tasks.send_mail(mail.pk)
    assert [message.to for message in outbox.outbox] == [[ANN]]
    assert "received" in outbox.outbox[0].subject


def test_what_else_is_asked_for_is_still_asked_for(client, settings, tmp_path):
    asking_for("mailbox", "document", "assertion")
    answer = asked(client, handed_over(client))
    assert SubjectRequest.objects.get().status == Status.SUBMITTED
    assert "Picture of the document" in text_of(client.get(answer.url))


def test_an_unconfirmed_request_of_before_is_confirmed_by_it(client):
    asked(client, handed_over(client))
    assert SubjectRequest.objects.count() == 1


def test_nobody_vouches_for_what_a_stranger_typed_in_their_name(client):
    for _ in range(5):  # past the mails that one mailbox is sent, what is typed anew is not taken any more
        submitted(details="Send all of it to Eve.", formats=("xml",), place="US-CA")
    asked(client, handed_over(client), details="Only my orders, please.", place="DE")
    request = SubjectRequest.objects.get()
    assert (request.details, request.place) == ("Only my orders, please.", "DE")
    assert request.formats != ["xml"]


def test_what_the_mailbox_confirmed_is_not_typed_over_by_a_later_assertion(client):
    asking_for("mailbox", "document")
    half_way(right="access", details="As I wrote it.")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        asked(client, handed_over(client), details="Something else.")
    assert SubjectRequest.objects.get().details == "As I wrote it."


def test_one_request_of_a_kind_is_confirmed_a_day(client):
    confirmed()
    answer = asked(client, handed_over(client))
    assert answer.url == "/sent"
    assert SubjectRequest.objects.count() == 1


def test_a_replayed_assertion_shows_no_form(client):
    token = signed()
    assert client.post("/signed-in", {"assertion": token}).status_code == 200
    page = client.post("/signed-in", {"assertion": token})
    assert page.status_code == 403
    assert ANN not in page.content.decode()
    assert AuditEntry.objects.latest("pk").details == {"reason": "replayed"}


@pytest.mark.parametrize("voucher", ["", "x", "WyJ1Il0:1abc:sig"])
def test_a_voucher_that_the_portal_did_not_write_is_refused(client, voucher):
    assert asked(client, voucher).status_code == 403
    assert not SubjectRequest.objects.exists()


def test_a_voucher_is_good_for_half_an_hour(client):
    voucher = handed_over(client)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=31)):
        assert asked(client, voucher).status_code == 403


def test_only_the_hand_over_needs_no_token_against_forgery():
    client = Client(enforce_csrf_checks=True)
    voucher = handed_over(client)
    assert asked(client, voucher).status_code == 403
    assert not SubjectRequest.objects.exists()


def test_an_assertion_never_stands_in_an_address(client):
    answer = client.get("/signed-in", {"assertion": signed()})
    assert (answer.status_code, answer.url) == (302, "/")
    assert not UsedAssertion.objects.exists()


def test_the_trail_names_nobody(client):
    asked(client, handed_over(client))
    told = str(list(AuditEntry.objects.values()))
    assert ANN not in told
    assert "u-17" not in told
