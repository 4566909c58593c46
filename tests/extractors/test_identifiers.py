"""Identifiers are normalised at the door, refused when no system could hold them, and never shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import UnusableIdentifier
from extractors.identifiers import Identifiers, spellings


def test_an_email_is_compared_in_every_case_and_composition() -> None:
    cased = ("jörg@x.org", "JÖRG@X.ORG", "Jörg@X.org")
    wanted = {unicodedata.normalize(form, text) for form in ("NFC", "NFD") for text in cased}
    assert set(spellings("email", " Jörg@X.org ")) == wanted


def test_the_upper_case_that_names_another_mailbox_is_left_out() -> None:
    assert spellings("email", "straße@x.org") == ("straße@x.org",)


@pytest.mark.parametrize("typed", ["+49 1512 3456789", "00491512 3456789", "+4915123456789", "+49 (0)1512-3456789"])
def test_a_phone_number_is_spelled_as_systems_write_it(typed: str) -> None:
    found = spellings("phone", typed)
    assert found[0] == "+4915123456789"
    assert {"004915123456789", "4915123456789", "+49 1512 3456789", "tel:+49-1512-3456789"} <= set(found)
    assert "tel:+4915123456789" in found


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        *[
            ("email", typed)
            for typed in ("", " ", "ann", "@x.org", "ann@", "a b@x.org", "a\x00@x.org", "a" * 1020 + "@x.org")
        ],
        *[("phone", typed) for typed in ("", "abc", "0151 234567", "++49", "+")],
        *[("user_id", typed) for typed in ("", "\n", "\x00", "x" * 1025)],
    ],
)
def test_an_identifier_no_system_could_hold_is_refused_without_repeating_it(kind: str, typed: str) -> None:
    with pytest.raises(UnusableIdentifier, match=kind) as raised:
        Identifiers.of([(kind, typed)])
    assert len(typed.strip()) < 2 or typed not in str(raised.value)


def test_several_identifiers_of_a_kind_are_kept_once_each() -> None:
    known = Identifiers.of([("user_id", "7"), ("user_id", "8"), ("user_id", " 7 "), ("email", "a@x.org")])
    assert known.of_kind("user_id") == ("7", "8")
    assert known.of_kind("phone") == ()
    assert known.kinds == {"user_id", "email"}


def test_the_values_are_never_shown() -> None:
    assert "ann" not in repr(Identifiers.of([("email", "ann@x.org")]))


@given(st.text(min_size=1, max_size=30), st.sampled_from(["x.org", "bücher.example"]))
def test_every_spelling_of_an_email_folds_to_the_same_address(local: str, domain: str) -> None:
    try:
        found = spellings("email", f"{local}@{domain}")
    except UnusableIdentifier:
        return
    assert len({unicodedata.normalize("NFC", spelling.lower()) for spelling in found}) == 1
    assert all(spellings("email", spelling)[0] == found[0] for spelling in found)
