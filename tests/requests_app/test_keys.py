from __future__ import annotations

import base64
import os
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import DamagedArtefact, DsrError
from requests_app.keys import stored
from requests_app.keys.envelope import DataKey, KeyRing, MissingKey, UnusableKeyRing
from requests_app.keys.stored import KeyDestroyed, create_key, destroy_key, open_key, rotate
from requests_app.models import EncryptionKey

OLD, NEW = os.urandom(32), os.urandom(32)
MARKER = "postgresql://marker:secret@db.example/shop"


@pytest.fixture(autouse=True)
def _ring(settings):
    settings.DSR_KEYS = {"old": OLD}


def damage(wrapped: str) -> str:
    """Change one character in the middle of the encrypted part."""
    position = len(wrapped) - 30
    return wrapped[:position] + ("A" if wrapped[position] != "A" else "B") + wrapped[position + 1 :]


def test_the_first_key_of_the_ring_encrypts_and_all_decrypt():
    key = DataKey.generate()
    wrapped_before = KeyRing({"old": OLD}).wrap(key)
    both = KeyRing({"new": NEW, "old": OLD})

    assert both.unwrap(wrapped_before, key.id) == key
    assert KeyRing({"new": NEW}).unwrap(both.wrap(key), key.id) == key


def test_wrapping_twice_gives_two_texts_that_name_the_ring_key():
    ring, key = KeyRing({"old": OLD}), DataKey.generate()

    assert ring.wrap(key) != ring.wrap(key)
    assert ring.wrap(key).startswith("v1.old.")


def test_a_ring_without_the_key_needed_names_it():
    key = DataKey.generate()
    wrapped = KeyRing({"old": OLD}).wrap(key)

    with pytest.raises(MissingKey, match="DSR_KEYS lacks the key 'old'"):
        KeyRing({"new": NEW}).unwrap(wrapped, key.id)


def test_another_ring_key_under_the_same_id_is_refused():
    key = DataKey.generate()
    wrapped = KeyRing({"old": OLD}).wrap(key)

    with pytest.raises(DamagedArtefact, match=str(key.id)):
        KeyRing({"old": NEW}).unwrap(wrapped, key.id)


def test_a_wrapped_key_serves_under_its_own_id_alone():
    ring, request = KeyRing({"old": OLD}), DataKey.generate()
    segment, other = DataKey.generate(), uuid.uuid4()

    with pytest.raises(DamagedArtefact):
        ring.unwrap(ring.wrap(request), other)
    with pytest.raises(DamagedArtefact):
        request.unwrap(request.wrap(segment), other)


def test_a_request_key_and_an_artefact_key_cannot_stand_in_for_one_another():
    request, segment = DataKey.generate(), DataKey.generate()
    ring = KeyRing({str(request.id): request.secret})

    with pytest.raises(DamagedArtefact):
        ring.unwrap(request.wrap(segment), segment.id)


@pytest.mark.parametrize("wrapped", ["", "v1.old", "v1.old.", "v2.old.AAAA", "v1.old.not base64", "v1.old.ä", "v1..A"])
def test_a_text_that_is_no_wrapped_key_is_refused(wrapped):
    with pytest.raises(DamagedArtefact):
        KeyRing({"old": OLD}).unwrap(wrapped, uuid.uuid4())


def test_an_altered_wrapped_key_is_refused():
    ring, key = KeyRing({"old": OLD}), DataKey.generate()

    with pytest.raises(DamagedArtefact):
        ring.unwrap(damage(ring.wrap(key)), key.id)


def test_a_ring_without_a_key_is_refused():
    with pytest.raises(UnusableKeyRing, match="DSR_KEYS holds no key"):
        KeyRing({})


def test_a_ring_key_of_another_length_is_refused_by_its_id_and_not_its_value():
    with pytest.raises(UnusableKeyRing, match="DSR_KEYS: the key 'short'") as refusal:
        KeyRing({"old": OLD, "short": b"marker"})

    assert "marker" not in str(refusal.value)


def test_reprs_hide_the_secrets():
    key = DataKey(uuid.uuid4(), b"marker" + bytes(26))
    ring = KeyRing({"old": key.secret})

    assert "marker" not in f"{key!r} {key} {ring!r} {ring}"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(max_size=20))
def test_a_sealed_text_opens_for_its_purpose(text, purpose):
    key = DataKey.generate()

    assert key.open_text(key.seal_text(text, purpose), purpose) == text


def test_sealing_a_text_twice_gives_two_texts_that_show_nothing_of_it():
    key = DataKey.generate()
    sealed = key.seal_text(MARKER, "connection")

    assert sealed != key.seal_text(MARKER, "connection")
    assert sealed.isascii()
    assert MARKER not in sealed
    assert base64.urlsafe_b64encode(MARKER.encode()).decode()[:20] not in sealed


def test_a_sealed_text_is_refused_for_another_purpose_or_key():
    key = DataKey.generate()
    sealed = key.seal_text(MARKER, "connection")
    others = DataKey.generate(), DataKey(uuid.uuid4(), key.secret), DataKey(key.id, os.urandom(32))

    for other, purpose in [(key, "note"), *((other, "connection") for other in others)]:
        with pytest.raises(DamagedArtefact, match=rf"\({purpose}\).*{other.id}") as refusal:
            other.open_text(sealed, purpose)
        assert MARKER not in repr(refusal.value)


@given(st.data())
def test_a_sealed_text_with_any_character_altered_cut_or_added_is_refused(data):
    key = DataKey.generate()
    sealed = key.seal_text(data.draw(st.text("ab", max_size=4)), "connection")
    position = data.draw(st.integers(0, len(sealed) - 1))
    character = data.draw(st.sampled_from("ABab01-_=.ä\n").filter(lambda other: other != sealed[position]))
    head, tail = sealed[:position], sealed[position + 1 :]

    for altered in (head + character + tail, head + tail, head, sealed + character, character + sealed):
        with pytest.raises(DamagedArtefact):
            key.open_text(altered, "connection")


def test_a_wrapped_key_and_a_sealed_text_cannot_stand_in_for_one_another():
    key, child = DataKey.generate(), DataKey.generate()
    _, wrapper, encoded = key.wrap(child).split(".")

    for purpose in ("artefact key", wrapper, f"artefact key.{wrapper}"):
        with pytest.raises(DamagedArtefact):
            key.open_text(f"v1.{encoded}", purpose)
        with pytest.raises(DamagedArtefact):
            key.unwrap(key.seal_text("x" * 32, purpose).replace("v1.", f"v1.{wrapper}."), child.id)


@pytest.mark.django_db
def test_a_request_key_opens_as_the_same_key_each_time():
    stored = create_key()

    assert open_key(stored.pk) == open_key(stored.pk)
    assert open_key(stored.pk).id == stored.pk
    assert (stored.parent, stored.ring_id, stored.destroyed_at) == (None, "old", None)


@pytest.mark.django_db
def test_an_artefact_key_is_wrapped_by_its_request_key():
    request = create_key()
    segment = create_key(request)

    assert open_key(segment.pk) == open_key(request.pk).unwrap(segment.wrapped, segment.pk)
    assert open_key(segment.pk) != open_key(request.pk)


@pytest.mark.django_db
def test_an_artefact_key_wraps_no_other():
    with pytest.raises(ValueError, match="artefact"):
        create_key(create_key(create_key()))


@pytest.mark.django_db
def test_a_key_nobody_stored_is_missing():
    with pytest.raises(MissingKey):
        open_key(uuid.uuid4())


@pytest.mark.django_db
def test_a_destroyed_artefact_key_leaves_its_request_and_its_siblings_alone():
    request = create_key()
    segment, export = create_key(request), create_key(request)

    assert destroy_key(segment.pk) == 1

    with pytest.raises(KeyDestroyed):
        open_key(segment.pk)
    assert open_key(request.pk)
    assert open_key(export.pk)


@pytest.mark.django_db
def test_destroying_a_request_key_destroys_its_artefacts_and_nobody_elses():
    request, stranger = create_key(), create_key()
    segment, strangers_segment = create_key(request), create_key(stranger)

    assert destroy_key(request.pk) == 2

    for key in (request, segment):
        with pytest.raises(KeyDestroyed) as refusal:
            open_key(key.pk)
        assert isinstance(refusal.value, DsrError)
        assert isinstance(refusal.value, LookupError)
        key.refresh_from_db()
        assert key.wrapped == ""
    assert open_key(strangers_segment.pk)


@pytest.mark.django_db
def test_destroying_twice_keeps_the_first_time():
    key = create_key()
    destroy_key(key.pk)
    key.refresh_from_db()
    first = key.destroyed_at

    assert destroy_key(key.pk) == 0
    key.refresh_from_db()
    assert key.destroyed_at == first


@pytest.mark.django_db
def test_a_destroyed_request_key_wraps_no_new_artefact():
    request = create_key()
    destroy_key(request.pk)

    with pytest.raises(KeyDestroyed):
        create_key(request)


@pytest.mark.django_db
def test_a_wrapped_key_copied_to_another_row_does_not_open():
    key, other = create_key(), create_key()
    EncryptionKey.objects.filter(pk=other.pk).update(wrapped=key.wrapped)

    with pytest.raises(DamagedArtefact, match=str(other.pk)):
        open_key(other.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"wrapped": ""}, {"destroyed_at": timezone.now()}, {"ring_id": ""}])
def test_the_database_refuses_a_key_half_destroyed_or_on_no_ring(change):
    key = create_key()

    with pytest.raises(IntegrityError), transaction.atomic():
        EncryptionKey.objects.filter(pk=key.pk).update(**change)


@pytest.mark.django_db
def test_a_key_with_artefacts_cannot_be_removed():
    request = create_key()
    create_key(request)

    with pytest.raises(ProtectedError):
        request.delete()


@pytest.mark.django_db
def test_rotating_lets_the_old_ring_key_go_and_touches_no_artefact(settings):
    request = create_key()
    segment = create_key(request)
    opened = open_key(request.pk), open_key(segment.pk)

    assert rotate(KeyRing({"new": NEW, "old": OLD})) == 1

    settings.DSR_KEYS = {"new": NEW}
    assert (open_key(request.pk), open_key(segment.pk)) == opened
    assert EncryptionKey.objects.get(pk=segment.pk).wrapped == segment.wrapped


@pytest.mark.django_db
def test_rotating_again_changes_nothing():
    create_key()
    ring = KeyRing({"new": NEW, "old": OLD})
    rotate(ring)
    wrapped = EncryptionKey.objects.get().wrapped

    assert rotate(ring) == 0
    assert EncryptionKey.objects.get().wrapped == wrapped


@pytest.mark.django_db
def test_rotating_passes_over_destroyed_keys():
    destroy_key(create_key().pk)

    assert rotate(KeyRing({"new": NEW})) == 0


@pytest.mark.django_db
def test_rotating_goes_on_after_it_was_stopped_by_a_damaged_key(monkeypatch):
    monkeypatch.setattr(stored, "ROTATION_CHUNK", 2)
    for _ in range(5):
        create_key()
    fourth = EncryptionKey.objects.order_by("pk")[3]
    EncryptionKey.objects.filter(pk=fourth.pk).update(wrapped=damage(fourth.wrapped))
    ring = KeyRing({"new": NEW, "old": OLD})

    with pytest.raises(DamagedArtefact, match=str(fourth.pk)):
        rotate(ring)
    assert EncryptionKey.objects.filter(ring_id="new").count() == 2

    EncryptionKey.objects.filter(pk=fourth.pk).update(wrapped=fourth.wrapped)
    assert rotate(ring) == 3
    assert EncryptionKey.objects.filter(ring_id="new").count() == 5


@pytest.mark.django_db
def test_rotating_without_a_ring_key_needed_changes_nothing(settings):
    create_key()
    settings.DSR_KEYS = {"lost": NEW}
    create_key()

    with pytest.raises(MissingKey, match="lacks the keys 'lost'"):
        rotate(KeyRing({"new": os.urandom(32), "old": OLD}))
    assert not EncryptionKey.objects.filter(ring_id="new").exists()


@pytest.mark.django_db
def test_a_key_destroyed_while_it_is_rewrapped_stays_destroyed():
    read_before = create_key()
    destroy_key(read_before.pk)

    assert stored._rewrap(KeyRing({"new": NEW, "old": OLD}), read_before) == 0
    with pytest.raises(KeyDestroyed):
        open_key(read_before.pk)
