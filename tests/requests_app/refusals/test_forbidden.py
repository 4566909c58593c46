"""What a law never lets be given out is withheld by itself, in every format, and named by its kind."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import zipfile
from contextlib import closing

import pytest

from extractors.batches import Collection, Field, Kind, Source
from requests_app import review, sources, tasks
from requests_app.audit import Actor
from requests_app.deadlines.rules import shipped_rules
from requests_app.models import DataSource, Export, OutboxMail, Outcome, SourceSearch, SubjectRequest
from requests_app.refusals.forbidden import Forbidden, _meant, forbidden_to
from requests_app.rendering.redacting import Overlay, Withheld
from requests_app.timekeeping import clock
from tests.requests_app.portal import ANN, a_request, confirmed, downloaded, send_mails, staff, the_controller, token_in

pytestmark = pytest.mark.django_db
CALIFORNIA = next(rule for rule in shipped_rules() if rule.code == "US-CA")
ALL = Forbidden(CALIFORNIA.never_disclose, "11 CCR § 7024(d)")
SSN, PASSPORT, ACCOUNT, ANSWER = "078-05-1120", "P4711815X", "9988776655", "Rosebud-the-sledge"
FORMATS = ("html", "pdf", "json", "csv", "xml", "xlsx")
MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    identifiers: {email: email}
    fields:
      code: {category: Social Security Number}
"""


def a_field(name, **known):
    return Field(name, Kind.TEXT, **known)


def kinds(*fields, collection="customers", of=ALL):
    shape = Collection(Source("shop", "Shop"), collection, "Customers", (), fields)
    return dict(of.fields_of(shape))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ssn", "social security number"),
        ("SocialSecurityNumber", "social security number"),
        ("passport_number", "driver's licence or government id"),
        ("driverLicense", "driver's licence or government id"),
        ("personalausweisnummer", "driver's licence or government id"),
        ("tax_id", "driver's licence or government id"),
        ("iban", "financial account number"),
        ("card_number", "financial account number"),
        ("bank_account_no", "financial account number"),
        ("health_insurance_id", "health insurance or medical id"),
        ("medical_record_number", "health insurance or medical id"),
        ("password_hash", "password"),
        ("security_question", "security question or answer"),
        ("security_answer_1", "security question or answer"),
        ("face_template", "unique biometric data"),
        ("fingerprint", "unique biometric data"),
        ("mothers_maiden_name", "security question or answer"),
        ("pin_code", "password"),
        ("dl_number", "driver's licence or government id"),
        ("green_card_number", "driver's licence or government id"),
    ],
)
def test_a_kind_is_known_by_the_name_of_its_field(name, kind):
    assert kinds(a_field(name)) == {name: kind}


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "email",
        "city",
        "customer_number",
        "order_number",
        "zip",
        "phone",
        "password_changed_at",
        "card_last4",
        "bic",
    ],
)
def test_what_is_none_of_these_is_given(name):
    assert kinds(a_field(name)) == {}


def test_the_category_of_the_data_map_and_the_label_count_too():
    assert kinds(a_field("code", category=" Password ")) == {"code": "password"}
    assert kinds(a_field("x1", label="Social security number")) == {"x1": "social security number"}
    assert kinds(a_field("code", category="contact")) == {}


def test_only_the_kinds_of_the_law_are_withheld():
    assert kinds(a_field("ssn"), a_field("iban"), of=Forbidden(("financial account number",), "Law")) == {
        "iban": "financial account number"
    }
    assert kinds(a_field("ssn"), of=Forbidden()) == {}


@pytest.mark.parametrize(
    ("collection", "name", "kind"),
    [
        ("security_answers", "answer", "security question or answer"),
        ("public.passports", "number", "driver's licence or government id"),
        ("bank_accounts", "number", "financial account number"),
        ("passwords", "hash", "password"),
        ("orders", "number", ""),
        ("devices", "device_fingerprint", ""),
    ],
)
def test_a_name_that_says_nothing_is_read_with_that_of_its_collection(collection, name, kind):
    assert _meant(collection, name) == kind


@pytest.mark.parametrize(
    ("country", "place", "is_forbidden"),
    [("US-CA", "US-CA", True), ("US-CA", "", True), ("US-CA", "DE", False), ("DE", "US-CA", True), ("DE", "DE", False)],
)
def test_the_law_of_where_the_person_lives_says_so(country, place, is_forbidden):
    the_controller(country=country)
    assert bool(forbidden_to(a_request(place=place)).kinds) == is_forbidden


def test_of_what_is_empty_nobody_is_told_that_it_is_held():
    shape = Collection(Source("shop", "Shop"), "customers", "Customers", (), (a_field("ssn"), a_field("iban")))
    items = [
        Withheld("customers", None, "ssn", "the law", "social security number"),
        Withheld("customers", None, "iban", "the law", "financial account number", is_held=False),
    ]
    overlay = Overlay.of(items)
    assert overlay.fields == {"ssn", "iban"}
    (told,) = overlay.omissions(shape)
    assert (told.reason, told.cut) == ("your social security number: held, but never given out (the law)", False)


@pytest.fixture
def answered(tmp_path, storage_folder):
    """Give the package of somebody of California, the export and its request."""
    the_controller(country="US-CA")
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
        database.executescript(
            f"""
            CREATE TABLE customers (
                id INTEGER PRIMARY KEY, email TEXT, city TEXT, code TEXT, passport_number TEXT, account_number TEXT,
                security_answer TEXT, iban TEXT
            );
            CREATE INDEX by_email ON customers (lower(email));
            INSERT INTO customers VALUES (1, '{ANN}', 'Fresno', '{SSN}', '{PASSPORT}', '{ACCOUNT}', '{ANSWER}', '');
            """
        )
    sources.save(DataSource(slug="shop", label="Web shop"), f"sqlite:///{tmp_path}/shop.sqlite3", MAP, None)
    request = confirmed()
    SubjectRequest.objects.filter(pk=request.pk).update(place="US-CA")
    clock.choose_anew(request.pk, "place", actor=Actor.staff(staff("mia")))
    for search in SourceSearch.objects.filter(request=request):
        tasks.collect_source(search.pk)
    export = review.release(request.pk, actor=Actor.staff(staff()), formats=FORMATS)
    tasks.render_export(export.pk)
    export = Export.objects.select_related("request").get(pk=export.pk)
    return downloaded(token_in(send_mails()[-1], "d")), export


def text_of(package, name):
    content = package.read(name)
    if name.endswith(".pdf"):
        return subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()
    if name.endswith((".xlsx", ".zip")):
        with zipfile.ZipFile(io.BytesIO(content)) as inner:
            return " ".join(inner.read(part).decode("utf-8", "replace") for part in inner.namelist())
    return content.decode("utf-8", "replace")


def test_no_format_holds_what_may_never_be_given_out_and_each_names_it(answered):
    package, export = answered
    texts = {name: " ".join(text_of(package, name).split()) for name in package.namelist()}
    for name, text in texts.items():
        for value in (SSN, PASSPORT, ACCOUNT, ANSWER):
            assert value not in text, name
    for name in ("json/export.json", "xml/export.xml", "csv/summary.csv"):
        assert "your social security number: held, but never given out" in texts[name], name
    for stem in ("html/", "pdf/", "xlsx/", "START-HERE"):
        (text,) = [text for name, text in texts.items() if name.startswith(stem) and "social security" in text][:1]
        assert "security question or answer" in text
    assert "Fresno" in texts["json/export.json"]
    assert "iban" not in texts["json/export.json"].casefold()
    assert (export.request.outcome, export.is_complete) == (Outcome.FULL, True)
    assert OutboxMail.objects.filter(template="ready").exists()


def test_the_letter_names_what_is_held_and_nothing_that_is_not(answered):
    package, _ = answered
    (pdf,) = [name for name in package.namelist() if name.startswith("pdf/")]
    letter = " ".join(text_of(package, pdf).split())
    assert "We also hold your social security number" in letter
    assert letter.count("Held, but never sent") == 1
