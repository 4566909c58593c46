"""Tells telephone numbers: written as such, or bare digits of which nearly all are numbers of one country."""

from __future__ import annotations

import re
from collections.abc import Sequence

LEAST_DIGITS, MOST_DIGITS = 8, 15
FEWEST_BARE = 8
TRIED_FIRST, TRIED = 10, 40
VALID_SHARE = 0.9
FEWEST_BEGINNINGS = 3
WITH_ZERO = ("DE", "FR", "NL", "GB", "AT", "CH", "BE")
WITHOUT_ZERO = ("ES", "IT", "PT", "PL", "US", None)  # None: international without its plus
LENIENT = frozenset(("DE", "FR", "PL"))
LENIENT_SHARE = 0.97
"""Countries that give out nearly every number there can be: random digits are theirs eight times out of ten."""
_EXTENSION = re.compile(r"\s*(?:ext\.?|x|#|durchwahl|dw|poste|int\.?)\s*\d{1,6}$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s()/.\-\u2010-\u2015]+")
_WRITTEN = re.compile(r"(?:tel:|tel\.? ?)?\+?[\s(]*\d[\d\s()/.\-\u2010-\u2015]*\d", re.IGNORECASE)
# National spellings with separators; the groupings that dates, amounts and social security numbers do not have.
_NATIONAL = re.compile(
    r"\(0\d{1,5}\)[ /-]{0,2}\d{2,}(?:[ -]?\d{2,}){0,4}"
    r"|0[1-9]\d{0,4} ?[ /-] ?\d{3,}(?:[ -]?\d{2,}){0,3}"
    r"|0[1-9](?:[ .-]\d\d){4}"
    r"|0[1-9]\d{0,3}(?: \d{2,4}){2,4}"
    r"|(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}"
    r"|[2-9]\d\d([ .-])\d{3}\1\d{3}|[2-9]\d\d([ .-])\d\d\2\d\d\2\d\d|[1-9]\d \d{3} \d\d \d\d|3\d\d[ .-/]\d{6,7}"
    r"|\(\d{2}\) ?9?\d{4}-\d{4}"
)


def is_phone(text: str) -> bool:
    """Tell a telephone number in international form, or in a national one with its usual separators."""
    if not 7 <= len(text) <= 32:
        return False
    bare = _EXTENSION.sub("", text)
    if _WRITTEN.fullmatch(bare) is None:
        return False
    digits = _SEPARATORS.sub("", bare.lower().removeprefix("tel").lstrip(":. "))
    if digits.startswith("+"):
        return LEAST_DIGITS <= len(digits) - 1 <= MOST_DIGITS and digits[1] != "0"
    if not LEAST_DIGITS <= len(digits) <= MOST_DIGITS:
        return False
    if digits.startswith("00") and digits[2] != "0":
        return len(digits) >= 11 and _is_valid("+" + digits[2:], None)
    return _NATIONAL.fullmatch(bare.strip()) is not None


def bare_share(numbers: Sequence[str]) -> float:
    """Give the share of bare digits that are telephone numbers of the one country most of them are of.

    Every country has so many numbers that a few fit by accident: nearly all must, they must begin differently
    and they must not be moments counted in seconds.
    """
    fitting = [number for number in numbers if 9 <= len(number) <= 13 and not _is_moment(number)]
    if len(fitting) < FEWEST_BARE or len(fitting) < len(numbers) * VALID_SHARE:
        return 0.0
    tried = fitting[:: max(1, len(fitting) // TRIED)][:TRIED]
    if len({number[:5] for number in tried}) < FEWEST_BEGINNINGS:
        return 0.0
    regions = WITH_ZERO if sum(number.startswith("0") for number in tried) > len(tried) / 2 else WITHOUT_ZERO
    best = max(_valid_share(tried, region) for region in regions)
    return best * len(fitting) / len(numbers)


def _valid_share(numbers: Sequence[str], region: str | None) -> float:
    """Give up on a country after the first few that are not its; 0 where too many are not."""
    least = LENIENT_SHARE if region in LENIENT else VALID_SHARE
    first = sum(_is_valid(_spelled(number, region), region) for number in numbers[:TRIED_FIRST])
    if first < min(TRIED_FIRST, len(numbers)) * VALID_SHARE:
        return 0.0
    rest = sum(_is_valid(_spelled(number, region), region) for number in numbers[TRIED_FIRST:])
    share = (first + rest) / len(numbers)
    return share if share >= least else 0.0


def _spelled(number: str, region: str | None) -> str:
    return number if region else "+" + number


def _is_valid(number: str, region: str | None) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _is_moment(number: str) -> bool:
    """Tell seconds or milliseconds since 1970, of the years 2001 to 2039."""
    return (len(number) == 10 or len(number) == 13) and "1000000000" <= number[:10] < "2200000000"
