"""Judges sampled values: what a column's values look like, and how many of them do. Keeps none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from uuid import UUID

from extractors.discovery import addresses, birth_dates, national_ids, people, phones, shapes
from extractors.discovery.model import Content, Sampled

MOST_CODES = 20
LONGEST_CODE = 32
SMALLEST_TELLING, LARGEST_TELLING = 10_000_000, 10**20
CODES_REPEAT = 3
LEAST_PLAIN_SHARE = 0.5
LONGEST_PLAIN = 90
LONGER_TEXT = 25
ID_LENGTHS = range(8, 26)
BARE_LENGTHS = range(9, 20)
DIGEST_SIZES = frozenset((20, 28, 32, 48, 64))
NETWORKS = (IPv4Address, IPv6Address, IPv4Interface, IPv6Interface, IPv4Network, IPv6Network)


@dataclass(slots=True)
class _Look:
    """What is gathered while a column's different values are looked at, each counted as often as it was seen."""

    kinds: Counter[Content] = field(default_factory=Counter)
    dates: list[date] = field(default_factory=list)
    has_time: bool = False
    plain: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    bare_seen: int = 0
    longer: int = 0
    mentioning: int = 0
    others: int = 0


def sample(values: Sequence[object]) -> Sampled:
    """Judge the sampled values of one column; quick, and nothing of them stays.

    Args:
        values: as the drivers give them.
    """
    counts, others = _counted(values)
    seen = counts.total() + others.total()
    if not seen:
        return Sampled()
    look = _Look(kinds=Counter(others))
    for value, times in counts.items():
        _look_at(value, times, look)
    shares = {kind: times / seen for kind, times in look.kinds.items()}
    distinct = len(counts) + others.total()
    shares |= _of_the_column(look, distinct)
    if Content.NATIONAL_ID in shares:
        shares.pop(Content.TOKEN, None)
    if _are_codes(counts, seen, shares):
        shares[Content.CODE] = 1.0
    mentions = look.mentioning / look.longer if look.longer else 0.0
    return Sampled(
        seen, {kind: round(share, 4) for kind, share in shares.items() if share}, distinct, round(mentions, 4)
    )


def _counted(values: Iterable[object]) -> tuple[Counter[object], Counter[Content]]:
    """Count equal values once; structures, which have no hash, are JSON or arrays and need no look."""
    counts: Counter[object] = Counter()
    others: Counter[Content] = Counter()
    for value in values:
        if value is None or value == "":
            continue
        if isinstance(value, dict | list | tuple | set):
            if value:
                others[Content.JSON] += 1
            continue
        counts[_as_text(value) if isinstance(value, bytes | bytearray | memoryview) else value] += 1
    blank = [value for value in counts if isinstance(value, str) and not value.strip()]
    for value in blank:
        del counts[value]
    return counts, others


def _as_text(value: bytes | bytearray | memoryview) -> object:
    """Read bytes that are text as text: some databases hold addresses so."""
    raw = bytes(value)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return raw
    return text if text.isprintable() else raw


def _look_at(value: object, times: int, look: _Look) -> None:
    if isinstance(value, str):
        _look_at_text(value.strip(), times, look)
    elif isinstance(value, bool):
        look.kinds[Content.BOOLEAN] += times
    elif isinstance(value, int):
        look.kinds[Content.NUMBER] += times
        if SMALLEST_TELLING < value < LARGEST_TELLING:
            _look_at_digits(str(value), times, look)
    elif isinstance(value, float | Decimal):
        look.kinds[Content.NUMBER] += times
    elif isinstance(value, date):
        _look_at_date(value, times, look)
    else:
        _look_at_rest(value, times, look)


def _look_at_rest(value: object, times: int, look: _Look) -> None:
    if isinstance(value, UUID):
        look.kinds[Content.UUID] += times
    elif isinstance(value, NETWORKS):
        look.kinds[Content.IP] += times
    elif isinstance(value, bytes) and len(value) in DIGEST_SIZES:
        look.kinds[Content.HASH] += times
    else:
        look.others += times


def _look_at_date(value: date, times: int, look: _Look) -> None:
    look.kinds[Content.DATE] += times
    look.dates.append(value)
    if isinstance(value, datetime) and (value.hour or value.minute or value.second):
        look.has_time = True


def _look_at_digits(digits: str, times: int, look: _Look) -> None:
    if shapes.is_card(digits):
        look.kinds[Content.CARD] += times
        return
    written = birth_dates.compact(digits)
    if written is not None:
        _look_at_date(written, times, look)
    elif len(digits) in ID_LENGTHS:
        look.ids.append(digits)
        look.bare.append(digits)
    look.bare_seen += 1


def _look_at_text(text: str, times: int, look: _Look) -> None:
    length = len(text)
    kind = _kind_of(text, length)
    if kind is not None:
        look.kinds[kind] += times
    if length >= LONGER_TEXT and (" " in text or kind is Content.JSON):
        look.longer += times
        look.mentioning += times * (kind is not Content.EMAIL and shapes.mentions_contact(text))
    if kind is None or kind is Content.NUMBER:
        _keep_for_the_column(text, length, times, look)
    elif kind is Content.TOKEN and length in ID_LENGTHS:
        look.ids.append(text)


def _keep_for_the_column(text: str, length: int, times: int, look: _Look) -> None:
    """Set aside what only many values together can tell."""
    if text.isdigit() and text.isascii():
        if length >= ID_LENGTHS.start:
            _look_at_digits(text, times, look)
        return
    written = birth_dates.written(text, length)
    if written is not None:
        look.kinds[Content.DATE] += times
        look.dates.append(written[0])
        look.has_time |= written[1]
    elif length in ID_LENGTHS and sum(map(str.isdigit, text)) >= 5:
        look.ids.append(text)
    elif length <= LONGEST_PLAIN:
        look.plain.append(text)


def _first(text: str, checks: Iterable[tuple[Content, Callable[[str], bool]]]) -> Content | None:
    return next((kind for kind, check in checks if check(text)), None)


_BY_BEGINNING: Mapping[str, tuple[tuple[Content, Callable[[str], bool]], ...]] = {
    "{": ((Content.JSON, shapes.is_json), (Content.HASH, shapes.is_hash), (Content.UUID, shapes.is_uuid)),
    "[": ((Content.JSON, shapes.is_json),),
    "$": ((Content.HASH, shapes.is_hash),),
    "*": ((Content.HASH, shapes.is_hash),),
}
_OF_DIGITS = (
    (Content.IP, shapes.is_ip),
    (Content.CARD, shapes.is_card),
    (Content.PHONE, phones.is_phone),
    (Content.NUMBER, shapes.is_number),
)
_LONG = (
    (Content.UUID, shapes.is_uuid),
    (Content.IBAN, shapes.is_iban),
    (Content.HASH, shapes.is_hash),
    (Content.TOKEN, shapes.is_token),
)


def _kind_of(text: str, length: int) -> Content | None:
    """Ask the questions that the text's beginning and characters leave open, and no others."""
    beginning = _BY_BEGINNING.get(text[0])
    if beginning and (kind := _first(text, beginning)):
        return kind
    if "@" in text and shapes.is_email(text):
        return Content.EMAIL
    if ":" in text and (kind := _with_colon(text)):
        return kind
    if not any(map(str.isalpha, text)) or text[0] in "+(":
        return _first(text, _OF_DIGITS)
    if " " in text and shapes.is_free_text(text):
        return Content.FREE_TEXT
    return _without_words(text, length)


def _without_words(text: str, length: int) -> Content | None:
    if length >= 15 and (kind := _first(text, _LONG)):
        return kind
    if text[0] in "wW" and shapes.is_url(text):
        return Content.URL
    return Content.PHONE if text[0] in "tT0123456789" and phones.is_phone(text) else None


def _with_colon(text: str) -> Content | None:
    checks = ((Content.URL, shapes.is_url), (Content.IP, shapes.is_ip), (Content.SERIALISED, shapes.is_serialised))
    if text.startswith("otpauth:"):
        return Content.TOKEN
    return _first(text, checks)


def _of_the_column(look: _Look, distinct: int) -> dict[Content, float]:
    """Judge what single values cannot tell: names, national numbers, bare telephone numbers, birth dates."""
    shares: dict[Content, float] = {}
    if look.plain and len(look.plain) >= distinct * LEAST_PLAIN_SHARE:
        shares[Content.NAME] = people.share(look.plain) * len(look.plain) / distinct
        shares[Content.STREET] = addresses.share(look.plain) * len(look.plain) / distinct
    if look.ids and (share := national_ids.share(look.ids, distinct)):
        shares[Content.NATIONAL_ID] = share
    elif look.bare and (share := phones.bare_share(look.bare)) and not look.kinds[Content.CARD]:
        shares[Content.PHONE] = share * len(look.bare) / distinct
    if look.dates and not look.has_time:
        shares[Content.BIRTH_DATE] = birth_dates.share(look.dates) * len(look.dates) / distinct
    return shares


def _are_codes(counts: Counter[object], seen: int, shares: Mapping[Content, float]) -> bool:
    """Tell few different short texts that come back again and again."""
    if len(counts) > MOST_CODES or seen < len(counts) * CODES_REPEAT:
        return False
    return all(isinstance(value, str) and len(value) <= LONGEST_CODE for value in counts) and not any(
        shares.get(kind, 0) > 0.5 for kind in (Content.EMAIL, Content.PHONE, Content.IP, Content.HASH, Content.JSON)
    )
