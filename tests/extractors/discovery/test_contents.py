import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import md5, sha256
from ipaddress import ip_address
from random import Random
from string import ascii_letters, digits
from uuid import UUID

import pytest
from stdnum import luhn
from stdnum.es import dni
from stdnum.fr import nir
from stdnum.iso7064 import mod_97_10
from stdnum.it import codicefiscale

from extractors.discovery.contents import sample
from extractors.discovery.model import Content, Sampled

PICK = Random(7)


def numbers(count: int, length: int) -> list[str]:
    return [str(PICK.randrange(10 ** (length - 1), 10**length)) for _ in range(count)]


def pesel() -> str:
    base = f"{PICK.randrange(50, 99)}{PICK.randrange(1, 13):02}{PICK.randrange(1, 29):02}{PICK.randrange(10_000):04}"
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    return base + str(-sum(w * int(c) for w, c in zip(weights, base, strict=True)) % 10)


def bsn() -> str:
    while True:
        base = [PICK.randrange(10) for _ in range(8)]
        check = sum((9 - i) * d for i, d in enumerate(base)) % 11
        if check < 10:
            return "".join(map(str, [*base, check]))


def social_number() -> str:
    born = f"{PICK.choice('12')}{PICK.randrange(40, 99)}{PICK.randrange(1, 13):02}75"
    base = f"{born}{PICK.randrange(1000):03}{PICK.randrange(1000):03}"
    return base + nir.calc_check_digits(base)


def spanish_number() -> str:
    base = numbers(1, 8)[0]
    return base + dni.calc_check_digit(base)


def italian_code() -> str:
    base = f"{random_text(6, 'BCDFGLMNPRST')}{PICK.randrange(40, 99)}A{PICK.randrange(10, 28)}H501"
    return base + codicefiscale.calc_check_digit(base)


def card() -> str:
    base = "4" + numbers(1, 14)[0]
    return base + luhn.calc_check_digit(base)


def iban() -> str:
    bank = numbers(1, 18)[0]
    return "DE" + mod_97_10.calc_check_digits(f"{bank}DE") + bank


def random_text(length: int, letters: str = ascii_letters + digits) -> str:
    return "".join(PICK.choice(letters) for _ in range(length))


FITTING: dict[str, tuple[Content, list[object]]] = {
    "addresses": (Content.EMAIL, ["ada@example.org", "Grace Hopper <grace@navy.example.mil>", "ö.ü@bücher.example"]),
    "addresses in bytes": (Content.EMAIL, [b"ada@example.org", memoryview(b"grace@example.org")]),
    "international numbers": (
        Content.PHONE,
        ["+49 151 2345678", "+12025550143", "0049 30 901820", "+33 (0)1 42 68 53 00"],
    ),
    "German numbers": (Content.PHONE, ["030 901820", "0170/1234567", "(089) 12 34 56", "0221-1234567"]),
    "French numbers": (Content.PHONE, ["01 42 68 53 00", "06.12.34.56.78"]),
    "American numbers": (Content.PHONE, ["(202) 555-0143", "202-555-0143", "202.555.0143 x12", "1-202-555-0143"]),
    "Spanish numbers": (Content.PHONE, ["612 345 678", "912-345-678"]),
    "bare German mobiles": (Content.PHONE, [f"01{PICK.choice(('51', '60', '70', '76'))}{n}" for n in numbers(40, 7)]),
    "accounts": (Content.IBAN, ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", *(iban() for _ in range(9))]),
    "cards": (Content.CARD, ["4111 1111 1111 1111", "378282246310005", 5555555555554444, *(card() for _ in range(9))]),
    "Polish people": (Content.NATIONAL_ID, [pesel() for _ in range(30)]),
    "Dutch people": (Content.NATIONAL_ID, [bsn() for _ in range(30)]),
    "French people": (Content.NATIONAL_ID, [social_number() for _ in range(30)]),
    "Spanish people": (Content.NATIONAL_ID, [spanish_number() for _ in range(30)]),
    "Italian people": (Content.NATIONAL_ID, [italian_code() for _ in range(12)]),
    "American people": (
        Content.NATIONAL_ID,
        [f"{PICK.randrange(100, 665)}-{PICK.randrange(10, 99)}-{n}" for n in numbers(20, 4)],
    ),
    "networks": (Content.IP, ["192.0.2.1", "2001:db8::1", "10.0.0.0/8", ip_address("192.0.2.7")]),
    "pages": (Content.URL, ["https://example.org/a?b=c", "www.example.org/x"]),
    "keys": (Content.UUID, [UUID(int=7), "123e4567-e89b-12d3-a456-426614174000"]),
    "password hashes": (
        Content.HASH,
        [
            "$2b$12$KIXIDyZVqTqgHZ0uGJm3OeKkXwZ8r6mR1G3R5M2dS3o8oVdQm8y5a",
            "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b6WBA",
            "pbkdf2_sha256$260000$abc$Zm9vYmFyYmF6cXV4",
            "$P$B9GzQ0mV4vKzQ1W1x8uI2m3n4o5p6q/",
            "$6$rounds=5000$salt$hashhashhash",
            "$1$salt$abcdefghijklmnopqrstu/",
            "scrypt:32768:8:1$salt$abcdef0123456789",
            "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr",
        ],
    ),
    "digests": (Content.HASH, [md5(b"1").hexdigest(), sha256(b"2").hexdigest(), sha256(b"3").digest()]),  # noqa: S324
    "tokens": (
        Content.TOKEN,
        ["ghp_" + random_text(36), "sk_live_" + random_text(24), *(random_text(40) for _ in range(9))],
    ),
    "signed tokens": (Content.TOKEN, ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9"]),
    "documents": (Content.JSON, ['{"a": [1]}', "[]", {"a": 1}, [1, 2]]),
    "PHP": (Content.SERIALISED, ['a:1:{s:4:"name";s:3:"Ada";}', 'O:8:"stdClass":0:{}']),
    "birth dates": (Content.BIRTH_DATE, [date(1940 + n, n % 12 + 1, 9) for n in range(50)]),
    "written birth dates": (Content.BIRTH_DATE, [f"0{n % 9 + 1}.11.{1950 + n}" for n in range(45)]),
    "compact birth dates": (Content.BIRTH_DATE, [19500101 + n * 10_000 for n in range(45)]),
    "given names": (Content.NAME, ["Anna", "Paweł", "José", "Jürgen", "Chiara", "Zebulon", "Ayşe", "Françoise"]),
    "family names": (Content.NAME, ["Müller", "Kowalska", "García López", "Dubois", "de Vries", "Özdemir"]),
    "whole names": (
        Content.NAME,
        ["Anna Schmidt", "SCHMIDT, Anna", "maria rossi", "Jan-Peter van der Berg", "Q. Xyzzy"],
    ),
    "addresses with the number last": (
        Content.STREET,
        [
            "Lindenweg 12",
            "Calle Mayor 3",
            "Via Roma 21a",
            "Hauptstr. 5",
            "ul. Długa 7/9",
            "Kerkstraat 12-14",
            "Am Markt 1",
        ],
    ),
    "addresses with the number first": (
        Content.STREET,
        ["12 Main Street", "4 bis rue de la Paix", "221B Baker St", "9 Elm Ave, Apt 4", "77 Massachusetts Ave"],
    ),
    "sentences": (Content.FREE_TEXT, ["Please call me back before noon, the parcel never arrived."]),
    "codes": (Content.CODE, ["open", "paid", "sent"] * 5),
    "moments": (Content.DATE, [datetime(2024, 1, 1, 12, tzinfo=UTC), "2024-05-06T07:08:09Z", "31.12.2023 10:30"]),
    "numbers": (Content.NUMBER, [1, Decimal("2.50"), 3.5, "4711", "-1,5"]),
    "marks": (Content.BOOLEAN, [True, False]),
}


@pytest.mark.parametrize("what", FITTING)
def test_every_content_is_told(what: str) -> None:
    content, values = FITTING[what]
    assert sample(values).shares.get(content, 0) >= 0.9, sample(values)


UNFITTING: dict[str, tuple[Content, list[object]]] = {
    "eight digits are no telephone number": (Content.PHONE, numbers(200, 8)),
    "ten digits are no telephone number": (Content.PHONE, numbers(200, 10)),
    "eleven digits are no telephone number": (Content.PHONE, numbers(200, 11)),
    "nine digits are no telephone number": (Content.PHONE, numbers(200, 9)),
    "twelve digits are no telephone number": (Content.PHONE, [int(number) for number in numbers(200, 12)]),
    "order numbers are no telephone numbers": (Content.PHONE, [f"2024-{n:06}" for n in range(200)]),
    "days are no telephone numbers": (Content.PHONE, [f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(99)]),
    "seconds since 1970 are no telephone numbers": (Content.PHONE, [1_700_000_000 + n * 86_401 for n in range(200)]),
    "counted numbers are no telephone numbers": (Content.PHONE, [f"0301{n:06}" for n in range(200)]),
    "nine digits are nobody's number": (Content.NATIONAL_ID, numbers(200, 9)),
    "eleven digits are nobody's number": (Content.NATIONAL_ID, numbers(200, 11)),
    "counted numbers are nobody's": (Content.NATIONAL_ID, [100_000_000 + n for n in range(300)]),
    "a few that happen to fit are nobody's": (Content.NATIONAL_ID, [pesel(), *numbers(9, 11)]),
    "sixteen digits are no card": (Content.CARD, numbers(300, 16)),
    "article numbers are no accounts": (Content.IBAN, [f"DE{n}" for n in numbers(200, 20)]),
    "recent dates are nobody's birthday": (Content.BIRTH_DATE, [date(2023, 1, 1) + timedelta(n) for n in range(300)]),
    "moments with a time are nobody's birth date": (
        Content.BIRTH_DATE,
        [datetime(1950 + n, 1, 1, 12, 30, tzinfo=UTC) for n in range(50)],
    ),
    "towns are no people": (Content.NAME, ["Hamburg", "Lyon", "Kraków", "Porto", "Gouda", "Leeds", "Turin", "Sevilla"]),
    "products are no people": (
        Content.NAME,
        ["Desk Lamp", "Oak Table", "Green Chair", "Steel Bolt", "Paper Roll", "Ink"],
    ),
    "things with a number are no addresses": (
        Content.STREET,
        [f"{what} {n}" for n in range(9) for what in ("Room", "Item")],
    ),
    "counted things are no addresses": (Content.STREET, [f"{n} boxes of paper" for n in range(2, 60)]),
    "colours are no people": (Content.NAME, ["red", "blue", "black", "white", "orange", "silver"]),
    "words are no token": (Content.TOKEN, ["international-business-machines", "customer_registration_form"]),
    "slugs are no token": (Content.TOKEN, ["ten-things-to-do-in-2024", "how-to-mend-a-bike-2nd-edition"]),
    "files are no token": (Content.TOKEN, ["uploads/2024/05/report-final-v2.pdf", "IMG_20240506_070809.jpeg"]),
    "numbers are no hash": (Content.HASH, numbers(100, 32)),
    "versions are no e-mail addresses": (Content.EMAIL, ["pkg@1.2.3", "@home", "a@b", "me at example.org"]),
    "titles are no sentences": (Content.FREE_TEXT, ["The Good, the Bad and the Ugly", "Lawrence of Arabia"]),
}


@pytest.mark.parametrize("what", UNFITTING)
def test_what_only_looks_alike_is_not_taken(what: str) -> None:
    content, values = UNFITTING[what]
    assert sample(values).shares.get(content, 0) <= 0.1, sample(values)


def test_empty_values_are_not_counted() -> None:
    assert sample([]) == Sampled()
    assert sample([None, "", "  ", b"", {}, []]) == Sampled()
    seen = sample(["a@example.org", None, "", "x"])
    assert (seen.seen, seen.distinct, seen.shares[Content.EMAIL]) == (2, 2, 0.5)


def test_repeated_values_count_as_often_as_they_were_seen() -> None:
    seen = sample(["ada@example.org"] * 3 + ["?"])
    assert seen.shares[Content.EMAIL] == 0.75
    assert seen.distinct == 2
    assert not seen.is_unique


def test_texts_that_mention_people_are_noticed() -> None:
    texts = [
        "Please write to grace@example.org about the refund, thank you very much.",
        "You can ring the neighbour under +49 151 23456789 if I am not at home.",
        "Bitte unter 030 9018200 anrufen, falls niemand zu Hause ist und wartet.",
        "Nothing was said about anybody here, it is only about the 2024-05-06 delivery.",
    ]
    assert sample(texts).mentions == 0.75
    assert sample(['{"note": "ask ada@example.org", "other": 1}']).mentions == 1.0
    assert sample(["ada@example.org is a long address to have"]).mentions == 1.0
    assert sample(["an.address.that.is.rather.long@example.org"]).mentions == 0.0


def test_nothing_of_a_value_stays() -> None:
    seen = sample(["Ada Lovelace", "secret-value", 4711, b"\xff\xfe", {"name": "Ada"}])
    assert "Ada" not in repr(seen)
    assert "4711" not in repr(seen)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "\x00",
            "𝔘" * 500,
            "(" * 5_000,
            "{" * 5_000,
            "[" * 100_000,
            "a@" * 5_000,
            "+" * 900,
            "0" * 10_000,
            "1:" * 3_000,
        ),
        *("%s' OR 1=1 --", "\ud800", float("nan"), float("inf"), Decimal("NaN"), 10**5_000, -(10**400)),
        *(date.max, b"\x00" * 64, "a." * 3_000 + "@", "x@" + "y." * 3_000, "((((0" * 900, "1 " * 5_000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_hostile_values_are_judged_quickly(value: object) -> None:
    started = time.process_time()
    assert sample([value]).seen == 1
    assert time.process_time() - started < 0.2


def test_a_hundred_columns_are_judged_in_half_a_second() -> None:
    makers = (
        *(lambda n: n, lambda n: n * 1.5, lambda n: "ABCD"[n % 4], lambda n: f"user{n}@example.org"),
        *(lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=n), lambda n: bool(n % 2)),
        *(lambda n: f"item {n} of the order that somebody made on a Monday", lambda n: 10**10 + n * 977),
        *(lambda n: sha256(str(n).encode()).hexdigest(), lambda n: f'{{"number": {n}}}'),
    )
    columns: list[list[object]] = [[make(n) for n in range(500)] for make in makers for _ in range(10)]
    started = time.process_time()
    for column in columns:
        sample(column)
    assert time.process_time() - started < 0.5
