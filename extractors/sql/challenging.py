"""Questions whose answers are compared inside the source: what is held never leaves it, only whether all is right.

An answer is turned into every spelling under which a system may hold the same: of case, Unicode form, spaces and
punctuation, of dates and of numbers. The parts of a row that a question is about are folded alike by the database.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.sql.comparing import BIGINT, family

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from extractors.base import Question
    from extractors.sql.comparing import Comparing
    from extractors.sql.traversal import Found, Traversal

    Column = sa.ColumnElement[Any]

LONGEST_ANSWER = 200
PASSED_OVER = " \u00a0\u202f-\u2010\u2013.,/'\u2019()+"
"""What is written or left out as one likes; it is passed over on both sides.

Each is one more nested call for the database; past twenty, SQLite's parser gives up.
"""
DATES = frozenset({"date", "timestamp", "datetime"})
UNASKABLE = frozenset({"array", "json", "jsonb", "bytea", "blob", "largebinary", "boolean", "interval", "time"})
_NUMERIC = sa.Numeric(38, 10)
_ISO = re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})")
_PLAIN = re.compile(r"(?P<first>\d{1,2})[-./ ]{1,2}(?P<second>\d{1,2})[-./ ]{1,2}(?P<year>\d{4})")
_WORDS = re.compile(r"(?P<left>\d{1,2}|[a-z]{3,9})[ .,]*(?:of )?(?P<right>\d{1,2}|[a-z]{3,9})[ .,]*(?P<year>\d{4})")
_ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th)\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_AMOUNT = re.compile(r"[+-]?\d[\d.,]*")
_BESIDE_AMOUNT = re.compile(r"[\s\u00a0\u2009\u202f'\u2019]|[A-Z]{3}\b|[€$£¥]", re.IGNORECASE)


def is_askable(column: Column) -> bool:
    """Whether values of a column can be asked for; of two values, such as yes and no, one is soon guessed."""
    return family(column.type) not in UNASKABLE


def questions(traversal: Traversal) -> dict[Question, Column]:
    """Give for each question of the map the condition that something is held to compare an answer with."""
    return {
        question: condition
        for number, question in enumerate(traversal.data_map.questions())
        if (condition := _any(traversal, question, number, _is_held)) is not None
    }


def all_right(traversal: Traversal, answers: Mapping[Question, str]) -> sa.Select[Any] | None:
    """Select one number: 1 where every answer is right, else 0; all of them are looked at in any case.

    Returns:
        None where one is about nothing that is asked for or held, or says nothing.
    """
    asked = set(traversal.data_map.questions())
    conditions = []
    for number, (question, typed) in enumerate(answers.items()):
        condition = _right(traversal, question, number, typed) if question in asked else None
        if condition is None:
            return None
        conditions.append(sa.case((condition, 1), else_=0))
    if not conditions:
        return None
    total = sum(conditions[1:], start=conditions[0])
    return sa.select(sa.case((total == len(conditions), 1), else_=0))


def texts_of(typed: str) -> tuple[str, ...]:
    """Spell an answer as texts hold it, what is passed over left out."""
    spelled = [typed, *(spelling for day in dates_of(typed) for spelling in _date_texts(day))]
    forms = (unicodedata.normalize(form, text) for text in spelled for form in ("NFC", "NFD", "NFKC"))
    cased = (case for form in forms for case in (form.lower(), form, form.upper(), form.title()))
    return tuple(dict.fromkeys(text for text in map(_passed_over, cased) if text))


def dates_of(typed: str) -> tuple[date, ...]:
    """Read an answer as a day, day before month and month before day where both may be meant."""
    text = _ORDINAL.sub("", unicodedata.normalize("NFKC", typed).strip().lower())
    return tuple(dict.fromkeys(day for parts in _date_parts(text) if (day := _day(*parts))))


def numbers_of(typed: str) -> tuple[Decimal, ...]:
    """Read an answer as a number, with point or comma; both where `1.234` may be either."""
    text = _BESIDE_AMOUNT.sub("", unicodedata.normalize("NFKC", typed).strip())
    if not _AMOUNT.fullmatch(text) or len(text) > 30:
        return ()
    return tuple(dict.fromkeys(Decimal(plain) for plain in _plain_numbers(text)))


def _any(traversal: Traversal, question: Question, number: int, condition: Any) -> Column | None:
    """Build that one of the person's rows fulfils a condition about a column."""
    name, field = question
    traversal.stem = f"asked{number}_"  # several statements in one: none may name its parts as another does
    found = traversal.found(name) if is_askable(traversal.tables[name].table.c[field]) else None
    return _exists(found, condition(found.columns[field], traversal.comparing)) if found else None


def _right(traversal: Traversal, question: Question, number: int, typed: str) -> Column | None:
    text = _cleaned(typed)
    if not list(_ways(traversal.tables[question[0]].table.c[question[1]], traversal.comparing, text)):
        return None
    return _any(traversal, question, number, lambda column, comparing: sa.or_(*_ways(column, comparing, text)))


def _cleaned(typed: str) -> str:
    """Take off what cannot be seen, such as marks of the direction of writing; nothing is left of what is no text."""
    seen = "".join(letter for letter in typed if unicodedata.category(letter) != "Cf")
    text = " ".join(seen.split())
    return text if text.isprintable() and len(typed) <= LONGEST_ANSWER else ""


def _exists(found: Found, condition: Column) -> Column:
    return sa.exists(found.select([sa.literal_column("1").label("one")]).where(condition))


def _is_held(column: Column, comparing: Comparing) -> Column:
    if family(column.type) in DATES | {"number"} and comparing.is_strict:
        return column.is_not(None)
    return sa.func.length(_folded(column)) > 0


def _ways(column: Column, comparing: Comparing, typed: str) -> Iterator[Column]:
    """Yield the conditions under which a column holds an answer; where types are loose, its text counts as well."""
    name, binds = family(column.type), comparing.binds
    if name == "number" and (numbers := _fitting(column, numbers_of(typed))):
        yield column.in_([binds(text, sa.BigInteger() if _is_integer(column) else _NUMERIC) for text in numbers])
        return
    if name in DATES and (days := dates_of(typed)):
        yield _is_on(column, comparing, days)
    if (name not in DATES | {"number"} or not comparing.is_strict) and (texts := texts_of(typed)):
        yield _folded(column).in_([sa.func.lower(binds(text, sa.Text())) for text in texts])


def _is_on(column: Column, comparing: Comparing, days: Iterable[date]) -> Column:
    if comparing.is_strict:
        return sa.cast(column, sa.Date).in_([comparing.binds(day.isoformat(), sa.Date()) for day in days])
    written = sa.func.substr(sa.cast(column, sa.Text), 1, 10)
    return written.in_([comparing.binds(day.isoformat(), sa.Text()) for day in days])


def _folded(column: Column) -> Column:
    text: Column = column if family(column.type) == "text" else sa.cast(column, sa.Text)
    for character in PASSED_OVER:
        text = sa.func.replace(text, sa.literal(character, sa.Text()), sa.literal("", sa.Text()))
    return sa.func.lower(text)


def _fitting(column: Column, numbers: Iterable[Decimal]) -> list[str]:
    if not _is_integer(column):
        return [f"{number:f}" for number in numbers]
    return [str(int(number)) for number in numbers if number == int(number) and int(number) in BIGINT]


def _is_integer(column: Column) -> bool:
    return isinstance(column.type, sa.Integer)


def _passed_over(text: str) -> str:
    return "".join(character for character in text if character not in PASSED_OVER)


def _date_texts(day: date) -> tuple[str, ...]:
    return f"{day:%Y%m%d}", f"{day:%d%m%Y}"


def _date_parts(text: str) -> Iterator[tuple[int, int, int]]:
    if match := _ISO.fullmatch(text):
        yield int(match["year"]), int(match["month"]), int(match["day"])
    if match := _PLAIN.fullmatch(text):
        year, first, second = int(match["year"]), int(match["first"]), int(match["second"])
        yield year, second, first
        yield year, first, second
    if match := _WORDS.fullmatch(text):
        for day, month in ((match["left"], match["right"]), (match["right"], match["left"])):
            if day.isdecimal() and month[:3] in _MONTHS:
                yield int(match["year"]), _MONTHS.index(month[:3]) + 1, int(day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _plain_numbers(text: str) -> Iterator[str]:
    """Yield a number in the ways its points and commas may be meant."""
    marks = [character for character in text if character in ".,"]
    if not marks:
        yield text
        return
    whole, _, rest = text.rpartition(marks[-1])
    is_decimal = marks.count(marks[-1]) == 1
    if is_decimal and rest:
        yield f"{re.sub('[.,]', '', whole)}.{rest}"
    if len(set(marks)) == 1 and len(rest) == 3:
        yield re.sub("[.,]", "", text)
