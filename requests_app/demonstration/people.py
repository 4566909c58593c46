"""The people of a demonstration company: many ordinary ones, one with a heavy history, and those built as traps."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import TYPE_CHECKING

from requests_app.demonstration import texts
from requests_app.demonstration.roles import ABOUT, ROLES, Presence, Role
from requests_app.demonstration.truth import Person, Trap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UserId = int | str
FEWEST_PEOPLE = 100
AREA_CODES = (201, 202, 206, 212, 213, 214, 215, 303, 305, 312, 404, 415, 503, 512, 602, 612, 617, 702, 713, 718)
ORDINARY_TEXTS = 997  # a prime, so that texts and the columns of a table do not fall into step


@dataclass(eq=False, slots=True)
class Account:
    """One identity a person acts under; `email` and `user_id` as rows carry them.

    Args:
        number: position among all accounts, from 0.
        voice: an endless iterator of their free texts.
        is_blank: NULL wherever it may be.
    """

    person: Person
    number: int
    user_id: UserId | None
    email: str | None
    phone: str | None
    previous_email: str | None
    is_deleted: bool
    is_blank: bool
    voice: Iterator[str | None] = field(default_factory=lambda: cycle((None,)))

    @property
    def id(self) -> UserId:
        """The user id of an account that has one."""
        assert self.user_id is not None  # noqa: S101  # only guests have none, and no row of an account
        return self.user_id

    @property
    def text(self) -> str | None:
        """Their next free text."""
        return next(self.voice)

    @property
    def name(self) -> str | None:
        """The name as the account shows it."""
        return None if self.is_blank else self.person.name

    def spelled(self, pick: Random) -> str | None:
        """Spell the address as some table would: in another case now and then, where ASCII makes that harmless."""
        email = self.person.emails[0] if self.person.emails else self.email
        return email.upper() if email and email.isascii() and pick.random() < 0.1 else email


class Cast:
    """Everybody in a company's database, made from the seed.

    Args:
        people: how many, those built as traps included.
        new_id: makes the user id of the account with that number.

    Raises:
        ValueError: too few people for the traps.
    """

    def __init__(self, people: int, seed: int, new_id: Callable[[int], UserId]) -> None:
        if people < FEWEST_PEOPLE:
            raise ValueError(f"At least {FEWEST_PEOPLE} people are needed")
        self.seed = seed
        self.new_id = new_id
        self.people: list[Person] = []
        self.accounts: list[Account] = []
        self.outsiders: list[Account] = []
        self.by_email: dict[str, Account] = {}
        self.by_trap: dict[str, list[Account]] = {}
        self._trapped: dict[str, list[Person]] = {}
        self._voice_names: list[tuple[Account, str]] = []
        self._invite_built()
        built = [*self.accounts]
        self._invite_ordinary(people - len(self.people))
        self._lend_voices()
        self._seat(built)

    def random(self, name: str) -> Random:
        """Start the random numbers of one table, independent of every other's."""
        return random_for(self.seed, name)

    def actors(self, count: int, pick: Random, heavy_share: float) -> Iterator[Account]:
        """Yield whose a table's rows are: first everybody built, then the heavy person in that share, and others."""
        yield from self.prelude[:count]
        pool, size, draw = self.pool, len(self.pool), pick.random
        for _ in range(count - len(self.prelude)):
            yield self.heavy if draw() < heavy_share else pool[int(draw() * draw() * size)]

    def other(self, pick: Random) -> Account:
        """Pick somebody, maybe from the built ones."""
        return self.pool[int(pick.random() * len(self.pool))]

    def traps(self, names: dict[str, str]) -> dict[str, Trap]:
        """Say which traps there are; `names` tells about those of one company."""
        about = {**ABOUT, **names}
        return {
            name: Trap(about[name], [person.key for person in people])
            for name, people in self._trapped.items()
            if name in about
        }

    def _invite_built(self) -> None:
        for role in ROLES:
            person = self._invite(role)
            for trap in role.traps:
                self._trapped.setdefault(trap, []).append(person)
            if role.has_former_account:
                self._open_account(person, role, is_deleted=True)
            if role.presence is not Presence.ABSENT:
                self._name_account(role, self._open_account(person, role, is_deleted=role.is_deleted))

    def _name_account(self, role: Role, account: Account) -> None:
        if role.email:
            self.by_email[role.email] = account
        for trap in role.traps:
            self.by_trap.setdefault(trap, []).append(account)

    def _invite_ordinary(self, count: int) -> None:
        pick = self.random("people")
        for number in range(count):
            email = f"{pick.choice(texts.STEMS)}.{number}@{pick.choice(texts.DOMAINS)}"
            role = Role(email, texts.full_name(pick), (), stored=email.title() if number % 7 == 0 else None)
            self._open_account(self._invite(role), role, is_deleted=number % 41 == 0)

    def _invite(self, role: Role) -> Person:
        person = Person(role.name, tuple(item for item in (role.email, role.previous) if item))
        self.people.append(person)
        return person

    def _open_account(self, person: Person, role: Role, *, is_deleted: bool) -> Account:
        number = len(self.accounts) + len(self.outsiders)
        is_outside = role.presence in (Presence.GUEST, Presence.GHOST)
        account = Account(
            person=person,
            number=number,
            user_id=None if role.presence is Presence.GUEST else self.new_id(number),
            email=role.email if role.stored is None else role.stored,
            phone=None if is_outside or role.has_no_phone else fictional_phone(number),
            previous_email=role.previous,
            is_deleted=is_deleted,
            is_blank=role.voice == "nulls",
        )
        person.user_ids += [account.user_id] if account.user_id is not None else []
        person.phones += (account.phone,) if account.phone else ()
        (self.outsiders if is_outside else self.accounts).append(account)
        self._voice_names.append((account, role.voice))
        return account

    def _lend_voices(self) -> None:
        doorbells = [text for account in self.by_trap["shared_address"] for text in about(account)]
        voices: dict[str, Iterator[str | None]] = {
            "ordinary": cycle(self._ordinary_texts()),
            "about_the_doorbells": cycle(doorbells),
            "scripts": cycle(texts.SCRIPTS),
            "hostile": cycle(texts.HOSTILE),
            "nulls": cycle((None,)),
            "empty": cycle(("",)),
        }
        for account, name in self._voice_names:
            account.voice = voices[name]

    def _ordinary_texts(self) -> list[str | None]:
        pick = self.random("texts")
        others = [text for account in pick.sample(self.accounts, 40) for text in about(account)]
        ready = [*texts.REMARKS * 12, *texts.SCRIPTS * 3, *texts.HOSTILE, *others]
        return [pick.choice(ready) for _ in range(ORDINARY_TEXTS)]

    def _seat(self, built: list[Account]) -> None:
        self.heavy = self.by_email["heavy@example.test"]
        self.quiet = self.by_email["quiet@example.test"]
        idle = {self.heavy, self.quiet}
        self.pool = [account for account in self.accounts if account not in idle]
        eloquent = self.by_trap["hostile"] + self.by_trap["scripts"]
        self.prelude = [account for account in built if account not in idle] * 2 + eloquent * 10
        self.random("seats").shuffle(self.pool)


def random_for(seed: int, name: str) -> Random:
    """Start random numbers that depend on the seed and the name alone."""
    return Random(f"{seed}/{name}")  # noqa: S311  # made-up data, to be the same again


def about(account: Account) -> list[str]:
    """Make texts by somebody else that speak about an account's person."""
    email = account.person.emails[0] if account.person.emails else "no address"
    return [
        text.format(name=account.person.name, email=email, phone=account.phone or "no phone")
        for text in texts.ABOUT_OTHERS
    ]


def fictional_phone(number: int) -> str | None:
    """Give a number of a range reserved for fiction, while they last; E.164.

    Source: Ofcom, numbers for drama use (07700 900xxx); NANPA, 555-0100 to 555-0199.
    """
    if number < 1_000:
        return f"+447700900{number:03}"
    area, line = divmod(number - 1_000, 100)
    return f"+1{AREA_CODES[area]}55501{line:02}" if area < len(AREA_CODES) else None
