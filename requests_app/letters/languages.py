"""The languages that notices are shipped in, and how days, times and numbers are written in each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal
from babel.units import format_unit
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from importlib.resources.abc import Traversable

    from django.utils.safestring import SafeString

ENGLISH = "en"
_KILO = 1000
_SIZES = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")
_LOCALES = {"en": "en_GB"}  # the day before the month, as everywhere but in America
_SHIPPED = files(__package__).joinpath("shipped")


class UnknownPhrase(KeyError):
    """Say that a language lacks a phrase; it stands in none of its files."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language in which notices are written.

    Args:
        tag: RFC 5646, in small letters.
        phrases: HTML of our own, values in braces, by what they are for.
        locale: by which days and numbers are written.
    """

    tag: str
    phrases: Mapping[str, str]
    locale: Locale

    def phrase(self, name: str, /, **values: object) -> SafeString:
        """Give a phrase with its values, which are escaped.

        Raises:
            UnknownPhrase: there is none of this name.
        """
        if name not in self.phrases:
            raise UnknownPhrase(f"There is no phrase {name} in {self.tag}.")
        text = self.phrases[name]
        # Braces are for values; the phrases are files of ours.
        return format_html(text, **values) if values else mark_safe(text)  # noqa: S308

    def counted(self, name: str, number: int) -> SafeString:
        """Give a phrase in the form that goes with a number: `{n}` in it is the number."""
        form = f"{name}.{self.locale.plural_form(number)}"
        return self.phrase(form if form in self.phrases else f"{name}.other", n=self.number(number))

    def number(self, number: float) -> str:
        """Write a number."""
        return format_decimal(number, format="#,##0.#", locale=self.locale)

    def day(self, day: date) -> str:
        """Write a day: `6 May 2024`, `6. Mai 2024`."""
        return format_date(day, "long", locale=self.locale)

    def moment(self, at: datetime) -> str:
        """Write a moment in the portal's time zone: `6 May 2024, 07:08 UTC`."""
        local = timezone.localtime(at)
        return f"{self.day(local.date())}, {local:%H:%M} {local.tzname()}"

    def days(self, number: int) -> str:
        """Write how many days: `7 days`, `7 Tage`."""
        return format_unit(number, "duration-day", locale=self.locale)

    def minutes(self, number: int) -> str:
        """Write how many minutes."""
        return format_unit(number, "duration-minute", locale=self.locale)

    def size(self, size_bytes: int) -> str:
        """Write a size in the unit that reads best, a thousand of one being the next."""
        size, unit = float(size_bytes), 0
        while size >= _KILO and unit < len(_SIZES) - 1:
            size, unit = size / _KILO, unit + 1
        return format_unit(round(size, 1), f"digital-{_SIZES[unit]}", "short", locale=self.locale)


@cache
def shipped_languages() -> tuple[str, ...]:
    """List the languages that come with the portal, English first."""
    found = sorted(item.name for item in _SHIPPED.iterdir() if item.joinpath("phrases.toml").is_file())
    return (ENGLISH, *(tag for tag in found if tag != ENGLISH))


def chain(tag: str) -> tuple[str, ...]:
    """List a language and those it is a kind of, the nearest first: `de-at`, `de`."""
    parts = tag.replace("_", "-").lower().split("-")
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


def language_of(tag: str) -> Language:
    """Give the language that a tag names; English where the portal does not come with it."""
    return next((_loaded(item) for item in chain(tag) if item in shipped_languages()), _loaded(ENGLISH))


def shipped_file(tag: str, name: str) -> Traversable:
    """Give a file of a shipped language, there or not."""
    return _SHIPPED.joinpath(tag, name)


def direction_of(tag: str) -> str:
    """Tell in which direction a language is written, as HTML names it: `ltr` or `rtl`."""
    try:
        return str(Locale.parse(tag, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "ltr"


def name_of(tag: str) -> str:
    """Name a language in English; the tag itself where nobody knows it."""
    try:
        return Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return tag


def own_name_of(tag: str) -> str:
    """Name a language as those who speak it do: `Deutsch`, `Français`."""
    name = Locale.parse(tag, sep="-").get_display_name(tag) or tag
    return f"{name[:1].upper()}{name[1:]}"


def proposed(accept_language: str) -> str:
    """Tell from a browser's languages in which its owner may want to be written to; English where none is shipped.

    Args:
        accept_language: the header Accept-Language (RFC 9110 §12.5.4), the languages preferred first.
    """
    tags = (part.partition(";")[0].strip() for part in accept_language.split(","))
    known = (item for tag in tags if tag for item in chain(tag) if item in shipped_languages())
    return next(known, ENGLISH)


@cache
def _loaded(tag: str) -> Language:
    known = tomllib.loads(shipped_file(tag, "phrases.toml").read_text(encoding="utf-8"))
    return Language(tag, dict(_flat(known)), Locale.parse(_LOCALES.get(tag, tag)))


def _flat(table: Mapping[str, object], stem: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        found += _flat(value, f"{stem}{name}.") if isinstance(value, dict) else [(f"{stem}{name}", str(value))]
    return found
