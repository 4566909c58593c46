"""What a passphrase must be so that every program which opens protected packages takes it."""

from __future__ import annotations

import secrets

from extractors.errors import DsrError

FEWEST_CHARACTERS, MOST_CHARACTERS = 12, 64  # 7-Zip takes 99 and no more
FEWEST_DIFFERENT = 6
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that look alike: 0 O, 1 I L
_GROUPS, _GROUP_LETTERS = 5, 4


class UnusablePassphrase(DsrError, ValueError):
    """Refuse a passphrase; says what to change, never what was typed."""


def check_passphrase(text: str) -> None:
    """Refuse what is weak, or what programs read differently: beyond ASCII they disagree about the bytes.

    Raises:
        UnusablePassphrase: with what to change.
    """
    if not (text.isascii() and text.isprintable()):
        raise UnusablePassphrase(
            "Please use unaccented letters, digits, spaces and common signs only: programs disagree about others."
        )
    if text != text.strip():
        raise UnusablePassphrase("Please begin and end it with something else than a space: spaces there get lost.")
    if not FEWEST_CHARACTERS <= len(text) <= MOST_CHARACTERS:
        raise UnusablePassphrase(f"Please use {FEWEST_CHARACTERS} to {MOST_CHARACTERS} characters.")
    if len(set(text.casefold())) < FEWEST_DIFFERENT:
        raise UnusablePassphrase(f"Please use at least {FEWEST_DIFFERENT} different characters.")


def suggested_passphrase() -> str:
    """Make a strong one (99 bits) that is easily read out and typed, like `7KQP-3MXF-9TRC-H4WZ-2NVD`."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LETTERS)) for _ in range(_GROUPS))
    return "-".join(groups)
