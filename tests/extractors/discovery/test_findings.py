import time
from collections.abc import Mapping

import pytest

from extractors.discovery.findings import findings
from extractors.discovery.model import (
    Concept,
    Content,
    Finding,
    Inventory,
    Sampled,
    SeenColumn,
    SeenLink,
    SeenTable,
)
from tests.extractors.discovery.listed import inventories, read


def sampled(shares: Mapping[Content, float] | None = None, seen: int = 200, mentions: float = 0.0) -> Sampled:
    return Sampled(seen, shares or {}, seen, mentions)


def column(name: str, type_: str = "text", *contents: Content, share: float = 1.0, **more: object) -> SeenColumn:
    seen = sampled(dict.fromkeys(contents, share)) if contents else Sampled()
    return SeenColumn(name, type_, sampled=seen, **more)  # type: ignore[arg-type]


def table(name: str, *columns: SeenColumn, key: str = "") -> SeenTable:
    return SeenTable(name, columns, primary_key=(key,) if key else ())


def found(*tables: SeenTable, links: tuple[SeenLink, ...] = ()) -> dict[str, Finding]:
    result = findings(Inventory("source", tables, links))
    return {f"{id_}.{name}": finding for (id_, name), finding in result.items()}


def link(of: str, to: str, *, is_declared: bool = True) -> SeenLink:
    (from_table, from_column), (to_table, to_column) = of.split("."), to.split(".")
    return SeenLink(from_table, (from_column,), to_table, (to_column,), is_declared)


def test_name_and_values_together_are_surer_than_each_alone() -> None:
    both = found(table("a", column("email", "text", Content.EMAIL)))["a.email"]
    name = found(table("a", column("email")))["a.email"]
    value = found(table("a", column("c_17", "text", Content.EMAIL)))["a.c_17"]
    assert {both.concept, name.concept, value.concept} == {Concept.EMAIL}
    assert both.confidence > value.confidence > name.confidence
    assert both.reason == "is called like an e-mail address; 100 % of 200 values are e-mail addresses"
    assert value.reason == "100 % of 200 values are e-mail addresses"


@pytest.mark.parametrize(
    ("content", "type_", "concept"),
    [
        (Content.EMAIL, "text", Concept.EMAIL),
        (Content.PHONE, "text", Concept.PHONE),
        (Content.NAME, "text", Concept.FULL_NAME),
        (Content.IBAN, "text", Concept.IBAN),
        (Content.CARD, "integer", Concept.CARD),
        (Content.NATIONAL_ID, "text", Concept.NATIONAL_ID),
        (Content.BIRTH_DATE, "date", Concept.BIRTH_DATE),
        (Content.HASH, "text", Concept.SECRET),
        (Content.TOKEN, "text", Concept.SECRET),
        (Content.IP, "text", Concept.IP),
        (Content.FREE_TEXT, "text", Concept.FREE_TEXT),
        (Content.JSON, "text", Concept.JSON),
        (Content.SERIALISED, "text", Concept.JSON),
    ],
)
def test_values_alone_tell_under_a_name_that_says_nothing(content: Content, type_: str, concept: Concept) -> None:
    for name in ("col_17", "f3", "x_a", "zq"):
        assert found(table("t_9", column(name, type_, content)))[f"t_9.{name}"].concept is concept


def test_values_decide_where_the_name_says_something_else() -> None:
    result = found(
        table(
            "a",
            column("login", "text", Content.EMAIL),
            column("remark", "text", Content.PHONE),
            column("token", "text", Content.EMAIL),
            column("name", "text", Content.IBAN),
            column("status", "text", Content.IP),
        )
    )
    assert result["a.login"].concept is Concept.EMAIL
    assert result["a.remark"].concept is Concept.PHONE
    assert result["a.token"].concept is Concept.EMAIL
    assert result["a.name"].concept is Concept.IBAN
    assert result["a.status"].concept is Concept.IP


def test_a_name_that_the_values_belie_loses() -> None:
    result = found(
        table(
            "a",
            column("email", "text", Content.CODE),
            column("ip", "text", Content.FREE_TEXT),
            column("first_name", "text", Content.UUID),
            column("password", "boolean", Content.BOOLEAN),
        )
    )
    assert result["a.email"].concept is not Concept.EMAIL
    assert result["a.ip"].concept is Concept.FREE_TEXT
    assert result["a.first_name"].concept is not Concept.GIVEN_NAME
    assert result["a.password"].concept is not Concept.SECRET


def test_a_few_values_weigh_less_than_many() -> None:
    few = SeenColumn("c", "text", sampled=sampled({Content.EMAIL: 1.0}, seen=2))
    many = SeenColumn("c", "text", sampled=sampled({Content.EMAIL: 1.0}, seen=200))
    assert found(table("a", few))["a.c"].confidence < found(table("a", many))["a.c"].confidence


def test_checksums_and_public_keys_are_no_secrets() -> None:
    result = found(
        table(
            "files",
            column("sha256", "text", Content.HASH),
            column("content_hash", "text", Content.HASH),
            column("etag", "text", Content.HASH),
            column("public_id", "text", Content.TOKEN),
            column("order_number", "text", Content.TOKEN),
            column("token_count", "integer", Content.NUMBER),
            column("password_changed_at", "timestamp", Content.DATE),
            column("sort_key", "text", Content.CODE),
        )
    )
    assert {name for name, finding in result.items() if finding.concept is Concept.SECRET} == set()


@pytest.mark.parametrize(
    "name",
    [
        *("password_hash", "passwort", "contraseña", "senha", "hasło", "wachtwoord", "mot_de_passe", "parola_segreta"),
        *("totp_secret", "reset_token", "remember_token", "private_key", "cvv", "api_key", "session_token", "salt"),
    ],
)
def test_secrets_are_known_by_name_in_every_language(name: str) -> None:
    finding = found(table("users", column(name)))[f"users.{name}"]
    assert finding.concept is Concept.SECRET
    assert finding.confidence >= 0.6


def test_keys_and_references_are_told_by_the_tables_they_lead_to() -> None:
    result = found(
        table(
            "t_1",
            column("k", "integer", Content.NUMBER),
            column("f1", "text", Content.NAME),
            column("f2", "text", Content.EMAIL),
            column("f3", "date", Content.BIRTH_DATE),
            key="k",
        ),
        table("t_2", column("k", "integer"), column("r", "integer"), key="k"),
        table("t_3", column("k", "integer"), column("s", "integer"), key="k"),
        links=(link("t_2.r", "t_1.k", is_declared=False), link("t_3.s", "t_2.k")),
    )
    assert result["t_1.k"].concept is Concept.PERSON_ID
    assert result["t_2.r"].concept is Concept.PERSON_ID
    assert result["t_2.r"].reason == "points at t_1, a table of people"
    assert result["t_2.k"].concept is Concept.OTHER
    assert result["t_3.s"].reason == "points at t_2"


def test_who_wrote_a_row_is_another_person_where_the_row_is_about_one() -> None:
    users = table("users", column("id", "integer"), column("email"), column("name"), key="id")
    result = found(
        users,
        table(
            "orders", column("id", "integer"), column("user_id", "integer"), column("created_by", "integer"), key="id"
        ),
        table("posts", column("id", "integer"), column("created_by", "integer"), key="id"),
        links=(
            link("orders.user_id", "users.id"),
            link("orders.created_by", "users.id"),
            link("posts.created_by", "users.id"),
        ),
    )
    assert result["orders.created_by"].concept is Concept.OTHER_PERSON
    assert result["orders.created_by"].is_other_person
    assert not result["orders.user_id"].is_other_person
    assert result["posts.created_by"].concept is Concept.PERSON_ID
    assert not result["posts.created_by"].is_other_person


def test_what_is_about_somebody_else_keeps_its_meaning() -> None:
    result = found(
        table(
            "pupils",
            column("parent_email", "text", Content.EMAIL),
            column("emergency_contact_phone"),
            column("nome_da_mae"),
            column("email"),
        )
    )
    assert result["pupils.parent_email"].concept is Concept.EMAIL
    assert result["pupils.parent_email"].is_other_person
    assert result["pupils.emergency_contact_phone"].concept is Concept.PHONE
    assert result["pupils.emergency_contact_phone"].is_other_person
    assert result["pupils.nome_da_mae"].is_other_person
    assert not result["pupils.email"].is_other_person


def test_a_table_of_emergency_contacts_is_about_others() -> None:
    result = found(
        table("patienten", column("id", "integer"), column("nachname"), column("email"), key="id"),
        table("notfallkontakte", column("id", "integer"), column("patient_id", "integer"), column("telefon"), key="id"),
        links=(link("notfallkontakte.patient_id", "patienten.id"),),
    )
    assert result["notfallkontakte.telefon"].is_other_person
    assert not result["notfallkontakte.patient_id"].is_other_person


def test_names_are_told_apart_by_their_neighbours() -> None:
    french = found(table("clients", column("nom"), column("prenom"), column("courriel")))
    spanish = found(table("clientes", column("nombre"), column("apellidos"), column("correo")))
    german = found(table("mitglieder", column("name"), column("vorname"), column("plz")))
    assert french["clients.nom"].concept is Concept.FAMILY_NAME
    assert spanish["clientes.nombre"].concept is Concept.GIVEN_NAME
    assert german["mitglieder.name"].concept is Concept.FAMILY_NAME
    assert found(table("members", column("name"), column("email")))["members.name"].concept is Concept.FULL_NAME
    assert found(table("products", column("name"), column("price", "number")))["products.name"].concept is Concept.OTHER


def test_types_rule_meanings_out() -> None:
    result = found(
        table(
            "users",
            column("email_verified", "boolean"),
            column("password_reset_at", "timestamp"),
            column("phone_count", "integer"),
            column("deleted", "boolean"),
            column("newsletter", "boolean"),
            column("settings", "json"),
            column("note", "text", length=2),
        )
    )
    assert result["users.email_verified"].concept is Concept.OTHER
    assert result["users.password_reset_at"].concept in (Concept.ORDERING, Concept.CHANGED)
    assert result["users.phone_count"].concept is Concept.OTHER
    assert result["users.deleted"].concept is Concept.DELETED
    assert result["users.newsletter"].concept is Concept.MARKETING
    assert result["users.settings"].concept is Concept.JSON
    assert result["users.note"].concept is not Concept.FREE_TEXT


def test_enumerated_values_tell() -> None:
    result = found(
        table(
            "a",
            column("x", values=("active", "deleted")),
            column("y", values=("m", "f", "d")),
            column("z", values=("a",)),
        )
    )
    assert result["a.x"].concept is Concept.DELETED
    assert result["a.y"].concept is Concept.GENDER
    assert result["a.z"].concept is Concept.OTHER


def test_comments_tell_what_names_do_not() -> None:
    result = found(
        table("PA0002", column("GBDXX", "date", comment="Geburtsdatum"), column("QQ", comment="E-Mail-Adresse"))
    )
    assert result["PA0002.GBDXX"].concept is Concept.BIRTH_DATE
    assert result["PA0002.QQ"].concept is Concept.EMAIL
    assert result["PA0002.QQ"].reason == "its comment is called like an e-mail address (German)"


def test_free_text_that_mentions_people_says_so() -> None:
    result = found(
        table(
            "a",
            SeenColumn("note", "text", sampled=sampled({Content.FREE_TEXT: 0.9}, mentions=0.1)),
            SeenColumn("remark", "text", sampled=sampled({Content.FREE_TEXT: 0.9})),
            SeenColumn("comment", "text"),
        )
    )
    assert result["a.note"].mentions_others
    assert not result["a.remark"].mentions_others
    assert result["a.comment"].mentions_others


def test_special_categories_are_not_explained_away() -> None:
    result = found(
        table(
            "patients",
            column("diagnosis_code", "text", Content.CODE),
            column("religion_id", "integer"),
            column("blood_type", "text", Content.CODE),
            column("allergies", "text", Content.FREE_TEXT),
        ),
        table("religions", column("id", "integer"), column("label"), key="id"),
        links=(link("patients.religion_id", "religions.id"),),
    )
    assert result["patients.diagnosis_code"].concept is Concept.HEALTH
    assert result["patients.religion_id"].concept is Concept.RELIGION
    assert result["patients.blood_type"].concept is Concept.HEALTH
    assert result["patients.allergies"].concept is Concept.HEALTH


def test_every_finding_has_a_reason_and_a_confidence() -> None:
    for file in ("columns.txt", "columns_held_out.txt", "columns_fresh.txt"):
        for inventory in inventories(read(file)):
            for finding in findings(inventory).values():
                assert finding.reason
                assert 0 < finding.confidence < 1


def test_an_empty_database_has_no_findings() -> None:
    assert findings(Inventory("empty", ())) == {}


def test_five_thousand_columns_are_read_in_a_few_seconds() -> None:
    names = [one.name for file in ("columns.txt", "columns_held_out.txt") for one in read(file)]
    tables = tuple(
        SeenTable(
            f"table_{n}", tuple(SeenColumn(names[(n * 10 + i) % len(names)] + f"_{n % 7}", "text") for i in range(10))
        )
        for n in range(500)
    )
    started = time.process_time()
    assert len(findings(Inventory("large", tables))) > 4_900
    assert time.process_time() - started < 6


def test_random_keys_of_rows_are_no_secrets() -> None:
    result = found(
        table("t_1", column("f0", "text", Content.HASH), column("f1", "text", Content.EMAIL), key="f0"),
        table("t_2", column("f0", "text", Content.HASH), column("f1", "text", Content.HASH), key="f0"),
        table(
            "orders", column("customer_id", "text", Content.HASH), column("token", "text", Content.HASH), key="token"
        ),
        table("t_3", column("f0", "text", Content.HASH), column("f1", "integer"), key="f0"),
        links=(link("t_2.f1", "t_1.f0", is_declared=False), link("t_3.f1", "t_2.f0")),
    )
    secrets = {name for name, finding in result.items() if finding.concept is Concept.SECRET}
    assert secrets == {"orders.token", "t_3.f0"}  # nothing points at the last: it may be a session's
    assert result["orders.customer_id"].concept is Concept.PERSON_ID


def test_numbers_that_are_called_so_are_no_telephone_numbers() -> None:
    bare = (Content.PHONE, Content.NUMBER)
    result = found(table("orders", column("order_number", "text", *bare), column("q7", "text", *bare)))
    assert result["orders.order_number"].concept is Concept.OTHER
    assert result["orders.q7"].concept is Concept.PHONE


def test_two_names_and_an_address_make_a_table_one_of_people() -> None:
    names = (column("f1", "text", Content.NAME), column("f2", "text", Content.NAME))
    result = found(
        table("t_1", column("f0", "integer"), *names, column("f3", "text", Content.EMAIL), key="f0"),
        table("t_2", column("f0", "integer"), names[0], column("f3", "text", Content.IP), key="f0"),
    )
    assert result["t_1.f0"].concept is Concept.PERSON_ID
    assert result["t_2.f0"].concept is Concept.OTHER


def test_a_number_that_rows_are_known_by_is_no_address_and_no_telephone() -> None:
    result = found(
        table("addr", column("addr_no", "integer", Content.NUMBER), column("town"), key="addr_no"),
        table("contact_hist", column("contact_no", "integer", Content.NUMBER), column("remarks"), key="contact_no"),
        table("complaints", column("id", "integer"), column("contact_no", "integer", Content.NUMBER), key="id"),
        table("people", column("phone_no", "integer", Content.NUMBER, Content.PHONE), column("phone", "integer")),
        links=(link("complaints.contact_no", "contact_hist.contact_no"),),
    )
    assert result["addr.addr_no"].concept is Concept.OTHER
    assert result["contact_hist.contact_no"].concept is Concept.OTHER
    assert result["complaints.contact_no"].concept is Concept.OTHER
    assert result["people.phone_no"].concept is Concept.PHONE
    assert result["people.phone"].concept is Concept.PHONE
