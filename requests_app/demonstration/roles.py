"""The people built on purpose, and which trap each belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Presence(StrEnum):
    """Where a person leaves rows."""

    MEMBER = "member"  # an account, and rows in every table
    QUIET = "quiet"  # an account and nothing else
    GUEST = "guest"  # no account, rows that carry the e-mail address
    GHOST = "ghost"  # no account any more, rows that carry the user id
    ABSENT = "absent"  # nowhere


@dataclass(frozen=True, slots=True)
class Role:
    """A person built on purpose: the traps they belong to, and what is odd about them.

    Args:
        stored: the address as the account spells it, where that differs from `email`.
        voice: whose words their free texts are made of, one of those `Cast` lends.
    """

    email: str | None
    name: str
    traps: tuple[str, ...]
    stored: str | None = None
    previous: str | None = None
    presence: Presence = Presence.MEMBER
    voice: str = "ordinary"
    is_deleted: bool = False
    has_former_account: bool = False

    @property
    def has_no_phone(self) -> bool:
        """Whether nothing is known to call them by."""
        return self.voice in ("nulls", "empty")


# What each trap is about; every name here is the name of a trap in the truth.
ABOUT = {
    "heavy": "owns about a quarter of all rows",
    "mixed_case": "the account spells the address in mixed case, other tables in other cases",
    "look_alike_inside": "the first address stands inside the second",
    "look_alike_tag": "the second address is the first with a +tag",
    "look_alike_dot": "the second address is the first with a dot in it",
    "look_alike_domain": "the second address continues the first one's domain",
    "like_underscore": "taken as a LIKE pattern the first address finds the second",
    "like_percent": "taken as a LIKE pattern the first address finds the second",
    "quote": "the address holds an apostrophe",
    "accented": "letters with and without an accent are different addresses",
    "sharp_s": "Unicode case folding would make one address of the two",
    "previous_email": "the second address of the person stands in previous_email alone",
    "re_registered": "two accounts of one address, the older one soft-deleted",
    "deleted_account": "the account is soft-deleted, the rows behind it are not",
    "shared_address": "two people share a postal address or an organisation",
    "only_email": "no account, known by e-mail address alone",
    "only_user_id": "the account's row is gone, known by user id alone",
    "no_email": "an account whose e-mail address is NULL",
    "empty_email": "an account whose e-mail address is an empty string",
    "no_rows": "nothing is held about this address",
    "one_row": "an account and no row in any other table",
    "scripts": "texts in many scripts, combining, right to left, outside the basic plane",
    "hostile": "texts that a spreadsheet, a browser or a careless SQL string would run",
    "nulls": "NULL wherever it may be",
    "empty_texts": "an empty string in every text",
    "third_parties": "the first person's texts hold the others' names, addresses and phone numbers",
    "secrets": "every secret column is filled, and secrets stand inside JSON too",
    "left_out": "rows the map leaves out by where and exclude, and rows it keeps although NULL stands there",
    "beyond_limit": "more rows than a self-service export shows",
}

ROLES = (
    Role("retry@example.test", "Rita Again", ("retry_chain",)),
    Role(
        "ann@example.test",
        "Ann Example",
        ("mixed_case", "look_alike_inside", "look_alike_tag", "look_alike_dot", "look_alike_domain", "secrets"),
        stored="Ann@Example.Test",
    ),
    Role("joann@example.test", "Jo-Ann Example", ("look_alike_inside",)),
    Role("ann+news@example.test", "Ann Tagged", ("look_alike_tag",)),
    Role("a.nn@example.test", "A. Nn", ("look_alike_dot",)),
    Role("ann@example.test.evil.example", "Ann Elsewhere", ("look_alike_domain",)),
    Role("ann_@example.test", "Ann Underscore", ("like_underscore",)),
    Role("annx@example.test", "Annx Example", ("like_underscore",)),
    Role("ann%@example.test", "Ann Per Cent", ("like_percent",)),
    Role("annabel@example.test", "Annabel Example", ("like_percent",)),
    Role("o'neil@example.test", "Shaun O'Neil", ("quote",)),
    Role("josé@example.test", "José Exemplo", ("accented",), stored="José@Example.Test"),
    Role("jose@example.test", "Jose Example", ("accented",)),
    Role("straße@example.test", "Uwe Straße", ("sharp_s",)),
    Role("strasse@example.test", "Ute Strasse", ("sharp_s",)),
    Role("maria.new@example.test", "Μαρία Νέα", ("previous_email",), previous="maria.old@example.test"),
    Role("back.again@example.test", "Bea Back", ("re_registered",), has_former_account=True),
    Role("gone@example.test", "Gus Gone", ("deleted_account",), is_deleted=True),
    Role("pat@example.test", "Pat Doorbell", ("shared_address", "third_parties", "billed_for_another")),
    Role("sam@example.test", "Sam Doorbell", ("shared_address", "third_parties")),
    Role("talker@example.test", "Tess Talker", ("third_parties",), voice="about_the_doorbells"),
    Role("polyglot@example.test", "Ποlyg\u0301lοt 𝒜نص", ("scripts",), voice="scripts"),
    Role("mallory@example.test", "=1+1", ("hostile",), voice="hostile"),
    Role("blank@example.test", "", ("nulls",), voice="nulls"),
    Role("empty@example.test", "", ("empty_texts",), voice="empty"),
    Role("tester@example.test", "Tim Tester", ("left_out",)),
    Role("quiet@example.test", "Quentin Quiet", ("one_row",), presence=Presence.QUIET),
    Role("guest@example.test", "Gisela Guest", ("only_email",), stored="Guest@Example.TEST", presence=Presence.GUEST),
    Role("bookkeeper@example.test", "Bo Keeper", ("billed_for_another",), presence=Presence.GUEST),
    Role(None, "Greta Ghost", ("only_user_id",), presence=Presence.GHOST),
    Role(None, "Nora Null", ("no_email",)),
    Role(None, "Emil Empty", ("empty_email",), stored=""),
    Role("nobody@example.test", "Nobody", ("no_rows",), presence=Presence.ABSENT),
    Role("heavy@example.test", "Heidi Heavy", ("heavy", "beyond_limit")),
)
