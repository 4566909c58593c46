"""The ground truth: whose row is whose, noted while the rows are made and never asked of a database."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import MetaData, Table

Key = int | str | tuple[int | str, ...]
SECRET_MARKER = "SECRET-"  # noqa: S105  # the mark every made-up secret carries


@dataclass(eq=False, slots=True)
class Person:
    """A data subject and the rows that are theirs by the links of the shipped data map.

    Args:
        emails: in lower case; any one of them finds every row. Empty where only a user id is known.
    """

    name: str
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    user_ids: list[int | str] = field(default_factory=list)
    rows: defaultdict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))
    deleted: defaultdict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))
    ranks: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    reached: set[tuple[str, Key]] = field(default_factory=set)

    @property
    def key(self) -> str:
        """The name of the person in the truth: their e-mail address, else `user_id:` and the id."""
        return self.emails[0] if self.emails else f"user_id:{self.user_ids[0]}"

    def own(self, table: str, key: Key, *, deleted: bool = False) -> None:
        """Note a row that is made once."""
        self.rows[table].append(key)
        if deleted:
            self.deleted[table].append(key)

    def own_ranked(self, table: str, key: Key, rank: int) -> None:
        """Note a row of a limited table; a higher rank is newer."""
        self.rows[table].append(key)
        self.ranks[table].append(rank)

    def reach(self, table: str, key: Key) -> None:
        """Note a row that several of theirs may point at."""
        if (table, key) not in self.reached:
            self.reached.add((table, key))
            self.rows[table].append(key)

    def beyond(self, table: str, limit: int) -> list[Key]:
        """List the keys of a limited table that are not among the newest `limit`."""
        newest_first = sorted(zip(self.ranks[table], self.rows[table], strict=True), reverse=True)
        return [key for _, key in newest_first[limit:]]


@dataclass(frozen=True, slots=True)
class PersonTruth:
    """What is held about one person: keys of rows per table, empty tables left out.

    Args:
        identifiers: `email`, `phone`, `user_id`, each a list, maybe empty; `rows` is what all of them together find.
        deleted: those of `rows` that are soft-deleted.
        beyond_limit: those of `rows` that a self-service export leaves out because newer ones fill its limit.
    """

    identifiers: Mapping[str, list[int | str]]
    rows: Mapping[str, list[Key]]
    deleted: Mapping[str, list[Key]]
    beyond_limit: Mapping[str, list[Key]]


@dataclass(frozen=True, slots=True)
class TableTruth:
    """One table: how many rows, which columns tell them apart (no primary key where `keyless`), what is secret in it.

    Args:
        secret_paths: per JSON column the parts (JSONPath) that are secret.
    """

    rows: int
    key: list[str]
    keyless: bool
    secrets: list[str]
    secret_paths: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Trap:
    """Something a careless search gets wrong, and the people (their keys in the truth) it is built around."""

    about: str
    people: list[str]


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything known about a demonstration database; keys of one column are scalars, of several, sequences."""

    company: str
    seed: int
    secret_marker: str
    tables: Mapping[str, TableTruth]
    traps: Mapping[str, Trap]
    people: Mapping[str, PersonTruth]

    def as_json(self) -> str:
        """Give it as one compact JSON object, sequences as lists."""
        return json.dumps(self, default=_fields, ensure_ascii=False, separators=(",", ":"))


def _fields(item: Any) -> dict[str, Any]:
    return {each.name: getattr(item, each.name) for each in fields(item)}


def person_truth(person: Person, metadata: MetaData) -> PersonTruth:
    """Sum up what was noted about a person."""
    limits = {table.name: table.info["limit"] for table in metadata.tables.values() if "limit" in table.info}
    beyond = {name: person.beyond(name, limit) for name, limit in limits.items() if name in person.rows}
    return PersonTruth(
        identifiers={"email": [*person.emails], "phone": [*person.phones], "user_id": [*person.user_ids]},
        rows=dict(person.rows),
        deleted=dict(person.deleted),
        beyond_limit={name: keys for name, keys in beyond.items() if keys},
    )


def table_truth(table: Table, rows: int) -> TableTruth:
    """Say what the schema knows of a table, with the number of rows written to it."""
    paths = {column.name: column.info.get("secret_paths", []) for column in table.columns}
    return TableTruth(
        rows=rows,
        key=table.info.get("identified_by") or [column.name for column in table.primary_key],
        keyless="identified_by" in table.info,
        secrets=[column.name for column in table.columns if column.info.get("secret")],
        secret_paths={name: found for name, found in paths.items() if found},
    )
