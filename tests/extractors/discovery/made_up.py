"""Schemas written as a few lines and filled by themselves; their links are the truth and no constraint of theirs.

A line is `name rows: column type, …`. Types: `id` (1, 2, 3 …), `uuid`, `key:AB` (text keys AB0001 …), `->table`
(its key), `->table.column`, `own` (an earlier row of the same table), `int:1-9`, `code:A/B`, `word`, `name`, `email`,
`text`, `date`, `amount`; `?` behind a type leaves a third of the rows empty; `!` makes it the primary key, `~` keeps
it unique, `^` gives it an index.
"""

from __future__ import annotations

import re
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

# Seven people keep a club's house; a member may be another's family, and bookings are for rooms.
CLUB_DE = """
mitglied 120: mitgliedsnr id!, nachname name, vorname name, email email, geworben_von own?, beitrag amount
abteilung 6: kuerzel key:AB!, bezeichnung word, leiter ->mitglied
zugehoerigkeit 200: mitglied ->mitglied, abt ->abteilung, seit date
beitragsrechnung 300: re_nr id!, mitgliedsnr ->mitglied, jahr int:2018-2024, betrag amount, mahnstufe int:0-3
zahlung 280: zahlung_id id!, re_nr ->beitragsrechnung, betrag amount, eingang date
raum 9: raum_id id!, name word, plaetze int:4-80
buchung 240: id id!, raum ->raum, gebucht_von ->mitglied, von date, bis date, personen int:1-30
schluesselausgabe 60: id id!, raum_id ->raum, ausgegeben_an ->mitglied, am date
"""

# Every name in Finnish, keys numbered far apart, some tables empty.
HELD_OUT_FI = """
asiakkaat 150: asiakastunnus id!, etunimi name, sukunimi name, sahkoposti email, osoite_id ->osoitteet
osoitteet 90: osoite_id id!, katu word, kaupunki word
tilaukset 400: tilausnumero id!, asiakas ->asiakkaat, toimitusosoite ->osoitteet?, luotu date, summa amount
tilausrivit 900: id id!, tilaus ->tilaukset, tuote ->tuotteet, maara int:1-12, hinta amount
tuotteet 60: tuotetunnus key:TU!, nimi word, ryhma ->tuoteryhmat, varastossa int:0-500
tuoteryhmat 8: id id!, nimi word, ylaryhma own?
myyjat 12: id id!, nimi name, esimies own?
tarjoukset 130: id id!, asiakas ->asiakkaat, myyja ->myyjat, paiva date
reklamaatiot 0: id id!, tilausnumero ->tilaukset, kuvaus text
kayttajat 40: tunnus word~, myyja_id ->myyjat?, salasana word
"""

# Many tenants, keys that are random, names that say little.
HELD_OUT_TENANTS = """
tenants 5: id uuid!, title word
accounts 90: id uuid!, tenant_id ->tenants, login email~, created date
memberships 140: account ->accounts, team ->teams, role code:admin/user
teams 20: id uuid!, tenant_id ->tenants, lead ->accounts
tickets 300: id uuid!, tenant_id ->tenants, opened_by ->accounts, assignee ->accounts?, subject text, priority int:1-5
ticket_events 700: id id!, ticket ->tickets, actor ->accounts?, kind code:open/close/note, at date
files 120: digest uuid!, owner ->accounts, ticket ->tickets?, bytes int:100-90000
notes 90: id id!, about ->accounts, author ->accounts, body text
sessions 200: token uuid!, who ->accounts, seconds int:1-4000
"""

# After a well known example of a trading company, its customers known by letters.
TRADERS = """
Customers 90: CustomerID key:CU!, CompanyName word, ContactName name, City word
Employees 9: EmployeeID id!, LastName name, ReportsTo own?, Extension int:100-5999
Orders 600: OrderID id!, CustomerID ->Customers, EmployeeID ->Employees, ShipVia ->Shippers, Freight amount
"Order Details" 900: OrderID ->Orders, ProductID ->Products, Quantity int:1-120, Discount amount
Products 77: ProductID id!, ProductName word, SupplierID ->Suppliers, CategoryID ->Categories, UnitsInStock int:0-125
Suppliers 29: SupplierID id!, CompanyName word
Categories 8: CategoryID id!, CategoryName word
Shippers 3: ShipperID id!, Phone word
Territories 53: TerritoryID key:TE!, RegionID ->Region
Region 4: RegionID id!, RegionDescription word
EmployeeTerritories 49: EmployeeID ->Employees, TerritoryID ->Territories
"""

# Nothing has a name; keys are indexed as databases do for foreign keys, and numbers lie about.
NAMELESS = """
t1 300: a id!, b name, c email, d date
t2 900: a id!, b ->t1^, c amount, d int:1-9, e date
t3 2500: a id!, b ->t2^, c ->t4^, d int:1-50, e amount
t4 120: a id!, b word, c int:0-5000, d amount
t5 40: a id!, b word, c own?
t6 700: a uuid!, b ->t1^, c word
t7 1500: a id!, b ->t6, c text, d int:0-23
t8 800: a ->t1, b ->t5, c date
"""

SCHEMAS = {
    "club_de": CLUB_DE,
    "traders": TRADERS,
    "nameless": NAMELESS,
    "held_out_fi": HELD_OUT_FI,
    "held_out_tenants": HELD_OUT_TENANTS,
}
LINE = re.compile(r'"?(?P<name>[^":]+?)"? (?P<rows>\d+): (?P<columns>.*)')
WORDS = ("alder", "birch", "cedar", "delta", "ember", "falcon", "garnet", "harbor", "indigo", "jasper", "kernel")
NAMES = ("Anna", "Boris", "Clara", "David", "Emil", "Frida", "Georg", "Hanna", "Ivan", "Julia", "Karl", "Lena", "Mona")


class MadeUp:
    """A schema, its rows and its links (table, column, table, column)."""

    def __init__(self, text: str, seed: int = 7) -> None:
        self.pick = Random(seed)
        self.lines = {found["name"]: found for found in map(LINE.match, filter(None, text.splitlines())) if found}
        self.columns = {
            name: [part.split(" ", 1) for part in found["columns"].split(", ")] for name, found in self.lines.items()
        }
        self.keys = {name: key for name, columns in self.columns.items() if (key := _key(columns))}
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.links: set[tuple[str, str, str, str]] = set()
        for name in self.lines:
            self._fill(name)

    def write(self, url: str) -> None:
        """Make the tables and write the rows."""
        metadata = sa.MetaData()
        for name, columns in self.columns.items():
            sa.Table(name, metadata, *(self._column(*column) for column in columns))
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.begin() as connection:
            metadata.create_all(connection)
            for table in metadata.sorted_tables:
                if self.rows[table.name]:
                    connection.execute(table.insert(), self.rows[table.name])
        engine.dispose()

    def _fill(self, name: str) -> None:
        if name in self.rows:
            return
        for _, type_ in self.columns[name]:
            with suppress(KeyError):
                self._fill(_target(type_)[0])
        self.rows[name] = []
        for number in range(1, int(self.lines[name]["rows"]) + 1):
            self.rows[name].append(
                {column: self._value(name, column, type_, number) for column, type_ in self.columns[name]}
            )
        for column, type_ in self.columns[name]:
            if target := self._linked(name, type_):
                self.links.add((name, column, *target))

    def _linked(self, name: str, type_: str) -> tuple[str, str] | None:
        if type_.startswith("own"):
            return name, self.keys[name]
        if not type_.startswith("->"):
            return None
        table, column = _target(type_)
        return table, column or self.keys[table]

    def _value(self, table: str, column: str, type_: str, number: int) -> Any:
        if "?" in type_ and self.pick.random() < 0.34:
            return None
        bare = type_.rstrip("!?~^")
        if bare == "own":
            earlier = self.rows[table]
            return self.pick.choice(earlier)[self.keys[table]] if earlier else None
        if bare.startswith("->"):
            target, key = _target(type_)
            rows = self.rows[target]
            return rows[int(self.pick.random() ** 1.3 * len(rows))][key or self.keys[target]]
        return self._plain(bare, number)

    def _plain(self, bare: str, number: int) -> Any:
        kind, _, of = bare.partition(":")
        if kind == "int":
            least, most = map(int, of.split("-"))
            return self.pick.randint(least, most)
        plain = {
            "id": lambda: number,
            "uuid": lambda: f"{self.pick.getrandbits(32):08x}-0000-4000-8000-{self.pick.getrandbits(48):012x}",
            "key": lambda: f"{of}{number:04}",
            "code": lambda: self.pick.choice(of.split("/")),
            "word": lambda: f"{self.pick.choice(WORDS)} {number}",
            "name": lambda: self.pick.choice(NAMES),
            "email": lambda: f"{self.pick.choice(NAMES).lower()}{number}@example.test",
            "text": lambda: f"Please look at the {self.pick.choice(WORDS)} as soon as you can.",
            "date": lambda: f"20{self.pick.randint(10, 24)}-0{self.pick.randint(1, 9)}-1{self.pick.randint(0, 9)}",
            "amount": lambda: round(self.pick.random() * 500, 2),
        }
        return plain[kind]()

    def _column(self, name: str, type_: str) -> sa.Column[Any]:
        return sa.Column(
            name,
            self._type(type_),
            primary_key="!" in type_,
            unique="~" in type_ or None,
            index="^" in type_ or None,
            autoincrement=False,
        )

    def _type(self, type_: str) -> Any:
        bare = type_.rstrip("!?~^")
        if bare == "own":
            return sa.Integer
        if bare.startswith("->"):
            target, key = _target(type_)
            return self._type(dict(self.columns[target])[key or self.keys[target]])
        if bare == "id" or bare.startswith("int"):
            return sa.Integer
        return sa.Numeric(10, 2) if bare == "amount" else sa.String(100)


def _key(columns: list[list[str]]) -> str | None:
    return next((name for name, type_ in columns if "!" in type_), None)


def _target(type_: str) -> tuple[str, str]:
    if not type_.startswith("->"):
        raise KeyError(type_)
    table, _, column = type_[2:].rstrip("!?~^").partition(".")
    return table, column


def translated(tables: Iterator[str] | list[str]) -> dict[str, str]:
    """Give every table a name that has nothing to do with it."""
    pick = Random(3)
    syllables = ("ba", "ke", "lo", "mi", "nu", "pa", "ri", "so", "tu", "ve", "xa", "zo")
    return {
        table: "".join(pick.choice(syllables) for _ in range(4)) + str(number) for number, table in enumerate(tables)
    }
