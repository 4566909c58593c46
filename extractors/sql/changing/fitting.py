"""Holds a corrected value against its column: what the database would refuse, or change silently, is told before."""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from math import isnan
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from extractors.batches import Kind
from extractors.changes import NotRectifiable
from extractors.sql.changing.fixing import MARIADB
from extractors.sql.changing.forms import as_it_is, bound_text
from extractors.sql.comparing import NUMBER, base_type, family, is_uuid

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.datamap.parts import FieldPart
    from extractors.sql.changing.shapes import Shape

    Column = sa.ColumnElement[Any]

BOOLEANS = {"true": True, "false": False}
LARGEST_SINGLE = 3e38
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,19})")
DATE_TYPES = frozenset({"date", "datetime", "timestamp"})


@dataclass(frozen=True, slots=True)
class Fit:
    """One field of one record, and how its values are read.

    Args:
        kind: of the field as exports have it.
        old: the value there now, as text.
    """

    where: str
    column: sa.Column[Any]
    part: FieldPart
    shape: Shape
    kind: Kind
    dialect: str
    old: str | None

    def bound(self, new: str | None) -> Column:
        """Check the new value, and bind it as the column takes it.

        Raises:
            NotRectifiable: it does not fit.
        """
        if new is None:
            if self.column.nullable is False:
                raise self._refused("cannot be empty")
            return sa.null()
        if "\x00" in new:
            raise self._refused("cannot hold a NUL character")
        value = self._checked(new)
        return bound_text(self.column, value, self.dialect) if isinstance(value, str) else as_it_is(value)

    def _checked(self, new: str) -> str | int | float:
        """Give the value as the driver binds it; other than text only where the database would not convert it."""
        base = base_type(self.column.type)
        if isinstance(base, sa.Enum):
            return self._one_of(new, base.enums)
        if self.kind in (Kind.BINARY, Kind.JSON):
            return self._json(new, base)
        if self.kind is Kind.BOOLEAN or family(base) == "boolean":
            return self._boolean(new)
        if family(base) == "number" or self.kind in (Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL):
            return self._number(new, base)
        if self.kind is Kind.UUID:
            return self._form(new, is_uuid(new), "a UUID")
        if self.kind in (Kind.DATE, Kind.TIME, Kind.TIMESTAMP) or family(base) in DATE_TYPES:
            return self._moment(new, base)
        return self._text(new)

    def _one_of(self, new: str, values: list[str]) -> str:
        return self._form(new, new in values, f"one of {', '.join(values)}")

    def _json(self, new: str, base: sa.types.TypeEngine[Any]) -> str:
        is_json = self.kind is Kind.JSON and (self.part.json_ or isinstance(base, sa.JSON))
        if not is_json or isinstance(base, postgresql.ARRAY):
            raise self._refused("holds values that cannot be corrected one by one")
        try:
            orjson.loads(new)
        except orjson.JSONDecodeError:
            raise self._refused("holds JSON, which the new value is not") from None
        return self._text(new)

    def _boolean(self, new: str) -> str | int:
        if new not in BOOLEANS:
            raise self._refused("holds true or false")
        return new if self.dialect == "postgresql" else int(BOOLEANS[new])

    def _number(self, new: str, base: sa.types.TypeEngine[Any]) -> str | int | float:
        if self.kind is Kind.INTEGER or isinstance(base, sa.Integer):
            self._form(new, bool(WHOLE.fullmatch(new)), "a whole number, such as -12")
            return int(new) if self.dialect == "sqlite" and -(2**63) <= int(new) < 2**63 else new
        self._form(new, bool(NUMBER.fullmatch(new)) and new == new.strip(), "a number, such as -12.5")
        scale = getattr(base, "scale", None)
        if scale is not None and not isinstance(base, sa.Float) and _decimals(new) > scale:
            raise self._refused(f"has {scale} decimals, fewer than the new value")
        return float(new) if self.kind is Kind.FLOAT and self.dialect == "sqlite" else new

    def _moment(self, new: str, base: sa.types.TypeEngine[Any]) -> str:
        if self.dialect == "sqlite" and self.old is not None and _digits_aside(new) == _digits_aside(self.old):
            return new  # as the application writes it
        if self.kind is Kind.TIME or family(base) == "time":
            return self._form(new, _is(time, new) and "+" not in new and not new.endswith("Z"), "a time, as 23:59:59")
        if self.kind is Kind.DATE or family(base) == "date":
            return self._form(new, _is(date, new) and len(new) == len("2020-12-31"), "a date, as 2020-12-31")
        is_instant = bool(getattr(base, "timezone", False)) or (
            self.dialect in MARIADB and isinstance(base, sa.TIMESTAMP)
        )
        what = "a moment, as 2020-12-31T23:59:59" + ("Z" if is_instant else ", without a time zone")
        moment = datetime.fromisoformat(new) if _is(datetime, new) and len(new) > len("2020-12-31") else None
        if moment is None or (self.dialect != "sqlite" and (moment.tzinfo is not None) is not is_instant):
            raise self._refused(f"holds {what}")
        if self.dialect not in MARIADB:
            return new
        return _in_utc(moment).strftime("%Y-%m-%d %H:%M:%S.%f")

    def _text(self, new: str) -> str:
        most = self.shape.lengths.get(self.column.name)
        if most is not None and len(new) > most:
            raise self._refused(f"takes at most {most} characters")
        return new

    def _form(self, new: str, is_fit: bool, what: str) -> str:
        if not is_fit:
            raise self._refused(f"holds {what}")
        return new

    def _refused(self, why: str) -> NotRectifiable:
        return NotRectifiable(f"{self.where} {why}.")


def _is(type_: type[date] | type[time], text: str) -> bool:
    try:
        type_.fromisoformat(text)
    except ValueError:
        return False
    return True


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment


def _digits_aside(text: str) -> str:
    return re.sub(r"[0-9]", "0", text)


def _decimals(text: str) -> int:
    """Count the decimals that matter."""
    try:
        exponent = Decimal(text).normalize().as_tuple().exponent
    except InvalidOperation:
        return 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def is_shown(old: str | None, value: object, kind: Kind) -> bool:
    """Whether a text is how exports write a value; numbers and JSON may be written otherwise.

    Args:
        value: as its batch holds it, of 32 bits or 64 as the column is.
    """
    if old is None or value is None:
        return old is None and value is None
    if kind is Kind.BOOLEAN:
        return old == str(value).lower()
    if kind is Kind.FLOAT:
        return _is_same_number(old, value)
    if kind is Kind.JSON:
        return old == value or _is_same_json(old, str(value))
    return old == _plain(value)


def is_meant(new: str | None, value: object, kind: Kind) -> bool:
    """Whether a text means a value, however the source writes it: `12.5` is `12.50`, and a moment has many zones."""
    if is_shown(new, value, kind):
        return True
    read = _MEANINGS.get(kind)
    if read is None or new is None or value is None:
        return False
    try:
        return bool(read(new) == read(_plain(value)))
    except (ValueError, ArithmeticError, TypeError):
        return False


def _moment(text: str) -> datetime:
    return _in_utc(datetime.fromisoformat(text))


_MEANINGS: dict[Kind, Callable[[str], object]] = {
    Kind.INTEGER: Decimal,
    Kind.DECIMAL: Decimal,
    Kind.DATE: date.fromisoformat,
    Kind.TIME: time.fromisoformat,
    Kind.TIMESTAMP: _moment,
    Kind.UUID: UUID,
}


def text_of(value: object, kind: Kind) -> str | None:
    """Write a value of a batch as exports do; None for NULL."""
    if value is None:
        return None
    return str(value).lower() if kind is Kind.BOOLEAN else _plain(value)


def _plain(value: object) -> str:
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)


def _is_same_number(old: str, value: object) -> bool:
    if not isinstance(value, float):
        return False
    try:
        number = float(old)
    except ValueError:
        return False
    single = struct.unpack("f", struct.pack("f", number))[0] if abs(number) < LARGEST_SINGLE else number
    return value in (number, single) or (isnan(number) and isnan(value))


def _is_same_json(old: str, value: str) -> bool:
    try:
        return bool(orjson.dumps(orjson.loads(old)) == orjson.dumps(orjson.loads(value)))
    except ValueError:
        return False
