"""Other people's addresses and numbers are found, the person's own and nobody's are not."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.batches import Collection, Concern, Field, Kind, Source
from extractors.identifiers import Identifiers
from extractors.third_parties import Judge, Known, Marker

ANN = Identifiers.of([("email", "Ann.Müller@x.org"), ("phone", "+49 1512 345678")])
OWN = ("support@firm.example", "@shop.example")


def marks(
    values: list[object], kind: Kind = Kind.TEXT, declared: str = "", known: Known | None = None
) -> list[tuple[int, str]]:
    """Give row and concern of what is marked in a column of these values."""
    fields = (Field("value", kind), Field("flagged", Kind.TEXT, third_party=True))
    collection = Collection(Source("s", "S"), "c", "C", (), fields)
    type_ = pa.int64() if kind is Kind.INTEGER else pa.string()
    rows = pa.record_batch({"value": pa.array(values, type_), "flagged": pa.array(["bob@y.org"] * len(values))})
    marker = Marker(collection, Judge(known or Known.of(ANN, nobodys=OWN)), {"value": declared} if declared else {})
    found = marker.marks(rows)
    return [(row["row"], row["concern"]) for row in found.to_pylist()] if found else []


def is_marked(text: str, concern: Concern = Concern.EMAIL, kind: Kind = Kind.TEXT, declared: str = "") -> bool:
    return (0, concern) in marks([text], kind, declared)


@pytest.mark.parametrize(
    "text",
    [
        "bob@y.org",
        "BOB@Y.ORG",
        "joann.müller@x.org",
        "ann.müller@x.org.uk",
        "ann.müller@x.orgs",
        "x.ann.müller@x.org",
        "ann.muller@x.org",
        "Written by Bob <bob@y.org>.",
        "ann.müller@x.org and bob@y.org",
        "mailto:ann.müller@x.org,bob@y.org",
        "https://y.org/unsubscribe?m=bob%40y.org&n=1",
        "bücher@müller.de",
        "o'neill@y.org",
        "support@firm.example.org",
        "reply@y.org",
        "bob+noreply@y.org",
        "a\nb\n\nbob@y.org",
    ],
)
def test_somebody_elses_address_is_marked_wherever_it_stands(text: str) -> None:
    assert is_marked(text)
    assert is_marked(f'{{"a": ["{text}"]}}'.replace("\n", "\\n"), kind=Kind.JSON)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no address @ all",
        "a@b",
        "@handle",
        "logo@2x.png",
        "ann.müller@x.org",
        "ANN.MÜLLER@X.ORG",
        "ann.mu\u0308ller@x.org",
        "Mail ann.müller@x.org.",
        "'ann.müller@x.org', <Ann.Müller@x.org>;ann.müller@x.org,ann.müller@x.org",
        "https://y.org/?m=ann.müller%40x.org",
        "ann.müller@x.org\nann.müller@x.org",
        "noreply@y.org",
        "No-Reply@mail.y.org",
        "do_not_reply+abc=12@y.org",
        "mailer-daemon@y.org",
        "support@firm.example",
        "anybody@shop.example",
        "anybody@mail.shop.example and ann.müller@x.org",
    ],
)
def test_the_persons_own_and_nobodys_addresses_are_not_marked(text: str) -> None:
    assert not marks([text])
    assert not marks([f'{{"a": ["{text}"]}}'.replace("\n", "\\n")], Kind.JSON)


def test_escapes_of_json_hide_nothing_and_are_no_part_of_an_address() -> None:
    texts = [r'{"a": "bob\u0040y.org"}', r'{"a": "ann.m\u00fcller\u0040x.org"}', r'{"a": "Hello\nann.müller@x.org"}']
    assert marks(texts, Kind.JSON) == [(0, "email")]
    assert marks([r'{"a": "Hello\n+49 30 901820"}', r'{"a": "Hello\n+49 1512 345678"}'], Kind.JSON) == [(0, "phone")]


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 901820",
        "+4930901820",
        "tel:+49-30-901820",
        "Call me: +1 (212) 555-2368!",
        "0049 30 901820",
        "https://wa.me/+4930901820",
        "+49 1512 345678, +49 30 901820",
        "at +49 30 901820 on 2024-01-01",
    ],
)
def test_somebody_elses_number_in_international_form_is_marked(text: str) -> None:
    assert is_marked(text, Concern.PHONE)


@pytest.mark.parametrize(
    "text",
    [
        "+49 1512 345678",
        "00491512345678",
        "tel:+49-1512-345678",
        "030 901820",
        "2024-01-01T00:10:00+01:00",
        "1.004930901820",
        "4930901820",
        "x+4930901820",
        "000012345678",
        "+1234567",
        "3+491512345",
        "order 004900000001",
    ],
)
def test_own_numbers_and_what_is_hardly_a_number_are_not_marked(text: str) -> None:
    assert not marks([text])


def test_a_column_the_map_names_for_numbers_holds_numbers_however_they_are_written() -> None:
    values = ["030 901820", "01512/345678", "+49 1512 345678", "4930901820", "n/a", None, ""]
    assert marks(values, declared="phone") == [(0, "phone"), (3, "phone")]
    assert marks([4930901820, 491512345678, None, 7], Kind.INTEGER, "phone") == [(0, "phone")]


def test_a_column_the_map_names_for_addresses_holds_addresses_however_odd() -> None:
    values = ["bob@localhost", "ann.müller@x.org", "Ann <ann.müller@x.org>", "bob", None]
    assert marks(values, declared="email") == [(0, "email")]


def test_fields_the_map_says_are_about_others_are_not_marked_too() -> None:
    assert marks(["x"]) == []


def test_marks_count_the_rows_of_a_slice_from_its_beginning() -> None:
    collection = Collection(Source("s", "S"), "c", "C", (), (Field("value", Kind.TEXT),))
    rows = pa.record_batch({"value": pa.array(["bob@y.org", None, "x", "eve@y.org", "bob@y.org"])})
    found = Marker(collection, Judge(Known()), {}).marks(rows.slice(1, 3), pa.array([True, False, False]))
    assert found is not None
    assert found.to_pylist() == [
        {"row": 0, "field": "", "concern": "shared"},
        {"row": 2, "field": "value", "concern": "email"},
    ]


def test_what_is_known_is_never_shown() -> None:
    assert "x.org" not in repr(Known.of(ANN))
    assert "345678" not in repr(Known.of(ANN))


def test_numbers_beyond_those_judged_one_by_one_are_told_by_their_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.third_parties.MOST_NUMBERS_JUDGED", 1)
    assert marks(["+49 1512 345678", "+99 99 999999"]) == [(1, "phone")]


@given(
    st.lists(st.sampled_from(["ann@x.org", "bob@y.org", "noreply@z.org"]), max_size=4),
    st.sampled_from([" ", ", ", "\n", "><", "; see ", "' '", "/"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=9).map(lambda text: text.replace("@", "")),
)
def test_among_several_addresses_another_persons_is_always_seen(
    addresses: list[str], between: str, around: str
) -> None:
    text = f"{around} {between.join(addresses)} {around}"
    known = Known.of(Identifiers.of([("email", "ann@x.org")]))
    assert ((0, "email") in marks([text], known=known)) is ("bob@y.org" in addresses)
