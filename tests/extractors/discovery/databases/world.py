"""What the databases share: a short way to write a schema, people that are easily mistaken, and the truth."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterable

TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "int": sa.Integer,
    "big": sa.BigInteger,
    "text": sa.Text,
    "date": sa.Date,
    "time": sa.DateTime,
    "bool": sa.Boolean,
    "json": sa.JSON,
    "float": sa.Float,
}


@dataclass(eq=False)
class Subject:
    """A data subject: what they are known by, and whose rows are theirs."""

    given: str
    family: str
    email: str | None
    phone: str | None
    user_ids: list[object] = field(default_factory=list)
    rows: dict[str, set[str]] = field(default_factory=dict)
    tolerated: dict[str, set[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        pairs = [("email", self.email)] + [("user_id", str(value)) for value in self.user_ids]
        return [(kind, value) for kind, value in pairs if value]


class World:
    """A database under construction.

    Args:
        schema: a line per table, `name: column type marks, …`; a mark is `pk`, `unique`, `notnull` or `->table.column`
            (a declared foreign key); a trailing `*` behind a table's name: its key is no primary key of the database.
    """

    def __init__(self, name: str, schema: str, seed: int = 1) -> None:
        self.name = name
        self.pick = Random(f"{name}/{seed}")
        self.metadata = sa.MetaData()
        self.people: list[Subject] = []
        self.rows: dict[str, list[dict[str, object]]] = {}
        self.keys: dict[str, tuple[str, ...]] = {}
        self.owners: dict[tuple[str, str], list[Subject]] = {}
        self.views: list[str] = []
        for line in schema.replace("\n  ", " ").splitlines():
            if line:
                self._table(line)

    def _table(self, line: str) -> None:
        name, _, rest = line.partition(":")
        keyless, name = name.endswith("*"), name.strip(" *")
        parts = [part.split() for part in re.split(r",(?![^(]*\))", rest)]
        self.keys[name] = tuple(part[0] for part in parts if "pk" in part[2:])
        columns = [_column(part, keyless) for part in parts]
        sa.Table(name, self.metadata, *columns)
        self.rows[name] = []

    def add(
        self, table: str, owners: Iterable[Subject | None] = (), tolerated: Iterable[Subject] = (), **values: object
    ) -> Any:
        """Add a row; whoever is among its owners must get it, those who tolerate it may."""
        key = tuple(values[name] for name in self.keys[table])
        self.rows[table].append(values)
        told = told_key(key)
        for subject in filter(None, owners):
            subject.rows.setdefault(table, set()).add(told)
            self.owners.setdefault((table, told), []).append(subject)
        for subject in tolerated:
            self.tolerate(table, key, subject)
        return key[0] if len(key) == 1 else key

    def own(self, table: str, key: object, *owners: Subject) -> None:
        """Note further owners of a row."""
        told = told_key(key if isinstance(key, tuple) else (key,))
        for subject in owners:
            subject.rows.setdefault(table, set()).add(told)
            self.owners.setdefault((table, told), []).append(subject)

    def tolerate(self, table: str, key: object, *subjects: Subject) -> None:
        """Note whom a row may be given to without being theirs."""
        told = told_key(key if isinstance(key, tuple) else (key,))
        for subject in subjects:
            subject.tolerated.setdefault(table, set()).add(told)

    def next(self, table: str, start: int = 1) -> int:
        """The next number for a table's key."""
        return start + len(self.rows[table])

    def moment(self) -> datetime:
        return datetime(2021, 1, 1, 8, 30) + timedelta(minutes=self.pick.randrange(2_000_000))  # noqa: DTZ001  # as such columns hold

    def day(self, first: int = 2015) -> date:
        return date(first, 1, 1) + timedelta(days=self.pick.randrange(3000))

    def birthday(self) -> date:
        return date(1945, 1, 1) + timedelta(days=self.pick.randrange(22000))

    def chance(self, share: float) -> bool:
        return self.pick.random() < share

    def hex(self, digits: int = 32) -> str:
        return f"{self.pick.getrandbits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        text = self.hex(32)
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def bcrypt(self) -> str:
        alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "$2b$12$" + "".join(self.pick.choice(alphabet) for _ in range(53))

    def ip(self) -> str:
        return ".".join(str(self.pick.randrange(1, 255)) for _ in range(4))

    def cast(self, language: str, count: int, domain: str = "example.test", prefix: str = "+49151") -> list[Subject]:
        """Make people: some share surnames, telephones or nearly an address."""
        given, family = GIVEN[language].split(), FAMILY[language].split()
        people = [
            Subject("Ann", family[0], f"ann@{domain}", None),
            Subject("Jo-Ann", family[0], f"joann@{domain}", None),
        ]
        people += [Subject("Ann", family[1], f"ann.{plain(family[0])}@{domain}", None)]
        while len(people) < count:
            first, last = self.pick.choice(given), self.pick.choice(family)
            email = f"{plain(first)}.{plain(last)}{len(people)}@{domain}"
            people.append(Subject(first, last, email.title() if len(people) % 7 == 0 else email, None))
        for number, subject in enumerate(people):
            subject.phone = f"{prefix}{(number - number % 2) if number % 11 == 1 else number:07}"
        self.people += people
        return people

    def text(self, language: str) -> str:
        return " ".join(self.pick.sample(SENTENCES[language], 2))

    def write(self, url: str) -> None:
        """Make the tables and write the rows."""
        drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
        parsed = sa.make_url(url)
        engine = sa.create_engine(parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername)))
        with engine.begin() as connection:
            self.metadata.create_all(connection)
            for table in self.metadata.sorted_tables:
                if self.rows[table.name]:
                    connection.execute(table.insert(), _complete(table, self.rows[table.name]))
            for view in self.views:
                connection.exec_driver_sql(view)
        engine.dispose()


def _column(part: list[str], keyless: bool) -> sa.Column[Any]:
    name, type_, *marks = part
    references = [sa.ForeignKey(mark[2:]) for mark in marks if mark.startswith("->")]
    kind: sa.types.TypeEngine[Any] | None = None
    if type_ in ("num", "uuid"):
        kind = sa.Numeric(10, 2) if type_ == "num" else sa.CHAR(36)
    if kind is None and type_.startswith("char"):
        kind = sa.String(int(type_[5:-1]))
    is_key = "pk" in marks and not keyless
    if type_ == "text" and (is_key or "unique" in marks):
        kind = sa.String(190)  # what MariaDB can index
    return sa.Column(
        name,
        kind or TYPES[type_],
        *references,
        primary_key=is_key,
        autoincrement=False,
        unique="unique" in marks or None,
        nullable=not is_key and "notnull" not in marks,
    )


def _complete(table: sa.Table, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    names = [column.name for column in table.columns]
    unknown = {name for row in rows for name in row} - set(names)
    assert not unknown, (table.name, unknown)
    return [{name: row.get(name, sa.null()) if row.get(name) is None else row[name] for name in names} for row in rows]


def told_key(key: tuple[object, ...]) -> str:
    return "|".join(str(part) for part in key)


def plain(text: str) -> str:
    table = str.maketrans("äöüáéíóúñçãõâêôàèìòùëïłśćńóżźęą", "aouaeiouncaoaeoaeiouei" + "lscnozzea")
    return re.sub(r"[^a-z]", "", text.lower().translate(table))


def spread(world: World, people: list[Subject], count: int) -> list[Subject]:
    """Say whose each row is: everybody's once at least, some people's much oftener, in no order."""
    often = [people[int(world.pick.random() ** 2 * len(people))] for _ in range(count - len(people))]
    spread_out = [*people[: min(count, len(people))], *often]
    world.pick.shuffle(spread_out)
    return spread_out


GIVEN = {
    "de": "Anna Lukas Maria Felix Sabine Jürgen Petra Stefan Heike Thomas Julia Markus Katrin Andreas Ute Wolfgang",
    "fr": "Camille Julien Marie Pierre Sophie Nicolas Claire Antoine Hélène Luc Chloé Mathieu Élise Thierry Manon",
    "es": "Lucía Carlos María Javier Carmen Diego Elena Pablo Marta Sergio Rosa Andrés Pilar Miguel Isabel",
    "nl": "Sanne Daan Femke Jeroen Lotte Bram Anouk Pieter Marieke Sven Ilse Willem Joke Ruben Eva",
    "it": "Giulia Marco Francesca Luca Chiara Alessandro Sara Matteo Elisa Davide Paola Andrea Laura Giovanni",
    "en": "Emma James Olivia William Sophia Michael Emily David Grace Daniel Hannah Robert Sarah Thomas Alice",
    "pl": "Agnieszka Piotr Katarzyna Tomasz Magdalena Krzysztof Ewa Paweł Joanna Marcin Zofia Jakub Maria Jan",
    "pt": "Beatriz João Mariana Tiago Inês Rui Carolina Pedro Sofia Miguel Teresa Nuno Catarina Luís Ana",
}
FAMILY = {
    "de": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer",
    "fr": "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent",
    "es": "García Martínez López Sánchez Pérez Gómez Fernández Ruiz Díaz Moreno Álvarez Romero",
    "nl": "Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer",
    "it": "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo",
    "en": "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Clark",
    "pl": "Nowak Kowalski Wiśniewski Wójcik Kamiński Lewandowski Zieliński Szymański Woźniak Mazur",
    "pt": "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Fernandes Gomes Lopes",
}
SENTENCES = {
    "de": [
        "Der Patient klagt seit drei Tagen über Kopfschmerzen.",
        "Bitte beim nächsten Besuch die Werte noch einmal prüfen.",
        "Die Behandlung wurde ohne Besonderheiten fortgesetzt.",
        "Auf Wunsch wird der Bericht per Post zugestellt.",
    ],
    "fr": [
        "Le colis est arrivé avec deux jours de retard.",
        "Très bonne qualité, je recommande sans hésiter.",
        "La taille ne correspond pas à la description du site.",
        "Merci de laisser le paquet chez la gardienne.",
    ],
    "es": [
        "Ha mejorado mucho en la segunda evaluación.",
        "Convendría repasar los ejercicios en casa cada semana.",
        "La reunión queda fijada para el próximo martes.",
        "Participa en clase y ayuda a sus compañeros.",
    ],
    "nl": [
        "De schade is gemeld na de storm van afgelopen nacht.",
        "Graag contact opnemen over de afhandeling van het dossier.",
        "De foto's van de auto zijn nog niet ontvangen.",
        "Er is een voorschot uitgekeerd op de rekening.",
    ],
    "it": [
        "La camera era pulita e il personale molto gentile.",
        "Chiede una culla per il bambino e l'arrivo in serata.",
        "Il pagamento sarà effettuato al momento della partenza.",
        "Preferisce un piano alto lontano dalla strada.",
    ],
    "en": [
        "The customer called about the late delivery again.",
        "I think this works much better since the last update.",
        "Please send the documents to the new address.",
        "Nobody answered my question about the opening hours.",
    ],
    "pl": [
        "Książka została zwrócona w dobrym stanie.",
        "Czytelnik prosi o przedłużenie terminu zwrotu.",
        "Proszę o kontakt w sprawie zaległej opłaty.",
        "Bardzo ciekawa powieść, polecam każdemu.",
    ],
    "pt": [
        "O colaborador pediu férias para o mês de agosto.",
        "A avaliação decorreu sem observações especiais.",
        "Falta entregar o comprovativo de morada.",
        "Propõe-se a participação na formação de segurança.",
    ],
}
STREETS = (
    "Hauptstr. 5",
    "Lindenweg 12",
    "rue de la Paix 8",
    "14 avenue Foch",
    "Calle Mayor 3",
    "Via Roma 21",
    "Kerkstraat 9",
    "12 Oak Street",
)
CITIES = ("Berlin", "Lyon", "Madrid", "Utrecht", "Roma", "Boston", "Kraków", "Lisboa", "Köln", "Nantes")
