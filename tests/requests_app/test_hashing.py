from __future__ import annotations

import hashlib
import hmac
import os

import pytest

from requests_app.keys.envelope import DataKey
from requests_app.keys.hashing import KeyedHash
from requests_app.keys.stored import create_key, open_key, rotate
from requests_app.keys.stored import current_ring as ring


def test_what_is_equal_stays_equal_under_one_key_for_one_purpose() -> None:
    key = DataKey.generate()
    assert KeyedHash(key, "a").of("Zoë") == KeyedHash(key, "a").of("Zoë")
    others = {KeyedHash(key, "b").of("Zoë"), KeyedHash(DataKey.generate(), "a").of("Zoë"), KeyedHash(key, "a").of("Zo")}
    assert len(others | {KeyedHash(key, "a").of("Zoë")}) == 4


def test_a_hash_is_an_hmac_by_rfc_2104() -> None:
    key = DataKey.generate()
    expected = hmac.digest(key.secret, f"dsr.v1.hash.p.{key.id}\0text".encode(), hashlib.sha256).hex()
    assert KeyedHash(key, "p").of("text") == expected


def test_text_that_is_no_unicode_is_hashed_too() -> None:
    assert len(KeyedHash(DataKey.generate(), "a").of("\udcff")) == 64


@pytest.mark.django_db
def test_a_hash_survives_a_change_of_the_ring(settings) -> None:
    settings.DSR_KEYS = {"old": os.urandom(32)}
    stored = create_key()
    before = KeyedHash(open_key(stored.pk), "a").of("Zoë")
    settings.DSR_KEYS = {"new": os.urandom(32), **settings.DSR_KEYS}
    rotate(ring())
    settings.DSR_KEYS = {"new": settings.DSR_KEYS["new"]}
    assert KeyedHash(open_key(stored.pk), "a").of("Zoë") == before


@pytest.mark.django_db
def test_a_key_that_encrypted_something_before_can_be_stored() -> None:
    made = DataKey.generate()
    parent = create_key()
    assert open_key(create_key(parent, key=made).pk) == made
