"""Values that several tables are filled with, in the form both databases take."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from math import gcd
from typing import TYPE_CHECKING

from requests_app.demonstration import texts
from requests_app.demonstration.truth import SECRET_MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from requests_app.demonstration.people import Account

START = datetime(2019, 1, 1, tzinfo=UTC)
START_DATE = date(2019, 1, 1)
SPAN_SECONDS = 190_000_000  # about six years
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (Macintosh)", "curl/8.5.0", "ExampleApp/3.2 (iOS)")
STRIDES = (7_919, 7_907, 7_901, 7_883)


def instant(second: int) -> str:
    """Write an instant, `second` seconds after the company began, with microseconds."""
    return (START + timedelta(seconds=second, microseconds=second * 7_919 % 1_000_000)).isoformat(" ")


def some_instant(pick: Random) -> str:
    """Pick an instant."""
    return instant(int(pick.random() * SPAN_SECONDS))


def some_date(pick: Random, days: int = 2_200, start: date = START_DATE) -> str:
    """Pick a date within so many days of `start`."""
    return (start + timedelta(days=int(pick.random() * days))).isoformat()


def ranks(count: int) -> Iterator[int]:
    """Yield every rank below `count` once, unlike the order of the keys, so that newest is not last written."""
    stride = next(item for item in STRIDES if gcd(item, count) == 1)
    return (number * stride % count for number in range(count))


def ranked_instant(rank: int, count: int) -> str:
    """Write the instant of a rank: distinct, later for higher ranks."""
    return instant(rank * max(1, SPAN_SECONDS // count))


def uuid(pick: Random) -> str:
    """Make a version 4 UUID."""
    digits = f"{pick.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def secret(kind: str, pick: Random) -> str:
    """Make a secret that can be recognised wherever it turns up."""
    return f"{SECRET_MARKER}{kind}-{pick.getrandbits(64):016x}"


def amount(pick: Random, most: int, digits: int = 2) -> str:
    """Pick a decimal below `most`, exact."""
    scale = 10**digits
    whole, fraction = divmod(int(pick.random() * most * scale), scale)
    return f"{whole}.{fraction:0{digits}}"


def network_address(pick: Random) -> str:
    """Pick an address reserved for documentation (RFC 5737, RFC 3849)."""
    last = int(pick.random() * 65_536)
    return f"2001:db8::{last:x}" if last % 5 == 0 else f"203.0.113.{last % 256}"


def as_json(value: object) -> str:
    """Write JSON as an application stores it, other scripts unescaped."""
    return json.dumps(value, ensure_ascii=False)


def credentials(account: Account, pick: Random) -> tuple[str | None, ...]:
    """Make password_hash, api_key, totp_secret and reset_token of an account."""
    kinds = ("password_hash", "api_key", "totp_secret", "reset_token")
    is_full = account.number % 3 == 1
    values = tuple(secret(kind, pick) if is_full or kind == "password_hash" else None for kind in kinds)
    return (None,) * len(kinds) if account.is_blank else values


def portrait(account: Account, pick: Random) -> bytes | None:
    """Make a small picture now and then: all byte values, zero included."""
    return (
        b"\x89PNG\r\n\x1a\n\x00\xff" + pick.randbytes(24) if account.number % 4 == 1 and not account.is_blank else None
    )


def locale(pick: Random) -> str:
    """Pick a language tag."""
    return pick.choice(texts.LOCALES)
