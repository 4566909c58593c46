"""Numbers that are estimates, as one says them."""

from __future__ import annotations

DIGITS = 3


def about(number: int) -> str:
    """Say an estimate without the digits that nobody can vouch for."""
    return f"about {round(number, min(0, DIGITS - len(str(number)))):,}"
