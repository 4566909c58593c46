"""The identifiers a search is made by, normalised once at the door."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from extractors.errors import UnusableIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EMAIL = "email"
PHONE = "phone"
LONGEST_VALUE = 1024

Node: TypeAlias = tuple[str, tuple[str, ...]]
"""A collection and some of its columns: the values these have in the person's rows are what links compare with."""

ForeignNode: TypeAlias = tuple[str, Node]
"""A node of a source, by the source's short name."""


def link_kind(node: ForeignNode) -> str:
    """Name the kind of the values that links to another source compare with; no kind of a data map has a dot."""
    source, (collection, columns) = node
    return f"{source}.{collection}.{','.join(columns)}"


def link_text(values: Iterable[str]) -> str:
    """Write one combination of such values as one text."""
    return "\x1f".join(values)


def link_parts(text: str) -> tuple[str, ...]:
    """Take apart what `link_text` wrote."""
    return tuple(text.split("\x1f"))


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What one person is known by: identifier kind to the exact values to compare columns with.

    Only proven identifiers belong here. The values are personal and therefore never shown by `repr`.

    Args:
        carried: the values that links to other sources compare with, as text, each combination once.
    """

    values: Mapping[str, tuple[str, ...]] = field(repr=False)
    carried: Mapping[ForeignNode, tuple[tuple[str, ...], ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Identifiers:
        """Normalise (kind, value) pairs as they were typed.

        Raises:
            UnusableIdentifier: a value no system could hold (empty, a NUL inside, no e-mail, no phone number).
        """
        collected: defaultdict[str, list[str]] = defaultdict(list)
        for kind, typed in pairs:
            collected[kind].extend(spellings(kind, typed))
        return cls({kind: tuple(dict.fromkeys(values)) for kind, values in collected.items()})

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """The values of one kind, none when the person is not known by it."""
        return self.values.get(kind, ())

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of identifier the person is known by."""
        return frozenset(self.values)


def spellings(kind: str, typed: str) -> tuple[str, ...]:
    """List the spellings under which a system may hold one identifier, the canonical one first.

    E-mail addresses are compared case-folded by the database; the upper and lower spellings beside them serve
    databases that fold ASCII only (SQLite), the composed and decomposed ones accents stored either way.
    """
    value = typed.strip()
    if not value or "\x00" in value or len(value) > LONGEST_VALUE:
        raise UnusableIdentifier(f"The {kind} cannot be searched for: it is empty, too long or holds a NUL character")
    if kind == EMAIL:
        return _email_spellings(value)
    if kind == PHONE:
        return _phone_spellings(value)
    return (value,)


def _email_spellings(value: str) -> tuple[str, ...]:
    local, at, domain = value.rpartition("@")
    if not (local and at and domain) or any(character.isspace() for character in value):
        raise UnusableIdentifier("The email is not an e-mail address (name@domain)")
    forms = (unicodedata.normalize(form, value) for form in ("NFC", "NFD"))
    return tuple(dict.fromkeys(cased for form in forms for cased in _cases(form)))


def _cases(value: str) -> tuple[str, ...]:
    """Leave the upper case out where it names another mailbox: `straße` would become `STRASSE`."""
    lower, upper = value.lower(), value.upper()
    return (lower, upper, value) if upper.lower() == lower else (lower, value)


def _phone_spellings(value: str) -> tuple[str, ...]:
    """Spell a number given in international form as systems write it: E.164, with 00, bare, grouped, RFC 3966."""
    import phonenumbers
    from phonenumbers import PhoneNumberFormat

    international = "+" + value[2:] if value.startswith("00") else value
    try:
        number = phonenumbers.parse(international, None)
    except phonenumbers.NumberParseException as error:
        raise UnusableIdentifier(
            "The phone is not a number in international form (+ and country code, as in +491512345678)"
        ) from error
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    grouped = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    rfc3966 = phonenumbers.format_number(number, PhoneNumberFormat.RFC3966)
    spaced, plain = grouped.replace("-", " "), f"tel:{e164}"
    return tuple(dict.fromkeys((e164, "00" + e164[1:], e164[1:], grouped, spaced, rfc3966, plain)))
