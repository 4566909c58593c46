"""Finds other people's e-mail addresses and telephone numbers in the person's records, column by column.

Columns without any are passed over after one search for the characters every address or number has; what may be one is
found by expressions over whole columns; what is doubtful then is looked at one by one.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import orjson

from extractors.batches import Concern, Kind
from extractors.identifiers import EMAIL, PHONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import pyarrow as pa

    from extractors.batches import Collection, Field
    from extractors.identifiers import Identifiers

    Texts = pa.Array[Any]

MOST_NUMBERS_JUDGED = 10_000  # of one extract; numbers beyond are told by their shape alone
LEAST_DIGITS = 6
LEAST_COMMON_DIGITS = 7  # that tell two spellings of one number from two numbers
# Each begins with characters of its own, by which RE2 finds it as fast as memory is read.
ADDRESS_SIGNS = ("@", "%40", r"\\u0040")
PLUS = r"\+[ (]{0,2}[1-9]"
ZEROS = r"00[ (]{0,2}[1-9]"
BEFORE_ZEROS = (" ", '"', "'", r"\(", "/", r"\n", r"\xa0")
DOMAIN = r"[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}"
ADDRESS = re.compile(rf"[\w.%+'-]*[\w%+-]@(?![0-9]x\.){DOMAIN}")
WORD = r"0-9A-Za-z_\x{80}-\x{10FFFF}"  # nearly; RE2 takes long to read classes of Unicode
ADDRESS_RE2 = rf"[{WORD}%+-]@[{WORD}-]+(?:\.[{WORD}-]+)*\.[A-Za-z\x{{80}}-\x{{10FFFF}}]{{2}}"
HIDDEN_RE2 = r"%40|\\u0040"
NOBODY = r"(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer-daemon|postmaster|bounces?)(?:\+[\w.=-]*)?"
NUMBER_RE2 = r"(?:^|[^0-9A-Za-z_+.,-])(?:\+|00)[ (]{0,2}[1-9][0-9 ()./\x{a0}-]{5,20}[0-9](?:$|[^0-9A-Za-z_])"
DIGITS_RE2 = rf"(?:[0-9]\D*){{{LEAST_DIGITS}}}"
JSON_SPACES_RE2 = r"\\[nrtbf]|\\u00[01][0-9A-Fa-f]"
TWO_ZEROS = re.compile(r"(?<![\w+.,-])00(?=[ (]{0,2}[1-9])")


@dataclass(frozen=True, slots=True)
class Known:
    """What is the person's own or nobody's, so that everything else is somebody else's; never shown by `repr`.

    Args:
        emails: in lower case, composed (NFC).
        phones: their digits alone, without leading zeros.
        nobodys: addresses and domains (`@shop.example`) that belong to no other person, as the data map lists them.
    """

    emails: frozenset[str] = field(default=frozenset(), repr=False)
    phones: frozenset[str] = field(default=frozenset(), repr=False)
    nobodys: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, identifiers: Identifiers, learned: Iterable[tuple[str, str]] = (), nobodys: tuple[str, ...] = ()
    ) -> Known:
        """Gather the identifiers searched by, and what was learned from the person's own rows: (kind, value)."""
        pairs = [(kind, value) for kind in identifiers.kinds for value in identifiers.of_kind(kind)] + list(learned)
        numbers = (digits(value) for kind, value in pairs if kind == PHONE)
        return cls(
            emails=frozenset(folded(value) for kind, value in pairs if kind == EMAIL),
            phones=frozenset(number for number in numbers if len(number) >= LEAST_DIGITS),
            nobodys=nobodys,
        )

    def holds(self, kind: str, value: str) -> bool:
        """Whether an address or a number is known already."""
        return folded(value) in self.emails if kind == EMAIL else self.has_number(digits(value))

    def has_number(self, number: str) -> bool:
        """Whether digits are those of an own number, one of them perhaps without the country's code."""
        return any(_is_same_number(number, own) for own in self.phones)


def folded(address: str) -> str:
    """Spell an address so that equal ones are equal texts."""
    return unicodedata.normalize("NFC", address.strip()).lower()


def digits(number: str) -> str:
    """Give the digits of a number, without the zeros that stand before a country's or an area's code."""
    return "".join(character for character in number if character.isdecimal()).lstrip("0")


def _is_same_number(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or (len(shorter) >= LEAST_COMMON_DIGITS and longer.endswith(shorter))


class Judge:
    """Tells texts that hold somebody else's address or number, for one extract.

    Each method gives the places of such texts within a column, which may hold NULL.

    Args:
        known: what is nobody else's.
    """

    def __init__(self, known: Known) -> None:
        self.known = known
        self._numbers_left = MOST_NUMBERS_JUDGED

    def addresses(self, texts: Texts) -> Texts:
        """Find e-mail addresses within texts."""
        import pyarrow.compute as pc

        is_own = pc.is_in(pc.ascii_lower(texts), self._own_values, skip_nulls=True)
        others: Any = pc.indices_nonzero(pc.invert(is_own))
        texts = texts.take(others)
        found: Any = _places(texts, rf"{ADDRESS_RE2}|{HIDDEN_RE2}")
        places, hits = others.take(found), texts.take(found)
        if len(places):
            bare = pc.replace_substring_regex(hits, self._own, r"\1 \2") if self.known.emails else hits
            is_other = pc.match_substring_regex(bare, ADDRESS_RE2)
            is_doubtful = pc.match_substring_regex(bare, self._doubtful, ignore_case=True)
            places = places.filter(_decided(hits, is_other, is_doubtful, self._has_other_address))
        return cast("Texts", places)

    def numbers(self, texts: Texts) -> Texts:
        """Find telephone numbers in international form within texts."""
        return self._judged(texts, NUMBER_RE2, self._has_other_number)

    def whole_addresses(self, texts: Texts) -> Texts:
        """Find values of a column of addresses."""
        return self._judged(texts, "@|%40", lambda text: "@" in self._exempt.sub(" ", _plain(text)))

    def whole_numbers(self, texts: Texts) -> Texts:
        """Find values of a column of telephone numbers, however they are written."""
        return self._judged(texts, DIGITS_RE2, lambda text: not self.known.has_number(digits(text)))

    @staticmethod
    def _judged(texts: Texts, pattern: str, judge: Callable[[str], bool]) -> Texts:
        import pyarrow as pa

        places: Any = _places(texts, pattern)
        is_hit: Any = pa.repeat(pa.scalar(value=True), len(places))
        others: Texts = places.filter(_decided(texts.take(places), is_hit, is_hit, judge))
        return others

    def _has_other_address(self, text: str) -> bool:
        return bool(ADDRESS.search(self._exempt.sub(" ", _plain(text))))

    def _has_other_number(self, text: str) -> bool:
        import phonenumbers

        if self._numbers_left <= 0:
            return True
        self._numbers_left -= 1
        clear = phonenumbers.PhoneNumberMatcher(text, None, phonenumbers.Leniency.POSSIBLE)
        # Two zeros begin many an order's number too, which is rarely a number that the country it names gives out.
        with_zeros = phonenumbers.PhoneNumberMatcher(TWO_ZEROS.sub("+", text), None, phonenumbers.Leniency.VALID)
        numbers = (match.number for match in chain(clear, with_zeros))
        return any(not self.known.has_number(f"{one.country_code}{one.national_number}") for one in numbers)

    @cached_property
    def _own_values(self) -> Texts:
        import pyarrow as pa

        return pa.array(sorted(self.known.emails), pa.string())

    @cached_property
    def _own(self) -> str:
        """The person's addresses in text, between what cannot belong to an address, which is to stay."""
        own = "|".join(sorted(map(re.escape, self.known.emails), key=len, reverse=True))
        return rf"(?i)(^|[^{WORD}.%+-])(?:{own})($|[^{WORD}.-]|\.(?:$|[^{WORD}]))"

    @cached_property
    def _doubtful(self) -> str:
        """Texts in which an address may be nobody else's; written without looking around, which RE2 does not do."""
        own = {re.escape(unicodedata.normalize(form, own)) for own in self.known.emails for form in ("NFC", "NFD")}
        ends = (re.escape(name.removeprefix("@")) for name in self.known.nobodys)  # subdomains of a domain too
        return "|".join([HIDDEN_RE2, r"@[0-9]x\.", rf"{NOBODY}@", *sorted(own), *ends])

    @cached_property
    def _exempt(self) -> re.Pattern[str]:
        """Addresses that are the person's or nobody's, whole ones only: `ann@x.org` is not within `joann@x.org`."""
        own = sorted(map(re.escape, self.known.emails), key=len, reverse=True)
        domains = [re.escape(name[1:]) for name in self.known.nobodys if name.startswith("@")]
        exact = [re.escape(folded(name)) for name in self.known.nobodys if not name.startswith("@")]
        at_domains = [rf"[\w.%+'-]+@(?:[\w-]+\.)*(?:{'|'.join(domains)})"] if domains else []
        whole = "|".join([*own, *exact, *at_domains, rf"{NOBODY}@{DOMAIN}"])
        return re.compile(rf"(?<![\w.%+-])(?:{whole})(?![\w-]|\.\w)", re.IGNORECASE)


def _plain(text: str) -> str:
    """Undo what hides an address: escapes of JSON and of web addresses, decomposed accents."""
    if "\\u" in text:
        try:
            text = orjson.dumps(orjson.loads(text)).decode()
        except ValueError:
            text = text.replace("\\u0040", "@")
    return unicodedata.normalize("NFC", text.replace("%40", "@"))


def _decided(texts: Texts, is_hit: Texts, is_doubtful: Texts, judge: Callable[[str], bool]) -> Texts:
    """Let the doubtful among the texts be judged one by one, equal ones once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    places = pc.indices_nonzero(is_doubtful)
    if not len(places):
        return is_hit
    encoded: Any = texts.take(places).dictionary_encode()
    judged = pa.array([judge(text) for text in encoded.dictionary.to_pylist()], pa.bool_()).take(encoded.indices)
    decided: Texts = pc.replace_with_mask(is_hit, is_doubtful, judged)
    return decided


class Marker:
    """Marks what a reviewer should look at in the batches of a collection.

    Args:
        judge: of the extract.
        declared: the fields that the data map names as identifiers, with the kind: every value of them is one.
    """

    def __init__(self, collection: Collection, judge: Judge, declared: Mapping[str, str]) -> None:
        self._judge = judge
        self._declared = declared
        # Fields flagged in the map are withheld whole; marking each of their values would drown the rest.
        self._fields = [item for item in collection.fields if not item.third_party]

    def marks(self, rows: pa.RecordBatch, is_shared: pa.Array[Any] | None = None) -> pa.RecordBatch | None:
        """Mark a batch; None where nothing in it is to be looked at.

        Args:
            is_shared: of each row, whether it is reached only through something that several people share.
        """
        import pyarrow as pa

        parts = [part for part in self._parts(rows, is_shared) if len(part[0])]
        if not parts:
            return None
        columns = [
            pa.concat_arrays([places for places, _, _ in parts]),
            pa.array([name for places, name, _ in parts for _ in range(len(places))], pa.string()),
            pa.array([concern.value for places, _, concern in parts for _ in range(len(places))], pa.string()),
        ]
        marks = pa.RecordBatch.from_arrays(columns, names=["row", "field", "concern"])
        return marks.sort_by("row") if len(parts) > 1 else marks

    def _parts(
        self, rows: pa.RecordBatch, is_shared: pa.Array[Any] | None
    ) -> Iterator[tuple[pa.Array[Any], str, Concern]]:
        import pyarrow as pa
        import pyarrow.compute as pc

        if is_shared is not None:
            yield pc.indices_nonzero(is_shared), "", Concern.SHARED
        for item in self._fields:
            values = rows.column(item.name)
            declared = self._declared.get(item.name)
            if declared == PHONE and item.kind in {Kind.TEXT, Kind.INTEGER, Kind.DECIMAL}:
                yield self._judge.whole_numbers(values.cast(pa.string())), item.name, Concern.PHONE
            elif declared == EMAIL and item.kind is Kind.TEXT:
                yield self._judge.whole_addresses(values), item.name, Concern.EMAIL
            elif item.kind in {Kind.TEXT, Kind.JSON}:
                yield from self._in_texts(item, values)

    def _in_texts(self, item: Field, values: Texts) -> Iterator[tuple[pa.Array[Any], str, Concern]]:
        import pyarrow.compute as pc

        has_address = any(_is_within(values, sign) for sign in ADDRESS_SIGNS)
        has_number = _may_hold_number(values)
        if item.kind is Kind.JSON and (has_address or has_number):
            values = pc.replace_substring_regex(values, JSON_SPACES_RE2, " ")
        if has_address:
            yield self._judge.addresses(values), item.name, Concern.EMAIL
        if has_number:
            yield self._judge.numbers(values), item.name, Concern.PHONE


def _may_hold_number(values: Texts) -> bool:
    import pyarrow.compute as pc

    if _is_within(values, PLUS):
        return True
    if not _is_within(values, ZEROS):
        return False
    if any(_is_within(values, before + ZEROS) for before in BEFORE_ZEROS):
        return True
    first: Any = values.filter(pc.starts_with(values, "00"))
    return bool(pc.any(pc.match_substring_regex(first, NUMBER_RE2)).as_py())


def _is_within(values: Texts, pattern: str) -> bool:
    """Whether a column has anything like a pattern: all of its texts are searched as one, in place."""
    import pyarrow as pa
    import pyarrow.compute as pc

    offsets, data = values.buffers()[1:3]
    if offsets is None or data is None:
        return False
    ends = memoryview(offsets).cast("i")
    first, last = ends[values.offset], ends[values.offset + len(values)]
    bounds = pa.py_buffer(first.to_bytes(8, sys.byteorder) + last.to_bytes(8, sys.byteorder))
    whole: Any = pa.Array.from_buffers(pa.large_binary(), 1, [None, bounds, data])
    return bool(pc.match_substring_regex(whole, pattern)[0].as_py())


def _places(values: Texts, pattern: str) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    is_hit: Any = pc.fill_null(pc.match_substring_regex(values, pattern), pa.scalar(value=False))
    return pc.indices_nonzero(is_hit)
