"""Telephone numbers: written one way, and shown to nobody whole."""

from __future__ import annotations

from extractors.errors import DsrError

SHOWN_DIGITS = 2


class UnusableNumber(DsrError, ValueError):
    """Say that something is no number that a text message reaches."""


def normalised(typed: str, country: str = "") -> str:
    """Write a number as gateways take it, like +4930123456.

    Args:
        country: ISO 3166-1 alpha-2, of a number without its country code.

    Raises:
        UnusableNumber: it is none, or one that a text message never reaches.

    Source: ITU-T E.164.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(typed.strip(), country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise UnusableNumber("This is no telephone number that is in use. Please write it like +49 170 1234567.")
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise UnusableNumber("This is a fixed line, which text messages do not reach. Please take a mobile number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(number: str) -> str:
    """Show a number so that its owner knows it, and nobody learns it."""
    return f"•••• {number[-SHOWN_DIGITS:]}"
